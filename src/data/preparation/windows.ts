/**
 * Windows over a time series: rows in order, of each group and each file on its own, become examples of `length` rows each, with the
 * target `horizon` rows after their last one. Nothing says that a file goes on where another one ends. Rows are split before windows are made, and a window lies, with its target, on one side: two
 * windows of different sides share no row.
 */
import { at } from '../../base/assert.ts'
import type { SplitRecipe, Windows } from '../../document/types.ts'
import type { Steps } from '../numbers.ts'
import { PARTS, split } from '../split.ts'
import { chosen, countTo, eachStretch, inOrder } from '../stretches.ts'

/** Places of rows, as everything here, in the list of rows that take part. */
export interface Sequences {
  /** All rows, series after series, each in order. */
  readonly order: Uint32Array
  /** Where each series begins in `order`, and its end. */
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
  return { order: rows, starts: countTo(rows.length), lines: 1, targets: rows }
}

/** How many rows there are, counted as often as they occur. */
export function countOf({ starts, lines }: ExampleRows): number {
  return starts.length * lines
}

/** All rows, example after example. */
export function* listed({ order, starts, lines }: ExampleRows): Steps<Uint32Array> {
  const rows = new Uint32Array(starts.length * lines)
  yield* eachStretch(rows.length, (from, to) => {
    for (let k = from; k < to; k++) rows[k] = at(order, at(starts, Math.floor(k / lines)) + (k % lines))
  })
  return rows
}

/** Each row once, in rising order; there are `count` in all. */
export function* distinct({ order, starts, lines }: ExampleRows, count: number): Steps<Uint32Array> {
  const has = new Uint8Array(count)
  let done = 0
  yield* eachStretch(starts.length, (first, end) => {
    for (const from of starts.subarray(first, end)) {
      for (let i = Math.max(from, done); i < from + lines; i++) has[at(order, i)] = 1
      done = Math.max(done, from + lines)
    }
  })
  return yield* chosen(countTo(count), (row) => has[row] === 1)
}

/** `files`: which file each row is of. */
export function* sequencesOf(
  count: number,
  times: ArrayLike<number> | undefined,
  groups: ArrayLike<number> | undefined,
  files: ArrayLike<number> | undefined,
): Steps<Sequences> {
  const known = new Map<number, Map<number, number>>()
  const sizes: number[] = []
  const of = new Uint32Array(count)
  yield* eachStretch(count, (from, to) => {
    for (let row = from; row < to; row++) {
      const file = files?.[row] ?? 0
      const inFile = known.get(file) ?? new Map<number, number>()
      known.set(file, inFile)
      const group = groups?.[row] ?? 0
      const own = inFile.get(group) ?? sizes.length
      inFile.set(group, own)
      sizes[own] = (sizes[own] ?? 0) + 1
      of[row] = own
    }
  })
  const ends = new Uint32Array(sizes.length + 1)
  sizes.forEach((size, i) => (ends[i + 1] = at(ends, i) + size))
  // Rows of one moment stay as they stand in the file.
  const rows = times ? yield* inOrder(countTo(count), times) : countTo(count)
  const filled = ends.slice()
  const order = new Uint32Array(count)
  yield* eachStretch(count, (from, to) => {
    for (const row of rows.subarray(from, to)) {
      const own = at(of, row)
      const place = at(filled, own)
      order[place] = row
      filled[own] = place + 1
    }
  })
  return { order, ends }
}

/** Of each place in `order` how many rows before it are bad, so that those of a window are counted by a difference. */
export function* countedBefore(
  { order }: Pick<Sequences, 'order'>,
  isBad: (row: number) => boolean,
): Steps<Uint32Array> {
  const before = new Uint32Array(order.length + 1)
  yield* eachStretch(order.length, (from, to) => {
    for (let i = from; i < to; i++) before[i + 1] = at(before, i) + Number(isBad(at(order, i)))
  })
  return before
}

/** Which side each row is on: 0 trains, 1 validates, 2 does neither. Where nothing else says it, the last share of each series validates. */
export function* sidesOf(
  { order, ends }: Sequences,
  recipe: SplitRecipe,
  clues: {
    readonly times?: ArrayLike<number> | undefined
    readonly groups?: ArrayLike<number> | undefined
    readonly parts?: ArrayLike<number> | undefined
  },
): Steps<Uint8Array> {
  const method = recipe.method === undefined || recipe.method === 'ratio' ? 'time' : recipe.method
  const times = clues.times ?? (yield* sharesOf(order, ends))
  const parts = yield* split(order.length, { ...recipe, method, together: undefined }, { ...clues, times })
  const sides = new Uint8Array(order.length).fill(PARTS.test)
  for (const name of ['train', 'validation'] as const) {
    const rows = parts[name]
    yield* eachStretch(rows.length, (from, to) => {
      for (const row of rows.subarray(from, to)) sides[row] = PARTS[name]
    })
  }
  return sides
}

/** How far into its series each row is, which stands for its time. */
function* sharesOf(order: Uint32Array, ends: Uint32Array): Steps<Float64Array> {
  const shares = new Float64Array(order.length)
  let series = 0
  yield* eachStretch(order.length, (first, last) => {
    for (let i = first; i < last; i++) {
      while (i >= at(ends, series + 1)) series++
      const [from, to] = [at(ends, series), at(ends, series + 1)]
      shares[at(order, i)] = (i - from) / (to - from)
    }
  })
  return shares
}

/** Where each window begins in `order`, whose rows, up to that `reach` places on, lie in one series. */
export function startsOf({ ends }: Sequences, { length, stride }: Windows, reach: number): Uint32Array {
  const longest = Math.max(length - 1, reach)
  const countIn = (series: number) =>
    Math.max(0, Math.ceil((at(ends, series + 1) - at(ends, series) - longest) / stride))
  let count = 0
  for (let series = 0; series + 1 < ends.length; series++) count += countIn(series)
  const starts = new Uint32Array(count)
  let filled = 0
  for (let series = 0; series + 1 < ends.length; series++)
    for (let i = 0, most = countIn(series); i < most; i++) starts[filled++] = at(ends, series) + i * stride
  return starts
}

/** From the first row of a window to the one that holds its target. */
export const reachOf = ({ length, horizon }: Windows) => length - 1 + horizon

/** The windows that begin at these places. */
export function* windowsAt({ order }: Sequences, starts: Uint32Array, windows: Windows): Steps<ExampleRows> {
  const reach = reachOf(windows)
  const targets = new Uint32Array(starts.length)
  yield* eachStretch(starts.length, (from, to) => {
    for (let i = from; i < to; i++) targets[i] = order[at(starts, i) + reach] ?? 0
  })
  return { order, starts, lines: windows.length, targets }
}

/** What windows are about that begin at these places: a row, or, where their series ends before it, its last row and how far beyond. */
export interface Aims {
  readonly rows: Uint32Array
  readonly beyond: Uint32Array
}

export function* aimsOf({ order, ends }: Sequences, starts: Uint32Array, windows: Windows): Steps<Aims> {
  const reach = reachOf(windows)
  const aims = { rows: new Uint32Array(starts.length), beyond: new Uint32Array(starts.length) }
  let series = 0
  yield* eachStretch(starts.length, (first, end) => {
    for (let i = first; i < end; i++) {
      const from = at(starts, i)
      while (from >= at(ends, series + 1)) series++
      const last = at(ends, series + 1) - 1
      aims.rows[i] = at(order, Math.min(last, from + reach))
      aims.beyond[i] = Math.max(0, from + reach - last)
    }
  })
  return aims
}
