/**
 * The window's parts, put together once: the document, the run, the machine behind them, and what a person can do with
 * them. Components get it by context; each uses the part that it shows.
 */
import { createContext, untrack } from 'svelte'
import { contentHash } from '../../src/base/hash.ts'
import type { Problem } from '../../src/base/problem.ts'
import { contentOf } from '../../src/document/composites.ts'
import { emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import type { BlockId, GraphDocument, Position } from '../../src/document/types.ts'
import { createCommands, type Command } from './commands.ts'
import { Connection } from './connection.svelte.ts'
import { DraftKeeper } from './draft.svelte.ts'
import { Editor } from './editor.svelte.ts'
import { examples, type Example } from './library.ts'
import { messageOf } from './link.ts'
import { liveChanges, liveOf, type Live } from './live.ts'
import { Notices } from './notices.svelte.ts'
import { OwnBlocks } from './own-blocks.svelte.ts'
import { RunView } from './run.svelte.ts'
import { View } from './view.svelte.ts'
import { WarmUp } from './warm-up.ts'

/** What the canvas can be asked to do; it is not there before it is drawn. */
export interface CanvasHandle {
  fit(): void
  zoom(factor: number): void
  actualSize(): void
  /** Brings a block into the middle. */
  show(block: BlockId): void
  /** A free place in the middle of what is seen. */
  freePlace(): Position
  /** Where the pointer is, when it is over the canvas. */
  pointer(): Position | null
}

export class Studio {
  readonly view = new View()
  readonly notices = new Notices()
  /** Composites that the person keeps. */
  readonly own: OwnBlocks
  readonly connection: Connection
  readonly run: RunView
  readonly editor: Editor
  readonly draft: DraftKeeper
  readonly commands: readonly Command[]
  canvas: CanvasHandle | null = null
  dialog = $state.raw<'shortcuts' | 'commands' | null>(null)
  /** False until the draft of last time has been looked for. */
  ready = $state(false)
  /** The name of the selected block is to be typed; false again once its field has the keyboard. */
  renaming = $state(false)

  constructor() {
    this.editor = new Editor(examples[0]?.document ?? emptyDocument())
    this.connection = new Connection({
      menuCommand: (id) => this.command(id),
      notice: (problems) => this.#tell('host', problems, 'warning'),
      engineStarted: () => void this.#engineStarted(),
      engineEnded: (reason) => this.run.engineLost(reason.replace(/\.$/, '')),
    })
    this.run = new RunView(this.connection.engine)
    this.draft = new DraftKeeper(this.connection.platform)
    this.own = new OwnBlocks(this.connection.platform, this.notices)
    this.commands = createCommands(this)
  }

  /** The first word between the window and the machine. */
  async start(): Promise<void> {
    this.connection.start()
    await this.connection.settled
    void this.own.sync()
    if (this.connection.link.kind === 'open') await this.#loadDraft()
    this.draft.begin(this.editor.document)
    this.ready = true
  }

  command(id: string): void {
    const command = this.commands.find((candidate) => candidate.id === id)
    if (command?.enabled()) command.run()
  }
  find(id: string): Command | undefined {
    return this.commands.find((command) => command.id === id)
  }

  // Training

  readonly errors: number = $derived.by(
    () => this.editor.analysis.problems.filter((problem) => problem.severity === 'error').length,
  )
  readonly canTrain: boolean = $derived.by(
    () => this.connection.engineState.kind === 'running' && this.errors === 0 && !this.run.active && !this.run.busy,
  )
  readonly canStep: boolean = $derived.by(() => this.run.state === 'paused' && !this.run.busy)
  /** The document that differs from the run's only in what the run was told while it went on. */
  #told = $state.raw<string | null>(null)
  /** What is drawn is no longer what the run is of. */
  readonly runIsOlder: boolean = $derived.by(() => {
    const of = this.run.documentHash
    return of !== null && of !== this.editor.hash && this.#told !== this.editor.hash
  })

  async train(): Promise<void> {
    this.view.set('charts', true)
    await this.run.start(this.editor.document, this.view.get('device'))
  }
  readonly #live: Live = $derived.by(() => liveOf(this.editor.document, this.connection.info?.optimizers ?? []))
  #liveBefore: { readonly live: Live; readonly hash: string } | null = null
  /** Tells the run of parameters that may change while it goes on; to be called after each change of the drawing. */
  followLive(): void {
    const now = { live: this.#live, hash: this.editor.hash }
    untrack(() => {
      const before = this.#liveBefore
      this.#liveBefore = now
      if (!before || !this.run.active) return
      const changes = liveChanges(before.live, now.live)
      if (changes.length === 0) return
      for (const [name, value] of changes) void this.run.setLive(name, value)
      if (before.hash === this.run.documentHash || before.hash === this.#told) this.#told = now.hash
    })
  }
  readonly #warmUp = new WarmUp(({ document, device }) =>
    this.connection.engine.call('run.prepare', { document, device }),
  )
  /** Has the engine get ready for what is drawn; to be called after each change of the drawing. */
  warmUp(): void {
    const device = this.view.get('device')
    const { hash, document } = this.editor
    this.#warmUp.look(this.canTrain && this.ready ? { hash, document, device } : null)
  }
  async step(): Promise<void> {
    await this.run.step()
  }
  async restartEngine(): Promise<void> {
    const wrong = await this.connection.restartEngine()
    if (wrong !== null) this.notices.error('engine.restart', wrong)
    else this.notices.dismiss('engine.restart')
  }
  async #engineStarted(): Promise<void> {
    await this.run.connect()
  }

  // Documents

  newDocument(): void {
    this.#replace(emptyDocument())
  }
  openExample(example: Example): void {
    this.#replace(example.document)
  }
  async openFile(): Promise<void> {
    try {
      const opened = await this.connection.platform.openDocument()
      if (!opened) return
      if (!opened.ok) return this.#tell('document', opened.problems)
      const { handle, name, text } = opened.value
      this.openText(text, name, handle)
    } catch (error) {
      this.notices.error('document', messageOf(error))
    }
  }
  /** A text that should be a document; what is on the screen stays when it is not. */
  openText(text: string, fileName: string, handle: string | null): void {
    const parsed = parseDocument(text, fileName)
    if (!parsed.ok) return this.#tell('document', parsed.problems)
    this.#replace(parsed.value, fileName, handle)
    this.#remember(parsed.value, fileName)
  }
  #replace(document: GraphDocument, fileName: string | null = null, handle: string | null = null): void {
    const { editor } = this
    this.notices.dismiss('document')
    const lost = editor.dirty ? editor.document.name : null
    editor.open(document, { handle, fileName })
    this.view.set('unfolded', [])
    this.inner = null
    if (lost === null) return this.notices.dismiss('replaced')
    this.notices.show({
      key: 'replaced',
      kind: 'info',
      message: `“${lost}” was put away with changes that are in no file.`,
      action: { label: 'Bring it back', run: () => (editor.bringBack(), this.notices.dismiss('replaced')) },
    })
  }

  async save(elsewhere: boolean): Promise<void> {
    const { document, home } = this.editor
    try {
      const name = home.fileName ?? fileNameFor(document.name)
      const saved = await this.connection.platform.saveDocument(
        elsewhere ? null : home.handle,
        name,
        formatDocument(document),
      )
      if (!saved) return
      if (!saved.ok) return this.#tell('document', saved.problems)
      this.notices.dismiss('document')
      this.editor.markSaved(document, { handle: saved.value.handle, fileName: saved.value.name })
      this.#remember(document, saved.value.name)
    } catch (error) {
      this.notices.error('document', messageOf(error))
    }
  }
  #remember(document: GraphDocument, fileName: string): void {
    this.view.set('saved', { hash: contentHash(formatDocument(document)), fileName })
  }

  async #loadDraft(): Promise<void> {
    try {
      const draft = await this.connection.platform.loadDraft()
      if (!draft) return
      const parsed = parseDocument(draft.text, 'the draft of your last session')
      if (!parsed.ok) return this.#tell('draft', parsed.problems)
      const saved = this.view.get('saved')
      const isSaved = saved !== null && saved.hash === contentHash(formatDocument(parsed.value))
      this.editor.open(parsed.value, { handle: null, fileName: isSaved ? saved.fileName : null })
      if (!isSaved && !examples.some((example) => formatDocument(example.document) === formatDocument(parsed.value)))
        this.editor.markUnsaved()
    } catch (error) {
      this.notices.error('draft', messageOf(error))
    }
  }

  // Blocks

  renameSelected(): void {
    this.view.set('inspector', true)
    this.renaming = true
  }

  /** Composites whose inside is seen on the canvas; how the person looks at the drawing, so it is in no document. */
  readonly unfolded: ReadonlySet<BlockId> = $derived.by(() => new Set(this.view.get('unfolded')))
  /** The block inside of a composite that the inspector opens. */
  inner = $state.raw<{ readonly composite: BlockId; readonly block: BlockId } | null>(null)

  /** Where in an open chain the block that is being dragged on the canvas would go. */
  gap = $state.raw<{ readonly composite: BlockId; readonly at: number } | null>(null)

  fold(composite: BlockId, folded: boolean): void {
    const next = new Set(this.unfolded)
    if (folded) next.delete(composite)
    else next.add(composite)
    this.view.set('unfolded', [...next])
  }
  showInner(composite: BlockId, block: BlockId): void {
    this.editor.select([composite])
    this.view.set('inspector', true)
    this.inner = { composite, block }
  }
  /** The one selected block, if it is a composite. */
  get selectedComposite(): BlockId | null {
    const { selectedBlock, document } = this.editor
    return selectedBlock !== null && contentOf(document.graph, selectedBlock)?.inside ? selectedBlock : null
  }
  foldSelected(): void {
    const id = this.selectedComposite
    if (id !== null) this.fold(id, this.unfolded.has(id))
  }
  group(): void {
    if (this.editor.group() === null) return this.#sayRefusal()
    this.view.set('inspector', true)
  }
  unpackSelected(): void {
    const id = this.selectedComposite
    if (id !== null) this.unpack(id)
  }
  unpack(block: BlockId): void {
    if (!this.editor.unpack(block)) this.#sayRefusal()
  }
  useAgain(): void {
    const id = this.editor.selectedBlock
    if (id !== null && this.editor.useAgain(id) === null) this.#sayRefusal()
  }
  makeIndependent(): void {
    const block = this.editor.selectedBlock
    if (block !== null && !this.editor.edit({ kind: 'makeIndependent', block })) this.#sayRefusal()
  }
  /** For what is changed by dragging or by a key, where no field can say why not. */
  attempt(change: () => boolean): void {
    if (!change()) this.#sayRefusal()
  }
  #sayRefusal(): void {
    const { refusal } = this.editor
    if (refusal) this.notices.show({ key: 'refused', kind: 'warning', lasts: 8000, message: refusal.message })
  }
  /** Keeps the selected composite for other drawings: from now on the palette has it. */
  keepSelected(): void {
    const { selectedBlock, document } = this.editor
    const node = selectedBlock === null ? undefined : contentOf(document.graph, selectedBlock)
    if (!node?.inside) return
    const { position: _, ...template } = node
    const { title } = node.inside
    const replaced = this.own.has(title)
    void this.own.keep(template)
    this.notices.show({
      key: 'own',
      kind: 'info',
      lasts: 6000,
      message: `“${title}” is ${replaced ? 'now as drawn here' : 'now'} in the palette, under Complex.`,
    })
    this.view.set('palette', true)
  }
  /** Takes a composite of the person's own out of the palette; drawings that hold it keep theirs. */
  removeOwn(title: string): void {
    const template = this.own.list.find((own) => own.inside?.title === title)
    if (!template) return
    void this.own.remove(title)
    this.notices.show({
      key: 'own',
      lasts: 8000,
      kind: 'info',
      message: `“${title}” is no longer in the palette; drawings that hold it keep it.`,
      action: { label: 'Put it back', run: () => (void this.own.keep(template), this.notices.dismiss('own')) },
    })
  }
  /** Selects a block and brings it into view. */
  show(block: BlockId): void {
    this.editor.select([block])
    this.canvas?.show(block)
  }

  /** Puts text on the system clipboard where the browser lets us; the editor has it in any case. */
  toClipboard(text: string | null): void {
    if (text !== null) navigator.clipboard?.writeText(text).catch(() => {})
  }
  async fromClipboard(): Promise<void> {
    const text = await navigator.clipboard?.readText().catch(() => null)
    this.editor.paste(text ?? null, this.canvas?.pointer() ?? null)
  }

  #tell(key: string, problems: readonly Problem[], kind: 'error' | 'warning' = 'error'): void {
    this.notices.show({ key, kind, message: problems.map((problem) => problem.message).join(' ') })
  }
}

/** A name that every file system takes. */
export function fileNameFor(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  return `${plain === '' ? 'network' : plain}.json`
}

export const [studioContext, provideStudio] = createContext<Studio>()
