/**
 * The reference's rules against the definitions written another way: on nested arrays, element by element of the input
 * instead of the output, or through another primitive's definition.
 */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import type { Tensor } from '../../src/ir/builder.ts'
import type { ConvGeometry, Window } from '../../src/ir/program.ts'
import type { Differentiable } from '../../src/ir/vjp.ts'
import { firstWord } from '../helpers/threefry.ts'
import { Sheet } from '../helpers/gradients.ts'
import { expectClose, TOLERANCE } from '../helpers/tolerance.ts'
import { emit, primitiveCases, type Case } from './primitive-cases.ts'

/** Elements by their index, written as text; what is not there is 0. */
class Cells {
  readonly #values = new Map<string, number>()
  get(...index: readonly number[]): number | undefined {
    return this.#values.get(index.join())
  }
  set(value: number, ...index: readonly number[]): void {
    this.#values.set(index.join(), value)
  }
  add(value: number, ...index: readonly number[]): void {
    this.set((this.get(...index) ?? 0) + value, ...index)
  }
  flat(shape: Shape): number[] {
    return indices(shape).map((index) => this.get(...index) ?? 0)
  }
}

/** All indices of a shape, the last axis fastest: built from the outermost axis inwards. */
function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (outer, size) => outer.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  )
}

function cells(shape: Shape, data: ArrayLike<number>): Cells {
  const result = new Cells()
  indices(shape).forEach((index, i) => result.set(at(data, i), ...index))
  return result
}

type Naive<P extends Differentiable> = (one: Case<P>, out: Shape) => number[]

const operands = (one: Case<Differentiable>) => one.inputs.map(({ shape, data }) => cells(shape, data))

function elementwise(f: (...x: readonly number[]) => number): Naive<Differentiable> {
  return ({ inputs }, out) => Array.from({ length: sizeOf(out) }, (_, i) => f(...inputs.map(({ data }) => at(data, i))))
}

/** Groups the input's elements by the index that is left of theirs, in order. */
function groups(one: Case<Differentiable>, axes: readonly number[], out: Shape): number[][] {
  const { shape, data } = at(one.inputs, 0)
  const found = new Map<string, number[]>()
  indices(shape).forEach((index, i) => {
    const key = index.filter((_, axis) => !axes.includes(axis)).join()
    found.set(key, [...(found.get(key) ?? []), at(data, i)])
  })
  return indices(out).map((index) => found.get(index.join()) ?? [])
}

/** Every meeting of an input pixel with a filter tap, found from the input's side: which output it adds to. */
function meetings(
  x: Shape,
  kernel: readonly [number, number],
  y: Shape,
  { stride, padding, dilation }: Pick<ConvGeometry, 'stride' | 'padding' | 'dilation'>,
  visit: (n: number, h: number, w: number, i: number, j: number, row: number, column: number) => void,
): void {
  for (const [n, h, w] of indices(x.slice(0, 3)) as [number, number, number][])
    for (const [i, j] of indices(kernel) as [number, number][]) {
      const row = (h + padding[0][0] - i * dilation[0]) / stride[0]
      const column = (w + padding[1][0] - j * dilation[1]) / stride[1]
      if (Number.isInteger(row) && Number.isInteger(column) && row >= 0 && column >= 0)
        if (row < at(y, 1) && column < at(y, 2)) visit(n, h, w, i, j, row, column)
    }
}

function convolve(
  x: Shape,
  w: Shape,
  y: Shape,
  p: ConvGeometry,
  visit: (x: number[], w: number[], y: number[]) => void,
) {
  const [perGroupIn, perGroupOut] = [at(w, 2), at(w, 3) / p.groups]
  meetings(x, [at(w, 0), at(w, 1)], y, p, (n, h, v, i, j, row, column) => {
    for (let c = 0; c < at(x, 3); c++) {
      const group = Math.floor(c / perGroupIn)
      for (let o = group * perGroupOut; o < (group + 1) * perGroupOut; o++)
        visit([n, h, v, c], [i, j, c - group * perGroupIn, o], [n, row, column, o])
    }
  })
}

/** The pixels of each window: lists of [index, value], row by row. */
function windowLists(x: Shape, y: Shape, window: Window): Map<string, number[][]> {
  const lists = new Map<string, number[][]>()
  meetings(x, window.size, y, { ...window, dilation: [1, 1] }, (n, h, w, _i, _j, row, column) => {
    const key = [n, row, column].join()
    lists.set(key, [...(lists.get(key) ?? []), [n, h, w]])
  })
  return lists
}

function firstMaxima(one: Case<'maxPool' | 'maxPoolGradient' | 'maxPoolTangent'>, y: Shape): (number[] | undefined)[] {
  const x = at(one.inputs, 0).shape
  const [values] = operands(one)
  const lists = windowLists(x, y, one.params)
  return indices(y).map(([n = 0, row = 0, column = 0, channel = 0]) => {
    const pixels = (lists.get([n, row, column].join()) ?? []).map((pixel) => [...pixel, channel])
    const best = Math.max(...pixels.map((pixel) => values?.get(...pixel) ?? NaN))
    return pixels.find((pixel) => values?.get(...pixel) === best)
  })
}

/** Elements of a tensor, moved by so much along each axis. */
function moved(x: Cells, shape: Shape, by: readonly number[], into: Cells): void {
  for (const index of indices(shape)) into.set(x.get(...index) ?? NaN, ...index.map((i, axis) => i + at(by, axis)))
}

/** A loop has a test of its own, scan.test. */
const naive: { readonly [P in Differentiable]: Naive<P> } = {
  constant: ({ params }) => [params.value],
  iota: ({ params }) => [...new Array(params.length).keys()],
  neg: elementwise((x = 0) => 0 - x),
  exp: elementwise((x = 0) => Math.E ** x),
  log: elementwise((x = 0) => Math.log2(x) / Math.LOG2E),
  tanh: elementwise((x = 0) => 1 - 2 / (Math.exp(2 * x) + 1)),
  sqrt: elementwise((x = 0) => x ** 0.5),
  abs: elementwise((x = 0) => (x < 0 ? 0 - x : x)),
  isFinite: elementwise((x = 0) => (x - x === 0 ? 1 : 0)),
  stopGradient: elementwise((x = 0) => x),
  convert: elementwise((x = 0) => Number.parseInt(x.toFixed(9), 10)),
  add: elementwise((a = 0, b = 0) => a - -b),
  sub: elementwise((a = 0, b = 0) => a + -b),
  mul: elementwise((a = 0, b = 0) => (b === 0 ? 0 : a / (1 / b))),
  div: elementwise((a = 0, b = 0) => a * b ** -1),
  max: elementwise((a = 0, b = 0) => Math.max(a, b)),
  min: elementwise((a = 0, b = 0) => Math.min(a, b)),
  less: elementwise((a = 0, b = 0) => Number(b - a > 0)),
  equal: elementwise((a = 0, b = 0) => Number(a - b === 0)),
  select: elementwise((c = 0, a = 0, b = 0) => c * a + (1 - c) * b),
  sum: (one, out) => groups(one, one.params.axes, out).map((list) => list.reduceRight((sum, x) => sum + x, 0)),
  reduceMax: (one, out) =>
    groups(one, one.params.axes, out).map((list) =>
      at(
        list.sort((a, b) => b - a),
        0,
      ),
    ),
  argMax: (one, out) => groups(one, [one.params.axis], out).map((list) => list.indexOf(Math.max(...list))),
  reshape: ({ inputs }) => [...at(inputs, 0).data],
  transpose: (one, out) => {
    const { shape, data } = at(one.inputs, 0)
    const moved = new Cells()
    indices(shape).forEach((index, i) => moved.set(at(data, i), ...one.params.order.map((axis) => at(index, axis))))
    return moved.flat(out)
  },
  broadcast: (one, out) => {
    const { shape, data } = at(one.inputs, 0)
    const repeated = new Cells()
    // Each element goes to every place whose kept axes are its own.
    indices(shape).forEach((index, i) => {
      for (const place of indices(out))
        if (one.params.axes.every((axis, k) => place[axis] === index[k])) repeated.set(at(data, i), ...place)
    })
    return repeated.flat(out)
  },
  dot: (one, out) => {
    // Every pair of elements meets; those that agree on the paired axes are multiplied and added.
    const [a, b] = [at(one.inputs, 0), at(one.inputs, 1)]
    const { contract, batch } = one.params
    const sums = new Cells()
    indices(a.shape).forEach((i, p) => {
      indices(b.shape).forEach((j, q) => {
        const pairs = [contract, batch].flatMap(([left, right]) => left.map((axis, k) => [i[axis], j[at(right, k)]]))
        if (pairs.some(([x, y]) => x !== y)) return
        const free = (index: readonly number[], side: 0 | 1) =>
          index.filter((_, axis) => !contract[side].includes(axis) && !batch[side].includes(axis))
        sums.add(at(a.data, p) * at(b.data, q), ...batch[0].map((axis) => at(i, axis)), ...free(i, 0), ...free(j, 1))
      })
    })
    return sums.flat(out)
  },
  conv: (one, out) => {
    const [x, w] = operands(one)
    const y = new Cells()
    convolve(at(one.inputs, 0).shape, at(one.inputs, 1).shape, out, one.params, (i, j, k) =>
      y.add((x?.get(...i) ?? NaN) * (w?.get(...j) ?? NaN), ...k),
    )
    return y.flat(out)
  },
  convInputGradient: (one, out) => {
    const [dy, w] = operands(one)
    const dx = new Cells()
    convolve(out, at(one.inputs, 1).shape, at(one.inputs, 0).shape, one.params, (i, j, k) =>
      dx.add((dy?.get(...k) ?? NaN) * (w?.get(...j) ?? NaN), ...i),
    )
    return dx.flat(out)
  },
  convWeightGradient: (one, out) => {
    const [x, dy] = operands(one)
    const dw = new Cells()
    convolve(at(one.inputs, 0).shape, out, at(one.inputs, 1).shape, one.params, (i, j, k) =>
      dw.add((x?.get(...i) ?? NaN) * (dy?.get(...k) ?? NaN), ...j),
    )
    return dw.flat(out)
  },
  maxPool: (one, out) => {
    const [x] = operands(one)
    return firstMaxima(one, out).map((pixel) => x?.get(...(pixel ?? [])) ?? NaN)
  },
  maxPoolGradient: (one, out) => {
    const { shape, data } = at(one.inputs, 1)
    const dx = new Cells()
    firstMaxima(one, shape).forEach((pixel, i) => dx.add(at(data, i), ...(pixel ?? [])))
    return dx.flat(out)
  },
  maxPoolTangent: (one, out) => {
    const [, t] = operands(one)
    return firstMaxima(one, out).map((pixel) => t?.get(...(pixel ?? [])) ?? NaN)
  },
  sumPool: (one, out) => {
    const [x] = operands(one)
    const lists = windowLists(at(one.inputs, 0).shape, out, one.params)
    return indices(out).map(([n, row, column, channel = 0]) =>
      (lists.get([n, row, column].join()) ?? []).reduce((sum, pixel) => sum + (x?.get(...pixel, channel) ?? NaN), 0),
    )
  },
  sumPoolGradient: (one, out) => {
    const { shape } = at(one.inputs, 0)
    const [dy] = operands(one)
    const dx = new Cells()
    for (const [key, pixels] of windowLists(out, shape, one.params))
      for (const pixel of pixels)
        for (let channel = 0; channel < at(out, 3); channel++)
          dx.add(dy?.get(...key.split(',').map(Number), channel) ?? NaN, ...pixel, channel)
    return dx.flat(out)
  },
  take: (one, out) => {
    // One-hot rows times the table.
    const [rows, picks] = [at(one.inputs, 0), at(one.inputs, 1)]
    const size = sizeOf(rows.shape.slice(1))
    const count = at(rows.shape, 0)
    return Array.from({ length: sizeOf(out) }, (_, i) =>
      Array.from({ length: count }, (_, row) => Number(at(picks.data, Math.floor(i / size)) === row)).reduce(
        (sum, bit, row) => sum + bit * at(rows.data, row * size + (i % size)),
        0,
      ),
    )
  },
  scatterRows: (one, out) => {
    const [picks, values] = [at(one.inputs, 0), at(one.inputs, 1)]
    const size = sizeOf(out.slice(1))
    return Array.from({ length: sizeOf(out) }, (_, i) =>
      [...picks.data].reduce(
        (sum, row, k) => sum + (row === Math.floor(i / size) ? at(values.data, k * size + (i % size)) : 0),
        0,
      ),
    )
  },
  slice: (one, out) => {
    const [x] = operands(one)
    const part = new Cells()
    if (x)
      moved(
        x,
        at(one.inputs, 0).shape,
        one.params.start.map((first) => -first),
        part,
      )
    return part.flat(out)
  },
  pad: (one, out) => {
    const [x] = operands(one)
    const padded = cells(out, new Array<number>(sizeOf(out)).fill(one.params.value))
    if (x) moved(x, at(one.inputs, 0).shape, one.params.before, padded)
    return padded.flat(out)
  },
  concat: (one, out) => {
    const whole = new Cells()
    let reached = 0
    operands(one).forEach((part, i) => {
      const { shape } = at(one.inputs, i)
      moved(
        part,
        shape,
        shape.map((_, axis) => (axis === one.params.axis ? reached : 0)),
        whole,
      )
      reached += at(shape, one.params.axis)
    })
    return whole.flat(out)
  },
  random: (one) => {
    const [position, step, seed] = [at(one.inputs, 0).data, at(one.inputs, 1).data, at(one.inputs, 2).data]
    return [...position].map((place, i) => {
      const bits = firstWord([place, at(step, i)], [one.params.stream, at(seed, i)])
      return Math.floor(bits / 256) / 2 ** 24
    })
  },
}

function run(primitive: Differentiable, one: Case): { value: Float64Array; out: Tensor } {
  const sheet = new Sheet()
  const inputs = one.inputs.map((input) => sheet.given(input))
  const out = emit(sheet.g, primitive, one, inputs)
  return { value: sheet.run()(out.id), out }
}

describe('the reference follows the definition of', () => {
  test.each(Object.keys(naive) as Differentiable[])('%s', (primitive) => {
    const rule = naive[primitive] as Naive<Differentiable>
    for (const one of primitiveCases[primitive].cases as readonly Case[]) {
      const { value, out } = run(primitive, one)
      const expected = rule(one, out.shape)
      expectClose(value, expected, TOLERANCE.f64.same, `${primitive} ${one.name}`)
    }
  })

  test('less, equal and select, also where values are equal', () => {
    const sheet = new Sheet()
    const given = (...data: number[]) => sheet.given({ shape: [3], dtype: 'float', data: Float64Array.from(data) })
    const [a, b] = [given(1, 2, 3), given(2, 2, 2)]
    const { g } = sheet
    const results = [g.less(a, b), g.equal(a, b), g.select(g.less(a, b), a, b), g.max(a, b), g.min(a, b)]
    const values = sheet.run()
    expect(results.map(({ id }) => [...values(id)])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [1, 2, 2],
      [2, 2, 3],
      [1, 2, 2],
    ])
  })

  test('numbers that are none: NaN goes through max and min, and wins its window', () => {
    const sheet = new Sheet()
    const { g } = sheet
    const x = sheet.given({ shape: [1, 2, 2, 1], dtype: 'float', data: Float64Array.of(1, NaN, 7, -Infinity) })
    const window: Window = {
      size: [2, 2],
      stride: [1, 1],
      padding: [
        [0, 0],
        [0, 0],
      ],
    }
    const results = [g.max(x, 0), g.min(x, 0), g.reduceMax(x), g.maxPool(x, window), g.isFinite(x)]
    const values = sheet.run()
    expect(results.map(({ id }) => [...values(id)])).toEqual([
      [1, NaN, 7, 0],
      [0, NaN, 0, -Infinity],
      [NaN],
      [NaN],
      [1, 0, 1, 0],
    ])
  })

  test('argMax takes the first of equal values', () => {
    const sheet = new Sheet()
    const x = sheet.given({ shape: [2, 3], dtype: 'float', data: Float64Array.of(1, 5, 5, -1, -1, -2) })
    const best = sheet.g.argMax(x)
    expect([...sheet.run()(best.id)]).toEqual([1, 0])
  })

  test('sums of nothing are 0', () => {
    const sheet = new Sheet()
    const x = sheet.given({ shape: [2, 0], dtype: 'float', data: new Float64Array() })
    const sum = sheet.g.sum(x, [1])
    expect([...sheet.run()(sum.id)]).toEqual([0, 0])
  })
})
