/** Accuracy of the elementwise functions on the GPU over the whole range of floats, their special values, random bits, long sums. */
import { describe, expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import type { BinaryOp, Kernel, Scalar, UnaryOp } from '../../../src/ir/kernel.ts'
import { difference, expectClose, TOLERANCE } from '../../helpers/tolerance.ts'
import { firstWord } from '../../helpers/threefry.ts'
import { runKernels, type Buffer } from '../oracle.ts'
import { missing, openDevice, titled } from './gpu.ts'

const view = (buffer: number, strides: readonly number[] = [1]) => ({ buffer, offset: 0, strides })
const floats = (data: readonly number[]): Buffer => ({ dtype: 'float', data })
const load = (i: number, dtype: 'float' | 'int' = 'float'): Scalar => ({ op: 'load', load: i, dtype })

/** One expression for each element of the buffers; its last line goes to a buffer of its own. */
async function apply(body: readonly Scalar[], inputs: readonly Buffer[]): Promise<number[]> {
  const size = inputs[0]?.data.length ?? 0
  const value = body.length - 1
  const out: Buffer = { dtype: at(body, value).dtype, data: new Array<number>(size).fill(0) }
  const expression = { loads: inputs.map((_, i) => view(i)), body, stores: [{ view: view(inputs.length), value }] }
  const kernel: Kernel = { kind: 'map', path: 'test', shape: [size], expression }
  return at(await runKernels([kernel], [...inputs, out], await openDevice()), inputs.length)
}

/** Floats of all magnitudes in the normal range: a walk over the bit patterns. */
function allMagnitudes(count: number): number[] {
  const bits = new Uint32Array(count).map((_, i) => 0x00800000 + Math.floor((i * 0x7f000000) / count))
  const positive = [...new Float32Array(bits.buffer)]
  return [...positive, ...positive.map((x) => -x)]
}

const between = (low: number, high: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.fround(low + ((high - low) * i) / (count - 1)))

const functions: readonly { op: UnaryOp; exact: (x: number) => number; where: readonly number[] }[] = [
  { op: 'exp', exact: Math.exp, where: [...between(-104, 89, 30001), ...between(-1, 1, 20001)] },
  { op: 'log', exact: Math.log, where: [...between(0.5, 2, 30001), ...between(0.999, 1.001, 10001)] },
  { op: 'tanh', exact: Math.tanh, where: [...between(-10, 10, 30001), ...between(-0.7, 0.7, 20001)] },
  { op: 'sqrt', exact: Math.sqrt, where: between(0, 4, 10001) },
  { op: 'abs', exact: Math.abs, where: between(-3, 3, 1001) },
  { op: 'neg', exact: (x) => -x, where: between(-3, 3, 1001) },
  { op: 'isFinite', exact: (x) => (Number.isFinite(x) ? 1 : 0), where: between(-3, 3, 1001) },
]
const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, NaN, 1.1754944e-38, 3.4028235e38, -3.4028235e38]

describe.skipIf(missing)(titled('functions'), { timeout: 60_000 }, () => {
  describe.each(functions)('$op', ({ op, exact, where }) => {
    const inputs = [...where, ...allMagnitudes(20001), ...SPECIAL].map(Math.fround)
    /** What f32 makes of the exact value: beyond its range infinity. */
    const expected = inputs.map((x) => {
      const y = exact(x)
      return Number.isFinite(Math.fround(y)) ? y : Math.fround(y)
    })
    const found = () => apply([load(0), { op, a: 0, dtype: 'float' }], [floats(inputs)])

    test('is accurate to 3e-7 everywhere, and for what is not finite', async () => {
      expectClose(await found(), expected, TOLERANCE.f32.elementwise)
    })
    test('the comparison sees an error of 1e-6', async () => {
      const wrong = expected.map((y) => y * (1 + 1e-6))
      expect(difference(await found(), wrong, TOLERANCE.f32.elementwise)).toMatch(/differ/)
    })
  })

  test('the logarithm of numbers below the normal range is theirs', async () => {
    const inputs = [1e-45, 3e-42, 1.17e-38].map(Math.fround)
    const body: Scalar[] = [load(0), { op: 'log', a: 0, dtype: 'float' }]
    expectClose(await apply(body, [floats(inputs)]), inputs.map(Math.log), TOLERANCE.f32.elementwise)
  })

  const pairs = SPECIAL.flatMap((a) => [...SPECIAL, 2, -2].map((b) => [a, b] as const))
  const a = pairs.map(([left]) => Math.fround(left))
  const b = pairs.map(([, right]) => Math.fround(right))
  test.each<readonly [BinaryOp, (a: number, b: number) => number]>([
    ['max', Math.max],
    ['min', Math.min],
    ['less', (x, y) => (x < y ? 1 : 0)],
    ['equal', (x, y) => (x === y ? 1 : 0)],
  ])('%s knows NaN and infinities on either side', async (op, exact) => {
    const body: Scalar[] = [load(0), load(1), { op, a: 0, b: 1, dtype: 'float' }]
    const expected = a.map((x, i) => Math.fround(exact(x, at(b, i))))
    expectClose(await apply(body, [floats(a), floats(b)]), expected, TOLERANCE.f32.exact)
  })

  test.each([0, -0, 1.5, -Infinity, Infinity, NaN])('the number %s stands in code as it is', async (value) => {
    const body: Scalar[] = [
      load(0),
      { op: 'constant', value, dtype: 'float' },
      { op: 'max', a: 0, b: 1, dtype: 'float' },
    ]
    const expected = SPECIAL.map((x) => Math.fround(Math.max(Math.fround(x), value)))
    expectClose(await apply(body, [floats(SPECIAL)]), expected, TOLERANCE.f32.exact)
  })

  test('select takes what is not 0 for true, NaN too', async () => {
    const body: Scalar[] = [
      load(0),
      { op: 'constant', value: 1, dtype: 'float' },
      { op: 'constant', value: 2, dtype: 'float' },
      { op: 'select', condition: 0, a: 1, b: 2, dtype: 'float' },
    ]
    const expected = SPECIAL.map((x) => (x === 0 ? 2 : 1))
    expectClose(await apply(body, [floats(SPECIAL)]), expected, TOLERANCE.f32.exact)
  })

  test('floats become ints towards 0, within their range', async () => {
    const inputs = [0, -0.9, 2.9, -2.9, 7e8, -3e9, 3e9, 2147483648, Infinity, -Infinity, NaN]
    const expected = [0, 0, 2, -2, 7e8, -(2 ** 31), 2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1, -(2 ** 31), 0]
    const body: Scalar[] = [load(0), { op: 'toInt', a: 0, dtype: 'int' }]
    expectClose(await apply(body, [floats(inputs)]), expected, TOLERANCE.f32.exact)
  })

  test('random bits are those of Threefry, every one', async () => {
    const position = Array.from({ length: 500 }, (_, i) => (i * 7919) | 0)
    const step = position.map((_, i) => (i * 104729 - 31) | 0)
    const seed = position.map((_, i) => Math.imul(i, 0x9e3779b1))
    const stream = 0xdeadbeef
    const random: Scalar = { op: 'random', position: 0, step: 1, seed: 2, stream, dtype: 'float' }
    const ints = [position, step, seed].map((data): Buffer => ({ dtype: 'int', data }))
    const found = await apply([load(0, 'int'), load(1, 'int'), load(2, 'int'), random], ints)
    const expected = (key: number) =>
      position.map((p, i) => Math.floor(firstWord([p, at(step, i)], [key, at(seed, i)]) / 256) / 2 ** 24)
    expectClose(found, expected(stream), TOLERANCE.f32.exact)
    expect(difference(found, expected(stream + 1), TOLERANCE.f32.exact)).toMatch(/differ/)
  })

  const count = 2 ** 20
  const data = Array.from({ length: count }, (_, i) => Math.fround(0.1 + 1e-7 * (i % 1000)))
  test.each<readonly [string, number, readonly number[], readonly number[]]>([
    ['all in one', 1, [count], [0, 1]],
    ['rows', 8, [count / 8], [count / 8, 1]],
    ['columns', 8, [count / 8], [1, 8]],
    ['many columns', 4096, [count / 4096], [1, 4096]],
    ['two axes apart', 3, [16, Math.floor(count / 48)], [1, 3, 48]],
  ])('a sum of very many numbers is accurate to 1e-6: %s', async (_, size, over, strides) => {
    const kernel: Kernel = {
      kind: 'reduce',
      path: 'test',
      op: 'sum',
      shape: [size],
      over,
      loads: [view(0, strides)],
      body: [load(0)],
      value: 0,
      epilogue: { loads: [], body: [{ op: 'result', dtype: 'float' }], stores: [{ view: view(1), value: 0 }] },
    }
    const expected = new Array<number>(size).fill(0)
    for (let j = 0; j < size; j++)
      for (let i = 0; i < at(over, 0); i++)
        for (let p = 0; p < (over[1] ?? 1); p++)
          expected[j] = at(expected, j) + at(data, j * at(strides, 0) + i * at(strides, 1) + p * (strides[2] ?? 0))
    const out = at(await runKernels([kernel], [floats(data), floats(expected.map(() => 0))], await openDevice()), 1)
    expectClose(out, expected, TOLERANCE.f32.longSum)
    const wrong = expected.map((x) => x * (1 + 3e-6))
    expect(difference(out, wrong, TOLERANCE.f32.longSum)).toMatch(/differ/)
  })
})
