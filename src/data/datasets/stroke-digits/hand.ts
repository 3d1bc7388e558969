/** A hand that draws: lines, curves and arcs near the points that it is told, never twice the same. */
import type { Rng } from '../../../base/rng.ts'

export type Point = readonly [x: number, y: number]
/** Points close enough together to be joined by straight lines. */
export type Stroke = readonly Point[]

/** Segments between two given points of a curve. */
const STEPS = 7

/** Standard deviation of the points of a hand as people have it. */
export const TREMBLE = 0.028

/** A hand that trembles: passes near the points it is given. */
export class Hand {
  readonly rng: Rng
  readonly #tremble: number

  constructor(rng: Rng, tremble: number) {
    this.rng = rng
    this.#tremble = tremble
  }

  chance(share: number): boolean {
    return this.rng.uniform() < share
  }

  near([x, y]: Point): Point {
    return [x + this.rng.normal(0, this.#tremble), y + this.rng.normal(0, this.#tremble)]
  }

  /** A smooth curve near the points. */
  curve(...points: Point[]): Stroke {
    return smooth(points.map((point) => this.near(point)))
  }

  /** Straight lines near the points, with corners. */
  lines(...points: Point[]): Stroke {
    return points.map((point) => this.near(point))
  }

  /** Part of an ellipse, angles in degrees from the right, growing clockwise as y points down. */
  arc([x, y]: Point, [width, height]: Point, from: number, to: number): Stroke {
    const steps = Math.max(2, Math.ceil(Math.abs(to - from) / 60))
    const points = Array.from({ length: steps + 1 }, (_, i): Point => {
      const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180
      return [x + width * Math.cos(angle), y + height * Math.sin(angle)]
    })
    return this.curve(...points)
  }
}

/** Catmull and Rom's spline (1974): a cubic Bézier between each two points, tangent to the line through the neighbours. */
function smooth(points: readonly Point[]): Stroke {
  const at = (i: number) => points[Math.max(0, Math.min(points.length - 1, i))] as Point
  const out: Point[] = [at(0)]
  for (let i = 0; i + 1 < points.length; i++) {
    const [p, q, r, s] = [at(i - 1), at(i), at(i + 1), at(i + 2)]
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS
      const blend = (k: 0 | 1) =>
        q[k] +
        0.5 * t * (r[k] - p[k] + t * (2 * p[k] - 5 * q[k] + 4 * r[k] - s[k] + t * (3 * (q[k] - r[k]) + s[k] - p[k])))
      out.push([blend(0), blend(1)])
    }
  }
  return out
}

/** One stroke that goes on where the other ended. */
export function join(first: Stroke, ...others: readonly Stroke[]): Stroke {
  return others.reduce<Stroke>((stroke, other) => [...stroke, ...other.slice(1)], first)
}

/** The same, with the curve's first point put exactly where the line ended, so that no gap opens. */
export function turn(first: Stroke, next: Stroke): Stroke {
  return [...first, ...next]
}
