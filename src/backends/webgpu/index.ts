/**
 * The WebGPU backend: a plan becomes WGSL (compile.ts, and a file for each kind of kernel) and runs through the standard
 * GPUDevice interface. Where the GPU comes from, a browser window or a package for Node, is for whoever opens it to know.
 */
import { fail, ok, problem } from '../../base/problem.ts'
import { showBytes } from '../../base/shape.ts'
import type { Backend, Device, DeviceInfo } from '../types.ts'
import { GpuDevice, type After } from './device.ts'
import type { GPU, GPUAdapter, GPUAdapterInfo, GPULimits } from './standard.ts'

export type { After } from './device.ts'
export type { GPU } from './standard.ts'

/** Names of adapters that compute on the processor. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i

export function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter === true || SOFTWARE.test(Object.values(namesOf(info)).join(' '))
}

// The object's properties are getters of its prototype, so it has none of its own to list.
function namesOf({ vendor, architecture, device, description }: GPUAdapterInfo) {
  return { vendor, architecture, device, description }
}

const nameOf = ({ vendor, architecture, description }: GPUAdapterInfo) =>
  [vendor, description || architecture].filter(Boolean).join(' ') || 'unnamed'

const memoryOf = (limits: GPULimits) => ({
  'largest buffer': showBytes(limits.maxBufferSize),
  'largest binding': showBytes(limits.maxStorageBufferBindingSize),
})

function infoOf({ info, limits, features }: GPUAdapter, others: readonly GPUAdapter[]): DeviceInfo {
  const adapter = nameOf(info)
  const software = isSoftware(info)
  return {
    backend: 'webgpu',
    title: software ? `Software adapter (no GPU), WebGPU: ${adapter}` : `GPU, WebGPU: ${adapter}`,
    facts: {
      adapter,
      software: software ? 'yes' : 'no',
      ...memoryOf(limits),
      'workgroup memory': showBytes(limits.maxComputeWorkgroupStorageSize),
      'invocations in a workgroup': String(limits.maxComputeInvocationsPerWorkgroup),
      subgroups: features.has('subgroups') ? 'yes' : 'no',
      ...(others.length > 0 && { 'other adapters': others.map(described).join('; ') }),
    },
  }
}

function described({ info, limits }: GPUAdapter): string {
  const facts = Object.entries(memoryOf(limits)).map((fact) => fact.join(' '))
  return `${nameOf(info)} (${[...(isSoftware(info) ? ['software'] : []), ...facts].join(', ')})`
}

/** Those that a program may ask for beside the one that computes fastest; there is no list. */
async function otherAdapters(gpu: GPU, { info }: GPUAdapter): Promise<readonly GPUAdapter[]> {
  const asked = [{ powerPreference: 'low-power' }, { forceFallbackAdapter: true }] as const
  const found = await Promise.all(asked.map((options) => gpu.requestAdapter(options).catch(() => null)))
  const others = new Map<string, GPUAdapter>()
  for (const one of found) if (one && nameOf(one.info) !== nameOf(info)) others.set(nameOf(one.info), one)
  return [...others.values()]
}

/** Both are small by default, and count separately. */
const sizesOf = ({ maxStorageBufferBindingSize, maxBufferSize }: GPULimits) => ({
  maxStorageBufferBindingSize,
  maxBufferSize,
})

/** Milliseconds that a submission may take; an adapter that computes on the processor may take its time. */
const PATIENCE = { gpu: 10_000, software: 120_000 } as const

export interface WebgpuOptions {
  /** The `GPU` object of the place that this runs in, null where it has none. */
  readonly openGpu: () => Promise<GPU | null>
  readonly after: After
  /** Milliseconds without an answer after which a GPU counts as lost, where the usual ones won't do. */
  readonly patience?: number
}

export function webgpuBackend({ openGpu, after, patience }: WebgpuOptions): Backend {
  return {
    name: 'webgpu',
    title: 'GPU',
    open: async () => {
      const gpu = await openGpu()
      if (!gpu) return fail(problem('gpu.none', 'There is no WebGPU here, or no graphics driver that it could use.'))
      const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
      if (!adapter)
        return fail(
          problem('gpu.adapter', 'No graphics card was found that WebGPU can use; a newer graphics driver may help.'),
        )
      try {
        const device = await adapter.requestDevice({
          requiredFeatures: adapter.features.has('subgroups') ? ['subgroups'] : [],
          requiredLimits: sizesOf(adapter.limits),
        })
        const info = infoOf(adapter, await otherAdapters(gpu, adapter))
        const origin = { gpu, adapter }
        const allowed = patience ?? PATIENCE[isSoftware(adapter.info) ? 'software' : 'gpu']
        return ok<Device>(new GpuDevice(device, { info, origin, patience: allowed, after }))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        return fail(problem('gpu.device', `The graphics card could not be opened (${reason}).`))
      }
    },
  }
}
