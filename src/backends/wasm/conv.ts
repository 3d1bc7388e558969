/** Convolutions and their two adjoints over [n, h, w, c]. */
import { sizeOf } from '../../base/shape.ts'
import { expressionViews, NO_WORK, type KernelEmitter, type KernelWork, type Target } from './kernel-code.ts'
import { sweepWork } from './sweep.ts'
import { weightGradientWork } from './weight-gradient.ts'
import type { Conv } from './windows.ts'

const variants: { readonly [Variant in Conv['variant']]: (kernel: Conv, target: Target) => KernelWork } = {
  forward: (kernel, target) => (sizeOf(kernel.y) > 0 ? sweepWork(kernel, target) : NO_WORK),
  inputGradient: (kernel, target) => (sizeOf(kernel.x) > 0 ? sweepWork(kernel, target) : NO_WORK),
  weightGradient: (kernel, target) => (sizeOf(kernel.w) > 0 ? weightGradientWork(kernel, target) : NO_WORK),
}

export const conv: KernelEmitter<Conv> = {
  views: (kernel) => [kernel.a, kernel.b, ...expressionViews(kernel.epilogue)],
  work: (kernel, target) => variants[kernel.variant](kernel, target),
}
