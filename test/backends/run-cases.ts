/** Many random kernels in one plan: a device that compiles slowly, or is far away, is asked once for all. */
import { mapViews } from '../../src/ir/access.ts'
import type { Kernel } from '../../src/ir/kernel.ts'
import type { Device } from '../../src/backends/types.ts'
import type { KernelCase } from './kernel-cases.ts'
import { runKernels, type Buffer } from './oracle.ts'
import { Sandbox } from './sandbox.ts'

export interface Made {
  readonly seed: number
  readonly kernel: Kernel
  readonly buffers: readonly Buffer[]
}

export function makeKernels({ name, make }: KernelCase, count: number): Made[] {
  return Array.from({ length: count }, (_, seed) => {
    const box = new Sandbox(seed, name)
    const kernel = make(box)
    return { seed, kernel, buffers: box.buffers }
  })
}

/** Each in an entry of its own, with buffers of its own; what each of them leaves there. */
export async function runMade(made: readonly Made[], device: Device): Promise<number[][][]> {
  const buffers = made.flatMap((one) => one.buffers)
  let first = 0
  const kernels = made.map((one) => {
    const from = first
    first += one.buffers.length
    return mapViews(one.kernel, (view) => ({ ...view, buffer: view.buffer + from }))
  })
  const out = await runKernels(kernels, buffers, device, true)
  return made.map((one) => out.splice(0, one.buffers.length))
}
