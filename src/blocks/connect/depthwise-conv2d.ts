import { at } from '../../base/assert.ts'
import { int } from '../../base/params.ts'
import {
  channelBiasParam,
  dilationParam,
  kernelParam,
  paddingOf,
  paddingParams,
  requireImage,
  strideParam,
} from '../_image.ts'
import { defineBlock, weightParams } from '../define.ts'

export default defineBlock({
  type: 'depthwiseConv2d',
  family: 'connect',
  title: 'Depthwise Conv2D',
  doc: 'Slides filters of its own over each channel of a picture, without mixing the channels; a Conv2D with a 1 × 1 kernel behind it mixes them at little cost.',
  formula:
    'y[i, j, c·multiplier + m] = Σ x[i·stride + u·dilation - padding, j·stride + v·dilation - padding, c] · w[u, v, c·multiplier + m] + b',
  source: 'Keras DepthwiseConv2D, torch.nn.Conv2d with groups = channels; Chollet 2017',
  aliases: ['convolution', 'separable convolution', 'MobileNet', 'grouped convolution', 'filter'],
  params: {
    multiplier: int({
      label: 'Multiplier',
      doc: 'How many filters each channel has, and so how many channels it becomes.',
      default: 1,
      min: 1,
    }),
    kernel: kernelParam,
    stride: strideParam,
    ...paddingParams,
    dilation: dilationParam,
    bias: channelBiasParam,
    ...weightParams({ default: 'heUniform' }),
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, height, width, channels · multiplier]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    const { stride, dilation, multiplier } = p
    const filters = at(x.shape, 3) * multiplier
    const padding = paddingOf(g, x, p, p.kernel, stride, dilation)
    const weight = g.weight('weight', [p.kernel[0], p.kernel[1], 1, filters], p)
    // Each channel stands there once for each of its filters: the engine is quickest where channels and filters are as many.
    const repeated = g.broadcastTo(g.reshape(x, [...x.shape, 1]), [...x.shape, multiplier])
    const each = g.reshape(repeated, [...x.shape.slice(0, 3), filters])
    const y = g.conv(each, weight, { stride, dilation, padding, groups: filters })
    return { y: p.bias ? g.add(y, g.weight('bias', [filters], 0)) : y }
  },
  examples: [
    { inputs: { x: [2, 5, 6, 3] }, outputs: { y: [2, 3, 4, 3] } },
    {
      params: { multiplier: 2, kernel: [2, 3], stride: [2, 1], padding: 'same', bias: false },
      inputs: { x: [2, 5, 4, 3] },
      outputs: { y: [2, 3, 4, 6] },
    },
    {
      params: { dilation: [2, 1], padding: 'explicit', paddingAmount: [1, 0] },
      inputs: { x: [2, 4, 3, 2] },
      outputs: { y: [2, 2, 1, 2] },
    },
  ],
})
