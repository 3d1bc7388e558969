/** Random kernels of every kind, as the tests of all backends take them. */
import type { Kernel, Scalar, View } from '../../src/ir/kernel.ts'
import { TOLERANCE, type Tolerance } from '../helpers/tolerance.ts'
import type { Sandbox } from './sandbox.ts'

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
export function randomConv(variant: 'forward' | 'inputGradient' | 'weightGradient', narrow = false) {
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

/** A kind of kernel: how to make a random one, and a wrong one for which the comparison must complain. */
export interface KernelCase {
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

export const cases: readonly KernelCase[] = [
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
