/** Which rows of a table take part, and what columns that are neither features nor targets say of them. */
import { at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { Column, TableSource } from '../../document/types.ts'
import { MAX_LISTED, OTHER_TEXTS } from '../limits.ts'
import type { Steps } from '../numbers.ts'
import { partOfCell } from '../parts.ts'
import { chosen, countTo, eachStretch } from '../stretches.ts'
import { numberIn } from '../table/cells.ts'
import { bindColumns, checkCells, misfit, misfitsIn, type BoundColumn } from '../table/columns.ts'
import { datesOf } from '../table/dates.ts'
import { misfitsOf } from '../table/guess.ts'
import { clip } from '../table/records.ts'
import { wholeOf } from '../table/stored.ts'
import { showRows } from '../table/survey.ts'
import { cellOf, isMissingAt, showRow, whereOf } from '../table/table.ts'
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

/**
 * Rows whose cells all fit their columns, or may count as missing where they do not; as the source says of bad rows. `fills`: columns
 * of which a category that nobody knows counts as missing even where such rows are left out.
 */
export function* fitting(
  table: Table,
  source: TableSource,
  columns: readonly BoundColumn[],
  warnings: Problem[],
  fills: (column: Column) => boolean = () => false,
): Steps<Uint32Array> {
  const rule = misfitsOf(source)
  if (rule === 'refuse') yield* checkCells(table, columns)
  const all = countTo(table.rows)
  if (rule === 'refuse') return all
  const bad = new Uint8Array(table.rows)
  for (const bound of columns) {
    yield table.rows
    const rows = misfitsIn(table, bound)
    if (rows[0] === undefined) continue
    const isLeft = rule === 'skip' && !(bound.column.kind === 'categorical' && fills(bound.column))
    if (isLeft) for (const row of rows) bad[row] = 1
    const { message, ...rest } = misfit(table, bound, rows[0])
    const others = rows.slice(1)
    const more =
      others.length > 0 ? `, and ${others.length} more like it (${showRows(table, others, others.length)})` : ''
    const done = isLeft ? 'the row is left out' : 'it counts as missing'
    const why = message.slice(0, message.lastIndexOf(';'))
    warnings.push({ ...rest, severity: 'warning', message: `${why}; ${done}${more}.` })
  }
  return rule === 'skip' ? yield* chosen(all, (row) => bad[row] === 0) : all
}

export interface RowRule {
  readonly columns: readonly BoundColumn[]
  /** What is said of a row without a value in one of them. */
  readonly verb: string
}

/** Rows that have a value in all columns of every rule; what each rule leaves out is said. */
export function* keepRows(
  table: Table,
  rows: Uint32Array,
  rules: readonly RowRule[],
  warnings: Problem[],
): Steps<Uint32Array> {
  let kept = rows
  for (const { columns, verb } of rules) {
    const lacks = new Uint8Array(table.rows)
    for (const { cells } of columns) yield* noteMissing(cells, kept, lacks)
    const dropped = yield* chosen(kept, (row) => lacks[row] === 1)
    if (dropped.length === 0) continue
    kept = yield* chosen(kept, (row) => lacks[row] === 0)
    const many = dropped.length === 1 ? `1 row ${verb} and is` : `${dropped.length} rows ${plural(verb)} and are`
    const message = `${table.file}: ${many} left out (${showRows(table, dropped, dropped.length)}).`
    warnings.push(problem('data.skipped', message, whereOf(table, at(dropped, 0)), 'warning'))
  }
  return kept
}

/** 1 in `lacks` for those of the rows that have no value. */
export function noteMissing(cells: TableColumn, rows: Uint32Array, lacks: Uint8Array): Steps<void> {
  return eachStretch(rows.length, (from, to) => {
    for (let i = from; i < to; i++) if (isMissingAt(cells, at(rows, i))) lacks[at(rows, i)] = 1
  })
}

function plural(verb: string): string {
  return verb.replace(/^has/, 'have').replace(/^lacks/, 'lack')
}

/** A number for each row, equal for rows of one group; rows that name none are a group of their own. */
export function groupsIn({ cells }: BoundColumn): ArrayLike<number> {
  return cells.kind === 'texts' ? wholeOf(cells.codes) : wholeOf(cells.values)
}

/** When each row was: its number, or the milliseconds of its date. NaN where it says nothing. */
export function* timesIn(table: Table, { column, cells }: BoundColumn): Steps<Float64Array> {
  if (cells.kind === 'numbers') {
    const kind = cells.dates ? 'date' : 'number'
    for (const [row] of cells.slips) throw new ProblemError(noTime(table, column, cells, row, kind))
    return wholeOf(cells.values)
  }
  const isNumbers = cells.texts.every((text) => !Number.isNaN(numberIn(text)))
  const times = cells.texts.map(isNumbers ? numberIn : datesOf(cells.texts).in)
  const codes = wholeOf(cells.codes)
  if (times.some((time) => Number.isNaN(time))) {
    const row = codes.findIndex((code) => code >= 0 && Number.isNaN(times[code]))
    if (row >= 0) throw new ProblemError(noTime(table, column, cells, row, 'date'))
  }
  const all = new Float64Array(codes.length)
  yield* eachStretch(codes.length, (from, to) => {
    for (let row = from; row < to; row++) all[row] = at(codes, row) < 0 ? NaN : at(times, at(codes, row))
  })
  return all
}

function noTime(table: Table, { name }: Column, cells: TableColumn, row: number, kind: 'number' | 'date'): Problem {
  const text = cellOf(cells, row)
  const place = { ...whereOf(table, row), column: name }
  if (text === OTHER_TEXTS && cells.kind === 'texts' && cells.hasOthers) {
    const message = `${table.file}, column ${name}: only ${cells.texts.length - 1} different texts of a time are kept; write it as a number, such as seconds.`
    return problem('data.time', message, place)
  }
  const wanted = kind === 'number' ? 'not a number, as the times before it are' : 'not a time'
  const message =
    `${showRow(table, row)}, column ${name}: ${clip(text)} is ${wanted}; ` +
    `write numbers, or dates such as 2024-05-31 or 2024-05-31T12:30:00.`
  return problem('data.time', message, place)
}

/** What a column says of each row: one of PARTS; NaN where it says nothing. */
export function* partsIn(table: Table, { column: { name }, cells }: BoundColumn): Steps<Float64Array> {
  const wrong = new Set<string>()
  let first = -1
  const partOf = (text: string, row: number): number => {
    const part = partOfCell(text)
    if (part !== undefined) return part
    if (first < 0) first = row
    if (wrong.size <= MAX_LISTED) wrong.add(text)
    return NaN
  }
  const parts = new Float64Array(table.rows)
  yield* eachStretch(table.rows, (from, to) => {
    for (let row = from; row < to; row++) parts[row] = isMissingAt(cells, row) ? NaN : partOf(cellOf(cells, row), row)
  })
  if (first < 0) return parts
  const shown = [...wrong].slice(0, 5).map((text) => clip(text))
  const message =
    `${showRow(table, first)}, column ${name}: ${shown.join(', ')}${wrong.size > shown.length ? ', …' : ''} ` +
    `${wrong.size === 1 ? 'tells' : 'tell'} no part; write train, validation or test, or 0 and 1.`
  throw new ProblemError(problem('split.part', message, { ...whereOf(table, first), column: name }))
}
