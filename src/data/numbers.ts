/**
 * Numbers wherever they are, gone over block by block: in memory, or in a file where they are more than it holds. Long work
 * comes in steps, so that one and the same arithmetic serves callers that wait and those that let others have their turn.
 */
import { Pace } from './formats/pace.ts'
import type { HeldNumbers, Job, Numbers, StoredNumbers } from './types.ts'

/** Work that may be left between two steps; each says how many examples it went over. */
export type Steps<T> = Generator<number, T, undefined>

/** Bytes that are read together. */
export const BLOCK = 1 << 20

export function isStored(values: Numbers): values is StoredNumbers {
  return !(values instanceof Float32Array || values instanceof Uint8Array)
}

/** Bytes of memory that they take. */
export function bytesHeld(values: Numbers): number {
  if (!isStored(values)) return values.byteLength
  return values.cut ? bytesHeld(values.cut.values) : 0
}

export function areBytes(values: Numbers): boolean {
  return isStored(values) ? values.kind === 'bytes' : values instanceof Uint8Array
}

/** Each number as another one. */
export function mapped(values: Numbers, to: (value: number) => number): Numbers {
  if (!isStored(values)) return Float32Array.from(values, to)
  if (values.cut) {
    const { size, step } = values.cut
    return overlapping(mapped(values.cut.values, to), values.length / size, size, step)
  }
  return {
    kind: 'floats',
    length: values.length,
    byteLength: values.length * 4,
    subarray: (from: number, end: number) => Float32Array.from(values.subarray(from, end), to),
    read: async (from: number, end: number) => Float32Array.from(await values.read(from, end), to),
  }
}

/** Examples of `size` numbers that begin `step` numbers apart: `count` of them, cut from `values` when they are asked for. */
export function overlapping(values: Numbers, count: number, size: number, step: number): StoredNumbers {
  const placeOf = (number: number) => Math.floor(number / size) * step + (number % size)
  const pick = (block: HeldNumbers, first: number, from: number, to: number) => {
    const numbers = block instanceof Uint8Array ? new Uint8Array(to - from) : new Float32Array(to - from)
    for (let next = from; next < to;) {
      const [place, end] = [placeOf(next) - first, Math.min(to, next - (next % size) + size)]
      for (let k = 0; next + k < end; k++) numbers[next + k - from] = block[place + k] as number
      next = end
    }
    return numbers
  }
  const length = count * size
  const within = (from: number, to: number) => {
    const end = Math.min(to, length)
    const first = Math.min(from, end)
    if (first === end) return [first, end, 0, 0] as const
    // Whole examples: where the last one begins, the one before it has not ended.
    return [first, end, Math.floor(first / size) * step, Math.floor((end - 1) / size) * step + size] as const
  }
  return {
    kind: areBytes(values) ? 'bytes' : 'floats',
    length,
    byteLength: values.byteLength,
    cut: { values, size, step },
    subarray(from, to) {
      const [first, end, begin, last] = within(from, to)
      return pick(values.subarray(begin, last), begin, first, end)
    },
    async read(from, to) {
      const [first, end, begin, last] = within(from, to)
      const block = isStored(values) ? await values.read(begin, last) : values.subarray(begin, last)
      return pick(block, begin, first, end)
    },
  }
}

/** Examples of `size` numbers each that lie in one block. */
export function examplesInBlock(values: Numbers, size: number): number {
  const apart = isStored(values) && values.cut ? Math.max(size, values.cut.step) : size
  return Math.max(1, Math.floor(BLOCK / Math.max(1, apart * (areBytes(values) ? 1 : 4))))
}

/**
 * Shows the examples at these places one after the other: each is the numbers [from, from + size) of a block. Places that rise
 * read each block once.
 */
export function* eachExample(
  values: Numbers,
  size: number,
  places: ArrayLike<number>,
  visit: (block: HeldNumbers, from: number, i: number) => void,
): Steps<void> {
  const most = examplesInBlock(values, size)
  const count = size === 0 ? 0 : values.length / size
  let block: HeldNumbers = new Uint8Array()
  let [from, to, shown] = [0, 0, 0]
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number
    if (place < from || place >= to) {
      yield i - shown
      shown = i
      from = Math.floor(place / most) * most
      to = Math.min(count, from + most)
      block = values.subarray(from * size, to * size)
    }
    visit(block, (place - from) * size, i)
  }
  yield places.length - shown
}

/** Does all steps at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Does them with others having their turn. `total`: about how many examples it will have gone over. */
export async function inTurns<T>(steps: Steps<T>, job: Job, total: number): Promise<T> {
  const pace = new Pace(job, total)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    if (pace.did(value)) await pace.rest()
  }
}
