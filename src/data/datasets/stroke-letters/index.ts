import { int, real } from '../../../base/params.ts'
import { defineDataset } from '../../types.ts'
import { distort } from '../stroke-digits/distort.ts'
import { drawStrokes, PIXELS, SIZE } from '../stroke-digits/draw.ts'
import { Hand, TREMBLE } from '../stroke-digits/hand.ts'
import { letters } from './letters.ts'

const names = Object.keys(letters)

export default defineDataset({
  type: 'strokeLetters',
  title: 'Stroke letters',
  doc: 'Grey pictures of 28 × 28 pixels of the capital letters A to Z, drawn as the stroke digits are: with a pen of random thickness in random handwriting. More classes, several of which are alike, such as O and Q or U and V.',
  params: {
    count: int({ label: 'Pictures', default: 7800, min: 26, max: 60_000 }),
    variety: real({
      label: 'Variety',
      doc: 'How far the hand strays from the copybook: 0 hardly, 1 as people do, 2 wildly.',
      default: 1,
      min: 0,
      max: 2,
    }),
  },
  features: [SIZE, SIZE, 1],
  target: { kind: 'classes', names },
  generate({ count, variety }, random) {
    const features = new Uint8Array(count * PIXELS)
    const targets = new Int32Array(count)
    const draw = Object.values(letters)
    for (let i = 0; i < count; i++) {
      const rng = random(i)
      const code = i % draw.length
      const strokes = draw[code]?.(new Hand(rng, TREMBLE * variety)) ?? []
      drawStrokes(distort(strokes, rng, variety), features.subarray(i * PIXELS, (i + 1) * PIXELS))
      targets[i] = code
    }
    return { count, shape: this.features, features, target: this.target, targets }
  },
})
