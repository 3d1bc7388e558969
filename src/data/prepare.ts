/**
 * From examples as they stand in a file to numbers as the network takes them, and the same again for new examples.
 *
 * Everything that is learnt from data here (means, deviations, what stands for a missing value) is learnt from the
 * training part alone: the validation part must stay a stranger, or its score would flatter. What was learnt is returned
 * as `fitted`, travels with the weights, and `applyPreparation` does the same to every later example.
 *
 * Numeric columns and targets are scaled each on its own; a picture's pixels share one mean and deviation; categories
 * become a place each, 1 for the one that holds. Without scaling numbers pass as they are, and bytes of pictures are
 * divided by 255 (mean 0, deviation 255 in `fitted`), so that they lie between 0 and 1.
 */
import { assert } from '../base/assert.ts'
import { attempt, problem, ProblemError, type Problem, type Result } from '../base/problem.ts'
import { showShape, sizeOf, type Shape } from '../base/shape.ts'
import type { Column, DataSection, PreparationRecipe, TableSource, TargetDescription } from '../document/types.ts'
import { pictureScale, scaleOf, UNSCALED, type Scale } from './scaling.ts'
import { split } from './split.ts'
import { bindColumns, checkColumns, ColumnReader, type BoundColumn } from './table/columns.ts'
import { oneClass } from './table/guess.ts'
import { NAMED_LINES, showLines } from './table/survey.ts'
import { clip } from './table/records.ts'
import type { Examples, FittedColumn, FittedPreparation, PreparedData, RawExamples, RawTable } from './types.ts'

/** A table with the columns that the document gives it. */
export interface LoadedTable {
  readonly table: RawTable
  readonly source: TableSource
}

/** New examples, ready for the network. */
export interface PreparedExamples extends Omit<Examples, 'targets'> {
  readonly shape: Shape
  /** Only where the file has the target, with a value in every row that is left. Numbers are scaled as in training. */
  readonly targets: Int32Array | Float32Array | undefined
  /** Which row or example of the input each one is: rows may be left out. */
  readonly rows: Uint32Array
  readonly warnings: readonly Problem[]
}

export function isTable(raw: RawExamples | LoadedTable): raw is LoadedTable {
  return 'table' in raw
}

/** Splits, learns from the training part, and applies to both parts. */
export function prepare(raw: RawExamples | LoadedTable, section: DataSection): Result<PreparedData> {
  return attempt(() => (isTable(raw) ? prepareTable(raw, section) : prepareExamples(raw, section)))
}

/** Does to new examples what was learnt in training. */
export function applyPreparation(
  fitted: FittedPreparation,
  raw: RawExamples | LoadedTable,
  section: DataSection,
): Result<PreparedExamples> {
  return attempt(() => (isTable(raw) ? applyToTable(fitted, raw, section) : applyToExamples(fitted, raw)))
}

/** Numbers that the network gives back for a numeric target, in the target's own units. */
export function restoreTargets(fitted: FittedPreparation, outputs: ArrayLike<number>): Float64Array {
  const size = fitted.targets.length
  return Float64Array.from(outputs, (value, i) => {
    const { mean, deviation } = fitted.targets[i % size] ?? UNSCALED
    return value * deviation + mean
  })
}

// Pictures and points

function prepareExamples(raw: RawExamples, section: DataSection): PreparedData {
  const { count, shape, target } = raw
  const size = sizeOf(shape)
  assert(raw.features.length === count * size, `${raw.features.length} features for ${count} x ${size}`)
  const isClasses = target.kind === 'classes'
  const width = isClasses ? 1 : target.names.length
  assert(raw.targets.length === count * width, `${raw.targets.length} targets for ${count} x ${width}`)
  if (count === 0) throw new ProblemError(problem('data.empty', 'The data hold no example; choose others.'))
  if (isClasses)
    requireTwoClasses(raw.targets, target.names, (only) => {
      return `Every example has the class ${only}; a network needs two classes or more to tell apart.`
    })
  const parts = split(count, section.split, isClasses ? raw.targets : undefined)
  const { scale } = section.preparation
  const fitted: FittedPreparation = {
    columns: fitPlaces(raw, parts.train, scale),
    targets: isClasses ? [] : fitTargets(raw.targets, width, parts.train, scale),
  }
  const part = (rows: Uint32Array): Examples => ({
    count: rows.length,
    features: scaledFeatures(raw, rows, fitted),
    targets: pickTargets(raw.targets, width, rows, fitted),
  })
  const warnings = isClasses ? unseenClasses(raw.targets, parts.train, target.names, '') : []
  return { train: part(parts.train), validation: part(parts.validation), shape, target, fitted, warnings }
}

/** Pictures ([height, width, channels]) have one entry for all pixels, other examples one for each place. */
function fitPlaces(raw: RawExamples, train: Uint32Array, scale: PreparationRecipe['scale']): FittedColumn[] {
  const size = sizeOf(raw.shape)
  const entry = ({ mean, deviation }: Scale): FittedColumn => ({ mean, deviation, fill: mean })
  const asBytes = raw.features instanceof Uint8Array ? { mean: 0, deviation: 255 } : UNSCALED
  if (raw.shape.length > 1) return [entry(scale === 'none' ? asBytes : pictureScale(raw.features, train, size))]
  return Array.from({ length: size }, (_, place) =>
    entry(scale === 'none' ? asBytes : scaleOf(raw.features, train, size, place)),
  )
}

function scaledFeatures(raw: RawExamples, rows: Uint32Array, fitted: FittedPreparation): Float32Array {
  const size = sizeOf(raw.shape)
  const out = new Float32Array(rows.length * size)
  const { columns } = fitted
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * size
    for (let place = 0; place < size; place++) {
      const { mean, deviation } = (columns.length === 1 ? columns[0] : columns[place]) as FittedColumn
      out[i * size + place] = ((raw.features[from + place] as number) - mean) / deviation
    }
  }
  return out
}

function applyToExamples(fitted: FittedPreparation, raw: RawExamples): PreparedExamples {
  const size = sizeOf(raw.shape)
  if (fitted.columns.length !== 1 && fitted.columns.length !== size) {
    const message = `The examples have shape ${showShape(raw.shape)}, but the network was trained on ${fitted.columns.length} features; choose matching data.`
    throw new ProblemError(problem('data.shape', message))
  }
  const rows = Uint32Array.from({ length: raw.count }, (_, i) => i)
  const width = raw.target.kind === 'classes' ? 1 : raw.target.names.length
  const features = scaledFeatures(raw, rows, fitted)
  const targets = pickTargets(raw.targets, width, rows, fitted)
  return { count: raw.count, shape: raw.shape, features, targets, rows, warnings: [] }
}

// Tables

function prepareTable({ table, source }: LoadedTable, section: DataSection): PreparedData {
  checkColumns(source)
  const features = bindColumns(table, columnsOf(source, 'feature'))
  const targets = bindColumns(table, columnsOf(source, 'target'))
  const warnings: Problem[] = []
  const { missing, scale } = section.preparation
  const kept = keepRows(
    table,
    [
      { columns: targets, verb: 'has no target' },
      ...(missing === 'skip' ? [{ columns: features, verb: 'lacks a feature' }] : []),
    ],
    warnings,
  )
  if (kept.length === 0) {
    const message = `${table.file} has no complete row left to learn from; fill in missing values, or let them be filled.`
    throw new ProblemError(problem('data.empty', message, { file: table.file }))
  }
  const target = describeTarget(targets)
  const width = targets.length
  const values = readTargets(table, targets, kept)
  const isClasses = target.kind === 'classes'
  if (isClasses)
    requireTwoClasses(values, target.names, (only) => {
      return oneClass(table.file, targets[0]?.column.name ?? '', only)
    })
  const parts = split(kept.length, section.split, isClasses ? values : undefined)
  const fittedTargets = isClasses ? [] : fitTargets(values, width, parts.train, scale)

  const shape = [features.reduce((sum, { column }) => sum + widthOf(column), 0)]
  const size = shape[0] ?? 0
  const train = new Float32Array(parts.train.length * size)
  const validation = new Float32Array(parts.validation.length * size)
  const columns: FittedColumn[] = []
  let offset = 0
  for (const bound of features) {
    // One column at a time, so that a table of pictures is never in memory a second time in double precision.
    const cells = readColumn(table, bound, kept)
    const fitted = fitColumn(bound.column, cells, parts.train, scale)
    columns.push(fitted)
    writeColumn(train, size, offset, cells, parts.train, fitted)
    writeColumn(validation, size, offset, cells, parts.validation, fitted)
    const filled = countMissing(cells)
    if (filled.count > 0)
      warnings.push(
        fillWarning(
          table,
          fitted,
          filled.count,
          filled.rows.map((row) => kept[row] ?? 0),
        ),
      )
    offset += widthOf(bound.column)
  }
  if (isClasses) warnings.push(...unseenClasses(values, parts.train, target.names, `${table.file}: `))
  const fitted: FittedPreparation = { columns, targets: fittedTargets }
  const part = (rows: Uint32Array, features: Float32Array): Examples => {
    return { count: rows.length, features, targets: pickTargets(values, width, rows, fitted) }
  }
  return {
    train: part(parts.train, train),
    validation: part(parts.validation, validation),
    shape,
    target,
    fitted,
    warnings,
  }
}

function applyToTable(
  fitted: FittedPreparation,
  { table, source }: LoadedTable,
  section: DataSection,
): PreparedExamples {
  const columns = fitted.columns.map(({ column }) => {
    if (column) return column
    throw new ProblemError(
      problem('data.kind', `${table.file} is a table, but the network was trained on pictures or points.`),
    )
  })
  const features = bindColumns(table, columns)
  const warnings: Problem[] = []
  const skip = section.preparation.missing === 'skip'
  const kept = keepRows(table, skip ? [{ columns: features, verb: 'lacks a feature' }] : [], warnings)
  const size = columns.reduce((sum, column) => sum + widthOf(column), 0)
  const out = new Float32Array(kept.length * size)
  const all = Uint32Array.from(kept, (_, i) => i)
  let offset = 0
  features.forEach((bound, i) => {
    const entry = fitted.columns[i] as FittedColumn
    const cells = readColumn(table, bound, kept)
    writeColumn(out, size, offset, cells, all, entry)
    const filled = countMissing(cells)
    if (filled.count > 0)
      warnings.push(
        fillWarning(
          table,
          entry,
          filled.count,
          filled.rows.map((row) => kept[row] ?? 0),
        ),
      )
    offset += widthOf(bound.column)
  })
  return { count: kept.length, shape: [size], features: out, targets: knownTargets(), rows: kept, warnings }

  function knownTargets(): Int32Array | Float32Array | undefined {
    const wanted = columnsOf(source, 'target')
    if (wanted.length === 0 || wanted.some((column) => !table.header.includes(column.name))) return undefined
    const targets = bindColumns(table, wanted)
    const complete = kept.every((row) => targets.every(({ index }) => table.cells[row]?.[index] !== ''))
    return complete ? pickTargets(readTargets(table, targets, kept), targets.length, all, fitted) : undefined
  }
}

/** What the document's signature says of these columns, which a test compares. */
function describeTarget(targets: readonly BoundColumn[]): TargetDescription {
  const classes = targets.find(({ column }) => column.kind === 'categorical')
  if (classes) return { kind: 'classes', names: classes.column.categories ?? [] }
  return { kind: 'numbers', names: targets.map(({ column }) => column.name) }
}

function columnsOf(source: TableSource, role: Column['role']): Column[] {
  return source.columns.filter((column) => column.role === role)
}

function widthOf(column: Column): number {
  return column.kind === 'numeric' ? 1 : (column.categories?.length ?? 0)
}

/** Rows that have a value in all columns of every rule; what each rule leaves out is said. */
function keepRows(
  table: RawTable,
  rules: readonly { readonly columns: readonly BoundColumn[]; readonly verb: string }[],
  warnings: Problem[],
): Uint32Array {
  let kept = Uint32Array.from(table.cells, (_, row) => row)
  for (const { columns, verb } of rules) {
    const lacks = (row: number) => columns.some(({ index }) => (table.cells[row]?.[index] ?? '') === '')
    const dropped = kept.filter(lacks)
    if (dropped.length === 0) continue
    kept = kept.filter((row) => !lacks(row))
    const lines = Array.from(dropped.subarray(0, NAMED_LINES), (row) => table.lines[row] ?? 0)
    const many = dropped.length === 1 ? `1 row ${verb} and is` : `${dropped.length} rows ${plural(verb)} and are`
    const message = `${table.file}: ${many} left out (${showLines(lines, dropped.length)}).`
    warnings.push(problem('data.skipped', message, { file: table.file, line: lines[0] ?? 0 }, 'warning'))
  }
  return kept
}

function plural(verb: string): string {
  return verb.replace(/^has/, 'have').replace(/^lacks/, 'lack')
}

/** Numbers or codes of one column, NaN where missing. */
function readColumn(table: RawTable, bound: BoundColumn, rows: Uint32Array): Float64Array {
  const reader = new ColumnReader(table, bound)
  return Float64Array.from(rows, (row) => reader.read(row))
}

function readTargets(table: RawTable, targets: readonly BoundColumn[], rows: Uint32Array): Int32Array | Float64Array {
  const columns = targets.map((bound) => readColumn(table, bound, rows))
  const [first] = columns
  if (first && targets[0]?.column.kind === 'categorical') return Int32Array.from(first)
  return Float64Array.from({ length: rows.length * targets.length }, (_, i) => {
    return columns[i % targets.length]?.[Math.floor(i / targets.length)] ?? NaN
  })
}

function fitColumn(
  column: Column,
  cells: Float64Array,
  train: Uint32Array,
  scale: PreparationRecipe['scale'],
): FittedColumn {
  if (column.kind === 'categorical') return { column, mean: 0, deviation: 1, fill: mostFrequent(column, cells, train) }
  const found = scaleOf(cells, train)
  return { column, ...(scale === 'none' ? UNSCALED : found), fill: found.mean }
}

/** Code of the category that most training rows have; the first of several. */
function mostFrequent(column: Column, codes: Float64Array, train: Uint32Array): number {
  const counts = new Array<number>(column.categories?.length ?? 0).fill(0)
  for (const row of train) {
    const code = codes[row] ?? NaN
    if (!Number.isNaN(code)) counts[code] = (counts[code] ?? 0) + 1
  }
  return Math.max(0, counts.indexOf(Math.max(...counts)))
}

function writeColumn(
  out: Float32Array,
  stride: number,
  offset: number,
  cells: Float64Array,
  rows: Uint32Array,
  { column, mean, deviation, fill }: FittedColumn,
): void {
  for (let i = 0; i < rows.length; i++) {
    const cell = cells[rows[i] as number] as number
    const value = Number.isNaN(cell) ? fill : cell
    if (column?.kind === 'categorical') out[i * stride + offset + value] = 1
    else out[i * stride + offset] = (value - mean) / deviation
  }
}

function countMissing(cells: Float64Array): { count: number; rows: number[] } {
  const rows: number[] = []
  let count = 0
  cells.forEach((cell, row) => {
    if (Number.isNaN(cell) && count++ < NAMED_LINES) rows.push(row)
  })
  return { count, rows }
}

function fillWarning(table: RawTable, { column, fill }: FittedColumn, count: number, rows: readonly number[]): Problem {
  const { file } = table
  const name = column?.name ?? ''
  const lines = rows.map((row) => table.lines[row] ?? 0)
  const by =
    column?.kind === 'categorical'
      ? `the most frequent category of the training part, ${clip(column.categories?.[fill] ?? '')}`
      : `the mean of the training part, ${Number(fill.toPrecision(4))}`
  const many = count === 1 ? '1 missing value is' : `${count} missing values are`
  const message = `${file}, column ${name}: ${many} filled with ${by} (${showLines(lines, count)}).`
  return problem('data.filled', message, { file, column: name, line: lines[0] ?? 0 }, 'warning')
}

// Targets of both

function fitTargets(
  values: ArrayLike<number>,
  width: number,
  train: Uint32Array,
  scale: PreparationRecipe['scale'],
): Scale[] {
  return Array.from({ length: width }, (_, k) => (scale === 'none' ? UNSCALED : scaleOf(values, train, width, k)))
}

function pickTargets(
  values: Int32Array | Float32Array | Float64Array,
  width: number,
  rows: Uint32Array,
  fitted: FittedPreparation,
): Int32Array | Float32Array {
  if (values instanceof Int32Array) return Int32Array.from(rows, (row) => values[row] as number)
  const out = new Float32Array(rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < width; k++) {
      const { mean, deviation } = fitted.targets[k] ?? UNSCALED
      out[i * width + k] = ((values[(rows[i] as number) * width + k] as number) - mean) / deviation
    }
  }
  return out
}

function requireTwoClasses(codes: ArrayLike<number>, names: readonly string[], say: (only: string) => string): void {
  for (let i = 1; i < codes.length; i++) if (codes[i] !== codes[0]) return
  const only = clip(names[codes[0] ?? 0] ?? '')
  throw new ProblemError(problem('data.oneClass', say(only)))
}

/** Classes without a training example cannot be learnt; a rare class in a small set may be such. */
function unseenClasses(
  codes: ArrayLike<number>,
  train: Uint32Array,
  names: readonly string[],
  where: string,
): Problem[] {
  const seen = new Set<number>()
  for (const row of train) seen.add(codes[row] as number)
  const unseen = names.filter((_, code) => !seen.has(code))
  if (unseen.length === 0) return []
  const shown =
    unseen
      .slice(0, 5)
      .map((name) => clip(name))
      .join(', ') + (unseen.length > 5 ? ', …' : '')
  const one = unseen.length === 1
  const message =
    `${where}${where ? 'no' : 'No'} training example has the ${one ? 'class' : 'classes'} ${shown}, ` +
    `so the network cannot learn ${one ? 'it' : 'them'}.`
  return [problem('data.unseen', message, undefined, 'warning')]
}
