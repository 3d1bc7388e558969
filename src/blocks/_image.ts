/** What the blocks that slide a window over pictures or sequences have in common. */
import { bool, choice, int, pair } from '../base/params.ts'
import { at } from '../base/assert.ts'
import { showBatch } from '../base/shape.ts'
import type { Tensor } from '../ir/builder.ts'
import type { Pair, Window } from '../ir/program.ts'
import type { BlockBuilder } from './define.ts'

export const filtersParam = int({
  label: 'Filters',
  doc: 'How many filters, and so how many channels come out.',
  default: 8,
  min: 1,
})
export const kernelParam = pair({
  label: 'Kernel',
  doc: 'Height and width of the window in pixels.',
  default: [3, 3],
  min: 1,
})
export const strideParam = pair({
  label: 'Stride',
  doc: 'Pixels from one window to the next.',
  default: [1, 1],
  min: 1,
})
export const dilationParam = pair({
  label: 'Dilation',
  doc: 'Pixels from one tap of the window to the next: above 1 the window has gaps and reaches further.',
  default: [1, 1],
  min: 1,
})
export const groupsParam = int({
  label: 'Groups',
  doc: 'Parts that the channels are divided into; each filter sees one part only. Must divide the channels and the filters.',
  default: 1,
  min: 1,
})
export const channelBiasParam = bool({ label: 'Bias', doc: 'Adds a learned number to each channel.', default: true })

export const paddingOptions = { valid: 'Valid', same: 'Same', explicit: 'Explicit' } as const
export type Padding = keyof typeof paddingOptions

export const paddingParams = {
  padding: choice<Padding>({
    label: 'Padding',
    doc: 'Valid: the window stays inside. Same: empty pixels are added so that only the stride makes the picture smaller. Explicit: as many as Pad by says.',
    default: 'valid',
    options: paddingOptions,
  }),
  paddingAmount: pair({
    label: 'Pad by',
    doc: 'Empty rows above and below, empty columns left and right, where Padding is Explicit.',
    default: [1, 1],
  }),
}

export function requireImage(g: BlockBuilder, x: Tensor): void {
  g.require(
    x.shape.length === 4,
    'x',
    `input x must be a picture [batch, height, width, channels], but has shape ${showBatch(x.shape)}; connect it before the picture is flattened.`,
  )
}

export function requireSequence(g: BlockBuilder, x: Tensor): void {
  g.require(
    x.shape.length === 3,
    'x',
    `input x must be a sequence [batch, time, channels], but has shape ${showBatch(x.shape)}; a Reshape lays it out as one.`,
  )
}

export function requireGroups(g: BlockBuilder, groups: number, channels: number, filters: number): void {
  g.require(
    channels % groups === 0 && filters % groups === 0,
    'x',
    `${groups} groups must divide the ${channels} channels of x and the ${filters} filters without a rest; change Groups or Filters.`,
  )
}

/** How many pixels or times a window touches from its first tap to its last. */
export const reachOf = (size: number, dilation: number) => dilation * (size - 1) + 1

/**
 * Padding before and after one axis. `same` gives ceil(length / stride) outputs and puts the odd pixel after, as TensorFlow
 * does; for stride 1 this is PyTorch's `same` too.
 */
export function axisPadding(length: number, mode: Padding, amount: number, reach: number, stride: number): Pair {
  if (mode === 'valid') return [0, 0]
  if (mode === 'explicit') return [amount, amount]
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}

/** Padding of a picture, checked to hold a window with gaps. */
export function paddingOf(
  g: BlockBuilder,
  x: Tensor,
  p: { readonly padding: Padding; readonly paddingAmount: Pair },
  size: Pair,
  stride: Pair,
  dilation: Pair = [1, 1],
): Window['padding'] {
  const lengths = [at(x.shape, 1), at(x.shape, 2)] as const
  const reach = [reachOf(size[0], dilation[0]), reachOf(size[1], dilation[1])] as const
  const axis = (i: 0 | 1) => axisPadding(lengths[i], p.padding, p.paddingAmount[i], reach[i], stride[i])
  const padding = [axis(0), axis(1)] as const
  const room = padding.map(([before, after], i) => at(lengths, i) + before + after)
  // Without gaps the primitive's own sentence says it.
  g.require(
    reach.every((length, i) => length === size[i] || length <= at(room, i)),
    'x',
    `a window over ${reach.join(' × ')} pixels does not fit into a picture of ${lengths.join(' × ')}${p.padding === 'valid' ? '' : ` with its padding (${room.join(' × ')})`}; make the window smaller or add padding.`,
  )
  return padding
}

/** The same for a sequence [batch, time, channels] with padding that is known already. */
export function requireTime(g: BlockBuilder, x: Tensor, reach: number, [before, after]: Pair): void {
  const length = at(x.shape, 1)
  g.require(
    reach <= length + before + after,
    'x',
    `a window over ${reach} times does not fit into a sequence of ${length}${before + after === 0 ? '' : ` with its padding (${length + before + after})`}; make the window smaller or add padding.`,
  )
}

/** A sequence as a picture of one row: time runs along the width, which the engine's inner loops go along. */
export const asPicture = (g: BlockBuilder, x: Tensor) => g.reshape(x, [at(x.shape, 0), 1, ...x.shape.slice(1)])
export const asSequence = (g: BlockBuilder, y: Tensor) => g.reshape(y, [at(y.shape, 0), ...y.shape.slice(2)])
