/** From a digit in its box to pen strokes on the picture: handwriting as a whole rather than its single points. */
import type { Rng } from '../../../base/rng.ts'
import { SIZE, type Pen } from './draw.ts'
import type { Point, Stroke } from './hand.ts'

/** Paper that stays empty around the ink, in pixels. */
const MARGIN = 1.2

/** `turned` is how far the whole is turned besides, in radians; upright figures slant as handwriting does. */
export function distort(strokes: readonly Stroke[], rng: Rng, variety: number, turned?: number): Pen {
  const vary = (deviation: number) => deviation * variety * Math.max(-2.2, Math.min(2.2, rng.normal()))
  const slant = turned === undefined ? 0.1 + vary(0.17) : 0
  const turn = (turned ?? 0) + vary(0.11)
  const width = 0.92 * Math.exp(vary(0.13))
  const height = SIZE * 0.68 * Math.exp(vary(0.1))
  const wave = { size: vary(0.028), phase: rng.uniform(0, 2 * Math.PI), pitch: rng.uniform(3, 7) }
  const swell = { size: vary(0.028), phase: rng.uniform(0, 2 * Math.PI), pitch: rng.uniform(3, 7) }
  const radius = Math.max(0.6, 1.2 * Math.exp(vary(0.3)))
  const ink = Math.max(150, 245 - Math.abs(vary(25)))

  const cos = Math.cos(turn)
  const sin = Math.sin(turn)
  const moved = strokes.map((stroke) =>
    stroke.map(([x, y]): Point => {
      // Slow waves across the paper bend neighbouring strokes alike, as a hand does.
      const u = (x - 0.5 + wave.size * Math.sin(wave.pitch * y + wave.phase)) * width + slant * (0.5 - y)
      const v = y - 0.5 + swell.size * Math.sin(swell.pitch * x + swell.phase)
      return [(cos * u - sin * v) * height, (sin * u + cos * v) * height]
    }),
  )
  return { strokes: place(moved, radius, vary(1.3), vary(1.3)), radius, ink }
}

/** Puts the strokes around the picture's middle, off by (dx, dy), and keeps them on the paper, shrunk if need be. */
function place(strokes: readonly Stroke[], radius: number, dx: number, dy: number): Stroke[] {
  let left = Infinity
  let right = -Infinity
  let top = Infinity
  let bottom = -Infinity
  for (const stroke of strokes) {
    for (const [x, y] of stroke) {
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  const room = SIZE - 2 * (radius + MARGIN)
  const scale = Math.min(1, room / (right - left), room / (bottom - top))
  const fit = (middle: number, extent: number, shift: number) => {
    const free = (room - extent * scale) / 2
    return SIZE / 2 + Math.max(-free, Math.min(free, shift)) - middle * scale
  }
  const x0 = fit((left + right) / 2, right - left, dx)
  const y0 = fit((top + bottom) / 2, bottom - top, dy)
  return strokes.map((stroke) => stroke.map(([x, y]): Point => [x * scale + x0, y * scale + y0]))
}
