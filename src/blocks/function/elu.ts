import { real } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'elu',
  family: 'function',
  title: 'ELU',
  doc: 'Like ReLU, but bends smoothly towards -a for negative inputs.',
  formula: 'y = x for x > 0, a (e^x - 1) else',
  source: 'torch.nn.ELU; Clevert, Unterthiner & Hochreiter 2015',
  aliases: ['exponential linear unit', 'activation'],
  params: {
    alpha: real({
      label: 'Alpha',
      doc: 'What very negative inputs approach, with its sign turned, a.',
      default: 1,
      min: 0,
    }),
  },
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  // The exponential sees no positive input, so that the branch that is not taken can't overflow and spoil the gradient.
  // In min(0, x), not min(x, 0), the gradient at 0 belongs to x: the slope there is a.
  build: (g, { x }, p) => ({ y: g.select(g.less(0, x), x, g.mul(g.sub(g.exp(g.min(0, x)), 1), p.alpha)) }),
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { alpha: 0.5 }, inputs: { x: [3, 2, 4] }, outputs: { y: [3, 2, 4] } },
  ],
})
