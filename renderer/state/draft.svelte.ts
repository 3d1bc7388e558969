/** Keeps what is edited on disk, so that a closed window or a dead machine loses nothing. */
import { messageOf } from './link.ts'
import type { Platform } from './platform.ts'

export type DraftState =
  { readonly kind: 'kept' } | { readonly kind: 'pending' } | { readonly kind: 'failed'; readonly reason: string }

/** Milliseconds between an edit and its way to the disk; edits in between wait for the same write. */
const PAUSE = 300
const RETRY = 3000

/** `T` is what is kept, as one immutable value; `format` makes it a text. */
export class DraftKeeper<T extends object> {
  state = $state.raw<DraftState>({ kind: 'kept' })
  readonly #platform: Pick<Platform, 'saveDraft'>
  #kept: T | null = null
  #next: T | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing = false

  readonly #format: (value: T) => string

  constructor(platform: Pick<Platform, 'saveDraft'>, format: (value: T) => string) {
    this.#platform = platform
    this.#format = format
  }

  /** This is on disk already. */
  begin(value: T): void {
    this.#kept = value
    this.#next = null
    this.state = { kind: 'kept' }
  }

  keep(value: T): void {
    if (value === (this.#next ?? this.#kept)) return
    this.#next = value
    if (this.state.kind !== 'failed') this.state = { kind: 'pending' }
    this.#timer ??= setTimeout(() => void this.flush(), PAUSE)
  }

  /** Writes at once what still waits. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const value = this.#next
    if (!value || this.#writing) return
    this.#writing = true
    this.#next = null
    const failure = await this.#write(value)
    this.#writing = false
    if (failure === null) {
      this.#kept = value
      this.state = this.#next ? { kind: 'pending' } : { kind: 'kept' }
    } else {
      this.#next ??= value
      this.state = { kind: 'failed', reason: failure }
    }
    if (this.#next) this.#timer ??= setTimeout(() => void this.flush(), failure === null ? PAUSE : RETRY)
  }

  async #write(value: T): Promise<string | null> {
    try {
      const result = await this.#platform.saveDraft(this.#format(value))
      return result.ok ? null : (result.problems[0]?.message ?? 'The draft could not be kept.')
    } catch (error) {
      return messageOf(error)
    }
  }
}
