/** Small black pictures with a white shape on them, at every place where it fits. */
import { int, real } from '../../base/params.ts'
import { defineDataset, type DatasetDefinition } from '../types.ts'

const WINDOW = 3

/** Shapes of 3 × 3 pixels, `#` is white. */
export const SHAPES = {
  up: ['.#.', '.#.', '###'],
  right: ['#..', '###', '#..'],
  down: ['###', '.#.', '.#.'],
  left: ['..#', '###', '..#'],
  rising: ['..#', '.#.', '#..'],
  falling: ['#..', '.#.', '..#'],
} as const
export type ShapeName = keyof typeof SHAPES

/**
 * A set of pictures of `size` × `size` pixels. Picture i shows shape i mod k; each k pictures the place moves on by one
 * pixel, row by row. So the first k · (size - 2)² pictures are all there are without noise, each once.
 */
export function iconDataset(
  set: Pick<DatasetDefinition, 'type' | 'title' | 'doc'> & {
    readonly size: number
    readonly shapes: readonly ShapeName[]
    /** Pictures by default. */
    readonly count: number
  },
): DatasetDefinition {
  const { size, shapes, type, title, doc } = set
  return defineDataset({
    type,
    title,
    doc,
    params: {
      count: int({
        label: 'Pictures',
        doc: 'Without noise they repeat where there are more than shapes times places.',
        default: set.count,
        min: 4,
        max: 60_000,
      }),
      noise: real({
        label: 'Noise',
        doc: 'Standard deviation of every pixel, where black is 0 and white is 1; nothing gets blacker or whiter than that.',
        default: 0.05,
        min: 0,
        max: 1,
      }),
    },
    features: [size, size, 1],
    target: { kind: 'classes', names: shapes },
    generate({ count, noise }, random) {
      const pixels = size * size
      const free = size - WINDOW + 1
      const features = new Uint8ClampedArray(count * pixels)
      const targets = new Int32Array(count)
      for (let i = 0; i < count; i++) {
        const code = i % shapes.length
        const place = Math.floor(i / shapes.length) % (free * free)
        const [top, left] = [Math.floor(place / free), place % free]
        const rng = random(i)
        for (let k = 0; k < pixels; k++) {
          const [row, column] = [Math.floor(k / size) - top, (k % size) - left]
          const white = SHAPES[shapes[code] as ShapeName][row]?.[column] === '#'
          features[i * pixels + k] = 255 * ((white ? 1 : 0) + rng.normal(0, noise))
        }
        targets[i] = code
      }
      return { count, shape: this.features, features: new Uint8Array(features.buffer), target: this.target, targets }
    },
  })
}
