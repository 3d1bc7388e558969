/**
 * What feeding costs: of the time that training takes, the share in which the device does not compute, because it waits to be
 * told which examples come next, or takes them, or gives back what came out. A run as people start it, with its device in a
 * thread of its own, which keeps account.
 */
import { Worker } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { RemoteDevices } from '../src/backends/remote/client.ts'
import type { Examples, Features, PreparedData } from '../src/data/types.ts'
import type { GraphDocument } from '../src/document/types.ts'
import { fromWorker } from '../src/node/ports.ts'
import { MadeExamples } from '../src/data/preparation/made.ts'
import { USUAL_AUGMENTATION } from '../src/document/recipes.ts'
import { Run } from '../src/train/run.ts'
import { makersOf, printVaried } from './varied.ts'
import { dataOf, documentOf, valueOf, workloadOf, workloads } from './workloads.ts'

const [, rounds = '3'] = process.argv.slice(2)
/** Milliseconds of a round, of its beginning that does not count. */
const TIME = 2000
const BEGINNING = 1000

const times = new Float64Array(new SharedArrayBuffer(16))
const worker = fileURLToPath(new URL('./feed-device.mjs', import.meta.url))
const devices = new RemoteDevices('the device thread', () => fromWorker(new Worker(worker, { workerData: times })))
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

interface Case {
  readonly document: GraphDocument
  readonly data: PreparedData
}

/** The first `count` examples. */
const firstOf = <F extends Features>(part: Examples<F>, count: number) => ({
  count,
  features: (part.features as Float32Array).subarray(0, (part.features.length / part.count) * count),
  targets: part.targets.subarray(0, (part.targets.length / part.count) * count),
})

function caseOf(name: string): Case {
  const document = documentOf(workloadOf(name))
  return { document: { ...document, training: { ...document.training, epochs: 1e6 } }, data: dataOf(workloadOf(name)) }
}

/** The last batch is smaller than the others. */
const ragged = ({ document, data }: Case): Case => ({
  document,
  data: { ...data, train: firstOf(data.train, data.train.count - 7) },
})

/** Also as most people have it: a fifth validates, and the last batch is smaller. */
function withValidation({ document, data }: Case): Case {
  const count = Math.floor(0.8 * data.train.count)
  return { document, data: { ...data, train: firstOf(data.train, count), validation: firstOf(data.train, count >> 2) } }
}

/** And with a run that may end after each epoch. */
function watched(validated: Case): Case {
  const { document, data } = validated
  const earlyStopping = { metric: 'loss', patience: 1e6, minDelta: 0, restoreBest: true }
  return { document: { ...document, training: { ...document.training, earlyStopping } }, data }
}

/** And with examples that are made when they are asked for, as the variants of pictures are. */
function made({ document, data }: Case): Case {
  const { features, count } = data.train
  const all = features as Float32Array
  const size = all.length / count
  const write = async (out: Float32Array, places: ArrayLike<number>) => {
    for (let i = 0; i < places.length; i++) {
      const from = (places[i] ?? 0) * size
      out.set(all.subarray(from, from + size), i * size)
    }
  }
  return {
    document,
    data: { ...data, train: { ...data.train, features: { length: all.length, neighbours: 0, write } } },
  }
}

/** And with pictures that do vary, made by so many threads beside the engine's. */
function varied({ document, data }: Case, threads: number): Case {
  const { features, count } = data.train
  const { shape } = data
  const all = Uint32Array.from({ length: count }, (_, i) => i)
  const making = { shape, columns: [{ mean: 0, deviation: 1, fill: 0 }], augmentation: USUAL_AUGMENTATION }
  const made = new MadeExamples(features as Float32Array, all, making, makersOf(threads))
  return { document, data: { ...data, train: { ...data.train, features: made } } }
}

async function shareOf({ document, data }: Case): Promise<{ readonly share: number; readonly steps: number }> {
  const device = valueOf(await devices.open('cpu'))
  const now = () => performance.now()
  const run = valueOf(await Run.open({ id: 'feed', document, data, device, now, onTelemetry: () => undefined }))
  run.start()
  await wait(BEGINNING)
  const [busy = 0, clock = 0] = times
  const { step } = run.progress()
  await wait(TIME)
  const [busyThen = 0, clockThen = 0] = times
  const steps = run.progress().step - step
  const { problems } = await run.stop()
  if (problems.length > 0) throw new Error(problems[0]?.message)
  run.dispose()
  return { share: 1 - (busyThen - busy) / (clockThen - clock), steps: (1000 * steps) / TIME }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

const only = process.env['ONLY']
const cases: readonly (readonly [name: string, make: () => Case])[] = [
  ...Object.keys(workloads).map((name) => [name, () => caseOf(name)] as const),
  ['W1, ragged', () => ragged(caseOf('W1'))],
  ['W1, validated', () => withValidation(caseOf('W1'))],
  ['W1, early stopping', () => watched(withValidation(caseOf('W1')))],
  ['W2_b32, validated', () => withValidation(caseOf('W2_b32'))],
  ['W3, validated', () => withValidation(caseOf('W3'))],
  ['W3, made', () => made(caseOf('W3'))],
  ['W3, varied here', () => varied(caseOf('W3'), 0)],
  ['W3, varied there', () => varied(caseOf('W3'), 1)],
]
process.stdout.write('workload               steps/s   share of the time that is feeding\n')
for (const [name, make] of cases.filter(([n]) => !only || n === only)) {
  const found = []
  for (let round = 0; round < Number(rounds); round++) found.push(await shareOf(make()))
  const share = 100 * median(found.map((one) => one.share))
  const steps = median(found.map((one) => one.steps)).toFixed(0)
  process.stdout.write(`${name.padEnd(20)}${steps.padStart(10)}   ${share.toFixed(2).padStart(6)} %\n`)
}
if (!only || only === 'varied') await printVaried(Number(rounds))
devices.close()
process.exit(0)
