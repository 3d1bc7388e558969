/** Properties of functions that closed forms give; values in between are PyTorch's (parity), their ends in every-block.test.ts. */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { PATH } from '../helpers/block-program.ts'
import { blockValues, flat, type Nested } from '../helpers/block-values.ts'
import { reference, wasm } from '../helpers/run-program.ts'
import { difference, expectClose, TOLERANCE } from '../helpers/tolerance.ts'

describe.each([reference, wasm].map((backend) => [backend.title, backend] as const))('on the %s', (_title, backend) => {
  const of = async (
    type: string,
    x: Nested,
    params: ParamValues = {},
    more: { readonly [name: string]: number[] } = {},
  ) => get(await blockValues(type, { params, ports: { x }, more, backend }), 'y')

  test('swish is half the identity at b = 0 and a ReLU at a great b', async () => {
    const x = [[-3, -0.5, 0.25, 4]]
    expectClose(
      await of('swish', x, { beta: 0 }),
      flat(x).map((v) => v / 2),
      TOLERANCE.f32.chain,
    )
    expectClose(await of('swish', x, { beta: 1e4 }), await of('relu', x), TOLERANCE.f32.chain)
    expectClose(
      await of('swish', x, { learned: true }, { [`${PATH}.beta`]: [1.5] }),
      await of('swish', x, { beta: 1.5 }),
      TOLERANCE.f32.chain,
    )
    expect(difference(await of('swish', x), await of('relu', x), TOLERANCE.f32.chain)).toMatch(/differ/)
  })

  test('softmax sums to 1 along its axis, whatever is added to all, and also at the ends', async () => {
    const x = [
      [
        [1, -2],
        [0.5, 1e4],
        [3, -1e4],
      ],
      [
        [7, 7],
        [7, 1],
        [7, 2],
      ],
    ]
    const y = await of('softmax', x, { axis: 1 })
    for (const [n, k] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const)
      expect([0, 1, 2].reduce((sum, i) => sum + at(y, n * 6 + i * 2 + k), 0)).toBeCloseTo(1, 6)
    const moved = x.map((rows) => rows.map(([a = 0, b = 0]) => [a + 5, b + 5]))
    expectClose(await of('softmax', moved, { axis: 1 }), y, TOLERANCE.f32.chain)
    expect(difference(await of('softmax', x), y, TOLERANCE.f32.chain)).toMatch(/differ/)
  })

  test('a temperature makes softmax even, or lets the greatest win', async () => {
    const x = [[1, 2, 4]]
    expectClose(await of('softmax', x, { temperature: 1e6 }), [1 / 3, 1 / 3, 1 / 3], { absolute: 1e-5, relative: 0 })
    expectClose(await of('softmax', x, { temperature: 0.01 }), [0, 0, 1], TOLERANCE.f32.chain)
  })

  test('GELU is x times the share of normal numbers below x', async () => {
    // Shares from the integral of the density, by Simpson's rule.
    const share = (x: number) => {
      const steps = 2000
      const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI)
      const width = x / steps
      let sum = density(0) + density(x)
      for (let i = 1; i < steps; i++) sum += density(i * width) * (i % 2 === 0 ? 2 : 4)
      return 0.5 + (sum * width) / 3
    }
    const points = [-6, -3.3, -1, -0.2, 0, 0.1, 0.75, 2, 4.5]
    const expected = points.map((x) => x * share(x))
    expectClose(await of('gelu', [points]), expected, { absolute: 1e-6, relative: 0 })
    const byTanh = await of('gelu', [points], { form: 'tanh' })
    const furthest = Math.max(...byTanh.map((y, i) => Math.abs(y - at(expected, i))))
    expect(furthest).toBeGreaterThan(1e-5)
    expect(furthest).toBeLessThan(5e-4)
  })

  test('the gradient of GELU far out is 0 or 1, and ½ in the middle', async () => {
    const found = await blockValues('gelu', { ports: { x: [[-1e4, -40, 0, 40, 1e4]] }, backend })
    expectClose(get(found, 'd.x'), [0, 0, 0.5, 1, 1], TOLERANCE.f32.chain)
    for (const values of found.values()) expect(values.every(Number.isFinite)).toBe(true)
  })
})
