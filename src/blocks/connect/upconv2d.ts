import { at } from '../../base/assert.ts'
import { pair } from '../../base/params.ts'
import { channelBiasParam, filtersParam, kernelParam, requireImage } from '../_image.ts'
import { defineBlock, initializer } from '../define.ts'

export default defineBlock({
  type: 'upconv2d',
  family: 'connect',
  title: 'UpConv2D',
  doc: 'Makes a picture larger with learned filters: the adjoint of a convolution. Height becomes (height - 1) · stride - 2 · padding + kernel + output padding.',
  source: 'torch.nn.ConvTranspose2d; Zeiler et al. 2010',
  aliases: ['transposed convolution', 'deconvolution', 'upsampling', 'up-convolution'],
  params: {
    filters: filtersParam,
    kernel: kernelParam,
    stride: pair({ label: 'Stride', doc: 'By how much the picture grows.', default: [2, 2], min: 1 }),
    padding: pair({ label: 'Padding', doc: 'Rows and columns cut off on every side.', default: [1, 1] }),
    outputPadding: pair({
      label: 'Output padding',
      doc: 'Rows and columns added at the end; less than the stride.',
      default: [1, 1],
    }),
    bias: channelBiasParam,
    init: initializer({ default: 'heUniform' }),
  },
  inputs: { x: { doc: '[batch, height, width, channels]' } },
  outputs: { y: { doc: '[batch, height, width, filters]' } },
  build(g, { x }, p) {
    requireImage(g, x)
    const size = (i: 0 | 1) =>
      (at(x.shape, 1 + i) - 1) * p.stride[i] - 2 * p.padding[i] + p.kernel[i] + p.outputPadding[i]
    const [height, width] = [size(0), size(1)]
    g.require(
      p.outputPadding[0] < p.stride[0] && p.outputPadding[1] < p.stride[1],
      'x',
      `output padding ${p.outputPadding.join(' × ')} must be smaller than the stride ${p.stride.join(' × ')}.`,
    )
    g.require(
      height >= 1 && width >= 1,
      'x',
      `the padding cuts everything off: the result would be ${height} × ${width} pixels.`,
    )
    // Filters of the convolution whose adjoint this is: from `filters` channels to those of x.
    const weight = g.weight('weight', [p.kernel[0], p.kernel[1], p.filters, at(x.shape, 3)], p.init)
    const geometry = {
      stride: p.stride,
      dilation: [1, 1] as const,
      // What output padding adds lies at the end, where the convolution saw rows that gave it no further output.
      padding: [
        [p.padding[0], p.padding[0]],
        [p.padding[1], p.padding[1]],
      ] as const,
      groups: 1,
    }
    const y = g.convInputGradient(x, weight, geometry, [height, width])
    return { y: p.bias ? g.add(y, g.weight('bias', [p.filters], 'zeros')) : y }
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
  ],
})
