/** Parts of a graph that go from one place to another, and the ids and names that they get there. */
import { contentOf } from './composites.ts'
import { MAX_PLACE } from './file.ts'
import { MAX_NAME } from './names.ts'
import type { BlockId, BlockNode, Endpoint, Graph, Position, Wire, WireId } from './types.ts'

export function freshId(graph: Graph, prefix: string): string {
  let n = 1
  while (Object.hasOwn(graph.blocks, `${prefix}${n}`) || Object.hasOwn(graph.wires, `${prefix}${n}`)) n++
  return `${prefix}${n}`
}

/** `base` itself if it is free, else with the next number: dense, dense2, dense3. */
export function freshName(graph: Pick<Graph, 'blocks'>, base: string): string {
  return freeName(new Set(Object.values(graph.blocks).map((node) => node.name)), base)
}

export function freeName(taken: ReadonlySet<string>, base: string): string {
  if (!taken.has(base)) return base
  const stem = base.replace(/\d+$/, '')
  const numbered = (n: number) => stem.slice(0, MAX_NAME - String(n).length).trimEnd() + n
  let n = 2
  while (taken.has(numbered(n))) n++
  return numbered(n)
}

/** The blocks and the wires among them; uses of a block that is not among them get its content (see keptBlocks). */
export function copyFragment(graph: Graph, ids: readonly BlockId[]): Graph {
  const chosen = new Set(ids)
  return {
    blocks: keptBlocks(graph, (id) => chosen.has(id)).blocks,
    wires: pick(graph.wires, (_id, wire) => chosen.has(wire.from.block) && chosen.has(wire.to.block)),
  }
}

/**
 * Some blocks of a graph. Where uses of a block stay and it itself does not, the first of them becomes the original that
 * the others share; `heirs` says which one that is.
 */
export function keptBlocks(
  graph: Graph,
  keep: (id: BlockId) => boolean,
): { readonly blocks: Graph['blocks']; readonly heirs: ReadonlyMap<BlockId, BlockId> } {
  const heirs = new Map<BlockId, BlockId>()
  const blocks: { [id: BlockId]: BlockNode } = {}
  for (const [id, node] of Object.entries(graph.blocks)) {
    if (!keep(id)) continue
    if (node.shares === undefined || keep(node.shares)) {
      blocks[id] = node
      continue
    }
    const heir = heirs.get(node.shares)
    if (heir === undefined) heirs.set(node.shares, id)
    blocks[id] = heir === undefined ? (contentOf(graph, id) ?? node) : { ...node, shares: heir }
  }
  return { blocks, heirs }
}

/** The fragment with ids and names that are free in `graph`, moved by `offset`; what `insert` takes. */
export function freshFragment(graph: Graph, fragment: Graph, offset: Position): Graph {
  return placeFragment(graph, fragment, offset).fragment
}

export function placeFragment(
  graph: Graph,
  fragment: Graph,
  offset: Position,
): { readonly fragment: Graph; readonly ids: ReadonlyMap<BlockId, BlockId> } {
  const names = new Set(Object.values(graph.blocks).map((node) => node.name))
  const fresh = freshIds(graph)
  const ids = new Map(Object.keys(fragment.blocks).map((id) => [id, fresh('b')]))
  const moved = (end: Endpoint): Endpoint => ({ block: ids.get(end.block) ?? end.block, port: end.port })
  const blocks: { [id: BlockId]: BlockNode } = {}
  for (const [id, node] of Object.entries(fragment.blocks)) {
    const name = freeName(names, node.name)
    names.add(name)
    const position = { x: withinCanvas(node.position.x + offset.x), y: withinCanvas(node.position.y + offset.y) }
    const placed: BlockNode = { ...node, name, position }
    blocks[ids.get(id) ?? id] =
      node.shares === undefined ? placed : { ...placed, shares: ids.get(node.shares) ?? node.shares }
  }
  const wires: { [id: WireId]: Wire } = {}
  for (const wire of Object.values(fragment.wires)) wires[fresh('w')] = { from: moved(wire.from), to: moved(wire.to) }
  return { fragment: { blocks, wires }, ids }
}

/** Gives one free id after the other. */
export function freshIds(graph: Graph): (prefix: string) => string {
  const last: { [prefix: string]: number } = {}
  return (prefix) => {
    let n = last[prefix] ?? 0
    do n++
    while (Object.hasOwn(graph.blocks, `${prefix}${n}`) || Object.hasOwn(graph.wires, `${prefix}${n}`))
    last[prefix] = n
    return `${prefix}${n}`
  }
}

export function withinCanvas(place: number): number {
  return Math.max(-MAX_PLACE, Math.min(MAX_PLACE, place))
}

export function pick<T>(
  record: { readonly [id: string]: T },
  keep: (id: string, value: T) => boolean,
): { readonly [id: string]: T } {
  return Object.fromEntries(Object.entries(record).filter(([id, value]) => keep(id, value)))
}
