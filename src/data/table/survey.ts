/** Everything that one pass over a column can tell; guessing of roles and the preview both stand on it. */
import { at } from '../../base/assert.ts'
import { MAX_CATEGORIES } from '../limits.ts'
import type { RowPlaces, Table, TableColumn } from '../types.ts'
import { hasDecimalComma, numberIn } from './cells.ts'
import { cellOf, placeOf } from './table.ts'

export interface ColumnSurvey {
  readonly name: string
  readonly present: number
  readonly missing: number
  /** Lines of the first missing cells. */
  readonly missingLines: readonly number[]
  /** Cells that hold a number. */
  readonly numbers: number
  /** Cells that would hold a number if their comma were a point. */
  readonly commas: number
  /** The first present cell that holds none. */
  readonly firstText: { readonly line: number; readonly text: string } | undefined
  /** Whether all numbers are whole. */
  readonly whole: boolean
  /** Of the numbers; NaN where there are none. */
  readonly min: number
  readonly max: number
  readonly mean: number
  /** How often each value occurs, in order of appearance. Incomplete when `crowded`. */
  readonly values: ReadonlyMap<string, number>
  /** Whether there are more different values than a categorical column may have. */
  readonly crowded: boolean
}

/** How many line numbers a message names. */
export const NAMED_LINES = 3

export function surveyColumn(table: Table, column: TableColumn): ColumnSurvey {
  const tally = new Tally()
  const missingLines: number[] = []
  let missing = 0
  const miss = (row: number) => {
    if (missing++ < NAMED_LINES) missingLines.push(placeOf(table, row))
  }
  const values = new Map<string, number>()
  let crowded
  let textRow = -1
  if (column.kind === 'texts') {
    const counts = new Uint32Array(column.texts.length)
    const first = new Int32Array(column.texts.length).fill(-1)
    column.codes.forEach((code, row) => {
      if (code < 0) return miss(row)
      if (counts[code] === 0) first[code] = row
      counts[code] = (counts[code] ?? 0) + 1
    })
    crowded = column.texts.length > MAX_CATEGORIES
    column.texts.forEach((text, code) => {
      const count = counts[code] ?? 0
      if (count === 0) return
      if (values.size < MAX_CATEGORIES) values.set(text, count)
      if (!tally.add(text, numberIn(text), count) && textRow < 0) textRow = at(first, code)
    })
  } else {
    crowded = true
    column.values.forEach((value, row) => {
      if (!Number.isNaN(value)) return tally.number(value, 1)
      const slip = column.slips.get(row)
      if (slip === undefined) return miss(row)
      tally.add(slip, NaN, 1)
      if (textRow < 0) textRow = row
    })
  }
  const { numbers, commas, whole, min, max, sum } = tally
  return {
    name: column.name,
    present: table.rows - missing,
    missing,
    missingLines,
    numbers,
    commas,
    firstText: textRow < 0 ? undefined : { line: placeOf(table, textRow), text: cellOf(column, textRow) },
    whole: whole && numbers > 0,
    min: numbers > 0 ? min : NaN,
    max: numbers > 0 ? max : NaN,
    mean: numbers > 0 ? sum / numbers : NaN,
    values,
    crowded,
  }
}

class Tally {
  numbers = 0
  commas = 0
  whole = true
  min = Infinity
  max = -Infinity
  sum = 0

  /** Whether the text is a number. */
  add(text: string, value: number, count: number): boolean {
    if (Number.isNaN(value)) {
      if (hasDecimalComma(text)) this.commas += count
      return false
    }
    this.number(value, count)
    return true
  }
  number(value: number, count: number): void {
    this.numbers += count
    this.whole &&= Number.isInteger(value)
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    this.sum += value * count
  }
}

/** Categories in the order of their codes: numbers by size before texts by code unit, so that rows may come in any order. */
export function sortedCategories(values: Iterable<string>): string[] {
  return [...values].sort((a, b) => {
    const x = numberIn(a)
    const y = numberIn(b)
    if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1
    return a < b ? -1 : a > b ? 1 : 0
  })
}

/** `line 4`, `rows 4, 9 and 12`, `lines 4, 9, 12 and 3 more`. */
export function showPlaces(unit: RowPlaces['unit'] | 'example', places: readonly number[], count: number): string {
  const named = places.slice(0, NAMED_LINES)
  const more = count - named.length
  if (more > 0) return `${unit}s ${named.join(', ')} and ${more} more`
  if (named.length === 1) return `${unit} ${named[0]}`
  return `${unit}s ${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}
