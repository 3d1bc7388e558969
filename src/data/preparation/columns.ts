/** One feature column of a table: what is learnt from its training part, and the places that each cell becomes. */
import { at } from '../../base/assert.ts'
import { problem, type Problem } from '../../base/problem.ts'
import { widthOf } from '../../document/signature.ts'
import { BUCKETS, type Column, type PreparationRecipe, type Scaling } from '../../document/types.ts'
import type { Steps } from '../numbers.ts'
import { clipped, fitScale, quantile, transformed, UNSCALED } from '../scaling.ts'
import { countTo, eachStretch, inOrder, picked } from '../stretches.ts'
import { meaningOf, type BoundColumn } from '../table/columns.ts'
import { clip } from '../table/records.ts'
import { NAMED_LINES, showRows } from '../table/survey.ts'
import { whereOf } from '../table/table.ts'
import type { FittedColumn, Table } from '../types.ts'

/** Whether the column is one number, rather than a place for each category or bucket. */
export const isNumber = ({ kind, encoding }: Column) => kind === 'numeric' || encoding === 'ordinal'

/** Whether rows without a value in this column are left out. */
export function skipsMissing({ missing }: Column, recipe: PreparationRecipe): boolean {
  return missing === 'skip' || (missing === undefined && recipe.missing === 'skip')
}

/** How a target of numbers is scaled: errors are told in its own units, which takes a scale and nothing else. */
export function targetScaling({ scale, label }: Pick<Column, 'scale' | 'label'>, recipe: PreparationRecipe): Scaling {
  if (label) return 'none'
  const scaling = scale ?? recipe.scale
  return scaling === 'log' ? 'standardise' : scaling
}

/** `cells`: numbers or codes, NaN where missing; `train`: those that may be learnt from. */
export function* fitColumn(
  column: Column,
  cells: Float64Array,
  train: Uint32Array,
  recipe: PreparationRecipe,
): Steps<FittedColumn> {
  const rule = fillRule(column)
  const scaling = column.scale ?? recipe.scale
  const cuts = isNumber(column) && column.clip
  const isSorted = cuts || rule === 'median' || rule === 'mostFrequent'
  const sorted = isSorted ? yield* inOrder(yield* presentIn(cells, train)) : new Float64Array()
  const scale = isNumber(column) && !cuts ? yield* fitScale(scaling, cells, train) : UNSCALED
  // The mean is that of the scale, mostly.
  const isKnown = isNumber(column) && !cuts && scaling === 'standardise'
  const mean = rule !== 'mean' || isKnown ? scale.mean : (yield* fitScale('standardise', cells, train)).mean
  const fill = yield* fillOf(column, rule, mean, sorted)
  if (!cuts || sorted.length === 0) return { column, ...scale, fill }
  const bounds = [quantile(sorted, cuts[0]), quantile(sorted, cuts[1])] as const
  const cut = new Float64Array(sorted.length)
  yield* eachStretch(cut.length, (from, to) => {
    for (let i = from; i < to; i++) cut[i] = clipped(at(sorted, i), bounds)
  })
  return { column, clip: bounds, ...(yield* fitScale(scaling, cut, countTo(cut.length))), fill }
}

function* presentIn(cells: Float64Array, rows: Uint32Array): Steps<Float64Array> {
  const all = yield* picked(cells, rows, new Float64Array(rows.length))
  let count = 0
  yield* eachStretch(all.length, (from, to) => {
    for (let i = from; i < to; i++) if (!Number.isNaN(at(all, i))) all[count++] = at(all, i)
  })
  return all.subarray(0, count)
}

function fillRule({ kind, missing }: Column): Exclude<Column['missing'], 'skip' | undefined> {
  return missing === undefined || missing === 'skip' ? (kind === 'numeric' ? 'mean' : 'mostFrequent') : missing
}

/** What a missing value counts as, before it is scaled: a number, the code of a category, or a bucket. `sorted`: what is present. */
function* fillOf(column: Column, rule: ReturnType<typeof fillRule>, mean: number, sorted: Float64Array): Steps<number> {
  const { fill } = column
  switch (rule) {
    case 'mean':
      return mean
    case 'median':
      return sorted.length > 0 ? quantile(sorted, 0.5) : 0
    case 'mostFrequent':
      return yield* mostFrequent(sorted)
    case 'constant':
      return typeof fill === 'number' ? fill : meaningOf(column)(fill ?? '')
    default:
      return rule satisfies never
  }
}

/** The least of several; 0 where there is none. */
function* mostFrequent(sorted: Float64Array): Steps<number> {
  let best = 0
  let most = 0
  let begin = 0
  yield* eachStretch(sorted.length, (from, to) => {
    for (let i = from; i < to; i++) {
      if (sorted[i] !== sorted[begin]) begin = i
      if (i + 1 - begin > most) {
        best = at(sorted, i)
        most = i + 1 - begin
      }
    }
  })
  return best
}

/**
 * Writes the cells of `rows` from place `offset` on of rows of `stride` places that are all 0: one below the other, or each into
 * the row that `to` says.
 */
export function writeColumn(
  out: Float32Array,
  stride: number,
  offset: number,
  cells: Float64Array,
  rows: Uint32Array,
  fitted: FittedColumn,
  to?: Uint32Array,
): void {
  const { column, fill } = fitted
  const asNumber = !column || isNumber(column)
  const flag = column?.flag ? offset + widthOf(column) - 1 : -1
  for (let i = 0; i < rows.length; i++) {
    const cell = cells[rows[i] as number] as number
    const isMissing = Number.isNaN(cell)
    const value = isMissing ? fill : cell
    const first = (to ? (to[i] as number) : i) * stride
    if (asNumber) out[first + offset] = transformed(value, fitted)
    else out[first + offset + value] = 1
    if (isMissing && flag >= 0) out[first + flag] = 1
  }
}

/** A table keeps so many different texts of a column; the others look alike, and would be hashed as one. */
export function crowdedWarnings({ file }: Table, { column, cells }: BoundColumn): Problem[] {
  if (column.encoding !== 'hash' || cells.kind !== 'texts' || !cells.hasOthers) return []
  const message = `${file}, column ${column.name}: of more than ${cells.texts.length - 1} different texts the later ones are hashed as one.`
  return [problem('data.texts', message, { file, column: column.name }, 'warning')]
}

/** Says what was filled in; `kept`: the row of the table that each cell is of. */
export function* fillWarnings(
  table: Table,
  fitted: FittedColumn,
  cells: Float64Array,
  kept: Uint32Array,
): Steps<Problem[]> {
  const rows: number[] = []
  let count = 0
  yield* eachStretch(cells.length, (from, to) => {
    for (let i = from; i < to; i++) if (Number.isNaN(at(cells, i)) && count++ < NAMED_LINES) rows.push(at(kept, i))
  })
  if (count === 0) return []
  const { file } = table
  const name = fitted.column?.name ?? ''
  const many = count === 1 ? '1 missing value is' : `${count} missing values are`
  const where = showRows(table, rows, count)
  const message = `${file}, column ${name}: ${many} filled with ${sayFill(fitted)} (${where}).`
  return [problem('data.filled', message, { ...whereOf(table, at(rows, 0)), column: name }, 'warning')]
}

function sayFill({ column, fill }: FittedColumn): string {
  if (column?.missing === 'constant') return typeof column.fill === 'string' ? clip(column.fill) : String(column.fill)
  const number = Number(fill.toPrecision(4))
  if (column?.kind === 'categorical') {
    return column.encoding === 'hash'
      ? `the most frequent place of the training part, ${fill + 1} of ${column.buckets ?? BUCKETS}`
      : `the most frequent category of the training part, ${clip(column.categories?.[fill] ?? '')}`
  }
  if (column?.missing === 'median') return `the median of the training part, ${number}`
  if (column?.missing === 'mostFrequent') return `the most frequent value of the training part, ${number}`
  return `the mean of the training part, ${number}`
}
