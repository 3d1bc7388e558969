/**
 * The owner of a GPUDevice: all that goes wrong asynchronously comes together here, and is thrown by whoever asks next. A
 * device that is gone stays gone; what was compiled for it refuses every call.
 */
import { assert } from '../../base/assert.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { showBytes } from '../../base/shape.ts'
import type { Plan, PlanBuffer } from '../../ir/plan.ts'
import { readsOf, writesOf } from '../../ir/access.ts'
import type { Device, DeviceInfo, Executable } from '../types.ts'
import { compilePlan, type CompiledEntry, type CompiledPlan } from './compile.ts'
import { GpuExecutable } from './executable.ts'
import {
  COMPUTE,
  type GPU,
  type GPUAdapter,
  type GPUBindGroupLayout,
  type GPUComputePipeline,
  type GPUDevice,
  type GPUPipelineLayout,
} from './standard.ts'

/** Does `work` after some milliseconds, unless the answer is called before. */
export type After = (milliseconds: number, work: () => void) => () => void

/** Makers whose GPUs have fewer registers for an invocation than the largest tiles of products want. */
const NARROW = /^(intel|apple|arm|qualcomm|img-tec)/i

/** That are kept for plans to come. */
const MOST_PIPELINES = 1000

export interface GpuDeviceOptions {
  readonly info: DeviceInfo
  /** They must live as long as the device does: implementations have been seen to crash without. */
  readonly origin: { readonly gpu: GPU; readonly adapter: GPUAdapter }
  /** Milliseconds without an answer after which the GPU counts as lost. */
  readonly patience: number
  readonly after: After
}

export class GpuDevice implements Device {
  readonly info: DeviceInfo
  readonly lost: Promise<string>
  readonly device: GPUDevice
  readonly groupLayout: GPUBindGroupLayout
  readonly #pipelineLayout: GPUPipelineLayout
  /** By their code, for all plans. */
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>()
  readonly #options: GpuDeviceOptions
  #resolveLost: (reason: string) => void = () => undefined
  /** What ended it. */
  #end: Problem | undefined
  #disposed = false

  constructor(device: GPUDevice, options: GpuDeviceOptions) {
    this.device = device
    this.info = options.info
    this.#options = options
    this.lost = new Promise((resolve) => (this.#resolveLost = resolve))
    void device.lost.then(({ message }) => this.#lose(message))
    device.addEventListener('uncapturederror', ({ error }) => {
      // What is wrong now is wrong in everything that is built on it: nothing of this device is believed any more.
      this.#finish(problem('gpu.error', `The GPU refused what it was told (${error.message.trim()}).`))
    })
    this.groupLayout = device.createBindGroupLayout({
      entries: [0, 1, 2, 3].map((binding) => ({
        binding,
        visibility: COMPUTE,
        buffer: binding === 0 ? { type: 'storage' } : { type: 'uniform', hasDynamicOffset: true },
      })),
    })
    this.#pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [this.groupLayout] })
  }

  /** Throws what has gone wrong since. */
  check(): void {
    if (this.#end) throw new ProblemError(this.#end)
    assert(!this.#disposed, 'use of a GPU device after dispose')
  }

  /**
   * Waits for something that the GPU was asked for. What fails is told by its reason, and one that says nothing for very long
   * counts as lost: nothing legitimate takes a submission more than a fraction of a second.
   */
  async patiently<T>(answer: Promise<T>): Promise<T> {
    const { after, patience } = this.#options
    let answered: () => void = () => undefined
    const silence = new Promise<never>((_, reject) => {
      answered = after(patience, () => {
        this.#lose(`it gave no answer for ${Number((patience / 1000).toPrecision(2))} seconds`)
        reject(new Error('no answer'))
      })
    })
    try {
      return await Promise.race([answer, silence])
    } catch (error) {
      throw this.#end ? new ProblemError(this.#end) : await this.#reasonOf(error)
    } finally {
      answered()
    }
  }

  #lose(message: string): void {
    this.#finish(problem('gpu.lost', `The GPU was lost${message ? ` (${message.trim()})` : ''}.`))
  }

  #finish(end: Problem): void {
    if (this.#disposed || this.#end) return
    this.#end = end
    this.#resolveLost(end.message)
    // Not from within the call that told of it: Dawn waits for itself then, for ever.
    this.#options.after(0, () => this.device.destroy())
  }

  /** What is behind a call that the GPU did not answer: everything that it had to say before has been said then. */
  async #reasonOf(error: unknown): Promise<unknown> {
    this.device.pushErrorScope('internal')
    await this.device.popErrorScope()
    try {
      this.check()
    } catch (known) {
      return known
    }
    const message = `The GPU gave no answer (${error instanceof Error ? error.message.trim() : String(error)}).`
    return new ProblemError(problem('gpu.error', message))
  }

  /** Makes something that takes memory, or that the GPU may find wrong; its complaint becomes a problem. */
  async #guard<T>(what: string, make: () => T): Promise<T> {
    this.device.pushErrorScope('out-of-memory')
    this.device.pushErrorScope('validation')
    const made = make()
    // In the same breath: scopes are a stack, and others may use it while we wait.
    const complaints = [this.device.popErrorScope(), this.device.popErrorScope()]
    const [invalid, outOfMemory] = await Promise.all(complaints)
    this.check()
    if (outOfMemory)
      throw new ProblemError(
        problem(
          'gpu.memory',
          `The GPU has no memory left for ${what}; close other programs, or make the batch or the network smaller.`,
        ),
      )
    if (invalid) throw new ProblemError(problem('gpu.error', `The GPU refused ${what} (${invalid.message.trim()}).`))
    return made
  }

  async compile(plan: Plan): Promise<Executable> {
    this.check()
    const compiled = this.#codeOf(plan)
    const refused = tooLarge(plan, compiled, this.device)
    if (refused) throw new ProblemError(refused)
    const pipelinesOf = (entry: CompiledEntry) =>
      Promise.all(entry.dispatches.map(({ code }) => this.#pipelineOf(code)))
    const [first, ...others] = [...compiled.entries.values()]
    const stamp = await this.#pipelineOf(compiled.stamp.code)
    if (first) await pipelinesOf(first)
    this.check()
    // What a run needs later is made while it trains; whoever needs it sooner waits for it, and hears what is wrong with it.
    void (async () => {
      for (const entry of others) await pipelinesOf(entry)
    })().catch(() => undefined)
    const what = `${showBytes(compiled.bytes)} of weights, data and intermediate values`
    return this.#guard(what, () => new GpuExecutable(this, plan, compiled, stamp, pipelinesOf))
  }

  #codeOf(plan: Plan): CompiledPlan {
    const { vendor } = this.#options.origin.adapter.info
    const features = new Set(this.device.features.has('subgroups') ? ['subgroups'] : [])
    return compilePlan(plan, { features, narrow: NARROW.test(vendor) })
  }

  refusal(plan: Plan): Promise<Problem | null> {
    return Promise.resolve(tooLarge(plan, this.#codeOf(plan), this.device))
  }

  #pipelineOf(code: string): Promise<GPUComputePipeline> {
    const made = this.#pipelines.get(code) ?? this.#makePipeline(code)
    // The one that was asked for last goes to the end, and the first of all goes when there are too many.
    this.#pipelines.delete(code)
    this.#pipelines.set(code, made)
    const [oldest] = this.#pipelines.keys()
    if (oldest !== undefined && this.#pipelines.size > MOST_PIPELINES) this.#pipelines.delete(oldest)
    return made
  }

  async #makePipeline(code: string): Promise<GPUComputePipeline> {
    this.device.pushErrorScope('validation')
    const module = this.device.createShaderModule({ code })
    const complaint = await this.device.popErrorScope()
    if (complaint) {
      const { messages } = await module.getCompilationInfo()
      const first = messages.find(({ type }) => type === 'error')
      assert(false, `a shader is wrong: ${first?.message ?? complaint.message}\n${excerpt(code, first?.lineNum ?? 1)}`)
    }
    try {
      return await this.device.createComputePipelineAsync({
        layout: this.#pipelineLayout,
        compute: { module, entryPoint: 'main' },
      })
    } catch (error) {
      this.check()
      assert(false, `a pipeline could not be made: ${String(error)}\n${excerpt(code, code.split('\n').length)}`)
    }
  }

  dispose(): void {
    this.#disposed = true
    this.device.destroy()
  }
}

/** The lines of a shader up to and around one. */
function excerpt(code: string, line: number): string {
  const lines = code.split('\n')
  const from = Math.max(0, line - 12)
  return lines
    .slice(from, line + 6)
    .map((text, i) => `${from + i + 1 === line ? '>' : ' '} ${text}`)
    .join('\n')
}

/** Everything is in one buffer, which must be small enough to be made and small enough to be bound. */
function tooLarge(plan: Plan, { bytes, scratchBytes }: CompiledPlan, { limits }: GPUDevice): Problem | null {
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize)
  if (bytes <= limit) return null
  const { name, size } = largestOf(plan, scratchBytes)
  return problem(
    'gpu.memory',
    `This needs ${showBytes(bytes)} in one buffer, of which ${name} takes ${showBytes(size)}, and this GPU allows ` +
      `${showBytes(limit)}; make the batch or the network smaller.`,
  )
}

/** What takes most: a slot by its name, anything else by the block that it belongs to. */
function largestOf(plan: Plan, scratchBytes: number): { readonly name: string; readonly size: number } {
  const rows = new Map(plan.slots.map((slot) => [slot.buffer, slot.rows]))
  const sizeOf = ({ id, size, stepBytes }: PlanBuffer) => Math.max(4 * size, stepBytes * (rows.get(id) ?? 1))
  const largest = plan.buffers.reduce<PlanBuffer | undefined>(
    (best, buffer) => (best && sizeOf(best) >= sizeOf(buffer) ? best : buffer),
    undefined,
  )
  if (!largest || sizeOf(largest) < scratchBytes) return { name: 'space for partial sums', size: scratchBytes }
  const slot = plan.slots.find(({ buffer }) => buffer === largest.id)
  const size = sizeOf(largest)
  if (slot) return { name: slot.name, size }
  const kernels = plan.entries.flatMap((entry) => entry.kernels)
  const writer = kernels.find((kernel) => writesOf(kernel).some((view) => view.buffer === largest.id))
  const reader = kernels.find((kernel) =>
    Object.values(readsOf(kernel))
      .flat()
      .some((view) => view.buffer === largest.id),
  )
  return { name: (writer ?? reader)?.path || 'an intermediate value', size }
}
