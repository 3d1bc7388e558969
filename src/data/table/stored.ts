/**
 * Columns in a file. Each is cut into pieces of equally many rows, and pieces of the same rows lie one behind the other where the
 * reader's format lets it: so a column takes one read for each piece, and a block of rows few reads for all its columns. The last
 * rows, which fill no piece, stay in memory.
 */
import { at } from '../../base/assert.ts'
import type { CellFile, HeldCells, StoredCells, StoredRows, Table, TableColumn } from '../types.ts'

/** Rows of a column that are gone over together, as far as nothing else says it. */
const MOST_ROWS = 1 << 17
/** Bytes between two pieces that are rather read than skipped. */
const GAP = 1 << 16
/** Rows of a piece that make it worth a read, as long as a block has no more than `MOST_BLOCKS` times the bytes it should. */
const FEW_ROWS = 512
const MOST_BLOCKS = 4

/** Rows of a block of about so many bytes. */
export function rowsInBlock(columns: number, bytes: number): number {
  const width = 8 * Math.max(1, columns)
  const most = Math.floor((MOST_BLOCKS * bytes) / width)
  const wanted = Math.min(most, MOST_ROWS, Math.max(FEW_ROWS, Math.floor(bytes / width)))
  // A power of two, so that `eachBlock` reads whole pieces.
  return 2 ** Math.floor(Math.log2(Math.max(1, wanted)))
}

/** Bytes of a piece, which begins where numbers of eight bytes may. */
export function paddedTo8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

/** What a column has in a file. */
export interface Pieces {
  readonly file: CellFile
  /** Of each piece. */
  readonly rows: number
  readonly places: readonly number[]
  /** As many pieces at the beginning hold codes, though the column is one of numbers by now, … */
  readonly coded: number
  /** … which stand for these. */
  readonly meant: Float64Array
}

interface Maker<A> {
  new (length: number): A
  new (buffer: ArrayBufferLike, from: number, length: number): A
}

export class StoredColumn<A extends HeldCells> implements StoredCells<A> {
  readonly length: number
  readonly #pieces: Pieces
  readonly #tail: A
  readonly #make: Maker<A>
  /** The piece that was asked last for a single cell. */
  #near: A
  #from = 0

  /** `tail`: the cells behind all pieces. */
  constructor(pieces: Pieces, tail: A, make: Maker<A>) {
    this.length = pieces.places.length * pieces.rows + tail.length
    this.#pieces = pieces
    this.#tail = tail
    this.#make = make
    this.#near = new make(0)
  }

  at(row: number): number {
    if (row < this.#from || row >= this.#from + this.#near.length) {
      const { rows, places } = this.#pieces
      const piece = Math.min(places.length, Math.floor(row / rows))
      this.#near = piece < places.length ? this.#read(piece) : this.#tail
      this.#from = piece * rows
    }
    return this.#near[row - this.#from] as number
  }

  subarray(from: number, to: number): A {
    const { rows, places } = this.#pieces
    const end = Math.min(to, this.length)
    const out = new this.#make(Math.max(0, end - from))
    for (let row = from; row < end;) {
      const piece = Math.min(places.length, Math.floor(row / rows))
      const first = piece * rows
      const cells = piece < places.length ? this.#read(piece) : this.#tail
      out.set(cells.subarray(row - first, end - first), row - from)
      row = first + cells.length
    }
    return out
  }

  /** Where the piece of a block lies; undefined where its rows are in memory. */
  placeOf(block: number): { readonly place: number; readonly bytes: number } | undefined {
    const { places, rows } = this.#pieces
    const place = places[block]
    return place === undefined ? undefined : { place, bytes: rows * this.#widthOf(block) }
  }

  /** The cells of a block whose piece is in `bytes`, from a place on. */
  cellsIn(block: number, bytes: Uint8Array | undefined, from: number): A {
    const { rows, places } = this.#pieces
    if (!bytes) {
      const first = (block - places.length) * rows
      return this.#tail.subarray(first, first + rows) as A
    }
    return this.#meant(block, bytes, from)
  }

  #read(piece: number): A {
    const { file, rows, places } = this.#pieces
    const bytes = new Uint8Array(rows * this.#widthOf(piece))
    file.readNow(at(places, piece), bytes)
    return this.#meant(piece, bytes, 0)
  }

  #meant(piece: number, { buffer, byteOffset }: Uint8Array, from: number): A {
    const { rows, meant } = this.#pieces
    if (!this.#isCoded(piece)) return new this.#make(buffer, byteOffset + from, rows)
    return numbersOf(new Int32Array(buffer, byteOffset + from, rows), meant) as A
  }

  #isCoded(piece: number): boolean {
    return piece < this.#pieces.coded
  }

  #widthOf(piece: number): number {
    return this.#isCoded(piece) ? 4 : this.#near.BYTES_PER_ELEMENT
  }
}

/** What codes stand for; NaN where there is no value. */
export function numbersOf(codes: Int32Array, meant: Float64Array): Float64Array {
  const numbers = new Float64Array(codes.length)
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number
    numbers[i] = code < 0 ? NaN : at(meant, code)
  }
  return numbers
}

/** A table in a file. */
export class StoredTable implements StoredRows {
  readonly byteLength: number
  readonly rows: number
  readonly #file: CellFile

  constructor(file: CellFile, rows: number, byteLength: number) {
    this.#file = file
    this.rows = rows
    this.byteLength = byteLength
  }

  async read(columns: readonly TableColumn[], block: number): Promise<HeldCells[]> {
    const stored = columns.map((column) => {
      const cells = column.kind === 'texts' ? column.codes : column.values
      return cells instanceof StoredColumn ? (cells as StoredColumn<HeldCells>) : (cells as HeldCells)
    })
    const places = stored.map((cells) => (cells instanceof StoredColumn ? cells.placeOf(block) : undefined))
    const order = places.flatMap((found, i) => (found ? [{ ...found, i }] : [])).sort((a, b) => a.place - b.place)
    const found: { bytes: Uint8Array; from: number }[] = []
    for (let first = 0; first < order.length;) {
      const begin = at(order, first).place
      let end = begin
      let next = first
      for (; next < order.length && at(order, next).place - end <= GAP; next++)
        end = at(order, next).place + at(order, next).bytes
      const bytes = new Uint8Array(end - begin)
      await this.#file.read(begin, bytes)
      for (; first < next; first++) found[at(order, first).i] = { bytes, from: at(order, first).place - begin }
    }
    return stored.map((cells, i) => {
      if (cells instanceof StoredColumn) return cells.cellsIn(block, found[i]?.bytes, found[i]?.from ?? 0)
      return cells.subarray(block * this.rows, (block + 1) * this.rows)
    })
  }
}

/** Cells some thousand rows at a time, each time with the first one's row. */
export function* blocksOf<A extends HeldCells>(cells: A | StoredCells<A>): Generator<readonly [A, number], void> {
  for (let from = 0; from < cells.length; from += MOST_ROWS)
    yield [cells.subarray(from, Math.min(cells.length, from + MOST_ROWS)) as A, from]
}

export function eachBlock<A extends HeldCells>(
  cells: A | StoredCells<A>,
  visit: (block: A, first: number) => void,
): void {
  for (const [block, first] of blocksOf(cells)) visit(block, first)
}

/** All cells of a column; nobody may write over them. */
export function wholeOf<A extends HeldCells>(cells: A | StoredCells<A>): A {
  return isHeld(cells) ? cells : cells.subarray(0, cells.length)
}

function isHeld(cells: HeldCells | StoredCells<HeldCells>): cells is HeldCells {
  return cells instanceof Int32Array || cells instanceof Float64Array
}

/** Bytes of memory that the cells of a table take. */
export function bytesInMemory({ columns }: Table): number {
  return columns.reduce((sum, column) => {
    const cells = column.kind === 'texts' ? column.codes : column.values
    return sum + (isHeld(cells) ? cells.byteLength : 0)
  }, 0)
}
