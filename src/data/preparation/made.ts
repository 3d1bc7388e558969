/** Features that are made when they are asked for: of sets that are more than memory holds, or others in each epoch. */
import { assert } from '../../base/assert.ts'
import { BLOCK, examplesInBlock, isStored, areBytes } from '../numbers.ts'
import { transformed } from '../scaling.ts'
import type { FittedColumn, FittedPreparation, HeldNumbers, MadeFeatures, Numbers, StoredNumbers } from '../types.ts'

/** Scales `size` numbers of one example, from those at `from` to those at `to`. */
export type Scaler = (out: Float32Array, to: number, values: HeldNumbers, from: number, size: number) => void

export function scaler({ columns }: FittedPreparation, bytes: boolean): Scaler {
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

/** Bytes that one read of a file may bring. */
const MOST_READ = 4 * BLOCK
/** Bytes between two examples that are rather read than skipped. */
const GAP = 1 << 18

export class MadeExamples implements MadeFeatures {
  readonly length: number
  readonly neighbours: number
  readonly #values: Numbers
  readonly #size: number
  readonly #rows: Uint32Array
  readonly #scale: Scaler
  readonly #augment: Augmenter | undefined

  /** `rows`: which examples of `values`, of `size` numbers each, make up the part. */
  constructor(values: Numbers, size: number, rows: Uint32Array, fitted: FittedPreparation, augment?: Augmenter) {
    this.length = rows.length * size
    this.neighbours = isStored(values) ? examplesInBlock(values, size) : 0
    this.#values = values
    this.#size = size
    this.#rows = rows
    this.#scale = scaler(fitted, areBytes(values) && !augment)
    this.#augment = augment
  }

  async write(out: Float32Array, places: ArrayLike<number>, epoch: number): Promise<void> {
    const size = this.#size
    assert(out.length >= places.length * size, `${out.length} numbers for ${places.length} x ${size}`)
    const values = this.#values
    if (!isStored(values)) {
      for (let i = 0; i < places.length; i++) {
        const row = this.#rows[places[i] as number] as number
        this.#make(out, i, values, row * size, row, epoch)
      }
      return
    }
    const rows = Uint32Array.from(places, (place) => this.#rows[place] as number)
    for (const { from, to, order } of runsOf(rows, values, size)) {
      const block = await values.read(from * size, to * size)
      for (const i of order) {
        const row = rows[i] as number
        this.#make(out, i, block, (row - from) * size, row, epoch)
      }
    }
  }

  #make(out: Float32Array, i: number, values: HeldNumbers, from: number, row: number, epoch: number): void {
    const size = this.#size
    if (!this.#augment || epoch === 0) return this.#scale(out, i * size, values, from, size)
    const own = out.subarray(i * size, (i + 1) * size)
    own.set(values.subarray(from, from + size))
    this.#augment(own, row, epoch)
    this.#scale(own, 0, own, 0, size)
  }
}

/** Stretches of a file with the rows that are wanted, and where in `rows` these stand. */
function* runsOf(
  rows: Uint32Array,
  values: StoredNumbers,
  size: number,
): Generator<{ readonly from: number; readonly to: number; readonly order: Uint32Array }> {
  const bytes = size * (values.kind === 'bytes' ? 1 : 4)
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
