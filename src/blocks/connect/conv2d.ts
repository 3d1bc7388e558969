import { at } from '../../base/assert.ts'
import { pair } from '../../base/params.ts'
import { channelBiasParam, filtersParam, kernelParam, paddingOf, paddingParam, requireImage } from '../_image.ts'
import { defineBlock, initializer } from '../define.ts'

export default defineBlock({
  type: 'conv2d',
  family: 'connect',
  title: 'Conv2D',
  doc: 'Slides learned filters over a picture: each output is the sum of a window times the filter, plus a bias (cross-correlation).',
  source: 'torch.nn.Conv2d; LeCun et al. 1998',
  aliases: ['convolution', 'filter', 'CNN', 'feature map'],
  params: {
    filters: filtersParam,
    kernel: kernelParam,
    stride: pair({ label: 'Stride', doc: 'Pixels from one window to the next.', default: [1, 1], min: 1 }),
    padding: paddingParam,
    bias: channelBiasParam,
    init: initializer({ default: 'heUniform' }),
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, height, width, filters]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    const weight = g.weight('weight', [p.kernel[0], p.kernel[1], at(x.shape, 3), p.filters], p.init)
    const padding = paddingOf(x, p.padding, p.kernel, p.stride)
    const y = g.conv(x, weight, { stride: p.stride, dilation: [1, 1], padding, groups: 1 })
    return { y: p.bias ? g.add(y, g.weight('bias', [p.filters], 'zeros')) : y }
  },
  examples: [
    { params: { filters: 3 }, inputs: { x: [2, 5, 6, 2] }, outputs: { y: [2, 3, 4, 3] } },
    {
      params: { filters: 2, kernel: [3, 2], stride: [2, 1], padding: 'same' },
      inputs: { x: [2, 5, 4, 1] },
      outputs: { y: [2, 3, 4, 2] },
    },
    { params: { filters: 4, kernel: [1, 1], bias: false }, inputs: { x: [1, 2, 3, 5] }, outputs: { y: [1, 2, 3, 4] } },
  ],
})
