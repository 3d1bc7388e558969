/** Which rows of a table take part, and what columns that are neither features nor targets say of them. */
import { at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { Column, TableSource } from '../../document/types.ts'
import { MAX_LISTED, MAX_TEXTS, OTHER_TEXTS } from '../limits.ts'
import { partOfCell } from '../parts.ts'
import { numberIn } from '../table/cells.ts'
import { bindColumns, checkCells, misfit, misfitsIn, type BoundColumn } from '../table/columns.ts'
import { misfitsOf } from '../table/guess.ts'
import { clip } from '../table/records.ts'
import { NAMED_LINES, showPlaces } from '../table/survey.ts'
import { cellOf, isMissingAt, placeOf } from '../table/table.ts'
import type { Table, TableColumn } from '../types.ts'

export function columnsOf(source: TableSource, role: Column['role']): Column[] {
  return source.columns.filter((column) => column.role === role)
}

/** The one column of a role, bound to the table; undefined where the document has none. */
export function columnOf(table: Table, source: TableSource, role: 'group' | 'time' | 'split'): BoundColumn | undefined {
  const [column, other] = columnsOf(source, role)
  if (other) {
    const message = `${table.file}: ${column?.name} and ${other.name} both have the role ${role}; only one column may.`
    throw new ProblemError(problem('data.roles', message, { file: table.file, column: other.name }))
  }
  return column && bindColumns(table, [column])[0]
}

/** Rows whose cells all fit their columns, or may count as missing where they do not; as the source says of bad rows. */
export function fitting(
  table: Table,
  source: TableSource,
  columns: readonly BoundColumn[],
  warnings: Problem[],
): Uint32Array {
  const rule = misfitsOf(source)
  if (rule === 'refuse') checkCells(table, columns)
  const all = Uint32Array.from({ length: table.rows }, (_, row) => row)
  if (rule === 'refuse') return all
  const bad = new Uint8Array(table.rows)
  for (const bound of columns) {
    const rows = misfitsIn(table, bound)
    if (rows[0] === undefined) continue
    for (const row of rows) bad[row] = 1
    const { message, ...rest } = misfit(table, bound, rows[0])
    const more = rows.length > 1 ? `, and ${rows.length - 1} more like it` : ''
    const done = rule === 'skip' ? 'the row is left out' : 'it counts as missing'
    const why = message.slice(0, message.lastIndexOf(';'))
    warnings.push({ ...rest, severity: 'warning', message: `${why}; ${done}${more}.` })
  }
  return rule === 'skip' ? all.filter((row) => bad[row] === 0) : all
}

export interface RowRule {
  readonly columns: readonly BoundColumn[]
  /** What is said of a row without a value in one of them. */
  readonly verb: string
}

/** Rows that have a value in all columns of every rule; what each rule leaves out is said. */
export function keepRows(table: Table, rows: Uint32Array, rules: readonly RowRule[], warnings: Problem[]): Uint32Array {
  let kept = rows
  for (const { columns, verb } of rules) {
    const lacks = new Uint8Array(table.rows)
    for (const { cells } of columns) for (const row of kept) if (isMissingAt(cells, row)) lacks[row] = 1
    const dropped = kept.filter((row) => lacks[row] === 1)
    if (dropped.length === 0) continue
    kept = kept.filter((row) => lacks[row] === 0)
    const places = Array.from(dropped.subarray(0, NAMED_LINES), (row) => placeOf(table, row))
    const many = dropped.length === 1 ? `1 row ${verb} and is` : `${dropped.length} rows ${plural(verb)} and are`
    const message = `${table.file}: ${many} left out (${showPlaces(table.places.unit, places, dropped.length)}).`
    warnings.push(problem('data.skipped', message, { file: table.file, line: places[0] ?? 0 }, 'warning'))
  }
  return kept
}

function plural(verb: string): string {
  return verb.replace(/^has/, 'have').replace(/^lacks/, 'lack')
}

/** A number for each row, equal for rows of one group; rows that name none are a group of their own. */
export function groupsIn({ cells }: BoundColumn): ArrayLike<number> {
  return cells.kind === 'texts' ? cells.codes : cells.values
}

/** When each row was: its number, or the milliseconds of its date. NaN where it says nothing. */
export function timesIn(table: Table, { column, cells }: BoundColumn): Float64Array {
  if (cells.kind === 'numbers') {
    for (const [row] of cells.slips) throw new ProblemError(noTime(table, column, cells, row, 'number'))
    return cells.values
  }
  const isNumbers = cells.texts.every((text) => !Number.isNaN(numberIn(text)))
  const times = cells.texts.map(isNumbers ? numberIn : dateIn)
  if (times.some((time) => Number.isNaN(time))) {
    const row = cells.codes.findIndex((code) => code >= 0 && Number.isNaN(times[code]))
    if (row >= 0) throw new ProblemError(noTime(table, column, cells, row, 'date'))
  }
  return Float64Array.from(cells.codes, (code) => (code < 0 ? NaN : at(times, code)))
}

function noTime(table: Table, { name }: Column, cells: TableColumn, row: number, kind: 'number' | 'date'): Problem {
  const { file, places } = table
  const line = placeOf(table, row)
  const text = cellOf(cells, row)
  const place = { file, line, column: name }
  if (text === OTHER_TEXTS && cells.kind === 'texts' && cells.texts.length > MAX_TEXTS) {
    const message = `${file}, column ${name}: a time has at most ${MAX_TEXTS} different texts; write it as a number, such as seconds.`
    return problem('data.time', message, place)
  }
  const wanted = kind === 'number' ? 'not a number, as the times before it are' : 'not a time'
  const message =
    `${file} ${places.unit} ${line}, column ${name}: ${clip(text)} is ${wanted}; ` +
    `write numbers, or dates such as 2024-05-31 or 2024-05-31T12:30:00.`
  return problem('data.time', message, place)
}

const DATE =
  /^(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)? ?(Z|[+-]\d{2}(?::?\d{2})?)?$/

/** Milliseconds of a date by ISO 8601, in universal time where it names no other; NaN where the text is none. */
export function dateIn(text: string): number {
  const parts = DATE.exec(text)
  if (!parts) return NaN
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part)))
  const isTime = hour < 24 && minute < 60 && second <= 60
  const date = new Date(Date.UTC(year, month - 1, day))
  // 31 June would be 1 July.
  if (!isTime || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN
  date.setUTCFullYear(year)
  const zone = /^([+-])(\d{2}):?(\d{2})?$/.exec(parts[8] ?? '')
  const shift = zone ? (zone[1] === '-' ? 1 : -1) * (Number(zone[2]) * 60 + Number(zone[3] ?? 0)) : 0
  return date.getTime() + ((hour * 60 + minute + shift) * 60 + second) * 1000 + Number(`0.${parts[7] ?? 0}`) * 1000
}

/** What a column says of each row: one of PARTS; NaN where it says nothing. */
export function partsIn(table: Table, { column: { name }, cells }: BoundColumn): Float64Array {
  const wrong = new Set<string>()
  let first = -1
  const partOf = (text: string, row: number): number => {
    const part = partOfCell(text)
    if (part !== undefined) return part
    if (first < 0) first = row
    if (wrong.size <= MAX_LISTED) wrong.add(text)
    return NaN
  }
  const parts = Float64Array.from({ length: table.rows }, (_, row) =>
    isMissingAt(cells, row) ? NaN : partOf(cellOf(cells, row), row),
  )
  if (first < 0) return parts
  const shown = [...wrong].slice(0, 5).map((text) => clip(text))
  const { file, places } = table
  const line = placeOf(table, first)
  const message =
    `${file} ${places.unit} ${line}, column ${name}: ${shown.join(', ')}${wrong.size > shown.length ? ', …' : ''} ` +
    `${wrong.size === 1 ? 'tells' : 'tell'} no part; write train, validation or test, or 0 and 1.`
  throw new ProblemError(problem('split.part', message, { file, line, column: name }))
}
