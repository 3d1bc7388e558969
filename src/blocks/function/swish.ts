import { real } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'swish',
  family: 'function',
  title: 'Swish',
  doc: 'A ReLU with a soft dip below zero: f(x) = x · sigmoid(b x). With b = 1 it is SiLU.',
  source: 'torch.nn.SiLU; Ramachandran, Zoph & Le 2017',
  aliases: ['SiLU', 'activation'],
  params: {
    beta: real({
      label: 'Beta',
      doc: 'Near 0 the function is half the identity, far above 1 a ReLU.',
      default: 1,
      min: 0,
    }),
  },
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build: (g, { x }, p) => ({ y: g.mul(x, g.sigmoid(g.mul(x, p.beta))) }),
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { beta: 1.5 }, inputs: { x: [2, 3, 2] }, outputs: { y: [2, 3, 2] } },
  ],
})
