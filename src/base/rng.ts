/**
 * Counter-based random numbers: draw `i` of stream `key` is a pure function of (key, i), so any part of a run (initial
 * weights, shuffle of epoch 7, generated sample 312) replays exactly without replaying what came before, on any machine.
 * Generator: Philox-2x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 */
import { hash32 } from './hash.ts'

const MULTIPLIER = 0xd256d193 | 0
const WEYL = 0x9e3779b9 | 0

/** High 32 bits of the 64-bit product of two unsigned 32-bit numbers. Signed in between: V8 keeps such numbers unboxed. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const middle1 = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) | 0
  const middle2 = (Math.imul(a0, b1) + (middle1 & 0xffff)) | 0
  return (Math.imul(a1, b1) + (middle1 >>> 16) + (middle2 >>> 16)) | 0
}

export class Rng {
  readonly #key: number
  #counter = 0
  #high = 0

  /** A stream of its own for each (seed, path): `new Rng(seed, 'shuffle', epoch)`. */
  constructor(seed: number, ...path: readonly (string | number)[]) {
    const name = `${seed}/${path.join('/')}`
    this.#key = hash32(name) | 0
    this.#high = hash32(name, 0x5bd1e995) | 0
  }

  /** Next 32 random bits, as an unsigned number. */
  bits(): number {
    let left = this.#counter++ | 0
    let right = this.#high
    let key = this.#key
    for (let round = 0; round < 10; round++) {
      const high = mulHigh(MULTIPLIER, left)
      const low = Math.imul(MULTIPLIER, left)
      left = high ^ key ^ right
      right = low
      key = (key + WEYL) | 0
    }
    return left >>> 0
  }

  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.bits() / 4294967296)
  }

  /** As many draws of `uniform`, several times as fast: two at once keep the processor busy while products are awaited. */
  fillUniform(values: Float64Array, low: number, high: number): void {
    const even = values.length - (values.length % 2)
    for (let i = 0; i < even; i += 2) {
      let leftA = this.#counter++ | 0
      let leftB = this.#counter++ | 0
      let rightA = this.#high
      let rightB = this.#high
      let key = this.#key
      for (let round = 0; round < 10; round++) {
        const highA = mulHigh(MULTIPLIER, leftA)
        const highB = mulHigh(MULTIPLIER, leftB)
        const lowA = Math.imul(MULTIPLIER, leftA)
        const lowB = Math.imul(MULTIPLIER, leftB)
        leftA = highA ^ key ^ rightA
        leftB = highB ^ key ^ rightB
        rightA = lowA
        rightB = lowB
        key = (key + WEYL) | 0
      }
      values[i] = low + (high - low) * ((leftA >>> 0) / 4294967296)
      values[i + 1] = low + (high - low) * ((leftB >>> 0) / 4294967296)
    }
    if (even < values.length) values[even] = this.uniform(low, high)
  }

  /** Uniform integer in [0, n). */
  integer(n: number): number {
    return Math.floor((this.bits() / 4294967296) * n)
  }

  /** Normal with the given mean and standard deviation (Box & Muller 1958; two draws a number). */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.bits() / 4294967296))
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Uniform permutation of 0 … n-1 (Fisher & Yates). */
  permutation(n: number): Uint32Array {
    const order = new Uint32Array(n)
    for (let i = 0; i < n; i++) order[i] = i
    // The draws of `integer`, all at once: an epoch of a small network is over sooner than its order was drawn one by one.
    const draws = new Float64Array(Math.max(0, n - 1))
    this.fillUniform(draws, 0, 1)
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor((draws[n - 1 - i] as number) * (i + 1))
      const swap = order[i] as number
      order[i] = order[j] as number
      order[j] = swap
    }
    return order
  }
}
