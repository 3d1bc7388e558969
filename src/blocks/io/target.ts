import { choice } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'target',
  family: 'data',
  title: 'Target',
  doc: 'What the network should answer for each example: its class, or its numbers.',
  source: 'Keras to_categorical',
  aliases: ['label', 'y', 'truth', 'answer'],
  params: {
    encoding: choice({
      label: 'Classes as',
      doc: 'One number for each class with a single 1 (one-hot), or one number: the position of the class.',
      default: 'oneHot',
      options: { oneHot: 'One-hot', number: 'One number' },
    }),
  },
  inputs: {},
  outputs: { y: { doc: '[batch, classes] one-hot, or [batch, numbers]', role: 'target' } },
  build(g, _inputs, p) {
    const y = g.feed.target
    const { target } = g.signature
    const isThere = target.kind === 'classes' || target.size > 0
    g.require(isThere, 'y', 'the data have no target; give a column that role, or compare with the Input itself.')
    if (target.kind === 'numbers') return { y }
    if (p.encoding === 'oneHot') return { y: g.oneHot(y, target.classes) }
    return { y: g.reshape(g.convert(y, 'float'), [y.shape[0] ?? 0, 1]) }
  },
  examples: [],
})
