/**
 * Writes programs. Each method appends equations and returns a Tensor, a handle that knows its shape at once; a shape that
 * does not fit throws a ProblemError, which the caller places. Numbers stand for scalars, and the elementwise methods
 * repeat the smaller operand as NumPy does (trailing axes aligned, axes of size 1 stretched).
 */
import { problem, ProblemError } from '../base/problem.ts'
import { sameShape, showShape, sizeOf, type Shape } from '../base/shape.ts'
import type {
  Aval,
  ConvGeometry,
  Dtype,
  Equation,
  InputRole,
  Pair,
  Primitive,
  PrimitiveParams,
  Program,
  ProgramInput,
  ProgramOutput,
  Scan,
  ValueId,
  Window,
} from './program.ts'
import { inferShape, scanShapes } from './shapes.ts'

const GILES_NEAR = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
]
const GILES_FAR = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
]

export class Tensor {
  readonly id: ValueId
  readonly shape: Shape
  readonly dtype: Dtype
  constructor(id: ValueId, aval: Aval) {
    this.id = id
    this.shape = aval.shape
    this.dtype = aval.dtype
  }
}

export type Operand = Tensor | number

export class Builder {
  readonly values: Aval[] = []
  readonly inputs: ProgramInput[] = []
  readonly equations: Equation[] = []
  readonly outputs: ProgramOutput[] = []
  /** Path of the block being traced; every equation carries it. */
  path = ''
  /** Which logits a softmax or sigmoid was made from, so that a loss can go back to them. */
  readonly #logits = { softmax: new Map<ValueId, Tensor>(), sigmoid: new Map<ValueId, Tensor>() }

  /** Appends one equation. */
  emit<P extends Exclude<Primitive, 'scan'>>(
    primitive: P,
    operands: readonly Tensor[],
    params: PrimitiveParams[P],
  ): Tensor {
    const output = this.#value(inferShape(primitive, operands, params))
    this.equations.push({
      primitive,
      params,
      inputs: operands.map((operand) => operand.id),
      outputs: [output.id],
      path: this.path,
    } as Equation)
    return output
  }

  #value(aval: Aval): Tensor {
    const id = this.values.length
    this.values.push(aval)
    return new Tensor(id, aval)
  }

  /** Handle for a value that exists already. */
  tensor(id: ValueId): Tensor {
    const aval = this.values[id]
    if (!aval) throw new Error(`internal: no value ${id}`)
    return new Tensor(id, aval)
  }

  /** The input of that name, made on first use. */
  input(name: string, role: InputRole, shape: Shape, dtype: Dtype = 'float'): Tensor {
    const known = this.inputs.find((input) => input.name === name)
    if (known) return this.tensor(known.value)
    const tensor = this.#value({ shape, dtype })
    this.inputs.push({ name, role, value: tensor.id })
    return tensor
  }

  output(name: string, role: ProgramOutput['role'], value: Tensor): void {
    this.outputs.push({ name, role, value: value.id })
  }

  build(): Program {
    return { values: this.values, inputs: this.inputs, equations: this.equations, outputs: this.outputs }
  }

  // Values from nothing

  constant(value: number, dtype: Dtype = 'float'): Tensor {
    return this.emit('constant', [], { value, dtype })
  }
  fill(shape: Shape, value: number): Tensor {
    return this.broadcast(this.constant(value), shape, [])
  }
  iota(length: number): Tensor {
    return this.emit('iota', [], { length })
  }

  // Elementwise

  neg(x: Tensor): Tensor {
    return this.emit('neg', [x], {})
  }
  exp(x: Tensor): Tensor {
    return this.emit('exp', [x], {})
  }
  log(x: Tensor): Tensor {
    return this.emit('log', [x], {})
  }
  tanh(x: Tensor): Tensor {
    return this.emit('tanh', [x], {})
  }
  sqrt(x: Tensor): Tensor {
    return this.emit('sqrt', [x], {})
  }
  abs(x: Tensor): Tensor {
    return this.emit('abs', [x], {})
  }
  isFinite(x: Tensor): Tensor {
    return this.emit('isFinite', [x], {})
  }
  stopGradient(x: Tensor): Tensor {
    return this.emit('stopGradient', [x], {})
  }
  convert(x: Tensor, to: Dtype): Tensor {
    return x.dtype === to ? x : this.emit('convert', [x], { to })
  }
  add(a: Operand, b: Operand): Tensor {
    return this.emit('add', this.#align(a, b), {})
  }
  sub(a: Operand, b: Operand): Tensor {
    return this.emit('sub', this.#align(a, b), {})
  }
  mul(a: Operand, b: Operand): Tensor {
    return this.emit('mul', this.#align(a, b), {})
  }
  div(a: Operand, b: Operand): Tensor {
    return this.emit('div', this.#align(a, b), {})
  }
  max(a: Operand, b: Operand): Tensor {
    return this.emit('max', this.#align(a, b), {})
  }
  min(a: Operand, b: Operand): Tensor {
    return this.emit('min', this.#align(a, b), {})
  }
  less(a: Operand, b: Operand): Tensor {
    return this.emit('less', this.#align(a, b), {})
  }
  equal(a: Operand, b: Operand): Tensor {
    return this.emit('equal', this.#align(a, b), {})
  }
  select(condition: Tensor, a: Operand, b: Operand): Tensor {
    const [left, right] = this.#align(a, b)
    const shape = broadcastShape(condition.shape, left.shape)
    return this.emit(
      'select',
      [this.broadcastTo(condition, shape), this.broadcastTo(left, shape), this.broadcastTo(right, shape)],
      {},
    )
  }

  #align(a: Operand, b: Operand): [Tensor, Tensor] {
    const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : 'float'
    const left = a instanceof Tensor ? a : this.constant(a, dtype)
    const right = b instanceof Tensor ? b : this.constant(b, dtype)
    const shape = broadcastShape(left.shape, right.shape)
    return [this.broadcastTo(left, shape), this.broadcastTo(right, shape)]
  }

  // Reductions; negative axes count from the end

  sum(x: Tensor, axes: readonly number[] = all(x)): Tensor {
    const list = axesOf(x, axes)
    return list.length === 0 ? x : this.emit('sum', [x], { axes: list })
  }
  mean(x: Tensor, axes: readonly number[] = all(x)): Tensor {
    const count = sizeOf(axesOf(x, axes).map((axis) => x.shape[axis] ?? 1))
    return this.div(this.sum(x, axes), count)
  }
  reduceMax(x: Tensor, axes: readonly number[] = all(x)): Tensor {
    const list = axesOf(x, axes)
    return list.length === 0 ? x : this.emit('reduceMax', [x], { axes: list })
  }
  argMax(x: Tensor, axis = -1): Tensor {
    return this.emit('argMax', [x], { axis: axisOf(x, axis) })
  }

  // Layout

  reshape(x: Tensor, shape: Shape): Tensor {
    return sameShape(x.shape, shape) ? x : this.emit('reshape', [x], { shape })
  }
  transpose(x: Tensor, order: readonly number[]): Tensor {
    return order.every((axis, i) => axis === i) ? x : this.emit('transpose', [x], { order })
  }
  broadcast(x: Tensor, shape: Shape, axes: readonly number[]): Tensor {
    return sameShape(x.shape, shape) ? x : this.emit('broadcast', [x], { shape, axes })
  }
  /** Repeats x to a shape that it is compatible with, NumPy's way. */
  broadcastTo(x: Tensor, shape: Shape): Tensor {
    if (sameShape(x.shape, shape)) return x
    const lead = shape.length - x.shape.length
    const kept = x.shape.flatMap((size, i) => (size === 1 && shape[lead + i] !== 1 ? [] : [i]))
    const squeezed = this.reshape(
      x,
      kept.map((i) => x.shape[i] ?? 1),
    )
    return this.broadcast(
      squeezed,
      shape,
      kept.map((i) => lead + i),
    )
  }

  /** The part of x from `start` on, `shape` long. */
  slice(x: Tensor, start: readonly number[], shape: Shape): Tensor {
    return sameShape(x.shape, shape) ? x : this.emit('slice', [x], { start, shape })
  }
  /** x with `before[axis]` and `after[axis]` elements of `value` around it. */
  pad(x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor {
    return [...before, ...after].every((count) => count === 0) ? x : this.emit('pad', [x], { before, after, value })
  }
  /** One behind the other along an axis; negative axes count from the end. */
  concat(parts: readonly Tensor[], axis = -1): Tensor {
    const [first] = parts
    if (!first) throw new Error('internal: nothing to join')
    return parts.length === 1 ? first : this.emit('concat', parts, { axis: axisOf(first, axis) })
  }

  // Recurrence

  /**
   * A loop over the leading axis of `over`, which all have `length` elements. `step` writes what happens once: from the carried
   * values, element t of each of `over`, and what is `given` to all steps alike, to the next carried values and to
   * what is kept of each step. Returns the last carried values and what was kept, with a leading axis of `length`.
   * `step` may use only the tensors that it is handed.
   */
  scan(
    operands: {
      readonly length: number
      readonly reverse?: boolean
      readonly given?: readonly Tensor[]
      readonly carried: readonly Tensor[]
      readonly over?: readonly Tensor[]
    },
    step: (
      g: Builder,
      of: { readonly given: readonly Tensor[]; readonly carried: readonly Tensor[]; readonly over: readonly Tensor[] },
    ) => { readonly carried: readonly Tensor[]; readonly kept: readonly Tensor[] },
  ): { readonly carried: readonly Tensor[]; readonly kept: readonly Tensor[] } {
    const { length, reverse = false, given = [], carried, over = [] } = operands
    const g = new Builder()
    g.path = this.path
    const inner = {
      given: given.map((x, i) => g.input(`given${i}`, 'data', x.shape, x.dtype)),
      carried: carried.map((x, i) => g.input(`carried${i}`, 'state', x.shape, x.dtype)),
      over: over.map((x, i) => g.input(`over${i}`, 'step', x.shape.slice(1), x.dtype)),
    }
    const next = step(g, inner)
    next.carried.forEach((x, i) => {
      g.output(`carried${i}`, 'state', x)
    })
    next.kept.forEach((x, i) => {
      g.output(`kept${i}`, 'step', x)
    })
    const results = this.emitScan([...given, ...carried, ...over], {
      length,
      reverse,
      given: given.length,
      carried: carried.length,
      body: g.build(),
    })
    return { carried: results.slice(0, carried.length), kept: results.slice(carried.length) }
  }

  emitScan(operands: readonly Tensor[], params: Scan): Tensor[] {
    const outputs = scanShapes(operands, params).map((aval) => this.#value(aval))
    this.equations.push({
      primitive: 'scan',
      params,
      inputs: operands.map((operand) => operand.id),
      outputs: outputs.map((output) => output.id),
      path: this.path,
    })
    return outputs
  }

  /** Lets a loop that stands already keep more of each step: ids of values of its body. */
  keepMore(position: number, kept: readonly ValueId[]): Tensor[] {
    const equation = this.equations[position]
    if (equation?.primitive !== 'scan') throw new Error(`internal: equation ${position} is no loop`)
    const { body, length } = equation.params
    const known = body.outputs.length
    const added = kept.map((id) => {
      const { shape, dtype } = body.values[id] as Aval
      return this.#value({ shape: [length, ...shape], dtype })
    })
    const outputs = kept.map((value, i): ProgramOutput => ({ name: `kept${known + i}`, role: 'step', value }))
    this.equations[position] = {
      ...equation,
      params: { ...equation.params, body: { ...body, outputs: [...body.outputs, ...outputs] } },
      outputs: [...equation.outputs, ...added.map(({ id }) => id)],
    }
    return added
  }

  // Random numbers

  /** Uniform in [0, 1) of the given shape: a function of the stream, the seed, the step and the position alone. */
  random(shape: Shape, stream: number, step: Tensor, seed: Tensor): Tensor {
    // Row-major position from positions along the axes, so that no table of positions is ever stored.
    const position = shape.reduce<Tensor>(
      (sum, size, axis) =>
        this.add(this.mul(sum, this.constant(size, 'int')), this.broadcast(this.iota(size), shape, [axis])),
      this.broadcast(this.constant(0, 'int'), shape, []),
    )
    return this.emit('random', [position, this.broadcast(step, shape, []), this.broadcast(seed, shape, [])], { stream })
  }

  /**
   * Standard normal numbers from uniform ones in [0, 1), by the inverse of the distribution function: √2 erf⁻¹(2 u - 1), with
   * the approximation of Giles 2010 ("Approximating the erfinv function"), made for single precision.
   */
  normalOf(uniform: Tensor): Tensor {
    // The middle of the interval that u stands for, so that neither -1 nor 1 occurs.
    const x = this.add(this.mul(uniform, 2), 2 ** -24 - 1)
    const w = this.neg(this.log(this.mul(this.sub(1, x), this.add(1, x))))
    const near = this.#polynomial(this.sub(w, 2.5), GILES_NEAR)
    const far = this.#polynomial(this.sub(this.sqrt(this.max(w, 5)), 3), GILES_FAR)
    return this.mul(this.mul(x, this.select(this.less(w, 5), near, far)), Math.SQRT2)
  }

  /** Horner's scheme; coefficients of the highest power first. */
  #polynomial(x: Tensor, coefficients: readonly number[]): Tensor {
    return coefficients
      .slice(1)
      .reduce<Tensor>(
        (sum, coefficient) => this.add(this.mul(sum, x), coefficient),
        this.fill(x.shape, coefficients[0] ?? 0),
      )
  }

  // Contractions

  dot(a: Tensor, b: Tensor, params?: PrimitiveParams['dot']): Tensor {
    return this.emit('dot', [a, b], params ?? { contract: [[a.shape.length - 1], [0]], batch: [[], []] })
  }
  conv(x: Tensor, w: Tensor, geometry: ConvGeometry): Tensor {
    return this.emit('conv', [x, w], geometry)
  }
  convInputGradient(g: Tensor, w: Tensor, geometry: ConvGeometry, input: Pair): Tensor {
    return this.emit('convInputGradient', [g, w], { ...geometry, input })
  }
  convWeightGradient(x: Tensor, g: Tensor, geometry: ConvGeometry, kernel: Pair): Tensor {
    return this.emit('convWeightGradient', [x, g], { ...geometry, kernel })
  }
  maxPool(x: Tensor, window: Window): Tensor {
    return this.emit('maxPool', [x], window)
  }
  sumPool(x: Tensor, window: Window): Tensor {
    return this.emit('sumPool', [x], window)
  }

  // Rows

  take(rows: Tensor, indices: Tensor): Tensor {
    return this.emit('take', [rows, indices], {})
  }
  scatterRows(indices: Tensor, values: Tensor, rows: number): Tensor {
    return this.emit('scatterRows', [indices, values], { rows })
  }

  // Compositions that more than one block needs

  /** 1 / (1 + e^-x), written so that no sign of x overflows. */
  sigmoid(x: Tensor): Tensor {
    const y = this.add(this.mul(this.tanh(this.mul(x, 0.5)), 0.5), 0.5)
    this.#logits.sigmoid.set(y.id, x)
    return y
  }

  /**
   * ln(1 + e^x) as (x + |x|) / 2 + ln(1 + e^-|x|), which overflows for no x. Not max(x, 0) + …: its gradient at 0 would be 0,
   * where that of the softplus is ½.
   */
  softplus(x: Tensor): Tensor {
    const size = this.abs(x)
    return this.add(this.mul(this.add(x, size), 0.5), this.log(this.add(this.exp(this.neg(size)), 1)))
  }

  /** e^x / sum e^x along the last axis; the greatest is taken off first, so that no x overflows. */
  softmax(x: Tensor): Tensor {
    const shifted = this.#shifted(x)
    const powers = this.exp(shifted)
    const y = this.div(powers, this.#column(this.sum(powers, [-1])))
    this.#logits.softmax.set(y.id, x)
    return y
  }

  /** log softmax along the last axis, as x - log sum e^x, which stays finite where softmax underflows. */
  logSoftmax(x: Tensor): Tensor {
    const shifted = this.#shifted(x)
    return this.sub(shifted, this.#column(this.log(this.sum(this.exp(shifted), [-1]))))
  }

  /** What this value was made from by `softmax` or by `sigmoid`, if it was. */
  logitsOf(x: Tensor, by: 'softmax' | 'sigmoid'): Tensor | undefined {
    return this.#logits[by].get(x.id)
  }

  /** One row of zeros with a single 1 for each class index: int [...] to float [..., classes]. */
  oneHot(indices: Tensor, classes: number): Tensor {
    return this.equal(this.#column(indices), this.iota(classes))
  }

  #shifted(x: Tensor): Tensor {
    return this.sub(x, this.#column(this.stopGradient(this.reduceMax(x, [-1]))))
  }
  #column(x: Tensor): Tensor {
    return this.reshape(x, [...x.shape, 1])
  }
}

export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  const shape: number[] = []
  for (let i = 0; i < rank; i++) {
    const left = a[a.length - rank + i] ?? 1
    const right = b[b.length - rank + i] ?? 1
    if (left !== right && left !== 1 && right !== 1)
      throw new ProblemError(
        problem(
          'elementwise.shapes',
          `The two sides have shapes ${showShape(a)} and ${showShape(b)}; they must be equal.`,
        ),
      )
    shape.push(left === 1 ? right : left)
  }
  return shape
}

function all(x: Tensor): number[] {
  return x.shape.map((_, i) => i)
}

function axisOf(x: Tensor, axis: number): number {
  const positive = axis < 0 ? axis + x.shape.length : axis
  if (!(positive >= 0 && positive < x.shape.length)) throw new Error(`internal: axis ${axis} of ${showShape(x.shape)}`)
  return positive
}

function axesOf(x: Tensor, axes: readonly number[]): number[] {
  return [...new Set(axes.map((axis) => axisOf(x, axis)))].sort((p, q) => p - q)
}
