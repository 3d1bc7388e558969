/**
 * Elementwise kernels: loops over the merged axes, four elements at a time along the innermost one. The order of the
 * elements is free, so a very short last axis gives way to a longer one.
 */
import { at } from '../../base/assert.ts'
import { sizeOf, stridesOf, type Shape } from '../../base/shape.ts'
import type { Expression } from '../../ir/kernel.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { LinePair, type Site, type Spot, type Width } from './expression.ts'
import { expressionViews, fixedLoads, type KernelEmitter, type KernelOf } from './kernel-code.ts'
import { indexedAxes, mergeAxes, nest, pushIndex, type Axis, type Counters } from './nest.ts'

/** Axes in the order of looping; the last one runs along the lanes. */
function order(axes: readonly Axis[]): readonly Axis[] {
  const last = axes.at(-1)
  if (!last || last.size >= 4) return axes
  const longest = axes.reduce((best, axis) => (axis.size > best.size ? axis : best), last)
  return longest.size < 4 ? axes : [...axes.filter((axis) => axis !== longest), longest]
}

export function emitMap(f: FunctionBuilder, shape: Shape, expression: Expression, pointers: readonly Local[]): void {
  if (sizeOf(shape) === 0) return
  const views = expressionViews(expression)
  const strides = views.map((view) => view.strides)
  const axes = order(mergeAxes(shape, strides, indexedAxes(expression.body)))
  const lane: Axis = axes.at(-1) ?? { size: 1, axis: -1, strides: views.map(() => 0) }
  const lines = new LinePair(f, expression, fixedLoads(expression.loads, pointers))
  const counters: Counters = new Map()

  const spot = (width: Width, offset: number): Spot => {
    const place = (view: number) => {
      const stride = at(lane.strides, view)
      return { pointer: at(pointers, view), offset: 4 * stride * offset, stride }
    }
    const site: Site = {
      width,
      load: place,
      index: (axis) => {
        const alongLanes = axis === lane.axis
        pushIndex(f, counters.get(axis), alongLanes ? offset : 0, alongLanes && width === 4)
      },
    }
    return { site, store: (i) => place(expression.loads.length + i) }
  }

  const vectors = Math.floor(lane.size / 4)
  const unroll =
    lines.cost > 40
      ? Math.min(lines.together, Math.max(vectors, 1))
      : vectors >= 8
        ? 4
        : vectors <= 4
          ? Math.max(vectors, 1)
          : 2
  const blocks = Math.floor(vectors / unroll)
  nest(f, axes.slice(0, -1), pointers, counters, () => {
    const move = (elements: number) => {
      pointers.forEach((pointer, view) => f.advance(pointer, 4 * elements * at(lane.strides, view)))
    }
    const inLoop = blocks > 1
    if (inLoop)
      f.repeat(blocks * unroll * 4, unroll * 4, (i) => {
        counters.set(lane.axis, i)
        lines.emitRow(unroll, (u) => spot(4, 4 * u))
        move(unroll * 4)
      })
    const done = inLoop ? blocks * unroll * 4 : 0
    counters.set(lane.axis, done)
    const rest = Math.floor((lane.size - done) / 4)
    lines.emitRow(rest, (i) => spot(4, 4 * i))
    for (let offset = 4 * rest; done + offset < lane.size; offset++) lines.emit([spot(1, offset)])
    move(-done)
  })
}

/** The same expression with its `result` read from memory, a dense array of the index space's shape; its load comes last. */
export function loadResult(expression: Expression, shape: Shape): Expression {
  const load = expression.loads.length
  return {
    loads: [...expression.loads, { buffer: -1, offset: 0, strides: stridesOf(shape) }],
    body: expression.body.map((line) => (line.op === 'result' ? { op: 'load', load, dtype: line.dtype } : line)),
    stores: expression.stores,
  }
}

/** An epilogue as a pass of its own, over results that lie dense at `result`. */
export function emitMapOfResult(
  f: FunctionBuilder,
  shape: Shape,
  epilogue: Expression,
  pointers: readonly Local[],
  result: Local,
): void {
  const loads = epilogue.loads.length
  emitMap(f, shape, loadResult(epilogue, shape), [...pointers.slice(0, loads), result, ...pointers.slice(loads)])
}

export const map: KernelEmitter<KernelOf<'map'>> = {
  views: (kernel) => expressionViews(kernel.expression),
  emit: ({ f, kernel, pointers }) => emitMap(f, kernel.shape, kernel.expression, pointers),
}
