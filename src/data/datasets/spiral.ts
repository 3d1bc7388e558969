import { int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'
import { planarClasses } from './_planar.ts'

export default defineDataset({
  type: 'spiral',
  title: 'Two spirals',
  doc: 'Points on two interleaved spirals, one class each, after Lang and Witbrock (1988). A straight line cannot part them; a few hidden layers can.',
  params: {
    count: int({ label: 'Points', default: 1000, min: 4, max: 100_000 }),
    turns: real({
      label: 'Turns',
      doc: 'How often each arm winds around the middle.',
      default: 1.5,
      min: 0.25,
      max: 5,
    }),
    noise: real({
      label: 'Noise',
      doc: 'Standard deviation of the distance from the arm; the arms end at 1.',
      default: 0.02,
      min: 0,
      max: 1,
    }),
  },
  features: [2],
  target: { kind: 'classes', names: ['first', 'second'] },
  generate({ count, turns, noise }, random) {
    return planarClasses(count, this.target, random, (rng, arm) => {
      // The square root spreads the points evenly along the arm instead of crowding the middle.
      const radius = Math.sqrt(rng.uniform(0.01, 1))
      const angle = 2 * Math.PI * turns * radius + Math.PI * arm
      return [radius * Math.cos(angle) + rng.normal(0, noise), radius * Math.sin(angle) + rng.normal(0, noise)]
    })
  },
})
