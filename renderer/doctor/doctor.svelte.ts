/** What the shape doctor is asked about, and the fix that is shown on the canvas before it is taken. */
import { advice, type Advice } from '../../src/compiler/doctor/advice.ts'
import { diagnose } from '../../src/compiler/doctor/diagnose.ts'
import type { About, Diagnosis, Fix } from '../../src/compiler/doctor/types.ts'
import { freshId } from '../../src/document/edits.ts'
import type { GraphDocument, Position } from '../../src/document/types.ts'
import type { Editor } from '../state/editor.svelte.ts'

interface Visit {
  readonly about: About
  /** In the window. */
  readonly at: Position
}

export class Doctor {
  readonly #editor: Editor
  visit: Visit | null = $state.raw(null)
  /** What is shown on the canvas as it would be. */
  ghost: Fix | null = $state.raw(null)
  #known: { readonly document: GraphDocument; readonly found: Map<unknown, Diagnosis | null> } | null = null
  #advised: { readonly document: GraphDocument; readonly advice: readonly Advice[] } | null = null

  constructor(editor: Editor) {
    this.#editor = editor
  }

  ask(about: About, at: Position): void {
    this.ghost = null
    this.visit = { about, at }
  }
  leave(): void {
    this.ghost = null
    this.visit = null
  }

  /** The same for the same question as long as the drawing stays. */
  diagnosis(about: About): Diagnosis | null {
    const { document, path, analyst } = this.#editor
    const found = this.#known?.document === document ? this.#known.found : new Map<unknown, Diagnosis | null>()
    this.#known = { document, found }
    const key = about.kind === 'problem' ? about.problem : about
    const known = found.get(key)
    if (known !== undefined) return known
    const fresh = diagnose(document, path, about, analyst)
    found.set(key, fresh)
    return fresh
  }

  advice(): readonly Advice[] {
    const { document, analyst } = this.#editor
    if (this.#advised?.document !== document) this.#advised = { document, advice: advice(document, analyst) }
    return this.#advised.advice
  }

  /** One step to undo. */
  take(fix: Fix): boolean {
    this.leave()
    const before = this.#editor.document.graph.blocks
    if (!this.#editor.editAt([], fix.edit)) return false
    const added = fix.ghost.adds.map(({ id }) => id)
    // What is new is what one wants to look at next.
    if (fix.path.join('/') === this.#editor.place && added.length > 0)
      this.#editor.select(added.filter((id) => !Object.hasOwn(before, id)))
    return true
  }
  /** Draws a wire that does not fit; what is wrong stands on the block then. */
  drawAnyway(about: About): void {
    this.leave()
    if (about.kind !== 'wire') return
    const { from, to } = about
    this.#editor.edit({ kind: 'connect', id: freshId(this.#editor.graph, 'w'), wire: { from, to } })
  }
}
