import { choice, pair } from '../../base/params.ts'
import { paddingOf, paddingParam, requireImage } from '../_image.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'pooling',
  family: 'connect',
  title: 'Pooling',
  doc: 'Makes a picture smaller: keeps the greatest value of each window, or the average. Padding never counts.',
  source: 'torch.nn.MaxPool2d, torch.nn.AvgPool2d (count_include_pad=False)',
  aliases: ['max pooling', 'average pooling', 'downsample', 'subsampling'],
  params: {
    kind: choice({ label: 'Kind', default: 'max', options: { max: 'Max', average: 'Average' } }),
    size: pair({ label: 'Window', doc: 'Height and width of the window in pixels.', default: [2, 2], min: 1 }),
    stride: pair({ label: 'Stride', doc: 'Pixels from one window to the next.', default: [2, 2], min: 1 }),
    padding: paddingParam,
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, height, width, channels]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    const window = { size: p.size, stride: p.stride, padding: paddingOf(x, p.padding, p.size, p.stride) }
    if (p.kind === 'max') return { y: g.maxPool(x, window) }
    const total = g.sumPool(x, window)
    const padded = window.padding.flat().some((count) => count > 0)
    // At the rim a window covers padding; how many true pixels it covers is the window sum of a picture of ones.
    return { y: g.div(total, padded ? g.sumPool(g.fill(x.shape, 1), window) : p.size[0] * p.size[1]) }
  },
  examples: [
    { inputs: { x: [2, 4, 6, 3] }, outputs: { y: [2, 2, 3, 3] } },
    { params: { kind: 'average' }, inputs: { x: [2, 5, 4, 2] }, outputs: { y: [2, 2, 2, 2] } },
    {
      params: { kind: 'max', size: [3, 3], stride: [1, 2], padding: 'same' },
      inputs: { x: [2, 3, 5, 1] },
      outputs: { y: [2, 3, 3, 1] },
    },
    {
      params: { kind: 'average', size: [2, 3], stride: [1, 1], padding: 'same' },
      inputs: { x: [2, 3, 4, 2] },
      outputs: { y: [2, 3, 4, 2] },
    },
  ],
})
