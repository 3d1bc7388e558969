/**
 * The columns that a document names against a table that a file holds: are they there, do they make a task, and does
 * every cell fit its column? Training and prediction, reader and preparation all ask here, so they agree.
 */
import { at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { hash32 } from '../../base/hash.ts'
import { featureColumns, widthOf, type FeatureChoice } from '../../document/signature.ts'
import { BUCKETS, type Column, type TableSource } from '../../document/types.ts'
import { MAX_CATEGORIES, MAX_COLUMNS, MAX_LISTED } from '../limits.ts'
import type { Steps } from '../numbers.ts'
import type { HeldCells, Table, TableColumn } from '../types.ts'
import { numberIn, whyNoNumber } from './cells.ts'
import { oneClass } from './guess.ts'
import { clip } from './records.ts'
import { eachBlock, wholeOf } from './stored.ts'
import { cellOf, isMissingAt, namesOf, showRow, spell, whereOf } from './table.ts'

/** A column of the document and what the table at hand has under that name. */
export interface BoundColumn {
  readonly column: Column
  readonly cells: TableColumn
}

/** Whether the columns of a source make a task at all, whatever the file holds. */
export function checkColumns({ source, preparation }: FeatureChoice<TableSource>): void {
  const file = source.files[0]?.name ?? ''
  const features = featureColumns({ source, preparation })
  const targets = source.columns.filter((column) => column.role === 'target')
  const problems: Problem[] = []
  if (features.length === 0) {
    const { windows } = preparation
    const past = windows && windows.horizon > 0 && targets.length > 0 ? ', or give windows the past of the target' : ''
    const message = `${file}: no column is a feature; choose one or more to learn from${past}.`
    problems.push(problem('data.noFeature', message, { file }))
  }
  const classes = targets.find((column) => column.kind === 'categorical')
  if (classes && targets.length > 1) {
    const other = targets.find((column) => column !== classes)?.name
    const message = `${file}: ${classes.name} and ${other} are both targets; a target of classes must be the only one.`
    problems.push(problem('data.targets', message, { file, column: classes.name }))
  }
  for (const column of new Set([...features, ...targets])) {
    if (column.kind !== 'categorical' || column.encoding === 'hash') continue
    const place = { file, column: column.name }
    const count = column.categories?.length ?? 0
    if (count === 0) {
      const message = `${file}, column ${column.name}: no categories are known; read the file again or make the column numeric.`
      problems.push(problem('data.categories', message, place))
    } else if (count > MAX_CATEGORIES) {
      const message = `${file}, column ${column.name}: ${count} categories, but ${MAX_CATEGORIES} are allowed at most; ignore the column.`
      problems.push(problem('data.categories', message, place))
    } else if (column.role === 'target' && count === 1) {
      problems.push(problem('data.oneClass', oneClass(file, column.name, clip(column.categories?.[0] ?? '')), place))
    }
  }
  const width = features.reduce((sum, column) => sum + widthOf(column), 0)
  if (width > MAX_COLUMNS) {
    const message =
      `${file}: the features take ${width} places, counting one for each category, ` +
      `but ${MAX_COLUMNS} are allowed at most; ignore columns with many categories.`
    problems.push(problem('data.width', message, { file }))
  }
  if (problems.length > 0) throw new ProblemError(...problems)
}

/** Where each wanted column stands in the table; the columns may come in any order, and there may be more. */
export function bindColumns(table: Table, columns: readonly Column[]): BoundColumn[] {
  const known = new Map(table.columns.map((cells) => [cells.name, cells]))
  const absent = columns.filter((column) => !known.has(column.name))
  if (absent.length > 0) {
    const { file } = table
    const names = showNames(absent.map((column) => column.name))
    const message = `${file} has no column ${names}; its columns are ${showNames(namesOf(table))}.`
    throw new ProblemError(problem('data.column', message, { file, line: 1, column: absent[0]?.name ?? '' }))
  }
  return columns.map((column) => ({ column, cells: known.get(column.name) as TableColumn }))
}

function showNames(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ')
}

/** What a cell as it is kept counts as: its number, the code of its category, or NaN for what is missing or does not fit. */
export function meaningIn({ column, cells }: BoundColumn): (cell: number, row: number) => number {
  const meaning = meaningOf(column)
  if (cells.kind === 'texts') {
    const meant = Float64Array.from(cells.texts, meaning)
    return (code) => (code < 0 ? NaN : (meant[code] as number))
  }
  if (column.kind === 'numeric' && !cells.dates) return (value) => value
  const { slips } = cells
  return (value, row) => meaning(Number.isNaN(value) ? (slips.get(row) ?? '') : spell(cells, value))
}

/** One column as numbers, which nobody may write over. */
export function valuesOf(bound: BoundColumn): Float64Array {
  const { column, cells } = bound
  if (cells.kind === 'numbers' && column.kind === 'numeric' && !cells.dates) return wholeOf(cells.values)
  const meant = meaningIn(bound)
  const kept = cells.kind === 'texts' ? cells.codes : cells.values
  const values = new Float64Array(kept.length)
  eachBlock<HeldCells>(kept, (block, first) => {
    for (let i = 0; i < block.length; i++) values[first + i] = meant(block[i] as number, first + i)
  })
  return values
}

/** What a text in this column counts as: a number, the code of a category or a bucket; NaN where it is none. */
export function meaningOf(column: Column): (text: string) => number {
  if (column.kind === 'numeric') return numberIn
  if (column.encoding === 'hash') return (text) => bucketOf(text, column.buckets ?? BUCKETS)
  const codes = new Map((column.categories ?? []).map((name, code) => [name, code]))
  return (text) => codes.get(text) ?? NaN
}

/** A number counts by its value, not by how it is spelt, for a large table keeps it as a number. */
function bucketOf(text: string, buckets: number): number {
  const number = numberIn(text)
  return hash32(Number.isNaN(number) ? text : String(number)) % buckets
}

/** Rows whose cell holds something that does not fit the column, in order. */
export function misfitsIn(table: Table, bound: BoundColumn, values = valuesOf(bound)): number[] {
  const rows: number[] = []
  for (let row = 0; row < table.rows; row++)
    if (Number.isNaN(at(values, row)) && !isMissingAt(bound.cells, row)) rows.push(row)
  return rows
}

/** Why the cell of a row does not fit. */
export function misfit(table: Table, { column, cells }: BoundColumn, row: number): Problem {
  const { name, kind, categories = [] } = column
  const cell = cellOf(cells, row)
  const where = `${showRow(table, row)}, column ${name}: ${clip(cell)}`
  const place = { ...whereOf(table, row), column: name }
  if (kind === 'numeric') {
    return problem('csv.number', `${where} ${whyNoNumber(cell)}; correct the cell or leave it empty.`, place)
  }
  const known = showNames(categories.map((category) => clip(category)))
  const message = `${where} is not among the column's categories (${known}); correct the cell or read the columns again.`
  return problem('data.category', message, place)
}

/** Every cell of the given columns fits, or a ProblemError with the first misfits, in the order of the rows. */
export function* checkCells(table: Table, bound: readonly BoundColumn[]): Steps<void> {
  const found: { readonly row: number; readonly bad: Problem }[] = []
  for (const one of bound) {
    yield table.rows
    // One sentence a column: a wrong kind makes every row wrong in the same way.
    const [row] = misfitsIn(table, one)
    if (row !== undefined) found.push({ row, bad: misfit(table, one, row) })
    if (found.length >= MAX_LISTED) break
  }
  if (found.length === 0) return
  found.sort((a, b) => a.row - b.row)
  throw new ProblemError(...found.map(({ bad }) => bad))
}
