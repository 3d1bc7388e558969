/**
 * Which rows say the same: each row is hashed to 53 bits, so that of a million rows two different ones are taken for the same
 * with a chance of 1 in 18,000.
 */
import { at } from '../../base/assert.ts'
import type { Table, TableColumn } from '../types.ts'

/** A number for each row; equal where all its cells are. */
export function rowHashes(table: Table): Float64Array {
  const high = new Uint32Array(table.rows).fill(0x9e3779b9)
  const low = new Uint32Array(table.rows).fill(0x85ebca6b)
  const bits = new Uint32Array(2)
  const asNumber = new Float64Array(bits.buffer)
  const stir = (row: number, a: number, b: number) => {
    let h = at(high, row) ^ a
    let l = at(low, row) ^ b
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ l
    l = Math.imul(l ^ (l >>> 13), 0x297a2d39) ^ h
    high[row] = Math.imul(h ^ (h >>> 16), 0x7feb352d)
    low[row] = Math.imul(l ^ (l >>> 14), 0x846ca68b)
  }
  table.columns.forEach((column, c) => {
    if (column.kind === 'texts') column.codes.forEach((code, row) => stir(row, code, c))
    else
      column.values.forEach((value, row) => {
        asNumber[0] = value
        stir(row, at(bits, 0) ^ slipHash(column, row), at(bits, 1) ^ c)
      })
  })
  // 53 bits of the 64 are what a double holds exactly.
  return Float64Array.from(high, (h, row) => (h >>> 11) * 2 ** 32 + at(low, row))
}

function slipHash(column: Extract<TableColumn, { kind: 'numbers' }>, row: number): number {
  let hash = 0
  for (const letter of column.slips.get(row) ?? '') hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return hash
}

/** How many rows say the same as an earlier one. */
export function duplicateRows(table: Table): number {
  const sorted = rowHashes(table).sort()
  let count = 0
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) count++
  return count
}
