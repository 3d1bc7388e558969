import { int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'

export default defineDataset({
  type: 'waves',
  title: 'Noisy waves',
  doc: 'Stretches of sine waves of random pitch and phase with noise on every value, and the value that comes next: the smallest forecast of a time series.',
  params: {
    count: int({ label: 'Sequences', default: 2000, min: 4, max: 100_000 }),
    length: int({ label: 'Length', doc: 'Values that are known.', default: 20, min: 2, max: 1000 }),
    noise: real({
      label: 'Noise',
      doc: 'Standard deviation of every value around the wave.',
      default: 0.05,
      min: 0,
      max: 2,
    }),
  },
  features: [20, 1],
  featuresFor: ({ length }) => [length, 1],
  target: { kind: 'numbers', names: ['next'] },
  generate({ count, length, noise }, random) {
    const features = new Float32Array(count * length)
    const targets = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      const rng = random(i)
      // Eight to twenty values a period.
      const pitch = (2 * Math.PI) / rng.uniform(8, 20)
      const phase = rng.uniform(0, 2 * Math.PI)
      const value = (t: number) => Math.sin(pitch * t + phase) + rng.normal(0, noise)
      for (let t = 0; t < length; t++) features[i * length + t] = value(t)
      targets[i] = value(length)
    }
    return { count, shape: [length, 1], features, target: this.target, targets }
  },
})
