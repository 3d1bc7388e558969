import type { HostArray } from '../backends/types.ts'
import type { WeightHistogram } from './types.ts'

const BINS = 40

/** Distribution of all values in equal-width bins from the least to the greatest finite one; exact moments beside it. */
export function histogram(path: string, step: number, values: HostArray): WeightHistogram {
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let zeros = 0
  let finite = 0
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    finite++
    sum += value
    if (value === 0) zeros++
    if (value < min) min = value
    if (value > max) max = value
  }
  const mean = finite > 0 ? sum / finite : 0
  // All equal: one bin around the value, so that the picture has a width (also of a value so large that ± 0.5 is lost).
  const equal = !(max > min)
  const margin = equal ? Math.max(0.5, Math.abs(min) / 1000) : 0
  const low = finite === 0 ? 0 : min - margin
  const high = finite === 0 ? 1 : max + margin
  const counts = new Uint32Array(BINS)
  let squares = 0
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    squares += (value - mean) ** 2
    const bin = Math.min(BINS - 1, Math.floor(((value - low) / (high - low)) * BINS))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return {
    path,
    step,
    low,
    high,
    counts,
    size: values.length,
    mean,
    deviation: finite > 0 ? Math.sqrt(squares / finite) : 0,
    min: finite > 0 ? min : 0,
    max: finite > 0 ? max : 0,
    zeros,
    nonFinite: values.length - finite,
  }
}
