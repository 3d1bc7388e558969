import { at } from '../../base/assert.ts'
import { choice } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'prelu',
  family: 'function',
  title: 'PReLU',
  doc: 'A leaky ReLU that learns its slope, starting at 0.25.',
  formula: 'y = x for x > 0, a x else, a is learned',
  source: 'torch.nn.PReLU; He et al. 2015',
  aliases: ['parametric rectifier', 'learned slope', 'activation'],
  params: {
    slopes: choice({
      label: 'Slopes',
      doc: 'One for all numbers, or one for each channel (the last axis).',
      default: 'shared',
      options: { shared: 'One', channel: 'One a channel' },
    }),
  },
  inputs: { x: { doc: '[batch, ..., channels]' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }, p) {
    g.require(
      x.shape.length >= 2,
      'x',
      'input x must be a list of numbers for each example, but has only the batch axis.',
    )
    const slope = g.weight('slope', [p.slopes === 'channel' ? at(x.shape, x.shape.length - 1) : 1], 0.25)
    return { y: g.select(g.less(0, x), x, g.mul(x, slope)) }
  },
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { slopes: 'channel' }, inputs: { x: [2, 2, 2, 3] }, outputs: { y: [2, 2, 2, 3] } },
  ],
})
