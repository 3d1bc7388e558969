/** How many different texts of a column are kept: so many, and so many bytes of them. Once one has no room no other has. */
import { MAX_TEXT_BYTES, MAX_TEXTS } from '../limits.ts'

export class TextRoom {
  isClosed = false
  readonly #most: () => number
  #count = 0
  #bytes = 0

  constructor(most = () => MAX_TEXT_BYTES) {
    this.#most = most
  }

  /** Whether there is room for one more, of this length. */
  has({ length }: string): boolean {
    return !this.isClosed && this.#count < MAX_TEXTS && this.#bytes + 2 * length <= this.#most()
  }

  /** Takes one more, if there is room for it. */
  takes(text: string): boolean {
    this.isClosed = !this.has(text)
    if (this.isClosed) return false
    this.#count++
    this.#bytes += 2 * text.length
    return true
  }
}
