import { sameShape, showBatch } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'add',
  family: 'connect',
  title: 'Add',
  doc: 'Adds two values element by element: y = a + b. A shortcut around some blocks makes them a residual.',
  source: 'Keras Add; He et al. 2016',
  aliases: ['sum', 'merge', 'skip connection', 'residual', 'plus'],
  params: {},
  inputs: { a: { doc: 'any shape' }, b: { doc: 'the same shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { a, b }) {
    g.require(
      sameShape(a.shape, b.shape),
      'b',
      `a has shape ${showBatch(a.shape)} and b ${showBatch(b.shape)}; they must be equal.`,
    )
    return { y: g.add(a, b) }
  },
  examples: [{ inputs: { a: [2, 3], b: [2, 3] }, outputs: { y: [2, 3] } }],
})
