/**
 * The documents being edited, each with its history, and of the one that is shown the canvas that is open, its analysis and
 * what is selected there. Built once and handed down by context; `edit` is the only door through which a document changes.
 * All values are immutable and held raw: to undo is to hold an older reference.
 */
import { problem, type Problem } from '../../src/base/problem.ts'
import type { ParamValue, ParamValues } from '../../src/base/params.ts'
import { findBlock } from '../../src/blocks/index.ts'
import { Analyst, levelOf, type BlockAnalysis, type Level } from '../../src/compiler/analyze.ts'
import { opened, RIM, type Canvas } from '../../src/document/canvas.ts'
import { contentOf, originalOf, valuesInside } from '../../src/document/composites.ts'
import {
  copyFragment,
  freshId,
  freshIds,
  freshName,
  placeFragment,
  within,
  type Edit,
  type GraphEdit,
} from '../../src/document/edits.ts'
import { documentHash } from '../../src/document/file.ts'
import { commit, redo, redoLabel, undo, undoLabel, withdraw } from '../../src/document/history.ts'
import type {
  AnnotationId,
  BlockId,
  BlockNode,
  Constants,
  Graph,
  GraphDocument,
  Inside,
  Position,
  WireId,
} from '../../src/document/types.ts'
import { incomingWires, readClip, writeClip, type Incoming } from './clipboard.ts'
import { Desk, nothing, nowhere, type Home, type Mark, type Selection } from './desk.svelte.ts'
import { among, sameSet } from './sets.ts'

export type { Home, Selection } from './desk.svelte.ts'

/** A node as the palette and files of composites give it: everything but its place. */
export type BlockTemplate = Omit<BlockNode, 'position'>

/** What is known of a value: its shape and what its elements are. */
export type Aval = NonNullable<BlockAnalysis['outputs'][string]>

const unknown: Level = { blocks: new Map(), wires: new Map() }

export class Editor {
  /** All open documents, in the order of their tabs. */
  desks: readonly Desk[]
  #desk: Desk
  #copied = ''
  /** How often was pasted at the same place in a row, beside the first time; and where that was. */
  #pastes = 0
  #pastedAt: Position | null = null
  #copiedFrom: Desk | null = null
  /** The tab that was closed last, where it was, and the empty one that took its place if it was the only one. */
  #closed: { readonly desk: Desk; readonly at: number; readonly spare: Desk | null } | null = null
  /** Why the last edit was refused; until the next one that is not. */
  refusal: Problem | null
  /** Goes up by one whenever another document is shown: views that belong to one document start anew. */
  shown: number

  constructor(document: GraphDocument) {
    this.#desk = $state.raw(new Desk(document))
    this.desks = $state.raw([this.#desk])
    this.refusal = $state.raw(null)
    this.shown = $state(0)
  }

  get desk(): Desk {
    return this.#desk
  }
  /** No derived value of its own: after a third tab had taken another's place, such a one followed its edits no more. */
  get document(): GraphDocument {
    return this.#desk.document
  }
  /** Remembers what it found, so that asking about a drawing that differs little is cheap. */
  readonly analyst = new Analyst()
  readonly analysis = $derived.by(() => this.analyst.analyze(this.document))
  readonly hash = $derived.by(() => documentHash(this.document))
  readonly dirty = $derived.by(() => this.#desk.dirty)
  readonly canUndo = $derived.by(() => this.#desk.history.past.length > 0)
  readonly canRedo = $derived.by(() => this.#desk.history.future.length > 0)
  readonly constants: Constants = $derived.by(() => this.document.constants ?? {})
  get home(): Home {
    return this.#desk.home
  }

  // The canvas that is open

  /** The composites that one has entered, from outside in, with what they hold; those that are still there. */
  readonly trail: readonly { readonly id: BlockId; readonly node: BlockNode; readonly inside: Inside }[] = $derived.by(
    () => {
      const trail: { id: BlockId; node: BlockNode; inside: Inside }[] = []
      let graph: Graph = this.document.graph
      for (const id of this.#desk.path) {
        const node = contentOf(graph, id)
        if (!node?.inside) break
        trail.push({ id, node, inside: node.inside })
        graph = node.inside
      }
      return trail
    },
  )
  readonly path: readonly BlockId[] = $derived.by(() => this.trail.map(({ id }) => id))
  /** `c1/b2`; empty for the outermost canvas. */
  readonly place: string = $derived.by(() => this.path.join('/'))
  /** The composite that one is in. */
  readonly inside: Inside | null = $derived.by(() => this.trail.at(-1)?.inside ?? null)
  /** What is drawn on the canvas that is open; inside of a composite with wires from and to its rim. */
  readonly graph: Canvas = $derived.by(() => (this.inside ? opened(this.inside) : this.document.graph))
  readonly level: Level = $derived.by(() => levelOf(this.analysis, this.path) ?? unknown)

  /** The composites that one is in, with the values that they have, their own or given by those around them. */
  readonly #around: readonly { readonly id: BlockId; readonly inside: Inside; readonly params: ParamValues }[] =
    $derived.by(() => {
      let given: ReadonlyMap<BlockId, ParamValues> = new Map()
      return this.trail.map(({ id, node, inside }) => {
        const params = { ...node.params, ...given.get(id) }
        given = valuesInside(inside, params)
        return { id, inside, params }
      })
    })
  /** Values that the composite around gives to the blocks of the open canvas. */
  readonly #given: ReadonlyMap<BlockId, ParamValues> = $derived.by(() => {
    const last = this.#around.at(-1)
    return last ? valuesInside(last.inside, last.params) : new Map()
  })
  /** A block of the open canvas as it computes: with the content that it shares and the values that it is given. */
  blockOf(id: BlockId): BlockNode | undefined {
    const node = contentOf(this.graph, id)
    const given = this.#given.get(originalOf(this.graph, id))
    return node && given ? { ...node, params: { ...node.params, ...given } } : node
  }
  /** The parameter of the composite around the open canvas that sets this one; null where none does. */
  shownAs(block: BlockId, param: string): { readonly name: string; readonly label: string } | null {
    return this.inside ? exposing(this.inside, block, param) : null
  }

  /** Enters a composite of the open canvas. */
  enter(block: BlockId): boolean {
    if (!contentOf(this.graph, block)?.inside) return false
    this.#desk.path = [...this.path, block]
    this.#desk.selection = nothing
    this.refusal = null
    return true
  }
  /** Back to the canvas around, or to the one that `depth` composites lead to; what was left is selected. */
  leave(depth = this.path.length - 1): boolean {
    const left = this.path[depth]
    if (left === undefined) return false
    this.#desk.path = this.path.slice(0, depth)
    this.#desk.selection = { ...nothing, blocks: new Set([left]) }
    this.refusal = null
    return true
  }
  /** Opens the canvas that these composites lead to. */
  goTo(path: readonly BlockId[]): void {
    if (path.join('/') === this.place) return
    this.#desk.path = path
    this.#desk.selection = nothing
    this.refusal = null
  }
  /** What flows in a wire of the open canvas, also where it comes from the rim or goes there. */
  avalOf(wire: WireId): Aval | undefined {
    const found = this.level.wires.get(wire)
    if (found) return found.aval
    const ends = this.graph.wires[wire]
    if (!ends) return undefined
    const { from, to } = ends
    return from.block === RIM.in
      ? this.level.blocks.get(to.block)?.inputs[to.port]
      : this.level.blocks.get(from.block)?.outputs[from.port]
  }
  /** Other uses of each block that has some, by its id. */
  readonly uses: ReadonlyMap<BlockId, readonly BlockId[]> = $derived.by(() => {
    const uses = new Map<BlockId, BlockId[]>()
    for (const [id, { shares }] of Object.entries(this.graph.blocks))
      if (shares !== undefined) uses.set(shares, [...(uses.get(shares) ?? []), id])
    return uses
  })

  // Editing

  /**
   * Edits of a graph are of the canvas that is open. Those with the same `gesture` in a row are one step to undo. False when
   * the edit was refused; `refusal` says why.
   */
  edit(edit: Edit, gesture?: string): boolean {
    return this.editAt(this.path, edit, gesture)
  }
  /** Edits of a graph are of the canvas that these composites lead to, wherever one looks. */
  editAt(path: readonly BlockId[], edit: Edit, gesture?: string): boolean {
    const desk = this.#desk
    const result = commit(desk.history, within(edit, path), gesture, this.#mark())
    if (!result.ok) {
      this.refusal = result.problems[0] ?? problem('edit.refused', 'That change is not possible here.')
      return false
    }
    this.refusal = null
    desk.history = result.value
    return true
  }
  /** Several edits as one step. */
  editAll(label: string, edits: readonly Edit[], gesture?: string): boolean {
    return edits.length > 0 && this.edit({ kind: 'several', label, edits }, gesture)
  }
  /** Takes back what a gesture has done so far; it leaves no step. */
  withdraw(gesture: string): void {
    this.refusal = null
    this.#desk.history = withdraw(this.#desk.history, gesture)
  }
  #mark(): Mark {
    return { selection: this.selection, path: this.path }
  }

  undo(): void {
    this.#back(1)
  }
  redo(): void {
    this.#forth(1)
  }
  #back(steps: number): void {
    for (let i = 0; i < steps; i++) {
      const { history } = this.#desk
      const step = history.past.at(-1)
      if (!step) return
      this.#desk.history = undo(history, this.#mark())
      this.#look(step.mark)
    }
  }
  #forth(steps: number): void {
    for (let i = 0; i < steps; i++) {
      const { history } = this.#desk
      const step = history.future.at(-1)
      if (!step) return
      this.#desk.history = redo(history, this.#mark())
      this.#look(step.mark)
    }
  }
  #look({ path, selection }: Mark): void {
    this.refusal = null
    this.#desk.path = path
    this.#desk.selection = selection
  }
  get undoLabel(): string | null {
    return this.canUndo ? (undoLabel(this.#desk.history) ?? '') : null
  }
  get redoLabel(): string | null {
    return this.canRedo ? (redoLabel(this.#desk.history) ?? '') : null
  }
  /** Everything that was done, the oldest first, and how much of it is done now. */
  readonly steps: { readonly labels: readonly string[]; readonly done: number } = $derived.by(() => {
    const { past, future } = this.#desk.history
    return { labels: [...past, ...[...future].reverse()].map(({ label }) => label), done: past.length }
  })
  /** As it was after so many steps. */
  jump(done: number): void {
    const away = done - this.steps.done
    if (away < 0) this.#back(-away)
    else this.#forth(away)
  }

  // Documents

  /** Shows a document in a tab of its own, or in place of one that nothing was done to. */
  open(document: GraphDocument, home: Home = nowhere): Desk {
    const desk = new Desk(document, home)
    const now = this.#desk
    this.desks =
      now.untouched && now.home.fileName === null
        ? this.desks.map((one) => (one === now ? desk : one))
        : [...this.desks, desk]
    this.show(desk)
    return desk
  }
  show(desk: Desk): void {
    if (!this.desks.includes(desk)) return
    if (desk !== this.#desk) this.shown++
    this.#desk = desk
    this.refusal = null
  }
  /** The next tab, or with -1 the one before; round at the ends. */
  turn(by: number): void {
    const at = this.desks.indexOf(this.#desk) + by
    const next = this.desks[(at + this.desks.length) % this.desks.length]
    if (next) this.show(next)
  }
  /** Closes a tab; `reopen` brings it back, history and all. The last one gives way to `spare`. */
  close(desk: Desk, spare: GraphDocument): void {
    const at = this.desks.indexOf(desk)
    if (at < 0) return
    const left = this.desks.filter((one) => one !== desk)
    const next = left[Math.min(at, left.length - 1)] ?? new Desk(spare)
    this.#closed = { desk, at, spare: left.length > 0 ? null : next }
    this.desks = left.length > 0 ? left : [next]
    if (desk === this.#desk) this.show(next)
  }
  reopen(): boolean {
    const closed = this.#closed
    if (!closed) return false
    this.#closed = null
    const others = this.desks.filter((one) => one !== closed.spare || !one.untouched)
    this.desks = [...others.slice(0, closed.at), closed.desk, ...others.slice(closed.at)]
    this.show(closed.desk)
    return true
  }
  get canReopen(): boolean {
    return this.#closed !== null
  }
  /** What was open when the window was last closed. */
  restore(desks: readonly Desk[], active: number): void {
    const desk = desks[active] ?? desks[0]
    if (!desk) return
    this.desks = desks
    this.show(desk)
  }

  /** A file now holds `document`, which may be older than what is on the screen. */
  markSaved(desk: Desk, document: GraphDocument, home: Home): void {
    desk.saved = document
    desk.home = home
  }
  /** What is shown is in no file, e.g. after a draft was brought back. */
  markUnsaved(): void {
    this.#desk.saved = { ...this.document }
  }

  // Selection

  /** What is selected and still there. */
  readonly selection: Selection = $derived.by(() => {
    const chosen = this.#desk.selection
    const { blocks: all, wires: drawn, annotations: notes = {} } = this.graph
    const blocks = among(chosen.blocks, all)
    const wires = among(chosen.wires, drawn)
    const annotations = among(chosen.annotations, notes)
    const same = blocks === chosen.blocks && wires === chosen.wires && annotations === chosen.annotations
    return same ? chosen : { blocks, wires, annotations }
  })
  /** The one selected block, when there is exactly one. */
  readonly selectedBlock: BlockId | null = $derived.by(() => {
    const [first] = this.selection.blocks
    return this.selection.blocks.size === 1 && first !== undefined ? first : null
  })
  readonly anythingSelected: boolean = $derived.by(() => {
    const { blocks, wires, annotations } = this.selection
    return blocks.size + wires.size + annotations.size > 0
  })
  select(blocks: Iterable<BlockId>, wires: Iterable<WireId> = [], annotations: Iterable<AnnotationId> = []): void {
    const next: Selection = { blocks: new Set(blocks), wires: new Set(wires), annotations: new Set(annotations) }
    const now = this.#desk.selection
    const same =
      sameSet(next.blocks, now.blocks) && sameSet(next.wires, now.wires) && sameSet(next.annotations, now.annotations)
    if (!same) this.#desk.selection = next
  }
  selectAll(): void {
    const { blocks, wires, annotations = {} } = this.graph
    this.select(Object.keys(blocks), Object.keys(wires), Object.keys(annotations))
  }
  selectNone(): void {
    this.select([])
  }
  selectOthers(): void {
    const { blocks, annotations } = this.selection
    const others = (all: object, chosen: ReadonlySet<string>) => Object.keys(all).filter((id) => !chosen.has(id))
    this.select(others(this.graph.blocks, blocks), [], others(this.graph.annotations ?? {}, annotations))
  }

  // Single changes

  /** Adds a block of a known type, or a composite; its id, or null when that was refused. `more` is done in the same step. */
  add(
    template: BlockTemplate,
    position: Position,
    more: (id: BlockId) => readonly GraphEdit[] = () => [],
  ): BlockId | null {
    const { graph } = this
    const id = freshId(graph, template.type)
    const node = { ...template, name: freshName(graph, template.name), position }
    const first: GraphEdit = { kind: 'addBlock', id, node }
    const rest = more(id)
    const title = node.inside?.title ?? findBlock(node.type)?.title ?? node.type
    const done = rest.length === 0 ? this.edit(first) : this.editAll(`Add ${title}`, [first, ...rest])
    if (!done) return null
    this.select([id])
    return id
  }
  /** Moves everything that is selected, and what goes along with it; presses in a row are one step. */
  nudge(by: Position, along: readonly string[] = []): void {
    const { blocks, annotations } = this.selection
    const { graph } = this
    const positions: { [id: string]: Position } = {}
    for (const id of new Set([...blocks, ...annotations, ...along])) {
      const at = (graph.blocks[id] ?? graph.annotations?.[id])?.position
      if (at) positions[id] = { x: at.x + by.x, y: at.y + by.y }
    }
    const ids = Object.keys(positions)
    if (ids.length > 0) this.edit({ kind: 'moveBlocks', positions }, `nudge:${ids.join()}`)
  }
  /** What the composite around gives a block is changed where it is given. */
  setParam(block: BlockId, name: string, value: ParamValue, gesture?: string): boolean {
    let edit = { kind: 'setParam' as const, block, name, value }
    let depth = this.path.length
    for (; depth > 0; depth--) {
      const level = this.#around[depth - 1]
      const shown = level && exposing(level.inside, edit.block, edit.name)
      if (!shown || !Object.hasOwn(level.params, shown.name)) break
      edit = { ...edit, block: level.id, name: shown.name }
    }
    return this.editAt(this.path.slice(0, depth), edit, gesture)
  }

  // Composites

  /** Makes one composite of the selected blocks; its id, or null when that was refused. */
  group(): BlockId | null {
    const blocks = [...this.selection.blocks]
    const { graph } = this
    const id = freshId(graph, 'composite')
    const titles = new Set(Object.values(graph.blocks).map((node) => node.inside?.title))
    let title = 'Group'
    for (let n = 2; titles.has(title); n++) title = `Group ${n}`
    if (!this.edit({ kind: 'group', blocks, id, title })) return null
    this.select([id])
    return id
  }
  /** Replaces composites by what they hold, which is then selected. */
  unpack(block: BlockId): boolean {
    const before = this.graph.blocks
    if (!this.edit({ kind: 'unpack', block })) return false
    this.select(Object.keys(this.graph.blocks).filter((id) => !Object.hasOwn(before, id)))
    return true
  }
  /** A second place for the same weights, beside the block. */
  useAgain(block: BlockId): BlockId | null {
    const { graph } = this
    const node = graph.blocks[block]
    if (!node) return null
    const id = freshId(graph, 'use')
    const place = { x: node.position.x + 24, y: node.position.y + 176 }
    const taken = () =>
      Object.values(graph.blocks).some(
        ({ position }) => Math.abs(position.x - place.x) < 120 && Math.abs(position.y - place.y) < 120,
      )
    while (taken()) place.y += 72
    if (!this.edit({ kind: 'addUse', id, of: block, position: place })) return null
    this.select([id])
    return id
  }
  /** Puts what the palette gives into a chain, before the block at `at`. */
  insertInChain(block: BlockId, at: number, template: BlockTemplate): boolean {
    return this.edit({ kind: 'chainInsert', block, at, node: { ...template, position: { x: 0, y: 0 } } })
  }
  moveInChain(block: BlockId, from: number, to: number): boolean {
    return this.edit({ kind: 'chainMove', block, from, to })
  }
  removeFromChain(block: BlockId, at: number): boolean {
    return this.edit({ kind: 'chainRemove', block, at })
  }
  /** Takes a block out of a chain onto the canvas. */
  takeOutOfChain(block: BlockId, at: number, position: Position): BlockId | null {
    const id = freshId(this.graph, 'b')
    if (!this.edit({ kind: 'outOfChain', block, at, id, position })) return null
    this.select([id])
    return id
  }
  /** From one chain into another, as one step. */
  moveBetweenChains(source: BlockId, from: number, target: BlockId, at: number): boolean {
    const id = freshId(this.graph, 'b')
    const position = this.graph.blocks[source]?.position ?? { x: 0, y: 0 }
    return this.editAll('Move to another chain', [
      { kind: 'outOfChain', block: source, at: from, id, position },
      { kind: 'intoChain', block: target, at, member: id },
    ])
  }

  deleteSelection(): void {
    const { blocks, wires, annotations } = this.selection
    if (!this.anythingSelected) return
    const notes = annotations.size > 0 ? { annotations: [...annotations] } : {}
    this.edit({ kind: 'removeItems', blocks: [...blocks], wires: [...wires], ...notes })
  }

  // Clipboard

  get canCopy(): boolean {
    return this.selection.blocks.size + this.selection.annotations.size > 0
  }
  /** The selected blocks and the wires among them as readable text; null when nothing is selected. */
  copy(): string | null {
    if (!this.canCopy) return null
    this.#copied = writeClip(this.#fragment(), incomingWires(this.graph, this.selection.blocks))
    this.#pastes = 0
    this.#pastedAt = null
    this.#copiedFrom = this.#desk
    return this.#copied
  }
  #fragment(): Graph {
    return copyFragment(this.graph, [...this.selection.blocks, ...this.selection.annotations])
  }
  cut(): string | null {
    const text = this.copy()
    if (text !== null) this.deleteSelection()
    return text
  }
  /** What would be pasted was copied from this document, as far as this window knows. */
  get copiedHere(): boolean {
    return this.#copiedFrom === this.#desk
  }
  /**
   * Pastes `text`, or what was copied in this window; at `at`, or where the original lies, a little further each time. With
   * `wired` the wires that came in from other blocks come along, where those are still there.
   */
  paste(text: string | null, at: Position | null = null, wired = false): boolean {
    const clip = readClip(text ?? this.#copied) ?? (text === null ? null : readClip(this.#copied))
    if (!clip) return false
    const again = at?.x === this.#pastedAt?.x && at?.y === this.#pastedAt?.y
    this.#pastes = again ? this.#pastes + 1 : at ? 0 : 1
    this.#pastedAt = at
    const step = 24 * this.#pastes
    const from = at ? offsetTo(clip.graph, at) : { x: 0, y: 0 }
    return this.#insert(clip.graph, { x: from.x + step, y: from.y + step }, wired ? clip.incoming : [])
  }
  duplicate(offset: Position = { x: 32, y: 32 }): void {
    if (this.canCopy) this.#insert(this.#fragment(), offset)
  }
  #insert(fragment: Graph, offset: Position, incoming: readonly Incoming[] = []): boolean {
    const { fragment: fresh, ids } = placeFragment(this.graph, fragment, offset)
    const { blocks } = this.graph
    const fromHere = freshIds({ ...fresh, wires: { ...this.graph.wires, ...fresh.wires } })
    const connects = incoming.flatMap(({ from, name, to }): GraphEdit[] => {
      const block = ids.get(to.block)
      if (block === undefined || blocks[from.block]?.name !== name) return []
      return [{ kind: 'connect', id: fromHere('w'), wire: { from, to: { block, port: to.port } } }]
    })
    const insert: GraphEdit = { kind: 'insert', graph: fresh }
    const done = connects.length === 0 ? this.edit(insert) : this.editAll('Paste with its wires', [insert, ...connects])
    if (done) this.select(Object.keys(fresh.blocks), Object.keys(fresh.wires), Object.keys(fresh.annotations ?? {}))
    return done
  }
}

function exposing(inside: Inside, block: BlockId, param: string) {
  const original = originalOf(inside, block)
  for (const [name, { label, targets }] of Object.entries(inside.params ?? {}))
    if (targets.some((target) => target.block === original && target.param === param)) return { name, label }
  return null
}

/** Moves a fragment so that its upper left corner comes to `at`. */
function offsetTo(fragment: Graph, at: Position): Position {
  const places = [...Object.values(fragment.blocks), ...Object.values(fragment.annotations ?? {})].map(
    ({ position }) => position,
  )
  return { x: at.x - Math.min(...places.map((p) => p.x)), y: at.y - Math.min(...places.map((p) => p.y)) }
}

/** What a block of this type starts as; its defaults are filled in from the registry, so nothing is written down. */
export function templateOf(type: string): BlockTemplate {
  return { type, name: type, params: {} }
}

/** What people call a block's kind: `Dense`, the title of a composite, or the bare type of one that is not known here. */
export function kindOf(node: BlockTemplate): string {
  return node.inside?.title ?? findBlock(node.type)?.title ?? node.type
}
