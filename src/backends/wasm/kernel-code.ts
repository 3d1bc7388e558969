/**
 * What the emitters of all kernel kinds share. A kernel becomes a function whose parameters are the addresses of its views
 * and of its scratch memory; the entry calls it with the addresses of the step at hand. So nothing in a kernel's code
 * depends on where it lies: kernels that differ in place only share one function. A range of the outermost loop could be
 * two parameters more, when several threads share a kernel.
 */
import { at } from '../../base/assert.ts'
import type { Expression, Kernel, View } from '../../ir/kernel.ts'
import type { FunctionBuilder, Local } from './emitter.ts'

export interface KernelCode<K> {
  readonly f: FunctionBuilder
  readonly kernel: K
  /** Address of each view, in the order of `views`. May be moved. */
  readonly pointers: readonly Local[]
  /** A local with the address of that many bytes that are the kernel's own while it runs; a multiple of 64. */
  readonly scratch: (bytes: number) => Local
}

export interface KernelEmitter<K> {
  readonly views: (kernel: K) => readonly View[]
  readonly emit: (code: KernelCode<K>) => void
}

export type KernelOf<Kind extends Kernel['kind']> = Extract<Kernel, { kind: Kind }>

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
