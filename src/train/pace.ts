/** How much of a run makes a chunk: what takes about as long as is wanted. */
import { CHUNK_TIME, workOf, type Piece } from './course.ts'
import type { BackendName } from '../backends/types.ts'

/** As `CHUNK_TIME`: what comes back from a GPU has a long way. */
const GPU_CHUNK_TIME = 100

export class Pace {
  /** See `Limit`. */
  work: number
  /** Milliseconds, as those below: the last whole one took so long, and the last one ended then. */
  #took = Infinity
  #end = 0
  #wanted = CHUNK_TIME

  /** `work`: of the first one, whose time nobody knows. */
  constructor(work: number) {
    this.work = work
  }

  /** When a chunk begins that waits at the device for the end of the one before. */
  get next(): number {
    return this.#end
  }

  /** One that is asked for while the device is busy helps; where they take long it would only make people wait. */
  get isShort(): boolean {
    return this.#took <= 2 * this.#wanted
  }

  /** One that began at `began` has ended; where it was cut short it tells nothing. */
  add(backend: BackendName, pieces: readonly Piece[], whole: boolean, began: number, now: number): void {
    this.#end = now
    this.#wanted = backend === 'webgpu' ? GPU_CHUNK_TIME : CHUNK_TIME
    if (!whole || pieces.length === 0) return
    this.#took = Math.max(now - began, 0.01)
    const wanted = (workOf(pieces) * this.#wanted) / this.#took
    this.work = Math.min(2 * this.work, Math.max(this.work / 2, wanted))
  }
}
