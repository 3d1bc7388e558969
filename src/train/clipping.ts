import type { Clipping } from '../document/types.ts'
import type { Builder, Tensor } from '../ir/builder.ts'

/** Keeps the division finite where all gradients vanish; the value is that of torch.nn.utils.clip_grad_norm_. */
const EPSILON = 1e-6

/**
 * The gradients within their bounds: first scaled together so that their norm is at most `norm` (Pascanu, Mikolov & Bengio
 * 2013; torch.nn.utils.clip_grad_norm_), then cut element by element (clip_grad_value_).
 */
export function clip(builder: Builder, gradients: readonly Tensor[], { norm, value }: Clipping): readonly Tensor[] {
  let clipped = gradients
  if (norm > 0) {
    const squares = gradients.map((gradient) => builder.sum(builder.mul(gradient, gradient)))
    const length = builder.sqrt(squares.reduce((sum, square) => builder.add(sum, square), builder.constant(0)))
    const factor = builder.min(builder.div(norm, builder.add(length, EPSILON)), 1)
    clipped = clipped.map((gradient) => builder.mul(gradient, factor))
  }
  if (value > 0) clipped = clipped.map((gradient) => builder.max(builder.min(gradient, value), -value))
  return clipped
}
