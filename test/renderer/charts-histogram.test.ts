import { describe, expect, test } from 'vitest'
import {
  describeHistogram,
  HistogramHistory,
  layoutHistogram,
  mergeBins,
  pickEvenly,
  trimmedRange,
} from '../../renderer/charts/histogram.ts'
import { formatShort } from '../../renderer/charts/numbers.ts'
import type { WeightHistogram } from '../../src/protocol/messages.ts'

function histogram(counts: readonly number[], part: Partial<WeightHistogram> = {}): WeightHistogram {
  const size = counts.reduce((sum, count) => sum + count, 0)
  const [low, high] = [part.low ?? 0, part.high ?? 1]
  const facts = { mean: 0.5, deviation: 0.1, min: low, max: high, zeros: 0, nonFinite: 0 }
  return { path: 'dense1.weight', step: 0, low, high, counts: Uint32Array.from(counts), size, ...facts, ...part }
}

const box = { width: 100, height: 50 }
const sizes = (bars: readonly { left: number; right: number; top: number }[], baseline: number) =>
  bars.map((bar) => [bar.left, bar.right, baseline - bar.top])

describe('layout of a histogram', () => {
  test('bars stand side by side and are as high as their share of the highest', () => {
    const { slices, low, high } = layoutHistogram([histogram([1, 2, 4, 2])], box)
    expect([low, high]).toEqual([0, 1])
    expect(sizes(slices[0]?.bars ?? [], 50)).toEqual([
      [0, 25, 12.5],
      [25, 50, 25],
      [50, 75, 50],
      [75, 100, 25],
    ])
  })

  test('empty bins have no bar', () => {
    const { slices } = layoutHistogram([histogram([3, 0, 3])], box)
    expect(slices[0]?.bars).toHaveLength(2)
  })

  test('all slices share an axis that holds each of them', () => {
    const layout = layoutHistogram(
      [histogram([1, 1], { low: -3, high: -1 }), histogram([1, 1], { low: 0, high: 1 })],
      box,
    )
    expect([layout.low, layout.high]).toEqual([-3, 1])
    expect(layout.zero).toBe(75)
    expect(layout.slices[0]?.bars[0]?.left).toBe(0)
    expect(layout.slices[1]?.bars.at(-1)?.right).toBe(100)
  })

  test('older slices stand higher, the newest on the ground, and none leaves the box', () => {
    const many = Array.from({ length: 6 }, (_, step) => histogram([1, 5, 1], { step }))
    const { slices } = layoutHistogram(many, box)
    expect(slices.at(-1)).toMatchObject({ age: 0, baseline: 50 })
    expect(slices[0]?.age).toBe(1)
    slices.forEach((slice, i) => {
      if (i > 0) expect(slice.baseline).toBeGreaterThan(slices[i - 1]?.baseline ?? 0)
      for (const bar of slice.bars) expect(bar.top).toBeGreaterThanOrEqual(-1e-9)
    })
  })

  test('a lone value far out is beyond the axis, and said to be there', () => {
    const counts = new Array<number>(50).fill(0)
    counts.fill(500, 0, 10)
    counts[49] = 1
    const layout = layoutHistogram([histogram(counts, { low: 0, high: 50 })], box)
    expect([layout.low, layout.high]).toEqual([0, 10])
    expect(layout.more).toEqual({ below: false, above: true })
    // As many as a hundredth of all are no longer a tail.
    counts[49] = 60
    expect(layoutHistogram([histogram(counts, { low: 0, high: 50 })], box).high).toBe(50)
  })

  test('equal values are a needle in the middle, however wide their bin is', () => {
    const zeros = histogram([0, 8, 0], { low: -0.5, high: 0.5, min: 0, max: 0 })
    const { slices, zero } = layoutHistogram([zeros], box)
    expect(zero).toBe(50)
    expect(slices[0]?.bars).toEqual([{ left: 48.5, right: 51.5, top: 0 }])
    // Beside a spread one they do not widen the axis.
    const layout = layoutHistogram([zeros, histogram([1, 2, 1], { low: -0.1, high: 0.1 })], box)
    expect([layout.low, layout.high]).toEqual([-0.1, 0.1])
  })

  test('nothing finite at all is an empty picture, not an error', () => {
    for (const bound of [NaN, 0]) {
      const { slices } = layoutHistogram([histogram([0, 0], { min: bound, max: bound, nonFinite: 4 })], box)
      expect(slices[0]?.bars).toEqual([])
    }
  })
})

test('merging bins loses no value and keeps the bounds', () => {
  const few = histogram(
    Array.from({ length: 64 }, (_, i) => i % 2),
    { low: -2, high: 2 },
  )
  const merged = mergeBins(few)
  expect(merged.counts.length).toBe(16)
  expect(merged.counts.reduce((sum, count) => sum + count, 0)).toBe(32)
  expect([...merged.counts]).toEqual(new Array(16).fill(2))
  expect([merged.low, merged.high]).toEqual([-2, 2])
  const many = histogram(new Array<number>(64).fill(1000))
  expect(mergeBins(many)).toBe(many)
  // 61 is prime: there are no equal groups, so the bins stay.
  const prime = histogram(new Array<number>(61).fill(0).map((_, i) => (i < 10 ? 1 : 0)))
  expect(mergeBins(prime)).toBe(prime)
})

test('the trimmed range ends at edges of bins and leaves at most half a percent out on each side', () => {
  const counts = Array.from({ length: 40 }, (_, i) => Math.round(1000 * Math.exp(-(((i - 19.5) / 5) ** 2) / 2)))
  const total = counts.reduce((sum, count) => sum + count, 0)
  const [low, high] = trimmedRange(histogram(counts, { low: 0, high: 40 }))
  const below = counts.slice(0, low).reduce((sum, count) => sum + count, 0)
  const above = counts.slice(high).reduce((sum, count) => sum + count, 0)
  expect(below).toBeLessThanOrEqual(total * 0.005)
  expect(above).toBeLessThanOrEqual(total * 0.005)
  expect(below + (counts[low] ?? 0)).toBeGreaterThan(total * 0.005)
  expect(low).toBeGreaterThan(0)
})

describe('earlier slices', () => {
  test('are thinned evenly, keep the first, and stay below their number', () => {
    const history = new HistogramHistory(16)
    for (let step = 0; step < 1000; step++) history.add(histogram([1], { step }))
    const steps = history.kept.map((slice) => slice.step)
    expect(steps.length).toBeLessThanOrEqual(16)
    expect(steps.length).toBeGreaterThanOrEqual(8)
    expect(steps[0]).toBe(0)
    const gaps = steps.slice(1).map((step, i) => step - (steps[i] as number))
    expect(new Set(gaps).size).toBe(1)
  })

  test('picks among them are spread by step, in order, without repetition', () => {
    const items = [0, 1, 2, 3, 50, 51, 98, 99, 100].map((step) => ({ step }))
    const picked = pickEvenly(items, 4).map((item) => item.step)
    expect(picked).toEqual([0, 3, 50, 98])
    expect(pickEvenly(items, 20)).toEqual(items)
    expect(new Set(pickEvenly(items, 8)).size).toBe(8)
  })
})

test('a histogram in words names what is wrong with it', () => {
  const text = describeHistogram(histogram([2, 2], { zeros: 1, nonFinite: 3, step: 40 }), formatShort)
  expect(text).toBe(
    'dense1.weight at step 40: 4 values, mean 0.5, standard deviation 0.1, from 0 to 1, 1 exactly zero, 3 not finite.',
  )
})
