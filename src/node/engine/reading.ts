/** Files that are being read for a window: lets other work have its turn, says how far it is, and can be ended. */
import { problem, ProblemError } from '../../base/problem.ts'
import type { Job } from '../../data/types.ts'

/** Milliseconds after which others have their turn. */
const TURN = 12

export class Reading implements Job {
  readonly #now: () => number
  readonly #tell: (share: number) => void
  #cancelled = false
  #turn: number
  #told = -1

  constructor(now: () => number, tell: (share: number) => void) {
    this.#now = now
    this.#tell = tell
    this.#turn = now()
  }

  cancel(): void {
    this.#cancelled = true
  }

  readonly pause = async (): Promise<void> => {
    if (this.#now() - this.#turn > TURN) {
      await new Promise((resolve) => setImmediate(resolve))
      this.#turn = this.#now()
    }
    if (this.#cancelled)
      throw new ProblemError(
        problem('data.cancelled', 'Reading was ended before all was read; the data are as they were.'),
      )
  }

  readonly progress = (share: number): void => {
    const percent = Math.floor(share * 100)
    if (percent === this.#told) return
    this.#told = percent
    this.#tell(share)
  }
}
