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
import { chosen, countTo, eachStretch, picked } from '../stretches.ts'
import { bindColumns, checkCells, checkColumns, misfitsIn, valuesOf, type BoundColumn } from '../table/columns.ts'
import { rowHashes } from '../table/duplicates.ts'
import { misfitsOf, oneClass } from '../table/guess.ts'
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
import {
  columnOf,
  columnsOf,
  fitting,
  groupsIn,
  keepRows,
  noteMissing,
  partsIn,
  timesIn,
  type RowRule,
} from './rows.ts'
import { fitTargets, pickTargets, requireTwoClasses, unseenClasses } from './targets.ts'
import {
  aimsOf,
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
  type Aims,
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
  const kept = yield* keepRows(
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
  const parts = yield* partsOfRows(table, kept)
  const told = sidesIn(parts, section.split, table.file)
  warnings.push(...partWarnings({ ...(parts && { parts }) }, section.split))
  const clues = { ...(yield* cluesOf(table, marks, kept)), ...(told && { parts: told }) }
  const target = targetOfColumns(targets.map(({ column }) => column))
  const isClasses = target.kind === 'classes'
  const given = yield* readTargets(targets, kept)
  yield* checkLabels(table, targets, kept)
  const rowOf = (i: number) => at(kept, i)
  const corrected = correctedBy(section.corrections, target, table.rows)
  const width = isClasses ? 1 : targets.length
  const values = corrected ? yield* corrected.targets(given, width, kept.length, rowOf) : given
  let sides: Record<'train' | 'validation', ExampleRows>
  if (windows) {
    const sequences = yield* sequencesOf(kept.length, clues.times, clues.groups, parts?.of)
    const gaps = yield* gapsIn(table, kept, targets, skipping)
    const keeps = (row: number) => corrected?.keeps(rowOf(row)) ?? true
    sides = yield* windowsOf(table, sequences, section, clues, gaps, warnings, keeps)
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
    requireTwoClasses(yield* codesOf(values, sides), target.names, (only) =>
      oneClass(table.file, targets[0]?.column.name ?? '', only),
    )
  const size = features.reduce((sum, { column }) => sum + widthOf(column), 0)
  const shape = windows ? [windows.length, size] : [size]
  const rowsOfAll = countOf(sides.train) + countOf(sides.validation)
  const isMade = budget !== undefined && rowsOfAll * size * 4 > budget
  if (!isMade) checkSize(table, rowsOfAll, size)
  const learnt = windows ? yield* distinct(sides.train, kept.length) : sides.train.order
  const trainRows = isMade ? undefined : yield* listed(sides.train)
  const validationRows = isMade ? undefined : yield* listed(sides.validation)
  const train = new Float32Array((trainRows?.length ?? 0) * size)
  const validation = new Float32Array((validationRows?.length ?? 0) * size)
  const columns: FittedColumn[] = []
  let offset = 0
  for (const bound of features) {
    yield table.rows
    // One column at a time, so that a table of pictures is never in memory a second time in double precision.
    const cells = yield* readCells(bound, kept)
    yield 0
    const fitted = yield* fitColumn(bound.column, cells, learnt, recipe)
    columns.push(fitted)
    if (trainRows) yield* writeRows(train, size, offset, cells, trainRows, fitted)
    if (validationRows) yield* writeRows(validation, size, offset, cells, validationRows, fitted)
    warnings.push(...crowdedWarnings(table, bound))
    if (!skipsMissing(bound.column, recipe)) warnings.push(...(yield* fillWarnings(table, fitted, cells, kept)))
    offset += widthOf(bound.column)
  }
  if (isClasses) warnings.push(...(yield* unseenClasses(values, sides.train.targets, target.names, `${table.file}: `)))
  const scalings = isClasses ? [] : targets.map(({ column }) => targetScaling(column, recipe))
  const fitted: FittedPreparation = {
    columns,
    targets: yield* fitTargets(values, sides.train.targets, scalings),
    ...(table.decimal && { decimal: table.decimal }),
  }
  const part = function* (examples: ExampleRows, numbers: Float32Array): Steps<Examples> {
    const { targets: rows } = examples
    return {
      count: rows.length,
      features: isMade ? new MadeRows(table, features, columns, yield* inTable(examples, kept)) : numbers,
      targets: yield* pickTargets(values, targets.length, rows, fitted),
      rows: yield* picked(kept, rows, new Uint32Array(rows.length)),
    }
  }
  return {
    train: yield* part(sides.train, train),
    validation: yield* part(sides.validation, validation),
    shape,
    target,
    fitted,
    warnings,
  }
}

/** With rows of the table in the place of those that take part. */
function* inTable(examples: ExampleRows, kept: Uint32Array): Steps<ExampleRows> {
  const { order } = examples
  return { ...examples, order: yield* picked(kept, order, new Uint32Array(order.length)) }
}

/** Cells of a column into features that are all 0. */
function writeRows(
  out: Float32Array,
  size: number,
  offset: number,
  cells: Float64Array,
  rows: Uint32Array,
  fitted: FittedColumn,
): Steps<void> {
  return eachStretch(rows.length, (from, to) =>
    writeColumn(out.subarray(from * size, to * size), size, offset, cells, rows.subarray(from, to), fitted),
  )
}

type Applied = Omit<PreparedExamples, 'features'> & {
  readonly features: Features
  /** Of windows that look ahead. */
  readonly aims?: Aims
}

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
  loaded: LoadedTable,
  section: DataSection,
  budget?: number,
): Applied {
  return atOnce(applied(fitted, loaded, section, budget))
}

function* applied(
  fitted: FittedPreparation,
  { table, source }: LoadedTable,
  section: DataSection,
  budget: number | undefined,
): Steps<Applied> {
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
  const kept = yield* keepRows(
    table,
    yield* fitting(table, source, features, warnings, (column) => !skipsMissing(column, recipe)),
    [
      { columns: windows ? [] : skipping, verb: 'lacks a feature' },
      { columns: time ? [time] : [], verb: 'has no time' },
    ],
    warnings,
  )
  const all = countTo(kept.length)
  let rows = rowsAlone(all)
  let known: Uint32Array | undefined = all
  let aims: Aims | undefined
  if (kept.length === 0) throw new ProblemError(noneLeft(table), ...warnings)
  if (windows) {
    const { times, groups } = yield* cluesOf(table, { time, group }, kept)
    const files = (yield* partsOfRows(table, kept))?.of
    const sequences = yield* sequencesOf(kept.length, times, groups, files)
    // Every window counts, also those whose target lies in the future.
    const gaps = yield* gapsIn(table, kept, [], skipping)
    const isComplete = yield* isWhole(sequences, windows.length, gaps.features)
    const starts = yield* chosen(startsOf(sequences, windows, 0), isComplete)
    if (starts.length === 0) throw new ProblemError(tooShort(table, windows.length))
    const made = yield* windowsAt(sequences, starts, windows)
    rows = { ...made, targets: starts.map((from) => at(sequences.order, from + windows.length - 1)) }
    if (windows.horizon > 0) aims = yield* aimsOf(sequences, starts, windows)
    const whole = startsOf(sequences, windows, reachOf(windows))
    known = whole.length === starts.length ? made.targets : undefined
  }
  const size = columns.reduce((sum, column) => sum + widthOf(column), 0)
  const isMade = budget !== undefined && countOf(rows) * size * 4 > budget
  if (!isMade) checkSize(table, countOf(rows), size)
  const list = isMade ? undefined : yield* listed(rows)
  const out = new Float32Array((list?.length ?? 0) * size)
  let offset = 0
  for (const [i, bound] of features.entries()) {
    const entry = at(fitted.columns, i)
    const cells = yield* readCells(bound, kept)
    if (list) yield* writeRows(out, size, offset, cells, list, entry)
    warnings.push(...crowdedWarnings(table, bound))
    if (!skipsMissing(bound.column, recipe)) warnings.push(...(yield* fillWarnings(table, entry, cells, kept)))
    offset += widthOf(bound.column)
  }
  const shape: Shape = windows ? [windows.length, size] : [size]
  const count = rows.targets.length
  return {
    count,
    shape,
    features: isMade ? new MadeRows(table, features, fitted.columns, yield* inTable(rows, kept)) : out,
    targets: yield* knownTargets(),
    rows: rows.targets.map((row) => at(kept, row)),
    ...(aims && { aims: { ...aims, rows: aims.rows.map((row) => at(kept, row)) } }),
    warnings,
  }

  function* knownTargets(): Steps<Int32Array | Float32Array | undefined> {
    const wanted = columnsOf(source, 'target')
    const has = (name: string) => table.columns.some((column) => column.name === name)
    if (!known || wanted.length === 0 || !wanted.every(({ name }) => has(name))) return undefined
    const targets = bindColumns(table, wanted)
    // Who only asks for answers needs no truth.
    if (misfitsOf(source) === 'refuse') yield* checkCells(table, targets)
    else if (targets.some((bound) => misfitsIn(table, bound).length > 0)) return undefined
    const complete = known.every((i) => targets.every(({ cells }) => !isMissingAt(cells, at(kept, i))))
    return complete ? yield* pickTargets(yield* readTargets(targets, kept), targets.length, known, fitted) : undefined
  }
}

/** Numbers or codes of one column, NaN where missing. */
function* readCells(bound: BoundColumn, rows: Uint32Array): Steps<Float64Array> {
  const values = valuesOf(bound)
  return rows.length === values.length ? values : yield* picked(values, rows, new Float64Array(rows.length))
}

function* readTargets(targets: readonly BoundColumn[], rows: Uint32Array): Steps<Int32Array | Float64Array> {
  const width = targets.length
  const isClasses = targets[0]?.column.kind === 'categorical'
  const out = isClasses ? new Int32Array(rows.length) : new Float64Array(rows.length * width)
  for (const [k, bound] of targets.entries()) {
    const cells = yield* readCells(bound, rows)
    yield* eachStretch(rows.length, (from, to) => {
      for (let i = from; i < to; i++) out[i * width + k] = at(cells, i)
    })
  }
  return out
}

/** Of the rows that are left. */
function* codesOf(
  values: ArrayLike<number>,
  { train, validation }: Record<'train' | 'validation', ExampleRows>,
): Steps<Uint32Array> {
  const codes = new Uint32Array(train.targets.length + validation.targets.length)
  yield* picked(values, train.targets, codes)
  yield* picked(values, validation.targets, codes.subarray(train.targets.length))
  return codes
}

/** What a label holds is a yes or a no. */
function* checkLabels(table: Table, targets: readonly BoundColumn[], kept: Uint32Array): Steps<void> {
  for (const bound of targets.filter(({ column }) => column.label)) {
    const cells = yield* readCells(bound, kept)
    const isWrong = (i: number) => !Number.isNaN(at(cells, i)) && at(cells, i) !== 0 && at(cells, i) !== 1
    const [wrong] = yield* chosen(countTo(cells.length), isWrong)
    if (wrong === undefined) continue
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

function noneLeft({ file }: Table): Problem {
  return problem('data.empty', `${file} has no row left to answer; correct the rows that are left out.`, { file })
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

function* cluesOf(table: Table, { group, time, part }: Marks, kept: Uint32Array): Steps<SplitClues> {
  const pick = (values: ArrayLike<number>) => picked(values, kept, new Float64Array(kept.length))
  return {
    ...(group ? { groups: yield* pick(groupsIn(group)) } : {}),
    ...(time ? { times: yield* pick(yield* timesIn(table, time)) } : {}),
    ...(part ? { parts: yield* pick(yield* partsIn(table, part)) } : {}),
  }
}

/** Which file each row that takes part is of. */
function* partsOfRows({ parts }: Table, kept: Uint32Array): Steps<Parts | undefined> {
  return parts && { names: parts.names, of: yield* picked(parts.of, kept, new Uint8Array(kept.length)) }
}

/** Rows that a column keeps for tests are left out of both parts, and that is said. */
function* sayTests(
  table: Table,
  parts: ArrayLike<number> | undefined,
  kept: Uint32Array,
  warnings: Problem[],
): Steps<void> {
  if (!parts) return
  const tests = yield* chosen(kept, (_, i) => parts[i] === PARTS.test)
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
  const drawn = yield* split(kept.length, section.split, { ...clues, same })
  const parts = right ? yield* right.corrected.split(drawn, (i) => at(kept, i)) : drawn
  requireTraining(table, parts.train.length, section)
  if (section.split.method === 'column') yield* sayTests(table, clues.parts, kept, warnings)
  const leaks = yield* leaksIn(parts, right ? yield* rightHashes(table, kept, right) : same)
  if (leaks.length > 0) {
    const rows = yield* picked(kept, leaks, new Uint32Array(leaks.length))
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
  return kept.length === table.rows ? hashes : yield* picked(hashes, kept, new Float64Array(kept.length))
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
  const targets: TableColumn[] = []
  for (let k = 0; k < width; k++) {
    const cells = new Float64Array(table.rows)
    yield* eachStretch(kept.length, (from, to) => {
      for (let i = from; i < to; i++) cells[at(kept, i)] = at(values, i * width + k)
    })
    targets.push({ kind: 'numbers', name: '', values: cells, slips: new Map() })
  }
  return yield* hashesOf(table, [...features.map(({ cells }) => cells), ...targets], kept)
}

// Windows as examples

/** 1 for rows without a target, and for those that lack a feature that may not be filled. */
interface Gaps {
  readonly targets: Uint8Array
  readonly features: Uint8Array
}

function* gapsIn(
  table: Table,
  kept: Uint32Array,
  targets: readonly BoundColumn[],
  skipping: readonly BoundColumn[],
): Steps<Gaps> {
  const lacking = function* (columns: readonly BoundColumn[]) {
    const lacks = new Uint8Array(table.rows)
    for (const { cells } of columns) yield* noteMissing(cells, kept, lacks)
    return yield* picked(lacks, kept, new Uint8Array(kept.length))
  }
  return { targets: yield* lacking(targets), features: yield* lacking(skipping) }
}

function* isWhole(sequences: Sequences, length: number, gaps: Uint8Array): Steps<(from: number) => boolean> {
  const before = yield* countedBefore(sequences, (row) => gaps[row] === 1)
  return (from) => at(before, from) === at(before, from + length)
}

function tooShort({ file, parts }: Table, rows: number): Problem {
  const why = parts ? ', as each ends with its file' : ''
  const message = `${file}: no series has the ${rows} rows that a window takes${why}; choose shorter windows.`
  return problem('data.windows', message, { file, field: 'data.preparation.windows' })
}

function* windowsOf(
  table: Table,
  sequences: Sequences,
  section: DataSection,
  clues: SplitClues,
  gaps: Gaps,
  warnings: Problem[],
  /** Whether the window with the target in this row was not left out by hand. */
  keeps: (row: number) => boolean,
): Steps<{ train: ExampleRows; validation: ExampleRows }> {
  const windows = section.preparation.windows ?? { length: 1, horizon: 0, stride: 1 }
  const reach = reachOf(windows)
  const all = startsOf(sequences, windows, reach)
  if (all.length === 0) throw new ProblemError(tooShort(table, reach + 1))
  const { order } = sequences
  const hasFeatures = yield* isWhole(sequences, windows.length, gaps.features)
  const hasTarget = (from: number) => gaps.targets[at(order, from + reach)] === 0
  const whole = yield* chosen(all, (from) => hasFeatures(from) && hasTarget(from))
  if (whole.length < all.length) {
    const many = all.length - whole.length
    const [are, lack] = many === 1 ? ['window is', 'it lacks'] : ['windows are', 'they lack']
    const message = `${table.file}: ${many} of ${all.length} ${are} left out, for ${lack} a target or a feature.`
    warnings.push(problem('data.skipped', message, { file: table.file }, 'warning'))
  }
  const sides = yield* sidesOf(sequences, section.split, clues)
  const ofSide = function* (side: number) {
    const others = yield* countedBefore(sequences, (row) => sides[row] !== side)
    const length = Math.max(windows.length, reach + 1)
    const isOn = (from: number) => at(others, from) === at(others, from + length)
    const taken = yield* chosen(whole, (from) => isOn(from) && keeps(at(order, from + reach)))
    return yield* windowsAt(sequences, taken, windows)
  }
  const parts = { train: yield* ofSide(PARTS.train), validation: yield* ofSide(PARTS.validation) }
  if (parts.train.targets.length === 0) {
    const message =
      `${table.file}: no window of ${reach + 1} rows, its target included, lies in the training part; ` +
      `choose shorter windows or a smaller validation share.`
    throw new ProblemError(problem('data.empty', message, { file: table.file, field: 'data.preparation.windows' }))
  }
  return parts
}
