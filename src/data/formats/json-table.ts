/** Objects to rows of a table, whose columns are what fields come up. */
import { problem, type Problem } from '../../base/problem.ts'
import { MAX_CELL, MAX_COLUMNS, MAX_JSON_DEPTH, MAX_JSON_LIST, MAX_NAME } from '../limits.ts'
import { TableBuilder, type ColumnBuilder } from '../table/builder.ts'
import { checkSameColumns } from '../table/files.ts'
import { HELD_TABLE, tooMany, type TableLimit } from '../table/limit.ts'
import { clip, nameFrom } from '../table/records.ts'
import type { Job, NumberStore, RowPlaces, Table } from '../types.ts'
import type { RecordBytes } from './json-records.ts'
import { refuse } from './refuse.ts'

type Cell = number | string | undefined

/** Names that mean something to every object of the language; no data have them. */
const reserved: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const LARGEST = 3.4028234663852886e38

/** Says why a record is no row. */
class Unfit extends Error {}

export class JsonTable {
  readonly #name: string
  readonly #unit: RowPlaces['unit']
  readonly #limit: TableLimit
  readonly #rows: TableBuilder
  readonly #columns = new Map<string, { readonly cells: ColumnBuilder; file: string }>()
  #file: string
  /** Rows of the files before the one at hand. */
  #before = 0
  /** What the fields of the other files must be. */
  #model: { readonly file: string; readonly names: readonly string[] } | undefined
  /** How long the list of a field was where it came first, and where that was. */
  readonly #lists = new Map<string, { readonly length: number; readonly file: string; readonly where: string }>()
  /** Names of fields as they are written, with what they are called. */
  readonly #names = new Map<string, string>()
  /** By column: a number that lost digits. */
  readonly #rounded = new Map<string, Problem>()
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  /** `name`: its file, or what stands for several. */
  constructor(name: string, unit: RowPlaces['unit'], limit = HELD_TABLE, store?: NumberStore) {
    this.#name = name
    this.#file = name
    this.#unit = unit
    this.#limit = limit
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
    const names = [...this.#columns].filter(([, column]) => column.file === file).map(([name]) => name)
    this.#model ??= { file, names }
    checkSameColumns(this.#model, { file, names })
    return this.rows - this.#before
  }

  get rows(): number {
    return this.#rows.rows
  }

  get warnings(): readonly Problem[] {
    return [...this.#rounded.values()]
  }

  /** What is wrong with it; nothing of it is kept then. */
  add(record: RecordBytes): Problem | undefined {
    const { line, where } = record
    const cells = new Map<string, Cell>()
    try {
      this.#flatten(this.#parse(record), '', cells, where)
      if (cells.size === 0) throw new Unfit('has no field')
    } catch (error) {
      if (!(error instanceof Unfit)) throw error
      return problem('json.record', `${this.#file} ${where} ${error.message}.`, { file: this.#file, line })
    }
    this.#checkRoom(cells, where, line)
    for (const [name, cell] of cells) {
      const found = this.#columns.get(name) ?? this.#newColumn(name)
      found.file = this.#file
      const column = found.cells
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
    for (const { cells } of this.#columns.values()) if (cells.length <= rows) cells.missing()
    return undefined
  }

  /** As `job`, with pauses in which the table finds its place. */
  settling(job: Job): Job {
    return this.#rows.settling(job)
  }

  async finish(): Promise<Table> {
    await this.#rows.settle()
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

  #flatten(value: unknown, path: string, cells: Map<string, Cell>, where: string): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Unfit(
        `is ${value === null ? 'null' : Array.isArray(value) ? 'a list' : kindOf(value)}, not an object with fields`,
      )
    }
    for (const [written, inner] of Object.entries(value as { [key: string]: unknown })) {
      const key = this.#nameOf(written)
      const name = path === '' ? key : `${path}.${key}`
      if (reserved.has(key)) throw new Unfit(`has a field called ${clip(name)}, a name that data cannot have`)
      if (key === '') throw new Unfit(`has a field without a name${path === '' ? '' : ` in ${clip(path)}`}`)
      if (name.length > MAX_NAME)
        throw new Unfit(`has a field whose name has ${name.length} characters; ${MAX_NAME} are allowed at most`)
      if (Array.isArray(inner)) this.#addList(inner, name, cells, where)
      else if (typeof inner === 'object' && inner !== null) this.#flatten(inner, name, cells, where)
      else addCell(cells, name, inner)
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

  #addList(list: readonly unknown[], name: string, cells: Map<string, Cell>, where: string): void {
    if (list.length === 0 || list.length > MAX_JSON_LIST) {
      throw new Unfit(`has a list of ${list.length} in field ${clip(name)}; lists have 1 to ${MAX_JSON_LIST} numbers`)
    }
    const wrong = list.find((one) => typeof one !== 'number' && one !== null)
    if (wrong !== undefined) {
      throw new Unfit(
        `has ${Array.isArray(wrong) ? 'a list' : kindOf(wrong)} in the list ${clip(name)}; lists hold only numbers`,
      )
    }
    const first = this.#lists.get(name)
    if (first && first.length !== list.length) {
      throw new Unfit(
        `has a list of ${list.length} in field ${clip(name)}, but ${first.file === this.#file ? '' : `${first.file} `}${first.where} has one of ${first.length}`,
      )
    }
    list.forEach((one, i) => {
      addCell(cells, `${name}.${i}`, one)
    })
    if (!first) this.#lists.set(name, { length: list.length, file: this.#file, where })
  }

  /** Before anything is made for fields that are new. */
  #checkRoom(cells: ReadonlyMap<string, Cell>, where: string, line: number): void {
    let columns = this.#columns.size
    for (const name of cells.keys()) if (!this.#columns.has(name)) columns++
    const place = { file: this.#file, line }
    const until = this.#file === this.#name ? where : `${where} of ${this.#file}`
    if (columns > MAX_COLUMNS) {
      const message = `${this.#name} has more than ${MAX_COLUMNS} different fields by ${until}, the most columns that a table may have; leave some out.`
      throw refuse('json.columns', message, place)
    }
    const many = tooMany(this.#limit, this.rows + 1, columns)
    if (many !== undefined) {
      const message = `${this.#name} has more than ${many} by ${until}, the most that a table may have; use fewer records or fields.`
      throw refuse('json.cells', message, place)
    }
  }

  #newColumn(name: string) {
    const column = { cells: this.#rows.addColumn(name), file: this.#file }
    this.#columns.set(name, column)
    return column
  }

  #noteRounded(name: string, value: number, where: string, line: number): void {
    if (this.#rounded.has(name)) return
    const message = `${this.#file} ${where}: field ${clip(name)} holds a whole number beyond 2^53, which is rounded to ${value}; write such numbers in quotes to keep them.`
    this.#rounded.set(name, problem('json.rounded', message, { file: this.#file, line, column: name }, 'warning'))
  }
}

function addCell(cells: Map<string, Cell>, name: string, value: unknown): void {
  if (cells.has(name)) throw new Unfit(`has the field ${clip(name)} in two forms`)
  if (typeof value === 'string' && value.length > MAX_CELL) {
    throw new Unfit(`has ${value.length} characters in field ${clip(name)}; ${MAX_CELL} are the most`)
  }
  const cell = typeof value === 'string' ? value.trim() : typeof value === 'boolean' ? String(value) : value
  cells.set(name, cell === null ? undefined : (cell as number | string))
}

function kindOf(value: unknown): string {
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
