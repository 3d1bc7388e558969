import type { DataSignature } from '../blocks/define.ts'
import type { Shape } from '../base/shape.ts'
import {
  BUCKETS,
  type Column,
  type DataSection,
  type DataSource,
  type PreparationRecipe,
  type TargetDescription,
} from './types.ts'

/** What the blocks need to know of the data, from the document alone. */
export function signatureOf(data: DataSection): DataSignature {
  const target = targetOf(data)
  return {
    features: featuresOf(data),
    target:
      target.kind === 'classes'
        ? { kind: 'classes', classes: target.names.length }
        : { kind: 'numbers', size: target.names.length, ...(target.labels && { labels: true }) },
  }
}

/** The target with its names: classes, or numeric columns. */
export function targetOf(data: DataSection): TargetDescription {
  if (data.source.kind !== 'table') return data.source.target
  return targetOfColumns(data.source.columns.filter((column) => column.role === 'target'))
}

/** What these columns are together. */
export function targetOfColumns(columns: readonly Column[]): TargetDescription {
  const categorical = columns.find((column) => column.kind === 'categorical')
  if (categorical) return { kind: 'classes', names: categorical.categories ?? [] }
  const areLabels = columns.length > 0 && columns.every(({ label }) => label)
  return { kind: 'numbers', names: columns.map((column) => column.name), ...(areLabels && { labels: true }) }
}

/** What tells which columns are learnt from. */
export interface FeatureChoice<S extends DataSource = DataSource> {
  readonly source: S
  readonly preparation: Pick<PreparationRecipe, 'windows'>
}

/** The columns that are learnt from, and behind them the targets where windows have their past. */
export function featureColumns({ source, preparation: { windows } }: FeatureChoice): readonly Column[] {
  if (source.kind !== 'table') return []
  const of = (role: Column['role']) => source.columns.filter((column) => column.role === role)
  return windows?.past ? [...of('feature'), ...of('target')] : of('feature')
}

/** Shape of one example: a row, or a window of rows. */
function featuresOf({ source, preparation }: DataSection): Shape {
  if (source.kind !== 'table') return source.features
  const width = featureColumns({ source, preparation }).reduce((sum, column) => sum + widthOf(column), 0)
  return preparation.windows ? [preparation.windows.length, width] : [width]
}

/** Places that a feature takes: one for a number or a code, one for each category or bucket, and one for its flag. */
export function widthOf({ kind, encoding, categories = [], buckets = BUCKETS, flag }: Column): number {
  const isNumber = kind === 'numeric' || encoding === 'ordinal'
  return (isNumber ? 1 : encoding === 'hash' ? buckets : categories.length) + (flag ? 1 : 0)
}
