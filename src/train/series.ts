/**
 * A curve that grows without bound in steps but not in memory: when it has too many points, each four become two, the
 * least and the greatest of them in their order, so that spikes stay where they were.
 */
import { thin } from '../base/thin.ts'
import type { SeriesPoints } from './types.ts'

export class Series {
  readonly name: string
  readonly #limit: number
  #steps: number[] = []
  #values: number[] = []

  constructor(name: string, limit: number) {
    this.name = name
    this.#limit = limit
  }

  get length(): number {
    return this.#steps.length
  }

  push(step: number, value: number): void {
    this.#steps.push(step)
    this.#values.push(value)
    if (this.#steps.length <= this.#limit) return
    const kept = thin(this.#steps, this.#values, this.#steps.length)
    this.#steps.length = kept
    this.#values.length = kept
  }

  points(): SeriesPoints {
    return { name: this.name, steps: Float64Array.from(this.#steps), values: Float64Array.from(this.#values) }
  }

  clear(): void {
    this.#steps = []
    this.#values = []
  }

  /** Drops what lies after a step, when a run goes back to an earlier state. */
  cut(step: number): void {
    const keep = this.#steps.findIndex((own) => own > step)
    if (keep < 0) return
    this.#steps.length = keep
    this.#values.length = keep
  }
}
