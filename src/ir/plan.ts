/**
 * The third language: a Plan says where everything lies and what runs in which order. It holds several entries (a training
 * step, the same for a ragged last batch, an evaluation step, …) over one arena, so that they share weights and data
 * without copying. One run of an entry executes a chunk of steps without coming back.
 */
import type { Shape } from '../base/shape.ts'
import type { BufferId, Kernel } from './kernel.ts'
import type { Dtype, InputRole, Program } from './program.ts'

/** A piece of the arena. Every element, int or float, takes 4 bytes there (8 on the reference backend, which has no arena). */
export interface PlanBuffer {
  readonly id: BufferId
  readonly dtype: Dtype
  /** Elements that one step sees. */
  readonly size: number
  /** Byte offset in the arena, a multiple of 64. */
  readonly offset: number
  /** Bytes by which the buffer moves on from one step of a chunk to the next; 0 for what all steps share. */
  readonly stepBytes: number
}

/** A named value that can be written or read from outside between runs. */
export interface Slot {
  /** Weights and data: the name in the program. Step values: `entry/name`, e.g. `train/indices`. */
  readonly name: string
  readonly role: InputRole | 'result'
  /** Of one step's row. */
  readonly shape: Shape
  readonly dtype: Dtype
  readonly buffer: BufferId
  /** Rows in the buffer: the entry's chunk for step values, else 1. */
  readonly rows: number
}

export interface PlanEntry {
  readonly name: string
  /** Most steps in one run. */
  readonly chunk: number
  readonly kernels: readonly Kernel[]
  /** What the kernels were made from; the reference backend runs this instead of them. */
  readonly program: Program
}

export interface Plan {
  readonly slots: readonly Slot[]
  readonly buffers: readonly PlanBuffer[]
  readonly entries: readonly PlanEntry[]
  readonly arenaBytes: number
}
