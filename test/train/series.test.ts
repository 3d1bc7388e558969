import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { histogram } from '../../src/train/histogram.ts'
import { Series } from '../../src/train/series.ts'

describe('a series', () => {
  test('keeps every point as long as there is room', () => {
    const series = new Series('train.loss', 10)
    for (let i = 1; i <= 10; i++) series.push(i, i * i)
    expect(series.points()).toEqual({
      name: 'train.loss',
      steps: Float64Array.from({ length: 10 }, (_, i) => i + 1),
      values: Float64Array.from({ length: 10 }, (_, i) => (i + 1) ** 2),
    })
  })

  test('thinned, it keeps extremes, order and true points (200 random curves)', () => {
    let thinned = 0
    for (let seed = 0; seed < 200; seed++) {
      const rng = new Rng(seed, 'series')
      const limit = 4 + rng.integer(60)
      const count = rng.integer(40 * limit)
      const series = new Series('x', limit)
      const all = new Map<number, number>()
      let step = 0
      for (let i = 0; i < count; i++) {
        step += 1 + rng.integer(3)
        const value = rng.uniform() < 0.02 ? rng.normal(0, 1e6) : rng.integer(5)
        all.set(step, value)
        series.push(step, value)
        expect(series.length).toBeLessThanOrEqual(limit)
      }
      const { steps, values } = series.points()
      if (steps.length < count) thinned++
      for (let i = 0; i < steps.length; i++) {
        expect(all.get(steps[i] ?? -1), `seed ${seed}`).toBe(values[i])
        if (i > 0) expect(steps[i]).toBeGreaterThan(steps[i - 1] ?? 0)
      }
      if (count === 0) continue
      expect(Math.max(...values), `seed ${seed}`).toBe(Math.max(...all.values()))
      expect(Math.min(...values), `seed ${seed}`).toBe(Math.min(...all.values()))
    }
    expect(thinned).toBeGreaterThan(150)
  })

  test('the control: leaving out every other point loses extremes', () => {
    const series = new Series('x', 16)
    const values = Array.from({ length: 64 }, (_, i) => (i === 33 ? 100 : i % 2))
    values.forEach((value, i) => series.push(i, value))
    expect(Math.max(...series.points().values)).toBe(100)
    expect(Math.max(...values.filter((_, i) => i % 2 === 0))).toBe(0)
  })

  test('a value that is not finite does not vanish', () => {
    for (const odd of [NaN, Infinity, -Infinity]) {
      const series = new Series('x', 16)
      for (let i = 0; i < 100; i++) series.push(i, i === 41 ? odd : Math.sin(i))
      expect([...series.points().values].filter((value) => !Number.isFinite(value))).toEqual([odd])
    }
  })

  test('is cut after a step, and cleared', () => {
    const series = new Series('x', 100)
    for (let i = 1; i <= 10; i++) series.push(2 * i, i)
    series.cut(20)
    expect(series.length).toBe(10)
    series.cut(7)
    expect([...series.points().steps]).toEqual([2, 4, 6])
    series.cut(0)
    expect(series.length).toBe(0)
    series.push(1, 1)
    series.clear()
    expect(series.length).toBe(0)
  })
})

describe('a histogram', () => {
  /** Bins by comparing with their bounds, without the arithmetic of the original. */
  function naive(values: readonly number[], low: number, high: number, bins: number): number[] {
    const counts = new Array<number>(bins).fill(0)
    const bounds = counts.map((_, i) => low + ((high - low) * i) / bins)
    for (const value of values) {
      if (!Number.isFinite(value)) continue
      const bin = bounds.findLastIndex((bound) => bound <= value)
      counts[bin] = (counts[bin] ?? 0) + 1
    }
    return counts
  }

  test('counts as the naive loops do (200 random sets)', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = new Rng(seed, 'histogram')
      // Halves, so that bounds and values are exact in f32 and f64.
      const size = 1 + rng.integer(500)
      const spread = 40 * (1 + rng.integer(4))
      const values = Array.from({ length: size }, () => (rng.uniform() < 0.02 ? NaN : rng.integer(2 * spread + 1) / 2))
      values.push(0, spread)
      if (seed % 3 === 0) values.push(Infinity, -Infinity)
      const found = histogram('w', 7, Float32Array.from(values))
      const finite = values.filter(Number.isFinite)
      const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length
      expect(found).toMatchObject({
        path: 'w',
        step: 7,
        low: 0,
        high: spread,
        min: 0,
        max: spread,
        size: values.length,
      })
      expect(found.nonFinite).toBe(values.length - finite.length)
      expect(found.zeros).toBe(values.filter((value) => value === 0).length)
      expect([...found.counts], `seed ${seed}`).toEqual(naive(values, 0, spread, found.counts.length))
      expect(found.mean).toBeCloseTo(mean, 9)
      expect(found.deviation).toBeCloseTo(
        Math.sqrt(finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / finite.length),
        9,
      )
    }
  })

  test('the control: bins that are one off are noticed', () => {
    const values = Float32Array.of(0, 1, 2, 3, 40)
    const { counts } = histogram('w', 0, values)
    expect([...counts]).toEqual(naive([...values], 0, 40, 40))
    expect([...counts]).not.toEqual(naive([...values], 0.5, 40.5, 40))
  })

  test.each([0, 1, -3.5, 1e-30, 1e20, -3e38])(
    'of one value %d alone counts all of it, in a bin with a width',
    (value) => {
      const found = histogram('w', 0, new Float32Array(9).fill(value))
      expect(found.counts.reduce((sum, count) => sum + count, 0)).toBe(9)
      expect(found.low).toBeLessThan(Math.fround(value))
      expect(found.high).toBeGreaterThan(Math.fround(value))
      expect(Number.isFinite(found.high - found.low)).toBe(true)
      expect(found.deviation).toBe(0)
    },
  )

  test('of nothing finite is empty and says so', () => {
    const found = histogram('w', 0, Float32Array.of(NaN, Infinity))
    expect(found).toMatchObject({ size: 2, nonFinite: 2, zeros: 0, mean: 0, deviation: 0, min: 0, max: 0 })
    expect(found.counts.every((count) => count === 0)).toBe(true)
    expect(found.high).toBeGreaterThan(found.low)
    expect(histogram('w', 0, new Float32Array()).size).toBe(0)
  })

  test('of the widest range there is still counts everything', () => {
    const found = histogram('w', 0, Float32Array.of(-3.4e38, 3.4e38, 0))
    expect(found.counts.reduce((sum, count) => sum + count, 0)).toBe(3)
  })
})
