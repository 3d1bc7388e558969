/**
 * Tables of text: CSV and its kin with semicolons, tabs or bars. The delimiter and whether there is a header are found
 * from the file each time; what the columns mean is guessed once, when the file is opened, and then stands in the
 * document.
 */
import { attempt, problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { TableSource } from '../../document/types.ts'
import { MAX_LISTED } from '../limits.ts'
import { isMissing, numberIn } from '../table/cells.ts'
import { bindColumns, checkCells } from '../table/columns.ts'
import { decodeText } from '../table/decode.ts'
import { guessColumns } from '../table/guess.ts'
import { clip, guessDelimiter, readRecords, type Records } from '../table/records.ts'
import type { RawTable, Reader, SourceFile } from '../types.ts'

const extensions = ['.csv', '.tsv', '.tab', '.txt', '.data']

export default {
  type: 'csv',
  title: 'Table (CSV)',
  extensions,
  accepts(files) {
    const [file, ...others] = files
    if (!file || others.length > 0) return false
    const name = file.name.toLowerCase().replace(/\.gz$/, '')
    return extensions.some((extension) => name.endsWith(extension)) || looksLikeText(file.bytes)
  },
  inspect(files) {
    return attempt(() => {
      const file = single(files)
      const table = readTable(file)
      const { columns, warnings, errors } = guessColumns(table)
      if (errors.length > 0) throw new ProblemError(...errors)
      const reference = { name: file.name, size: file.size, sha256: file.sha256 }
      const source: TableSource = { kind: 'table', reader: 'csv', file: reference, columns }
      return { source, warnings }
    })
  },
  read(files, source) {
    return attempt(() => {
      if (source.kind !== 'table') {
        const message = `The document's data are ${source.kind}, not a table; choose the data again.`
        throw new ProblemError(problem('data.kind', message))
      }
      const table = readTable(single(files), source)
      const wanted = source.columns.filter((column) => column.role === 'feature')
      // Files for prediction have no target; whoever needs one misses it later, by name.
      const targets = source.columns.filter((c) => c.role === 'target' && table.header.includes(c.name))
      checkCells(table, bindColumns(table, [...wanted, ...targets]))
      return { data: table, warnings: [] }
    })
  },
} satisfies Reader

function looksLikeText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 4096)
  return start.length > 0 && !start.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
}

function single(files: readonly SourceFile[]): SourceFile {
  const [file, ...others] = files
  if (!file || others.length > 0) {
    const message = `A table is one file, but ${files.length} files were given; choose one.`
    throw new ProblemError(problem('csv.files', message))
  }
  return file
}

function readTable(source: SourceFile, expected?: TableSource): RawTable {
  const file = source.name
  const text = decodeText(source.bytes, file)
  const records = readRecords(text, guessDelimiter(text), file)
  const first = records.cells[0]
  if (!first) {
    throw new ProblemError(problem('csv.empty', `${file} is empty; choose a file with a header and rows.`, { file }))
  }
  const hasHeader = expected ? (isExpectedHeader(first, expected) ?? isHeader(records)) : isHeader(records)
  const header = hasHeader ? first : first.map((_, i) => `col${i + 1}`)
  if (hasHeader) checkHeader(file, header, records.lines[0] ?? 1)
  const cells = hasHeader ? records.cells.slice(1) : records.cells
  const lines = hasHeader ? records.lines.slice(1) : records.lines
  if (cells.length === 0) {
    const message = `${file} has a header (${clip(header.join(', '))}) and no rows; add examples below it.`
    throw new ProblemError(problem('csv.noRows', message, { file, line: records.lines[0] ?? 1 }))
  }
  checkWidths(file, cells, lines, header.length, hasHeader ? 'the header' : `line ${lines[0]}`)
  for (const row of cells) {
    for (let i = 0; i < row.length; i++) if (isMissing(row[i] ?? '')) row[i] = ''
  }
  return { file, header, cells, lines }
}

/** Whether the first record names the columns that the document wants; undefined when that cannot be told. */
function isExpectedHeader(first: readonly string[], source: TableSource): boolean | undefined {
  const wanted = source.columns.filter((column) => column.role === 'feature').map((column) => column.name)
  if (wanted.every((name) => first.includes(name))) return true
  return wanted.every((name) => /^col\d+$/.test(name)) ? false : undefined
}

/**
 * Text over a column of numbers is a header. Otherwise a number in the first record says that it is a row already, and
 * a record of texts over texts is taken for a header.
 */
function isHeader({ cells }: Records): boolean {
  const [first = [], ...rows] = cells.slice(0, 100)
  const isText = (cell: string) => !isMissing(cell) && Number.isNaN(numberIn(cell))
  const overNumbers = first.some((cell, i) => {
    if (!isText(cell)) return false
    const present = rows.map((row) => row[i] ?? '').filter((value) => !isMissing(value))
    return present.length > 0 && !present.some(isText)
  })
  return overNumbers || !first.some((cell) => !Number.isNaN(numberIn(cell)))
}

function checkHeader(file: string, header: readonly string[], line: number): void {
  const problems: Problem[] = []
  const places = new Map<string, number>()
  header.forEach((name, i) => {
    const twin = places.get(name)
    if (name === '') {
      const message = `${file} line ${line}: column ${i + 1} of ${header.length} has no name in the header; name it or remove the column.`
      problems.push(problem('csv.header', message, { file, line, column: String(i + 1) }))
    } else if (twin !== undefined) {
      const message = `${file} line ${line}: columns ${twin + 1} and ${i + 1} are both called ${clip(name)}; rename one.`
      problems.push(problem('csv.header', message, { file, line, column: name }))
    } else places.set(name, i)
  })
  if (problems.length > 0) throw new ProblemError(...problems.slice(0, MAX_LISTED))
}

function checkWidths(
  file: string,
  cells: readonly string[][],
  lines: readonly number[],
  width: number,
  like: string,
): void {
  const problems: Problem[] = []
  let ragged = 0
  for (let row = 0; row < cells.length; row++) {
    const found = cells[row]?.length ?? 0
    if (found === width || ++ragged > 3) continue
    const line = lines[row] ?? 0
    const message =
      `${file} line ${line} has ${found} ${found === 1 ? 'cell' : 'cells'}, but ${like} has ${width}; ` +
      `${found < width ? 'add the missing ones' : 'remove or quote the surplus'}.`
    problems.push(problem('csv.ragged', message, { file, line }))
  }
  if (ragged > 3)
    problems.push(problem('csv.ragged', `${file}: ${ragged - 3} more lines have a wrong number of cells.`, { file }))
  if (problems.length > 0) throw new ProblemError(...problems)
}
