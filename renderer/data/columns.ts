/**
 * Changes to the columns of a table that keep them a valid choice: one categorical target, or numbers; one column each for groups,
 * time and the split; and recipes that fit what the column is.
 */
import { present } from '../../src/base/present.ts'
import { namesTogether, splitByAnyParts } from '../../src/document/parts.ts'
import type { Column, DataSection, DataSource, SplitRecipe } from '../../src/document/types.ts'
import type { DataPreview } from '../../src/protocol/messages.ts'
import { formatCount, formatShort } from '../charts/numbers.ts'

export type TablePreview = Extract<DataPreview, { kind: 'table' }>
export type ColumnSummary = TablePreview['columns'][number]

/**
 * Gives a column a role. A categorical target stands alone, so other targets become features again; of groups, times and splits
 * the one before is ignored. `known`: the column's different texts, which the document has only where something is made of them.
 */
export function setRole(
  columns: readonly Column[],
  name: string,
  role: Column['role'],
  known: readonly string[] = [],
): readonly Column[] {
  const isTold = known.length > 0 && (role === 'feature' || role === 'target')
  const changed = columns.map((column) => {
    if (column.name !== name) return column
    const isNew = isTold && column.kind === 'categorical' && !column.categories && column.encoding !== 'hash'
    return fitted({ ...column, role, ...(isNew && { categories: known }) })
  })
  return settle(changed, name)
}

/** What is done to a column before it reaches the network; undefined takes a field away. */
export type Recipe = { readonly [K in RecipeField]?: Column[K] | undefined }
type RecipeField = 'label' | 'scale' | 'clip' | 'encoding' | 'buckets' | 'missing' | 'fill' | 'flag'

export function setRecipe(columns: readonly Column[], name: string, change: Recipe): readonly Column[] {
  return columns.map((column) => {
    if (column.name !== name) return column
    const { categories = [] } = column
    const constant = change.missing === 'constant' && column.fill === undefined
    const fill = column.kind === 'numeric' ? 0 : categories[0]
    return fitted({ ...column, ...(constant ? { fill } : {}), ...change })
  })
}

/** Without what its role, its kind and the rest of its recipe have no use for: a document that says it would not open again. */
function fitted(column: Column): Column {
  const { role, kind, categories = [] } = column
  const isTarget = role === 'target'
  // Without a list of its texts a column can only be hashed.
  const isListless = kind === 'categorical' && categories.length === 0 && role === 'feature'
  const encoding = kind === 'numeric' || isTarget ? undefined : isListless ? 'hash' : column.encoding
  const isNumber = kind === 'numeric' || encoding === 'ordinal'
  const missing = isTarget || (column.missing === 'constant' && column.fill === undefined) ? undefined : column.missing
  const label = isTarget && kind === 'numeric' ? column.label : undefined
  return present<Column>({
    ...column,
    label,
    scale: label || !isNumber || (isTarget && column.scale === 'log') ? undefined : column.scale,
    clip: isNumber && !isTarget ? column.clip : undefined,
    encoding: encoding === 'oneHot' ? undefined : encoding,
    buckets: encoding === 'hash' ? column.buckets : undefined,
    missing,
    fill: missing === 'constant' ? column.fill : undefined,
    flag: isTarget ? undefined : column.flag,
  })
}

/** `log, cut, hashed, flagged`: what differs from the recipe for all. */
export function describeRecipe(column: Column): string {
  const scales = { standardise: 'standardised', minMax: '0 … 1', log: 'logarithm', none: 'not scaled' }
  const fills = {
    mean: 'filled by mean',
    median: 'filled by median',
    mostFrequent: 'filled by most frequent',
    constant: `filled by ${column.fill}`,
    skip: 'rows without are left out',
  }
  return [
    ...(column.scale ? [scales[column.scale]] : []),
    ...(column.clip ? ['cut'] : []),
    ...(column.encoding === 'ordinal' ? ['ordinal'] : column.encoding === 'hash' ? ['hashed'] : []),
    ...(column.missing ? [fills[column.missing]] : []),
    ...(column.flag ? ['flagged'] : []),
    ...(column.label ? ['yes or no'] : []),
  ].join(', ')
}

/** The same split in another way; what is only for other ways is dropped. `parts`: of the data, for a split by them. */
export function setMethod(
  { together, parts: _parts, ...split }: SplitRecipe,
  method: NonNullable<SplitRecipe['method']>,
  parts: readonly string[] = [],
): SplitRecipe {
  const { method: _, ...rest } = split
  if (method === 'file') return { ...rest, ...splitByAnyParts(parts) }
  const isDrawn = method === 'ratio' || method === 'group'
  return { ...rest, ...(method === 'ratio' ? {} : { method }), ...(isDrawn && together ? { together } : {}) }
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

/** Roles that one column has at most. */
const lone: readonly Column['role'][] = ['group', 'time', 'split']

function settle(columns: readonly Column[], changed: string): readonly Column[] {
  const own = columns.find((column) => column.name === changed)
  if (own && lone.includes(own.role))
    return columns.map((column) =>
      column.role === own.role && column !== own ? { ...column, role: 'ignore' as const } : column,
    )
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

/** The column that each way to split asks. */
const asked = { column: 'split', group: 'group', time: 'time' } as const

/** The same section with other columns, and split as a new role among them says; unchanged where the source has none. */
export function withColumns(data: DataSection, columns: readonly Column[]): DataSection {
  const { source, preparation, split } = data
  if (source.kind !== 'table') return data
  const before = new Set(source.columns.map(({ role }) => role))
  const after = new Set(columns.map(({ role }) => role))
  const { method = 'ratio' } = split
  const gone =
    method === 'column' || method === 'group' ? before.has(asked[method]) && !after.has(asked[method]) : false
  // Of windows a group is a series, and their time splits them anyhow.
  const methods = preparation.windows ? (['column'] as const) : (['column', 'group', 'time'] as const)
  const fresh = methods.find((one) => after.has(asked[one]) && !before.has(asked[one]))
  const wanted = gone ? (fresh ?? 'ratio') : method === 'ratio' ? fresh : undefined
  return {
    ...data,
    source: { ...source, columns },
    ...(wanted === undefined ? {} : { split: setMethod(split, wanted) }),
  }
}

/** What a source is called: the title of its generator, or the name of its file. */
export function titleOf(source: DataSource, generators: readonly { type: string; title: string }[]): string {
  switch (source.kind) {
    case 'generated':
      return generators.find((generator) => generator.type === source.generator)?.title ?? source.generator
    case 'table':
    case 'examples':
      return namesTogether(source.files.map(({ name }) => name))
    default:
      return source satisfies never
  }
}
