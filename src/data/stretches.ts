/** Passes over many rows, a stretch of them at a time, so that others have their turn between two. */
import { at } from '../base/assert.ts'
import type { Steps } from './numbers.ts'

/** Rows of a stretch: a few milliseconds' work. */
export const STRETCH = 1 << 15

/** Shows 0 … `count` by stretches [from, to). What they are counted as is said elsewhere. */
export function* eachStretch(count: number, visit: (from: number, to: number) => void): Steps<void> {
  for (let from = 0; from < count; from += STRETCH) {
    visit(from, Math.min(count, from + STRETCH))
    yield 0
  }
}

/** 0, 1, 2 and so on. */
export function countTo(length: number): Uint32Array {
  const numbers = new Uint32Array(length)
  for (let i = 0; i < length; i++) numbers[i] = i
  return numbers
}

/** The values at these places, in `out`. */
export function* picked<A extends Uint8Array | Uint32Array | Float64Array>(
  values: ArrayLike<number>,
  places: Uint32Array,
  out: A,
): Steps<A> {
  yield* eachStretch(places.length, (from, to) => {
    for (let i = from; i < to; i++) out[i] = at(values, at(places, i))
  })
  return out
}

/** Those of `places` for which it holds, in their order. */
export function* chosen(places: Uint32Array, isWanted: (place: number, i: number) => boolean): Steps<Uint32Array> {
  const out = new Uint32Array(places.length)
  let count = 0
  yield* eachStretch(places.length, (from, to) => {
    for (let i = from; i < to; i++) if (isWanted(at(places, i), i)) out[count++] = at(places, i)
  })
  return count === out.length ? out : out.slice(0, count)
}

/**
 * The values in rising order, or, where they are places in `keys`, in that of what these have there; equal ones stay as they stand.
 * Merges stretches that rise already (Knuth, The Art of Computer Programming 3, 5.2.4), so that what is in order is only looked at.
 * May write over `values`, and gives them or another array.
 */
export function* inOrder<A extends Uint32Array | Float64Array>(values: A, keys?: ArrayLike<number>): Steps<A> {
  // Numbers are sorted sooner by the engine than merged.
  if (!keys) yield* eachStretch(values.length, (from, to) => void values.subarray(from, to).sort())
  let runs = yield* runsIn(values, keys)
  let [source, target]: [A, A] = [values, values]
  while (runs.length > 1) {
    if (target === source) target = source.slice() as A
    const merged: number[] = []
    let done = 0
    for (let k = 0; k < runs.length; k += 2) {
      const from = merged.at(-1) ?? 0
      const [middle, end] = [at(runs, k), runs[k + 1] ?? at(runs, k)]
      for (let [begin, left] = [from, from]; begin < end;) {
        const until = Math.min(end, begin + STRETCH - done)
        left = merge(source, target, keys, { begin, until, left, right: middle + begin - left, middle, end })
        done += until - begin
        begin = until
        if (done < STRETCH) continue
        yield 0
        done = 0
      }
      merged.push(end)
    }
    runs = merged
    ;[source, target] = [target, source]
  }
  return source
}

/** Where each run of values that rise ends. */
function* runsIn(values: ArrayLike<number>, keys: ArrayLike<number> | undefined): Steps<number[]> {
  const ends: number[] = []
  yield* eachStretch(values.length, (from, to) => {
    for (let i = Math.max(1, from); i < to; i++)
      if (keyOf(keys, values[i] as number) < keyOf(keys, values[i - 1] as number)) ends.push(i)
  })
  ends.push(values.length)
  return ends
}

function keyOf(keys: ArrayLike<number> | undefined, value: number): number {
  return keys ? (keys[value] as number) : value
}

/**
 * Fills `target` from `begin` until `until` with what comes next of two runs of `source`, that from `left` to `middle` and that from
 * `right` to `end`; tells where it is in the left one.
 */
function merge(
  source: Uint32Array | Float64Array,
  target: Uint32Array | Float64Array,
  keys: ArrayLike<number> | undefined,
  { begin, until, left, right, middle, end }: Record<'begin' | 'until' | 'left' | 'right' | 'middle' | 'end', number>,
): number {
  for (let k = begin; k < until; k++) {
    const isLeft =
      right >= end || (left < middle && keyOf(keys, source[left] as number) <= keyOf(keys, source[right] as number))
    target[k] = source[isLeft ? left++ : right++] as number
  }
  return left
}
