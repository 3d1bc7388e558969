/** Lists of texts in a field of records, as columns: of each text one, with 1 where a list holds it and 0 where it does not. */
import type { ColumnBuilder, TableBuilder } from '../table/builder.ts'
import { Growing } from '../table/growing.ts'
import { sortedCategories } from '../table/survey.ts'

/** The column that says whether a list of the field holds the text. */
export function columnOf(field: string, text: string): string {
  return `${field}.${text}`
}

export class TextLists {
  readonly #field: string
  readonly #rows: TableBuilder
  readonly #columns = new Map<string, ColumnBuilder>()
  /** Rows without a list before the last one that has any, in order, … */
  readonly #without = new Growing(Uint32Array)
  /** … and the row behind that. */
  #next = 0

  constructor(field: string, rows: TableBuilder) {
    this.#field = field
    this.#rows = rows
  }

  has(text: string): boolean {
    return this.#columns.has(text)
  }

  /** How many different texts there are. */
  get size(): number {
    return this.#columns.size
  }

  /** All that have come up, in an order that does not hang on that of the rows. */
  get texts(): string[] {
    return sortedCategories(this.#columns.keys())
  }

  /** Those of the texts. */
  get columns(): ColumnBuilder[] {
    return this.texts.flatMap((text) => this.#columns.get(text) ?? [])
  }

  /** How many there would be with these. */
  sizeWith(texts: ReadonlySet<string>): number {
    let size = this.size
    for (const text of texts) if (!this.has(text)) size++
    return size
  }

  /** The list of the row at hand. */
  add(texts: ReadonlySet<string>): void {
    this.#passTo(this.#rows.rows)
    this.#next++
    for (const text of texts) this.want(text)
    for (const [text, column] of this.#columns) column.number(texts.has(text) ? 1 : 0)
  }

  /** There is a column for this text, whether it comes up or not. */
  want(text: string): void {
    if (this.#columns.has(text)) return
    this.#passTo(this.#rows.rows)
    let passed = 0
    const cellAt = (row: number) => {
      if (passed === this.#without.length || this.#without.at(passed) !== row) return 0
      passed++
      return NaN
    }
    this.#columns.set(text, this.#rows.addColumn(columnOf(this.#field, text), this.#field, cellAt))
  }

  #passTo(row: number): void {
    while (this.#next < row) this.#without.push(this.#next++)
  }
}
