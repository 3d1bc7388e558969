/**
 * The CPU backend: a plan becomes one WebAssembly module with SIMD, written by our own emitter with every shape in the code
 * (compile.ts, and a file for each kind of kernel). Where the engine below us has fused multiply-adds, products and
 * polynomials use them, and their last bits may differ from those of a machine without; everything else is fixed by the
 * specification.
 */
import { assert, get } from '../../base/assert.ts'
import { fail, ok, problem, ProblemError } from '../../base/problem.ts'
import { showBytes, sizeOf } from '../../base/shape.ts'
import type { Plan, PlanBuffer, Slot } from '../../ir/plan.ts'
import type { Backend, Device, DeviceInfo, Executable, HostArray, Pass } from '../types.ts'
import { ARENA, compilePlan, PAGE } from './compile.ts'
import { chooseVariant } from './choose.ts'
import { ModuleBuilder } from './emitter.ts'
import { Rest, STOP_FLAG, type Crew } from './team.ts'
import type { Variant } from './variant.ts'

/** Addresses have 32 bits. */
const MOST_PAGES = 65536

/** With its memory, for what may one day share it: threads, or views without copies. */
export interface WasmExecutable extends Executable {
  readonly memory: WebAssembly.Memory
  readonly stopFlag: Int32Array
}

function tooMuch(bytes: number, reason: string): ProblemError {
  return new ProblemError(
    problem('cpu.memory', `This needs ${showBytes(bytes)} (${bytes} bytes) of memory, ${reason}.`),
  )
}

function refuseAboveLimit(bytes: number): void {
  if (bytes <= MOST_PAGES * PAGE) return
  const limit = showBytes(MOST_PAGES * PAGE)
  throw tooMuch(bytes, `but the CPU engine can address ${limit}; make the batch or the network smaller`)
}

function reserve(pages: number): WebAssembly.Memory {
  try {
    // Shared, so that another thread can set the stop flag, which lies in it.
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  } catch {
    const reason = 'which this computer did not give; close other programs, or make the batch or the network smaller'
    throw tooMuch(pages * PAGE, reason)
  }
}

/** What a run does of an entry. */
interface Entry {
  readonly body: (from: number, to: number) => number
  /** In all, and how many of them are done. */
  rows: number
  row: number
}

/** The crew of this memory. */
interface Helpers {
  readonly join: () => void
  readonly leave: () => void
}

class Loaded implements WasmExecutable {
  readonly memory: WebAssembly.Memory
  readonly stopFlag: Int32Array
  readonly #slots: ReadonlyMap<string, Slot>
  readonly #buffers: ReadonlyMap<number, PlanBuffer>
  readonly #chunks: ReadonlyMap<string, number>
  readonly #crew: Helpers
  readonly #rest: Rest
  #instance: WebAssembly.Instance | undefined
  #running = false

  constructor(plan: Plan, memory: WebAssembly.Memory, instance: WebAssembly.Instance, crew: Helpers) {
    this.memory = memory
    this.#crew = crew
    this.#rest = new Rest(memory)
    this.stopFlag = new Int32Array(memory.buffer, STOP_FLAG, 1)
    this.#slots = new Map(plan.slots.map((slot) => [slot.name, slot]))
    this.#buffers = new Map(plan.buffers.map((buffer) => [buffer.id, buffer]))
    this.#chunks = new Map(plan.entries.map((entry) => [entry.name, entry.chunk]))
    this.#instance = instance
  }

  /** The memory of a slot, its rows `stride` elements apart. */
  #lie(name: string): { readonly numbers: Float32Array | Int32Array; readonly size: number; readonly stride: number } {
    const slot = get(this.#slots, name)
    const buffer = get(this.#buffers, slot.buffer)
    const size = sizeOf(slot.shape)
    const stride = slot.rows > 1 ? buffer.stepBytes / 4 : size
    const Typed = slot.dtype === 'float' ? Float32Array : Int32Array
    return {
      numbers: new Typed(this.memory.buffer, ARENA + buffer.offset, (slot.rows - 1) * stride + size),
      size,
      stride,
    }
  }

  #capacity(name: string): number {
    const slot = get(this.#slots, name)
    return sizeOf(slot.shape) * slot.rows
  }

  async write(slot: string, data: HostArray): Promise<void> {
    assert(this.#instance, 'write after dispose')
    assert(data.length <= this.#capacity(slot), `${data.length} elements for slot ${slot} of ${this.#capacity(slot)}`)
    const { numbers, size, stride } = this.#lie(slot)
    if (stride === size) return numbers.set(data)
    // A number a step needs no view of its own.
    if (size === 1) for (let row = 0; row < data.length; row++) numbers[row * stride] = data[row] as number
    else
      for (let row = 0; row * size < data.length; row++)
        numbers.set(data.subarray(row * size, (row + 1) * size), row * stride)
  }

  async run(passes: readonly Pass[]): Promise<number> {
    assert(this.#instance, 'run after dispose')
    assert(!this.#running, 'one run at a time')
    const { exports } = this.#instance
    const entries = new Map<string, Entry>()
    for (const { entry, steps } of passes) {
      const known = entries.get(entry)
      const chunk = get(this.#chunks, entry)
      const rows = (known?.rows ?? 0) + steps
      assert(rows <= chunk, `${rows} steps of entry ${entry} with chunks of ${chunk}`)
      if (known) known.rows = rows
      else entries.set(entry, { rows, row: 0, body: exports[entry] as unknown as Entry['body'] })
    }
    this.#running = true
    this.#crew.join()
    const began = performance.now()
    this.#rest.begin(began)
    try {
      let done = 0
      for (const { entry, steps } of passes) {
        const one = get(entries, entry)
        const from = one.row
        one.row = one.body(from, from + steps)
        done += one.row - from
        if (one.row < from + steps) break
      }
      return done
    } finally {
      const now = performance.now()
      this.#rest.end(now, now - began)
      this.#running = false
    }
  }

  // In this thread a run has always ended before anything else is done.
  stop(): void {}

  async read(slot: string, count = this.#capacity(slot)): Promise<HostArray> {
    assert(this.#instance, 'read after dispose')
    assert(count <= this.#capacity(slot), `${count} elements of slot ${slot} of ${this.#capacity(slot)}`)
    const { numbers, size, stride } = this.#lie(slot)
    if (stride === size) return numbers.slice(0, count)
    const out = numbers instanceof Float32Array ? new Float32Array(count) : new Int32Array(count)
    if (size === 1) for (let row = 0; row < count; row++) out[row] = numbers[row * stride] as number
    else
      for (let row = 0; row * size < count; row++) {
        const from = row * stride
        out.set(numbers.subarray(from, from + Math.min(size, count - row * size)), row * size)
      }
    return out
  }

  dispose(): void {
    this.#instance = undefined
    this.#crew.leave()
  }
}

export class CpuDevice implements Device {
  readonly info: DeviceInfo
  readonly lost = new Promise<string>(() => {})
  readonly #variant: Variant
  readonly #crew: Crew | undefined
  readonly #worth: number | undefined

  /** `worth`: see the compiler's; for tests. */
  constructor(variant: Variant, crew?: Crew, worth?: number) {
    this.#variant = variant
    this.#crew = crew
    this.#worth = worth
    this.info = {
      backend: 'cpu',
      title: 'CPU, WebAssembly SIMD',
      facts: { simd: variant.title, threads: String(this.#threads) },
    }
  }

  get #threads(): number {
    return 1 + (this.#crew?.size ?? 0)
  }

  /** Throws a ProblemError when the memory is too much. */
  async compile(plan: Plan): Promise<WasmExecutable> {
    refuseAboveLimit(plan.arenaBytes)
    const options = { variant: this.#variant, threads: this.#threads, worth: this.#worth }
    const { bytes, pages, shared } = compilePlan(plan, options)
    refuseAboveLimit(pages * PAGE)
    const memory = reserve(pages)
    const module = await WebAssembly.compile(bytes)
    const instance = await WebAssembly.instantiate(module, { env: { memory } })
    const crew = shared ? this.#crew : undefined
    return new Loaded(plan, memory, instance, {
      join: () => crew?.join(module, memory),
      leave: () => crew?.leave(memory),
    })
  }

  dispose(): void {}
}

/** A module with one SIMD instruction, and shared memory as all of ours, which is only valid where both are known. */
function hasSimd(): boolean {
  const module = new ModuleBuilder()
  module.add([], [], (f) => f.lanes(0).op('f32x4.sqrt').op('drop'))
  return typeof WebAssembly === 'object' && WebAssembly.validate(module.finish(0))
}

/** `crewOf`: where there are other threads to be had. */
export function cpuBackend(crewOf?: () => Crew | undefined): Backend {
  return {
    name: 'cpu',
    title: 'CPU',
    open: async () =>
      hasSimd()
        ? ok<Device>(new CpuDevice(await chooseVariant(), crewOf?.()))
        : fail(
            problem(
              'cpu.simd',
              'This computer’s WebAssembly has no SIMD instructions, which the CPU engine needs; a newer browser or Node version has them.',
            ),
          ),
  }
}

/** On one thread. */
export default cpuBackend()
