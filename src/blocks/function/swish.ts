import { bool, real } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'swish',
  family: 'function',
  title: 'Swish',
  doc: 'A ReLU with a soft dip below zero. With b = 1 it is SiLU.',
  formula: 'y = x / (1 + e^(-b x))',
  source: 'torch.nn.SiLU; Ramachandran, Zoph & Le 2017',
  aliases: ['SiLU', 'activation'],
  params: {
    beta: real({
      label: 'Beta',
      doc: 'Near 0 the function is half the identity, far above 1 a ReLU, b.',
      default: 1,
      min: 0,
    }),
    learned: bool({
      label: 'Learned',
      doc: 'Beta is only where b starts; one b for all numbers is learned.',
      default: false,
    }),
  },
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build: (g, { x }, p) => ({ y: g.mul(x, g.sigmoid(g.mul(x, p.learned ? g.weight('beta', [1], p.beta) : p.beta))) }),
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { beta: 1.5 }, inputs: { x: [2, 3, 2] }, outputs: { y: [2, 3, 2] } },
    { params: { learned: true }, inputs: { x: [3, 4] }, outputs: { y: [3, 4] } },
  ],
})
