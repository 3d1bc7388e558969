/** Seconds after which what was measured counts for a third. */
const MEMORY = 2

/**
 * Examples a second as the person experiences it: everything between two chunks counts (validation, histograms), pauses do
 * not. Older measurements fade.
 */
export class Speed {
  #examples = 0
  #seconds = 0
  #last = 0

  get perSecond(): number {
    return this.#seconds > 0 ? this.#examples / this.#seconds : 0
  }

  /** Training begins or goes on after a pause. */
  begin(now: number): void {
    this.#last = now
  }

  /** So many examples were done since the last call; `now` in milliseconds. */
  add(examples: number, now: number): void {
    const seconds = Math.max(now - this.#last, 0.01) / 1000
    const fade = Math.exp(-seconds / MEMORY)
    this.#examples = this.#examples * fade + examples
    this.#seconds = this.#seconds * fade + seconds
    this.#last = now
  }
}
