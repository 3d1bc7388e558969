/** How far a command is with its data: a line of the terminal that is written over, and gone when something else is said. */
import type { DataProgress } from '../../protocol/messages.ts'
import { sayProgress } from '../../protocol/progress.ts'

/** Milliseconds for which nobody needs to be told. */
const PATIENCE = 1000
/** To the beginning of the line, and nothing in it. */
const OVER = '\r\x1b[K'

export class ProgressLine {
  readonly #stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>
  readonly #now: () => number
  #since: number | undefined
  #isShown = false

  constructor(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>, now: () => number) {
    this.#stream = stream
    this.#now = now
  }

  readonly tell = (progress: DataProgress): void => {
    const { isTTY, columns = 80 } = this.#stream
    this.#since ??= this.#now()
    if (!isTTY || this.#now() - this.#since < PATIENCE) return
    this.#isShown = true
    // A name may hold what a terminal takes for orders; a line that is too long would go on in the next one, and stay there.
    const words = [...sayProgress(progress).replace(/\p{Cc}/gu, '?')]
    this.#stream.write(`${OVER}${words.slice(0, columns - 1).join('')}`)
  }

  clear(): void {
    if (this.#isShown) this.#stream.write(OVER)
    this.#isShown = false
  }
}

/** That of this process. */
export const progressLine = new ProgressLine(process.stderr, () => performance.now())
