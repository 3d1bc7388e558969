/**
 * What a backend is: it takes whole plans, not operators, and every call that may cross a thread or a process is
 * asynchronous and coarse.
 */
import type { Problem, Result } from '../base/problem.ts'
import type { Plan } from '../ir/plan.ts'

export type BackendName = 'cpu' | 'reference' | 'webgpu'

export interface Backend {
  readonly name: BackendName
  readonly title: string
  /** Fails with the reason when this machine has no such device. */
  open(): Promise<Result<Device>>
}

export interface DeviceInfo {
  readonly backend: BackendName
  /** What a person calls it, e.g. `CPU, WebAssembly SIMD`. */
  readonly title: string
  /** Facts for `devices`, e.g. `{ simd: 'yes', threads: '1' }`. */
  readonly facts: { readonly [name: string]: string }
}

export interface Device {
  readonly info: DeviceInfo
  compile(plan: Plan): Promise<Executable>
  /**
   * Where a device has limits of its own: what `compile` would refuse for its size, found out without making anything. Null
   * where it fits.
   */
  refusal?(plan: Plan): Promise<Problem | null>
  /** Resolves with a sentence when the device is gone; never otherwise. */
  readonly lost: Promise<string>
  dispose(): void
}

export type HostArray = Float32Array | Float64Array | Int32Array

/** So many steps of an entry. */
export interface Pass {
  readonly entry: string
  readonly steps: number
}

/** Calls take effect in the order in which they are made, whether anybody waits for them or not. */
export interface Executable {
  /**
   * Fills the first `data.length` elements of a slot (see Plan). Numbers are converted to the slot's element type, and left as
   * they are until it is done.
   */
  write(slot: string, data: HostArray): Promise<void>
  /**
   * Runs one pass after the other. Each step of an entry reads and records the next row of its step slots, from row 0 on and
   * counted through all passes. Resolves with the number of steps that were really run: fewer only when it was stopped, and
   * then nothing of what was to come has been begun.
   */
  run(passes: readonly Pass[]): Promise<number>
  /**
   * A run that is under way returns before its next step, of whichever pass, and those that wait before their first; where there
   * is none, nothing happens.
   */
  stop(): void
  /**
   * Where `run` computes without coming up for air, so that `stop` would only be called after it: one element of shared
   * memory in which another thread puts 1 to stop it, and 0 once all runs that it had asked for have returned. `run` looks at it
   * before each step.
   */
  readonly stopFlag?: Int32Array
  /** First `count` elements (all by default) of a slot: f32 or, on the reference backend, f64; int slots as Int32Array. */
  read(slot: string, count?: number): Promise<HostArray>
  dispose(): void
}
