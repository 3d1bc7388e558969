import { int, real } from '../../base/params.ts'
import { defineDataset } from '../types.ts'
import { planarClasses } from './_planar.ts'

const MOST = 10
const names = Array.from({ length: MOST }, (_, i) => String(i + 1))

export default defineDataset({
  type: 'blobs',
  title: 'Blobs',
  doc: "Points scattered around centres that stand evenly on a circle of radius 1, as scikit-learn's make_blobs. With one centre a class straight lines part them; with several the classes take turns around the circle, and no line does.",
  params: {
    count: int({ label: 'Points', default: 600, min: 4, max: 100_000 }),
    classes: int({ label: 'Classes', default: 3, min: 2, max: MOST }),
    centres: int({ label: 'Centres', doc: 'Blobs of each class.', default: 1, min: 1, max: 6 }),
    spread: real({ label: 'Spread', doc: 'Standard deviation around each centre.', default: 0.2, min: 0, max: 2 }),
  },
  features: [2],
  target: { kind: 'classes', names: names.slice(0, 3) },
  targetFor: ({ classes }) => ({ kind: 'classes', names: names.slice(0, classes) }),
  generate({ count, classes, centres, spread }, random) {
    const target = { kind: 'classes', names: names.slice(0, classes) } as const
    return planarClasses(count, target, random, (rng, code) => {
      const angle = (2 * Math.PI * (rng.integer(centres) * classes + code)) / (classes * centres)
      return [Math.cos(angle) + rng.normal(0, spread), Math.sin(angle) + rng.normal(0, spread)]
    })
  },
})
