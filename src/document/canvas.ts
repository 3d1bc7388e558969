/**
 * One canvas to draw on: the outermost, or the inside of a composite. So that edits need not know which of them they work on,
 * the ties of a composite's ports become wires from and to its rim while it is edited.
 */
import { fail, problem, type Result } from '../base/problem.ts'
import { arranged, contentOf, portsOf, usesOf } from './composites.ts'
import { pick } from './fragment.ts'
import type { BlockId, BlockNode, Endpoint, ExposedParam, Graph, Inside, ParamTarget, Wire, WireId } from './types.ts'

export interface Canvas extends Graph {
  /** Parameters that the composite around it exposes. */
  readonly params?: { readonly [name: string]: ExposedParam }
  /** The composite around it, whose ports wires may begin and end at. */
  readonly rim?: Pick<Inside, 'inputs' | 'outputs'>
}

/** What a wire of an open canvas leads to at a port of the composite itself; no block has such an id. */
export const RIM = { in: ' in', out: ' out' }

/** The inside of a composite as a canvas. */
export function opened(inside: Inside): Canvas {
  const wires: { [id: WireId]: Wire } = { ...inside.wires }
  for (const [port, ends] of Object.entries(inside.inputs))
    ends.forEach((to, i) => (wires[` in ${i} ${port}`] = { from: { block: RIM.in, port }, to }))
  for (const [port, from] of Object.entries(inside.outputs))
    wires[` out ${port}`] = { from, to: { block: RIM.out, port } }
  const { blocks, params, annotations } = inside
  return { blocks, wires, ...(annotations ? { annotations } : {}), ...(params ? { params } : {}), rim: inside }
}

/** What is drawn on the canvas that these composites lead to, with the wires of its rim; undefined where one is gone. */
export function canvasAt(graph: Graph, path: readonly BlockId[]): Canvas | undefined {
  let canvas: Canvas = graph
  for (const id of path) {
    const inside = contentOf(canvas, id)?.inside
    if (!inside) return undefined
    canvas = opened(inside)
  }
  return canvas
}

/** The composite's inside after its canvas was edited. An output that leads from nothing any more is gone; an input may lead to nothing. */
export function closed(inside: Inside, canvas: Canvas): Inside {
  const inputs: { [port: string]: Endpoint[] } = {}
  for (const port of Object.keys(inside.inputs)) inputs[port] = []
  const outputs: { [port: string]: Endpoint } = {}
  for (const { from, to } of Object.values(canvas.wires)) {
    if (from.block === RIM.in && to.block !== RIM.out) (inputs[from.port] ??= []).push(to)
    if (to.block === RIM.out && from.block !== RIM.in) outputs[to.port] = from
  }
  const drawn = (wire: Wire) => wire.from.block !== RIM.in && wire.to.block !== RIM.out
  return arranged({
    title: inside.title,
    ...(inside.doc === undefined ? {} : { doc: inside.doc }),
    ...(inside.aliases === undefined ? {} : { aliases: inside.aliases }),
    ...(canvas.params === undefined ? {} : { params: canvas.params }),
    blocks: canvas.blocks,
    wires: pick(canvas.wires, (_id, wire) => drawn(wire)),
    ...(canvas.annotations === undefined ? {} : { annotations: canvas.annotations }),
    inputs,
    outputs: inOrderOf(inside.outputs, outputs),
  })
}

function inOrderOf<T>(order: object, table: { readonly [name: string]: T }): { readonly [name: string]: T } {
  const known = Object.keys(order).filter((name) => Object.hasOwn(table, name))
  return { ...Object.fromEntries(known.map((name) => [name, table[name] as T])), ...table }
}

/**
 * Gives a block other content: itself and with it all who share it. Wires at ports that it has no more go, and so do
 * values and exposed parameters that meant one that it has no more.
 */
export function withContent(canvas: Canvas, id: BlockId, node: BlockNode): Canvas {
  const before = canvas.blocks[id]
  const ports = portsOf(node)
  const lost = (side: 'inputs' | 'outputs') =>
    new Set(Object.keys(before ? portsOf(before)[side] : {}).filter((port) => !Object.hasOwn(ports[side], port)))
  const [inputs, outputs] = [lost('inputs'), lost('outputs')]
  const users = new Set([id, ...usesOf(canvas, id)])
  const kept = { ...node, params: node.inside ? pick(node.params, (name) => stays(name)) : node.params }
  function stays(name: string): boolean {
    // A value that never meant anything is the document's own; only those whose parameter went now go with it.
    return !Object.hasOwn(before?.inside?.params ?? {}, name) || Object.hasOwn(node.inside?.params ?? {}, name)
  }
  return retargeted(
    {
      ...canvas,
      blocks: { ...canvas.blocks, [id]: kept },
      wires: pick(
        canvas.wires,
        (_id, { from, to }) =>
          !(users.has(from.block) && outputs.has(from.port)) && !(users.has(to.block) && inputs.has(to.port)),
      ),
    },
    (target) => (target.block === id && node.inside && !stays(target.param) ? [] : [target]),
  )
}

/** Exposed parameters with other targets; one without any is gone. */
export function retargeted(canvas: Canvas, next: (target: ParamTarget) => readonly ParamTarget[]): Canvas {
  if (!canvas.params) return canvas
  const params = Object.fromEntries(
    Object.entries(canvas.params).flatMap(([name, { label, targets }]) => {
      const moved = targets.flatMap(next)
      return moved.length > 0 ? [[name, { label, targets: moved }] as const] : []
    }),
  )
  return { ...canvas, params }
}

/** Without the field where there are none, so that a drawing is saved the same way however it came about. */
export function annotated(canvas: Canvas, annotations: Graph['annotations']): Canvas {
  const { annotations: _before, ...rest } = canvas
  return annotations && Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest
}

export function refuse(
  code: string,
  message: string,
  block?: BlockId,
): { readonly ok: false; readonly problems: readonly ReturnType<typeof problem>[] } {
  return fail(problem(code, message, block === undefined ? undefined : { block }))
}

export function gone<T>(id: BlockId): Result<T> {
  return refuse('edit.gone', `The block ${id} is not in the drawing any more.`)
}
