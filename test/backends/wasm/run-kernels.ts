/** Kernels on the CPU backend, in some variant or on a device with threads. */
import { CpuDevice, type WasmExecutable } from '../../../src/backends/wasm/index.ts'
import { plain, type Variant } from '../../../src/backends/wasm/variant.ts'
import type { Kernel } from '../../../src/ir/kernel.ts'
import type { Plan } from '../../../src/ir/plan.ts'
import * as oracle from '../oracle.ts'

const deviceOf = (device: CpuDevice | Variant) => (device instanceof CpuDevice ? device : new CpuDevice(device))

export function open(plan: Plan, device: CpuDevice | Variant = plain): Promise<WasmExecutable> {
  return deviceOf(device).compile(plan)
}

export function runKernels(
  kernels: readonly Kernel[],
  buffers: readonly oracle.Buffer[],
  device: CpuDevice | Variant = plain,
): Promise<number[][]> {
  return oracle.runKernels(kernels, buffers, deviceOf(device))
}
