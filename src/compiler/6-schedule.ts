/**
 * Phase 6: from fused entries to a Plan. Slots that several entries name (weights, data) get one place; what only lives
 * within a step shares memory with whatever is dead by then. Places are found greedily, the largest first, each at the
 * lowest offset where it meets no other that is alive at the same time (Pisarchyk & Lee 2020, "greedy by size"); where that takes
 * more than what is alive at once, other orders are tried.
 */
import { assert, at, get } from '../base/assert.ts'
import { sizeOf } from '../base/shape.ts'
import type { BufferId } from '../ir/kernel.ts'
import type { Plan, PlanBuffer, PlanEntry, Slot } from '../ir/plan.ts'
import type { Program } from '../ir/program.ts'
import { fuse } from './5-fuse.ts'
import { mapViews } from '../ir/access.ts'
import { lifetimes, lines, mostAlive, type Lifetime } from '../ir/memory.ts'
import { simplify } from './4-simplify.ts'

export interface EntrySource {
  readonly name: string
  /** Most steps in one run. */
  readonly chunk: number
  readonly program: Program
}

/** Phases 4 to 6 for all entries of a plan. */
export function schedule(sources: readonly EntrySource[]): Plan {
  const slots: Slot[] = []
  const buffers: PlanBuffer[] = []
  const byName = new Map<string, BufferId>()
  let arenaBytes = 0

  const place = (slot: Omit<Slot, 'buffer'>, stepped: boolean): BufferId => {
    const known = byName.get(slot.name)
    if (known !== undefined) {
      const size = sizeOf(slot.shape)
      assert(
        at(buffers, known).size === size,
        `slot ${slot.name} has two sizes: ${at(buffers, known).size} and ${size}`,
      )
      return known
    }
    const id = buffers.length
    const bytes = 4 * sizeOf(slot.shape)
    buffers.push({
      id,
      dtype: slot.dtype,
      size: sizeOf(slot.shape),
      offset: arenaBytes,
      stepBytes: stepped ? bytes : 0,
    })
    arenaBytes = lines(arenaBytes + bytes * slot.rows)
    slots.push({ ...slot, buffer: id })
    byName.set(slot.name, id)
    return id
  }

  const fused = sources.map((source) => {
    const program = simplify(source.program)
    const { kernels, buffers: symbolic } = fuse(program)
    const stepNames = new Map<string, Slot['role']>()
    for (const input of program.inputs) if (input.role === 'step') stepNames.set(input.name, 'step')
    for (const output of program.outputs) if (output.role === 'step') stepNames.set(output.name, 'result')
    const homes = new Map<BufferId, BufferId>()
    for (const buffer of symbolic) {
      if (buffer.slot === undefined) continue
      const role = stepNames.get(buffer.slot)
      const common = { shape: buffer.shape, dtype: buffer.dtype }
      const input = program.inputs.find((candidate) => candidate.name === buffer.slot)
      const home = role
        ? place({ ...common, name: `${source.name}/${buffer.slot}`, role, rows: source.chunk }, true)
        : place({ ...common, name: buffer.slot, role: input?.role ?? 'result', rows: 1 }, false)
      homes.set(buffer.id, home)
    }
    return { source, kernels, symbolic, homes }
  })

  // All entries keep their passing values in the same stretch, since only one runs at a time.
  const base = arenaBytes
  const entries = fused.map(({ source, kernels, symbolic, homes }): PlanEntry => {
    const places = assignOffsets(
      lifetimes(kernels, (id) => (homes.has(id) ? undefined : 4 * sizeOf(at(symbolic, id).shape))),
    )
    for (const [id, offset] of places) {
      const { dtype, shape } = at(symbolic, id)
      homes.set(id, buffers.length)
      buffers.push({ id: buffers.length, dtype, size: sizeOf(shape), offset: base + offset, stepBytes: 0 })
      arenaBytes = Math.max(arenaBytes, lines(base + offset + 4 * sizeOf(shape)))
    }
    const placed = kernels.map((kernel) => mapViews(kernel, (view) => ({ ...view, buffer: get(homes, view.buffer) })))
    return { name: source.name, chunk: source.chunk, kernels: placed, program: source.program }
  })
  return { slots, buffers, entries, arenaBytes }
}

/** Which value is given its place first; the first order is nearly always the best. */
const ORDERS: readonly ((a: Lifetime, b: Lifetime) => number)[] = [
  (a, b) => b.bytes - a.bytes,
  (a, b) => b.bytes * (b.last - b.first) - a.bytes * (a.last - a.first),
  (a, b) => b.last - b.first - (a.last - a.first) || b.bytes - a.bytes,
  (a, b) => a.first - b.first || b.bytes - a.bytes,
]

/** Tries other orders only where the first takes more than what is alive at once. */
function assignOffsets(values: readonly Lifetime[]): Map<BufferId, number> {
  const bound = mostAlive(values)
  let best = new Map<BufferId, number>()
  let least = Infinity
  for (const order of ORDERS) {
    const offsets = placed(values, order)
    const end = values.reduce((most, { id, bytes }) => Math.max(most, get(offsets, id) + bytes), 0)
    if (end < least) [best, least] = [offsets, end]
    if (least === bound) break
  }
  return best
}

function placed(values: readonly Lifetime[], order: (a: Lifetime, b: Lifetime) => number): Map<BufferId, number> {
  const offsets = new Map<BufferId, number>()
  const before: Lifetime[] = []
  for (const value of [...values].sort((a, b) => order(a, b) || a.id - b.id)) {
    const neighbours = before
      .filter((other) => other.first <= value.last && value.first <= other.last)
      .sort((a, b) => get(offsets, a.id) - get(offsets, b.id))
    let offset = 0
    for (const other of neighbours) {
      const start = get(offsets, other.id)
      if (start >= offset + value.bytes) break
      offset = Math.max(offset, start + other.bytes)
    }
    offsets.set(value.id, offset)
    before.push(value)
  }
  return offsets
}
