import { thin } from '../../src/base/thin.ts'

/** Far more than any chart has pixels; a small network makes tens of thousands of steps a second, for hours. */
const MOST_POINTS = 100_000

/**
 * One curve: two typed buffers that grow, and are thinned without losing spikes when they are full. Never a reactive proxy;
 * whoever draws depends on a version counter.
 */
export class Series {
  readonly name: string
  #steps = new Float64Array(256)
  #values = new Float64Array(256)
  #length = 0
  #cuts = 0

  constructor(name: string) {
    this.name = name
  }

  get length(): number {
    return this.#length
  }

  /** The part in use; a view of the buffer, valid until the next append. */
  get steps(): Float64Array {
    return this.#steps.subarray(0, this.#length)
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }

  get lastStep(): number {
    return this.#length > 0 ? (this.#steps[this.#length - 1] as number) : NaN
  }

  get lastValue(): number {
    return this.#length > 0 ? (this.#values[this.#length - 1] as number) : NaN
  }

  append(steps: ArrayLike<number>, values: ArrayLike<number>): void {
    const count = Math.min(steps.length, values.length)
    const needed = this.#length + count
    if (needed > this.#steps.length) {
      const capacity = Math.max(needed, this.#steps.length * 2)
      this.#steps = grown(this.#steps, this.#length, capacity)
      this.#values = grown(this.#values, this.#length, capacity)
    }
    for (let i = 0; i < count; i++) {
      this.#steps[this.#length + i] = steps[i] as number
      this.#values[this.#length + i] = values[i] as number
    }
    this.#length = needed
    if (needed <= MOST_POINTS) return
    this.#length = thin(this.#steps, this.#values, needed)
    this.#cuts++
  }

  /** How often points were taken away; whoever follows the series by its length looks here too. */
  get cuts(): number {
    return this.#cuts
  }

  /** Takes away what lies after a step, when a run goes back to an earlier state. */
  cut(step: number): void {
    const before = this.#length
    while (this.#length > 0 && (this.#steps[this.#length - 1] as number) > step) this.#length--
    if (this.#length < before) this.#cuts++
  }

  /** Index of the lowest (or highest) finite value, the first of equals; -1 where there is none. */
  best(better: 'lower' | 'higher'): number {
    let best = -1
    for (let i = 0; i < this.#length; i++) {
      const value = this.#values[i] as number
      if (!Number.isFinite(value)) continue
      const record = this.#values[best] as number
      if (best < 0 || (better === 'lower' ? value < record : value > record)) best = i
    }
    return best
  }
}

function grown(buffer: Float64Array, used: number, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity)
  larger.set(buffer.subarray(0, used))
  return larger
}

/** Index of the step nearest to `step` in ascending `steps`, the earlier of two equally near; -1 when there are none. */
export function nearest(steps: ArrayLike<number>, step: number): number {
  if (steps.length === 0) return -1
  let low = 0
  let high = steps.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((steps[middle] as number) < step) low = middle + 1
    else high = middle
  }
  return low > 0 && step - (steps[low - 1] as number) <= (steps[low] as number) - step ? low - 1 : low
}
