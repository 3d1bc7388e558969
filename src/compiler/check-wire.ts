/** Whether a wire could be drawn, asked while it is held. */
import { problem, type Problem } from '../base/problem.ts'
import { canvasAt, RIM } from '../document/canvas.ts'
import { contentOf, portsOf } from '../document/composites.ts'
import { applyEdit, within } from '../document/edits.ts'
import type { BlockId, Endpoint, GraphDocument } from '../document/types.ts'
import { Analyst } from './analyze.ts'

/**
 * Why this wire can't be drawn on the canvas that the composites of `path` lead to, or null when it can. A wire that ends at a
 * taken port replaces the one there. Who asks about many wires gives the analyst of the drawing.
 */
export function checkWire(
  document: GraphDocument,
  path: readonly BlockId[],
  from: Endpoint,
  to: Endpoint,
  analyst = new Analyst(),
): Problem | null {
  const refuse = (code: string, message: string) => problem(code, message, { block: to.block, port: to.port })
  const graph = canvasAt(document.graph, path) ?? { blocks: {}, wires: {} }
  const source = contentOf(graph, from.block)
  const target = contentOf(graph, to.block)
  if ((!source && from.block !== RIM.in) || (!target && to.block !== RIM.out))
    return refuse('wire.block', 'One end of the wire is at a block that is gone.')
  if (source && !Object.hasOwn(portsOf(source).outputs, from.port))
    return refuse('wire.from', `${source.name} has no output called ${from.port}.`)
  if (target && !Object.hasOwn(portsOf(target).inputs, to.port))
    return refuse('wire.to', `${target.name} has no input called ${to.port}.`)
  if (source && from.block === to.block) return refuse('wire.self', `${source.name} can't feed itself.`)
  const drawn = applyEdit(document, within({ kind: 'connect', id: 'new-wire', wire: { from, to } }, path))
  if (!drawn.ok) return drawn.problems[0] ?? null
  const before = analyst.preview(document)
  const after = analyst.preview(drawn.value)
  const known = new Set(before.problems.map((p) => p.message))
  const isNew = (p: Problem) => p.code !== 'port.open' && p.code !== 'graph.weights' && !known.has(p.message)
  const [top = to.block] = path
  return (
    after.problems.find((p) => p.place?.block === top && isNew(p)) ??
    after.problems.find((p) => p.place?.block !== undefined && isNew(p)) ??
    null
  )
}
