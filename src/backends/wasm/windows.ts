/**
 * Which pixels meet which taps: the geometry that a convolution and its two adjoints share, one axis at a time. Rows of a
 * window that lie outside of the image are left out; columns outside are made real, as a border of zeros left and right in
 * a copy of the image, because there several pixels are computed together.
 */
import { sizeOf } from '../../base/shape.ts'
import type { FunctionBuilder, Local } from './emitter.ts'
import { copyOf, type KernelOf } from './kernel-code.ts'

export type Conv = KernelOf<'conv'>

/** Multiply-adds of all images. */
export function multiplyAdds({ w: [height, width, perGroup], y }: Conv): number {
  return sizeOf(y) * height * width * perGroup
}

/** One axis (rows or columns) of a sweep: taps that lie evenly, output positions that lie evenly. All in pixels. */
export interface Line {
  /** Source position of tap 0 for output 0, before padding; may be negative. */
  readonly start: number
  readonly taps: number
  readonly tapStep: number
  readonly outputs: number
  readonly outputStep: number
  /** Where in the result the outputs go. */
  readonly target: number
  readonly targetStep: number
  /** Number of tap `t` in the weights is `tap + t * tapNumberStep`. */
  readonly tap: number
  readonly tapNumberStep: number
}

export function forwardLine(kernel: Conv, axis: 0 | 1): Line {
  const { stride, dilation, padding } = kernel.geometry
  return {
    start: -padding[axis][0],
    taps: kernel.w[axis],
    tapStep: dilation[axis],
    outputs: kernel.y[axis + 1] as number,
    outputStep: stride[axis],
    target: 0,
    targetStep: 1,
    tap: 0,
    tapNumberStep: 1,
  }
}

/** Phases of the gradient of the input along one axis: x ≡ phase (mod stride) gets tap k from y = (x + p - k d) / stride. */
export function phaseLines(kernel: Conv, axis: 0 | 1): Line[] {
  const { stride, dilation, padding } = kernel.geometry
  const [s, d, p] = [stride[axis], dilation[axis], padding[axis][0]]
  const size = kernel.x[axis + 1] as number
  const lines: Line[] = []
  for (let phase = 0; phase < Math.min(s, size); phase++) {
    const taps: number[] = []
    for (let k = kernel.w[axis] - 1; k >= 0; k--) if ((phase + p - k * d) % s === 0) taps.push(k)
    const [first, second] = taps
    const source = (k: number) => (phase + p - k * d) / s
    lines.push({
      start: first === undefined ? 0 : source(first),
      taps: taps.length,
      tapStep: first === undefined || second === undefined ? 1 : source(second) - source(first),
      outputs: Math.ceil((size - phase) / s),
      outputStep: 1,
      target: phase,
      targetStep: s,
      tap: first ?? 0,
      tapNumberStep: first === undefined || second === undefined ? 1 : second - first,
    })
  }
  return lines
}

/** Evenly spaced positions: the first at start + place * scale, the others every `step`. */
export interface Positions {
  readonly start: number
  readonly scale: number
  readonly step: number
  readonly count: number
}

/** Those of some positions, by number, that lie inside; undefined where all do, wherever `place` is. */
export type Inside = { readonly from: Local; readonly to: Local } | undefined

/** `places`: how many values `place` takes, from 0. */
export function emitInside(
  f: FunctionBuilder,
  positions: Positions,
  place: Local,
  places: number,
  size: number,
): Inside {
  const { start, scale, step, count } = positions
  if (count === 0 || (start >= 0 && start + (places - 1) * scale + (count - 1) * step < size)) return undefined
  const [first, from, to] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const limit = (local: Local, bound: number, keep: 'i32.gt_s' | 'i32.lt_s') =>
    f.set(local).get(local).i32(bound).get(local).i32(bound).op(keep).op('select').set(local)
  f.i32(start).plusScaled(place, scale).set(first)
  // Rounded up; what division makes of a negative number is below 0 or 0 and so of no matter here.
  f.i32(step - 1)
    .get(first)
    .op('i32.sub')
    .i32(step)
    .op('i32.div_s')
  limit(from, 0, 'i32.gt_s')
  f.i32(size - 1 + step)
    .get(first)
    .op('i32.sub')
    .i32(step)
    .op('i32.div_s')
  limit(to, count, 'i32.lt_s')
  return { from, to }
}

export function eachInside(f: FunctionBuilder, inside: Inside, count: number, body: () => void): void {
  if (inside) f.range(inside.from, inside.to, 1, body)
  else f.repeat(count, 1, body)
}

/** One image with a border of zeros left and right, in scratch memory; or the image itself where none is needed. */
export class Bordered {
  /** Bytes from pixel to pixel, and from row to row. */
  readonly pixel: number
  readonly row: number
  /** From the start of a row to its first pixel. */
  readonly left: number
  /** Of scratch memory. */
  readonly bytes: number
  readonly #f: FunctionBuilder
  readonly #height: number
  readonly #rowBytes: number

  constructor(
    f: FunctionBuilder,
    lines: readonly Line[],
    [height, width]: readonly [number, number],
    channels: number,
  ) {
    let [low, high] = [0, width - 1]
    for (const { start, taps, tapStep, outputs, outputStep } of lines) {
      if (taps === 0 || outputs === 0) continue
      low = Math.min(low, start)
      high = Math.max(high, start + (taps - 1) * tapStep + (outputs - 1) * outputStep)
    }
    this.#f = f
    this.#height = height
    this.pixel = 4 * channels
    this.left = -low * this.pixel
    this.#rowBytes = width * this.pixel
    this.row = (high - low + 1) * this.pixel
    this.bytes = this.row === this.#rowBytes ? 0 : Math.ceil((this.row * height) / 64) * 64
  }

  /** Clears the border left and right, once for all images. */
  clear(scratch: Local): void {
    if (this.bytes === 0) return
    const f = this.#f
    const right = this.row - this.left - this.#rowBytes
    const at = copyOf(f, scratch)
    f.repeat(this.#height, 1, () => {
      for (const [start, bytes] of [
        [0, this.left],
        [this.left + this.#rowBytes, right],
      ] as const)
        if (bytes > 0) f.get(at).plus(start).i32(0).i32(bytes).memoryFill()
      f.advance(at, this.row)
    })
  }

  /** Takes in the image at `source`; gives the local with the address of its first pixel. */
  take(source: Local, scratch: Local): Local {
    const f = this.#f
    const origin = copyOf(f, source)
    if (this.bytes === 0) return origin
    const [from, to] = [copyOf(f, source), f.local('i32')]
    f.get(scratch).plus(this.left).tee(origin).set(to)
    f.repeat(this.#height, 1, () => {
      f.get(to).get(from).i32(this.#rowBytes).memoryCopy()
      f.advance(from, this.#rowBytes).advance(to, this.row)
    })
    return origin
  }
}

/**
 * How channels are grouped in the code. One filter for each channel is no loop over groups but one over lanes: then every
 * lane has an element of its own on both sides of the product (`wide`).
 */
export interface Grouping {
  readonly groups: number
  readonly wide: boolean
}

export function grouping(kernel: Conv): Grouping {
  const { groups } = kernel.geometry
  return groups > 1 && groups === kernel.x[3] && groups === kernel.y[3]
    ? { groups: 1, wide: true }
    : { groups, wide: false }
}
