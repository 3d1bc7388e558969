import { int, real } from '../../../base/params.ts'
import { defineDataset } from '../../types.ts'
import { drawStrokes, PIXELS, SIZE } from './draw.ts'
import { glyph } from './glyphs.ts'
import { distort } from './distort.ts'

export default defineDataset({
  type: 'strokeDigits',
  title: 'Stroke digits',
  doc:
    'Grey pictures of 28 × 28 pixels of the digits 0 to 9, drawn with a pen of random thickness in random handwriting: ' +
    'slant, width, size, place, turn and trembling differ from picture to picture, and so does the form, such as an open or a closed 4. ' +
    'Needs no download and behaves like MNIST, only easier to look into.',
  params: {
    count: int({ label: 'Pictures', default: 6000, min: 20, max: 60_000 }),
    variety: real({
      label: 'Variety',
      doc: 'How far the hand strays from the copybook: 0 hardly, 1 as people do, 2 wildly.',
      default: 1,
      min: 0,
      max: 2,
    }),
  },
  features: [SIZE, SIZE, 1],
  target: { kind: 'classes', names: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] },
  generate({ count, variety }, random) {
    const features = new Uint8Array(count * PIXELS)
    const targets = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const digit = i % 10
      const rng = random(i)
      const pen = distort(glyph(digit, rng, variety), rng, variety)
      drawStrokes(pen, features.subarray(i * PIXELS, (i + 1) * PIXELS))
      targets[i] = digit
    }
    return { count, shape: this.features, features, target: this.target, targets }
  },
})
