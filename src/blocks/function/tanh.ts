import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'tanh',
  family: 'function',
  title: 'Tanh',
  doc: 'Squeezes every number into (-1, 1).',
  formula: 'y = tanh x',
  source: 'torch.nn.Tanh',
  aliases: ['hyperbolic tangent', 'activation'],
  params: {},
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build: (g, { x }) => ({ y: g.tanh(x) }),
  examples: [{ inputs: { x: [2, 3] }, outputs: { y: [2, 3] } }],
})
