/**
 * Composites that the person keeps for other drawings, each as a document that holds nothing else: the parser that guards
 * files guards what comes back. They lie on the machine, one by one. The browser remembers two things beside: what the
 * machine said last, shown until it has been asked, and each change that is not on the machine yet, so that a window that
 * is closed too early loses none. Where two windows keep different ones under one title, both stay: the later one gets a
 * title of its own.
 */
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import { parseDocument } from '../../src/document/file.ts'
import { LIBRARY_CHANGED, type KeptBlock } from '../../src/protocol/messages.ts'
import { RpcError } from '../../src/protocol/rpc.ts'
import { writeClip } from './clipboard.ts'
import type { BlockTemplate } from './editor.svelte.ts'
import { messageOf } from './link.ts'
import type { Notices } from './notices.svelte.ts'
import type { Platform } from './platform.ts'

/** What the browser remembers; it may refuse. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

const CACHE = 'neuroloom.library'
const WAITING = 'neuroloom.waiting.'
/** Until 0.1 the browser alone kept them here: a list of documents. Taken over once. */
const OLD = 'neuroloom.blocks'
/** What of it could not be read. */
const ASIDE = 'neuroloom.blocks.unreadable'
/** Milliseconds until what failed is tried again. */
const RETRY = 3000

/** On the machine. */
interface Kept extends KeptBlock {
  /** Null for one that can't be read; it is left alone. */
  readonly template: BlockTemplate | null
}

/** Not on the machine yet. */
interface Change {
  readonly id: string
  title: string
  /** Both null for one that is no longer to be kept. */
  text: string | null
  template: BlockTemplate | null
  /** The version that it takes the place of. */
  before: string | null
}

export class OwnBlocks {
  readonly #platform: Pick<Platform, 'loadLibrary' | 'saveLibrary'>
  readonly #notices: Pick<Notices, 'show' | 'dismiss'>
  readonly #shelf: Shelf | undefined
  #kept: ReadonlyMap<string, Kept>
  /** Oldest first. */
  readonly #changes: Set<Change>
  #list = $state.raw<readonly BlockTemplate[]>([])
  #asked = false
  #running: Promise<void> | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Why not all of them are on the machine, as it was told. */
  #said: string | null = null

  constructor(
    platform: Pick<Platform, 'loadLibrary' | 'saveLibrary'>,
    notices: Pick<Notices, 'show' | 'dismiss'>,
    shelf: Shelf | undefined = globalThis.localStorage,
  ) {
    this.#platform = platform
    this.#notices = notices
    this.#shelf = shelf
    this.#kept = new Map(readCache(shelf).map((block) => [block.title, opened(block)]))
    this.#changes = new Set(readWaiting(shelf))
    this.#takeOver()
    this.#arrange()
  }

  get list(): readonly BlockTemplate[] {
    return this.#list
  }
  has(title: string): boolean {
    return this.#list.some((template) => template.inside?.title === title)
  }

  /** Takes the place of one with the same title. Resolves once it is on the machine, or that has failed for now. */
  keep(template: BlockTemplate): Promise<void> {
    return this.#change(template.inside?.title ?? '', template)
  }
  remove(title: string): Promise<void> {
    return this.#change(title, null)
  }

  /** Asks the machine what it has, and brings it what it has not. */
  sync(): Promise<void> {
    clearTimeout(this.#timer)
    this.#running ??= this.#sync()
    return this.#running
  }

  async #sync(): Promise<void> {
    let failure: unknown = null
    try {
      // Waits in either case: who called must know of it before it ends.
      await (this.#asked ? null : this.#load())
    } catch (error) {
      failure = error
    }
    // Those that come while it goes on are visited too; one that is refused keeps no other waiting.
    if (failure === null)
      for (const change of this.#changes) await this.#bring(change).catch((error: unknown) => (failure = error))
    this.#running = null
    if (failure !== null) this.#timer = setTimeout(() => void this.sync(), RETRY)
    this.#sayFailure(failure)
  }

  /** Once; null for none. That the machine can't be reached is said by the connection. */
  #sayFailure(failure: unknown): void {
    if (failure instanceof RpcError && failure.code === 'rpc.closed') return
    const said = failure === null ? null : messageOf(failure)
    if (said === this.#said) return
    this.#said = said
    if (said === null) return this.#notices.dismiss('library')
    const message = `Blocks of your own in the palette are not on this machine yet: ${said} It is tried again by itself.`
    this.#notices.show({ key: 'library', kind: 'error', message })
  }

  #change(title: string, template: BlockTemplate | null): Promise<void> {
    const known = this.#kept.get(title)
    let change = [...this.#changes].findLast((waiting) => waiting.title === title)
    if (!change) {
      change = { id: freshId(), title, text: null, template, before: known?.template ? known.version : null }
      this.#changes.add(change)
    }
    change.template = template
    change.text = template && textOf(template)
    this.#remember(change)
    this.#arrange()
    return this.sync()
  }

  async #load(): Promise<void> {
    const blocks = await this.#platform.loadLibrary()
    this.#asked = true
    this.#setKept(
      blocks.map((block) => {
        const known = this.#kept.get(block.title)
        return known?.text === block.text ? { ...block, template: known.template } : opened(block)
      }),
    )
    this.#arrange()
    const reasons = blocks.flatMap((block) => {
      const read = this.#kept.get(block.title)?.template ? null : templateOf(block)
      return !read || read.ok ? [] : [`“${block.title}”: ${read.problems[0]?.message ?? ''}`]
    })
    if (reasons.length > 0)
      this.#notices.show({
        key: 'library.unreadable',
        kind: 'warning',
        message: `Of the blocks that you keep, some can’t be read and are left as they are. ${reasons.join(' ')}`,
      })
  }

  /** Throws when it can't be done now. */
  async #bring(change: Change): Promise<void> {
    while (this.#changes.has(change)) {
      const { title, text, template, before } = change
      const saved = await this.#platform.saveLibrary(title, text, before)
      if (saved.ok) {
        const { version } = saved.value
        const others = [...this.#kept.values()].filter((block) => block.title !== title)
        this.#setKept(text === null || version === null ? others : [...others, { title, text, version, template }])
        change.before = version
        // It may have been changed again meanwhile.
        if (change.text === text) this.#forget(change)
        else this.#remember(change)
      } else {
        const [first] = saved.problems
        if (first?.code !== LIBRARY_CHANGED) throw new Error(saved.problems.map((one) => one.message).join(' '))
        await this.#load()
        this.#makeRoom(change)
      }
      this.#arrange()
    }
  }

  /** Another window was faster: what it keeps stays. */
  #makeRoom(change: Change): void {
    const { title, template } = change
    if (!template) {
      this.#say(`“${title}” was changed in another window, so it stays in the palette.`)
      return this.#forget(change)
    }
    if (!this.#kept.has(title) && change.before !== null) change.before = null
    else {
      change.title = this.#freeTitle(title)
      change.template = retitled(template, change.title)
      change.text = textOf(change.template)
      change.before = null
      this.#say(`There is another “${title}” in the palette already; this one is now “${change.title}”.`)
    }
    this.#remember(change)
  }

  #freeTitle(title: string): string {
    const taken = new Set([title, ...this.#kept.keys(), ...[...this.#changes].map((change) => change.title)])
    let n = 2
    while (taken.has(`${title} ${n}`)) n++
    return `${title} ${n}`
  }

  #arrange(): void {
    const shown = new Map([...this.#kept].map(([title, { template }]) => [title, template]))
    for (const { title, template } of this.#changes) shown.set(title, template)
    this.#list = [...shown]
      .sort(([a], [b]) => a.localeCompare(b, 'en'))
      .flatMap(([_title, template]) => (template ? [template] : []))
  }

  #say(message: string): void {
    this.#notices.show({ key: 'library.changed', kind: 'warning', message })
  }

  // The browser's memory

  #setKept(blocks: readonly Kept[]): void {
    this.#kept = new Map(blocks.map((block) => [block.title, block]))
    this.#put(CACHE, JSON.stringify(blocks.map(({ title, text, version }) => ({ title, text, version }))))
  }
  #remember({ id, title, text, before }: Change): boolean {
    return this.#put(WAITING + id, JSON.stringify({ title, text, before }))
  }
  #forget(change: Change): void {
    this.#changes.delete(change)
    this.#shelf?.removeItem(WAITING + change.id)
  }
  #put(key: string, text: string): boolean {
    try {
      this.#shelf?.setItem(key, text)
      return this.#shelf !== undefined
    } catch {
      return false
    }
  }

  /** The old list stays until each of its blocks waits under a name of its own. */
  #takeOver(): void {
    const old = this.#shelf?.getItem(OLD)
    if (old === null || old === undefined) return
    const texts = parsed(old)
    const read = Array.isArray(texts) ? texts.map(oldTemplate) : [null]
    const changes = read.flatMap((template) =>
      template
        ? [{ id: freshId(), title: template.inside?.title ?? '', text: textOf(template), template, before: null }]
        : [],
    )
    let isSafe = true
    for (const change of changes) {
      this.#changes.add(change)
      isSafe = this.#remember(change) && isSafe
    }
    if (read.includes(null)) {
      const aside = parsed(this.#shelf?.getItem(ASIDE) ?? '[]')
      isSafe =
        this.#put(ASIDE, JSON.stringify([...(Array.isArray(aside) ? (aside as unknown[]) : [aside]), old])) && isSafe
      this.#notices.show({
        key: 'library.old',
        kind: 'warning',
        message: `Some blocks that this browser kept can’t be read. They stay in its storage, under “${ASIDE}”.`,
      })
    }
    if (isSafe) this.#shelf?.removeItem(OLD)
  }
}

function textOf(template: BlockTemplate): string {
  return writeClip({ blocks: { own: { ...template, position: { x: 0, y: 0 } } }, wires: {} })
}

function templateOf({ title, text }: Pick<KeptBlock, 'title' | 'text'>): Result<BlockTemplate> {
  const read = parseDocument(text, `the block "${title}"`)
  if (!read.ok) return read
  const template = compositeIn(Object.values(read.value.graph.blocks))
  return template?.inside?.title === title
    ? ok(template)
    : fail(problem('library.block', 'What is kept under this title is another block.'))
}

function compositeIn(nodes: readonly (BlockTemplate & { readonly position: unknown })[]): BlockTemplate | null {
  const [node] = nodes
  if (!node?.inside || nodes.length !== 1) return null
  const { position: _, ...template } = node
  return template
}

function oldTemplate(text: unknown): BlockTemplate | null {
  const read = typeof text === 'string' ? parseDocument(text, 'a kept block') : null
  return read?.ok ? compositeIn(Object.values(read.value.graph.blocks)) : null
}

function opened(block: KeptBlock): Kept {
  const read = templateOf(block)
  return { ...block, template: read.ok ? read.value : null }
}

function retitled(template: BlockTemplate, title: string): BlockTemplate {
  return template.inside ? { ...template, inside: { ...template.inside, title } } : template
}

function freshId(): string {
  return `${Date.now().toString(36)}-${crypto.randomUUID()}`
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return text
  }
}

function readCache(shelf: Shelf | undefined): readonly KeptBlock[] {
  const blocks = parsed(shelf?.getItem(CACHE) ?? null)
  if (!Array.isArray(blocks)) return []
  return (blocks as readonly Partial<KeptBlock>[]).flatMap((block) => {
    const { title, text, version } = block ?? {}
    return typeof title === 'string' && typeof text === 'string' && typeof version === 'string'
      ? [{ title, text, version }]
      : []
  })
}

function readWaiting(shelf: Shelf | undefined): readonly Change[] {
  const keys = Array.from({ length: shelf?.length ?? 0 }, (_, i) => shelf?.key(i) ?? '')
  return keys
    .filter((key) => key.startsWith(WAITING))
    .sort()
    .flatMap((key): readonly Change[] => {
      const { title, text, before } = (parsed(shelf?.getItem(key) ?? null) ?? {}) as {
        readonly [name: string]: unknown
      }
      if (typeof title !== 'string' || !(typeof before === 'string' || before === null)) return []
      const id = key.slice(WAITING.length)
      if (text === null) return [{ id, title, text, template: null, before }]
      const read = typeof text === 'string' ? templateOf({ title, text }) : null
      return read?.ok && typeof text === 'string' ? [{ id, title, text, template: read.value, before }] : []
    })
}
