import { list } from '../../base/params.ts'
import { showBatch } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'permute',
  family: 'connect',
  title: 'Permute',
  doc: 'Puts the axes of each example in another order: time and features exchanged, channels first instead of last.',
  formula: 'axis k of y is axis order[k] of x; the batch, axis 0, stays',
  source: 'Keras Permute, torch.permute',
  aliases: ['transpose', 'swap axes', 'channels first', 'axis order'],
  params: {
    order: list({
      label: 'Order',
      doc: 'Which axis of the input comes first, second and so on; 1 is the first after the batch. 2, 1 exchanges two axes.',
      default: [2, 1],
      min: 1,
    }),
  },
  inputs: { x: { doc: '[batch, ...]' } },
  outputs: { y: { doc: '[batch, ...] in the other order' } },
  build(g, { x }, p) {
    const axes = x.shape.length - 1
    const every = Array.from({ length: axes }, (_, i) => i + 1)
    g.require(
      p.order.length === axes && every.every((axis) => p.order.includes(axis)),
      'x',
      `the order ${p.order.join(', ')} must name each of the ${axes} axes of x (${showBatch(x.shape)}) after the batch once: ${every.join(', ')} in the order that you want.`,
    )
    return { y: g.transpose(x, [0, ...p.order]) }
  },
  examples: [
    { inputs: { x: [2, 3, 5] }, outputs: { y: [2, 5, 3] } },
    { params: { order: [3, 1, 2] }, inputs: { x: [2, 3, 4, 5] }, outputs: { y: [2, 5, 3, 4] } },
    { params: { order: [1] }, inputs: { x: [2, 4] }, outputs: { y: [2, 4] } },
  ],
})
