/**
 * Where a run is, and the way from there: tells the device what each step sees (which examples, the factor on the learning
 * rate, which random numbers) and lets it run. All of that is a function of the position and of the validation results before
 * it, so any part of a run can be done again exactly.
 */
import { at, get } from '../base/assert.ts'
import type { Executable, HostArray, Pass } from '../backends/types.ts'
import { epochOrder } from '../data/batches.ts'
import { isMade } from '../data/features.ts'
import type { Examples, PreparedData } from '../data/types.ts'
import type { TrainingSection } from '../document/types.ts'
import {
  Course,
  examplesOf,
  firstOf,
  lengthOf,
  START,
  workOf,
  type Limit,
  type PartName,
  type Piece,
  type Position,
} from './course.ts'
import { Feeder, type Feed, type Sequence } from './feeder.ts'
import type { Network } from './network.ts'
import { RateSchedule } from './rate.ts'

/** Names of step outputs that are wanted. */
export type Outputs = Readonly<Record<PartName, readonly string[]>>

const NONE: Outputs = { train: [], validation: [] }

/** How steps are taken. */
export interface Manner {
  /** What is wanted of each. */
  readonly outputs?: Outputs
  /** Asked when this is on its way: may what follows, within the same limit, begin before anybody has seen what came of it? */
  readonly ahead?: () => boolean
  /** Called while the device computes. */
  readonly meanwhile?: () => void
}

/** Some steps that the device is asked for. */
interface Stretch {
  readonly pieces: readonly Piece[]
  /** It is on its way, or never will be. */
  readonly sent: Promise<void>
  readonly outcome: Promise<Done>
  /** Whatever has not begun of it is not wanted any more. */
  isLeft: boolean
}

export class Stepper {
  readonly executable: Executable
  /** Undefined where the learning rate stays as it is. */
  readonly rate: RateSchedule | undefined
  /** The results of an epoch decide what the next is like, or whether there is one. */
  readonly decides: boolean
  position = START
  readonly #course: Course
  readonly #slots: ReadonlySet<string>
  readonly #feeders: Readonly<Record<PartName, Feeder>>
  /** What was made ready, and is not asked for yet. */
  #next: readonly Piece[] = []
  /** What the device is asked for: what it is at, and what waits behind that. */
  #current: Stretch | undefined
  #waiting: Stretch | undefined

  constructor(
    network: Network,
    training: TrainingSection,
    executable: Executable,
    { train, validation }: Pick<PreparedData, 'train' | 'validation'>,
  ) {
    const { batch, schedule, plan } = network
    const { epochs, seed } = training
    this.executable = executable
    this.#slots = new Set(plan.slots.map(({ name }) => name))
    this.#feeders = {
      train: new Feeder(train, shuffled(train, seed), true),
      validation: new Feeder(validation, inTurn(validation), false),
    }
    this.decides = schedule?.definition.watch !== undefined || training.earlyStopping !== undefined
    const window = ({ features }: Examples, rows: number) => (isMade(features) ? rows : Infinity)
    const windows = { train: window(train, batch.train.rows), validation: window(validation, batch.validation.rows) }
    this.#course = new Course(network, { epochs, decides: this.decides, windows })
    this.rate = schedule && new RateSchedule(schedule, { stepsPerEpoch: this.stepsPerEpoch, epochs })
  }

  get stepsPerEpoch(): number {
    return this.#course.stepsPerEpoch
  }

  /** The epoch's own batches are done, and some that validate are not. */
  get isValidating(): boolean {
    return this.position.batch >= this.stepsPerEpoch
  }

  /** Something waits at the device: it stands further than this, or will. */
  get isAhead(): boolean {
    return this.#waiting !== undefined
  }

  /**
   * Goes on for as many steps as there are until something must be decided, within a limit, all of them in one breath, and
   * stands behind them. What is wanted of each comes back. What waits already is taken as it is, whatever the limit.
   */
  async go(limit: Limit, { outputs = NONE, ahead, meanwhile }: Manner = {}): Promise<Taken> {
    const own = this.#waiting ?? this.#ask(this.#pieces(limit), outputs)
    this.#waiting = undefined
    this.#current = own
    // It goes off before there is other work.
    await own.sent
    try {
      if (!own.isLeft) this.#goAhead(own.pieces, limit, outputs, ahead)
      meanwhile?.()
      const { done, values } = await own.outcome
      const taken = firstOf(own.pieces, done)
      this.position = taken.at(-1)?.to ?? this.position
      const whole = done === lengthOf(own.pieces)
      if (!whole) await this.leave()
      return { pieces: taken, whole, values }
    } catch (error) {
      await this.leave()
      throw error
    } finally {
      this.#current = undefined
    }
  }

  /** What waits at the device is given up; resolves when the device is through with it. */
  async leave(): Promise<void> {
    const waiting = this.#waiting
    if (!waiting) return
    this.#waiting = undefined
    waiting.isLeft = true
    this.executable.stop()
    await waiting.outcome.catch(() => undefined)
  }

  #ask(pieces: readonly Piece[], outputs: Outputs): Stretch {
    this.#next = []
    const feeds = this.#fed(pieces)
    const sending = feeds.then((fed) => (stretch.isLeft ? undefined : { going: this.#run(pieces, fed, outputs) }))
    const stretch: Stretch = {
      pieces,
      // What is asked in one breath goes off as that breath ends.
      sent: sending.then(
        () => undefined,
        () => undefined,
      ),
      outcome: sending.then((sent) => sent?.going ?? { done: 0, values: new Map() }),
      isLeft: false,
    }
    // Whoever takes it hears of it.
    stretch.outcome.catch(() => undefined)
    return stretch
  }

  /** What was made ready is not thrown away for a few batches more. */
  #pieces({ steps, work = Infinity, trainOnly }: Limit): readonly Piece[] {
    const ready = samePlace(this.#next[0]?.from, this.position) ? this.#next : []
    const trained = lengthOf(ready.filter(({ part }) => part === 'train'))
    const worked = workOf(ready)
    if (ready.length > 0 && trained <= steps && worked <= work && !trainOnly) return ready
    return this.#course.ahead(this.position, {
      steps,
      work: ready.length > 0 ? Math.min(work, worked) : work,
      trainOnly,
    })
  }

  /** Asks for what comes behind some pieces, or makes it ready. */
  #goAhead(pieces: readonly Piece[], limit: Limit, outputs: Outputs, ahead: Manner['ahead']): void {
    const last = pieces.at(-1)
    const goesOn = last && !limit.trainOnly && !this.#course.isOver(last.to)
    const next = goesOn ? this.#course.ahead(last.to, limit) : []
    const decides = this.decides && last?.to.batch === 0
    if (next.length > 0 && !decides && ahead?.()) this.#waiting = this.#ask(next, outputs)
    else this.#prepare(next)
  }

  #prepare(next: readonly Piece[]): void {
    this.#next = next
    for (const part of ['train', 'validation'] as const) {
      const [first, count] = rangeOf(next, part)
      if (count > 0) this.#feeders[part].prepare(first, count)
    }
  }

  /** Looks at the batch that comes next without training on it; returns the entry that did. */
  async probe(): Promise<string> {
    const [piece] = this.#course.ahead(this.position, { steps: 1, trainOnly: true })
    if (!piece) throw new Error('internal: nothing comes next')
    const entry = piece.entry === 'trainTail' ? 'probeTail' : 'probe'
    const probed = { ...piece, entry }
    const feed = await this.#feeders.train.take(piece.example, piece.size)
    await Promise.all(this.#writes([probed], { train: feed, validation: undefined }))
    await this.runOnce(entry)
    return entry
  }

  /** What is under way ends before its next step, and what has not begun does not begin. */
  stop(): void {
    for (const stretch of [this.#current, this.#waiting]) if (stretch) stretch.isLeft = true
    this.executable.stop()
  }

  /** One step that a stop flag must not leave out: its answer is wanted, and training does not move on by it. */
  async runOnce(entry: string): Promise<void> {
    while ((await this.executable.run([{ entry, steps: 1 }])) === 0);
  }

  async #fed(pieces: readonly Piece[]): Promise<Feeds> {
    const take = async (part: PartName) => {
      const [first, count] = rangeOf(pieces, part)
      return count > 0 ? this.#feeders[part].take(first, count) : undefined
    }
    const [train, validation] = await Promise.all([take('train'), take('validation')])
    return { train, validation }
  }

  /** Everything is asked for at once and done in this order: whoever does it may be far away. */
  async #run(pieces: readonly Piece[], feeds: Feeds, outputs: Outputs): Promise<Done> {
    const writes = this.#writes(pieces, feeds)
    const run = this.executable.run(passesOf(pieces))
    const reads = [...byEntry(pieces)].map(async ([entry, [first, ...rest]]) => {
      const steps = lengthOf([first, ...rest])
      const names = outputs[first.part]
      return [entry, await Promise.all(names.map((name) => this.executable.read(`${entry}/${name}`, steps)))] as const
    })
    const [done, values] = await Promise.all([run, Promise.all(reads), ...writes])
    return { done, values: new Map(values) }
  }

  #writes(pieces: readonly Piece[], feeds: Feeds): Promise<void>[] {
    const writes: Promise<void>[] = []
    const write = (name: string, values: () => HostArray | undefined) => {
      const found = this.#slots.has(name) ? values() : undefined
      if (found) writes.push(this.executable.write(name, found))
    }
    for (const part of ['train', 'validation'] as const) {
      write(`${part}/features`, () => feeds[part]?.features)
      write(`${part}/targets`, () => feeds[part]?.targets)
    }
    for (const [entry, own] of byEntry(pieces)) {
      const { part, size } = own[0]
      const { rate } = this
      const [first] = rangeOf(pieces, part)
      write(`${entry}/indices`, () => {
        const indices = feeds[part]?.indices
        return indices && joined(own.map((one) => indices.subarray(one.example - first).subarray(0, one.steps * size)))
      })
      // Random numbers are a function of the step that they are drawn in.
      write(`${entry}/random/step`, () =>
        joined(own.map(({ from, steps }) => countFrom(part === 'train' ? from.step : from.batch, steps))),
      )
      write(
        `${entry}/rate/factor`,
        () =>
          rate &&
          Float64Array.from(
            own.flatMap(({ from, steps }) => Array.from({ length: steps }, (_, i) => rate.factor(from, i))),
          ),
      )
    }
    return writes
  }
}

type Feeds = Readonly<Record<PartName, Feed | undefined>>

interface Done {
  readonly done: number
  readonly values: Taken['values']
}

export interface Taken {
  /** What was done, in this order; the last may have been cut short. */
  readonly pieces: readonly Piece[]
  /** Nothing was cut short. */
  readonly whole: boolean
  /** Of each entry, the values of each output that was wanted, by row. */
  readonly values: ReadonlyMap<string, readonly HostArray[]>
}

/** Of one output, the values of the steps of a piece. */
export function valuesOf({ values }: Taken, { entry, row, steps }: Piece, output: number): HostArray {
  return at(get(values, entry), output).subarray(row, row + steps)
}

const samePlace = (a: Position | undefined, b: Position): boolean =>
  a?.epoch === b.epoch && a.batch === b.batch && a.step === b.step

/** The examples of a part that pieces are about: the number of the first one, and how many. */
function rangeOf(pieces: readonly Piece[], part: PartName): readonly [first: number, count: number] {
  const own = pieces.filter((piece) => piece.part === part)
  return [own[0]?.example ?? 0, examplesOf(own)]
}

type Some<T> = readonly [T, ...T[]]

function byEntry(pieces: readonly Piece[]): ReadonlyMap<string, Some<Piece>> {
  const found = new Map<string, [Piece, ...Piece[]]>()
  for (const piece of pieces) {
    const own = found.get(piece.entry)
    if (own) own.push(piece)
    else found.set(piece.entry, [piece])
  }
  return found
}

/** Neighbours of one entry are one pass. */
function passesOf(pieces: readonly Piece[]): readonly Pass[] {
  const passes: Pass[] = []
  for (const { entry, steps } of pieces) {
    const last = passes.at(-1)
    if (last?.entry === entry) passes[passes.length - 1] = { entry, steps: last.steps + steps }
    else passes.push({ entry, steps })
  }
  return passes
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const [first] = parts
  if (parts.length === 1 && first) return first
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let done = 0
  for (const part of parts) {
    all.set(part, done)
    done += part.length
  }
  return all
}

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

/** Examples in their own order, again and again. */
const inTurn =
  ({ count }: Examples): Sequence =>
  (first, length) => {
    const places = new Int32Array(length)
    for (let i = 0; i < length; i++) places[i] = (first + i) % count
    return places
  }

function countFrom(first: number, length: number): Int32Array {
  const numbers = new Int32Array(length)
  for (let i = 0; i < length; i++) numbers[i] = first + i
  return numbers
}
