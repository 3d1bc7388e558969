import { int } from '../../base/params.ts'
import { defineBlock, weightParams } from '../define.ts'

export default defineBlock({
  type: 'embedding',
  family: 'connect',
  title: 'Embedding',
  doc: 'Replaces each whole number, such as the position of a word or a category, by a learned list of numbers: row x of its table. The data must not be scaled. What is no row of the table comes out infinite, so that the run pauses and says where.',
  formula: 'y = W[x]',
  source: 'torch.nn.Embedding, Keras Embedding',
  aliases: ['lookup table', 'word vectors', 'categories', 'token', 'text'],
  params: {
    rows: int({ label: 'Rows', doc: 'How many different numbers there are: 0, 1, … rows - 1.', default: 16, min: 1 }),
    features: int({ label: 'Features', doc: 'Length of the list that each number gets.', default: 8, min: 1 }),
    ...weightParams({ default: 'normal' }),
  },
  inputs: { x: { doc: '[batch, ...], whole numbers from 0 to rows - 1' } },
  outputs: { y: { doc: '[batch, ..., features]' } },
  build(g, { x }, p) {
    const given = g.convert(x, 'float')
    const row = g.convert(g.max(g.min(given, p.rows - 1), 0), 'int')
    // ln 1 = 0 where the number is a row, ln 0 = -∞ where it is none.
    const mark = g.log(g.equal(given, g.convert(row, 'float')))
    const y = g.take(g.weight('weight', [p.rows, p.features], p), row)
    return { y: g.add(y, g.reshape(mark, [...x.shape, 1])) }
  },
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3, 8] } },
    { params: { rows: 4, features: 2 }, inputs: { x: [3, 1] }, outputs: { y: [3, 1, 2] } },
    { params: { rows: 5, features: 3 }, inputs: { x: [2, 2, 2] }, outputs: { y: [2, 2, 2, 3] } },
  ],
})
