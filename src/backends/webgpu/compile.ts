/**
 * A plan to dispatches: the passes of each kernel as shaders, and for each place where a kernel stands a row in the table of
 * places, which says where its views lie. Nothing here needs a device; what comes out says how much memory it takes.
 *
 * The arena's buffer: the header (the stamp), the plan's arena, scratch memory that the passes of a kernel share. Kernels run
 * one after the other, so it is the same for all.
 */
import { assert, at, get } from '../../base/assert.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Kernel, View } from '../../ir/kernel.ts'
import type { Plan } from '../../ir/plan.ts'
import { examplesOf, exampleStride, forExamples, type Loop } from '../loop.ts'
import { conv } from './conv.ts'
import { dot } from './dot.ts'
import { groupsOf, workOf, type Group } from './groups.ts'
import { accessesOf } from './hazards.ts'
import type { KernelCode, KernelEmitter, KernelOf, Target } from './kernel-code.ts'
import { pool } from './pool.ts'
import { reduce } from './reduce.ts'
import { rows } from './rows.ts'
import { gridOf, Library, shader, type Grid } from './shader.ts'
import { isStageable, LEAST, stageOf, type Stage, type Stageable } from './stage.ts'
import { headRows, rowsOfStage, sequenceShader, spreadShader, TOGETHER, type Placed, type Row } from './together.ts'

/** What has shaders of its own; maps share theirs, and a loop is its kernels. */
type Lone = Exclude<Kernel, { readonly kind: 'loop' | 'map' }>

const emitters: { readonly [Kind in Lone['kind']]: KernelEmitter<KernelOf<Kind>> } = {
  reduce,
  dot,
  conv,
  pool,
  rows,
}

const emitterOf = <K extends Lone>(kernel: K) => emitters[kernel.kind] as unknown as KernelEmitter<K>

/**
 * A dispatch must not take seconds on a slow GPU, so that one workgroup does no more than this, and all of them together no
 * more than that; as work is counted in groups.ts. The first is a tenth of a second at 10^9 operations a second.
 */
const MOST_WORK = 2.5e7
const MOST_WORK_OF_ALL = 2.5e8
/** In a turn, for one example: where there is more to do, tiles of the whole batch read weights less often. */
const MOST_WORK_OF_TURN = 2 ** 17
/** The same, for one workgroup that does it for all examples. */
const MOST_WORK_ALONE = 2 ** 14

/** Offsets into uniform buffers are multiples of this on every device. */
export const ROW_BYTES = 256
export const HEADER_BYTES = 256

/** One shader run over its grid. */
export interface Dispatch {
  readonly code: string
  readonly grid: Grid
  /** Byte offset in the table of places. */
  readonly places: number
  /** Of the loop that it stands in, or begins with; else 0. */
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
  /** Four ints for each view: first element, elements from step to step, from turn to turn, from example to example. */
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

  /** Takes in what one dispatch needs; gives its byte offset. `room`: rows that the shader may look at. */
  add(places: readonly Row[], room = places.length): number {
    const offset = 4 * this.#rows.length
    for (const row of places) this.#rows.push(...row)
    while ((4 * this.#rows.length) % ROW_BYTES !== 0) this.#rows.push(0)
    this.seen = Math.max(this.seen, roundUp(16 * room, ROW_BYTES))
    return offset
  }

  /** With room behind the last row for a shader that sees more. */
  finish(): Int32Array<ArrayBuffer> {
    const table = new Int32Array(this.#rows.length + this.seen / 4)
    table.set(this.#rows)
    return table
  }
}

/** Turns a plan into what GpuExecutable needs. */
class Compiler {
  readonly places = new Places()
  readonly scratchStart: number
  scratch = 0
  most = 1
  readonly #buffers
  readonly #stages = new Map<Kernel, Map<number, Stage>>()

  readonly #target: Target

  constructor(plan: Plan, { features = new Set(), narrow = false }: DeviceKind) {
    this.#target = { features, narrow, aligned: (view) => this.#rowOf(view).every((words) => words % 4 === 0) }
    this.#buffers = new Map(plan.buffers.map((buffer) => [buffer.id, buffer]))
    this.scratchStart = HEADER_BYTES + roundUp(plan.arenaBytes, ROW_BYTES)
  }

  #rowOf(view: View, perExample = 0): Row {
    const { offset, stepBytes } = get(this.#buffers, view.buffer)
    return [(HEADER_BYTES + offset) / 4 + view.offset, stepBytes / 4, view.turn ?? 0, perExample]
  }

  #stageOf(kernel: Stageable, invocations = TOGETHER): Stage {
    const known = this.#stages.get(kernel) ?? new Map<number, Stage>()
    this.#stages.set(kernel, known)
    const stage = known.get(invocations) ?? stageOf(kernel, invocations)
    known.set(invocations, stage)
    return stage
  }

  /** Everything, `turns` times. */
  dispatchesOf(kernels: readonly Kernel[], turns: number): readonly Dispatch[] {
    this.most = Math.max(this.most, turns)
    const groups = groupsOf(kernels, this.#buffers, (kernel) => this.#stageOf(kernel).text, turns)
    const once = groups.map((group) => this.#dispatchesOfGroup(group, turns))
    return Array.from({ length: turns }, (_, turn) =>
      once.flat().map((dispatch) => (turn === 0 ? dispatch : { ...dispatch, turn })),
    ).flat()
  }

  #dispatchesOfGroup(group: Group, turns: number): readonly Dispatch[] {
    switch (group.kind) {
      case 'spread':
        return this.#spread(group.chains)
      case 'sequence':
        return this.#sequence(group.kernels.filter(isStageable), turns)
      case 'alone':
        if (group.kernel.kind === 'loop') return this.#loop(group.kernel)
        return group.kernel.kind === 'map' ? this.#spread([[group.kernel]]) : this.#alone(group.kernel)
      default:
        return group satisfies never
    }
  }

  #alone(kernel: Lone): readonly Dispatch[] {
    const emitter = emitterOf(kernel)
    const { passes, scratch }: KernelCode = emitter.emit(kernel, this.#target)
    this.scratch = Math.max(this.scratch, scratch)
    const places = this.places.add([
      ...emitter.views(kernel).map((view) => this.#rowOf(view)),
      [this.scratchStart / 4, 0, 0, 0],
    ])
    return passes.map(({ code, groups }) => ({ code, grid: gridOf(groups), places, turn: 0, path: kernel.path }))
  }

  #spread(chains: readonly (readonly KernelOf<'map'>[])[]): readonly Dispatch[] {
    const filled = chains.filter((chain) => this.#stageOf(at(chain, 0)).size > 0)
    if (filled.length === 0) return []
    const views: Row[] = []
    const ahead = headRows(filled.length)
    const placed = filled.map((chain) =>
      chain.map((kernel): Placed => {
        const stage = this.#stageOf(kernel)
        const row = ahead + views.length
        views.push(...stage.views.map((view) => this.#rowOf(view)))
        return { stage, row, accesses: [] }
      }),
    )
    const { code, groups, head, rows } = spreadShader(placed)
    const places = this.places.add([...head, ...views], rows)
    return [{ code, grid: gridOf(groups), places, turn: 0, path: pathOf(filled.flat()) }]
  }

  /** Stages one after the other, with their rows. */
  #placed(kernels: readonly Stageable[], invocations: number, turns: number, original: readonly Kernel[] = kernels) {
    const rows: Row[] = []
    const placed = kernels.map((kernel, i): Placed => {
      const stage = this.#stageOf(kernel, invocations)
      const row = rows.length
      const whole = at(original, i)
      const views = stage.views.map((view) => this.#rowOf(view, whole === kernel ? 0 : exampleStride(whole, view)))
      rows.push(...rowsOfStage(stage, views))
      return { stage, row, accesses: accessesOf(kernel, this.#buffers, turns) }
    })
    return { rows, placed: placed.filter(({ stage }) => stage.size > 0) }
  }

  #sequence(kernels: readonly Stageable[], turns: number): readonly Dispatch[] {
    const { rows, placed } = this.#placed(kernels, TOGETHER, turns)
    if (placed.length === 0) return []
    const code = sequenceShader(placed, { rows: rows.length, invocations: TOGETHER })
    return [{ code, grid: gridOf(1), places: this.places.add(rows), turn: 0, path: pathOf(kernels) }]
  }

  /** In one dispatch where examples have nothing to do with each other, or there is little to do; else turn by turn. */
  #loop(loop: Loop): readonly Dispatch[] {
    const { count, kernels } = loop
    const examples = examplesOf(loop)
    const own = kernels.filter(isStageable).map((kernel) => (examples ? forExamples(kernel, 1) : kernel) as Stageable)
    const work = own.reduce((sum, kernel) => sum + workOf(kernel), 0)
    if (own.length < kernels.length || count === 0 || work > (examples ? MOST_WORK_OF_TURN : MOST_WORK_ALONE))
      return this.dispatchesOf(kernels, count)
    this.most = Math.max(this.most, count)
    const invocations = invocationsFor(own, (kernel) => this.#stageOf(kernel))
    const { rows, placed } = this.#placed(own, invocations, count, kernels)
    const bound = Math.min(MOST_WORK / work, MOST_WORK_OF_ALL / (work * (examples ?? 1)))
    const most = Math.max(1, Math.min(count, Math.floor(bound)))
    const code = sequenceShader(placed, { rows: rows.length, invocations, turns: { count, most } })
    const places = this.places.add(rows)
    return Array.from({ length: Math.ceil(count / most) }, (_, i) => ({
      code,
      grid: gridOf(examples ?? 1),
      places,
      turn: i * most,
      path: loop.path,
    }))
  }
}

/** As many as have something to do: a result each, or a part of one that is a long sum. */
function invocationsFor(kernels: readonly Stageable[], stageOf: (kernel: Stageable) => Stage): number {
  const over = (kernel: Stageable) =>
    kernel.kind === 'dot' ? kernel.k : kernel.kind === 'reduce' ? sizeOf(kernel.over) : 1
  const most = Math.max(...kernels.map((kernel) => stageOf(kernel).size * Math.max(1, over(kernel) / (2 * LEAST))))
  return Math.max(64, Math.min(TOGETHER, 2 ** Math.ceil(Math.log2(most))))
}

/** The blocks that kernels came from. */
const pathOf = (kernels: readonly { readonly path?: string }[]) =>
  [...new Set(kernels.flatMap(({ path }) => (path ? [path] : [])))].join(' ')

/** What code is made for, as far as it makes a difference. */
export type DeviceKind = Partial<Pick<Target, 'features' | 'narrow'>>

export function compilePlan(plan: Plan, device: DeviceKind = {}): CompiledPlan {
  const compiler = new Compiler(plan, device)
  const entries = new Map(
    plan.entries.map(({ name, chunk, kernels }) => {
      compiler.most = Math.max(compiler.most, chunk)
      return [name, { chunk, dispatches: compiler.dispatchesOf(kernels, 1) }]
    }),
  )
  const body = ['if (lane == 0) { arena[0] = arena[0] + 1u; }']
  const code = shader({ places: 0, invocations: 1, groups: 1, library: new Library(), body })
  const { places, scratchStart, most } = compiler
  const stamp = { code, grid: gridOf(1), places: places.add([]), turn: 0, path: 'stamp' }
  const scratchBytes = 4 * compiler.scratch
  const bytes = scratchStart + roundUp(scratchBytes, ROW_BYTES)
  assert(bytes / 4 < 2 ** 31, `${bytes} bytes are more than 31 bits of words`)
  return { entries, stamp, places: places.finish(), placesSeen: places.seen, most, bytes, scratchBytes }
}
