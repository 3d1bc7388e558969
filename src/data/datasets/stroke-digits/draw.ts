/** A round pen on grey paper. */
import type { Stroke } from './hand.ts'

export const SIZE = 28
export const PIXELS = SIZE * SIZE

export interface Pen {
  /** In pixels; (0, 0) is the upper left corner of the upper left pixel. */
  readonly strokes: readonly Stroke[]
  /** Half the pen's thickness, in pixels. */
  readonly radius: number
  /** Grey of the ink, 0 … 255. */
  readonly ink: number
}

/** How far ink fades at the edge, in pixels: a pixel's own width and a little, as scanned paper has. */
const FADE = 1.3

/** Draws into `pixels`, which are 0 before. A pixel is as dark as the nearest point of any stroke makes it. */
export function drawStrokes({ strokes, radius, ink }: Pen, pixels: Uint8Array): void {
  const reach = radius + FADE / 2
  for (const stroke of strokes) {
    for (let i = 0; i + 1 < stroke.length; i++) {
      const [ax, ay] = stroke[i] as readonly [number, number]
      const [bx, by] = stroke[i + 1] as readonly [number, number]
      const dx = bx - ax
      const dy = by - ay
      const length = dx * dx + dy * dy
      const firstRow = Math.max(0, Math.floor(Math.min(ay, by) - reach))
      const lastRow = Math.min(SIZE - 1, Math.ceil(Math.max(ay, by) + reach))
      const firstColumn = Math.max(0, Math.floor(Math.min(ax, bx) - reach))
      const lastColumn = Math.min(SIZE - 1, Math.ceil(Math.max(ax, bx) + reach))
      for (let row = firstRow; row <= lastRow; row++) {
        for (let column = firstColumn; column <= lastColumn; column++) {
          const px = column + 0.5 - ax
          const py = row + 0.5 - ay
          const along = length > 0 ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0
          const ex = px - along * dx
          const ey = py - along * dy
          const cover = (reach - Math.sqrt(ex * ex + ey * ey)) / FADE
          if (cover <= 0) continue
          const grey = Math.round(ink * Math.min(1, cover))
          const index = row * SIZE + column
          if (grey > (pixels[index] as number)) pixels[index] = grey
        }
      }
    }
  }
}
