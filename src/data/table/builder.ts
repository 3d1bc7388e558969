/**
 * Columns while their cells come in, one row after the other. A column is kept by what is written in it, with a code for
 * each different text, for as long as there are few of these; from the 1001st on one that holds mostly numbers is kept as
 * numbers. So a table of a million rows takes four or eight bytes a cell, never a string.
 */
import { at } from '../../base/assert.ts'
import { MAX_CATEGORIES, MAX_TEXTS, OTHER_TEXTS } from '../limits.ts'
import type { RowPlaces, Table, TableColumn } from '../types.ts'
import { isMissing, numberIn } from './cells.ts'

/** Of the cells that hold something, the share that may be no number where the others are kept as numbers. */
const MOST_SLIPS = 0.05

export class TableBuilder {
  readonly columns: readonly ColumnBuilder[]
  readonly #file: string
  readonly #unit: RowPlaces['unit']
  readonly #numbers = new Growing(Uint32Array)
  #first = 1
  #inOrder = true

  /** `unit`: what messages call the place of a row. */
  constructor(file: string, names: readonly string[], unit: RowPlaces['unit']) {
    this.#file = file
    this.#unit = unit
    this.columns = names.map((name) => new ColumnBuilder(name))
  }

  get rows(): number {
    return this.#numbers.length
  }

  /** Each column has got its cell; the row stands at this place, counted from 1. */
  endRow(place = this.rows + 1): void {
    if (this.rows === 0) this.#first = place
    else if (place !== this.#first + this.rows) this.#inOrder = false
    this.#numbers.push(place)
  }

  /** The rows so far as a table; nothing can be added afterwards. */
  finish(): Table {
    const { rows } = this
    const inOrder = { unit: this.#unit, first: this.#first }
    const places = this.#inOrder ? inOrder : { ...inOrder, numbers: this.#numbers.take() }
    return { file: this.#file, rows, columns: this.columns.map((column) => column.finish()), places }
  }
}

export class ColumnBuilder {
  readonly name: string
  /** Until there are too many different texts for a categorical column. */
  #known: Map<string, number> | undefined = new Map<string, number>()
  readonly #texts: string[] = []
  /** What the known texts are as numbers. */
  readonly #meant: number[] = []
  #codes: Growing<Int32Array> | undefined = new Growing(Int32Array)
  #values: Growing<Float64Array> | undefined
  readonly #slips = new Map<number, string>()
  #present = 0
  /** It was kept as numbers and then turned out to hold too many texts. */
  #isText = false

  constructor(name: string) {
    this.name = name
  }

  get length(): number {
    return (this.#values ?? this.#codes)?.length ?? 0
  }

  /** Whether a number is best given as one, rather than by its text. */
  get isNumeric(): boolean {
    return this.#values !== undefined
  }

  missing(): void {
    if (this.#values) this.#values.push(NaN)
    else this.#codes?.push(-1)
  }

  /** A cell as it is written, trimmed; '' and its like are missing. */
  text(cell: string): void {
    if (isMissing(cell)) this.missing()
    else if (this.#values) this.#addTo(this.#values, numberIn(cell), cell)
    else this.#addText(cell)
  }

  /** NaN is missing. */
  number(value: number): void {
    if (Number.isNaN(value)) this.missing()
    else if (this.#values) {
      this.#present++
      this.#values.push(value)
    } else this.#addText(String(value))
  }

  #addTo(values: Growing<Float64Array>, value: number, cell: string): void {
    this.#present++
    if (Number.isNaN(value)) {
      this.#slips.set(values.length, cell)
      values.push(NaN)
      if (this.#slips.size > MAX_CATEGORIES && this.#slips.size > this.#present * MOST_SLIPS) this.#becomeTexts()
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
    if (length === MAX_CATEGORIES && !this.#isText && this.#isMostlyNumbers()) {
      this.#present--
      this.#becomeNumbers()
      return undefined
    }
    if (length >= MAX_TEXTS) {
      if (at(this.#texts, length - 1) !== OTHER_TEXTS) this.#texts.push(OTHER_TEXTS)
      return this.#texts.length - 1
    }
    this.#known?.set(cell, length)
    this.#texts.push(cell)
    this.#meant.push(numberIn(cell))
    return length
  }

  #isMostlyNumbers(): boolean {
    const texts = this.#meant.filter((value) => Number.isNaN(value)).length
    return texts <= MAX_CATEGORIES * MOST_SLIPS
  }

  #becomeNumbers(): void {
    const values = new Growing(Float64Array)
    const codes = this.#codes?.take() ?? new Int32Array()
    for (let row = 0; row < codes.length; row++) {
      const code = at(codes, row)
      const value = code < 0 ? NaN : at(this.#meant, code)
      if (code >= 0 && Number.isNaN(value)) this.#slips.set(row, at(this.#texts, code))
      values.push(value)
    }
    this.#values = values
    this.#codes = undefined
    this.#known = undefined
    this.#texts.length = 0
  }

  /** The numbers were only the beginning: what they were written like is lost, what they are is not. */
  #becomeTexts(): void {
    const values = this.#values?.take() ?? new Float64Array()
    this.#values = undefined
    this.#isText = true
    this.#known = new Map()
    this.#meant.length = 0
    const codes = (this.#codes = new Growing(Int32Array))
    const slips = new Map(this.#slips)
    this.#slips.clear()
    values.forEach((value, row) => {
      const cell = slips.get(row) ?? (Number.isNaN(value) ? undefined : String(value))
      if (cell === undefined) codes.push(-1)
      else codes.push(this.#known?.get(cell) ?? this.#newText(cell) ?? -1)
    })
  }

  finish(): TableColumn {
    const { name } = this
    if (this.#values) return { kind: 'numbers', name, values: this.#values.take(), slips: this.#slips }
    return { kind: 'texts', name, codes: this.#codes?.take() ?? new Int32Array(), texts: this.#texts }
  }
}

type Numbers = Int32Array | Uint32Array | Float64Array

/** An array that grows by pieces, so that it is never copied while it does; small ones first, since a table may be wide. */
class Growing<A extends Numbers> {
  static readonly #LEAST = 1 << 6
  static readonly #MOST = 1 << 14
  readonly #make: new (length: number) => A
  #pieces: A[] = []
  #last: A
  #used = 0
  length = 0

  constructor(make: new (length: number) => A) {
    this.#make = make
    this.#last = new make(0)
  }

  push(value: number): void {
    if (this.#used === this.#last.length) {
      const double = Math.max(Growing.#LEAST, 2 * this.#last.length)
      this.#last = new this.#make(Math.min(Growing.#MOST, double))
      this.#pieces.push(this.#last)
      this.#used = 0
    }
    this.#last[this.#used++] = value
    this.length++
  }

  /** Everything in one array; leaves nothing behind. */
  take(): A {
    const whole = new this.#make(this.length)
    let from = 0
    for (const piece of this.#pieces) {
      const part = from + piece.length > whole.length ? piece.subarray(0, whole.length - from) : piece
      whole.set(part, from)
      from += part.length
    }
    this.#pieces = []
    this.#last = new this.#make(0)
    this.#used = 0
    this.length = 0
    return whole
  }
}
