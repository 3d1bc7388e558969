import { mergeExamples, mergePorts, requireEqual } from '../_merge.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'multiply',
  family: 'connect',
  title: 'Multiply',
  doc: 'Multiplies two values element by element: y = a · b. One of them can open and close the other like a gate.',
  source: 'Keras Multiply',
  aliases: ['product', 'gate', 'merge', 'times'],
  params: {},
  ...mergePorts,
  build(g, { a, b }) {
    requireEqual(g, a, b)
    return { y: g.mul(a, b) }
  },
  examples: mergeExamples,
})
