/**
 * Blocks on the system clipboard, as JSON that a person can read. What comes back may be anything, so it is read as
 * part of a document: the same parser that guards files guards pastes.
 */
import { emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import type { BlockId, Endpoint, Graph } from '../../src/document/types.ts'

/** A wire from a block that was not copied, which is known again by its id and name. */
export interface Incoming {
  readonly from: Endpoint
  readonly name: string
  readonly to: Endpoint
}

export interface Clip {
  readonly graph: Graph
  readonly incoming: readonly Incoming[]
}

export function incomingWires(graph: Graph, chosen: ReadonlySet<BlockId>): readonly Incoming[] {
  return Object.values(graph.wires).flatMap(({ from, to }) => {
    const name = graph.blocks[from.block]?.name
    return name !== undefined && chosen.has(to.block) && !chosen.has(from.block) ? [{ from, name, to }] : []
  })
}

export function writeClip(graph: Graph, incoming: readonly Incoming[] = []): string {
  const clip = { ...emptyDocument(), name: 'Clipboard', graph }
  // Whatever else reads documents passes over a field that it does not know.
  return formatDocument(incoming.length === 0 ? clip : { ...clip, ...{ incoming } })
}

/** The blocks and notes that `text` holds; null when it is something else. A whole document is taken too. */
export function readClip(text: string): Clip | null {
  if (!text.trimStart().startsWith('{')) return null
  const parsed = parseDocument(text, 'clipboard')
  if (!parsed.ok) return null
  const { graph } = parsed.value
  if (Object.keys(graph.blocks).length + Object.keys(graph.annotations ?? {}).length === 0) return null
  const { incoming } = JSON.parse(text) as { readonly incoming?: unknown }
  return { graph, incoming: Array.isArray(incoming) ? incoming.filter(isIncoming) : [] }
}

function isIncoming(value: unknown): value is Incoming {
  const { from, to, name } = (value ?? {}) as { readonly [field: string]: unknown }
  const isEnd = (end: unknown) => {
    const { block, port } = (end ?? {}) as { readonly [field: string]: unknown }
    return typeof block === 'string' && typeof port === 'string'
  }
  return isEnd(from) && isEnd(to) && typeof name === 'string'
}
