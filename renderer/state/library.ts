/** What ships with the program: documents to begin with, and composite blocks for the palette. */
import { parseDocument } from '../../src/document/file.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { BlockTemplate } from './editor.svelte.ts'

export interface Example {
  /** File name without its ending: `stroke-digits`. */
  readonly id: string
  readonly document: GraphDocument
}

const texts = import.meta.glob<string>('../../models/examples/*.json', {
  eager: true,
  query: '?raw',
  import: 'default',
})
const files = import.meta.glob<BlockTemplate>('../../models/blocks/*.json', { eager: true, import: 'default' })

const baseName = (path: string) => path.replace(/^.*\//, '').replace(/\.json$/, '')

/** The one that a new person finds on the canvas. */
const FIRST = 'stroke-digits'

export const examples: readonly Example[] = Object.entries(texts)
  .flatMap(([path, text]) => {
    const parsed = parseDocument(text, baseName(path))
    return parsed.ok ? [{ id: baseName(path), document: parsed.value }] : []
  })
  .sort(
    (a, b) => Number(b.id === FIRST) - Number(a.id === FIRST) || a.document.name.localeCompare(b.document.name, 'en'),
  )

export const composites: readonly BlockTemplate[] = Object.values(files).sort((a, b) =>
  (a.inside?.title ?? a.name).localeCompare(b.inside?.title ?? b.name, 'en'),
)
