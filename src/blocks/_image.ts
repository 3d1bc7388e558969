/** What the blocks that slide a window over pictures have in common. */
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
export const channelBiasParam = bool({ label: 'Bias', doc: 'Adds a learned number to each channel.', default: true })

export const paddingParam = choice({
  label: 'Padding',
  doc: 'Valid: the window stays inside. Same: empty pixels are added so that only the stride makes the picture smaller.',
  default: 'valid',
  options: { valid: 'Valid', same: 'Same' },
})

export function requireImage(g: BlockBuilder, x: Tensor): void {
  g.require(
    x.shape.length === 4,
    'x',
    `input x must be a picture [batch, height, width, channels], but has shape ${showBatch(x.shape)}; connect it before the picture is flattened.`,
  )
}

/**
 * Padding before and after each axis. `same` gives ceil(length / stride) outputs and puts the odd pixel after, as
 * TensorFlow does; for stride 1 this is PyTorch's `same` too.
 */
export function paddingOf(x: Tensor, mode: 'valid' | 'same', size: Pair, stride: Pair): Window['padding'] {
  const axis = (i: 0 | 1): Pair => {
    if (mode === 'valid') return [0, 0]
    const length = at(x.shape, 1 + i)
    const total = Math.max((Math.ceil(length / stride[i]) - 1) * stride[i] + size[i] - length, 0)
    return [Math.floor(total / 2), Math.ceil(total / 2)]
  }
  return [axis(0), axis(1)]
}
