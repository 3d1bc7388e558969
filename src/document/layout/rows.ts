/**
 * A drawing that is far wider than what it is looked at in, folded into rows like the lines of a text, so that it can be read
 * as a whole. It is broken only where one or two wires pass, which then run back between the rows.
 */
import type { BlockId, Position, WireId } from '../types.ts'
import { GRID, type Drawing, type Layout } from '../layout.ts'

export interface View {
  readonly width: number
  readonly height: number
}

/** Blocks can be read down to this zoom. */
const READABLE = 0.6
const MOST_ROWS = 8
/** Wires that may run back between two rows. */
const MOST_WIRES = 2
const ROW_GAP = 72

export function inRows(layout: Layout, drawing: Drawing, view: View): Layout {
  const boxes = drawing.blocks.flatMap((block) => {
    const at = layout.positions.get(block.id)
    return at ? [{ id: block.id, ...at, width: block.width, height: block.height }] : []
  })
  if (boxes.length < 2) return layout
  const left = Math.min(...boxes.map(({ x }) => x))
  const right = Math.max(...boxes.map(({ x, width }) => x + width))
  const top = Math.min(...boxes.map(({ y }) => y))
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - top
  const zoom = (rows: number) =>
    Math.min((view.width * rows) / (right - left), view.height / (rows * (height + ROW_GAP) - ROW_GAP))
  if (zoom(1) >= READABLE) return layout
  let rows = 1
  for (let n = 2; n <= MOST_ROWS; n++) if (zoom(n) > zoom(rows)) rows = n
  if (rows === 1) return layout

  const wires = Object.values(drawing.wires).flatMap(({ from, to }) => {
    const [a, b] = [layout.positions.get(from.block), layout.positions.get(to.block)]
    return a && b ? [{ from: a.x, to: b.x }] : []
  })
  const passing = (x: number) => wires.filter(({ from, to }) => from < x !== to < x).length
  // Where a column ends and no block is cut through.
  const cuts = [...new Set(boxes.map(({ x }) => x))]
    .filter((x) => boxes.every((box) => box.x >= x || box.x + box.width <= x))
    .filter((x) => passing(x) <= MOST_WIRES)
    .sort((a, b) => a - b)
  const ideal = (right - left) / rows
  const starts = [left]
  for (;;) {
    const start = starts.at(-1) as number
    const within = cuts.filter((x) => x > start + ideal / 2 && x <= start + ideal * 1.15)
    const fewest = Math.min(...within.map(passing))
    const next = within.filter((x) => passing(x) === fewest).at(-1)
    if (next === undefined || right - start <= ideal * 1.15) break
    starts.push(next)
  }
  if (starts.length === 1) return layout

  const rowOf = (x: number) => starts.findLastIndex((start) => x >= start)
  const tops: number[] = []
  let down = top
  starts.forEach((_, row) => {
    const own = boxes.filter(({ x }) => rowOf(x) === row)
    const first = Math.min(...own.map(({ y }) => y))
    tops.push(down - first)
    const last = Math.max(...own.map((box) => box.y + box.height))
    down = Math.ceil((down + last - first + ROW_GAP) / GRID) * GRID
  })
  const moved = ({ x, y }: Position, row: number): Position => ({
    x: x - (starts[row] as number) + left,
    y: y + (tops[row] as number),
  })
  const positions = new Map<BlockId, Position>(boxes.map(({ id, x, y }) => [id, moved({ x, y }, rowOf(x))]))
  const routes = new Map<WireId, readonly Position[]>()
  for (const [id, points] of layout.routes) {
    const ends = drawing.wires[id]
    const [a, b] = [ends?.from.block, ends?.to.block].map((block) => layout.positions.get(block ?? ''))
    // A wire that runs back finds its own way between the rows.
    if (!a || !b || rowOf(a.x) !== rowOf(b.x)) continue
    routes.set(
      id,
      points.map((point) => moved(point, rowOf(a.x))),
    )
  }
  return { positions, routes }
}
