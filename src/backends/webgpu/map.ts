/** Elementwise kernels: an invocation for each element over the merged axes. */
import { at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import { indexedAxes, mergeAxes } from '../axes.ts'
import { emitExpression, expressionViews, sum } from './expression.ts'
import { NO_CODE, positionOf, split, type KernelCode, type KernelEmitter, type KernelOf } from './kernel-code.ts'
import { Library, shader } from './shader.ts'

type Map = KernelOf<'map'>

export const INVOCATIONS = 64

function emit({ shape, expression }: Map): KernelCode {
  const size = sizeOf(shape)
  if (size === 0) return NO_CODE
  const views = expressionViews(expression)
  const axes = mergeAxes(
    shape,
    views.map((view) => view.strides),
    indexedAxes(expression.body),
  )
  const library = new Library()
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
  const groups = Math.ceil(size / INVOCATIONS)
  const body = [
    `let i = group * ${INVOCATIONS} + lane;`,
    ...(size % INVOCATIONS === 0 ? [] : [`if (i >= ${size}) { return; }`]),
    ...split(
      'i',
      axes.map((axis) => axis.size),
      'a',
    ),
    ...lines,
  ]
  const code = shader({ places: views.length, invocations: INVOCATIONS, groups, library, body })
  return { passes: [{ code, groups }], scratch: 0 }
}

export const map: KernelEmitter<Map> = { views: ({ expression }) => expressionViews(expression), emit }
