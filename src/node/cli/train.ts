/** `train NET.json`: the run that the window would make, told line by line. */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { problem, type Problem } from '../../base/problem.ts'
import { prepare } from '../../data/index.ts'
import { MOST } from '../../document/file.ts'
import type { GraphDocument } from '../../document/types.ts'
import { findOptimizer } from '../../train/network.ts'
import { Run } from '../../train/run.ts'
import type { RunProgress, RunTelemetry } from '../../train/types.ts'
import { codeOf } from '../atomic-file.ts'
import { DeviceThread } from '../device-thread.ts'
import { CommandEnd, complain, orEnd, print, printJson, type ExitCode } from './console.ts'
import { loadExamples, openDevice, openDocument, readFiles, withFiles } from './open.ts'
import { makeFolder, saveModel } from './model.ts'

export interface TrainOptions {
  readonly data: readonly string[]
  readonly epochs?: string
  readonly batch?: string
  readonly lr?: string
  readonly seed?: string
  readonly device: string
  readonly out?: string
  readonly json: boolean
}

export async function train(path: string, options: TrainOptions): Promise<ExitCode> {
  let document = withOptions(await openDocument(path), options)
  const files = await readFiles(options.data)
  if (files.length > 0) {
    const changed = orEnd(withFiles(document, files))
    document = changed.document
    complain(changed.warnings)
  }
  const loaded = await loadExamples(document.data, path, files)
  const data = orEnd(prepare(loaded.data, document.data))
  complain([...loaded.warnings, ...data.warnings])

  const thread = new DeviceThread()
  try {
    const device = await openDevice(thread, options.device)
    const lines = new Lines(options)
    await lines.open()
    const started = performance.now()
    const run = orEnd(
      await Run.open({
        id: 'cli',
        document,
        data,
        device,
        now: () => performance.now(),
        onTelemetry: (news) => lines.add(news),
        // Means over an epoch need every point.
        mostPoints: Infinity,
      }),
    )
    const stop = () => void run.stop()
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    lines.begin(
      run.network.metrics.map((metric) => metric.name),
      device.info.title,
      data,
    )
    run.start()
    const end = await Promise.race([run.ended, lines.paused])
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    if (options.out !== undefined && end.state !== 'failed')
      orEnd(await saveModel(options.out, document, run, data.fitted))
    lines.end(end, (performance.now() - started) / 1000)
    await lines.flush()
    complain(end.problems)
    return end.state === 'finished' || end.state === 'stopped' ? 0 : 1
  } finally {
    thread.close()
  }
}

/** The document with what the command line says instead. */
function withOptions(document: GraphDocument, options: TrainOptions): GraphDocument {
  const { training } = document
  const number = (name: string, text: string | undefined, low: number, high: number): number | undefined => {
    if (text === undefined) return undefined
    const value = Number(text)
    const whole = high < Infinity
    if (text.trim() === '' || !Number.isFinite(value) || value < low || (whole && !Number.isInteger(value)))
      throw new CommandEnd(2, [
        problem('option', `--${name} must be a ${whole ? 'whole ' : ''}number of at least ${low}, not ${text}.`),
      ])
    if (value > high) throw new CommandEnd(2, [problem('option', `--${name} must be at most ${high}, not ${text}.`)])
    return value
  }
  const optimizer = orEnd(findOptimizer(document))
  const rate = number('lr', options.lr, 0, Infinity)
  if (rate !== undefined && !Object.hasOwn(optimizer.params, 'rate'))
    throw new CommandEnd(2, [
      problem('option', `--lr does not apply: ${optimizer.definition.title} has no learning rate.`),
    ])
  return {
    ...document,
    training: {
      optimizer:
        rate === undefined
          ? training.optimizer
          : { ...training.optimizer, params: { ...training.optimizer.params, rate } },
      batchSize: number('batch', options.batch, 1, MOST.batchSize) ?? training.batchSize,
      epochs: number('epochs', options.epochs, 1, MOST.epochs) ?? training.epochs,
      seed: number('seed', options.seed, 0, MOST.seed) ?? training.seed,
    },
  }
}

interface Epoch {
  readonly event: 'epoch'
  readonly epoch: number
  readonly step: number
  readonly trainLoss: number | null
  readonly validLoss: number | null
  readonly metrics: { readonly [name: string]: number }
  readonly examplesPerSecond: number
}

/** Turns telemetry into a line an epoch, on stdout and, with --out, into run.jsonl. */
class Lines {
  readonly #options: TrainOptions
  readonly paused: Promise<RunProgress>
  #pause: (progress: RunProgress) => void = () => undefined
  #metrics: readonly string[] = []
  #hasValidation = true
  /** Sums of the training points since the last line. */
  #sum = 0
  #count = 0
  #trainMetrics = new Map<string, { sum: number; count: number }>()
  #epoch = 0
  #stepsPerEpoch = 1
  #last: Epoch | null = null
  #writing: Promise<unknown> = Promise.resolve()
  #unwritten: Problem | undefined

  constructor(options: TrainOptions) {
    this.#options = options
    this.paused = new Promise((resolve) => (this.#pause = resolve))
  }

  async open(): Promise<void> {
    if (this.#options.out !== undefined) await makeFolder(this.#options.out)
  }

  begin(
    metrics: readonly string[],
    device: string,
    data: { readonly train: { readonly count: number }; readonly validation: { readonly count: number } },
  ): void {
    this.#metrics = metrics
    this.#hasValidation = data.validation.count > 0
    const counts = { trainExamples: data.train.count, validExamples: data.validation.count }
    this.#write({ event: 'start', device, ...counts })
    if (!this.#options.json)
      print(`${device}: ${counts.trainExamples} examples to train on, ${counts.validExamples} to validate`)
  }

  add({ progress, points }: RunTelemetry): void {
    this.#stepsPerEpoch = progress.stepsPerEpoch
    const of = (name: string) => points.find((one) => one.name === name)
    const train = of('train.loss')
    const validation = of('validation.loss')
    const ends = new Set<number>()
    validation?.steps.forEach((step) => ends.add(step))
    const take = (before: number) => {
      train?.steps.forEach((step, i) => {
        if (step > before || step <= this.#taken) return
        this.#sum += train.values[i] ?? 0
        this.#count++
        for (const name of this.#metrics) this.#addMetric(name, of(`train.${name}`)?.values[i])
      })
      this.#taken = Math.max(this.#taken, before)
    }
    if (this.#hasValidation) {
      validation?.steps.forEach((step, i) => {
        take(step)
        const metrics: { [name: string]: number } = {}
        for (const name of this.#metrics) metrics[name] = of(`validation.${name}`)?.values[i] ?? NaN
        this.#line(step, validation.values[i] ?? null, metrics, progress)
      })
    } else {
      for (let end = (this.#epoch + 1) * this.#stepsPerEpoch; end <= progress.step; end += this.#stepsPerEpoch) {
        take(end)
        this.#line(
          end,
          null,
          Object.fromEntries([...this.#trainMetrics].map(([name, { sum, count }]) => [name, sum / count])),
          progress,
        )
      }
    }
    take(progress.step)
    if (progress.state === 'paused' && progress.problems.length > 0) this.#pause(progress)
  }

  #taken = 0

  #addMetric(name: string, value: number | undefined): void {
    if (value === undefined) return
    const known = this.#trainMetrics.get(name) ?? { sum: 0, count: 0 }
    this.#trainMetrics.set(name, { sum: known.sum + value, count: known.count + 1 })
  }

  #line(
    step: number,
    validLoss: number | null,
    metrics: { readonly [name: string]: number },
    progress: RunProgress,
  ): void {
    const trainLoss = this.#count > 0 ? this.#sum / this.#count : null
    this.#sum = 0
    this.#count = 0
    this.#trainMetrics.clear()
    const epoch: Epoch = {
      event: 'epoch',
      epoch: ++this.#epoch,
      step,
      trainLoss,
      validLoss,
      metrics,
      examplesPerSecond: Math.round(progress.examplesPerSecond),
    }
    this.#last = epoch
    this.#write(epoch)
    if (this.#options.json) return
    const figures = [
      trainLoss === null ? '' : `loss ${trainLoss.toFixed(4)}`,
      validLoss === null ? '' : `validation ${validLoss.toFixed(4)}`,
      ...Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(4)}`),
      `${epoch.examplesPerSecond.toLocaleString('en')} examples/s`,
    ]
    print(`epoch ${epoch.epoch}/${progress.epochs}  ${figures.filter((text) => text !== '').join('  ')}`)
  }

  end(progress: RunProgress, seconds: number): void {
    const { epoch, step, trainLoss, validLoss, metrics } = this.#last ?? {
      epoch: 0,
      step: progress.step,
      trainLoss: null,
      validLoss: null,
      metrics: {},
    }
    const problems = progress.problems.map((one) => one.message)
    this.#write({
      event: 'done',
      state: progress.state,
      epoch,
      step,
      trainLoss,
      validLoss,
      metrics,
      seconds: Math.round(seconds * 1000) / 1000,
      problems,
    })
    if (!this.#options.json)
      print(
        `${progress.state} after ${seconds.toFixed(1)} s${this.#options.out === undefined ? '' : `; saved in ${this.#options.out}`}`,
      )
  }

  #write(line: object): void {
    if (this.#options.json) printJson(line)
    const { out } = this.#options
    if (out === undefined) return
    const file = join(out, 'run.jsonl')
    this.#writing = this.#writing
      .then(() => appendFile(file, `${JSON.stringify(line)}\n`))
      .catch((error: unknown) => {
        this.#unwritten ??= problem('run.file', `${file} can't be written (${codeOf(error)}).`, { file }, 'warning')
      })
  }

  async flush(): Promise<void> {
    await this.#writing
    if (this.#unwritten) complain([this.#unwritten])
  }
}
