/** Products of dense matrices, of any strides. */
import { at } from '../../base/assert.ts'
import type { View } from '../../ir/kernel.ts'
import { emitExpression, expressionViews, siteAt, sum } from './expression.ts'
import type { KernelEmitter, KernelOf } from './kernel-code.ts'
import { productCode, type Operand } from './product.ts'

type Dot = KernelOf<'dot'>

/** Axes of the view: which of its strides is along the line, and which along k. */
function operand(view: View, line: 1 | 2, k: 1 | 2): Operand {
  const stride = (axis: number) => at(view.strides, axis)
  const address = sum('place', [
    ['z', stride(0)],
    ['line', stride(line)],
    ['k', stride(k)],
  ])
  return {
    element: [`return bitcast<f32>(arena[${address}]);`],
    sideBySide: Math.abs(stride(k)) === 1 || stride(line) === 0 ? 'k' : 'line',
  }
}

export const dot: KernelEmitter<Dot> = {
  views: (kernel) => [kernel.a, kernel.b, ...expressionViews(kernel.epilogue)],
  emit: ({ batch, m, n, k, a, b, epilogue }) =>
    productCode({
      batch,
      m,
      n,
      k,
      a: operand(a, 1, 2),
      b: operand(b, 2, 1),
      views: 2 + expressionViews(epilogue).length,
      finish: (library) => emitExpression(library, epilogue, siteAt(epilogue, 2, ['z', 'i', 'j'], 'result')),
    }),
}
