/**
 * Characters to records of cells, after RFC 4180: cells in double quotes may hold delimiters, line ends and doubled
 * quotes; a line ends with LF, CRLF or CR. Written here rather than taken from a package because every message about a
 * file stands on the physical line: csv-parse counts a quoted CRLF twice, gives the line where a record ends rather than
 * where it begins, and names the end of the file for a quote that was never closed.
 * Kinder than the RFC in two ways: blanks around a cell, also around its quotes, are dropped, and blank lines are skipped.
 */
import { problem, ProblemError } from '../../base/problem.ts'
import { MAX_CELL, MAX_CELLS, MAX_COLUMNS } from '../limits.ts'

export interface Records {
  /** cells[record][column], trimmed. */
  readonly cells: string[][]
  /** Physical line on which each record begins, counted from 1. */
  readonly lines: number[]
}

const QUOTE = 0x22
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const TAB = 0x09

export const delimiters = [',', ';', '\t', '|'] as const
export type Delimiter = (typeof delimiters)[number]

/** Records of `text`, at most `limit`. Rows may differ in length; whoever knows the header judges that. */
export function readRecords(text: string, delimiter: Delimiter, file: string, limit = Infinity): Records {
  const separator = delimiter.charCodeAt(0)
  const end = text.length
  const cells: string[][] = []
  const lines: number[] = []
  let total = 0
  let position = 0
  let line = 1

  const isBlank = (code: number) => code === SPACE || (code === TAB && separator !== TAB)

  /** The cell whose opening quote is at `position`; leaves `position` behind the blanks after the closing one. */
  const quotedCell = (column: number): string => {
    const opened = line
    let value = ''
    let from = ++position
    for (;;) {
      const quote = text.indexOf('"', position)
      if (quote < 0) {
        const message = `${file} line ${opened}, cell ${column}: a quote opens and is never closed; close it or remove it.`
        throw new ProblemError(problem('csv.quote', message, { file, line: opened, column: String(column) }))
      }
      position = quote + 1
      if (text.charCodeAt(position) !== QUOTE) {
        value += text.slice(from, quote)
        break
      }
      value += text.slice(from, position)
      from = ++position
    }
    line += countLines(value, 0, value.length)
    while (position < end && isBlank(text.charCodeAt(position))) position++
    if (position < end) {
      const next = text.charCodeAt(position)
      if (next !== separator && next !== LF && next !== CR) {
        const got = JSON.stringify(text.charAt(position))
        const message =
          `${file} line ${line}, cell ${column}: ${got} follows a closing quote; ` +
          `put the whole cell in quotes and double the quotes within it.`
        throw new ProblemError(problem('csv.quote', message, { file, line, column: String(column) }))
      }
    }
    return value.trim()
  }

  const plainCell = (column: number): string => {
    const from = position
    while (position < end) {
      const code = text.charCodeAt(position)
      if (code === separator || code === LF || code === CR) break
      if (code === QUOTE) {
        const message =
          `${file} line ${line}, cell ${column}: a quote stands inside the text ${clip(text.slice(from, position + 1).trim())}; ` +
          `put the whole cell in quotes and double the quotes within it.`
        throw new ProblemError(problem('csv.quote', message, { file, line, column: String(column) }))
      }
      position++
    }
    return text.slice(from, position).trim()
  }

  while (position < end && cells.length < limit) {
    const began = line
    const record: string[] = []
    let quoted = false
    for (;;) {
      while (position < end && isBlank(text.charCodeAt(position))) position++
      const isQuoted = position < end && text.charCodeAt(position) === QUOTE
      quoted ||= isQuoted
      const cell = isQuoted ? quotedCell(record.length + 1) : plainCell(record.length + 1)
      if (cell.length > MAX_CELL) {
        const message = `${file} line ${began}, cell ${record.length + 1} has ${cell.length} characters; ${MAX_CELL} are allowed at most.`
        throw new ProblemError(problem('csv.cell', message, { file, line: began, column: String(record.length + 1) }))
      }
      record.push(cell)
      if (record.length > MAX_COLUMNS) {
        const message = `${file} line ${began} has more than ${MAX_COLUMNS} columns, the most that a table may have; leave some out.`
        throw new ProblemError(problem('csv.columns', message, { file, line: began }))
      }
      if (position < end && text.charCodeAt(position) === separator) position++
      else break
    }
    if (position < end) {
      position += text.charCodeAt(position) === CR && text.charCodeAt(position + 1) === LF ? 2 : 1
      line++
    }
    if (record.length === 1 && record[0] === '' && !quoted) continue
    total += record.length
    if (total > MAX_CELLS) {
      const message = `${file} has more than ${MAX_CELLS} cells by line ${began}, the most that a table may have; use fewer rows or columns.`
      throw new ProblemError(problem('csv.cells', message, { file, line: began }))
    }
    cells.push(record)
    lines.push(began)
  }
  return { cells, lines }
}

/** Line ends in text[from … to): LF, CRLF (one) and CR. */
export function countLines(text: string, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    if (code === LF) count++
    else if (code === CR && text.charCodeAt(i + 1) !== LF) count++
  }
  return count
}

/** Records that vote on the delimiter. */
const VOTERS = 50

/**
 * The delimiter under which most of the first records are as long as the first one, which has two cells or more; then
 * the one with more columns. A table of one column has none; the comma stands for that.
 */
export function guessDelimiter(text: string): Delimiter {
  let best: Delimiter = ','
  let bestShare = 0
  let bestWidth = 1
  for (const delimiter of delimiters) {
    const { cells } = tryRecords(text, delimiter)
    const width = cells[0]?.length ?? 0
    if (width < 2) continue
    const share = cells.filter((record) => record.length === width).length / cells.length
    if (share > bestShare || (share === bestShare && width > bestWidth)) {
      best = delimiter
      bestShare = share
      bestWidth = width
    }
  }
  return best
}

/** The first records as far as they parse: a wrong delimiter makes quotes stray, and what is left still votes. */
function tryRecords(text: string, delimiter: Delimiter): Records {
  for (const limit of [VOTERS, 1]) {
    try {
      return readRecords(text, delimiter, '', limit)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
    }
  }
  return { cells: [], lines: [] }
}

/** `text` in quotes, for messages: cut after 40 characters, control characters shown. */
export function clip(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
