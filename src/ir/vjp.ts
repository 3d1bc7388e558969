/**
 * Reverse-mode differentiation, one rule a primitive: given the gradient of the output, the gradients of the inputs.
 * `null` says that nothing flows there (indices, comparisons). The rules are written with the same builder as blocks, so
 * a gradient is a program like any other and can be differentiated again.
 */
import { at } from '../base/assert.ts'
import type { Builder, Tensor } from './builder.ts'
import type { Equation, Primitive } from './program.ts'

/** Every primitive but the loop, whose gradient is a loop of its own (compiler/3-recurrence). */
export type Differentiable = Exclude<Primitive, 'scan'>

type Rule<P extends Differentiable> = (
  g: Builder,
  dy: Tensor,
  inputs: readonly Tensor[],
  params: Equation<P>['params'],
  y: Tensor,
) => readonly (Tensor | null)[]

const none = () => []

export const vjpRules: { readonly [P in Differentiable]: Rule<P> } = {
  constant: none,
  iota: none,
  neg: (g, dy) => [g.neg(dy)],
  exp: (g, dy, _x, _p, y) => [g.mul(dy, y)],
  log: (g, dy, [x]) => [g.div(dy, the(x))],
  tanh: (g, dy, _x, _p, y) => [g.mul(dy, g.sub(1, g.mul(y, y)))],
  sqrt: (g, dy, _x, _p, y) => [g.div(g.mul(dy, 0.5), y)],
  abs: (g, dy, [x]) => [g.mul(dy, g.sub(g.less(0, the(x)), g.less(the(x), 0)))],
  isFinite: () => [null],
  stopGradient: () => [null],
  convert: () => [null],
  add: (_g, dy) => [dy, dy],
  sub: (g, dy) => [dy, g.neg(dy)],
  mul: (g, dy, [a, b]) => [g.mul(dy, the(b)), g.mul(dy, the(a))],
  div: (g, dy, [, b], _p, y) => {
    const da = g.div(dy, the(b))
    return [da, g.neg(g.mul(da, y))]
  },
  max: (g, dy, [a, b]) => split(g, dy, g.less(the(b), the(a))),
  min: (g, dy, [a, b]) => split(g, dy, g.less(the(a), the(b))),
  less: () => [null, null],
  equal: () => [null, null],
  select: (g, dy, [condition]) => [null, ...split(g, dy, the(condition))],
  sum: (g, dy, [x], { axes }) => [spread(g, dy, the(x), axes)],
  reduceMax: (g, dy, [x], { axes }, y) => {
    // Equal greatest values share the gradient evenly, as PyTorch's amax does.
    const winners = g.equal(the(x), spread(g, y, the(x), axes))
    return [g.mul(winners, spread(g, g.div(dy, g.sum(winners, axes)), the(x), axes))]
  },
  argMax: () => [null],
  reshape: (g, dy, [x]) => [g.reshape(dy, the(x).shape)],
  transpose: (g, dy, _x, { order }) => [g.transpose(dy, inverse(order))],
  broadcast: (g, dy, _x, { shape, axes }) => [
    g.sum(
      dy,
      shape.map((_, i) => i).filter((axis) => !axes.includes(axis)),
    ),
  ],
  dot: (g, dy, [a, b], { contract, batch }) => [
    dotOperand(g, dy, the(a), the(b), contract, batch, 0),
    dotOperand(g, dy, the(a), the(b), contract, batch, 1),
  ],
  conv: (g, dy, [x, w], p) => [
    g.convInputGradient(dy, the(w), p, [at(the(x).shape, 1), at(the(x).shape, 2)]),
    g.convWeightGradient(the(x), dy, p, [at(the(w).shape, 0), at(the(w).shape, 1)]),
  ],
  convInputGradient: (g, dy, [gradient, w], p) => [
    g.conv(dy, the(w), p),
    g.convWeightGradient(dy, the(gradient), p, [at(the(w).shape, 0), at(the(w).shape, 1)]),
  ],
  convWeightGradient: (g, dy, [x, gradient], p) => [
    g.convInputGradient(the(gradient), dy, p, [at(the(x).shape, 1), at(the(x).shape, 2)]),
    g.conv(the(x), dy, p),
  ],
  maxPool: (g, dy, [x], window) => [g.emit('maxPoolGradient', [the(x), dy], window)],
  maxPoolGradient: (g, dy, [x], window) => [null, g.emit('maxPoolTangent', [the(x), dy], window)],
  maxPoolTangent: (g, dy, [x], window) => [null, g.emit('maxPoolGradient', [the(x), dy], window)],
  sumPool: (g, dy, [x], window) => [
    g.emit('sumPoolGradient', [dy], { ...window, input: [at(the(x).shape, 1), at(the(x).shape, 2)] }),
  ],
  sumPoolGradient: (g, dy, _x, { input: _input, ...window }) => [g.sumPool(dy, window)],
  slice: (g, dy, [x], { start, shape }) => {
    const after = the(x).shape.map((size, axis) => size - at(start, axis) - at(shape, axis))
    return [g.pad(dy, start, after)]
  },
  pad: (g, dy, [x], { before }) => [g.slice(dy, before, the(x).shape)],
  concat: (g, dy, parts, { axis }) => {
    let from = 0
    return parts.map((part) => {
      const start = dy.shape.map((_, i) => (i === axis ? from : 0))
      from += at(part.shape, axis)
      return g.slice(dy, start, part.shape)
    })
  },
  random: () => [null, null, null],
  take: (g, dy, [rows, indices]) => [g.scatterRows(the(indices), dy, at(the(rows).shape, 0)), null],
  scatterRows: (g, dy, [indices]) => [null, g.take(dy, the(indices))],
}

function the(tensor: Tensor | undefined): Tensor {
  if (!tensor) throw new Error('internal: a vjp rule asked for an operand that the primitive does not have')
  return tensor
}

/** The gradient where the condition holds, and where it does not. */
function split(g: Builder, dy: Tensor, condition: Tensor): [Tensor, Tensor] {
  return [g.select(condition, dy, 0), g.select(condition, 0, dy)]
}

/** Repeats a reduced value along the axes that the reduction removed. */
function spread(g: Builder, reduced: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  return g.broadcast(
    reduced,
    x.shape,
    x.shape.map((_, i) => i).filter((axis) => !axes.includes(axis)),
  )
}

export function inverse(order: readonly number[]): number[] {
  const result = new Array<number>(order.length)
  order.forEach((axis, i) => (result[axis] = i))
  return result
}

/**
 * Gradient of one operand of a dot: dy, whose axes are [batch, free of a, free of b], contracted with the other operand over
 * the other's free axes. The factors stand in the order that gives the usual layouts without a transposition: dx as
 * [..., in], dW as [in, out]; whatever else is asked for, one transposition puts in place.
 */
function dotOperand(
  g: Builder,
  dy: Tensor,
  a: Tensor,
  b: Tensor,
  contract: readonly [readonly number[], readonly number[]],
  batch: readonly [readonly number[], readonly number[]],
  side: 0 | 1,
): Tensor {
  const otherSide = side === 0 ? 1 : 0
  const [own, other] = side === 0 ? [a, b] : [b, a]
  const freeOf = (tensor: Tensor, of: 0 | 1) =>
    tensor.shape.map((_, i) => i).filter((axis) => !contract[of].includes(axis) && !batch[of].includes(axis))
  const ownFree = freeOf(own, side)
  const otherFree = freeOf(other, otherSide)
  const batchOfDy = batch[0].map((_, i) => i)
  const otherFreeOfDy = otherFree.map((_, i) => batchOfDy.length + (side === 0 ? ownFree.length : 0) + i)
  // What is left of the other operand are its contracted axes, in ascending order.
  const otherContracted = [...contract[otherSide]].sort((p, q) => p - q)
  const ownContracted = otherContracted.map((axis) => at(contract[side], contract[otherSide].indexOf(axis)))
  const product =
    side === 0
      ? g.dot(dy, other, { contract: [otherFreeOfDy, otherFree], batch: [batchOfDy, batch[otherSide]] })
      : g.dot(other, dy, { contract: [otherFree, otherFreeOfDy], batch: [batch[otherSide], batchOfDy] })
  const axes =
    side === 0 ? [...batch[side], ...ownFree, ...ownContracted] : [...batch[side], ...ownContracted, ...ownFree]
  return g.transpose(product, inverse(axes))
}
