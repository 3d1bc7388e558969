import { real } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'leakyRelu',
  family: 'function',
  title: 'Leaky ReLU',
  doc: 'Like ReLU, but lets a little of what is negative through. No unit dies.',
  formula: 'y = x for x > 0, a x else',
  source: 'torch.nn.LeakyReLU; Maas et al. 2013',
  aliases: ['leaky rectifier', 'activation'],
  params: {
    slope: real({ label: 'Slope', doc: 'What negative inputs are multiplied by, a.', default: 0.01, min: 0, max: 1 }),
  },
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build: (g, { x }, p) => ({ y: g.select(g.less(0, x), x, g.mul(x, p.slope)) }),
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { slope: 0.3 }, inputs: { x: [2, 3, 2, 2] }, outputs: { y: [2, 3, 2, 2] } },
  ],
})
