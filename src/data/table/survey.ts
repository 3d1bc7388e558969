/** Everything that one pass over a column can tell; guessing of roles and the preview both stand on it. */
import type { RawTable } from '../types.ts'
import { MAX_CATEGORIES } from '../limits.ts'
import { hasDecimalComma, numberIn } from './cells.ts'

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

export function surveyColumn(table: RawTable, column: number): ColumnSurvey {
  // Parsing each different text once keeps a table of pixels (47 million cells, 256 values) quick.
  const known = new Map<string, { count: number; value: number }>()
  const missingLines: number[] = []
  let firstText: ColumnSurvey['firstText']
  let missing = 0
  let numbers = 0
  let commas = 0
  let crowded = false
  let whole = true
  let min = Infinity
  let max = -Infinity
  let sum = 0
  for (let row = 0; row < table.cells.length; row++) {
    const cell = table.cells[row]?.[column] ?? ''
    if (cell === '') {
      if (missing++ < NAMED_LINES) missingLines.push(table.lines[row] ?? 0)
      continue
    }
    const seen = known.get(cell)
    const value = seen ? seen.value : numberIn(cell)
    if (seen) seen.count++
    else if (known.size < MAX_CATEGORIES) known.set(cell, { count: 1, value })
    else crowded = true
    if (Number.isNaN(value)) {
      if (hasDecimalComma(cell)) commas++
      firstText ??= { line: table.lines[row] ?? 0, text: cell }
      continue
    }
    numbers++
    whole &&= Number.isInteger(value)
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  return {
    name: table.header[column] ?? '',
    present: table.cells.length - missing,
    missing,
    missingLines,
    numbers,
    commas,
    firstText,
    whole: whole && numbers > 0,
    min: numbers > 0 ? min : NaN,
    max: numbers > 0 ? max : NaN,
    mean: numbers > 0 ? sum / numbers : NaN,
    values: new Map([...known].map(([text, { count }]) => [text, count])),
    crowded,
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

/** `line 4`, `lines 4, 9 and 12`, `lines 4, 9, 12 and 3 more`. */
export function showLines(lines: readonly number[], count: number): string {
  const named = lines.slice(0, NAMED_LINES)
  const more = count - named.length
  if (more > 0) return `lines ${named.join(', ')} and ${more} more`
  if (named.length === 1) return `line ${named[0]}`
  return `lines ${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}
