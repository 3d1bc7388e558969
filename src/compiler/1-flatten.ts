/**
 * Phase 1: from the drawing to a flat list of blocks in the order of their computation. Composites are replaced by what
 * they hold; every block knows where each of its inputs comes from; cycles and open ports are found here.
 */
import { findBlock } from '../blocks/index.ts'
import type { BlockDefinition } from '../blocks/define.ts'
import { readParams, type ParamValues } from '../base/params.ts'
import { problem, type Problem } from '../base/problem.ts'
import type { BlockId, Endpoint, Graph, GraphDocument } from '../document/types.ts'

export interface FlatBlock {
  /** Unique: the ids of the composites around it and its own, e.g. `b3/b1`. */
  readonly key: string
  /** Id of the block on the outermost canvas, where its problems are shown. */
  readonly top: BlockId
  /** `encoder.fc1` */
  readonly path: string
  readonly definition: BlockDefinition
  readonly params: ParamValues
  readonly inputs: { readonly [port: string]: Source | undefined }
}

export interface Source {
  readonly key: string
  readonly port: string
}

export interface FlatGraph {
  /** Sources before their users; blocks on a cycle are left out. */
  readonly blocks: readonly FlatBlock[]
  readonly problems: readonly Problem[]
  /** From any endpoint on the outermost canvas to the flat port that gives its value. */
  source(from: Endpoint): Source | undefined
}

/** Keys of the blocks that a loss depends on; the others take no part in training and may be unfinished. */
export function usedByLosses(graph: Pick<FlatGraph, 'blocks'>): ReadonlySet<string> {
  const byKey = new Map(graph.blocks.map((block) => [block.key, block]))
  const used = new Set<string>()
  const pending = graph.blocks.filter((block) => block.definition.family === 'loss')
  for (let block = pending.pop(); block; block = pending.pop()) {
    if (used.has(block.key)) continue
    used.add(block.key)
    for (const source of Object.values(block.inputs)) {
      const origin = source && byKey.get(source.key)
      if (origin) pending.push(origin)
    }
  }
  return used
}

/** One canvas: the outermost, or the inside of a composite. */
interface Scope {
  readonly graph: Graph
  readonly keys: string
  readonly names: string
  readonly top: BlockId | null
  /** What comes in from around a composite, by `block port` of its inside. */
  readonly outer: ReadonlyMap<string, Source | undefined>
}

export function flatten(document: GraphDocument): FlatGraph {
  const found: FlatBlock[] = []
  const problems: Problem[] = []
  const outermost: Scope = { graph: document.graph, keys: '', names: '', top: null, outer: new Map() }

  const visit = (scope: Scope): void => {
    const incoming = incomingWires(scope.graph)
    for (const [id, node] of Object.entries(scope.graph.blocks)) {
      const key = scope.keys + id
      const path = scope.names + node.name
      const top = scope.top ?? id
      const from = (port: string): Source | undefined => {
        const wire = incoming.get(`${id} ${port}`)
        return wire ? sourceIn(scope, wire) : scope.outer.get(`${id} ${port}`)
      }
      if (node.type === 'composite') {
        if (!node.inside) {
          problems.push(
            problem('composite.empty', `Composite ${path} holds nothing; delete it or unpack a whole one.`, {
              block: top,
            }),
          )
          continue
        }
        const outer = new Map<string, Source | undefined>()
        for (const [port, ends] of Object.entries(node.inside.inputs)) {
          for (const end of ends) outer.set(`${end.block} ${end.port}`, from(port))
        }
        visit({ graph: node.inside, keys: `${key}/`, names: `${path}.`, top, outer })
        continue
      }
      const definition = findBlock(node.type)
      if (!definition) {
        problems.push(
          problem(
            'block.unknown',
            `${path}: this version knows no block of type "${node.type}"; it may come from a newer one. Replace or delete it.`,
            { block: top },
          ),
        )
        continue
      }
      const where = `${definition.title} ${path}`
      const read = readParams(definition.params, node.params, where)
      problems.push(...read.problems.map((p) => ({ ...p, place: { ...p.place, block: top } })))
      const inputs: { [port: string]: Source | undefined } = {}
      for (const port of Object.keys(definition.inputs)) inputs[port] = from(port)
      found.push({ key, top, path, definition, params: read.values, inputs })
    }
  }
  visit(outermost)

  const sorted = inOrder(found)
  if (sorted.cycle.length > 0) {
    const names = sorted.cycle.map((block) => block.path)
    for (const top of new Set(sorted.cycle.map((block) => block.top)))
      problems.push(
        problem(
          'graph.cycle',
          `These blocks feed each other in a circle: ${[...names, names[0]].join(' → ')}. Remove one of the wires.`,
          { block: top },
        ),
      )
  }
  return { blocks: sorted.blocks, problems, source: (from) => sourceIn(outermost, from) }
}

/** Follows an output into the composites that it belongs to, down to the block that computes it. */
function sourceIn(scope: Pick<Scope, 'graph' | 'keys'>, from: Endpoint): Source | undefined {
  const node = scope.graph.blocks[from.block]
  if (!node) return undefined
  if (node.type !== 'composite') return { key: scope.keys + from.block, port: from.port }
  const inner = node.inside?.outputs[from.port]
  return inner && node.inside ? sourceIn({ graph: node.inside, keys: `${scope.keys}${from.block}/` }, inner) : undefined
}

/** The wire's origin for each `block port` that a wire ends at. */
function incomingWires(graph: Graph): Map<string, Endpoint> {
  const incoming = new Map<string, Endpoint>()
  for (const wire of Object.values(graph.wires)) incoming.set(`${wire.to.block} ${wire.to.port}`, wire.from)
  return incoming
}

/** Kahn's algorithm (1962), keeping the document's order among blocks that are ready. */
function inOrder(found: readonly FlatBlock[]): { blocks: FlatBlock[]; cycle: FlatBlock[] } {
  const byKey = new Map(found.map((block) => [block.key, block]))
  const waiting = new Map<string, number>()
  const users = new Map<string, FlatBlock[]>()
  for (const block of found) {
    const sources = new Set(
      Object.values(block.inputs).flatMap((source) => (source && byKey.has(source.key) ? [source.key] : [])),
    )
    waiting.set(block.key, sources.size)
    for (const key of sources) users.set(key, [...(users.get(key) ?? []), block])
  }
  const blocks = found.filter((block) => waiting.get(block.key) === 0)
  for (let next = 0; next < blocks.length; next++) {
    for (const user of users.get(blocks[next]?.key ?? '') ?? []) {
      const left = (waiting.get(user.key) ?? 0) - 1
      waiting.set(user.key, left)
      if (left === 0) blocks.push(user)
    }
  }
  const done = new Set(blocks)
  return { blocks, cycle: trimToCycle(found.filter((block) => !done.has(block))) }
}

/** Of the blocks that never became ready, one that are really on a circle, in its order. */
function trimToCycle(stuck: readonly FlatBlock[]): FlatBlock[] {
  const byKey = new Map(stuck.map((block) => [block.key, block]))
  const path: FlatBlock[] = []
  let block = stuck[0]
  while (block && !path.includes(block)) {
    path.push(block)
    const source = Object.values(block.inputs).find((input) => input && byKey.has(input.key))
    block = source && byKey.get(source.key)
  }
  return block ? path.slice(path.indexOf(block)).reverse() : []
}
