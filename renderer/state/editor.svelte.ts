/**
 * The document being edited, with its history, its analysis and what is selected. Built once and handed down by context;
 * `edit` is the only door through which a document changes. All values are immutable and held raw: to undo is to hold an
 * older reference.
 */
import { problem, type Problem } from '../../src/base/problem.ts'
import type { ParamValue } from '../../src/base/params.ts'
import { findBlock } from '../../src/blocks/index.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { copyFragment, freshFragment, freshId, freshName, type Edit } from '../../src/document/edits.ts'
import { documentHash } from '../../src/document/file.ts'
import { commit, redo, redoLabel, startHistory, undo, undoLabel, type History } from '../../src/document/history.ts'
import type { BlockId, BlockNode, Graph, GraphDocument, Position, WireId } from '../../src/document/types.ts'
import { readClip, writeClip } from './clipboard.ts'
import { sameSet, within } from './sets.ts'

export interface Selection {
  readonly blocks: ReadonlySet<BlockId>
  readonly wires: ReadonlySet<WireId>
}

/** Where the document lives outside of the window. */
export interface Home {
  /** Opaque; null for a document that was never saved, and where the browser only downloads. */
  readonly handle: string | null
  readonly fileName: string | null
}

interface Desk {
  readonly history: History
  readonly saved: GraphDocument
  readonly home: Home
}

const nowhere: Home = { handle: null, fileName: null }
const nothing: Selection = { blocks: new Set(), wires: new Set() }

/** A node as the palette and files of composites give it: everything but its place. */
export type BlockTemplate = Omit<BlockNode, 'position'>

export class Editor {
  #history: History
  #saved: GraphDocument
  #selection: Selection
  #copied = ''
  #pastes = 0
  #before: Desk | null
  /** Where the document was opened from or saved to. */
  home: Home
  /** Why the last edit was refused; until the next one that is not. */
  refusal: Problem | null
  /** Goes up by one with each document that is opened: views that belong to one document start anew. */
  opened: number

  constructor(document: GraphDocument) {
    this.#history = $state.raw(startHistory(document))
    this.#saved = $state.raw(document)
    this.#selection = $state.raw(nothing)
    this.#before = $state.raw(null)
    this.home = $state.raw(nowhere)
    this.refusal = $state.raw(null)
    this.opened = $state(0)
  }

  readonly document = $derived.by(() => this.#history.document)
  readonly analysis = $derived.by(() => analyze(this.document))
  readonly hash = $derived.by(() => documentHash(this.document))
  readonly dirty = $derived.by(() => this.document !== this.#saved)
  readonly canUndo = $derived.by(() => this.#history.past.length > 0)
  readonly canRedo = $derived.by(() => this.#history.future.length > 0)
  /** Other uses of each block that has some, by its id. */
  readonly uses: ReadonlyMap<BlockId, readonly BlockId[]> = $derived.by(() => {
    const uses = new Map<BlockId, BlockId[]>()
    for (const [id, { shares }] of Object.entries(this.document.graph.blocks))
      if (shares !== undefined) uses.set(shares, [...(uses.get(shares) ?? []), id])
    return uses
  })
  /** What is selected and still there. */
  readonly selection: Selection = $derived.by(() => {
    const chosen = this.#selection
    const blocks = within(chosen.blocks, this.document.graph.blocks)
    const wires = within(chosen.wires, this.document.graph.wires)
    return blocks === chosen.blocks && wires === chosen.wires ? chosen : { blocks, wires }
  })
  /** The one selected block, when there is exactly one. */
  readonly selectedBlock: BlockId | null = $derived.by(() => {
    const [first] = this.selection.blocks
    return this.selection.blocks.size === 1 && first !== undefined ? first : null
  })

  /** Edits with the same `gesture` in a row are one step to undo. False when the edit was refused; `refusal` says why. */
  edit(edit: Edit, gesture?: string): boolean {
    const result = commit(this.#history, edit, gesture)
    if (!result.ok) {
      this.refusal = result.problems[0] ?? problem('edit.refused', 'That change is not possible here.')
      return false
    }
    this.refusal = null
    this.#history = result.value
    return true
  }

  undo(): void {
    this.#history = undo(this.#history)
  }
  redo(): void {
    this.#history = redo(this.#history)
  }
  get undoLabel(): string | null {
    return this.canUndo ? (undoLabel(this.#history) ?? '') : null
  }
  get redoLabel(): string | null {
    return this.canRedo ? (redoLabel(this.#history) ?? '') : null
  }

  /** Another document takes the place of this one, which `bringBack` can still fetch, history and all. */
  open(document: GraphDocument, home: Home = nowhere): void {
    this.#before = { history: this.#history, saved: this.#saved, home: this.home }
    this.#take({ history: startHistory(document), saved: document, home })
  }
  bringBack(): void {
    const before = this.#before
    if (!before) return
    this.#before = null
    this.#take(before)
  }
  #take(desk: Desk): void {
    this.#history = desk.history
    this.#saved = desk.saved
    this.home = desk.home
    this.#selection = nothing
    this.refusal = null
    this.opened++
  }

  /** A file now holds `document`, which may be older than what is on the screen. */
  markSaved(document: GraphDocument, home: Home): void {
    this.#saved = document
    this.home = home
  }
  /** What is shown is in no file, e.g. after a draft was brought back. */
  markUnsaved(): void {
    this.#saved = { ...this.document }
  }

  select(blocks: Iterable<BlockId>, wires: Iterable<WireId> = []): void {
    const next = { blocks: new Set(blocks), wires: new Set(wires) }
    const now = this.#selection
    if (!sameSet(next.blocks, now.blocks) || !sameSet(next.wires, now.wires)) this.#selection = next
  }
  selectAll(): void {
    const { blocks, wires } = this.document.graph
    this.select(Object.keys(blocks), Object.keys(wires))
  }
  selectNone(): void {
    this.select([])
  }

  /** Adds a block of a known type, or a composite; its id, or null when that was refused. */
  add(template: BlockTemplate, position: Position): BlockId | null {
    const { graph } = this.document
    const id = freshId(graph, template.type)
    const name = freshName(graph, template.name)
    if (!this.edit({ kind: 'addBlock', id, node: { ...template, name, position } })) return null
    this.select([id])
    return id
  }
  setParam(block: BlockId, name: string, value: ParamValue, gesture?: string): boolean {
    return this.edit({ kind: 'setParam', block, name, value }, gesture)
  }

  // Composites

  /** Makes one composite of the selected blocks; its id, or null when that was refused. */
  group(): BlockId | null {
    const blocks = [...this.selection.blocks]
    const { graph } = this.document
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
    const before = this.document.graph.blocks
    if (!this.edit({ kind: 'unpack', block })) return false
    this.select(Object.keys(this.document.graph.blocks).filter((id) => !Object.hasOwn(before, id)))
    return true
  }
  /** A second place for the same weights, beside the block. */
  useAgain(block: BlockId): BlockId | null {
    const { graph } = this.document
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
    const id = freshId(this.document.graph, 'b')
    if (!this.edit({ kind: 'outOfChain', block, at, id, position })) return null
    this.select([id])
    return id
  }
  /** From one chain into another, as one step. */
  moveBetweenChains(source: BlockId, from: number, target: BlockId, at: number): boolean {
    const id = freshId(this.document.graph, 'b')
    const position = this.document.graph.blocks[source]?.position ?? { x: 0, y: 0 }
    return this.edit({
      kind: 'several',
      label: 'Move to another chain',
      edits: [
        { kind: 'outOfChain', block: source, at: from, id, position },
        { kind: 'intoChain', block: target, at, member: id },
      ],
    })
  }

  deleteSelection(): void {
    const { blocks, wires } = this.selection
    if (blocks.size + wires.size > 0) this.edit({ kind: 'removeItems', blocks: [...blocks], wires: [...wires] })
  }

  /** The selected blocks and the wires among them as readable text; null when nothing is selected. */
  copy(): string | null {
    if (this.selection.blocks.size === 0) return null
    this.#copied = writeClip(copyFragment(this.document.graph, [...this.selection.blocks]))
    this.#pastes = 0
    return this.#copied
  }
  cut(): string | null {
    const text = this.copy()
    if (text !== null) this.deleteSelection()
    return text
  }
  /** Pastes `text`, or what was copied in this window; at `at`, or a little further from the original each time. */
  paste(text: string | null, at: Position | null = null): boolean {
    const clip = readClip(text ?? this.#copied) ?? (text === null ? null : readClip(this.#copied))
    if (!clip) return false
    const step = 24 * ++this.#pastes
    return this.#insert(clip, at ? offsetTo(clip, at) : { x: step, y: step })
  }
  duplicate(): void {
    const { blocks } = this.selection
    if (blocks.size > 0) this.#insert(copyFragment(this.document.graph, [...blocks]), { x: 32, y: 32 })
  }
  #insert(fragment: Graph, offset: Position): boolean {
    const fresh = freshFragment(this.document.graph, fragment, offset)
    if (!this.edit({ kind: 'insert', graph: fresh })) return false
    this.select(Object.keys(fresh.blocks), Object.keys(fresh.wires))
    return true
  }
}

/** Moves a fragment so that its upper left corner comes to `at`. */
function offsetTo(fragment: Graph, at: Position): Position {
  const places = Object.values(fragment.blocks).map((block) => block.position)
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
