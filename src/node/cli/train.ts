/** `train NET.json` or `train FILE-OR-FOLDER...`: the run that the window would make, told line by line. */
import { appendFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { at } from '../../base/assert.ts'
import { problem, type Problem } from '../../base/problem.ts'
import { saidOf } from '../../data/bad-records.ts'
import { KEPT, prepareFeed } from '../../data/index.ts'
import type { LoadedSource } from '../../data/types.ts'
import { beginWith } from '../../document/starter.ts'
import { MOST } from '../../document/training.ts'
import type { GraphDocument } from '../../document/types.ts'
import { chooseOptimizer } from '../../train/choose.ts'
import type { Network } from '../../train/network.ts'
import { Run } from '../../train/run.ts'
import type { MetricDescription, RunProgress, RunTelemetry } from '../../train/types.ts'
import { codeOf } from '../atomic-file.ts'
import { deviceThread } from '../device-thread.ts'
import { nameOf } from '../engine/reading.ts'
import { MakerThreads } from '../makers.ts'
import { CommandEnd, complain, orEnd, print, printJson, type ExitCode } from './console.ts'
import {
  chooseDevice,
  endingCleanly,
  isDocument,
  loadExamples,
  openDocument,
  openItems,
  storingJob,
  withFiles,
  type CommandJob,
} from './open.ts'
import { makeFolder, saveModel } from './model.ts'
import { proposed, understand } from './understand.ts'

export interface TrainOptions {
  readonly data: readonly string[]
  /** `name=value` of the reader's options, where data are given and no document. */
  readonly option: readonly string[]
  readonly epochs?: string
  readonly batch?: string
  readonly lr?: string
  readonly seed?: string
  readonly device: string
  /** Megabytes of a set that are held in memory. */
  readonly memory?: string
  readonly out?: string
  readonly json: boolean
}

export async function train(paths: readonly string[], options: TrainOptions): Promise<ExitCode> {
  const [path = '', ...more] = paths
  const isDrawn = await isDocument(path)
  const odd = isDrawn ? (more[0] ?? (options.option.length > 0 ? '--option' : undefined)) : undefined
  if (odd !== undefined) {
    const message = `${basename(path)} is a document, so "${odd}" is too many; data for it are given by --data.`
    throw new CommandEnd(2, [problem('option', message)])
  }
  const { document, loaded, trainNow, job } = isDrawn ? await drawn(path, options) : await fromData(paths, options)
  job.begin({ doing: 'preparing', file: nameOf(document.data.source) })
  const data = orEnd(await prepareFeed(loaded.data, document.data, job.store.budget, job, new MakerThreads()))
  complain([...loaded.warnings, ...saidOf(loaded.bad), ...data.warnings])
  for (const { label, value } of loaded.facts) if (label === KEPT && !options.json) print(`${KEPT} ${value}`)

  const thread = deviceThread()
  try {
    const chosen = await chooseDevice(thread, options.device, { document, data })
    const lines = new Lines(options)
    await lines.open()
    const started = performance.now()
    const run = orEnd(
      await Run.open({
        id: 'cli',
        document,
        data,
        ...chosen,
        now: () => performance.now(),
        onTelemetry: (news) => lines.add(news),
        // Means over an epoch need every point.
        mostPoints: Infinity,
      }),
    )
    trainNow()
    const stop = () => void run.stop()
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    lines.begin(run.network, run.progress(), data)
    run.start()
    const end = await Promise.race([run.ended, lines.paused])
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    endingCleanly()
    if (options.out !== undefined && end.state !== 'failed')
      orEnd(await saveModel(options.out, document, run, data.fitted))
    lines.end(end, (performance.now() - started) / 1000)
    await lines.flush()
    complain(end.problems.filter(({ severity }) => severity === 'error'))
    return end.state === 'finished' || end.state === 'stopped' ? 0 : 1
  } finally {
    thread.close()
  }
}

interface Begun {
  readonly document: GraphDocument
  readonly loaded: LoadedSource
  readonly job: CommandJob
  /** From then on a signal stops the run, and no more the command. */
  readonly trainNow: () => void
}

async function drawn(path: string, options: TrainOptions): Promise<Begun> {
  const document = withOptions(await openDocument(path), options)
  const job = storingJob(options.memory)
  const trainNow = endingCleanly()
  const items = await openItems(options.data, job)
  if (items.length > 0) return { ...(await withFiles(document, items, job)), job, trainNow }
  return { document, loaded: await loadExamples(document.data, path, job), job, trainNow }
}

/** Data alone: the document that the window would begin with. */
async function fromData(paths: readonly string[], options: TrainOptions): Promise<Begun> {
  const job = storingJob(options.memory)
  const trainNow = endingCleanly()
  const { opened, proposal } = await understand([...paths, ...options.data], options.option, job)
  const { section, loaded, starter } = proposed(opened, proposal)
  const document = withOptions(beginWith(section, starter), options)
  const { task, says, title } = starter
  if (options.json) printJson({ event: 'data', task, says, network: title })
  else print(`${says} To begin with: ${title}.`)
  return { document, loaded: { ...loaded, warnings: proposal.warnings }, job, trainNow }
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
  const optimizer = orEnd(chooseOptimizer(document))
  const rate = number('lr', options.lr, 0, Infinity)
  if (rate !== undefined && !Object.hasOwn(optimizer.params, 'rate'))
    throw new CommandEnd(2, [
      problem('option', `--lr does not apply: ${optimizer.definition.title} has no learning rate.`),
    ])
  return {
    ...document,
    training: {
      ...training,
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

type Figures = { readonly [name: string]: number }

interface Epoch {
  readonly event: 'epoch'
  readonly epoch: number
  readonly step: number
  readonly trainLoss: number | null
  readonly validLoss: number | null
  /** What the losses are made of, by the names of their curves; only where that is more than a single loss. */
  readonly trainParts?: Figures
  readonly validParts?: Figures
  readonly metrics: Figures
  readonly examplesPerSecond: number
}

/** Turns telemetry into a line an epoch, on stdout and, with --out, into run.jsonl. */
class Lines {
  readonly #options: TrainOptions
  readonly paused: Promise<RunProgress>
  #pause: (progress: RunProgress) => void = () => undefined
  #metrics: readonly string[] = []
  #parts: readonly MetricDescription[] = []
  #hasValidation = true
  /** Sums of the training points since the last line. */
  #sums = new Map<string, { sum: number; count: number }>()
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
    { metrics, parts }: Pick<Network, 'metrics' | 'parts'>,
    { device, deviceReason, problems }: RunProgress,
    data: { readonly train: { readonly count: number }; readonly validation: { readonly count: number } },
  ): void {
    this.#metrics = metrics.map(({ name }) => name)
    this.#parts = parts
    this.#hasValidation = data.validation.count > 0
    const counts = { trainExamples: data.train.count, validExamples: data.validation.count }
    this.#write({ event: 'start', device, ...(deviceReason !== undefined && { deviceReason }), ...counts })
    this.#notices = problems
    complain(problems)
    if (this.#options.json) return
    print(`${device}: ${counts.trainExamples} examples to train on, ${counts.validExamples} to validate`)
    if (deviceReason !== undefined) print(deviceReason)
  }

  add({ progress, points }: RunTelemetry): void {
    this.#stepsPerEpoch = progress.stepsPerEpoch
    const of = (name: string) => points.find((one) => one.name === name)
    const train = of('train.loss')
    const validation = of('validation.loss')
    const ends = new Set<number>()
    validation?.steps.forEach((step) => ends.add(step))
    const counted = ['loss', ...this.#parts.map(({ name }) => name), ...this.#metrics]
    const curves = counted.map((name) => [name, of(`train.${name}`)?.values] as const)
    let next = 0
    // Steps rise, and one message may tell of hundreds of epochs.
    const take = (before: number) => {
      for (; train && next < train.steps.length; next++) {
        const step = at(train.steps, next)
        if (step > before) break
        if (step > this.#taken) for (const [name, values] of curves) this.#count(name, values?.[next])
      }
      this.#taken = Math.max(this.#taken, before)
    }
    if (this.#hasValidation) {
      validation?.steps.forEach((step, i) => {
        take(step)
        const figures = (names: readonly string[]) =>
          Object.fromEntries(names.map((name) => [name, of(`validation.${name}`)?.values[i] ?? NaN]))
        const parts = figures(this.#parts.map((part) => part.name))
        this.#line(step, validation.values[i] ?? null, figures(this.#metrics), parts, progress)
      })
    } else {
      for (let end = (this.#epoch + 1) * this.#stepsPerEpoch; end <= progress.step; end += this.#stepsPerEpoch) {
        take(end)
        this.#line(end, null, this.#means(this.#metrics), null, progress)
      }
    }
    take(progress.step)
    const news = progress.problems.filter((one) => !this.#notices.some(({ message }) => message === one.message))
    const notices = news.filter(({ severity }) => severity === 'warning')
    this.#notices = [...this.#notices, ...notices]
    complain(notices)
    if (progress.state === 'paused' && news.length > notices.length) this.#pause(progress)
  }

  #taken = 0
  /** What was said already. */
  #notices: readonly Problem[] = []

  #count(name: string, value: number | undefined): void {
    if (value === undefined) return
    const known = this.#sums.get(name) ?? { sum: 0, count: 0 }
    this.#sums.set(name, { sum: known.sum + value, count: known.count + 1 })
  }

  /** Means of the training points since the last line. */
  #means(names: readonly string[]): Figures {
    const known = names.flatMap((name) => {
      const total = this.#sums.get(name)
      return total ? [[name, total.sum / total.count] as const] : []
    })
    return Object.fromEntries(known)
  }

  #line(
    step: number,
    validLoss: number | null,
    metrics: Figures,
    validParts: Figures | null,
    progress: RunProgress,
  ): void {
    const trainLoss = this.#means(['loss'])['loss'] ?? null
    const trainParts = this.#means(this.#parts.map((part) => part.name))
    this.#sums.clear()
    const epoch: Epoch = {
      event: 'epoch',
      epoch: ++this.#epoch,
      step,
      trainLoss,
      validLoss,
      ...(this.#parts.length > 0 && { trainParts, ...(validParts && { validParts }) }),
      metrics,
      examplesPerSecond: Math.round(progress.examplesPerSecond),
    }
    this.#last = epoch
    this.#write(epoch)
    if (this.#options.json) return
    const figures = [
      trainLoss === null ? '' : `loss ${trainLoss.toFixed(4)}${this.#brackets(trainParts)}`,
      validLoss === null ? '' : `validation ${validLoss.toFixed(4)}${this.#brackets(validParts ?? {})}`,
      ...Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(4)}`),
      `${epoch.examplesPerSecond.toLocaleString('en')} examples/s`,
    ]
    print(`epoch ${epoch.epoch}/${progress.epochs}  ${figures.filter((text) => text !== '').join('  ')}`)
  }

  /** ` (kl 0.0100, penalty 0.2000)`, or nothing for a single loss. */
  #brackets(parts: Figures): string {
    const figures = this.#parts.flatMap(({ name, title }) => {
      const value = parts[name]
      return value === undefined ? [] : [`${title.toLowerCase()} ${value.toFixed(4)}`]
    })
    return figures.length > 0 ? ` (${figures.join(', ')})` : ''
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
      ...(progress.note !== undefined && { note: progress.note }),
    })
    if (this.#options.json) return
    if (progress.note !== undefined) print(progress.note)
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
