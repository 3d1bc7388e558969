import { int } from '../../base/params.ts'
import { asPicture, asSequence, axisPadding, paddingParams, requireSequence, requireTime } from '../_image.ts'
import { countPaddingParam, kindParam, pool } from '../_pool.ts'
import { at } from '../../base/assert.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'pooling1d',
  family: 'connect',
  title: 'Pooling1D',
  doc: 'Makes a sequence shorter: keeps the greatest value of each window of time, or the average.',
  formula: 'y[t, c] = max or mean of x[t·stride + u - padding, c] over the window u',
  source: 'torch.nn.MaxPool1d, torch.nn.AvgPool1d',
  aliases: ['max pooling', 'average pooling', 'downsample', 'subsampling', 'MaxPooling1D', 'AveragePooling1D'],
  params: {
    kind: kindParam,
    size: int({ label: 'Window', doc: 'Length of the window in times.', default: 2, min: 1 }),
    stride: int({
      label: 'Stride',
      doc: 'Times from one window to the next; 0 takes the length of the window.',
      default: 2,
    }),
    padding: {
      ...paddingParams.padding,
      doc: 'Valid: the window stays inside. Same: empty times are added so that only the stride makes the sequence shorter. Explicit: as many as Pad by says.',
    },
    paddingAmount: int({
      label: 'Pad by',
      doc: 'Empty times before and after the sequence, where Padding is Explicit.',
      default: 1,
    }),
    countPadding: countPaddingParam,
  },
  inputs: { x: { doc: '[batch, time, channels]' } },
  outputs: { y: { doc: '[batch, time, channels]' } },
  build(g, { x }, p) {
    requireSequence(g, x)
    const { size, paddingAmount } = p
    const stride = p.stride || size
    g.require(
      p.padding !== 'explicit' || paddingAmount < size,
      'x',
      `a padding amount of ${paddingAmount} must be smaller than the window of ${size}, or some windows would hold nothing but padding.`,
    )
    const padding = axisPadding(at(x.shape, 1), p.padding, paddingAmount, size, stride)
    requireTime(g, x, size, padding)
    const window = { size: [1, size], stride: [1, stride], padding: [[0, 0], padding] } as const
    return { y: asSequence(g, pool(g, asPicture(g, x), p.kind, window, p.countPadding)) }
  },
  examples: [
    { inputs: { x: [2, 7, 3] }, outputs: { y: [2, 3, 3] } },
    {
      params: { kind: 'average', size: 3, stride: 2, padding: 'same' },
      inputs: { x: [2, 6, 2] },
      outputs: { y: [2, 3, 2] },
    },
    {
      params: { kind: 'average', size: 3, stride: 0, padding: 'explicit', countPadding: true },
      inputs: { x: [2, 5, 2] },
      outputs: { y: [2, 2, 2] },
    },
  ],
})
