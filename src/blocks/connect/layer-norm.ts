import { moments, normParams, requireChannels, scaled } from '../_norm.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'layerNorm',
  family: 'connect',
  title: 'Layer Norm',
  doc: 'Brings the last axis of every example to mean 0 and variance 1, then scales and shifts it by learned numbers.',
  formula: 'y = γ (x - mean) / √(variance + ε) + β',
  source: 'torch.nn.LayerNorm; Ba, Kiros & Hinton 2016',
  aliases: ['layer normalisation', 'normalization'],
  params: normParams,
  inputs: { x: { doc: '[batch, ..., features]' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }, p) {
    requireChannels(g, x)
    const { centred, variance } = moments(g, x, [x.shape.length - 1])
    return { y: scaled(g, centred, variance, p) }
  },
  examples: [
    { inputs: { x: [2, 5] }, outputs: { y: [2, 5] } },
    { inputs: { x: [2, 3, 4] }, outputs: { y: [2, 3, 4] } },
  ],
})
