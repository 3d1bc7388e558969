/**
 * Matrix products. For each block of k (so that a panel of B stays in the L1 cache), for each block of m (so that a block
 * of A stays in L2), for each panel of columns, for each tile of rows: run the register tile along k. B is packed into
 * panels where its columns do not lie side by side, or where it is read often enough for that to pay. A is never packed:
 * the tile reads single elements of it, in any order. With several blocks of k, sums go to scratch memory in between.
 *
 * Few columns and many rows are computed the other way round, as the transpose. One product is cut into a grid of units,
 * blocks of rows × groups of panels; of several products each is a unit.
 */
import { at } from '../../base/assert.ts'
import type { DotKernel, Expression, View } from '../../ir/kernel.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import {
  copyOf,
  divisorFrom,
  expressionViews,
  movedBy,
  NO_WORK,
  onePhase,
  productWork,
  type KernelEmitter,
  type KernelOf,
  type KernelWork,
  type Phase,
  type PhaseCode,
  type Target,
} from './kernel-code.ts'
import { pushIndex, type Range } from './nest.ts'
import { cutColumns, cutRows, eachPanel, emitPack, Tile, TileEpilogue, type Panels } from './tile.ts'

/** Longest k of one block: 8 columns of it are the 32 KiB of a usual L1 cache. */
const BLOCK_K = 1024
/** Elements of A in one block: half of a usual L2 cache of 512 KiB. */
const BLOCK_A = 2 ** 16
/** Most units of one product, and the microseconds that one should take. */
const MOST_UNITS = 32
const UNIT_WORK = 3
/** Tiles of rows that a unit should have, so that it does not read a panel of B for too few. */
const UNIT_TILES = 4
/** Rows of B that one unit of packing takes. */
const PACKED_ROWS = 32

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

const strides3 = (view: View): readonly [number, number, number] => [
  view.strides[0] ?? 0,
  view.strides[1] ?? 0,
  view.strides[2] ?? 0,
]

/** How one product is cut: blocks of rows, of which all groups of panels come first. */
interface Grid {
  readonly rowBlocks: number
  /** Full tiles of each block; the last one may have fewer, and has the rows that are left over. */
  readonly tiles: number
  readonly panelGroups: number
  /** Full panels of each group, likewise. */
  readonly panels: number
}

const UNCUT: Grid = { rowBlocks: 1, tiles: 0, panelGroups: 1, panels: 0 }

/**
 * Rows first: they are mostly examples of the batch, by which other kernels are cut too, so that a thread finds in its cache
 * what it needs. But where B is far larger than the rest, each thread should read only a part of it.
 */
function cutGrid(work: number, { m, n, k }: Dot, tiles: number, panels: number): Grid {
  const wanted = Math.min(MOST_UNITS, Math.max(1, Math.floor(work / UNIT_WORK)))
  const cut = (count: number, most: number) => {
    const each = Math.max(1, Math.ceil(count / Math.max(1, most)))
    return { blocks: Math.max(1, Math.ceil(count / each)), each }
  }
  const byRows = tiles >= UNIT_TILES && k * n < 2 * (m * k + m * n)
  const rows = cut(tiles, byRows ? wanted : Math.min(wanted, Math.floor(tiles / UNIT_TILES)))
  const columns = cut(panels, byRows ? 1 : Math.ceil(wanted / rows.blocks))
  return { rowBlocks: rows.blocks, tiles: rows.each, panelGroups: columns.blocks, panels: columns.each }
}

export function dotWork(given: Dot, { variant, worth }: Target): KernelWork {
  if (given.batch * given.m * given.n === 0) return NO_WORK
  const swap = given.n < 4 && given.m > given.n
  const dot = swap ? transposed(given) : given
  const { batch, m, n, k } = dot
  const [aBatch] = strides3(dot.a)
  const [bBatch, bRow, bColumn] = strides3(dot.b)
  const panels = cutColumns(n, m, variant)
  const pack = bColumn !== 1 || bRow < 0 || (m >= 48 && bRow >= 64 && k * panels.width >= 2048)
  const packedBytes = pack ? Math.ceil((4 * k * panels.total) / 64) * 64 : 0
  const work = productWork(batch * m * n * k)
  const operands = ({ pointers: [first, second, ...views] }: PhaseCode) =>
    ({ a: swap ? second : first, b: swap ? first : second, views }) as { a: Local; b: Local; views: Local[] }
  const packRows = (f: FunctionBuilder, source: Local, rows: number, target: Local, firstRow?: Local) =>
    emitPack(f, { pointer: source, rowStride: bRow, columnStride: bColumn }, rows, panels, target, k, firstRow)

  if (batch > 1)
    return onePhase(batch, work, (code) => {
      const { f, from, to } = code
      const { a, b, views } = operands(code)
      const sumsBytes = bytesOfSums(dot, panels)
      const packed = code.scratch(packedBytes + sumsBytes)
      const sums = copyOf(f, packed)
      f.advance(sums, packedBytes)
      const tiles = tilesOf(f, { dot, panels, grid: UNCUT, packed: pack, views, sums })
      f.range(from, to, 1, (index) => {
        const ownB = movedBy(f, b, index, 4 * bBatch)
        if (pack) packRows(f, ownB, k, packed)
        tiles(movedBy(f, a, index, 4 * aBatch), pack ? packed : ownB, { batch: index })
      })
    })

  const phases: Phase[] = []
  if (pack && k > 0) {
    const rows = divisorFrom(k, PACKED_ROWS)
    phases.push({
      units: k / rows,
      work: (k * n) / 1000,
      emit: (code) => {
        const { f, shared } = code
        f.range(code.from, code.to, 1, (unit) => {
          const first = f.local('i32')
          f.i32(0).plusScaled(unit, rows).set(first)
          packRows(f, movedBy(f, operands(code).b, first, 4 * bRow), rows, shared, first)
        })
      },
    })
  }
  const { full } = cutRows(m, variant)
  const grid = work < worth ? UNCUT : cutGrid(work, dot, full, panels.full)
  phases.push({
    units: grid.rowBlocks * grid.panelGroups,
    work,
    emit: (code) => {
      const { f, from, to } = code
      const { a, b, views } = operands(code)
      const sums = code.scratch(bytesOfSums(dot, panels))
      const tiles = tilesOf(f, { dot, panels, grid, packed: pack, views, sums })
      const source = pack ? code.shared : b
      // Blocks of rows that follow each other are done as one, so that a panel of B is read once for all of them.
      if (grid.panelGroups === 1) {
        tiles(a, source, { rows: { from, to } })
        return
      }
      f.range(from, to, 1, (unit) => {
        const rows = rangeAt(f, () => f.get(unit).i32(grid.panelGroups).op('i32.div_s'))
        const panels = rangeAt(f, () => f.get(unit).i32(grid.panelGroups).op('i32.rem_s'))
        tiles(a, source, { rows, panels })
      })
    },
  })
  return { phases, sharedBytes: packedBytes }
}

/** Sums that wait from one block of k to the next. */
function bytesOfSums({ m, k }: Dot, { total }: Panels): number {
  return cutDepth(k).blocks > 1 ? 4 * m * total : 0
}

/** Which product, and which blocks of rows and groups of panels of it; all of them where nothing is said. */
interface Place {
  readonly batch?: Local
  readonly rows?: Range
  readonly panels?: Range
}

/** The one piece whose number is pushed. */
function rangeAt(f: FunctionBuilder, pushNumber: () => void): Range {
  const [from, to] = [f.local('i32'), f.local('i32')]
  pushNumber()
  f.tee(from).plus(1).set(to)
  return { from, to }
}

/** The tiles of a product: gives what emits them for a certain A and B. */
function tilesOf(
  f: FunctionBuilder,
  code: {
    readonly dot: Dot
    readonly panels: Panels
    readonly grid: Grid
    /** B is: all rows of the first panel, of the next one, … */
    readonly packed: boolean
    /** Of the epilogue. */
    readonly views: readonly Local[]
    readonly sums: Local
  },
): (a: Local, b: Local, place: Place) => void {
  const { dot, panels, grid, packed, views, sums } = code
  const [, aRow, aColumn] = strides3(dot.a)
  const [, bRow, bColumn] = strides3(dot.b)
  const depth = cutDepth(dot.k)
  const strides = expressionViews(dot.epilogue).map(strides3)
  const space = { rowStrides: strides.map((view) => view[1]), columnStrides: strides.map((view) => view[2]) }
  const epilogue = new TileEpilogue(f, dot.epilogue, views)
  const spot = views.map(() => f.local('i32'))
  const [aTile, bTile, sumsTile] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const cut = cutRows(dot.m, f.variant)

  return (a, b, { batch, ...part }) => {
    /** Steps of k from `start`, or the first, on; the last ones are followed by the epilogue. */
    const emitBlock = (start: Local | undefined, size: number, last: boolean) => {
      const emitTile = (rows: number, row: Local, column: Local, columns: number, width: number) => {
        const tile = new Tile(f, rows, width)
        tile.clear()
        const bNext = 4 * (packed ? width : bRow)
        f.get(a).plusScaled(row, 4 * aRow)
        if (start) f.plusScaled(start, 4 * aColumn)
        f.set(aTile)
        f.get(b).plusScaled(column, 4 * (packed ? dot.k : bColumn))
        if (start) f.plusScaled(start, bNext)
        f.set(bTile)
        tile.run(size, aTile, 4 * aRow, 4 * aColumn, bTile, bNext)
        if (depth.blocks > 1) {
          f.get(row).i32(panels.total).op('i32.mul').get(column).op('i32.add').i32(4).op('i32.mul')
          f.get(sums).op('i32.add').set(sumsTile)
          if (start) tile.addFrom(sumsTile, 4 * panels.total)
          if (!last) tile.storeTo(sumsTile, 4 * panels.total)
        }
        if (!last) return
        strides.forEach(([batchStride, rowStride, columnStride], view) => {
          f.get(at(views, view))
          if (batch) f.plusScaled(batch, 4 * batchStride)
          f.plusScaled(row, 4 * rowStride)
          f.plusScaled(column, 4 * columnStride)
          f.set(at(spot, view))
        })
        epilogue.apply(tile, columns, spot, {
          ...space,
          index: (axis, r, c, lanes) => {
            if (axis === 0) pushIndex(f, batch, 0, false)
            else if (axis === 1) pushIndex(f, row, r, false)
            else pushIndex(f, column, c, lanes === 4)
          },
        })
      }
      emitBlocks(f, { cut, panels, grid, depth: size, rows: part.rows, groups: part.panels }, emitTile)
    }

    const { size, blocks, last } = depth
    emitBlock(undefined, blocks === 1 ? last : size, blocks === 1)
    if (blocks === 1) return
    const start = f.local('i32')
    f.i32(size).set(start)
    f.repeat(blocks - 2, 1, () => {
      emitBlock(start, size, false)
      f.advance(start, size)
    })
    emitBlock(start, last, true)
  }
}

interface Blocks {
  readonly cut: ReturnType<typeof cutRows>
  readonly panels: Panels
  readonly grid: Grid
  readonly depth: number
  /** As of a Place. */
  readonly rows: Range | undefined
  readonly groups: Range | undefined
}

/** The tiles of one block of k. */
function emitBlocks(
  f: FunctionBuilder,
  { cut, panels, grid, depth, ...part }: Blocks,
  emitTile: (rows: number, row: Local, column: Local, columns: number, width: number) => void,
): void {
  const { height, full, edge } = cut
  const tilesInBlock = Math.max(1, Math.floor(BLOCK_A / Math.max(depth, 1) / height))
  const rows = piecesOf(f, grid.rowBlocks, part.rows, { each: grid.tiles * height, all: full * height })
  const { width, full: whole } = panels
  const columns = piecesOf(f, grid.panelGroups, part.groups, { each: grid.panels * width, all: whole * width })
  const eachColumn = (body: (column: Local, columns: number, width: number) => void) => {
    if (!columns) {
      eachPanel(f, panels, body)
      return
    }
    f.range(columns.start, columns.end, panels.width, (first) => body(first, panels.width, panels.width))
    if (panels.edge > 0) columns.ifLast((first) => body(first, panels.edge, panels.edgeWidth))
  }
  if (full > 0) {
    const [start, end, blockEnd] = [f.local('i32'), f.local('i32'), f.local('i32')]
    if (rows) f.get(rows.start).set(start).get(rows.end).set(end)
    else
      f.i32(0)
        .set(start)
        .i32(height * full)
        .set(end)
    f.range(start, end, height * tilesInBlock, (block) => {
      f.get(block)
        .plus(height * tilesInBlock)
        .tee(blockEnd)
      f.get(end).get(blockEnd).get(end).op('i32.lt_s').op('select').set(blockEnd)
      eachColumn((column, count, width) => {
        f.range(block, blockEnd, height, (row) => emitTile(height, row, column, count, width))
      })
    })
  }
  if (edge === 0) return
  const emitEdge = (row: Local) => eachColumn((column, count, width) => emitTile(edge, row, column, count, width))
  if (rows) {
    rows.ifLast(emitEdge)
    return
  }
  const row = f.local('i32')
  f.i32(height * full).set(row)
  emitEdge(row)
}

/** Where pieces begin and end along one axis; undefined for all there are. */
function piecesOf(
  f: FunctionBuilder,
  pieces: number,
  range: Range | undefined,
  { each, all }: { readonly each: number; readonly all: number },
): { readonly start: Local; readonly end: Local; readonly ifLast: (body: (first: Local) => void) => void } | undefined {
  if (pieces === 1 || !range) return undefined
  const [start, end] = [f.local('i32'), f.local('i32')]
  f.get(range.from).i32(each).op('i32.mul').set(start)
  f.get(range.to).i32(each).op('i32.mul').tee(end)
  f.i32(all).get(end).i32(all).op('i32.lt_s').op('select').set(end)
  return {
    start,
    end,
    // What is left over comes behind the last whole tile, with the piece that ends there.
    ifLast: (body) => {
      f.get(end).i32(all).op('i32.eq')
      f.if(() => body(end))
    },
  }
}

export const dot: KernelEmitter<KernelOf<'dot'>> = {
  views: (kernel) => [kernel.a, kernel.b, ...expressionViews(kernel.epilogue)],
  work: dotWork,
}
