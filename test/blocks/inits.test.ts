import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import { initializers, type InitName } from '../../src/blocks/define.ts'
import inits from '../../src/train/inits/index.gen.ts'
import { initialWeight } from '../../src/train/initialize.ts'

/** The weight as a block with nothing but these would start. */
const weightOf = (shape: Shape, init: InitName | number, rng: Rng, initScale = 1) =>
  initialWeight({ shape, init, initScale }, rng)

/** Schemes that draw each element by itself: the variance that they promise, and the greatest value of a uniform one. */
type Drawn = Exclude<InitName, 'constant' | 'orthogonal'>
const schemes: { readonly [name in Drawn]: { variance(fanIn: number, fanOut: number): number; uniform: boolean } } = {
  zeros: { variance: () => 0, uniform: true },
  normal: { variance: () => 1, uniform: false },
  uniform: { variance: () => 1 / 3, uniform: true },
  heUniform: { variance: (fanIn) => 2 / fanIn, uniform: true },
  heNormal: { variance: (fanIn) => 2 / fanIn, uniform: false },
  glorotUniform: { variance: (fanIn, fanOut) => 2 / (fanIn + fanOut), uniform: true },
  glorotNormal: { variance: (fanIn, fanOut) => 2 / (fanIn + fanOut), uniform: false },
  lecunUniform: { variance: (fanIn) => 1 / fanIn, uniform: true },
  lecunNormal: { variance: (fanIn) => 1 / fanIn, uniform: false },
}

/** Weights of 1e5 elements and more, with the numbers of inputs and outputs that meet at a unit. */
const weights: readonly [name: string, shape: Shape, fanIn: number, fanOut: number][] = [
  ['a matrix', [250, 400], 250, 400],
  ['a long matrix', [20, 5000], 20, 5000],
  ['filters of 3 by 5 pixels', [3, 5, 40, 170], 3 * 5 * 40, 3 * 5 * 170],
]

describe.each(Object.entries(schemes) as [Drawn, (typeof schemes)[Drawn]][])('%s', (init, scheme) => {
  test.each(weights)('has the mean and the variance of its paper for %s', (_name, shape, fanIn, fanOut) => {
    const x = weightOf(shape, init, new Rng(1, 'w', init))
    const n = x.length
    expect(n).toBe(sizeOf(shape))
    expect(n).toBeGreaterThanOrEqual(1e5)
    const variance = scheme.variance(fanIn, fanOut)
    // Fourth central moments: 9/5 σ⁴ of a uniform, 3 σ⁴ of a normal variable.
    const fourth = (scheme.uniform ? 9 / 5 : 3) * variance ** 2
    const mean = x.reduce((sum, v) => sum + v, 0) / n
    const spread = x.reduce((sum, v) => sum + v * v, 0) / n
    expect(Math.abs(mean)).toBeLessThanOrEqual(3 * Math.sqrt(variance / n))
    expect(Math.abs(spread - variance)).toBeLessThanOrEqual(3 * Math.sqrt((fourth - variance ** 2) / n))
    const greatest = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    const limit = Math.sqrt(3 * variance)
    // A scale makes it as much greater.
    const scaled = weightOf(shape, init, new Rng(1, 'w', init), 0.25)
    expect(scaled.every((v, i) => v === Math.fround(at(x, i) * 0.25))).toBe(true)
    if (scheme.uniform) expect(greatest).toBeLessThanOrEqual(limit * (1 + 1e-6))
    else expect(greatest).toBeGreaterThan(limit * 1.5)
  })

  test('draws the same from the same stream, and something else from another', () => {
    const draw = (seed: number) => [...weightOf([3, 4], init, new Rng(seed, 'w'))]
    expect(draw(1)).toEqual(draw(1))
    if (init !== 'zeros') expect(draw(1)).not.toEqual(draw(2))
  })
})

test('every choice in the inspector has its scheme, and every scheme its choice', () => {
  expect(inits.map(({ type }) => type).sort()).toEqual(Object.keys(initializers).sort())
  for (const { source } of inits.filter(({ source }) => !source.startsWith('torch'))) expect(source).toMatch(/\d{4}/)
})

test('a bias, a scalar and a weight of nothing can be drawn', () => {
  for (const { type } of inits) {
    const lengths = [[5], [], [0, 3], [3, 0]].map((shape) => weightOf(shape, type, new Rng(1)).length)
    expect(lengths).toEqual([5, 1, 0, 0])
    for (const shape of [[5], [], [1, 1], [1, 3], [3, 1]])
      expect(weightOf(shape, type, new Rng(1)).every(Number.isFinite), `${type} ${shape.join()}`).toBe(true)
  }
})

test('a weight that starts at a number is that number everywhere', () => {
  expect([...weightOf([2, 3], 0.25, new Rng(1))]).toEqual(new Array(6).fill(0.25))
  expect([...weightOf([], 1, new Rng(1))]).toEqual([1])
  expect([...weightOf([2, 2], 'constant', new Rng(1), -0.5)]).toEqual([-0.5, -0.5, -0.5, -0.5])
})

/** Greatest distance of the products of all rows, or of all columns, from the unit matrix. */
function fromOrthonormal(x: ArrayLike<number>, rows: number, columns: number, which: 'rows' | 'columns'): number {
  const [count, length] = which === 'rows' ? [rows, columns] : [columns, rows]
  const element = (vector: number, i: number) => at(x, which === 'rows' ? vector * columns + i : i * columns + vector)
  let worst = 0
  for (let a = 0; a < count; a++)
    for (let b = 0; b < count; b++) {
      let sum = 0
      for (let i = 0; i < length; i++) sum += element(a, i) * element(b, i)
      worst = Math.max(worst, Math.abs(sum - (a === b ? 1 : 0)))
    }
  return worst
}

describe('orthogonal', () => {
  test.each([
    [[40, 40], 40, 40],
    [[70, 30], 70, 30],
    [[30, 70], 30, 70],
    [[3, 3, 4, 50], 36, 50],
    [[3, 3, 20, 8], 180, 8],
    [[1, 5], 1, 5],
  ] as const)('%j has orthonormal rows or columns', (shape, rows, columns) => {
    const x = weightOf(shape, 'orthogonal', new Rng(3, shape.join()))
    const near = 2e-6
    expect(fromOrthonormal(x, rows, columns, rows <= columns ? 'rows' : 'columns')).toBeLessThan(near)
    // The controls: more vectors than dimensions can't be, and independent numbers are not.
    if (rows !== columns)
      expect(fromOrthonormal(x, rows, columns, rows <= columns ? 'columns' : 'rows')).toBeGreaterThan(0.1)
    if (rows > 1)
      expect(
        fromOrthonormal(
          weightOf(shape, 'lecunNormal', new Rng(3)),
          rows,
          columns,
          rows <= columns ? 'rows' : 'columns',
        ),
      ).toBeGreaterThan(0.1)
    const doubled = weightOf(shape, 'orthogonal', new Rng(3, shape.join()), 2)
    expect([...doubled]).toEqual([...x].map((v) => 2 * v))
  })

  test('all directions are equally likely', () => {
    // A rotation or reflection of the plane: without the right signs the first entry would always be negative (LAPACK's
    // choice), and the determinant always the same.
    const count = 4000
    const sums = { first: 0, square: 0, determinant: 0 }
    for (let seed = 0; seed < count; seed++) {
      const [a = NaN, b = NaN, c = NaN, d = NaN] = weightOf([2, 2], 'orthogonal', new Rng(seed, 'haar'))
      sums.first += a / count
      sums.square += a ** 2 / count
      sums.determinant += (a * d - b * c) / count
    }
    // Standard errors: of a cosine √½, of its square √⅛, of a sign 1, each by √count.
    expect(Math.abs(sums.first)).toBeLessThan(3 * Math.sqrt(1 / 2 / count))
    expect(Math.abs(sums.square - 1 / 2)).toBeLessThan(3 * Math.sqrt(1 / 8 / count))
    expect(Math.abs(sums.determinant)).toBeLessThan(3 / Math.sqrt(count))
  })
})

describe('twenty layers', () => {
  const width = 100
  /** Mean square of what twenty layers make of standard normal numbers. */
  const run = (init: InitName, f: (x: number) => number, seed = 9): number => {
    const rng = new Rng(seed)
    let x = Float64Array.from({ length: width }, () => rng.normal())
    for (let layer = 0; layer < 20; layer++) {
      const w = weightOf([width, width], init, new Rng(layer, init, seed))
      x = x.map((_, j) => x.reduce((sum, value, i) => sum + f(value) * at(w, i * width + j), 0))
    }
    return x.reduce((sum, v) => sum + v * v, 0) / width
  }
  const relu = (x: number) => Math.max(x, 0)
  const same = (x: number) => x

  test.each([
    ['heNormal', relu],
    ['heUniform', relu],
    ['glorotNormal', same],
    ['glorotUniform', same],
  ] as const)('%s keeps the size of what suits it', (init, f) => {
    const seeds = 16
    let square = 0
    for (let seed = 0; seed < seeds; seed++) square += run(init, f, seed) / seeds
    expect(square).toBeGreaterThan(0.5)
    expect(square).toBeLessThan(2)
  })

  test('orthogonal keeps it exactly', () => {
    const rng = new Rng(9)
    const first = Array.from({ length: width }, () => rng.normal()).reduce((sum, v) => sum + v * v, 0) / width
    expect(run('orthogonal', same)).toBeCloseTo(first, 5)
  })

  test('the controls: Glorot fades behind ReLU, and normal numbers of deviation 1 explode', () => {
    expect(run('glorotNormal', relu)).toBeLessThan(1e-4)
    expect(run('normal', same)).toBeGreaterThan(1e10)
  })
})
