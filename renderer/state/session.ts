/**
 * What is open in the window, as one text on disk: all documents with where one looks in them. It is written after every
 * change, so that a closed window or a dead machine loses nothing, and trusted no more than any file when it comes back.
 */
import { parseDocument } from '../../src/document/file.ts'
import { problem, type Problem } from '../../src/base/problem.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { Viewport, Viewports } from './desk.svelte.ts'

const FORMAT = 'neuroloom-session'

export interface Tab {
  readonly document: GraphDocument
  readonly fileName: string | null
  /** A file holds it as it is. */
  readonly saved: boolean
  readonly path: readonly string[]
  readonly unfolded: readonly string[]
  readonly folded: readonly string[]
  readonly viewports: Viewports
}

export interface Session {
  readonly tabs: readonly Tab[]
  readonly active: number
  /** Tabs that this version can't read, as they came: they are kept until one comes that can. */
  readonly unread: readonly unknown[]
}

export function formatSession({ tabs, active, unread }: Session): string {
  const written = tabs.map((tab) => ({ ...tab, viewports: Object.fromEntries(tab.viewports) }))
  return JSON.stringify({ format: FORMAT, version: 1, active, tabs: written, unread })
}

/** A draft of an earlier version, which is a document alone, is a session with one tab. */
export function parseSession(text: string): { readonly session: Session; readonly problems: readonly Problem[] } {
  let json: { readonly [field: string]: unknown } = {}
  try {
    json = (JSON.parse(text) ?? {}) as typeof json
  } catch {
    // The reader of documents says what is wrong with it.
  }
  if (json['format'] !== FORMAT) {
    const parsed = parseDocument(text, 'the draft of your last session')
    const empty = { tabs: [], active: 0, unread: [] }
    if (!parsed.ok) return { session: empty, problems: parsed.problems }
    return { session: { ...empty, tabs: [bare(parsed.value)] }, problems: [] }
  }
  const tabs: Tab[] = []
  const unread: unknown[] = []
  const problems: Problem[] = []
  for (const one of listOf(json['tabs']).concat(listOf(json['unread']))) {
    const fields = (one ?? {}) as { readonly [field: string]: unknown }
    const { fileName, saved, viewports } = fields
    const name = typeof fileName === 'string' ? fileName : 'a tab of your last session'
    const parsed = fields['document'] === undefined ? null : parseDocument(JSON.stringify(fields['document']), name)
    if (parsed?.ok)
      tabs.push({
        document: parsed.value,
        fileName: typeof fileName === 'string' ? fileName : null,
        saved: saved === true,
        path: words(fields['path']),
        unfolded: words(fields['unfolded']),
        folded: words(fields['folded']),
        viewports: new Map(
          Object.entries(viewports ?? {}).filter((entry): entry is [string, Viewport] => isViewport(entry[1])),
        ),
      })
    else {
      unread.push(one)
      if (parsed) problems.push(...parsed.problems)
    }
  }
  if (unread.length > 0)
    problems.push(
      problem(
        'session.tab',
        `${unread.length === 1 ? 'It is' : 'They are'} kept for a version that can read ${unread.length === 1 ? 'it' : 'them'}.`,
      ),
    )
  const active = json['active']
  return { session: { tabs, active: typeof active === 'number' ? active : 0, unread }, problems }
}

function bare(document: GraphDocument): Tab {
  return { document, fileName: null, saved: false, path: [], unfolded: [], folded: [], viewports: new Map() }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
function words(value: unknown): readonly string[] {
  return listOf(value).filter((one) => typeof one === 'string')
}
function isViewport(value: unknown): value is Viewport {
  const { x, y, zoom } = (value ?? {}) as { readonly [field: string]: unknown }
  return [x, y, zoom].every((one) => typeof one === 'number' && Number.isFinite(one)) && (zoom as number) > 0
}
