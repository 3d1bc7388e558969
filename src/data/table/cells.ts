/** What one cell means: missing, a number, a category. */

/** Texts that say "no value", in lower case; an empty cell says so too. */
export const MISSING = ['na', 'n/a', 'nan', 'null', '?', '-'] as const

const missing: ReadonlySet<string> = new Set(MISSING)

/** Longest text in MISSING, so that most cells need no lower case. */
const LONGEST = 4

export function isMissing(cell: string): boolean {
  return cell === '' || (cell.length <= LONGEST && missing.has(cell.toLowerCase()))
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const LARGEST = 3.4028234663852886e38

/**
 * The number that a cell holds, NaN when it holds none. Decimal point, optional exponent; no grouping, no hexadecimal,
 * no Infinity, and nothing beyond what 32-bit floats hold, because that is what the network computes with.
 */
export function numberIn(cell: string): number {
  if (!NUMBER.test(cell)) return NaN
  const value = Number(cell)
  return Math.abs(value) <= LARGEST ? value : NaN
}

/** Why a cell that is not missing holds no number, as the end of a sentence that begins with the cell's text. */
export function whyNoNumber(cell: string): string {
  if (NUMBER.test(cell)) return 'is too large for 32-bit numbers (3.4e38 at most)'
  if (hasDecimalComma(cell)) return 'has a decimal comma where a decimal point is expected'
  return 'is not a number'
}

export function hasDecimalComma(cell: string): boolean {
  return /^[+-]?\d+,\d+$/.test(cell)
}

/** `1,5` as `1.5` and `1.234,5` as `1234.5`; any other text as it is. */
export function withDecimalPoint(cell: string): string {
  if (!/^[+-]?(?:\d*|\d{1,3}(?:\.\d{3})+),\d+(?:[eE][+-]?\d+)?$/.test(cell)) return cell
  return cell.replaceAll('.', '').replace(',', '.')
}
