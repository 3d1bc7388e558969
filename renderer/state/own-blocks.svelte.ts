/**
 * Composites that the person keeps for other drawings. They are remembered by the browser, each as a document that holds
 * nothing else: the parser that guards files guards what comes back, an older version is brought up to date by it, and one
 * that can't be read takes no other with it.
 */
import { readClip, writeClip } from './clipboard.ts'
import type { BlockTemplate } from './editor.svelte.ts'

const KEY = 'neuroloom.blocks'

/** Where they are kept between two sessions; a browser may refuse. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem'>

export class OwnBlocks {
  readonly #shelf: Shelf | undefined
  #list: readonly BlockTemplate[]

  constructor(shelf: Shelf | undefined = globalThis.localStorage) {
    this.#shelf = shelf
    this.#list = $state.raw(load(shelf))
  }

  get list(): readonly BlockTemplate[] {
    return this.#list
  }

  /** Takes the place of one with the same title. False where it can't be kept beyond this session. */
  keep(template: BlockTemplate): boolean {
    const title = template.inside?.title
    return this.#set([...this.#list.filter((other) => other.inside?.title !== title), template])
  }
  remove(title: string): boolean {
    return this.#set(this.#list.filter((template) => template.inside?.title !== title))
  }
  has(title: string): boolean {
    return this.#list.some((template) => template.inside?.title === title)
  }

  #set(list: readonly BlockTemplate[]): boolean {
    this.#list = [...list].sort((a, b) => (a.inside?.title ?? '').localeCompare(b.inside?.title ?? '', 'en'))
    try {
      const texts = this.#list.map((template) =>
        writeClip({ blocks: { own: { ...template, position: { x: 0, y: 0 } } }, wires: {} }),
      )
      this.#shelf?.setItem(KEY, JSON.stringify(texts))
      return this.#shelf !== undefined
    } catch {
      return false
    }
  }
}

function load(shelf: Shelf | undefined): readonly BlockTemplate[] {
  try {
    const texts: unknown = JSON.parse(shelf?.getItem(KEY) ?? '[]')
    if (!Array.isArray(texts)) return []
    return texts
      .flatMap((text) => (typeof text === 'string' ? Object.values(readClip(text)?.blocks ?? {}) : []))
      .filter((node) => node.inside !== undefined)
      .map(({ position: _, ...template }) => template)
  } catch {
    return []
  }
}
