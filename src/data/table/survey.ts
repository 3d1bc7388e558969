/** Everything that one pass over a column can tell; guessing of roles and the preview both stand on it. */
import { at } from '../../base/assert.ts'
import { listed } from '../formats/refuse.ts'
import { MAX_CATEGORIES } from '../limits.ts'
import type { Steps } from '../numbers.ts'
import type { RowPlaces, Table, TableColumn } from '../types.ts'
import { hasComma, isInfinite, numberIn } from './cells.ts'
import { eachBlock } from './stored.ts'
import { cellOf, placeOf, showRow, spell } from './table.ts'

export interface ColumnSurvey {
  readonly name: string
  readonly present: number
  readonly missing: number
  /** Rows of the first missing cells. */
  readonly missingRows: readonly number[]
  /** Cells that hold a number. */
  readonly numbers: number
  /** Cells that would hold a number if their comma were a point. */
  readonly commas: number
  /** Cells that say that they are infinite. */
  readonly infinite: number
  /** The first present cell that holds none. */
  readonly firstText: { readonly row: number; readonly text: string } | undefined
  /** Whether all numbers are whole. */
  readonly whole: boolean
  /** Whether no number is less than one in a row before. */
  readonly rising: boolean
  /** Of the numbers; NaN where there are none. */
  readonly min: number
  readonly max: number
  readonly mean: number
  /** How often each value occurs, in order of appearance. Incomplete when `crowded`. */
  readonly values: ReadonlyMap<string, number>
  /** Whether there are more different values than a categorical column may have. */
  readonly crowded: boolean
  /** As in `TextColumn`. */
  readonly list: string | undefined
  /** How many different texts are told apart, where that is not all. */
  readonly told: number | undefined
}

/** How many line numbers a message names. */
export const NAMED_LINES = 3

const known = new WeakMap<TableColumn, ColumnSurvey>()

/** Done once for each column, since whoever guesses roles and whoever shows the table ask for the same. */
export function surveyColumn(table: Table, column: TableColumn): ColumnSurvey {
  const survey = known.get(column) ?? surveyed(table, column)
  known.set(column, survey)
  return survey
}

/** All columns, so that whoever asks for them afterwards need not wait. */
export function* surveyColumns(table: Table): Steps<void> {
  for (const column of table.columns) {
    surveyColumn(table, column)
    yield table.rows
  }
}

function surveyed(table: Table, column: TableColumn): ColumnSurvey {
  const tally = new Tally()
  const missingRows: number[] = []
  let missing = 0
  const miss = (row: number) => {
    if (missing++ < NAMED_LINES) missingRows.push(row)
  }
  let isRising = true
  let last = -Infinity
  const follow = (value: number) => {
    if (value < last) isRising = false
    else if (!Number.isNaN(value)) last = value
  }
  const values = new Map<string, number>()
  let crowded
  let textRow = -1
  if (column.kind === 'texts') {
    const counts = new Uint32Array(column.texts.length)
    const first = new Int32Array(column.texts.length).fill(-1)
    const meant = column.texts.map(numberIn)
    eachBlock(column.codes, (codes, from) => {
      codes.forEach((code, i) => {
        if (code < 0) return miss(from + i)
        if (counts[code] === 0) first[code] = from + i
        counts[code] = (counts[code] ?? 0) + 1
        follow(meant[code] ?? NaN)
      })
    })
    crowded = column.texts.length > MAX_CATEGORIES || column.hasOthers === true
    column.texts.forEach((text, code) => {
      const count = counts[code] ?? 0
      if (count === 0) return
      if (values.size < MAX_CATEGORIES) values.set(text, count)
      if (!tally.add(text, meant[code] ?? NaN, count) && textRow < 0) textRow = at(first, code)
    })
  } else {
    crowded = true
    eachBlock(column.values, (cells, from) => {
      cells.forEach((value, i) => {
        if (Number.isNaN(value)) {
          const slip = column.slips.get(from + i)
          if (slip === undefined) return miss(from + i)
          tally.add(slip, NaN, 1)
        } else if (!column.dates) {
          follow(value)
          return tally.number(value, 1)
        } else if (values.size < MAX_CATEGORIES) {
          const text = spell(column, value)
          values.set(text, (values.get(text) ?? 0) + 1)
        }
        if (textRow < 0) textRow = from + i
      })
    })
  }
  const { numbers, commas, infinite, whole, min, max, sum } = tally
  return {
    name: column.name,
    present: table.rows - missing,
    missing,
    missingRows,
    numbers,
    commas,
    infinite,
    firstText: textRow < 0 ? undefined : { row: textRow, text: cellOf(column, textRow) },
    whole: whole && numbers > 0,
    rising: isRising && numbers > 0,
    min: numbers > 0 ? min : NaN,
    max: numbers > 0 ? max : NaN,
    mean: numbers > 0 ? sum / numbers : NaN,
    values,
    crowded,
    list: column.kind === 'texts' ? column.list : undefined,
    told: column.kind === 'texts' && column.hasOthers ? column.texts.length - 1 : undefined,
  }
}

class Tally {
  numbers = 0
  commas = 0
  infinite = 0
  whole = true
  min = Infinity
  max = -Infinity
  sum = 0

  /** Whether the text is a number. */
  add(text: string, value: number, count: number): boolean {
    if (Number.isNaN(value)) {
      if (hasComma(text)) this.commas += count
      if (isInfinite(text)) this.infinite += count
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

/** `lines 4 and 9`; of several files `jan.csv line 4, feb.csv line 2 and 5 more`. `first`: rows of which there are `count`. */
export function showRows(table: Table, first: ArrayLike<number>, count: number): string {
  const rows = Array.prototype.slice.call(first, 0, NAMED_LINES) as number[]
  if (!table.parts)
    return showPlaces(
      table.places.unit,
      rows.map((row) => placeOf(table, row)),
      count,
    )
  const named = rows.map((row) => showRow(table, row))
  const more = count - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : listed(named)
}

/** `line 4`, `rows 4, 9 and 12`, `lines 4, 9, 12 and 3 more`. */
export function showPlaces(unit: RowPlaces['unit'] | 'example', places: readonly number[], count: number): string {
  const named = places.slice(0, NAMED_LINES)
  const more = count - named.length
  if (more > 0) return `${unit}s ${named.join(', ')} and ${more} more`
  if (named.length === 1) return `${unit} ${named[0]}`
  return `${unit}s ${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}
