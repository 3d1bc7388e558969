/** Entry of a thread that makes examples: see makers.ts. */
import { parentPort } from 'node:worker_threads'
import { assert } from '../base/assert.ts'
import { sizeOf } from '../base/shape.ts'
import { makerFor, type Maker, type MakingJob } from '../data/preparation/made.ts'

export interface Made {
  readonly made: Float32Array
}

assert(parentPort, 'a thread that makes examples was started without a parent')
const port = parentPort
let known: { readonly key: string; readonly make: Maker } | undefined
/** Null: there is nothing to do for long. */
port.on('message', (job: MakingJob | null) => {
  if (!job) return port.close()
  const { making, values, rows, epoch } = job
  const key = JSON.stringify(making)
  if (known?.key !== key) known = { key, make: makerFor(making) }
  const { make } = known
  const size = sizeOf(making.shape)
  const made = new Float32Array(rows.length * size)
  rows.forEach((row, i) => make(made, i * size, values, i * size, row, epoch))
  port.postMessage({ made } satisfies Made, [made.buffer])
})
