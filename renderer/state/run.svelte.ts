/**
 * What the window knows of the run: the newest word of the engine, every point of every curve, and the weights'
 * histograms. Curves live in plain buffers; whoever draws them reads `version`, which counts what was added.
 */
import { problem, type Problem } from '../../src/base/problem.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import {
  DATA_CANCELLED,
  type AnswerOf,
  type ArgumentsOf,
  type CallName,
  type DeviceChoice,
  type EngineCalls,
  type MetricDescription,
  type ProgressOf,
  type RunProgress,
  type RunSnapshot,
  type RunState,
  type RunTelemetry,
  type WeightHistogram,
} from '../../src/protocol/messages.ts'
import type { Asking } from '../../src/protocol/rpc.ts'
import { HistogramHistory } from '../charts/histogram.ts'
import { formatCount, formatDuration, formatPercent, formatShort } from '../charts/numbers.ts'
import { Series } from '../charts/series.ts'
import type { Engine } from './engine.ts'
import { Wait } from './wait.svelte.ts'

export class RunView {
  /** Newest word of the run; null before the first one. */
  progress = $state.raw<RunProgress | null>(null)
  metrics = $state.raw<readonly MetricDescription[]>([])
  /** What the loss is made of: several losses, a penalty; each has curves of its own. Empty for a single loss. */
  parts = $state.raw<readonly MetricDescription[]>([])
  /** There is a curve `train.rate`. */
  scheduled = $state.raw(false)
  /** Of the document that the run is of; null while that is not known. */
  documentHash = $state.raw<string | null>(null)
  /** Newest histogram of each weight, in network order. */
  histograms = $state.raw<readonly WeightHistogram[]>([])
  /** Counts what was added to the curves; read it to depend on them. */
  version = $state(0)
  /** A start is under way: its data are read, or its network is made ready. */
  starting = $state(false)
  /** How far that is. */
  readonly wait = new Wait()
  /** The last start was given up by the person. */
  givenUp = $state(false)
  #failures = $state.raw<readonly Problem[]>([])
  #open = $state(0)

  #series = new Map<string, Series>()
  #histories = new Map<string, HistogramHistory>()
  /** Steps up to which a snapshot has already given the points of a series. */
  #known = new Map<string, number>()
  #replaced = new Set<string>()
  readonly #engine: Engine
  readonly #unsubscribe: () => void

  constructor(engine: Engine) {
    this.#engine = engine
    this.#unsubscribe = engine.on('run.telemetry', (telemetry) => this.#applyTelemetry(telemetry))
  }

  /** Ends listening to the engine. */
  close(): void {
    this.#unsubscribe()
  }

  readonly busy: boolean = $derived(this.#open > 0)
  readonly state: RunState | null = $derived(this.progress?.state ?? null)
  /** A run is under way or paused: it can be stopped. */
  readonly active: boolean = $derived(this.state === 'preparing' || this.state === 'running' || this.state === 'paused')
  /** Why the last call failed, and what the run itself has to say; one sentence each. */
  readonly problems: readonly Problem[] = $derived([...this.#failures, ...(this.progress?.problems ?? [])])

  /** `3:20 left`, or nothing while that is not known. */
  readonly timeLeft: string = $derived.by(() => {
    const left = this.state === 'running' ? this.progress?.secondsLeft : null
    return left == null || !Number.isFinite(left) ? '' : `${formatDuration(left)} left`
  })

  /** `Epoch 3 of 20 · step 1,240 · 12,400 examples/s · 3:20 left` */
  readonly progressLine: string = $derived.by(() => {
    const { progress } = this
    if (!progress) return ''
    if (progress.state === 'preparing') return 'Preparing…'
    const parts = [`Epoch ${formatCount(progress.epoch)} of ${formatCount(progress.epochs)}`]
    parts.push(`step ${formatCount(progress.step)}`)
    if (progress.state === 'running' && progress.examplesPerSecond > 0)
      parts.push(`${formatCount(Number(progress.examplesPerSecond.toPrecision(3)))} examples/s`)
    if (this.timeLeft) parts.push(this.timeLeft)
    if (progress.note !== undefined) parts.push(progress.note)
    return parts.join(' · ')
  })

  /** What it is computed on, and why on that where the engine chose. */
  readonly deviceLine: string = $derived(this.progress?.deviceReason ?? this.progress?.device ?? '')

  /** `validation loss 0.31, best 0.29 at epoch 12, no better for 5 epochs`, and the same of each metric. */
  readonly summary: string = $derived.by(() => {
    // Read for the dependency: the curves themselves are plain buffers.
    if (this.version < 0) return ''
    const sentences = [this.#describe('loss', 'loss', 'lower', false)]
    for (const { name, title, better, percent } of [...this.parts, ...this.metrics])
      sentences.push(this.#describe(name, title.toLowerCase(), better, percent))
    return sentences.filter((sentence) => sentence !== '').join('; ')
  })

  /** Curves by name, in the order in which they came. */
  get series(): ReadonlyMap<string, Series> {
    return this.#series
  }

  /** Earlier histograms of one weight, oldest first, the newest not among them. */
  history(path: string): readonly WeightHistogram[] {
    return this.#histories.get(path)?.kept ?? []
  }

  /** Where a step lies in epochs. */
  epochAt(step: number): number {
    const perEpoch = this.progress?.stepsPerEpoch ?? 0
    return perEpoch > 0 ? step / perEpoch : 0
  }

  /** Takes up the run that the engine holds, if there is one; what is shown stays where there is none. */
  async connect(): Promise<boolean> {
    const answer = await this.#call('run.current', {})
    if (answer?.value) this.#applySnapshot(answer.value)
    return answer !== null
  }

  /** True when the run has started; otherwise `problems` says why, or it was given up, and the old curves stay. */
  async start(document: GraphDocument, device: DeviceChoice): Promise<boolean> {
    this.starting = true
    this.givenUp = false
    const answer = await this.wait.for((asking) => this.#call('run.start', { document, device }, asking))
    this.starting = false
    if (!answer) return false
    if (!answer.value.ok) {
      this.givenUp = answer.value.problems.some(({ code }) => code === DATA_CANCELLED)
      this.#failures = this.givenUp ? [] : answer.value.problems
      return false
    }
    this.#applySnapshot(answer.value.value)
    return true
  }

  pause(): Promise<boolean> {
    return this.#command('run.pause')
  }
  resume(): Promise<boolean> {
    return this.#command('run.resume')
  }
  step(): Promise<boolean> {
    return this.#command('run.step')
  }
  /** Ends the run, or the start that is under way, which leaves all as it was. */
  async stop(): Promise<boolean> {
    if (!this.starting) return this.#command('run.stop')
    this.wait.stop()
    return true
  }

  /** Changes a live parameter of the optimizer (`rate`) or of a block (`encoder.loss.weight`) while the run goes on. */
  async setLive(name: string, value: number): Promise<boolean> {
    const answer = await this.#call('run.setLive', { name, value })
    if (answer) this.#applyProgress(answer.value)
    return answer !== null
  }

  /** The engine process has ended: the curves stay, the run does not go on. */
  engineLost(reason: string): void {
    this.#replaced.clear()
    if (!this.progress || !this.active) return
    const lost = problem(
      'engine.lost',
      `The engine ended (${reason}), so this run stopped at step ${this.progress.step}.`,
    )
    this.progress = { ...this.progress, state: 'failed', secondsLeft: null, problems: [lost] }
  }

  async #command(name: 'run.pause' | 'run.resume' | 'run.step' | 'run.stop'): Promise<boolean> {
    const answer = await this.#call(name, {})
    if (answer) this.#applyProgress(answer.value)
    return answer !== null
  }

  async #call<N extends CallName<EngineCalls>>(
    name: N,
    args: ArgumentsOf<EngineCalls, N>,
    asking?: Asking<ProgressOf<EngineCalls, N>>,
  ): Promise<{ readonly value: AnswerOf<EngineCalls, N> } | null> {
    this.#open++
    this.#failures = []
    try {
      return { value: await this.#engine.call(name, args, asking) }
    } catch (error) {
      this.#failures = [problem(name, error instanceof Error ? error.message : String(error))]
      return null
    } finally {
      this.#open--
    }
  }

  #applySnapshot(snapshot: RunSnapshot): void {
    this.#forget(snapshot.progress.run)
    this.metrics = snapshot.metrics
    this.parts = snapshot.parts
    this.scheduled = snapshot.scheduled
    this.documentHash = snapshot.documentHash
    this.#append(snapshot)
    this.#known = new Map([...this.#series].map(([name, series]) => [name, series.lastStep]))
    for (const slice of snapshot.history) this.#historyOf(slice.path).add(slice)
    this.progress = snapshot.progress
  }

  #applyTelemetry(telemetry: RunTelemetry): void {
    const { run } = telemetry.progress
    // The last words of a run that another one has replaced.
    if (this.#replaced.has(run)) return
    this.givenUp = false
    if (this.progress?.run !== run) {
      this.#forget(run)
      this.documentHash = null
    }
    this.#goBack(telemetry.progress.step)
    this.#append(telemetry)
    this.progress = telemetry.progress
  }

  #applyProgress(progress: RunProgress): void {
    if (this.progress && progress.run !== this.progress.run) return
    this.progress = progress
  }

  #forget(next: string): void {
    if (this.progress && this.progress.run !== next) this.#replaced.add(this.progress.run)
    this.#replaced.delete(next)
    this.#series = new Map()
    this.#histories = new Map()
    this.#known = new Map()
    this.histograms = []
    this.version++
  }

  /** After a loss that is not a number the run goes on from its last good step: what came after did not happen. */
  #goBack(step: number): void {
    for (const [name, series] of this.#series) {
      if (!(series.lastStep > step)) continue
      series.cut(step)
      this.#known.set(name, Math.min(this.#known.get(name) ?? -Infinity, step))
      this.version++
    }
  }

  #append({ points, histograms }: RunTelemetry): void {
    for (const { name, steps, values } of points) {
      let series = this.#series.get(name)
      if (!series) this.#series.set(name, (series = new Series(name)))
      // A message that was on its way while the snapshot was taken repeats the snapshot's last points.
      const known = this.#known.get(name) ?? -Infinity
      let from = 0
      while (from < steps.length && (steps[from] as number) <= known) from++
      series.append(steps.subarray(from), values.subarray(from))
    }
    if (points.length > 0) this.version++
    if (histograms.length > 0) this.#takeHistograms(histograms)
  }

  #takeHistograms(newest: readonly WeightHistogram[]): void {
    const coming = new Map(newest.map((histogram) => [histogram.path, histogram]))
    for (const older of this.histograms) {
      const newer = coming.get(older.path)
      if (newer && newer.step > older.step) this.#historyOf(older.path).add(older)
    }
    const known = new Set(this.histograms.map((histogram) => histogram.path))
    const all = newest.length >= known.size && [...known].every((path) => coming.has(path))
    // The engine sends them in network order; a part of them takes the places that are known.
    this.histograms = all
      ? newest
      : [
          ...this.histograms.map((histogram) => coming.get(histogram.path) ?? histogram),
          ...newest.filter((histogram) => !known.has(histogram.path)),
        ]
  }

  #historyOf(path: string): HistogramHistory {
    let history = this.#histories.get(path)
    if (!history) this.#histories.set(path, (history = new HistogramHistory()))
    return history
  }

  #describe(name: string, title: string, better: 'lower' | 'higher', percent: boolean): string {
    const format = percent ? formatPercent : formatShort
    const validation = this.#series.get(`validation.${name}`)
    if (validation && validation.length > 0) {
      const last = `validation ${title} ${format(validation.lastValue)}`
      const best = validation.best(better)
      if (best < 0) return last
      const epoch = formatCount(this.epochAt(validation.steps[best] as number))
      const since = Math.round(this.epochAt(validation.lastStep - (validation.steps[best] as number)))
      const flat = since < 2 ? '' : `, no better for ${formatCount(since)} epochs`
      return `${last}, best ${format(validation.values[best] as number)} at epoch ${epoch}${flat}`
    }
    const train = this.#series.get(`train.${name}`)
    return train && train.length > 0 ? `training ${title} ${format(train.lastValue)}` : ''
  }
}
