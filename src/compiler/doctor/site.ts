/** One canvas of a drawing with all that is known of it: what the doctor asks its questions of. */
import type { ParamValue } from '../../base/params.ts'
import type { Shape } from '../../base/shape.ts'
import { findBlock } from '../../blocks/index.ts'
import { canvasAt, RIM, type Canvas } from '../../document/canvas.ts'
import { chainPorts, contentOf, get, paramSpecsOf, portsOf, sameEnd } from '../../document/composites.ts'
import { valueOf } from '../../document/expressions.ts'
import type { BlockId, BlockNode, Endpoint, Graph, GraphDocument, Wire, WireId } from '../../document/types.ts'
import { copiesOf } from '../1-flatten.ts'
import { levelOf, type Analysis, type Level } from '../analyze.ts'

/** One value on the way upstream: the output that it comes from, and how many blocks lie between. */
export interface Step {
  readonly end: Endpoint
  readonly node: BlockNode
  readonly distance: number
}

export class Site {
  readonly document: GraphDocument
  readonly analysis: Analysis
  readonly path: readonly BlockId[]
  readonly canvas: Canvas
  readonly #level: Level | undefined

  constructor(document: GraphDocument, analysis: Analysis, path: readonly BlockId[]) {
    this.document = document
    this.analysis = analysis
    this.path = path
    this.canvas = canvasAt(document.graph, path) ?? { blocks: {}, wires: {} }
    this.#level = levelOf(analysis, path)
  }

  /** The canvas around this one, with the composite that this one is the inside of. */
  outer(): { readonly site: Site; readonly block: BlockId } | undefined {
    const block = this.path.at(-1)
    return block === undefined
      ? undefined
      : { site: new Site(this.document, this.analysis, this.path.slice(0, -1)), block }
  }

  get ids(): readonly BlockId[] {
    return Object.keys(this.canvas.blocks)
  }

  node(id: BlockId): BlockNode | undefined {
    return contentOf(this.canvas, id)
  }

  family(id: BlockId): string | undefined {
    return findBlock(this.node(id)?.type ?? '')?.family
  }

  /** A parameter's value as it counts: the default where none is given, the number that an expression stands for. */
  value(id: BlockId, param: string): ParamValue | undefined {
    const node = this.node(id)
    const spec = node && get(paramSpecsOf(node), param)
    if (!node || !spec) return undefined
    const given = get(node.params, param)
    return given === undefined ? spec.default : (valueOf(spec, given, this.document.constants) ?? given)
  }

  wireTo(to: Endpoint): readonly [WireId, Wire] | undefined {
    return Object.entries(this.canvas.wires).find(([, wire]) => sameEnd(wire.to, to))
  }

  source(to: Endpoint): Endpoint | undefined {
    return this.wireTo(to)?.[1].from
  }

  wiresFrom(id: BlockId, port?: string): readonly (readonly [WireId, Wire])[] {
    return Object.entries(this.canvas.wires).filter(
      ([, { from }]) => from.block === id && (port === undefined || from.port === port),
    )
  }

  /** Shape, with the batch, of what arrives at a port. */
  arriving({ block, port }: Endpoint): Shape | undefined {
    return this.#level?.blocks.get(block)?.inputs[port]?.shape
  }

  leaving(end: Endpoint): Shape | undefined {
    if (end.block !== RIM.in) return this.#level?.blocks.get(end.block)?.outputs[end.port]?.shape
    const [, wire] = this.wiresFrom(RIM.in, end.port)[0] ?? []
    return wire && this.arriving(wire.to)
  }

  /** The input that a block can't do without, and its first output. */
  chain(id: BlockId): { readonly input: string; readonly output: string } | null {
    const node = this.node(id)
    return node ? chainPorts(node) : null
  }

  /** From an output up through blocks of one input, the nearest first. */
  upstream(from: Endpoint | undefined): Step[] {
    const steps: Step[] = []
    const seen = new Set<BlockId>()
    for (let end = from; end && !seen.has(end.block);) {
      const node = this.node(end.block)
      if (!node) break
      seen.add(end.block)
      steps.push({ end, node, distance: steps.length })
      end = this.before(end.block)
    }
    return steps
  }

  /** What feeds the one input that a block needs, or all of those that it has from one block. */
  before(id: BlockId): Endpoint | undefined {
    const chain = this.chain(id)
    if (chain) return this.source({ block: id, port: chain.input })
    const sources = Object.values(this.canvas.wires).flatMap(({ from, to }) => (to.block === id ? [from] : []))
    return sources.every(({ block }) => block === sources[0]?.block) ? sources[0] : undefined
  }

  /** All blocks that a value depends on, the nearest first. */
  ancestors(from: Endpoint | undefined): ReadonlyMap<BlockId, number> {
    const found = new Map<BlockId, number>()
    const pending: (readonly [BlockId, number])[] = from ? [[from.block, 0]] : []
    for (const [block, distance] of pending) {
      if (found.has(block) || !this.node(block)) continue
      found.set(block, distance)
      for (const { from, to } of Object.values(this.canvas.wires))
        if (to.block === block) pending.push([from.block, distance + 1])
    }
    return found
  }

  /** Whether every wire from a block ends within `blocks`. */
  feedsOnly(id: BlockId, blocks: (id: BlockId) => boolean): boolean {
    return this.wiresFrom(id).every(([, { to }]) => blocks(to.block))
  }

  /** Outputs that nothing takes: of blocks without any user, then other first outputs. */
  dangling(): Endpoint[] {
    return this.ids.flatMap((block) => {
      const node = this.node(block)
      if (!node || this.wiresFrom(block).length > 0) return []
      const port = Object.keys(portsOf(node).outputs)[0]
      return port === undefined ? [] : [{ block, port }]
    })
  }

  nameOf(id: BlockId): string {
    return this.node(id)?.name ?? id
  }
}

/** The canvas and block that the key of a flat block means, such as `c1/2/b3`: keys hold the numbers of copies, paths don't. */
export function placeOfKey(graph: Graph, key: string): { readonly path: BlockId[]; readonly block: BlockId } {
  const parts = key.split('/')
  const path: BlockId[] = []
  let canvas: Graph | undefined = graph
  let next = 0
  while (next < parts.length - 1) {
    const id = parts[next++] ?? ''
    path.push(id)
    const node: BlockNode | undefined = canvas && contentOf(canvas, id)
    if (node && copiesOf(node) > 1) next++
    canvas = node?.inside
  }
  return { path, block: parts.at(-1) ?? '' }
}
