/** Room for the numbers of examples: in memory where they fit there, else where the job's store keeps them. */
import { problem, ProblemError } from '../base/problem.ts'
import { showBytes } from '../base/shape.ts'
import { MAX_EXAMPLE_BYTES, MAX_STORED_BYTES, MAX_STORED_EXAMPLE } from './limits.ts'
import type { HeldNumbers, Job, NumberSink, StoredNumbers } from './types.ts'

/** How many bytes the numbers of a set may take. */
export interface Limit {
  readonly bytes: number
  /** For people, e.g. `2.1 GB`, or `900 MB (what the disk has free)`. */
  readonly shown: string
}

/** Where nothing is stored. */
export const HELD: Limit = { bytes: MAX_EXAMPLE_BYTES, shown: showBytes(MAX_EXAMPLE_BYTES) }

export async function limitOf({ store }: Job): Promise<Limit> {
  if (!store) return HELD
  const free = Math.max(store.budget, await store.free())
  if (free >= MAX_STORED_BYTES) return { bytes: MAX_STORED_BYTES, shown: showBytes(MAX_STORED_BYTES) }
  return { bytes: free, shown: `${showBytes(free)} (what the disk has free)` }
}

/** Room for `count` examples of `size` numbers, after `limitOf` was asked. */
export function roomFor({ store }: Job, kind: StoredNumbers['kind'], count: number, size: number): Promise<NumberSink> {
  const each = size * (kind === 'bytes' ? 1 : 4)
  if (!store || count * each <= store.budget) return Promise.resolve(new HeldSink(kind, count * size))
  if (each <= MAX_STORED_EXAMPLE) return store.create(kind, count * size)
  const message = `One example takes ${showBytes(each)}; ${showBytes(MAX_STORED_EXAMPLE)} are the most in a set that memory does not hold. Make the examples smaller.`
  throw new ProblemError(problem('data.large', message))
}

/** Numbers that have come before there is room for all that were promised: a promise costs nothing. */
const EARNEST = 1 << 24

class HeldSink implements NumberSink {
  readonly #length: number
  #values: HeldNumbers
  #filled = 0

  constructor(kind: StoredNumbers['kind'], length: number) {
    this.#length = length
    const room = Math.min(length, EARNEST)
    this.#values = kind === 'bytes' ? new Uint8Array(room) : new Float32Array(room)
  }

  write(values: HeldNumbers): Promise<void> {
    if (this.#filled + values.length > this.#values.length) {
      const before = this.#values
      this.#values = before instanceof Uint8Array ? new Uint8Array(this.#length) : new Float32Array(this.#length)
      this.#values.set(before)
    }
    this.#values.set(values, this.#filled)
    this.#filled += values.length
    return Promise.resolve()
  }

  done(): Promise<HeldNumbers> {
    const used = this.#values.subarray(0, this.#filled)
    // Copied only where that frees much.
    return Promise.resolve(this.#filled * 2 < this.#values.length ? used.slice() : used)
  }
}
