/** The GPU of the tests with parts of it replaced. */
import type { GPU } from '../../../src/backends/webgpu/index.ts'
import type { GPUAdapter, GPUDevice } from '../../../src/backends/webgpu/standard.ts'
import { gpu } from './gpu.ts'

/** The same object with some properties of its own; methods still find the object that they belong to. */
export function changed<T extends object>(object: T, own: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return own[name as keyof T]
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** A GPU that gives the device which `make` gets, or makes of the real one. */
export function gpuGiving(make: (open: () => Promise<GPUDevice>) => Promise<GPUDevice>): GPU {
  const real = gpu as GPU
  return changed(real, {
    requestAdapter: async () => {
      const adapter = (await real.requestAdapter()) as GPUAdapter
      return changed(adapter, { requestDevice: (descriptor) => make(() => adapter.requestDevice(descriptor)) })
    },
  })
}

/** A GPU whose device is as `change` makes it. */
export const gpuWith = (change: (device: GPUDevice) => Partial<GPUDevice>): GPU =>
  gpuGiving(async (open) => {
    const device = await open()
    return changed(device, change(device))
  })
