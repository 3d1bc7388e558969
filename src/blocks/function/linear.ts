import { real } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'linear',
  family: 'function',
  title: 'Linear',
  doc: 'Multiplies its input by a fixed number; with 1 it passes it on unchanged, which says plainly that a layer has no activation.',
  formula: 'y = c x',
  source: 'torch.nn.Identity',
  aliases: ['identity', 'none', 'scale'],
  params: { factor: real({ label: 'Factor', doc: 'What the input is multiplied by, c.', default: 1 }) },
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build: (g, { x }, p) => ({ y: p.factor === 1 ? x : g.mul(x, p.factor) }),
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { factor: -2.5 }, inputs: { x: [3, 2, 2] }, outputs: { y: [3, 2, 2] } },
  ],
})
