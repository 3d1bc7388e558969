/** Seeded random views, buffers and epilogues for kernel tests. */
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, stridesOf, type Shape } from '../../src/base/shape.ts'
import type { Expression, Scalar, View } from '../../src/ir/kernel.ts'
import type { Dtype } from '../../src/ir/program.ts'
import type { Buffer } from './oracle.ts'

/** Hands out buffers and views into them. */
export class Sandbox {
  readonly rng: Rng
  readonly buffers: Buffer[] = []

  constructor(seed: number, name: string) {
    this.rng = new Rng(seed, name)
  }

  pick<T>(...items: readonly T[]): T {
    return at(items, this.rng.integer(items.length))
  }

  number(): number {
    return this.rng.normal()
  }

  buffer(
    size: number,
    dtype: Dtype = 'float',
    fill: (i: number) => number = () => (dtype === 'int' ? this.rng.integer(7) : this.number()),
  ): number {
    return this.buffers.push({ dtype, data: Array.from({ length: size }, (_, i) => fill(i)) }) - 1
  }

  /** A view of a new buffer, dense and row-major, behind a few elements of something else. */
  dense(shape: Shape, dtype: Dtype = 'float', offset = this.rng.integer(4)): View {
    return { buffer: this.buffer(offset + sizeOf(shape), dtype), offset, strides: stridesOf(shape) }
  }

  /** A view whose axes are dense, permuted, repeated or spread; never negative. */
  any(shape: Shape, dtype: Dtype = 'float'): View {
    const order = [...this.rng.permutation(shape.length)]
    const chosen = this.pick(0, 1, 2, 3) === 0 ? order : order.sort((a, b) => a - b)
    const strides = new Array<number>(shape.length).fill(0)
    let stride = this.rng.integer(5) === 0 ? 2 : 1
    for (const axis of [...chosen].reverse()) {
      if (this.rng.integer(4) === 0) continue
      strides[axis] = stride
      stride *= Math.max(1, at(shape, axis)) + (this.rng.integer(6) === 0 ? 1 : 0)
    }
    const offset = this.rng.integer(3)
    return { buffer: this.buffer(offset + stride + 2, dtype), offset, strides }
  }

  /** Sizes that find edges: 1, odd, just above and below multiples of 4, some larger. */
  size(): number {
    return this.pick(1, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 21, 33)
  }

  /** result, or tanh(result * scale + bias) with a residual, or an in-place update: what fusion leaves behind a kernel. */
  epilogue(shape: Shape, dtype: Dtype = 'float'): Expression {
    const result: Scalar = { op: 'result', dtype }
    const output = this.dense(shape, dtype)
    if (dtype === 'int' || this.rng.integer(3) === 0)
      return { loads: [], body: [result], stores: [{ view: output, value: 0 }] }
    if (this.rng.integer(2) === 0) {
      // w = w - rate * result, and a copy of the step, transposed
      const rate: View = { buffer: this.buffer(1), offset: 0, strides: shape.map(() => 0) }
      const body: Scalar[] = [
        result,
        { op: 'load', load: 0, dtype: 'float' },
        { op: 'load', load: 1, dtype: 'float' },
        { op: 'mul', a: 0, b: 2, dtype: 'float' },
        { op: 'sub', a: 1, b: 3, dtype: 'float' },
      ]
      const stores = [{ view: output, value: 4 }]
      if (shape.length > 1) {
        const turned = stridesOf([...shape].reverse()).reverse()
        stores.push({ view: { buffer: this.buffer(sizeOf(shape)), offset: 0, strides: turned }, value: 3 })
      }
      return { loads: [output, rate], body, stores }
    }
    const body: Scalar[] = [
      result,
      { op: 'load', load: 0, dtype: 'float' },
      { op: 'add', a: 0, b: 1, dtype: 'float' },
      { op: 'constant', value: 0.125, dtype: 'float' },
      { op: 'mul', a: 2, b: 3, dtype: 'float' },
      { op: 'tanh', a: 4, dtype: 'float' },
      { op: 'load', load: 1, dtype: 'float' },
      { op: 'add', a: 5, b: 6, dtype: 'float' },
    ]
    if (shape.length === 0 || this.rng.integer(2) === 0)
      return { loads: [this.any(shape), this.any(shape)], body, stores: [{ view: output, value: 7 }] }
    const indexed: Scalar[] = [
      ...body,
      { op: 'index', axis: this.rng.integer(shape.length), dtype: 'int' },
      { op: 'toFloat', a: 8, dtype: 'float' },
      { op: 'add', a: 7, b: 9, dtype: 'float' },
    ]
    return { loads: [this.any(shape), this.any(shape)], body: indexed, stores: [{ view: output, value: 10 }] }
  }
}
