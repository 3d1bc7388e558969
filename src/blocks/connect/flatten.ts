import { sizeOf } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'flatten',
  family: 'connect',
  title: 'Flatten',
  doc: 'Lays each example out as one list of numbers, row by row; what a Dense after a picture needs.',
  formula: 'y = the numbers of x in the same order, as batch × count',
  source: 'torch.nn.Flatten, Keras Flatten (channels last)',
  aliases: ['reshape', 'vector', 'unroll'],
  params: {},
  inputs: { x: { doc: '[batch, ...]' } },
  outputs: { y: { doc: '[batch, product of the rest]' } },
  build(g, { x }) {
    return { y: g.reshape(x, [x.shape[0] ?? 0, sizeOf(x.shape.slice(1))]) }
  },
  examples: [
    { inputs: { x: [2, 3, 4, 5] }, outputs: { y: [2, 60] } },
    { inputs: { x: [3, 7] }, outputs: { y: [3, 7] } },
  ],
})
