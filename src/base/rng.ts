/**
 * Counter-based random numbers: draw `i` of stream `key` is a pure function of (key, i), so any part of a run (initial
 * weights, shuffle of epoch 7, generated sample 312) replays exactly without replaying what came before, on any machine.
 * Generator: Philox-2x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 */
import { hash32 } from './hash.ts'

const MULTIPLIER = 0xd256d193
const WEYL = 0x9e3779b9

/** High 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const low = Math.imul(a0, b0) >>> 0
  const middle1 = a1 * b0 + (low >>> 16)
  const middle2 = a0 * b1 + (middle1 % 0x10000)
  return (a1 * b1 + Math.floor(middle1 / 0x10000) + Math.floor(middle2 / 0x10000)) >>> 0
}

export class Rng {
  readonly #key: number
  #counter = 0
  #high = 0

  /** A stream of its own for each (seed, path): `new Rng(seed, 'shuffle', epoch)`. */
  constructor(seed: number, ...path: readonly (string | number)[]) {
    const name = `${seed}/${path.join('/')}`
    this.#key = hash32(name)
    this.#high = hash32(name, 0x5bd1e995)
  }

  /** Next 32 random bits, as an unsigned number. */
  bits(): number {
    let left = this.#counter++ >>> 0
    let right = this.#high
    let key = this.#key
    for (let round = 0; round < 10; round++) {
      const high = mulHigh(MULTIPLIER, left)
      const low = Math.imul(MULTIPLIER, left) >>> 0
      left = (high ^ key ^ right) >>> 0
      right = low
      key = (key + WEYL) >>> 0
    }
    return left
  }

  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.bits() / 4294967296)
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
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const swap = order[i] as number
      order[i] = order[j] as number
      order[j] = swap
    }
    return order
  }
}
