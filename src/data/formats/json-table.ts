/** Objects to rows of a table, whose columns are what fields come up. */
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { MAX_CATEGORIES, MAX_CELL, MAX_COLUMNS, MAX_JSON_DEPTH, MAX_JSON_LIST, MAX_NAME } from '../limits.ts'
import { TableBuilder, type ColumnBuilder } from '../table/builder.ts'
import { checkSameColumns } from '../table/files.ts'
import { HELD_TABLE, tooMany, type TableLimit } from '../table/limit.ts'
import { clip, nameFrom } from '../table/records.ts'
import type { Job, NumberStore, RowPlaces, Table } from '../types.ts'
import { columnOf, TextLists } from './json-lists.ts'
import type { RecordBytes } from './json-records.ts'
import { refuse } from './refuse.ts'

/** Undefined where it is null; the texts of a list. */
type Cell = number | string | undefined | ReadonlySet<string>
type Row = Map<string, Cell>

/** Names that mean something to every object of the language; no data have them. */
const reserved: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const LARGEST = 3.4028234663852886e38

/** Says why a record is no row. */
class Unfit extends Error {}

/** What a field has become: a column of its own, or those of the texts in its lists. `file`: the last one that it came up in. */
type Field =
  { readonly cells: ColumnBuilder; file: string } | { readonly lists: TextLists; readonly first: Place; file: string }

/** A record, for messages. */
interface Place {
  readonly file: string
  readonly where: string
}

interface Settings {
  readonly limit?: TableLimit
  readonly store?: NumberStore | undefined
  /** Columns that a document wants; a text among them has its column, whether it comes up or not. */
  readonly expected?: readonly string[] | undefined
}

export class JsonTable {
  readonly #name: string
  readonly #unit: RowPlaces['unit']
  readonly #limit: TableLimit
  readonly #expected: readonly string[]
  readonly #rows: TableBuilder
  /** In the order in which they came up. */
  readonly #fields = new Map<string, Field>()
  #file: string
  /** Rows of the files before the one at hand. */
  #before = 0
  /** What the fields of the other files must be. */
  #model: { readonly file: string; readonly names: readonly string[] } | undefined
  /** How long the list of a field was where it came first, and where that was. */
  readonly #lists = new Map<string, { readonly length: number; readonly first: Place }>()
  /** Names of fields as they are written, with what they are called. */
  readonly #names = new Map<string, string>()
  /** By column: a number that lost digits. */
  readonly #rounded = new Map<string, Problem>()
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  /** `name`: its file, or what stands for several. */
  constructor(name: string, unit: RowPlaces['unit'], { limit = HELD_TABLE, store, expected = [] }: Settings = {}) {
    this.#name = name
    this.#file = name
    this.#unit = unit
    this.#limit = limit
    this.#expected = expected
    this.#rows = new TableBuilder(name, [], unit, store)
  }

  /** What comes from here on is of this file. */
  begin(file: string): void {
    this.#file = file
    this.#before = this.rows
  }

  /** Nothing more comes of the file at hand; its rows. */
  end(): number {
    const file = this.#file
    const names = [...this.#fields].filter(([, field]) => field.file === file).map(([name]) => name)
    this.#model ??= { file, names }
    checkSameColumns(this.#model, { file, names })
    return this.rows - this.#before
  }

  get rows(): number {
    return this.#rows.rows
  }

  get warnings(): readonly Problem[] {
    const empty = this.lists.filter(({ texts }) => texts.length === 0).map(({ field }) => field)
    return [...this.#rounded.values(), ...empty.map((field) => this.#saysNothing(field))]
  }

  /** Fields that hold lists of texts, with all different ones. */
  get lists(): readonly { readonly field: string; readonly texts: readonly string[] }[] {
    return [...this.#fields].flatMap(([field, one]) => ('lists' in one ? [{ field, texts: one.lists.texts }] : []))
  }

  /** What is wrong with it; nothing of it is kept then. */
  add(record: RecordBytes): Problem | undefined {
    const { line, where } = record
    const row: Row = new Map()
    try {
      this.#flatten(this.#parse(record), '', row, where)
      if (row.size === 0) throw new Unfit('has no field')
      this.#checkForms(row)
    } catch (error) {
      if (!(error instanceof Unfit)) throw error
      return problem('json.record', `${this.#file} ${where} ${error.message}.`, { file: this.#file, line })
    }
    this.#checkRoom(row, where, line)
    for (const [name, cell] of row) {
      if (isList(cell)) {
        this.#listsOf(name, where).add(cell)
        continue
      }
      const field = this.#fields.get(name) ?? this.#newField(name)
      field.file = this.#file
      // A null.
      if ('lists' in field) continue
      const column = field.cells
      if (cell === undefined) column.missing()
      else if (typeof cell === 'string') column.text(cell)
      else if (Math.abs(cell) > LARGEST) column.text(String(cell))
      else {
        if (Number.isInteger(cell) && !Number.isSafeInteger(cell) && Math.abs(cell) < 1e21)
          this.#noteRounded(name, cell, where, line)
        column.number(cell)
      }
    }
    const { rows } = this
    this.#rows.endRow(this.#unit === 'line' ? line : rows - this.#before + 1)
    for (const column of this.#rows.columns) if (column.length <= rows) column.missing()
    return undefined
  }

  /** As `job`, with pauses in which the table finds its place. */
  settling(job: Job): Job {
    return this.#rows.settling(job)
  }

  async finish(): Promise<Table> {
    await this.#rows.settle()
    // Columns of texts stand where their field does.
    const columns = [...this.#fields.values()].flatMap((field) =>
      'lists' in field ? field.lists.columns : field.cells,
    )
    if (columns.length === 0)
      throw new ProblemError(...this.warnings.map((found) => ({ ...found, severity: 'error' as const })))
    this.#rows.arrange(columns)
    return this.#rows.finish()
  }

  #parse({ bytes }: RecordBytes): unknown {
    let text: string
    try {
      text = this.#decoder.decode(bytes)
    } catch {
      throw new Unfit('is not UTF-8; save the file with UTF-8 encoding')
    }
    if (isDeep(text)) throw new Unfit(`has brackets within brackets more than ${MAX_JSON_DEPTH} deep`)
    try {
      return JSON.parse(text)
    } catch {
      // Python writes it so.
      const [, word] = /[:[,]\s*-?(NaN|Infinity)\b/.exec(text) ?? []
      throw new Unfit(`is not JSON${word ? `, which has no ${word}; write null there` : ''}: ${clip(text.trim())}`)
    }
  }

  #flatten(value: unknown, path: string, row: Row, where: string): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Unfit(`is ${kindOf(value)}, not an object with fields`)
    }
    for (const [written, inner] of Object.entries(value as { [key: string]: unknown })) {
      const key = this.#nameOf(written)
      const name = path === '' ? key : `${path}.${key}`
      if (reserved.has(key)) throw new Unfit(`has a field called ${clip(name)}, a name that data cannot have`)
      if (key === '') throw new Unfit(`has a field without a name${path === '' ? '' : ` in ${clip(path)}`}`)
      if (name.length > MAX_NAME)
        throw new Unfit(`has a field whose name has ${name.length} characters; ${MAX_NAME} are allowed at most`)
      if (Array.isArray(inner)) this.#takeList(inner, name, row, where)
      else if (typeof inner === 'object' && inner !== null) this.#flatten(inner, name, row, where)
      else addCell(row, name, inner)
    }
  }

  /** Few names come again and again. */
  #nameOf(written: string): string {
    const known = this.#names.get(written)
    if (known !== undefined) return known
    const name = nameFrom(written)
    if (this.#names.size < MAX_COLUMNS) this.#names.set(written, name)
    return name
  }

  /** A list of texts, as an empty one is unless numbers came before it, or of numbers. */
  #takeList(list: readonly unknown[], name: string, row: Row, where: string): void {
    const first = this.#lists.get(name)
    const areTexts = typeof list[0] === 'string' || (list.length === 0 && !first)
    const wrong = list.findIndex((one) =>
      areTexts ? typeof one !== 'string' : typeof one !== 'number' && one !== null,
    )
    if (wrong >= 0) {
      throw new Unfit(`has ${kindOf(list[wrong])} in the list ${clip(name)}; lists hold only numbers, or only texts`)
    }
    const field = this.#fields.get(name)
    const other = areTexts ? first?.first : field && 'lists' in field ? field.first : undefined
    if (other) {
      const [one, two] = areTexts ? ['texts', 'numbers'] : ['numbers', 'texts, or an empty one']
      throw new Unfit(`has a list of ${one} in field ${clip(name)}, but ${this.#at(other)} has one of ${two}`)
    }
    if (areTexts) {
      addCell(row, name, new Set(list.map((text) => textOf(text as string, name))))
      return
    }
    if (list.length > MAX_JSON_LIST)
      throw new Unfit(
        `has a list of ${list.length} in field ${clip(name)}; lists have ${MAX_JSON_LIST} numbers at most`,
      )
    if (first && first.length !== list.length)
      throw new Unfit(
        `has a list of ${list.length} in field ${clip(name)}, but ${this.#at(first.first)} has one of ${first.length}`,
      )
    list.forEach((one, i) => {
      addCell(row, `${name}.${i}`, one)
    })
    if (!first) this.#lists.set(name, { length: list.length, first: { file: this.#file, where } })
  }

  #at({ file, where }: Place): string {
    return file === this.#file ? where : `${file} ${where}`
  }

  /** A field holds lists of texts everywhere or nowhere, and no other field has the name of one of their columns. */
  #checkForms(row: Row): void {
    for (const [name, cell] of row) {
      const field = this.#fields.get(name)
      if (!isList(cell)) {
        if (cell !== undefined && field && 'lists' in field)
          throw new Unfit(`has ${kindOf(cell)} in field ${clip(name)}, but ${this.#at(field.first)} has a list there`)
        if (!field && this.#isOfList(name)) throw new Unfit(`has the field ${clip(name)} in two forms`)
        continue
      }
      if (field && 'cells' in field && !field.cells.isEmpty)
        throw new Unfit(`has a list of texts in field ${clip(name)}, which holds single values before`)
      for (const text of cell) {
        if (field && 'lists' in field && field.lists.has(text)) continue
        const own = columnOf(name, text)
        if (row.has(own) || this.#fields.has(own) || this.#isOfList(own))
          throw new Unfit(`has the field ${clip(own)} in two forms`)
      }
    }
  }

  /** Whether a text in lists has the column of this name. */
  #isOfList(column: string): boolean {
    for (let dot = column.indexOf('.'); dot > 0; dot = column.indexOf('.', dot + 1)) {
      const field = this.#fields.get(column.slice(0, dot))
      if (field && 'lists' in field && field.lists.has(column.slice(dot + 1))) return true
    }
    return false
  }

  /** Before anything is made for fields that are new. */
  #checkRoom(row: Row, where: string, line: number): void {
    let columns = this.#rows.columns.length
    let fields = this.#fields.size
    const place = { file: this.#file, line }
    const until = this.#file === this.#name ? where : `${where} of ${this.#file}`
    for (const [name, cell] of row) {
      const field = this.#fields.get(name)
      if (!field) fields++
      if (!isList(cell)) {
        if (!field) columns++
        continue
      }
      const lists = field && 'lists' in field ? field.lists : undefined
      const count = lists?.sizeWith(cell) ?? cell.size
      columns += count - (lists?.size ?? 0)
      if (count > MAX_CATEGORIES) {
        const message = `${this.#name} has more than ${MAX_CATEGORIES} different texts in the lists of field ${clip(name)} by ${until}, the most that are told apart; leave the field out.`
        throw refuse('json.texts', message, { ...place, column: name })
      }
    }
    if (Math.max(columns, fields) > MAX_COLUMNS) {
      const message = `${this.#name} has more than ${MAX_COLUMNS} different fields by ${until}, the most columns that a table may have; leave some out.`
      throw refuse('json.columns', message, place)
    }
    const many = tooMany(this.#limit, this.rows + 1, columns)
    if (many !== undefined) {
      const message = `${this.#name} has more than ${many} by ${until}, the most that a table may have; use fewer records or fields.`
      throw refuse('json.cells', message, place)
    }
  }

  #newField(name: string): Field {
    const field = { cells: this.#rows.addColumn(name), file: this.#file }
    this.#fields.set(name, field)
    return field
  }

  #listsOf(name: string, where: string): TextLists {
    const known = this.#fields.get(name)
    if (known && 'lists' in known) {
      known.file = this.#file
      return known.lists
    }
    // So far it was null.
    if (known) this.#rows.arrange(this.#rows.columns.filter((column) => column !== known.cells))
    const lists = new TextLists(name, this.#rows)
    this.#fields.set(name, { lists, first: { file: this.#file, where }, file: this.#file })
    const prefix = columnOf(name, '')
    for (const wanted of this.#expected)
      if (wanted.startsWith(prefix) && !this.#fields.has(wanted)) lists.want(wanted.slice(prefix.length))
    return lists
  }

  #saysNothing(field: string): Problem {
    const message = `${this.#name}: all lists of field ${clip(field)} are empty, so it tells nothing; put texts or numbers into them.`
    return problem('json.emptyLists', message, { file: this.#name, column: field }, 'warning')
  }

  #noteRounded(name: string, value: number, where: string, line: number): void {
    if (this.#rounded.has(name)) return
    const message = `${this.#file} ${where}: field ${clip(name)} holds a whole number beyond 2^53, which is rounded to ${value}; write such numbers in quotes to keep them.`
    this.#rounded.set(name, problem('json.rounded', message, { file: this.#file, line, column: name }, 'warning'))
  }
}

function isList(cell: Cell): cell is ReadonlySet<string> {
  return typeof cell === 'object'
}

function addCell(row: Row, name: string, value: unknown): void {
  if (row.has(name)) throw new Unfit(`has the field ${clip(name)} in two forms`)
  if (typeof value === 'string' && value.length > MAX_CELL) {
    throw new Unfit(`has ${value.length} characters in field ${clip(name)}; ${MAX_CELL} are the most`)
  }
  const cell = typeof value === 'string' ? value.trim() : typeof value === 'boolean' ? String(value) : value
  row.set(name, cell === null ? undefined : (cell as Cell))
}

/** One of a list, which names a column. */
function textOf(written: string, field: string): string {
  const text = nameFrom(written)
  if (text === '') throw new Unfit(`has an empty text in the list ${clip(field)}`)
  const { length } = columnOf(field, text)
  if (length > MAX_NAME)
    throw new Unfit(
      `has a text of ${text.length} characters in the list ${clip(field)}; with the field's name ${MAX_NAME} are the most`,
    )
  return text
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'boolean') return 'a truth value'
  return typeof value === 'number' ? 'a number' : 'an object'
}

/** Brackets outside of texts, counted before anything goes down into them. */
function isDeep(text: string): boolean {
  let depth = 0
  let inText = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inText) {
      if (code === 0x5c) i++
      else if (code === 0x22) inText = false
    } else if (code === 0x22) inText = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_JSON_DEPTH) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}
