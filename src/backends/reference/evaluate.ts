/**
 * What each primitive means, as plain loops over f64: the living definition that every other backend is compared with.
 * Written for being obviously right, index by index from the formulas, and sharing nothing with the compiler's later
 * phases.
 */
import { at } from '../../base/assert.ts'
import { sizeOf, stridesOf, type Shape } from '../../base/shape.ts'
import type { Aval, Equation, Primitive, Program, ValueId, Window } from '../../ir/program.ts'

export interface Value extends Aval {
  readonly data: Float64Array
}

/** `out` is the first result, and the only one of all but a loop. */
type Rule<P extends Primitive> = (
  out: Value,
  inputs: readonly Value[],
  params: Equation<P>['params'],
  results: readonly Value[],
) => void

/** Calls `visit` with every index of the shape in row-major order; the array is reused. */
function each(shape: Shape, visit: (index: readonly number[], position: number) => void): void {
  const index = shape.map(() => 0)
  const size = sizeOf(shape)
  for (let position = 0; position < size; position++) {
    visit(index, position)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = at(index, axis) + 1
      if (next < at(shape, axis)) {
        index[axis] = next
        break
      }
      index[axis] = 0
    }
  }
}

function offsetOf(index: readonly number[], strides: readonly number[]): number {
  let offset = 0
  for (let axis = 0; axis < index.length; axis++) offset += (index[axis] ?? 0) * (strides[axis] ?? 0)
  return offset
}

/** A rule that needs no parameters. */
type Plain = (out: Value, inputs: readonly Value[]) => void

function unary(f: (x: number) => number): Plain {
  return (out, [x]) => {
    const from = the(x)
    for (let i = 0; i < out.data.length; i++) out.data[i] = f(at(from, i))
  }
}

function binary(f: (a: number, b: number) => number): Plain {
  return (out, [a, b]) => {
    const [left, right] = [the(a), the(b)]
    for (let i = 0; i < out.data.length; i++) out.data[i] = f(at(left, i), at(right, i))
  }
}

/** max and min that let NaN through, unlike `a > b ? a : b`. */
const greater = (a: number, b: number) => (a !== a || b !== b ? NaN : a > b ? a : b)
const lesser = (a: number, b: number) => (a !== a || b !== b ? NaN : a < b ? a : b)

function reduce(start: number, f: (sum: number, x: number) => number) {
  return (out: Value, [x]: readonly Value[], { axes }: { readonly axes: readonly number[] }): void => {
    const input = value(x)
    const kept = input.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
    const strides = stridesOf(out.shape)
    out.data.fill(start)
    each(input.shape, (index, position) => {
      const target = offsetOf(
        kept.map((axis) => at(index, axis)),
        strides,
      )
      out.data[target] = f(at(out.data, target), at(input.data, position))
    })
  }
}

/** Visits each (output element, element of its window that is not padding). */
function windows(y: Shape, x: Shape, window: Window, visit: (output: number, input: number) => void): void {
  const strides = stridesOf(x)
  each(y, ([n, row, column, channel], output) => {
    for (let i = 0; i < window.size[0]; i++) {
      for (let j = 0; j < window.size[1]; j++) {
        const h = (row ?? 0) * window.stride[0] - window.padding[0][0] + i
        const w = (column ?? 0) * window.stride[1] - window.padding[1][0] + j
        if (h >= 0 && h < at(x, 1) && w >= 0 && w < at(x, 2))
          visit(output, offsetOf([n ?? 0, h, w, channel ?? 0], strides))
      }
    }
  })
}

/** For each output the position of the first maximum of its window; a NaN counts as greatest. */
function winners(x: Value, y: Shape, window: Window): Int32Array {
  const best = new Int32Array(sizeOf(y)).fill(-1)
  windows(y, x.shape, window, (output, input) => {
    const held = at(best, output)
    const current = held < 0 ? -Infinity : at(x.data, held)
    const candidate = at(x.data, input)
    if (held < 0 || candidate > current || (candidate !== candidate && current === current)) best[output] = input
  })
  return best
}

/** Visits each product of a convolution: which output, input and weight elements meet. */
function products(
  x: Shape,
  w: Shape,
  y: Shape,
  p: Equation<'conv'>['params'],
  visit: (x: number, w: number, y: number) => void,
): void {
  const [xs, ws] = [stridesOf(x), stridesOf(w)]
  const inner = at(w, 2)
  const perGroup = at(w, 3) / p.groups
  each(y, ([n, row, column, filter], output) => {
    const group = Math.floor((filter ?? 0) / perGroup)
    for (let i = 0; i < at(w, 0); i++) {
      for (let j = 0; j < at(w, 1); j++) {
        const h = (row ?? 0) * p.stride[0] - p.padding[0][0] + i * p.dilation[0]
        const v = (column ?? 0) * p.stride[1] - p.padding[1][0] + j * p.dilation[1]
        if (h < 0 || h >= at(x, 1) || v < 0 || v >= at(x, 2)) continue
        for (let c = 0; c < inner; c++) {
          visit(offsetOf([n ?? 0, h, v, group * inner + c], xs), offsetOf([i, j, c, filter ?? 0], ws), output)
        }
      }
    }
  })
}

export const evaluateRules: { readonly [P in Primitive]: Rule<P> } = {
  constant: (out, _inputs, p) => out.data.fill(p.value),
  iota: (out) => out.data.forEach((_, i) => (out.data[i] = i)),
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  tanh: unary(Math.tanh),
  sqrt: unary(Math.sqrt),
  abs: unary(Math.abs),
  isFinite: unary((x) => (Number.isFinite(x) ? 1 : 0)),
  stopGradient: unary((x) => x),
  convert: (out, [x], { to }) => value(x).data.forEach((v, i) => (out.data[i] = to === 'int' ? Math.trunc(v) : v)),
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  max: binary(greater),
  min: binary(lesser),
  less: binary((a, b) => (a < b ? 1 : 0)),
  equal: binary((a, b) => (a === b ? 1 : 0)),
  select: (out, [condition, a, b]) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = at(the(condition), i) !== 0 ? at(the(a), i) : at(the(b), i)
  },
  sum: reduce(0, (sum, x) => sum + x),
  reduceMax: reduce(-Infinity, greater),
  argMax: (out, [x], { axis }) => {
    const input = value(x)
    const strides = stridesOf(out.shape)
    const best = new Float64Array(out.data.length).fill(-Infinity)
    const none = new Uint8Array(out.data.length).fill(1)
    each(input.shape, (index, position) => {
      const target = offsetOf(
        index.filter((_, i) => i !== axis),
        strides,
      )
      const candidate = at(input.data, position)
      if (none[target] === 1 || candidate > at(best, target)) {
        none[target] = 0
        best[target] = candidate
        out.data[target] = at(index, axis)
      }
    })
  },
  reshape: (out, [x]) => out.data.set(the(x)),
  transpose: (out, [x], { order }) => {
    const input = value(x)
    const strides = stridesOf(input.shape)
    each(out.shape, (index, position) => {
      let offset = 0
      order.forEach((axis, i) => (offset += at(index, i) * at(strides, axis)))
      out.data[position] = at(input.data, offset)
    })
  },
  broadcast: (out, [x], { axes }) => {
    const input = value(x)
    const strides = stridesOf(input.shape)
    each(out.shape, (index, position) => {
      out.data[position] = at(
        input.data,
        offsetOf(
          axes.map((axis) => at(index, axis)),
          strides,
        ),
      )
    })
  },
  dot: (out, [a, b], { contract, batch }) => {
    const [left, right] = [value(a), value(b)]
    const free = (v: Value, side: 0 | 1) =>
      v.shape.map((_, i) => i).filter((axis) => !contract[side].includes(axis) && !batch[side].includes(axis))
    const place = (v: Value, side: 0 | 1, index: readonly number[], inner: readonly number[], firstFree: number) => {
      const strides = stridesOf(v.shape)
      let offset = 0
      batch[side].forEach((axis, i) => (offset += at(index, i) * at(strides, axis)))
      free(v, side).forEach((axis, i) => (offset += at(index, firstFree + i) * at(strides, axis)))
      contract[side].forEach((axis, i) => (offset += at(inner, i) * at(strides, axis)))
      return offset
    }
    const sizes = contract[0].map((axis) => at(left.shape, axis))
    const freeLeft = free(left, 0).length
    each(out.shape, (index, position) => {
      let sum = 0
      each(sizes, (inner) => {
        sum +=
          at(left.data, place(left, 0, index, inner, batch[0].length)) *
          at(right.data, place(right, 1, index, inner, batch[0].length + freeLeft))
      })
      out.data[position] = sum
    })
  },
  conv: (out, [x, w], p) => {
    const [input, weights] = [value(x), value(w)]
    products(
      input.shape,
      weights.shape,
      out.shape,
      p,
      (i, j, o) => (out.data[o] = at(out.data, o) + at(input.data, i) * at(weights.data, j)),
    )
  },
  convInputGradient: (out, [g, w], p) => {
    const [gradient, weights] = [value(g), value(w)]
    products(
      out.shape,
      weights.shape,
      gradient.shape,
      p,
      (i, j, o) => (out.data[i] = at(out.data, i) + at(gradient.data, o) * at(weights.data, j)),
    )
  },
  convWeightGradient: (out, [x, g], p) => {
    const [input, gradient] = [value(x), value(g)]
    products(
      input.shape,
      out.shape,
      gradient.shape,
      p,
      (i, j, o) => (out.data[j] = at(out.data, j) + at(gradient.data, o) * at(input.data, i)),
    )
  },
  maxPool: (out, [x], window) => {
    const input = value(x)
    winners(input, out.shape, window).forEach(
      (from, to) => (out.data[to] = from < 0 ? -Infinity : at(input.data, from)),
    )
  },
  maxPoolGradient: (out, [x, g], window) => {
    const gradient = value(g)
    winners(value(x), gradient.shape, window).forEach((to, from) => {
      if (to >= 0) out.data[to] = at(out.data, to) + at(gradient.data, from)
    })
  },
  maxPoolTangent: (out, [x, t], window) => {
    const tangent = value(t)
    winners(value(x), out.shape, window).forEach((from, to) => (out.data[to] = from < 0 ? 0 : at(tangent.data, from)))
  },
  sumPool: (out, [x], window) => {
    const input = value(x)
    windows(out.shape, input.shape, window, (o, i) => (out.data[o] = at(out.data, o) + at(input.data, i)))
  },
  sumPoolGradient: (out, [g], window) => {
    const gradient = value(g)
    windows(gradient.shape, out.shape, window, (o, i) => (out.data[i] = at(out.data, i) + at(gradient.data, o)))
  },
  slice: (out, [x], { start }) => {
    const input = value(x)
    const strides = stridesOf(input.shape)
    each(out.shape, (index, position) => {
      out.data[position] = at(
        input.data,
        offsetOf(
          index.map((i, axis) => i + at(start, axis)),
          strides,
        ),
      )
    })
  },
  pad: (out, [x], { before, value: around }) => {
    const input = value(x)
    const strides = stridesOf(out.shape)
    out.data.fill(around)
    each(input.shape, (index, position) => {
      const target = index.map((i, axis) => i + at(before, axis))
      out.data[offsetOf(target, strides)] = at(input.data, position)
    })
  },
  concat: (out, parts, { axis }) => {
    const strides = stridesOf(out.shape)
    let from = 0
    for (const part of parts) {
      each(part.shape, (index, position) => {
        const target = index.map((i, along) => (along === axis ? i + from : i))
        out.data[offsetOf(target, strides)] = at(part.data, position)
      })
      from += at(part.shape, axis)
    }
  },
  random: (out, [position, step, seed], { stream }) => {
    for (let i = 0; i < out.data.length; i++) {
      const bits = threefry([at(the(position), i), at(the(step), i)], [stream, at(the(seed), i)])[0]
      out.data[i] = (bits >>> 8) / 2 ** 24
    }
  },
  scan: (_out, inputs, { length, reverse, given, carried, body }, results) => {
    const states = inputs.slice(given, given + carried).map(({ data }) => data)
    const names = body.inputs.map(({ name }) => name)
    const stacked = body.outputs.filter(({ role }) => role === 'step')
    for (let turn = 0; turn < length; turn++) {
      const t = reverse ? length - 1 - turn : turn
      const fed = inputs.map((input, i) => {
        if (i < given) return input.data
        if (i < given + carried) return at(states, i - given)
        const size = input.data.length / length
        return input.data.subarray(t * size, (t + 1) * size)
      })
      const found = evaluate(body, new Map(names.map((name, i) => [name, at(fed, i)])))
      for (const { name, role, value: id } of body.outputs)
        if (role === 'state') states[names.indexOf(name) - given] = found(id).data
      stacked.forEach(({ value: id }, i) => {
        const { data } = found(id)
        at(results, carried + i).data.set(data, t * data.length)
      })
    }
    states.forEach((data, i) => {
      at(results, i).data.set(data)
    })
  },
  take: (out, [rows, indices]) => {
    const table = value(rows)
    const size = sizeOf(table.shape.slice(1))
    the(indices).forEach((row, i) => out.data.set(table.data.subarray(row * size, (row + 1) * size), i * size))
  },
  scatterRows: (out, [indices, values]) => {
    const rows = value(values)
    const size = sizeOf(out.shape.slice(1))
    the(indices).forEach((row, i) => {
      for (let j = 0; j < size; j++)
        out.data[row * size + j] = at(out.data, row * size + j) + at(rows.data, i * size + j)
    })
  },
}

/** Threefry-2x32 with 20 rounds (Salmon et al. 2011): two words of random bits from a counter and a key of two words each. */
export function threefry(counter: readonly [number, number], key: readonly [number, number]): [number, number] {
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24]
  const keys = [key[0], key[1], 0x1bd11bda ^ key[0] ^ key[1]]
  let x = (counter[0] + key[0]) | 0
  let y = (counter[1] + key[1]) | 0
  for (let round = 0; round < 20; round++) {
    const by = at(rotations, round % 8)
    x = (x + y) | 0
    y = ((y << by) | (y >>> (32 - by))) ^ x
    if (round % 4 !== 3) continue
    const turn = (round + 1) / 4
    x = (x + at(keys, turn % 3)) | 0
    y = (y + at(keys, (turn + 1) % 3) + turn) | 0
  }
  return [x >>> 0, y >>> 0]
}

function value(operand: Value | undefined): Value {
  if (!operand) throw new Error('internal: an operand is missing')
  return operand
}

function the(operand: Value | undefined): Float64Array {
  return value(operand).data
}

/** Runs a program on the given inputs; all values of the result are fresh. */
export function evaluate(program: Program, inputs: ReadonlyMap<string, Float64Array>): (id: ValueId) => Value {
  const values = new Map<ValueId, Value>()
  const get = (id: ValueId): Value => {
    const known = values.get(id)
    if (!known) throw new Error(`internal: value ${id} was used before it was computed`)
    return known
  }
  for (const input of program.inputs) {
    const data = inputs.get(input.name)
    const aval = at(program.values, input.value)
    if (!data || data.length !== sizeOf(aval.shape))
      throw new Error(`internal: input ${input.name} has ${data?.length ?? 'no'} elements, not ${sizeOf(aval.shape)}`)
    values.set(input.value, { ...aval, data })
  }
  for (const equation of program.equations) {
    const results = equation.outputs.map((id): Value => {
      const aval = at(program.values, id)
      return { ...aval, data: new Float64Array(sizeOf(aval.shape)) }
    })
    // Table and equation are indexed by the same primitive, which TypeScript can't see through a union.
    const rule = evaluateRules[equation.primitive] as (
      out: Value,
      inputs: readonly Value[],
      params: unknown,
      results: readonly Value[],
    ) => void
    rule(at(results, 0), equation.inputs.map(get), equation.params, results)
    equation.outputs.forEach((id, i) => values.set(id, at(results, i)))
  }
  return get
}
