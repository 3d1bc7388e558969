import { int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'
import { planarClasses } from './_planar.ts'

export default defineDataset({
  type: 'circles',
  title: 'Circles',
  doc: "Points on a large circle and on a small one inside it, one class each, as scikit-learn's make_circles. Shows what a hidden layer is for.",
  params: {
    count: int({ label: 'Points', default: 500, min: 4, max: 100_000 }),
    factor: real({
      label: 'Inner radius',
      doc: 'Radius of the inner circle; the outer one has 1.',
      default: 0.5,
      min: 0,
      max: 0.99,
    }),
    noise: real({ label: 'Noise', doc: 'Standard deviation around the circles.', default: 0.08, min: 0, max: 2 }),
  },
  features: [2],
  target: { kind: 'classes', names: ['outer', 'inner'] },
  generate({ count, factor, noise }, random) {
    return planarClasses(count, this.target, random, (rng, circle) => {
      const angle = rng.uniform(0, 2 * Math.PI)
      const radius = circle === 0 ? 1 : factor
      return [radius * Math.cos(angle) + rng.normal(0, noise), radius * Math.sin(angle) + rng.normal(0, noise)]
    })
  },
})
