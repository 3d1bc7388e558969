import { at } from '../../base/assert.ts'
import { real } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'layerNorm',
  family: 'connect',
  title: 'Layer Norm',
  doc: 'Brings the last axis of every example to mean 0 and variance 1, then scales and shifts it by learned numbers: y = γ (x - mean) / √(variance + ε) + β.',
  source: 'torch.nn.LayerNorm; Ba, Kiros & Hinton 2016',
  aliases: ['layer normalisation', 'normalization'],
  params: {
    epsilon: real({
      label: 'Epsilon',
      doc: 'Keeps the division finite where all values are equal.',
      default: 1e-5,
      min: 0,
    }),
  },
  inputs: { x: { doc: '[batch, ..., features]' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }, p) {
    g.require(
      x.shape.length >= 2 && x.shape.at(-1) !== 0,
      'x',
      'input x must have numbers to normalise in each example.',
    )
    const features = at(x.shape, x.shape.length - 1)
    const column = (value: typeof x) => g.reshape(value, [...x.shape.slice(0, -1), 1])
    const centred = g.sub(x, column(g.mean(x, [-1])))
    const variance = column(g.mean(g.mul(centred, centred), [-1]))
    const normal = g.div(centred, g.sqrt(g.add(variance, p.epsilon)))
    return { y: g.add(g.mul(normal, g.weight('scale', [features], 1)), g.weight('shift', [features], 'zeros')) }
  },
  examples: [
    { inputs: { x: [2, 5] }, outputs: { y: [2, 5] } },
    { inputs: { x: [2, 3, 4] }, outputs: { y: [2, 3, 4] } },
  ],
})
