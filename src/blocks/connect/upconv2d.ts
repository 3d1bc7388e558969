import { at } from '../../base/assert.ts'
import { pair } from '../../base/params.ts'
import type { Pair } from '../../ir/program.ts'
import {
  channelBiasParam,
  dilationParam,
  filtersParam,
  groupsParam,
  kernelParam,
  reachOf,
  requireGroups,
  requireImage,
} from '../_image.ts'
import { defineBlock, weightParams } from '../define.ts'

export default defineBlock({
  type: 'upconv2d',
  family: 'connect',
  title: 'UpConv2D',
  doc: 'Makes a picture larger with learned filters: the adjoint of a convolution, which lays a filter times each pixel over the result.',
  formula:
    'y[i·stride + u·dilation - padding, j·stride + v·dilation - padding, f] += x[i, j, c] · w[u, v, f, c], then + b[f]; height = (height - 1) · stride - 2 · padding + dilation · (kernel - 1) + 1 + output padding',
  source: 'torch.nn.ConvTranspose2d; Zeiler et al. 2010',
  aliases: ['transposed convolution', 'deconvolution', 'upsampling', 'up-convolution', 'Conv2DTranspose'],
  params: {
    filters: filtersParam,
    kernel: kernelParam,
    stride: pair({ label: 'Stride', doc: 'By how much the picture grows.', default: [2, 2], min: 1 }),
    padding: pair({ label: 'Padding', doc: 'Rows and columns cut off on every side.', default: [1, 1] }),
    outputPadding: pair({
      label: 'Output padding',
      doc: 'Rows and columns added at the end; less than the stride or less than the dilation.',
      default: [1, 1],
      advanced: true,
    }),
    dilation: dilationParam,
    groups: groupsParam,
    bias: channelBiasParam,
    ...weightParams({ default: 'heUniform' }),
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, height, width, filters]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    const { stride, dilation, groups, outputPadding: added } = p
    const channels = at(x.shape, 3)
    requireGroups(g, groups, channels, p.filters)
    const axes = [0, 1] as const
    g.require(
      axes.every((i) => added[i] < Math.max(stride[i], dilation[i])),
      'x',
      `output padding ${added.join(' × ')} must be smaller than the stride ${stride.join(' × ')} or than the dilation ${dilation.join(' × ')}.`,
    )
    const whole = axes.map((i) => (at(x.shape, 1 + i) - 1) * stride[i] + reachOf(p.kernel[i], dilation[i]))
    const size = axes.map((i) => at(whole, i) - 2 * p.padding[i] + added[i])
    g.require(
      size.every((length) => length >= 1),
      'x',
      `the padding cuts everything off: the result would be ${size.join(' × ')} pixels.`,
    )
    // Below the stride, what output padding adds lies where the convolution saw rows that gave it no further output. What
    // goes beyond is cut off less at the end; behind that nothing reaches, and the rows are 0.
    const over = axes.map((i) => Math.max(added[i] - stride[i] + 1, 0))
    const after = axes.map((i) => Math.max(p.padding[i] - at(over, i), 0))
    const zeros = axes.map((i) => Math.max(at(over, i) - p.padding[i], 0))
    const padding = (i: 0 | 1): Pair => [p.padding[i], at(after, i)]
    const geometry = { stride, dilation, padding: [padding(0), padding(1)] as const, groups }
    // Filters of the convolution whose adjoint this is: from `filters` channels to those of x.
    const weight = g.weight('weight', [p.kernel[0], p.kernel[1], p.filters / groups, channels], p)
    const made = g.convInputGradient(x, weight, geometry, [at(size, 0) - at(zeros, 0), at(size, 1) - at(zeros, 1)])
    const y = g.pad(made, [0, 0, 0, 0], [0, ...zeros, 0])
    return { y: p.bias ? g.add(y, g.weight('bias', [p.filters], 0)) : y }
  },
  examples: [
    { params: { filters: 3 }, inputs: { x: [2, 3, 4, 2] }, outputs: { y: [2, 6, 8, 3] } },
    {
      params: { filters: 2, kernel: [2, 2], stride: [1, 1], padding: [0, 0], outputPadding: [0, 0], bias: false },
      inputs: { x: [2, 2, 2, 3] },
      outputs: { y: [2, 3, 3, 2] },
    },
    {
      params: { filters: 1, kernel: [3, 2], stride: [2, 3], padding: [0, 0], outputPadding: [0, 2] },
      inputs: { x: [2, 2, 3, 2] },
      outputs: { y: [2, 5, 10, 1] },
    },
    {
      params: { filters: 4, stride: [1, 2], padding: [1, 0], outputPadding: [2, 1], dilation: [3, 2], groups: 2 },
      inputs: { x: [2, 2, 3, 2] },
      outputs: { y: [2, 8, 10, 4] },
    },
  ],
})
