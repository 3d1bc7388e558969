import { describe, expect, test } from 'vitest'
import { readParams, type ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { datasets, generatedSource, loadGenerated } from '../../src/data/index.ts'
import type { HeldExamples } from '../../src/data/types.ts'
import { messages, valueOf } from './files.ts'

function make(type: string, params: ParamValues = {}, seed = 1): HeldExamples {
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
    // How often a letter follows is up to the language.
    if (dataset.target.kind !== 'classes' || dataset.type === 'textSequences') return
    const counts = new Map<number, number>()
    const classes = dataset.target.names.length
    for (const code of make(dataset.type, { count: 4 * classes }).targets) counts.set(code, (counts.get(code) ?? 0) + 1)
    expect([...counts.values()]).toEqual(new Array(classes).fill(4))
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
  expect(valueOf(loadGenerated(source)).data).toMatchObject({ count: 10, shape: [9, 2] })
  const other = loadGenerated({ ...source, features: [8, 2] })
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

describe('blobs', () => {
  test.each([
    [2, 1],
    [3, 2],
    [10, 1],
  ])('%i classes with %i centres each stand evenly on the circle', (classes, centres) => {
    const spread = 0.05
    const made = make('blobs', { count: 6000, classes, centres, spread })
    expect(made.target.names).toEqual(Array.from({ length: classes }, (_, i) => String(i + 1)))
    const all = points('blobs', { count: 6000, classes, centres, spread })
    const near = (turn: number, code: number) =>
      all.filter(([x, y, c]) => c === code && Math.hypot(x - Math.cos(turn), y - Math.sin(turn)) < 5 * spread)
    let found = 0
    for (let k = 0; k < classes * centres; k++) {
      const turn = (2 * Math.PI * k) / (classes * centres)
      const blob = near(turn, k % classes)
      found += blob.length
      expect(Math.abs(blob.length / 6000 - 1 / (classes * centres))).toBeLessThan(0.03)
      expect(Math.abs(mean(blob.map(([x]) => x)) - Math.cos(turn))).toBeLessThan(0.01)
      expect(Math.abs(mean(blob.map(([, y]) => y)) - Math.sin(turn))).toBeLessThan(0.01)
      expect(Math.abs(deviation(blob.map(([x]) => x)) - spread)).toBeLessThan(0.006)
      // Another class is not there.
      expect(near(turn, (k + 1) % classes)).toEqual([])
    }
    expect(found).toBeGreaterThan(5990)
  })

  test('say in the document how many classes there are', () => {
    const source = valueOf(generatedSource('blobs', { classes: 5 }))
    expect(source.target.names).toHaveLength(5)
    expect(valueOf(loadGenerated(source)).data).toMatchObject({ target: source.target })
    expect(messages(loadGenerated({ ...source, target: { kind: 'classes', names: ['1', '2'] } })).join()).toContain(
      'with the target 1, 2, 3, 4, 5',
    )
  })
})

test('checkerboard: the class is the colour of the square, and all squares are used', () => {
  for (const squares of [2, 3, 8]) {
    const square = (x: number) => Math.min(squares - 1, Math.floor(((x + 1) / 2) * squares))
    const counts = new Map<string, number>()
    for (const [x, y, colour] of points('checkerboard', { count: 4000, squares })) {
      expect((square(x) + square(y)) % 2).toBe(colour)
      counts.set(`${square(x)},${square(y)}`, (counts.get(`${square(x)},${square(y)}`) ?? 0) + 1)
    }
    expect(counts.size).toBe(squares ** 2)
    expect(Math.min(...counts.values())).toBeGreaterThan((0.4 * 4000) / squares ** 2)
    // Noise moves points over the borders.
    const moved = points('checkerboard', { count: 4000, squares, noise: 0.1 })
    const off = moved.filter(
      ([x, y, colour]) =>
        (Math.floor(((x + 1) / 2) * squares) + Math.floor(((y + 1) / 2) * squares) + 2 * squares) % 2 !== colour,
    )
    expect(off.length).toBeGreaterThan(150)
  }
})

describe('formula', () => {
  test.each([
    ['sin(3 x) + 0.5 x^2', 1, (x: number[]) => Math.sin(3 * (x[0] ?? 0)) + 0.5 * (x[0] ?? 0) ** 2],
    ['x1 x2 - 2 max(x1, -x4)', 4, (x: number[]) => (x[0] ?? 0) * (x[1] ?? 0) - 2 * Math.max(x[0] ?? 0, -(x[3] ?? 0))],
    ['ln(x2)', 2, (x: number[]) => Math.log(x[1] ?? 0)],
    ['3', 1, () => 3],
  ] as const)('%s has %i inputs and its own values', (formula, inputs, compute) => {
    const { features, targets, shape, count } = make('formula', { formula, count: 500, noise: 0 })
    expect(shape).toEqual([inputs])
    for (let i = 0; i < count; i++) {
      const x = Array.from(features.subarray(i * inputs, (i + 1) * inputs))
      expect(Math.abs((targets[i] ?? NaN) - compute(x))).toBeLessThan(1e-5)
    }
    const noisy = make('formula', { formula, count: 500, noise: 0.3 }).targets
    const rest = Array.from(noisy, (y, i) => y - (targets[i] ?? 0))
    expect(Math.abs(deviation(rest) - 0.3)).toBeLessThan(0.03)
  })

  test('stays where it has values, and is refused where it has none', () => {
    const { features } = make('formula', { formula: 'sqrt(x)', count: 500 })
    expect(Math.min(...features)).toBeGreaterThanOrEqual(0)
    const source = valueOf(generatedSource('formula', { formula: 'ln(x)', from: -2, to: -1 }))
    expect(messages(loadGenerated(source))).toEqual([
      'The formula ln(x) hardly has a value where its inputs lie between -2 and -1; change it or them.',
    ])
  })

  test('that is none is refused with the reason', () => {
    expect(messages(generatedSource('formula', { formula: 'sin(x' }))).toEqual([
      'Formula: Formula ends where “)” is missing.',
    ])
  })
})

describe('text sequences', () => {
  const texts = (task: string, length: number) => {
    const { features, targets, target, count } = make('textSequences', { task, length, count: 400 })
    const letter = (code: number) => target.names[code] ?? '?'
    return Array.from({ length: count }, (_, i) => {
      const known = Array.from(features.subarray(i * length, (i + 1) * length), letter).join('')
      return { known, next: letter(targets[i] ?? -1) }
    })
  }

  test('repetition: the next letter is the one a period before, and no shorter period fits all', () => {
    for (const { known, next } of texts('repetition', 17)) {
      const all = known + next
      const period = [5, 6, 7, 8].find((p) => [...known].every((letter, i) => i < p || letter === known[i - p])) ?? 0
      expect(all[17]).toBe(all[17 - period])
    }
    expect(texts('repetition', 17).some(({ known, next }) => next !== known[17 - 5])).toBe(true)
  })

  test('brackets: the next one closes the last that is open', () => {
    const closes = new Map([...['()', '[]', '{}'].map(([open = '', close = '']) => [open, close] as const)])
    const seen = new Set<string>()
    for (const { known, next } of texts('brackets', 12)) {
      const open: string[] = []
      for (const letter of known) {
        const close = closes.get(letter)
        if (close) open.push(close)
        else expect(open.pop()).toBe(letter)
      }
      expect(open.at(-1)).toBe(next)
      seen.add(next)
    }
    expect(seen).toEqual(new Set([')', ']', '}']))
  })

  test('phrases: sentences of one grammar, cut anywhere', () => {
    const list = texts('phrases', 60)
    const words = new Set(list.flatMap(({ known }) => known.split('␣').slice(1, -1)))
    expect(words.size).toBeGreaterThan(28)
    expect(words.size).toBeLessThan(45)
    for (const { known } of list) expect(known).toMatch(/^[a-z␣.]{60}$/)
    expect(new Set(list.map(({ next }) => next)).size).toBeGreaterThan(15)
  })
})

describe('anomalies', () => {
  const length = 48
  const series = (anomaly: string, change = {}) => {
    const made = make('anomalies', { count: 200, length, period: 12, noise: 0, anomaly, ...change })
    return Array.from({ length: 200 }, (_, i) => ({
      values: Array.from(made.features.subarray(i * length, (i + 1) * length)),
      wrong: made.targets[i] === 1,
    }))
  }
  /** Without noise a season repeats: how many values differ from those a period later. */
  const breaks = (values: readonly number[]) =>
    values.slice(0, -12).filter((value, t) => Math.abs(value - (values[t + 12] ?? NaN)) > 1e-4).length

  test('normal series repeat each season, and the others do not', () => {
    for (const kind of ['spike', 'dropout', 'shift', 'any']) {
      for (const { values, wrong } of series(kind)) expect(breaks(values) > 0).toBe(wrong)
    }
    expect(series('spike', { strength: 0 }).every(({ values }) => breaks(values) === 0)).toBe(true)
  })

  test('each kind is what it is called', () => {
    for (const { values } of series('spike').filter(({ wrong }) => wrong)) expect(breaks(values)).toBeLessThan(3)
    for (const { values } of series('dropout').filter(({ wrong }) => wrong))
      expect(values.filter((value, t) => t > 0 && value === values[t - 1]).length).toBeGreaterThanOrEqual(4)
    for (const { values } of series('shift').filter(({ wrong }) => wrong)) {
      const level = (from: number) => mean(values.slice(from, from + 12))
      expect(Math.abs(Math.abs(level(length - 12) - level(0)) - 0.75)).toBeLessThan(1e-4)
    }
    const three = series('any')
      .filter(({ wrong }) => wrong)
      .map(({ values }) => breaks(values))
    expect(new Set(three).size).toBeGreaterThan(3)
  })
})

describe.each([
  ['strokeLetters', 26, 0.45, 0.85],
  ['strokeShapes', 8, 0.5, 0.97],
] as const)('%s', (type, classes, least, most) => {
  const SIZE = 784
  const count = classes * 80
  const made = make(type, { count })
  const picture = (i: number) => Uint8Array.from(made.features).subarray(i * SIZE, (i + 1) * SIZE)
  const pictures = Array.from({ length: count }, (_, i) => picture(i))

  test('is ink on paper that stays clear of the edge', () => {
    for (const pixels of pictures) {
      const inked = pixels.filter((pixel) => pixel > 100).length
      expect(inked).toBeGreaterThan(12)
      expect(inked).toBeLessThan(400)
      for (let k = 0; k < 28; k++)
        expect([pixels[k], pixels[27 * 28 + k], pixels[k * 28], pixels[k * 28 + 27]]).toEqual([0, 0, 0, 0])
    }
  })

  /** Share of the second half whose nearest class mean of the first half is that of its own label. */
  function nearestMean(labelOf: (i: number) => number): number {
    const means = Array.from({ length: classes }, () => new Float64Array(SIZE))
    for (let i = 0; i < count / 2; i++) {
      const sums = means[labelOf(i)] ?? new Float64Array()
      pictures[i]?.forEach((pixel, k) => (sums[k] = (sums[k] ?? 0) + pixel / 40))
    }
    let right = 0
    for (let i = count / 2; i < count; i++) {
      const distances = means.map((sums) =>
        sums.reduce((sum, value, k) => sum + (value - (pictures[i]?.[k] ?? 0)) ** 2, 0),
      )
      if (distances.indexOf(Math.min(...distances)) === labelOf(i)) right++
    }
    return right / (count / 2)
  }

  test('the nearest mean picture is right often, not always, and never with labels that mean nothing', () => {
    const share = nearestMean((i) => made.targets[i] ?? 0)
    expect(share).toBeGreaterThan(least)
    expect(share).toBeLessThan(most)
    const labels = new Rng(7, 'shuffled').permutation(count)
    expect(nearestMean((i) => (labels[i] ?? 0) % classes)).toBeLessThan(2.5 / classes)
  })
})

test('shapes that are turned anyhow are harder than upright ones', () => {
  const first = (turn: number) => {
    const made = Uint8Array.from(make('strokeShapes', { count: 320, variety: 0, turn }).features)
    const arrows = Array.from({ length: 40 }, (_, i) => made.subarray((i * 8 + 5) * 784, (i * 8 + 6) * 784))
    return mean(
      arrows.slice(1).map((one) => one.reduce((sum, pixel, k) => sum + Math.abs(pixel - (arrows[0]?.[k] ?? 0)), 0)),
    )
  }
  expect(first(180)).toBeGreaterThan(2 * first(0))
})
