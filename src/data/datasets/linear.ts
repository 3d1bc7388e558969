import { int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'

export default defineDataset({
  type: 'linear',
  title: 'Noisy line',
  doc: 'Pairs of x, uniform in 1 … 3, and y = slope · x + intercept plus noise: what linear regression is for.',
  params: {
    count: int({ label: 'Points', default: 1000, min: 2, max: 100_000 }),
    slope: real({ label: 'Slope', default: 4, min: -1000, max: 1000 }),
    intercept: real({ label: 'Intercept', doc: 'Height of the line at x = 0.', default: -2, min: -1000, max: 1000 }),
    noise: real({ label: 'Noise', doc: 'Standard deviation of y around the line.', default: 0.8, min: 0, max: 100 }),
  },
  features: [1],
  target: { kind: 'numbers', names: ['y'] },
  generate({ count, slope, intercept, noise }, random) {
    const features = new Float32Array(count)
    const targets = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const rng = random(i)
      const x = rng.uniform(1, 3)
      features[i] = x
      targets[i] = slope * x + intercept + rng.normal(0, noise)
    }
    return { count, shape: [1], features, target: this.target, targets }
  },
})
