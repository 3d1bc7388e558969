/** Each kernel kind of the CPU backend against loops in f64, over many random geometries. */
import { setFlagsFromString } from 'node:v8'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import type { Kernel, Scalar, View } from '../../../src/ir/kernel.ts'
import { accepts } from '../../../src/backends/wasm/choose.ts'
import { CpuDevice } from '../../../src/backends/wasm/index.ts'
import { plain, variants, type Variant } from '../../../src/backends/wasm/variant.ts'
import { difference, expectClose, TOLERANCE, type Tolerance } from '../../helpers/tolerance.ts'
import { expectedOf, runKernels } from './oracle.ts'
import { startCrew, type TestCrew } from './crew.ts'
import { Sandbox } from './random.ts'

// Node 20 has the fused multiply-add behind a flag, later versions as they come; 256 bits change speed, not what is computed.
if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--experimental-wasm-relaxed-simd')

/** Runs one random kernel; `make` puts its buffers into the sandbox. */
async function check(
  seed: number,
  name: string,
  make: (box: Sandbox) => Kernel,
  tolerance: Tolerance,
  variant: Variant = plain,
): Promise<void> {
  const box = new Sandbox(seed, name)
  const kernel = make(box)
  const actual = await runKernels([kernel], box.buffers, variant)
  const expected = expectedOf([kernel], box.buffers)
  expected.forEach((values, i) =>
    expectClose(at(actual, i), values, tolerance, `seed ${seed}, buffer ${i}, ${JSON.stringify(kernel)}`),
  )
}

/** The same comparison must complain when the oracle is told of another kernel (where that makes a difference at all). */
async function control(
  name: string,
  make: (box: Sandbox) => Kernel,
  wrong: (kernel: Kernel) => Kernel,
  tolerance: Tolerance,
): Promise<void> {
  let complaints = 0
  for (const seed of seeds(10)) {
    const box = new Sandbox(seed, name)
    const kernel = make(box)
    const actual = await runKernels([kernel], box.buffers)
    const expected = expectedOf([wrong(kernel)], box.buffers)
    if (expected.some((values, i) => difference(at(actual, i), values, tolerance) !== undefined)) complaints++
  }
  expect(complaints).toBeGreaterThanOrEqual(3)
}

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i)
const path = 'test'
const load = (i: number, dtype: 'float' | 'int' = 'float'): Scalar => ({ op: 'load', load: i, dtype })

function randomMap(box: Sandbox): Kernel {
  const shape = Array.from({ length: box.rng.integer(5) }, () => box.size())
  while (shape.reduce((a, b) => a * b, 1) > 3000) shape.pop()
  const loads = [box.any(shape), box.any(shape), box.any(shape, 'int')]
  const axis = shape.length > 0 ? box.rng.integer(shape.length) : -1
  const body: Scalar[] = [
    load(0),
    load(1),
    load(2, 'int'),
    { op: 'constant', value: 0.5, dtype: 'float' },
    { op: 'mul', a: 0, b: 1, dtype: 'float' },
    { op: 'less', a: 4, b: 3, dtype: 'float' },
    { op: 'exp', a: 1, dtype: 'float' },
    { op: 'select', condition: 5, a: 6, b: 4, dtype: 'float' },
    { op: 'toFloat', a: 2, dtype: 'float' },
    { op: 'add', a: 7, b: 8, dtype: 'float' },
    axis < 0 ? { op: 'constant', value: 3, dtype: 'int' } : { op: 'index', axis, dtype: 'int' },
    { op: 'mul', a: 10, b: 2, dtype: 'int' },
    { op: 'constant', value: 2, dtype: 'int' },
    { op: 'div', a: 11, b: 12, dtype: 'int' },
    { op: 'equal', a: 10, b: 2, dtype: 'float' },
    { op: 'max', a: 14, b: 9, dtype: 'float' },
  ]
  const update = box.dense(shape)
  return {
    kind: 'map',
    path,
    shape,
    expression: {
      loads: [...loads, update],
      body: [...body, load(3), { op: 'add', a: 15, b: 16, dtype: 'float' }],
      stores: [
        { view: update, value: 17 },
        { view: box.dense(shape, 'int'), value: 13 },
      ],
    },
  }
}

const withIndexOf = (body: readonly Scalar[], axes: number, box: Sandbox): Scalar[] =>
  axes === 0 || box.rng.integer(3) > 0
    ? [...body]
    : [
        ...body,
        { op: 'index', axis: box.rng.integer(axes), dtype: 'int' },
        { op: 'toFloat', a: body.length, dtype: 'float' },
        { op: 'mul', a: body.length - 1, b: body.length + 1, dtype: 'float' },
      ]

function randomReduce(op: 'sum' | 'max' | 'argMax', dtype: 'float' | 'int' = 'float') {
  return (box: Sandbox): Kernel => {
    const shape = Array.from({ length: box.rng.integer(3) }, () => box.size())
    const over = Array.from({ length: op === 'argMax' ? 1 : box.rng.integer(4) }, () =>
      box.pick(box.size(), box.size(), 70),
    )
    while (over.length > 1 && [...shape, ...over].reduce((a, b) => a * b, 1) > 5000) over.pop()
    const all = [...shape, ...over]
    if (dtype === 'int') {
      const body: Scalar[] = [load(0, 'int'), load(1, 'int'), { op: 'sub', a: 0, b: 1, dtype: 'int' }]
      const loads = [box.any(all, 'int'), box.any(all, 'int')]
      return { kind: 'reduce', path, op, shape, over, loads, body, value: 2, epilogue: box.epilogue(shape, 'int') }
    }
    const body = withIndexOf([load(0), load(1), { op: 'mul', a: 0, b: 1, dtype: 'float' }], all.length, box)
    const epilogue = box.epilogue(shape, op === 'argMax' ? 'int' : 'float')
    const loads = [box.any(all), box.any(all)]
    return { kind: 'reduce', path, op, shape, over, loads, body, value: body.length - 1, epilogue }
  }
}

function randomDot(box: Sandbox): Kernel {
  const batch = box.pick(1, 1, 2, 3)
  const [m, n] = [box.pick(1, 2, 3, 4, 5, 8, 9, 13, 50), box.pick(1, 2, 3, 4, 5, 8, 10, 16, 19, 33, 70)]
  const k = box.pick(0, 1, 2, 3, 5, 8, 17, 31, 64, 300)
  const matrix = (rows: number, columns: number): View =>
    box.rng.integer(3) > 0
      ? box.dense([batch, rows, columns])
      : { buffer: box.buffer(batch * rows * columns), offset: 0, strides: [rows * columns, 1, rows] }
  const [a, b] = [matrix(m, k), box.rng.integer(6) === 0 ? box.any([batch, k, n]) : matrix(k, n)]
  return { kind: 'dot', path, batch, m, n, k, a, b, epilogue: box.epilogue([batch, m, n]) }
}

/** Several blocks of k and of m, panels packed or not. */
function deepDot(box: Sandbox): Kernel {
  const [m, n, k] = [box.pick(1, 6, 45, 75), box.pick(1, 9, 24, 66), box.pick(1025, 1500, 2051)]
  const turned = (rows: number, columns: number): View =>
    box.pick(true, false)
      ? box.dense([1, rows, columns])
      : { buffer: box.buffer(rows * columns), offset: 0, strides: [0, 1, rows] }
  return { kind: 'dot', path, batch: 1, m, n, k, a: turned(m, k), b: turned(k, n), epilogue: box.epilogue([1, m, n]) }
}

/** `narrow`: few channels are written, in rows long enough to run the lanes along them. */
function randomConv(variant: 'forward' | 'inputGradient' | 'weightGradient', narrow = false) {
  return (box: Sandbox): Kernel => {
    for (;;) {
      const groups = narrow ? 1 : box.pick(1, 1, 1, 2, 3, 4, 6, 17)
      const [perGroup, each] = narrow
        ? [box.pick(1, 2, 3), box.pick(1, 2, 3)]
        : groups > 4
          ? [1, box.pick(1, 1, 2)]
          : [box.pick(1, 2, 3, 4, 5, 8), box.pick(1, 2, 3, 4, 7, 8, 9, 16)]
      const filters = each * groups
      const pair = (...items: number[]) => [box.pick(...items), box.pick(...items)] as const
      const geometry = {
        stride: pair(1, 1, 1, 2, 3, 4),
        dilation: pair(1, 1, 1, 2, 3),
        padding: [pair(0, 0, 1, 2, 3), pair(0, 0, 1, 2, 3)] as const,
        groups,
      }
      const [n, h, w] = [
        box.pick(1, 2, 3),
        box.pick(1, 3, 4, 5, 8, 11),
        narrow ? box.pick(16, 21, 40) : box.pick(1, 3, 4, 6, 9, 12),
      ]
      const [kh, kw] = pair(1, 2, 3, 3, 5)
      const out = (size: number, kernel: number, axis: 0 | 1) =>
        Math.floor(
          (size + geometry.padding[axis][0] + geometry.padding[axis][1] - geometry.dilation[axis] * (kernel - 1) - 1) /
            geometry.stride[axis],
        ) + 1
      const [rows, columns] = [out(h, kh, 0), out(w, kw, 1)]
      if (rows < 1 || columns < 1) continue
      const x = [n, h, w, perGroup * groups] as const
      const weights = [kh, kw, perGroup, filters] as const
      const y = [n, rows, columns, filters] as const
      const [a, b, result] = {
        forward: [x, weights, y],
        inputGradient: [y, weights, x],
        weightGradient: [x, y, weights],
      }[variant] as unknown as [readonly number[], readonly number[], readonly number[]]
      return {
        kind: 'conv',
        path,
        variant,
        geometry,
        x,
        w: weights,
        y,
        a: box.dense(a),
        b: box.dense(b),
        epilogue: box.epilogue(result),
      }
    }
  }
}

function randomPool(op: 'max' | 'maxGradient' | 'maxTangent' | 'sum' | 'sumGradient') {
  return (box: Sandbox): Kernel => {
    for (;;) {
      const pair = (...items: number[]) => [box.pick(...items), box.pick(...items)] as const
      const window = {
        size: pair(1, 2, 2, 3),
        stride: pair(1, 2, 2, 3),
        padding: [pair(0, 0, 1, 2), pair(0, 0, 1, 2)] as const,
      }
      const [n, h, w, c] = [
        box.pick(1, 2, 3),
        box.pick(1, 2, 4, 5, 8),
        box.pick(1, 3, 4, 7),
        box.pick(1, 2, 3, 4, 5, 8, 11),
      ]
      const out = (size: number, axis: 0 | 1) =>
        Math.floor(
          (size + window.padding[axis][0] + window.padding[axis][1] - window.size[axis]) / window.stride[axis],
        ) + 1
      const [rows, columns] = [out(h, 0), out(w, 1)]
      if (rows < 1 || columns < 1) continue
      const x = [n, h, w, c] as const
      const y = [n, rows, columns, c] as const
      // Few different values, so that maxima tie.
      const image = (shape: readonly number[]): View => ({
        buffer: box.buffer(
          shape.reduce((a, b) => a * b, 1),
          'float',
          () => (box.rng.integer(40) === 0 ? NaN : box.rng.integer(4) - 2),
        ),
        offset: 0,
        strides: [],
      })
      const inputs = { max: [x], maxGradient: [x, y], maxTangent: [x, x], sum: [x], sumGradient: [y] }[op].map(
        (shape, i) => (i === 0 && op.startsWith('max') ? image(shape) : box.dense(shape)),
      )
      const output = box.dense(op === 'maxGradient' || op === 'sumGradient' ? x : y)
      return { kind: 'pool', path, op, window, x, y, inputs, output }
    }
  }
}

function randomRows(op: 'take' | 'scatter') {
  return (box: Sandbox): Kernel => {
    const [rows, count, rowSize] = [
      box.pick(1, 3, 7, 20),
      box.pick(0, 1, 2, 5, 16),
      box.pick(0, 1, 3, 4, 6, 17, 64, 130),
    ]
    const dtype = box.pick('float' as const, 'int' as const)
    const indices = box.buffer(count, 'int', () => box.rng.integer(rows))
    const source = box.dense(op === 'take' ? [rows, rowSize] : [count, rowSize], dtype)
    const output = box.dense(op === 'take' ? [count, rowSize] : [rows, rowSize], dtype)
    return {
      kind: 'rows',
      path,
      op,
      rows,
      rowSize,
      count,
      source,
      indices: { buffer: indices, offset: 0, strides: [1] },
      output,
      dtype,
    }
  }
}

interface Case {
  readonly name: string
  readonly count: number
  readonly make: (box: Sandbox) => Kernel
  readonly tolerance: Tolerance
  readonly wrong: (kernel: Kernel) => Kernel
}

const { exact, product, chain, deep } = TOLERANCE.f32
const wrongPadding = (kernel: Kernel): Kernel =>
  kernel.kind === 'conv'
    ? {
        ...kernel,
        geometry: { ...kernel.geometry, padding: kernel.geometry.padding.map(([a, b]) => [a + 1, b - 1]) as never },
      }
    : kernel
const wrongOp = (op: string) => (kernel: Kernel) => ({ ...kernel, op }) as Kernel
const smallerWindow = (kernel: Kernel): Kernel =>
  kernel.kind === 'pool' ? { ...kernel, window: { ...kernel.window, size: [1, 1] } } : kernel
const oneLess = (kernel: Kernel): Kernel =>
  kernel.kind === 'rows' ? { ...kernel, count: Math.max(0, kernel.count - 1) } : kernel
const cases: readonly Case[] = [
  {
    name: 'map',
    count: 120,
    make: randomMap,
    tolerance: chain,
    wrong: (kernel) =>
      kernel.kind === 'map'
        ? {
            ...kernel,
            expression: {
              ...kernel.expression,
              body: kernel.expression.body.map((line) => (line.op === 'exp' ? { ...line, op: 'tanh' } : line)),
            },
          }
        : kernel,
  },
  { name: 'reduce sum', count: 90, make: randomReduce('sum'), tolerance: product, wrong: wrongOp('max') },
  { name: 'reduce max', count: 60, make: randomReduce('max'), tolerance: chain, wrong: wrongOp('sum') },
  { name: 'reduce argMax', count: 60, make: randomReduce('argMax'), tolerance: exact, wrong: wrongOp('sum') },
  { name: 'reduce sum of ints', count: 40, make: randomReduce('sum', 'int'), tolerance: exact, wrong: wrongOp('max') },
  { name: 'reduce max of ints', count: 40, make: randomReduce('max', 'int'), tolerance: exact, wrong: wrongOp('sum') },
  {
    name: 'dot',
    count: 120,
    make: randomDot,
    tolerance: product,
    wrong: (kernel) => (kernel.kind === 'dot' ? { ...kernel, k: kernel.k - 1 } : kernel),
  },
  {
    name: 'deep dot',
    count: 8,
    make: deepDot,
    tolerance: deep,
    wrong: (kernel) => (kernel.kind === 'dot' ? { ...kernel, k: kernel.k - 1 } : kernel),
  },
  { name: 'conv forward', count: 70, make: randomConv('forward'), tolerance: product, wrong: wrongPadding },
  {
    name: 'conv inputGradient',
    count: 70,
    make: randomConv('inputGradient'),
    tolerance: product,
    wrong: wrongPadding,
  },
  {
    name: 'conv weightGradient',
    count: 70,
    make: randomConv('weightGradient'),
    tolerance: product,
    wrong: wrongPadding,
  },
  { name: 'narrow conv', count: 40, make: randomConv('forward', true), tolerance: product, wrong: wrongPadding },
  {
    name: 'narrow conv inputGradient',
    count: 40,
    make: randomConv('inputGradient', true),
    tolerance: product,
    wrong: wrongPadding,
  },
  { name: 'pool max', count: 60, make: randomPool('max'), tolerance: exact, wrong: wrongOp('sum') },
  { name: 'pool maxGradient', count: 60, make: randomPool('maxGradient'), tolerance: product, wrong: wrongOp('max') },
  { name: 'pool maxTangent', count: 60, make: randomPool('maxTangent'), tolerance: exact, wrong: wrongOp('max') },
  { name: 'pool sum', count: 60, make: randomPool('sum'), tolerance: product, wrong: wrongOp('max') },
  { name: 'pool sumGradient', count: 60, make: randomPool('sumGradient'), tolerance: product, wrong: smallerWindow },
  { name: 'rows take', count: 40, make: randomRows('take'), tolerance: exact, wrong: oneLess },
  { name: 'rows scatter', count: 40, make: randomRows('scatter'), tolerance: product, wrong: oneLess },
]

// On a busy machine even short tests take their time.
describe.each(cases)('$name', { timeout: 60_000 }, ({ name, count, make, tolerance, wrong }) => {
  test(`equals the loops over ${count} random geometries`, async () => {
    for (const seed of seeds(count)) await check(seed, name, make, tolerance)
  })
  test('the comparison sees a wrong kernel', () => control(name, make, wrong, tolerance))
})

test('this version of Node accepts every variant', () => {
  expect(variants.filter(accepts)).toEqual(variants)
})

const varied = cases.filter(({ name }) => /map|dot|conv|pool/.test(name))
describe.each(variants.slice(1))('$title', { timeout: 60_000 }, (variant) => {
  test.each(varied)(
    '$name equals the loops over $count random geometries',
    async ({ name, count, make, tolerance }) => {
      for (const seed of seeds(count)) await check(seed, name, make, tolerance, variant)
    },
  )
})

// Everything is worth sharing here, so that even small kernels are cut into all of their units.
describe('with threads', { timeout: 60_000 }, () => {
  const alone = new CpuDevice(plain, undefined, 0)
  let crew: TestCrew
  beforeAll(async () => {
    crew = await startCrew(2)
  }, 60_000)
  afterAll(() => crew.end())

  const run = async (seed: number, name: string, make: (box: Sandbox) => Kernel, device: CpuDevice) => {
    const box = new Sandbox(seed, name)
    const kernel = make(box)
    return { kernel, out: await runKernels([kernel], box.buffers, device), expected: expectedOf([kernel], box.buffers) }
  }

  test.each(cases)('$name cut into units equals the loops, and three threads give the same bits', async (one) => {
    const { name, count, make, tolerance } = one
    const team = new CpuDevice(plain, crew, 0)
    for (const seed of seeds(count)) {
      const { kernel, out, expected } = await run(seed, name, make, alone)
      const what = `seed ${seed}, ${JSON.stringify(kernel)}`
      expected.forEach((values, i) => expectClose(at(out, i), values, tolerance, what))
      const shared = await run(seed, name, make, team)
      expect(shared.out, what).toEqual(out)
    }
  })

  test('the comparison of bits sees another order of summing', async () => {
    let apart = 0
    for (const seed of seeds(20)) {
      const make = randomConv('weightGradient')
      const uncut = await run(seed, 'order', make, new CpuDevice(plain))
      const cut = await run(seed, 'order', make, alone)
      if (JSON.stringify(uncut.out) !== JSON.stringify(cut.out)) apart++
    }
    expect(apart).toBeGreaterThan(0)
  })
})
