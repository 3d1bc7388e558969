import { real } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'softplus',
  family: 'function',
  title: 'Softplus',
  doc: 'A smooth ReLU that is always positive.',
  formula: 'y = ln(1 + e^(b x)) / b',
  source: 'torch.nn.Softplus; Dugas et al. 2001',
  aliases: ['smooth relu', 'positive', 'activation'],
  params: {
    beta: real({ label: 'Beta', doc: 'How sharp the bend is, b.', default: 1, min: 1e-6 }),
  },
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }, p) {
    const z = g.mul(x, p.beta)
    return { y: g.div(g.softplus(z), p.beta) }
  },
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { beta: 2 }, inputs: { x: [3, 2, 2] }, outputs: { y: [3, 2, 2] } },
  ],
})
