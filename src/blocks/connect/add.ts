import { mergeExamples, mergePorts, requireEqual } from '../_merge.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'add',
  family: 'connect',
  title: 'Add',
  doc: 'Adds two values element by element: y = a + b. A shortcut around some blocks makes them a residual.',
  source: 'Keras Add; He et al. 2016',
  aliases: ['sum', 'merge', 'skip connection', 'residual', 'plus'],
  params: {},
  ...mergePorts,
  build(g, { a, b }) {
    requireEqual(g, a, b)
    return { y: g.add(a, b) }
  },
  examples: mergeExamples,
})
