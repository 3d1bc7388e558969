/** Numbers of a set that memory does not hold, for tests. */
import type { HeldNumbers, StoredNumbers } from '../../src/data/types.ts'

/** A file as a store has it, which knows what was read of it. */
export class Kept implements StoredNumbers {
  readonly kind: StoredNumbers['kind']
  readonly length: number
  readonly byteLength: number
  readonly #numbers: HeldNumbers
  readonly reads: [number, number][] = []

  constructor(numbers: HeldNumbers) {
    this.kind = numbers instanceof Uint8Array ? 'bytes' : 'floats'
    this.length = numbers.length
    this.byteLength = numbers.byteLength
    this.#numbers = numbers
  }

  subarray(from: number, to: number): HeldNumbers {
    this.reads.push([from, to])
    return this.#numbers.slice(from, to)
  }

  async read(from: number, to: number): Promise<HeldNumbers> {
    await Promise.resolve()
    return this.subarray(from, to)
  }
}
