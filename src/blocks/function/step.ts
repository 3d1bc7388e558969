import { choice, real } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'step',
  family: 'function',
  title: 'Step',
  doc: 'Answers 1 from a threshold on and 0 below. Its slope is 0, so nothing before it learns, unless the gradient is passed straight through.',
  formula: 'y = 1 for x ≥ θ, 0 else',
  source: 'Heaviside; straight-through gradient: Bengio, Léonard & Courville 2013',
  aliases: ['heaviside', 'threshold', 'perceptron', 'binary'],
  params: {
    threshold: real({ label: 'Threshold', doc: 'From this value on the answer is 1, θ.', default: 0 }),
    gradient: choice({
      label: 'Gradient',
      doc: 'Zero is the true one; straight through treats the step as the identity on the way back.',
      default: 'zero',
      options: { zero: 'Zero', straight: 'Straight through' },
    }),
  },
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape, 0 or 1' } },
  build(g, { x }, p) {
    const step = g.sub(1, g.less(x, p.threshold))
    // x - stop(x) is 0 going forward and the identity going back.
    return { y: p.gradient === 'straight' ? g.add(step, g.sub(x, g.stopGradient(x))) : step }
  },
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { threshold: 0.5 }, inputs: { x: [3, 2] }, outputs: { y: [3, 2] } },
  ],
})
