import type { Position } from '../../src/document/types.ts'

/** Places on a wire. The canvas library draws a cubic whose inner points lie half the way out, level with the ends. */
export interface Ends {
  readonly sourceX: number
  readonly sourceY: number
  readonly targetX: number
  readonly targetY: number
}

const GAP = 10

/**
 * The middle of a label of this width: close behind the port that the wire comes from, where nothing but the wire is, or
 * in the middle where there is only just room. Null where it would lie on a block.
 */
export function labelPlace(ends: Ends, width: number): { x: number; y: number } | null {
  const room = ends.targetX - ends.sourceX
  if (room < width + 12) return null
  const x = Math.min(ends.sourceX + GAP + width / 2, ends.sourceX + room / 2)
  return { x, y: heightAt(ends, x) }
}

/** Where the wire is at `x`; for wires that go from left to right. */
function heightAt({ sourceX, sourceY, targetX, targetY }: Ends, x: number): number {
  const middle = (sourceX + targetX) / 2
  const cubic = (a: number, b: number, c: number, d: number, t: number) =>
    a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t ** 2 * (1 - t) + d * t ** 3
  let low = 0
  let high = 1
  for (let i = 0; i < 20; i++) {
    const t = (low + high) / 2
    if (cubic(sourceX, middle, middle, targetX, t) < x) low = t
    else high = t
  }
  return cubic(sourceY, sourceY, targetY, targetY, low)
}

/** The path of a wire that is led through points: level at each, like a wire between two blocks. */
export function wayThrough(ends: Ends, via: readonly Position[]): string {
  const points = [{ x: ends.sourceX, y: ends.sourceY }, ...via, { x: ends.targetX, y: ends.targetY }]
  return points
    .map(({ x, y }, i) => {
      const before = points[i - 1]
      if (!before) return `M${x},${y}`
      // Backwards it swings out a little, so that it is seen to turn.
      const bend = x >= before.x ? (x - before.x) / 2 : Math.min(60, (before.x - x) / 2)
      return `C${before.x + bend},${before.y} ${x - bend},${y} ${x},${y}`
    })
    .join(' ')
}

/** The middle of the longest part of a way. */
export function middleOf(way: readonly Position[]): Position {
  let best = { x: 0, y: 0, length: -1 }
  way.slice(1).forEach((to, i) => {
    const from = way[i] ?? to
    const length = Math.hypot(to.x - from.x, to.y - from.y)
    if (length > best.length) best = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, length }
  })
  return { x: best.x, y: best.y }
}
