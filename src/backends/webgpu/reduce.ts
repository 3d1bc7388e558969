/** Reductions of an expression over some axes. */
import { at } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import { indexedAxes, mergeAxes } from '../axes.ts'
import { emitExpression, emitLines, expressionViews, sum, type Site } from './expression.ts'
import { positionOf, split, type KernelEmitter, type KernelOf } from './kernel-code.ts'
import { reductionCode, type Reduction } from './reduction.ts'

type Reduce = KernelOf<'reduce'>

/** What a kernel computes for its result `r`, whoever shares the work out. */
export function reductionOf(kernel: Reduce): Reduction {
  const { loads, body, value, epilogue } = kernel
  const rank = kernel.shape.length
  const views = [...loads, ...expressionViews(epilogue)]
  const pinned = new Set([...indexedAxes(body), ...indexedAxes(epilogue.body)])
  const kept = mergeAxes(
    kernel.shape,
    views.map((view) => view.strides),
    pinned,
  )
  const over = mergeAxes(
    kernel.over,
    loads.map((view) => view.strides.slice(rank)),
    pinned,
    rank,
  )
  const sizes = (axes: readonly { readonly size: number }[]) => axes.map((axis) => axis.size)
  const along = (view: number): (readonly [string, number])[] =>
    kept.map(({ strides }, i) => [`a${i}`, at(strides, view)])
  const index = (axis: number) => (axis < rank ? positionOf(kept, 'a', axis) : positionOf(over, 'b', axis))
  const inside: Site = {
    load: (load) =>
      sum(
        `q${load}`,
        over.map(({ strides }, i) => [`b${i}`, at(strides, load)]),
      ),
    index,
  }
  const outside: Site = {
    load: (load) => sum(`p${loads.length + load}`, along(loads.length + load)),
    store: (store) => {
      const view = loads.length + epilogue.loads.length + store
      return sum(`p${view}`, along(view))
    },
    index,
    result: 'result',
  }
  const [lastKept, lastOver] = [kept.at(-1), over.at(-1)]
  const beside = (strides: readonly number[] | undefined) =>
    loads.filter((_, load) => strides?.[load] === 1).length -
    loads.filter((_, load) => (strides?.[load] ?? 0) > 1).length
  return {
    op: kernel.op,
    dtype: at(body, value).dtype,
    results: sizeOf(kernel.shape),
    over: sizeOf(kernel.over),
    views: views.length,
    before: () => [
      ...split('r', sizes(kept), 'a'),
      ...loads.map((_, load) => `let q${load} = ${sum(`p${load}`, along(load))};`),
    ],
    element: (library) => [
      ...split('k', sizes(over), 'b'),
      ...emitLines(library, body, [value], inside),
      `let value = v${value};`,
    ],
    finish: (library) => [...split('r', sizes(kept), 'a'), ...emitExpression(library, epilogue, outside)],
    along: beside(lastOver?.strides) >= beside(lastKept?.strides) ? 'over' : 'results',
  }
}

export const reduce: KernelEmitter<Reduce> = {
  views: (kernel) => [...kernel.loads, ...expressionViews(kernel.epilogue)],
  emit: (kernel, target) => reductionCode(reductionOf(kernel), target),
}
