import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'linear',
  family: 'function',
  title: 'Linear',
  doc: 'Passes its input on unchanged: f(x) = x. Says plainly that a layer has no activation.',
  source: 'torch.nn.Identity',
  aliases: ['identity', 'none'],
  params: {},
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build: (_g, { x }) => ({ y: x }),
  examples: [{ inputs: { x: [2, 3] }, outputs: { y: [2, 3] } }],
})
