/**
 * Sequential: a composite whose inside is a chain, each block feeding the next. These functions change the chain and keep
 * it one; positions are a row, and title, exposed parameters and port names stay.
 */
import { ok, type Result } from '../base/problem.ts'
import { refuse } from './canvas.ts'
import { arranged, chainPorts, contentOf, get, sameEnd } from './composites.ts'
import { freshId, freshName, keptBlocks } from './fragment.ts'
import type { BlockId, BlockNode, Inside, Wire, WireId } from './types.ts'

/** Distance of blocks in a row. */
const STEP = 240

/** The blocks of a chain from its first to its last, or null when the inside is something else. An empty one is a chain. */
export function chainOf(inside: Inside): readonly BlockId[] | null {
  const ids = Object.keys(inside.blocks)
  const wires = Object.values(inside.wires)
  const inputs = Object.values(inside.inputs)
  const outputs = Object.values(inside.outputs)
  if (ids.length === 0) return inputs.length <= 1 && outputs.length === 0 ? [] : null
  const entry = inputs[0]?.[0]
  const exit = outputs[0]
  if (inputs.length !== 1 || inputs[0]?.length !== 1 || outputs.length !== 1 || !entry || !exit) return null
  if (wires.length !== ids.length - 1) return null
  const ports = (id: BlockId) => {
    const node = contentOf(inside, id)
    return node && chainPorts(node)
  }
  const order: BlockId[] = []
  let end = entry
  for (;;) {
    const own = ports(end.block)
    if (!own || own.input !== end.port || order.includes(end.block)) return null
    order.push(end.block)
    const out = { block: end.block, port: own.output }
    if (order.length === ids.length) return sameEnd(out, exit) ? order : null
    const next = wires.find((wire) => sameEnd(wire.from, out))
    if (!next) return null
    end = next.to
  }
}

export function isSequential(inside: Inside): boolean {
  return chainOf(inside) !== null
}

/** Puts a block before the one at `at` (0: first; the chain's length: last). It gets an id and a name that are free inside. */
export function insertInChain(inside: Inside, at: number, node: BlockNode): Result<Inside> {
  const order = chainOf(inside)
  if (!order) return noChain(inside)
  if (!place(at, order.length)) return nowhere(at, order.length + 1)
  if (!chainPorts(node))
    return refuse(
      'chain.ports',
      `${node.name} can't stand in a chain: that takes a block with one input and an output.`,
    )
  const id = freshId(inside, 'b')
  const blocks = { ...inside.blocks, [id]: { ...node, name: freshName(inside, node.name) } }
  return ok(chained(inside, blocks, [...order.slice(0, at), id, ...order.slice(at)]))
}

/** Takes the block at `from` out and puts it where it becomes number `to` (from 0). */
export function moveInChain(inside: Inside, from: number, to: number): Result<Inside> {
  const order = chainOf(inside)
  if (!order) return noChain(inside)
  const id = order[from]
  if (id === undefined) return nowhere(from, order.length)
  if (!place(to, order.length - 1)) return nowhere(to, order.length)
  const rest = order.filter((other) => other !== id)
  return ok(chained(inside, inside.blocks, [...rest.slice(0, to), id, ...rest.slice(to)]))
}

/** Without the block at `at`; its neighbours are joined. Parameters that were exposed for it alone are gone. */
export function removeFromChain(inside: Inside, at: number): Result<Inside> {
  const order = chainOf(inside)
  if (!order) return noChain(inside)
  const id = order[at]
  if (id === undefined) return nowhere(at, order.length)
  const { blocks, heirs } = keptBlocks(inside, (other) => other !== id)
  const heir = heirs.get(id)
  const params = Object.entries(inside.params ?? {}).flatMap(([name, { label, targets }]) => {
    const left = targets.flatMap((target) =>
      target.block !== id ? [target] : heir === undefined ? [] : [{ ...target, block: heir }],
    )
    return left.length > 0 ? [[name, { label, targets: left }] as const] : []
  })
  const rest = order.filter((other) => other !== id)
  return ok(chained({ ...inside, params: Object.fromEntries(params) }, blocks, rest))
}

function chained(inside: Inside, blocks: Inside['blocks'], order: readonly BlockId[]): Inside {
  const placed: { [id: BlockId]: BlockNode } = {}
  const wires: { [id: WireId]: Wire } = {}
  const [input = 'x'] = Object.keys(inside.inputs)
  const [output = 'y'] = Object.keys(inside.outputs)
  const ports = order.map((id) => {
    const node = contentOf({ blocks, wires: {} }, id)
    return (node && chainPorts(node)) ?? { input: 'x', output: 'y' }
  })
  order.forEach((id, i) => {
    const node = get(blocks, id)
    if (node) placed[id] = { ...node, position: { x: STEP * i, y: 0 } }
    const next = order[i + 1]
    if (next !== undefined)
      wires[`w${i + 1}`] = {
        from: { block: id, port: ports[i]?.output ?? 'y' },
        to: { block: next, port: ports[i + 1]?.input ?? 'x' },
      }
  })
  const [first, last] = [order[0], order.at(-1)]
  return arranged({
    ...inside,
    blocks: placed,
    wires,
    inputs: { [input]: first === undefined ? [] : [{ block: first, port: ports[0]?.input ?? 'x' }] },
    outputs: last === undefined ? {} : { [output]: { block: last, port: ports.at(-1)?.output ?? 'y' } },
  })
}

function place(at: number, most: number): boolean {
  return Number.isInteger(at) && at >= 0 && at <= most
}

function noChain(inside: Inside): Result<Inside> {
  return refuse(
    'chain.none',
    `"${inside.title}" is no chain: its blocks do not simply feed one another. Edit its inside instead.`,
  )
}

function nowhere(at: number, count: number): Result<Inside> {
  return refuse('chain.place', `There is no place ${at} in this chain; it has ${count}, counted from 0.`)
}
