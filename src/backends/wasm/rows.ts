/** Picking rows by number and adding rows up by number. Indices are trusted; sums are taken in the order of the indices. */
import { at } from '../../base/assert.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { emitLoad, emitStore, type Width } from './expression.ts'
import type { KernelEmitter, KernelOf } from './kernel-code.ts'

/** From this many elements on, the engine's own copy is faster than a loop. */
const LONG_ROW = 64

/** Calls `body` for each vector and each left-over element of a dense row; pointers end at the end of the row. */
function alongRow(
  f: FunctionBuilder,
  size: number,
  pointers: readonly Local[],
  body: (width: Width, offset: number) => void,
): void {
  const loop = (elements: number, count: number, width: Width) => {
    if (count === 0) return
    f.repeat(count, 1, () => {
      for (let i = 0; i < elements; i += width) body(width, 4 * i)
      for (const pointer of pointers) f.advance(pointer, 4 * elements)
    })
  }
  loop(16, Math.floor(size / 16), 4)
  loop((size % 16) & ~3, 1, 4)
  loop(size % 4, 1, 1)
}

export const rows: KernelEmitter<KernelOf<'rows'>> = {
  views: (kernel) => [kernel.source, kernel.indices, kernel.output],
  emit: ({ f, kernel, pointers }) => {
    const [source, indices, output] = [at(pointers, 0), at(pointers, 1), at(pointers, 2)]
    const { rowSize, count, op } = kernel
    if (op === 'scatter' && kernel.rows * rowSize > 0)
      f.get(output)
        .i32(0)
        .i32(4 * kernel.rows * rowSize)
        .memoryFill()
    if (rowSize === 0 || count === 0) return
    const picked = f.local('i32')
    f.repeat(count, 1, () => {
      f.get(op === 'take' ? source : output)
      f.get(indices)
        .memory('i32.load')
        .i32(4 * rowSize)
        .op('i32.mul')
        .op('i32.add')
        .set(picked)
      if (op === 'take' && rowSize >= LONG_ROW) {
        f.get(output)
          .get(picked)
          .i32(4 * rowSize)
          .memoryCopy()
          .advance(output, 4 * rowSize)
      } else if (op === 'take') {
        alongRow(f, rowSize, [output, picked], (width, offset) => {
          emitStore(f, { pointer: output, offset, stride: 1 }, width, () => {
            emitLoad(f, { pointer: picked, offset, stride: 1 }, width)
          })
        })
      } else {
        alongRow(f, rowSize, [source, picked], (width, offset) => {
          emitStore(f, { pointer: picked, offset, stride: 1 }, width, () => {
            emitLoad(f, { pointer: picked, offset, stride: 1 }, width)
            emitLoad(f, { pointer: source, offset, stride: 1 }, width)
            f.op(kernel.dtype === 'float' ? 'f32x4.add' : 'i32x4.add')
          })
        })
      }
      f.advance(indices, 4 * (kernel.indices.strides[0] ?? 1))
    })
  },
}
