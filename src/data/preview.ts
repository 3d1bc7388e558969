/**
 * What the window shows of a data source before anything is trained: a few rows and a summary of each column, some
 * pictures, or a cloud of points. Plain data that crosses to another process as it is.
 */
import { sizeOf, type Shape } from '../base/shape.ts'
import type { Column, TargetDescription } from '../document/types.ts'
import { isTable, type LoadedTable } from './prepare.ts'
import { sortedCategories, surveyColumn } from './table/survey.ts'
import type { RawExamples } from './types.ts'

export type Preview = TablePreview | PicturesPreview | PointsPreview

export interface ClassCount {
  readonly name: string
  readonly count: number
}

export interface TablePreview {
  readonly kind: 'table'
  readonly file: string
  readonly rows: number
  readonly header: readonly string[]
  /** The first rows as they stand in the file; '' is missing. */
  readonly head: readonly (readonly string[])[]
  /** Physical line of each of them. */
  readonly lines: readonly number[]
  /** One for each column of the file. */
  readonly columns: readonly ColumnSummary[]
  /** Of a categorical target. */
  readonly classes: readonly ClassCount[] | undefined
}

export interface ColumnSummary {
  readonly name: string
  readonly missing: number
  /** Of the cells that are numbers; undefined where some are not. */
  readonly numbers: { readonly min: number; readonly max: number; readonly mean: number } | undefined
  /** The most frequent values, most frequent first. */
  readonly top: readonly ClassCount[]
  /** Different values, in the order that their codes would have; undefined when there are too many for a categorical column. */
  readonly categories: readonly string[] | undefined
}

export interface PicturesPreview {
  readonly kind: 'pictures'
  readonly count: number
  /** [height, width, channels] */
  readonly shape: Shape
  /** Examples of each class in turn. */
  readonly pictures: readonly { readonly pixels: Uint8Array; readonly label: string }[]
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
const PICTURES = 60
const POINTS = 500
const TOP = 8

export function preview(raw: RawExamples | LoadedTable): Preview {
  if (isTable(raw)) return previewTable(raw)
  return raw.shape.length > 2 ? previewPictures(raw) : previewPoints(raw)
}

function previewTable({ table, source }: LoadedTable): TablePreview {
  const target = source.columns.find((column) => column.role === 'target' && column.kind === 'categorical')
  return {
    kind: 'table',
    file: table.file,
    rows: table.cells.length,
    header: [...table.header],
    head: table.cells.slice(0, ROWS).map((row) => [...row]),
    lines: table.lines.slice(0, ROWS),
    columns: table.header.map((_, column) => summarise({ table, source }, column)),
    classes: target && classesOfColumn({ table, source }, target),
  }
}

function summarise({ table }: LoadedTable, column: number): ColumnSummary {
  const survey = surveyColumn(table, column)
  const isNumeric = survey.present > 0 && survey.numbers === survey.present
  const top = [...survey.values].sort((a, b) => b[1] - a[1]).slice(0, TOP)
  return {
    name: survey.name,
    missing: survey.missing,
    numbers: isNumeric ? { min: survey.min, max: survey.max, mean: survey.mean } : undefined,
    top: top.map(([name, count]) => ({ name, count })),
    categories: survey.crowded ? undefined : sortedCategories(survey.values.keys()),
  }
}

function classesOfColumn({ table }: LoadedTable, target: Column): ClassCount[] | undefined {
  const index = table.header.indexOf(target.name)
  if (index < 0) return undefined
  const counts = new Map((target.categories ?? []).map((name) => [name, 0]))
  for (const row of table.cells) {
    const count = counts.get(row[index] ?? '')
    if (count !== undefined) counts.set(row[index] ?? '', count + 1)
  }
  return [...counts].map(([name, count]) => ({ name, count }))
}

function previewPictures(raw: RawExamples): PicturesPreview {
  const size = sizeOf(raw.shape)
  const names = raw.target.names
  const each = Math.max(1, Math.floor(PICTURES / Math.max(1, names.length)))
  const shown = names.map((): number[] => [])
  for (let i = 0; i < raw.count; i++) {
    const group = shown[raw.targets[i] as number]
    if (group && group.length < each) group.push(i)
  }
  const pictures = shown
    .flat()
    .slice(0, PICTURES)
    .map((i) => ({
      // A copy: a view would carry the whole set across to the window.
      pixels: Uint8Array.from(raw.features.subarray(i * size, (i + 1) * size)),
      label: names[raw.targets[i] as number] ?? '',
    }))
  return { kind: 'pictures', count: raw.count, shape: raw.shape, pictures, classes: countClasses(raw, raw.target) }
}

function previewPoints(raw: RawExamples): PointsPreview {
  const size = sizeOf(raw.shape)
  const shown = Math.min(POINTS, raw.count)
  const isClasses = raw.target.kind === 'classes'
  const x = Float32Array.from({ length: shown }, (_, i) => raw.features[i * size] ?? 0)
  const width = raw.target.names.length
  const y = Float32Array.from({ length: shown }, (_, i) =>
    isClasses ? (size > 1 ? (raw.features[i * size + 1] ?? 0) : 0) : (raw.targets[i * width] ?? 0),
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
