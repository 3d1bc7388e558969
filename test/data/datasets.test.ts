import { describe, expect, test } from 'vitest'
import { readParams, type ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { datasets, generatedSource, loadSource } from '../../src/data/index.ts'
import type { RawExamples } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { messages, valueOf } from './files.ts'

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

  test('sine: a margin keeps x away from both ends', () => {
    const x = make('sine', { count: 2000, margin: 0.2 }).features
    expect(Math.min(...x)).toBeGreaterThanOrEqual(Math.fround(0.2))
    expect(Math.min(...x)).toBeLessThan(0.22)
    expect(Math.max(...x)).toBeGreaterThan(2 * Math.PI - 0.22)
    expect(Math.max(...x)).toBeLessThan(2 * Math.PI - 0.2)
  })

  test('linear: least squares finds slope and intercept, and the rest is the noise', () => {
    const { features, targets } = make('linear', { count: 5000, slope: -1.5, intercept: 7, noise: 0.3 })
    const [x, y] = [Array.from(features), Array.from(targets)]
    const [mx, my] = [mean(x), mean(y)]
    const slope = mean(x.map((value, i) => (value - mx) * ((y[i] ?? NaN) - my))) / deviation(x) ** 2
    expect(slope).toBeCloseTo(-1.5, 1)
    expect(my - slope * mx).toBeCloseTo(7, 1)
    const rest = deviation(y.map((value, i) => value - slope * (x[i] ?? NaN)))
    expect(Math.abs(rest - 0.3)).toBeLessThan(0.01)
    expect(Math.abs(mx - 2)).toBeLessThan(0.03)
    expect(Math.abs(deviation(x) - 2 / Math.sqrt(12))).toBeLessThan(0.02)
  })

  test.each([
    ['and', [0, 0, 0, 1]],
    ['or', [0, 1, 1, 1]],
    ['xor', [0, 1, 1, 0]],
  ] as const)('logic gate: %s has its truth table, and noise on all three numbers', (gate, truth) => {
    const corners = points('logicGate', { count: 8, gate, noise: 0 })
    for (const [a, b, y] of corners) expect(y).toBe(truth[2 * a + b])
    expect(new Set(corners.map(([a, b]) => `${a},${b}`)).size).toBe(4)
    const noisy = points('logicGate', { count: 4000, gate, noise: 0.05 })
    for (const place of [0, 1, 2] as const) {
      const off = noisy.map((point, i) => point[place] - (corners[i % 4]?.[place] ?? NaN))
      expect(Math.abs(mean(off))).toBeLessThan(0.005)
      expect(Math.abs(deviation(off) - 0.05)).toBeLessThan(0.003)
    }
  })

  test.each([
    ['icons3x3', 3, 4, 1],
    ['icons4x4', 4, 2, 4],
    ['icons8x8', 8, 4, 36],
  ] as const)(
    '%s: every shape at every place once, all of it on the picture, then again',
    (type, size, shapes, places) => {
      const { features, targets, count } = make(type, { count: shapes * places + 4, noise: 0 })
      const pictures = Array.from({ length: count }, (_, i) => features.subarray(i * size ** 2, (i + 1) * size ** 2))
      expect(new Set(pictures.map((picture) => picture.join())).size).toBe(shapes * places)
      expect(pictures.at(-1)).toEqual(pictures[3])
      // What a shape looks like does not depend on its place: rows and columns without white are cut away.
      const cut = pictures.map((picture) => {
        const white = Array.from(picture.keys()).filter((k) => picture[k] === 255)
        const [rows, columns] = [white.map((k) => Math.floor(k / size)), white.map((k) => k % size)]
        const [top, left] = [Math.min(...rows), Math.min(...columns)]
        expect([Math.max(...rows) - top, Math.max(...columns) - left]).toEqual([2, 2])
        return white.map((_, i) => `${(rows[i] ?? 0) - top},${(columns[i] ?? 0) - left}`).join(' ')
      })
      const seen = new Map(cut.map((text, i) => [text, targets[i]]))
      expect(seen.size).toBe(shapes)
      cut.forEach((text, i) => expect(seen.get(text)).toBe(targets[i]))
      // Half of the noise is cut off; the rest has the moments of max(0, N(0, 0.1)): mean 0.1 / √(2 π), mean square 0.1² / 2.
      const off = Array.from(
        make(type, { count: 500, noise: 0.1 }).features,
        (grey) => Math.min(grey, 255 - grey) / 255,
      )
      expect(Math.abs(mean(off) - 0.1 / Math.sqrt(2 * Math.PI))).toBeLessThan(0.003)
      expect(Math.abs(mean(off.map((value) => value ** 2)) - 0.005)).toBeLessThan(0.0005)
    },
  )

  test('adding: one mark in each half, the target is the sum of what is marked', () => {
    const length = 7
    const { features, targets, count, shape } = make('adding', { count: 3000, length })
    expect(shape).toEqual([7, 2])
    for (let i = 0; i < count; i++) {
      const pairs = Array.from({ length }, (_, t) => Array.from(features.subarray((i * length + t) * 2).subarray(0, 2)))
      const marked = pairs.flatMap(([value = 0, mark], t) => (mark === 1 ? [{ value, t }] : []))
      expect(pairs.filter(([, mark]) => mark === 0)).toHaveLength(length - 2)
      expect(marked.map(({ t }) => t >= 3)).toEqual([false, true])
      expect(marked.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(targets[i] ?? NaN, 6)
    }
    // 1/6 is the variance of the sum of two uniform numbers.
    expect(Math.abs(deviation(Array.from(targets)) ** 2 - 1 / 6)).toBeLessThan(0.01)
    expect(Math.abs(mean(Array.from(targets)) - 1)).toBeLessThan(0.02)
  })

  test('waves: without noise two values and the pitch give the next one', () => {
    const length = 12
    const { features, targets, count } = make('waves', { count: 300, length, noise: 0 })
    for (let i = 0; i < count; i++) {
      const x = [...features.subarray(i * length, (i + 1) * length), targets[i] ?? NaN]
      // x[t + 1] + x[t - 1] = 2 cos(pitch) x[t], with the same pitch all along; the largest value gives it best.
      const t =
        1 + x.slice(1, -1).reduce((best, value, k, all) => (Math.abs(value) > Math.abs(all[best] ?? 0) ? k : best), 0)
      const twice = ((x[t + 1] ?? NaN) + (x[t - 1] ?? NaN)) / (x[t] ?? NaN)
      expect(
        x.slice(1, -1).every((value, k) => Math.abs((x[k + 2] ?? NaN) + (x[k] ?? NaN) - twice * value) < 1e-5),
      ).toBe(true)
      const period = (2 * Math.PI) / Math.acos(twice / 2)
      expect(period).toBeGreaterThan(7.99)
      expect(period).toBeLessThan(20.02)
    }
  })
})

test('a set whose shape depends on a parameter says which', () => {
  const source = valueOf(generatedSource('adding', { length: 9, count: 10 }))
  expect(source.features).toEqual([9, 2])
  const section = { ...emptyDocument().data, source }
  expect(valueOf(loadSource(section)).data).toMatchObject({ count: 10, shape: [9, 2] })
  const other = loadSource({ ...section, source: { ...source, features: [8, 2] } })
  expect(messages(other).join()).toContain('examples of [8, 2], but they are [9, 2]')
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
