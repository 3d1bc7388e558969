/**
 * The second language: kernels. A kernel is one pass over memory; a backend turns each kind into code and knows nothing of
 * primitives or blocks. Elementwise work is a scalar expression per element, whatever it came from; reductions, products
 * and convolutions end in such an expression too (their epilogue), so that a bias, an activation or an optimizer's
 * arithmetic costs no pass of its own.
 *
 * All sizes, strides and offsets are static and in elements.
 */
import type { Shape } from '../base/shape.ts'
import type { ConvGeometry, Dtype, Pair, Window } from './program.ts'

export type BufferId = number

/** Element at `offset + sum index[axis] * strides[axis]`; stride 0 repeats, so broadcasts and transposes cost nothing. */
export interface View {
  readonly buffer: BufferId
  readonly offset: number
  readonly strides: readonly number[]
  /** Within a loop: elements by which the offset moves on from one turn to the next. */
  readonly turn?: number
}

export type UnaryOp = 'neg' | 'exp' | 'log' | 'tanh' | 'sqrt' | 'abs' | 'isFinite' | 'toFloat' | 'toInt'
export type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'less' | 'equal'

/** One line of a scalar expression; operands are positions of earlier lines. */
export type Scalar =
  | { readonly op: 'load'; readonly load: number; readonly dtype: Dtype }
  | { readonly op: 'constant'; readonly value: number; readonly dtype: Dtype }
  /** Position along an axis of the index space, as int. */
  | { readonly op: 'index'; readonly axis: number; readonly dtype: 'int' }
  /** In an epilogue: what the kernel's main work gave for this element. */
  | { readonly op: 'result'; readonly dtype: Dtype }
  | { readonly op: UnaryOp; readonly a: number; readonly dtype: Dtype }
  | { readonly op: BinaryOp; readonly a: number; readonly b: number; readonly dtype: Dtype }
  /** Uniform in [0, 1) from three ints; see the primitive. */
  | {
      readonly op: 'random'
      readonly stream: number
      readonly position: number
      readonly step: number
      readonly seed: number
      readonly dtype: Dtype
    }
  | { readonly op: 'select'; readonly condition: number; readonly a: number; readonly b: number; readonly dtype: Dtype }

/**
 * A scalar expression over an index space with what it reads and writes. All loads of an element happen before its
 * stores, so a store may go to the very element that a load read (in-place update). No other overlap is allowed: not of
 * a store with another element of a load, nor with a main operand of the kernel whose epilogue this is.
 */
export interface Expression {
  readonly loads: readonly View[]
  readonly body: readonly Scalar[]
  readonly stores: readonly { readonly view: View; readonly value: number }[]
}

/** One expression for each element of `shape`. */
export interface MapKernel {
  readonly kind: 'map'
  readonly shape: Shape
  readonly expression: Expression
}

/**
 * For each element of `shape`, reduces `value` of `body` over `over`; `loads` have strides for [...shape, ...over].
 * `sum` of nothing is 0. `argMax` gives the first position (int) along the single axis of `over`.
 */
export interface ReduceKernel {
  readonly kind: 'reduce'
  readonly op: 'sum' | 'max' | 'argMax'
  readonly shape: Shape
  readonly over: Shape
  readonly loads: readonly View[]
  readonly body: readonly Scalar[]
  readonly value: number
  /** Index space: `shape`. */
  readonly epilogue: Expression
}

/** result[b, i, j] = sum over p of A[b, i, p] * B[b, p, j]. Strides of `a`: batch, m, k; of `b`: batch, k, n. */
export interface DotKernel {
  readonly kind: 'dot'
  readonly batch: number
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: View
  readonly b: View
  /** Index space: [batch, m, n]. */
  readonly epilogue: Expression
}

/**
 * Convolution of x [n, h, w, c] with weights [kh, kw, c / groups, o] to y [n, rows, columns, o], or one of its two
 * adjoints. `a`, `b` and the result are dense: forward x, weights → y; inputGradient dy, weights → dx; weightGradient x, dy → dw.
 */
export interface ConvKernel {
  readonly kind: 'conv'
  readonly variant: 'forward' | 'inputGradient' | 'weightGradient'
  readonly geometry: ConvGeometry
  readonly x: readonly [number, number, number, number]
  readonly w: readonly [number, number, number, number]
  readonly y: readonly [number, number, number, number]
  readonly a: View
  readonly b: View
  /** Index space: the shape of the result. */
  readonly epilogue: Expression
}

/** Pooling of x [n, h, w, c] to y [n, rows, columns, c] and its adjoints; operands and result are dense. */
export interface PoolKernel {
  readonly kind: 'pool'
  /** max: x → y. maxGradient: x, dy → dx. maxTangent: x, t → y. sum: x → y. sumGradient: dy → dx. */
  readonly op: 'max' | 'maxGradient' | 'maxTangent' | 'sum' | 'sumGradient'
  readonly window: Window
  readonly x: readonly [number, number, number, number]
  readonly y: readonly [number, number, number, number]
  readonly inputs: readonly View[]
  readonly output: View
}

/** take: output[i] = rows[indices[i]]; scatter: output = 0, then output[indices[i]] += values[i]. Rows are dense. */
export interface RowsKernel {
  readonly kind: 'rows'
  readonly op: 'take' | 'scatter'
  readonly rows: number
  readonly rowSize: number
  readonly count: number
  /** The rows of take, the values of scatter. */
  readonly source: View
  readonly indices: View
  readonly output: View
  readonly dtype: Dtype
}

/** The kernels, one after the other, `count` times. What is carried from turn to turn lies in buffers that do not move. */
export interface LoopKernel {
  readonly kind: 'loop'
  readonly count: number
  readonly kernels: readonly Kernel[]
}

/** Lines of an expression that a line needs. */
export function operandsOf(line: Scalar): readonly number[] {
  switch (line.op) {
    case 'load':
    case 'constant':
    case 'index':
    case 'result':
      return []
    case 'random':
      return [line.position, line.step, line.seed]
    case 'select':
      return [line.condition, line.a, line.b]
    default:
      return 'b' in line ? [line.a, line.b] : [line.a]
  }
}

/** Whether two lines compute the same from the same operands. */
export function sameLine(a: Scalar, b: Scalar): boolean {
  if (a.op !== b.op || a.dtype !== b.dtype) return false
  switch (a.op) {
    case 'load':
      return a.load === (b as typeof a).load
    case 'constant':
      return Object.is(a.value, (b as typeof a).value)
    case 'index':
      return a.axis === (b as typeof a).axis
    case 'result':
      return true
    case 'random': {
      const { stream, position, step, seed } = b as typeof a
      return a.stream === stream && a.position === position && a.step === step && a.seed === seed
    }
    case 'select':
      return a.condition === (b as typeof a).condition && a.a === (b as typeof a).a && a.b === (b as typeof a).b
    default:
      return a.a === (b as typeof a).a && (!('b' in a) || a.b === (b as typeof a).b)
  }
}

/** The same line with its operands renamed. */
export function renameOperands(line: Scalar, name: (operand: number) => number): Scalar {
  switch (line.op) {
    case 'load':
    case 'constant':
    case 'index':
    case 'result':
      return line
    case 'random':
      return { ...line, position: name(line.position), step: name(line.step), seed: name(line.seed) }
    case 'select':
      return { ...line, condition: name(line.condition), a: name(line.a), b: name(line.b) }
    default:
      return 'b' in line ? { ...line, a: name(line.a), b: name(line.b) } : { ...line, a: name(line.a) }
  }
}

/** `path`: the block or blocks that the kernel came from, for profiles and messages. */
export type Kernel = (MapKernel | ReduceKernel | DotKernel | ConvKernel | PoolKernel | RowsKernel | LoopKernel) & {
  readonly path: string
}

export type { ConvGeometry, Dtype, Pair, Window }
