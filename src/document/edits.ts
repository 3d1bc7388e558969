/**
 * The only way to change a document. An edit is a value; applying it gives a new document that shares everything
 * untouched with the old one, or the reason why it can't be applied.
 *
 * For the window, in short:
 * - A block's kind, parameters and ports: `contentOf(graph, id)` (composites.ts) follows `shares`; give what it returns to
 *   `paramSpecsOf` (fields of the inspector, also of composites) and `portsOf` (handles). `originalOf` and `usesOf` say who
 *   shares with whom.
 * - All edits named below work on one graph. Inside a composite the same edits work through
 *   `{ kind: 'inside', path: [ids of the composites, outermost first], edit }`; wires that end at blocks inside and were tied
 *   to a port of the composite follow by themselves. What shares a composite changes with it.
 * - Several edits as one step to undo: `{ kind: 'several', label, edits }`.
 * - Sequential: `chainOf(inside)` (chain.ts) gives the order or null; `chainInsert`, `chainMove`, `chainRemove` change it;
 *   `intoChain` and `outOfChain` carry a block between the drawing and the chain.
 */
import { misfit, type ParamValue } from '../base/params.ts'
import { ok, type Result } from '../base/problem.ts'
import { annotated, closed, gone, opened, refuse, retargeted, RIM, withContent, type Canvas } from './canvas.ts'
import { chainOf, insertInChain, moveInChain, removeFromChain } from './chain.ts'
import {
  arranged,
  arrangedNode,
  bakedInside,
  chainPorts,
  contentOf,
  get,
  MAX_REPEAT,
  originalOf,
  paramSpecsOf,
  repeatProblem,
  sameEnd,
} from './composites.ts'
import { renameConstant, setConstant } from './constants.ts'
import { carryCorrections } from './corrections.ts'
import { checkDocument, MAX_PLACE } from './file.ts'
import { isExpression, takesExpressions } from './expressions.ts'
import { freshName, keptBlocks, moved, pick } from './fragment.ts'
import { group, unpack } from './group.ts'
import { nameProblem } from './names.ts'
import { addPort, exposeParam, removePort, renamePort, rimProblem, type PortOf } from './ports.ts'
import { dissolve, insertOnWire, replaceBlock, setBypassed } from './rewire.ts'
import type {
  Annotation,
  AnnotationId,
  BlockId,
  BlockNode,
  DataSection,
  Endpoint,
  Graph,
  GraphDocument,
  Inside,
  ParamTarget,
  Position,
  TrainingSection,
  Wire,
  WireId,
} from './types.ts'

export type Edit =
  | GraphEdit
  /** Any edit of a graph, inside of a composite: `path` holds the ids of the composites that lead to it, outermost first. */
  | { readonly kind: 'inside'; readonly path: readonly BlockId[]; readonly edit: GraphEdit }
  /** One after the other, as one step; refused as a whole when one of them is. */
  | { readonly kind: 'several'; readonly label: string; readonly edits: readonly Edit[] }
  | { readonly kind: 'setData'; readonly data: DataSection }
  | { readonly kind: 'setTraining'; readonly training: TrainingSection }
  | { readonly kind: 'setDocument'; readonly name?: string; readonly note?: string }
  /** Gives a constant its value, or with `null` takes it away, which is refused while a parameter names it. */
  | { readonly kind: 'setConstant'; readonly name: string; readonly value: number | null }
  /** Expressions follow. */
  | { readonly kind: 'renameConstant'; readonly name: string; readonly to: string }

/** Where an edit names a block that shares another one, what belongs to both (parameters, inside, repeat) changes for both. */
export type GraphEdit =
  | { readonly kind: 'addBlock'; readonly id: BlockId; readonly node: BlockNode }
  /** Where an original goes and uses of it stay, the first of them becomes the original of the others. */
  | {
      readonly kind: 'removeItems'
      readonly blocks: readonly BlockId[]
      readonly wires: readonly WireId[]
      readonly annotations?: readonly AnnotationId[]
    }
  /** Deletes blocks and joins their neighbours, where a block has one input that must be fed. */
  | { readonly kind: 'dissolve'; readonly blocks: readonly BlockId[] }
  /** Of blocks, frames and notes. Points of a wire whose ends move alike go with them. */
  | { readonly kind: 'moveBlocks'; readonly positions: { readonly [id: string]: Position } }
  /** Of a composite: one of the parameters that it exposes. */
  | { readonly kind: 'setParam'; readonly block: BlockId; readonly name: string; readonly value: ParamValue }
  | { readonly kind: 'renameBlock'; readonly block: BlockId; readonly name: string }
  /** Another block at the same place, with the wires at ports that both have. */
  | { readonly kind: 'replaceBlock'; readonly block: BlockId; readonly node: Omit<BlockNode, 'position'> }
  | { readonly kind: 'setBypassed'; readonly blocks: readonly BlockId[]; readonly bypassed: boolean }
  /** Replaces a wire that already ends there. Inside of a composite an end may be at its rim (RIM); a new port there is made. */
  | { readonly kind: 'connect'; readonly id: WireId; readonly wire: Wire }
  /** Leads a wire through a block; the part behind it is the new wire `id`. */
  | { readonly kind: 'insertOnWire'; readonly wire: WireId; readonly block: BlockId; readonly id: WireId }
  /** The points that a wire is drawn through. */
  | { readonly kind: 'setRoute'; readonly wire: WireId; readonly via: readonly Position[] }
  /** Adds or changes a frame or a note; `null` deletes it. */
  | { readonly kind: 'setAnnotation'; readonly id: AnnotationId; readonly annotation: Annotation | null }
  /** Adds blocks and wires with fresh ids and names (see freshFragment). */
  | { readonly kind: 'insert'; readonly graph: Graph }
  /**
   * Makes the blocks one composite with the id `id`. Wires that cross its rim become ports, named after the ports inside;
   * inputs that are open and outputs that nothing takes become ports as well.
   */
  | { readonly kind: 'group'; readonly blocks: readonly BlockId[]; readonly id: BlockId; readonly title: string }
  /** Replaces a composite by what it holds; a repeated one by its copies in a chain, a shared one together with its other uses. */
  | { readonly kind: 'unpack'; readonly block: BlockId }
  /** Title and help text of a composite. */
  | { readonly kind: 'setComposite'; readonly block: BlockId; readonly title?: string; readonly doc?: string }
  /** Ties a port of a composite to a port inside. An input may lead to several; an output that exists is tied anew. */
  | ({ readonly kind: 'addPort'; readonly end: Endpoint } & PortOf)
  /** Removes a port with its wires outside; of an input only one of its ends inside, when `end` is given. */
  | ({ readonly kind: 'removePort'; readonly end?: Endpoint } & PortOf)
  | ({ readonly kind: 'renamePort'; readonly name: string } & PortOf)
  /** Shows parameters of blocks inside as one of the composite, with the values that they have now; replaces one of that name. */
  | {
      readonly kind: 'exposeParam'
      readonly block: BlockId
      readonly name: string
      readonly label: string
      readonly targets: readonly ParamTarget[]
    }
  /** The value of the composite goes into the blocks inside, so that nothing else changes. */
  | { readonly kind: 'hideParam'; readonly block: BlockId; readonly name: string }
  | { readonly kind: 'setRepeat'; readonly block: BlockId; readonly repeat: number }
  /** Another use of block `of`: the same parameters and weights in a second place. */
  | { readonly kind: 'addUse'; readonly id: BlockId; readonly of: BlockId; readonly position: Position }
  /** A use of another block becomes a block with parameters and weights of its own. */
  | { readonly kind: 'makeIndependent'; readonly block: BlockId }
  /** Puts a new block into the chain of a Sequential, before the one at `at` (counted from 0). */
  | { readonly kind: 'chainInsert'; readonly block: BlockId; readonly at: number; readonly node: BlockNode }
  | { readonly kind: 'chainMove'; readonly block: BlockId; readonly from: number; readonly to: number }
  | { readonly kind: 'chainRemove'; readonly block: BlockId; readonly at: number }
  /** Moves `member` from beside the Sequential into it; what fed it feeds those whom it fed. */
  | { readonly kind: 'intoChain'; readonly block: BlockId; readonly at: number; readonly member: BlockId }
  /** Moves the block at `at` out of the Sequential, unconnected; it gets the id `id`. */
  | {
      readonly kind: 'outOfChain'
      readonly block: BlockId
      readonly at: number
      readonly id: BlockId
      readonly position: Position
    }

export { nameProblem } from './names.ts'
export { copyFragment, freshFragment, freshId, freshIds, freshName, placeFragment } from './fragment.ts'

/** The edit as one of the canvas that these composites lead to; what is of the whole document stays as it is. */
export function within(edit: Edit, path: readonly BlockId[]): Edit {
  if (path.length === 0) return edit
  switch (edit.kind) {
    case 'setData':
    case 'setTraining':
    case 'setDocument':
    case 'setConstant':
    case 'renameConstant':
      return edit
    case 'several':
      return { ...edit, edits: edit.edits.map((one) => within(one, path)) }
    case 'inside':
      return { ...edit, path: [...path, ...edit.path] }
    default:
      return { kind: 'inside', path, edit }
  }
}

export function applyEdit(document: GraphDocument, edit: Edit): Result<GraphDocument> {
  const result = change(document, edit)
  // What comes from outside whole must pass the same checks as a file, or the document could be saved and never opened.
  return result.ok && needsCheck(edit) ? checkDocument(result.value) : result
}

const unchecked: ReadonlySet<Edit['kind']> = new Set([
  'removeItems',
  'dissolve',
  'moveBlocks',
  'setParam',
  'setConstant',
  'renameBlock',
  'setBypassed',
  'insertOnWire',
  'connect',
  'hideParam',
  'setRepeat',
  'chainMove',
  'chainRemove',
])

function needsCheck(edit: Edit): boolean {
  if (edit.kind === 'inside') return needsCheck(edit.edit)
  if (edit.kind === 'several') return edit.edits.some(needsCheck)
  return !unchecked.has(edit.kind)
}

function change(document: GraphDocument, edit: Edit): Result<GraphDocument> {
  switch (edit.kind) {
    case 'setData':
      // What was put right in other examples is not said of these.
      return ok({ ...document, data: carryCorrections(document.data, edit.data) })
    case 'setTraining':
      return ok({ ...document, training: edit.training })
    case 'setDocument':
      return ok({ ...document, name: edit.name ?? document.name, note: edit.note ?? document.note })
    case 'setConstant':
      return setConstant(document, edit.name, edit.value)
    case 'renameConstant':
      return renameConstant(document, edit.name, edit.to)
    case 'several': {
      let now: Result<GraphDocument> = ok(document)
      for (const step of edit.edits) if (now.ok) now = change(now.value, step)
      return now
    }
    default: {
      const graph =
        edit.kind === 'inside' ? changeInside(document.graph, edit.path, edit.edit) : changeGraph(document.graph, edit)
      return graph.ok ? ok({ ...document, graph: graph.value }) : graph
    }
  }
}

function changeInside(canvas: Canvas, path: readonly BlockId[], edit: GraphEdit): Result<Canvas> {
  const [head, ...rest] = path
  if (head === undefined) return changeGraph(canvas, edit)
  return changeComposite(canvas, head, (inside) => {
    const inner = changeInside(opened(inside), rest, edit)
    return inner.ok ? ok(closed(inside, inner.value)) : inner
  })
}

/** Gives the composite at `block`, or the one that it shares, another inside. */
function changeComposite(
  canvas: Canvas,
  block: BlockId,
  next: (inside: Inside, node: BlockNode) => Result<Inside>,
): Result<Canvas> {
  const id = originalOf(canvas, block)
  const node = get(canvas.blocks, id)
  if (!node) return gone(block)
  if (!node.inside) return refuse('edit.composite', `${node.name} is not a composite; it has no inside.`, block)
  const inside = next(node.inside, node)
  return inside.ok ? ok(withContent(canvas, id, { ...node, inside: arranged(inside.value) })) : inside
}

function changeGraph(graph: Canvas, edit: GraphEdit): Result<Canvas> {
  switch (edit.kind) {
    case 'addBlock':
      if (Object.hasOwn(graph.blocks, edit.id)) return refuse('edit.id', `There is a block ${edit.id} already.`)
      return ok({
        ...graph,
        blocks: { ...graph.blocks, [edit.id]: { ...edit.node, name: freshName(graph, edit.node.name) } },
      })
    case 'removeItems': {
      const left = without(graph, new Set(edit.blocks), new Set(edit.wires))
      const gone = new Set(edit.annotations)
      return ok(
        gone.size === 0
          ? left
          : annotated(
              left,
              pick(graph.annotations ?? {}, (id) => !gone.has(id)),
            ),
      )
    }
    case 'dissolve': {
      const joined = dissolve(graph, edit.blocks)
      return joined.ok ? ok(without(joined.value, new Set(edit.blocks), new Set())) : joined
    }
    case 'moveBlocks':
      return moveItems(graph, edit.positions)
    case 'setParam': {
      const id = originalOf(graph, edit.block)
      const node = get(graph.blocks, id)
      if (!node) return gone(edit.block)
      const spec = get(paramSpecsOf(node), edit.name)
      if (!spec) return refuse('param.unknown', `${node.name} has no parameter called "${edit.name}".`, edit.block)
      const wrong = isExpression(edit.value) && takesExpressions(spec) ? null : misfit(spec, edit.value)
      if (wrong) return refuse('param.value', `${spec.label} ${wrong}.`, edit.block)
      return ok({
        ...graph,
        blocks: { ...graph.blocks, [id]: { ...node, params: { ...node.params, [edit.name]: edit.value } } },
      })
    }
    case 'renameBlock': {
      const node = get(graph.blocks, edit.block)
      if (!node) return gone(edit.block)
      const wrong = nameProblem(edit.name)
      if (wrong) return refuse('block.name', wrong, edit.block)
      if (Object.entries(graph.blocks).some(([id, other]) => id !== edit.block && other.name === edit.name))
        return refuse(
          'block.name',
          `Another block is called "${edit.name}" already; choose a name of its own.`,
          edit.block,
        )
      return ok({ ...graph, blocks: { ...graph.blocks, [edit.block]: { ...node, name: edit.name } } })
    }
    case 'connect': {
      const { from, to } = edit.wire
      const wrong = rimProblem(graph, from, to)
      if (wrong !== null) return refuse('wire.rim', wrong)
      const there = (end: Endpoint, rim: string) => get(graph.blocks, end.block) || (graph.rim && end.block === rim)
      if (!there(from, RIM.in)) return gone(from.block)
      if (!there(to, RIM.out)) return gone(to.block)
      const others = pick(graph.wires, (id, wire) => id !== edit.id && !sameEnd(wire.to, to))
      return ok({ ...graph, wires: { ...others, [edit.id]: edit.wire } })
    }
    case 'replaceBlock':
      return replaceBlock(graph, edit.block, edit.node)
    case 'setBypassed':
      return setBypassed(graph, edit.blocks, edit.bypassed)
    case 'insertOnWire':
      return insertOnWire(graph, edit.wire, edit.block, edit.id)
    case 'setRoute': {
      const wire = get(graph.wires, edit.wire)
      if (!wire) return refuse('edit.wire', 'The wire is not in the drawing any more.')
      const { via: _before, ...bare } = wire
      const via = edit.via.map(({ x, y }) => ({ x, y }))
      return ok({ ...graph, wires: { ...graph.wires, [edit.wire]: via.length > 0 ? { ...bare, via } : bare } })
    }
    case 'setAnnotation': {
      const { [edit.id]: _before, ...others } = graph.annotations ?? {}
      if (Object.hasOwn(graph.blocks, edit.id) || Object.hasOwn(graph.wires, edit.id))
        return refuse('edit.id', `There is something called ${edit.id} already.`)
      const { annotation } = edit
      if (!annotation) return ok(annotated(graph, others))
      return ok(annotated(graph, { ...graph.annotations, [edit.id]: annotation }))
    }
    case 'insert': {
      const taken = Object.keys(edit.graph.blocks).find((id) => Object.hasOwn(graph.blocks, id))
      if (taken !== undefined) return refuse('edit.id', `There is a block ${taken} already.`)
      const drawn = Object.keys(edit.graph.wires).find((id) => Object.hasOwn(graph.wires, id))
      if (drawn !== undefined) return refuse('edit.id', `There is a wire ${drawn} already.`)
      return ok(
        annotated(
          {
            ...graph,
            blocks: { ...graph.blocks, ...edit.graph.blocks },
            wires: { ...graph.wires, ...edit.graph.wires },
          },
          { ...graph.annotations, ...edit.graph.annotations },
        ),
      )
    }
    case 'group':
      return group(graph, edit.blocks, edit.id, edit.title)
    case 'unpack':
      return unpack(graph, edit.block)
    case 'setComposite':
      return changeComposite(graph, edit.block, (inside) => {
        const title = edit.title ?? inside.title
        if (title.trim() === '') return refuse('composite.title', 'A composite needs a title.', edit.block)
        return ok({ ...inside, title, ...(edit.doc === undefined ? {} : { doc: edit.doc }) })
      })
    case 'addPort':
      return changeComposite(graph, edit.block, (inside) => addPort(inside, edit, edit.end))
    case 'removePort':
      return changeComposite(graph, edit.block, (inside) => removePort(inside, edit, edit.end))
    case 'renamePort':
      return renamePort(graph, edit, edit.name)
    case 'exposeParam':
      return changeComposite(graph, edit.block, (inside) => exposeParam(inside, edit.name, edit.label, edit.targets))
    case 'hideParam':
      return changeComposite(graph, edit.block, (inside, node) => {
        if (!get(inside.params ?? {}, edit.name))
          return refuse('param.unknown', `${node.name} shows no parameter called "${edit.name}".`, edit.block)
        const only = { params: pick(node.params, (name) => name === edit.name) }
        return ok({
          ...bakedInside(only, inside),
          params: pick(inside.params ?? {}, (name) => name !== edit.name),
        })
      })
    case 'setRepeat': {
      const id = originalOf(graph, edit.block)
      const node = get(graph.blocks, id)
      if (!node) return gone(edit.block)
      if (!node.inside) return refuse('edit.composite', `${node.name} is not a composite; only those repeat.`, id)
      if (!Number.isInteger(edit.repeat) || edit.repeat < 1 || edit.repeat > MAX_REPEAT)
        return refuse(
          'composite.repeat',
          `Copies must be a whole number from 1 to ${MAX_REPEAT}, not ${edit.repeat}.`,
          id,
        )
      const wrong = edit.repeat > 1 ? repeatProblem(node.inside) : null
      if (wrong !== null) return refuse('composite.repeat', wrong, id)
      const { repeat: _before, ...once } = node
      const next = edit.repeat === 1 ? once : arrangedNode({ ...once, repeat: edit.repeat })
      return ok({ ...graph, blocks: { ...graph.blocks, [id]: next } })
    }
    case 'addUse': {
      const of = originalOf(graph, edit.of)
      const node = get(graph.blocks, of)
      if (!node) return gone(edit.of)
      if (Object.hasOwn(graph.blocks, edit.id)) return refuse('edit.id', `There is a block ${edit.id} already.`)
      const { type, name } = node
      const { x, y } = edit.position
      const use: BlockNode = { type, name: freshName(graph, name), position: { x, y }, params: {}, shares: of }
      return ok({ ...graph, blocks: { ...graph.blocks, [edit.id]: use } })
    }
    case 'makeIndependent': {
      const node = get(graph.blocks, edit.block)
      if (!node) return gone(edit.block)
      const content = contentOf(graph, edit.block)
      if (node.shares === undefined || !content)
        return refuse('edit.independent', `${node.name} has weights of its own already.`, edit.block)
      return ok({ ...graph, blocks: { ...graph.blocks, [edit.block]: content } })
    }
    case 'chainInsert':
      return changeComposite(graph, edit.block, (inside) => insertInChain(inside, edit.at, edit.node))
    case 'chainMove':
      return changeComposite(graph, edit.block, (inside) => moveInChain(inside, edit.from, edit.to))
    case 'chainRemove':
      return changeComposite(graph, edit.block, (inside) => removeFromChain(inside, edit.at))
    case 'intoChain':
      return intoChain(graph, edit.block, edit.at, edit.member)
    case 'outOfChain':
      return outOfChain(graph, edit.block, edit.at, edit.id, edit.position)
    default:
      return edit satisfies never
  }
}

function moveItems(graph: Canvas, positions: { readonly [id: string]: Position }): Result<Canvas> {
  const blocks: { [id: BlockId]: BlockNode } = { ...graph.blocks }
  const annotations: { [id: AnnotationId]: Annotation } = { ...graph.annotations }
  const shifts = new Map<BlockId, Position>()
  for (const [id, { x, y }] of Object.entries(positions)) {
    const node = get(graph.blocks, id)
    const note = get(annotations, id)
    if (!node && !note) return gone(id)
    if (![x, y].every((place) => Math.abs(place) <= MAX_PLACE))
      return refuse(
        'edit.position',
        `${node?.name ?? 'That'} can't be put there: a place is two numbers between ${-MAX_PLACE} and ${MAX_PLACE}.`,
      )
    if (node) {
      blocks[id] = { ...node, position: { x, y } }
      shifts.set(id, { x: x - node.position.x, y: y - node.position.y })
    } else if (note) annotations[id] = { ...note, position: { x, y } }
  }
  let { wires } = graph
  for (const [id, wire] of Object.entries(graph.wires)) {
    const shift = wire.via && shifts.get(wire.from.block)
    const other = shifts.get(wire.to.block)
    if (!wire.via || !shift || !other || shift.x !== other.x || shift.y !== other.y) continue
    wires = { ...wires, [id]: { ...wire, via: wire.via.map((point) => moved(point, shift)) } }
  }
  return ok(annotated({ ...graph, blocks, wires }, annotations))
}

function without(graph: Canvas, blocks: ReadonlySet<BlockId>, wires: ReadonlySet<WireId>): Canvas {
  const kept = keptBlocks(graph, (id) => !blocks.has(id))
  const left: Canvas = {
    ...graph,
    blocks: kept.blocks,
    wires: pick(
      graph.wires,
      (id, wire) => !wires.has(id) && !blocks.has(wire.from.block) && !blocks.has(wire.to.block),
    ),
  }
  return retargeted(left, (target) => {
    const heir = kept.heirs.get(target.block)
    return !blocks.has(target.block) ? [target] : heir === undefined ? [] : [{ ...target, block: heir }]
  })
}

function intoChain(graph: Canvas, block: BlockId, at: number, member: BlockId): Result<Canvas> {
  const id = originalOf(graph, block)
  const node = contentOf(graph, member)
  if (!node) return gone(member)
  if (member === id || originalOf(graph, member) === id)
    return refuse('chain.self', `${node.name} can't be put into itself.`, block)
  const ports = chainPorts(node)
  const moved = changeComposite(graph, id, (inside) => insertInChain(inside, at, node))
  if (!moved.ok) return moved
  const wires = Object.entries(moved.value.wires)
  const source = wires.find(([, { to }]) => to.block === member && to.port === ports?.input)?.[1].from
  const healed = wires.map(([key, wire]): [WireId, Wire] =>
    source && source.block !== member && wire.from.block === member && wire.from.port === ports?.output
      ? [key, { from: source, to: wire.to }]
      : [key, wire],
  )
  return ok(without({ ...moved.value, wires: Object.fromEntries(healed) }, new Set([member]), new Set()))
}

function outOfChain(graph: Canvas, block: BlockId, at: number, id: BlockId, position: Position): Result<Canvas> {
  const composite = contentOf(graph, block)
  if (!composite) return gone(block)
  if (!composite.inside)
    return refuse('edit.composite', `${composite.name} is not a composite; it has no inside.`, block)
  if (Object.hasOwn(graph.blocks, id)) return refuse('edit.id', `There is a block ${id} already.`)
  const inside = bakedInside(composite, composite.inside)
  const node = contentOf(inside, chainOf(inside)?.[at] ?? '')
  const rest = changeComposite(graph, block, (own) => removeFromChain(own, at))
  if (!rest.ok) return rest
  if (!node) return gone(block)
  const { x, y } = position
  const taken: BlockNode = { ...node, name: freshName(rest.value, node.name), position: { x, y } }
  return ok({ ...rest.value, blocks: { ...rest.value.blocks, [id]: taken } })
}
