/**
 * A GPU on which one thing goes wrong, once, at a moment that can be chosen: the wrapper counts submissions, buffers and
 * read-backs and strikes at number N. All devices of a wrapped GPU are the same real one, so that shaders are compiled once.
 */
import type { GPU } from '../../../src/backends/webgpu/index.ts'
import type {
  GPUBindGroupLayout,
  GPUBuffer,
  GPUComputePipeline,
  GPUDevice,
  GPUError,
  GPUPipelineLayout,
  GPUShaderModule,
} from '../../../src/backends/webgpu/standard.ts'
import { changed, gpuGiving } from './changed.ts'

export const faults = [
  'lost at submission',
  'no memory for buffer',
  'zeros at read-back',
  'silent from submission',
] as const
export type FaultKind = (typeof faults)[number]

export interface Fault {
  readonly kind: FaultKind
  /** Counted from 1; Infinity for a GPU on which nothing goes wrong. */
  readonly number: number
}

export class Counts {
  submissions = 0
  buffers = 0
  readBacks = 0
  /** Submissions when it struck; undefined before. */
  struckAt: number | undefined

  of(kind: FaultKind): number {
    if (kind === 'no memory for buffer') return this.buffers
    return kind === 'zeros at read-back' ? this.readBacks : this.submissions
  }
}

/** What a real device has made, by what it was made from. */
interface Made {
  readonly layouts: Map<string, GPUBindGroupLayout>
  pipelineLayout: GPUPipelineLayout | undefined
  readonly modules: Map<string, GPUShaderModule>
  readonly pipelines: Map<GPUShaderModule, Promise<GPUComputePipeline>>
}

let shared: { readonly device: GPUDevice; readonly made: Made } | undefined

export const faultyGpu = (fault: Fault, counts: Counts): GPU =>
  gpuGiving(async (open) => {
    shared ??= {
      device: await open(),
      made: { layouts: new Map(), pipelineLayout: undefined, modules: new Map(), pipelines: new Map() },
    }
    return changed(shared.device, wrap(shared.device, shared.made, fault, counts))
  })

function wrap(real: GPUDevice, made: Made, fault: Fault, counts: Counts): Partial<GPUDevice> {
  let lose: (info: { reason: string; message: string }) => void = () => undefined
  const lost = new Promise<{ reason: string; message: string }>((resolve) => (lose = resolve))
  let [isLost, isSilent] = [false, false]
  const scopes: { readonly filter: string; error: GPUError | null }[] = []
  let report: (event: { readonly error: GPUError }) => void = () => undefined
  const strikes = (kind: FaultKind) => {
    if (fault.kind !== kind || counts.of(kind) !== fault.number) return false
    counts.struckAt = counts.submissions
    return true
  }
  const gone = () => Promise.reject(new Error('the device is lost'))

  const createBuffer = (descriptor: Parameters<GPUDevice['createBuffer']>[0]): GPUBuffer => {
    counts.buffers++
    const refused = strikes('no memory for buffer')
    if (refused) {
      const error = { message: 'not enough memory' }
      const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory')
      if (scope) scope.error ??= error
      else report({ error })
    }
    const buffer = real.createBuffer(descriptor)
    const { mapAsync, getMappedRange } = buffer
    return Object.assign(buffer, {
      // An invalid buffer cannot be mapped; on a lost device nothing can; a silent one never answers.
      mapAsync: async (...given: Parameters<GPUBuffer['mapAsync']>) => {
        if (isLost || refused) return gone()
        if (isSilent) return new Promise<undefined>(() => undefined)
        return mapAsync.apply(buffer, given)
      },
      getMappedRange: (...given: Parameters<GPUBuffer['getMappedRange']>) => {
        counts.readBacks++
        const range = getMappedRange.apply(buffer, given)
        return strikes('zeros at read-back') ? new ArrayBuffer(range.byteLength) : range
      },
    })
  }

  return {
    lost,
    createBuffer,
    queue: changed(real.queue, {
      submit: (commands) => {
        counts.submissions++
        if (strikes('lost at submission')) {
          isLost = true
          lose({ reason: 'unknown', message: 'the driver was reset' })
        }
        if (strikes('silent from submission')) isSilent = true
        if (!isLost) real.queue.submit(commands)
      },
    }),
    pushErrorScope: (filter) => {
      scopes.push({ filter, error: null })
      real.pushErrorScope(filter)
    },
    popErrorScope: async () => {
      const scope = scopes.pop()
      const error = await real.popErrorScope()
      return scope?.error ?? error
    },
    addEventListener: (_type, listener) => {
      report = listener
    },
    createBindGroupLayout: (descriptor) =>
      kept(made.layouts, JSON.stringify(descriptor), () => real.createBindGroupLayout(descriptor)),
    createPipelineLayout: (descriptor) => (made.pipelineLayout ??= real.createPipelineLayout(descriptor)),
    createShaderModule: (descriptor) => kept(made.modules, descriptor.code, () => real.createShaderModule(descriptor)),
    createComputePipelineAsync: (descriptor) =>
      kept(made.pipelines, descriptor.compute.module, () => real.createComputePipelineAsync(descriptor)),
    destroy: () => undefined,
  }
}

function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const value = make()
  map.set(key, value)
  return value
}
