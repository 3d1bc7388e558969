/** Changes to the columns of a table that keep them a valid choice: one categorical target, or numbers. */
import type { Column, DataSection, DataSource } from '../../src/document/types.ts'
import type { DataPreview } from '../../src/protocol/messages.ts'
import { formatCount, formatShort } from '../charts/numbers.ts'

export type TablePreview = Extract<DataPreview, { kind: 'table' }>
export type ColumnSummary = TablePreview['columns'][number]

/** Gives a column a role. A categorical target stands alone, so other targets become features again. */
export function setRole(columns: readonly Column[], name: string, role: Column['role']): readonly Column[] {
  return settle(
    columns.map((column) => (column.name === name ? { ...column, role } : column)),
    name,
  )
}

/** Makes a column numeric, or categorical with these categories. */
export function setKind(
  columns: readonly Column[],
  name: string,
  kind: Column['kind'],
  categories: readonly string[],
): readonly Column[] {
  const changed = columns.map((column): Column => {
    if (column.name !== name) return column
    return kind === 'numeric'
      ? { name: column.name, role: column.role, kind }
      : { name: column.name, role: column.role, kind, categories }
  })
  return settle(changed, name)
}

function settle(columns: readonly Column[], changed: string): readonly Column[] {
  const own = columns.find((column) => column.name === changed)
  if (own?.role !== 'target') return columns
  return columns.map((column) => {
    const clash = column.role === 'target' && column.name !== changed
    return clash && (own.kind === 'categorical' || column.kind === 'categorical')
      ? { ...column, role: 'feature' }
      : column
  })
}

/** Why a column cannot be of the other kind; null when it can. */
export function kindRefusal(summary: ColumnSummary | undefined, kind: Column['kind']): string | null {
  if (!summary) return 'The file has not been looked at yet.'
  if (kind === 'numeric') return summary.numbers ? null : 'Some of its cells are not numbers.'
  return summary.categories ? null : 'It has too many different values to be categories.'
}

/** `4.3 … 7.9, mean 5.84` or `3 values: setosa, versicolor, virginica`, and how many cells are missing. */
export function describeColumn(column: Column, summary: ColumnSummary | undefined): string {
  if (!summary) return ''
  const parts: string[] = []
  if (column.kind === 'numeric' && summary.numbers) {
    const { min, max, mean } = summary.numbers
    parts.push(`${formatShort(min)} … ${formatShort(max)}, mean ${formatShort(mean)}`)
  } else {
    const names = column.categories ?? summary.categories
    const count = names ? formatCount(names.length) : 'many'
    const shown = names && names.length <= 4 ? names : summary.top.slice(0, 3).map((value) => value.name)
    const more = names && names.length <= shown.length ? '' : ', …'
    parts.push(`${count} ${names?.length === 1 ? 'value' : 'values'}: ${shown.join(', ')}${more}`)
  }
  if (summary.missing > 0) parts.push(`${formatCount(summary.missing)} missing`)
  return parts.join(' · ')
}

/** The same section with other columns; unchanged where the source has none. */
export function withColumns(data: DataSection, columns: readonly Column[]): DataSection {
  return data.source.kind === 'table' ? { ...data, source: { ...data.source, columns } } : data
}

/** What a source is called: the title of its generator, or the name of its file. */
export function titleOf(source: DataSource, generators: readonly { type: string; title: string }[]): string {
  switch (source.kind) {
    case 'generated':
      return generators.find((generator) => generator.type === source.generator)?.title ?? source.generator
    case 'table':
      return source.file.name
    case 'images':
      return source.images.name
    default:
      return source satisfies never
  }
}
