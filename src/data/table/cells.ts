/** What one cell means: missing, a number, a category. */

import { isNumberInAnySigns } from './signs.ts'

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

/** Whether a cell says that a number is beyond all others, as programs write what came of a division by zero. */
export function isInfinite(cell: string): boolean {
  return /^[+-]?inf(?:inity)?$/i.test(cell)
}

/** Why a cell that is not missing holds no number, as the end of a sentence that begins with the cell's text. */
export function whyNoNumber(cell: string): string {
  if (isInfinite(cell)) return 'is infinite'
  if (NUMBER.test(cell)) return 'is too large for 32-bit numbers (3.4e38 at most)'
  if (hasComma(cell)) return 'has a comma where a decimal point or nothing is expected'
  return 'is not a number'
}

/** Whether a cell would be a number, were it not for commas before its decimals or between its thousands. */
export function hasComma(cell: string): boolean {
  return cell.includes(',') && isNumberInAnySigns(cell)
}
