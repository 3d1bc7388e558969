/** Seeded numbers for tests, kept away from where a function has a kink. */
import type { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'

/** What random numbers come from besides their name and position, where a test gives nothing else: frozen ones. */
export const FROZEN: { readonly [input: string]: readonly number[] } = { 'random/step': [3], 'random/seed': [7] }

export type Kind =
  /** Any numbers around 0. */
  | 'normal'
  /** 0.5 to 2. */
  | 'positive'
  /** 0.05 to 0.95: probabilities. */
  | 'share'
  /** At least 0.1 from 0. */
  | 'apart'
  /** No two closer than 0.05: no ties to break. */
  | 'distinct'
  /** Not near a whole number. */
  | 'fraction'
  /** 0 or 1. */
  | 'bit'
  /** Whole numbers below n. */
  | { readonly below: number }

export function numbers(rng: Rng, shape: Shape, kind: Kind = 'normal'): Float64Array {
  const size = sizeOf(shape)
  if (kind === 'distinct') {
    const order = rng.permutation(size)
    return Float64Array.from(order, (place) => (place - size / 2 + 0.5 + rng.uniform(-0.2, 0.2)) * 0.1)
  }
  const draw = (): number => {
    switch (kind) {
      case 'normal':
        return rng.normal()
      case 'positive':
        return rng.uniform(0.5, 2)
      case 'share':
        return rng.uniform(0.05, 0.95)
      case 'apart': {
        const x = rng.normal()
        return x + Math.sign(x) * 0.1
      }
      case 'fraction':
        return rng.integer(7) - 3 + rng.uniform(0.2, 0.8)
      case 'bit':
        return rng.integer(2)
      default:
        return rng.integer(kind.below)
    }
  }
  return Float64Array.from({ length: size }, draw)
}
