import { showBatch } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'softmax',
  family: 'function',
  title: 'Softmax',
  doc: 'Turns the last axis into probabilities that sum to 1: f(x)_i = e^x_i / sum of e^x_j.',
  source: 'torch.nn.Softmax(dim=-1); Bridle 1990',
  aliases: ['probabilities', 'classes', 'normalised exponential'],
  params: {},
  inputs: { x: { doc: '[batch, ..., classes]' } },
  outputs: { y: { doc: '[batch, ..., classes], each row sums to 1' } },
  build(g, { x }) {
    g.require(
      x.shape.length >= 2 && x.shape.at(-1) !== 0,
      'x',
      `input x has shape ${showBatch(x.shape)}; the last axis must hold the classes.`,
    )
    return { y: g.softmax(x) }
  },
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { inputs: { x: [2, 2, 4] }, outputs: { y: [2, 2, 4] } },
  ],
})
