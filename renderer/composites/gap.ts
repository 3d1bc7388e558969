/** Between which blocks of a chain something would be dropped. */
import type { BlockId } from '../../src/document/types.ts'

export interface Gap {
  readonly composite: BlockId
  /** Before the block at this place, from 0. */
  readonly at: number
}

export function gapIn(list: Element, y: number): number {
  const rows = [...list.querySelectorAll('li.block')]
  const at = rows.findIndex((row) => {
    const box = row.getBoundingClientRect()
    return y < box.top + box.height / 2
  })
  return at < 0 ? rows.length : at
}

/** The chain under a point of the window, other than in the block that is dragged there. */
export function gapAt(x: number, y: number, dragged: BlockId): Gap | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const node = element.closest('.svelte-flow__node')
    const composite = node?.getAttribute('data-id')
    if (!node || composite === dragged) continue
    const list = node.querySelector('ol.chain[data-takes]')
    return list && composite ? { composite, at: gapIn(list, y) } : null
  }
  return null
}
