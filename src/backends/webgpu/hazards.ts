/**
 * What kernels do to memory: which words they touch, and so which of them must wait for which. Words are counted in the
 * arena, because values that are not needed at the same time may lie in the same place.
 */
import { get } from '../../base/assert.ts'
import { epilogueOf, readsOf, writesOf } from '../../ir/access.ts'
import type { BufferId, Kernel, View } from '../../ir/kernel.ts'
import type { PlanBuffer } from '../../ir/plan.ts'
import { sizesOf } from '../loop.ts'

export type Buffers = ReadonlyMap<BufferId, PlanBuffer>

export interface Access {
  /** First word, and the one behind the last, in the first turn and in any turn of the loop that it stands in. */
  readonly first: number
  readonly end: number
  readonly firstOfAll: number
  readonly endOfAll: number
  /** Words from turn to turn. */
  readonly turn: number
  readonly writes: boolean
  /** Accesses with the same key are to the same word wherever the index space is at the same position. */
  readonly key: string | undefined
}

function accessOf(kernel: Kernel, view: View, writes: boolean, turns: number, buffers: Buffers, own: boolean): Access {
  const buffer = get(buffers, view.buffer)
  const start = buffer.offset / 4
  const sizes = sizesOf(kernel, view) ?? resultOf(kernel, own)
  let [first, end] = [start + view.offset, start + (sizes ? view.offset + 1 : buffer.size)]
  sizes?.forEach((size, axis) => {
    const by = (view.strides[axis] ?? 0) * (size - 1)
    if (by < 0) first += by
    else end += by
  })
  const turn = view.turn ?? 0
  const moved = turn * (turns - 1)
  const place = sizes && [view.buffer, view.offset, turn, view.strides.filter((_, axis) => (sizes[axis] ?? 1) > 1)]
  return {
    first,
    end,
    firstOfAll: first + Math.min(0, moved),
    endOfAll: end + Math.max(0, moved),
    turn,
    writes,
    key: own && place ? `${sizes.filter((size) => size > 1).join()} ${place.join()}` : undefined,
  }
}

/** Index space of an epilogue whose kernel has other operands than views with strides. */
function resultOf(kernel: Kernel, own: boolean): readonly number[] | undefined {
  if (kernel.kind !== 'conv' || !own) return undefined
  return { forward: kernel.y, inputGradient: kernel.x, weightGradient: kernel.w }[kernel.variant]
}

/** All that a kernel touches, `turns` times. */
export function accessesOf(kernel: Kernel, buffers: Buffers, turns = 1): readonly Access[] {
  if (kernel.kind === 'loop') return kernel.kernels.flatMap((inner) => accessesOf(inner, buffers, kernel.count))
  const { main, elementwise } = readsOf(kernel)
  const access = (writes: boolean, own: boolean) => (view: View) => accessOf(kernel, view, writes, turns, buffers, own)
  return [
    ...main.map(access(false, false)),
    ...elementwise.map(access(false, true)),
    ...writesOf(kernel).map(access(true, epilogueOf(kernel) !== undefined)),
  ]
}

function meet(a: Access, b: Access): boolean {
  return a.turn === b.turn ? a.first < b.end && b.first < a.end : a.firstOfAll < b.endOfAll && b.firstOfAll < a.endOfAll
}

export interface Touched {
  readonly all: readonly Access[]
  readonly writes: readonly Access[]
}

/** Whether their order matters, in any turns. */
export function dependOnEachOther(a: Touched, b: Touched): boolean {
  return anyOver(a.writes, b.all) || anyOver(b.writes, a.all)
}

function anyOver(some: readonly Access[], others: readonly Access[]): boolean {
  for (const x of some) for (const y of others) if (x.firstOfAll < y.endOfAll && y.firstOfAll < x.endOfAll) return true
  return false
}

/** Whether their order matters within a turn, where each position of an index space has an invocation of its own that does both. */
export function mustMeet(a: readonly Access[], b: readonly Access[]): boolean {
  return a.some((x) => b.some((y) => (x.writes || y.writes) && meet(x, y) && (x.key === undefined || x.key !== y.key)))
}
