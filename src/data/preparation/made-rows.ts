/** Rows of a table that become features when they are asked for, because all at once would be more than memory is to hold. */
import { assert, at } from '../../base/assert.ts'
import { widthOf } from '../../document/signature.ts'
import { countTo } from '../stretches.ts'
import { meaningIn, type BoundColumn } from '../table/columns.ts'
import { wholeOf } from '../table/stored.ts'
import type { FittedColumn, HeldCells, MadeFeatures, StoredRows, Table, TableColumn } from '../types.ts'
import { isNumber, writeColumn } from './columns.ts'
import { countOf, type ExampleRows } from './windows.ts'

/**
 * Stretches of neighbours whose rows are kept: as many as examples are shuffled among (`epochOrder`), so that each is read and scaled
 * once an epoch.
 */
const KEPT = 64

interface FeatureColumn {
  readonly cells: TableColumn
  readonly fitted: FittedColumn
  readonly offset: number
  /** Undefined where cells are what they count as. */
  readonly meaning: Meaning | undefined
}

type Meaning = (cell: number, row: number) => number

/** Some examples that follow each other, with their rows scaled and packed. */
interface Stretch {
  /** Of each example the first of its rows; the others come behind it. */
  readonly firsts: Uint32Array
  readonly packed: Float32Array
}

/** Rows of a stretch that lie in one block of the table. */
interface Piece {
  readonly block: number
  readonly rows: Uint32Array
  /** Where each goes. */
  readonly to: Uint32Array
}

export class MadeRows implements MadeFeatures {
  readonly length: number
  readonly neighbours: number
  readonly #columns: readonly FeatureColumn[]
  readonly #stored: StoredRows | undefined
  readonly #examples: ExampleRows
  readonly #width: number
  readonly #packing: Packing
  /** By the number of the stretch, the one that was asked for last at the end. */
  readonly #kept = new Map<number, Promise<Stretch>>()

  /** `examples`: as rows of the table. */
  constructor(table: Table, columns: readonly BoundColumn[], fitted: readonly FittedColumn[], examples: ExampleRows) {
    let width = 0
    this.#columns = columns.map((bound, i) => {
      const offset = width
      width += widthOf(bound.column)
      const isPlain = bound.column.kind === 'numeric' && bound.cells.kind === 'numbers' && !bound.cells.dates
      return { cells: bound.cells, fitted: at(fitted, i), offset, meaning: isPlain ? undefined : meaningIn(bound) }
    })
    this.#stored = table.stored
    this.#examples = examples
    this.#width = width
    this.#packing = new Packing(this.#columns, width)
    this.length = countOf(examples) * width
    // As many as come of the rows of a block.
    const share = examples.starts.length / table.rows
    this.neighbours = table.stored ? Math.max(1, Math.floor(table.stored.rows * share)) : 0
  }

  async write(out: Float32Array, places: ArrayLike<number>): Promise<void> {
    const { starts, lines } = this.#examples
    const size = lines * this.#width
    assert(out.length >= places.length * size, `${out.length} numbers for ${places.length} x ${size}`)
    if (!this.#stored) return this.#writeHeld(out, places)
    const { neighbours } = this
    const stretchOf = (i: number) => Math.floor((places[i] as number) / neighbours)
    const isWanted = new Uint8Array(Math.ceil(starts.length / neighbours))
    const numbers: number[] = []
    for (let i = 0; i < places.length; i++) {
      const number = stretchOf(i)
      if (isWanted[number] === 0) numbers.push(number)
      isWanted[number] = 1
    }
    for (let first = 0; first < numbers.length; first += KEPT) {
      const some = numbers.slice(first, first + KEPT)
      const stretches: Stretch[] = []
      const found = await Promise.all(this.#stretches(some, this.#stored))
      found.forEach((stretch, k) => (stretches[at(some, k)] = stretch))
      for (let i = 0; i < places.length; i++) {
        const number = stretchOf(i)
        const stretch = stretches[number]
        if (!stretch) continue
        const from = stretch.firsts[(places[i] as number) - number * neighbours] as number
        this.#packing.unpack(out, i * size, stretch.packed, from, lines)
      }
    }
  }

  #writeHeld(out: Float32Array, places: ArrayLike<number>): void {
    const { order, starts, lines } = this.#examples
    const rows = new Uint32Array(places.length * lines)
    for (let i = 0; i < places.length; i++) {
      const from = starts[places[i] as number] as number
      for (let line = 0; line < lines; line++) rows[i * lines + line] = order[from + line] as number
    }
    out.fill(0, 0, rows.length * this.#width)
    for (const { cells, fitted, offset, meaning } of this.#columns) {
      const held = wholeOf<HeldCells>(cells.kind === 'texts' ? cells.codes : cells.values)
      write(out, this.#width, offset, held, rows, rows, fitted, meaning)
    }
  }

  #stretches(numbers: readonly number[], stored: StoredRows): Promise<Stretch>[] {
    const missing = numbers.filter((number) => !this.#kept.has(number))
    const read = this.#read(missing, stored)
    const stretches = numbers.map((number) => {
      const known = this.#kept.get(number)
      const stretch = known ?? read.then((all) => at(all, missing.indexOf(number)))
      this.#kept.delete(number)
      this.#kept.set(number, stretch)
      // What could not be read is asked for again.
      if (!known) stretch.catch(() => this.#kept.delete(number))
      return stretch
    })
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break
      this.#kept.delete(oldest)
    }
    return stretches
  }

  /** All together, since windows of many series that lie mixed have rows in the same blocks: each of these is read once. */
  async #read(numbers: readonly number[], stored: StoredRows): Promise<Stretch[]> {
    const wanted = new Map<number, (Piece & { readonly packed: Float32Array })[]>()
    const stretches = numbers.map((number) => {
      const starts = this.#examples.starts.subarray(number * this.neighbours, (number + 1) * this.neighbours)
      const { firsts, rows } = rowsOf(this.#examples, starts)
      const packed = new Float32Array(rows.length * this.#packing.width)
      for (const piece of piecesOf(rows, stored.rows)) {
        const inBlock = wanted.get(piece.block) ?? []
        inBlock.push({ ...piece, packed })
        wanted.set(piece.block, inBlock)
      }
      return { firsts, packed }
    })
    const columns = this.#columns.map(({ cells }) => cells)
    for (const [block, pieces] of [...wanted].sort(([a], [b]) => a - b)) {
      const cells = await stored.read(columns, block)
      for (const { packed, rows, to } of pieces) this.#packing.pack(packed, cells, rows, block * stored.rows, to)
    }
    return stretches
  }
}

/**
 * Rows as they are kept, in less than their cells take: of each column the number that the network gets, or which of the places of
 * its categories is 1, and one more for its flag.
 */
class Packing {
  /** Numbers of a packed row. */
  readonly width: number
  /** Of an unpacked one. */
  readonly #full: number
  readonly #columns: readonly FeatureColumn[]
  /** Of numbers that are copied, their places in a packed row and in an unpacked one; … */
  readonly #copied: Uint32Array
  /** … and of those that say which place from there on is 1. */
  readonly #ones: Uint32Array

  constructor(columns: readonly FeatureColumn[], full: number) {
    const copied: number[] = []
    const ones: number[] = []
    let width = 0
    this.#columns = columns.map((own) => {
      const { fitted, offset } = own
      const { column } = fitted
      assert(column, 'a column of a table')
      const packed = {
        ...own,
        offset: width,
        fitted: { ...fitted, column: { ...column, encoding: 'ordinal' as const } },
      }
      ;(isNumber(column) ? copied : ones).push(width++, offset)
      if (column.flag) copied.push(width++, offset + widthOf(column) - 1)
      return packed
    })
    this.width = width
    this.#full = full
    this.#copied = Uint32Array.from(copied)
    this.#ones = Uint32Array.from(ones)
  }

  /** The cells of a block, that begins with row `first`, as rows of `packed`. */
  pack(packed: Float32Array, cells: readonly HeldCells[], rows: Uint32Array, first: number, to: Uint32Array): void {
    const places = new Uint32Array(rows.length)
    for (let i = 0; i < rows.length; i++) places[i] = (rows[i] as number) - first
    this.#columns.forEach(({ fitted, offset, meaning }, c) => {
      write(packed, this.width, offset, at(cells, c), places, rows, fitted, meaning, to)
    })
  }

  unpack(out: Float32Array, to: number, packed: Float32Array, row: number, count: number): void {
    const [copied, ones, width, full] = [this.#copied, this.#ones, this.width, this.#full]
    let from = row * width
    if (ones.length === 0) {
      for (const end = from + count * width; from < end;) out[to++] = packed[from++] as number
      return
    }
    for (const end = to + count * full; to < end; to += full, from += width) {
      for (let place = to; place < to + full; place++) out[place] = 0
      for (let k = 0; k < copied.length; k += 2)
        out[to + (copied[k + 1] as number)] = packed[from + (copied[k] as number)] as number
      for (let k = 0; k < ones.length; k += 2)
        out[to + (ones[k + 1] as number) + (packed[from + (ones[k] as number)] as number)] = 1
    }
  }
}

/** As `writeColumn`, of cells as they are kept; `rows`: of the table. */
function write(
  out: Float32Array,
  stride: number,
  offset: number,
  cells: HeldCells,
  places: Uint32Array,
  rows: Uint32Array,
  fitted: FittedColumn,
  meaning: Meaning | undefined,
  to?: Uint32Array,
): void {
  if (!meaning) return writeColumn(out, stride, offset, cells as Float64Array, places, fitted, to)
  const meant = new Float64Array(places.length)
  for (let i = 0; i < places.length; i++) meant[i] = meaning(cells[places[i] as number] as number, rows[i] as number)
  writeColumn(out, stride, offset, meant, countTo(places.length), fitted, to)
}

/** The rows of these examples, those that several have once, and where each example begins among them. */
function rowsOf({ order, lines }: ExampleRows, starts: Uint32Array): { firsts: Uint32Array; rows: Uint32Array } {
  const firsts = new Uint32Array(starts.length)
  const rows = new Uint32Array(starts.length * lines)
  let count = 0
  // Where what `rows` holds ends in `order`; starts rise.
  let end = 0
  starts.forEach((start, i) => {
    const next = Math.max(start, end)
    firsts[i] = count - (next - start)
    end = start + lines
    for (let place = next; place < end; place++) rows[count++] = order[place] as number
  })
  return { firsts, rows: rows.slice(0, count) }
}

/** Rows by the blocks of so many in which they lie. */
function piecesOf(rows: Uint32Array, size: number): Piece[] {
  const blocks = new Uint32Array(rows.length)
  let [least, most] = [Infinity, 0]
  for (let i = 0; i < rows.length; i++) {
    const block = Math.floor((rows[i] as number) / size)
    blocks[i] = block
    least = Math.min(least, block)
    most = Math.max(most, block)
  }
  const ends = new Uint32Array(Math.max(0, most - least + 2))
  for (const block of blocks) ends[block - least + 1] = at(ends, block - least + 1) + 1
  for (let i = 1; i < ends.length; i++) ends[i] = at(ends, i) + at(ends, i - 1)
  const [sorted, to] = [new Uint32Array(rows.length), new Uint32Array(rows.length)]
  const filled = ends.slice()
  for (let i = 0; i < rows.length; i++) {
    const own = at(blocks, i) - least
    const place = at(filled, own)
    filled[own] = place + 1
    sorted[place] = rows[i] as number
    to[place] = i
  }
  const pieces: Piece[] = []
  for (let i = 0; i + 1 < ends.length; i++) {
    const [from, end] = [at(ends, i), at(ends, i + 1)]
    if (from < end) pieces.push({ block: least + i, rows: sorted.subarray(from, end), to: to.subarray(from, end) })
  }
  return pieces
}
