/**
 * The register tile that products and convolutions are made of: rows × vectors accumulators that take in one outer product
 * a step, a column of A (each element repeated over the lanes) times a row of B (side by side in memory). With 16 vector
 * registers 4 × 2 is the size that V8 keeps free of spills, and 6 × 2 where a product needs no register of its own. Goto & van
 * de Geijn 2008, "Anatomy of high-performance matrix multiplication", has the idea of packed panels and the order of the loops.
 */
import { at } from '../../base/assert.ts'
import type { Expression } from '../../ir/kernel.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { emitLoad, LinePair, type Site, type Spot, type Width } from './expression.ts'
import { fixedLoads } from './kernel-code.ts'
import type { Variant } from './variant.ts'

/** Rows from which on a tile has sums enough to hide the latency of an addition. */
const ENOUGH_ROWS = 4

/** How `count` rows are cut: `full` tiles of `height`, then one of `edge` rows, or none. */
export function cutRows(
  count: number,
  variant: Variant,
): { readonly height: number; readonly full: number; readonly edge: number } {
  const cut = (height: number) => ({ height, full: Math.floor(count / height), edge: count % height })
  if (variant.rows === ENOUGH_ROWS) {
    const { height, full, edge } = cut(variant.rows)
    // A row by itself would wait for each of its sums; a tile of 4 has room for a fifth.
    return edge === 1 && full > 0 ? { height, full: full - 1, edge: 5 } : { height, full, edge }
  }
  // An edge of few rows takes as long as one of four, so lower tiles without one may be faster.
  const time = ({ height, full, edge }: ReturnType<typeof cut>) =>
    full * height + (edge > 0 ? Math.max(edge, ENOUGH_ROWS) : 0)
  let best = cut(variant.rows)
  for (let height = variant.rows - 1; height >= ENOUGH_ROWS; height--)
    if (time(cut(height)) < time(best)) best = cut(height)
  return best
}

/** Columns of a panel: few rows want wide panels, or the accumulators are too few to hide the latency of an addition. */
export function panelWidth(rows: number, { columns }: Variant): number {
  return rows === 1 ? 32 : rows === 2 ? 16 : columns
}

/** How `count` columns are cut into panels: `full` of `width`, then one of `edge` columns that takes `edgeWidth`. */
export interface Panels {
  readonly width: number
  readonly full: number
  readonly edge: number
  readonly edgeWidth: number
  /** All of them. */
  readonly total: number
}

export function cutColumns(count: number, rows: number, variant: Variant): Panels {
  const width = Math.min(panelWidth(rows, variant), Math.ceil(count / 4) * 4)
  const full = Math.floor(count / width)
  const edge = count % width
  const edgeWidth = Math.ceil(edge / 4) * 4
  return { width, full, edge, edgeWidth, total: full * width + edgeWidth }
}

/** Runs `body` for each panel: first column (a local or a number), columns in use, columns with padding. */
export function eachPanel(
  f: FunctionBuilder,
  panels: Panels,
  body: (first: Local, columns: number, width: number) => void,
): void {
  f.repeat(panels.full * panels.width, panels.width, (first) => body(first, panels.width, panels.width))
  if (panels.edge > 0) {
    const first = f.local('i32')
    f.i32(panels.full * panels.width).set(first)
    body(first, panels.edge, panels.edgeWidth)
  }
}

export class Tile {
  readonly rows: number
  readonly vectors: number
  readonly #f: FunctionBuilder
  readonly #wide: boolean
  readonly #sums: readonly (readonly Local[])[]
  readonly #b: readonly Local[]
  readonly #a: Local

  /** `wide`: each lane has its own element of A, instead of all the same. */
  constructor(f: FunctionBuilder, rows: number, width: number, wide = false) {
    this.#f = f
    this.#wide = wide
    this.rows = rows
    this.vectors = width / 4
    const vector = () => Array.from({ length: this.vectors }, () => f.local('v128'))
    this.#sums = Array.from({ length: rows }, vector)
    this.#b = vector()
    this.#a = f.local('v128')
  }

  sum(row: number, vector: number): Local {
    return at(at(this.#sums, row), vector)
  }

  clear(): void {
    for (const sums of this.#sums) for (const sum of sums) this.#f.lanes(0).set(sum)
  }

  /** Offsets in bytes. */
  step(a: Local, aOffset: (row: number) => number, b: Local, bOffset: number): void {
    const f = this.#f
    this.#b.forEach((vector, v) =>
      f
        .get(b)
        .memory('v128.load', bOffset + 16 * v)
        .set(vector),
    )
    this.#sums.forEach((sums, row) => {
      if (!this.#wide) {
        emitLoad(f, { pointer: a, offset: aOffset(row), stride: 0 }, 1)
        f.set(this.#a)
      }
      sums.forEach((sum, v) => {
        if (!f.variant.madd) f.get(sum)
        if (this.#wide) emitLoad(f, { pointer: a, offset: aOffset(row) + 16 * v, stride: 1 }, 4)
        else f.get(this.#a)
        f.get(at(this.#b, v))
        if (f.variant.madd) f.get(sum).op('f32x4.relaxed_madd')
        else f.op('f32x4.mul').op('f32x4.add')
        f.set(sum)
      })
    })
  }

  /** `count` steps; both pointers end behind what was read. Strides from step to step in bytes. */
  run(count: number, a: Local, aRow: number, aStride: number, b: Local, bStride: number): void {
    const f = this.#f
    // Longer blocks make V8's code slower, not faster.
    const unroll = count <= 6 ? count : 4
    const step = (i: number) => {
      if (aStride >= 0 && bStride >= 0) this.step(a, (row) => row * aRow + i * aStride, b, i * bStride)
      else {
        this.step(a, (row) => row * aRow, b, 0)
        f.advance(a, aStride).advance(b, bStride)
      }
    }
    const steps = (times: number) => {
      for (let i = 0; i < times; i++) step(i)
      if (aStride >= 0 && bStride >= 0) f.advance(a, times * aStride).advance(b, times * bStride)
    }
    if (count >= unroll && count > 0) f.repeat(Math.floor(count / unroll), 1, () => steps(unroll))
    if (unroll > 0 && count % unroll > 0) steps(count % unroll)
  }

  /** sums += memory, or memory = sums: rows of whole vectors. */
  addFrom(pointer: Local, rowBytes: number): void {
    this.#each((sum, row, v) => {
      this.#f
        .get(sum)
        .get(pointer)
        .memory('v128.load', row * rowBytes + 16 * v)
        .op('f32x4.add')
        .set(sum)
    })
  }

  storeTo(pointer: Local, rowBytes: number): void {
    this.#each((sum, row, v) => {
      this.#f
        .get(pointer)
        .get(sum)
        .memory('v128.store', row * rowBytes + 16 * v)
    })
  }

  #each(body: (sum: Local, row: number, v: number) => void): void {
    this.#sums.forEach((sums, row) => sums.forEach((sum, v) => body(sum, row, v)))
  }
}

/** Where a tile's first result lies in the epilogue's index space. */
export interface TileSpace {
  /** In elements, for each view of the expression: from row to row, and from column to column. */
  readonly rowStrides: readonly number[]
  readonly columnStrides: readonly number[]
  /** Pushes the positions along an axis for (row, column) of the tile, `width` lanes of them. */
  readonly index: (axis: number, row: number, column: number, width: Width) => void
}

/** An epilogue that is applied to tiles while they are in registers. */
export class TileEpilogue {
  readonly #f: FunctionBuilder
  readonly #expression: Expression
  readonly #pair: LinePair
  readonly #lane: Local

  constructor(f: FunctionBuilder, expression: Expression, pointers: readonly Local[]) {
    this.#f = f
    this.#expression = expression
    this.#pair = new LinePair(f, expression, fixedLoads(expression.loads, pointers))
    this.#lane = f.local('v128')
  }

  /** `pointers`: of the expression's views, at the tile's first result; `columns`: how many of the tile's are real. */
  apply(tile: Tile, columns: number, pointers: readonly Local[], space: TileSpace): void {
    const f = this.#f
    const vectors = Math.floor(Math.min(columns / 4, tile.vectors))
    for (let row = 0; row < tile.rows; row++) {
      const spot = (width: Width, result: Local, column: number) =>
        this.#spot(width, result, row, column, pointers, space)
      this.#pair.emitRow(vectors, (v) => spot(4, tile.sum(row, v), 4 * v))
      for (let column = 4 * vectors; column < columns && column < 4 * tile.vectors; column++) {
        const sum = tile.sum(row, vectors)
        const lane = column % 4
        f.get(sum).get(sum).shuffle(lane, lane, lane, lane).set(this.#lane)
        this.#pair.emit([spot(1, this.#lane, column)])
      }
    }
  }

  #spot(
    width: Width,
    result: Local,
    row: number,
    column: number,
    pointers: readonly Local[],
    { rowStrides, columnStrides, index }: TileSpace,
  ): Spot {
    const place = (view: number) => ({
      pointer: at(pointers, view),
      offset: 4 * (row * at(rowStrides, view) + column * at(columnStrides, view)),
      stride: at(columnStrides, view),
    })
    const site: Site = { width, load: place, index: (axis) => index(axis, row, column, width), result }
    return { site, store: (i) => place(this.#expression.loads.length + i) }
  }
}

/** Strides in elements. */
export interface PackSource {
  readonly pointer: Local
  readonly rowStride: number
  readonly columnStride: number
}

/**
 * Copies a matrix of `rows` × what `panels` cut into panels: [panel][row][column of the panel]. Lanes behind the last
 * column hold anything: they only ever meet lanes that are not stored. Where the matrix is only a part of the panels'
 * rows, `panelRows` is their height and `firstRow` where the part goes.
 */
export function emitPack(
  f: FunctionBuilder,
  source: PackSource,
  rows: number,
  panels: Panels,
  target: Local,
  panelRows = rows,
  firstRow?: Local,
): void {
  const [from, to] = [f.local('i32'), f.local('i32')]
  eachPanel(f, panels, (first, columns, width) => {
    f.get(first)
      .i32(4 * source.columnStride)
      .op('i32.mul')
      .get(source.pointer)
      .op('i32.add')
      .set(from)
    f.get(first)
      .i32(4 * panelRows)
      .op('i32.mul')
      .get(target)
      .op('i32.add')
    if (firstRow) f.plusScaled(firstRow, 4 * width)
    f.set(to)
    f.repeat(rows, 1, () => {
      for (let column = 0; column < width; column += 4) {
        f.get(to)
        const place = { pointer: from, offset: 4 * column * source.columnStride, stride: source.columnStride }
        emitLoad(f, place, 4, Math.min(4, columns - column))
        f.memory('v128.store', 4 * column)
      }
      f.advance(from, 4 * source.rowStride).advance(to, 4 * width)
    })
  })
}
