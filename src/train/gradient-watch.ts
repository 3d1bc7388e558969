/**
 * What each step says of its gradients, for devices whose arithmetic is not ours to check: a GPU need not keep to infinities
 * and NaN in what it compares, so they are looked for by their bits.
 */
import type { Builder, Tensor } from '../ir/builder.ts'

/** Step outputs: the Euclidean norm over all gradients, and how many of those that the optimizer gets are no numbers. */
export const GRADIENT_NORM = 'gradientNorm'
export const NON_FINITE = 'nonFinite'

/** `clipped`: what becomes of the gradients before the optimizer gets them. A tensor counts once, whatever is wrong in it. */
export function watchGradients(builder: Builder, gradients: readonly Tensor[], clipped: readonly Tensor[]): void {
  const squaresOf = (tensors: readonly Tensor[]) => tensors.map((one) => builder.sum(builder.mul(one, one)))
  const total = (values: readonly Tensor[]) =>
    values.reduce((sum, value) => builder.add(sum, value), builder.constant(0))
  builder.output(GRADIENT_NORM, 'step', builder.sqrt(total(squaresOf(gradients))))
  builder.output(
    NON_FINITE,
    'step',
    total(squaresOf(clipped).map((square) => builder.sub(1, builder.isFinite(square)))),
  )
}
