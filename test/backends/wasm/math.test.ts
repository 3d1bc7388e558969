/** Accuracy of the elementwise functions over the whole range of floats, and their special values, in every variant. */
import { setFlagsFromString } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import { plain, variants, type Variant } from '../../../src/backends/wasm/variant.ts'
import type { Kernel, Scalar, UnaryOp } from '../../../src/ir/kernel.ts'
import { difference, expectClose, TOLERANCE } from '../../helpers/tolerance.ts'
import { runKernels } from './run-kernels.ts'

// Node 20 has the fused multiply-add behind a flag, later versions as they come; 256 bits change speed, not what is computed.
if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--experimental-wasm-relaxed-simd')

async function apply(op: UnaryOp, inputs: readonly number[], variant: Variant): Promise<number[]> {
  const body: Scalar[] = [
    { op: 'load', load: 0, dtype: 'float' },
    { op, a: 0, dtype: 'float' },
  ]
  const view = (buffer: number) => ({ buffer, offset: 0, strides: [1] })
  const expression = { loads: [view(0)], body, stores: [{ view: view(1), value: 1 }] }
  const kernel: Kernel = { kind: 'map', path: 'test', shape: [inputs.length], expression }
  const zeros = inputs.map(() => 0)
  return at(
    await runKernels(
      [kernel],
      [
        { dtype: 'float', data: inputs },
        { dtype: 'float', data: zeros },
      ],
      variant,
    ),
    1,
  )
}

/** Floats of all magnitudes: a walk over the bit patterns. */
function allMagnitudes(count: number): number[] {
  const bits = new Uint32Array(count).map((_, i) => Math.floor((i * 0x7f800000) / count))
  const positive = [...new Float32Array(bits.buffer)]
  return [...positive, ...positive.map((x) => -x)]
}

const between = (low: number, high: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.fround(low + ((high - low) * i) / (count - 1)))

const functions: readonly { op: UnaryOp; exact: (x: number) => number; where: readonly number[] }[] = [
  { op: 'exp', exact: Math.exp, where: [...between(-104, 89, 60001), ...between(-1, 1, 20001)] },
  { op: 'log', exact: Math.log, where: [...between(0.5, 2, 40001), ...between(0.999, 1.001, 10001)] },
  { op: 'tanh', exact: Math.tanh, where: [...between(-10, 10, 40001), ...between(-0.7, 0.7, 20001)] },
  { op: 'sqrt', exact: Math.sqrt, where: between(0, 4, 10001) },
  { op: 'abs', exact: Math.abs, where: between(-3, 3, 1001) },
  { op: 'neg', exact: (x) => -x, where: between(-3, 3, 1001) },
  { op: 'isFinite', exact: (x) => (Number.isFinite(x) ? 1 : 0), where: between(-3, 3, 1001) },
]
const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38]

describe.each(functions)('$op', { timeout: 60_000 }, ({ op, exact, where }) => {
  const inputs = [...where, ...allMagnitudes(40001), ...SPECIAL].map(Math.fround)
  /** What f32 makes of the exact value: beyond its range infinity. */
  const expected = inputs.map((x) => {
    const y = exact(x)
    return Number.isFinite(Math.fround(y)) ? y : Math.fround(y)
  })

  test.each(variants)('is accurate to 3e-7 everywhere: $title', async (variant) => {
    expectClose(await apply(op, inputs, variant), expected, TOLERANCE.f32.elementwise)
  })

  test('the comparison sees an error of 1e-6', async () => {
    const wrong = expected.map((y) => y * (1 + 1e-6))
    if (op !== 'isFinite' && op !== 'abs' && op !== 'neg')
      expect(difference(await apply(op, inputs, plain), wrong, TOLERANCE.f32.elementwise)).toMatch(/differ/)
    else expect(difference(expected.map(Math.fround), wrong, TOLERANCE.f32.elementwise)).toMatch(/differ/)
  })
})

/** x against a number, as in an activation, is code of its own. */
test.each(variants)('maximum and minimum with a known number: $title', async (variant) => {
  const x = [...between(-3, 3, 41), ...SPECIAL]
  const zeros = x.map(() => 0)
  for (const op of ['max', 'min'] as const)
    for (const value of [0, -0, 1.5, -Infinity, Infinity])
      for (const [a, b] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const body: Scalar[] = [
          { op: 'load', load: 0, dtype: 'float' },
          { op: 'constant', value, dtype: 'float' },
          { op, a, b, dtype: 'float' },
        ]
        const view = (buffer: number) => ({ buffer, offset: 0, strides: [1] })
        const expression = { loads: [view(0)], body, stores: [{ view: view(1), value: 2 }] }
        const kernel: Kernel = { kind: 'map', path: 'test', shape: [x.length], expression }
        const buffers = [x, zeros].map((data) => ({ dtype: 'float', data }) as const)
        const expected = x.map((one) => Math.fround(Math[op](Math.fround(one), value)))
        expectClose(
          at(await runKernels([kernel], buffers, variant), 1),
          expected,
          TOLERANCE.f32.exact,
          `${op} ${value}`,
        )
      }
})

test('maximum and minimum pass NaN on from either side', async () => {
  for (const op of ['max', 'min'] as const) {
    const body: Scalar[] = [
      { op: 'load', load: 0, dtype: 'float' },
      { op: 'load', load: 1, dtype: 'float' },
      { op, a: 0, b: 1, dtype: 'float' },
    ]
    const view = (buffer: number) => ({ buffer, offset: 0, strides: [1] })
    const expression = { loads: [view(0), view(1)], body, stores: [{ view: view(2), value: 2 }] }
    const kernel: Kernel = { kind: 'map', path: 'test', shape: [5], expression }
    const a = [NaN, 1, 2, -Infinity, NaN]
    const b = [1, NaN, 3, 4, NaN]
    const buffers = [a, b, [0, 0, 0, 0, 0]].map((data) => ({ dtype: 'float', data }) as const)
    expectClose(
      at(await runKernels([kernel], buffers), 2),
      op === 'max' ? [NaN, NaN, 3, 4, NaN] : [NaN, NaN, 2, -Infinity, NaN],
      TOLERANCE.f32.exact,
    )
  }
})

test(
  'a sum of a million equal or slowly varying numbers is accurate to 1e-6, along rows and down columns',
  { timeout: 60_000 },
  async () => {
    const count = 2 ** 20
    const data = Array.from({ length: count }, (_, i) => Math.fround(0.1 + 1e-7 * (i % 1000)))
    for (const [shape, over, strides] of [
      [[], [count], [1]],
      [[8], [count / 8], [1, 8]],
      [[3], [16, Math.floor(count / 48)], [1, 3, 48]],
      [[1], [count / 2], [0, 2]],
    ] as const) {
      const rank = shape.length
      const kernel: Kernel = {
        kind: 'reduce',
        path: 'test',
        op: 'sum',
        shape,
        over,
        loads: [{ buffer: 0, offset: 0, strides }],
        body: [{ op: 'load', load: 0, dtype: 'float' }],
        value: 0,
        epilogue: {
          loads: [],
          body: [{ op: 'result', dtype: 'float' }],
          stores: [{ view: { buffer: 1, offset: 0, strides: shape.map(() => 1) }, value: 0 }],
        },
      }
      const size = shape[0] ?? 1
      const expected = new Array<number>(size).fill(0)
      for (let j = 0; j < size; j++)
        for (let i = 0; i < (over[0] ?? 1); i++)
          for (let p = 0; p < (over[1] ?? 1); p++)
            expected[j] =
              at(expected, j) +
              at(data, j * (rank > 0 ? at(strides, 0) : 0) + i * at(strides, rank) + p * (strides[rank + 1] ?? 0))
      const buffers = [{ dtype: 'float', data } as const, { dtype: 'float', data: expected.map(() => 0) } as const]
      const actual = at(await runKernels([kernel], buffers), 1)
      expectClose(actual, expected, TOLERANCE.f32.longSum)
      expect(
        difference(
          actual,
          expected.map((x) => x * (1 + 3e-6)),
          TOLERANCE.f32.longSum,
        ),
      ).toMatch(/differ/)
    }
  },
)
