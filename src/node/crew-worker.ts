/** Entry of a thread that helps to compute: see backends/wasm/team.ts. */
import { parentPort } from 'node:worker_threads'
import { assert } from '../base/assert.ts'
import { WORK } from '../backends/wasm/team.ts'

export interface Muster {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  readonly thread: number
}

assert(parentPort, 'a thread of the crew was started without a parent')
parentPort.on('message', ({ module, memory, thread }: Muster) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const work = exports[WORK] as unknown as (thread: number) => void
  work(thread)
})
