/**
 * The drawing as the canvas library wants it. Nodes follow from the document and the selection; what the library adds
 * (measured sizes, places while dragging) is held beside them. What it proposes comes in through the setters and goes on
 * as a selection or an edit, so a node can never say anything that the document does not.
 */
import type { Edge, Node } from '@xyflow/svelte'
import { RIM } from '../../src/document/canvas.ts'
import type { Annotation, BlockId, BlockNode, Position, Wire, WireId } from '../../src/document/types.ts'
import { namesOn } from '../outline/tree.ts'
import type { Editor } from '../state/editor.svelte.ts'
import type { Box } from './arrange.ts'
import { LARGE } from './detail.svelte.ts'
import { NODE_HEIGHT, NODE_WIDTH } from './drag.ts'

export type FlowNode = Node<Record<string, never>, 'block' | 'frame' | 'note' | 'rim'>
export type FlowEdge = Edge<Record<string, never>, 'wire'>

/** Milliseconds without an edit after which all is named anew. */
const REST = 400

export class FlowItems {
  readonly #editor: Editor
  #held = $state.raw<ReadonlyMap<string, FlowNode>>(new Map())
  #edges = new Map<WireId, FlowEdge>()
  #list: FlowEdge[] = []
  /** What is being dragged goes into something that takes it: where it is let go is no place of its own. */
  taken = false
  /** What lies in the frames that are being dragged, and how far those have come. */
  #carried = $state.raw<{ readonly members: ReadonlySet<string>; readonly by: Position } | null>(null)
  /** Places on the way to others, which the document does not know yet. */
  gliding = $state.raw<ReadonlyMap<BlockId, Position> | null>(null)

  constructor(editor: Editor) {
    this.#editor = editor
    this.#keepNames()
  }

  readonly #nodes = $derived.by(() => {
    const { graph, selection } = this.#editor
    const { gliding } = this
    const carried = this.#carried
    const place = (id: string, position: Position) => {
      const by = carried?.members.has(id) ? carried.by : null
      return gliding?.get(id) ?? (by ? { x: position.x + by.x, y: position.y + by.y } : position)
    }
    const annotations = Object.entries(graph.annotations ?? {}).map(([id, one]) =>
      annotationNode(id, one, place(id, one.position), selection.annotations.has(id), this.#held.get(id)),
    )
    const blocks = Object.entries(graph.blocks).map(([id, block]) =>
      nodeOf(id, place(id, block.position), selection.blocks.has(id), this.#held.get(id)),
    )
    // Frames stand behind the blocks that they frame.
    const all = annotations.length === 0 ? blocks : [...annotations, ...blocks]
    const nodes = graph.rim ? [...all, ...rimNodes(graph.blocks, this.#held)] : all
    const next = nodes.map((node) => named(node, this.#names.get(node.id)))
    // A new list is work for the library, however little is new in it; after what it proposed itself it waits for one.
    const { list, held } = this.#given
    if (held === this.#held && sameItems(list, next)) return list
    this.#given = { list: next, held: this.#held }
    return next
  })
  #given: { readonly list: FlowNode[]; readonly held: ReadonlyMap<string, FlowNode> | null } = { list: [], held: null }
  /** For screen readers. They tell shapes, so one number that is scrubbed may change all; in a large drawing once it rests. */
  #names = $state.raw<ReadonlyMap<string, string>>(new Map())
  #keepNames(): void {
    $effect.pre(() => {
      const { graph, level } = this.#editor
      if (Object.keys(graph.blocks).length <= LARGE) {
        this.#names = namesOn(graph, level)
        return
      }
      const rest = setTimeout(() => (this.#names = namesOn(graph, level)), REST)
      return () => clearTimeout(rest)
    })
  }
  readonly #wires = $derived.by(() => {
    const { graph, selection } = this.#editor
    const { blocks, wires } = graph
    const edges = Object.entries(wires).map(([id, wire]) => {
      const end = ({ block, port }: Wire['from']) => blocks[block]?.name ?? port
      const label = `Wire from ${end(wire.from)} to ${end(wire.to)}`
      return edgeOf(id, wire, label, selection.wires.has(id), this.#edges.get(id))
    })
    if (sameItems(this.#list, edges)) return this.#list
    this.#edges = new Map(edges.map((edge) => [edge.id, edge]))
    this.#list = edges
    return edges
  })

  /** How far what is dragged was moved to where it snaps, by id; the library knows nothing of it. */
  #snapped: { readonly moving: ReadonlySet<string>; readonly by: Position } | null = null

  /** Shows what is dragged, and leaves it when it is let go, so much further on. */
  shift(moving: ReadonlySet<string>, by: Position): void {
    this.#snapped = by.x === 0 && by.y === 0 ? null : { moving, by }
    if (!this.#snapped) return
    const held = new Map(this.#held)
    for (const id of moving) {
      const node = held.get(id)
      if (node) held.set(id, { ...node, position: { x: node.position.x + by.x, y: node.position.y + by.y } })
    }
    this.#held = held
  }

  get nodes(): FlowNode[] {
    return this.#nodes
  }
  set nodes(proposed: FlowNode[]) {
    const before = this.#held
    const snapped = this.#snapped
    const next = snapped
      ? proposed.map((node) =>
          // Where it is let go is where it was last seen.
          snapped.moving.has(node.id) && !node.dragging && before.get(node.id)?.dragging
            ? { ...node, position: before.get(node.id)?.position ?? node.position }
            : node,
        )
      : proposed
    if (snapped && !next.some(({ dragging }) => dragging)) this.#snapped = null
    this.#held = new Map(next.map((node) => [node.id, node]))
    const blocks: string[] = []
    const annotations: string[] = []
    for (const { id, selected, type } of next) {
      if (!selected || type === 'rim') continue
      if (type === 'block') blocks.push(id)
      else annotations.push(id)
    }
    this.#editor.select(blocks, this.#editor.selection.wires, annotations)
    this.#carry(next, before)
    this.#move(next, before)
  }

  get edges(): FlowEdge[] {
    return this.#wires
  }
  set edges(next: FlowEdge[]) {
    const chosen = next.filter((edge) => edge.selected).map((edge) => edge.id)
    const { blocks, annotations } = this.#editor.selection
    this.#editor.select(blocks, chosen, annotations)
  }

  /** Where everything lies, with what was measured. */
  boxes(ids?: ReadonlySet<string>): Box[] {
    return this.#nodes
      .filter((node) => node.type !== 'rim' && (!ids || ids.has(node.id)))
      .map(({ id, position, measured, width, height }) => ({
        id,
        ...position,
        width: measured?.width ?? width ?? NODE_WIDTH,
        height: measured?.height ?? height ?? NODE_HEIGHT,
      }))
  }

  /** The blocks and notes whose middle lies in a frame. */
  membersOf(frame: Annotation): string[] {
    const { position, size } = frame
    return this.boxes()
      .filter(({ x, y, width, height }) => {
        const [left, top] = [x + width / 2 - position.x, y + height / 2 - position.y]
        return left > 0 && left < size.width && top > 0 && top < size.height
      })
      .map(({ id }) => id)
  }

  /** While a frame is dragged, what lies in it goes along; what is dragged itself does so by itself. */
  #carry(next: readonly FlowNode[], before: ReadonlyMap<string, FlowNode>): void {
    const frame = next.find(({ type, dragging }) => type === 'frame' && dragging)
    const drawn = frame && this.#editor.graph.annotations?.[frame.id]
    if (!frame || !drawn) return
    const by = { x: frame.position.x - drawn.position.x, y: frame.position.y - drawn.position.y }
    let members = this.#carried?.members
    if (!members || !before.get(frame.id)?.dragging) {
      const frames = next.flatMap(({ id, type, dragging }) => (type === 'frame' && dragging ? [id] : []))
      const own = frames.flatMap((id) => {
        const one = this.#editor.graph.annotations?.[id]
        return one ? this.membersOf(one) : []
      })
      const moving = new Set(next.filter(({ dragging }) => dragging).map(({ id }) => id))
      members = new Set(own.filter((id) => !moving.has(id)))
    }
    this.#carried = { members, by }
  }

  /** Things that lie still somewhere else than the document says have been moved there by hand. */
  #move(next: readonly FlowNode[], before: ReadonlyMap<string, FlowNode>): void {
    if (this.taken || this.gliding) return
    const { blocks, annotations = {} } = this.#editor.graph
    const positions: { [id: string]: Position } = {}
    let dragged = false
    const carried = this.#carried
    let released = false
    for (const { id, type, position, dragging } of next) {
      if (type === 'frame' && !dragging && before.get(id)?.dragging) released = true
      const item = blocks[id] ?? annotations[id]
      if (!item || dragging || carried?.members.has(id) || samePlace(item.position, position)) continue
      positions[id] = { x: position.x, y: position.y }
      dragged ||= before.get(id)?.dragging ?? false
    }
    if (released && carried) {
      for (const id of carried.members) {
        const at = (blocks[id] ?? annotations[id])?.position
        if (at) positions[id] = { x: at.x + carried.by.x, y: at.y + carried.by.y }
      }
      this.#carried = null
    } else if (!dragged)
      // Moved by arrow keys a frame carries what lies in it as well.
      for (const [id, to] of Object.entries(positions)) {
        const frame = annotations[id]
        if (frame?.kind !== 'frame') continue
        const by = { x: to.x - frame.position.x, y: to.y - frame.position.y }
        for (const member of this.membersOf(frame)) {
          const at = (blocks[member] ?? annotations[member])?.position
          if (at && !Object.hasOwn(positions, member)) positions[member] = { x: at.x + by.x, y: at.y + by.y }
        }
      }
    const ids = Object.keys(positions)
    if (ids.length === 0) return
    // Arrow keys in a row are one step; a drag is one by itself.
    this.#editor.edit({ kind: 'moveBlocks', positions }, dragged ? undefined : `nudge:${ids.join()}`)
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

function samePlace(a: Position, b: Position): boolean {
  return a.x === b.x && a.y === b.y
}

function named(node: FlowNode, name: string | undefined): FlowNode {
  return name === undefined || node.ariaLabel === name ? node : { ...node, ariaLabel: name }
}

function nodeOf(id: BlockId, at: Position, selected: boolean, held: FlowNode | undefined): FlowNode {
  if (!held) return { id, type: 'block', position: at, data: {}, selected }
  const position = held.dragging ? held.position : at
  if ((held.selected ?? false) === selected && samePlace(held.position, position)) return held
  return { ...held, position, selected }
}

function annotationNode(
  id: string,
  { kind, size }: Annotation,
  at: Position,
  selected: boolean,
  held: FlowNode | undefined,
): FlowNode {
  const { width, height } = size
  const position = held?.dragging ? held.position : at
  const same =
    held &&
    (held.selected ?? false) === selected &&
    samePlace(held.position, position) &&
    held.width === width &&
    held.height === height
  if (same) return held
  const base = { id, type: kind, data: {}, dragHandle: '.grip', zIndex: kind === 'frame' ? -1 : 0 }
  return { ...base, ...held, position, selected, width, height }
}

/** Where one sees what comes in from around a composite, and what goes out: left and right of what is inside. */
function rimNodes(
  blocks: { readonly [id: BlockId]: BlockNode },
  held: ReadonlyMap<string, FlowNode>,
): readonly FlowNode[] {
  const places = Object.values(blocks).map(({ position }) => position)
  const xs = places.length > 0 ? places.map(({ x }) => x) : [0]
  const y = places.length > 0 ? Math.min(...places.map((place) => place.y)) : 0
  const node = (id: string, x: number): FlowNode => {
    const before = held.get(id)
    if (before && samePlace(before.position, { x, y }) && !before.selected) return before
    const fixed = { draggable: false, selectable: false, deletable: false }
    return { id, type: 'rim', data: {}, ...before, ...fixed, position: { x, y }, selected: false }
  }
  return [node(RIM.in, Math.min(...xs) - 208), node(RIM.out, Math.max(...xs) + NODE_WIDTH + 88)]
}

function edgeOf(id: WireId, wire: Wire, label: string, selected: boolean, held: FlowEdge | undefined): FlowEdge {
  const { from, to } = wire
  const same =
    held &&
    held.source === from.block &&
    held.sourceHandle === from.port &&
    held.target === to.block &&
    held.targetHandle === to.port &&
    held.ariaLabel === label &&
    (held.selected ?? false) === selected
  if (same) return held
  const ends = { source: from.block, sourceHandle: from.port, target: to.block, targetHandle: to.port }
  return { id, type: 'wire', ...ends, ariaLabel: label, selected }
}
