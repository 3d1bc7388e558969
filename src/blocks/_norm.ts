/** What the blocks that bring values to mean 0 and variance 1 have in common. */
import { at } from '../base/assert.ts'
import { bool, real } from '../base/params.ts'
import { showBatch, type Shape } from '../base/shape.ts'
import type { Tensor } from '../ir/builder.ts'
import type { BlockBuilder } from './define.ts'

export const normParams = {
  epsilon: real({
    label: 'Epsilon',
    doc: 'Added to the variance, ε: keeps the division finite where all values are equal.',
    default: 1e-5,
    min: 0,
    advanced: true,
  }),
  affine: bool({
    label: 'Scale and shift',
    doc: 'Learns a factor γ and a summand β for each channel.',
    default: true,
  }),
}

export function requireChannels(g: BlockBuilder, x: Tensor): void {
  g.require(
    x.shape.length >= 2 && x.shape.every((size) => size > 0),
    'x',
    `input x has shape ${showBatch(x.shape)}; it must hold numbers to normalise for each example.`,
  )
}

/** Mean and biased variance over some axes, which stay with size 1, and x without its mean. */
export function moments(g: BlockBuilder, x: Tensor, axes: readonly number[]) {
  const kept: Shape = x.shape.map((size, i) => (axes.includes(i) ? 1 : size))
  const mean = g.reshape(g.mean(x, axes), kept)
  const centred = g.sub(x, mean)
  const variance = g.reshape(g.mean(g.mul(centred, centred), axes), kept)
  return { mean, centred, variance }
}

/** γ x / √(variance + ε) + β for what has lost its mean already. */
export function scaled(
  g: BlockBuilder,
  centred: Tensor,
  variance: Tensor,
  p: { readonly epsilon: number; readonly affine: boolean },
  shape: Shape = centred.shape,
): Tensor {
  const normal = g.reshape(g.div(centred, g.sqrt(g.add(variance, p.epsilon))), shape)
  if (!p.affine) return normal
  const channels = [at(shape, shape.length - 1)]
  return g.add(g.mul(normal, g.weight('scale', channels, 1)), g.weight('shift', channels, 0))
}
