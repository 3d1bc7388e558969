/**
 * Wires whose ends are taken elsewhere by their port: from an input that is taken by dragging it, from any port all of its
 * wires by dragging it with Mod. Let go over nothing, the wire of an input is gone; all wires of a port stay.
 */
import type { GraphEdit } from '../../src/document/edits.ts'
import type { Graph, Position, WireId } from '../../src/document/types.ts'
import type { Editor } from '../state/editor.svelte.ts'
import { isMac } from '../state/shortcuts.ts'
import type { Studio } from '../state/studio.svelte.ts'
import { placeOfPort, portNear, portOf, type PortAt } from './hit.ts'
import type { Wiring } from './wiring.svelte.ts'

interface Held {
  readonly port: PortAt
  readonly wires: readonly WireId[]
  /** The other ends, where the wires that are held begin; in the window. */
  readonly anchors: readonly Position[]
  readonly all: boolean
  readonly from: Position
}

/** Pixels that the pointer goes before a press is a drag. */
const THRESHOLD = 4

export class PortDrag {
  readonly #studio: Studio
  readonly #wiring: Wiring
  readonly #root: () => HTMLElement | undefined
  held: Held | null = $state.raw(null)
  pointer: Position = $state.raw({ x: 0, y: 0 })
  /** The port where the wires would go. */
  goal: PortAt | null = $state.raw(null)
  #moved = false

  constructor(studio: Studio, wiring: Wiring, root: () => HTMLElement | undefined) {
    this.#studio = studio
    this.#wiring = wiring
    this.#root = root
  }

  /** True when the press is the beginning of such a drag, or breaks the wires; the library is not to see it then. */
  press(event: PointerEvent): boolean {
    const root = this.#root()
    const port = portOf(event.target as Element | null)
    if (!port || !root || event.button !== 0) return false
    const { editor } = this.#studio
    const wires = wiresAt(editor.graph, port)
    if (wires.length === 0) return false
    if (event.altKey) {
      breakWires(editor, wires)
      return true
    }
    const all = isMac ? event.metaKey : event.ctrlKey
    if (!all && port.side === 'out') return false
    const anchors = wires.flatMap((id) => {
      const wire = editor.graph.wires[id]
      const other =
        wire && (port.side === 'in' ? { ...wire.from, side: 'out' as const } : { ...wire.to, side: 'in' as const })
      return (other && placeOfPort(root, other)) ?? []
    })
    const from = { x: event.clientX, y: event.clientY }
    this.held = { port, wires, anchors, all, from }
    this.pointer = from
    this.#moved = false
    return true
  }

  move({ clientX: x, clientY: y }: PointerEvent): void {
    const { held } = this
    const root = this.#root()
    if (!held || !root) return
    if (!this.#moved) {
      if (Math.hypot(x - held.from.x, y - held.from.y) < THRESHOLD) return
      this.#moved = true
      const [wire] = held.wires
      const ends = wire === undefined ? undefined : this.#studio.editor.graph.wires[wire]
      if (ends && wire !== undefined) {
        const fixed = held.port.side === 'in' ? ends.from : ends.to
        this.#wiring.begin(fixed.block, fixed.port, held.port.side === 'in' ? 'out' : 'in', wire)
      }
    }
    this.pointer = { x, y }
    this.goal = portNear(root, x, y, (port) => port.side === held.port.side && !same(port, held.port))
  }

  release(): void {
    const { held, goal } = this
    const moved = this.#moved
    this.cancel()
    if (!held || !moved) return
    const { editor } = this.#studio
    const { wires } = editor.graph
    if (!goal) {
      if (held.all || this.#overOwn(held)) return
      editor.edit({ kind: 'removeItems', blocks: [], wires: held.wires })
      return
    }
    const end = { block: goal.block, port: goal.port }
    const edits = held.wires.flatMap((id): GraphEdit[] => {
      const wire = wires[id]
      if (!wire) return []
      return [
        {
          kind: 'connect',
          id,
          wire: held.port.side === 'in' ? { from: wire.from, to: end } : { from: end, to: wire.to },
        },
      ]
    })
    this.#studio.attempt(() => editor.editAll(edits.length === 1 ? 'Move wire' : `Move ${edits.length} wires`, edits))
  }

  /** Let go where it began: nothing was meant. */
  #overOwn({ from }: Held): boolean {
    return Math.hypot(this.pointer.x - from.x, this.pointer.y - from.y) < 16
  }

  cancel(): void {
    if (this.#moved) this.#wiring.end()
    this.held = null
    this.goal = null
    this.#moved = false
  }
}

export function wiresAt(graph: Graph, { block, port, side }: PortAt): readonly WireId[] {
  return Object.entries(graph.wires)
    .filter(([, { from, to }]) => {
      const end = side === 'in' ? to : from
      return end.block === block && end.port === port
    })
    .map(([id]) => id)
}

export function breakWires(editor: Editor, wires: readonly WireId[]): void {
  editor.editAll(wires.length === 1 ? 'Break wire' : `Break ${wires.length} wires`, [
    { kind: 'removeItems', blocks: [], wires },
  ])
}

function same(a: PortAt, b: PortAt): boolean {
  return a.block === b.block && a.port === b.port && a.side === b.side
}
