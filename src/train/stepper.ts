/**
 * Where a run is, and the way from there: tells the device what each step sees (which examples, the factor on the learning
 * rate, which random numbers) and lets it run. All of that is a function of the position and of the validation results before
 * it, so any part of a run can be done again exactly.
 */
import type { Executable } from '../backends/types.ts'
import { epochOrder } from '../data/batches.ts'
import type { TrainingSection } from '../document/types.ts'
import { nextSteps, type Network } from './network.ts'
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
  #order: Int32Array = new Int32Array()
  #orderOf = -1

  constructor(network: Network, training: TrainingSection, executable: Executable) {
    this.#network = network
    this.#training = training
    this.executable = executable
    this.#slots = new Set(network.plan.slots.map(({ name }) => name))
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

  /** Trains at most `most` batches, all of one size, and stands behind them. */
  async train(most: number): Promise<Trained> {
    const from = this.position
    const { entry, steps, size, chunk } = nextSteps(this.#network, 'train', from.batch, most)
    await this.#writeRows(entry, steps)
    const done = await this.executable.run(entry, steps)
    this.position = { ...from, batch: from.batch + done, step: from.step + done }
    return { from, entry, size, chunk, done, whole: done === steps }
  }

  /** The next epoch begins. */
  closeEpoch(): void {
    const { epoch, step } = this.position
    this.position = { epoch: epoch + 1, batch: 0, step }
  }

  /** Looks at the batch that comes next without training on it; returns the entry that did. */
  async probe(): Promise<string> {
    const { train } = this.#network.batch
    const entry = this.position.batch >= Math.floor(train.count / train.size) ? 'probeTail' : 'probe'
    await this.#writeRows(entry, 1)
    await this.runOnce(entry)
    return entry
  }

  /** Runs batches of the validation part, `done` of which are behind; returns the entry and how many it were. */
  async evaluate(done: number): Promise<{ readonly entry: string; readonly size: number; readonly steps: number }> {
    const { entry, steps, size } = nextSteps(this.#network, 'evaluate', done, 8)
    const first = done * this.#network.batch.validation.size
    await this.executable.write(`${entry}/indices`, countFrom(first, steps * size))
    await this.#writeRandom(entry, done, steps)
    return { entry, size, steps: await this.executable.run(entry, steps) }
  }

  /** One step that a stop flag must not leave out: its answer is wanted, and training does not move on by it. */
  async runOnce(entry: string): Promise<void> {
    while ((await this.executable.run(entry, 1)) === 0);
  }

  async #writeRows(entry: string, steps: number): Promise<void> {
    const { position, rate } = this
    const { train } = this.#network.batch
    if (this.#orderOf !== position.epoch) {
      const order = epochOrder(this.#training.seed, position.epoch + 1, train.count)
      this.#order = new Int32Array(order.buffer, order.byteOffset, order.length)
      this.#orderOf = position.epoch
    }
    const first = position.batch * train.size
    const count = entry.endsWith('Tail') ? train.tail : steps * train.size
    await this.executable.write(`${entry}/indices`, this.#order.subarray(first, first + count))
    await this.#writeRandom(entry, position.step, steps)
    const factors = `${entry}/rate/factor`
    if (!rate || !this.#slots.has(factors)) return
    const values = new Float64Array(steps)
    for (let i = 0; i < steps; i++) values[i] = rate.factor(position, i)
    await this.executable.write(factors, values)
  }

  /** Random numbers are a function of the step that they are drawn in. */
  async #writeRandom(entry: string, first: number, steps: number): Promise<void> {
    const slot = `${entry}/random/step`
    if (this.#slots.has(slot)) await this.executable.write(slot, countFrom(first, steps))
  }
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
}

function countFrom(first: number, length: number): Int32Array {
  const numbers = new Int32Array(length)
  for (let i = 0; i < length; i++) numbers[i] = first + i
  return numbers
}
