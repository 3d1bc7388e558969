/**
 * Where boxes go when they are aligned, distributed, snapped or moved aside: arithmetic on boxes. Positions are returned as
 * the edit `moveBlocks` takes them, and only of what has to move.
 */
import { GAPS, GRID, type Box } from '../../src/document/layout.ts'
import type { BlockId, Position } from '../../src/document/types.ts'

export type { Box }
export type Positions = { readonly [id: BlockId]: Position }
export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom'
export type Axis = 'x' | 'y'

/** A line to draw at `at` on its axis (`x`: an upright one), from `from` to `to` on the other. */
export interface Line {
  readonly axis: Axis
  readonly at: number
  readonly from: number
  readonly to: number
}

/** One of several equal distances, from `from` to `to` along its axis, to be drawn at `at` on the other. */
export type Gap = Line

export interface Guides {
  /** To be added to the places of what is moved. */
  readonly dx: number
  readonly dy: number
  readonly lines: readonly Line[]
  readonly gaps: readonly Gap[]
}

const sizes = { x: 'width', y: 'height' } as const
const across = { x: 'y', y: 'x' } as const

const start = (box: Box, axis: Axis) => box[axis]
const end = (box: Box, axis: Axis) => box[axis] + box[sizes[axis]]
const centre = (box: Box, axis: Axis) => box[axis] + box[sizes[axis]] / 2

/** The smallest box around all. */
export function around(boxes: readonly Box[]): Box {
  const side = (axis: Axis, of: (box: Box, axis: Axis) => number) => boxes.map((box) => of(box, axis))
  const [x, y] = [Math.min(...side('x', start)), Math.min(...side('y', start))]
  return { id: '', x, y, width: Math.max(...side('x', end)) - x, height: Math.max(...side('y', end)) - y }
}

/** Edges to the outermost edge, centres to the middle of what all take up together; centres on whole numbers. */
export function align(boxes: readonly Box[], how: Alignment): Positions {
  if (boxes.length < 2) return {}
  const all = around(boxes)
  const places: { readonly [how in Alignment]: (box: Box) => Position } = {
    left: ({ y }) => ({ x: all.x, y }),
    centre: ({ width, y }) => ({ x: Math.round(centre(all, 'x') - width / 2), y }),
    right: ({ width, y }) => ({ x: end(all, 'x') - width, y }),
    top: ({ x }) => ({ x, y: all.y }),
    middle: ({ height, x }) => ({ x, y: Math.round(centre(all, 'y') - height / 2) }),
    bottom: ({ height, x }) => ({ x, y: end(all, 'y') - height }),
  }
  return moved(boxes, places[how])
}

/** Equal gaps between neighbours, on whole numbers; the first and the last box stay. Boxes without room overlap equally. */
export function distribute(boxes: readonly Box[], direction: 'horizontal' | 'vertical'): Positions {
  if (boxes.length < 3) return {}
  const axis = direction === 'horizontal' ? 'x' : 'y'
  const sorted = [...boxes].sort((a, b) => centre(a, axis) - centre(b, axis))
  const [first, last] = [sorted[0] as Box, sorted.at(-1) as Box]
  const filled = sorted.reduce((sum, box) => sum + box[sizes[axis]], 0)
  const gap = (end(last, axis) - start(first, axis) - filled) / (sorted.length - 1)
  const places = new Map<BlockId, number>()
  let place = start(first, axis)
  for (const box of sorted) {
    places.set(box.id, place)
    place += box[sizes[axis]] + gap
  }
  const inner = sorted.filter((box) => box !== first && box !== last)
  return moved(inner, (box) => ({ x: box.x, y: box.y, [axis]: Math.round(places.get(box.id) ?? box[axis]) }))
}

function moved(boxes: readonly Box[], place: (box: Box) => Position): Positions {
  const positions: { [id: BlockId]: Position } = {}
  for (const box of boxes) {
    const { x, y } = place(box)
    if (x !== box.x || y !== box.y) positions[box.id] = { x, y }
  }
  return positions
}

/**
 * What boxes snap to while they are moved together, within `tolerance` on each axis: edges and centres of others, and the
 * places where distances to the neighbours are equal. The nearest wins, an edge before a distance.
 */
export function guides(moving: readonly Box[], others: readonly Box[], tolerance: number): Guides {
  if (moving.length === 0) return { dx: 0, dy: 0, lines: [], gaps: [] }
  const box = around(moving)
  const rows = { x: row(box, others, 'x'), y: row(box, others, 'y') }
  const by = { x: offset(box, others, rows.x, tolerance, 'x'), y: offset(box, others, rows.y, tolerance, 'y') }
  const there = { ...box, x: box.x + (by.x ?? 0), y: box.y + (by.y ?? 0) }
  const snapped = (['x', 'y'] as const).filter((axis) => by[axis] !== null)
  return {
    dx: by.x ?? 0,
    dy: by.y ?? 0,
    lines: snapped.flatMap((axis) => linesAt(there, others, axis)),
    gaps: snapped.flatMap((axis) => gapsAt(there, rows[axis], axis)),
  }
}

/** Null where nothing is near. */
function offset(box: Box, others: readonly Box[], row: Row, tolerance: number, axis: Axis): number | null {
  let best: number | null = null
  const offer = (by: number) => {
    if (Math.abs(by) <= tolerance && (best === null || Math.abs(by) < Math.abs(best))) best = by
  }
  const [low, middle, high] = [start(box, axis), centre(box, axis), end(box, axis)]
  for (const other of others) {
    const [from, to] = [start(other, axis), end(other, axis)]
    offer(from - low)
    offer(to - high)
    offer(centre(other, axis) - middle)
    offer(to - low)
    offer(from - high)
  }
  const { before, after, steps } = row
  const room = before && after && start(after, axis) - end(before, axis) - box[sizes[axis]]
  if (room !== undefined && room > 0) offer((end(before as Box, axis) + start(after as Box, axis)) / 2 - middle)
  for (const { one, next } of steps) {
    const distance = start(next, axis) - end(one, axis)
    if (before) offer(end(before, axis) + distance - low)
    if (after) offer(start(after, axis) - distance - high)
  }
  return best
}

/** Two that follow each other with a distance between them. */
interface Step {
  readonly one: Box
  readonly next: Box
}

/** What lies beside a box: the nearest ones on both sides, and the steps on each side. */
interface Row {
  readonly before: Box | undefined
  readonly after: Box | undefined
  readonly steps: readonly Step[]
}

function row(box: Box, others: readonly Box[], axis: Axis): Row {
  const other = across[axis]
  const beside = others
    .filter((one) => start(one, other) < end(box, other) && start(box, other) < end(one, other))
    .sort((a, b) => start(a, axis) - start(b, axis))
  const middle = centre(box, axis)
  const steps: Step[] = []
  const farthest = (boxes: readonly Box[]) =>
    boxes.reduce<Box | undefined>((one, next) => {
      if (one && start(next, axis) > end(one, axis)) steps.push({ one, next })
      return one && end(one, axis) > end(next, axis) ? one : next
    }, undefined)
  const before = farthest(beside.filter((one) => centre(one, axis) < middle))
  const following = beside.filter((one) => centre(one, axis) > middle)
  farthest(following)
  return { before, after: following[0], steps }
}

// What is less than this off counts as level.
const LEVEL = 0.01

function linesAt(box: Box, others: readonly Box[], axis: Axis): Line[] {
  const other = across[axis]
  const lines: Line[] = []
  const edges = [start(box, axis), end(box, axis)]
  const line = (at: number, fits: (one: Box) => boolean) => {
    const level = others.filter(fits)
    if (level.length === 0) return
    const all = around([box, ...level])
    lines.push({ axis, at, from: start(all, other), to: end(all, other) })
  }
  const near = (a: number, b: number) => Math.abs(a - b) < LEVEL
  for (const at of edges) line(at, (one) => near(start(one, axis), at) || near(end(one, axis), at))
  const middle = centre(box, axis)
  line(middle, (one) => near(centre(one, axis), middle))
  return lines
}

/** The distance to a neighbour and all that equal it in the row, where at least two do. */
function gapsAt(box: Box, { before, after, steps }: Row, axis: Axis): Gap[] {
  const other = across[axis]
  const distance = ({ one, next }: Step) => start(next, axis) - end(one, axis)
  const own = [...(before ? [{ one: before, next: box }] : []), ...(after ? [{ one: box, next: after }] : [])].filter(
    (step) => distance(step) > 0,
  )
  const all = [...own, ...steps].sort((a, b) => end(a.one, axis) - end(b.one, axis))
  return all.flatMap((step) => {
    const equal = (a: Step) => Math.abs(distance(a) - distance(step)) < LEVEL
    if (!own.some(equal) || all.filter(equal).length < 2) return []
    const { one, next } = step
    const low = Math.max(start(one, other), start(next, other))
    const high = Math.min(end(one, other), end(next, other))
    const at = low < high ? (low + high) / 2 : centre(box, other)
    return [{ axis, at, from: end(one, axis), to: start(next, axis) }]
  })
}

/**
 * Room for a box that is put between others, `gap` to both sides: all that lies to the right of its middle moves right by
 * what is missing, and nothing else does. Where it lies on something to its left, the box itself moves to where that ends
 * (its id is among the positions then). Moving everything on the right keeps columns, and makes no two blocks overlap.
 */
export function room(box: Box, others: readonly Box[], gap: number = GAPS.columnGap): Positions {
  const middle = centre(box, 'x')
  const beside = others.filter((one) => one.y < end(box, 'y') && box.y < end(one, 'y'))
  const right = (one: Box) => centre(one, 'x') > middle
  const left = beside.filter((one) => !right(one)).map((one) => end(one, 'x') + gap)
  const x = left.some((one) => one > box.x) ? whole(Math.max(...left)) : box.x
  const missing = whole(Math.max(0, ...beside.filter(right).map((one) => x + box.width + gap - one.x)))
  return moved([box, ...others], (one) => {
    if (one === box) return { x, y: box.y }
    return { x: right(one) ? one.x + missing : one.x, y: one.y }
  })
}

const whole = (value: number) => Math.ceil(value / GRID) * GRID
