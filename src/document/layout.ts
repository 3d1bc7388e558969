/**
 * Where blocks lie when a drawing is tidied: in layers from left to right, after Sugiyama, Tagawa and Toda (1981). Cycles
 * are opened, layers chosen and heights found as Gansner et al. (1993) do it, crossings reduced by barycentres that know the
 * ports (Schulze et al. 2014); each step's file says more. The result depends
 * on the blocks' sizes, ports and wires only, so tidying twice changes nothing more.
 */
import { at } from '../base/assert.ts'
import { heightsOf } from './layout/heights.ts'
import { acyclic, layered, type Layered, type Link } from './layout/layers.ts'
import { ordered } from './layout/order.ts'
import type { BlockId, Position, Wire, WireId } from './types.ts'

/** Blocks lie on multiples of this. */
export const GRID = 8

export interface Box extends Position {
  readonly id: string
  readonly width: number
  readonly height: number
}

export interface DrawnBlock extends Box {
  readonly id: BlockId
  /** From the block's upper edge down to the middle of each port. A port that is not named counts as at half its height. */
  readonly inputs: { readonly [port: string]: number }
  readonly outputs: { readonly [port: string]: number }
}

export interface Drawing {
  readonly blocks: readonly DrawnBlock[]
  readonly wires: { readonly [id: WireId]: Wire }
}

export interface LayoutOptions {
  /** Blocks that stay where they are; the others are laid out about where they lie together. */
  readonly fixed?: ReadonlySet<BlockId>
  /** Between neighbouring columns, between the blocks of one, and between parts that no wire joins; multiples of GRID. */
  readonly columnGap?: number
  readonly rowGap?: number
  readonly partGap?: number
}

export interface Layout {
  /** Upper left corners of the blocks that are not fixed, on multiples of GRID. */
  readonly positions: Map<BlockId, Position>
  /** Points that lead a wire past the blocks between its ends. Wires that need none are left out. */
  readonly routes: Map<WireId, readonly Position[]>
}

export const GAPS = { columnGap: 88, rowGap: 40, partGap: 64 } as const

/** Height, in units of GRID, of the lane that is kept free where a wire passes blocks. */
const LANE = 2

export function layOut(drawing: Drawing, options: LayoutOptions = {}): Map<BlockId, Position> {
  return layoutOf(drawing, options).positions
}

export function layoutOf(drawing: Drawing, options: LayoutOptions = {}): Layout {
  const fixed = drawing.blocks.filter(({ id }) => options.fixed?.has(id))
  const blocks = drawing.blocks.filter(({ id }) => !options.fixed?.has(id))
  const positions = new Map<BlockId, Position>()
  const routes = new Map<WireId, readonly Position[]>()
  if (blocks.length === 0) return { positions, routes }
  const gaps = { ...GAPS, ...options }
  const parts = partsOf(blocks, drawing.wires).map((part) => laidPart(part, gaps))
  const corners = stacked(parts, gaps)
  // The upper left corner of the whole stays. A wire may run above all blocks, or a column begin before them.
  const laid = parts.flatMap(({ places }, i) => [...places.values()].map((place) => sum(place, at(corners, i))))
  const least = (all: readonly Position[], axis: 'x' | 'y') => all.reduce((a, one) => Math.min(a, one[axis]), Infinity)
  const shift = { x: snap(least(blocks, 'x')) - least(laid, 'x'), y: snap(least(blocks, 'y')) - least(laid, 'y') }
  const moved = (part: number) => sum(at(corners, part), shift)
  parts.forEach(({ places }, i) => {
    for (const [id, place] of places) positions.set(id, sum(place, moved(i)))
  })
  const boxes = blocks.map((block) => ({ ...block, ...(positions.get(block.id) as Position) }))
  const free = clear(boxes, fixed)
  for (const [id, place] of positions) positions.set(id, sum(place, free))
  parts.forEach(({ ways }, i) => {
    for (const [id, points] of ways)
      routes.set(
        id,
        points.map((point) => sum(sum(point, moved(i)), free)),
      )
  })
  return { positions, routes }
}

interface Part {
  readonly blocks: readonly DrawnBlock[]
  /** From and to are places in `blocks`. */
  readonly links: readonly (Link & { readonly wire: WireId })[]
}

/** Blocks that wires join, directly or through others, in the order of the drawing. */
function partsOf(blocks: readonly DrawnBlock[], wires: Drawing['wires']): Part[] {
  const number = new Map(blocks.map(({ id }, i) => [id, i]))
  const links = Object.entries(wires).flatMap(([wire, { from, to }]) => {
    const [tail, head] = [number.get(from.block), number.get(to.block)]
    if (tail === undefined || head === undefined || tail === head) return []
    const [source, target] = [at(blocks, tail), at(blocks, head)]
    const fromHeight = (source.outputs[from.port] ?? source.height / 2) / GRID
    const toHeight = (target.inputs[to.port] ?? target.height / 2) / GRID
    return [{ from: tail, to: head, fromHeight, toHeight, wire }]
  })
  const part = blocks.map((_, i) => i)
  const first = (block: number): number => {
    let root = block
    while (part[root] !== root) root = at(part, root)
    for (let one = block; one !== root;) [one, part[one]] = [at(part, one), root]
    return root
  }
  for (const { from, to } of links) {
    const [a, b] = [first(from), first(to)]
    part[Math.max(a, b)] = Math.min(a, b)
  }
  const found = new Map<number, { blocks: DrawnBlock[]; links: (Link & { wire: WireId })[] }>()
  const place = blocks.map((block, i) => {
    const root = first(i)
    let one = found.get(root)
    if (!one) found.set(root, (one = { blocks: [], links: [] }))
    return one.blocks.push(block) - 1
  })
  for (const link of links)
    found.get(first(link.from))?.links.push({ ...link, from: at(place, link.from), to: at(place, link.to) })
  return [...found.values()]
}

interface Laid {
  readonly places: ReadonlyMap<BlockId, Position>
  readonly ways: ReadonlyMap<WireId, readonly Position[]>
  readonly width: number
  readonly height: number
}

type Gaps = { readonly [gap in keyof typeof GAPS]: number }

/** One part, its upper left corner at the origin. */
function laidPart({ blocks, links }: Part, gaps: Gaps): Laid {
  const heights = blocks.map(({ height }) => Math.ceil(height / GRID))
  const forth = acyclic(blocks.length, links)
  const graph = layered(heights, forth, LANE)
  const order = ordered(graph)
  const found = heightsOf(graph, order, gaps.rowGap / GRID)
  const top = found.reduce((a, b) => Math.min(a, b), Infinity)
  const y = Array.from(found, (height) => (height - top) * GRID)
  const columns = columnsOf(graph, blocks, gaps.columnGap)
  const places = new Map<BlockId, Position>()
  let height = 0
  graph.cells.forEach((cell, i) => {
    height = Math.max(height, at(y, i) + cell.height * GRID)
    const block = blocks[cell.block]
    if (!block) return
    const { x, width } = at(columns, cell.layer)
    // Blocks of different width lie about one middle.
    places.set(block.id, { x: x + Math.floor((width - block.width) / 2 / GRID) * GRID, y: at(y, i) })
  })
  const ways = new Map<WireId, readonly Position[]>()
  links.forEach((link, i) => {
    const points = at(graph.lanes, i).flatMap((cell) => {
      const { x, width } = at(columns, at(graph.cells, cell).layer)
      const height = at(y, cell) + (LANE * GRID) / 2
      return [
        { x, y: height },
        { x: x + width, y: height },
      ]
    })
    if (points.length === 0) return
    const ends = at(forth, i)
    const start = at(y, ends.from) + ends.fromHeight * GRID
    const end = at(y, ends.to) + ends.toHeight * GRID
    const way = bends(points, start, end)
    // A document keeps no more points than that.
    if (way.length > 0 && way.length <= 100) ways.set(link.wire, ends.from === link.from ? way : way.reverse())
  })
  const last = columns.at(-1)
  return { places, ways, width: last ? last.x + last.width : 0, height }
}

function columnsOf({ cells, layers }: Layered, blocks: readonly DrawnBlock[], gap: number) {
  const widths = new Float64Array(layers)
  for (const { layer, block } of cells) {
    const width = Math.ceil((blocks[block]?.width ?? 0) / GRID) * GRID
    widths[layer] = Math.max(at(widths, layer), width)
  }
  let x = 0
  return Array.from(widths, (width) => {
    const column = { x, width }
    x += width + gap
    return column
  })
}

/** The points at which a wire turns, of those that it runs through; none where it runs straight from end to end. */
function bends(points: readonly Position[], start: number, end: number): Position[] {
  const level = (a: number, b: number) => Math.abs(a - b) < GRID
  if (points.every(({ y }) => level(y, start) && level(y, end))) return []
  return points.filter(({ y }, i) => {
    const before = points[i - 1]?.y ?? start
    const after = points[i + 1]?.y ?? end
    return !level(before, y) || !level(y, after)
  })
}

/** Corners of the parts: one below the other, those of one block side by side at the end. */
function stacked(parts: readonly Laid[], gaps: Gaps): Position[] {
  const corners: Position[] = []
  const single = parts.map(({ places }) => places.size === 1)
  const width = Math.max(...parts.map((part) => part.width), ROW)
  let y = 0
  parts.forEach((part, i) => {
    if (single[i]) return
    corners[i] = { x: 0, y }
    y += part.height + gaps.partGap
  })
  let [x, tallest] = [0, 0]
  parts.forEach((part, i) => {
    if (!single[i]) return
    if (x > 0 && x + part.width > width) {
      y += tallest + gaps.rowGap
      x = tallest = 0
    }
    corners[i] = { x, y }
    x += part.width + gaps.columnGap
    tallest = Math.max(tallest, part.height)
  })
  return corners
}

/** Blocks without wires fill rows of this width, where nothing else is wider. */
const ROW = 1000

/** The shortest way in one direction on which the boxes get off all others. */
function clear(boxes: readonly Box[], others: readonly Box[]): Position {
  const ways = [
    { x: 0, y: 1 },
    { x: 1, y: 0 },
    { x: -1, y: 0 },
    { x: 0, y: -1 },
  ].map((direction) => {
    const way = wayOff(boxes, others, direction)
    return { x: direction.x * way, y: direction.y * way }
  })
  const length = ({ x, y }: Position) => Math.abs(x + y)
  return ways.reduce((a, b) => (length(b) < length(a) ? b : a))
}

function wayOff(boxes: readonly Box[], others: readonly Box[], { x, y }: Position): number {
  let way = 0
  for (let before = -1; way > before;) {
    before = way
    for (const box of boxes)
      for (const other of others) {
        const right = other.x + other.width - box.x - x * way
        const left = box.x + x * way + box.width - other.x
        const down = other.y + other.height - box.y - y * way
        const up = box.y + y * way + box.height - other.y
        if (Math.min(right, left, down, up) <= 0) continue
        const more = x > 0 ? right : x < 0 ? left : y > 0 ? down : up
        way = Math.ceil((way + more) / GRID) * GRID
      }
  }
  return way
}

const snap = (value: number) => Math.round(value / GRID) * GRID

const sum = (a: Position, b: Position): Position => ({ x: a.x + b.x, y: a.y + b.y })
