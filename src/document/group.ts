/** Several blocks become one composite, and a composite the blocks that it holds; what is computed stays the same. */
import { ok, type Result } from '../base/problem.ts'
import { annotated, gone, refuse, retargeted, type Canvas } from './canvas.ts'
import { arranged, bakedInside, contentOf, get, originalOf, portsOf, repeatProblem, usesOf } from './composites.ts'
import { MOST_BLOCKS } from './file.ts'
import { freeName, freshIds, freshName, moved, pick, placeFragment } from './fragment.ts'
import { MAX_NAME } from './names.ts'
import type { BlockId, BlockNode, Endpoint, ExposedParam, Graph, ParamTarget, Position, Wire, WireId } from './types.ts'

/** Distance between the copies that a repeated composite leaves, beside their width. */
const GAP = 240

export function group(canvas: Canvas, ids: readonly BlockId[], id: BlockId, title: string): Result<Canvas> {
  const chosen = new Set(ids)
  const missing = ids.find((one) => !Object.hasOwn(canvas.blocks, one))
  if (missing !== undefined) return gone(missing)
  if (chosen.size === 0) return refuse('edit.group', 'There is nothing to group: select the blocks first.')
  if (title.trim() === '') return refuse('composite.title', 'A composite needs a title.')
  if (Object.hasOwn(canvas.blocks, id)) return refuse('edit.id', `There is a block ${id} already.`)
  for (const [use, { name, shares }] of Object.entries(canvas.blocks))
    if (shares !== undefined && chosen.has(use) !== chosen.has(shares))
      return refuse(
        'edit.group',
        `${name} is another use of ${get(canvas.blocks, shares)?.name ?? 'a block'}: group both, or make ${name} independent first.`,
        use,
      )

  const inputs: { [port: string]: Endpoint[] } = {}
  const outputs: { [port: string]: Endpoint } = {}
  const inner: { [id: WireId]: Wire } = {}
  const outer: { [id: WireId]: Wire } = {}
  const ports = new Map<string, string>()
  const used = new Set<string>()
  const newPort = (taken: object, port: string) => freeName(new Set(Object.keys(taken)), port)
  const nodes = Object.keys(canvas.blocks).flatMap((one) => (chosen.has(one) ? (canvas.blocks[one] ?? []) : []))
  const [x, y] = [Math.min(...nodes.map((n) => n.position.x)), Math.min(...nodes.map((n) => n.position.y))]
  const inside = (place: Position) => moved(place, { x: -x, y: -y })
  for (const [wireId, wire] of Object.entries(canvas.wires)) {
    const { from, to } = wire
    const [leaves, arrives] = [chosen.has(from.block), chosen.has(to.block)]
    used.add(`${to.block} ${to.port}`)
    if (leaves) used.add(`out ${from.block} ${from.port}`)
    if (leaves && arrives) inner[wireId] = wire.via ? { ...wire, via: wire.via.map((point) => inside(point)) } : wire
    else if (arrives) {
      // One port for each origin, however many blocks inside it feeds.
      const origin = `in ${from.block} ${from.port}`
      const known = ports.get(origin)
      const port = known ?? newPort(inputs, to.port)
      ports.set(origin, port)
      ;(inputs[port] ??= []).push(to)
      if (known === undefined) outer[wireId] = { ...wire, to: { block: id, port } }
    } else if (leaves) {
      const origin = `out ${from.block} ${from.port}`
      const port = ports.get(origin) ?? newPort(outputs, from.port)
      ports.set(origin, port)
      outputs[port] = from
      outer[wireId] = { ...wire, from: { block: id, port } }
    } else outer[wireId] = wire
  }
  const members = Object.keys(canvas.blocks).filter((one) => chosen.has(one))
  for (const block of members) {
    const node = contentOf(canvas, block)
    const own = node ? portsOf(node) : { inputs: {}, outputs: {} }
    for (const [port, { optional }] of Object.entries(own.inputs))
      if (!optional && !used.has(`${block} ${port}`)) inputs[newPort(inputs, port)] = [{ block, port }]
    for (const port of Object.keys(own.outputs))
      if (!used.has(`out ${block} ${port}`)) outputs[newPort(outputs, port)] = { block, port }
  }

  const rest = { blocks: pick(canvas.blocks, (one) => !chosen.has(one)) }
  const blocks = Object.fromEntries(
    members.flatMap((one) => {
      const node = canvas.blocks[one]
      return node ? [[one, { ...node, position: inside(node.position) }]] : []
    }),
  )
  // Parameters that the composite around shows of these blocks are now shown through the new one.
  const params: { [name: string]: ExposedParam } = {}
  for (const [name, { label, targets }] of Object.entries(canvas.params ?? {})) {
    const own = targets.filter(({ block }) => chosen.has(block))
    if (own.length > 0) params[name] = { label, targets: own }
  }
  const seen = new Set<string>()
  const around: Canvas = canvas.params
    ? {
        ...canvas,
        params: Object.fromEntries(
          Object.entries(canvas.params).map(([name, { label, targets }]) => [
            name,
            {
              label,
              targets: targets.flatMap((target): ParamTarget[] => {
                if (!chosen.has(target.block)) return [target]
                if (seen.has(name)) return []
                seen.add(name)
                return [{ block: id, param: name }]
              }),
            },
          ]),
        ),
      }
    : canvas
  const node: BlockNode = {
    type: 'composite',
    name: freshName(rest, nameFrom(title)),
    position: { x, y },
    params: {},
    inside: arranged({ title, params, blocks, wires: inner, inputs, outputs }),
  }
  return ok({ ...around, blocks: { ...rest.blocks, [id]: node }, wires: outer })
}

/** `Hidden layer` becomes `hiddenLayer`. */
function nameFrom(title: string): string {
  const words = title.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  const name = words
    .map((word, i) => (i === 0 ? word[0]?.toLowerCase() : word[0]?.toUpperCase()) + word.slice(1))
    .join('')
  return [...name].slice(0, MAX_NAME / 2).join('') || 'group'
}

/** Replaces a composite, and all who share it, by what it holds; blocks of the uses share those of the original. */
export function unpack(canvas: Canvas, block: BlockId): Result<Canvas> {
  const original = originalOf(canvas, block)
  const node = get(canvas.blocks, original)
  if (!node) return gone(block)
  if (!node.inside)
    return refuse('edit.unpack', `${node.name} is not a composite, so there is nothing to unpack.`, block)
  const { repeat = 1 } = node
  const wrong = repeat > 1 ? repeatProblem(node.inside) : null
  if (wrong !== null) return refuse('composite.repeat', wrong, block)
  const users = [original, ...usesOf(canvas, original)]
  const count = users.length * repeat * Object.keys(node.inside.blocks).length
  if (count > MOST_BLOCKS)
    return refuse(
      'edit.unpack',
      `${node.name} would become ${count} blocks; a drawing has at most ${MOST_BLOCKS}.`,
      block,
    )

  const inside = bakedInside(node, node.inside)
  const places = Object.values(inside.blocks).map(({ position }) => position.x)
  const width = places.length === 0 ? 0 : Math.max(...places) - Math.min(...places)
  const isUser = new Set(users)
  let graph: Graph = {
    blocks: pick(canvas.blocks, (id) => !isUser.has(id)),
    wires: pick(canvas.wires, (_id, { from, to }) => !isUser.has(from.block) && !isUser.has(to.block)),
    ...(canvas.annotations ? { annotations: canvas.annotations } : {}),
  }
  /** Ids of the blocks inside for each user and copy. */
  const placed = new Map<BlockId, ReadonlyMap<BlockId, BlockId>[]>()
  for (const user of users) {
    const copies: ReadonlyMap<BlockId, BlockId>[] = []
    const position = canvas.blocks[user]?.position ?? { x: 0, y: 0 }
    for (let copy = 0; copy < repeat; copy++) {
      const offset = { x: position.x + copy * (width + GAP), y: position.y }
      const { fragment, ids } = placeFragment(graph, inside, offset)
      const first = placed.get(original)?.[copy]
      const blocks = { ...fragment.blocks }
      if (first)
        for (const [id, fresh] of ids) {
          const shares = first.get(originalOf(inside, id))
          const own = blocks[fresh]
          if (shares !== undefined && own)
            blocks[fresh] = { type: own.type, name: own.name, position: own.position, params: {}, shares }
        }
      graph = {
        blocks: { ...graph.blocks, ...blocks },
        wires: { ...graph.wires, ...fragment.wires },
        annotations: { ...graph.annotations, ...fragment.annotations },
      }
      copies.push(ids)
    }
    placed.set(user, copies)
  }

  const fresh = freshIds(graph)
  const wires: { [id: WireId]: Wire } = { ...graph.wires }
  const placedEnd = (ids: ReadonlyMap<BlockId, BlockId> | undefined, end: Endpoint | undefined): Endpoint[] => {
    const id = end && ids?.get(end.block)
    return end && id !== undefined ? [{ block: id, port: end.port }] : []
  }
  for (const copies of placed.values())
    for (let copy = 1; copy < copies.length; copy++)
      for (const from of placedEnd(copies[copy - 1], Object.values(inside.outputs)[0]))
        for (const end of Object.values(inside.inputs)[0] ?? [])
          for (const to of placedEnd(copies[copy], end)) wires[fresh('w')] = { from, to }
  // A wire to a port of the composite becomes one to each port inside that it stands for.
  for (const { from, to } of Object.values(canvas.wires)) {
    const [source, target] = [placed.get(from.block), placed.get(to.block)]
    if (!source && !target) continue
    const origins = source ? placedEnd(source.at(-1), get(inside.outputs, from.port)) : [from]
    const ends = target ? (get(inside.inputs, to.port) ?? []).flatMap((end) => placedEnd(target[0], end)) : [to]
    for (const origin of origins) for (const end of ends) wires[fresh('w')] = { from: origin, to: end }
  }

  const copies = placed.get(original) ?? []
  return ok(
    retargeted(annotated({ ...canvas, blocks: graph.blocks, wires }, graph.annotations), (target) => {
      if (target.block !== original) return [target]
      const inner = get(inside.params ?? {}, target.param)?.targets ?? []
      return copies.flatMap((ids) => inner.map(({ block: id, param }) => ({ block: ids.get(id) ?? id, param })))
    }),
  )
}
