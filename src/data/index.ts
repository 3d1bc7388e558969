/**
 * The door to data: which reader knows some files, what they hold, and the examples that a document's data section
 * names, from files or made from a seed. What happens to the examples then is in prepare.ts, split.ts and batches.ts.
 */
import { misfit, readParams, type ParamValues } from '../base/params.ts'
import { attempt, attemptAsync, fail, ok, problem, type Problem, type Result } from '../base/problem.ts'
import { Rng } from '../base/rng.ts'
import { sameValue } from '../base/same.ts'
import { sameShape, showBytes, showShape } from '../base/shape.ts'
import { splitByParts } from '../document/parts.ts'
import { MAX_PARTS } from '../document/recipes.ts'
import { featureColumns, type FeatureChoice } from '../document/signature.ts'
import type {
  Column,
  DataSection,
  ExamplesSource,
  FileReference,
  GeneratedSource,
  TableSource,
  TargetDescription,
  Windows,
} from '../document/types.ts'
import datasetList from './datasets/index.gen.ts'
import { unwatched } from './files.ts'
import { Pace } from './formats/pace.ts'
import { MAX_LISTED } from './limits.ts'
import { bytesHeld, mapped } from './numbers.ts'
import { factOf } from './parts.ts'
import readerList from './readers/index.gen.ts'
import { canonicalJson } from '../base/hash.ts'
import { guessColumns, misfitsOf } from './table/guess.ts'
import {
  NO_BAD,
  type DataFile,
  type DatasetDefinition,
  type Fact,
  type FittedPreparation,
  type HeldExamples,
  type Job,
  type LoadedSource,
  type Parts,
  type Proposal,
  type RawExamples,
  type ReadData,
  type Reader,
  type Table,
} from './types.ts'

export { batchAt, batchCount, batches, epochOrder } from './batches.ts'
export {
  applyPreparation,
  isTable,
  learn,
  prepare,
  prepareFeed,
  restoreTargets,
  type LearntData,
  type PreparedExamples,
} from './prepare.ts'
export { preview, previewInTurns, type Preview } from './preview.ts'
export { prepareOwn, samplesOf, type AskedExample, type OwnExample, type PreparedOwn, type Samples } from './samples.ts'
export { kFold, split, type Split } from './split.ts'
export { variedOf, type Varied } from './varied.ts'

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
export type DatasetInfo = Omit<DatasetDefinition, 'featuresFor' | 'targetFor' | 'generate'>

export function describeDatasets(): DatasetInfo[] {
  return [...datasets.values()].map(({ type, title, doc, params, features, target }) => {
    return { type, title, doc, params, features, target }
  })
}

/** The reader that knows these files, or a sentence that names what can be read. */
export function findReader(files: readonly DataFile[]): Result<Reader> {
  const reader = [...readers.values()].find((one) => one.accepts(files))
  if (reader) return ok(reader)
  const names = files.map((file) => file.name)
  const message =
    files.length === 0
      ? 'No file was given; choose one.'
      : files.length === 1
        ? `${names[0]} ${whyUnknown(names[0] ?? '')}`
        : `${listed(names)} do not belong together; choose tables of one format, or the pictures and labels of one set.`
  return fail(problem('data.reader', message, names[0] === undefined ? undefined : { file: names[0] }))
}

/** What people give instead of data, by the ends of names, and what they can do. */
const others: readonly (readonly [end: RegExp, is: string])[] = [
  [/\.(xlsx?|xlsm|xlsb|ods|numbers)$/i, 'is a workbook; save its sheet as CSV.'],
  [
    /\.(zip|7z|rar|tar|tar\.gz|tgz|tbz2?|txz|bz2|xz|zst)$/i,
    'is an archive; unzip it first, and choose the folder or file that comes out.',
  ],
]

function whyUnknown(name: string): string {
  const known = [...readers.values()].map(({ title }) => title).join(', ')
  return (
    others.find(([end]) => end.test(name))?.[1] ?? `is of no known kind; choose or save it as one of these: ${known}.`
  )
}

function listed(names: readonly string[]): string {
  if (names.length > MAX_LISTED)
    return `${names.slice(0, MAX_LISTED).join(', ')} and ${names.length - MAX_LISTED} more files`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** What a reader made of files: it depends on them and the reader's options, not on what a document makes of columns. */
export interface OpenedFiles extends ReadData {
  readonly reader: string
  /** Only what differs from the defaults. */
  readonly options: ParamValues
}

export interface ReadingRequest {
  /** Undefined: whichever knows the files. */
  readonly reader?: string | undefined
  readonly options?: ParamValues | undefined
  readonly job?: Job | undefined
}

/** Reads files with the reader that a document names, or the one that knows them. */
export async function readFiles(
  files: readonly DataFile[],
  { reader: wanted, options = {}, job = unwatched }: ReadingRequest = {},
): Promise<Result<OpenedFiles>> {
  if (wanted === undefined) await lookInto(files, job)
  const found = wanted === undefined ? findReader(files) : readerNamed(wanted)
  if (!found.ok) return found
  const reader = found.value
  const { values, problems } = readParams(reader.options, options, reader.title)
  const errors = problems.filter((one) => one.severity === 'error')
  if (errors.length > 0) return fail(...errors)
  const read = await attemptAsync(() => reader.read(files, values, job))
  if (!read.ok) return read
  const chosen = Object.entries(values).filter(([name, value]) => !sameValue(value, reader.options[name]?.default))
  const facts = [...read.value.facts, ...keptFacts(read.value.data, job)]
  return ok({ ...read.value, facts, reader: reader.type, options: Object.fromEntries(chosen) })
}

/** Some files are told by their first bytes alone; of many of them that takes a while, in which others have their turn. */
async function lookInto(files: readonly DataFile[], { pause }: Job): Promise<void> {
  const pace = new Pace({ pause, progress: () => undefined }, files.length)
  for (const file of files) {
    // What can't be read says so to whoever needs it.
    attempt(() => file.head)
    if (pace.did(1)) await pace.rest()
  }
}

/** Reads files with the reader of a document and its options, where that reader knows the files. */
export async function readLike(
  data: FeatureChoice,
  files: readonly DataFile[],
  job: Job = unwatched,
): Promise<Result<OpenedFiles>> {
  const reader = findReader(files)
  if (!reader.ok) return reader
  const { type, options: specs } = reader.value
  const { source } = data
  const { bad, ...own } = source.kind === 'generated' ? {} : source.options
  const isLike = source.kind !== 'generated' && source.reader === type
  // What becomes of bad rows is the document's business, whatever format they come in.
  const spec = specs['bad']
  const isTaken = bad !== undefined && spec && (isLike || misfit(spec, bad) === null)
  const options = { ...(isLike && own), ...(isTaken && { bad }) }
  return readFiles(files, { options, reader: type, job: { ...job, expected: expectedColumns(data) } })
}

/** How files are read of which only answers are wanted: rows that can't be taken are left out, and the others are answered. */
export function toAnswer(data: DataSection): DataSection {
  const { source } = data
  if (source.kind !== 'table' || misfitsOf(source) !== 'refuse') return data
  return { ...data, source: { ...source, options: { ...source.options, bad: 'skip' } } }
}

/**
 * Files that a trained network is asked about, read as those that it was trained on: nothing that these have decided is decided
 * anew, and nothing has to say what the examples are.
 */
export async function readAsked(
  data: DataSection,
  fitted: FittedPreparation,
  files: readonly DataFile[],
  job: Job = unwatched,
): Promise<Result<LoadedSource>> {
  const { source } = data
  if (source.kind === 'generated') {
    const message = 'The network was trained on a generated set, and no file has its form; predict the set itself.'
    return fail(problem('predict.generated', message))
  }
  const { recorded, decimal } = fitted
  const shape = source.kind === 'examples' ? source.features : undefined
  const asked = { ...(shape && { shape }), ...(recorded && { recorded }), ...(decimal && { decimal }) }
  const opened = await readLike(data, files, { ...job, asked })
  if (!opened.ok) return opened
  const loaded = asSource(source, opened.value, 'asked')
  if (!loaded.ok || source.kind === 'table' || opened.value.reader === source.reader) return loaded
  const [given, learnt] = [opened.value.reader, source.reader].map((type) => readers.get(type)?.title ?? type)
  const message =
    `The files are read as ${given}, but the network was trained on ${learnt}; its answers mean something only where ` +
    `numbers mean the same in both.`
  const warning = problem('data.otherReader', message, undefined, 'warning')
  return ok({ ...loaded.value, warnings: [warning, ...loaded.value.warnings] })
}

/** What the fact is called that numbers are in a file. */
export const KEPT = 'Kept'

/** Where the numbers are, if that is not as usual. */
function keptFacts(data: Table | RawExamples, { store }: Job): Fact[] {
  if (!store) return []
  const kept = isRawTable(data) ? data.stored : bytesHeld(data.features) === 0 ? data.features : undefined
  if (!kept) return []
  const [size, budget] = [kept.byteLength, store.budget].map(showBytes)
  return [{ label: KEPT, value: `in a file of ${size} (over the ${budget} that are held in memory)` }]
}

function readerNamed(type: string): Result<Reader> {
  const reader = readers.get(type)
  if (reader) return ok(reader)
  const message = `The document's data are read by "${type}", which is not known here; known are ${[...readers.keys()].join(', ')}.`
  return fail(problem('data.reader', message, { field: 'data.source.reader' }))
}

/** Names of the columns that a document can't do without, which tell a header from a row. */
export function expectedColumns(data: FeatureChoice): string[] {
  // A file to predict from has no target, unless it is asked for its past.
  return featureColumns(data).map(({ name }) => name)
}

/** A source for a document from what files hold: roles and kinds of columns guessed, shapes and classes as they are. */
export function proposeSource(opened: OpenedFiles, files: readonly FileReference[]): Result<Proposal> {
  if (files.length > MAX_PARTS) {
    const message = `${files.length} files were given one by one, and a document names ${MAX_PARTS} at most; put them into a folder and choose that.`
    return fail(problem('data.files', message))
  }
  const { data, reader, options, facts, bad } = opened
  const common = { reader, options, files }
  if (isRawTable(data)) {
    const { columns, windows, inTime, warnings, slips, errors } = guessColumns(data, misfitsOf(common))
    if (slips.length > 0) return fail(...slips)
    return ok({
      source: { kind: 'table', ...common, columns },
      ...(windows && { windows }),
      ...proposedSplit(data.parts, windows ? [forecastFact(columns, windows), ...facts] : facts, inTime),
      bad,
      warnings: [...opened.warnings, ...warnings],
      errors,
    })
  }
  const { shape, target, parts } = data
  return ok({
    source: { kind: 'examples', ...common, features: shape, target },
    ...proposedSplit(parts, facts),
    bad,
    warnings: opened.warnings,
    errors: [],
  })
}

/** For who can't choose other columns: a proposal by which something can be learnt. */
export function trainable(proposal: Proposal): Result<Proposal> {
  const { errors, warnings } = proposal
  return errors.length > 0 ? fail(...errors, ...warnings) : ok(proposal)
}

function forecastFact(columns: readonly Column[], { length }: Windows): Fact {
  const target = columns.find(({ role }) => role === 'target')?.name
  return { label: 'Task', value: `forecast ${target} from the last ${length} rows` }
}

/** The split that the names of files or folders tell, or the order of the rows (`inTime`), which is then a fact too. */
function proposedSplit(
  parts: Parts | undefined,
  facts: readonly Fact[],
  inTime = false,
): Pick<Proposal, 'facts' | 'split'> {
  const split = parts && splitByParts(parts.names)
  if (parts && split) return { facts: [...facts, factOf(parts, split)], split }
  if (!inTime) return { facts }
  const fact = { label: 'Split', value: 'by time: the latest rows validate' }
  return { facts: [...facts, fact], split: { method: 'time' } }
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
  return ok({
    kind: 'generated',
    generator: type,
    params: values,
    seed,
    features,
    target: dataset.targetFor?.(values) ?? dataset.target,
  })
}

/** What a document's source makes of files that were read for it, or of others of the same form. Of those `asked` about no target is needed. */
export function asSource(
  source: TableSource | ExamplesSource,
  { data, facts, bad, warnings }: OpenedFiles,
  use: 'learnt' | 'asked' = 'learnt',
): Result<LoadedSource> {
  const rest = { facts, bad, warnings }
  if (isRawTable(data)) {
    if (source.kind === 'table') return ok({ ...rest, data: { table: data, source } })
    const message =
      use === 'asked'
        ? `${data.file} is a table, but the network was trained on pictures or other examples; choose files with such examples.`
        : `${data.file} is a table, but the document's data are pictures or other examples; choose the data again.`
    return fail(problem('data.kind', message, { file: data.file }))
  }
  if (source.kind === 'table')
    return fail(
      problem(
        'data.kind',
        use === 'asked'
          ? 'The network was trained on a table, but these are pictures or other examples; choose a table with its columns.'
          : "The document's data are a table, but these are pictures or other examples; choose the data again.",
      ),
    )
  if (!sameShape(data.shape, source.features)) {
    const found = `The examples are ${showShape(data.shape)}`
    const message =
      use === 'asked'
        ? `${found}, but the network was trained on ${showShape(source.features)}; choose files with such examples.`
        : `${found}, but the document expects ${showShape(source.features)}; choose the data again.`
    return fail(problem('data.shape', message, { field: 'data.source' }))
  }
  // Codes are those of the target's names.
  if (use === 'asked' && !data.codes) return ok({ ...rest, data })
  const target = sameTarget(data, source.target)
  return target.ok ? ok({ ...rest, data: target.value }) : target
}

/** The examples with the document's codes for their classes. */
function sameTarget(data: RawExamples, wanted: TargetDescription): Result<RawExamples> {
  const { target } = data
  if (canonicalJson(target) === canonicalJson(wanted)) return ok(data)
  // Whether numbers are taken for labels is the document's business.
  if (target.kind === 'numbers' && wanted.kind === 'numbers' && sameValue(target.names, wanted.names))
    return ok({ ...data, target: wanted })
  const foreign = target.names.find((name) => !wanted.names.includes(name))
  const isOther = target.kind !== wanted.kind || wanted.kind === 'numbers'
  if (isOther || foreign !== undefined) {
    const found = foreign === undefined ? target.names.join(', ') : `"${foreign}"`
    const message = `The examples' target has ${found}, but the document knows ${wanted.names.join(', ')}; choose the data again.`
    return fail(problem('data.target', message, { field: 'data.source' }))
  }
  const codes = target.names.map((name) => wanted.names.indexOf(name))
  const recoded = (code: number) => codes[code] ?? -1
  const features = data.codes ? mapped(data.features, recoded) : data.features
  return ok({ ...data, features, target: wanted, targets: Int32Array.from(data.targets, recoded) })
}

function isRawTable(data: Table | RawExamples): data is Table {
  return 'columns' in data
}

/** The examples of a generated set, which `seed` may make anew. */
export function loadGenerated(source: GeneratedSource, seed = source.seed): Result<LoadedSource<HeldExamples>> {
  return generate(source, seed)
}

function generate(source: GeneratedSource, seed: number): Result<LoadedSource<HeldExamples>> {
  const dataset = datasets.get(source.generator)
  if (!dataset) return fail(unknownDataset(source.generator))
  const { values, problems } = readParams(dataset.params, source.params, dataset.title)
  const errors = problems.filter((one) => one.severity === 'error')
  if (errors.length > 0) return fail(...errors)
  const features = dataset.featuresFor?.(values) ?? dataset.features
  const target = dataset.targetFor?.(values) ?? dataset.target
  if (!sameShape(features, source.features) || canonicalJson(target) !== canonicalJson(source.target)) {
    const message =
      `The document describes ${dataset.title} with examples of ${showShape(source.features)}, but they are ` +
      `${showShape(features)} with the target ${target.names.join(', ')}; choose the data again.`
    return fail(problem('data.shape', message, { field: 'data.source' }))
  }
  const data = attempt(() => dataset.generate(values, (example) => new Rng(seed, 'dataset', dataset.type, example)))
  return data.ok ? ok({ data: data.value, facts: [], bad: NO_BAD, warnings: problems }) : data
}

function unknownDataset(type: string): Problem {
  const message = `There is no generated set called "${type}"; known are ${[...datasets.keys()].join(', ')}.`
  return problem('data.generator', message, { field: 'data.source.generator' })
}
