/**
 * What happens to blocks while they are dragged, and where they are let go: they snap to others, go into an open chain or
 * onto a wire, are duplicated, or shaken off their wires.
 */
import type { Canvas } from '../../src/document/canvas.ts'
import { chainPorts, contentOf } from '../../src/document/composites.ts'
import { freshId, type GraphEdit } from '../../src/document/edits.ts'
import type { BlockId, Position, Wire, WireId } from '../../src/document/types.ts'
import { gapAt } from '../composites/gap.ts'
import type { Studio } from '../state/studio.svelte.ts'
import { guides, room, type Guides } from './arrange.ts'
import { grown, meets, SHAPES, type Box } from './detail.svelte.ts'
import type { FlowItems, FlowNode } from './flow-items.svelte.ts'
import { wireUnder } from './hit.ts'

/** Pixels within which a block snaps. */
const REACH = 8
/** Turns of a shake, and the milliseconds that they may take. */
const TURNS = 4
const SHAKE = 700
/** How far a wire may bend out of the box of its blocks, with half of what it is wide for the pointer. */
const BEND = 100

export class Dragging {
  readonly #studio: Studio
  readonly #items: FlowItems
  readonly #zoom: () => number
  /** Lines to draw where what is dragged has snapped. */
  guides: Guides | null = $state.raw(null)
  #copying = false
  /** Where wires lie while one block is dragged. */
  #wires: ReadonlyMap<WireId, Box | null> | null = null
  /** It was shaken off its wires; that and its new place are one step, of this gesture. */
  #shaken: string | null = null
  #turns: { readonly x: number; readonly rising: boolean; readonly at: number }[] = []

  constructor(studio: Studio, items: FlowItems, zoom: () => number) {
    this.#studio = studio
    this.#items = items
    this.#zoom = zoom
  }

  start(event: MouseEvent | TouchEvent): void {
    this.#copying = event.altKey
    this.#items.taken = event.altKey
    this.#turns = []
    this.#shaken = null
    this.#wires = null
  }

  drag(event: MouseEvent | TouchEvent, nodes: readonly FlowNode[]): void {
    const { view } = this.#studio
    const [node] = nodes
    // What lies under a point is asked of the browser, which takes it long where all of a large drawing is in view.
    const aimed = nodes.length === 1 && this.#zoom() >= SHAPES
    const single = aimed && node?.type === 'block' && event instanceof MouseEvent ? node : null
    const chains = Object.values(this.#studio.editor.graph.blocks).some(({ inside }) => inside !== undefined)
    const gap = single && chains && event instanceof MouseEvent ? gapAt(event.clientX, event.clientY, single.id) : null
    if (gap?.composite !== this.#studio.gap?.composite || gap?.at !== this.#studio.gap?.at) this.#studio.gap = gap
    const free = !gap && !event.altKey && !this.#copying && this.#shaken === null
    const wire = single && free ? this.#wireFor(single) : null
    this.#studio.wireTaking = wire
    this.#items.taken = gap !== null || wire !== null || this.#copying || this.#shaken !== null
    this.guides = view.get('snap') !== event.shiftKey ? this.#snap(nodes) : null
    if (view.get('shake') && single && event instanceof MouseEvent) this.#shake(single.id, event)
  }

  drop(nodes: readonly FlowNode[]): void {
    const { editor, gap, wireTaking: wire } = this.#studio
    const copying = this.#copying
    const shaken = this.#shaken
    const [node] = nodes
    this.guides = null
    this.#items.taken = false
    this.#copying = false
    this.#studio.gap = null
    this.#studio.wireTaking = null
    if (!node) return
    const at = editor.graph.blocks[node.id]?.position ?? editor.graph.annotations?.[node.id]?.position
    if (copying) {
      if (at) editor.duplicate({ x: node.position.x - at.x, y: node.position.y - at.y })
      return
    }
    if (gap)
      return this.#studio.attempt(() =>
        editor.edit({ kind: 'intoChain', block: gap.composite, at: gap.at, member: node.id }),
      )
    if (wire !== null) return this.#putOnWire(node.id, node.position, wire)
    if (shaken !== null) editor.edit({ kind: 'moveBlocks', positions: { [node.id]: node.position } }, shaken)
  }

  /** The wire that a block which lies on it could be put on. */
  #wireFor({ id: block, position }: FlowNode): WireId | null {
    const { graph } = this.#studio.editor
    const content = contentOf(graph, block)
    const [box] = this.#items.boxes(new Set([block]))
    if (!content || !chainPorts(content) || !box) return null
    // Where it is now; what is drawn of it comes a little later.
    const now = { ...position, width: box.width, height: box.height }
    this.#wires ??= this.#wireBoxes(block)
    const around = grown(now, BEND)
    const near = [...this.#wires].flatMap(([id, own]) => (!own || meets(own, around) ? [id] : []))
    return wireUnder(now, near)
  }

  /** Where all wires lie that are not those of this block, between others; null where that is not so easily told. */
  #wireBoxes(block: BlockId): ReadonlyMap<WireId, Box | null> {
    const boxes = new Map(this.#items.boxes().map((box) => [box.id, box]))
    const between = ({ from, to, via = [] }: Wire): Box | null => {
      const [a, b] = [boxes.get(from.block), boxes.get(to.block)]
      if (!a || !b || via.length > 0) return null
      const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)]
      const [right, bottom] = [Math.max(a.x + a.width, b.x + b.width), Math.max(a.y + a.height, b.y + b.height)]
      return { x, y, width: right - x, height: bottom - y }
    }
    const others = Object.entries(this.#studio.editor.graph.wires).filter(
      ([, { from, to }]) => from.block !== block && to.block !== block,
    )
    return new Map(others.map(([id, wire]) => [id, between(wire)]))
  }

  #putOnWire(block: BlockId, position: Position, wire: WireId): void {
    const { editor } = this.#studio
    const name = editor.graph.blocks[block]?.name ?? 'block'
    const boxes = this.#items.boxes()
    const own = boxes.find(({ id }) => id === block)
    const others = boxes.filter(({ id }) => id !== block && Object.hasOwn(editor.graph.blocks, id))
    const aside = own ? room({ ...own, ...position }, others, 24) : {}
    this.#studio.attempt(() =>
      editor.editAll(`Put ${name} on a wire`, [
        { kind: 'moveBlocks', positions: { [block]: position, ...aside } },
        { kind: 'insertOnWire', wire, block, id: freshId(editor.graph, 'w') },
      ]),
    )
  }

  #snap(nodes: readonly FlowNode[]): Guides | null {
    const moving = new Set(nodes.map(({ id }) => id))
    const { annotations = {} } = this.#studio.editor.graph
    const boxes = this.#items.boxes()
    const places = new Map(nodes.map(({ id, position }) => [id, position]))
    const dragged = boxes.filter(({ id }) => moving.has(id)).map((box) => ({ ...box, ...places.get(box.id) }))
    const others = boxes.filter(({ id }) => !moving.has(id) && annotations[id]?.kind !== 'frame')
    const found = guides(dragged, others, REACH / this.#zoom())
    this.#items.shift(moving, { x: found.dx, y: found.dy })
    return found
  }

  /** Shaken to and fro, a block is taken off its wires, and they are joined. */
  #shake(block: BlockId, { clientX: x, timeStamp: at }: MouseEvent): void {
    const last = this.#turns.at(-1)
    if (!last) return void this.#turns.push({ x, rising: true, at })
    const rising = x > last.x
    if (Math.abs(x - last.x) < 12) return
    if (rising === last.rising) this.#turns[this.#turns.length - 1] = { x, rising, at }
    else this.#turns.push({ x, rising, at })
    this.#turns = this.#turns.filter((turn) => at - turn.at < SHAKE)
    if (this.#turns.length <= TURNS) return
    this.#turns = []
    const { editor } = this.#studio
    const edits = detached(editor.graph, block)
    if (edits.length === 0) return
    this.#shaken = `shake:${at}`
    this.#items.taken = true
    editor.editAll(`Detach ${editor.graph.blocks[block]?.name ?? 'block'}`, edits, this.#shaken)
  }
}

/** Takes a block off its wires and joins what fed it with what it fed. */
function detached(graph: Canvas, block: BlockId): readonly GraphEdit[] {
  const wires = Object.entries(graph.wires)
  const node = contentOf(graph, block)
  const ports = node && chainPorts(node)
  const source = wires.find(([, { to }]) => to.block === block && to.port === ports?.input)?.[1].from
  return wires.flatMap(([id, { from, to }]): GraphEdit[] => {
    if (from.block === block && source) return [{ kind: 'connect', id, wire: { from: source, to } }]
    return from.block === block || to.block === block ? [{ kind: 'removeItems', blocks: [], wires: [id] }] : []
  })
}
