/**
 * A training run: the state machine between the person's buttons and the device. It has the device train and validate in
 * chunks of steps that take about a frame each (stepper), records what comes back (journal), stops when it gets no better
 * (stopping), and goes back to the last good step when a value stops being finite (recovery).
 */
import { get } from '../base/assert.ts'
import { attemptAsync, fail, ok, problem, ProblemError, type Problem, type Result } from '../base/problem.ts'
import type { Device, HostArray } from '../backends/types.ts'
import { isMade } from '../data/features.ts'
import type { PreparedData } from '../data/types.ts'
import { documentHash } from '../document/file.ts'
import type { EarlyStopping, GraphDocument } from '../document/types.ts'
import type { AskedExample } from '../data/index.ts'
import { Answers } from './answers.ts'
import { Asides } from './asides.ts'
import { Chunk, outputsOf } from './chunk.ts'
import { examplesOf, lengthOf, type Position } from './course.ts'
import type { Answer, Chosen, Evaluation, Part, SampleChoice } from './evaluation/types.ts'
import { histogram } from './histogram.ts'
import { Journal } from './journal.ts'
import { offer } from './executables.ts'
import { load, place, type Loaded } from './load.ts'
import { MovableExecutable } from './movable.ts'
import { LiveValues } from './live.ts'
import type { Network } from './network.ts'
import { Pace } from './pace.ts'
import { readAll, Recovery } from './recovery.ts'
import { Speed } from './speed.ts'
import { Stepper } from './stepper.ts'
import { Stopping } from './stopping.ts'
import { Validation, type Results } from './validation.ts'
import type { MetricDescription, RunProgress, RunSnapshot, RunState, RunTelemetry } from './types.ts'

export interface RunOptions {
  readonly id: string
  readonly document: GraphDocument
  readonly data: PreparedData
  readonly device: Device
  /** Where the run goes on when the device fails; without it the run fails with it. */
  readonly fallback?: (() => Promise<Result<Device>>) | undefined
  /** Why it is this device, and what the person should know about it. */
  readonly reason?: string | undefined
  readonly notices?: readonly Problem[] | undefined
  /** Milliseconds since some fixed point. */
  readonly now: () => number
  /** Called at most 30 times a second while running and once for each change of state. */
  readonly onTelemetry: (telemetry: RunTelemetry) => void
  /** Points of a training curve that one message carries; more are thinned to their extremes. */
  readonly mostPoints?: number
}

/** Batches of the first chunk. */
const FIRST_STEPS = 8
const TELEMETRY_TIME = 40
const HISTOGRAM_TIME = 500
const CHECKPOINT_TIME = 2000

export class Run {
  readonly executable: MovableExecutable
  readonly #options: RunOptions
  readonly #network: Network
  readonly #ended: Promise<RunProgress>
  #resolveEnded: (progress: RunProgress) => void = () => undefined
  #state: RunState = 'preparing'
  readonly #stepper: Stepper
  readonly #live: LiveValues
  readonly #recovery: Recovery
  readonly #stopping: Stopping | undefined
  readonly #validation: Validation
  #checkpointTime = 0
  #device: Device
  /** Why it is that one. */
  #reason: string | undefined
  /** What has happened to its devices. */
  #notices: readonly Problem[]
  /** Why it ended before its last epoch, and with which weights. */
  #note: string | undefined
  #problems: readonly Problem[] = []
  /** The loop that is running, if one is; a pause waits for it. */
  #loop: Promise<void> | undefined
  /** What is asked of the network meanwhile. */
  readonly #asides = new Asides(() => this.#loop === undefined)
  readonly #answers: Answers
  #wanted: 'run' | 'pause' | 'stop' = 'pause'
  readonly #pace: Pace
  readonly #speed = new Speed()
  readonly #journal: Journal
  /** What the last chunk gave, and the journal has not yet. */
  #unwritten: (() => readonly Results[]) | undefined
  #sentTime = -Infinity
  #histogramTime = -Infinity

  private constructor(options: RunOptions, { network, executable, values }: Loaded) {
    const { training } = options.document
    this.#options = options
    this.#network = network
    this.#device = options.device
    this.#reason = options.reason
    this.#notices = options.notices ?? []
    this.executable = new MovableExecutable(executable)
    this.#stepper = new Stepper(network, training, this.executable, options.data)
    this.#live = new LiveValues(this.executable, network.live)
    this.#recovery = new Recovery(network, this.#stepper, this.#live, values)
    this.#validation = new Validation(network)
    this.#pace = new Pace(FIRST_STEPS * network.batch.train.size)
    this.#stopping = training.earlyStopping && stoppingOf(training.earlyStopping, network)
    this.#journal = new Journal(options.mostPoints)
    this.#answers = new Answers(options, {
      network,
      stepper: this.#stepper,
      asides: this.#asides,
      hasEnded: () => this.#hasEnded(),
    })
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve))
  }

  /** Compiles the document for the device and puts data and initial weights there. */
  static async open(options: RunOptions): Promise<Result<Run>> {
    const opened = await attemptAsync(() => Run.#openHere(options))
    const result = opened.ok ? opened.value : opened
    return result.ok ? result : Run.#openElsewhere(options, result)
  }

  static async #openHere(options: RunOptions): Promise<Result<Run>> {
    const loaded = await load(options.document, options.data, options.device)
    if (!loaded.ok) return loaded
    const run = new Run(options, loaded.value)
    try {
      await run.#takeHistograms()
    } catch (error) {
      run.dispose()
      throw error
    }
    run.#state = 'paused'
    // One that is not opened says nothing of its device either: another run may go by its name.
    run.#watch(options.device)
    return ok(run)
  }

  /** What a GPU refuses another device may take. */
  static async #openElsewhere(
    options: RunOptions,
    { problems }: { readonly problems: readonly Problem[] },
  ): Promise<Result<Run>> {
    const { fallback, ...rest } = options
    const refused = fail(...problems)
    if (!fallback || !problems.some(isOfDevice)) return refused
    const device = await fallback()
    if (!device.ok) return refused
    const why = problems.map(({ message }) => message).join(' ')
    const notice = problem('run.device', `This trains on the CPU. ${why}`, undefined, 'warning')
    return Run.open({ ...rest, device: device.value, reason: undefined, notices: [...(rest.notices ?? []), notice] })
  }

  get network(): Network {
    return this.#network
  }

  /** Resolves when the run is stopped, finished or failed. */
  get ended(): Promise<RunProgress> {
    return this.#ended
  }

  start(): void {
    if (this.#state !== 'paused' || this.#loop) return
    this.#wanted = 'run'
    this.#state = 'running'
    this.#problems = []
    this.#tell(true)
    void this.#begin(Infinity)
  }

  resume(): Promise<RunProgress> {
    this.start()
    return Promise.resolve(this.progress())
  }

  async pause(): Promise<RunProgress> {
    if (this.#state === 'running') await this.#halt('pause')
    return this.progress()
  }

  /** One batch, then paused again. */
  async step(): Promise<RunProgress> {
    if (this.#state !== 'paused' || this.#loop) return this.progress()
    this.#wanted = 'run'
    this.#state = 'running'
    this.#problems = []
    await this.#begin(1)
    return this.progress()
  }

  async stop(): Promise<RunProgress> {
    if (this.#state === 'running') await this.#halt('stop')
    if (this.#state === 'paused' || this.#state === 'preparing') this.#end('stopped')
    return this.progress()
  }

  /** `rate` is a parameter of the optimizer, `encoder.loss.weight` one of a block. */
  async setLive(name: string, value: number): Promise<RunProgress> {
    const wrong = this.#live.want(name, value)
    if (wrong) this.#problems = [wrong]
    else if (!this.#loop && !this.#hasEnded()) await this.#live.apply(this.#stepper.position.step)
    return this.progress()
  }

  /** What the run is of. */
  get document(): GraphDocument {
    return this.#options.document
  }

  /** How the network fares on a part of its data, as it stands now. */
  evaluate(part: Part): Promise<Result<Evaluation>> {
    return this.#answers.evaluate(part)
  }

  /** Examples of the last evaluation of a part, with the answers that were counted there. */
  choose(part: Part, choice: SampleChoice): Result<Chosen> {
    return this.#answers.choose(part, choice)
  }

  /** What the network, as it stands now, makes of an example that is not in its data. */
  answer(example: AskedExample): Promise<Result<Answer>> {
    return this.#answers.answer(example)
  }

  /** The network's answers for prepared examples, as it stands now: [count × outputs], row by row. */
  predict(features: Float32Array, count: number): Promise<Result<Float32Array>> {
    return this.#answers.predict(features, count)
  }

  /** Does something between two chunks; training waits for it. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.#asides.add(work)
  }

  /** All weights by name. */
  async weights(): Promise<ReadonlyMap<string, HostArray>> {
    return readAll(
      this.executable,
      this.#network.weights.map(({ name }) => name),
    )
  }

  async setWeight(name: string, value: HostArray): Promise<void> {
    await this.executable.write(name, value)
  }

  progress(): RunProgress {
    this.#hear()
    const { train } = this.#network.batch
    const { stepsPerEpoch } = this.#stepper
    const { epochs } = this.#options.document.training
    const { epoch, batch, step } = this.#stepper.position
    const left =
      this.#state === 'finished'
        ? 0
        : epochs * train.count - epoch * train.count - Math.min(train.count, batch * train.size)
    const rate = this.#speed.perSecond
    return {
      run: this.#options.id,
      state: this.#state,
      epoch: step === 0 ? 0 : Math.min(epochs, batch === 0 ? epoch : epoch + 1),
      epochs,
      step,
      stepsPerEpoch,
      examplesPerSecond: rate,
      secondsLeft: rate > 0 ? Math.max(0, left) / rate : null,
      device: this.#device.info.title,
      ...(this.#reason !== undefined && { deviceReason: this.#reason }),
      problems: [...this.#notices, ...this.#problems],
      ...(this.#note !== undefined && { note: this.#note }),
    }
  }

  /** What making the examples had to say, once. */
  #hear(): void {
    const { features } = this.#options.data.train
    const said = (isMade(features) && features.takeProblems?.()) || []
    const news = said.filter(({ message }) => this.#notices.every((known) => known.message !== message))
    if (news.length > 0) this.#notices = [...this.#notices, ...news]
  }

  snapshot(): RunSnapshot {
    this.#writeDown()
    return {
      progress: this.progress(),
      ...this.#journal.everything(),
      documentHash: documentHash(this.#options.document),
      metrics: this.#network.metrics.map(described),
      parts: this.#network.parts,
      scheduled: this.#network.schedule !== undefined,
    }
  }

  /** Of a run that has ended: the next one may take what this one compiled, which then has neither weights nor answers left. */
  offer(): void {
    if (!this.#asides.busy) offer(this.executable.now)
  }

  dispose(): void {
    this.executable.dispose()
  }

  // The loop

  #begin(most: number): Promise<void> {
    return this.#occupy(() => this.#work(most), most)
  }

  /** Nothing else is done to the run until the work is done; what breaks in it is mended, or ends the run. */
  #occupy(work: () => Promise<void>, most: number): Promise<void> {
    const loop = work()
      .catch((error: unknown) => this.#mend(error, most))
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        this.#fail(problem('run.failed', `Training failed: ${reason}`))
      })
      .finally(() => {
        this.#loop = undefined
        void this.#asides.go()
      })
    this.#loop = loop
    return loop
  }

  #watch(device: Device): void {
    void device.lost.then((reason) => {
      if (device !== this.#device || this.#hasEnded()) return
      const lost = problem('device.lost', `The device is gone: ${reason} The run has stopped; start it again.`)
      if (!this.#options.fallback) this.#fail(lost)
      // A loop hears of it by itself, from what it asks the device next.
      else if (!this.#loop) void this.#occupy(() => Promise.reject(new ProblemError(problem('device.lost', reason))), 0)
    })
  }

  /** A device that failed is left for another; the run goes on from its last good state. Anything else is thrown on. */
  async #mend(error: unknown, most: number): Promise<void> {
    const { fallback, document, data } = this.#options
    const failed = this.#device
    if (!(error instanceof ProblemError) || !error.problems.some(isOfDevice) || !fallback || this.#hasEnded())
      throw error
    const device = await fallback()
    if (!device.ok || device.value === failed) throw error
    const placed = await place(this.#network, document, data, device.value)
    if (!placed.ok) throw new ProblemError(...error.problems, ...placed.problems)
    const { step } = this.#stepper.position
    this.executable.moveTo(placed.value)
    this.#device = device.value
    this.#reason = undefined
    this.#watch(device.value)
    await this.#recovery.restore()
    this.#forgetLater()
    const { position } = this.#stepper
    const again = step - position.step
    const where = `epoch ${position.epoch + 1}, batch ${position.batch + 1}`
    const repeated = again > 0 ? `; ${again === 1 ? 'one batch is' : `${again} batches are`} done again` : ''
    const message = `${error.message} The run goes on on the CPU, from its last good state (${where}${repeated}).`
    this.#notices = [...this.#notices, problem('run.device', message, undefined, 'warning')]
    this.#tell(true)
    if (this.#wanted === 'run' && this.#state === 'running') return this.#work(most)
    if (this.#wanted === 'stop') return this.#end('stopped')
    this.#state = 'paused'
    this.#tell(true)
  }

  /** What was recorded and decided beyond where the run stands now is not so any more. */
  #forgetLater(): void {
    this.#writeDown()
    const { position, rate } = this.#stepper
    this.#journal.cut(position.step)
    rate?.cut(position.epoch)
    this.#stopping?.cut(position.epoch)
    this.#validation.forget()
  }

  async #halt(wanted: 'pause' | 'stop'): Promise<void> {
    this.#wanted = wanted
    this.#stepper.stop()
    this.#asides.leave()
    await this.#loop
  }

  async #work(most: number): Promise<void> {
    this.#speed.begin(this.#options.now())
    let left = most
    // A single step at the end of an epoch shows its validation at once.
    const goesOn = () => this.#wanted === 'run' && (left > 0 || this.#stepper.isValidating) && !this.#isDone()
    while (goesOn() || this.#stepper.isAhead) {
      // Where the device goes on already, all that needs the state of now comes after that.
      if (!this.#stepper.isAhead) {
        if (this.#asides.busy) {
          await this.#asides.goOrLeave()
          continue
        }
        await this.#live.apply(this.#stepper.position.step)
      }
      left -= await this.#goOn(left)
      if (this.#state !== 'running') break
      if (this.#stepper.isAhead) continue
      if (this.#isDue(this.#checkpointTime, CHECKPOINT_TIME) && this.#wanted === 'run') await this.#takeCheckpoint()
      if (this.#isDue(this.#histogramTime, HISTOGRAM_TIME)) await this.#takeHistograms()
    }
    const done = this.#state === 'running' && this.#isDone()
    // Whoever asked before the end is answered by the network of that moment.
    if (done) await this.#asides.go()
    const restored = done && (await this.#restoreBest())
    await this.#takeHistograms(restored)
    if (this.#state !== 'running') return this.#tell(true)
    if (done) return this.#end('finished')
    if (this.#wanted === 'stop') return this.#end('stopped')
    this.#state = 'paused'
    this.#tell(true)
  }

  #isDone(): boolean {
    return this.#stepper.position.epoch >= this.#options.document.training.epochs || this.#stopping?.isOver === true
  }

  /** The weights of the best epoch, where early stopping has kept them; true when they were others. */
  async #restoreBest(): Promise<boolean> {
    this.#note = this.#stopping?.note
    const best = this.#stopping?.best
    for (const [name, value] of best ?? []) await this.executable.write(name, value)
    return best !== undefined
  }

  #isDue(last: number, after: number): boolean {
    return this.#options.now() - last > after
  }

  /**
   * Nobody waits for the state of the end of this chunk, so that the device may go on before we have heard of it. Chunks that
   * take long would gain nothing by that, and make people wait.
   */
  #mayGoAhead(): boolean {
    return (
      this.#wanted === 'run' &&
      this.#pace.isShort &&
      !this.#asides.busy &&
      !this.#live.isWaiting &&
      !this.#isDue(this.#checkpointTime, CHECKPOINT_TIME) &&
      !this.#isDue(this.#histogramTime, HISTOGRAM_TIME)
    )
  }

  /** Trains at most `most` batches and validates where they end an epoch; returns how many. */
  async #goOn(most: number): Promise<number> {
    // What waited at the device began when the one before it ended.
    const started = this.#stepper.isAhead ? this.#pace.next : this.#options.now()
    const taken = await this.#stepper.go(
      { steps: most, work: this.#pace.work },
      {
        outputs: outputsOf(this.#network),
        ahead: () => most === Infinity && this.#mayGoAhead(),
        meanwhile: () => {
          this.#writeDown()
          this.#tell(false)
        },
      },
    )
    const { pieces, whole } = taken
    const now = this.#options.now()
    this.#pace.add(this.#device.info.backend, pieces, whole, started, now)
    if (pieces.length === 0) return 0
    const trained = pieces.filter(({ part }) => part === 'train')
    this.#speed.add(examplesOf(trained), now)
    const chunk = new Chunk(this.#network, taken)
    if (chunk.good.some(({ part }) => part === 'train')) this.#recovery.confirm()
    const rate = this.#rateOf()
    // While the device computes the next one there is time to write.
    this.#unwritten = () => chunk.record(this.#journal, this.#validation, rate)
    if (chunk.bad !== undefined) await this.#goBack(chunk.bad)
    else if (this.#stepper.decides) await this.#decide(this.#writeDown())
    return lengthOf(trained)
  }

  /** Returns the results of each validation that ended. */
  #writeDown(): readonly Results[] {
    const write = this.#unwritten
    this.#unwritten = undefined
    return write?.() ?? []
  }

  /** The learning rate of the steps of now, where it changes. */
  #rateOf(): ((from: Position, ahead: number) => number) | undefined {
    const { rate } = this.#stepper
    const base = this.#live.value('optimizer/rate')
    return rate && base !== undefined ? (from, ahead) => base * rate.factor(from, ahead) : undefined
  }

  /** What follows from how an epoch fared. */
  async #decide(ended: readonly Results[]): Promise<void> {
    const { earlyStopping } = this.#options.document.training
    for (const results of ended) {
      this.#stepper.rate?.add(get(results, 'loss'))
      if (earlyStopping) await this.#stopping?.add(get(results, earlyStopping.metric), () => this.weights())
    }
  }

  /** The loss after `target` batches is not finite: leaves the run paused at the last good state, and says why. */
  async #goBack(target: number): Promise<void> {
    const { culprit, broke } = await this.#recovery.goBack(target)
    const moment = `epoch ${broke.epoch + 1}, batch ${broke.batch + 1}`
    const where = culprit
      ? culprit.what === 'weights'
        ? `The first are the weights of ${culprit.title} ${culprit.path}`
        : `The first is the output of ${culprit.title} ${culprit.path}`
      : 'Each block is finite by itself, but the loss is not'
    this.#problems = [
      problem(
        'run.nonFinite',
        `The loss stopped being a number in ${moment}. ${where}. The run has paused before that, with its last good weights: lower the learning rate, or look for extreme values in the data.`,
        culprit ? { block: culprit.block } : undefined,
      ),
    ]
    this.#forgetLater()
    this.#state = 'paused'
    this.#wanted = 'pause'
  }

  async #takeCheckpoint(): Promise<void> {
    if (!this.#stepper.isValidating && (await this.#recovery.take())) this.#checkpointTime = this.#options.now()
  }

  // What the person sees

  async #takeHistograms(again = false): Promise<void> {
    const { step } = this.#stepper.position
    if (this.#journal.histogramStep === step && !again) return
    const values = await this.weights()
    this.#journal.addHistograms([...values].map(([name, value]) => histogram(name, step, value)))
    this.#histogramTime = this.#options.now()
  }

  #tell(always: boolean): void {
    const now = this.#options.now()
    if (!always && now - this.#sentTime < TELEMETRY_TIME) return
    this.#sentTime = now
    this.#writeDown()
    this.#options.onTelemetry({ progress: this.progress(), ...this.#journal.takeNews() })
  }

  /** The first reason counts: what breaks after it is its doing. */
  #fail(reason: Problem): void {
    if (this.#hasEnded()) return
    this.#problems = [reason]
    this.#end('failed')
  }

  #hasEnded(): boolean {
    return this.#state === 'stopped' || this.#state === 'finished' || this.#state === 'failed'
  }

  #end(state: 'stopped' | 'finished' | 'failed'): void {
    if (this.#hasEnded()) return
    this.#state = state
    this.#wanted = 'stop'
    this.#tell(true)
    this.#resolveEnded(this.progress())
  }
}

/** A device that failed or refused, as against a network that is wrong. */
const isOfDevice = ({ code }: Problem) => code.startsWith('gpu.') || code.startsWith('device.')

function described({ name, title, better, percent }: MetricDescription): MetricDescription {
  return { name, title, better, percent }
}

/** Compiling has made sure that the network has what is watched. */
function stoppingOf(rule: EarlyStopping, { parts, metrics }: Network): Stopping {
  const watched = [...parts, ...metrics].find(({ name }) => name === rule.metric)
  const { title, better } = watched ?? { title: 'loss', better: 'lower' }
  return new Stopping(rule, { title: title.toLowerCase(), better })
}
