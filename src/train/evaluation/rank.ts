/** Order, thinning and histograms: what evaluations of every kind need. */
import { at } from '../../base/assert.ts'
import { BINS, MOST_SAMPLES, type Histogram, type Ranked } from './types.ts'

/** The first `most` by value, smallest first; equal ones stay in order, and what is not a number is left out. */
export function smallest(values: ArrayLike<number>, indices: ArrayLike<number>, most = MOST_SAMPLES): Ranked[] {
  return Array.from(values, (value, i) => ({ index: at(indices, i), value }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => a.value - b.value)
    .slice(0, most)
}

export function largest(values: ArrayLike<number>, indices: ArrayLike<number>, most = MOST_SAMPLES): Ranked[] {
  return smallest(
    Array.from(values, (value) => -value),
    indices,
    most,
  ).map(({ index, value }) => ({ index, value: -value + 0 }))
}

/** At most `most` of the numbers 0 … count - 1, evenly spread, with the first and the last. */
export function spread(count: number, most: number): Uint32Array {
  if (count <= most) return Uint32Array.from({ length: count }, (_, i) => i)
  return Uint32Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)))
}

/** Equal bins from the least value to the greatest; one value alone has a bin around it. */
export function histogramOf(values: ArrayLike<number>, bins = BINS): Histogram {
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, at(values, i))
    high = Math.max(high, at(values, i))
  }
  if (values.length === 0) return { low: 0, high: 1, counts: new Uint32Array(bins) }
  if (low === high) {
    const half = Math.abs(low) / 2 || 0.5
    low -= half
    high += half
  }
  const counts = new Uint32Array(bins)
  for (let i = 0; i < values.length; i++) {
    const bin = Math.min(bins - 1, Math.floor(((at(values, i) - low) / (high - low)) * bins))
    counts[bin] = at(counts, bin) + 1
  }
  return { low, high, counts }
}

/** Examples by place whose answers, `width` each, are all numbers; and the others, by index. */
export function decidedOf(
  answers: ArrayLike<number>,
  width: number,
  indices: ArrayLike<number>,
): { readonly decided: readonly number[]; readonly undecided: readonly number[] } {
  const decided: number[] = []
  const undecided: number[] = []
  for (let i = 0; i < indices.length; i++) {
    let finite = true
    for (let k = i * width; k < (i + 1) * width; k++) if (!Number.isFinite(at(answers, k))) finite = false
    if (finite) decided.push(i)
    else undecided.push(at(indices, i))
  }
  return { decided, undecided }
}
