import { equalShapes, mergeExamples, mergePorts } from '../_merge.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'multiply',
  family: 'connect',
  title: 'Multiply',
  doc: 'Multiplies two to four values element by element. One of them can open and close the others like a gate.',
  formula: 'y = a · b (· c · d)',
  source: 'Keras Multiply',
  aliases: ['product', 'gate', 'merge', 'times'],
  params: {},
  ...mergePorts,
  build(g, inputs) {
    return { y: equalShapes(g, inputs).reduce((product, value) => g.mul(product, value)) }
  },
  examples: mergeExamples,
})
