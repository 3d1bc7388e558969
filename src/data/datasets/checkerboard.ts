import { int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'
import { planarClasses } from './_planar.ts'

export default defineDataset({
  type: 'checkerboard',
  title: 'Checkerboard',
  doc: 'Points on a checkerboard from -1 to 1, whose class is the colour of the square: XOR many times over. The more squares, the more hidden units it takes.',
  params: {
    count: int({ label: 'Points', default: 1000, min: 4, max: 100_000 }),
    squares: int({ label: 'Squares', doc: 'On each side of the board.', default: 4, min: 2, max: 20 }),
    noise: real({
      label: 'Noise',
      doc: 'Standard deviation that moves points after they got their class; the board is 2 wide.',
      default: 0,
      min: 0,
      max: 1,
    }),
  },
  features: [2],
  target: { kind: 'classes', names: ['light', 'dark'] },
  generate({ count, squares, noise }, random) {
    const all = Array.from({ length: squares * squares }, (_, i) => [i % squares, Math.floor(i / squares)] as const)
    const ofColour = [0, 1].map((colour) => all.filter(([column, row]) => (column + row) % 2 === colour))
    return planarClasses(count, this.target, random, (rng, colour) => {
      const choice = ofColour[colour] ?? []
      const [column, row] = choice[rng.integer(choice.length)] ?? [0, 0]
      const x = (2 * (column + rng.uniform())) / squares - 1
      const y = (2 * (row + rng.uniform())) / squares - 1
      return [x + rng.normal(0, noise), y + rng.normal(0, noise)]
    })
  },
})
