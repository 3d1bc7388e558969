/**
 * Where the bars of a weight's histogram go: the newest in front as bars, older ones behind it as outlines, each a
 * little higher than the next newer one. All share one horizontal axis. Every slice is as high as the box allows at its own
 * peak: what is compared over time is the shape and the place, not the count.
 */
import type { WeightHistogram } from '../../src/protocol/messages.ts'

export interface Box {
  readonly width: number
  readonly height: number
}

export interface Bar {
  readonly left: number
  readonly right: number
  readonly top: number
}

export interface Slice {
  readonly step: number
  readonly baseline: number
  /** 0 for the newest, 1 for the oldest. */
  readonly age: number
  readonly bars: readonly Bar[]
}

export interface HistogramLayout {
  readonly low: number
  readonly high: number
  /** Values beyond the axis exist on that side. */
  readonly more: { readonly below: boolean; readonly above: boolean }
  /** Oldest first, so that painting in order puts the newest in front. */
  readonly slices: readonly Slice[]
  /** Place of zero, where it is on the axis. */
  readonly zero: number | null
}

/** Share of the values that may lie beyond the axis on each side. */
const TAIL = 0.005
/** Share of the height over which older slices are spread. */
const RIDGE = 0.42
/** Width of a bar that stands for a single value. */
const NEEDLE = 3

/** `given`: oldest first, the newest last. */
export function layoutHistogram(given: readonly WeightHistogram[], box: Box): HistogramLayout {
  const slices = given.map(mergeBins)
  const ranges = slices.map(trimmedRange)
  let low = Math.min(...ranges.map((range) => range[0]))
  let high = Math.max(...ranges.map((range) => range[1]))
  if (!(low < high)) {
    const middle = Number.isFinite(low) ? low : 0
    const half = Math.max(Math.abs(middle) / 2, 0.5)
    low = middle - half
    high = middle + half
  }
  const x = (value: number) => ((value - low) / (high - low)) * box.width
  const steps = slices.length - 1
  const ridge = steps > 0 ? RIDGE * box.height * Math.min(1, 0.4 + steps / 10) : 0
  const newest = slices.at(-1)
  return {
    low,
    high,
    more: { below: newest !== undefined && newest.min < low, above: newest !== undefined && newest.max > high },
    zero: low <= 0 && high >= 0 ? x(0) : null,
    slices: slices.map((slice, i) => {
      const age = steps > 0 ? (steps - i) / steps : 0
      const baseline = box.height - age * ridge
      return { step: slice.step, baseline, age, bars: barsOf(slice, baseline, box.height - ridge) }
    }),
  }

  function barsOf(slice: WeightHistogram, baseline: number, height: number): Bar[] {
    const { counts } = slice
    if (counts.every((count) => count === 0)) return []
    if (slice.min === slice.max) {
      // All values are equal: a needle, whatever the width of the bin that holds them.
      const middle = Math.min(Math.max(x(slice.min), NEEDLE / 2), box.width - NEEDLE / 2)
      return [{ left: middle - NEEDLE / 2, right: middle + NEEDLE / 2, top: baseline - height }]
    }
    let peak = 0
    for (const count of counts) peak = Math.max(peak, count)
    const bars: Bar[] = []
    const width = (slice.high - slice.low) / counts.length
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i] as number
      const left = slice.low + i * width
      if (count === 0 || left >= high || left + width <= low) continue
      bars.push({
        left: Math.max(0, x(left)),
        right: Math.min(box.width, x(left + width)),
        top: baseline - (count / peak) * height,
      })
    }
    return bars
  }
}

/** Outer edges of the bins that hold all but the tails. */
export function trimmedRange(slice: WeightHistogram): [number, number] {
  const { counts } = slice
  if (slice.min === slice.max) return [slice.min, slice.max]
  let total = 0
  for (const count of counts) total += count
  if (total === 0) return [slice.low, slice.high]
  let first = 0
  let last = counts.length - 1
  for (let sum = counts[first] ?? 0; sum <= total * TAIL && first < last; sum += counts[first] ?? 0) first++
  for (let sum = counts[last] ?? 0; sum <= total * TAIL && last > first; sum += counts[last] ?? 0) last--
  const width = (slice.high - slice.low) / counts.length
  return [slice.low + first * width, slice.low + (last + 1) * width]
}

/**
 * Ten values in fifty bins are a comb, not a shape: neighbouring bins are put together until there are about as many as the
 * values can fill (three times the cube root of their number; Rice's rule says two). All merged bins are of equal width.
 */
export function mergeBins(slice: WeightHistogram): WeightHistogram {
  const bins = slice.counts.length
  const wanted = Math.max(8, Math.ceil(3 * Math.cbrt(slice.size)))
  let factor = Math.max(1, Math.floor(bins / wanted))
  while (bins % factor !== 0) factor--
  if (factor === 1) return slice
  const counts = new Uint32Array(bins / factor)
  slice.counts.forEach((count, i) => {
    const at = Math.floor(i / factor)
    counts[at] = (counts[at] as number) + count
  })
  return { ...slice, counts }
}

/** At most `most` of the items, evenly spread by step, the first always among them. */
export function pickEvenly<T extends { readonly step: number }>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  const first = items[0]
  const last = items.at(-1)
  if (first === undefined || last === undefined || most < 1) return []
  const picked: T[] = []
  let next = 0
  for (let k = 0; k < most; k++) {
    const wanted = first.step + ((last.step - first.step) * k) / most
    // Leave enough items for the picks that are still to come.
    const latest = items.length - (most - k)
    while (next < latest && Math.abs((items[next + 1] as T).step - wanted) < Math.abs((items[next] as T).step - wanted))
      next++
    picked.push(items[next] as T)
    next++
  }
  return picked
}

/**
 * Older histograms of one weight, thinned as they come: every `stride`-th is kept, and when there are too many, every other one
 * goes and the stride doubles. So the gaps are even and the same run always keeps the same slices.
 */
export class HistogramHistory {
  readonly most: number
  #stride = 1
  #seen = 0
  #kept: WeightHistogram[] = []

  constructor(most = 32) {
    this.most = most
  }

  get kept(): readonly WeightHistogram[] {
    return this.#kept
  }

  /** Takes what an engine has already thinned, oldest first. */
  restore(slices: readonly WeightHistogram[]): void {
    this.#kept = []
    this.#stride = 1
    this.#seen = 0
    for (const slice of slices) this.add(slice)
  }

  add(slice: WeightHistogram): void {
    if (this.#seen % this.#stride === 0) this.#kept.push(slice)
    this.#seen++
    if (this.#kept.length > this.most) {
      this.#kept = this.#kept.filter((_, i) => i % 2 === 0)
      this.#stride *= 2
    }
  }
}

/** What a histogram shows, in words. */
export function describeHistogram(histogram: WeightHistogram, format: (value: number) => string): string {
  const parts = [
    `${histogram.path} at step ${histogram.step}: ${histogram.size} ${histogram.size === 1 ? 'value' : 'values'}`,
    `mean ${format(histogram.mean)}, standard deviation ${format(histogram.deviation)}`,
    `from ${format(histogram.min)} to ${format(histogram.max)}`,
  ]
  if (histogram.zeros > 0) parts.push(`${histogram.zeros} exactly zero`)
  if (histogram.nonFinite > 0) parts.push(`${histogram.nonFinite} not finite`)
  return `${parts.join(', ')}.`
}
