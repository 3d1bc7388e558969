/** Runs `draw` with the next frame after a request, but at most `perSecond` times a second; a hidden window draws nothing. */
export class Redraw {
  readonly #draw: () => void
  readonly #interval: number
  #last = -Infinity
  #frame = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(draw: () => void, perSecond = 12) {
    this.#draw = draw
    this.#interval = 1000 / perSecond
  }

  /** `now` skips the pause: for what the person does with their own hand. */
  request(now = false): void {
    if (this.#frame !== 0 || (this.#timer !== undefined && !now)) return
    clearTimeout(this.#timer)
    const wait = now ? 0 : this.#last + this.#interval - performance.now()
    if (wait <= 0) return this.#nextFrame()
    this.#timer = setTimeout(() => this.#nextFrame(), wait)
  }

  stop(): void {
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#frame)
    this.#timer = undefined
    this.#frame = 0
  }

  #nextFrame(): void {
    this.#timer = undefined
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.#last = performance.now()
      this.#draw()
    })
  }
}
