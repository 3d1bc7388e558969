/**
 * The columns that a document names against a table that a file holds: are they there, do they make a task, and does
 * every cell fit its column? Training and prediction, reader and preparation all ask here, so they agree.
 */
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { Column, TableSource } from '../../document/types.ts'
import { MAX_CATEGORIES, MAX_COLUMNS, MAX_LISTED } from '../limits.ts'
import type { RawTable } from '../types.ts'
import { numberIn, whyNoNumber } from './cells.ts'
import { oneClass } from './guess.ts'
import { clip } from './records.ts'

/** A column of the document and where it stands in the table at hand. */
export interface BoundColumn {
  readonly column: Column
  readonly index: number
}

/** Whether the columns of a source make a task at all, whatever the file holds. */
export function checkColumns(source: TableSource): void {
  const file = source.file.name
  const features = source.columns.filter((column) => column.role === 'feature')
  const targets = source.columns.filter((column) => column.role === 'target')
  const problems: Problem[] = []
  if (features.length === 0) {
    problems.push(
      problem('data.noFeature', `${file}: no column is a feature; choose one or more to learn from.`, { file }),
    )
  }
  if (targets.length === 0) {
    problems.push(problem('data.noTarget', `${file}: no column is the target; choose the one to predict.`, { file }))
  }
  const classes = targets.find((column) => column.kind === 'categorical')
  if (classes && targets.length > 1) {
    const other = targets.find((column) => column !== classes)?.name
    const message = `${file}: ${classes.name} and ${other} are both targets; a target of classes must be the only one.`
    problems.push(problem('data.targets', message, { file, column: classes.name }))
  }
  for (const column of [...features, ...targets]) {
    if (column.kind !== 'categorical') continue
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
  const width = features.reduce((sum, c) => sum + (c.kind === 'numeric' ? 1 : (c.categories?.length ?? 0)), 0)
  if (width > MAX_COLUMNS) {
    const message =
      `${file}: the features take ${width} places, counting one for each category, ` +
      `but ${MAX_COLUMNS} are allowed at most; ignore columns with many categories.`
    problems.push(problem('data.width', message, { file }))
  }
  if (problems.length > 0) throw new ProblemError(...problems)
}

/** Where each wanted column stands in the table; the header may come in any order and have more. */
export function bindColumns(table: RawTable, columns: readonly Column[]): BoundColumn[] {
  const places = new Map(table.header.map((name, index) => [name, index]))
  const absent = columns.filter((column) => !places.has(column.name))
  if (absent.length > 0) {
    const { file } = table
    const names = showNames(absent.map((column) => column.name))
    const message = `${file} has no column ${names}; its columns are ${showNames(table.header)}.`
    throw new ProblemError(problem('data.column', message, { file, line: 1, column: absent[0]?.name ?? '' }))
  }
  return columns.map((column) => ({ column, index: places.get(column.name) ?? -1 }))
}

function showNames(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ')
}

/** Reads cells of one column as numbers: the number, the code of the category, or NaN for a missing value. */
export class ColumnReader {
  readonly #table: RawTable
  readonly #bound: BoundColumn
  readonly #codes: ReadonlyMap<string, number>

  constructor(table: RawTable, bound: BoundColumn) {
    this.#table = table
    this.#bound = bound
    this.#codes = new Map((bound.column.categories ?? []).map((name, code) => [name, code]))
  }

  /** A cell that does not fit throws a ProblemError that names its line and column. */
  read(row: number): number {
    const cell = this.#table.cells[row]?.[this.#bound.index] ?? ''
    if (cell === '') return NaN
    const value = this.#bound.column.kind === 'numeric' ? numberIn(cell) : (this.#codes.get(cell) ?? NaN)
    if (Number.isNaN(value)) throw new ProblemError(this.#misfit(row, cell))
    return value
  }

  #misfit(row: number, cell: string): Problem {
    const { file, lines } = this.#table
    const { name, kind, categories = [] } = this.#bound.column
    const line = lines[row] ?? 0
    const where = `${file} line ${line}, column ${name}: ${clip(cell)}`
    const place = { file, line, column: name }
    if (kind === 'numeric') {
      return problem('csv.number', `${where} ${whyNoNumber(cell)}; correct the cell or leave it empty.`, place)
    }
    const known = showNames(categories.map((category) => clip(category)))
    const message = `${where} is not among the column's categories (${known}); correct the cell or read the columns again.`
    return problem('data.category', message, place)
  }
}

/** Every cell of the given columns fits, or a ProblemError with the first misfits, in the order of the lines. */
export function checkCells(table: RawTable, bound: readonly BoundColumn[]): void {
  const problems: Problem[] = []
  for (const one of bound) {
    const reader = new ColumnReader(table, one)
    for (let row = 0; row < table.cells.length; row++) {
      try {
        reader.read(row)
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error
        // One sentence a column: a wrong kind makes every row wrong in the same way.
        problems.push(...error.problems)
        break
      }
    }
    if (problems.length >= MAX_LISTED) break
  }
  if (problems.length === 0) return
  problems.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0))
  throw new ProblemError(...problems)
}
