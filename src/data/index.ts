/**
 * The door to data: which reader knows some files, what they hold, and the examples that a document's data section
 * names, from files or made from a seed. What happens to the examples then is in prepare.ts, split.ts and batches.ts.
 */
import { readParams } from '../base/params.ts'
import { fail, ok, problem, type Problem, type Result } from '../base/problem.ts'
import { Rng } from '../base/rng.ts'
import { sameShape, showShape } from '../base/shape.ts'
import type { DataSection, DataSource, FileReference, GeneratedSource } from '../document/types.ts'
import datasetList from './datasets/index.gen.ts'
import { MAX_LISTED } from './limits.ts'
import type { LoadedTable } from './prepare.ts'
import readerList from './readers/index.gen.ts'
import { canonicalJson } from '../base/hash.ts'
import type { DatasetDefinition, RawExamples, Reader, SourceFile } from './types.ts'

export { batchAt, batchCount, batches, epochOrder } from './batches.ts'
export {
  applyPreparation,
  isTable,
  prepare,
  restoreTargets,
  type LoadedTable,
  type PreparedExamples,
} from './prepare.ts'
export { preview, type Preview } from './preview.ts'
export { split, type Split } from './split.ts'

// A file of its own each, found by listing the folder; IDX before CSV, because bytes tell it for certain.
export const readers: ReadonlyMap<string, Reader> = new Map(
  [...readerList]
    .sort((a, b) => Number(a.type === 'csv') - Number(b.type === 'csv'))
    .map((reader) => [reader.type, reader]),
)

export const datasets: ReadonlyMap<string, DatasetDefinition> = new Map(
  datasetList.map((dataset: DatasetDefinition) => [dataset.type, dataset]),
)

/** What the window needs to offer a generated set; plain data. */
export type DatasetInfo = Omit<DatasetDefinition, 'featuresFor' | 'generate'>

export function describeDatasets(): DatasetInfo[] {
  return [...datasets.values()].map(({ type, title, doc, params, features, target }) => {
    return { type, title, doc, params, features, target }
  })
}

/** The reader that knows these files, or a sentence that names what can be read. */
export function findReader(files: readonly SourceFile[]): Result<Reader> {
  const reader = [...readers.values()].find((one) => one.accepts(files))
  if (reader) return ok(reader)
  const names = files.map((file) => file.name)
  const known = [...readers.values()].map((one) => `${one.title}: ${one.extensions.join(' ')}`).join('; ')
  const message =
    files.length === 0
      ? 'No file was given; choose one.'
      : files.length === 1
        ? `${names[0]} is of no known kind; known are ${known}.`
        : `${listed(names)} do not belong together; choose one table, or the pictures and labels of one set.`
  return fail(problem('data.reader', message, names[0] === undefined ? undefined : { file: names[0] }))
}

function listed(names: readonly string[]): string {
  if (names.length > MAX_LISTED)
    return `${names.slice(0, MAX_LISTED).join(', ')} and ${names.length - MAX_LISTED} more files`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** What files hold, as a source for a document: columns, roles, shapes and classes guessed. */
export function inspectFiles(
  files: readonly SourceFile[],
): Result<{ readonly source: DataSource; readonly warnings: readonly Problem[] }> {
  const reader = findReader(files)
  return reader.ok ? reader.value.inspect(files) : reader
}

/** The source of a generated set, with defaults for what is not given. */
export function generatedSource(
  type: string,
  params: { readonly [name: string]: unknown } = {},
  seed = 1,
): Result<GeneratedSource> {
  const dataset = datasets.get(type)
  if (!dataset) return fail(unknownDataset(type))
  const { values, problems } = readParams(dataset.params, params, dataset.title)
  const errors = problems.filter((one) => one.severity === 'error')
  if (errors.length > 0) return fail(...errors)
  const features = dataset.featuresFor?.(values) ?? dataset.features
  return ok({ kind: 'generated', generator: type, params: values, seed, features, target: dataset.target })
}

export interface LoadedSource {
  readonly data: RawExamples | LoadedTable
  readonly warnings: readonly Problem[]
}

/**
 * The examples of a data section. `files` are those that its source names, or others of the same form; none for a
 * generated set, which `seed` may make anew.
 */
export function loadSource(
  section: DataSection,
  files: readonly SourceFile[] = [],
  seed?: number,
): Result<LoadedSource> {
  const { source } = section
  if (source.kind === 'generated') return generate(source, seed ?? source.seed)
  const reader = readers.get(source.reader)
  if (!reader) {
    const message = `The document's data are read by "${source.reader}", which is not known here; known are ${[...readers.keys()].join(', ')}.`
    return fail(problem('data.reader', message, { field: 'data.source.reader' }))
  }
  const read = reader.read(files, source)
  if (!read.ok) return read
  const { data, warnings } = read.value
  const all = [
    ...otherFiles(source.kind === 'table' ? [source.file] : [source.images, source.labels], files),
    ...warnings,
  ]
  if ('cells' in data) {
    if (source.kind === 'table') return ok({ data: { table: data, source }, warnings: all })
    return fail(
      problem('data.kind', `${data.file} is a table, but the document's data are pictures; choose the data again.`),
    )
  }
  return ok({ data, warnings: all })
}

/** Files that are not those the document was made with: allowed, and said. */
function otherFiles(references: readonly FileReference[], files: readonly SourceFile[]): Problem[] {
  const known = new Set(references.map((reference) => reference.sha256))
  if (known.has('')) return []
  return files
    .filter((file) => !known.has(file.sha256))
    .map((file) => {
      const message = `${file.name} is not the file that the document was made with; its contents differ.`
      return problem('data.otherFile', message, { file: file.name }, 'warning')
    })
}

function generate(source: GeneratedSource, seed: number): Result<LoadedSource> {
  const dataset = datasets.get(source.generator)
  if (!dataset) return fail(unknownDataset(source.generator))
  const { values, problems } = readParams(dataset.params, source.params, dataset.title)
  const errors = problems.filter((one) => one.severity === 'error')
  if (errors.length > 0) return fail(...errors)
  const features = dataset.featuresFor?.(values) ?? dataset.features
  if (!sameShape(features, source.features) || canonicalJson(dataset.target) !== canonicalJson(source.target)) {
    const message =
      `The document describes ${dataset.title} with examples of ${showShape(source.features)}, but they are ` +
      `${showShape(features)} with the target ${dataset.target.names.join(', ')}; choose the data again.`
    return fail(problem('data.shape', message, { field: 'data.source' }))
  }
  const data = dataset.generate(values, (example) => new Rng(seed, 'dataset', dataset.type, example))
  return ok({ data, warnings: problems })
}

function unknownDataset(type: string): Problem {
  const message = `There is no generated set called "${type}"; known are ${[...datasets.keys()].join(', ')}.`
  return problem('data.generator', message, { field: 'data.source.generator' })
}
