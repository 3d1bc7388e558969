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

/** Examples as rows: `lines` for each, one below the other in `order`, and the one that holds the target. */
export interface ExampleRows {
  readonly order: Uint32Array
  /** Where in `order` each example begins, rising. */
  readonly starts: Uint32Array
  readonly lines: number
  readonly targets: Uint32Array
}

/** Each row an example. */
export function rowsAlone(rows: Uint32Array): ExampleRows {
  return { order: rows, starts: Uint32Array.from(rows, (_, i) => i), lines: 1, targets: rows }
}

/** How many rows there are, counted as often as they occur. */
export function countOf({ starts, lines }: ExampleRows): number {
  return starts.length * lines
}

/** All rows, example after example. */
export function listed({ order, starts, lines }: ExampleRows): Uint32Array {
  const rows = new Uint32Array(starts.length * lines)
  starts.forEach((from, i) => rows.set(order.subarray(from, from + lines), i * lines))
  return rows
}

/** Each row once, in rising order; there are `count` in all. */
export function distinct({ order, starts, lines }: ExampleRows, count: number): Uint32Array {
  const has = new Uint8Array(count)
  let done = 0
  for (const from of starts) {
    for (let i = Math.max(from, done); i < from + lines; i++) has[at(order, i)] = 1
    done = Math.max(done, from + lines)
  }
  return Uint32Array.from(has, (_, row) => row).filter((row) => has[row] === 1)
}

export function sequencesOf(
  count: number,
  times: ArrayLike<number> | undefined,
  groups: ArrayLike<number> | undefined,
): Sequences {
  const known = new Map<number, number>()
  const sizes: number[] = []
  const of = new Uint32Array(count)
  for (let row = 0; row < count; row++) {
    const group = groups?.[row] ?? 0
    const own = known.get(group) ?? known.size
    known.set(group, own)
    sizes[own] = (sizes[own] ?? 0) + 1
    of[row] = own
  }
  const ends = new Uint32Array(sizes.length + 1)
  sizes.forEach((size, i) => (ends[i + 1] = at(ends, i) + size))
  const filled = ends.slice()
  const order = new Uint32Array(count)
  of.forEach((own, row) => {
    const place = at(filled, own)
    order[place] = row
    filled[own] = place + 1
  })
  if (times)
    for (let i = 0; i < sizes.length; i++)
      // Rows of one moment stay as they stand in the file.
      order.subarray(at(ends, i), at(ends, i + 1)).sort((a, b) => at(times, a) - at(times, b) || a - b)
  return { order, ends }
}

/** Of each place in `order` how many rows before it are bad, so that those of a window are counted by a difference. */
export function countedBefore({ order }: Pick<Sequences, 'order'>, isBad: (row: number) => boolean): Uint32Array {
  const before = new Uint32Array(order.length + 1)
  order.forEach((row, i) => (before[i + 1] = at(before, i) + Number(isBad(row))))
  return before
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
  const longest = Math.max(length - 1, reach)
  const countIn = (group: number) => Math.max(0, Math.ceil((at(ends, group + 1) - at(ends, group) - longest) / stride))
  let count = 0
  for (let group = 0; group + 1 < ends.length; group++) count += countIn(group)
  const starts = new Uint32Array(count)
  let filled = 0
  for (let group = 0; group + 1 < ends.length; group++)
    for (let i = 0, most = countIn(group); i < most; i++) starts[filled++] = at(ends, group) + i * stride
  return starts
}

/** From the first row of a window to the one that holds its target. */
export const reachOf = ({ length, horizon }: Windows) => length - 1 + horizon

/** The windows that begin at these places. */
export function windowsAt({ order }: Sequences, starts: Uint32Array, windows: Windows): ExampleRows {
  const reach = reachOf(windows)
  return { order, starts, lines: windows.length, targets: starts.map((from) => order[from + reach] ?? 0) }
}
