/**
 * Bytes to records of cells, after RFC 4180: cells in double quotes may hold delimiters, line ends and doubled quotes; a
 * line ends with LF, CRLF or CR. Works on bytes as they come, because a table may be larger than any string, and a number
 * needs no string. Written here rather than taken from a package because every message about a file stands on the physical
 * line: csv-parse counts a quoted CRLF twice, gives the line where a record ends rather than where it begins, and names the
 * end of the file for a quote that was never closed.
 * Kinder than the RFC in two ways: blanks around a cell, also around its quotes, are dropped, and blank lines are skipped.
 */
import { at } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { showBytes } from '../../base/shape.ts'
import { MAX_CELL, MAX_COLUMNS, MAX_RECORD } from '../limits.ts'

const QUOTE = 0x22
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const TAB = 0x09

export const delimiters = [',', ';', '\t', '|'] as const
export type Delimiter = (typeof delimiters)[number]

/** Finds one record after the other; says where its cells lie rather than what they hold. */
export class RecordScanner {
  readonly #file: string
  readonly #separator: number
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #starts = new Int32Array(64)
  #ends = new Int32Array(64)
  /** 0 for a plain cell, 1 for one in quotes, 2 where there are doubled quotes within. */
  #kinds = new Uint8Array(64)
  #bytes: Uint8Array = new Uint8Array()
  /** The physical line after the last record. */
  #line = 1
  /** Bytes of the file before `#bytes`. */
  #before = 0

  /** Cells of the record; 0 for a blank line. */
  width = 0
  /** The physical line on which it begins, counted from 1. */
  line = 1
  /** Why its cells can't be told apart; the scanner goes on behind its first line. */
  broken: Problem | undefined

  constructor(file: string, delimiter: Delimiter) {
    this.#file = file
    this.#separator = delimiter.charCodeAt(0)
  }

  /** The bytes to look at; `before` bytes of the file came earlier and are not among them. */
  look(bytes: Uint8Array, before: number): void {
    this.#bytes = bytes
    this.#before = before
  }

  /**
   * Scans the record that begins at `from` and returns where the next one does, or -1 where it goes on behind the end of the
   * bytes; `last` says that nothing comes behind it.
   */
  next(from: number, last: boolean): number {
    const began = this.#line
    this.line = began
    this.width = 0
    this.broken = undefined
    const end = this.#scan(from, last)
    if (end >= 0) return end
    this.#line = began
    if (this.#bytes.length - from > MAX_RECORD) {
      const message =
        `${this.#file} line ${began}: the row has more than ${showBytes(MAX_RECORD)} and does not end; ` +
        `look for a quote that opens and is never closed, or choose another delimiter.`
      throw new ProblemError(problem('csv.record', message, { file: this.#file, line: began }))
    }
    return -1
  }

  #scan(from: number, last: boolean): number {
    const bytes = this.#bytes
    const separator = this.#separator
    const { length } = bytes
    let i = from
    for (;;) {
      while (i < length && isBlank(bytes[i] as number, separator)) i++
      if (i >= length) {
        if (!last) return -1
        this.#cell(i, i, 0)
        return this.#close(i)
      }
      if (bytes[i] === QUOTE) {
        const closed = this.#quoted(i, last)
        if (closed < 0) return this.broken ? this.#skipLine(from, last) : -1
        i = closed
      } else {
        const start = i
        let code = 0
        while (i < length) {
          code = bytes[i] as number
          if (code === separator || (code <= QUOTE && (code === LF || code === CR || code === QUOTE || code === 0)))
            break
          i++
        }
        if (i >= length && !last) return -1
        if (i < length && code === QUOTE) {
          const shown = clip(this.#decode(start, i + 1).trim())
          const text =
            `a quote stands inside the text ${shown}; ` +
            `put the whole cell in quotes and double the quotes within it.`
          this.#break(this.#line, text)
          return this.#skipLine(from, last)
        }
        if (i < length && code === 0) throw this.#binary()
        let stop = i
        while (stop > start && isBlank(bytes[stop - 1] as number, separator)) stop--
        this.#cell(start, stop, 0)
      }
      if (i >= length) return last ? this.#close(i) : -1
      const code = bytes[i] as number
      if (code === separator) {
        i++
        continue
      }
      // CR LF is one line end, and the LF may be in bytes that have not come yet.
      if (code === CR && i + 1 >= length && !last) return -1
      this.#line++
      return this.#close(code === CR && bytes[i + 1] === LF ? i + 2 : i + 1)
    }
  }

  /** The cell whose opening quote is at `open`; returns the place behind it and the blanks after it, -1 where it does not end. */
  #quoted(open: number, last: boolean): number {
    const bytes = this.#bytes
    const { length } = bytes
    const opened = this.#line
    let kind = 1
    let i = open + 1
    for (;;) {
      while (i < length && bytes[i] !== QUOTE) {
        const code = bytes[i] as number
        if (code === LF) this.#line++
        else if (code === CR && bytes[i + 1] !== LF) this.#line++
        else if (code === 0) throw this.#binary()
        i++
      }
      if (i >= length) {
        if (last) this.#break(opened, 'a quote opens and is never closed; close it or remove it.')
        return -1
      }
      if (i + 1 >= length && !last) return -1
      if (bytes[i + 1] !== QUOTE) break
      kind = 2
      i += 2
    }
    let start = open + 1
    let stop = i
    while (start < stop && (bytes[start] as number) <= SPACE) start++
    while (stop > start && (bytes[stop - 1] as number) <= SPACE) stop--
    i++
    while (i < length && isBlank(bytes[i] as number, this.#separator)) i++
    if (i >= length) {
      if (!last) return -1
    } else {
      const code = bytes[i] as number
      if (code !== this.#separator && code !== LF && code !== CR) {
        // A character of up to four bytes, the rest of which may still come.
        if (code >= 0x80 && i + 4 > length && !last) return -1
        const got = JSON.stringify(this.#decode(i, Math.min(length, i + 4), false).charAt(0))
        this.#break(
          this.#line,
          `${got} follows a closing quote; put the whole cell in quotes and double the quotes within it.`,
        )
        return -1
      }
    }
    this.#cell(start, stop, kind)
    return i
  }

  #cell(start: number, end: number, kind: number): void {
    const { width } = this
    if (end - start > MAX_CELL) {
      const message =
        `${this.#file} line ${this.line}, cell ${width + 1} has ${end - start} bytes; ${MAX_CELL} are allowed at most. ` +
        `Look for a quote that is missing, shorten the cell, or leave its column out.`
      throw new ProblemError(
        problem('csv.cell', message, { file: this.#file, line: this.line, column: String(width + 1) }),
      )
    }
    if (width === MAX_COLUMNS) {
      const message = `${this.#file} line ${this.line} has more than ${MAX_COLUMNS} columns, the most that a table may have; leave some out.`
      throw new ProblemError(problem('csv.columns', message, { file: this.#file, line: this.line }))
    }
    if (width === this.#starts.length) this.#grow()
    this.#starts[width] = start
    this.#ends[width] = end
    this.#kinds[width] = kind
    this.width++
  }

  #grow(): void {
    const grown = <A extends Int32Array | Uint8Array>(old: A, fresh: A): A => {
      fresh.set(old)
      return fresh
    }
    const length = this.#starts.length * 2
    this.#starts = grown(this.#starts, new Int32Array(length))
    this.#ends = grown(this.#ends, new Int32Array(length))
    this.#kinds = grown(this.#kinds, new Uint8Array(length))
  }

  #close(next: number): number {
    // A line of nothing is no record, but `""` is a cell.
    if (this.width === 1 && this.#kinds[0] === 0 && this.#starts[0] === this.#ends[0]) this.width = 0
    return next
  }

  #break(line: number, text: string): void {
    const cell = this.width + 1
    const message = `${this.#file} line ${line}, cell ${cell}: ${text}`
    this.broken = problem('csv.quote', message, { file: this.#file, line, column: String(cell) })
  }

  /** Where the line after the one at `from` begins: nothing else is certain once a quote is wrong. */
  #skipLine(from: number, last: boolean): number {
    const bytes = this.#bytes
    let i = from
    while (i < bytes.length && bytes[i] !== LF && bytes[i] !== CR) i++
    if (!last && (i >= bytes.length || (bytes[i] === CR && i + 1 >= bytes.length))) return -1
    this.#line = this.line + 1
    return bytes[i] === CR && bytes[i + 1] === LF ? i + 2 : i + 1
  }

  #binary(): ProblemError {
    const message = `${this.#file} has a NUL character on line ${this.#line}, so it is not a text file; choose a CSV file.`
    return new ProblemError(problem('csv.nul', message, { file: this.#file, line: this.#line }))
  }

  isEmpty(cell: number): boolean {
    return this.#starts[cell] === this.#ends[cell]
  }

  /** What a cell of the record says, trimmed. */
  text(cell: number): string {
    const start = at(this.#starts, cell)
    const end = at(this.#ends, cell)
    const text = this.#decode(start, end)
    return this.#kinds[cell] === 2 ? text.replaceAll('""', '"') : text
  }

  /** The number that a plain cell holds in the usual form, exactly as `Number` reads it; NaN where only its text can tell. */
  number(cell: number): number {
    const bytes = this.#bytes
    let i = this.#starts[cell] as number
    const end = this.#ends[cell] as number
    if (i === end || end - i > 17) return NaN
    const negative = bytes[i] === 0x2d
    if (negative) i++
    let digits = 0
    let value = 0
    let decimals = -1
    for (; i < end; i++) {
      const code = bytes[i] as number
      if (code >= 0x30 && code <= 0x39) {
        value = value * 10 + (code - 0x30)
        digits++
        if (decimals >= 0) decimals++
      } else if (code === 0x2e && decimals < 0) decimals = 0
      else return NaN
    }
    // Up to 15 digits and 22 decimals both numbers are exact, so their quotient is rounded once (Clinger 1990).
    if (digits === 0 || digits > 15) return NaN
    const size = decimals > 0 ? value / (TENS[decimals] as number) : value
    return negative ? -size : size
  }

  #decode(start: number, end: number, strict = true): string {
    const bytes = this.#bytes
    if (end - start <= 32) {
      let text = ''
      let i = start
      for (; i < end; i++) {
        const code = bytes[i] as number
        if (code >= 0x80) break
        text += String.fromCharCode(code)
      }
      if (i === end) return text
    }
    const cell = bytes.subarray(start, end)
    if (!strict) return new TextDecoder().decode(cell)
    try {
      return this.#decoder.decode(cell)
    } catch {
      throw notUtf8(this.#file, this.#before + start + firstBadByte(cell), bytes[start + firstBadByte(cell)] ?? 0)
    }
  }
}

const TENS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

function isBlank(code: number, separator: number): boolean {
  return code === SPACE || (code === TAB && separator !== TAB)
}

export function notUtf8(file: string, byte: number, value: number): ProblemError {
  const shown = value.toString(16).toUpperCase().padStart(2, '0')
  const message = `${file} is not UTF-8: byte ${byte} is 0x${shown}; choose its encoding, or save the file with UTF-8 encoding.`
  return new ProblemError(problem('csv.encoding', message, { file, byte }))
}

/** Offset of the first byte that no well-formed UTF-8 text has there (Unicode standard, table 3-7); the length if none. */
export function firstBadByte(bytes: Uint8Array): number {
  let i = 0
  while (i < bytes.length) {
    const lead = bytes[i] as number
    let more = 0
    let low = 0x80
    let high = 0xbf
    if (lead >= 0x80) {
      if (lead < 0xc2 || lead > 0xf4) return i
      more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3
      if (lead === 0xe0) low = 0xa0
      if (lead === 0xed) high = 0x9f
      if (lead === 0xf0) low = 0x90
      if (lead === 0xf4) high = 0x8f
    }
    for (let k = 1; k <= more; k++) {
      const byte = bytes[i + k]
      if (byte === undefined || byte < low || byte > high) return i
      low = 0x80
      high = 0xbf
    }
    i += more + 1
  }
  return i
}

/** The first bytes of a text. */
export interface Sample {
  /** Its name, and how many of its bytes come before these; for messages. */
  readonly file: string
  readonly before: number
  readonly bytes: Uint8Array
  /** Nothing comes behind it. */
  readonly whole: boolean
}

/** The first records, as far as the sample holds whole ones. Broken ones are left out. */
export function sampleRecords(sample: Sample, delimiter: Delimiter, most: number): string[][] {
  const scanner = new RecordScanner(sample.file, delimiter)
  scanner.look(sample.bytes, sample.before)
  const records: string[][] = []
  let from = 0
  while (records.length < most && from < sample.bytes.length) {
    const next = scanner.next(from, sample.whole)
    if (next < 0) break
    from = next
    if (scanner.width > 0 && !scanner.broken)
      records.push(Array.from({ length: scanner.width }, (_, cell) => scanner.text(cell)))
  }
  return records
}

/** Records that vote on the delimiter. */
const VOTERS = 50

/**
 * The delimiter under which most of the first records are as long as the first one, which has two cells or more; then
 * the one with more columns. A table of one column has none; the comma stands for that.
 */
export function guessDelimiter(sample: Sample): Delimiter {
  let best: Delimiter = ','
  let bestShare = 0
  let bestWidth = 1
  for (const delimiter of delimiters) {
    const records = trySample(sample, delimiter)
    const width = records[0]?.length ?? 0
    if (width < 2) continue
    const share = records.filter((record) => record.length === width).length / records.length
    if (share > bestShare || (share === bestShare && width > bestWidth)) {
      best = delimiter
      bestShare = share
      bestWidth = width
    }
  }
  return best
}

/** A wrong delimiter may make a cell too long, and what is wrong with the file is said when it is read. */
function trySample(sample: Sample, delimiter: Delimiter): string[][] {
  try {
    return sampleRecords(sample, delimiter, VOTERS)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return []
  }
}

/** `text` in quotes, for messages: cut after 40 characters; control characters, and those that turn what follows, shown. */
export function clip(text: string): string {
  const quoted = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
  return quoted.replace(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Control characters, ends of lines, odd blanks, marks of direction and of the byte order: nobody sees what they are. */
export const UNSEEN = /[\p{Cc}\u00a0\u00ad\u200b\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** A column's name without what can't be seen in it. */
export function nameFrom(text: string): string {
  return text.replace(UNSEEN, ' ').trim()
}
