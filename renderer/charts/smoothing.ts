/**
 * Debiased exponential moving average: each point is the weighted mean of all points up to it, where a point that lies
 * `d` steps back weighs `weight ** d`. Distance is measured in steps, so that a gap counts as what it is. Dividing by the
 * sum of the weights removes the pull towards zero at the start (Kingma & Ba 2015 do the same in Adam).
 */
import type { Series } from './series.ts'

export class Smoother {
  readonly weight: number
  #output = new Float64Array(256)
  #length = 0
  #cuts = 0
  #sum = 0
  #total = 0
  #lastStep = NaN
  #distance = NaN
  #decay = 0

  /** 0 ≤ weight < 1; 0 leaves every value as it is. */
  constructor(weight: number) {
    this.weight = weight
  }

  /** The smoothed values of the whole series. Work is proportional to what was appended since the last call. */
  follow(series: Series): Float64Array {
    const { steps, values } = series
    if (series.cuts !== this.#cuts) {
      this.#cuts = series.cuts
      this.#length = 0
      this.#lastStep = NaN
    }
    if (steps.length > this.#output.length) {
      const larger = new Float64Array(Math.max(steps.length, this.#output.length * 2))
      larger.set(this.#output.subarray(0, this.#length))
      this.#output = larger
    }
    for (let i = this.#length; i < steps.length; i++)
      this.#output[i] = this.#next(steps[i] as number, values[i] as number)
    this.#length = steps.length
    return this.#output.subarray(0, this.#length)
  }

  #next(step: number, value: number): number {
    // One bad batch must not erase the rest of the curve: it leaves a gap of its own length.
    if (!Number.isFinite(value)) return NaN
    const distance = step - this.#lastStep
    if (!(distance > 0)) {
      // The first point, or a run that went back to an earlier step.
      this.#sum = 0
      this.#total = 0
    } else {
      if (distance !== this.#distance) {
        this.#distance = distance
        this.#decay = this.weight ** distance
      }
      this.#sum *= this.#decay
      this.#total *= this.#decay
    }
    this.#lastStep = step
    this.#sum += (1 - this.weight) * value
    this.#total += 1 - this.weight
    return this.#sum / this.#total
  }
}
