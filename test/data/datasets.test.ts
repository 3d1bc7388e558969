import { describe, expect, test } from 'vitest'
import { readParams, type ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { datasets } from '../../src/data/index.ts'
import type { RawExamples } from '../../src/data/types.ts'

function make(type: string, params: ParamValues = {}, seed = 1): RawExamples {
  const dataset = datasets.get(type)
  if (!dataset) throw new Error(type)
  const { values, problems } = readParams(dataset.params, params, type)
  expect(problems).toEqual([])
  return dataset.generate(values, (example) => new Rng(seed, 'test', example))
}

/** Points as [x, y, class]. */
function points(type: string, params: ParamValues): [number, number, number][] {
  const { features, targets, count } = make(type, params)
  return Array.from({ length: count }, (_, i) => [
    features[2 * i] ?? NaN,
    features[2 * i + 1] ?? NaN,
    targets[i] ?? NaN,
  ])
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const deviation = (values: readonly number[]) => {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

describe.each([...datasets.values()])('$type', (dataset) => {
  const few = { count: 40 }

  test('has help and says what it gives', () => {
    expect(dataset.doc.length).toBeGreaterThan(40)
    expect(dataset.title).not.toBe('')
    const made = make(dataset.type, few)
    expect(made.count).toBe(40)
    expect(made.shape).toEqual(dataset.features)
    expect(made.target).toEqual(dataset.target)
    expect(made.features).toHaveLength(40 * sizeOf(dataset.features))
    expect(made.targets).toHaveLength(40)
  })

  test('is the same for the same seed and another for another', () => {
    expect(make(dataset.type, few)).toEqual(make(dataset.type, few))
    expect(make(dataset.type, few, 2).features).not.toEqual(make(dataset.type, few).features)
  })

  test('has the same first examples however many are asked for', () => {
    const small = make(dataset.type, few)
    const large = make(dataset.type, { count: 97 })
    expect(large.features.subarray(0, small.features.length)).toEqual(small.features)
    expect(large.targets.subarray(0, 40)).toEqual(small.targets)
  })

  test('holds examples that are all different', () => {
    const { features, shape } = make(dataset.type, { count: 200 })
    const size = sizeOf(shape)
    const texts = Array.from({ length: 200 }, (_, i) => features.subarray(i * size, (i + 1) * size).join())
    expect(new Set(texts).size).toBe(200)
  })

  test('gives finite numbers at the ends of every parameter', () => {
    for (const [name, spec] of Object.entries(dataset.params)) {
      if (name === 'count' || (spec.kind !== 'real' && spec.kind !== 'int')) continue
      for (const value of [spec.min, spec.max]) {
        const made = make(dataset.type, { ...few, [name]: value })
        expect([...made.features, ...made.targets].every(Number.isFinite)).toBe(true)
      }
    }
  })

  test('has as many examples of each class', () => {
    if (dataset.target.kind !== 'classes') return
    const counts = new Map<number, number>()
    for (const code of make(dataset.type, few).targets) counts.set(code, (counts.get(code) ?? 0) + 1)
    const classes = dataset.target.names.length
    expect([...counts.values()]).toEqual(new Array(classes).fill(40 / classes))
  })
})

describe('distributions', () => {
  test('spiral: without noise each point lies on its arm, evenly along it', () => {
    const turns = 2
    const all = points('spiral', { count: 2000, turns, noise: 0 })
    for (const [x, y, arm] of all) {
      const radius = Math.hypot(x, y)
      const off = Math.atan2(y, x) - (2 * Math.PI * turns * radius + Math.PI * arm)
      expect(Math.cos(off)).toBeCloseTo(1, 4)
    }
    // Even over the disk's area means that half of the points lie outside 1 / sqrt(2).
    const outside = all.filter(([x, y]) => Math.hypot(x, y) > Math.SQRT1_2).length
    expect(outside / 2000).toBeGreaterThan(0.46)
    expect(outside / 2000).toBeLessThan(0.55)
  })

  test('spiral: the other arm does not satisfy the same equation', () => {
    const [x, y, arm] = points('spiral', { count: 4, turns: 2, noise: 0 })[0] ?? [0, 0, 0]
    const off = Math.atan2(y, x) - (4 * Math.PI * Math.hypot(x, y) + Math.PI * (1 - arm))
    expect(Math.cos(off)).toBeCloseTo(-1, 4)
  })

  test('moons: without noise each point lies on its half circle', () => {
    for (const [x, y, moon] of points('moons', { count: 500, noise: 0 })) {
      const radius = moon === 0 ? Math.hypot(x, y) : Math.hypot(x - 1, y - 0.5)
      expect(radius).toBeCloseTo(1, 5)
      expect(moon === 0 ? y >= -1e-6 : y <= 0.5 + 1e-6).toBe(true)
    }
  })

  test('circles: radius and noise are those asked for', () => {
    const all = points('circles', { count: 4000, factor: 0.4, noise: 0.05 })
    for (const [circle, radius] of [
      [0, 1],
      [1, 0.4],
    ] as const) {
      const radii = all.filter((point) => point[2] === circle).map(([x, y]) => Math.hypot(x, y))
      expect(Math.abs(mean(radii) - radius)).toBeLessThan(0.01)
      expect(Math.abs(deviation(radii) - 0.05)).toBeLessThan(0.005)
    }
  })

  test('xor: all four corners, and the class is whether the coordinates differ', () => {
    const corners = new Map<string, number>()
    for (const [x, y, different] of points('xor', { count: 1000, noise: 0 })) {
      expect(different).toBe(x === y ? 0 : 1)
      corners.set(`${x},${y}`, (corners.get(`${x},${y}`) ?? 0) + 1)
    }
    expect([...corners.keys()].sort()).toEqual(['0,0', '0,1', '1,0', '1,1'])
    for (const count of corners.values()) expect(Math.abs(count - 250)).toBeLessThan(50)
  })

  test('sine: y strays from sin x by the noise alone, x is uniform over a period', () => {
    const { features, targets } = make('sine', { count: 5000, noise: 0.2 })
    const x = Array.from(features)
    const rest = Array.from(targets, (y, i) => y - Math.sin(x[i] ?? NaN))
    expect(Math.abs(mean(rest))).toBeLessThan(0.01)
    expect(Math.abs(deviation(rest) - 0.2)).toBeLessThan(0.01)
    expect(Math.abs(mean(x) - Math.PI)).toBeLessThan(0.08)
    expect(Math.abs(deviation(x) - (2 * Math.PI) / Math.sqrt(12))).toBeLessThan(0.05)
  })
})

describe('stroke digits', () => {
  const SIZE = 784
  const { targets, count, ...made } = make('strokeDigits', { count: 1200 })
  const features = Uint8Array.from(made.features)
  const picture = (i: number) => features.subarray(i * SIZE, (i + 1) * SIZE)

  test('are ink on empty paper that stays clear of the edge', () => {
    for (let i = 0; i < count; i++) {
      const pixels = picture(i)
      const inked = pixels.filter((pixel) => pixel > 100).length
      expect(inked).toBeGreaterThan(15)
      expect(inked).toBeLessThan(300)
      for (let k = 0; k < 28; k++) {
        expect([pixels[k], pixels[27 * 28 + k], pixels[k * 28], pixels[k * 28 + 27]]).toEqual([0, 0, 0, 0])
      }
    }
  })

  test('have soft edges: grey between paper and ink', () => {
    const greys = features.filter((pixel) => pixel > 40 && pixel < 140).length
    expect(greys / features.filter((pixel) => pixel > 0).length).toBeGreaterThan(0.1)
  })

  /** Share of the second half whose nearest class mean of the first half is that of its own label. */
  function nearestMean(labelOf: (i: number) => number): number {
    const half = count / 2
    const means = Array.from({ length: 10 }, () => new Float64Array(SIZE))
    for (let i = 0; i < half; i++) {
      const sums = means[labelOf(i)] ?? new Float64Array()
      picture(i).forEach((pixel, k) => (sums[k] = (sums[k] ?? 0) + (10 * pixel) / half))
    }
    let right = 0
    for (let i = half; i < count; i++) {
      const pixels = picture(i)
      const distances = means.map((sums) => pixels.reduce((sum, pixel, k) => sum + (pixel - (sums[k] ?? 0)) ** 2, 0))
      if (distances.indexOf(Math.min(...distances)) === labelOf(i)) right++
    }
    return right / half
  }

  test('differ between classes and vary within them: the nearest mean picture is right often, not always', () => {
    const share = nearestMean((i) => targets[i] ?? 0)
    expect(share).toBeGreaterThan(0.6)
    expect(share).toBeLessThan(0.92)
  })

  test('cannot be told by labels that have nothing to do with them', () => {
    const labels = new Rng(7, 'shuffled').permutation(count)
    expect(nearestMean((i) => (labels[i] ?? 0) % 10)).toBeLessThan(0.2)
  })

  test('vary more with more variety', () => {
    const spread = (variety: number) => {
      const made = Uint8Array.from(make('strokeDigits', { count: 200, variety }).features)
      const threes = Array.from({ length: 20 }, (_, i) => made.subarray((i * 10 + 3) * SIZE, (i * 10 + 4) * SIZE))
      return mean(
        threes
          .slice(1)
          .map((pixels) => pixels.reduce((sum, pixel, k) => sum + Math.abs(pixel - (threes[0]?.[k] ?? 0)), 0)),
      )
    }
    expect(spread(0)).toBeLessThan(spread(1))
  })
})
