/**
 * Which rows say the same: each row is hashed to 53 bits, so that of a million rows two different ones are taken for the same
 * with a chance of 1 in 18,000.
 */
import { at } from '../../base/assert.ts'
import { Equal } from '../equal.ts'
import type { Steps } from '../numbers.ts'
import { eachStretch } from '../stretches.ts'
import type { HeldCells, Table } from '../types.ts'
import { blocksOf } from './stored.ts'

/** A number for each row; equal where all its cells are. */
export function* rowHashes(table: Table): Steps<Float64Array> {
  const high = new Uint32Array(table.rows).fill(0x9e3779b9)
  const low = new Uint32Array(table.rows).fill(0x85ebca6b)
  for (const [c, column] of table.columns.entries()) {
    yield table.rows
    for (const [cells, from] of blocksOf<HeldCells>(column.kind === 'texts' ? column.codes : column.values)) {
      const [some, more] = [high, low].map((all) => all.subarray(from, from + cells.length)) as [
        Uint32Array,
        Uint32Array,
      ]
      if (cells instanceof Int32Array) stir(some, more, cells, 1, c)
      // The two halves of each number, as they lie in memory.
      else stir(some, more, new Uint32Array(cells.buffer, cells.byteOffset, 2 * cells.length), 2, c)
      yield 0
    }
    if (column.kind === 'texts') continue
    for (const [row, text] of column.slips) high[row] = at(high, row) ^ hashOf(text)
  }
  const hashes = new Float64Array(table.rows)
  // 53 bits of the 64 are what a double holds exactly.
  yield* eachStretch(table.rows, (from, to) => {
    for (let row = from; row < to; row++) hashes[row] = ((high[row] as number) >>> 11) * 2 ** 32 + (low[row] as number)
  })
  return hashes
}

/** Mixes a column into the hashes of its rows; `words` has `width` of them for each. */
function stir(high: Uint32Array, low: Uint32Array, words: ArrayLike<number>, width: 1 | 2, column: number): void {
  for (let row = 0; row < high.length; row++) {
    let h = (high[row] as number) ^ (words[row * width] as number)
    let l = (low[row] as number) ^ column
    if (width === 2) l ^= words[row * 2 + 1] as number
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ l
    l = Math.imul(l ^ (l >>> 13), 0x297a2d39) ^ h
    high[row] = Math.imul(h ^ (h >>> 16), 0x7feb352d)
    low[row] = Math.imul(l ^ (l >>> 14), 0x846ca68b)
  }
}

function hashOf(text: string): number {
  let hash = 0
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return hash
}

/** How many rows say the same as an earlier one. */
export function* duplicateRows(table: Table): Steps<number> {
  const known = new Equal(yield* rowHashes(table), table.rows)
  let count = 0
  yield* eachStretch(table.rows, (from, to) => {
    for (let row = from; row < to; row++) if (known.note(row) !== row) count++
  })
  return count
}
