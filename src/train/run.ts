/**
 * A training run: the state machine between the person's buttons and the device. It hands the device chunks of steps that
 * take about a frame each, records what comes back, validates after each epoch, and keeps a checkpoint from which it can
 * go back to the last good step when a value stops being finite. The order of examples is a function of (seed, epoch), so
 * any part of a run can be done again exactly.
 */
import { at, get } from '../base/assert.ts'
import { ok, problem, type Problem, type Result } from '../base/problem.ts'
import { sizeOf } from '../base/shape.ts'
import type { Device, Executable, HostArray } from '../backends/types.ts'
import { epochOrder } from '../data/batches.ts'
import type { PreparedData } from '../data/types.ts'
import { documentHash } from '../document/file.ts'
import type { GraphDocument } from '../document/types.ts'
import { histogram } from './histogram.ts'
import { Journal } from './journal.ts'
import { load } from './load.ts'
import { nextSteps, type Network } from './network.ts'
import { Speed } from './speed.ts'
import type { RunProgress, RunSnapshot, RunState, RunTelemetry, WeightHistogram } from './types.ts'

export interface RunOptions {
  readonly id: string
  readonly document: GraphDocument
  readonly data: PreparedData
  readonly device: Device
  /** Milliseconds since some fixed point. */
  readonly now: () => number
  /** Called at most 30 times a second while running and once for each change of state. */
  readonly onTelemetry: (telemetry: RunTelemetry) => void
  /** Points of a training curve that one message carries; more are thinned to their extremes. */
  readonly mostPoints?: number
}

/** Wanted length of a chunk in milliseconds: long enough to cost no calls, short enough for live curves. */
const CHUNK_TIME = 30
const TELEMETRY_TIME = 40
const HISTOGRAM_TIME = 500
const CHECKPOINT_TIME = 2000

/** Where a run is: everything that decides what comes next. */
interface Position {
  /** Counted from 0. */
  readonly epoch: number
  /** Batches of this epoch that are done. */
  readonly batch: number
  /** Batches done in all. */
  readonly step: number
}

interface Checkpoint {
  readonly position: Position
  readonly values: ReadonlyMap<string, HostArray>
  readonly live: ReadonlyMap<string, number>
}

/** A live parameter that got another value when `step` batches were done. */
interface LiveChange {
  readonly step: number
  readonly slot: string
  readonly value: number
}

/** Sums over the validation batches that are done; an interrupted validation goes on where it was. */
interface Validation {
  batch: number
  readonly sums: Map<string, number>
}

export class Run {
  readonly executable: Executable
  readonly #options: RunOptions
  readonly #network: Network
  readonly #ended: Promise<RunProgress>
  #resolveEnded: (progress: RunProgress) => void = () => undefined
  #state: RunState = 'preparing'
  #position: Position = { epoch: 0, batch: 0, step: 0 }
  #validation: Validation | undefined
  #order: Uint32Array = new Uint32Array()
  #orderOf = -1
  #checkpoint: Checkpoint
  /** Becomes the checkpoint when it has shown that the next loss is finite. */
  #candidate: Checkpoint | undefined
  #checkpointTime = 0
  /** Live values in force, those that wait for the end of the chunk, and what changed since the checkpoint. */
  readonly #live: Map<string, number>
  readonly #wantedLive = new Map<string, number>()
  #changes: LiveChange[] = []
  #problems: readonly Problem[] = []
  /** The loop that is running, if one is; a pause waits for it. */
  #loop: Promise<void> | undefined
  #wanted: 'run' | 'pause' | 'stop' = 'pause'
  #steps = 8
  readonly #speed = new Speed()
  readonly #journal: Journal
  #sentTime = -Infinity
  #histogramTime = -Infinity

  private constructor(options: RunOptions, network: Network, executable: Executable, checkpoint: Checkpoint) {
    this.#options = options
    this.#network = network
    this.executable = executable
    this.#checkpoint = checkpoint
    this.#live = new Map(network.live)
    this.#journal = new Journal(options.mostPoints)
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve))
    void options.device.lost.then((reason) =>
      this.#fail(problem('device.lost', `The device is gone: ${reason} The run has stopped; start it again.`)),
    )
  }

  /** Compiles the document for the device and puts data and initial weights there. */
  static async open(options: RunOptions): Promise<Result<Run>> {
    const loaded = await load(options.document, options.data, options.device)
    if (!loaded.ok) return loaded
    const { network, executable, values } = loaded.value
    const run = new Run(options, network, executable, {
      position: { epoch: 0, batch: 0, step: 0 },
      values,
      live: network.live,
    })
    await run.#takeHistograms()
    run.#state = 'paused'
    return ok(run)
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

  async setLive(name: string, value: number): Promise<RunProgress> {
    const slot = `optimizer/${name}`
    if (!this.#network.live.has(slot))
      this.#problems = [problem('run.live', `The optimizer has no parameter called "${name}".`, { field: name })]
    else if (!Number.isFinite(value))
      this.#problems = [problem('run.live', `The optimizer's ${name} must be a number, not ${value}.`, { field: name })]
    else {
      this.#wantedLive.set(slot, value)
      if (!this.#loop) await this.#applyLive()
    }
    return this.progress()
  }

  /** The network's answers for prepared examples, as it stands now: [count × outputs], row by row. */
  async predict(features: Float32Array, count: number): Promise<Float32Array> {
    const slot = at(
      this.#network.plan.slots.filter((one) => one.name === 'predict/prediction'),
      0,
    )
    const batch = this.#network.batch.predict
    const width = sizeOf(slot.shape) / batch
    const size = features.length / Math.max(count, 1)
    const answers = new Float32Array(count * width)
    const rows = new Float32Array(batch * size)
    for (let first = 0; first < count; first += batch) {
      const part = features.subarray(first * size, (first + batch) * size)
      rows.fill(0)
      rows.set(part)
      await this.executable.write('predict/features', rows)
      await this.#runOnce('predict')
      const wanted = Math.min(batch, count - first) * width
      answers.set(await this.executable.read('predict/prediction', wanted), first * width)
    }
    return answers
  }

  /** All weights by name. */
  async weights(): Promise<ReadonlyMap<string, HostArray>> {
    const values = new Map<string, HostArray>()
    for (const weight of this.#network.weights) values.set(weight.name, await this.executable.read(weight.name))
    return values
  }

  async setWeight(name: string, value: HostArray): Promise<void> {
    await this.executable.write(name, value)
  }

  progress(): RunProgress {
    const { train } = this.#network.batch
    const stepsPerEpoch = Math.ceil(train.count / train.size)
    const { epochs } = this.#options.document.training
    const { epoch, batch, step } = this.#position
    const left = epochs * train.count - epoch * train.count - Math.min(train.count, batch * train.size)
    const rate = this.#speed.perSecond
    return {
      run: this.#options.id,
      state: this.#state,
      epoch: step === 0 ? 0 : Math.min(epochs, batch === 0 && !this.#validation ? epoch : epoch + 1),
      epochs,
      step,
      stepsPerEpoch,
      examplesPerSecond: rate,
      secondsLeft: rate > 0 ? Math.max(0, left) / rate : null,
      device: this.#options.device.info.title,
      problems: this.#problems,
    }
  }

  snapshot(): RunSnapshot {
    return {
      progress: this.progress(),
      ...this.#journal.everything(),
      documentHash: documentHash(this.#options.document),
      metrics: this.#network.metrics.map(({ name, title, better, percent }) => ({ name, title, better, percent })),
    }
  }

  dispose(): void {
    this.executable.dispose()
  }

  // The loop

  #begin(most: number): Promise<void> {
    const loop = this.#work(most)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        this.#fail(problem('run.failed', `Training failed: ${reason}`))
      })
      .finally(() => {
        // A flag that came between two runs is still set.
        Atomics.store(this.executable.stopFlag, 0, 0)
        this.#loop = undefined
      })
    this.#loop = loop
    return loop
  }

  async #halt(wanted: 'pause' | 'stop'): Promise<void> {
    this.#wanted = wanted
    Atomics.store(this.executable.stopFlag, 0, 1)
    await this.#loop
  }

  async #work(most: number): Promise<void> {
    const { epochs } = this.#options.document.training
    this.#speed.begin(this.#options.now())
    let left = most
    while (this.#wanted === 'run' && left > 0 && this.#position.epoch < epochs) {
      await this.#applyLive()
      if (this.#validation) await this.#validate(this.#validation)
      else {
        left -= await this.#trainChunk(left)
        if (this.#state !== 'running') break
      }
      if (this.#options.now() - this.#checkpointTime > CHECKPOINT_TIME && this.#wanted === 'run')
        await this.#takeCheckpoint()
      this.#tell(false)
      if (this.#options.now() - this.#histogramTime > HISTOGRAM_TIME) await this.#takeHistograms()
    }
    // A single step at the end of an epoch shows its validation at once.
    while (this.#validation && left <= 0 && this.#wanted === 'run') await this.#validate(this.#validation)
    await this.#takeHistograms()
    if (this.#state !== 'running') return this.#tell(true)
    if (this.#position.epoch >= epochs) return this.#end('finished')
    if (this.#wanted === 'stop') return this.#end('stopped')
    this.#state = 'paused'
    this.#tell(true)
  }

  /** Trains at most `most` batches; returns how many. */
  async #trainChunk(most: number): Promise<number> {
    const from = this.#position
    const { entry, steps, size, chunk } = nextSteps(this.#network, 'train', from.batch, Math.min(this.#steps, most))
    const started = this.#options.now()
    const done = await this.#runSteps(entry, from, steps)
    if (done === 0) return 0
    const seconds = Math.max(this.#options.now() - started, 0.01) / 1000
    this.#speed.add(done * size, this.#options.now())
    if (done === steps && entry === 'train')
      this.#steps = Math.max(
        1,
        Math.min(chunk, Math.ceil(this.#steps * Math.min(2, Math.max(0.5, CHUNK_TIME / 1000 / seconds)))),
      )

    const losses = await this.executable.read(`${entry}/loss`, done)
    const bad = losses.findIndex((loss) => !Number.isFinite(loss))
    const good = bad < 0 ? done : bad
    if (this.#candidate && good > 0) {
      const { step } = this.#candidate.position
      this.#checkpoint = this.#candidate
      this.#changes = this.#changes.filter((change) => change.step >= step)
      this.#candidate = undefined
    }
    for (const name of ['loss', ...this.#network.metrics.map((metric) => metric.name)]) {
      const values = name === 'loss' ? losses : await this.executable.read(`${entry}/${name}`, done)
      for (let i = 0; i < good; i++) this.#journal.record(`train.${name}`, from.step + i + 1, at(values, i))
    }
    if (bad >= 0) {
      await this.#goBack(from, bad)
      return done
    }
    this.#advance(from, done)
    return done
  }

  #advance(from: Position, steps: number): void {
    const { train, validation } = this.#network.batch
    const batch = from.batch + steps
    const ended = batch * train.size >= train.count
    this.#position = {
      epoch: from.epoch + (ended && validation.count === 0 ? 1 : 0),
      batch: ended && validation.count === 0 ? 0 : batch,
      step: from.step + steps,
    }
    if (ended && validation.count > 0) this.#validation = { batch: 0, sums: new Map() }
  }

  /** Values that the person changed take effect between two chunks. */
  async #applyLive(): Promise<void> {
    const wanted = [...this.#wantedLive]
    this.#wantedLive.clear()
    for (const [slot, value] of wanted) {
      this.#live.set(slot, value)
      this.#changes.push({ step: this.#position.step, slot, value })
      await this.executable.write(slot, Float32Array.of(value))
    }
  }

  /** Writes which examples make up the next batches, and runs them. */
  async #runSteps(entry: string, from: Position, steps: number): Promise<number> {
    await this.#writeIndices(entry, from, steps)
    return this.executable.run(entry, steps)
  }

  /** One step that a stop flag must not leave out: its answer is wanted, and training does not move on by it. */
  async #runOnce(entry: string): Promise<void> {
    while ((await this.executable.run(entry, 1)) === 0);
  }

  async #writeIndices(entry: string, from: Position, steps: number): Promise<void> {
    const { train } = this.#network.batch
    if (this.#orderOf !== from.epoch) {
      this.#order = epochOrder(this.#options.document.training.seed, from.epoch + 1, train.count)
      this.#orderOf = from.epoch
    }
    const first = from.batch * train.size
    const count = entry.endsWith('Tail') ? train.tail : steps * train.size
    await this.executable.write(`${entry}/indices`, Int32Array.from(this.#order.subarray(first, first + count)))
  }

  async #validate(validation: Validation): Promise<void> {
    const { validation: batches } = this.#network.batch
    const { entry, steps, size } = nextSteps(this.#network, 'evaluate', validation.batch, 8)
    const first = validation.batch * batches.size
    await this.executable.write(
      `${entry}/indices`,
      Int32Array.from({ length: steps * size }, (_, i) => first + i),
    )
    const done = await this.executable.run(entry, steps)
    if (done === 0) return
    const names = ['loss', ...this.#network.metrics.map((metric) => metric.name)]
    for (const name of names) {
      const values = await this.executable.read(`${entry}/${name}`, done)
      let sum = validation.sums.get(name) ?? 0
      for (let i = 0; i < done; i++) sum += at(values, i) * size
      validation.sums.set(name, sum)
    }
    validation.batch += done
    if (validation.batch * batches.size < batches.count) return
    for (const name of names)
      this.#journal.record(`validation.${name}`, this.#position.step, get(validation.sums, name) / batches.count)
    this.#validation = undefined
    this.#position = { epoch: this.#position.epoch + 1, batch: 0, step: this.#position.step }
  }

  // Non-finite values

  /**
   * A loss stopped being finite `bad` batches after `from`. Goes back to the checkpoint, repeats the good batches, finds the
   * first block with a non-finite value, and leaves the run paused at the last good state.
   */
  async #goBack(from: Position, bad: number): Promise<void> {
    this.#candidate = undefined
    const target = from.step + bad
    await this.#replay(target)
    const seen = await this.#probe()
    const moment = `epoch ${this.#position.epoch + 1}, batch ${this.#position.batch + 1}`
    await this.#findGood(target)
    // An infinite number in the data may pass through to a finite loss and break only the weights.
    const culprit = (await this.#probe()) ?? seen
    this.#changes = this.#changes.map((change) => ({ ...change, step: Math.min(change.step, this.#position.step) }))
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
    this.#journal.cut(this.#position.step)
    this.#state = 'paused'
    this.#wanted = 'pause'
  }

  /**
   * Goes back to the last state from which a smaller step can be taken. The weights of `target` are of no use, since their
   * loss is not finite whatever comes after; those before may have been broken for some steps whose loss still was, and an
   * infinite weight never comes back. So this looks back in doubling strides, then halves what is left.
   */
  async #findGood(target: number): Promise<void> {
    const first = this.#checkpoint.position.step
    let broken = target
    await this.#replay(Math.max(first, target - 1))
    for (let back = 2; this.#position.step > first && !(await this.#weightsAreFinite()); back *= 2) {
      broken = this.#position.step
      await this.#replay(Math.max(first, target - back))
    }
    let good = this.#position.step
    while (broken - good > 1) {
      const middle = Math.floor((good + broken) / 2)
      await this.#replay(middle)
      if (await this.#weightsAreFinite()) good = middle
      else broken = middle
    }
    if (this.#position.step !== good) await this.#replay(good)
  }

  /** Puts the run back to the checkpoint and trains again up to the state before batch number `step` + 1. */
  async #replay(step: number): Promise<void> {
    for (const [name, value] of this.#checkpoint.values) await this.executable.write(name, value)
    for (const [slot, value] of this.#checkpoint.live) await this.executable.write(slot, Float32Array.of(value))
    this.#position = this.#checkpoint.position
    this.#validation = undefined
    const changes = [...this.#changes]
    while (this.#position.step < step) {
      const from = this.#position
      for (; changes[0] && changes[0].step <= from.step; changes.shift())
        await this.executable.write(changes[0].slot, Float32Array.of(changes[0].value))
      const until = Math.min(step, changes[0]?.step ?? step)
      const { entry, steps } = nextSteps(this.#network, 'train', from.batch, until - from.step)
      const done = await this.#runSteps(entry, from, steps)
      this.#advance(from, done)
      // The validations in between are recorded already.
      if (this.#validation) {
        this.#validation = undefined
        this.#position = { epoch: from.epoch + 1, batch: 0, step: this.#position.step }
      }
    }
    for (const { slot, value } of changes) await this.executable.write(slot, Float32Array.of(value))
  }

  /** The first block, in order of computation, with a non-finite value in the batch that comes next. */
  async #probe(): Promise<Network['probes'][number] | undefined> {
    const { train } = this.#network.batch
    const tail = this.#position.batch >= Math.floor(train.count / train.size)
    const entry = tail ? 'probeTail' : 'probe'
    await this.#writeIndices(entry, this.#position, 1)
    await this.#runOnce(entry)
    for (const probe of this.#network.probes) {
      const [broken] = await this.executable.read(`${entry}/${probe.output}`, 1)
      if (broken !== 0) return probe
    }
    return undefined
  }

  async #weightsAreFinite(): Promise<boolean> {
    for (const weight of this.#network.weights) {
      const values = await this.executable.read(weight.name)
      if (!values.every((value) => Number.isFinite(value))) return false
    }
    return true
  }

  async #takeCheckpoint(): Promise<void> {
    if (this.#validation) return
    const values = new Map<string, HostArray>()
    for (const name of this.#checkpoint.values.keys()) values.set(name, await this.executable.read(name))
    // What is broken already is nothing to go back to.
    for (const value of values.values()) if (!value.every((number) => Number.isFinite(number))) return
    this.#candidate = { position: this.#position, values, live: new Map(this.#live) }
    this.#checkpointTime = this.#options.now()
  }

  // What the person sees

  async #takeHistograms(): Promise<void> {
    const { step } = this.#position
    if (this.#journal.histogramStep === step) return
    const taken: WeightHistogram[] = []
    for (const weight of this.#network.weights)
      taken.push(histogram(weight.name, step, await this.executable.read(weight.name)))
    this.#journal.addHistograms(taken)
    this.#histogramTime = this.#options.now()
  }

  #tell(always: boolean): void {
    const now = this.#options.now()
    if (!always && now - this.#sentTime < TELEMETRY_TIME) return
    this.#sentTime = now
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
