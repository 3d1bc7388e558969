/**
 * A compiled plan on a device. Steps go to the GPU in submissions that take a fraction of a second, so that a stop gets
 * through soon and no watchdog wakes. Each submission ends with a stamp, the number of submissions since the
 * beginning, and whatever is read back comes with it: a GPU that did not run a step is found out before its numbers are believed.
 */
import { assert, at, get } from '../../base/assert.ts'
import { problem, ProblemError } from '../../base/problem.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Plan, PlanBuffer, Slot } from '../../ir/plan.ts'
import type { Executable, HostArray, Pass } from '../types.ts'
import { HEADER_BYTES, ROW_BYTES, type CompiledEntry, type CompiledPlan, type Dispatch } from './compile.ts'
import type { GpuDevice } from './device.ts'
import {
  MAP_READ,
  USAGE,
  type GPUBindGroup,
  type GPUBuffer,
  type GPUCommandEncoder,
  type GPUComputePassEncoder,
  type GPUComputePipeline,
} from './standard.ts'

/** Milliseconds that a submission should take; two of them are under way at a time, so that the GPU has something to do. */
const SUBMISSION = 25
/** With what is beside it: what is mapped begins at multiples of 8. */
const STAMP_BYTES = 8
const FIRST_STAMP = 0x5eed0000

/** Of the very first submission, whose time nobody knows. */
const FIRST_DISPATCHES = 8

/** How many dispatches of an entry make a submission: whole steps, or a part of one that takes very long. */
class Pace {
  readonly #step: number
  #most = FIRST_DISPATCHES

  /** `step`: dispatches of one. */
  constructor(step: number) {
    this.#step = step
  }

  /** From `position` on, of `end` altogether, into the part of a submission that is free; whoever has all of it gets some. */
  next(position: number, end: number, free: number): number {
    const most = Math.floor(this.#most * free)
    const within = position % this.#step
    const whole = most - (most % this.#step)
    const count = within > 0 ? Math.min(most, this.#step - within) : whole > 0 || free < 1 ? whole : most
    return Math.min(count, end - position)
  }

  /** Which part of a submission so many are. */
  share(count: number): number {
    return count / this.#most
  }

  /** It went into a submission that was filled to this part and took so long: at most twice as many as were seen to be fine. */
  took(filled: number, milliseconds: number): void {
    const wanted = Math.floor((this.#most * filled * SUBMISSION) / Math.max(milliseconds, 0.01))
    this.#most = Math.max(1, Math.min(wanted, Math.floor(this.#most * Math.max(1, 2 * filled))))
  }
}

/** Of an entry's dispatches, in their order; made when they are first wanted. */
export type PipelinesOf = (entry: CompiledEntry) => Promise<readonly GPUComputePipeline[]>

interface Entry extends CompiledEntry {
  /** Of each dispatch; undefined until it is first wanted. */
  pipelines: readonly GPUComputePipeline[] | undefined
  readonly pace: Pace
}

/** Dispatches of an entry by number, counted through all steps of the run. */
interface Part {
  readonly dispatches: readonly Dispatch[]
  readonly pipelines: readonly GPUComputePipeline[]
  readonly from: number
  readonly count: number
}

class Submission {
  readonly parts: Part[] = []
  readonly paces = new Set<Pace>()
  filled = 0
  done = Promise.resolve()
  began = performance.now()

  add(part: Part, pace: Pace): void {
    this.parts.push(part)
    this.paces.add(pace)
    this.filled += pace.share(part.count)
  }
}

export class GpuExecutable implements Executable {
  readonly #owner: GpuDevice
  readonly #slots: ReadonlyMap<string, Slot>
  readonly #buffers: ReadonlyMap<number, PlanBuffer>
  readonly #entries: ReadonlyMap<string, Entry>
  readonly #stamp: Dispatch
  readonly #stampPipeline: GPUComputePipeline
  readonly #pipelinesOf: PipelinesOf
  readonly #arena: GPUBuffer
  readonly #own: GPUBuffer[] = []
  readonly #group: GPUBindGroup
  readonly #offsets = new Uint32Array(3)
  /** What the stamp should be: the submissions, from a number on that no buffer holds by itself. */
  #stamped = FIRST_STAMP
  #queue: Promise<unknown> = Promise.resolve()
  /** Runs that are under way or wait, and whether they shall end. */
  #running = 0
  #stopping = false
  #disposed = false

  constructor(
    owner: GpuDevice,
    plan: Plan,
    compiled: CompiledPlan,
    stampPipeline: GPUComputePipeline,
    pipelinesOf: PipelinesOf,
  ) {
    const { device } = owner
    this.#owner = owner
    this.#slots = new Map(plan.slots.map((slot) => [slot.name, slot]))
    this.#buffers = new Map(plan.buffers.map((buffer) => [buffer.id, buffer]))
    this.#entries = new Map(
      [...compiled.entries].map(([name, entry]) => {
        const pace = new Pace(entry.dispatches.length)
        return [name, { ...entry, pipelines: undefined, pace }]
      }),
    )
    this.#stamp = compiled.stamp
    this.#stampPipeline = stampPipeline
    this.#pipelinesOf = pipelinesOf
    this.#arena = this.#buffer(compiled.bytes, USAGE.storage | USAGE.copySource | USAGE.copyTarget)
    device.queue.writeBuffer(this.#arena, 0, Uint32Array.of(FIRST_STAMP))
    const places = this.#buffer(compiled.places.byteLength, USAGE.uniform | USAGE.copyTarget)
    device.queue.writeBuffer(places, 0, compiled.places)
    const counters = this.#buffer(compiled.most * ROW_BYTES, USAGE.uniform | USAGE.copyTarget)
    device.queue.writeBuffer(counters, 0, countersBelow(compiled.most))
    const resource = (buffer: GPUBuffer, size: number) => ({ buffer, size })
    this.#group = device.createBindGroup({
      layout: owner.groupLayout,
      entries: [
        { binding: 0, resource: resource(this.#arena, compiled.bytes) },
        { binding: 1, resource: resource(places, compiled.placesSeen) },
        { binding: 2, resource: resource(counters, 16) },
        { binding: 3, resource: resource(counters, 16) },
      ],
    })
  }

  #buffer(size: number, usage: number): GPUBuffer {
    const buffer = this.#owner.device.createBuffer({ size, usage })
    this.#own.push(buffer)
    return buffer
  }

  /** One call at a time, in the order in which they came. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(() => {
      assert(!this.#disposed, 'use of an executable after dispose')
      this.#owner.check()
      return work()
    })
    this.#queue = done.catch(() => undefined)
    return done
  }

  #place(name: string) {
    const slot = get(this.#slots, name)
    const { offset, stepBytes } = get(this.#buffers, slot.buffer)
    const size = sizeOf(slot.shape)
    return { slot, size, capacity: size * slot.rows, offset: HEADER_BYTES + offset, stepBytes }
  }

  write(name: string, data: HostArray): Promise<void> {
    return this.#alone(async () => {
      const { slot, size, capacity, offset, stepBytes } = this.#place(name)
      assert(data.length <= capacity, `${data.length} elements for slot ${name} of ${capacity}`)
      const numbers = slot.dtype === 'float' ? new Float32Array(data) : new Int32Array(data)
      if (numbers.length === 0) return
      const { queue } = this.#owner.device
      if (stepBytes === 4 * size || slot.rows === 1) queue.writeBuffer(this.#arena, offset, numbers)
      else
        for (let row = 0; row * size < numbers.length; row++)
          queue.writeBuffer(this.#arena, offset + row * stepBytes, numbers.subarray(row * size, (row + 1) * size))
    })
  }

  async run(passes: readonly Pass[]): Promise<number> {
    this.#running++
    try {
      return await this.#alone(() => this.#run(passes))
    } finally {
      if (--this.#running === 0) this.#stopping = false
    }
  }

  stop(): void {
    this.#stopping = this.#running > 0
  }

  async #run(passes: readonly Pass[]): Promise<number> {
    const rows = new Map<Entry, number>()
    let submission = new Submission()
    let before = new Submission()
    const finish = async ({ paces, filled, done, began }: Submission) => {
      await done
      for (const pace of paces) pace.took(filled, performance.now() - began)
    }
    const send = async () => {
      const next = submission
      submission = new Submission()
      next.done = this.#submit(next.parts)
      // It is looked at once the one before it is done, if that goes well.
      next.done.catch(() => undefined)
      await finish(before)
      next.began = performance.now()
      before = next
    }
    let done = 0
    for (const { entry: name, steps } of passes) {
      const entry = get(this.#entries, name)
      const { pace, dispatches } = entry
      const row = rows.get(entry) ?? 0
      assert(row + steps <= entry.chunk, `${row + steps} steps of entry ${name} with chunks of ${entry.chunk}`)
      rows.set(entry, row + steps)
      if (!entry.pipelines && submission.filled > 0) await send()
      const pipelines = (entry.pipelines ??= await this.#pipelinesOf(entry))
      const end = (row + steps) * dispatches.length
      let position = row * dispatches.length
      while (position < end) {
        if (submission.filled === 0 && position % dispatches.length === 0 && this.#stopping) break
        const count = pace.next(position, end, 1 - submission.filled)
        if (count > 0) submission.add({ dispatches, pipelines, from: position, count }, pace)
        else await send()
        position += count
      }
      done += position / dispatches.length - row
      if (position < end) break
    }
    if (submission.filled > 0) await send()
    await finish(before)
    return done
  }

  async #submit(parts: readonly Part[]): Promise<void> {
    const encoder = this.#owner.device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (const { dispatches, pipelines, from, count } of parts)
      for (let i = from; i < from + count; i++) {
        const within = i % dispatches.length
        this.#dispatch(pass, at(pipelines, within), at(dispatches, within), (i - within) / dispatches.length)
      }
    this.#dispatch(pass, this.#stampPipeline, this.#stamp, 0)
    pass.end()
    this.#stamped++
    await this.#readBack(encoder, 0, 0)
  }

  #dispatch(pass: GPUComputePassEncoder, pipeline: GPUComputePipeline, dispatch: Dispatch, step: number): void {
    this.#offsets[0] = dispatch.places
    this.#offsets[1] = step * ROW_BYTES
    this.#offsets[2] = dispatch.turn * ROW_BYTES
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, this.#group, this.#offsets, 0, 3)
    pass.dispatchWorkgroups(dispatch.grid.x, dispatch.grid.y)
  }

  /**
   * Submits what was encoded, with a copy of some bytes of the arena at its end, behind the stamp. Each time into a new
   * buffer, which holds zeros until something is written into it: old numbers never pass for new ones.
   */
  async #readBack(encoder: GPUCommandEncoder, offset: number, bytes: number): Promise<Uint8Array> {
    const { device } = this.#owner
    const expected = this.#stamped >>> 0
    const size = STAMP_BYTES + bytes
    const staging = device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget })
    encoder.copyBufferToBuffer(this.#arena, 0, staging, 0, STAMP_BYTES)
    if (bytes > 0) encoder.copyBufferToBuffer(this.#arena, offset, staging, STAMP_BYTES, bytes)
    device.queue.submit([encoder.finish()])
    await this.#owner.patiently(staging.mapAsync(MAP_READ))
    const copy = staging.getMappedRange().slice(0)
    staging.unmap()
    staging.destroy()
    this.#owner.check()
    const stamp = new Uint32Array(copy, 0, 1)[0]
    if (stamp !== expected)
      throw new ProblemError(
        problem(
          'gpu.step',
          `The GPU did not run the step that it was given (its stamp is ${stamp}, not ${expected}). ` +
            'What it computed is not used. If this comes again, update the graphics driver.',
        ),
      )
    return new Uint8Array(copy, STAMP_BYTES)
  }

  /** Several that are asked for at once are under way at once. */
  async read(name: string, wanted?: number): Promise<HostArray> {
    const { slot, size, capacity, offset, stepBytes } = this.#place(name)
    const count = wanted ?? capacity
    assert(count <= capacity, `${count} elements of slot ${name} of ${capacity}`)
    const out = slot.dtype === 'float' ? new Float32Array(count) : new Int32Array(count)
    if (count === 0) return out
    const rowBytes = 4 * size
    const distance = slot.rows === 1 ? rowBytes : stepBytes
    const rows = Math.ceil(count / size)
    const last = 4 * (count - (rows - 1) * size)
    const { found } = await this.#alone(async () => {
      const encoder = this.#owner.device.createCommandEncoder()
      const reading = this.#readBack(encoder, offset, (rows - 1) * distance + last)
      reading.catch(() => undefined)
      return { found: reading }
    })
    const bytes = new Uint8Array(out.buffer)
    const read = await found
    for (let row = 0; row < rows; row++) {
      const from = row * distance
      bytes.set(read.subarray(from, from + (row === rows - 1 ? last : rowBytes)), row * rowBytes)
    }
    return out
  }

  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    // What is under way still needs them.
    void this.#queue.then(() => {
      for (const buffer of this.#own) buffer.destroy()
    })
  }
}

/** A row for each number: the number, and the bits of infinity and NaN (see shader.ts). */
function countersBelow(most: number): Uint32Array<ArrayBuffer> {
  const words = ROW_BYTES / 4
  const table = new Uint32Array(most * words)
  for (let i = 0; i < most; i++) table.set([i, 0x7f800000, 0x7fc00000], i * words)
  return table
}
