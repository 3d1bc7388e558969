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
  ValueId,
  Window,
} from './program.ts'
import { inferShape } from './shapes.ts'

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
  emit<P extends Primitive>(primitive: P, operands: readonly Tensor[], params: PrimitiveParams[P]): Tensor {
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
