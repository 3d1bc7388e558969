/** Pictures that vary, made ahead of the step: how many a second, and how busy the engine's own thread is with it. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { Rng } from '../src/base/rng.ts'
import { showShape, sizeOf, type Shape } from '../src/base/shape.ts'
import { MadeExamples } from '../src/data/preparation/made.ts'
import { USUAL_AUGMENTATION } from '../src/document/recipes.ts'
import { MakerThreads } from '../src/node/makers.ts'

/** Milliseconds of a round, and of what comes before the first. */
const TIME = 1500
/** Numbers that are asked for at once, as for some steps. */
const ASKED = 2 ** 22

const worker = fileURLToPath(new URL('./maker-worker.mjs', import.meta.url))
export const makersOf = (size: number): MakerThreads | undefined =>
  size > 0 ? new MakerThreads({ size, start: () => new Worker(worker) }) : undefined

interface Measured {
  readonly rate: number
  readonly busy: number
}

/** Asks for one batch after the other, the next one as soon as there is one. */
async function measure(features: MadeExamples, size: number, time: number): Promise<Measured> {
  const count = features.length / size
  const each = Math.max(1, Math.floor(ASKED / size))
  const out = new Float32Array(each * size)
  const places = Uint32Array.from({ length: each }, (_, i) => (i * 7919) % count)
  const began = performance.now()
  const loop = performance.eventLoopUtilization()
  let made = 0
  for (let epoch = 1; performance.now() - began < time; epoch++) {
    await features.write(out, places, epoch)
    made += each
  }
  const { utilization } = performance.eventLoopUtilization(loop)
  return { rate: (1000 * made) / (performance.now() - began), busy: utilization }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

/** With 0 threads and more, in turns. */
export async function printVaried(rounds: number, threads: readonly number[] = [0, 1, 2]): Promise<void> {
  process.stdout.write(`\npictures that vary, ${availableParallelism()} cores     a second   the engine's own thread\n`)
  for (const shape of [
    [28, 28, 1],
    [224, 224, 3],
  ] satisfies Shape[]) {
    const size = sizeOf(shape)
    const count = Math.max(16, Math.floor(2 ** 24 / size))
    const rng = new Rng(1, 'pictures')
    const values = Uint8Array.from({ length: count * size }, () => rng.integer(256))
    const rows = Uint32Array.from({ length: count }, (_, i) => i)
    const making = { shape, columns: [{ mean: 33, deviation: 79, fill: 33 }], augmentation: USUAL_AUGMENTATION }
    const teams = threads.map((number) => ({ number, makers: makersOf(number), found: [] as Measured[] }))
    const pictures = teams.map(({ makers }) => new MadeExamples(values, rows, making, makers))
    for (const features of pictures) await measure(features, size, TIME)
    for (let round = 0; round < rounds; round++)
      for (const [i, { found }] of teams.entries()) found.push(await measure(pictures[i] as MadeExamples, size, TIME))
    for (const { number, makers, found } of teams) {
      const rate = Math.round(median(found.map((one) => one.rate))).toLocaleString('en')
      const busy = Math.round(100 * median(found.map((one) => one.busy)))
      const name = `${showShape(shape)}, ${number} threads`
      process.stdout.write(`${name.padEnd(28)}${rate.padStart(14)}   ${String(busy).padStart(5)} %\n`)
      makers?.close()
    }
  }
}
