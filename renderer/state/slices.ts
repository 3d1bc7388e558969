/** Much that is to be looked at, a few things a frame, so that the window stays fluid however many they are. */

/** Milliseconds of a frame that may be spent on looking. */
const BUDGET = 8

export class Slices {
  readonly #next: () => boolean
  readonly #told: () => void
  #frame = 0

  /** `next` looks at one thing and says whether there was one; `told` hears what a frame brought. */
  constructor(next: () => boolean, told: () => void) {
    this.#next = next
    this.#told = told
  }

  /** Goes on with the next frame, if it does not already. */
  begin(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#look())
  }
  stop(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
  }

  #look(): void {
    this.#frame = 0
    const until = performance.now() + BUDGET
    let more = this.#next()
    while (more && performance.now() <= until) more = this.#next()
    this.#told()
    if (more) this.begin()
  }
}
