/**
 * Pictures that are others in each epoch: moved, mirrored, turned, larger or smaller, noisy, with a hole. Only training sees
 * them so.
 *
 * What happens to a picture is a function of (seed, epoch, example): a run that goes back to a checkpoint repeats itself, the
 * order of the examples means nothing, and of two kinds of change neither draws the other's numbers, so that a bound that is
 * moved leaves all else as it was. Shift, turn, size and mirror are one affine map about the picture's middle, read between
 * pixels in one pass; a shift goes by whole pixels, so that by itself it blurs nothing.
 *
 * What comes in from outside repeats the edge, whatever the picture's background is: one colour for all would show wedges on
 * everything that was not drawn on that colour, and wedges can be learnt. A hole has the picture's mean colour, which says
 * least (DeVries & Taylor 2017 fill with the mean of all; no picture needs to know of others here).
 */
import { assert } from '../base/assert.ts'
import { problem, ProblemError } from '../base/problem.ts'
import { Rng } from '../base/rng.ts'
import { showShape, sizeOf, type Shape } from '../base/shape.ts'
import type { Augmentation, DataSection } from '../document/types.ts'
import type { Augmenter } from './preparation/made.ts'
import type { LoadedTable, RawExamples, StoredNumbers } from './types.ts'

/** What happens to one picture. */
export interface Variation {
  /** Pixels down and to the right. */
  readonly shift: readonly [number, number]
  /** Radians, clockwise. */
  readonly angle: number
  /** How many times as large. */
  readonly zoom: number
  /** Top to bottom, left to right; comes before all else. */
  readonly flip: readonly [boolean, boolean]
  /** First row and column of the hole, and its height and width; 0 is none. */
  readonly hole: readonly [number, number, number, number]
}

/** `kind`: bytes go from 0 to 255 and stay there, floats have no end. `shape`: [height, width, channels]. */
export function augmenterFor(recipe: Augmentation, shape: Shape, kind: StoredNumbers['kind']): Augmenter {
  assert(isPicture(shape), `a picture of ${showShape(shape)}`)
  const { noise = 0 } = recipe
  const size = sizeOf(shape)
  const before = new Float32Array(size)
  return (values, example, epoch) => {
    assert(values.length === size, `${values.length} numbers for ${showShape(shape)}`)
    const rng = new Rng(recipe.seed, 'augment', epoch, example)
    const variation = drawVariation(recipe, shape, rng)
    if (moves(variation)) {
      before.set(values)
      warp(before, values, shape, variation)
    }
    if (noise > 0) addNoise(values, kind, noise, rng)
    cutOut(values, shape, variation.hole)
  }
}

/** Whether a recipe does anything at all. */
export function varies({ seed: _, ...kinds }: Augmentation): boolean {
  return Object.values(kinds).some((bound) => bound !== 0)
}

export function isPicture(shape: Shape): boolean {
  return shape.length === 3
}

/** Refuses a recipe for pictures where there are none. */
export function checkAugmentation(raw: RawExamples | LoadedTable, section: DataSection): void {
  if (section.preparation.augmentation) requirePictures(raw, section)
}

export function requirePictures(raw: RawExamples | LoadedTable, { source }: DataSection): asserts raw is RawExamples {
  const shape = 'table' in raw ? null : raw.shape
  if (shape && isPicture(shape)) return
  const what =
    source.kind === 'generated' ? `the generated set ${source.generator}` : (source.files[0]?.name ?? 'the source')
  const found = shape ? `examples of shape ${showShape(shape)}` : 'the rows of a table'
  const message = `Only pictures (height, width, channels) can be varied, and ${what} has ${found}; turn off that they vary.`
  throw new ProblemError(problem('data.kind', message, { field: 'data.preparation.augmentation' }))
}

/** The same draws in the same order whatever is on, so that what is turned on changes nothing else. */
export function drawVariation(recipe: Augmentation, [height = 1, width = 1]: Shape, rng: Rng): Variation {
  const { shift = 0, rotate = 0, zoom = 0, cutOut: share = 0 } = recipe
  const either = (most: number) => rng.integer(2 * most + 1) - most
  const down = either(pixels(shift, height))
  const right = either(pixels(shift, width))
  const angle = (rng.uniform(-rotate, rotate) * Math.PI) / 180
  // As often half as large as twice.
  const factor = Math.exp(rng.uniform(-1, 1) * Math.log1p(zoom))
  const isUpsideDown = rng.uniform() < 0.5
  const isMirrored = rng.uniform() < 0.5
  const [tall, wide] = [pixels(share, height), pixels(share, width)]
  const top = rng.integer(height - tall + 1)
  const left = rng.integer(width - wide + 1)
  return {
    shift: [down, right],
    angle,
    zoom: factor,
    flip: [recipe.flipVertical === true && isUpsideDown, recipe.flipHorizontal === true && isMirrored],
    hole: [top, left, tall, wide],
  }
}

/** A share of a side in pixels: what is more than nothing is at least one of them. */
function pixels(share: number, side: number): number {
  return share > 0 ? Math.max(1, Math.round(share * side)) : 0
}

function moves({ shift, angle, zoom, flip }: Variation): boolean {
  return shift[0] !== 0 || shift[1] !== 0 || angle !== 0 || zoom !== 1 || flip[0] || flip[1]
}

/** Each pixel of `to` is read, between pixels, where the map takes it from; whole steps are exact. */
export function warp(from: Float32Array, to: Float32Array, shape: Shape, variation: Omit<Variation, 'hole'>): void {
  const { shift, angle, zoom, flip } = variation
  if (angle === 0 && zoom === 1) return step(from, to, shape, variation)
  const [height = 1, width = 1, channels = 1] = shape
  const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2]
  const [cos, sin] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom]
  const [wayY, wayX] = [flip[0] ? -1 : 1, flip[1] ? -1 : 1]
  const [lastY, lastX] = [height - 1, width - 1]
  const row = width * channels
  let k = 0
  for (let y = 0; y < height; y++) {
    const down = y - middleY - shift[0]
    for (let x = 0; x < width; x++) {
      const right = x - middleX - shift[1]
      const sourceX = middleX + wayX * (cos * right + sin * down)
      const sourceY = middleY + wayY * (cos * down - sin * right)
      const heldX = sourceX < 0 ? 0 : sourceX > lastX ? lastX : sourceX
      const heldY = sourceY < 0 ? 0 : sourceY > lastY ? lastY : sourceY
      // Neither is below 0.
      const x0 = heldX | 0
      const y0 = heldY | 0
      const shareX = heldX - x0
      const shareY = heldY - y0
      const above = y0 * row + x0 * channels
      const below = y0 < lastY ? above + row : above
      const next = x0 < lastX ? channels : 0
      for (let c = 0; c < channels; c++) {
        const a = from[above + c] as number
        const b = from[below + c] as number
        const upper = a + shareX * ((from[above + next + c] as number) - a)
        const lower = b + shareX * ((from[below + next + c] as number) - b)
        to[k++] = upper + shareY * (lower - upper)
      }
    }
  }
}

/** By whole pixels, several times as quick. */
function step(
  from: Float32Array,
  to: Float32Array,
  [height = 1, width = 1, channels = 1]: Shape,
  { shift, flip }: Pick<Variation, 'shift' | 'flip'>,
): void {
  const sourceOf = (place: number, side: number, by: number, isMirrored: boolean) => {
    const source = Math.min(side - 1, Math.max(0, place - by))
    return isMirrored ? side - 1 - source : source
  }
  const columns = Int32Array.from({ length: width }, (_, x) => channels * sourceOf(x, width, shift[1], flip[1]))
  let k = 0
  for (let y = 0; y < height; y++) {
    const row = width * channels * sourceOf(y, height, shift[0], flip[0])
    for (let x = 0; x < width; x++) {
      const pixel = row + (columns[x] as number)
      for (let c = 0; c < channels; c++) to[k++] = from[pixel + c] as number
    }
  }
}

/**
 * One draw begins a sequence of its own (SplitMix32, after Steele, Lea & Flood 2014): there are as many numbers as pixels, and
 * Philox would take most of the time that a picture takes.
 */
function addNoise(values: Float32Array, kind: StoredNumbers['kind'], share: number, rng: Rng): void {
  const isBytes = kind === 'bytes'
  const deviation = isBytes ? share * 255 : share
  const [low, high] = isBytes ? [0, 255] : [-Infinity, Infinity]
  const normal = (quantiles ??= normalQuantiles())
  let state = rng.bits() | 0
  for (let i = 0; i < values.length; i++) {
    state = (state + 0x9e3779b9) | 0
    let bits = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
    const value = (values[i] as number) + deviation * (normal[(bits ^ (bits >>> 16)) & (QUANTILES - 1)] as number)
    values[i] = value < low ? low : value > high ? high : value
  }
}

/** A power of two. */
const QUANTILES = 4096
let quantiles: Float64Array | undefined

/**
 * Middles of equally likely parts of the standard normal distribution, several times as quick to draw from as the distribution
 * itself. The quantile z of p obeys dz/dp = 1 / density(z) (Steinbrecher & Shaw 2008), which is followed from the median
 * outwards and upwards (Runge & Kutta); the lower half mirrors it. Brought to a deviation of exactly 1.
 */
export function normalQuantiles(): Float64Array {
  const slope = (z: number) => Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2)
  const parts = 16
  const half = QUANTILES / 2
  const found = new Float64Array(QUANTILES)
  let z = 0
  let squares = 0
  for (let i = 0; i < half; i++) {
    // Half a step from the median to the first middle.
    const step = (i === 0 ? 0.5 : 1) / QUANTILES / parts
    for (let part = 0; part < parts; part++) {
      const a = slope(z)
      const b = slope(z + (step / 2) * a)
      const c = slope(z + (step / 2) * b)
      z += (step / 6) * (a + 2 * b + 2 * c + slope(z + step * c))
    }
    found[half + i] = z
    found[half - 1 - i] = -z
    squares += 2 * z * z
  }
  const deviation = Math.sqrt(squares / QUANTILES)
  return found.map((value) => value / deviation)
}

export function cutOut(values: Float32Array, shape: Shape, [top, left, tall, wide]: Variation['hole']): void {
  if (tall === 0 || wide === 0) return
  const [, width = 1, channels = 1] = shape
  for (let c = 0; c < channels; c++) {
    let sum = 0
    for (let i = c; i < values.length; i += channels) sum += values[i] as number
    const mean = (sum * channels) / values.length
    for (let y = top; y < top + tall; y++)
      for (let x = left; x < left + wide; x++) values[(y * width + x) * channels + c] = mean
  }
}
