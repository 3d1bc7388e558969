/**
 * Windows over a time series: rows in order, of each group on its own, become examples of `length` rows each, with the target
 * `horizon` rows after their last one. Rows are split before windows are made, and a window lies, with its target, on one side: two
 * windows of different sides share no row.
 */
import { at } from '../../base/assert.ts'
import type { SplitRecipe, Windows } from '../../document/types.ts'
import { split } from '../split.ts'

/** Places of rows, as everything here, in the list of rows that take part. */
export interface Sequences {
  /** All rows, group after group, each in order. */
  readonly order: Uint32Array
  /** Where each group begins in `order`, and its end. */
  readonly ends: Uint32Array
}

/** Examples as rows: `length` for each, one below the other, and the one that holds the target. */
export interface ExampleRows {
  readonly features: Uint32Array
  readonly targets: Uint32Array
}

export function sequencesOf(
  count: number,
  times: ArrayLike<number> | undefined,
  groups: ArrayLike<number> | undefined,
): Sequences {
  const members = new Map<number, number[]>()
  for (let row = 0; row < count; row++) {
    const group = groups?.[row] ?? 0
    const list = members.get(group)
    if (list) list.push(row)
    else members.set(group, [row])
  }
  const order = new Uint32Array(count)
  const ends = [0]
  let filled = 0
  for (const rows of members.values()) {
    // Sorting is stable: rows of one moment stay as they stand in the file.
    if (times) rows.sort((a, b) => at(times, a) - at(times, b))
    order.set(rows, filled)
    filled += rows.length
    ends.push(filled)
  }
  return { order, ends: Uint32Array.from(ends) }
}

/** Which side each row is on: 0 trains, 1 validates, 2 does neither. Where nothing else says it, the last share of each group validates. */
export function sidesOf(
  { order, ends }: Sequences,
  recipe: SplitRecipe,
  clues: {
    readonly times?: ArrayLike<number> | undefined
    readonly groups?: ArrayLike<number> | undefined
    readonly parts?: ArrayLike<number> | undefined
  },
): Uint8Array {
  const method = recipe.method === undefined || recipe.method === 'ratio' ? 'time' : recipe.method
  const times = clues.times ?? sharesOf(order, ends)
  const { train, validation } = split(order.length, { ...recipe, method, together: undefined }, { ...clues, times })
  const sides = new Uint8Array(order.length).fill(2)
  for (const row of train) sides[row] = 0
  for (const row of validation) sides[row] = 1
  return sides
}

/** How far into its group each row is, which stands for its time. */
function sharesOf(order: Uint32Array, ends: Uint32Array): Float64Array {
  const shares = new Float64Array(order.length)
  for (let group = 0; group + 1 < ends.length; group++) {
    const [from, to] = [at(ends, group), at(ends, group + 1)]
    for (let i = from; i < to; i++) shares[at(order, i)] = (i - from) / (to - from)
  }
  return shares
}

/** Where each window begins in `order`, whose rows, up to that `reach` places on, lie in one group. */
export function startsOf({ ends }: Sequences, { length, stride }: Windows, reach: number): Uint32Array {
  const starts: number[] = []
  for (let group = 0; group + 1 < ends.length; group++)
    for (let from = at(ends, group); from + Math.max(length - 1, reach) < at(ends, group + 1); from += stride)
      starts.push(from)
  return Uint32Array.from(starts)
}

/** From the first row of a window to the one that holds its target. */
export const reachOf = ({ length, horizon }: Windows) => length - 1 + horizon

/** The rows of the windows that begin at these places. */
export function rowsOf({ order }: Sequences, starts: Uint32Array, windows: Windows): ExampleRows {
  const { length } = windows
  const features = new Uint32Array(starts.length * length)
  starts.forEach((from, i) => features.set(order.subarray(from, from + length), i * length))
  const reach = reachOf(windows)
  return { features, targets: starts.map((from) => order[from + reach] ?? 0) }
}
