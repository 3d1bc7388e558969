/** What memory a plan takes, and what it could not do without. */
import { assert, at } from '../base/assert.ts'
import { readsOf, writesOf } from './access.ts'
import type { BufferId, Kernel } from './kernel.ts'
import type { Plan } from './plan.ts'

/** Places begin at whole lines of this many bytes. */
export const LINE = 64
export const lines = (bytes: number): number => Math.ceil(bytes / LINE) * LINE

/** From the kernel that first writes a value to the last one that reads it, both included. */
export interface Lifetime {
  readonly id: BufferId
  /** Whole lines. */
  readonly bytes: number
  readonly first: number
  last: number
}

/** Lifetimes of what only lives within a step; `bytesOf` is undefined for what lasts. */
export function lifetimes(kernels: readonly Kernel[], bytesOf: (id: BufferId) => number | undefined): Lifetime[] {
  const alive = new Map<BufferId, Lifetime>()
  kernels.forEach((kernel, i) => {
    const { main, elementwise } = readsOf(kernel)
    for (const views of [writesOf(kernel), main, elementwise])
      for (const { buffer } of views) {
        const known = alive.get(buffer)
        if (known) known.last = i
        else {
          const bytes = bytesOf(buffer)
          if (bytes !== undefined) alive.set(buffer, { id: buffer, bytes: lines(bytes), first: i, last: i })
        }
      }
  })
  return [...alive.values()]
}

/** What is alive at the same time at most: no placement takes less. */
export function mostAlive(values: readonly Lifetime[]): number {
  const changes = new Map<number, number>()
  const add = (kernel: number, bytes: number) => changes.set(kernel, (changes.get(kernel) ?? 0) + bytes)
  for (const { first, last, bytes } of values) {
    add(first, bytes)
    add(last + 1, -bytes)
  }
  let [now, most] = [0, 0]
  for (const [, bytes] of [...changes].sort(([a], [b]) => a - b)) {
    now += bytes
    most = Math.max(most, now)
  }
  return most
}

/** All in bytes. */
export interface PlanMemory {
  readonly arena: number
  /** Of it for data, weights, the optimizer's memories and what goes in and out of the steps of a chunk. */
  readonly lasting: number
  /** Of it for what only lives within a step; all entries use the same stretch. */
  readonly passing: number
  /** What the hungriest entry has alive at once: `passing` can't be less. */
  readonly bound: number
}

export function memoryOf(plan: Plan): PlanMemory {
  const lasting = new Set(plan.slots.map(({ buffer }) => buffer))
  const passing = plan.buffers.filter(({ id }) => !lasting.has(id))
  const start = passing.reduce((least, { offset }) => Math.min(least, offset), plan.arenaBytes)
  const end = passing.reduce((most, { offset, size }) => Math.max(most, offset + lines(4 * size)), start)
  assert(end <= plan.arenaBytes, 'passing values lie in the arena')
  const bytesOf = (id: BufferId) => (lasting.has(id) ? undefined : 4 * at(plan.buffers, id).size)
  const bounds = plan.entries.map(({ kernels }) => mostAlive(lifetimes(kernels, bytesOf)))
  return { arena: plan.arenaBytes, lasting: start, passing: end - start, bound: Math.max(0, ...bounds) }
}
