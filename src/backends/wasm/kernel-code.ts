/**
 * What the emitters of all kernel kinds share. A kernel is work in phases, one after the other; a phase falls into units of
 * about equal size that may be done in any order and at the same time. Each phase becomes a function whose parameters are
 * the addresses of the kernel's views and of scratch memory, and which units to do; the entry calls it with the addresses
 * of the step at hand, for all units or, with several threads, for some at a time. So nothing in a kernel's code depends on
 * where it lies: kernels that differ in place only share their functions.
 *
 * How a kernel is cut depends on its shapes alone and never on the number of threads, so that results don't either.
 */
import { at } from '../../base/assert.ts'
import type { Expression, Kernel, View } from '../../ir/kernel.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import type { Variant } from './variant.ts'

/** What a kernel is cut for. */
export interface Target {
  readonly variant: Variant
  /** Microseconds of work that are worth sharing among threads. */
  readonly worth: number
}

export interface PhaseCode {
  readonly f: FunctionBuilder
  /** Address of each view, in the order of `views`. May be moved. */
  readonly pointers: readonly Local[]
  /** Address of the kernel's shared scratch memory, a multiple of 64. What one phase leaves there the next one finds. */
  readonly shared: Local
  /** A local with the address of that many bytes that are the thread's own during the phase; a multiple of 64. */
  readonly scratch: (bytes: number) => Local
  /** The units to do. */
  readonly from: Local
  readonly to: Local
}

export interface Phase {
  readonly units: number
  /** Rough time that one thread takes for all units, in microseconds. */
  readonly work: number
  readonly emit: (code: PhaseCode) => void
}

export interface KernelWork {
  readonly phases: readonly Phase[]
  readonly sharedBytes: number
}

export interface KernelEmitter<K> {
  readonly views: (kernel: K) => readonly View[]
  readonly work: (kernel: K, target: Target) => KernelWork
}

export type KernelOf<Kind extends Kernel['kind']> = Extract<Kernel, { kind: Kind }>

export const NO_WORK: KernelWork = { phases: [], sharedBytes: 0 }

/** Work that is one phase without shared scratch memory. */
export function onePhase(units: number, work: number, emit: Phase['emit']): KernelWork {
  return { phases: [{ units, work, emit }], sharedBytes: 0 }
}

/** Microseconds that products of so many multiply-adds take. */
export const productWork = (multiplyAdds: number): number => multiplyAdds / 40_000

/** The smallest divisor of `size` that is not below `least`. */
export function divisorFrom(size: number, least: number): number {
  for (let divisor = Math.max(1, least); divisor * divisor <= size; divisor++) if (size % divisor === 0) return divisor
  // Above the root divisors come from small ones below it.
  for (let small = Math.min(Math.floor(Math.sqrt(size)), Math.floor(size / least)); small > 1; small--)
    if (size % small === 0) return size / small
  return size
}

/** Views of an expression: loads, then stores. */
export function expressionViews(expression: Expression): readonly View[] {
  return [...expression.loads, ...expression.stores.map((store) => store.view)]
}

/** Pointers of an expression's loads that are the same everywhere in its index space. */
export function fixedLoads(loads: readonly View[], pointers: readonly Local[]): (load: number) => Local | undefined {
  return (load) => (at(loads, load).strides.every((stride) => stride === 0) ? at(pointers, load) : undefined)
}

/** A fresh local with the same value. */
export function copyOf(f: FunctionBuilder, local: Local): Local {
  const copy = f.local(local.type)
  f.get(local).set(copy)
  return copy
}

/** A fresh local with the value of `local`, moved on by `count` times so many bytes. */
export function movedBy(f: FunctionBuilder, local: Local, count: Local, bytes: number): Local {
  const moved = f.local('i32')
  f.get(local).plusScaled(count, bytes).set(moved)
  return moved
}
