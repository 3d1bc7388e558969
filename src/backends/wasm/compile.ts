/**
 * A plan to one module: a function for each kernel that differs from the others in more than place, and a function for
 * each entry that loops over the steps of a chunk and calls them.
 *
 * Memory: 64 bytes of header, the arena, scratch memory of the kernels (one after the other, so they share it), slack for
 * vectors that read past the end of a row. The first word of the header is the stop flag: an entry function looks at it
 * before each step and returns the number of steps done when it is not 0. Any thread that shares the memory may set it.
 */
import { at, get } from '../../base/assert.ts'
import type { Kernel, View } from '../../ir/kernel.ts'
import type { Plan } from '../../ir/plan.ts'
import { conv } from './conv.ts'
import { dot } from './dot.ts'
import { ModuleBuilder, type FunctionBuilder, type Type } from './emitter.ts'
import type { KernelEmitter, KernelOf } from './kernel-code.ts'
import { map } from './map.ts'
import { pool } from './pool.ts'
import { reduce } from './reduce.ts'
import { rows } from './rows.ts'

const emitters: { readonly [Kind in Kernel['kind']]: KernelEmitter<KernelOf<Kind>> } = {
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
    if (name === 'path' || name === 'buffer' || name === 'offset') return undefined
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return Object.is(value, -0) ? '-0' : String(value)
    return value
  })
}

function viewsOf<K extends Kernel>(kernel: K): readonly View[] {
  const emitter = emitters[kernel.kind] as unknown as KernelEmitter<K>
  return emitter.views(kernel)
}

function emitKernel<K extends Kernel>(f: FunctionBuilder, kernel: K, onScratch: (bytes: number) => void): void {
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

export function compilePlan(plan: Plan): CompiledPlan {
  const module = new ModuleBuilder()
  const functions = new Map<string, number>()
  const buffers = new Map(plan.buffers.map((buffer) => [buffer.id, buffer]))
  const scratchStart = ARENA + Math.ceil(plan.arenaBytes / 64) * 64
  let scratchBytes = 0

  const functionOf = (kernel: Kernel): number => {
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

  for (const entry of plan.entries) {
    const calls = entry.kernels.map((kernel) => ({ index: functionOf(kernel), views: viewsOf(kernel) }))
    const index = module.add(['i32'], ['i32'], (f) => {
      const steps = at(f.params, 0)
      const done = f.local('i32')
      f.block(() => {
        f.loop(() => {
          f.get(done).get(steps).op('i32.ge_s').branchIf(1)
          f.i32(STOP_FLAG).memory('i32.atomic.load').branchIf(1)
          for (const { index: callee, views } of calls) {
            for (const view of views) {
              const buffer = get(buffers, view.buffer)
              f.i32(ARENA + buffer.offset + 4 * view.offset)
              f.plusScaled(done, buffer.stepBytes)
            }
            f.i32(scratchStart).call(callee)
          }
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
