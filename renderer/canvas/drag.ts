import { GRID } from '../../src/document/layout.ts'
import type { BlockId, Position } from '../../src/document/types.ts'

/** Type of what is dragged from the palette. */
export const DRAG_TYPE = 'application/x-neuroloom-block'
/** Type of what is dragged out of a chain, or to another place in it; it holds an `InnerDrag` as JSON. */
export const INNER_TYPE = 'application/x-neuroloom-inner'
export interface InnerDrag {
  readonly composite: BlockId
  /** Place in the chain, from 0. */
  readonly from: number
}
/** What is dragged may come from anywhere; null where it is nothing of ours. */
export function readInnerDrag(text: string): InnerDrag | null {
  try {
    const { composite, from } = JSON.parse(text) as Partial<InnerDrag>
    return typeof composite === 'string' && Number.isInteger(from) ? { composite, from: from as number } : null
  } catch {
    return null
  }
}
export const NODE_WIDTH = 160
/** Of a block that is not measured yet; with its parameters and ports it is often this. */
export const NODE_HEIGHT = 140

export function snapped({ x, y }: Position): Position {
  return { x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID }
}

export { GRID }
