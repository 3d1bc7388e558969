import { equalShapes, mergeExamples, mergePorts } from '../_merge.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'add',
  family: 'connect',
  title: 'Add',
  doc: 'Adds two to four values element by element. A shortcut around some blocks makes them a residual.',
  formula: 'y = a + b (+ c + d)',
  source: 'Keras Add; He et al. 2016',
  aliases: ['sum', 'merge', 'skip connection', 'residual', 'plus'],
  params: {},
  ...mergePorts,
  build(g, inputs) {
    return { y: equalShapes(g, inputs).reduce((sum, value) => g.add(sum, value)) }
  },
  examples: mergeExamples,
})
