import { int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'
import { planarClasses } from './_planar.ts'

export default defineDataset({
  type: 'xor',
  title: 'XOR',
  doc: 'Points around the four corners of a square; the class says whether exactly one coordinate is 1. One layer cannot learn it (Minsky and Papert 1969), two can.',
  params: {
    count: int({ label: 'Points', default: 400, min: 4, max: 100_000 }),
    noise: real({
      label: 'Noise',
      doc: 'Standard deviation around the corners (0, 0), (0, 1), (1, 0) and (1, 1).',
      default: 0.1,
      min: 0,
      max: 1,
    }),
  },
  features: [2],
  target: { kind: 'classes', names: ['same', 'different'] },
  generate({ count, noise }, random) {
    return planarClasses(count, this.target, random, (rng, different) => {
      const a = rng.integer(2)
      const b = different === 0 ? a : 1 - a
      return [a + rng.normal(0, noise), b + rng.normal(0, noise)]
    })
  },
})
