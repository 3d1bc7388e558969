/** Features that are made when they are asked for: of sets that are more than memory holds, or others in each epoch. */
import { assert } from '../../base/assert.ts'
import { ProblemError, type Problem } from '../../base/problem.ts'
import { sizeOf, type Shape } from '../../base/shape.ts'
import type { Augmentation } from '../../document/types.ts'
import { augmenterFor, varies } from '../augmentation.ts'
import { BLOCK, examplesInBlock, isStored, areBytes } from '../numbers.ts'
import { transformed } from '../scaling.ts'
import type { FittedColumn, FittedPreparation, HeldNumbers, MadeFeatures, Numbers, StoredNumbers } from '../types.ts'

/** Scales `size` numbers of one example, from those at `from` to those at `to`. */
export type Scaler = (out: Float32Array, to: number, values: HeldNumbers, from: number, size: number) => void

export function scaler({ columns }: Pick<FittedPreparation, 'columns'>, bytes: boolean): Scaler {
  const [first] = columns
  if (columns.length !== 1 || !first)
    return (out, to, values, from, size) => {
      for (let k = 0; k < size; k++)
        out[to + k] = transformed(values[from + k] as number, columns[k % columns.length] as FittedColumn)
    }
  if (bytes) {
    // There are but 256 of them.
    const scaled = Float32Array.from({ length: 256 }, (_, byte) => transformed(byte, first))
    return (out, to, values, from, size) => {
      for (let k = 0; k < size; k++) out[to + k] = scaled[values[from + k] as number] as number
    }
  }
  return (out, to, values, from, size) => {
    for (let k = 0; k < size; k++) out[to + k] = transformed(values[from + k] as number, first)
  }
}

/** Changes one example's own numbers in place, before they are scaled. `example`: its row in the source. */
export type Augmenter = (values: Float32Array, example: number, epoch: number) => void

/** What is done to an example's own numbers, as plain data: other threads can do it, too. */
export interface Making {
  /** One example's. */
  readonly shape: Shape
  readonly kind: StoredNumbers['kind']
  readonly columns: FittedPreparation['columns']
  /** Absent where nothing varies. */
  readonly augmentation?: Augmentation
}

/** Makes one example from its own numbers, those of `values` at `from`. */
export type Maker = (
  out: Float32Array,
  to: number,
  values: HeldNumbers,
  from: number,
  example: number,
  epoch: number,
) => void

export function makerFor({ shape, kind, columns, augmentation }: Making): Maker {
  const size = sizeOf(shape)
  const isBytes = kind === 'bytes'
  const asItIs = scaler({ columns }, isBytes)
  if (!augmentation || !varies(augmentation)) return (out, to, values, from) => asItIs(out, to, values, from, size)
  const augment = augmenterFor(augmentation, shape, kind)
  // Bytes that were changed are none any more.
  const scale = scaler({ columns }, false)
  return (out, to, values, from, example, epoch) => {
    if (epoch === 0) return asItIs(out, to, values, from, size)
    const own = out.subarray(to, to + size)
    own.set(values.subarray(from, from + size))
    augment(own, example, epoch)
    scale(out, to, out, to, size)
  }
}

/** Examples that are wanted of another thread. */
export interface MakingJob {
  readonly making: Making
  /** Their own numbers, one example after the other; whoever makes them may take the memory away. */
  readonly values: HeldNumbers
  /** Of each its row in the source. */
  readonly rows: Uint32Array
  readonly epoch: number
}

/** Other threads that make examples. */
export interface Makers {
  /** Jobs that keep them busy: more had better wait. */
  readonly most: number
  /** Rejects with a ProblemError where a thread failed; the caller then makes them by itself. */
  make(job: MakingJob): Promise<Float32Array>
}

/** Numbers of a job at least, which takes longer than the way to the thread, and at most. */
const SMALL_JOB = 1 << 14
const LARGE_JOB = 1 << 18
/** Numbers of all jobs that are under way at once; a single one may have more. */
const MOST_UNDER_WAY = 1 << 24
/** Bytes that one read of a file may bring. */
const MOST_READ = 4 * BLOCK
/** Bytes between two examples that are rather read than skipped. */
const GAP = 1 << 18

export class MadeExamples implements MadeFeatures {
  readonly length: number
  readonly neighbours: number
  readonly #values: Numbers
  /** Numbers from the beginning of one example to that of the next. */
  readonly #step: number
  readonly #size: number
  readonly #rows: Uint32Array
  readonly #making: Making
  readonly #make: Maker
  readonly #makers: Makers | undefined
  readonly #problems: Problem[] = []

  /**
   * `rows`: which examples of `values` make up the part. `makers`: for examples that vary; without them the caller's thread makes
   * all. What is only scaled is made sooner than another thread is told of it.
   */
  constructor(values: Numbers, rows: Uint32Array, making: Omit<Making, 'kind'>, makers?: Makers) {
    const size = sizeOf(making.shape)
    // What overlaps is read as it lies there, once.
    const { values: laid, step } = (isStored(values) && values.cut) || { values, step: size }
    const kind = areBytes(values) ? 'bytes' : 'floats'
    this.length = rows.length * size
    this.neighbours = isStored(laid) ? examplesInBlock(laid, step) : 0
    this.#values = laid
    this.#step = step
    this.#size = size
    this.#rows = rows
    this.#making = { ...making, kind }
    this.#make = makerFor(this.#making)
    this.#makers = making.augmentation && varies(making.augmentation) ? makers : undefined
  }

  takeProblems(): readonly Problem[] {
    return this.#problems.splice(0)
  }

  async write(out: Float32Array, places: ArrayLike<number>, epoch: number): Promise<void> {
    const size = this.#size
    assert(out.length >= places.length * size, `${out.length} numbers for ${places.length} x ${size}`)
    const rows = Uint32Array.from(places, (place) => this.#rows[place] as number)
    const { most = 1 } = this.#makers ?? {}
    const each = jobSize(rows.length, size, most)
    const fitting = Math.max(1, Math.floor(MOST_UNDER_WAY / (each * size)))
    const crowd = this.#makers && epoch > 0 ? new Crowd(Math.min(most, fitting)) : undefined
    for await (const [block, first, order] of this.#blocks(rows)) {
      const fromOf = (i: number) => (rows[i] as number) * this.#step - first
      if (!crowd) for (const i of order) this.#make(out, i * size, block, fromOf(i), rows[i] as number, epoch)
      else
        for (let k = 0; k < order.length; k += each) {
          const some = order.subarray(k, k + each)
          await crowd.add(() => this.#makeElsewhere(out, block, some, fromOf, rows, epoch))
        }
    }
    await crowd?.done()
  }

  /** Numbers in memory with the first one's place, and which of the rows are among them. */
  async *#blocks(rows: Uint32Array): AsyncGenerator<readonly [HeldNumbers, number, Uint32Array]> {
    const values = this.#values
    if (!isStored(values)) {
      yield [values, 0, Uint32Array.from(rows, (_, i) => i)]
      return
    }
    for (const { from, to, order } of runsOf(rows, values, this.#step)) {
      const first = from * this.#step
      yield [await values.read(first, (to - 1) * this.#step + this.#size), first, order]
    }
  }

  async #makeElsewhere(
    out: Float32Array,
    block: HeldNumbers,
    order: Uint32Array,
    fromOf: (i: number) => number,
    all: Uint32Array,
    epoch: number,
  ): Promise<void> {
    const size = this.#size
    const values =
      block instanceof Uint8Array ? new Uint8Array(order.length * size) : new Float32Array(order.length * size)
    order.forEach((i, k) => values.set(block.subarray(fromOf(i), fromOf(i) + size), k * size))
    const rows = order.map((i) => all[i] as number)
    try {
      const made = await (this.#makers as Makers).make({ making: this.#making, values, rows, epoch })
      order.forEach((i, k) => out.set(made.subarray(k * size, (k + 1) * size), i * size))
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      for (const one of error.problems)
        if (this.#problems.every(({ message }) => message !== one.message)) this.#problems.push(one)
      for (const i of order) this.#make(out, i * size, block, fromOf(i), all[i] as number, epoch)
    }
  }
}

/** Examples of a job: as many jobs as keep all threads busy, of a size that is worth the way. */
function jobSize(count: number, size: number, jobs: number): number {
  const numbers = Math.min(LARGE_JOB, Math.max(SMALL_JOB, (count * size) / jobs))
  return Math.max(1, Math.floor(numbers / size))
}

/** Work of which so much is under way at once. */
class Crowd {
  readonly #most: number
  readonly #underWay = new Set<Promise<void>>()

  constructor(most: number) {
    this.#most = most
  }

  /** Resolves when there is room for more; rejects with what failed before. */
  async add(work: () => Promise<void>): Promise<void> {
    const going = work()
    this.#underWay.add(going)
    going.then(
      () => this.#underWay.delete(going),
      // Stays, for whoever asks next.
      () => undefined,
    )
    while (this.#underWay.size >= this.#most) await Promise.race(this.#underWay)
  }

  async done(): Promise<void> {
    await Promise.all(this.#underWay)
  }
}

/** Stretches of a file with the rows that are wanted, and where in `rows` these stand. `step`: numbers from one to the next. */
function* runsOf(
  rows: Uint32Array,
  values: StoredNumbers,
  step: number,
): Generator<{ readonly from: number; readonly to: number; readonly order: Uint32Array }> {
  const bytes = step * (values.kind === 'bytes' ? 1 : 4)
  const gap = Math.floor(GAP / bytes)
  const most = Math.max(1, Math.floor(MOST_READ / bytes))
  const order = Uint32Array.from(rows, (_, i) => i).sort((a, b) => (rows[a] as number) - (rows[b] as number))
  const rowAt = (k: number) => rows[order[k] as number] as number
  for (let first = 0; first < order.length;) {
    const from = rowAt(first)
    let next = first + 1
    while (next < order.length && rowAt(next) - rowAt(next - 1) <= gap + 1 && rowAt(next) - from < most) next++
    yield { from, to: rowAt(next - 1) + 1, order: order.subarray(first, next) }
    first = next
  }
}
