import { at } from '../../base/assert.ts'
import { showBatch, sizeOf } from '../../base/shape.ts'
import { kindParam, noPadding, pool } from '../_pool.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'globalPooling',
  family: 'connect',
  title: 'Global Pooling',
  doc: 'Reduces each channel of a picture or a sequence to one number, its mean or its greatest value; what a classifier of any picture size ends with.',
  formula: 'y[c] = mean or max of x[i, j, c] over all i, j',
  source: 'Keras GlobalAveragePooling2D, GlobalMaxPooling2D; Lin, Chen & Yan 2013',
  aliases: ['GAP', 'global average pooling', 'global max pooling', 'squeeze', 'mean over time'],
  params: { kind: { ...kindParam, default: 'average' } },
  inputs: { x: { doc: '[batch, ..., channels], with at least one axis between' } },
  outputs: { y: { doc: '[batch, channels]' } },
  build(g, { x }, p) {
    g.require(
      x.shape.length >= 3,
      'x',
      `input x must be a picture or a sequence with channels last, but has shape ${showBatch(x.shape)}; connect it before the picture is flattened.`,
    )
    const [batch, channels] = [at(x.shape, 0), at(x.shape, x.shape.length - 1)]
    const count = sizeOf(x.shape.slice(1, -1))
    const row = g.reshape(x, [batch, 1, count, channels])
    const y = pool(g, row, p.kind, { size: [1, count], stride: [1, 1], padding: noPadding })
    return { y: g.reshape(y, [batch, channels]) }
  },
  examples: [
    { inputs: { x: [2, 4, 3, 5] }, outputs: { y: [2, 5] } },
    { params: { kind: 'max' }, inputs: { x: [2, 4, 3, 5] }, outputs: { y: [2, 5] } },
    { inputs: { x: [2, 6, 3] }, outputs: { y: [2, 3] } },
  ],
})
