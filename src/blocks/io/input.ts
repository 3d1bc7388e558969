import { bool } from '../../base/params.ts'
import { sizeOf } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'input',
  family: 'data',
  title: 'Input',
  doc: 'The features of the examples in the batch, prepared as the data panel says.',
  source: 'Keras Input',
  aliases: ['features', 'x', 'source'],
  params: {
    flat: bool({
      label: 'Flat',
      doc: 'Hand pictures over as one long list of numbers instead of rows and columns.',
      default: false,
    }),
  },
  inputs: {},
  outputs: { x: { doc: '[batch, ...features]' } },
  build(g, _inputs, p) {
    const x = g.feed.features
    return { x: p.flat ? g.reshape(x, [x.shape[0] ?? 0, sizeOf(x.shape.slice(1))]) : x }
  },
  examples: [],
})
