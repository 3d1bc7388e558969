/**
 * Where a run is, and the way from there: tells the device what each step sees (which examples, the factor on the learning
 * rate, which random numbers) and lets it run. All of that is a function of the position and of the validation results before
 * it, so any part of a run can be done again exactly.
 */
import type { Executable, HostArray } from '../backends/types.ts'
import { VALIDATION_CHUNK } from '../compiler/costs-training.ts'
import { epochOrder } from '../data/batches.ts'
import { isMade } from '../data/features.ts'
import type { Examples, PreparedData } from '../data/types.ts'
import type { TrainingSection } from '../document/types.ts'
import { Feeder, type Feed, type Sequence } from './feeder.ts'
import { goesOn, nextSteps, type Network } from './network.ts'
import { RateSchedule } from './rate.ts'

/** Everything that decides what comes next. */
export interface Position {
  /** Counted from 0. */
  readonly epoch: number
  /** Batches of this epoch that are done. */
  readonly batch: number
  /** Batches done in all. */
  readonly step: number
}

export const START: Position = { epoch: 0, batch: 0, step: 0 }

export class Stepper {
  readonly executable: Executable
  /** Undefined where the learning rate stays as it is. */
  readonly rate: RateSchedule | undefined
  position = START
  readonly #network: Network
  readonly #training: TrainingSection
  readonly #slots: ReadonlySet<string>
  readonly #feeders: { readonly train: Feeder; readonly validation: Feeder }
  #feeding = false
  #stopped = false

  constructor(
    network: Network,
    training: TrainingSection,
    executable: Executable,
    { train, validation }: Pick<PreparedData, 'train' | 'validation'>,
  ) {
    this.#network = network
    this.#training = training
    this.executable = executable
    this.#slots = new Set(network.plan.slots.map(({ name }) => name))
    this.#feeders = {
      train: new Feeder(train, shuffled(train, training.seed), true),
      validation: new Feeder(validation, countFrom, false),
    }
    const { stepsPerEpoch } = this
    this.rate = network.schedule && new RateSchedule(network.schedule, { stepsPerEpoch, epochs: training.epochs })
  }

  get stepsPerEpoch(): number {
    const { train } = this.#network.batch
    return Math.ceil(train.count / train.size)
  }

  /** All batches of the epoch are done, and it has not been closed yet. */
  get epochIsOver(): boolean {
    return this.position.batch >= this.stepsPerEpoch
  }

  /**
   * Trains at most `most` batches, all of one size, and stands behind them; `outputs` of the entry come back with them. Where
   * nothing is to be done at the end of an epoch, and its last batch is as large as the others, it goes on into the next ones.
   * `meanwhile` is called while the device computes.
   */
  async train(most: number, outputs: readonly string[] = [], meanwhile?: () => void): Promise<Trained> {
    const from = this.position
    const { train } = this.#network.batch
    const feeder = this.#feeders.train
    const first = from.epoch * train.count + Math.min(train.count, from.batch * train.size)
    // What is ready is not thrown away for a few batches more.
    const ready = Math.ceil(feeder.ready(first) / train.size)
    const next = this.#next(from, ready > 0 ? Math.min(most, ready) : most)
    const { entry, steps, size, chunk } = next
    const feed = await this.#fed(feeder.take(first, steps * size))
    if (!feed) return { from, entry, size, chunk, done: 0, whole: false, values: [] }
    const going = this.#go({ entry, steps, part: 'train', feed, from: from.step, outputs })
    // What is asked in one breath goes off now, before there is other work.
    await Promise.resolve()
    const ahead = moved(from, steps, this.stepsPerEpoch)
    const epochs = Math.max(this.#training.epochs, from.epoch + 1)
    if (ahead.epoch < epochs - 1 || ahead.batch < this.stepsPerEpoch) {
      const then = this.#next(ahead.batch < this.stepsPerEpoch ? ahead : opened(ahead), most)
      feeder.prepare(first + steps * size, then.steps * then.size)
    }
    meanwhile?.()
    const { done, values } = await going
    this.position = moved(from, done, this.stepsPerEpoch)
    return { from, entry, size, chunk, done, whole: done === steps, values }
  }

  #next({ epoch, batch }: Position, most: number): ReturnType<typeof nextSteps> {
    const passes = goesOn(this.#network.batch) ? Math.max(1, this.#training.epochs - epoch) : 1
    return nextSteps(this.#network, 'train', batch, most, passes)
  }

  /** The next epoch begins. */
  closeEpoch(): void {
    this.position = opened(this.position)
  }

  /** Looks at the batch that comes next without training on it; returns the entry that did. */
  async probe(): Promise<string> {
    const { train } = this.#network.batch
    const { epoch, batch, step } = this.position
    const isTail = batch >= Math.floor(train.count / train.size)
    const entry = isTail ? 'probeTail' : 'probe'
    const feed = await this.#feeders.train.take(
      epoch * train.count + batch * train.size,
      isTail ? train.tail : train.size,
    )
    await Promise.all(this.#writes({ entry, steps: 1, part: 'train', feed, from: step }))
    await this.runOnce(entry)
    return entry
  }

  /** Runs batches of the validation part, `done` of which are behind, as `train` does; says how many it were. */
  async evaluate(
    done: number,
    outputs: readonly string[] = [],
  ): Promise<{ readonly size: number; readonly steps: number; readonly values: readonly HostArray[] }> {
    const { entry, steps, size } = nextSteps(this.#network, 'evaluate', done, VALIDATION_CHUNK)
    const { validation } = this.#network.batch
    const feeder = this.#feeders.validation
    const first = done * validation.size
    const feed = await this.#fed(feeder.take(first, steps * size))
    if (!feed) return { size, steps: 0, values: [] }
    const going = this.#go({ entry, steps, part: 'validation', feed, from: done, outputs })
    await Promise.resolve()
    const behind = done + steps
    if (behind * validation.size < validation.count) {
      const then = nextSteps(this.#network, 'evaluate', behind, VALIDATION_CHUNK)
      feeder.prepare(behind * validation.size, then.steps * then.size)
    }
    const { done: ran, values } = await going
    return { size, steps: ran, values }
  }

  /** What is under way ends before its next step, and what has not begun does not begin. */
  stop(): void {
    this.#stopped = this.#feeding
    this.executable.stop()
  }

  /** One step that a stop flag must not leave out: its answer is wanted, and training does not move on by it. */
  async runOnce(entry: string): Promise<void> {
    while ((await this.executable.run(entry, 1)) === 0);
  }

  /** Undefined where somebody stopped meanwhile. */
  async #fed(feed: Promise<Feed>): Promise<Feed | undefined> {
    this.#feeding = true
    try {
      const made = await feed
      return this.#stopped ? undefined : made
    } finally {
      this.#feeding = false
      this.#stopped = false
    }
  }

  /** Everything is asked for at once and done in this order: whoever does it may be far away. */
  async #go(steps: Steps & { readonly outputs: readonly string[] }): Promise<Done> {
    const { entry, outputs } = steps
    const writes = this.#writes(steps)
    const run = this.executable.run(entry, steps.steps)
    const reads = outputs.map((name) => this.executable.read(`${entry}/${name}`, steps.steps))
    const [done, values] = await Promise.all([run, Promise.all(reads), ...writes])
    return { done, values: values.map((one) => one.subarray(0, done)) }
  }

  #writes({ entry, steps, part, feed, from }: Steps): Promise<void>[] {
    const write = (name: string, values: HostArray | undefined) =>
      values && this.#slots.has(name) ? [this.executable.write(name, values)] : []
    const { rate } = this
    const factors = `${entry}/rate/factor`
    const isScheduled = rate && this.#slots.has(factors)
    const random = `${entry}/random/step`
    return [
      ...write(`${part}/features`, feed.features),
      ...write(`${part}/targets`, feed.targets),
      ...write(`${entry}/indices`, feed.indices),
      // Random numbers are a function of the step that they are drawn in.
      ...write(random, this.#slots.has(random) ? countFrom(from, steps) : undefined),
      ...write(
        factors,
        isScheduled ? Float64Array.from({ length: steps }, (_, i) => rate.factor(this.position, i)) : undefined,
      ),
    ]
  }
}

interface Steps {
  readonly entry: string
  readonly steps: number
  readonly part: 'train' | 'validation'
  readonly feed: Feed
  /** Number of the first one. */
  readonly from: number
}

interface Done {
  readonly done: number
  readonly values: readonly HostArray[]
}

export interface Trained {
  readonly from: Position
  readonly entry: string
  /** Examples in each batch. */
  readonly size: number
  /** Most steps that the entry takes at once. */
  readonly chunk: number
  readonly done: number
  /** Nothing cut it short. */
  readonly whole: boolean
  /** Of each output that was asked for, the values of the steps that were done. */
  readonly values: readonly HostArray[]
}

/** So many batches further; an epoch is opened by its first batch. */
function moved({ epoch, batch, step }: Position, done: number, stepsPerEpoch: number): Position {
  const all = batch + done
  const more = done === 0 ? 0 : Math.floor((all - 1) / stepsPerEpoch)
  return { epoch: epoch + more, batch: all - more * stepsPerEpoch, step: step + done }
}

const opened = ({ epoch, step }: Position): Position => ({ epoch: epoch + 1, batch: 0, step })

/** Examples of one epoch after the other, each in its own order. */
function shuffled({ count, features }: Examples, seed: number): Sequence {
  const neighbours = isMade(features) ? features.neighbours : 0
  let known = -1
  let order: Int32Array = new Int32Array()
  return (first, length) => {
    const places = new Int32Array(length)
    for (let done = 0; done < length;) {
      const epoch = Math.floor((first + done) / count)
      if (epoch !== known) {
        order = new Int32Array(epochOrder(seed, epoch + 1, count, neighbours).buffer)
        known = epoch
      }
      const part = order.subarray(first + done - epoch * count, first + length - epoch * count)
      places.set(part, done)
      done += part.length
    }
    return places
  }
}

function countFrom(first: number, length: number): Int32Array {
  const numbers = new Int32Array(length)
  for (let i = 0; i < length; i++) numbers[i] = first + i
  return numbers
}
