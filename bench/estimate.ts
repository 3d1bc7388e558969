/**
 * How good the estimates of the time for an epoch are: what `estimate` says of every document that ships and of the workloads,
 * held against what a run then takes, in turns within one process. `model` is what the editor says before anything was
 * measured, `memory` what it says of bytes before anything was planned, both as shares of what they turn out to be. Time is that
 * which this process had a core, on one thread: what compares on a machine that is shared.
 */
import { readdirSync } from 'node:fs'
import type { Device } from '../src/backends/types.ts'
import wasm from '../src/backends/wasm/index.ts'
import { analyze } from '../src/compiler/analyze.ts'
import { modelledBytes, modelledSeconds, trainingWork } from '../src/compiler/costs-training.ts'
import type { PreparedData } from '../src/data/types.ts'
import type { GraphDocument } from '../src/document/types.ts'
import { allowWideVectors } from '../src/node/vector-width.ts'
import { chooseOptimizer } from '../src/train/choose.ts'
import { estimate, Interruption } from '../src/train/estimate.ts'
import { Run } from '../src/train/run.ts'
import { exampleOf } from './examples.ts'
import { dataOf, documentOf, valueOf, workloads } from './workloads.ts'

const [models = '', rounds = '3'] = process.argv.slice(2)
/** Milliseconds of each run, and of its beginning that does not count. */
const TIME = 1500
const BEGINNING = 300

const now = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Seconds of an epoch in a run of some seconds. */
async function real(document: GraphDocument, data: PreparedData, device: Device): Promise<number> {
  const began = now()
  const marks: { readonly at: number; readonly steps: number }[] = []
  const run = valueOf(
    await Run.open({
      id: 'measured',
      document: { ...document, training: { ...document.training, epochs: 1_000_000 } },
      data,
      device,
      now,
      onTelemetry: ({ progress }) => {
        const at = now()
        if (at - began > BEGINNING) marks.push({ at, steps: progress.step })
        if (at - began > TIME) void run.stop()
      },
    }),
  )
  run.start()
  await run.ended
  run.dispose()
  const [first, last] = [marks[0], marks.at(-1)]
  if (!first || !last || last.steps === first.steps) return NaN
  const steps = Math.ceil(data.train.count / document.training.batchSize)
  return (steps * (last.at - first.at)) / 1000 / (last.steps - first.steps)
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
const shown = (seconds: number) => (1000 * seconds).toPrecision(3).padStart(9)

allowWideVectors()
const device = valueOf(await wasm.open())
const subjects = [
  ...(await Promise.all(
    readdirSync(`${models}/examples`).map(async (file) => {
      return { name: file.replace('.json', ''), ...(await exampleOf(models, file)) }
    }),
  )),
  ...Object.entries(workloads).map(([name, one]) => ({ name, document: documentOf(one), data: dataOf(one) })),
]
process.stdout.write(`${'ms for an epoch'.padEnd(26)}estimated     real  ratio  model  memory\n`)
const ratios: number[] = []
for (const { name, document, data } of subjects) {
  const estimated: number[] = []
  const measured: number[] = []
  let bytes = NaN
  for (let round = 0; round < Number(rounds); round++) {
    const question = { document, data, device, now, interruption: new Interruption() }
    const found = valueOf(await estimate(question))
    estimated.push(found?.secondsPerEpoch ?? NaN)
    bytes = found?.memoryBytes ?? NaN
    measured.push(await real(document, data, device))
  }
  const counts = { train: data.train.count, validation: data.validation.count }
  const { memories } = valueOf(chooseOptimizer(document)).definition
  const work = trainingWork(document, analyze(document).totals, counts, memories.length)
  const { lasting, gradients, passing } = modelledBytes(work)
  const ratio = median(estimated.map((value, i) => value / (measured[i] ?? NaN)))
  ratios.push(ratio)
  const model = (modelledSeconds(work, 'cpu').epoch / median(measured)).toFixed(2)
  const memory = ((lasting + gradients + passing) / bytes).toFixed(2)
  process.stdout.write(
    `${name.padEnd(26)}${shown(median(estimated))}${shown(median(measured))}${ratio.toFixed(2).padStart(7)}${model.padStart(7)}${memory.padStart(8)}\n`,
  )
}
const near = ratios.filter((ratio) => ratio > 0.75 && ratio < 1.25).length
process.stdout.write(`${near} of ${ratios.length} within 25 %\n`)
