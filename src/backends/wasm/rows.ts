/** Picking rows by number and adding rows up by number. Indices are trusted; sums are taken in the order of the indices. */
import { at } from '../../base/assert.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { emitLoad, emitStore, type Width } from './expression.ts'
import { onePhase, type KernelEmitter, type KernelOf, type PhaseCode } from './kernel-code.ts'

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

type Rows = KernelOf<'rows'>

function emitRows(kernel: Rows, { f, pointers, ...range }: PhaseCode): void {
  const [source, indices, output] = [at(pointers, 0), at(pointers, 1), at(pointers, 2)]
  const { rowSize, op } = kernel
  const taking = op === 'take'
  const indexStep = 4 * (kernel.indices.strides[0] ?? 1)
  const [from, to] = taking ? [range.from, range.to] : [f.local('i32'), f.local('i32')]
  if (!taking) f.i32(0).set(from).i32(kernel.count).set(to)
  if (!taking && kernel.rows * rowSize > 0)
    f.get(output)
      .i32(0)
      .i32(4 * kernel.rows * rowSize)
      .memoryFill()
  if (rowSize === 0) return
  const picked = f.local('i32')
  const along = taking ? output : source
  f.get(along)
    .plusScaled(from, 4 * rowSize)
    .set(along)
  f.get(indices).plusScaled(from, indexStep).set(indices)
  f.range(from, to, 1, () => {
    f.get(taking ? source : output)
      .get(indices)
      .memory('i32.load')
      .i32(4 * rowSize)
      .op('i32.mul')
      .op('i32.add')
      .set(picked)
    if (taking && rowSize >= LONG_ROW) {
      f.get(output)
        .get(picked)
        .i32(4 * rowSize)
        .memoryCopy()
        .advance(output, 4 * rowSize)
    } else if (taking) {
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
    f.advance(indices, indexStep)
  })
}

export const rows: KernelEmitter<Rows> = {
  views: (kernel) => [kernel.source, kernel.indices, kernel.output],
  work: ({ op, ...kernel }) => {
    const emit = (code: PhaseCode) => emitRows({ op, ...kernel }, code)
    const work = (kernel.count * kernel.rowSize) / 4000
    // What is added up where is only known when it runs, so sums are one unit.
    return op === 'take' ? onePhase(kernel.count, work, emit) : onePhase(1, work, emit)
  },
}
