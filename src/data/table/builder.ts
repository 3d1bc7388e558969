/**
 * Columns while their cells come in, one row after the other. A column is kept by what is written in it, with a code for
 * each different text, for as long as there are few of these; from the 1001st on one that holds mostly numbers, or dates that are
 * all written alike, is kept as numbers. So a table of a million rows takes four or eight bytes a cell, never a string. Of one that is more than memory is to
 * hold, rows are put into a file as they come.
 */
import { at } from '../../base/assert.ts'
import { MAX_CATEGORIES, MAX_TABLE_TEXT_BYTES, MAX_TEXT_BYTES, OTHER_TEXTS } from '../limits.ts'
import type { CellFile, Job, NumberStore, RowPlaces, Table, TableColumn } from '../types.ts'
import { isInfinite, isMissing, numberIn } from './cells.ts'
import { commonForm, momentIn, type DateForm } from './dates.ts'
import { Growing } from './growing.ts'
import { SlipList } from './slips.ts'
import { numbersOf, paddedTo8, rowsInBlock, StoredColumn, StoredTable } from './stored.ts'
import { spell } from './table.ts'
import { TextRoom } from './text-room.ts'

/** Of the cells that hold something, the share that may be no number where the others are kept as numbers. */
const MOST_SLIPS = 0.05

export class TableBuilder {
  readonly columns: ColumnBuilder[]
  readonly #file: string
  readonly #unit: RowPlaces['unit']
  readonly #store: NumberStore | undefined
  /** Undefined as long as rows stand one after the other. */
  #numbers: Growing<Uint32Array> | undefined
  #first = 1
  #rows = 0
  #stored: { readonly file: CellFile; readonly rows: number } | undefined

  /** `unit`: what messages call the place of a row. `store`: takes what is more than memory is to hold. */
  constructor(file: string, names: readonly string[], unit: RowPlaces['unit'], store?: NumberStore) {
    this.#file = file
    this.#unit = unit
    this.#store = store
    this.columns = names.map((name) => new ColumnBuilder(name, { mostText: this.#mostText }))
  }

  /** Bytes of the different texts of one column. */
  readonly #mostText = () => Math.min(MAX_TEXT_BYTES, MAX_TABLE_TEXT_BYTES / this.columns.length)

  get rows(): number {
    return this.#rows
  }

  /** One more; `cellAt` tells what it has in the rows so far, which is no value unless it does. `list`: as in `TextColumn`. */
  addColumn(name: string, list?: string, cellAt: (row: number) => number = () => NaN): ColumnBuilder {
    const column = new ColumnBuilder(name, { list, mostText: this.#mostText })
    for (let row = 0; row < this.rows; row++) column.number(cellAt(row))
    this.columns.push(column)
    return column
  }

  /** From here on there are these columns, in this order. */
  arrange(columns: readonly ColumnBuilder[]): void {
    this.columns.splice(0, Infinity, ...columns)
  }

  /** Each column has got its cell; the row stands at this place, counted from 1. */
  endRow(place = this.rows + 1): void {
    if (this.rows === 0) this.#first = place
    if (!this.#numbers && place !== this.#first + this.rows) {
      this.#numbers = new Growing(Uint32Array)
      for (let row = 0; row < this.rows; row++) this.#numbers.push(this.#first + row)
    }
    this.#numbers?.push(place)
    this.#rows++
  }

  /** As `job`, with pauses in which this table finds its place. */
  settling(job: Job): Job {
    return {
      ...job,
      pause: async () => {
        await job.pause()
        await this.settle()
      },
    }
  }

  /** Puts rows into the store where there are more than memory is to hold. */
  async settle(): Promise<void> {
    const store = this.#store
    if (!store) return
    if (!this.#stored) {
      const bytes = this.columns.reduce((sum, column) => sum + column.bytes, 0)
      if (bytes <= store.budget) return
      const file = await store.cells()
      this.#stored = { file, rows: rowsInBlock(this.columns.length, file.block) }
    }
    const { file, rows } = this.#stored
    for (;;) {
      const full = this.columns.filter((column) => column.waiting >= rows)
      const block = full.reduce((least, { pieces }) => Math.min(least, pieces), Infinity)
      const group = full.filter(({ pieces }) => pieces === block)
      if (group.length === 0) return
      const bytes = new Uint8Array(group.reduce((sum, column) => sum + paddedTo8(rows * column.width), 0))
      let filled = 0
      for (const column of group) {
        column.copyTo(bytes, filled, rows)
        filled += paddedTo8(rows * column.width)
      }
      let place = await file.write(bytes)
      for (const column of group) {
        const length = paddedTo8(rows * column.width)
        column.moved(file, rows, place)
        place += length
      }
    }
  }

  /** The rows so far as a table; nothing can be added afterwards. */
  finish(): Table {
    const { rows } = this
    const inOrder = { unit: this.#unit, first: this.#first }
    const places = this.#numbers ? { ...inOrder, numbers: this.#numbers.take() } : inOrder
    const table = { file: this.#file, rows, columns: this.columns.map((column) => column.finish()), places }
    const stored = this.#stored
    const pieces = this.columns.reduce((sum, column) => sum + column.pieces, 0)
    if (!stored || pieces === 0) return table
    stored.file.close()
    return { ...table, stored: new StoredTable(stored.file, stored.rows, bytesOf(table.columns)) }
  }
}

/** As if all were in one place. */
function bytesOf(columns: readonly TableColumn[]): number {
  return columns.reduce(
    (sum, column) => sum + (column.kind === 'texts' ? 4 * column.codes.length : 8 * column.values.length),
    0,
  )
}

export class ColumnBuilder {
  readonly name: string
  readonly #list: string | undefined
  /** Until there are too many different texts for a categorical column. */
  #known: Map<string, number> | undefined = new Map<string, number>()
  readonly #texts: string[] = []
  /** What the known texts are as numbers. */
  readonly #meant: number[] = []
  #codes: Growing<Int32Array> | undefined = new Growing(Int32Array)
  #values: Growing<Float64Array> | undefined
  readonly #mostText: (() => number) | undefined
  #room: TextRoom
  #slips: SlipList
  /** How many of them say that they are infinite. */
  #infinite = 0
  #present = 0
  /** It was kept as numbers and then turned out to hold too many texts. */
  #isText = false
  /** It is kept as numbers, which are dates of this form. */
  #dates: DateForm | undefined
  /** What is in a file: places of pieces of so many rows. */
  #file: CellFile | undefined
  #pieceRows = 0
  readonly #places: number[] = []
  /** Pieces that hold codes, though the column is one of numbers by now, and what these stand for. */
  #coded = 0
  #codedAs = new Float64Array()

  /** `mostText`: bytes that its different texts may take. */
  constructor(
    name: string,
    { list, mostText }: { readonly list?: string | undefined; readonly mostText?: () => number } = {},
  ) {
    this.name = name
    this.#list = list
    this.#mostText = mostText
    this.#room = new TextRoom(mostText)
    this.#slips = new SlipList(mostText)
  }

  get length(): number {
    return this.#storedRows + this.waiting
  }

  get isEmpty(): boolean {
    return this.#present === 0
  }

  get #storedRows(): number {
    return this.#places.length * this.#pieceRows
  }

  /** Rows that are in memory. */
  get waiting(): number {
    return (this.#values ?? this.#codes)?.length ?? 0
  }

  /** Bytes that they take. */
  get bytes(): number {
    return this.waiting * this.width
  }

  /** Bytes of one cell. */
  get width(): number {
    return this.#values ? 8 : 4
  }

  /** Pieces that are in the file. */
  get pieces(): number {
    return this.#places.length
  }

  /** Bytes of the first rows of those in memory. */
  copyTo(bytes: Uint8Array, from: number, rows: number): void {
    if (this.#values) this.#values.copyTo(new Float64Array(bytes.buffer, from, rows))
    else this.#codes?.copyTo(new Int32Array(bytes.buffer, from, rows))
  }

  /** These are in the file now. */
  moved(file: CellFile, rows: number, place: number): void {
    this.#file = file
    this.#pieceRows = rows
    this.#places.push(place)
    ;(this.#values ?? this.#codes)?.drop(rows)
  }

  /** Whether a number is best given as one, rather than by its text. */
  get isNumeric(): boolean {
    return this.#values !== undefined && !this.#dates
  }

  missing(): void {
    if (this.#values) this.#values.push(NaN)
    else this.#codes?.push(-1)
  }

  /** A cell as it is written, trimmed; '' and its like are missing. */
  text(cell: string): void {
    if (isMissing(cell)) this.missing()
    else if (this.#values) this.#addTo(this.#values, this.#dates ? momentIn(cell, this.#dates) : numberIn(cell), cell)
    else this.#addText(cell)
  }

  /** NaN is missing. */
  number(value: number): void {
    if (Number.isNaN(value)) this.missing()
    else if (this.#dates) this.text(String(value))
    else if (this.#values) {
      this.#present++
      this.#values.push(value)
    } else this.#addText(String(value))
  }

  #addTo(values: Growing<Float64Array>, value: number, cell: string): void {
    this.#present++
    if (Number.isNaN(value)) {
      this.#slips.add(this.length, cell)
      values.push(NaN)
      // However many of them there are, they stand where numbers belong.
      if (isInfinite(cell)) this.#infinite++
      const texts = this.#slips.size - this.#infinite
      if (texts > MAX_CATEGORIES && texts > this.#present * MOST_SLIPS) this.#becomeTexts()
    } else values.push(value)
  }

  #addText(cell: string): void {
    this.#present++
    const code = this.#known?.get(cell) ?? this.#newText(cell)
    if (code === undefined) this.text(cell)
    else this.#codes?.push(code)
  }

  /** Its code; undefined where the column is kept as numbers from here on. */
  #newText(cell: string): number | undefined {
    const { length } = this.#texts
    if (this.#room.isClosed) return length - 1
    if (!this.#isText && (length === MAX_CATEGORIES || !this.#room.has(cell))) {
      this.#dates = commonForm(this.#texts)
      if (this.#dates || this.#isMostlyNumbers()) {
        this.#present--
        this.#becomeNumbers()
        return undefined
      }
    }
    if (this.#room.takes(cell)) this.#known?.set(cell, length)
    this.#texts.push(this.#room.isClosed ? OTHER_TEXTS : cell)
    this.#meant.push(numberIn(cell))
    return length
  }

  #isMostlyNumbers(): boolean {
    const texts = this.#meant.filter((value) => Number.isNaN(value)).length
    return texts <= this.#meant.length * MOST_SLIPS
  }

  #becomeNumbers(): void {
    const values = new Growing(Float64Array)
    const dates = this.#dates
    const meant = Float64Array.from(dates ? this.#texts.map((text) => momentIn(text, dates)) : this.#meant)
    const isSlip = meant.some((value) => Number.isNaN(value))
    const codes = this.#codes?.take() ?? new Int32Array()
    const note = (own: Int32Array, first: number) => {
      own.forEach((code, i) => {
        if (code >= 0 && Number.isNaN(meant[code])) this.#slips.add(first + i, at(this.#texts, code))
      })
    }
    // What is in the file stays there, and is a number when it is read.
    this.#coded = this.pieces
    this.#codedAs = meant
    if (isSlip) this.#eachPiece((piece, _, first) => note(piece as Int32Array, first))
    if (isSlip) note(codes, this.#storedRows)
    for (const value of numbersOf(codes, meant)) values.push(value)
    this.#values = values
    this.#codes = undefined
    this.#known = undefined
    this.#texts.length = 0
  }

  /** The numbers were only the beginning: what they were written like is lost, what they are is not. */
  #becomeTexts(): void {
    const values = this.#values?.take() ?? new Float64Array()
    const written = { ...(this.#dates && { dates: this.#dates }) }
    this.#values = undefined
    this.#dates = undefined
    this.#isText = true
    this.#known = new Map()
    this.#room = new TextRoom(this.#mostText)
    this.#meant.length = 0
    const codes = (this.#codes = new Growing(Int32Array))
    const slips = this.#slips[Symbol.iterator]()
    let slip = slips.next()
    this.#slips = new SlipList(this.#mostText)
    const codeOf = (value: number, row: number): number => {
      let cell = Number.isNaN(value) ? undefined : spell(written, value)
      if (!slip.done && slip.value[0] === row) {
        cell = slip.value[1]
        slip = slips.next()
      }
      return cell === undefined ? -1 : (this.#known?.get(cell) ?? this.#newText(cell) ?? -1)
    }
    this.#eachPiece((piece, place, first) => {
      const numbers = piece instanceof Int32Array ? numbersOf(piece, this.#codedAs) : piece
      const own = Int32Array.from(numbers, (value, i) => codeOf(value, first + i))
      // Codes are never longer than what they were.
      this.#file?.rewrite(place, new Uint8Array(own.buffer))
    })
    this.#coded = 0
    const first = this.#storedRows
    values.forEach((value, i) => codes.push(codeOf(value, first + i)))
  }

  /** What is in the file, as it is there. */
  #eachPiece(visit: (cells: Int32Array | Float64Array, place: number, first: number) => void): void {
    this.#places.forEach((place, i) => {
      const isCoded = i < this.#coded
      const bytes = new Uint8Array(this.#pieceRows * (isCoded ? 4 : 8))
      this.#file?.readNow(place, bytes)
      visit(isCoded ? new Int32Array(bytes.buffer) : new Float64Array(bytes.buffer), place, i * this.#pieceRows)
    })
  }

  finish(): TableColumn {
    const { name } = this
    const pieces = this.#file && {
      file: this.#file,
      rows: this.#pieceRows,
      places: this.#places,
      coded: this.#coded,
      meant: this.#codedAs,
    }
    if (this.#values) {
      const values = this.#values.take()
      return {
        kind: 'numbers',
        name,
        values: pieces ? new StoredColumn(pieces, values, Float64Array) : values,
        slips: this.#slips,
        ...(this.#dates && { dates: this.#dates }),
      }
    }
    const codes = this.#codes?.take() ?? new Int32Array()
    return {
      kind: 'texts',
      name,
      codes: pieces ? new StoredColumn(pieces, codes, Int32Array) : codes,
      texts: this.#texts,
      ...(this.#room.isClosed && { hasOthers: true as const }),
      ...(this.#list !== undefined && { list: this.#list }),
    }
  }
}
