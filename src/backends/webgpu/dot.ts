/** Products of dense matrices, of any strides. */
import { at } from '../../base/assert.ts'
import type { View } from '../../ir/kernel.ts'
import { expressionViews, sum } from './expression.ts'
import type { KernelEmitter, KernelOf, Target } from './kernel-code.ts'
import { productCode, type Operand, type Product } from './product.ts'

type Dot = KernelOf<'dot'>

/** Axes of the view: which of its strides is along the line, and which along k; `sizes` of all three. */
function operand(view: View, line: 1 | 2, k: 1 | 2, sizes: readonly number[], { aligned }: Target): Operand {
  const stride = (axis: number) => at(view.strides, axis)
  const sideBySide = Math.abs(stride(k)) === 1 || stride(line) === 0 ? 'k' : 'line'
  const along = sideBySide === 'k' ? k : line
  const whole = (axis: number) => axis === along || at(sizes, axis) === 1 || stride(axis) % 4 === 0
  return {
    line: [
      `return ${sum('0', [
        ['z', stride(0)],
        ['line', stride(line)],
      ])};`,
    ],
    step: [`return ${sum('0', [['k', stride(k)]])};`],
    sideBySide,
    fours: stride(along) === 1 && at(sizes, along) % 4 === 0 && [0, 1, 2].every(whole) && aligned(view),
  }
}

export function productOfDot({ batch, m, n, k, a, b, epilogue }: Dot, target: Target): Product {
  return {
    batch,
    m,
    n,
    k,
    a: operand(a, 1, 2, [batch, m, k], target),
    b: operand(b, 2, 1, [batch, k, n], target),
    row: [],
    epilogue,
    positions: (j) => ['z', 'i', j],
  }
}

export const dot: KernelEmitter<Dot> = {
  views: (kernel) => [kernel.a, kernel.b, ...expressionViews(kernel.epilogue)],
  emit: (kernel, target) => productCode(productOfDot(kernel, target), target),
}
