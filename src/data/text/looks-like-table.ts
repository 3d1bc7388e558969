/**
 * Whether a text is a table rather than prose, by its first lines: the same number of delimiters in nearly all of them, and
 * cells that are short; or nothing but numbers. One comma a line is not enough, as verses have that too.
 */
const DELIMITERS = ['\t', ';', '|', ','] as const
/** Lines that are looked at. */
const LINES = 30
/** Characters of a cell, on average, beyond which it is rather part of a sentence. */
const LONG = 40

/** `head` are the first bytes of a file, and `whole` says that there are no others. */
export function looksLikeTable(head: Uint8Array, whole = head.length < 4096): boolean {
  const lines = firstLines(head, whole)
  if (lines.length < 2) return false
  if (lines.every((line) => line.trim().split(/\s+/).every(isNumber))) return true
  return DELIMITERS.some((delimiter) => isDelimited(lines, delimiter))
}

function firstLines(head: Uint8Array, whole: boolean): string[] {
  const wide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  const text = new TextDecoder(wide ? (head[0] === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8').decode(head)
  // Quoted cells may hold delimiters and line ends.
  const bare = text.replace(/"(?:[^"]|"")*"/g, 'quoted')
  const lines = bare.split(/\r\n|\r|\n/)
  if (!whole && lines.length > 1) lines.pop()
  return lines.filter((line) => line.trim() !== '').slice(0, LINES)
}

function isDelimited(lines: readonly string[], delimiter: string): boolean {
  const rows = lines.map((line) => line.split(delimiter).map((cell) => cell.trim()))
  const counts = new Map<number, number>()
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1)
  const [width = 1, often = 0] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? []
  // One row in five may be ragged; the reader of tables says which.
  if (width < 2 || often < rows.length * 0.8) return false
  const cells = rows.filter((row) => row.length === width).flat()
  const length = cells.reduce((sum, cell) => sum + cell.length, 0) / cells.length
  if (length > LONG) return false
  const words = cells.filter((cell) => /\S\s+\S/.test(cell)).length / cells.length
  const numbers = cells.filter(isNumber).length / cells.length
  if (delimiter === '\t' || numbers > 0.3) return true
  // Sentences have several words between two commas, and end somewhere.
  const ends = lines.filter((line) => /[.!?…:,;—-]["”’)]?$/.test(line.trim())).length / lines.length
  return words < 0.5 && ends < 0.5
}

function isNumber(text: string): boolean {
  return /^[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?$/i.test(text)
}
