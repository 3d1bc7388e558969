/** Arithmetic on strided views: what it takes to turn a layout change into an access pattern instead of a copy. */
import { at } from '../base/assert.ts'
import { stridesOf, type Shape } from '../base/shape.ts'
import type { BufferId, View } from '../ir/kernel.ts'

export function denseView(buffer: BufferId, shape: Shape): View {
  return { buffer, offset: 0, strides: stridesOf(shape) }
}

/** The view of a part: the same strides from another first element on. */
export function partOf(view: View, start: readonly number[]): View {
  const offset = start.reduce((sum, index, axis) => sum + index * at(view.strides, axis), view.offset)
  return { ...view, offset }
}

/** Whether the elements lie row by row without gaps. Strides of axes of size 1 don't matter. */
export function isDense(view: View, shape: Shape): boolean {
  const dense = stridesOf(shape)
  return view.offset === 0 && shape.every((size, axis) => size === 1 || view.strides[axis] === dense[axis])
}

/**
 * The one stride that walks through several axes as if they were one (outermost first), or null when there is none.
 * Axes of size 1 don't matter.
 */
export function mergedStride(sizes: Shape, strides: readonly number[]): number | null {
  let stride: number | null = null
  let expected = 0
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = at(sizes, axis)
    if (size === 1) continue
    const own = at(strides, axis)
    if (stride === null) stride = own
    else if (own !== expected) return null
    expected = own * size
  }
  return stride ?? 0
}

/** How the axes of `from` other than those of size 1 line up with those of `to`; null where more than size-1 axes change. */
export function unitReshape(from: Shape, to: Shape): readonly (number | null)[] | null {
  const result: (number | null)[] = []
  let j = 0
  for (const size of from) {
    if (size === 1) {
      result.push(null)
      continue
    }
    while (j < to.length && to[j] === 1) j++
    if (to[j] !== size) return null
    result.push(j++)
  }
  return to.slice(j).every((size) => size === 1) ? result : null
}
