/** The benches of single kernels compare each result with naive loops before they time it: the loops, and that comparison. */
import { expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { accepts } from '../../src/backends/wasm/choose.ts'
import { CpuDevice } from '../../src/backends/wasm/index.ts'
import { plain, variants } from '../../src/backends/wasm/variant.ts'
import { apart, convolution, naive, peakOf, product, ready, type Convolution } from '../../bench/kernels.ts'

const numbers = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(seed + 1.7 * i + 0.01 * i * i))
const inner = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * at(b, i), 0)

/** Strides, padding and sizes that differ in both directions. */
const odd: Convolution = {
  geometry: {
    stride: [2, 1],
    dilation: [1, 1],
    padding: [
      [1, 0],
      [0, 1],
    ],
    groups: 1,
  },
  x: [2, 6, 5, 3],
  w: [3, 2, 3, 4],
  y: [2, 3, 5, 4],
}
const samples = [
  product('product', [5, 7, 6]),
  product('by weight', [5, 7, 6], { transposeA: true }),
  product('by input', [5, 7, 6], { transposeB: true }),
  ...(['forward', 'weightGradient', 'inputGradient'] as const).map((variant) => convolution(variant, variant, odd)),
]

test('naive products are those that paper gives', () => {
  const [a, b] = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(1, 0, 2, 1, 0, 3)]
  // [1 2 3; 4 5 6] [1 0; 2 1; 0 3], and the same numbers read as the transposes of [2, 3] and [3, 2].
  expect([...naive(product('', [2, 3, 2]), a, b)]).toEqual([5, 11, 14, 23])
  expect([...naive(product('', [2, 3, 2], { transposeA: true }), a, b)]).toEqual([7, 18, 10, 22])
  expect([...naive(product('', [2, 3, 2], { transposeB: true }), a, b)]).toEqual([7, 10, 16, 22])
})

test('a naive convolution is that which paper gives, and the two gradients are its adjoints', () => {
  const around = [
    [1, 1],
    [1, 1],
  ] as const
  const geometry = { stride: [2, 2], dilation: [1, 1], padding: around, groups: 1 } as const
  const small: Convolution = { geometry, x: [1, 3, 3, 1], w: [2, 2, 1, 1], y: [1, 2, 2, 1] }
  const nine = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)
  const result = naive(convolution('', 'forward', small), nine, Float32Array.of(1, 10, 100, 1000))
  expect([...result]).toEqual([1000, 3200, 7040, 9865])

  const [x, w, y] = [odd.x, odd.w, odd.y].map((shape, i) => numbers(sizeOf(shape), i)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  const forward = inner(naive(convolution('', 'forward', odd), x, w), y)
  expect(forward).not.toBeCloseTo(0, 1)
  expect(inner(naive(convolution('', 'inputGradient', odd), y, w), x)).toBeCloseTo(forward, 9)
  expect(inner(naive(convolution('', 'weightGradient', odd), x, y), w)).toBeCloseTo(forward, 9)
})

test.each(samples)('$name: a right result is measured, a wrong one refused', async (sample) => {
  const { runs, check } = await ready(sample, new CpuDevice(plain))
  await check()
  await runs(100)
  await check()
  const last = sizeOf(sample.shapes[2]) - 1
  const spoilt = (value: (right: number) => number) => check((result) => (result[last] = value(at(result, last))))
  await expect(spoilt((right) => right + 0.001)).rejects.toThrow(`${sample.name}: the result is wrong`)
  await expect(spoilt(() => NaN)).rejects.toThrow('the result is wrong by Infinity')
})

test('the distance is a share of the largest value', () => {
  expect(apart([1, 2, 3], [1, 2, 4])).toBe(0.25)
  expect(apart([1, 2, 4], [1, 2, 4])).toBe(0)
})

test.each(variants.filter(accepts))('the loop that shows the peak computes what it should: $title', async (variant) => {
  const { runs, operations } = await peakOf(variant)
  await runs(10)
  expect(operations).toBe(variant.name === 'wide' ? 768 : 384)
})
