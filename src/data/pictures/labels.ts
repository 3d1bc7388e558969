/** A table beside the pictures that names them and says what each shows: which column is which, and what each picture gets. */
import { at } from '../../base/assert.ts'
import { problem, type Problem } from '../../base/problem.ts'
import { readParams } from '../../base/params.ts'
import csv from '../readers/csv.ts'
import { numberIn } from '../table/cells.ts'
import { cellOf, isMissingAt } from '../table/table.ts'
import type { BadRecords, DataFile, Job, Table, TableColumn } from '../types.ts'
import type { Entry } from './folder.ts'

/** What a column of labels is usually called. */
const labelNames = ['label', 'labels', 'class', 'classes', 'category', 'target', 'y', 'value']
/** More different numbers than these are a measurement rather than classes. */
const MOST_CLASSES = 20

export interface Labels {
  readonly file: string
  /** Titles of the columns. */
  readonly names: string
  readonly label: string
  /** By picture; undefined where no row names it. */
  readonly of: readonly (string | undefined)[]
  /** Whether the labels are amounts rather than classes. */
  readonly numeric: boolean
  /** Rows that name no picture, or have no label. */
  readonly bad: readonly Problem[]
}

/** Undefined where no column of it names the pictures. */
export async function readLabels(
  file: DataFile,
  pictures: readonly Entry[],
  target: 'auto' | 'classes' | 'numbers',
  job: Job,
): Promise<Labels | undefined> {
  const index = new Index(pictures)
  let read = await readTable(file, 'auto', job)
  // All words, the first row looks like names of columns; but it names a picture.
  if (read?.data.columns.some(({ name }) => index.find(name) !== undefined)) read = await readTable(file, 'data', job)
  if (!read) return undefined
  const { data, bad } = read
  const hits = data.columns.map((column) => hitsOf(column, data.rows, index))
  const best = Math.max(...hits)
  if (best === 0 || best * 2 < Math.min(data.rows, pictures.length)) return undefined
  const names = at(data.columns, hits.indexOf(best))
  const rest = data.columns.filter((column) => column !== names)
  const label = rest.find((column) => labelNames.includes(column.name.trim().toLowerCase())) ?? at(rest, 0)
  const joined = join(file.name, data, names, label, index, pictures.length, target)
  return {
    ...joined,
    bad: [...bad.problems, ...joined.bad],
    names: names.name,
    label: label.name,
  }
}

async function readTable(
  file: DataFile,
  header: 'auto' | 'data',
  job: Job,
): Promise<{ data: Table; bad: BadRecords } | undefined> {
  const { values } = readParams(csv.options, { bad: 'skip', header }, 'Labels')
  const { data, bad } = await csv.read([file], values, { pause: () => job.pause(), progress: () => undefined })
  return 'columns' in data && data.columns.length > 1 ? { data, bad } : undefined
}

/** Pictures by what a table may call them: their path, their name where it is the only one, either without its ending. */
class Index {
  readonly #byName = new Map<string, number | undefined>()

  constructor(pictures: readonly Entry[]) {
    const add = (name: string, i: number) => {
      const known = this.#byName.get(name)
      this.#byName.set(name, this.#byName.has(name) && known !== i ? undefined : i)
    }
    pictures.forEach(({ path }, i) => {
      const name = path.slice(path.lastIndexOf('/') + 1)
      for (const text of new Set([path, name, withoutEnding(path), withoutEnding(name)])) add(text, i)
    })
    // A whole path is never in doubt, even where a name elsewhere is the same text.
    pictures.forEach(({ path }, i) => this.#byName.set(path, i))
  }

  find(text: string): number | undefined {
    const path = text.replaceAll('\\', '/').replace(/^\.\//, '')
    const found = this.#byName.get(path)
    if (found !== undefined) return found
    // A table may begin its paths with folders that were not chosen.
    const from = path.indexOf('/')
    return from < 0 ? undefined : this.find(path.slice(from + 1))
  }
}

function withoutEnding(name: string): string {
  return name.replace(/(?<=[^/])\.[^./]+$/, '')
}

function textAt(column: TableColumn, row: number): string | undefined {
  return isMissingAt(column, row) ? undefined : cellOf(column, row)
}

function hitsOf(column: TableColumn, rows: number, index: Index): number {
  let hits = 0
  for (let row = 0; row < rows; row++) {
    const text = textAt(column, row)
    if (text !== undefined && index.find(text) !== undefined) hits++
  }
  return hits
}

function join(
  file: string,
  table: Table,
  names: TableColumn,
  label: TableColumn,
  index: Index,
  pictures: number,
  target: 'auto' | 'classes' | 'numbers',
): Omit<Labels, 'names' | 'label'> {
  const of = new Array<string | undefined>(pictures).fill(undefined)
  const bad: Problem[] = []
  const { unit, first, numbers } = table.places
  const rowOf = new Map<number, number>()
  for (let row = 0; row < table.rows; row++) {
    const line = numbers ? at(numbers, row) : first + row
    const refuse = (what: string, column: string) => {
      const place = { file, column, ...(unit === 'line' ? { line } : {}) }
      bad.push(problem('pictures.label', `${file} ${unit} ${line}: ${what}`, place))
    }
    const name = textAt(names, row)
    const value = textAt(label, row)
    const i = name === undefined ? undefined : index.find(name)
    if (name === undefined) refuse(`there is no name of a picture in column "${names.name}".`, names.name)
    else if (i === undefined) refuse(`there is no picture "${name}".`, names.name)
    else if (value === undefined) refuse(`picture "${name}" has no value in column "${label.name}".`, label.name)
    else if (of[i] === undefined) {
      of[i] = value
      rowOf.set(i, line)
    } else if (of[i] !== value) {
      refuse(`picture "${name}" is "${value}" here, but "${of[i]}" on ${unit} ${rowOf.get(i)}.`, label.name)
    }
  }
  const values = new Set(of.filter((value) => value !== undefined))
  const amounts = [...values].map(numberIn)
  const canBeNumbers = amounts.every((value) => Number.isFinite(value))
  const looksNumeric = canBeNumbers && (values.size > MOST_CLASSES || amounts.some((value) => !Number.isInteger(value)))
  if (target === 'numbers' && !canBeNumbers) {
    of.forEach((value, i) => {
      if (value === undefined || Number.isFinite(numberIn(value))) return
      of[i] = undefined
      const place = { file, column: label.name, ...(unit === 'line' ? { line: rowOf.get(i) ?? 0 } : {}) }
      bad.push(problem('pictures.label', `${file} ${unit} ${rowOf.get(i)}: "${value}" is no number.`, place))
    })
  }
  return { file, of, bad, numeric: target === 'numbers' || (target === 'auto' && looksNumeric) }
}
