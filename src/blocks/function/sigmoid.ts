import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'sigmoid',
  family: 'function',
  title: 'Sigmoid',
  doc: 'Squeezes every number into (0, 1). Each output is a probability of its own.',
  formula: 'y = 1 / (1 + e^-x)',
  source: 'torch.nn.Sigmoid',
  aliases: ['logistic', 'probability', 'activation'],
  params: {},
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build: (g, { x }) => ({ y: g.sigmoid(x) }),
  examples: [{ inputs: { x: [2, 3] }, outputs: { y: [2, 3] } }],
})
