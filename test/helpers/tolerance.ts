/**
 * How far two results may lie apart, in one table. A difference passes when it is at most
 * `absolute + relative * |expected|`; NaN equals NaN only, an infinity only itself.
 */
export interface Tolerance {
  readonly absolute: number
  readonly relative: number
}

export const TOLERANCE = {
  f32: {
    /** Moved, never computed with; integers. */
    exact: { absolute: 0, relative: 0 },
    /** One elementwise function over its whole range; results below the smallest normal number may be 0. */
    elementwise: { absolute: 1.2e-38, relative: 3e-7 },
    /** A short chain of elementwise operations on numbers around 1. */
    chain: { absolute: 1e-6, relative: 2e-6 },
    /** A long sum of one sign. */
    longSum: { absolute: 0, relative: 1e-6 },
    /** Sums of products of up to some thousand numbers around 1: dot, convolution, pooling, small reductions. */
    product: { absolute: 5e-5, relative: 2e-5 },
    /** Sums of thousands of products. */
    deep: { absolute: 5e-4, relative: 5e-5 },
    /** Losses and weights after ten steps of training; losses of a hundred as well, if rounding decides nothing (curves.ts). */
    trained: { absolute: 2e-6, relative: 1e-5 },
  },
  f64: {
    /** The same formula in another order. */
    same: { absolute: 1e-11, relative: 1e-11 },
    /** Central differences with a step of 1e-5: their own error is about 1e-9 of the loss. */
    differences: { absolute: 2e-7, relative: 1e-6 },
    /** Numbers of a file that keeps twelve digits. */
    written: { absolute: 1e-11, relative: 1e-11 },
    /** Losses and weights after ten steps of training. */
    trained: { absolute: 1e-10, relative: 1e-10 },
  },
} as const satisfies Record<string, Record<string, Tolerance>>

function same(actual: number, expected: number, tolerance: Tolerance): boolean {
  if (Number.isNaN(expected) || Number.isNaN(actual)) return Number.isNaN(expected) && Number.isNaN(actual)
  if (actual === expected) return true
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) return false
  return Math.abs(actual - expected) <= tolerance.absolute + tolerance.relative * Math.abs(expected)
}

/** Undefined when all elements agree, else a sentence that names the element that is furthest out. */
export function difference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} elements, expected ${expected.length}`
  let count = 0
  let worst = -1
  let worstExcess = -1
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number, expected[i] as number]
    if (same(a, e, tolerance)) continue
    count++
    const excess = Math.abs(a - e) / (tolerance.absolute + tolerance.relative * Math.abs(e))
    if (worst < 0 || Number.isNaN(excess) || excess > worstExcess) {
      worst = i
      worstExcess = Number.isNaN(excess) ? Infinity : excess
    }
  }
  if (worst < 0) return undefined
  return (
    `${count} of ${expected.length} elements differ; worst at [${worst}]: ` +
    `${actual[worst]}, expected ${expected[worst]} (difference ${(actual[worst] as number) - (expected[worst] as number)})`
  )
}

export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  what = '',
): void {
  const found = difference(actual, expected, tolerance)
  if (found !== undefined) throw new Error(what ? `${what}: ${found}` : found)
}
