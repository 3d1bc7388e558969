/**
 * Tables of text: CSV and its kin with semicolons, tabs or bars. Delimiter, header, encoding and decimal sign are found from
 * the file each time unless the person says them; what the columns mean is guessed once, when the file is opened, and then
 * stands in the document. The file goes by in pieces, and of a row nothing is kept but numbers and codes of texts. Several files are
 * one table: each is written in its own way, and all have the same columns.
 */
import { choice } from '../../base/params.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { listed } from '../formats/refuse.ts'
import { MAX_BAD, MAX_LISTED, MAX_NAME } from '../limits.ts'
import { TableBuilder } from '../table/builder.ts'
import { isMissing } from '../table/cells.ts'
import { encodingOption, joined, openText, type TextStream } from '../table/decode.ts'
import {
  alike,
  areTable,
  callTable,
  checkSameColumns,
  isForm,
  lacksAnswers,
  fileFacts,
  inParts,
  sizeFacts,
  tableFiles,
} from '../table/files.ts'
import { refuseBombs, tableLimit, tooMany, type TableLimit } from '../table/limit.ts'
import { clip, guessDelimiter, nameFrom, RecordScanner, sampleRecords, type Delimiter } from '../table/records.ts'
import { isNumberInAnySigns, NumberSigns } from '../table/signs.ts'
import { looksLikeTable } from '../text/looks-like-table.ts'
import {
  defineReader,
  type DataFile,
  type DecimalSign,
  type Fact,
  type Job,
  type NumberStore,
  type Table,
} from '../types.ts'

const extensions = ['.csv', '.tsv', '.tab', '.txt', '.data']
const delimiterOf = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const
const delimiterTitles = { comma: 'Comma', semicolon: 'Semicolon', tab: 'Tab', bar: 'Vertical bar' } as const
/** Records that tell whether there is a header and how decimals are written. */
const LOOKED_AT = 100
/** Of several files. */
const kind = {
  byName: (name: string) => /\.(csv|tsv|tab|data)(\.gz)?$/i.test(name),
  byHead: (file: DataFile) => looksLikeTable(file.head, file.length === file.head.length),
}

export default defineReader({
  type: 'csv',
  title: 'Table (CSV)',
  doc: 'Rows of cells parted by commas, semicolons, tabs or bars, with or without a first row of names; in one file, or in several with the same columns.',
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
    if (!file || others.length > 0) return areTable(files, kind)
    const name = file.name.toLowerCase().replace(/\.gz$/, '')
    return extensions.some((extension) => name.endsWith(extension)) || looksLikeText(file.head)
  },
  async read(given, options, job) {
    const { files, warnings } = tableFiles(given, kind)
    await refuseBombs(files, job)
    const limit = await tableLimit(job, files)
    const rows = new Rows(callTable(files), files.length, options.bad, { limit, store: job.store })
    const sizes = files.map(({ size }) => size)
    const total = Math.max(1, sum(sizes))
    for (const [i, file] of files.entries()) {
      const before = sum(sizes.slice(0, i))
      await readFile(file, rows, options, job, async (share) => {
        await job.pause()
        await rows.settle()
        job.progress(Math.min(1, (before + share * file.size) / total))
      })
    }
    const [decimal, ...others] = new Set(rows.forms.flatMap(({ signs }) => signs.sure ?? []))
    const isOne = decimal !== undefined && others.length === 0
    const own = files.filter((file) => !rows.aside.has(file))
    const table = { ...rows.finish(), file: callTable(own) }
    const data = { ...inParts(table, own, rows.counts), ...(isOne && { decimal }) }
    const { skipped, repaired, problems } = rows
    const facts = [...fileFacts(own, rows.counts), ...factsOf(data, rows.forms)]
    return { data, facts, bad: { skipped, repaired, problems }, warnings: [...warnings, ...rows.warnings] }
  },
})

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

/** `pause`: is told how much of the file is done. */
async function readFile(
  file: DataFile,
  rows: Rows,
  options: FormOptions & { readonly encoding: Parameters<typeof openText>[1] & string },
  job: Job,
  pause: (share: number) => Promise<void>,
): Promise<void> {
  refuseOthers(file, options.encoding)
  const text = await openText(file, options.encoding)
  try {
    rows.begin(file, formOf(file, text, options, rows.expected(job.expected), job.asked?.decimal))
    rows.warnings.push(...text.warnings)
    let bytes = text.sample
    let before = text.before
    const pieces = text.rest()[Symbol.asyncIterator]()
    for (let last = text.whole; ;) {
      const used = rows.take(bytes, before, last)
      await pause(file.length ? Math.min(1, before / file.length) : 0)
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
    rows.end()
  } finally {
    await text.close()
  }
}

function hasWideMark(start: Uint8Array): boolean {
  return (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)
}

function looksLikeText(start: Uint8Array): boolean {
  if (hasWideMark(start)) return true
  return start.length > 0 && !start.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
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

interface FormOptions {
  readonly delimiter: string
  readonly header: string
  readonly decimal: 'auto' | 'point' | 'comma'
}

/** How a file is written. */
interface Form {
  /** For people. */
  readonly encoding: string
  readonly delimiter: Delimiter
  /** Names of the columns; '' where the file has none. */
  readonly header: readonly string[]
  readonly hasHeader: boolean
  readonly signs: NumberSigns
}

function formOf(
  file: DataFile,
  text: TextStream,
  options: FormOptions,
  expected: readonly string[] = [],
  usual?: DecimalSign,
): Form {
  const sample = { file: file.name, before: text.before, bytes: text.sample, whole: text.whole }
  const delimiter = delimiterOf[options.delimiter as keyof typeof delimiterOf] ?? guessDelimiter(sample)
  const records = sampleRecords(sample, delimiter, LOOKED_AT)
  const first = (records[0] ?? []).map(nameFrom)
  const hasHeader =
    options.header === 'names' ||
    (options.header === 'auto' && (isExpectedHeader(first, expected) ?? isHeader(records)))
  const header = hasHeader ? first : first.map((_, i) => `col${i + 1}`)
  const wanted = { auto: undefined, point: '.', comma: ',' } as const
  const signs = new NumberSigns(records, { file: file.name, delimiter, wanted: wanted[options.decimal], usual })
  return { encoding: text.encoding, delimiter, header, hasHeader, signs }
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
  const isText = (cell: string) => !isMissing(cell) && !isNumberInAnySigns(cell)
  const overNumbers = first.some((cell, i) => {
    if (!isText(cell)) return false
    const present = rows.map((row) => row[i] ?? '').filter((value) => !isMissing(value))
    return present.length > 0 && !present.some(isText)
  })
  return overNumbers || !first.some(isNumberInAnySigns)
}

/** The first column of what pandas saves has no name, nor have those that a comma at the end of every line makes. */
function named(header: readonly string[]): string[] {
  return header.map((name, i) => name || `unnamed ${i + 1}`)
}

/** How large the table may be, and where it goes if memory is not to hold it. */
interface Room {
  readonly limit: TableLimit
  readonly store: NumberStore | undefined
}

/** Takes the rows of one file after the other as their bytes come. */
class Rows {
  skipped = 0
  repaired = 0
  readonly problems: Problem[] = []
  readonly warnings: Problem[] = []
  /** How each file is written, and its rows. */
  readonly forms: Form[] = []
  /** Files of which no row is taken, since they have no answers to learn from. */
  readonly aside = new Set<Pick<DataFile, 'name'>>()
  readonly counts: number[] = []
  readonly #name: string
  readonly #files: number
  readonly #rule: 'refuse' | 'skip' | 'repair'
  readonly #room: Room
  #builder: TableBuilder
  /** What the columns of the others must be. */
  #model: { readonly file: string; readonly names: readonly string[]; readonly hasHeader: boolean } | undefined

  // Of the file at hand
  #file: Pick<DataFile, 'name'> = { name: '' }
  #form: Form = {
    encoding: '',
    delimiter: ',',
    header: [],
    hasHeader: false,
    signs: new NumberSigns([], { file: '', delimiter: ',', wanted: undefined }),
  }
  #scanner = new RecordScanner('', ',')
  /** A header is still to come. */
  #first = true
  /** Line that the others are compared with where there is no header. */
  #like = 1
  #ragged = 0
  /** Of the files before it. */
  #before = { rows: 0, skipped: 0, problems: 0 }
  /** Which cell of a row belongs to each column, where that is not the one at its place. */
  #order: readonly number[] | undefined

  /** `name`: of the table; it is of so many files. */
  constructor(name: string, files: number, rule: 'refuse' | 'skip' | 'repair', room: Room) {
    this.#name = name
    this.#files = files
    this.#rule = rule
    this.#room = room
    this.#builder = new TableBuilder(name, [], 'line')
  }

  /** Puts rows where they stay, if memory is not to hold them. */
  settle(): Promise<void> {
    return this.#builder.settle()
  }

  /** Names that tell a header from a row in the next file. */
  expected(wanted: readonly string[] | undefined): readonly string[] | undefined {
    return this.#model?.hasHeader ? this.#model.names : wanted
  }

  begin(file: DataFile, form: Form): void {
    const names = named(form.header)
    if (!this.#model) {
      this.#model = { file: file.name, names, hasHeader: form.hasHeader }
      this.#builder = new TableBuilder(this.#name, names, 'line', this.#room.store)
    } else if (names.length > 0 && this.#model.hasHeader !== form.hasHeader) {
      const [titled, bare] = form.hasHeader ? [file.name, this.#model.file] : [this.#model.file, file.name]
      const message =
        `${titled} begins with the names of its columns, but ${bare} with data; ` +
        `let all files begin alike, or choose what their first row is.`
      throw new ProblemError(problem('csv.header', message, { file: file.name, line: 1 }))
    }
    this.#file = file
    this.#form = form
    this.#scanner = new RecordScanner(file.name, form.delimiter)
    this.#first = true
    this.#like = 1
    this.#ragged = 0
    this.#before = { rows: this.#builder.rows, skipped: this.skipped, problems: this.problems.length }
    this.#order = undefined
    this.forms.push(form)
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
      if (this.aside.has(this.#file)) continue
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
      if (this.#form.hasHeader) checkHeader(this.#file.name, this.#form.header, line, this.warnings)
      this.#match(line)
      if (this.#form.hasHeader || this.aside.has(this.#file)) return
    }
    const { columns } = this.#builder
    const many = tooMany(this.#room.limit, this.#builder.rows + 1, Math.max(width, columns.length))
    if (many !== undefined) {
      const { name } = this.#file
      const where = this.#files > 1 ? `line ${line} of ${name}` : `line ${line}`
      const message = `${this.#name} has more than ${many} by ${where}, the most that a table may have; use fewer rows or columns.`
      throw new ProblemError(problem('csv.cells', message, { file: name, line }))
    }
    if (width !== columns.length && !this.#mend()) return
    const order = this.#order
    const { signs } = this.#form
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]
      if (!column) break
      const cell = order ? (order[i] as number) : i
      if (cell >= width || scanner.isEmpty(cell)) column.missing()
      else {
        const value = column.isNumeric && signs.decimal === '.' ? scanner.number(cell) : NaN
        if (Number.isNaN(value)) column.text(signs.plain(scanner.text(cell), cell, line, column.name))
        else column.number(value)
      }
    }
    this.#builder.endRow(line)
  }

  /** The columns of this file are those of the first. */
  #match(line: number): void {
    const { name: file } = this.#file
    const model = this.#model
    if (!model || model.file === file) return
    const names = named(this.#form.header)
    if (this.#form.hasHeader) {
      if (lacksAnswers(model, { file, names })) return void this.aside.add(this.#file)
      checkSameColumns(model, { file, names })
      const order = model.names.map((name) => names.indexOf(name))
      if (order.some((cell, i) => cell !== i)) this.#order = order
    } else if (names.length !== model.names.length) {
      const [one, other] = [names, model.names].map(({ length }) => (length === 1 ? '1 cell' : `${length} cells`))
      const message =
        `${file} line ${line} has ${one}, but the rows of ${model.file} have ${other}; ` +
        `give both files the same columns, or leave one of them out.`
      throw new ProblemError(problem('data.files', message, { file, line }))
    }
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

  /** Nothing more comes of the file at hand. */
  end(): void {
    const { name: file } = this.#file
    if (this.aside.has(this.#file)) {
      this.forms.pop()
      const then = isForm(file) ? '' : ', and can be predicted when the network is trained'
      const message = `${file} lacks columns of ${this.#model?.file ?? ''}, as files without answers do; it is left aside${then}.`
      this.warnings.push(problem('data.aside', message, { file }, 'warning'))
      return
    }
    const { header, hasHeader } = this.#form
    const before = this.#before
    const rows = this.#builder.rows - before.rows
    const isRefused = this.#rule === 'refuse' && this.#ragged > 0
    if (isRefused && this.#ragged > 3) {
      const more = this.#ragged === 4 ? '1 more line has' : `${this.#ragged - 3} more lines have`
      const message = `${file}: ${more} a wrong number of cells; correct them, or choose to leave bad rows out.`
      this.problems.push(problem('csv.ragged', message, { file }))
    }
    const problems = this.problems.slice(before.problems)
    // Where most rows differ from the header it is the header that is none.
    const isOdd = rows === 0 || (this.#ragged > 3 && this.#ragged > rows)
    if (isRefused && !isOdd) throw new ProblemError(...problems)
    if (header.length === 0) throw new ProblemError(empty(file))
    this.counts.push(rows)
    if (rows > 0 && !(isRefused && isOdd)) {
      this.warnings.push(...this.#form.signs.doubts(named(header)))
      return
    }
    const place = { file, line: this.#like }
    if (this.#ragged > 0) {
      const cells = header.length === 1 ? '1 cell' : `${header.length} cells`
      const message =
        `${file}: ${rows === 0 ? 'no row has' : `only ${rows} of ${rows + this.#ragged} rows ${rows === 1 ? 'has' : 'have'}`} ${cells}, as line ${this.#like} has; ` +
        `correct that line, remove what stands above the names of the columns, or choose another delimiter.`
      throw new ProblemError(problem('csv.ragged', message, place), ...problems.slice(0, isRefused ? undefined : 3))
    }
    const skipped = this.skipped - before.skipped
    if (this.#files > 1 && hasHeader && skipped === 0) {
      const message = `${file} has a header and no rows, so it adds nothing to the table.`
      this.warnings.push(problem('csv.noRows', message, place, 'warning'))
      return
    }
    const message =
      skipped > 0 || !hasHeader
        ? `${file} has no row that could be taken; correct the bad ones.`
        : `${file} has a header (${clip(header.join(', '))}) and no rows; add examples below it.`
    throw new ProblemError(problem('csv.noRows', message, place), ...problems.slice(0, 3))
  }

  finish(): Table {
    if (this.#builder.rows > 0) return this.#builder.finish()
    const message = `None of the ${this.#files} files has a row below its header; add examples.`
    throw new ProblemError(problem('csv.noRows', message))
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

const signNames = { '.': 'point', ',': 'comma' } as const

function factsOf(table: Table, forms: readonly Form[]): Fact[] {
  const titleOf = ({ delimiter }: Form) => {
    const [name] = Object.entries(delimiterOf).find(([, sign]) => sign === delimiter) ?? ['comma']
    return delimiterTitles[name as keyof typeof delimiterTitles].toLowerCase()
  }
  const fact = (label: string, of: (form: Form) => string) => ({ label, value: alike(forms.map(of)) })
  return [
    ...sizeFacts(table),
    fact('Delimiter', titleOf),
    fact('First row', ({ hasHeader }) => (hasHeader ? 'names of the columns' : 'data')),
    fact('Decimal sign', ({ signs }) => signNames[signs.decimal]),
    ...(forms.some(({ signs }) => signs.thousands.length > 0)
      ? [
          fact('Thousands', ({ signs: { thousands } }) =>
            thousands.length > 0 ? `parted by ${listed(thousands.map((mark) => `${mark}s`))}` : 'not parted',
          ),
        ]
      : []),
    fact('Encoding', ({ encoding }) => encoding),
  ]
}
