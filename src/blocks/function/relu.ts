import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'relu',
  family: 'function',
  title: 'ReLU',
  doc: 'Keeps what is positive and sets the rest to 0.',
  formula: 'y = max(0, x)',
  source: 'torch.nn.ReLU; Nair & Hinton 2010',
  aliases: ['rectifier', 'activation'],
  params: {},
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build: (g, { x }) => ({ y: g.max(x, 0) }),
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { inputs: { x: [2, 3, 2, 2] }, outputs: { y: [2, 3, 2, 2] } },
  ],
})
