import { int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'
import { planarClasses } from './_planar.ts'

export default defineDataset({
  type: 'moons',
  title: 'Two moons',
  doc: "Points on two interleaving half circles, one class each, as scikit-learn's make_moons. The smallest task that needs a curved border.",
  params: {
    count: int({ label: 'Points', default: 500, min: 4, max: 100_000 }),
    noise: real({
      label: 'Noise',
      doc: 'Standard deviation around the half circles, whose radius is 1.',
      default: 0.1,
      min: 0,
      max: 2,
    }),
  },
  features: [2],
  target: { kind: 'classes', names: ['upper', 'lower'] },
  generate({ count, noise }, random) {
    return planarClasses(count, this.target, random, (rng, moon) => {
      const angle = rng.uniform(0, Math.PI)
      const x = moon === 0 ? Math.cos(angle) : 1 - Math.cos(angle)
      const y = moon === 0 ? Math.sin(angle) : 0.5 - Math.sin(angle)
      return [x + rng.normal(0, noise), y + rng.normal(0, noise)]
    })
  },
})
