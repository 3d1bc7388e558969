/** A table: rows become examples, or windows of rows do; each column is learnt from and written on its own. */
import { at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { Shape } from '../../base/shape.ts'
import { featureColumns, targetOfColumns, widthOf } from '../../document/signature.ts'
import type { DataSection, TableSource } from '../../document/types.ts'
import { leaksIn, leakWarning } from '../leaks.ts'
import { MAX_EXAMPLE_BYTES } from '../limits.ts'
import { atOnce, type Steps } from '../numbers.ts'
import { partWarnings, sidesIn } from '../parts.ts'
import { PARTS, split, type SplitClues } from '../split.ts'
import { bindColumns, checkCells, checkColumns, valuesOf, type BoundColumn } from '../table/columns.ts'
import { rowHashes } from '../table/duplicates.ts'
import { oneClass } from '../table/guess.ts'
import { showRows } from '../table/survey.ts'
import { clip } from '../table/records.ts'
import { cellOf, isMissingAt, showRow, whereOf } from '../table/table.ts'
import type {
  Examples,
  Features,
  FittedColumn,
  FittedPreparation,
  LoadedTable,
  Parts,
  PreparedData,
  Table,
  TableColumn,
} from '../types.ts'
import { crowdedWarnings, fillWarnings, fitColumn, skipsMissing, targetScaling, writeColumn } from './columns.ts'
import { correctedBy, type Corrected } from './corrections.ts'
import { MadeRows } from './made-rows.ts'
import { columnOf, columnsOf, fitting, groupsIn, keepRows, partsIn, timesIn, type RowRule } from './rows.ts'
import { fitTargets, pickTargets, requireTwoClasses, unseenClasses } from './targets.ts'
import {
  countedBefore,
  countOf,
  distinct,
  listed,
  reachOf,
  rowsAlone,
  sequencesOf,
  sidesOf,
  startsOf,
  windowsAt,
  type ExampleRows,
  type Sequences,
} from './windows.ts'
import type { PreparedExamples } from '../prepare.ts'

/** `budget`: bytes of features that may be made beforehand; of more, each example is made when it is asked for. */
export function* prepareTable(
  { table, source }: LoadedTable,
  section: DataSection,
  budget?: number,
): Steps<PreparedData> {
  const { preparation: recipe } = section
  checkColumns({ source, preparation: recipe })
  const targets = bindColumns(table, columnsOf(source, 'target'))
  const features = bindColumns(table, featureColumns({ source, preparation: recipe }))
  // Of a target with its past each cell is looked at once.
  const used = [...features.filter(({ column }) => column.role !== 'target'), ...targets]
  const marks = marksOf(table, source, section)
  const warnings: Problem[] = []
  const skipping = features.filter(({ column }) => skipsMissing(column, recipe))
  const { windows } = recipe
  // In a series a row without a value takes its windows with it, but is no gap.
  const complete: RowRule[] = [
    { columns: targets, verb: 'has no target' },
    { columns: skipping, verb: 'lacks a feature' },
  ]
  const kept = keepRows(
    table,
    yield* fitting(table, source, used, warnings),
    [
      ...(windows ? [] : complete),
      { columns: marks.time ? [marks.time] : [], verb: 'has no time' },
      { columns: marks.part ? [marks.part] : [], verb: 'has no part' },
    ],
    warnings,
  )
  if (kept.length === 0) throw new ProblemError(nothingLeft(table))
  yield 0
  const parts = partsOfRows(table, kept)
  const told = sidesIn(parts, section.split, table.file)
  warnings.push(...partWarnings({ ...(parts && { parts }) }, section.split))
  const clues = { ...cluesOf(table, marks, kept), ...(told && { parts: told }) }
  const target = targetOfColumns(targets.map(({ column }) => column))
  const isClasses = target.kind === 'classes'
  const given = readTargets(targets, kept)
  checkLabels(table, targets, kept)
  const rowOf = (i: number) => at(kept, i)
  const corrected = correctedBy(section.corrections, target, table.rows)
  const values = corrected?.targets(given, isClasses ? 1 : targets.length, kept.length, rowOf) ?? given
  let sides: Record<'train' | 'validation', ExampleRows>
  if (windows) {
    const sequences = sequencesOf(kept.length, clues.times, clues.groups)
    const gaps = gapsIn(kept, targets, skipping)
    sides = windowsOf(table, sequences, section, clues, gaps, warnings, (row) => corrected?.keeps(rowOf(row)) ?? true)
  } else {
    sides = yield* rowParts(
      table,
      used,
      section,
      // As they stand in the file: a correction moves nobody to another side.
      { ...clues, classes: isClasses ? given : undefined },
      kept,
      warnings,
      corrected && { corrected, values, features },
    )
  }
  if (corrected) {
    const shown = (rows: readonly number[], count: number) => showRows(table, rows, count)
    warnings.push(...corrected.says({ where: `${table.file}: `, noun: 'row', places: shown }))
  }
  if (isClasses)
    requireTwoClasses(codesOf(values, sides), target.names, (only) =>
      oneClass(table.file, targets[0]?.column.name ?? '', only),
    )
  const size = features.reduce((sum, { column }) => sum + widthOf(column), 0)
  const shape = windows ? [windows.length, size] : [size]
  const rowsOfAll = countOf(sides.train) + countOf(sides.validation)
  const isMade = budget !== undefined && rowsOfAll * size * 4 > budget
  if (!isMade) checkSize(table, rowsOfAll, size)
  const learnt = windows ? distinct(sides.train, kept.length) : sides.train.order
  const [trainRows, validationRows] = isMade ? [] : [listed(sides.train), listed(sides.validation)]
  const train = new Float32Array((trainRows?.length ?? 0) * size)
  const validation = new Float32Array((validationRows?.length ?? 0) * size)
  const columns: FittedColumn[] = []
  let offset = 0
  for (const bound of features) {
    yield table.rows
    // One column at a time, so that a table of pictures is never in memory a second time in double precision.
    const cells = readCells(bound, kept)
    const fitted = fitColumn(bound.column, cells, learnt, recipe)
    columns.push(fitted)
    yield 0
    if (trainRows) writeColumn(train, size, offset, cells, trainRows, fitted)
    if (validationRows) writeColumn(validation, size, offset, cells, validationRows, fitted)
    warnings.push(...crowdedWarnings(table, bound))
    if (!skipsMissing(bound.column, recipe)) warnings.push(...fillWarnings(table, fitted, cells, kept))
    offset += widthOf(bound.column)
  }
  if (isClasses) warnings.push(...unseenClasses(values, sides.train.targets, target.names, `${table.file}: `))
  const scalings = isClasses ? [] : targets.map(({ column }) => targetScaling(column, recipe))
  const fitted: FittedPreparation = { columns, targets: fitTargets(values, sides.train.targets, scalings) }
  const part = (examples: ExampleRows, numbers: Float32Array): Examples => {
    const { targets: rows } = examples
    return {
      count: rows.length,
      features: isMade ? new MadeRows(table, features, columns, inTable(examples, kept)) : numbers,
      targets: pickTargets(values, targets.length, rows, fitted),
      rows: rows.map((row) => at(kept, row)),
    }
  }
  return {
    train: part(sides.train, train),
    validation: part(sides.validation, validation),
    shape,
    target,
    fitted,
    warnings,
  }
}

/** With rows of the table in the place of those that take part. */
function inTable(examples: ExampleRows, kept: Uint32Array): ExampleRows {
  return { ...examples, order: examples.order.map((row) => at(kept, row)) }
}

type Applied = Omit<PreparedExamples, 'features'> & { readonly features: Features }

/** `budget`: bytes of features that may be made beforehand, as in `prepareTable`. */
export function applyToTable(fitted: FittedPreparation, loaded: LoadedTable, section: DataSection): PreparedExamples
export function applyToTable(
  fitted: FittedPreparation,
  loaded: LoadedTable,
  section: DataSection,
  budget: number | undefined,
): Applied
export function applyToTable(
  fitted: FittedPreparation,
  { table, source }: LoadedTable,
  section: DataSection,
  budget?: number,
): Applied {
  const columns = fitted.columns.map(({ column }) => {
    if (column) return column
    throw new ProblemError(
      problem('data.kind', `${table.file} is a table, but the network was trained on pictures or points.`),
    )
  })
  const { preparation: recipe } = section
  const { windows } = recipe
  const features = bindColumns(table, columns)
  const warnings: Problem[] = []
  const skipping = features.filter(({ column }) => skipsMissing(column, recipe))
  const time = windows && columnOf(table, source, 'time')
  const group = windows && columnOf(table, source, 'group')
  const kept = keepRows(
    table,
    atOnce(fitting(table, source, features, warnings)),
    [
      { columns: windows ? [] : skipping, verb: 'lacks a feature' },
      { columns: time ? [time] : [], verb: 'has no time' },
    ],
    warnings,
  )
  const all = Uint32Array.from(kept, (_, i) => i)
  let rows = rowsAlone(all)
  let known: Uint32Array | undefined = all
  if (windows) {
    const { times, groups } = cluesOf(table, { time, group }, kept)
    const sequences = sequencesOf(kept.length, times, groups)
    // Every window counts, also those whose target lies in the future.
    const starts = startsOf(sequences, windows, 0).filter(
      isWhole(sequences, windows.length, gapsIn(kept, [], skipping).features),
    )
    if (starts.length === 0) throw new ProblemError(tooShort(table, windows.length))
    const made = windowsAt(sequences, starts, windows)
    rows = { ...made, targets: starts.map((from) => at(sequences.order, from + windows.length - 1)) }
    const whole = startsOf(sequences, windows, reachOf(windows))
    known = whole.length === starts.length ? made.targets : undefined
  }
  const size = columns.reduce((sum, column) => sum + widthOf(column), 0)
  const isMade = budget !== undefined && countOf(rows) * size * 4 > budget
  if (!isMade) checkSize(table, countOf(rows), size)
  const list = isMade ? undefined : listed(rows)
  const out = new Float32Array((list?.length ?? 0) * size)
  let offset = 0
  features.forEach((bound, i) => {
    const entry = at(fitted.columns, i)
    const cells = readCells(bound, kept)
    if (list) writeColumn(out, size, offset, cells, list, entry)
    warnings.push(...crowdedWarnings(table, bound))
    if (!skipsMissing(bound.column, recipe)) warnings.push(...fillWarnings(table, entry, cells, kept))
    offset += widthOf(bound.column)
  })
  const shape: Shape = windows ? [windows.length, size] : [size]
  const count = rows.targets.length
  return {
    count,
    shape,
    features: isMade ? new MadeRows(table, features, fitted.columns, inTable(rows, kept)) : out,
    targets: knownTargets(),
    rows: rows.targets.map((row) => at(kept, row)),
    warnings,
  }

  function knownTargets(): Int32Array | Float32Array | undefined {
    const wanted = columnsOf(source, 'target')
    const has = (name: string) => table.columns.some((column) => column.name === name)
    if (!known || wanted.length === 0 || !wanted.every(({ name }) => has(name))) return undefined
    const targets = bindColumns(table, wanted)
    atOnce(checkCells(table, targets))
    const complete = known.every((i) => targets.every(({ cells }) => !isMissingAt(cells, at(kept, i))))
    return complete ? pickTargets(readTargets(targets, kept), targets.length, known, fitted) : undefined
  }
}

/** Numbers or codes of one column, NaN where missing. */
function readCells(bound: BoundColumn, rows: Uint32Array): Float64Array {
  const values = valuesOf(bound)
  return rows.length === values.length ? values : Float64Array.from(rows, (row) => at(values, row))
}

function readTargets(targets: readonly BoundColumn[], rows: Uint32Array): Int32Array | Float64Array {
  const columns = targets.map((bound) => readCells(bound, rows))
  const [first] = columns
  if (first && targets[0]?.column.kind === 'categorical') return Int32Array.from(first)
  return Float64Array.from({ length: rows.length * targets.length }, (_, i) => {
    return columns[i % targets.length]?.[Math.floor(i / targets.length)] ?? NaN
  })
}

/** Of the rows that are left. */
function codesOf(values: ArrayLike<number>, sides: Record<'train' | 'validation', ExampleRows>): Int32Array {
  const { train, validation } = sides
  const codes = new Int32Array(train.targets.length + validation.targets.length)
  train.targets.forEach((row, i) => (codes[i] = at(values, row)))
  validation.targets.forEach((row, i) => (codes[train.targets.length + i] = at(values, row)))
  return codes
}

/** What a label holds is a yes or a no. */
function checkLabels(table: Table, targets: readonly BoundColumn[], kept: Uint32Array): void {
  for (const bound of targets.filter(({ column }) => column.label)) {
    const wrong = readCells(bound, kept).findIndex((value) => !Number.isNaN(value) && value !== 0 && value !== 1)
    if (wrong < 0) continue
    const { name } = bound.column
    const row = at(kept, wrong)
    const message =
      `${showRow(table, row)}, column ${name}: ${clip(cellOf(bound.cells, row))} is neither 0 nor 1, as a label is; ` +
      `correct it, or let the column be a number to predict.`
    throw new ProblemError(problem('data.label', message, { ...whereOf(table, row), column: name }))
  }
}

function nothingLeft({ file }: Table): Problem {
  const message = `${file} has no complete row left to learn from; fill in missing values, or let them be filled.`
  return problem('data.empty', message, { file })
}

/** Checked before there is memory for them. */
function checkSize({ file }: Table, rows: number, width: number): void {
  if (rows * width * 4 <= MAX_EXAMPLE_BYTES) return
  const message =
    `${file}: its examples take ${rows} x ${width} numbers, which are ${(rows * width * 4) / 1e9} GB, but ` +
    `${MAX_EXAMPLE_BYTES / 1e9} are allowed at most; ignore columns, use fewer buckets or larger strides of windows.`
  throw new ProblemError(problem('data.large', message, { file }))
}

// Groups, times and parts

interface Marks {
  readonly group?: BoundColumn | undefined
  readonly time?: BoundColumn | undefined
  readonly part?: BoundColumn | undefined
}

/** The columns that the split and windows ask; those that nothing asks may hold what they like. */
function marksOf(table: Table, source: TableSource, { preparation: { windows }, split: recipe }: DataSection): Marks {
  const { method } = recipe
  const group = windows || method === 'group' ? columnOf(table, source, 'group') : undefined
  const time = windows || method === 'time' ? columnOf(table, source, 'time') : undefined
  const part = method === 'column' ? columnOf(table, source, 'split') : undefined
  const absent = method === 'group' && !group ? 'group' : method === 'column' && !part ? 'split' : undefined
  if (absent) {
    const message = `${table.file}: the split is by ${method}, but no column has the role ${absent}; give it to one, or split in another way.`
    throw new ProblemError(problem('split.role', message, { file: table.file, field: 'data.split.method' }))
  }
  return { group, time, part }
}

function cluesOf(table: Table, { group, time, part }: Marks, kept: Uint32Array): SplitClues {
  const pick = (values: ArrayLike<number>) => Float64Array.from(kept, (row) => at(values, row))
  return {
    ...(group ? { groups: pick(groupsIn(group)) } : {}),
    ...(time ? { times: pick(timesIn(table, time)) } : {}),
    ...(part ? { parts: pick(partsIn(table, part)) } : {}),
  }
}

/** Which file each row that takes part is of. */
function partsOfRows({ parts }: Table, kept: Uint32Array): Parts | undefined {
  return parts && { names: parts.names, of: Uint8Array.from(kept, (row) => at(parts.of, row)) }
}

/** Rows that a column keeps for tests are left out of both parts, and that is said. */
function sayTests(table: Table, parts: ArrayLike<number> | undefined, kept: Uint32Array, warnings: Problem[]): void {
  if (!parts) return
  const tests = kept.filter((_, i) => parts[i] === PARTS.test)
  if (tests.length === 0) return
  const many =
    tests.length === 1
      ? '1 row is for tests and neither trains nor validates'
      : `${tests.length} rows are for tests and neither train nor validate`
  const message = `${table.file}: ${many} (${showRows(table, tests, tests.length)}).`
  warnings.push(problem('split.test', message, whereOf(table, at(tests, 0)), 'warning'))
}

function requireTraining(table: Table, count: number, { split: { method } }: DataSection): void {
  if (count > 0) return
  const message =
    method === 'column'
      ? `${table.file}: no row that can be used is marked as train; mark some, or split in another way.`
      : `${table.file}: no row is left to train on; choose a smaller validation share.`
  throw new ProblemError(problem('data.empty', message, { file: table.file }))
}

// Rows as examples

function* rowParts(
  table: Table,
  columns: readonly BoundColumn[],
  section: DataSection,
  clues: SplitClues,
  kept: Uint32Array,
  warnings: Problem[],
  right: RightTargets | undefined,
): Steps<{ train: ExampleRows; validation: ExampleRows }> {
  const same = yield* hashesOf(
    table,
    columns.map(({ cells }) => cells),
    kept,
  )
  yield 0
  const drawn = split(kept.length, section.split, { ...clues, same })
  yield 0
  const parts = right?.corrected.split(drawn, (i) => at(kept, i)) ?? drawn
  requireTraining(table, parts.train.length, section)
  if (section.split.method === 'column') sayTests(table, clues.parts, kept, warnings)
  const leaks = leaksIn(parts, right ? yield* rightHashes(table, kept, right) : same)
  if (leaks.length > 0) {
    const rows = leaks.map((i) => at(kept, i))
    const found = {
      count: leaks.length,
      of: parts.validation.length,
      noun: 'row' as const,
      where: `${table.file}: `,
      places: showRows(table, rows, rows.length),
    }
    warnings.push(leakWarning(found, whereOf(table, at(rows, 0))))
  }
  const { train, validation } = parts
  return { train: rowsAlone(train), validation: rowsAlone(validation) }
}

function* hashesOf(table: Table, columns: readonly TableColumn[], kept: Uint32Array): Steps<Float64Array> {
  const hashes = yield* rowHashes({ ...table, columns })
  return kept.length === table.rows ? hashes : Float64Array.from(kept, (row) => at(hashes, row))
}

/** Targets as a person has put them right. */
interface RightTargets {
  readonly corrected: Corrected
  readonly values: Int32Array | Float64Array
  readonly features: readonly BoundColumn[]
}

/** Which rows say the same once they are put right. */
function* rightHashes(table: Table, kept: Uint32Array, { values, features }: RightTargets): Steps<Float64Array> {
  const width = values.length / kept.length
  const targets = Array.from({ length: width }, (_, k): TableColumn => {
    const cells = new Float64Array(table.rows)
    kept.forEach((row, i) => (cells[row] = at(values, i * width + k)))
    return { kind: 'numbers', name: '', values: cells, slips: new Map() }
  })
  return yield* hashesOf(table, [...features.map(({ cells }) => cells), ...targets], kept)
}

// Windows as examples

/** 1 for rows without a target, and for those that lack a feature that may not be filled. */
function gapsIn(
  kept: Uint32Array,
  targets: readonly BoundColumn[],
  skipping: readonly BoundColumn[],
): { readonly targets: Uint8Array; readonly features: Uint8Array } {
  const lacking = (columns: readonly BoundColumn[]) =>
    Uint8Array.from(kept, (row) => Number(columns.some(({ cells }) => isMissingAt(cells, row))))
  return { targets: lacking(targets), features: lacking(skipping) }
}

function isWhole(sequences: Sequences, length: number, gaps: Uint8Array): (from: number) => boolean {
  const before = countedBefore(sequences, (row) => gaps[row] === 1)
  return (from) => at(before, from) === at(before, from + length)
}

function tooShort({ file }: Table, rows: number): Problem {
  const message = `${file}: no series has the ${rows} rows that a window takes; choose shorter windows.`
  return problem('data.windows', message, { file, field: 'data.preparation.windows' })
}

function windowsOf(
  table: Table,
  sequences: Sequences,
  section: DataSection,
  clues: SplitClues,
  gaps: { readonly targets: Uint8Array; readonly features: Uint8Array },
  warnings: Problem[],
  /** Whether the window with the target in this row was not left out by hand. */
  keeps: (row: number) => boolean,
): { train: ExampleRows; validation: ExampleRows } {
  const windows = section.preparation.windows ?? { length: 1, horizon: 0, stride: 1 }
  const reach = reachOf(windows)
  const all = startsOf(sequences, windows, reach)
  if (all.length === 0) throw new ProblemError(tooShort(table, reach + 1))
  const { order } = sequences
  const hasFeatures = isWhole(sequences, windows.length, gaps.features)
  const whole = all.filter((from) => hasFeatures(from) && gaps.targets[at(order, from + reach)] === 0)
  if (whole.length < all.length) {
    const many = all.length - whole.length
    const [are, lack] = many === 1 ? ['window is', 'it lacks'] : ['windows are', 'they lack']
    const message = `${table.file}: ${many} of ${all.length} ${are} left out, for ${lack} a target or a feature.`
    warnings.push(problem('data.skipped', message, { file: table.file }, 'warning'))
  }
  const sides = sidesOf(sequences, section.split, clues)
  const ofSide = (side: number) => {
    const others = countedBefore(sequences, (row) => sides[row] !== side)
    const length = Math.max(windows.length, reach + 1)
    const isOn = (from: number) => at(others, from) === at(others, from + length)
    const taken = whole.filter((from) => isOn(from) && keeps(at(order, from + reach)))
    return windowsAt(sequences, taken, windows)
  }
  const parts = { train: ofSide(PARTS.train), validation: ofSide(PARTS.validation) }
  if (parts.train.targets.length === 0) {
    const message =
      `${table.file}: no window of ${reach + 1} rows, its target included, lies in the training part; ` +
      `choose shorter windows or a smaller validation share.`
    throw new ProblemError(problem('data.empty', message, { file: table.file, field: 'data.preparation.windows' }))
  }
  return parts
}
