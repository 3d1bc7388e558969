/**
 * The window's parts, put together once: the document, the run, the machine behind them, and what a person can do with
 * them. Components get it by context; each uses the part that it shows.
 */
import { createContext, tick, untrack } from 'svelte'
import type { Place, Problem } from '../../src/base/problem.ts'
import { placeOfKey } from '../../src/compiler/doctor/site.ts'
import { canvasAt } from '../../src/document/canvas.ts'
import { contentOf } from '../../src/document/composites.ts'
import { documentHash, emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import { countCorrections } from '../../src/document/corrections.ts'
import type {
  AnnotationId,
  BlockId,
  BlockNode,
  DataSection,
  DataSource,
  GraphDocument,
  Position,
  WireId,
} from '../../src/document/types.ts'
import type { Alignment } from '../canvas/arrange.ts'
import { Doctor } from '../doctor/doctor.svelte.ts'
import type { Correcting } from '../evaluate/corrections.ts'
import { FilePrediction } from '../evaluate/file-prediction.svelte.ts'
import { createCommands, Keyboard, type Command } from './commands.svelte.ts'
import { Connection } from './connection.svelte.ts'
import { DraftKeeper } from './draft.svelte.ts'
import { Desk } from './desk.svelte.ts'
import { Editor } from './editor.svelte.ts'
import { Import } from './import.svelte.ts'
import { examples, type Example } from './library.ts'
import { messageOf } from './link.ts'
import { liveChanges, liveOf, type Live } from './live.ts'
import { Notices } from './notices.svelte.ts'
import { OwnBlocks } from './own-blocks.svelte.ts'
import { RunView } from './run.svelte.ts'
import { formatSession, parseSession, type Session } from './session.ts'
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
  fitSelection(): void
  /** What lies in the selected frames, and so goes along with them. */
  framed(): readonly string[]
  /** Lets the person choose a block to add: where the pointer is, or behind the selected block. */
  add(): void
  /** Lets the person choose what takes the place of the selected block. */
  replace(): void
  align(how: Alignment): void
  distribute(how: 'horizontal' | 'vertical'): void
  /** Lays out all blocks, or the selected ones, as one step. */
  tidy(selectedOnly: boolean): Promise<void>
  /** A frame around what is selected, or a note. */
  annotate(kind: 'frame' | 'note'): void
}

/** What the inspector shows while no block is chosen. */
export type Inspected = 'drawing' | 'data' | 'training'

export type Dialog = 'shortcuts' | 'commands' | 'history' | 'connect' | 'settings'

export class Studio {
  readonly view = new View()
  readonly notices = new Notices()
  /** Composites that the person keeps. */
  readonly own: OwnBlocks
  readonly connection: Connection
  readonly run: RunView
  readonly editor: Editor
  readonly doctor: Doctor
  /** Data of the person's own on their way in. */
  readonly importing: Import
  /** Predictions of a whole file. */
  readonly predicting: FilePrediction
  readonly draft: DraftKeeper<Session>
  readonly commands: readonly Command[]
  readonly keyboard: Keyboard
  canvas: CanvasHandle | null = null
  dialog = $state.raw<Dialog | null>(null)
  /** What is looked for in the drawing has the keyboard. */
  finding = $state(false)
  /** False until the draft of last time has been looked for. */
  ready = $state(false)
  /** The name of the selected block is to be typed; false again once its field has the keyboard. */
  renaming = $state(false)
  inspected = $state<Inspected>('drawing')

  constructor() {
    this.editor = new Editor(examples[0]?.document ?? emptyDocument())
    this.doctor = new Doctor(this.editor)
    this.connection = new Connection({
      menuCommand: (id) => this.command(id),
      notice: (problems) => this.#tell('host', problems, 'warning'),
      engineStarted: () => void this.#engineStarted(),
      engineEnded: (reason) => this.run.engineLost(reason.replace(/\.$/, '')),
    })
    this.run = new RunView(this.connection.engine)
    const { engine, platform } = this.connection
    this.importing = new Import({
      engine,
      platform,
      document: () => this.editor.document,
      extensions: () => this.connection.info?.readers.flatMap(({ extensions }) => extensions) ?? [],
      use: (data) => this.editor.edit({ kind: 'setData', data }),
      open: (document) => this.#open(document),
    })
    this.predicting = new FilePrediction({
      engine,
      platform,
      extensions: () => this.connection.info?.readers.flatMap(({ extensions }) => extensions) ?? [],
    })
    this.draft = new DraftKeeper(this.connection.platform, formatSession)
    this.own = new OwnBlocks(this.connection.platform, this.notices)
    this.commands = createCommands(this)
    this.keyboard = new Keyboard(this.commands)
  }

  /** The first word between the window and the machine. */
  async start(): Promise<void> {
    this.connection.start()
    await this.connection.settled
    void this.own.sync()
    if (this.connection.link.kind === 'open') await this.#loadDraft()
    this.draft.begin(this.session)
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

  /** Whose network the run is of; null for a run that was there before this window. */
  trained = $state.raw<Desk | null>(null)
  /** As it was when its training began. */
  #trainedDocument = $state.raw<GraphDocument | null>(null)
  /** Blocks of the open canvas that are not what is being, or was, trained; none where another document is shown. */
  readonly changed: ReadonlySet<BlockId> = $derived.by(() => {
    const trained = this.#trainedDocument
    if (!trained || this.trained !== this.editor.desk) return new Set<BlockId>()
    const before = canvasAt(trained.graph, this.editor.path)?.blocks ?? {}
    const differs = ([id, node]: [BlockId, BlockNode]) => {
      const old = before[id]
      if (old === node) return false
      return (
        !old ||
        old.type !== node.type ||
        old.params !== node.params ||
        old.inside !== node.inside ||
        old.repeat !== node.repeat ||
        old.shares !== node.shares ||
        old.bypassed !== node.bypassed
      )
    }
    return new Set(
      Object.entries(this.editor.graph.blocks)
        .filter(differs)
        .map(([id]) => id),
    )
  })
  /** What is shown is being trained right now. */
  readonly learning: boolean = $derived.by(() => this.run.state === 'running' && this.trained === this.editor.desk)

  /** The document whose network is being trained. After the window was opened anew only its text tells. */
  readonly inTraining: Desk | null = $derived.by(() => {
    if (!this.run.active) return null
    const { desks } = this.editor
    const desk = this.trained ?? desks.find((one) => documentHash(one.document) === this.run.documentHash)
    return desk && desks.includes(desk) ? desk : null
  })
  /** Another one than is shown. */
  readonly trainsElsewhere: Desk | null = $derived.by(() =>
    this.inTraining === this.editor.desk ? null : this.inTraining,
  )

  /** Data that the person did not want to wait for: nobody else has them read behind the person's back. */
  #unwanted = $state.raw<DataSource | null>(null)
  /** The engine may look at what is drawn before it is trained. */
  readonly mayLook: boolean = $derived.by(
    () => this.canTrain && this.ready && this.#unwanted !== this.editor.document.data.source,
  )

  async train(): Promise<void> {
    if (this.run.starting) return
    if (this.trainsElsewhere) return this.#sayElsewhere(this.trainsElsewhere)
    this.notices.dismiss('elsewhere')
    this.view.set('charts', true)
    this.#unwanted = null
    const { desk, document } = this.editor
    if (await this.run.start(document, this.view.get('device'))) {
      this.trained = desk
      this.#trainedDocument = document
    } else if (this.run.givenUp) this.#unwanted = document.data.source
  }
  /** The data of what is shown are not to be read before they are asked for. */
  leaveData(): void {
    this.#unwanted = this.editor.document.data.source
  }
  #sayElsewhere(desk: Desk): void {
    const { name } = desk.document
    this.notices.show({
      key: 'elsewhere',
      kind: 'info',
      lasts: 10_000,
      message: `“${name}” is being trained, and one network is trained at a time. Stop that training to train this drawing.`,
      action: { label: `Go to “${name}”`, run: () => (this.editor.show(desk), this.notices.dismiss('elsewhere')) },
    })
  }
  /** Samples put right in the document that is shown. */
  readonly correcting: Correcting = $derived.by(() => ({
    data: this.editor.document.data,
    edit: (label, data) => void this.editor.editAll(label, [{ kind: 'setData', data }]),
    // Starting ends the run that there is.
    train:
      this.connection.engineState.kind === 'running' && this.errors === 0 && !this.run.busy
        ? () => void this.train()
        : null,
  }))
  #correctedBefore: { readonly desk: Desk; readonly data: DataSection } | null = null
  /** Says what was dropped with the data that it was of; to be called after each change of the drawing. */
  followCorrections(): void {
    const now = { desk: this.editor.desk, data: this.editor.document.data }
    untrack(() => {
      const before = this.#correctedBefore
      this.#correctedBefore = now
      if (before?.desk !== now.desk || before.data.source === now.data.source) return
      const gone = countCorrections(before.data) - countCorrections(now.data)
      // What comes back with an undo, or goes with it, is what one asked for.
      if (gone <= 0 || this.editor.canRedo) return
      const what = gone === 1 ? '1 correction of a sample was' : `${gone} corrections of samples were`
      this.notices.show({
        key: 'corrections',
        kind: 'info',
        lasts: 10_000,
        message: `${what} of the data before and ${gone === 1 ? 'is' : 'are'} dropped; Undo brings the data back with ${gone === 1 ? 'it' : 'them'}.`,
      })
    })
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
  readonly #warmUp = new WarmUp(({ document, device }, signal) =>
    this.connection.engine.call('run.prepare', { document, device }, { signal }),
  )
  /** Has the engine get ready for what is drawn; to be called after each change of the drawing. */
  warmUp(): void {
    const device = this.view.get('device')
    const { hash, document } = this.editor
    this.#warmUp.look(this.mayLook ? { hash, document, device } : null)
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
    this.#open(emptyDocument())
  }
  openExample(example: Example): void {
    this.#open(example.document)
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
    this.#open(parsed.value, fileName, handle)
  }
  #open(document: GraphDocument, fileName: string | null = null, handle: string | null = null): void {
    this.notices.dismiss('document')
    const { editor } = this
    const twin = handle === null ? undefined : editor.desks.find((desk) => desk.home.handle === handle && !desk.dirty)
    if (twin) return editor.show(twin)
    editor.open(document, { handle, fileName })
    this.inner = null
  }
  /** Closes a tab. What is in no file can be brought back as long as no other is closed. */
  closeTab(desk = this.editor.desk): void {
    const { editor, notices } = this
    const lost = desk.dirty ? desk.document.name : null
    editor.close(desk, emptyDocument())
    this.inner = null
    if (lost === null) return notices.dismiss('closed')
    notices.show({
      key: 'closed',
      kind: 'info',
      message: `“${lost}” was closed with changes that are in no file.`,
      action: { label: 'Bring it back', run: () => this.reopenTab() },
    })
  }
  reopenTab(): void {
    this.editor.reopen()
    this.notices.dismiss('closed')
  }

  async save(elsewhere: boolean): Promise<void> {
    const { desk } = this.editor
    const { document, home } = desk
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
      this.editor.markSaved(desk, document, { handle: saved.value.handle, fileName: saved.value.name })
    } catch (error) {
      this.notices.error('document', messageOf(error))
    }
  }

  /** Tabs of a session before that this version could not read. */
  #unread: readonly unknown[] = []
  /** All that is open, to be kept on disk. */
  readonly session: Session = $derived.by(() => ({
    tabs: this.editor.desks.map((desk) => ({
      document: desk.document,
      fileName: desk.home.fileName,
      saved: !desk.dirty,
      path: desk.path,
      unfolded: [...desk.unfolded],
      folded: [...desk.folded],
      viewports: desk.viewports,
    })),
    active: this.editor.desks.indexOf(this.editor.desk),
    unread: this.#unread,
  }))
  async #loadDraft(): Promise<void> {
    try {
      const draft = await this.connection.platform.loadDraft()
      if (!draft) return
      const { session, problems } = parseSession(draft.text)
      if (problems.length > 0) this.#tell('draft', problems)
      this.#unread = session.unread
      const shipped = new Set(examples.map((example) => formatDocument(example.document)))
      const desks = session.tabs.map((tab) => {
        const desk = new Desk(tab.document, { handle: null, fileName: tab.fileName })
        const { path, unfolded, folded, viewports } = tab
        Object.assign(desk, { path, unfolded: new Set(unfolded), folded: new Set(folded), viewports })
        // Another object than what is drawn: it is in no file.
        if (!tab.saved && !shipped.has(formatDocument(tab.document))) desk.saved = { ...tab.document }
        return desk
      })
      this.editor.restore(desks, session.active)
    } catch (error) {
      this.notices.error('draft', messageOf(error))
    }
  }

  // Blocks

  renameSelected(): void {
    this.view.set('inspector', true)
    this.renaming = true
  }

  /** By its place on the canvases: `c1/b2`. How the person looks at the drawing is in no document. */
  #placeOf(block: BlockId): string {
    return [...this.editor.path, block].join('/')
  }
  /** A composite whose inside is seen on the canvas. */
  isUnfolded(block: BlockId): boolean {
    return this.editor.desk.unfolded.has(this.#placeOf(block))
  }
  /** A block of which only the head is seen. */
  isFolded(block: BlockId): boolean {
    return this.editor.desk.folded.has(this.#placeOf(block))
  }
  /** The block inside of a composite that the inspector opens. */
  inner = $state.raw<{ readonly composite: BlockId; readonly block: BlockId } | null>(null)

  /** Where in an open chain the block that is being dragged on the canvas would go. */
  gap = $state.raw<{ readonly composite: BlockId; readonly at: number } | null>(null)

  /** The wire that the block which is being dragged would be put on. */
  wireTaking = $state.raw<WireId | null>(null)
  /** A frame or note whose text is to be typed; null again once its field has the keyboard. */
  writing = $state.raw<AnnotationId | null>(null)

  fold(composite: BlockId, folded: boolean): void {
    const { desk } = this.editor
    const next = new Set(desk.unfolded)
    if (folded) next.delete(this.#placeOf(composite))
    else next.add(this.#placeOf(composite))
    desk.unfolded = next
  }
  showInner(composite: BlockId, block: BlockId): void {
    this.editor.select([composite])
    this.view.set('inspector', true)
    this.inner = { composite, block }
  }
  /** The one selected block, if it is a composite. */
  get selectedComposite(): BlockId | null {
    const { selectedBlock, graph } = this.editor
    return selectedBlock !== null && contentOf(graph, selectedBlock)?.inside ? selectedBlock : null
  }
  /** Folds the selected blocks, or shows their bodies again if all are folded. */
  foldSelected(): void {
    const { desk, selection } = this.editor
    const places = [...selection.blocks].map((block) => this.#placeOf(block))
    const all = places.every((place) => desk.folded.has(place))
    const next = new Set(desk.folded)
    for (const place of places) {
      if (all) next.delete(place)
      else next.add(place)
    }
    desk.folded = next
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
    const { selectedBlock, graph } = this.editor
    const node = selectedBlock === null ? undefined : contentOf(graph, selectedBlock)
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
  /** Goes to the canvas that these composites lead to, selects a block there and brings it into view. */
  async show(block: BlockId, path: readonly BlockId[] = []): Promise<void> {
    this.editor.goTo(path)
    this.editor.select([block])
    // Another canvas has to be drawn first.
    await tick()
    this.canvas?.show(block)
  }
  /** Brings up the panel of the data. */
  showData(): void {
    // A block that is chosen would have the inspector.
    this.editor.selectNone()
    this.inspected = 'data'
    this.view.set('inspector', true)
  }
  /** Where a problem is, however deep inside of composites. */
  showPlace({ block, inner }: Place): void {
    if (block === undefined) return
    const { path, block: there } = placeOfKey(this.editor.document.graph, inner ?? block)
    void this.show(there, path)
  }
  enterSelected(): void {
    const id = this.selectedComposite
    if (id !== null) this.editor.enter(id)
  }
  /** Nothing is selected any more, or where nothing was, one goes back to the canvas around. */
  escape(): void {
    if (this.editor.anythingSelected) this.editor.selectNone()
    else this.editor.leave()
  }
  /** Leaves the selected blocks out, or if all are, takes them in again. */
  bypassSelected(): void {
    const { editor } = this
    const blocks = [...editor.selection.blocks]
    const all = blocks.every((id) => editor.graph.blocks[id]?.bypassed)
    this.attempt(() => editor.edit({ kind: 'setBypassed', blocks, bypassed: !all }))
  }
  /** Shows one of the two tabs of the left panel, or puts the panel away where that one is shown already. */
  showLeft(tab: 'blocks' | 'outline'): void {
    const { view } = this
    if (view.shows('palette') && view.get('left') === tab) return view.set('palette', false)
    view.set('left', tab)
    view.set('palette', true)
  }

  /** Puts text on the system clipboard where the browser lets us; the editor has it in any case. */
  toClipboard(text: string | null): void {
    if (text !== null) navigator.clipboard?.writeText(text).catch(() => {})
  }
  /** At the pointer; else beside the original, or in another document where it is seen. */
  pastePlace(): Position | null {
    const { canvas, editor } = this
    return canvas?.pointer() ?? (editor.copiedHere ? null : (canvas?.freePlace() ?? null))
  }
  async fromClipboard(wired = false): Promise<void> {
    const at = this.pastePlace()
    const text = await navigator.clipboard?.readText().catch(() => null)
    this.editor.paste(text ?? null, at, wired)
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
