/** What the blocks that deal with a mean and the logarithm of a variance have in common. */
import { sameShape, showBatch } from '../base/shape.ts'
import type { Tensor } from '../ir/builder.ts'
import type { BlockBuilder } from './define.ts'

/** A variance of e^30 = 1e13 is far out of use, and its square far below the largest single-precision number. */
const LARGEST = 30

export const gaussianInputs = {
  mean: { doc: '[batch, ..., latent]: means' },
  logVariance: { doc: 'the same shape: logarithms of the variances' },
} as const

export function requireGaussian(g: BlockBuilder, mean: Tensor, logVariance: Tensor): void {
  g.require(
    mean.shape.length >= 2 && sameShape(mean.shape, logVariance.shape),
    'logVariance',
    `the means have shape ${showBatch(mean.shape)} and the log-variances ${showBatch(logVariance.shape)}; both must be [batch, ..., latent] and equal.`,
  )
}

/** e^x, from x = 30 on as its tangent, so that neither it nor its gradient overflows. */
export function boundedExp(g: BlockBuilder, x: Tensor): Tensor {
  const near = g.min(x, LARGEST)
  return g.mul(g.exp(near), g.add(g.sub(x, near), 1))
}
