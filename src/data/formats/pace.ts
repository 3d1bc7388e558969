/** Keeps long work from holding everybody up: lets others have their turn every few milliseconds, and tells how far it is. */
import type { Job } from '../types.ts'

const TURN = 8

export class Pace {
  readonly #job: Job
  readonly #total: number
  #done = 0
  #since = performance.now()

  /** `total`: how much there is to do, in whatever is counted. */
  constructor(job: Job, total: number) {
    this.#job = job
    this.#total = Math.max(1, total)
  }

  /** Notes that so much more is done; whether it is time to rest. Cheap enough for every thousand numbers. */
  did(amount: number): boolean {
    this.#done += amount
    return performance.now() - this.#since >= TURN
  }

  async rest(): Promise<void> {
    this.#job.progress(Math.min(1, this.#done / this.#total))
    await this.#job.pause()
    this.#since = performance.now()
  }
}
