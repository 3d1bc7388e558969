/** Loops over index spaces, which are walked by moving one pointer for each view. */
import { at } from '../../base/assert.ts'
import type { Axis } from '../axes.ts'
import type { FunctionBuilder, Local } from './emitter.ts'

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
