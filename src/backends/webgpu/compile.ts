/**
 * A plan to dispatches: the passes of each kernel as shaders, and for each place where a kernel stands a row in the table of
 * places, which says where its views lie. Nothing here needs a device; what comes out says how much memory it takes.
 *
 * The arena's buffer: the header (the stamp), the plan's arena, scratch memory that the passes of a kernel share. Kernels run
 * one after the other, so it is the same for all.
 */
import { assert, get } from '../../base/assert.ts'
import type { Kernel, LoopKernel } from '../../ir/kernel.ts'
import type { Plan } from '../../ir/plan.ts'
import { conv } from './conv.ts'
import { dot } from './dot.ts'
import type { KernelCode, KernelEmitter, KernelOf } from './kernel-code.ts'
import { map } from './map.ts'
import { pool } from './pool.ts'
import { reduce } from './reduce.ts'
import { rows } from './rows.ts'
import { gridOf, Library, shader, type Grid } from './shader.ts'

/** A loop is only more dispatches of its kernels. */
type Simple = Exclude<Kernel, LoopKernel & { readonly path: string }>

const emitters: { readonly [Kind in Simple['kind']]: KernelEmitter<KernelOf<Kind>> } = {
  map,
  reduce,
  dot,
  conv,
  pool,
  rows,
}

const emitterOf = <K extends Simple>(kernel: K) => emitters[kernel.kind] as unknown as KernelEmitter<K>

/** Offsets into uniform buffers are multiples of this on every device. */
export const ROW_BYTES = 256
export const HEADER_BYTES = 256

/** One shader run over its grid. */
export interface Dispatch {
  readonly code: string
  readonly grid: Grid
  /** Byte offset in the table of places. */
  readonly places: number
  /** Of the loop that it stands in, else 0. */
  readonly turn: number
  readonly path: string
}

export interface CompiledEntry {
  readonly chunk: number
  readonly dispatches: readonly Dispatch[]
}

export interface CompiledPlan {
  readonly entries: ReadonlyMap<string, CompiledEntry>
  /** Counts a submission in the header. */
  readonly stamp: Dispatch
  /** Four ints for each view: first element, elements from step to step, from turn to turn, nothing. */
  readonly places: Int32Array<ArrayBuffer>
  /** Bytes that a shader may see of them. */
  readonly placesSeen: number
  /** Steps of a chunk and turns of a loop are below. */
  readonly most: number
  readonly bytes: number
  readonly scratchBytes: number
}

const roundUp = (bytes: number, to: number) => Math.ceil(bytes / to) * to

class Places {
  readonly #rows: number[] = []
  seen = ROW_BYTES

  /** Takes in the views of one kernel; gives their byte offset. */
  add(views: readonly (readonly [first: number, perStep: number, perTurn: number])[]): number {
    const offset = 4 * this.#rows.length
    for (const view of views) this.#rows.push(...view, 0)
    while ((4 * this.#rows.length) % ROW_BYTES !== 0) this.#rows.push(0)
    this.seen = Math.max(this.seen, 4 * this.#rows.length - offset)
    return offset
  }

  /** With room behind the last row for a shader that sees more. */
  finish(): Int32Array<ArrayBuffer> {
    const table = new Int32Array(this.#rows.length + this.seen / 4)
    table.set(this.#rows)
    return table
  }
}

export function compilePlan(plan: Plan): CompiledPlan {
  const buffers = new Map(plan.buffers.map((buffer) => [buffer.id, buffer]))
  const places = new Places()
  const scratchStart = HEADER_BYTES + roundUp(plan.arenaBytes, ROW_BYTES)
  let [scratch, most] = [0, 1]

  const codes = new Map<Simple, KernelCode & { readonly offset: number }>()
  const codeOf = (kernel: Simple) => {
    const known = codes.get(kernel)
    if (known) return known
    const emitter = emitterOf(kernel)
    const code = emitter.emit(kernel)
    scratch = Math.max(scratch, code.scratch)
    const offset = places.add([
      ...emitter.views(kernel).map((view) => {
        const { offset, stepBytes } = get(buffers, view.buffer)
        return [(HEADER_BYTES + offset) / 4 + view.offset, stepBytes / 4, view.turn ?? 0] as const
      }),
      [scratchStart / 4, 0, 0],
    ])
    const made = { ...code, offset }
    codes.set(kernel, made)
    return made
  }
  const dispatchesOf = (kernel: Kernel, turn: number): readonly Dispatch[] => {
    if (kernel.kind === 'loop') {
      most = Math.max(most, kernel.count)
      return Array.from({ length: kernel.count }, (_, i) =>
        kernel.kernels.flatMap((one) => dispatchesOf(one, i)),
      ).flat()
    }
    const { passes, offset } = codeOf(kernel)
    return passes.map(({ code, groups }) => ({ code, grid: gridOf(groups), places: offset, turn, path: kernel.path }))
  }
  const entries = new Map(
    plan.entries.map((entry) => {
      most = Math.max(most, entry.chunk)
      return [entry.name, { chunk: entry.chunk, dispatches: entry.kernels.flatMap((one) => dispatchesOf(one, 0)) }]
    }),
  )
  const body = ['if (lane == 0) { arena[0] = arena[0] + 1u; }']
  const code = shader({ places: 0, invocations: 1, groups: 1, library: new Library(), body })
  const stamp = { code, grid: gridOf(1), places: places.add([]), turn: 0, path: 'stamp' }
  const scratchBytes = 4 * scratch
  const bytes = scratchStart + roundUp(scratchBytes, ROW_BYTES)
  assert(bytes / 4 < 2 ** 31, `${bytes} bytes are more than 31 bits of words`)
  return { entries, stamp, places: places.finish(), placesSeen: places.seen, most, bytes, scratchBytes }
}
