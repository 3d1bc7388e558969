/** What can be put into a drawing, by family, and how it is found. */
import { families, type BlockDefinition, type Family } from '../../src/blocks/define.ts'
import { blocks, findBlock } from '../../src/blocks/index.ts'
import type { BlockTemplate } from '../state/editor.svelte.ts'
import { composites } from '../state/library.ts'

export interface Entry {
  /** Type of a block, or `composite:` and the title. */
  readonly key: string
  readonly family: Family
  readonly title: string
  readonly doc: string
  readonly source: string | null
  readonly words: string
}

const COMPOSITE = 'composite:'

function entryOf(block: BlockDefinition): Entry {
  const words = [block.title, block.type, ...(block.aliases ?? []), block.doc].join(' ').toLowerCase()
  return { key: block.type, family: block.family, title: block.title, doc: block.doc, source: block.source, words }
}

function compositeEntry(template: BlockTemplate): Entry {
  const title = template.inside?.title ?? template.name
  const inside = Object.values(template.inside?.blocks ?? {}).map((node) => findBlock(node.type)?.title ?? node.type)
  const doc = `A composite block: ${inside.join(', ')}. It can be unpacked into its parts.`
  return { key: COMPOSITE + title, family: 'complex', title, doc, source: null, words: `${title} ${doc}`.toLowerCase() }
}

export const entries: readonly Entry[] = [...blocks.map(entryOf), ...composites.map(compositeEntry)]

/** The entries whose words hold every word that is searched for, family by family. */
export function search(query: string): readonly { readonly family: Family; readonly entries: readonly Entry[] }[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean)
  const rank = (entry: Entry) => (entry.title.toLowerCase().startsWith(wanted[0] ?? '') ? 0 : 1)
  const found = entries.filter((entry) => wanted.every((word) => entry.words.includes(word)))
  return families
    .map((family) => ({
      family,
      entries: found.filter((entry) => entry.family === family).sort((a, b) => rank(a) - rank(b)),
    }))
    .filter((group) => group.entries.length > 0)
}

/** What an entry puts into the drawing; all parameters are written down, so that later defaults change no document. */
export function templateNamed(key: string): BlockTemplate | null {
  if (key.startsWith(COMPOSITE)) {
    return composites.find((template) => COMPOSITE + (template.inside?.title ?? template.name) === key) ?? null
  }
  const block = findBlock(key)
  if (!block) return null
  const params = Object.fromEntries(Object.entries(block.params).map(([name, spec]) => [name, spec.default]))
  return { type: block.type, name: block.type, params }
}
