/**
 * The first of the three languages: a Program is a list of equations over tensors, in execution order, without control
 * flow. Blocks are traced into it, differentiation and simplification are rewrites of it, the reference backend runs it
 * as it stands. The set of primitives is closed under differentiation (see vjp.ts); softmax, losses, optimizers and so on
 * are compositions.
 *
 * Arithmetic is described on reals: `float` is f32 on every backend but the reference, where it is f64.
 */
import type { Shape } from '../base/shape.ts'

export type Dtype = 'float' | 'int'

/** What is known of a value without running: its shape and element type. */
export interface Aval {
  readonly shape: Shape
  readonly dtype: Dtype
}

type None = Readonly<Record<string, never>>
export type Pair = readonly [number, number]

/** Sliding windows over the two middle axes of [batch, height, width, channels]. */
export interface Window {
  readonly size: Pair
  readonly stride: Pair
  /** Rows added before and after, columns added before and after. */
  readonly padding: readonly [Pair, Pair]
}

export interface ConvGeometry {
  readonly stride: Pair
  readonly dilation: Pair
  readonly padding: readonly [Pair, Pair]
  readonly groups: number
}

/**
 * `length` times `body`, whose inputs are, in this order: `given` (role data, the same each time), `carried` (role state: what
 * the time before returned under the same name, at first the operand) and `over` (role step: element t of the operand's
 * leading axis). Operands stand in the same order. Results are the last carried values, then each `step` output of the
 * body with a leading axis of `length`. `reverse` runs from the last element to the first.
 */
export interface Scan {
  readonly length: number
  readonly reverse: boolean
  readonly given: number
  readonly carried: number
  readonly body: Program
}

/** Every primitive and its static parameters. A new one does not compile until every rule table has it. */
export interface PrimitiveParams {
  /** A scalar. */
  constant: { readonly value: number; readonly dtype: Dtype }
  /** 0, 1, … length-1 as int [length]. */
  iota: { readonly length: number }

  neg: None
  exp: None
  log: None
  tanh: None
  sqrt: None
  abs: None
  /** 1 where the value is neither infinite nor NaN, else 0. */
  isFinite: None
  /** The value itself, but a constant to differentiation. */
  stopGradient: None
  convert: { readonly to: Dtype }

  add: None
  sub: None
  mul: None
  div: None
  /** Ties belong to the second operand, so that the gradient of max(x, 0) at 0 is 0. */
  max: None
  min: None
  /** 1 where a < b, else 0 (float). */
  less: None
  /** 1 where a = b, else 0 (float). */
  equal: None
  /** (condition, a, b): a where condition is not 0, else b. */
  select: None

  sum: { readonly axes: readonly number[] }
  reduceMax: { readonly axes: readonly number[] }
  /** Position of the first greatest element along the axis, as int; the axis disappears. */
  argMax: { readonly axis: number }

  reshape: { readonly shape: Shape }
  /** Output axis i is input axis order[i]. */
  transpose: { readonly order: readonly number[] }
  /** Input axis i becomes output axis axes[i] (ascending); the others repeat. */
  broadcast: { readonly shape: Shape; readonly axes: readonly number[] }

  /** Sums over pairs of contracted axes; result axes: batch pairs, free axes of a, free axes of b. */
  dot: {
    readonly contract: readonly [readonly number[], readonly number[]]
    readonly batch: readonly [readonly number[], readonly number[]]
  }

  /** Cross-correlation of [N, H, W, C] with weights [kh, kw, C / groups, O]. */
  conv: ConvGeometry
  /** (gradient of the output, weights) to gradient of the input; the adjoint of `conv` in its first operand. */
  convInputGradient: ConvGeometry & { readonly input: Pair }
  /** (input, gradient of the output) to gradient of the weights; the adjoint of `conv` in its second operand. */
  convWeightGradient: ConvGeometry & { readonly kernel: Pair }

  /** Window maximum; padding never wins. */
  maxPool: Window
  /** (x, g): puts each g where the first maximum of its window of x was. */
  maxPoolGradient: Window
  /** (x, t): takes t from where the first maximum of each window of x is; adjoint of maxPoolGradient in g. */
  maxPoolTangent: Window
  /** Window sum; padding counts as 0. */
  sumPool: Window
  /** Adjoint of sumPool: (g) to the shape of the input. */
  sumPoolGradient: Window & { readonly input: Pair }

  /** The part from `start` on, `shape` long; adjoint of `pad` with 0. */
  slice: { readonly start: readonly number[]; readonly shape: Shape }
  /** `value` around the operand: before[axis] and after[axis] more of them along each axis. */
  pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number }
  /** Any number of operands, one behind the other along the axis. */
  concat: { readonly axis: number }

  /**
   * (position, step, seed), ints of one shape, to uniform numbers k / 2^24 in [0, 1), elementwise: the upper bits of the first
   * word of Threefry-2x32 with 20 rounds (Salmon et al. 2011), counter (position, step), key (stream, seed).
   */
  random: { readonly stream: number }

  /** A loop over the leading axis of some of its operands; see `Scan`. */
  scan: Scan

  /** (rows [n, …], indices int of any shape) to [...indices, …]. */
  take: None
  /** (indices int of any shape, values [...indices, …]) to [rows, …]: adds each value to its row of zeros; adjoint of take. */
  scatterRows: { readonly rows: number }
}

export type Primitive = keyof PrimitiveParams
export type ValueId = number

export type Equation<P extends Primitive = Primitive> = {
  readonly [K in P]: {
    readonly primitive: K
    readonly params: PrimitiveParams[K]
    readonly inputs: readonly ValueId[]
    /** One for every primitive but `scan`. */
    readonly outputs: readonly ValueId[]
    /** Path of the block that this came from, e.g. `encoder.fc1`; empty for what no block asked for. */
    readonly path: string
  }
}[P]

/**
 * How a value gets in.
 * - `state`: lives across steps, an entry may return its next value under the same name (weights, optimizer moments);
 * - `data`: written once, read by every step (the rows of a data set);
 * - `step`: one row for each step of a chunk (which rows make up the batch);
 * - `live`: a small value that may be rewritten between chunks (learning rate).
 */
export type InputRole = 'state' | 'data' | 'step' | 'live'

export interface ProgramInput {
  readonly name: string
  readonly role: InputRole
  readonly value: ValueId
}

/** `state` writes back to the input of that name; `step` is recorded, one row for each step of a chunk. */
export interface ProgramOutput {
  readonly name: string
  readonly role: 'state' | 'step'
  readonly value: ValueId
}

export interface Program {
  /** What is known of value i. */
  readonly values: readonly Aval[]
  readonly inputs: readonly ProgramInput[]
  readonly equations: readonly Equation[]
  readonly outputs: readonly ProgramOutput[]
}
