/** A wire while it is drawn: where it began, and which ports could take its other end. */
import { createContext } from 'svelte'
import { problem, type Problem } from '../../src/base/problem.ts'
import { checkWire } from '../../src/compiler/check-wire.ts'
import { applyEdit, within, type Edit } from '../../src/document/edits.ts'
import type { BlockId, Endpoint, GraphDocument, WireId } from '../../src/document/types.ts'
import type { Editor } from '../state/editor.svelte.ts'
import { Slices } from '../state/slices.ts'

export type Side = 'in' | 'out'

/** The port at the rim of a composite that makes another one; no port of a document is called so. */
export const NEW_PORT = '+'

/** How a port looks at the wire that is being drawn. */
export type Welcome = 'idle' | 'origin' | 'fits' | 'refuses'

interface Origin extends Endpoint {
  readonly side: Side
}

export class Wiring {
  readonly #editor: Editor
  origin = $state.raw<Origin | null>(null)
  /** The person changed their mind; the end of the gesture draws nothing. */
  cancelled = false
  /** The drawing without the wire whose end is being moved. */
  #document: GraphDocument
  #known = new Map<string, Problem | null>()
  #waiting = new Map<string, () => void>()
  #looked = $state(0)
  readonly #slices = new Slices(
    () => this.#look(),
    () => void this.#looked++,
  )

  constructor(editor: Editor) {
    this.#editor = editor
    this.#document = editor.document
  }

  begin(block: BlockId, port: string, side: Side, moving: WireId | null): void {
    this.cancelled = false
    this.#known.clear()
    this.#waiting.clear()
    const { document, path } = this.#editor
    const removal: Edit = { kind: 'removeItems', blocks: [], wires: [moving ?? ''] }
    const without = moving === null ? null : applyEdit(document, within(removal, path))
    this.#document = without?.ok ? without.value : document
    this.origin = { block, port, side }
  }
  end(): void {
    this.origin = null
  }
  /** Lets go of the wire without drawing it. */
  cancel(): void {
    if (!this.origin) return
    this.cancelled = true
    document.dispatchEvent(new MouseEvent('mouseup'))
    this.end()
  }

  /** Why the wire can't end at this port; null when it can. */
  verdict(block: BlockId, port: string, side: Side): Problem | null {
    const { origin } = this
    if (!origin) return null
    if (side === origin.side)
      return problem(
        'wire.direction',
        side === 'in' ? 'An input takes a wire from an output.' : 'An output goes to an input.',
      )
    const key = keyOf(block, port)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const other = { block, port }
    const [from, to] = side === 'in' ? [origin, other] : [other, origin]
    const { path, analyst } = this.#editor
    const found = checkWire(this.#document, path, from, to, analyst)
    this.#known.set(key, found)
    return found
  }

  /** Looks at ports a few at a time, so that the window stays fluid however large the drawing is. */
  welcome(block: BlockId, port: string, side: Side): Welcome {
    const { origin } = this
    if (!origin) return 'idle'
    if (origin.block === block && origin.port === port && origin.side === side) return 'origin'
    if (origin.side === side) return 'refuses'
    // Read for the dependency: what is known is kept in a plain map.
    if (this.#looked < 0) return 'idle'
    const known = this.#known.get(keyOf(block, port))
    if (known !== undefined) return known === null ? 'fits' : 'refuses'
    this.#waiting.set(keyOf(block, port), () => this.verdict(block, port, side))
    this.#slices.begin()
    return 'idle'
  }

  /** At the next port that waits, as long as there is a wire to be drawn. */
  #look(): boolean {
    const [next] = this.#waiting
    if (!next || !this.origin) return false
    const [key, look] = next
    this.#waiting.delete(key)
    look()
    return true
  }
}

const keyOf = (block: BlockId, port: string) => `${block}\n${port}`

export const [wiringContext, provideWiring] = createContext<Wiring>()
