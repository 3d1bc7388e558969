import { sameShape, showBatch } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'multiply',
  family: 'connect',
  title: 'Multiply',
  doc: 'Multiplies two values element by element: y = a · b. One of them can open and close the other like a gate.',
  source: 'Keras Multiply',
  aliases: ['product', 'gate', 'merge', 'times'],
  params: {},
  inputs: { a: { doc: 'any shape' }, b: { doc: 'the same shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { a, b }) {
    g.require(
      sameShape(a.shape, b.shape),
      'b',
      `a has shape ${showBatch(a.shape)} and b ${showBatch(b.shape)}; they must be equal.`,
    )
    return { y: g.mul(a, b) }
  },
  examples: [{ inputs: { a: [2, 3], b: [2, 3] }, outputs: { y: [2, 3] } }],
})
