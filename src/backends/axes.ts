/** Index spaces as backends walk them: axes that lie end to end in every view become one, axes of one element vanish. */
import { at } from '../base/assert.ts'
import type { Shape } from '../base/shape.ts'
import type { Scalar } from '../ir/kernel.ts'

export interface Axis {
  readonly size: number
  /** The original axis; of merged axes the innermost. */
  readonly axis: number
  /** In elements, one for each view. */
  readonly strides: readonly number[]
}

/** Axes whose position some line asks for; they must stay as they are. */
export function indexedAxes(body: readonly Scalar[]): ReadonlySet<number> {
  const axes = new Set<number>()
  for (const line of body) if (line.op === 'index') axes.add(line.axis)
  return axes
}

/** `firstAxis`: number of the first axis of `shape`, where it is the tail of a longer index space. */
export function mergeAxes(
  shape: Shape,
  views: readonly (readonly number[])[],
  pinned: ReadonlySet<number>,
  firstAxis = 0,
): Axis[] {
  const merged: Axis[] = []
  shape.forEach((size, i) => {
    if (size === 1) return
    const axis = firstAxis + i
    const strides = views.map((view) => view[i] ?? 0)
    const outer = merged.at(-1)
    const endToEnd =
      outer !== undefined &&
      !pinned.has(axis) &&
      !pinned.has(outer.axis) &&
      strides.every((stride, view) => at(outer.strides, view) === stride * size)
    if (endToEnd) merged[merged.length - 1] = { size: outer.size * size, axis, strides }
    else merged.push({ size, axis, strides })
  })
  return merged
}
