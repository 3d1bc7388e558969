/**
 * The drawing as the canvas library wants it. Nodes follow from the document and the selection; what the library adds
 * (measured sizes, places while dragging) is held beside them. What it proposes comes in through the setters and goes on
 * as a selection or an edit, so a node can never say anything that the document does not.
 */
import type { Edge, Node } from '@xyflow/svelte'
import type { BlockId, BlockNode, Position, Wire, WireId } from '../../src/document/types.ts'
import type { Editor } from '../state/editor.svelte.ts'

export type FlowNode = Node<Record<string, never>, 'block'>
export type FlowEdge = Edge<Record<string, never>, 'wire'>

export class FlowItems {
  readonly #editor: Editor
  #held = $state.raw<ReadonlyMap<BlockId, FlowNode>>(new Map())
  #edges = new Map<WireId, FlowEdge>()
  /** What is being dragged goes into something that takes it: where it is let go is no place of its own. */
  taken = false

  constructor(editor: Editor) {
    this.#editor = editor
  }

  readonly #nodes = $derived.by(() => {
    const { document, selection } = this.#editor
    return Object.entries(document.graph.blocks).map(([id, block]) =>
      nodeOf(id, block, selection.blocks.has(id), this.#held.get(id)),
    )
  })
  readonly #wires = $derived.by(() => {
    const { document, selection } = this.#editor
    const { blocks, wires } = document.graph
    const edges = Object.entries(wires).map(([id, wire]) => {
      const label = `Wire from ${blocks[wire.from.block]?.name ?? ''} to ${blocks[wire.to.block]?.name ?? ''}`
      return edgeOf(id, wire, label, selection.wires.has(id), this.#edges.get(id))
    })
    this.#edges = new Map(edges.map((edge) => [edge.id, edge]))
    return edges
  })

  get nodes(): FlowNode[] {
    return this.#nodes
  }
  set nodes(next: FlowNode[]) {
    const before = this.#held
    this.#held = new Map(next.map((node) => [node.id, node]))
    const chosen = next.filter((node) => node.selected).map((node) => node.id)
    this.#editor.select(chosen, this.#editor.selection.wires)
    this.#move(next, before)
  }

  get edges(): FlowEdge[] {
    return this.#wires
  }
  set edges(next: FlowEdge[]) {
    const chosen = next.filter((edge) => edge.selected).map((edge) => edge.id)
    this.#editor.select(this.#editor.selection.blocks, chosen)
  }

  /** Blocks that lie still somewhere else than the document says have been moved there by hand. */
  #move(next: readonly FlowNode[], before: ReadonlyMap<BlockId, FlowNode>): void {
    if (this.taken) return
    const { blocks } = this.#editor.document.graph
    const positions: { [id: BlockId]: Position } = {}
    let dragged = false
    for (const { id, position, dragging } of next) {
      const block = blocks[id]
      if (!block || dragging || samePlace(block.position, position)) continue
      positions[id] = { x: position.x, y: position.y }
      dragged ||= before.get(id)?.dragging ?? false
    }
    const ids = Object.keys(positions)
    if (ids.length === 0) return
    // Arrow keys in a row are one step; a drag is one by itself.
    this.#editor.edit({ kind: 'moveBlocks', positions }, dragged ? undefined : `nudge:${ids.join()}`)
  }
}

function samePlace(a: Position, b: Position): boolean {
  return a.x === b.x && a.y === b.y
}

function nodeOf(id: BlockId, block: BlockNode, selected: boolean, held: FlowNode | undefined): FlowNode {
  if (!held) return { id, type: 'block', position: block.position, data: {}, selected }
  const position = held.dragging ? held.position : block.position
  if ((held.selected ?? false) === selected && samePlace(held.position, position)) return held
  return { ...held, position, selected }
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
