import { at } from '../../base/assert.ts'
import { choice, int } from '../../base/params.ts'
import type { Pair } from '../../ir/program.ts'
import {
  asPicture,
  asSequence,
  axisPadding,
  channelBiasParam,
  filtersParam,
  groupsParam,
  paddingOptions,
  reachOf,
  requireGroups,
  requireSequence,
  requireTime,
} from '../_image.ts'
import { defineBlock, weightParams } from '../define.ts'

export default defineBlock({
  type: 'conv1d',
  family: 'connect',
  title: 'Conv1D',
  doc: 'Slides learned filters along a sequence: each output is the sum of a window of time times the filter, plus a bias (cross-correlation).',
  formula: 'y[t, f] = Σ x[t·stride + u·dilation - padding, c] · w[u, c, f] + b[f]',
  source: 'torch.nn.Conv1d, Keras Conv1D; Waibel et al. 1989',
  aliases: ['convolution', 'temporal convolution', 'TCN', 'time delay', 'causal convolution', 'signal'],
  params: {
    filters: filtersParam,
    kernel: int({ label: 'Kernel', doc: 'Length of the window in times.', default: 3, min: 1 }),
    stride: int({ label: 'Stride', doc: 'Times from one window to the next.', default: 1, min: 1 }),
    padding: choice({
      label: 'Padding',
      doc: 'Valid: the window stays inside. Same: zeros are added so that only the stride makes the sequence shorter. Causal: all of them before it, so that no output sees later times. Explicit: as many as Pad by says.',
      default: 'valid',
      options: { ...paddingOptions, causal: 'Causal' },
    }),
    paddingAmount: int({
      label: 'Pad by',
      doc: 'Zeros before and after the sequence, where Padding is Explicit.',
      default: 1,
    }),
    dilation: int({
      label: 'Dilation',
      doc: 'Times from one tap of the window to the next: above 1 the window has gaps and reaches further.',
      default: 1,
      min: 1,
      advanced: true,
    }),
    groups: groupsParam,
    bias: channelBiasParam,
    ...weightParams({ default: 'heUniform' }),
  },
  inputs: { x: { doc: '[batch, time, channels]' } },
  outputs: { y: { doc: '[batch, time, filters]' } },
  build(g, { x }, p) {
    requireSequence(g, x)
    const { groups, kernel } = p
    const [length, channels] = [at(x.shape, 1), at(x.shape, 2)]
    requireGroups(g, groups, channels, p.filters)
    const reach = reachOf(kernel, p.dilation)
    const padding: Pair =
      p.padding === 'causal' ? [reach - 1, 0] : axisPadding(length, p.padding, p.paddingAmount, reach, p.stride)
    requireTime(g, x, reach, padding)
    const weight = g.weight('weight', [kernel, channels / groups, p.filters], p)
    const y = g.conv(asPicture(g, x), g.reshape(weight, [1, ...weight.shape]), {
      stride: [1, p.stride],
      dilation: [1, p.dilation],
      padding: [[0, 0], padding],
      groups,
    })
    return { y: asSequence(g, p.bias ? g.add(y, g.weight('bias', [p.filters], 0)) : y) }
  },
  examples: [
    { params: { filters: 4 }, inputs: { x: [2, 7, 3] }, outputs: { y: [2, 5, 4] } },
    {
      params: { filters: 2, kernel: 4, stride: 2, padding: 'same', bias: false },
      inputs: { x: [2, 7, 3] },
      outputs: { y: [2, 4, 2] },
    },
    {
      params: { filters: 4, kernel: 2, dilation: 3, padding: 'causal', groups: 2 },
      inputs: { x: [2, 6, 2] },
      outputs: { y: [2, 6, 4] },
    },
    {
      params: { filters: 1, padding: 'explicit', paddingAmount: 2 },
      inputs: { x: [2, 3, 2] },
      outputs: { y: [2, 5, 1] },
    },
  ],
})
