/** Training for long takes no more memory than training for a while. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { load } from '../../src/train/load.ts'
import { Stepper } from '../../src/train/stepper.ts'
import { valueOf } from '../data/files.ts'
import { classifier, cpu, dataFor } from './runs.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/**
 * Bytes that are still there after that many chunks more, in the heap and in arrays: the least of several times, because now
 * and then V8 keeps something about the code, while what a chunk leaves behind is there every time.
 */
async function growth(chunks: number, chunk: () => Promise<unknown>): Promise<number> {
  const held = () => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  let least = Infinity
  for (let time = 0; time < PERIODS; time++) {
    const before = held()
    for (let i = 0; i < chunks / PERIODS; i++) await chunk()
    least = Math.min(least, held() - before)
  }
  return PERIODS * least
}

const CHUNKS = 20_000
/** One of them, at least, sees nothing but what a chunk does. */
const PERIODS = 8
/** Of a chunk: less than a single reference takes. */
const BYTES = 4

test('20,000 chunks hold on to nothing', { timeout: 60_000 }, async () => {
  const document = classifier({ batchSize: 4, schedule: { type: 'cosine', params: {} }, epochs: 1e5 })
  const data = dataFor(document, 42, 10)
  const { network, executable } = valueOf(await load(document, data, await cpu()))
  const stepper = new Stepper(network, document.training, executable, data)
  // Four batches, or fewer of them and the validation.
  const chunk = () => stepper.go({ steps: 4, work: 16 })
  expect(await growth(CHUNKS, chunk)).toBeLessThan(CHUNKS * BYTES)
  expect(stepper.position.step).toBeGreaterThan(CHUNKS)
  // The control: a chunk whose losses are kept is noticed.
  const kept: unknown[] = []
  const keeping = async () => {
    await chunk()
    kept.push(await executable.read('train/loss', 1))
  }
  expect(await growth(CHUNKS, keeping)).toBeGreaterThan(CHUNKS * BYTES)
  expect(kept).toHaveLength(CHUNKS)
})
