import { int, real } from '../../../base/params.ts'
import { defineDataset } from '../../types.ts'
import { distort } from '../stroke-digits/distort.ts'
import { drawStrokes, PIXELS, SIZE } from '../stroke-digits/draw.ts'
import { Hand, TREMBLE } from '../stroke-digits/hand.ts'
import { shapes } from './shapes.ts'

const names = Object.keys(shapes)

export default defineDataset({
  type: 'strokeShapes',
  title: 'Stroke shapes',
  doc: 'Grey pictures of 28 × 28 pixels with the outline of a circle, a square, a triangle, a star, a cross, an arrow, a heart or a moon, drawn by a trembling hand and turned as far as one likes: what a network must learn to see from every side.',
  params: {
    count: int({ label: 'Pictures', default: 4000, min: 16, max: 60_000 }),
    variety: real({
      label: 'Variety',
      doc: 'How far the hand strays from the model: 0 hardly, 1 as people do, 2 wildly.',
      default: 1,
      min: 0,
      max: 2,
    }),
    turn: real({
      label: 'Turn',
      doc: 'Degrees by which each shape is turned at most, to either side.',
      default: 30,
      min: 0,
      max: 180,
    }),
  },
  features: [SIZE, SIZE, 1],
  target: { kind: 'classes', names },
  generate({ count, variety, turn }, random) {
    const features = new Uint8Array(count * PIXELS)
    const targets = new Int32Array(count)
    const draw = Object.values(shapes)
    for (let i = 0; i < count; i++) {
      const rng = random(i)
      const code = i % draw.length
      const strokes = draw[code]?.(new Hand(rng, TREMBLE * variety)) ?? []
      const turned = (rng.uniform(-turn, turn) * Math.PI) / 180
      drawStrokes(distort(strokes, rng, variety, turned), features.subarray(i * PIXELS, (i + 1) * PIXELS))
      targets[i] = code
    }
    return { count, shape: this.features, features, target: this.target, targets }
  },
})
