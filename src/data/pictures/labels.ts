/**
 * Tables beside the pictures that name them and say what each shows: which table and which of its columns are used, what each
 * picture gets, and what is left out. Several tables are used where each is for a part of its own (train.csv, test.csv).
 */
import { at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { readParams } from '../../base/params.ts'
import { PART_NAMES, partIn } from '../../document/parts.ts'
import { MAX_CATEGORIES, MAX_LISTED, OTHER_TEXTS } from '../limits.ts'
import csv from '../readers/csv.ts'
import { numberIn } from '../table/cells.ts'
import { cellOf, isMissingAt } from '../table/table.ts'
import type { BadRecords, DataFile, Job, Table, TableColumn, TextColumn } from '../types.ts'
import { count, some, type Entry, type Place } from './folder.ts'
import { Pace } from '../formats/pace.ts'
import { FileNames } from './names.ts'

/** What a column of labels is usually called, or the last word of its name. */
const LABEL_NAMES = ['label', 'labels', 'class', 'classes', 'category', 'categories', 'target', 'targets', 'y', 'value']
const MORE_LABEL_NAMES = ['species', 'breed', 'diagnosis', 'outcome', 'tag', 'tags']
const SPLIT_NAME = /^(split|set|part|partition|subset|phase|usage|data[ _-]?set)$/i
const ID_NAME = /^(|id|index|idx|row|nr|no|number|key|uuid|unnamed: ?\d+|.*[ _.-]id|.*[a-z]Id)$/
/** An example of how answers are to be handed in, as competitions put it beside their data. */
const SUBMISSION = /submission|submit/i
/** More different whole numbers than these are amounts rather than classes; more in a column of labels. */
const FEW = 10
const MORE = 20
/** Texts with more different values than this must repeat to be classes. */
const SOME = 20

export type LabelKind = 'classes' | 'numbers' | 'labels'

/** What the person says of the tables. */
export interface LabelOptions {
  readonly target: 'auto' | 'classes' | 'numbers'
  /** Number of the column with the labels, counted from 1; 0: the one that looks like it. */
  readonly label: number
}

export interface Label {
  readonly text: string
  /** Of numbers and labels: one for each column. */
  readonly values: readonly number[]
}

export interface Labels {
  /** Tables that are used. */
  readonly files: readonly string[]
  /** Titles of the column that names the pictures, and of those that say what they show. */
  readonly names: string
  readonly columns: readonly string[]
  readonly kind: LabelKind
  /** By picture; undefined where no row names it. */
  readonly of: readonly (Label | undefined)[]
  /** By picture, where a column or several tables tell it. */
  readonly parts: readonly (string | undefined)[] | undefined
  /** Rows that name no picture, or have no label. */
  readonly bad: readonly Problem[]
}

export interface Tables {
  readonly labels: Labels | undefined
  /** Tables and columns that are not used, as warnings. */
  readonly warnings: readonly Problem[]
  /** Why a table could not be read. */
  readonly errors: readonly Problem[]
}

/** A table that names pictures. */
interface Candidate {
  readonly file: string
  /** The part that its name says. */
  readonly part: string | undefined
  readonly data: Table
  readonly bad: BadRecords
  readonly index: FileNames
  readonly names: TableColumn
  /** Pictures that it names. */
  readonly hits: number
}

/** `places`: where each picture lies. `root`: as of the folder, of whose path the pictures' lack it. */
export async function readTables(
  tables: readonly DataFile[],
  pictures: readonly Entry[],
  places: readonly Place[],
  root: string,
  options: LabelOptions,
  job: Job,
): Promise<Tables> {
  const depth = ({ name }: DataFile) => name.split('/').length
  const sorted = tables.toSorted((a, b) => depth(a) - depth(b) || (a.name < b.name ? -1 : 1))
  const warnings: Problem[] = []
  const leave = (file: string, why: string) =>
    warnings.push(problem('pictures.tables', `${file} ${why}`, { file }, 'warning'))
  const errors: Problem[] = []
  const candidates: Candidate[] = []
  const indexFor = indexesOf(pictures, places, root)
  for (const table of sorted.slice(0, MAX_LISTED)) {
    const { name } = table
    try {
      const found = await candidateOf(table, pictures, indexFor(table), job)
      if (typeof found === 'string') leave(name, found)
      else candidates.push(found)
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problems.some(({ place }) => place?.file !== name)) throw error
      errors.push(...error.problems)
      leave(name, `can't be read as a table of labels and is left out: ${at(error.problems, 0).message}`)
    }
  }
  const more = sorted.slice(MAX_LISTED).map(({ name }) => name)
  if (more.length > 0) {
    const message = `${count(more.length, 'more table is', 'more tables are')} left out without a look: ${some(more)}.`
    warnings.push(problem('pictures.tables', message, undefined, 'warning'))
  }

  const answers = candidates.filter(({ file }) => !SUBMISSION.test(baseOf(file)))
  const fit = answers.length > 0 ? answers : candidates
  const best = bestOf(fit, options.label)
  if (!best) return { labels: undefined, warnings, errors }
  const chosen = chooseColumns(best, options)
  const isGuess = options.label === 0 && options.target === 'auto' && !chosen.columns.some(({ name }) => isLabel(name))
  if (isGuess && chosen.kind === 'numbers' && new Set(places.flatMap(({ label = [] }) => label)).size > 1) {
    const titles = best.data.columns.flatMap((column, i) =>
      chosen.columns.includes(column) ? `${i + 1} "${column.name}"` : [],
    )
    leave(
      best.file,
      `names pictures, too, with numbers (${count(titles.length, 'column')}: ${some(titles)}), and is left out: the classes are the folders. To predict such a number give its column as Label column.`,
    )
    return { labels: undefined, warnings, errors }
  }
  const others = fit.filter((one) => one !== best && belongs(one, best, chosen.columns))
  const used = [best, ...others.filter(({ part }, i) => others.findIndex((one) => one.part === part) === i)]
  for (const one of candidates) {
    if (used.includes(one)) continue
    const isExample = !fit.includes(one)
    const why = isExample
      ? 'is an example of answers by its name, so it is left out'
      : 'names pictures too, and is left out'
    leave(one.file, `${why}: the labels are those of ${some(used.map(({ file }) => file))}.`)
  }
  const labels = await join(used, chosen, pictures.length, job)
  return { labels, warnings: [...warnings, ...unusedColumns(best, chosen), ...combinations(labels)], errors }
}

interface Called {
  readonly part: string | undefined
  readonly index: FileNames
}

/** What each table calls the pictures: one of its own folder or part is meant, where others have the same name. */
function indexesOf(pictures: readonly Entry[], places: readonly Place[], root: string): (table: DataFile) => Called {
  const paths = pictures.map(({ path }) => path)
  const known = new Map<string, FileNames>()
  return ({ name }) => {
    const path = name.startsWith(root) ? name.slice(root.length) : name
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const part = partOf(path)
    const key = `${part ?? ''}/${folder}`
    const nearness = (i: number) =>
      (folder !== '' && at(paths, i).startsWith(folder) ? 2 : 0) +
      (part !== undefined && at(places, i).part === part ? 1 : 0)
    const index = known.get(key) ?? new FileNames(paths, nearness)
    known.set(key, index)
    return { part, index }
  }
}

/** By its name, or that of its folder. */
function partOf(path: string): string | undefined {
  const [name = '', folder = ''] = path.split('/').reverse()
  const part = partIn(name) ?? partIn(folder)
  return part && PART_NAMES[part]
}

/** A table that can be used, or why it can't, as the end of a sentence. */
async function candidateOf(
  file: DataFile,
  pictures: readonly Entry[],
  { part, index }: Called,
  job: Job,
): Promise<Candidate | string> {
  let read = await readTable(file, 'auto', job)
  // All words, the first row looks like names of columns; but it names a picture.
  if (read?.data.columns.some(({ name }) => index.find(name) !== undefined)) read = await readTable(file, 'data', job)
  if (!read) return 'is no table of rows and columns and is left out.'
  const { data, bad } = read
  const hits: number[] = []
  for (const column of data.columns) {
    await job.pause()
    hits.push(hitsOf(column, data.rows, index))
  }
  const best = Math.max(...hits)
  // Of two that name as many, texts do so less by chance than numbers.
  const isNamed = (column: TableColumn, i: number) => hits[i] === best && column.kind === 'texts' && !isNumeric(column)
  if (best === 0) return 'names none of the pictures and is left out.'
  const names = data.columns.find(isNamed) ?? at(data.columns, hits.indexOf(best))
  const told = names.kind === 'texts' && names.hasOthers ? names.texts.length : data.rows
  if (best * 2 < Math.min(told, pictures.length))
    return `names only ${count(best, 'picture')} in ${count(data.rows, 'row')} and is left out.`
  if (data.columns.every((column) => column === names || isSplit(column)))
    return 'names pictures but has no column with labels, and is left out.'
  return { file: file.name, part, data, bad, index, names, hits: best }
}

async function readTable(
  file: DataFile,
  header: 'auto' | 'data',
  job: Job,
): Promise<{ data: Table; bad: BadRecords } | undefined> {
  const { values } = readParams(csv.options, { bad: 'skip', header }, 'Labels')
  const { data, bad } = await csv.read([file], values, { pause: () => job.pause(), progress: () => undefined })
  return 'columns' in data ? { data, bad } : undefined
}

function baseOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}

/** The one with a column of labels by its name; then the one that names the most pictures, training first. */
function bestOf(candidates: readonly Candidate[], label: number): Candidate | undefined {
  const rank = ({ data, names, part, hits }: Candidate) => [
    label > data.columns.length ? 1 : 0,
    data.columns.some((column) => column !== names && isLabel(column.name)) ? 0 : 1,
    -hits,
    part === PART_NAMES.train ? 0 : 1,
  ]
  return candidates.toSorted((a, b) => {
    const [x, y] = [rank(a), rank(b)]
    const i = x.findIndex((value, i) => value !== y[i])
    return i < 0 ? 0 : at(x, i) - at(y, i)
  })[0]
}

/** Whether a table has the same columns for another part. */
function belongs(one: Candidate, best: Candidate, columns: readonly TableColumn[]): boolean {
  const titles = new Set(one.data.columns.map(({ name }) => name))
  const isOther = one.part !== undefined && best.part !== undefined && one.part !== best.part
  return isOther && one.names.name === best.names.name && columns.every(({ name }) => titles.has(name))
}

// Columns

interface Chosen {
  readonly columns: readonly TableColumn[]
  readonly kind: LabelKind
  readonly split: TableColumn | undefined
}

/** By the rules that tables have: a column of such a name; else several of 0 and 1; else several of amounts; else one that repeats. */
function chooseColumns({ file, data, names }: Candidate, { target, label }: LabelOptions): Chosen {
  const split = data.columns.find((column) => column !== names && isSplit(column))
  const rest = data.columns.filter((column) => column !== names && column !== split)
  if (label > 0) {
    const wanted = data.columns[label - 1]
    if (wanted && wanted !== names) {
      const own = wanted === split ? undefined : split
      return { columns: [wanted], kind: kindOf(wanted, data.rows, target), split: own }
    }
    const titles = data.columns.map(({ name }, i) => `${i + 1} "${name}"`)
    const what = wanted ? 'names the pictures' : 'is not there'
    const message = `Column ${label} of ${file} ${what}; its columns are ${some(titles, MAX_LISTED)}.`
    throw new ProblemError(problem('pictures.label', message, { file, field: 'label' }))
  }
  const one = (column: TableColumn): Chosen => ({
    columns: [column],
    kind: kindOf(column, data.rows, target),
    split,
  })
  const named =
    LABEL_NAMES.map((name) => rest.find((column) => column.name.trim().toLowerCase() === name)).find(
      (column) => column,
    ) ?? rest.find(({ name }) => isLabel(name))
  if (named) return one(named)
  if (target !== 'classes') {
    const kind = target === 'auto' ? 'labels' : 'numbers'
    const flags = rest.filter(isFlags)
    if (flags.length > 1 && flags.length <= MAX_CATEGORIES) return { columns: flags, kind, split }
    const plain = rest.filter((column) => !ID_NAME.test(column.name.trim()))
    const areAmounts = plain.every((column) => kindOf(column, data.rows, 'auto') === 'numbers')
    if (plain.length > 1 && plain.length <= MAX_CATEGORIES && areAmounts)
      return { columns: plain, kind: 'numbers', split }
  }
  return one(rest.find((column) => canBeTold(column, data.rows)) ?? at(rest, 0))
}

/** `ClassId`, `image_label`. */
function isLabel(name: string): boolean {
  const words = name
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
  const last = words.findLast((word) => !['id', 'name', 'index', 'idx'].includes(word)) ?? ''
  return LABEL_NAMES.includes(last) || MORE_LABEL_NAMES.includes(last)
}

/** Says by words of which part each picture is. */
function isSplit(column: TableColumn): boolean {
  return (
    column.kind === 'texts' &&
    column.texts.length > 0 &&
    SPLIT_NAME.test(column.name.trim()) &&
    column.texts.every((text) => partIn(text) !== undefined)
  )
}

/** Of yes and no, as 1 and 0. */
function flagOf(text: string): number {
  if (/^(1(\.0*)?|true|yes)$/i.test(text)) return 1
  return /^(-1(\.0*)?|0(\.0*)?|false|no)$/i.test(text) ? 0 : NaN
}

function isFlags(column: TableColumn): boolean {
  return column.kind === 'texts' && column.texts.length > 0 && column.texts.every((text) => !Number.isNaN(flagOf(text)))
}

/** A measurement has other values than whole ones, or many of them; but a column of labels may count through many classes. */
function kindOf(column: TableColumn, rows: number, target: LabelOptions['target']): 'classes' | 'numbers' {
  if (target !== 'auto') return target
  if (column.kind === 'numbers') {
    if (column.dates) return 'classes'
    return isLabel(column.name) && isCount(column.values.subarray(0, column.values.length), rows)
      ? 'classes'
      : 'numbers'
  }
  if (!isNumeric(column)) return 'classes'
  const values = column.texts.map(numberIn)
  if (values.some((value) => !Number.isInteger(value))) return 'numbers'
  const few = values.length <= (isLabel(column.name) ? MORE : FEW)
  return few || (isLabel(column.name) && isCount(values, rows)) ? 'classes' : 'numbers'
}

function isNumeric({ texts }: TextColumn): boolean {
  return texts.length > 0 && texts.every((text) => Number.isFinite(numberIn(text)))
}

/** Whole numbers without many holes, each of which comes again. */
function isCount(values: ArrayLike<number>, rows: number): boolean {
  const different = new Set<number>()
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i)
    if (Number.isNaN(value)) continue
    if (!Number.isInteger(value) || value < 0 || different.size > MAX_CATEGORIES) return false
    different.add(value)
  }
  const largest = [...different].reduce((a, b) => Math.max(a, b), 0)
  return different.size * 2 <= rows && largest <= different.size * 2
}

/** Neither a number of the row nor a name of its own for each. */
function canBeTold(column: TableColumn, rows: number): boolean {
  if (column.kind === 'numbers') return !column.dates && !ID_NAME.test(column.name.trim())
  const { length } = column.texts
  return length > 1 && (length <= SOME || length * 2 <= rows)
}

function unusedColumns({ file, data, names }: Candidate, { columns, split }: Chosen): Problem[] {
  const unused = data.columns.flatMap((column, i) => {
    return column === names || column === split || columns.includes(column) ? [] : [`${i + 1} "${column.name}"`]
  })
  if (unused.length === 0) return []
  const told = columns.map(({ name }) => `"${name}"`)
  const [what, is, it] = unused.length === 1 ? ['Column', 'is', 'it holds'] : ['Columns', 'are', 'one of them holds']
  const message = `${what} ${some(unused, 10)} of ${file} ${is} not used; the labels are those of ${some(told, 10)}. If ${it} the labels, give its number as Label column.`
  return [problem('pictures.columns', message, { file }, 'warning')]
}

/** Classes that are made of several tags. */
function combinations({ kind, columns, of, files }: Labels): Problem[] {
  if (kind !== 'classes') return []
  const labels = new Set(of.flatMap((label) => label?.text ?? []))
  for (const sign of ['|', ';', ',', ' ']) {
    const split = [...labels].map((label) => label.split(sign).map((tag) => tag.trim()))
    const tags = new Set(split.flat())
    const several = [...labels].find((_, i) => at(split, i).length > 1)
    if (several === undefined || tags.size > labels.size) continue
    const message = `Labels such as "${several}" in column "${columns[0]}" look like several tags, and each of the ${labels.size} combinations is a class of its own; to tell tag by tag, give each of the ${tags.size} a column of 0 and 1.`
    return [problem('pictures.tags', message, { file: at(files, 0) }, 'warning')]
  }
  return []
}

// Rows

function textAt(column: TableColumn, row: number): string | undefined {
  return isMissingAt(column, row) ? undefined : cellOf(column, row)
}

/** How many pictures a column names: numbers of another meaning name the same few again and again. */
function hitsOf(column: TableColumn, rows: number, index: FileNames): number {
  const hits = new Set<number>()
  const look = (text: string) => {
    const i = index.find(text)
    if (i !== undefined) hits.add(i)
  }
  if (column.kind === 'texts') column.texts.forEach(look)
  else for (let row = 0; row < rows; row++) if (!isMissingAt(column, row)) look(cellOf(column, row))
  return hits.size
}

async function join(
  used: readonly Candidate[],
  { columns, kind, split }: Chosen,
  pictures: number,
  { pause }: Job,
): Promise<Labels> {
  const of = new Array<Label | undefined>(pictures).fill(undefined)
  const parts = new Array<string | undefined>(pictures).fill(undefined)
  // Where each label stands, for what contradicts it.
  const [tables, lines] = [new Uint8Array(pictures), new Uint32Array(pictures)]
  const pace = new Pace({ pause, progress: () => undefined }, 1)
  const bad: Problem[] = []
  for (const [k, candidate] of used.entries()) {
    const { file, data, index, names } = candidate
    bad.push(...candidate.bad.problems)
    const own = (wanted: TableColumn) => data.columns.find(({ name }) => name === wanted.name) ?? wanted
    const [told, parting] = [columns.map(own), split && own(split)]
    const { unit, first, numbers } = data.places
    let unkept = 0
    for (let row = 0; row < data.rows; row++) {
      if (pace.did(1)) await pace.rest()
      const line = numbers ? at(numbers, row) : first + row
      const refuse = (what: string, { name: column }: TableColumn) => {
        const place = { file, column, ...(unit === 'line' ? { line } : {}) }
        bad.push(problem('pictures.label', `${file} ${unit} ${line}: ${what}`, place))
      }
      const name = textAt(names, row)
      if (name === OTHER_TEXTS && names.kind === 'texts' && names.hasOthers) {
        unkept++
        continue
      }
      const i = name === undefined ? undefined : index.find(name)
      const texts = told.map((column) => textAt(column, row))
      const lacking =
        told.find((_, k) => texts[k] === undefined) ?? (parting && isMissingAt(parting, row) ? parting : undefined)
      const text = texts.join(', ')
      const values =
        kind === 'classes' ? [] : texts.map((value = '') => (kind === 'labels' ? flagOf(value) : numberIn(value)))
      const wrong = values.findIndex((value) => !Number.isFinite(value))
      const known = i === undefined ? undefined : of[i]
      if (name === undefined) refuse(`there is no name of a picture in column "${names.name}".`, names)
      else if (i === undefined) refuse(`there is no picture "${name}".`, names)
      else if (lacking) refuse(`picture "${name}" has no value in column "${lacking.name}".`, lacking)
      else if (wrong >= 0) {
        const what = kind === 'labels' ? 'neither 0 nor 1' : 'no number'
        refuse(`"${texts[wrong]}" is ${what}.`, at(told, wrong))
      } else if (known && known.text !== text) {
        const where = at(tables, i) === k ? unit : `${at(used, at(tables, i)).file} ${unit}`
        refuse(`picture "${name}" is "${text}" here, but "${known.text}" on ${where} ${lines[i]}.`, at(told, 0))
      } else if (!known) {
        of[i] = { text, values }
        const part = parting && partIn(cellOf(parting, row))
        parts[i] = part ? PART_NAMES[part] : used.length > 1 ? candidate.part : undefined
        tables[i] = k
        lines[i] = line
      }
    }
    if (unkept > 0 && names.kind === 'texts') {
      const message = `${file} names more pictures than the ${names.texts.length - 1} that a table can: ${count(unkept, 'row')} at its end give none a label. Use fewer pictures, or a folder for each class.`
      // First, since the list of all others has an end.
      bad.unshift(problem('pictures.label', message, { file }))
    }
  }
  return {
    files: used.map(({ file }) => file),
    names: at(used, 0).names.name,
    columns: columns.map(({ name }) => name),
    kind,
    of,
    parts: split || used.length > 1 ? parts : undefined,
    bad,
  }
}
