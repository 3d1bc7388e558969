/** Random numbers: the generator against its published vectors, both backends bit for bit, and their distribution. */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import { threefry } from '../../src/backends/reference/evaluate.ts'
import { Builder, type Tensor } from '../../src/ir/builder.ts'
import type { Shape } from '../../src/base/shape.ts'
import { reference, runProgram, wasm } from '../helpers/run-program.ts'

test.each([
  [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
  [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
  [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xc4923a9c, 0x483df7a0],
])('Threefry-2x32-20 gives the vectors that its authors published (%#)', (c0, c1, k0, k1, x, y) => {
  expect(threefry([c0, c1], [k0, k1])).toEqual([x, y])
  expect(threefry([c0 ^ 1, c1], [k0, k1])).not.toEqual([x, y])
})

const build = (shape: Shape, stream: number, f: (g: Builder, u: Tensor) => Tensor) => {
  const g = new Builder()
  const u = g.random(shape, stream, g.input('step', 'data', [], 'int'), g.input('seed', 'live', [], 'int'))
  g.output('y', 'step', f(g, u))
  return g.build()
}
const drawn = async (backend: typeof wasm, shape: Shape, step = 0, seed = 7, stream = 5) =>
  get(
    await runProgram(
      backend,
      build(shape, stream, (_g, u) => u),
      { step: [step], seed: [seed] },
    ),
    'y',
  )

describe('uniform numbers', () => {
  test.each<[Shape]>([[[]], [[1]], [[0]], [[5]], [[3, 7]], [[2, 3, 5]], [[1, 9, 1, 2]], [[64, 33]]])(
    'are the same on both backends, and count row by row: %j',
    async (shape) => {
      const exact = await drawn(reference, shape)
      expect(await drawn(wasm, shape)).toEqual(exact)
      exact.forEach((u, i) => {
        expect(u).toBe((threefry([i, 0], [5, 7])[0] >>> 8) / 2 ** 24)
      })
    },
  )

  test('are others in another step, for another seed and in another stream; negative seeds count too', async () => {
    const first = await drawn(wasm, [16])
    for (const other of [
      await drawn(wasm, [16], 1),
      await drawn(wasm, [16], 0, 8),
      await drawn(wasm, [16], 0, 7, 6),
      await drawn(wasm, [16], 0, -7),
    ])
      expect(other.filter((u, i) => u === first[i]).length).toBeLessThan(2)
    expect(await drawn(wasm, [4], 3, -7)).toEqual(await drawn(reference, [4], 3, -7))
    expect(await drawn(wasm, [16])).toEqual(first)
  })
})

describe('of 100,000 numbers', () => {
  const count = 100_000
  /** Mean, variance, and the fourth moment about the mean in units of the variance squared. */
  const moments = (values: readonly number[]) => {
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length
    const about = (power: number) => values.reduce((sum, x) => sum + (x - mean) ** power, 0) / values.length
    return { mean, variance: about(2), kurtosis: about(4) / about(2) ** 2 }
  }
  const near = (value: number, expected: number, deviation: number) => Math.abs(value - expected) < 3 * deviation

  test('the uniform ones fill [0, 1) evenly and do not depend on their neighbours', async () => {
    const values = await drawn(wasm, [count], 12, 34)
    const { mean, variance } = moments(values)
    expect(near(mean, 1 / 2, Math.sqrt(1 / 12 / count))).toBe(true)
    expect(near(variance, 1 / 12, Math.sqrt(1 / 180 / count))).toBe(true)
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values.slice(0, 50_000))).toBeLessThan(1)
    const pairs = values.slice(1).map((u, i) => (u - 0.5) * (at(values, i) - 0.5))
    expect(near(moments(pairs).mean, 0, 1 / 12 / Math.sqrt(count))).toBe(true)
    expect(near(moments(values.map((u) => u * 1.05)).mean, 1 / 2, Math.sqrt(1 / 12 / count))).toBe(false)
  })

  test.each([reference, wasm])('the normal ones have mean 0, variance 1 and normal tails: $title', async (backend) => {
    const program = build([count], 9, (g, u) => g.normalOf(u))
    const values = get(await runProgram(backend, program, { step: [1], seed: [2] }), 'y')
    const { mean, variance, kurtosis } = moments(values)
    expect(near(mean, 0, 1 / Math.sqrt(count))).toBe(true)
    expect(near(variance, 1, Math.sqrt(2 / count))).toBe(true)
    expect(near(kurtosis, 3, Math.sqrt(24 / count))).toBe(true)
    const beyond = (x: number) => values.filter((value) => Math.abs(value) > x).length / count
    for (const [x, share] of [
      [1, 0.3173105],
      [2, 0.0455003],
      [3, 0.0026998],
    ] as const)
      expect(near(beyond(x), share, Math.sqrt(share / count))).toBe(true)
    expect(values.every(Number.isFinite)).toBe(true)
  })
})

test('the ends of [0, 1) give normal numbers that are finite, and quantiles are those of tables', async () => {
  const g = new Builder()
  g.output('y', 'step', g.normalOf(g.input('u', 'data', [6])))
  const last = 1 - 2 ** -24
  const given = { u: [0, last, 0.5, 0.975, 0.025, 0.8413447] }
  for (const backend of [reference, wasm]) {
    const [low, high, middle, ...quantiles] = get(await runProgram(backend, g.build(), given), 'y')
    expect(low).toBeLessThan(-5)
    expect(high).toBeCloseTo(-(low ?? 0), 3)
    expect(middle).toBeCloseTo(0, 6)
    expect(quantiles.map((z) => z.toFixed(4))).toEqual(['1.9600', '-1.9600', '1.0000'])
  }
})
