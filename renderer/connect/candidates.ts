/** The wires that could be drawn at one block, as people name them, likely ones first. */
import type { PortSpec } from '../../src/blocks/define.ts'
import { RIM, type Canvas } from '../../src/document/canvas.ts'
import { contentOf, portsOf } from '../../src/document/composites.ts'
import type { BlockId, Endpoint, WireId } from '../../src/document/types.ts'
import type { Searched } from '../palette/search.ts'
import { kindOf } from '../state/editor.svelte.ts'

export interface Candidate extends Searched {
  readonly key: string
  /** `conv1 → loss.prediction`: ports are named where a block has several on that side. */
  readonly title: string
  readonly from: Endpoint
  readonly to: Endpoint
  /** The wire that is there: of the very same two ports, to be taken away, or another one that would give way. */
  readonly present: WireId | null
  readonly cuts: boolean
  /** What else is to be said: what gives way. */
  readonly note: string
}

interface End extends Endpoint {
  readonly name: string
  readonly kind: string
  readonly x: number
  readonly y: number
  readonly spare: boolean
}

/** What wires come out of and what they go into, on this canvas; inside of a composite its own ports as well. */
function endsOf(graph: Canvas, side: 'inputs' | 'outputs'): readonly End[] {
  const ends: End[] = []
  for (const id of Object.keys(graph.blocks)) ends.push(...endsAt(graph, id, side))
  const [rim, ports] =
    side === 'outputs'
      ? ([RIM.in, Object.keys(graph.rim?.inputs ?? {})] as const)
      : ([RIM.out, Object.keys(graph.rim?.outputs ?? {})] as const)
  const kind = side === 'outputs' ? 'Input of the composite' : 'Output of the composite'
  for (const port of ports)
    ends.push({ block: rim, port, name: `${kind.toLowerCase()} ${port}`, kind, x: Infinity, y: 0, spare: false })
  return ends
}

function endsAt(graph: Canvas, id: BlockId, side: 'inputs' | 'outputs'): readonly End[] {
  const node = graph.blocks[id]
  const content = contentOf(graph, id)
  if (!node || !content) return []
  const ports: readonly (readonly [string, PortSpec])[] = Object.entries(portsOf(content)[side])
  return ports.map(([port, spec]) => ({
    block: id,
    port,
    name: ports.length > 1 ? `${node.name}.${port}` : node.name,
    kind: kindOf(content),
    x: node.position.x,
    y: node.position.y,
    spare: spec.optional === true,
  }))
}

export function candidatesFor(graph: Canvas, block: BlockId): readonly Candidate[] {
  const node = graph.blocks[block]
  if (!node) return []
  const taken = new Map<string, WireId>()
  for (const [id, { to }] of Object.entries(graph.wires)) taken.set(keyOf(to), id)

  const weighed: { readonly candidate: Candidate; readonly weight: number }[] = []
  const offer = (from: End, to: End, other: End) => {
    const present = taken.get(keyOf(to)) ?? null
    const wire = present === null ? undefined : graph.wires[present]
    const cuts = wire !== undefined && keyOf(wire.from) === keyOf(from)
    const before = wire && !cuts ? graph.blocks[wire.from.block]?.name : undefined
    const candidate: Candidate = {
      key: `${keyOf(from)}>${keyOf(to)}`,
      title: `${from.name} → ${to.name}`,
      aliases: [other.name, other.kind],
      text: cuts ? 'disconnect remove cut' : 'connect wire',
      from: { block: from.block, port: from.port },
      to: { block: to.block, port: to.port },
      present,
      cuts,
      note: cuts ? 'Disconnect' : before === undefined ? '' : `instead of ${before}`,
    }
    // An input that waits for something comes first, then the near ones; data usually flows to the right.
    const away = other.x === Infinity ? 1e6 : Math.hypot(other.x - node.position.x, other.y - node.position.y)
    const behind = other === to ? other.x < node.position.x : other.x > node.position.x
    const rank = cuts ? 3 : present !== null ? 2 : to.spare ? 1 : 0
    weighed.push({ candidate, weight: rank * 1e9 + (other === to ? 0 : 1e8) + (behind ? 1e7 : 0) + away })
  }
  const [inputs, outputs] = [endsOf(graph, 'inputs'), endsOf(graph, 'outputs')]
  for (const from of endsAt(graph, block, 'outputs'))
    for (const to of inputs) if (to.block !== block) offer(from, to, to)
  for (const to of endsAt(graph, block, 'inputs'))
    for (const from of outputs) if (from.block !== block) offer(from, to, from)
  return weighed.sort((a, b) => a.weight - b.weight).map(({ candidate }) => candidate)
}

const keyOf = ({ block, port }: Endpoint) => `${block}\n${port}`
