import { at } from '../../base/assert.ts'
import { bool, int } from '../../base/params.ts'
import { showBatch } from '../../base/shape.ts'
import type { Tensor } from '../../ir/builder.ts'
import { defineBlock, weightParams } from '../define.ts'

/** Taken off a score that must not count: beside any other its exponential is 0, and a float still holds it. */
const HIDDEN = 1e30

export default defineBlock({
  type: 'attention',
  family: 'connect',
  title: 'Attention',
  doc: 'Lets each step of a sequence gather from all the others what it finds useful: queries are compared with keys, and the values are averaged by how well they match, in several heads side by side. With a context the keys and values come from there.',
  formula: 'y = concat over heads of softmax(Q Kᵀ / √d) V, times W + b',
  source: 'torch.nn.MultiheadAttention(batch_first=True); Vaswani et al. 2017',
  aliases: ['self-attention', 'multi-head attention', 'cross attention', 'transformer', 'query key value'],
  params: {
    heads: int({ label: 'Heads', doc: 'Into how many equal parts the features are divided.', default: 1, min: 1 }),
    causal: bool({
      label: 'Causal',
      doc: 'Each step sees only itself and the steps before it.',
      default: false,
    }),
    bias: bool({ label: 'Bias', doc: 'Adds a learned number to each output of the projections.', default: true }),
    ...weightParams({ default: 'glorotUniform' }),
  },
  inputs: {
    x: { doc: '[batch, time, features]' },
    context: {
      doc: '[batch, other time, its features]: where keys and values come from; x itself without it',
      optional: true,
    },
  },
  outputs: { y: { doc: '[batch, time, features]' } },
  build(g, { x, context = x }, p) {
    g.require(
      x.shape.length === 3 && x.shape.every((size) => size > 0),
      'x',
      `input x must be a sequence [batch, time, features], but has shape ${showBatch(x.shape)}.`,
    )
    const [batch, time, features] = [at(x.shape, 0), at(x.shape, 1), at(x.shape, 2)]
    g.require(
      context.shape.length === 3 && context.shape.every((size) => size > 0) && context.shape[0] === batch,
      'context',
      `the context must be a sequence [batch, time, features], but has shape ${showBatch(context.shape)}.`,
    )
    g.require(
      features % p.heads === 0,
      'x',
      `the ${features} features of input x can't be divided into ${p.heads} equal heads; choose a divisor of ${features}.`,
    )
    const other = at(context.shape, 1)
    g.require(
      !p.causal || time === other,
      'context',
      `the context has ${other} steps and x has ${time}; only where they are equal is there a before. Turn Causal off.`,
    )
    const width = features / p.heads
    const project = (name: string, from: Tensor) => {
      const y = g.dot(from, g.weight(`${name}.weight`, [at(from.shape, 2), features], p))
      return p.bias ? g.add(y, g.weight(`${name}.bias`, [features], 0)) : y
    }
    /** [batch, heads, time, width] */
    const split = (y: Tensor) => g.transpose(g.reshape(y, [batch, at(y.shape, 1), p.heads, width]), [0, 2, 1, 3])
    const [queries, keys, values] = [project('query', x), project('key', context), project('value', context)].map(
      split,
    ) as [Tensor, Tensor, Tensor]
    const heads = [
      [0, 1],
      [0, 1],
    ] as const
    const scores = g.mul(g.dot(queries, keys, { contract: [[3], [3]], batch: heads }), 1 / Math.sqrt(width))
    const later = g.less(g.reshape(g.iota(time), [time, 1]), g.iota(other))
    const shares = g.softmax(p.causal ? g.sub(scores, g.mul(later, HIDDEN)) : scores)
    const found = g.dot(shares, values, { contract: [[3], [2]], batch: heads })
    return { y: project('output', g.reshape(g.transpose(found, [0, 2, 1, 3]), [batch, time, features])) }
  },
  examples: [
    { inputs: { x: [2, 3, 4] }, outputs: { y: [2, 3, 4] } },
    { params: { heads: 2, causal: true }, inputs: { x: [2, 4, 6] }, outputs: { y: [2, 4, 6] } },
    { params: { heads: 2, bias: false }, inputs: { x: [2, 3, 4], context: [2, 5, 3] }, outputs: { y: [2, 3, 4] } },
  ],
})
