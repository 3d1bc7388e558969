/**
 * A plan to one module: a function for each kernel that differs from the others in more than place, and a function for
 * each entry that loops over the steps of a chunk and calls them.
 *
 * Memory: 64 bytes of header, the arena, scratch memory of the kernels (one after the other, so they share it), slack for
 * vectors that read past the end of a row. The first word of the header is the stop flag: an entry function looks at it
 * before each step and returns the number of steps done when it is not 0. Any thread that shares the memory may set it.
 */
import { at, get } from '../../base/assert.ts'
import type { Kernel, LoopKernel, View } from '../../ir/kernel.ts'
import type { Plan } from '../../ir/plan.ts'
import { conv } from './conv.ts'
import { dot } from './dot.ts'
import { ModuleBuilder, type FunctionBuilder, type Local, type Type } from './emitter.ts'
import type { KernelEmitter, KernelOf } from './kernel-code.ts'
import { map } from './map.ts'
import { pool } from './pool.ts'
import { reduce } from './reduce.ts'
import { rows } from './rows.ts'
import { plain, type Variant } from './variant.ts'

/** A kernel that is one function; a loop is code of the entry itself, which calls those of its kernels. */
type Simple = Exclude<Kernel, LoopKernel & { readonly path: string }>

const emitters: { readonly [Kind in Simple['kind']]: KernelEmitter<KernelOf<Kind>> } = {
  map,
  reduce,
  dot,
  conv,
  pool,
  rows,
}

export const STOP_FLAG = 0
export const ARENA = 64
const SLACK = 256
export const PAGE = 65536

export interface CompiledPlan {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly pages: number
}

/** Kernels with the same key have the same code. JSON knows neither -0 nor what is not finite. */
function keyOf(kernel: Kernel): string {
  return JSON.stringify(kernel, (name, value: unknown) => {
    if (name === 'path' || name === 'buffer' || name === 'offset' || name === 'turn') return undefined
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return Object.is(value, -0) ? '-0' : String(value)
    return value
  })
}

function viewsOf<K extends Simple>(kernel: K): readonly View[] {
  const emitter = emitters[kernel.kind] as unknown as KernelEmitter<K>
  return emitter.views(kernel)
}

function emitKernel<K extends Simple>(f: FunctionBuilder, kernel: K, onScratch: (bytes: number) => void): void {
  const emitter = emitters[kernel.kind] as unknown as KernelEmitter<K>
  const scratch = at(f.params, f.params.length - 1)
  emitter.emit({
    f,
    kernel,
    pointers: f.params.slice(0, -1),
    scratch: (bytes) => {
      onScratch(bytes)
      return scratch
    },
  })
}

function simpleKernels(kernel: Kernel): readonly Simple[] {
  return kernel.kind === 'loop' ? kernel.kernels.flatMap(simpleKernels) : [kernel]
}

export function compilePlan(plan: Plan, variant: Variant = plain): CompiledPlan {
  const module = new ModuleBuilder(variant)
  const functions = new Map<string, number>()
  const buffers = new Map(plan.buffers.map((buffer) => [buffer.id, buffer]))
  const scratchStart = ARENA + Math.ceil(plan.arenaBytes / 64) * 64
  let scratchBytes = 0

  const functionOf = (kernel: Simple): number => {
    const key = keyOf(kernel)
    const known = functions.get(key)
    if (known !== undefined) return known
    const params = [...viewsOf(kernel), 'scratch'].map((): Type => 'i32')
    const index = module.add(params, [], (f) => {
      emitKernel(f, kernel, (bytes) => {
        scratchBytes = Math.max(scratchBytes, bytes)
      })
    })
    functions.set(key, index)
    return index
  }

  /** Emits the calls of a list of kernels in step `done` of a chunk and, within a loop, in its turn. */
  const emitCalls = (f: FunctionBuilder, kernels: readonly Kernel[], done: Local, turn?: Local): void => {
    for (const kernel of kernels) {
      if (kernel.kind === 'loop') {
        f.repeat(kernel.count, 1, (i) => {
          emitCalls(f, kernel.kernels, done, i)
        })
        continue
      }
      for (const view of viewsOf(kernel)) {
        const buffer = get(buffers, view.buffer)
        f.i32(ARENA + buffer.offset + 4 * view.offset)
        f.plusScaled(done, buffer.stepBytes)
        if (turn) f.plusScaled(turn, 4 * (view.turn ?? 0))
      }
      f.i32(scratchStart).call(functionOf(kernel))
    }
  }

  for (const entry of plan.entries) {
    // Functions are numbered in the order in which they are added, so those of the kernels come first.
    for (const kernel of entry.kernels.flatMap(simpleKernels)) functionOf(kernel)
    const index = module.add(['i32'], ['i32'], (f) => {
      const steps = at(f.params, 0)
      const done = f.local('i32')
      f.block(() => {
        f.loop(() => {
          f.get(done).get(steps).op('i32.ge_s').branchIf(1)
          f.i32(STOP_FLAG).memory('i32.atomic.load').branchIf(1)
          emitCalls(f, entry.kernels, done)
          f.advance(done, 1).branch(0)
        })
      })
      f.get(done)
    })
    module.export(entry.name, index)
  }
  const pages = Math.ceil((scratchStart + scratchBytes + SLACK) / PAGE)
  return { bytes: module.finish(pages), pages }
}
