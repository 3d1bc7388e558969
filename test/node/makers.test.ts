/** The threads that make examples, as they are built: any number of them gives the same bits, and none of them is needed. */
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { MadeExamples } from '../../src/data/preparation/made.ts'
import { USUAL_AUGMENTATION } from '../../src/document/recipes.ts'
import { makerCount, MakerThreads } from '../../src/node/makers.ts'
import { buildEntries, type Built } from './helpers/build.ts'

const shape = [28, 28, 1]
const size = sizeOf(shape)
const COUNT = 400
let built: Built
let pool: MakerThreads | undefined
const started: Worker[] = []
const ended: Promise<unknown>[] = []

beforeAll(async () => {
  built = await buildEntries({
    'maker-worker': 'src/node/maker-worker.ts',
    'failing-maker': 'test/node/fixtures/failing-maker.ts',
  })
}, 300_000)
afterEach(async () => {
  pool?.close()
  await Promise.all(ended)
  started.length = ended.length = 0
})
afterAll(() => built.remove())

function threads(size: number, entry = 'maker-worker', rest?: number): MakerThreads {
  const start = () => {
    const worker = new Worker(built.entry(entry))
    started.push(worker)
    ended.push(new Promise((resolve) => worker.on('exit', resolve)))
    return worker
  }
  return (pool = new MakerThreads({ size, start, ...(rest !== undefined && { rest }) }))
}

const rng = new Rng(1, 'pictures')
const values = Uint8Array.from({ length: COUNT * size }, () => rng.integer(256))
const places = Uint32Array.from({ length: 1000 }, () => rng.integer(COUNT))
const augmentation = { ...USUAL_AUGMENTATION, noise: 0.05, cutOut: 0.2 }
function featuresOf(makers?: MakerThreads, seed = 1): MadeExamples {
  const rows = Uint32Array.from({ length: COUNT }, (_, i) => i)
  const columns = [{ mean: 33, deviation: 70, fill: 33 }]
  return new MadeExamples(values, rows, { shape, columns, augmentation: { ...augmentation, seed } }, makers)
}
async function written(features: MadeExamples, epoch = 3): Promise<Buffer> {
  const out = new Float32Array(places.length * size)
  await features.write(out, places, epoch)
  return Buffer.from(out.buffer)
}

test('no thread, one and three give the same bits, also at once and again', async () => {
  const right = await written(featuresOf())
  for (const count of [1, 3]) {
    const features = featuresOf(threads(count))
    expect(started).toHaveLength(0)
    expect(right.equals(await written(features))).toBe(true)
    expect(started).toHaveLength(count)
    // Two callers with two recipes share them.
    const other = featuresOf(pool, 2)
    const [again, next, another] = await Promise.all([written(features), written(features, 4), written(other)])
    expect([right.equals(again), right.equals(next), right.equals(another)]).toEqual([true, false, false])
    expect(another.equals(await written(featuresOf(undefined, 2)))).toBe(true)
    expect(features.takeProblems()).toEqual([])
    expect(started).toHaveLength(count)
    started.length = 0
    pool?.close()
  }
})

const wordsOf = (why: string) =>
  `A thread that makes varied pictures failed (${why}). Training goes on with the same pictures; where no such thread is left they are made in the engine's own, and each step may wait for them. Start Neuroloom anew if it is slow.`

test('what a thread that dies had begun is made here, and it is said', async () => {
  const right = await written(featuresOf())
  for (const count of [1, 3]) {
    const features = featuresOf(threads(count, 'failing-maker'))
    expect(right.equals(await written(features))).toBe(true)
    expect(features.takeProblems()).toMatchObject([
      { code: 'data.makers', severity: 'warning', message: wordsOf('the seventh was too much') },
    ])
    // Those that are gone are not started again and again.
    const before = started.length
    expect(right.equals(await written(features))).toBe(true)
    expect(started.length).toBeLessThanOrEqual(count)
    expect(before).toBeLessThanOrEqual(count)
    pool?.close()
    started.length = 0
  }
})

test('threads that cannot be started are a sentence, not an end', async () => {
  const right = await written(featuresOf())
  const absent = featuresOf(threads(2, 'absent'))
  expect(right.equals(await written(absent))).toBe(true)
  expect(absent.takeProblems()[0]?.message).toMatch(/^A thread that makes varied pictures failed \(Cannot find module /)
  const none = new MakerThreads({
    size: 2,
    start: () => {
      throw new Error('no thread is to be had')
    },
  })
  const features = featuresOf(none)
  expect(right.equals(await written(features))).toBe(true)
  expect(features.takeProblems().map(({ message }) => message)).toEqual([wordsOf('no thread is to be had')])
})

test('threads end when there was nothing to do for a while, and start again', async () => {
  const right = await written(featuresOf())
  const features = featuresOf(threads(2, 'maker-worker', 0))
  expect(right.equals(await written(features))).toBe(true)
  await Promise.all(ended)
  expect(started).toHaveLength(2)
  expect(right.equals(await written(features))).toBe(true)
  expect(started).toHaveLength(4)
  expect(features.takeProblems()).toEqual([])
})

test('there are as many as leave room for the engine and the device', () => {
  expect([1, 2, 3, 4, 6, 10, 64].map((processors) => makerCount(processors))).toEqual([1, 1, 1, 2, 4, 8, 8])
})
