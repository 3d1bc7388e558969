import { real } from '../../base/params.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'gaussianNoise',
  family: 'connect',
  title: 'Gaussian Noise',
  doc: 'While training adds random numbers of a normal distribution, others at each step; in validation and prediction it passes everything on. Behind the input it stands for more examples.',
  formula: 'y = x + σ ε, with ε standard normal',
  source: 'Keras GaussianNoise; Bishop 1995',
  aliases: ['noise', 'augmentation', 'regularisation', 'jitter', 'denoising'],
  params: {
    deviation: real({ label: 'Deviation', doc: 'Standard deviation of the noise, σ.', default: 0.1, min: 0 }),
  },
  inputs: { x: { doc: '[batch, ...]' } },
  outputs: { y: { doc: 'the same shape' } },
  build: (g, { x }, p) => ({
    y: g.mode === 'evaluate' || p.deviation === 0 ? x : g.add(x, g.mul(g.normal('noise', x.shape), p.deviation)),
  }),
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { deviation: 0.5 }, inputs: { x: [2, 3, 4] }, outputs: { y: [2, 3, 4] } },
  ],
})
