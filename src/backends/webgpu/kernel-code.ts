/** What the emitters of all kernel kinds share: a kernel becomes passes, shaders that run one after the other. */
import type { Axis } from '../axes.ts'
import type { Kernel, View } from '../../ir/kernel.ts'

export interface Pass {
  readonly code: string
  readonly groups: number
}

export interface KernelCode {
  readonly passes: readonly Pass[]
  /** Elements of scratch memory that the passes share; its place comes behind those of the views. */
  readonly scratch: number
}

/** What is known of memory and of the device when code is made. */
export interface Target {
  /** Whether a view begins at a multiple of four elements, whatever the step and the turn. */
  readonly aligned: (view: View) => boolean
  /** Optional features that the device has. */
  readonly features: ReadonlySet<string>
  /** Its invocations have registers for some dozens of numbers, not for more than a hundred. */
  readonly narrow: boolean
}

export interface KernelEmitter<K> {
  readonly views: (kernel: K) => readonly View[]
  readonly emit: (kernel: K, target: Target) => KernelCode
}

export type KernelOf<Kind extends Kernel['kind']> = Extract<Kernel, { kind: Kind }>

export const NO_CODE: KernelCode = { passes: [], scratch: 0 }

/** Lines that take the number of an element (an i32, not negative) apart: the position along each axis as `${name}0`, … */
export function split(index: string, sizes: readonly number[], name: string): string[] {
  const lines: string[] = []
  let rest = `u32(${index})`
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = sizes[axis] ?? 1
    if (axis === 0) lines.push(`let ${name}0 = i32(${rest});`)
    else {
      lines.push(`let ${name}${axis} = i32(${rest} % ${size}u);`)
      lines.push(`let ${name}rest${axis} = ${rest} / ${size}u;`)
      rest = `${name}rest${axis}`
    }
  }
  return lines
}

/** Position along an original axis, where it stayed as it was. */
export function positionOf(axes: readonly Axis[], name: string, axis: number): string {
  const found = axes.findIndex((one) => one.axis === axis)
  return found < 0 ? '0' : `${name}${found}`
}
