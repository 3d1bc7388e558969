import { at } from '../../base/assert.ts'
import { real } from '../../base/params.ts'
import { sizeOf } from '../../base/shape.ts'
import { moments, normParams, requireChannels, scaled } from '../_norm.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'batchNorm',
  family: 'connect',
  title: 'Batch Norm',
  doc: 'Brings each channel to mean 0 and variance 1 over the batch and all pixels or steps, then scales and shifts it by learned numbers. Validation and prediction use running means of what the batches had.',
  formula: 'y = γ (x - mean) / √(variance + ε) + β, over the batch',
  source: 'torch.nn.BatchNorm1d, torch.nn.BatchNorm2d; Ioffe & Szegedy 2015',
  aliases: ['batch normalisation', 'normalization'],
  params: {
    momentum: real({
      label: 'Momentum',
      doc: 'How much of the running mean and variance each batch replaces.',
      default: 0.1,
      min: 0,
      max: 1,
      advanced: true,
    }),
    ...normParams,
  },
  inputs: { x: { doc: '[batch, ..., channels]' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }, p) {
    requireChannels(g, x)
    const channels = [at(x.shape, x.shape.length - 1)]
    const mean = g.buffer('runningMean', channels, 0)
    const variance = g.buffer('runningVariance', channels, 1)
    if (g.mode === 'evaluate') return { y: scaled(g, g.sub(x, mean), variance, p) }
    const count = sizeOf(x.shape.slice(0, -1))
    g.require(
      count > 1,
      'x',
      'a batch of one example gives each channel a single number, which has no variance; choose a batch size that leaves no single example over.',
    )
    const batch = moments(
      g,
      x,
      x.shape.slice(0, -1).map((_, i) => i),
    )
    const next = (old: typeof x, now: typeof x, factor: number) =>
      g.add(g.mul(old, 1 - p.momentum), g.mul(g.reshape(now, channels), p.momentum * factor))
    g.keep('runningMean', next(mean, batch.mean, 1))
    // Of the unbiased variance, as PyTorch does; what normalises is the biased one.
    g.keep('runningVariance', next(variance, batch.variance, count / (count - 1)))
    return { y: scaled(g, batch.centred, batch.variance, p) }
  },
  examples: [
    { inputs: { x: [4, 3] }, outputs: { y: [4, 3] } },
    { inputs: { x: [2, 3, 2] }, outputs: { y: [2, 3, 2] } },
    { params: { affine: false, momentum: 0.3 }, inputs: { x: [2, 2, 3, 2] }, outputs: { y: [2, 2, 3, 2] } },
  ],
})
