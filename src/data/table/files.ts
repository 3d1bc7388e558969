/**
 * The files of one table: which of those that were given they are, in which order their rows come, and what is said where they do not
 * belong together. Readers of tables share it, so that all of them take train.csv and test.csv, or a folder of months, alike.
 */
import { problem, type Problem } from '../../base/problem.ts'
import { partIn } from '../../document/parts.ts'
import { MAX_PARTS } from '../../document/recipes.ts'
import { counted, listed, refuse } from '../formats/refuse.ts'
import { partsInTurn } from '../parts.ts'
import { commonRoot, isSystem, some } from '../pictures/folder.ts'
import type { DataFile, Fact, Table } from '../types.ts'
import { clip } from './records.ts'

/** How one file of several is told to be of a kind; a single file may be told by more. */
export interface TableKind {
  readonly byName: (name: string) => boolean
  /** Of a file whose name says nothing. */
  readonly byHead: (file: DataFile) => boolean
}

export interface TableFiles {
  /** In the order in which their rows come; called by what tells them apart, without the folder that holds all. */
  readonly files: readonly DataFile[]
  /** What is not of the table, as warnings. */
  readonly warnings: readonly Problem[]
}

/** What lies beside data to tell people of them. */
const NOTE = /(^|\/)(readme|licen[cs]e|copying|notice|citation|changelog)[^/]*$|\.(md|rst|pdf|html?|docx?|names)$/i
/** Names that tell no format. */
const PLAIN = /(^|\/)[^./]+$|\.(txt|dat|log|out|prn|gz)$/i
/** Files of which so many lie together are told by their names: to look into each takes time. */
const MOST_LOOKED_INTO = 2 * MAX_PARTS

/** Whether several files are one table, which a few others may lie beside. */
export function areTable(files: readonly DataFile[], kind: TableKind): boolean {
  const { tables, others } = sorted(files, kind)
  return tables.length > others.filter(({ name }) => !NOTE.test(name)).length
}

/** A single file is taken whatever it is, so that its reader says what is wrong with it. */
export function tableFiles(files: readonly DataFile[], kind: TableKind): TableFiles {
  if (files.length === 1) return { files, warnings: [] }
  if (files.length === 0) throw refuse('data.files', 'No file was given; choose one.', {})
  const { tables, others } = sorted(files, kind)
  if (tables.length === 0) {
    const message = `None of the ${files.length} files is such a table; choose others, or one by itself.`
    throw refuse('data.files', message, {})
  }
  if (tables.length > MAX_PARTS) {
    const message = `There are ${tables.length} files, and a table may come in ${MAX_PARTS} at most; join some of them.`
    throw refuse('data.files', message, {})
  }
  const [what, are] = others.length === 1 ? ['1 file is', 'is'] : [`${others.length} files are`, 'are']
  const message = `${what} no part of the table and ${are} left out: ${some(others.map(({ name }) => name))}.`
  const warnings = others.length > 0 ? [problem('data.others', message, undefined, 'warning')] : []
  return { files: named(tables), warnings }
}

function sorted(files: readonly DataFile[], { byName, byHead }: TableKind) {
  const seen = files.filter(({ name }) => !isSystem(name))
  const isLookedInto = seen.length <= MOST_LOOKED_INTO
  const isOne = (file: DataFile) =>
    byName(file.name) || (isLookedInto && PLAIN.test(file.name) && !NOTE.test(file.name) && byHead(file))
  const tables = new Set(seen.filter(isOne))
  return { tables: [...tables], others: seen.filter((file) => !tables.has(file)) }
}

/**
 * By their names within the folder that holds all: training first and tests last, as one uses them, `part2` before `part10`. Equal names
 * are told apart.
 */
function named(files: readonly DataFile[]): DataFile[] {
  const root = commonRoot(files.map(({ name }) => name))
  const sorted = files
    .map((file) => ({ file, name: file.name.slice(root.length) }))
    .sort((a, b) => rankOf(a.name) - rankOf(b.name) || naturalOrder(a.name, b.name))
  const used = new Set<string>()
  return sorted.map(({ file, name }) => {
    let own = name
    for (let i = 2; used.has(own); i++) own = `${name} (${i})`
    used.add(own)
    return own === file.name ? file : renamed(file, own)
  })
}

function renamed(file: DataFile, name: string): DataFile {
  return {
    name,
    size: file.size,
    get length() {
      return file.length
    },
    get head() {
      return file.head
    },
    chunks: () => file.chunks(),
    read: (from, to) => file.read(from, to),
  }
}

function rankOf(name: string): number {
  const part = partIn(name)
  return part === undefined ? 1 : { train: 0, validation: 2, test: 3 }[part]
}

/** As people count: numbers within names by their size. */
export function naturalOrder(a: string, b: string): number {
  const [x, y] = [a, b].map((name) => name.toLowerCase().split(/(\d+)/))
  for (const [i, one] of (x ?? []).entries()) {
    const other = y?.[i]
    if (other === undefined) return 1
    if (one === other) continue
    if (i % 2 === 0) return one < other ? -1 : 1
    const [m, n] = [one, other].map((digits) => digits.replace(/^0+/, ''))
    if (m !== n && m !== undefined && n !== undefined) return m.length - n.length || (m < n ? -1 : 1)
  }
  // Names that differ in capitals or zeros alone.
  return (x?.length ?? 0) - (y?.length ?? 0) || (a < b ? -1 : a > b ? 1 : 0)
}

/** What stands for the files in a sentence; it takes a verb for one thing. */
export function callTable(files: readonly DataFile[]): string {
  const names = files.map(({ name }) => name)
  if (names.length === 1) return names[0] ?? ''
  return names.length === 2 ? `The table of ${listed(names)}` : `The table of ${names.length} files`
}

/** The table with its rows told apart by the file that each is of. `counts`: rows of each file. */
export function inParts(table: Table, files: readonly DataFile[], counts: readonly number[]): Table {
  const parts = partsInTurn(files.map(({ name }, i) => ({ name, count: counts[i] ?? 0 })))
  return parts ? { ...table, parts } : table
}

/** How large a table is, for people. */
export function sizeFacts({ rows, columns }: Table): Fact[] {
  return [
    { label: 'Rows', value: String(rows) },
    { label: 'Columns', value: String(columns.length) },
  ]
}

/** How many rows each file has; nothing of a single one. */
export function fileFacts(files: readonly DataFile[], counts: readonly number[]): Fact[] {
  if (files.length === 1) return []
  const each = files.map(({ name }, i) => `${name} ${counted(counts[i] ?? 0, 'row')}`)
  return [{ label: 'Files', value: `${files.length}: ${some(each)}` }]
}

/** Those that differ, as one fact: `comma`, or `comma and semicolon`. */
export function alike(values: readonly string[]): string {
  return listed([...new Set(values)])
}

/** The columns of one file against those of the first: the same ones, in whatever order. */
export function checkSameColumns(first: NamedColumns, other: NamedColumns): void {
  const lacks = absentIn(other.names, first.names)
  const more = absentIn(first.names, other.names)
  if (lacks.length === 0 && more.length === 0) return
  // Of the two the one that only lacks something is at fault, as far as that can be told.
  const [poor, rich, columns] = lacks.length > 0 ? [other, first, lacks] : [first, other, more]
  const differs =
    lacks.length > 0 && more.length > 0
      ? `${poor.file} lacks ${called(columns)} of ${rich.file} and has ${called(more)} instead`
      : `${poor.file} lacks ${called(columns)}, which ${rich.file} has`
  const message = `${differs}; give both files the same columns, or leave one of them out.`
  throw refuse('data.files', message, { file: poor.file, column: columns[0] ?? '' })
}

/**
 * Whether a file beside the first has nothing to learn from: tests without their answers, as competitions give them, or the form
 * into which answers are to be written. Either only lacks columns.
 */
export function lacksAnswers(first: NamedColumns, other: NamedColumns): boolean {
  const lacks = absentIn(other.names, first.names).length
  if (lacks === 0 || absentIn(first.names, other.names).length > 0) return false
  return isForm(other.file) || (partIn(other.file) === 'test' && lacks * 2 < first.names.length)
}

/** Into which answers are to be written. */
export function isForm(file: string): boolean {
  return /submission/i.test(file)
}

export interface NamedColumns {
  readonly file: string
  readonly names: readonly string[]
}

function absentIn(names: readonly string[], wanted: readonly string[]): string[] {
  const known = new Set(names)
  return wanted.filter((name) => !known.has(name))
}

function called(columns: readonly string[]): string {
  const shown = columns.slice(0, 6).map((name) => clip(name))
  const more = columns.length > shown.length ? ` and ${columns.length - shown.length} more` : ''
  return `${columns.length === 1 ? 'column' : 'columns'} ${more ? shown.join(', ') + more : listed(shown)}`
}
