import { int, real } from '../../base/params.ts'
import { requireImage } from '../_image.ts'
import { defineBlock } from '../define.ts'

const side = (label: string, doc: string) => int({ label, doc, default: 1 })

export default defineBlock({
  type: 'padding',
  family: 'connect',
  title: 'Padding',
  doc: 'Lays rows and columns of one value around a picture; a window that slides over it then reaches further out.',
  formula: 'y[i, j, c] = x[i - top, j - left, c] inside, value outside',
  source: 'torch.nn.ConstantPad2d, Keras ZeroPadding2D',
  aliases: ['zero padding', 'constant padding', 'border', 'margin', 'frame'],
  params: {
    top: side('Top', 'Rows above the picture.'),
    bottom: side('Bottom', 'Rows below the picture.'),
    left: side('Left', 'Columns to the left of the picture.'),
    right: side('Right', 'Columns to the right of the picture.'),
    value: real({ label: 'Value', doc: 'What the new pixels hold.', default: 0 }),
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, top + height + bottom, left + width + right, channels]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    return { y: g.pad(x, [0, p.top, p.left, 0], [0, p.bottom, p.right, 0], p.value) }
  },
  examples: [
    { inputs: { x: [2, 3, 4, 2] }, outputs: { y: [2, 5, 6, 2] } },
    {
      params: { top: 2, bottom: 0, left: 0, right: 3, value: -0.5 },
      inputs: { x: [2, 3, 4, 2] },
      outputs: { y: [2, 5, 7, 2] },
    },
    { params: { top: 0, bottom: 0, left: 0, right: 0 }, inputs: { x: [2, 1, 2, 1] }, outputs: { y: [2, 1, 2, 1] } },
  ],
})
