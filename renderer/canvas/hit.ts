/** What lies under points of the window. */
import type { BlockId, Position, WireId } from '../../src/document/types.ts'
import type { Box } from './detail.svelte.ts'
import type { Side } from './wiring.svelte.ts'

export interface PortAt {
  readonly block: BlockId
  readonly port: string
  readonly side: Side
}

/** The wire at a point; its target is wider than what is seen of it. */
export function wireAt(x: number, y: number): WireId | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const id = element.closest('.svelte-flow__edge')?.getAttribute('data-id')
    if (id) return id
  }
  return null
}

/**
 * Which of these wires is under a block that lies at this box of the drawing: at the height of its head, in its middle or near
 * its sides. Their lines are asked, for the browser would look for what lies there in all that it draws.
 */
export function wireUnder(box: Box, among: readonly WireId[]): WireId | null {
  const lines = among.flatMap((id) => {
    const line = document.getElementById(id)
    if (!line?.classList.contains('svelte-flow__edge-path')) return []
    // What can be clicked is wider than what is seen.
    const wide = line.nextElementSibling
    return [
      { id, line: (wide?.classList.contains('svelte-flow__edge-interaction') ? wide : line) as SVGGeometryElement },
    ]
  })
  const heights = [box.y + Math.min(22, box.height / 2), box.y + box.height / 2]
  for (const y of heights)
    for (const share of [0.5, 0.25, 0.75, 0.05, 0.95]) {
      const point = new DOMPoint(box.x + box.width * share, y)
      const found = lines.find(({ line }) => line.isPointInStroke(point))
      if (found) return found.id
    }
  return null
}

export function portOf(element: Element | null): PortAt | null {
  const handle = element?.closest('.svelte-flow__handle')
  const block = handle?.getAttribute('data-nodeid')
  const port = handle?.getAttribute('data-handleid')
  if (!handle || !block || !port) return null
  return { block, port, side: handle.classList.contains('source') ? 'out' : 'in' }
}

/** Within so many pixels of a port one means it. */
const REACH = 28

/** The nearest port that `takes` accepts. */
export function portNear(root: Element, x: number, y: number, takes: (port: PortAt) => boolean): PortAt | null {
  let best: { readonly port: PortAt; readonly away: number } | null = null
  for (const handle of root.querySelectorAll('.svelte-flow__handle')) {
    const box = handle.getBoundingClientRect()
    const away = Math.hypot(box.left + box.width / 2 - x, box.top + box.height / 2 - y)
    if (away > REACH || (best && best.away <= away)) continue
    const port = portOf(handle)
    if (port && takes(port)) best = { port, away }
  }
  return best?.port ?? null
}

/** Where a port is in the window. */
export function placeOfPort(root: Element, { block, port, side }: PortAt): Position | null {
  for (const handle of root.querySelectorAll(`.svelte-flow__handle.${side === 'out' ? 'source' : 'target'}`)) {
    if (handle.getAttribute('data-nodeid') !== block || handle.getAttribute('data-handleid') !== port) continue
    const box = handle.getBoundingClientRect()
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 }
  }
  return null
}

/** Wires that a drawn line crosses, each with where it is first met. */
export function crossed(line: readonly Position[]): ReadonlyMap<WireId, Position> {
  const met = new Map<WireId, Position>()
  line.forEach((point, i) => {
    const before = line[i - 1] ?? point
    const steps = Math.max(1, Math.ceil(Math.hypot(point.x - before.x, point.y - before.y) / 4))
    for (let step = 1; step <= steps; step++) {
      const at = {
        x: before.x + ((point.x - before.x) * step) / steps,
        y: before.y + ((point.y - before.y) * step) / steps,
      }
      const wire = wireAt(at.x, at.y)
      if (wire !== null && !met.has(wire)) met.set(wire, at)
    }
  })
  return met
}
