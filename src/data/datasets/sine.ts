import { int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'

export default defineDataset({
  type: 'sine',
  title: 'Noisy sine',
  doc: 'Pairs of x, uniform over one period of 2 π, and y = sin x plus noise: a curve to fit.',
  params: {
    count: int({ label: 'Points', default: 1000, min: 2, max: 100_000 }),
    noise: real({ label: 'Noise', doc: 'Standard deviation of y around the sine.', default: 0.1, min: 0, max: 2 }),
    margin: real({
      label: 'Margin',
      doc: 'What is left out of the period at both ends, in radians.',
      default: 0,
      min: 0,
      max: 3,
    }),
  },
  features: [1],
  target: { kind: 'numbers', names: ['y'] },
  generate({ count, noise, margin }, random) {
    const features = new Float32Array(count)
    const targets = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const rng = random(i)
      const x = rng.uniform(margin, 2 * Math.PI - margin)
      features[i] = x
      targets[i] = Math.sin(x) + rng.normal(0, noise)
    }
    return { count, shape: [1], features, target: this.target, targets }
  },
})
