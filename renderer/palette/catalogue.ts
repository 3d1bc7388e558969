/** What can be put into a drawing: the blocks of the registry, composites that ship, and those that the person keeps. */
import { families, type BlockDefinition, type Family } from '../../src/blocks/define.ts'
import { blocks, findBlock } from '../../src/blocks/index.ts'
import { kindOf, type BlockTemplate } from '../state/editor.svelte.ts'
import { composites } from '../state/library.ts'
import { order } from './order.ts'
import { searchFor, type Searched } from './search.ts'

export interface Entry extends Searched {
  /** Type of a block, or `composite:` or `own:` and the title. */
  readonly key: string
  readonly family: Family
  readonly doc: string
  /** Of a block of the registry. */
  readonly definition: BlockDefinition | null
  /** Of a composite. */
  readonly template: BlockTemplate | null
  /** Kept by the person, who may take it out again. */
  readonly own: boolean
}

export interface Group {
  /** Null for what was searched for: there the best stands first, whatever its family. */
  readonly family: Family | null
  /** All of them, in the order of the parts. */
  readonly entries: readonly Entry[]
  readonly parts: readonly { readonly title: string | null; readonly entries: readonly Entry[] }[]
}

const COMPOSITE = 'composite:'
const OWN = 'own:'

function entryOf(block: BlockDefinition): Entry {
  const { type, family, title, doc, aliases = [], formula = '', source } = block
  const text = [type, doc, formula, source, family].join(' ')
  return { key: type, family, title, doc, aliases, text, definition: block, template: null, own: false }
}

const titleOf = (template: BlockTemplate) => template.inside?.title ?? template.name

function compositeEntry(template: BlockTemplate, own: boolean): Entry {
  const title = titleOf(template)
  const inside = Object.values(template.inside?.blocks ?? {}).map(kindOf)
  const holds = `${own ? 'A composite of your own' : 'A composite'}: ${inside.join(', ')}.`
  const doc = template.inside?.doc || holds
  const aliases = template.inside?.aliases ?? []
  const key = (own ? OWN : COMPOSITE) + title
  return { key, family: 'complex', title, doc, aliases, text: `${doc} ${holds}`, definition: null, template, own }
}

const shipped: readonly Entry[] = [...blocks.map(entryOf), ...composites.map((one) => compositeEntry(one, false))]
const ownEntries = new WeakMap<BlockTemplate, Entry>()

/** Everything that there is; `own` are the composites that the person keeps. */
export function entriesWith(own: readonly BlockTemplate[]): readonly Entry[] {
  const mine = own.map((template) => {
    const entry = ownEntries.get(template) ?? compositeEntry(template, true)
    ownEntries.set(template, entry)
    return entry
  })
  return [...shipped, ...mine]
}

/** Family by family; or, when something is asked, what fits, the best first. */
export function grouped(entries: readonly Entry[], query: string): readonly Group[] {
  if (query.trim() !== '') {
    const found = searchFor(entries, query)
    return found.length > 0 ? [{ family: null, entries: found, parts: [{ title: null, entries: found }] }] : []
  }
  return families
    .map((family) =>
      ordered(
        family,
        entries.filter((entry) => entry.family === family),
      ),
    )
    .filter((group) => group.entries.length > 0)
}

function ordered(family: Family, entries: readonly Entry[]): Group {
  const named = order[family].map(({ title, types }) => ({
    title,
    entries: types.flatMap((type) => entries.find((entry) => entry.key === type) ?? []),
  }))
  const others = entries.filter((entry) => !order[family].some(({ types }) => types.includes(entry.key)))
  // What nobody has sorted follows the last part, and what is one's own stands by itself.
  const rest = others.filter((entry) => !entry.own)
  const own = others.filter((entry) => entry.own)
  const sorted = named.map((part, i) =>
    i === named.length - 1 ? { ...part, entries: [...part.entries, ...rest] } : part,
  )
  const parts = [...sorted, { title: 'My own', entries: own }].filter((part) => part.entries.length > 0)
  return { family, entries: parts.flatMap((part) => part.entries), parts }
}

/** What an entry puts into the drawing; all parameters are written down, so that later defaults change no document. */
export function templateNamed(key: string, own: readonly BlockTemplate[] = []): BlockTemplate | null {
  const named = (list: readonly BlockTemplate[], prefix: string) =>
    list.find((template) => prefix + titleOf(template) === key) ?? null
  if (key.startsWith(COMPOSITE)) return named(composites, COMPOSITE)
  if (key.startsWith(OWN)) return named(own, OWN)
  const block = findBlock(key)
  if (!block) return null
  const params = Object.fromEntries(Object.entries(block.params).map(([name, spec]) => [name, spec.default]))
  return { type: block.type, name: block.type, params }
}
