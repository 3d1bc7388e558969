/**
 * Phase 6: from fused entries to a Plan. Slots that several entries name (weights, data) get one place; what only lives
 * within a step shares memory with whatever is dead by then. Places are found greedily, the largest first, each at the
 * lowest offset where it meets no other that is alive at the same time (Pisarchyk & Lee 2020, "greedy by size").
 */
import { assert, at, get } from '../base/assert.ts'
import { sizeOf } from '../base/shape.ts'
import type { BufferId, Kernel } from '../ir/kernel.ts'
import type { Plan, PlanBuffer, PlanEntry, Slot } from '../ir/plan.ts'
import type { Program } from '../ir/program.ts'
import { fuse } from './5-fuse.ts'
import type { SymbolicBuffer } from './5-outputs.ts'
import { mapViews, readsOf, writesOf } from '../ir/access.ts'
import { simplify } from './4-simplify.ts'

export interface EntrySource {
  readonly name: string
  /** Most steps in one run. */
  readonly chunk: number
  readonly program: Program
}

const ALIGN = 64
const align = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN

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
    arenaBytes = align(arenaBytes + bytes * slot.rows)
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
    const places = assignOffsets(lifetimes(kernels, symbolic, homes))
    for (const [id, offset] of places) {
      const { dtype, shape } = at(symbolic, id)
      homes.set(id, buffers.length)
      buffers.push({ id: buffers.length, dtype, size: sizeOf(shape), offset: base + offset, stepBytes: 0 })
      arenaBytes = Math.max(arenaBytes, align(base + offset + 4 * sizeOf(shape)))
    }
    const placed = kernels.map((kernel) => mapViews(kernel, (view) => ({ ...view, buffer: get(homes, view.buffer) })))
    return { name: source.name, chunk: source.chunk, kernels: placed, program: source.program }
  })
  return { slots, buffers, entries, arenaBytes }
}

interface Lifetime {
  readonly id: BufferId
  readonly bytes: number
  readonly first: number
  last: number
}

/** From the kernel that writes a value to the last one that reads it, both included. */
function lifetimes(
  kernels: readonly Kernel[],
  buffers: readonly SymbolicBuffer[],
  homes: ReadonlyMap<BufferId, BufferId>,
): Lifetime[] {
  const alive = new Map<BufferId, Lifetime>()
  kernels.forEach((kernel, i) => {
    const { main, elementwise } = readsOf(kernel)
    for (const view of [...writesOf(kernel), ...main, ...elementwise]) {
      if (homes.has(view.buffer)) continue
      const known = alive.get(view.buffer)
      if (known) known.last = i
      else
        alive.set(view.buffer, {
          id: view.buffer,
          bytes: align(4 * sizeOf(at(buffers, view.buffer).shape)),
          first: i,
          last: i,
        })
    }
  })
  return [...alive.values()]
}

function assignOffsets(values: readonly Lifetime[]): Map<BufferId, number> {
  const offsets = new Map<BufferId, number>()
  const placed: Lifetime[] = []
  for (const value of [...values].sort((a, b) => b.bytes - a.bytes || a.id - b.id)) {
    const neighbours = placed
      .filter((other) => other.first <= value.last && value.first <= other.last)
      .sort((a, b) => get(offsets, a.id) - get(offsets, b.id))
    let offset = 0
    for (const other of neighbours) {
      const start = get(offsets, other.id)
      if (start >= offset + value.bytes) break
      offset = Math.max(offset, start + other.bytes)
    }
    offsets.set(value.id, offset)
    placed.push(value)
  }
  return offsets
}
