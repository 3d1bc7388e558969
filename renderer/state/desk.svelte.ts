/** One open document: what is drawn, how it came about, and where one looks. The window shows one of several. */
import { startHistory, type History } from '../../src/document/history.ts'
import type { AnnotationId, BlockId, GraphDocument, WireId } from '../../src/document/types.ts'

export interface Selection {
  readonly blocks: ReadonlySet<BlockId>
  readonly wires: ReadonlySet<WireId>
  readonly annotations: ReadonlySet<AnnotationId>
}
export const nothing: Selection = { blocks: new Set(), wires: new Set(), annotations: new Set() }

/** Where the document lives outside of the window. */
export interface Home {
  /** Opaque; null for a document that was never saved, and where the browser only downloads. */
  readonly handle: string | null
  readonly fileName: string | null
}
export const nowhere: Home = { handle: null, fileName: null }

/** What comes back with a document that is undone. */
export interface Mark {
  readonly selection: Selection
  readonly path: readonly BlockId[]
}

/** How one looks at a canvas. */
export interface Viewport {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

/** By the ids of the composites that lead to a canvas, joined by slashes; the outermost one is ''. */
export type Viewports = ReadonlyMap<string, Viewport>

let made = 0

export class Desk {
  readonly id = ++made
  history: History<Mark> = $state.raw() as History<Mark>
  saved: GraphDocument = $state.raw() as GraphDocument
  home: Home = $state.raw(nowhere)
  selection: Selection = $state.raw(nothing)
  /** Composites that one has entered, outermost first. */
  path: readonly BlockId[] = $state.raw([])
  /** Composites and blocks whose body is shown or folded away, otherwise than at first. */
  unfolded: ReadonlySet<string> = $state.raw(new Set())
  folded: ReadonlySet<string> = $state.raw(new Set())
  viewports: Viewports = $state.raw(new Map())

  constructor(document: GraphDocument, home: Home = nowhere) {
    this.history = startHistory<Mark>(document)
    this.saved = document
    this.home = home
  }

  readonly document = $derived.by(() => this.history.document)
  readonly dirty = $derived.by(() => this.document !== this.saved)
  /** Nothing was done to it yet. */
  get untouched(): boolean {
    return !this.dirty && this.history.past.length === 0 && this.history.future.length === 0
  }
}
