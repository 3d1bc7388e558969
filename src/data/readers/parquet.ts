/**
 * Parquet, tables by columns. What stands at the end of the file is read first, then row group by row group and column by
 * column a page at a time; never the whole file. Several files are one table, all with the same columns.
 */
import { at } from '../../base/assert.ts'
import { problem } from '../../base/problem.ts'
import { halfOf } from '../formats/npy.ts'
import { Pace } from '../formats/pace.ts'
import {
  readFooter,
  type Chunk,
  type ColumnSchema,
  type Footer,
  type Meaning,
  type TimeUnit,
} from '../formats/parquet-footer.ts'
import {
  decodeValues,
  hybrid,
  isDictionary,
  levelled,
  plain,
  readPageHeader,
  RLE,
  type Decoded,
  type PageHeader,
} from '../formats/parquet-pages.ts'
import { counted, listed, refuse } from '../formats/refuse.ts'
import { Damaged, ThriftReader } from '../formats/thrift.ts'
import { crc32 } from '../formats/sums.ts'
import { codecs, readable, unpack } from '../formats/unpack.ts'
import { showBytes } from '../../base/shape.ts'
import { MAX_CELL, MAX_COLUMNS, MAX_NAME, MAX_PARQUET_FOOTER } from '../limits.ts'
import { some } from '../pictures/folder.ts'
import { TableBuilder, type ColumnBuilder } from '../table/builder.ts'
import { areTable, callTable, checkSameColumns, fileFacts, inParts, sizeFacts, tableFiles } from '../table/files.ts'
import { tableLimit, tooMany, type TableLimit } from '../table/limit.ts'
import { clip, nameFrom } from '../table/records.ts'
import { defineReader, NO_BAD, type DataFile } from '../types.ts'

const extensions = ['.parquet', '.pq', '.parq']
const MAGIC = 'PAR1'
const ENCRYPTED = 'PARE'
const kind = {
  byName(name: string) {
    const bare = name.toLowerCase().replace(/\.gz$/, '')
    return extensions.some((extension) => bare.endsWith(extension))
  },
  byHead: ({ head }: DataFile) => [MAGIC, ENCRYPTED].includes(wordOf(head)),
}

export default defineReader({
  type: 'parquet',
  title: 'Table (Parquet)',
  doc: 'Columns without nesting in one Parquet file, or in several with the same columns: numbers, texts, truth values, dates, times and decimals; plain or packed with Snappy, gzip, Zstandard or LZ4.',
  extensions,
  options: {},
  accepts(files) {
    const [file, ...others] = files
    if (!file || others.length > 0) return areTable(files, kind)
    return kind.byHead(file) || kind.byName(file.name)
  },
  async read(given, _options, job) {
    const { files, warnings: others } = tableFiles(given, kind)
    const warnings = [...others]
    const name = callTable(files)
    const limit = await tableLimit(job, files)
    const table = new TableBuilder(name, [], 'row', job.store)
    const pace = new Pace(
      table.settling(job),
      files.reduce((sum, { size }) => sum + size, 0),
    )
    const builders = new Map<string, ColumnBuilder>()
    const model: { file: string; names: string[] } = { file: '', names: [] }
    let rows = 0
    const counts: number[] = []
    const groups: number[] = []
    const packings = new Set<string>()
    const writers = new Set<string>()
    for (const file of files) {
      const { footer, end } = await openFooter(file)
      checkFooter(file, footer, end, limit)
      if (footer.nested.length > 0) {
        const are = footer.nested.length === 1 ? 'it is left out' : 'they are left out'
        const message = `${file.name} ${nestedIn(footer.nested)}; ${are}, and can be saved as columns of plain values.`
        warnings.push(problem('parquet.nested', message, { file: file.name }, 'warning'))
      }
      const names = footer.columns.map((column) => column.name)
      if (counts.length === 0) {
        Object.assign(model, { file: file.name, names })
        for (const column of names) builders.set(column, table.addColumn(nameFrom(column)))
      } else {
        checkSameColumns(model, { file: file.name, names })
        checkRoom(name, file, tooMany(limit, rows + footer.rows, names.length))
      }
      let row = 0
      for (const [g, group] of footer.groups.entries()) {
        for (const [k, column] of footer.columns.entries()) {
          const builder = builders.get(column.name)
          if (builder)
            await readChunk(
              file,
              column,
              at(group.chunks, k),
              builder,
              { group: g + 1, rows: group.rows, first: row },
              pace,
            )
        }
        row += group.rows
        for (const { codec } of group.chunks) packings.add(codecs[codec] ?? String(codec))
      }
      for (let i = 1; i <= row; i++) table.endRow(i)
      rows += row
      counts.push(row)
      groups.push(footer.groups.length)
      if (footer.writer !== '') writers.add(footer.writer.slice(0, 80))
    }
    await table.settle()
    const data = inParts(table.finish(), files, counts)
    const facts = [
      ...fileFacts(files, counts),
      ...sizeFacts(data),
      { label: 'Format', value: 'Parquet' },
      { label: 'Row groups', value: String(groups.reduce((sum, count) => sum + count, 0)) },
      { label: 'Compression', value: listed([...packings]) },
    ]
    if (writers.size > 0) facts.push({ label: 'Written by', value: listed([...writers], 3) })
    return { data, facts, bad: NO_BAD, warnings }
  },
})

/** Of what all files so far have together, and this one. */
/** `many`: what there is too much of. */
function checkRoom(name: string, file: DataFile, many: string | undefined): void {
  if (many === undefined) return
  const message = `${name} has more than ${many} with ${file.name}, the most that a table may have; use fewer files or columns.`
  throw refuse('parquet.cells', message, { file: file.name })
}

function wordOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 4))
}

/** What stands at the end, and where that begins. */
async function openFooter(file: DataFile): Promise<{ footer: Footer; end: number }> {
  const { name, length, head } = file
  const wrong = (code: string, message: string, byte: number) =>
    refuse(code, `${name} ${message}`, { file: name, byte })
  if (head.length === 0) throw wrong('parquet.empty', 'is empty; get the file again.', 0)
  if (wordOf(head) === ENCRYPTED) throw wrong('parquet.encrypted', 'is encrypted; save it without a key.', 0)
  if (wordOf(head) !== MAGIC) {
    throw wrong(
      'parquet.magic',
      `begins with ${clip(wordOf(head))}, but a Parquet file begins with "PAR1"; choose another file.`,
      0,
    )
  }
  if (length === undefined)
    throw wrong('parquet.gzip', 'is gzipped as a whole; unzip it first, Parquet files are packed inside.', 0)
  if (length < 12)
    throw wrong('parquet.short', `has ${length} bytes, too few for a Parquet file; get the whole file.`, length)
  const last = await file.read(length - 8, length)
  const word = wordOf(last.subarray(4))
  if (word === ENCRYPTED) throw wrong('parquet.encrypted', 'is encrypted; save it without a key.', length - 4)
  if (word !== MAGIC) {
    throw wrong(
      'parquet.end',
      `ends with ${clip(word)}, but a Parquet file ends with "PAR1"; get the whole file.`,
      length - 4,
    )
  }
  const size = new DataView(last.buffer, last.byteOffset).getUint32(0, true)
  if (size > length - 12) {
    throw wrong(
      'parquet.footer',
      `says that its description takes ${size} bytes, but it has only ${length - 12} besides; get the whole file.`,
      length - 8,
    )
  }
  if (size > MAX_PARQUET_FOOTER) {
    throw wrong(
      'parquet.footer',
      `has a description of ${showBytes(size)}; ${showBytes(MAX_PARQUET_FOOTER)} are the most. Save it with fewer columns or row groups.`,
      length - 8,
    )
  }
  const end = length - 8 - size
  try {
    return { footer: readFooter(await file.read(end, length - 8)), end }
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
    throw wrong('parquet.footer', `has a description that cannot be read: ${error.message}. ${error.advice}`, end)
  }
}

function nestedIn(names: readonly string[]): string {
  return `has lists, maps or records in ${names.length === 1 ? 'column' : 'columns'} ${some(names.map(clip))}`
}

/** Everything that the file claims, before anything is made of it. */
function checkFooter(
  { name: file }: DataFile,
  { rows, columns, nested, groups }: Footer,
  end: number,
  limit: TableLimit,
): void {
  const wrong = (code: string, message: string) => refuse(code, `${file} ${message}`, { file })
  if (nested.length > 0 && columns.length === 0)
    throw wrong('parquet.nested', `${nestedIn(nested)}, and nothing else; save them as columns of plain values.`)
  if (columns.length === 0) throw wrong('parquet.columns', 'has no columns; save it with some.')
  const names = new Set<string>()
  for (const column of columns) {
    const name = nameFrom(column.name)
    if (name === '') throw wrong('parquet.names', 'has a column without a name; give it one.')
    if (name.length > MAX_NAME) {
      const message = `has a column whose name has ${name.length} characters; ${MAX_NAME} are allowed at most. Shorten it.`
      throw wrong('parquet.names', message)
    }
    if (names.has(name)) throw wrong('parquet.names', `has two columns called ${clip(name)}; rename one.`)
    names.add(name)
  }
  for (const column of columns) {
    const what = unreadable(column)
    if (what)
      throw refuse(
        'parquet.type',
        `${file}: column ${clip(column.name)} holds ${what}, which cannot be read; convert it or leave it out.`,
        { file, column: column.name },
      )
  }
  const many = columns.length > MAX_COLUMNS ? `${MAX_COLUMNS} columns` : tooMany(limit, rows, columns.length)
  if (many !== undefined) {
    throw wrong(
      'parquet.cells',
      `has ${rows} rows of ${counted(columns.length, 'column')}; a table may have ${many} at most. Use fewer.`,
    )
  }
  if (rows === 0)
    throw wrong('parquet.rows', `has ${counted(columns.length, 'column')} and no rows; save it with some.`)
  let sum = 0
  for (const [g, { rows: own, chunks }] of groups.entries()) {
    const where = `row group ${g + 1}`
    if (!(own >= 0) || chunks.length !== columns.length) {
      throw wrong(
        'parquet.group',
        `has ${counted(chunks.length, 'column')} in ${where}, but ${columns.length} in all; save it again.`,
      )
    }
    sum += own
    for (const [k, chunk] of chunks.entries()) checkChunk(file, at(columns, k), chunk, own, where, end)
  }
  if (sum !== rows) throw wrong('parquet.rows', `promises ${rows} rows, but its row groups have ${sum}; save it again.`)
}

function checkChunk(file: string, column: ColumnSchema, chunk: Chunk, rows: number, where: string, end: number): void {
  const name = clip(column.name)
  const wrong = (code: string, message: string) =>
    refuse(code, `${file}: column ${name} in ${where} ${message}`, { file, column: column.name })
  if (chunk.encrypted) throw wrong('parquet.encrypted', 'is encrypted; save the file without a key.')
  if (chunk.elsewhere) throw wrong('parquet.elsewhere', 'lies in another file; save everything in one file.')
  if (chunk.type !== column.type || chunk.path.length !== 1 || chunk.path[0] !== column.name) {
    throw wrong(
      'parquet.chunk',
      `is described as ${clip(chunk.path.join('.'))} of type ${chunk.type ?? 'none'}; save the file again.`,
    )
  }
  if (!readable.has(chunk.codec)) {
    const packing = codecs[chunk.codec] ?? `method ${chunk.codec}`
    throw wrong('parquet.codec', `is packed with ${packing}; save the file with Snappy, gzip, Zstandard or LZ4.`)
  }
  if (chunk.values !== rows)
    throw wrong('parquet.values', `has ${chunk.values} values for ${rows} rows; save the file again.`)
  if (!(chunk.start >= 4) || !(chunk.length >= 0) || chunk.start + chunk.length > end) {
    throw wrong(
      'parquet.place',
      `is said to lie in bytes ${chunk.start} to ${chunk.start + chunk.length}, where it cannot be; get the whole file.`,
    )
  }
}

/** What makes a column's values impossible to read, as the end of a sentence. */
function unreadable({ type, typeLength, meaning }: ColumnSchema): string | undefined {
  if (meaning.kind === 'other') return meaning.name
  const fits: { readonly [K in Meaning['kind']]?: readonly string[] } = {
    text: ['BYTE_ARRAY'],
    date: ['INT32'],
    uuid: ['FIXED_LEN_BYTE_ARRAY'],
    half: ['FIXED_LEN_BYTE_ARRAY'],
    unsigned: ['INT32', 'INT64'],
    decimal: ['INT32', 'INT64', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
    time: ['INT32', 'INT64'],
    timestamp: ['INT64'],
  }
  const allowed = fits[meaning.kind]
  if (allowed && !allowed.includes(type)) return `values of type ${type} that are said to be of kind ${meaning.kind}`
  const fixed = { half: 2, uuid: 16 }[meaning.kind as string]
  if (fixed !== undefined && typeLength !== fixed)
    return `values of ${typeLength} bytes that are said to be of kind ${meaning.kind}`
  return type === 'FIXED_LEN_BYTE_ARRAY' && meaning.kind === 'plain' ? 'bytes without a meaning' : undefined
}

interface Place {
  readonly group: number
  readonly rows: number
  /** Rows before this group. */
  readonly first: number
}

/** Bytes of the column read ahead at once, where its pages are smaller. */
const AHEAD = 1 << 18

/** A part of the file, a window at a time. */
class Window {
  readonly #file: DataFile
  readonly #end: number
  #bytes = new Uint8Array()
  #from = 0

  constructor(file: DataFile, end: number) {
    this.#file = file
    this.#end = end
  }

  /** Bytes [from, from + length), fewer at the end of the part. */
  async get(from: number, length: number): Promise<Uint8Array> {
    const to = Math.min(from + length, this.#end)
    if (from < this.#from || to > this.#from + this.#bytes.length) {
      this.#bytes = (await this.#file.read(
        from,
        Math.min(this.#end, Math.max(to, from + AHEAD)),
      )) as Uint8Array<ArrayBuffer>
      this.#from = from
    }
    return this.#bytes.subarray(from - this.#from, to - this.#from)
  }
}

/** Headers of pages may hold the least and the greatest text. */
const MOST_HEADER = 1 << 20

async function readChunk(
  file: DataFile,
  column: ColumnSchema,
  chunk: Chunk,
  builder: ColumnBuilder,
  place: Place,
  pace: Pace,
): Promise<void> {
  const end = chunk.start + chunk.length
  const window = new Window(file, end)
  let position = chunk.start
  let dictionary: readonly Cell[] | undefined
  let done = 0
  try {
    while (done < place.rows) {
      if (position >= end) throw new Damaged(`it ends after ${done} of ${place.rows} values`)
      const { header, length } = await headerAt(window, position)
      const packed = await window.get(position + length, header.packed)
      if (packed.length < header.packed) throw new Damaged(`a page of ${header.packed} bytes goes beyond its end`)
      if (header.sum !== undefined && header.sum !== crc32(packed))
        throw new Damaged(
          `its page at byte ${position} has another checksum than its header says`,
          'Get the file again.',
        )
      position += length + header.packed
      if (header.kind === 'dictionary') {
        if (dictionary) throw new Damaged('it has two dictionaries')
        const bytes = unpack(chunk.codec, packed, header.size)
        dictionary = cellsOf(plain(bytes, header.values, column), column, (i) => `entry ${i + 1} of its dictionary`)
      } else if (header.kind !== 'index') {
        if (header.values > place.rows - done)
          throw new Damaged(`a page promises ${header.values} values where ${place.rows - done} are left`)
        await readPage(packed, header, chunk, column, dictionary, builder, place.first + done, pace)
        done += header.values
      }
      if (pace.did(length + header.packed)) await pace.rest()
    }
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
    const message = `${file.name}: column ${clip(column.name)} in row group ${place.group} cannot be read: ${error.message}. ${error.advice}`
    throw refuse('parquet.page', message, { file: file.name, column: column.name, byte: position })
  }
}

async function headerAt(window: Window, position: number): Promise<{ header: PageHeader; length: number }> {
  for (const most of [1 << 12, MOST_HEADER]) {
    const bytes = await window.get(position, most)
    const thrift = new ThriftReader(bytes)
    try {
      const header = readPageHeader(thrift)
      return { header, length: thrift.position }
    } catch (error) {
      if (!(error instanceof Damaged) || bytes.length < most || most === MOST_HEADER) throw error
    }
  }
  throw new Damaged('the header of a page is too long')
}

/** Undefined where there is no value. */
type Cell = number | string | undefined

async function readPage(
  packed: Uint8Array,
  header: PageHeader,
  chunk: Chunk,
  column: ColumnSchema,
  dictionary: readonly Cell[] | undefined,
  builder: ColumnBuilder,
  row: number,
  pace: Pace,
): Promise<void> {
  const { values: count, encoding } = header
  let body: Uint8Array
  let levels: Uint32Array | undefined
  if (header.kind === 'data2') {
    if (column.isOptional) levels = hybrid(packed, 0, header.levels, 1, count)
    const rest = packed.subarray(header.levels)
    const size = header.size - header.levels
    body = unpack(header.isPacked ? chunk.codec : 0, rest, size)
  } else {
    body = unpack(chunk.codec, packed, header.size)
    if (column.isOptional) {
      if (header.levelEncoding !== RLE) throw new Damaged('its levels are written in the old way (BIT_PACKED)')
      const found = levelled(body, 1, count)
      levels = found.values
      body = body.subarray(found.end)
    }
  }
  let present = count
  if (levels) for (const level of levels) if (level === 0) present--
  const cellAt = cellReader(body, encoding, present, column, dictionary, (i) => row + placeOfValue(levels, i))
  let next = 0
  for (let i = 0; i < count; i++) {
    const cell = levels && levels[i] === 0 ? undefined : cellAt(next++)
    if (cell === undefined) builder.missing()
    else if (typeof cell === 'string') builder.text(cell)
    else builder.number(cell)
    if ((i & 0xfff) === 0xfff && pace.did(0)) await pace.rest()
  }
}

/** Where in its page the value stands that `index` others come before. */
function placeOfValue(levels: Uint32Array | undefined, index: number): number {
  if (!levels) return index
  let before = -1
  return levels.findIndex((level) => level !== 0 && ++before === index)
}

function cellReader(
  body: Uint8Array,
  encoding: number,
  count: number,
  column: ColumnSchema,
  dictionary: readonly Cell[] | undefined,
  rowOf: (i: number) => number,
): (i: number) => Cell {
  if (!isDictionary(encoding)) {
    const cells = cellsOf(decodeValues(body, encoding, count, column), column, (i) => `row ${rowOf(i) + 1}`)
    return (i) => cells[i]
  }
  if (!dictionary) throw new Damaged('its values refer to a dictionary that is not there')
  const width = body[0] ?? 0
  if (count > 0 && body.length === 0) throw new Damaged('it ends in the middle')
  const indices = count === 0 ? new Uint32Array() : hybrid(body, 1, body.length, width, count)
  return (i) => {
    const index = at(indices, i)
    if (index >= dictionary.length)
      throw new Damaged(`a value refers to entry ${index + 1} of a dictionary of ${dictionary.length}`)
    return dictionary[index]
  }
}

/** What the values mean, as numbers and texts. */
function cellsOf(values: Decoded, { type, meaning }: ColumnSchema, where: (i: number) => string): Cell[] {
  const texts = new TextDecoder('utf-8', { fatal: true })
  const meant = (value: number | bigint | Uint8Array): Cell => {
    switch (meaning.kind) {
      case 'date':
        return isoDate(Number(value) * 86_400_000).replace(/T.*/, '')
      case 'time':
        return showTime(BigInt(value as number | bigint), meaning.unit)
      case 'timestamp':
        return showMoment(value as bigint, meaning.unit, meaning.utc)
      case 'unsigned':
        if (typeof value === 'bigint') return exact(BigInt.asUintN(64, value))
        return Number(BigInt.asUintN(meaning.bits, BigInt(value as number)))
      case 'decimal':
        return number(Number(wholeOf(value)) / 10 ** meaning.scale)
      case 'half': {
        const bytes = value as Uint8Array
        return number(halfOf((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)))
      }
      case 'uuid': {
        const hex = [...(value as Uint8Array)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
        return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
      }
      case 'plain':
      case 'text':
      case 'null':
      case 'other':
        break
    }
    if (type === 'BOOLEAN') return value === 1 ? 'true' : 'false'
    if (type === 'INT96') return showOld(value as Uint8Array)
    if (typeof value === 'bigint') return exact(value)
    if (typeof value === 'number') return number(value)
    if (value.length > MAX_CELL) throw new Damaged(`has ${value.length} bytes, and ${MAX_CELL} are the most`)
    try {
      return texts.decode(value).trim()
    } catch {
      throw new Damaged('is not UTF-8, so it is bytes rather than a text')
    }
  }
  const convert = (value: number | bigint | Uint8Array, i: number): Cell => {
    try {
      return meant(value)
    } catch (error) {
      throw error instanceof Damaged ? new Damaged(`${where(i)} ${error.message}`, error.advice) : error
    }
  }
  if (values instanceof Float64Array) return Array.from(values, convert)
  if (values instanceof BigInt64Array) return Array.from(values, convert)
  return values.map(convert)
}

const LARGEST = 3.4028234663852886e38

/** What is no number for a network is shown as what it is, and counts as no number there. */
function number(value: number): Cell {
  if (Number.isNaN(value)) return undefined
  return Math.abs(value) <= LARGEST ? value : String(value)
}

function exact(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) {
    throw new Damaged(`is ${value}, beyond 2^53, which cannot be held exactly`, 'Save the column as texts.')
  }
  return number
}

/** Big-endian, in two's complement, where it is written in bytes. */
function wholeOf(value: number | bigint | Uint8Array): bigint {
  if (!(value instanceof Uint8Array)) return BigInt(value)
  if (value.length > 32) throw new Damaged(`is a decimal of ${value.length} bytes, and 32 are the most`)
  let whole = 0n
  for (const byte of value) whole = (whole << 8n) | BigInt(byte)
  return value.length === 0 ? 0n : BigInt.asIntN(8 * value.length, whole)
}

const perSecond: { readonly [U in TimeUnit]: bigint } = { milli: 1_000n, micro: 1_000_000n, nano: 1_000_000_000n }

function isoDate(milliseconds: number): string {
  const date = new Date(milliseconds)
  if (Number.isNaN(date.getTime())) throw new Damaged('is a date that no calendar has')
  return date.toISOString()
}

/** `2024-05-01T12:30:00.25`: fractions as far as there are some; Z where the time is that of Greenwich. */
function showMoment(value: bigint, unit: TimeUnit, utc: boolean): string {
  const per = perSecond[unit]
  const rest = ((value % per) + per) % per
  const seconds = (value - rest) / per
  const text = isoDate(Number(seconds) * 1000).replace(/\.000Z$/, '')
  return `${text}${showFraction(rest, per)}${utc ? 'Z' : ''}`
}

function showFraction(rest: bigint, per: bigint): string {
  if (rest === 0n) return ''
  return `.${String(rest)
    .padStart(String(per).length - 1, '0')
    .replace(/0+$/, '')}`
}

function showTime(value: bigint, unit: TimeUnit): string {
  const per = perSecond[unit]
  const seconds = value / per
  if (value < 0n || seconds >= 86_400n) throw new Damaged('is a time that no day has')
  return `${isoDate(Number(seconds) * 1000).slice(11, 19)}${showFraction(value % per, per)}`
}

/** The older form of moments: nanoseconds of a day, and the day by the Julian calendar. */
function showOld(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const days = BigInt(view.getUint32(8, true)) - 2_440_588n
  return showMoment(days * 86_400_000_000_000n + view.getBigUint64(0, true), 'nano', false)
}
