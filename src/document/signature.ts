import type { DataSignature } from '../blocks/define.ts'
import type { Column, DataSection, TargetDescription } from './types.ts'

/** What the blocks need to know of the data, from the document alone. */
export function signatureOf(data: DataSection): DataSignature {
  const target = targetOf(data)
  return {
    features: data.source.kind === 'table' ? [tableWidth(data.source.columns)] : data.source.features,
    target:
      target.kind === 'classes'
        ? { kind: 'classes', classes: target.names.length }
        : { kind: 'numbers', size: target.names.length },
  }
}

/** The target with its names: classes, or numeric columns. */
export function targetOf(data: DataSection): TargetDescription {
  if (data.source.kind !== 'table') return data.source.target
  const columns = data.source.columns.filter((column) => column.role === 'target')
  const categorical = columns.find((column) => column.kind === 'categorical')
  if (categorical) return { kind: 'classes', names: categorical.categories ?? [] }
  return { kind: 'numbers', names: columns.map((column) => column.name) }
}

/** Numeric features take one place each, categorical ones a place for each category. */
function tableWidth(columns: readonly Column[]): number {
  let width = 0
  for (const column of columns) {
    if (column.role === 'feature') width += column.kind === 'numeric' ? 1 : (column.categories?.length ?? 0)
  }
  return width
}
