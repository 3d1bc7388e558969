/** The GPU of the benchmarks: Dawn's, for our engine and for peers that look for the GPU of a browser. */
import { assert } from '../../src/base/assert.ts'
import type { Device } from '../../src/backends/types.ts'
import { webgpuBackend, type GPU } from '../../src/backends/webgpu/index.ts'
import { after, openDawn } from '../../src/node/dawn.ts'
import { valueOf } from '../workloads.ts'

/** Fails with the sentence that our engine has for it where there is none. */
export async function openGpuDevice(openGpu: () => Promise<GPU | null> = openDawn): Promise<Device> {
  return valueOf(await webgpuBackend({ openGpu, after }).open())
}

/** Puts it where a browser has it. Gives the name of the adapter as our engine says it. */
export async function provideGpu(): Promise<string> {
  const gpu = await openDawn()
  const device = await openGpuDevice(async () => gpu)
  const { title } = device.info
  device.dispose()
  // Not written where it is imported: the package is optional, and its types are not the standard's.
  const name = 'webgpu'
  const { globals } = (await import(name)) as { readonly globals: object }
  assert(gpu, 'a GPU that was opened is there')
  Object.assign(globalThis, globals)
  const navigator = { gpu, userAgent: `Node.js/${process.versions.node}`, hardwareConcurrency: 1 }
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true })
  return title
}
