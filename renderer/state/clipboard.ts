/**
 * Blocks on the system clipboard, as JSON that a person can read. What comes back may be anything, so it is read as
 * part of a document: the same parser that guards files guards pastes.
 */
import { emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import type { Graph } from '../../src/document/types.ts'

export function writeClip(graph: Graph): string {
  return formatDocument({ ...emptyDocument(), name: 'Clipboard', graph })
}

/** The blocks that `text` holds; null when it is something else. A whole document is taken too. */
export function readClip(text: string): Graph | null {
  if (!text.trimStart().startsWith('{')) return null
  const parsed = parseDocument(text, 'clipboard')
  return parsed.ok && Object.keys(parsed.value.graph.blocks).length > 0 ? parsed.value.graph : null
}
