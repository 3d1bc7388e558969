/**
 * What is asked of a network while it trains, one after the other: between two chunks where a loop trains it, at once where
 * none does. A loop that is to pause does not wait for it.
 */
export class Asides {
  readonly #isFree: () => boolean
  readonly #waiting: (() => Promise<void>)[] = []
  #going: Promise<void> | undefined
  #leave: () => void = () => undefined

  /** `isFree`: no loop will come and ask for what waits. */
  constructor(isFree: () => boolean) {
    this.#isFree = isFree
  }

  /** Something is under way or waits. */
  get busy(): boolean {
    return this.#going !== undefined || this.#waiting.length > 0
  }

  /** Does the work when it is its turn. */
  add<T>(work: () => Promise<T>): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      this.#waiting.push(() => work().then(resolve, reject))
    })
    if (this.#isFree()) void this.go()
    return result
  }

  /** Resolves when nothing waits any more; never rejects. */
  go(): Promise<void> {
    if (!this.busy) return Promise.resolve()
    this.#going ??= this.#goOn()
    return this.#going
  }

  /** As `go`, but no longer than until somebody calls `leave`. */
  goOrLeave(): Promise<void> {
    return Promise.race([this.go(), new Promise<void>((resolve) => (this.#leave = resolve))])
  }

  leave(): void {
    this.#leave()
  }

  async #goOn(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await next()
    this.#going = undefined
  }
}
