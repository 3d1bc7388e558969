import { at } from '../../base/assert.ts'
import {
  channelBiasParam,
  dilationParam,
  filtersParam,
  groupsParam,
  kernelParam,
  paddingOf,
  paddingParams,
  requireGroups,
  requireImage,
  strideParam,
} from '../_image.ts'
import { defineBlock, weightParams } from '../define.ts'

export default defineBlock({
  type: 'conv2d',
  family: 'connect',
  title: 'Conv2D',
  doc: 'Slides learned filters over a picture: each output is the sum of a window times the filter, plus a bias (cross-correlation).',
  formula:
    'y[i, j, f] = Σ x[i·stride + u·dilation - padding, j·stride + v·dilation - padding, c] · w[u, v, c, f] + b[f]',
  source: 'torch.nn.Conv2d; LeCun et al. 1998',
  aliases: ['convolution', 'filter', 'CNN', 'feature map', 'dilated convolution', 'atrous', 'grouped convolution'],
  params: {
    filters: filtersParam,
    kernel: kernelParam,
    stride: strideParam,
    ...paddingParams,
    dilation: dilationParam,
    groups: groupsParam,
    bias: channelBiasParam,
    ...weightParams({ default: 'heUniform' }),
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, height, width, filters]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    const { stride, dilation, groups } = p
    const channels = at(x.shape, 3)
    requireGroups(g, groups, channels, p.filters)
    const padding = paddingOf(g, x, p, p.kernel, stride, dilation)
    const weight = g.weight('weight', [p.kernel[0], p.kernel[1], channels / groups, p.filters], p)
    const y = g.conv(x, weight, { stride, dilation, padding, groups })
    return { y: p.bias ? g.add(y, g.weight('bias', [p.filters], 0)) : y }
  },
  examples: [
    { params: { filters: 3 }, inputs: { x: [2, 5, 6, 2] }, outputs: { y: [2, 3, 4, 3] } },
    {
      params: { filters: 2, kernel: [3, 2], stride: [2, 1], padding: 'same' },
      inputs: { x: [2, 5, 4, 1] },
      outputs: { y: [2, 3, 4, 2] },
    },
    { params: { filters: 4, kernel: [1, 1], bias: false }, inputs: { x: [1, 2, 3, 5] }, outputs: { y: [1, 2, 3, 4] } },
    {
      params: { filters: 6, kernel: [3, 2], dilation: [2, 3], groups: 2, padding: 'explicit', paddingAmount: [2, 1] },
      inputs: { x: [2, 5, 6, 4] },
      outputs: { y: [2, 5, 5, 6] },
    },
  ],
})
