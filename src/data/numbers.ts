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

export function areBytes(values: Numbers): boolean {
  return isStored(values) ? values.kind === 'bytes' : values instanceof Uint8Array
}

/** Each number as another one. */
export function mapped(values: Numbers, to: (value: number) => number): Numbers {
  if (!isStored(values)) return Float32Array.from(values, to)
  return {
    kind: 'floats',
    length: values.length,
    byteLength: values.length * 4,
    subarray: (from: number, end: number) => Float32Array.from(values.subarray(from, end), to),
    read: async (from: number, end: number) => Float32Array.from(await values.read(from, end), to),
  }
}

/** Examples of `size` numbers each that lie in one block. */
export function examplesInBlock(values: Numbers, size: number): number {
  return Math.max(1, Math.floor(BLOCK / Math.max(1, size * (areBytes(values) ? 1 : 4))))
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
