/**
 * From a JPEG's coefficients to colours, with the integers of the Independent JPEG Group's library: its `jidctint` (Loeffler,
 * Ligtenberg & Moschytz 1989), its triangle filter for planes of half the size, its fixed-point YCbCr. Each result is
 * rounded as there, so all pixels agree with those of libjpeg and libjpeg-turbo.
 */
import { at } from '../../base/assert.ts'
import type { ColourSpace, Frame, Plane } from './jpeg-frame.ts'
import type { Pixels } from './types.ts'

/** Bits after the point of the factors, and those that are kept between the two passes. */
const BITS = 13
const KEPT = 2

const work = new Int32Array(64)
const output = new Int32Array(8)

/** Of a progressive picture, once all scans are read. */
export function inverse(plane: Plane): void {
  const { coefficients, padded } = plane
  if (!coefficients) return
  for (let block = 0; block < padded.wide * padded.high; block++) inverseBlock(plane, coefficients, 64 * block, block)
}

/** One block of coefficients, those from `from` on, into samples. */
export function inverseBlock(plane: Plane, coefficients: Int16Array, from: number, block: number): void {
  const { samples, padded } = plane
  const factors = plane.quantization as Int32Array
  const stride = 8 * padded.wide
  let to = Math.floor(block / padded.wide) * 8 * stride + (block % padded.wide) * 8
  let any = 0
  for (let k = 1; k < 64; k++) any |= coefficients[from + k] as number
  if (any === 0) {
    const flat = (((at(coefficients, from) * at(factors, 0)) << KEPT) + (1 << (KEPT + 2))) >> (KEPT + 3)
    const value = clamp(flat + 128)
    for (let y = 0; y < 8; y++, to += stride) samples.fill(value, to, to + 8)
    return
  }
  for (let x = 0; x < 8; x++) {
    transform(
      Math.imul(coefficients[from + x] as number, factors[x] as number),
      Math.imul(coefficients[from + x + 8] as number, factors[x + 8] as number),
      Math.imul(coefficients[from + x + 16] as number, factors[x + 16] as number),
      Math.imul(coefficients[from + x + 24] as number, factors[x + 24] as number),
      Math.imul(coefficients[from + x + 32] as number, factors[x + 32] as number),
      Math.imul(coefficients[from + x + 40] as number, factors[x + 40] as number),
      Math.imul(coefficients[from + x + 48] as number, factors[x + 48] as number),
      Math.imul(coefficients[from + x + 56] as number, factors[x + 56] as number),
      BITS - KEPT,
    )
    for (let y = 0; y < 8; y++) work[x + 8 * y] = output[y] as number
  }
  for (let y = 0; y < 64; y += 8, to += stride) {
    transform(
      work[y] as number,
      work[y + 1] as number,
      work[y + 2] as number,
      work[y + 3] as number,
      work[y + 4] as number,
      work[y + 5] as number,
      work[y + 6] as number,
      work[y + 7] as number,
      BITS + KEPT + 3,
    )
    for (let x = 0; x < 8; x++) samples[to + x] = clamp((output[x] as number) + 128)
  }
}

/** The inverse cosine transform of eight numbers, shifted right by so many bits. The factors are cosines × 2^13. */
function transform(
  i0: number,
  i1: number,
  i2: number,
  i3: number,
  i4: number,
  i5: number,
  i6: number,
  i7: number,
  shift: number,
): void {
  const half = 1 << (shift - 1)
  const even = Math.imul(i2 + i6, 4433)
  const e2 = even + Math.imul(i6, -15137)
  const e3 = even + Math.imul(i2, 6270)
  const e0 = (i0 + i4) << BITS
  const e1 = (i0 - i4) << BITS
  const a0 = e0 + e3 + half
  const a3 = e0 - e3 + half
  const a1 = e1 + e2 + half
  const a2 = e1 - e2 + half
  const z5 = Math.imul(i7 + i3 + i5 + i1, 9633)
  const z1 = Math.imul(i7 + i1, -7373)
  const z2 = Math.imul(i5 + i3, -20995)
  const z3 = Math.imul(i7 + i3, -16069) + z5
  const z4 = Math.imul(i5 + i1, -3196) + z5
  const o0 = Math.imul(i7, 2446) + z1 + z3
  const o1 = Math.imul(i5, 16819) + z2 + z4
  const o2 = Math.imul(i3, 25172) + z2 + z3
  const o3 = Math.imul(i1, 12299) + z1 + z4
  output[0] = (a0 + o3) >> shift
  output[7] = (a0 - o3) >> shift
  output[1] = (a1 + o2) >> shift
  output[6] = (a1 - o2) >> shift
  output[2] = (a2 + o1) >> shift
  output[5] = (a2 - o1) >> shift
  output[3] = (a3 + o0) >> shift
  output[4] = (a3 - o0) >> shift
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value
}

/** Planes to pixels: each row of each plane at the picture's width, then colours. */
export function assemble(frame: Frame, planes: readonly Plane[], space: ColourSpace): Pixels {
  const { width, height } = frame
  const channels = planes.length === 1 ? 1 : 3
  const data = new Uint8Array(width * height * channels)
  if (channels === 1) {
    const plane = at(planes, 0)
    const stride = 8 * plane.padded.wide
    for (let y = 0; y < height; y++) data.set(plane.samples.subarray(y * stride, y * stride + width), y * width)
    return { width, height, channels, data }
  }
  const widened = planes.map((plane) => new Widened(frame, plane))
  for (let y = 0; y < height; y++) {
    const rows = widened.map((plane) => plane.row(y))
    const [first, second, third, fourth] = rows as [Uint8Array, Uint8Array, Uint8Array, Uint8Array | undefined]
    const to = y * width * 3
    if (space === 'YCbCr' || space === 'YCCK') {
      const white = space === 'YCCK'
      for (let x = 0, t = to; x < width; x++, t += 3) {
        const light = first[x] as number
        const blue = (second[x] as number) - 128
        const red = (third[x] as number) - 128
        const r = clamp(light + ((91881 * red + 32768) >> 16))
        const g = clamp(light + ((-22554 * blue - 46802 * red + 32768) >> 16))
        const b = clamp(light + ((116130 * blue + 32768) >> 16))
        // In YCCK they are the inks' complements.
        data[t] = white ? 255 - r : r
        data[t + 1] = white ? 255 - g : g
        data[t + 2] = white ? 255 - b : b
      }
    } else {
      for (let x = 0, t = to; x < width; x++, t += 3) {
        data[t] = first[x] as number
        data[t + 1] = second[x] as number
        data[t + 2] = third[x] as number
      }
    }
    // Inks are stored as what they leave of the light, as Adobe's programs do it: 255 is none of that ink.
    if (fourth) {
      for (let x = 0, t = to; x < width; x++) {
        const black = fourth[x] as number
        for (let c = 0; c < 3; c++, t++) data[t] = black - share(255 - (data[t] as number), black)
      }
    }
  }
  return { width, height, channels, data }
}

/** a × b ÷ 255, rounded. */
function share(a: number, b: number): number {
  const product = a * b + 128
  return ((product >> 8) + product) >> 8
}

/** Rows of a plane, widened to the picture's. */
class Widened {
  readonly #plane: Plane
  readonly #across: number
  readonly #down: number
  /** A whole row of sums of two rows, or of one; then the widened row. */
  readonly #sums: Int32Array
  readonly #row: Uint8Array

  constructor(frame: Frame, plane: Plane) {
    this.#plane = plane
    this.#across = frame.h / plane.h
    this.#down = frame.v / plane.v
    this.#sums = new Int32Array(plane.width)
    this.#row = new Uint8Array(plane.width * this.#across)
  }

  row(y: number): Uint8Array {
    const { samples, padded, width, height } = this.#plane
    const across = this.#across
    const down = this.#down
    const stride = 8 * padded.wide
    const own = Math.floor(y / down)
    const near = samples.subarray(own * stride, own * stride + width)
    if (across === 1 && down === 1) return near
    const row = this.#row
    const other = Math.min(height - 1, Math.max(0, own + (y % 2 === 0 ? -1 : 1)))
    const far = samples.subarray(other * stride, other * stride + width)
    if (across === 1 && down === 2) {
      const bias = y % 2 === 0 ? 1 : 2
      for (let x = 0; x < width; x++) row[x] = (3 * (near[x] as number) + (far[x] as number) + bias) >> 2
    } else if (across === 2 && down === 1 && width > 2) {
      for (let x = 0; x < width; x++) {
        const value = 3 * (near[x] as number)
        row[2 * x] = x === 0 ? (near[x] as number) : (value + (near[x - 1] as number) + 1) >> 2
        row[2 * x + 1] = x === width - 1 ? (near[x] as number) : (value + (near[x + 1] as number) + 2) >> 2
      }
    } else if (across === 2 && down === 2 && width > 2) {
      const sums = this.#sums
      for (let x = 0; x < width; x++) sums[x] = 3 * (near[x] as number) + (far[x] as number)
      for (let x = 0; x < width; x++) {
        const value = sums[x] as number
        row[2 * x] = x === 0 ? (4 * value + 8) >> 4 : (3 * value + (sums[x - 1] as number) + 8) >> 4
        row[2 * x + 1] = x === width - 1 ? (4 * value + 7) >> 4 : (3 * value + (sums[x + 1] as number) + 7) >> 4
      }
    } else {
      for (let x = 0, to = 0; x < width; x++) {
        for (let i = 0; i < across; i++) row[to++] = near[x] as number
      }
    }
    return row
  }
}
