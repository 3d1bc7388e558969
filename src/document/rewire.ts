/** Edits that put another block, or none, in the place of one, so that its wires go on. */
import { misfit } from '../base/params.ts'
import { ok, type Result } from '../base/problem.ts'
import { gone, refuse, retargeted, type Canvas } from './canvas.ts'
import { arrangedNode, chainPorts, contentOf, get, paramSpecsOf, portsOf, sameEnd } from './composites.ts'
import { isExpression, takesExpressions } from './expressions.ts'
import { freshName, keptBlocks, pick } from './fragment.ts'
import type { BlockId, BlockNode, Endpoint, Wire, WireId } from './types.ts'

/**
 * Another block at the same place, with the wires at ports that both have: those of the same name, else the ones that are
 * entered and left in a chain. Parameters of the same name keep their values. Other uses of the block before stay what it was.
 */
export function replaceBlock(canvas: Canvas, id: BlockId, node: Omit<BlockNode, 'position'>): Result<Canvas> {
  const drawn = get(canvas.blocks, id)
  const before = contentOf(canvas, id)
  if (!drawn || !before) return gone(id)
  if (node.shares !== undefined)
    return refuse('edit.replace', 'Another use of a block can not be put in its place.', id)
  const specs = paramSpecsOf(node)
  const carried = pick(before.params, (name, value) => {
    const spec = get(specs, name)
    return spec !== undefined && (misfit(spec, value) === null || (isExpression(value) && takesExpressions(spec)))
  })
  const { blocks, heirs } = keptBlocks(canvas, (other) => other !== id)
  const heir = heirs.get(id)
  const own = drawn.name.replace(/\d+$/, '') !== before.type
  const next = arrangedNode({
    ...node,
    name: own ? drawn.name : freshName({ blocks }, node.name),
    position: drawn.position,
    params: { ...node.params, ...carried },
    ...(drawn.bypassed && chainPorts(node) ? { bypassed: true } : {}),
  })
  const inputs = portMap(before, next, 'inputs')
  const outputs = portMap(before, next, 'outputs')
  const wires: { [id: WireId]: Wire } = {}
  for (const [key, wire] of Object.entries(canvas.wires)) {
    const from = wire.from.block === id ? outputs.get(wire.from.port) : wire.from.port
    const to = wire.to.block === id ? inputs.get(wire.to.port) : wire.to.port
    if (from !== undefined && to !== undefined)
      wires[key] = { ...wire, from: { ...wire.from, port: from }, to: { ...wire.to, port: to } }
  }
  const placed = Object.keys(canvas.blocks).map((key): [BlockId, BlockNode] => [
    key,
    key === id ? next : (blocks[key] as BlockNode),
  ])
  return ok(
    retargeted({ ...canvas, blocks: Object.fromEntries(placed), wires }, (target) => {
      if (target.block !== id) return [target]
      if (heir !== undefined) return [{ ...target, block: heir }]
      return Object.hasOwn(specs, target.param) ? [target] : []
    }),
  )
}

/** Which port of the new block a wire goes to that was at a port of the old one. */
function portMap(before: BlockNode, after: BlockNode, side: 'inputs' | 'outputs'): ReadonlyMap<string, string> {
  const [old, free] = [Object.keys(portsOf(before)[side]), new Set(Object.keys(portsOf(after)[side]))]
  const map = new Map<string, string>()
  const take = (port: string, target: string | undefined) => {
    if (target === undefined || map.has(port) || !free.delete(target)) return
    map.set(port, target)
  }
  for (const port of old) if (free.has(port)) take(port, port)
  const end = side === 'inputs' ? 'input' : 'output'
  const [main, next] = [chainPorts(before)?.[end], chainPorts(after)?.[end]]
  if (main !== undefined && next !== undefined && free.has(next)) take(main, next)
  for (const port of old) take(port, free.values().next().value)
  return map
}

/** Deletes blocks and joins what fed each of them with what it fed, where it has one input that must be fed. */
export function dissolve(canvas: Canvas, ids: readonly BlockId[]): Result<Canvas> {
  let { wires } = canvas
  for (const id of ids) {
    const node = contentOf(canvas, id)
    if (!node) return gone(id)
    const ports = chainPorts(node)
    const source = ports && Object.values(wires).find(({ to }) => to.block === id && to.port === ports.input)?.from
    const joined: { [id: WireId]: Wire } = {}
    for (const [key, wire] of Object.entries(wires)) {
      if (wire.to.block === id) continue
      if (wire.from.block !== id) joined[key] = wire
      else if (source && source.block !== id && wire.from.port === ports.output)
        joined[key] = { from: source, to: wire.to }
    }
    wires = joined
  }
  return ok({ ...canvas, wires })
}

/** Leads a wire through a block that is there: into its one input, and on from its first output by the wire `id`. */
export function insertOnWire(canvas: Canvas, wireId: WireId, block: BlockId, id: WireId): Result<Canvas> {
  const wire = get(canvas.wires, wireId)
  if (!wire) return refuse('edit.wire', 'The wire is not in the drawing any more.')
  const node = contentOf(canvas, block)
  if (!node) return gone(block)
  const ports = chainPorts(node)
  if (!ports)
    return refuse('edit.onWire', `${node.name} can't be put on a wire: it needs one input and an output.`, block)
  if (wire.from.block === block || wire.to.block === block)
    return refuse('edit.onWire', `The wire is one of ${node.name}'s own.`, block)
  if (id !== wireId && Object.hasOwn(canvas.wires, id)) return refuse('edit.id', `There is a wire ${id} already.`)
  const input: Endpoint = { block, port: ports.input }
  const others = pick(canvas.wires, (key, { to }) => key !== wireId && !sameEnd(to, input))
  const output: Endpoint = { block, port: ports.output }
  return ok({
    ...canvas,
    wires: { ...others, [wireId]: { from: wire.from, to: input }, [id]: { from: output, to: wire.to } },
  })
}

/** Leaves blocks out of what is computed, or takes them in again; those that can't be left out stay as they are. */
export function setBypassed(canvas: Canvas, ids: readonly BlockId[], bypassed: boolean): Result<Canvas> {
  const blocks: { [id: BlockId]: BlockNode } = { ...canvas.blocks }
  const stubborn: string[] = []
  for (const id of ids) {
    const node = get(canvas.blocks, id)
    const content = contentOf(canvas, id)
    if (!node || !content) return gone(id)
    if (bypassed && chainPorts(content) === null) {
      stubborn.push(node.name)
      continue
    }
    const { bypassed: _before, ...rest } = node
    blocks[id] = bypassed ? { ...rest, bypassed: true } : rest
  }
  if (stubborn.length === ids.length && ids.length > 0)
    return refuse(
      'edit.bypass',
      `${stubborn.join(', ')} can't be bypassed: only what has one input that must be fed, and an output, can let it through.`,
      ids[0],
    )
  return ok({ ...canvas, blocks })
}
