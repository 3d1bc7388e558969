/**
 * Loops over index spaces. Axes that lie end to end in every view become one, axes of one element vanish, and what is left
 * is walked by moving one pointer for each view.
 */
import { at } from '../../base/assert.ts'
import type { Shape } from '../../base/shape.ts'
import type { Scalar } from '../../ir/kernel.ts'
import type { FunctionBuilder, Local } from './emitter.ts'

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

/** Position along each axis: a local, or a number where it is known now. Axes of one element are at 0. */
export type Counters = Map<number, Local | number>

/** Positions from … to, known when it runs. */
export interface Range {
  readonly from: Local
  readonly to: Local
}

/**
 * Runs `body` at each point, with the pointers there; they are back at their start afterwards, unless `range` says which
 * part of the first axis is wanted.
 */
export function nest(
  f: FunctionBuilder,
  axes: readonly Axis[],
  pointers: readonly Local[],
  counters: Counters,
  body: () => void,
  range?: Range,
): void {
  const [outer, ...inner] = axes
  if (!outer) {
    body()
    return
  }
  const move = (times: number) => {
    pointers.forEach((pointer, view) => f.advance(pointer, 4 * times * at(outer.strides, view)))
  }
  if (range) {
    pointers.forEach((pointer, view) => {
      f.get(pointer)
        .plusScaled(range.from, 4 * at(outer.strides, view))
        .set(pointer)
    })
    f.range(range.from, range.to, 1, (i) => {
      counters.set(outer.axis, i)
      nest(f, inner, pointers, counters, body)
      move(1)
    })
    return
  }
  f.repeat(outer.size, 1, (i) => {
    counters.set(outer.axis, i)
    nest(f, inner, pointers, counters, body)
    move(1)
  })
  move(-outer.size)
}

/** Pushes the ints position + offset, + 0 … 3 where the lanes run along this axis. */
export function pushIndex(
  f: FunctionBuilder,
  position: Local | number | undefined,
  offset: number,
  alongLanes: boolean,
): void {
  if (position === undefined || typeof position === 'number') {
    const first = (position ?? 0) + offset
    if (alongLanes) f.lanes(first, first + 1, first + 2, first + 3)
    else f.lanes(first)
    return
  }
  f.get(position).op('i32x4.splat')
  if (alongLanes) f.lanes(offset, offset + 1, offset + 2, offset + 3).op('i32x4.add')
  else if (offset !== 0) f.lanes(offset).op('i32x4.add')
}
