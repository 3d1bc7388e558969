/** What the blocks that take the greatest or the mean of windows have in common. */
import { bool, choice } from '../base/params.ts'
import type { Tensor } from '../ir/builder.ts'
import type { Pair, Window } from '../ir/program.ts'
import { paddingOf, type Padding } from './_image.ts'
import type { BlockBuilder } from './define.ts'

export type PoolKind = 'max' | 'average'

export const kindParam = choice<PoolKind>({
  label: 'Kind',
  doc: 'Max keeps the greatest value, the gradient goes where it was; average keeps the mean.',
  default: 'max',
  options: { max: 'Max', average: 'Average' },
})
export const countPaddingParam = bool({
  label: 'Count padding',
  doc: 'Average: padding counts as zeros. Otherwise a window at the rim takes the mean of its true values only. Of a maximum padding is never part.',
  default: false,
})

interface WindowParams {
  readonly size: Pair
  readonly stride: Pair
  readonly padding: Padding
  readonly paddingAmount: Pair
}

/** The window that the parameters ask for; every one of its places holds a true value. */
export function windowOf(g: BlockBuilder, x: Tensor, p: WindowParams): Window {
  const { size } = p
  const stride: Pair = [p.stride[0] || size[0], p.stride[1] || size[1]]
  if (p.padding === 'explicit')
    g.require(
      p.paddingAmount[0] < size[0] && p.paddingAmount[1] < size[1],
      'x',
      `a padding amount of ${p.paddingAmount.join(' × ')} must be smaller than the window ${size.join(' × ')}, or some windows would hold nothing but padding.`,
    )
  return { size, stride, padding: paddingOf(g, x, p, size, stride) }
}

/** Greatest or mean value of each window of a picture; of equal values the first counts as the greatest. */
export function pool(g: BlockBuilder, x: Tensor, kind: PoolKind, window: Window, countPadding = false): Tensor {
  if (kind === 'max') return g.maxPool(x, window)
  const total = g.sumPool(x, window)
  const padded = !countPadding && window.padding.flat().some((count) => count > 0)
  // At the rim a window covers padding; how many true pixels it covers is the window sum of a picture of ones.
  return g.div(total, padded ? g.sumPool(g.fill(x.shape, 1), window) : window.size[0] * window.size[1])
}

export const noPadding: Window['padding'] = [
  [0, 0],
  [0, 0],
]
