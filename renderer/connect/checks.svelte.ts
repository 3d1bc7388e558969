/** Which wires fit, looked at a few at a time, so that typing stays fluid however large the drawing is. */
import type { Problem } from '../../src/base/problem.ts'
import { checkWire } from '../../src/compiler/check-wire.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { Editor } from '../state/editor.svelte.ts'
import { Slices } from '../state/slices.ts'
import type { Candidate } from './candidates.ts'

export class Checks {
  readonly #editor: Editor
  #of: GraphDocument | null = null
  #known = new Map<string, Problem | null>()
  #waiting: readonly Candidate[] = []
  /** Read for the dependency: what is known is kept in a plain map. */
  looked = $state(0)
  readonly #slices = new Slices(
    () => this.#look(),
    () => void this.looked++,
  )

  constructor(editor: Editor) {
    this.#editor = editor
  }

  /** Why it can't be drawn, null when it can, undefined as long as nobody has looked. */
  known(candidate: Candidate): Problem | null | undefined {
    return candidate.cuts ? null : this.#known.get(candidate.key)
  }

  /** Looks now. */
  verdict(candidate: Candidate): Problem | null {
    this.#begin()
    const known = this.known(candidate)
    if (known !== undefined) return known
    const { document, path, analyst } = this.#editor
    const found = checkWire(document, path, candidate.from, candidate.to, analyst)
    this.#known.set(candidate.key, found)
    return found
  }

  /** What is to be looked at next, the most urgent first; it replaces what was asked before. */
  ask(candidates: readonly Candidate[]): void {
    this.#begin()
    this.#waiting = candidates.filter((candidate) => this.known(candidate) === undefined)
    if (this.#waiting.length > 0) this.#slices.begin()
  }
  end(): void {
    this.#slices.stop()
    this.#waiting = []
  }

  #begin(): void {
    const { document } = this.#editor
    if (document === this.#of) return
    this.#of = document
    this.#known = new Map()
    this.#waiting = []
  }
  #look(): boolean {
    const [next, ...rest] = this.#waiting
    if (!next) return false
    this.#waiting = rest
    this.verdict(next)
    return true
  }
}

/** What fits before what nobody has looked at, and that before what does not; what is there already comes last. */
export function byVerdict(candidates: readonly Candidate[], checks: Pick<Checks, 'known'>): readonly Candidate[] {
  const place = (candidate: Candidate) => {
    const known = checks.known(candidate)
    return candidate.cuts ? 2 : known === null ? 0 : known === undefined ? 1 : 3
  }
  return candidates
    .map((candidate) => ({ candidate, place: place(candidate) }))
    .sort((a, b) => a.place - b.place)
    .map(({ candidate }) => candidate)
}
