/**
 * Has the engine get ready for training while the person still draws: making a GPU's programs takes seconds. Asked once the
 * drawing has rested for a moment, and never while the last answer is still out.
 */
import type { GraphDocument } from '../../src/document/types.ts'
import type { DeviceChoice } from '../../src/protocol/messages.ts'

/** Milliseconds without an edit. */
const REST = 1000

export interface Wish {
  /** Changes where the run would be another one. */
  readonly hash: string
  readonly document: GraphDocument
  readonly device: DeviceChoice
}

export class WarmUp {
  readonly #prepare: (wish: Wish, signal: AbortSignal) => Promise<unknown>
  #wish: Wish | null = null
  #asked = ''
  #timer: ReturnType<typeof setTimeout> | undefined
  #busy = false
  #asking: AbortController | undefined

  constructor(prepare: (wish: Wish, signal: AbortSignal) => Promise<unknown>) {
    this.#prepare = prepare
  }

  /** To be called after each change; null while nothing could be trained. */
  look(wish: Wish | null): void {
    this.#wish = wish
    clearTimeout(this.#timer)
    if (!wish) return this.#giveUp()
    this.#timer = setTimeout(() => void this.#ask(), REST)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#giveUp()
  }

  /** Somebody who trains has asked for the same data by now. */
  #giveUp(): void {
    if (this.#busy) this.#asked = ''
    this.#asking?.abort()
  }

  async #ask(): Promise<void> {
    const wish = this.#wish
    const key = wish && `${wish.device} ${wish.hash}`
    if (!wish || key === this.#asked || this.#busy) return
    this.#asked = key ?? ''
    this.#busy = true
    // The start says what is wrong; here it would only be noise.
    this.#asking = new AbortController()
    await this.#prepare(wish, this.#asking.signal).catch(() => undefined)
    this.#busy = false
    if (this.#wish !== wish) this.look(this.#wish)
  }
}
