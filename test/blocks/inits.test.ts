import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import { initializers, type InitName } from '../../src/blocks/define.ts'
import inits from '../../src/train/inits/index.gen.ts'
import { initialWeight } from '../../src/train/initialize.ts'

/** Variance that each scheme promises, and the greatest value of a uniform one. */
const schemes: { readonly [name in InitName]: { variance(fanIn: number, fanOut: number): number; uniform: boolean } } =
  {
    zeros: { variance: () => 0, uniform: true },
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

describe.each(Object.entries(schemes) as [InitName, (typeof schemes)[InitName]][])('%s', (init, scheme) => {
  test.each(weights)('has the mean and the variance of its paper for %s', (_name, shape, fanIn, fanOut) => {
    const x = initialWeight({ name: 'w', shape, init }, new Rng(1, 'w', init))
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
    if (scheme.uniform) expect(greatest).toBeLessThanOrEqual(limit * (1 + 1e-6))
    else expect(greatest).toBeGreaterThan(limit * 1.5)
  })

  test('draws the same from the same stream, and something else from another', () => {
    const draw = (seed: number) => [...initialWeight({ name: 'w', shape: [3, 4], init }, new Rng(seed, 'w'))]
    expect(draw(1)).toEqual(draw(1))
    if (init !== 'zeros') expect(draw(1)).not.toEqual(draw(2))
  })
})

test('every choice in the inspector has its scheme, and every scheme its choice', () => {
  expect(inits.map(({ type }) => type).sort()).toEqual(Object.keys(initializers).sort())
  for (const { source } of inits.filter(({ type }) => type !== 'zeros')) expect(source).toMatch(/\d{4}/)
})

test('a bias, a scalar and a weight of nothing can be drawn', () => {
  const init = 'heNormal'
  const lengths = [[5], [], [0, 3]].map((shape) => initialWeight({ name: 'w', shape, init }, new Rng(1)).length)
  expect(lengths).toEqual([5, 1, 0])
  expect(initialWeight({ name: 'w', shape: [3, 0], init }, new Rng(1)).every(Number.isFinite)).toBe(true)
})

test('a weight that starts at a number is that number everywhere', () => {
  expect([...initialWeight({ name: 'w', shape: [2, 3], init: 0.25 }, new Rng(1))]).toEqual(new Array(6).fill(0.25))
  expect([...initialWeight({ name: 'w', shape: [], init: 1 }, new Rng(1))]).toEqual([1])
})

test('activations keep their size through twenty layers with the scheme that suits them', () => {
  const width = 100
  const run = (init: InitName, f: (x: number) => number): number => {
    let x = Float64Array.from(
      { length: width },
      (
        (rng) => () =>
          rng.normal()
      )(new Rng(9)),
    )
    for (let layer = 0; layer < 20; layer++) {
      const w = initialWeight({ name: 'w', shape: [width, width], init }, new Rng(layer, init))
      x = x.map((_, j) => x.reduce((sum, value, i) => sum + f(value) * at(w, i * width + j), 0))
    }
    return x.reduce((sum, v) => sum + v * v, 0) / width
  }
  const squares = new Map([
    ['he', run('heNormal', (x) => Math.max(x, 0))],
    ['too small', run('glorotNormal', (x) => Math.max(x, 0))],
  ])
  expect(get(squares, 'he')).toBeGreaterThan(0.1)
  expect(get(squares, 'he')).toBeLessThan(10)
  expect(get(squares, 'too small')).toBeLessThan(1e-4)
})
