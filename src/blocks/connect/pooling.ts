import { pair } from '../../base/params.ts'
import { paddingParams, requireImage } from '../_image.ts'
import { countPaddingParam, kindParam, pool, windowOf } from '../_pool.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'pooling',
  family: 'connect',
  title: 'Pooling',
  doc: 'Makes a picture smaller: keeps the greatest value of each window, or the average.',
  formula: 'y[i, j, c] = max or mean of x[i·stride + u - padding, j·stride + v - padding, c] over the window (u, v)',
  source: 'torch.nn.MaxPool2d, torch.nn.AvgPool2d; Ranzato et al. 2007',
  aliases: ['max pooling', 'average pooling', 'downsample', 'subsampling', 'MaxPooling2D', 'AveragePooling2D'],
  params: {
    kind: kindParam,
    size: pair({ label: 'Window', doc: 'Height and width of the window in pixels.', default: [2, 2], min: 1 }),
    stride: pair({
      label: 'Stride',
      doc: 'Pixels from one window to the next; 0 takes the size of the window.',
      default: [2, 2],
    }),
    ...paddingParams,
    countPadding: countPaddingParam,
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, height, width, channels]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    return { y: pool(g, x, p.kind, windowOf(g, x, p), p.countPadding) }
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
    {
      params: {
        kind: 'average',
        size: [3, 2],
        stride: [0, 1],
        padding: 'explicit',
        paddingAmount: [2, 1],
        countPadding: true,
      },
      inputs: { x: [2, 4, 3, 2] },
      outputs: { y: [2, 2, 4, 2] },
    },
  ],
})
