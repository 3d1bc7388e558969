/**
 * A curve that grows without bound in steps but not in memory: when it has too many points, each four become two, the
 * least and the greatest of them in their order, so that spikes stay where they were.
 */
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
    if (this.#steps.length > this.#limit) this.#thin()
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

  #thin(): void {
    const steps: number[] = []
    const values: number[] = []
    const keep = (i: number) => {
      steps.push(this.#steps[i] ?? 0)
      values.push(this.#values[i] ?? 0)
    }
    for (let first = 0; first < this.#steps.length; first += 4) {
      const group = this.#values.slice(first, first + 4)
      // A non-finite value counts as an extreme: it must not vanish.
      const rank = (value: number, missing: number) => (Number.isFinite(value) ? value : missing)
      const least = group.reduce(
        (best, value, i) => (rank(value, Infinity) < rank(group[best] ?? 0, Infinity) ? i : best),
        0,
      )
      const greatest = group.reduce(
        (best, value, i) => (rank(value, Infinity) > rank(group[best] ?? 0, Infinity) ? i : best),
        0,
      )
      keep(first + Math.min(least, greatest))
      if (least !== greatest) keep(first + Math.max(least, greatest))
    }
    this.#steps = steps
    this.#values = values
  }
}
