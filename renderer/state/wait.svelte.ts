/**
 * Waiting for data that the engine reads: how far they are, once that takes long enough to be said, and a way to give them up.
 * Whoever waits for something newer gives up the older.
 */
import type { DataProgress } from '../../src/protocol/messages.ts'
import type { Asking } from '../../src/protocol/rpc.ts'

/** Milliseconds for which nobody needs to be told. */
const PATIENCE = 300

export class Wait {
  /** How far it is; null while nothing is waited for, or not for long yet. */
  progress = $state.raw<DataProgress | null>(null)
  #newest: AbortController | null = null

  async for<T>(ask: (asking: Asking<DataProgress>) => Promise<T>): Promise<T> {
    const own = new AbortController()
    const before = this.#newest
    this.#newest = own
    let told: DataProgress | null = null
    let isLong = false
    const show = () => {
      if (isLong && told && this.#newest === own) this.progress = told
    }
    const timer = setTimeout(() => {
      isLong = true
      show()
    }, PATIENCE)
    try {
      const answer = ask({
        signal: own.signal,
        onProgress: (progress) => {
          told = progress
          show()
        },
      })
      // Only now, since what both wait for is read on.
      before?.abort()
      return await answer
    } finally {
      clearTimeout(timer)
      if (this.#newest === own) {
        this.#newest = null
        this.progress = null
      }
    }
  }

  /** Gives up what is waited for; its answer will say so. */
  stop(): void {
    this.#newest?.abort()
  }
}
