/**
 * From one sampling rate to another with a linear-phase filter: each output is a sum of the inputs around its place, weighted
 * by a sinc that ends at the lower of the two half rates, under a Kaiser window (β = 5) of ten zero crossings on each side. That is
 * the filter of scipy.signal.resample_poly. Outside of the recording there is silence.
 */
const CROSSINGS = 10
const BETA = 5
/** Weights that are kept; rates without a common divisor have their places rounded to what these make possible. */
const MOST_WEIGHTS = 1 << 20

export class Resampler {
  /** The ratio of the rates in lowest terms. */
  readonly up: number
  readonly down: number
  readonly #phases: number
  /** Half the number of inputs of one output. */
  readonly #reach: number
  /** phases × 2 reach */
  readonly #weights: Float64Array

  constructor(from: number, to: number) {
    const divisor = greatestDivisor(from, to)
    this.up = to / divisor
    this.down = from / divisor
    const slower = Math.min(1, this.up / this.down)
    this.#reach = Math.ceil(CROSSINGS / slower)
    const taps = 2 * this.#reach
    this.#phases = Math.max(1, Math.min(this.up, Math.floor(MOST_WEIGHTS / taps)))
    this.#weights = new Float64Array(this.#phases * taps)
    const gain = slower / area(Math.min(4096, Math.max(this.up, this.down)))
    for (let phase = 0; phase < this.#phases; phase++) {
      for (let tap = 0; tap < taps; tap++) {
        const distance = phase / this.#phases + this.#reach - 1 - tap
        this.#weights[phase * taps + tap] = gain * kernel(slower * distance)
      }
    }
  }

  /** How many samples come out of so many. */
  lengthOf(samples: number): number {
    return Math.ceil((samples * this.up) / this.down)
  }

  /** How many must go in for so many to come out as they would with all. */
  needed(outputs: number): number {
    return Math.ceil((outputs * this.down) / this.up) + this.#reach
  }

  /** Outputs `from` … `to` - 1 of the first `length` numbers of `input`; output i goes to place i of `output`. */
  fill(input: Float32Array, length: number, output: Float32Array, from: number, to: number): void {
    const { up, down } = this
    const weights = this.#weights
    const phases = this.#phases
    const taps = 2 * this.#reach
    for (let i = from; i < to; i++) {
      const place = i * down
      let base = Math.floor(place / up)
      let phase = Math.round(((place % up) * phases) / up)
      if (phase === phases) {
        phase = 0
        base++
      }
      const first = base - taps / 2 + 1
      const last = Math.min(taps, length - first)
      const row = phase * taps
      let sum = 0
      for (let tap = Math.max(0, -first); tap < last; tap++)
        sum += (weights[row + tap] as number) * (input[first + tap] as number)
      output[i] = sum
    }
  }
}

/** Windowed sinc at so many zero crossings from its middle. */
function kernel(x: number): number {
  const inside = 1 - (x / CROSSINGS) ** 2
  if (inside < 0) return 0
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
  return (sinc * bessel(BETA * Math.sqrt(inside))) / bessel(BETA)
}

/** What the kernel sums to at this many points a zero crossing: divided by it, a constant stays what it is. */
function area(points: number): number {
  let sum = kernel(0)
  for (let i = 1; i <= CROSSINGS * points; i++) sum += 2 * kernel(i / points)
  return sum / points
}

/** Modified Bessel function of the first kind and order 0, by its series; for the small x of a window. */
function bessel(x: number): number {
  const quarter = (x * x) / 4
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k)
    sum += term
  }
  return sum
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}
