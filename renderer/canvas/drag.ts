import type { Position } from '../../src/document/types.ts'

/** Type of what is dragged from the palette. */
export const DRAG_TYPE = 'application/x-neuroloom-block'
/** Blocks lie on multiples of this. */
export const GRID = 8
export const NODE_WIDTH = 160

export function snapped({ x, y }: Position): Position {
  return { x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID }
}
