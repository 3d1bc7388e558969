/** Lines drawn across wires: with Mod and the right button they cut, with Shift and the right button they add points. */
import type { GraphEdit } from '../../src/document/edits.ts'
import type { BlockId, Position, WireId } from '../../src/document/types.ts'
import { isMac } from '../state/shortcuts.ts'
import type { Editor } from '../state/editor.svelte.ts'
import { GRID, NODE_WIDTH } from './drag.ts'
import { crossed } from './hit.ts'

export class Slicing {
  readonly #editor: Editor
  readonly #toFlow: (at: Position) => Position
  /** The line so far, in the window. */
  line: readonly Position[] | null = $state.raw(null)
  kind: 'cut' | 'route' = $state('cut')
  /** A line was just drawn, so that the menu of the right button is not meant. */
  drawn = false

  constructor(editor: Editor, toFlow: (at: Position) => Position) {
    this.#editor = editor
    this.#toFlow = toFlow
  }

  /** True when the press begins a line. `cutting` is the key held that makes the left button cut. */
  press(event: PointerEvent, cutting: boolean): boolean {
    this.drawn = false
    const mod = isMac ? event.metaKey : event.ctrlKey
    const kind =
      cutting && event.button === 0 ? 'cut' : event.button !== 2 ? null : mod ? 'cut' : event.shiftKey ? 'route' : null
    if (kind === null) return false
    this.kind = kind
    this.line = [{ x: event.clientX, y: event.clientY }]
    return true
  }

  move({ clientX: x, clientY: y }: PointerEvent): void {
    if (this.line) this.line = [...this.line, { x, y }]
  }

  release(): void {
    const { line, kind } = this
    this.line = null
    if (!line || line.length < 2) return
    this.drawn = true
    const met = crossed(line)
    if (met.size === 0) return
    const wires = [...met.keys()]
    if (kind === 'cut')
      this.#editor.editAll(wires.length === 1 ? 'Cut wire' : `Cut ${wires.length} wires`, [
        { kind: 'removeItems', blocks: [], wires },
      ])
    else
      this.#editor.editAll(
        'Reroute',
        [...met].flatMap(([wire, at]) => this.#through(wire, at)),
      )
  }

  cancel(): void {
    this.line = null
  }

  /** A point on a wire, where it is now. */
  addPoint(wire: WireId, at: Position): void {
    const [edit] = this.#through(wire, at)
    if (edit) this.#editor.edit(edit)
  }

  #through(id: WireId, at: Position): GraphEdit[] {
    const wire = this.#editor.graph.wires[id]
    const point = this.#toFlow(at)
    const place = { x: Math.round(point.x / GRID) * GRID, y: Math.round(point.y / GRID) * GRID }
    if (!wire || id.startsWith(' ')) return []
    const end = (block: BlockId) => this.#editor.graph.blocks[block]?.position ?? place
    const from = end(wire.from.block)
    const way = [{ x: from.x + NODE_WIDTH, y: from.y }, ...(wire.via ?? []), end(wire.to.block)]
    return [{ kind: 'setRoute', wire: id, via: inserted(way, place).slice(1, -1) }]
  }
}

/** The way with the point where it makes it the least longer. */
export function inserted(way: readonly Position[], point: Position): readonly Position[] {
  const away = (a: Position, b: Position) => Math.hypot(a.x - b.x, a.y - b.y)
  let best = { at: 1, cost: Infinity }
  way.slice(1).forEach((after, i) => {
    const before = way[i] ?? point
    const cost = away(before, point) + away(point, after) - away(before, after)
    if (cost < best.cost) best = { at: i + 1, cost }
  })
  return [...way.slice(0, best.at), point, ...way.slice(best.at)]
}
