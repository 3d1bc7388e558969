/**
 * Matrix products. For each block of k (so that a panel of B stays in the L1 cache), for each block of m (so that a block
 * of A stays in L2), for each panel of columns, for each tile of rows: run the register tile along k. B is packed into
 * panels where its columns do not lie side by side, or where it is read often enough for that to pay. A is never packed:
 * the tile reads single elements of it, in any order. With several blocks of k, sums go to scratch memory in between.
 *
 * Few columns and many rows are computed the other way round, as the transpose.
 */
import { at } from '../../base/assert.ts'
import type { DotKernel, Expression, View } from '../../ir/kernel.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { copyOf, expressionViews, type KernelCode, type KernelEmitter, type KernelOf } from './kernel-code.ts'
import { pushIndex } from './nest.ts'
import { cutColumns, cutRows, eachPanel, emitPack, Tile, TileEpilogue, type Panels } from './tile.ts'

/** Longest k of one block: 8 columns of it are the 32 KiB of a usual L1 cache. */
const BLOCK_K = 1024
/** Elements of A in one block: half of a usual L2 cache of 512 KiB. */
const BLOCK_A = 2 ** 16

type Dot = Omit<DotKernel, 'kind'>

function swapView(view: View): View {
  const [batch = 0, first = 0, second = 0] = view.strides
  return { ...view, strides: [batch, second, first] }
}

function transposed(dot: Dot): Dot {
  const { loads, body, stores } = dot.epilogue
  const epilogue: Expression = {
    loads: loads.map(swapView),
    body: body.map((line) => (line.op === 'index' && line.axis > 0 ? { ...line, axis: 3 - line.axis } : line)),
    stores: stores.map(({ view, value }) => ({ view: swapView(view), value })),
  }
  return { ...dot, m: dot.n, n: dot.m, a: swapView(dot.b), b: swapView(dot.a), epilogue }
}

/** Sizes of the blocks that k is cut into; all but the last are equal. */
export function cutDepth(k: number): { readonly size: number; readonly blocks: number; readonly last: number } {
  if (k <= BLOCK_K) return { size: k, blocks: 1, last: k }
  const size = Math.ceil(k / Math.ceil(k / BLOCK_K) / 4) * 4
  const blocks = Math.ceil(k / size)
  return { size, blocks, last: k - (blocks - 1) * size }
}

interface Matrix {
  readonly row: number
  readonly column: number
}

const strides3 = (view: View): readonly [number, number, number] => [
  view.strides[0] ?? 0,
  view.strides[1] ?? 0,
  view.strides[2] ?? 0,
]

/** `pointers`: a, b, then the epilogue's views. */
export function emitDot(
  f: FunctionBuilder,
  given: Dot,
  givenPointers: readonly Local[],
  scratchOf: (bytes: number) => Local,
): void {
  if (given.batch * given.m * given.n === 0) return
  const swap = given.n < 4 && given.m > given.n
  const dot = swap ? transposed(given) : given
  const [first, second, ...epiloguePointers] = givenPointers
  const [aStart, bStart] = (swap ? [second, first] : [first, second]) as [Local, Local]
  const { batch, m, n, k } = dot
  const [aBatch, ...aStrides] = strides3(dot.a)
  const [bBatch, ...bStrides] = strides3(dot.b)
  const a: Matrix = { row: aStrides[0], column: aStrides[1] }
  const b: Matrix = { row: bStrides[0], column: bStrides[1] }

  const panels = cutColumns(n, m, f.variant)
  const depth = cutDepth(k)
  const pack = b.column !== 1 || b.row < 0 || (m >= 48 && b.row >= 64 && k * panels.width >= 2048)
  const packedBytes = pack ? Math.ceil((4 * depth.size * panels.total) / 64) * 64 : 0
  const sumsBytes = depth.blocks > 1 ? 4 * m * panels.total : 0
  const packed = scratchOf(packedBytes + sumsBytes)
  const sums = copyOf(f, packed)
  f.advance(sums, packedBytes)

  const epilogue = new TileEpilogue(f, dot.epilogue, epiloguePointers)
  const views = expressionViews(dot.epilogue).map(strides3)
  const space = { rowStrides: views.map((view) => view[1]), columnStrides: views.map((view) => view[2]) }
  const spot = views.map(() => f.local('i32'))
  const [aTile, bTile, sumsTile] = [f.local('i32'), f.local('i32'), f.local('i32')]

  const emitBatch = (batchIndex: Local) => {
    const [aBlock, bBlock] = [f.local('i32'), f.local('i32')]
    f.get(batchIndex)
      .i32(4 * aBatch)
      .op('i32.mul')
      .get(aStart)
      .op('i32.add')
      .set(aBlock)
    f.get(batchIndex)
      .i32(4 * bBatch)
      .op('i32.mul')
      .get(bStart)
      .op('i32.add')
      .set(bBlock)

    const emitBlock = (size: number, last: boolean) => {
      const bRow = (width: number) => 4 * (pack ? width : b.row)
      if (pack) emitPack(f, { pointer: bBlock, rowStride: b.row, columnStride: b.column }, size, panels, packed)

      const emitTile = (rows: number, row: Local, column: Local, columns: number, width: number) => {
        const tile = new Tile(f, rows, width)
        tile.clear()
        f.get(row)
          .i32(4 * a.row)
          .op('i32.mul')
          .get(aBlock)
          .op('i32.add')
          .set(aTile)
        f.get(column)
          .i32(4 * (pack ? size : b.column))
          .op('i32.mul')
          .get(pack ? packed : bBlock)
          .op('i32.add')
          .set(bTile)
        tile.run(size, aTile, 4 * a.row, 4 * a.column, bTile, bRow(width))
        if (depth.blocks > 1) {
          f.get(row).i32(panels.total).op('i32.mul').get(column).op('i32.add').i32(4).op('i32.mul')
          f.get(sums).op('i32.add').set(sumsTile)
          tile.addFrom(sumsTile, 4 * panels.total)
          if (!last) tile.storeTo(sumsTile, 4 * panels.total)
        }
        if (!last) return
        views.forEach(([batchStride, rowStride, columnStride], view) => {
          f.get(at(epiloguePointers, view))
          f.plusScaled(batchIndex, 4 * batchStride)
          f.plusScaled(row, 4 * rowStride)
          f.plusScaled(column, 4 * columnStride)
          f.set(at(spot, view))
        })
        epilogue.apply(tile, columns, spot, {
          ...space,
          index: (axis, r, c, lanes) => {
            if (axis === 0) pushIndex(f, batchIndex, 0, false)
            else if (axis === 1) pushIndex(f, row, r, false)
            else pushIndex(f, column, c, lanes === 4)
          },
        })
      }
      emitRows(f, m, size, panels, emitTile)
    }

    if (depth.blocks > 1) {
      f.get(sums).i32(0).i32(sumsBytes).memoryFill()
      f.repeat(depth.blocks - 1, 1, () => {
        emitBlock(depth.size, false)
        f.advance(aBlock, 4 * depth.size * a.column).advance(bBlock, 4 * depth.size * b.row)
      })
    }
    emitBlock(depth.last, true)
  }
  f.repeat(batch, 1, emitBatch)
}

/** All tiles of one block of k. */
function emitRows(
  f: FunctionBuilder,
  m: number,
  k: number,
  panels: Panels,
  emitTile: (rows: number, row: Local, column: Local, columns: number, width: number) => void,
): void {
  const { height, full, edge } = cutRows(m, f.variant)
  const tilesInBlock = Math.max(1, Math.floor(BLOCK_A / Math.max(k, 1) / height))
  if (full > 0) {
    const end = f.local('i32')
    f.repeat(height * full, height * tilesInBlock, (start) => {
      f.get(start)
        .plus(height * tilesInBlock)
        .set(end)
      f.get(end)
        .i32(height * full)
        .get(end)
        .i32(height * full)
        .op('i32.lt_s')
        .op('select')
        .set(end)
      eachPanel(f, panels, (column, columns, width) => {
        f.range(start, end, height, (row) => emitTile(height, row, column, columns, width))
      })
    })
  }
  if (edge > 0) {
    const row = f.local('i32')
    f.i32(height * full).set(row)
    eachPanel(f, panels, (column, columns, width) => emitTile(edge, row, column, columns, width))
  }
}

export const dot: KernelEmitter<KernelOf<'dot'>> = {
  views: (kernel) => [kernel.a, kernel.b, ...expressionViews(kernel.epilogue)],
  emit: ({ f, kernel, pointers, scratch }: KernelCode<KernelOf<'dot'>>) => emitDot(f, kernel, pointers, scratch),
}
