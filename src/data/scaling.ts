/**
 * What is done to numbers before the network sees them: cut at quantiles, logarithm, and a shift and a scale, all learnt from the
 * training part. Mean and deviation are as scikit-learn's StandardScaler has them: the population's deviation, and 1 where
 * all values are equal, so that a constant column becomes zeros rather than noise divided by nothing. Two passes in double
 * precision.
 */
import { at } from '../base/assert.ts'
import type { Scaling } from '../document/types.ts'
import { areBytes, atOnce, eachExample, type Steps } from './numbers.ts'
import { eachStretch } from './stretches.ts'
import type { Numbers } from './types.ts'

/** (value - mean) / deviation. */
export interface Scale {
  readonly mean: number
  readonly deviation: number
}

export const UNSCALED: Scale = { mean: 0, deviation: 1 }

/** Cut to `clip`, then the logarithm, then the scale. */
export interface Transform extends Scale {
  readonly clip?: readonly [number, number]
  readonly log?: true
}

export function transformed(value: number, { clip, log, mean, deviation }: Transform): number {
  const cut = clip ? clipped(value, clip) : value
  return ((log ? signedLog(cut) : cut) - mean) / deviation
}

export function clipped(value: number, [low, high]: readonly [number, number]): number {
  return value < low ? low : value > high ? high : value
}

/** sign(x) ln(1 + |x|): as the logarithm far from 0, as x near it, and of any number. */
export function signedLog(value: number): number {
  return Math.sign(value) * Math.log1p(Math.abs(value))
}

/** Goes over numbers, each with how often it occurs; NaN is a missing value and does not count. */
type Visited = (visit: (value: number, count: number) => void) => Steps<void>

/** Of the values at the given places. */
export function scaleOf(values: ArrayLike<number>, places: ArrayLike<number>, stride = 1, offset = 0): Scale {
  return atOnce(momentsOf(numbersAt(values, places, stride, offset)))
}

/** As `scaling` says, of the values at the given places; UNSCALED where there is none. */
export function fitScale(
  scaling: Scaling,
  values: ArrayLike<number>,
  places: ArrayLike<number>,
  stride = 1,
  offset = 0,
): Steps<Transform> {
  return scaleBy(scaling, numbersAt(values, places, stride, offset))
}

function numbersAt(values: ArrayLike<number>, places: ArrayLike<number>, stride: number, offset: number): Visited {
  return (visit) =>
    eachStretch(places.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const value = values[(places[i] as number) * stride + offset] as number
        if (!Number.isNaN(value)) visit(value, 1)
      }
    })
}

function* scaleBy(scaling: Scaling, numbers: Visited): Steps<Transform> {
  switch (scaling) {
    case 'none':
      return UNSCALED
    case 'standardise':
      return yield* momentsOf(numbers)
    case 'log':
      return { ...(yield* momentsOf((visit) => numbers((value, count) => visit(signedLog(value), count)))), log: true }
    case 'minMax': {
      const { min, max } = yield* rangeOf(numbers)
      return min <= max ? { mean: min, deviation: max > min ? max - min : 1 } : UNSCALED
    }
    default:
      return scaling satisfies never
  }
}

function* rangeOf(numbers: Visited): Steps<{ min: number; max: number }> {
  let min = Infinity
  let max = -Infinity
  yield* numbers((value) => {
    if (value < min) min = value
    if (value > max) max = value
  })
  return { min, max }
}

function* momentsOf(numbers: Visited): Steps<Scale> {
  const { min, max } = yield* rangeOf(numbers)
  if (min > max) return UNSCALED
  // The sum of equal numbers, divided again, is not quite that number; and the rest would be scaled up to 1.
  if (min === max) return { mean: min, deviation: 1 }
  let total = 0
  let sum = 0
  yield* numbers((value, count) => {
    total += count
    sum += count * value
  })
  const mean = sum / total
  let squares = 0
  yield* numbers((value, count) => (squares += count * (value - mean) ** 2))
  const deviation = Math.sqrt(squares / total)
  return { mean, deviation: deviation > 0 ? deviation : 1 }
}

/**
 * As `fitScale`, of examples of `size` numbers wherever they are, which take `scales` of them in turn: one for all (how pictures
 * are scaled), one for each feature of a sequence, or one for each place of an example.
 */
export function* fitScales(
  scaling: Scaling,
  values: Numbers,
  examples: ArrayLike<number>,
  size: number,
  scales: number,
): Steps<Transform[]> {
  if (scaling === 'none') return new Array<Transform>(scales).fill(UNSCALED)
  if (scales === 1 && areBytes(values)) {
    // Bytes take 256 values: counting them is quick and exact.
    const counts = new Float64Array(256)
    yield* eachExample(values, size, examples, (block, from) => {
      for (let k = from; k < from + size; k++) {
        const byte = block[k] as number
        counts[byte] = (counts[byte] as number) + 1
      }
    })
    const counted: Visited = (visit) =>
      eachStretch(counts.length, () => counts.forEach((count, byte) => count > 0 && visit(byte, count)))
    return [yield* scaleBy(scaling, counted)]
  }
  const isLog = scaling === 'log'
  const mins = new Float64Array(scales).fill(Infinity)
  const maxes = new Float64Array(scales).fill(-Infinity)
  const totals = new Float64Array(scales)
  const sums = new Float64Array(scales)
  /** All numbers in order, a logarithm where one is taken; NaN is missing. */
  const pass = (visit: (value: number, place: number) => void) =>
    eachExample(values, size, examples, (block, from) => {
      for (let k = 0; k < size; k++) {
        const value = block[from + k] as number
        if (!Number.isNaN(value)) visit(isLog ? signedLog(value) : value, k % scales)
      }
    })
  yield* pass((value, place) => {
    if (value < (mins[place] as number)) mins[place] = value
    if (value > (maxes[place] as number)) maxes[place] = value
    totals[place] = (totals[place] as number) + 1
    sums[place] = (sums[place] as number) + value
  })
  if (scaling === 'minMax')
    return Array.from(mins, (min, place) => {
      const max = at(maxes, place)
      return min <= max ? { mean: min, deviation: max > min ? max - min : 1 } : UNSCALED
    })
  const means = sums.map((sum, place) => sum / at(totals, place))
  const squares = new Float64Array(scales)
  yield* pass((value, place) => {
    squares[place] = (squares[place] as number) + (value - (means[place] as number)) ** 2
  })
  return Array.from(means, (mean, place) => {
    const [min, max] = [at(mins, place), at(maxes, place)]
    const log = isLog ? { log: true as const } : {}
    if (min > max) return { ...UNSCALED, ...log }
    // As in `momentsOf`.
    if (min === max) return { mean: min, deviation: 1, ...log }
    const deviation = Math.sqrt(at(squares, place) / at(totals, place))
    return { mean, deviation: deviation > 0 ? deviation : 1, ...log }
  })
}

/** Of numbers in rising order, between two of them as numpy does by default (Hyndman & Fan 1996, type 7); NaN of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return NaN
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const low = at(sorted, below)
  const high = at(sorted, Math.min(below + 1, sorted.length - 1))
  return low + (high - low) * (place - below)
}
