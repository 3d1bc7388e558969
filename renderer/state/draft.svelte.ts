/** Keeps the document on disk while it is edited, so that a closed window or a dead machine loses nothing. */
import { formatDocument } from '../../src/document/file.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { messageOf } from './link.ts'
import type { Platform } from './platform.ts'

export type DraftState =
  { readonly kind: 'kept' } | { readonly kind: 'pending' } | { readonly kind: 'failed'; readonly reason: string }

/** Milliseconds between an edit and its way to the disk; edits in between wait for the same write. */
const PAUSE = 300
const RETRY = 3000

export class DraftKeeper {
  state = $state.raw<DraftState>({ kind: 'kept' })
  readonly #platform: Pick<Platform, 'saveDraft'>
  #kept: GraphDocument | null = null
  #next: GraphDocument | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing = false

  constructor(platform: Pick<Platform, 'saveDraft'>) {
    this.#platform = platform
  }

  /** This document is on disk already. */
  begin(document: GraphDocument): void {
    this.#kept = document
    this.#next = null
    this.state = { kind: 'kept' }
  }

  keep(document: GraphDocument): void {
    if (document === (this.#next ?? this.#kept)) return
    this.#next = document
    if (this.state.kind !== 'failed') this.state = { kind: 'pending' }
    this.#timer ??= setTimeout(() => void this.flush(), PAUSE)
  }

  /** Writes at once what still waits. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const document = this.#next
    if (!document || this.#writing) return
    this.#writing = true
    this.#next = null
    const failure = await this.#write(document)
    this.#writing = false
    if (failure === null) {
      this.#kept = document
      this.state = this.#next ? { kind: 'pending' } : { kind: 'kept' }
    } else {
      this.#next ??= document
      this.state = { kind: 'failed', reason: failure }
    }
    if (this.#next) this.#timer ??= setTimeout(() => void this.flush(), failure === null ? PAUSE : RETRY)
  }

  async #write(document: GraphDocument): Promise<string | null> {
    try {
      const result = await this.#platform.saveDraft(formatDocument(document))
      return result.ok ? null : (result.problems[0]?.message ?? 'The draft could not be kept.')
    } catch (error) {
      return messageOf(error)
    }
  }
}
