import { at } from '../../base/assert.ts'
import { int } from '../../base/params.ts'
import { moments, normParams, requireChannels, scaled } from '../_norm.ts'
import { sizeOf } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'groupNorm',
  family: 'connect',
  title: 'Group Norm',
  doc: 'Brings each group of channels of every example to mean 0 and variance 1, over all its pixels or steps, then scales and shifts each channel by learned numbers. One group of each channel is an instance norm.',
  formula: 'y = γ (x - mean) / √(variance + ε) + β, over a group of one example',
  source: 'torch.nn.GroupNorm; Wu & He 2018; one channel a group: Ulyanov, Vedaldi & Lempitsky 2016',
  aliases: ['group normalisation', 'instance norm', 'instance normalisation', 'normalization'],
  params: {
    groups: int({ label: 'Groups', doc: 'Into how many groups the channels are divided.', default: 1, min: 1 }),
    ...normParams,
  },
  inputs: { x: { doc: '[batch, ..., channels]' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }, p) {
    requireChannels(g, x)
    const channels = at(x.shape, x.shape.length - 1)
    g.require(
      channels % p.groups === 0,
      'x',
      `the ${channels} channels of input x can't be divided into ${p.groups} equal groups; choose a divisor of ${channels}.`,
    )
    const places = sizeOf(x.shape.slice(1, -1))
    const grouped = g.reshape(x, [at(x.shape, 0), places, p.groups, channels / p.groups])
    const { centred, variance } = moments(g, grouped, [1, 3])
    return { y: scaled(g, centred, variance, p, x.shape) }
  },
  examples: [
    { inputs: { x: [2, 4] }, outputs: { y: [2, 4] } },
    { params: { groups: 2 }, inputs: { x: [2, 2, 3, 4] }, outputs: { y: [2, 2, 3, 4] } },
    { params: { groups: 3, affine: false }, inputs: { x: [2, 5, 3] }, outputs: { y: [2, 5, 3] } },
  ],
})
