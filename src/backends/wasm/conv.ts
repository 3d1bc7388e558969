/** Convolutions and their two adjoints over [n, h, w, c]. */
import { sizeOf } from '../../base/shape.ts'
import { expressionViews, type KernelCode, type KernelEmitter } from './kernel-code.ts'
import { emitSweeps } from './sweep.ts'
import { emitWeightGradient } from './weight-gradient.ts'
import type { Conv } from './windows.ts'

const variants: { readonly [Variant in Conv['variant']]: (code: KernelCode<Conv>) => void } = {
  forward: (code) => {
    if (sizeOf(code.kernel.y) > 0) emitSweeps(code)
  },
  inputGradient: (code) => {
    if (sizeOf(code.kernel.x) > 0) emitSweeps(code)
  },
  weightGradient: (code) => {
    if (sizeOf(code.kernel.w) > 0) emitWeightGradient(code)
  },
}

export const conv: KernelEmitter<Conv> = {
  views: (kernel) => [kernel.a, kernel.b, ...expressionViews(kernel.epilogue)],
  emit: (code) => variants[code.kernel.variant](code),
}
