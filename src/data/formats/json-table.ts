/** Objects to rows of a table, whose columns are what fields come up. */
import { problem, type Problem } from '../../base/problem.ts'
import { MAX_CELL, MAX_CELLS, MAX_COLUMNS, MAX_JSON_DEPTH, MAX_JSON_LIST } from '../limits.ts'
import { ColumnBuilder, TableBuilder } from '../table/builder.ts'
import { clip } from '../table/records.ts'
import type { RowPlaces, Table } from '../types.ts'
import type { RecordBytes } from './json-records.ts'
import { refuse } from './refuse.ts'

type Cell = number | string | undefined

/** Names that mean something to every object of the language; no data have them. */
const reserved: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const LARGEST = 3.4028234663852886e38

/** Says why a record is no row. */
class Unfit extends Error {}

export class JsonTable {
  readonly #file: string
  readonly #unit: RowPlaces['unit']
  readonly #rows: TableBuilder
  readonly #columns = new Map<string, ColumnBuilder>()
  /** How long the list of a field was where it came first, and where that was. */
  readonly #lists = new Map<string, { readonly length: number; readonly where: string }>()
  /** By column: a number that lost digits. */
  readonly #rounded = new Map<string, Problem>()
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  constructor(file: string, unit: RowPlaces['unit']) {
    this.#file = file
    this.#unit = unit
    this.#rows = new TableBuilder(file, [], unit)
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
      const column = this.#columns.get(name) ?? this.#newColumn(name)
      if (cell === undefined) column.missing()
      else if (typeof cell === 'string') column.text(cell)
      else if (Math.abs(cell) > LARGEST) column.text(String(cell))
      else {
        if (Number.isInteger(cell) && !Number.isSafeInteger(cell) && Math.abs(cell) < 1e21)
          this.#noteRounded(name, cell, where, line)
        column.number(cell)
      }
    }
    this.#rows.endRow(this.#unit === 'line' ? line : undefined)
    const { rows } = this
    for (const column of this.#columns.values()) if (column.length < rows) column.missing()
    return undefined
  }

  finish(): Table {
    return { ...this.#rows.finish(), columns: [...this.#columns.values()].map((column) => column.finish()) }
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
      throw new Unfit(`is not JSON: ${clip(text.trim())}`)
    }
  }

  #flatten(value: unknown, path: string, cells: Map<string, Cell>, where: string): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Unfit(
        `is ${value === null ? 'null' : Array.isArray(value) ? 'a list' : kindOf(value)}, not an object with fields`,
      )
    }
    for (const [key, inner] of Object.entries(value as { [key: string]: unknown })) {
      const name = path === '' ? key : `${path}.${key}`
      if (reserved.has(key)) throw new Unfit(`has a field called ${clip(name)}, a name that data cannot have`)
      if (key === '') throw new Unfit(`has a field without a name${path === '' ? '' : ` in ${clip(path)}`}`)
      if (Array.isArray(inner)) this.#addList(inner, name, cells, where)
      else if (typeof inner === 'object' && inner !== null) this.#flatten(inner, name, cells, where)
      else addCell(cells, name, inner)
    }
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
        `has a list of ${list.length} in field ${clip(name)}, but ${first.where} has one of ${first.length}`,
      )
    }
    list.forEach((one, i) => {
      addCell(cells, `${name}.${i}`, one)
    })
    if (!first) this.#lists.set(name, { length: list.length, where })
  }

  /** Before anything is made for fields that are new. */
  #checkRoom(cells: ReadonlyMap<string, Cell>, where: string, line: number): void {
    let columns = this.#columns.size
    for (const name of cells.keys()) if (!this.#columns.has(name)) columns++
    const place = { file: this.#file, line }
    if (columns > MAX_COLUMNS) {
      const message = `${this.#file} has more than ${MAX_COLUMNS} different fields by ${where}, the most columns that a table may have; leave some out.`
      throw refuse('json.columns', message, place)
    }
    if ((this.rows + 1) * columns > MAX_CELLS) {
      const message = `${this.#file} has more than ${MAX_CELLS} cells by ${where}, the most that a table may have; use fewer records or fields.`
      throw refuse('json.cells', message, place)
    }
  }

  #newColumn(name: string): ColumnBuilder {
    const column = new ColumnBuilder(name)
    for (let row = 0; row < this.rows; row++) column.missing()
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
