/** Elementwise kernels over the merged axes. */
import { at } from '../../base/assert.ts'
import { indexedAxes, mergeAxes } from '../axes.ts'
import { emitExpression, expressionViews, sum } from './expression.ts'
import { positionOf, split, type KernelOf } from './kernel-code.ts'
import type { Library } from './shader.ts'

/** In a workgroup, where each has a result of its own. */
export const INVOCATIONS = 64

/** Computes element `i`. Says nothing of the size of the outermost axis, so that sizes of dense views are no part of it. */
export function mapLines({ shape, expression }: KernelOf<'map'>, library: Library): string[] {
  const views = expressionViews(expression)
  const merged = mergeAxes(
    shape,
    views.map((view) => view.strides),
    indexedAxes(expression.body),
  )
  // One element is an axis too, so that a bias of one is like all the others.
  const last = shape.length - 1
  const one = { size: 1, axis: last, strides: views.map((view) => view.strides[last] ?? 0) }
  const axes = merged.length > 0 || last < 0 ? merged : [one]
  const address = (view: number) =>
    sum(
      `p${view}`,
      axes.map(({ strides }, i) => [`a${i}`, at(strides, view)]),
    )
  const lines = emitExpression(library, expression, {
    load: address,
    store: (store) => address(expression.loads.length + store),
    index: (axis) => positionOf(axes, 'a', axis),
  })
  return [
    ...split(
      'i',
      axes.map((axis) => axis.size),
      'a',
    ),
    ...lines,
  ]
}
