import { bool, real } from '../../base/params.ts'
import { showBatch } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'dropout',
  family: 'connect',
  title: 'Dropout',
  doc: 'While training sets a random part of the numbers to 0, others at each step, and scales the rest up so that their mean stays; in validation and prediction it passes everything on. A remedy for overfitting.',
  formula: 'y = x m / (1 - p), with m = 0 with probability p, 1 else',
  source: 'torch.nn.Dropout, torch.nn.Dropout2d; Srivastava et al. 2014',
  aliases: ['regularisation', 'overfitting', 'spatial dropout', 'drop'],
  params: {
    rate: real({ label: 'Rate', doc: 'Which part is dropped, p.', default: 0.5, min: 0, max: 0.99 }),
    spatial: bool({
      label: 'Whole channels',
      doc: 'Drops whole channels of a picture or a sequence, instead of single numbers.',
      default: false,
    }),
  },
  inputs: { x: { doc: '[batch, ...]' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }, p) {
    g.require(
      !p.spatial || x.shape.length >= 3,
      'x',
      `input x has shape ${showBatch(x.shape)}, in which a channel is a single number; turn Whole channels off.`,
    )
    if (g.mode === 'evaluate' || p.rate === 0) return { y: x }
    const last = x.shape.length - 1
    const shape = p.spatial ? x.shape.map((size, i) => (i === 0 || i === last ? size : 1)) : x.shape
    const kept = g.select(g.less(g.uniform('mask', shape), p.rate), 0, 1 / (1 - p.rate))
    return { y: g.mul(x, kept) }
  },
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { rate: 0.2, spatial: true }, inputs: { x: [2, 3, 2, 4] }, outputs: { y: [2, 3, 2, 4] } },
  ],
})
