/** Parts of a graph that go from one place to another, and the ids and names that they get there. */
import { contentOf } from './composites.ts'
import { MAX_PLACE } from './file.ts'
import { MAX_NAME } from './names.ts'
import type { Annotation, AnnotationId, BlockId, BlockNode, Endpoint, Graph, Position, Wire, WireId } from './types.ts'

export function freshId(graph: Graph, prefix: string): string {
  return freshIds(graph)(prefix)
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

/**
 * The blocks and the wires among them, and frames and notes; uses of a block that is not among them get its content (see
 * keptBlocks).
 */
export function copyFragment(graph: Graph, ids: readonly string[]): Graph {
  const chosen = new Set(ids)
  const annotations = pick(graph.annotations ?? {}, (id) => chosen.has(id))
  return {
    blocks: keptBlocks(graph, (id) => chosen.has(id)).blocks,
    wires: pick(graph.wires, (_id, wire) => chosen.has(wire.from.block) && chosen.has(wire.to.block)),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
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
  const there = (end: Endpoint): Endpoint => ({ block: ids.get(end.block) ?? end.block, port: end.port })
  const blocks: { [id: BlockId]: BlockNode } = {}
  for (const [id, node] of Object.entries(fragment.blocks)) {
    const name = freeName(names, node.name)
    names.add(name)
    const placed: BlockNode = { ...node, name, position: moved(node.position, offset) }
    blocks[ids.get(id) ?? id] =
      node.shares === undefined ? placed : { ...placed, shares: ids.get(node.shares) ?? node.shares }
  }
  const wires: { [id: WireId]: Wire } = {}
  for (const { from, to, via } of Object.values(fragment.wires))
    wires[fresh('w')] = {
      from: there(from),
      to: there(to),
      ...(via ? { via: via.map((point) => moved(point, offset)) } : {}),
    }
  const annotations: { [id: AnnotationId]: Annotation } = {}
  for (const one of Object.values(fragment.annotations ?? {}))
    annotations[fresh('a')] = { ...one, position: moved(one.position, offset) }
  return {
    fragment: { blocks, wires, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    ids,
  }
}

/** The place that lies `offset` further, on the canvas. */
export function moved({ x, y }: Position, offset: Position): Position {
  return { x: withinCanvas(x + offset.x), y: withinCanvas(y + offset.y) }
}

/** Gives one free id after the other. */
export function freshIds(graph: Graph): (prefix: string) => string {
  const { blocks, wires, annotations = {} } = graph
  const last = new Map<string, number>()
  return (prefix) => {
    let n = last.get(prefix) ?? 0
    do n++
    while ([blocks, wires, annotations].some((table) => Object.hasOwn(table, `${prefix}${n}`)))
    last.set(prefix, n)
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
