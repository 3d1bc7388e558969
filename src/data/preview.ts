/**
 * What the window shows of a data source before anything is trained: a few rows and a summary of each column, some
 * pictures, or a cloud of points. Plain data that crosses to another process as it is.
 */
import { at } from '../base/assert.ts'
import { sizeOf, type Shape } from '../base/shape.ts'
import type { Column, TargetDescription, Windows } from '../document/types.ts'
import type { Problem } from '../base/problem.ts'
import { showNumber } from '../base/hash.ts'
import { balanceWarnings } from './balance.ts'
import { atOnce, inTurns, type Steps } from './numbers.ts'
import { countsOf } from './parts.ts'
import { isTable } from './prepare.ts'
import { scaleOf } from './scaling.ts'
import { valuesOf } from './table/columns.ts'
import { duplicateRows } from './table/duplicates.ts'
import { whyUntrainable } from './table/guess.ts'
import { sortedCategories, surveyColumn } from './table/survey.ts'
import { cellOf, fileOf, namesOf, placeOf } from './table/table.ts'
import type {
  BadRecords,
  Fact,
  Job,
  LoadedSource,
  LoadedTable,
  Parts,
  RawExamples,
  Recorded,
  Table,
  TableColumn,
} from './types.ts'

export type Preview = (TablePreview | PicturesPreview | SequencesPreview | TextsPreview | PointsPreview) & {
  /** What its reader found out about the file. */
  readonly facts: readonly Fact[]
  readonly bad: BadRecords
  readonly warnings: readonly Problem[]
  /** Why nothing can be learnt from a table with these columns. */
  readonly errors: readonly Problem[]
  /** How many examples come from each file or folder. */
  readonly parts?: readonly ClassCount[]
  /** Of recordings. */
  readonly recorded?: Recorded
}

export interface ClassCount {
  readonly name: string
  readonly count: number
}

export interface TablePreview {
  readonly kind: 'table'
  readonly file: string
  readonly rows: number
  readonly header: readonly string[]
  /** The first rows as they stand in the file, or in each of several; '' is missing. */
  readonly head: readonly (readonly string[])[]
  /** Line or number of each of them, as `unit` says. */
  readonly lines: readonly number[]
  /** Of several: the file of each. */
  readonly files?: readonly string[]
  readonly unit: 'line' | 'row'
  /** One for each column of the file. */
  readonly columns: readonly ColumnSummary[]
  /** Rows that say the same as one before them. */
  readonly duplicates: number
  /** Of a categorical target. */
  readonly classes: readonly ClassCount[] | undefined
}

export interface ColumnSummary {
  readonly name: string
  readonly missing: number
  /** Of the cells that are numbers; undefined where some are not. */
  readonly numbers: NumberSummary | undefined
  /** The most frequent values, most frequent first. */
  readonly top: readonly ClassCount[]
  /** Different values, in the order that their codes would have; undefined when there are too many for a categorical column. */
  readonly categories: readonly string[] | undefined
}

export interface NumberSummary {
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly deviation: number
  /** How many lie in each of equal parts from `min` to `max`. */
  readonly bins: readonly number[]
}

export interface PicturesPreview {
  readonly kind: 'pictures'
  readonly count: number
  /** [height, width, channels] */
  readonly shape: Shape
  /** Examples of each class in turn. */
  readonly pictures: readonly { readonly pixels: Uint8Array; readonly label: string }[]
  readonly classes: readonly ClassCount[]
  /** They are spectrograms of recordings. */
  readonly sounds?: true
}

export interface SequencesPreview {
  readonly kind: 'sequences'
  readonly count: number
  /** [time, features] */
  readonly shape: Shape
  /** Examples of each class in turn, each [time × features]. */
  readonly sequences: readonly { readonly values: Float32Array; readonly label: string }[]
  readonly classes: readonly ClassCount[] | undefined
}

export interface TextsPreview {
  readonly kind: 'texts'
  readonly count: number
  /** Stretches of the text, each with what follows it. */
  readonly texts: readonly { readonly text: string; readonly next: string }[]
  readonly classes: readonly ClassCount[]
}

export interface PointsPreview {
  readonly kind: 'points'
  readonly count: number
  readonly axes: readonly [string, string]
  readonly x: Float32Array
  /** The second feature of a set with classes, the target of a set with one number. */
  readonly y: Float32Array
  /** Class index of each point; undefined where the target is a number. */
  readonly codes: Int32Array | undefined
  readonly classes: readonly ClassCount[] | undefined
}

const ROWS = 50
/** Of several files together, and about how many are seen without scrolling. */
const ROWS_OF_ALL = 20
const ROWS_IN_SIGHT = 8
const PICTURES = 60
const POINTS = 500
const TOP = 8
const BINS = 24
const SEQUENCES = 24
const TEXTS = 24
/** Bad records that are shown. */
const MAX_SHOWN = 1000

/** `windows`: those that rows of a table are cut into. */
export function preview(source: LoadedSource, windows?: Windows): Preview {
  return atOnce(steps(source, windows))
}

/** As `preview`, with others having their turn: going over a large table takes a while. */
export function previewInTurns(source: LoadedSource, job: Job, windows?: Windows): Promise<Preview> {
  const { data } = source
  // Each column is summarised and hashed.
  return inTurns(steps(source, windows), job, isTable(data) ? 2 * data.table.rows * data.table.columns.length : 1)
}

function* steps({ data, facts, bad, warnings }: LoadedSource, windows: Windows | undefined): Steps<Preview> {
  const recorded = isTable(data) ? undefined : data.recorded
  const shown = { ...bad, problems: bad.problems.slice(0, MAX_SHOWN) }
  const { parts } = isTable(data) ? data.table : data
  const told = {
    facts,
    bad: shown,
    warnings,
    errors: [],
    ...(parts && { parts: countParts(parts) }),
    ...(recorded && { recorded }),
  }
  if (isTable(data)) {
    const seen = yield* previewTable(data)
    const errors = whyUntrainable(data.table, data.source.columns, windows)
    return { ...seen, ...told, warnings: [...warnings, ...balanceWarnings(seen.classes ?? [])], errors }
  }
  if (data.codes) return { ...previewTexts(data), ...told }
  const seen =
    data.shape.length > 2
      ? previewPictures(data)
      : data.shape.length === 2
        ? previewSequences(data)
        : previewPoints(data)
  return { ...seen, ...told, warnings: [...warnings, ...balanceWarnings(seen.classes ?? [])] }
}

function countParts(parts: Parts): ClassCount[] {
  const counts = countsOf(parts)
  return parts.names.map((name, i) => ({ name, count: counts[i] ?? 0 }))
}

/** What depends on the table alone, which is asked for again with each change of a column's role. */
const known = new WeakMap<Table, Pick<TablePreview, 'columns' | 'duplicates'>>()

function* surveyOf(table: Table): Steps<Pick<TablePreview, 'columns' | 'duplicates'>> {
  const before = known.get(table)
  if (before) return before
  const columns: ColumnSummary[] = []
  for (const column of table.columns) {
    yield table.rows
    surveyColumn(table, column)
    yield 0
    columns.push(summarise(table, column))
  }
  const survey = { columns, duplicates: yield* duplicateRows(table) }
  known.set(table, survey)
  return survey
}

function* previewTable({ table, source }: LoadedTable): Steps<TablePreview> {
  const target = source.columns.find((column) => column.role === 'target' && column.kind === 'categorical')
  const shown = firstRows(table)
  return {
    kind: 'table',
    file: table.file,
    rows: table.rows,
    header: namesOf(table),
    unit: table.places.unit,
    head: shown.map((row) => table.columns.map((column) => cellOf(column, row))),
    lines: shown.map((row) => placeOf(table, row)),
    ...(table.parts && { files: shown.map((row) => fileOf(table, row)) }),
    ...(yield* surveyOf(table)),
    classes: target && classesOfColumn(table, target),
  }
}

/** Of several files as many of each. */
function firstRows({ rows, parts }: Table): number[] {
  if (!parts) return Array.from({ length: Math.min(ROWS, rows) }, (_, row) => row)
  const each = Math.ceil(ROWS_IN_SIGHT / parts.names.length)
  const taken = parts.names.map(() => 0)
  const shown: number[] = []
  for (let row = 0; row < rows && shown.length < ROWS_OF_ALL; row++) {
    const part = at(parts.of, row)
    if (at(taken, part) === each) continue
    taken[part] = at(taken, part) + 1
    shown.push(row)
  }
  return shown
}

function summarise(table: Table, column: TableColumn): ColumnSummary {
  const survey = surveyColumn(table, column)
  const isNumeric = survey.present > 0 && survey.numbers === survey.present
  const top = [...survey.values].sort((a, b) => b[1] - a[1]).slice(0, TOP)
  const { min, max, mean } = survey
  return {
    name: survey.name,
    missing: survey.missing,
    numbers: isNumeric ? { min, max, mean, ...spread(column, min, max) } : undefined,
    top: top.map(([name, count]) => ({ name, count })),
    categories: survey.crowded ? undefined : sortedCategories(survey.values.keys()),
  }
}

/** Equal bins from the least value to the greatest, and the deviation. */
function spread(column: TableColumn, min: number, max: number): { deviation: number; bins: number[] } {
  const values = valuesOf({ column: { name: column.name, role: 'feature', kind: 'numeric' }, cells: column })
  const bins = new Array<number>(BINS).fill(0)
  const width = (max - min) / BINS
  const { deviation } = scaleOf(values, range(values.length))
  for (const value of values) {
    if (Number.isNaN(value)) continue
    const bin = width > 0 ? Math.min(BINS - 1, Math.floor((value - min) / width)) : 0
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  return { deviation: max > min ? deviation : 0, bins }
}

function range(length: number): Uint32Array {
  const numbers = new Uint32Array(length)
  for (let i = 0; i < length; i++) numbers[i] = i
  return numbers
}

function classesOfColumn(table: Table, target: Column): ClassCount[] | undefined {
  const cells = table.columns.find(({ name }) => name === target.name)
  if (!cells) return undefined
  const counts = (target.categories ?? []).map((name) => ({ name, count: 0 }))
  for (const code of valuesOf({ column: target, cells })) {
    const one = counts[code]
    if (one) one.count++
  }
  return counts
}

function previewPictures(raw: RawExamples): PicturesPreview {
  const size = sizeOf(raw.shape)
  const pictures = someOfEach(raw, PICTURES).map((i) => ({
    pixels: asBytes(raw.features.subarray(i * size, (i + 1) * size)),
    label: labelOf(raw, i),
  }))
  const classes = raw.target.kind === 'classes' ? countClasses(raw, raw.target) : []
  const { count, shape, recorded } = raw
  return { kind: 'pictures', count, shape, pictures, classes, ...(recorded && { sounds: true }) }
}

/** A copy, since a view would carry the whole set across to the window; numbers from black to white. */
export function asBytes(values: Float32Array | Uint8Array): Uint8Array {
  if (values instanceof Uint8Array) return Uint8Array.from(values)
  let min = Infinity
  let max = -Infinity
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
  }
  return Uint8Array.from(values, (value) => (max > min ? ((value - min) / (max - min)) * 255 : 0))
}

function previewSequences(raw: RawExamples): SequencesPreview {
  const size = sizeOf(raw.shape)
  const sequences = someOfEach(raw, SEQUENCES).map((i) => ({
    values: Float32Array.from(raw.features.subarray(i * size, (i + 1) * size)),
    label: labelOf(raw, i),
  }))
  const classes = raw.target.kind === 'classes' ? countClasses(raw, raw.target) : undefined
  return { kind: 'sequences', count: raw.count, shape: raw.shape, sequences, classes }
}

function previewTexts(raw: RawExamples): TextsPreview {
  const { target, count } = raw
  const size = sizeOf(raw.shape)
  // Words have spaces between them, characters have not.
  const gap = target.names.some((name) => [...name].length > 1 && !name.startsWith('U+')) ? ' ' : ''
  const shown = Math.min(count, TEXTS)
  const texts = Array.from({ length: shown }, (_, k) => {
    const i = Math.floor((k * count) / shown)
    const codes = Array.from(raw.features.subarray(i * size, (i + 1) * size))
    return { text: codes.map((code) => target.names[code] ?? '').join(gap), next: labelOf(raw, i) }
  })
  return { kind: 'texts', count, texts, classes: countClasses(raw, target) }
}

/** At most `most` examples, of each class in turn. */
function someOfEach({ target, targets, count }: RawExamples, most: number): number[] {
  if (target.kind !== 'classes') return Array.from({ length: Math.min(count, most) }, (_, i) => i)
  const each = Math.max(1, Math.floor(most / Math.max(1, target.names.length)))
  const shown = target.names.map((): number[] => [])
  for (let i = 0; i < count; i++) {
    const group = shown[targets[i] as number]
    if (group && group.length < each) group.push(i)
  }
  return shown.flat().slice(0, most)
}

export function labelOf({ target, targets }: RawExamples, example: number): string {
  if (target.kind === 'classes') return target.names[targets[example] as number] ?? ''
  const width = target.names.length
  return Array.from(targets.subarray(example * width, (example + 1) * width), showNumber).join(', ')
}

function previewPoints(raw: RawExamples): PointsPreview {
  const size = sizeOf(raw.shape)
  const shown = Math.min(POINTS, raw.count)
  const isClasses = raw.target.kind === 'classes'
  const numbers = raw.features.subarray(0, shown * size)
  const x = Float32Array.from({ length: shown }, (_, i) => numbers[i * size] ?? 0)
  const width = raw.target.names.length
  const y = Float32Array.from({ length: shown }, (_, i) =>
    isClasses ? (size > 1 ? (numbers[i * size + 1] ?? 0) : 0) : (raw.targets[i * width] ?? 0),
  )
  return {
    kind: 'points',
    count: raw.count,
    axes: isClasses ? ['x1', 'x2'] : ['x', raw.target.names[0] ?? 'y'],
    x,
    y,
    codes: isClasses ? Int32Array.from(raw.targets.subarray(0, shown)) : undefined,
    classes: isClasses ? countClasses(raw, raw.target) : undefined,
  }
}

function countClasses(raw: RawExamples, target: TargetDescription): ClassCount[] {
  const counts = new Array<number>(target.names.length).fill(0)
  for (const code of raw.targets) counts[code] = (counts[code] ?? 0) + 1
  return target.names.map((name, i) => ({ name, count: counts[i] ?? 0 }))
}
