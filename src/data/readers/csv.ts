/**
 * Tables of text: CSV and its kin with semicolons, tabs or bars. Delimiter, header, encoding and decimal sign are found from
 * the file each time unless the person says them; what the columns mean is guessed once, when the file is opened, and then
 * stands in the document. The file goes by in pieces, and of a row nothing is kept but numbers and codes of texts.
 */
import { choice } from '../../base/params.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { MAX_BAD, MAX_CELLS, MAX_LISTED, MAX_NAME } from '../limits.ts'
import { TableBuilder } from '../table/builder.ts'
import { hasDecimalComma, isMissing, numberIn, withDecimalPoint } from '../table/cells.ts'
import { encodingOption, joined, openText, type TextStream } from '../table/decode.ts'
import { clip, guessDelimiter, RecordScanner, sampleRecords, UNSEEN, type Delimiter } from '../table/records.ts'
import { defineReader, type DataFile, type Fact, type Table } from '../types.ts'

const extensions = ['.csv', '.tsv', '.tab', '.txt', '.data']
const delimiterOf = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const
const delimiterTitles = { comma: 'Comma', semicolon: 'Semicolon', tab: 'Tab', bar: 'Vertical bar' } as const
/** Records that tell whether there is a header and how decimals are written. */
const LOOKED_AT = 100

export default defineReader({
  type: 'csv',
  title: 'Table (CSV)',
  doc: 'Rows of cells parted by commas, semicolons, tabs or bars, with or without a first row of names.',
  extensions,
  options: {
    delimiter: choice({
      label: 'Delimiter',
      doc: 'What parts the cells of a row.',
      default: 'auto',
      options: { auto: 'Guess', ...delimiterTitles },
    }),
    header: choice({
      label: 'First row',
      doc: 'Whether the first row names the columns.',
      default: 'auto',
      options: { auto: 'Guess', names: 'Names of the columns', data: 'Data' },
    }),
    decimal: choice({
      label: 'Decimal sign',
      doc: 'Whether one and a half is written 1.5 or 1,5.',
      default: 'auto',
      options: { auto: 'Guess', point: 'Point', comma: 'Comma' },
    }),
    encoding: encodingOption,
    bad: choice({
      label: 'Bad rows',
      doc: 'What becomes of rows that are too short or too long, have a stray quote, or hold a text where a number belongs.',
      default: 'refuse',
      options: {
        refuse: 'Refuse the file',
        skip: 'Leave them out',
        repair: 'Mend them: what is missing or misfits is empty',
      },
    }),
  },
  accepts(files) {
    const [file, ...others] = files
    if (!file || others.length > 0) return false
    const name = file.name.toLowerCase().replace(/\.gz$/, '')
    return extensions.some((extension) => name.endsWith(extension)) || looksLikeText(file.head)
  },
  async read(files, options, job) {
    const file = single(files)
    refuseOthers(file, options.encoding)
    const text = await openText(file, options.encoding)
    try {
      const form = formOf(file, text, options, job.expected)
      const rows = new Rows(file, form, options.bad)
      let bytes = text.sample
      let before = text.before
      const pieces = text.rest()[Symbol.asyncIterator]()
      for (let last = text.whole; ;) {
        const used = rows.take(bytes, before, last)
        await job.pause()
        if (file.length !== undefined && file.length > 0) job.progress(Math.min(1, before / file.length))
        if (last) break
        // A row that does not end is looked at again when there is twice as much of it.
        const more = [bytes.subarray(used)]
        let length = bytes.length - used
        const enough = used === 0 && length > 0 ? 2 * length : length + 1
        while (!last && length < enough) {
          const next = await pieces.next()
          if (next.done) last = true
          else {
            more.push(next.value)
            length += next.value.length
          }
        }
        before += used
        bytes = joined(more, length)
      }
      const data = rows.finish()
      const { skipped, repaired, problems } = rows
      const warnings = [...text.warnings, ...rows.warnings]
      return { data, facts: factsOf(data, form, text), bad: { skipped, repaired, problems }, warnings }
    } finally {
      await text.close()
    }
  },
})

function hasWideMark(start: Uint8Array): boolean {
  return (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)
}

function looksLikeText(start: Uint8Array): boolean {
  if (hasWideMark(start)) return true
  return start.length > 0 && !start.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
}

function single(files: readonly DataFile[]): DataFile {
  const [file, ...others] = files
  if (!file || others.length > 0) {
    const message = `A table is one file, but ${files.length} files were given; choose one.`
    throw new ProblemError(problem('csv.files', message))
  }
  return file
}

function refuseOthers({ name, head }: DataFile, encoding: string): void {
  if (head.length === 0) throw new ProblemError(empty(name))
  if (head[0] === 0x1f && head[1] === 0x8b)
    throw new ProblemError(problem('csv.gzip', `${name} is still gzipped; unzip it first.`, { file: name, byte: 0 }))
  const start = String.fromCharCode(...head.subarray(0, 1000)).replace(/^ï»¿/, '')
  const other = kinds.find(({ begins }) => begins.test(start))
  if (other) {
    const message = `${name} is ${other.is}, not a table of text; ${other.advice}.`
    throw new ProblemError(problem('csv.kind', message, { file: name, byte: 0 }))
  }
  const wide = encoding === 'auto' ? wideZeros(head) : undefined
  if (wide) {
    const message = `${name} looks like UTF-16 without its byte order mark; choose ${wide} as its encoding.`
    throw new ProblemError(problem('csv.encoding', message, { file: name, byte: 0 }))
  }
}

/** Plain letters in UTF-16 have a zero each, always on the same side. */
function wideZeros(head: Uint8Array): string | undefined {
  if (hasWideMark(head)) return undefined
  const zeros = [0, 0]
  for (const [i, byte] of head.entries()) if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  const many = head.length / 4
  if (even > many && odd === 0) return 'UTF-16 (big-endian)'
  return odd > many && even === 0 ? 'UTF-16 (little-endian)' : undefined
}

/** What often hides behind the name of a table, by its first bytes as Latin-1. */
const kinds: readonly { readonly begins: RegExp; readonly is: string; readonly advice: string }[] = [
  { begins: /^\s*<(?:!doctype html|html|head|body)\b/i, is: 'a web page', advice: 'download the file itself' },
  { begins: /^\s*<\?xml\b/i, is: 'XML', advice: 'save it as CSV' },
  { begins: /^\s*(?:\{\s*["}]|\[\s*[[{"])/, is: 'JSON', advice: 'give it a name that ends with .json or .jsonl' },
  {
    begins: /^PK(?!\s)\p{Cc}/u,
    is: 'an Excel workbook or another ZIP archive',
    advice: 'save its sheet as CSV, or unzip it',
  },
  { begins: /^\xd0\xcf\p{Cc}\xe0/u, is: 'an old Office file', advice: 'save its sheet as CSV' },
  { begins: /^%PDF-/, is: 'a PDF document', advice: 'get its table as CSV' },
  { begins: /^SQLite format 3\0/, is: 'a database', advice: 'save one of its tables as CSV' },
  { begins: /^PAR1/, is: 'a Parquet file', advice: 'give it a name that ends with .parquet' },
  { begins: /^(?:\x89PNG|\xff\xd8\xff|GIF8)/, is: 'a picture', advice: 'choose a table' },
  {
    begins: /^(?:BZh\d|\xfd7zXZ\0|\(\xb5\x2f\xfd|7z\xbc\xaf)/,
    is: 'compressed',
    advice: 'unpack it first, or use gzip',
  },
]

function empty(file: string): Problem {
  return problem('csv.empty', `${file} is empty; choose a file with a header and rows.`, { file })
}

/** How the file is written. */
interface Form {
  readonly delimiter: Delimiter
  /** Names of the columns; '' where the file has none. */
  readonly header: readonly string[]
  readonly hasHeader: boolean
  readonly commas: boolean
}

function formOf(
  file: DataFile,
  text: TextStream,
  options: { readonly delimiter: string; readonly header: string; readonly decimal: string },
  expected: readonly string[] = [],
): Form {
  const sample = { file: file.name, before: text.before, bytes: text.sample, whole: text.whole }
  const delimiter = delimiterOf[options.delimiter as keyof typeof delimiterOf] ?? guessDelimiter(sample)
  const records = sampleRecords(sample, delimiter, LOOKED_AT)
  const first = (records[0] ?? []).map((name) => name.replace(UNSEEN, ' ').trim())
  const hasHeader =
    options.header === 'names' ||
    (options.header === 'auto' && (isExpectedHeader(first, expected) ?? isHeader(records)))
  const header = hasHeader ? first : first.map((_, i) => `col${i + 1}`)
  const commas = options.decimal === 'comma' || (options.decimal === 'auto' && hasCommas(records, delimiter))
  return { delimiter, header, hasHeader, commas }
}

/** Numbers with a comma, and none with a point. Between commas `1,234` may be a thousand, which is then asked. */
function hasCommas(records: readonly (readonly string[])[], delimiter: Delimiter): boolean {
  const cells = records.flat()
  const isDecimal = (cell: string) => hasDecimalComma(cell) && !(delimiter === ',' && isGrouped(cell))
  return cells.some(isDecimal) && !cells.some((cell) => /^[+-]?\d*\.\d+$/.test(cell))
}

/** Whether a comma may part the thousands of a number. */
function isGrouped(cell: string): boolean {
  return /^[+-]?[1-9]\d{0,2},\d{3}$/.test(cell)
}

/** Whether the first record names the columns that the document wants; undefined when that cannot be told. */
function isExpectedHeader(first: readonly string[], expected: readonly string[]): boolean | undefined {
  if (expected.length === 0) return undefined
  const names = named(first)
  if (expected.every((name) => names.includes(name))) return true
  return expected.every((name) => /^col\d+$/.test(name)) ? false : undefined
}

/**
 * Text over a column of numbers is a header. Otherwise a number in the first record says that it is a row already, and
 * a record of texts over texts is taken for a header.
 */
function isHeader([first = [], ...rows]: readonly (readonly string[])[]): boolean {
  const isNumber = (cell: string) => !Number.isNaN(numberIn(cell)) || hasDecimalComma(cell)
  const isText = (cell: string) => !isMissing(cell) && !isNumber(cell)
  const overNumbers = first.some((cell, i) => {
    if (!isText(cell)) return false
    const present = rows.map((row) => row[i] ?? '').filter((value) => !isMissing(value))
    return present.length > 0 && !present.some(isText)
  })
  return overNumbers || !first.some(isNumber)
}

/** The first column of what pandas saves has no name, nor have those that a comma at the end of every line makes. */
function named(header: readonly string[]): string[] {
  return header.map((name, i) => name || `unnamed ${i + 1}`)
}

/** Takes the rows of a file as its bytes come. */
class Rows {
  skipped = 0
  repaired = 0
  readonly problems: Problem[] = []
  readonly warnings: Problem[] = []
  readonly #file: DataFile
  readonly #form: Form
  readonly #rule: 'refuse' | 'skip' | 'repair'
  readonly #scanner: RecordScanner
  readonly #builder: TableBuilder
  /** A header is still to come. */
  #first = true
  #cells = 0
  /** Line that the others are compared with where there is no header. */
  #like = 1
  #ragged = 0

  constructor(file: DataFile, form: Form, rule: 'refuse' | 'skip' | 'repair') {
    this.#file = file
    this.#form = form
    this.#rule = rule
    this.#scanner = new RecordScanner(file.name, form.delimiter)
    this.#builder = new TableBuilder(file.name, named(form.header), 'line')
  }

  /** Takes the records that are whole; returns where the first one begins that is not. */
  take(bytes: Uint8Array, before: number, last: boolean): number {
    const scanner = this.#scanner
    scanner.look(bytes, before)
    let from = 0
    while (from < bytes.length) {
      const next = scanner.next(from, last)
      if (next < 0) break
      from = next
      if (scanner.broken) this.#refuseOrSkip(scanner.broken)
      else if (scanner.width > 0) this.#record()
    }
    return from
  }

  #record(): void {
    const scanner = this.#scanner
    const { width, line } = scanner
    if (this.#first) {
      this.#first = false
      this.#like = line
      if (this.#form.hasHeader) return checkHeader(this.#file.name, this.#form.header, line, this.warnings)
    }
    this.#cells += width
    if (this.#cells > MAX_CELLS) {
      const { name } = this.#file
      const message = `${name} has more than ${MAX_CELLS} cells by line ${line}, the most that a table may have; use fewer rows or columns.`
      throw new ProblemError(problem('csv.cells', message, { file: name, line }))
    }
    const { columns } = this.#builder
    if (width !== columns.length && !this.#mend()) return
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]
      if (!column) break
      if (i >= width || scanner.isEmpty(i)) column.missing()
      else if (column.isNumeric) {
        const value = scanner.number(i)
        if (Number.isNaN(value)) column.text(this.#text(i))
        else column.number(value)
      } else column.text(this.#text(i))
    }
    this.#builder.endRow(line)
  }

  #text(cell: number): string {
    const text = this.#scanner.text(cell)
    return this.#form.commas ? withDecimalPoint(text) : text
  }

  /** Whether a row of another length than the header is taken all the same. */
  #mend(): boolean {
    const { width, line } = this.#scanner
    const wanted = this.#builder.columns.length
    const { name: file } = this.#file
    const like = this.#form.hasHeader ? 'the header' : `line ${this.#like}`
    const found = `${file} line ${line} has ${width} ${width === 1 ? 'cell' : 'cells'}, but ${like} has ${wanted}`
    const advice = width < wanted ? 'add the missing ones' : 'remove or quote the surplus'
    const bad = problem('csv.ragged', `${found}; ${advice}.`, { file, line })
    this.#ragged++
    if (this.#rule === 'refuse') {
      if (this.#ragged <= 3) this.problems.push(bad)
      return false
    }
    if (this.#rule === 'repair' && this.#surplusIsEmpty(wanted)) {
      this.repaired++
      this.#list(bad)
      return true
    }
    this.#refuseOrSkip(bad)
    return false
  }

  #surplusIsEmpty(wanted: number): boolean {
    for (let i = wanted; i < this.#scanner.width; i++) if (!this.#scanner.isEmpty(i)) return false
    return true
  }

  #refuseOrSkip(bad: Problem): void {
    if (this.#rule === 'refuse') throw new ProblemError(bad)
    this.skipped++
    this.#list(bad)
  }

  #list(bad: Problem): void {
    if (this.problems.length < MAX_BAD) this.problems.push(bad)
  }

  finish(): Table {
    const { name: file } = this.#file
    const { header, hasHeader } = this.#form
    const isRefused = this.#rule === 'refuse' && this.#ragged > 0
    if (isRefused && this.#ragged > 3) {
      const message = `${file}: ${this.#ragged - 3} more lines have a wrong number of cells; correct them, or choose to leave bad rows out.`
      this.problems.push(problem('csv.ragged', message, { file }))
    }
    if (isRefused && this.#builder.rows > 0) throw new ProblemError(...this.problems)
    if (header.length === 0) throw new ProblemError(empty(file))
    const table = this.#builder.finish()
    if (table.rows > 0) return table
    const place = { file, line: this.#like }
    if (this.#ragged > 0) {
      const cells = header.length === 1 ? '1 cell' : `${header.length} cells`
      const message =
        `${file}: no row has ${cells}, as line ${this.#like} has; ` +
        `correct that line, remove what stands above the names of the columns, or choose another delimiter.`
      throw new ProblemError(
        problem('csv.ragged', message, place),
        ...this.problems.slice(0, isRefused ? undefined : 3),
      )
    }
    const message =
      this.skipped > 0 || !hasHeader
        ? `${file} has no row that could be taken; correct the bad ones.`
        : `${file} has a header (${clip(header.join(', '))}) and no rows; add examples below it.`
    throw new ProblemError(problem('csv.noRows', message, place), ...this.problems.slice(0, 3))
  }
}

function checkHeader(file: string, header: readonly string[], line: number, warnings: Problem[]): void {
  if (header.every((name) => name === '')) {
    const message = `${file} line ${line}: the header names none of its ${header.length} columns; name them or remove the line.`
    throw new ProblemError(problem('csv.header', message, { file, line }))
  }
  if (/^sep=/i.test(header[0] ?? '')) {
    const message = `${file} line ${line}: ${clip(header[0] ?? '')} tells Excel the delimiter and names no column; remove the line.`
    throw new ProblemError(problem('csv.header', message, { file, line }))
  }
  const problems: Problem[] = []
  const places = new Map<string, number>()
  named(header).forEach((name, i) => {
    const twin = places.get(name)
    if (name.length > MAX_NAME) {
      const message = `${file} line ${line}: the name of column ${i + 1} has ${name.length} characters; ${MAX_NAME} are allowed at most. Shorten it.`
      problems.push(problem('csv.header', message, { file, line, column: String(i + 1) }))
    } else if (twin !== undefined) {
      const message = `${file} line ${line}: columns ${twin + 1} and ${i + 1} are both called ${clip(name)}; rename one.`
      problems.push(problem('csv.header', message, { file, line, column: name }))
    } else places.set(name, i)
  })
  if (problems.length > 0) throw new ProblemError(...problems.slice(0, MAX_LISTED))
  const nameless = header.flatMap((name, i) => (name === '' ? [i] : []))
  const [first = 0] = nameless
  if (nameless.length === 0) return
  const message =
    nameless.length === 1
      ? `${file} line ${line}: column ${first + 1} has no name in the header; it is called "unnamed ${first + 1}".`
      : `${file} line ${line}: ${nameless.length} columns have no name in the header; the first is called "unnamed ${first + 1}".`
  warnings.push(problem('csv.header', message, { file, line, column: `unnamed ${first + 1}` }, 'warning'))
}

function factsOf(table: Table, form: Form, text: TextStream): Fact[] {
  const [delimiter] = Object.entries(delimiterOf).find(([, sign]) => sign === form.delimiter) ?? ['comma']
  return [
    { label: 'Rows', value: String(table.rows) },
    { label: 'Columns', value: String(table.columns.length) },
    { label: 'Delimiter', value: delimiterTitles[delimiter as keyof typeof delimiterTitles].toLowerCase() },
    { label: 'First row', value: form.hasHeader ? 'names of the columns' : 'data' },
    { label: 'Decimal sign', value: form.commas ? 'comma' : 'point' },
    { label: 'Encoding', value: text.encoding },
  ]
}
