/**
 * A plan to one module: a function for each phase of a kernel that differs from the others in more than place, and a
 * function for each entry that loops over the steps of a chunk and calls them. With several threads, phases that are worth
 * it are called through `team.ts`.
 *
 * Memory: the header, the arena, scratch memory that the phases of a kernel share (kernels run one after the other, so it is
 * the same for all), scratch memory of each thread, slack for vectors that read past the end of a row. The first word of the
 * header is the stop flag: an entry function, which gets the rows from … to, looks at it before each step and returns the row
 * that it has come to when it is not 0. Any thread that shares the memory may set it.
 */
import { get } from '../../base/assert.ts'
import { showNumber } from '../../base/hash.ts'
import type { Kernel, LoopKernel, View } from '../../ir/kernel.ts'
import type { Plan } from '../../ir/plan.ts'
import { exampleStride } from '../loop.ts'
import { conv } from './conv.ts'
import { dot } from './dot.ts'
import { ModuleBuilder, type FunctionBuilder, type Local, type Type } from './emitter.ts'
import type { KernelEmitter, KernelOf, KernelWork, Phase, Target } from './kernel-code.ts'
import { cutLoop, type Parts } from './loop.ts'
import { map } from './map.ts'
import { pool } from './pool.ts'
import { reduce } from './reduce.ts'
import { rows } from './rows.ts'
import { HEADER, STOP_FLAG, Team, WORK } from './team.ts'
import { plain, type Variant } from './variant.ts'

/** A kernel that is functions; a loop is code of the entry itself, which calls those of its kernels. */
type Simple = Exclude<Kernel, LoopKernel & { readonly path: string }>

const emitters: { readonly [Kind in Simple['kind']]: KernelEmitter<KernelOf<Kind>> } = {
  map,
  reduce,
  dot,
  conv,
  pool,
  rows,
}

export const ARENA = HEADER
const SLACK = 256
export const PAGE = 65536
/** Microseconds of work that are worth asking another thread for. */
const WORTH = 6

export interface Options {
  readonly variant?: Variant
  /** With the one that calls. */
  readonly threads?: number
  readonly worth?: number | undefined
}

export interface CompiledPlan {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly pages: number
  /** There is work for others than the thread that runs the entries. */
  readonly shared: boolean
}

/** Kernels with the same key have the same code, wherever their operands lie. */
function keyOf(value: unknown): string {
  if (typeof value === 'number') return showNumber(value)
  if (typeof value !== 'object' || value === null) return String(value)
  let text = ''
  if (Array.isArray(value)) {
    for (const one of value) text += `${keyOf(one)},`
    return `[${text}]`
  }
  for (const name in value)
    if (name !== 'path' && name !== 'buffer' && name !== 'offset' && name !== 'turn')
      text += `${name}:${keyOf((value as { readonly [name: string]: unknown })[name])},`
  return `{${text}}`
}

const emitterOf = <K extends Simple>(kernel: K) => emitters[kernel.kind] as unknown as KernelEmitter<K>
const viewsOf = (kernel: Simple): readonly View[] => emitterOf(kernel).views(kernel)

function simpleKernels(kernel: Kernel): readonly Simple[] {
  return kernel.kind === 'loop' ? kernel.kernels.flatMap(simpleKernels) : [kernel]
}

/** A phase and the number of its function: addresses of the views, shared scratch, own scratch, units from … to. */
interface PhaseFunction extends Pick<Phase, 'units' | 'work'> {
  readonly index: number
}

/** Room that is taken one after the other, in whole lines of 64 bytes. */
class Room {
  bytes = 0
  need(bytes: number): void {
    this.bytes = Math.max(this.bytes, Math.ceil(bytes / 64) * 64)
  }
}

export function compilePlan(plan: Plan, { variant = plain, threads = 1, worth = WORTH }: Options = {}): CompiledPlan {
  const module = new ModuleBuilder(variant)
  const target: Target = { variant, worth }
  const workOf = (kernel: Simple): KernelWork => emitterOf(kernel).work(kernel, target)
  const functions = new Map<string, readonly PhaseFunction[]>()
  const buffers = new Map(plan.buffers.map((buffer) => [buffer.id, buffer]))
  const sharedStart = ARENA + Math.ceil(plan.arenaBytes / 64) * 64
  const [shared, own] = [new Room(), new Room()]

  const addPhase = (views: number, { units, work, emit }: Phase): PhaseFunction => {
    const params = Array.from({ length: views + 4 }, (): Type => 'i32')
    const index = module.add(params, [], (f) => {
      const [sharedScratch, ownScratch, from, to] = f.params.slice(views) as [Local, Local, Local, Local]
      const scratch = (bytes: number) => {
        own.need(bytes)
        return ownScratch
      }
      emit({ f, pointers: f.params.slice(0, views), shared: sharedScratch, scratch, from, to })
    })
    return { index, units, work }
  }
  const found = new Map<Simple, readonly PhaseFunction[]>()
  const functionsOf = (kernel: Simple): readonly PhaseFunction[] => {
    const before = found.get(kernel)
    if (before) return before
    const key = keyOf(kernel)
    const known = functions.get(key)
    if (known) {
      found.set(kernel, known)
      return known
    }
    const { phases, sharedBytes } = workOf(kernel)
    shared.need(sharedBytes)
    const made = phases.map((phase) => addPhase(viewsOf(kernel).length, phase))
    functions.set(key, made)
    found.set(kernel, made)
    return made
  }
  /** A loop in parts of its batch, where there are threads for them and it is worth it. */
  const partsOf = (kernel: Kernel): Parts | undefined => {
    const cut = threads > 1 && kernel.kind === 'loop' ? cutLoop(kernel, threads) : undefined
    if (!cut || kernel.kind !== 'loop') return undefined
    const phases = cut.kernels.flatMap(simpleKernels).flatMap((one) => workOf(one).phases)
    const work = cut.count * kernel.count * phases.reduce((sum, phase) => sum + phase.work, 0)
    return work < worth ? undefined : cut
  }
  // Functions are numbered in the order in which they are added, and calls need the numbers and the sizes.
  const parts = new Map<Kernel, Parts>()
  const privately = new Room()
  for (const kernel of plan.entries.flatMap((entry) => entry.kernels)) {
    const cut = partsOf(kernel)
    for (const simple of (cut?.kernels ?? [kernel]).flatMap(simpleKernels)) {
      functionsOf(simple)
      if (cut) privately.need(workOf(simple).sharedBytes)
    }
    if (cut) parts.set(kernel, cut)
  }
  const sharedOwn = own.bytes
  own.need(own.bytes + privately.bytes)
  const ownStart = sharedStart + shared.bytes
  const team = threads > 1 ? new Team(module, threads) : undefined

  /** Pushes the addresses of the views in step `done` of a chunk and, within a loop, in its turn and for a part of the batch. */
  const pushViews = (
    f: FunctionBuilder,
    kernel: Simple,
    done: Local,
    turn: Local | undefined,
    part?: { readonly number: Local; readonly size: number },
  ) => {
    for (const view of viewsOf(kernel)) {
      const buffer = get(buffers, view.buffer)
      f.i32(ARENA + buffer.offset + 4 * view.offset)
      f.plusScaled(done, buffer.stepBytes)
      if (turn) f.plusScaled(turn, 4 * (view.turn ?? 0))
      if (part) f.plusScaled(part.number, 4 * part.size * exampleStride(kernel, view))
    }
  }
  const callAll = (f: FunctionBuilder, { index, units }: PhaseFunction) => f.i32(0).i32(units).call(index)

  /** Emits the calls of a list of kernels. */
  const emitCalls = (f: FunctionBuilder, kernels: readonly Kernel[], done: Local, turn?: Local): void => {
    for (const kernel of kernels) {
      const cut = parts.get(kernel)
      if (kernel.kind === 'loop' && cut && team) emitParts(f, team, kernel, cut, done)
      else if (kernel.kind === 'loop')
        f.repeat(kernel.count, 1, (i) => {
          emitCalls(f, kernel.kernels, done, i)
        })
      else
        for (const phase of functionsOf(kernel)) {
          if (team && phase.units > 1 && phase.work >= worth) {
            const job = team.job(phase, (g, position, from, to) => {
              pushViews(g, kernel, position.done, turn && position.turn)
              g.i32(sharedStart).i32(ownStart).plusScaled(position.thread, own.bytes)
              g.get(from).get(to).call(phase.index)
            })
            team.share(f, job, phase.units, done, turn)
          } else {
            pushViews(f, kernel, done, turn)
            callAll(f.i32(sharedStart).i32(ownStart), phase)
          }
        }
    }
  }

  /** A loop whose parts of the batch are units; each does its turns alone, with scratch memory of its own. */
  const emitParts = (
    f: FunctionBuilder,
    team: Team,
    loop: LoopKernel,
    { count, size, kernels }: Parts,
    done: Local,
  ) => {
    const job = team.job({ units: count, work: Infinity }, (g, position, from, to) => {
      g.range(from, to, 1, (number) => {
        g.repeat(loop.count, 1, (turn) => {
          for (const kernel of kernels.flatMap(simpleKernels))
            for (const phase of functionsOf(kernel)) {
              pushViews(g, kernel, position.done, turn, { number, size })
              g.i32(ownStart + sharedOwn).plusScaled(position.thread, own.bytes)
              callAll(g.i32(ownStart).plusScaled(position.thread, own.bytes), phase)
            }
        })
      })
    })
    team.share(f, job, count, done, undefined)
  }

  // The same for the entries, which call what is added while they are written.
  for (const entry of plan.entries) {
    const index = module.add(['i32', 'i32'], ['i32'], (f) => {
      const [done, end] = f.params as [Local, Local]
      f.block(() => {
        f.loop(() => {
          f.get(done).get(end).op('i32.ge_s').branchIf(1)
          f.i32(STOP_FLAG).memory('i32.atomic.load').branchIf(1)
          emitCalls(f, entry.kernels, done)
          f.advance(done, 1).branch(0)
        })
      })
      f.get(done)
    })
    module.export(entry.name, index)
  }
  if (team) module.export(WORK, team.addWork())
  const pages = Math.ceil((ownStart + threads * own.bytes + SLACK) / PAGE)
  return { bytes: module.finish(pages), pages, shared: team?.hasJobs ?? false }
}
