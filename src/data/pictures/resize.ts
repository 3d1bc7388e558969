/**
 * Pictures of any size and colour to examples of one size. Smaller by the mean of the area that each new pixel covers, larger
 * by linear interpolation between the middles of pixels; each axis by itself, so one may grow while the other shrinks. Sums
 * are of double precision and kept in single between the axes: the same bytes on every machine.
 */
import { at } from '../../base/assert.ts'
import type { Pixels } from './types.ts'

/** What becomes of a picture of another shape: its edges go, it gets a margin, or it is distorted. */
export type Fit = 'crop' | 'pad' | 'stretch'

export interface Target {
  readonly height: number
  readonly width: number
  /** 1: grey, by the weights of ITU-R BT.601; 3: RGB. */
  readonly channels: 1 | 3
  readonly fit: Fit
  /** Behind what is transparent, and of the margin: 0 black … 255 white. */
  readonly background: number
}

/** Writes height × width × channels bytes into `to`. */
export function fitInto(picture: Pixels, target: Target, to: Uint8Array): void {
  const { height, width, channels, fit } = target
  const flat = flatten(picture, channels, target.background)
  if (picture.width === width && picture.height === height) {
    to.set(flat)
    return
  }
  const across = width / picture.width
  const down = height / picture.height
  if (fit === 'stretch') {
    resample(
      flat,
      picture.width,
      channels,
      axis(picture.width, 0, picture.width, width),
      axis(picture.height, 0, picture.height, height),
      to,
    )
  } else if (fit === 'crop') {
    const scale = Math.max(across, down)
    const x = middle(picture.width, width / scale, width)
    const y = middle(picture.height, height / scale, height)
    resample(flat, picture.width, channels, x, y, to)
  } else {
    const scale = Math.min(across, down)
    const wide = Math.min(width, Math.max(1, Math.round(picture.width * scale)))
    const high = Math.min(height, Math.max(1, Math.round(picture.height * scale)))
    const inner = new Uint8Array(wide * high * channels)
    resample(
      flat,
      picture.width,
      channels,
      axis(picture.width, 0, picture.width, wide),
      axis(picture.height, 0, picture.height, high),
      inner,
    )
    to.fill(target.background)
    const left = (width - wide) >> 1
    const top = (height - high) >> 1
    for (let y = 0; y < high; y++) {
      to.set(inner.subarray(y * wide * channels, (y + 1) * wide * channels), ((top + y) * width + left) * channels)
    }
  }
}

/** Grey or RGB, before the background. */
export function flatten({ channels, data, width, height }: Pixels, wanted: 1 | 3, background: number): Uint8Array {
  if (channels === wanted) return data
  const size = width * height
  const flat = new Uint8Array(size * wanted)
  const colours = channels < 3 ? 1 : 3
  const alpha = channels > colours
  for (let i = 0, from = 0, to = 0; i < size; i++, from += channels, to += wanted) {
    const opacity = alpha ? (data[from + colours] as number) : 255
    let red = data[from] as number
    let green = data[from + colours - 2] ?? red
    let blue = data[from + colours - 1] as number
    if (colours === 1) green = blue = red
    if (opacity < 255) {
      red = over(red, opacity, background)
      green = over(green, opacity, background)
      blue = over(blue, opacity, background)
    }
    if (wanted === 1) flat[to] = colours === 1 ? red : luma(red, green, blue)
    else {
      flat[to] = red
      flat[to + 1] = green
      flat[to + 2] = blue
    }
  }
  return flat
}

/** Whether all of its colours are shades of grey, as near as a JPEG keeps them. */
export function isGrey({ channels, data }: Pixels): boolean {
  if (channels < 3) return true
  for (let i = 0; i < data.length; i += channels) {
    const red = data[i] as number
    const green = data[i + 1] as number
    const blue = data[i + 2] as number
    if (Math.abs(red - green) > 3 || Math.abs(green - blue) > 3 || Math.abs(red - blue) > 3) return false
  }
  return true
}

function over(colour: number, opacity: number, background: number): number {
  return Math.floor((colour * opacity + background * (255 - opacity) + 127) / 255)
}

/** ITU-R BT.601 in 16 bits. */
function luma(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
}

/** Where the pixels of one axis come from: new pixel i is the sum over k of weights[i * taps + k] × old pixel first[i] + k. */
interface Axis {
  readonly size: number
  readonly taps: number
  readonly first: Int32Array
  readonly weights: Float64Array
}

/** The middle of an axis, at a whole pixel so that what need not be resized stays sharp. */
function middle(size: number, length: number, to: number): Axis {
  return axis(size, Math.max(0, Math.floor((size - length) / 2)), Math.min(size, length), to)
}

/** `length` old pixels from `origin` on, of `size`, as `to` new ones. */
function axis(size: number, origin: number, length: number, to: number): Axis {
  const scale = length / to
  const taps = scale > 1 ? Math.ceil(scale) + 1 : 2
  const first = new Int32Array(to)
  const weights = new Float64Array(to * taps)
  for (let i = 0; i < to; i++) {
    if (scale > 1) {
      const from = origin + i * scale
      const until = Math.min(size, origin + (i + 1) * scale)
      const start = Math.floor(from)
      first[i] = start
      let sum = 0
      for (let k = 0; k < taps; k++) {
        const covered = Math.max(0, Math.min(until, start + k + 1) - Math.max(from, start + k))
        weights[i * taps + k] = covered
        sum += covered
      }
      for (let k = 0; k < taps; k++) weights[i * taps + k] = (weights[i * taps + k] as number) / sum
    } else {
      const place = Math.min(size - 1, Math.max(0, origin + (i + 0.5) * scale - 0.5))
      const start = Math.floor(place)
      first[i] = start
      weights[i * taps] = 1 - (place - start)
      weights[i * taps + 1] = place - start
    }
  }
  return { size: to, taps, first, weights }
}

/** Rows first, then columns; only rows that are asked for. */
function resample(data: Uint8Array, width: number, channels: number, x: Axis, y: Axis, to: Uint8Array): void {
  const top = Math.min(...y.first)
  const rows = Math.floor(data.length / (width * channels))
  const bottom = Math.min(rows, Math.max(...y.first) + y.taps)
  const between = new Float32Array((bottom - top) * x.size * channels)
  for (let row = top, b = 0; row < bottom; row++) {
    for (let i = 0; i < x.size; i++) {
      const from = at(x.first, i)
      // What lies beyond the edge has no weight.
      const taps = Math.min(x.taps, width - from)
      for (let c = 0; c < channels; c++, b++) {
        let sum = 0
        let place = (row * width + from) * channels + c
        for (let k = 0; k < taps; k++, place += channels)
          sum += (x.weights[i * x.taps + k] as number) * (data[place] as number)
        between[b] = sum
      }
    }
  }
  const stride = x.size * channels
  for (let i = 0, t = 0; i < y.size; i++) {
    const from = at(y.first, i)
    const taps = Math.min(y.taps, bottom - from)
    for (let j = 0; j < stride; j++, t++) {
      let sum = 0
      let place = (from - top) * stride + j
      for (let k = 0; k < taps; k++, place += stride)
        sum += (y.weights[i * y.taps + k] as number) * (between[place] as number)
      to[t] = Math.floor(sum + 0.5)
    }
  }
}
