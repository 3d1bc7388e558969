/**
 * The only way to change a document. An edit is a value; applying it gives a new document that shares everything
 * untouched with the old one, or the reason why it can't be applied.
 */
import { misfit, type ParamValue } from '../base/params.ts'
import { fail, ok, problem, type Result } from '../base/problem.ts'
import { findBlock } from '../blocks/index.ts'
import { checkDocument, MAX_PLACE } from './file.ts'
import { MAX_NAME, nameProblem } from './names.ts'
import type {
  BlockId,
  BlockNode,
  DataSection,
  Endpoint,
  Graph,
  GraphDocument,
  Position,
  TrainingSection,
  Wire,
  WireId,
} from './types.ts'

export type Edit =
  | { readonly kind: 'addBlock'; readonly id: BlockId; readonly node: BlockNode }
  | { readonly kind: 'removeItems'; readonly blocks: readonly BlockId[]; readonly wires: readonly WireId[] }
  | { readonly kind: 'moveBlocks'; readonly positions: { readonly [id: BlockId]: Position } }
  | { readonly kind: 'setParam'; readonly block: BlockId; readonly name: string; readonly value: ParamValue }
  | { readonly kind: 'renameBlock'; readonly block: BlockId; readonly name: string }
  /** Replaces a wire that already ends there. */
  | { readonly kind: 'connect'; readonly id: WireId; readonly wire: Wire }
  /** Adds blocks and wires with fresh ids and names (see freshFragment). */
  | { readonly kind: 'insert'; readonly graph: Graph }
  /** Replaces a composite by what it holds. */
  | { readonly kind: 'unpack'; readonly block: BlockId }
  | { readonly kind: 'setData'; readonly data: DataSection }
  | { readonly kind: 'setTraining'; readonly training: TrainingSection }
  | { readonly kind: 'setDocument'; readonly name?: string; readonly note?: string }

export { nameProblem } from './names.ts'

export function applyEdit(document: GraphDocument, edit: Edit): Result<GraphDocument> {
  const result = change(document, edit)
  // What comes from outside whole must pass the same checks as a file, or the document could be saved and never opened.
  return result.ok && fromOutside.has(edit.kind) ? checkDocument(result.value) : result
}

const fromOutside: ReadonlySet<Edit['kind']> = new Set(['addBlock', 'insert', 'setData', 'setTraining', 'setDocument'])

function change(document: GraphDocument, edit: Edit): Result<GraphDocument> {
  const { graph } = document
  const withGraph = (next: Graph): Result<GraphDocument> => ok({ ...document, graph: next })
  switch (edit.kind) {
    case 'addBlock':
      if (Object.hasOwn(graph.blocks, edit.id)) return refuse('edit.id', `There is a block ${edit.id} already.`)
      return withGraph({
        ...graph,
        blocks: { ...graph.blocks, [edit.id]: { ...edit.node, name: freshName(graph, edit.node.name) } },
      })
    case 'removeItems': {
      const blocks = new Set(edit.blocks)
      const wires = new Set(edit.wires)
      return withGraph({
        blocks: pick(graph.blocks, (id) => !blocks.has(id)),
        wires: pick(
          graph.wires,
          (id, wire) => !wires.has(id) && !blocks.has(wire.from.block) && !blocks.has(wire.to.block),
        ),
      })
    }
    case 'moveBlocks': {
      const moved: { [id: BlockId]: BlockNode } = { ...graph.blocks }
      for (const [id, position] of Object.entries(edit.positions)) {
        const node = graph.blocks[id]
        if (!node) return gone(id)
        if (![position.x, position.y].every((place) => Math.abs(place) <= MAX_PLACE))
          return refuse(
            'edit.position',
            `${node.name} can't be put there: a place is two numbers between ${-MAX_PLACE} and ${MAX_PLACE}.`,
          )
        moved[id] = { ...node, position: { x: position.x, y: position.y } }
      }
      return withGraph({ ...graph, blocks: moved })
    }
    case 'setParam': {
      const node = graph.blocks[edit.block]
      if (!node) return gone(edit.block)
      const spec = findBlock(node.type)?.params[edit.name]
      if (!spec) return refuse('param.unknown', `${node.name} has no parameter called "${edit.name}".`, edit.block)
      const wrong = misfit(spec, edit.value)
      if (wrong) return refuse('param.value', `${spec.label} ${wrong}.`, edit.block)
      return withGraph({
        ...graph,
        blocks: { ...graph.blocks, [edit.block]: { ...node, params: { ...node.params, [edit.name]: edit.value } } },
      })
    }
    case 'renameBlock': {
      const node = graph.blocks[edit.block]
      if (!node) return gone(edit.block)
      const wrong = nameProblem(edit.name)
      if (wrong) return refuse('block.name', wrong, edit.block)
      if (Object.entries(graph.blocks).some(([id, other]) => id !== edit.block && other.name === edit.name))
        return refuse(
          'block.name',
          `Another block is called "${edit.name}" already; choose a name of its own.`,
          edit.block,
        )
      return withGraph({ ...graph, blocks: { ...graph.blocks, [edit.block]: { ...node, name: edit.name } } })
    }
    case 'connect': {
      const { from, to } = edit.wire
      if (!graph.blocks[from.block]) return gone(from.block)
      if (!graph.blocks[to.block]) return gone(to.block)
      const others = pick(
        graph.wires,
        (id, wire) => id !== edit.id && (wire.to.block !== to.block || wire.to.port !== to.port),
      )
      return withGraph({ ...graph, wires: { ...others, [edit.id]: edit.wire } })
    }
    case 'insert': {
      const taken = Object.keys(edit.graph.blocks).find((id) => Object.hasOwn(graph.blocks, id))
      if (taken !== undefined) return refuse('edit.id', `There is a block ${taken} already.`)
      const drawn = Object.keys(edit.graph.wires).find((id) => Object.hasOwn(graph.wires, id))
      if (drawn !== undefined) return refuse('edit.id', `There is a wire ${drawn} already.`)
      return withGraph({
        blocks: { ...graph.blocks, ...edit.graph.blocks },
        wires: { ...graph.wires, ...edit.graph.wires },
      })
    }
    case 'unpack':
      return unpack(document, edit.block)
    case 'setData':
      return ok({ ...document, data: edit.data })
    case 'setTraining':
      return ok({ ...document, training: edit.training })
    case 'setDocument':
      return ok({ ...document, name: edit.name ?? document.name, note: edit.note ?? document.note })
    default:
      return edit satisfies never
  }
}

/** Name of the step in the history, e.g. `Add Dense`. */
export function describeEdit(document: GraphDocument, edit: Edit): string {
  const name = (id: BlockId) => document.graph.blocks[id]?.name ?? 'block'
  switch (edit.kind) {
    case 'addBlock':
      return `Add ${edit.node.inside?.title ?? findBlock(edit.node.type)?.title ?? edit.node.type}`
    case 'removeItems':
      if (edit.blocks.length === 1) return `Delete ${name(edit.blocks[0] ?? '')}`
      if (edit.blocks.length > 1) return `Delete ${edit.blocks.length} blocks`
      return edit.wires.length === 1 ? 'Delete wire' : `Delete ${edit.wires.length} wires`
    case 'moveBlocks': {
      const ids = Object.keys(edit.positions)
      return ids.length === 1 ? `Move ${name(ids[0] ?? '')}` : `Move ${ids.length} blocks`
    }
    case 'setParam':
      return `Set ${findBlock(document.graph.blocks[edit.block]?.type ?? '')?.params[edit.name]?.label.toLowerCase() ?? edit.name} of ${name(edit.block)}`
    case 'renameBlock':
      return `Rename ${name(edit.block)} to ${edit.name}`
    case 'connect':
      return `Connect ${name(edit.wire.from.block)} to ${name(edit.wire.to.block)}`
    case 'insert': {
      const nodes = Object.values(edit.graph.blocks)
      return nodes.length === 1 ? `Add ${nodes[0]?.name ?? 'block'}` : `Add ${nodes.length} blocks`
    }
    case 'unpack':
      return `Unpack ${name(edit.block)}`
    case 'setData':
      return 'Change data'
    case 'setTraining':
      return 'Change training settings'
    case 'setDocument':
      return edit.name === undefined ? 'Edit note' : 'Rename document'
    default:
      return edit satisfies never
  }
}

export function freshId(graph: Graph, prefix: string): string {
  let n = 1
  while (Object.hasOwn(graph.blocks, `${prefix}${n}`) || Object.hasOwn(graph.wires, `${prefix}${n}`)) n++
  return `${prefix}${n}`
}

/** `base` itself if it is free, else with the next number: dense, dense2, dense3. */
export function freshName(graph: Graph, base: string): string {
  const names = new Set(Object.values(graph.blocks).map((node) => node.name))
  if (!names.has(base)) return base
  const stem = base.replace(/\d+$/, '')
  const numbered = (n: number) => stem.slice(0, MAX_NAME - String(n).length).trimEnd() + n
  let n = 2
  while (names.has(numbered(n))) n++
  return numbered(n)
}

/** The blocks and the wires among them. */
export function copyFragment(graph: Graph, ids: readonly BlockId[]): Graph {
  const chosen = new Set(ids)
  return {
    blocks: pick(graph.blocks, (id) => chosen.has(id)),
    wires: pick(graph.wires, (_id, wire) => chosen.has(wire.from.block) && chosen.has(wire.to.block)),
  }
}

/** The fragment with ids and names that are free in `graph`, moved by `offset`; what `insert` takes. */
export function freshFragment(graph: Graph, fragment: Graph, offset: Position): Graph {
  return placeFragment(graph, fragment, offset).fragment
}

function placeFragment(
  graph: Graph,
  fragment: Graph,
  offset: Position,
): { fragment: Graph; ids: ReadonlyMap<BlockId, BlockId> } {
  const ids = new Map<BlockId, BlockId>()
  const blocks: { [id: BlockId]: BlockNode } = {}
  const wires: { [id: WireId]: Wire } = {}
  const room = (): Graph => ({ blocks: { ...graph.blocks, ...blocks }, wires: { ...graph.wires, ...wires } })
  for (const [id, node] of Object.entries(fragment.blocks)) {
    const fresh = freshId(room(), 'b')
    ids.set(id, fresh)
    blocks[fresh] = {
      ...node,
      name: freshName(room(), node.name),
      position: { x: withinCanvas(node.position.x + offset.x), y: withinCanvas(node.position.y + offset.y) },
    }
  }
  const moved = (end: Endpoint): Endpoint => ({ block: ids.get(end.block) ?? end.block, port: end.port })
  for (const wire of Object.values(fragment.wires))
    wires[freshId(room(), 'w')] = { from: moved(wire.from), to: moved(wire.to) }
  return { fragment: { blocks, wires }, ids }
}

function withinCanvas(place: number): number {
  return Math.max(-MAX_PLACE, Math.min(MAX_PLACE, place))
}

function unpack(document: GraphDocument, id: BlockId): Result<GraphDocument> {
  const { graph } = document
  const node = graph.blocks[id]
  if (!node) return gone(id)
  const { inside } = node
  if (!inside) return refuse('edit.unpack', `${node.name} is not a composite, so there is nothing to unpack.`, id)
  const rest: Graph = {
    blocks: pick(graph.blocks, (other) => other !== id),
    wires: pick(graph.wires, (_id, wire) => wire.from.block !== id && wire.to.block !== id),
  }
  const { fragment, ids } = placeFragment(rest, inside, node.position)
  const wires: { [id: WireId]: Wire } = { ...rest.wires, ...fragment.wires }
  const room = (): Graph => ({ blocks: {}, wires })
  const outside = (end: Endpoint): Endpoint => ({ block: ids.get(end.block) ?? end.block, port: end.port })
  for (const wire of Object.values(graph.wires)) {
    // A wire to a port of the composite becomes one to each port inside that it stands for.
    const origin = wire.from.block === id ? inside.outputs[wire.from.port] : undefined
    const ends = wire.to.block === id ? (inside.inputs[wire.to.port] ?? []).map(outside) : [wire.to]
    if (wire.from.block !== id && wire.to.block !== id) continue
    if (wire.from.block === id && !origin) continue
    for (const to of ends) wires[freshId(room(), 'w')] = { from: origin ? outside(origin) : wire.from, to }
  }
  return ok({ ...document, graph: { blocks: { ...rest.blocks, ...fragment.blocks }, wires } })
}

function pick<T>(
  record: { readonly [id: string]: T },
  keep: (id: string, value: T) => boolean,
): { readonly [id: string]: T } {
  return Object.fromEntries(Object.entries(record).filter(([id, value]) => keep(id, value)))
}

function refuse(code: string, message: string, block?: BlockId): Result<GraphDocument> {
  return fail(problem(code, message, block === undefined ? undefined : { block }))
}

function gone(id: BlockId): Result<GraphDocument> {
  return refuse('edit.gone', `The block ${id} is not in the drawing any more.`)
}
