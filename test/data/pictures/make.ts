/** Small pictures made in code, right ones and wrong ones. */
import { deflateSync } from 'node:zlib'
import { crc32 } from '../../../src/data/formats/sums.ts'

export const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

export function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

export function text(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
}

export function uint32(value: number, little = false): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, little)
  return bytes
}

export function chunk(type: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const body = joined(text(type), data)
  return joined(uint32(data.length), body, uint32(crc32(body)))
}

export interface PngParts {
  readonly width: number
  readonly height: number
  readonly depth?: number
  /** Colour type; grey where nothing is said. */
  readonly type?: number
  readonly interlace?: number
  /** Chunks before the pixels. */
  readonly before?: readonly Uint8Array[]
  /** Rows, each behind its filter's number; zeros where nothing is said. */
  readonly raw?: Uint8Array
  /** Instead of `raw`, zipped. */
  readonly zipped?: Uint8Array
  readonly after?: readonly Uint8Array[]
}

const samples = [1, 0, 3, 1, 2, 0, 4]

export function imageHeader({ width, height, depth = 8, type = 0, interlace = 0 }: PngParts): Uint8Array {
  return chunk('IHDR', joined(uint32(width), uint32(height), [depth, type, 0, 0, interlace]))
}

export function png(parts: PngParts): Uint8Array {
  const { width, height, depth = 8, type = 0, before = [], after = [] } = parts
  const row = () => 1 + Math.ceil((width * (samples[type] ?? 1) * depth) / 8)
  const zipped = parts.zipped ?? deflateSync(parts.raw ?? new Uint8Array(height * row()))
  return joined(SIGNATURE, imageHeader(parts), ...before, chunk('IDAT', zipped), ...after, chunk('IEND'))
}

/** A grey picture whose pixel i is `of(i)`. */
export function greyPng(width: number, height: number, of: (i: number) => number): Uint8Array {
  const raw = new Uint8Array(height * (width + 1))
  for (let i = 0; i < width * height; i++) raw[i + 1 + Math.floor(i / width)] = of(i)
  return png({ width, height, raw })
}

/** An RGB picture whose number i, row-major [height, width, 3], is `of(i)`. */
export function rgbPng(width: number, height: number, of: (i: number) => number): Uint8Array {
  const raw = new Uint8Array(height * (3 * width + 1))
  for (let i = 0; i < 3 * width * height; i++) raw[i + 1 + Math.floor(i / (3 * width))] = of(i)
  return png({ width, height, type: 2, raw })
}

/** Bytes with some of them replaced. */
export function patched(bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = bytes.slice()
  copy.set(values, at)
  return copy
}

/** Where these bytes begin. */
export function placeOf(bytes: Uint8Array, wanted: readonly number[] | string): number {
  const sought = typeof wanted === 'string' ? [...text(wanted)] : wanted
  const found = bytes.findIndex((_, i) => sought.every((byte, k) => bytes[i + k] === byte))
  if (found < 0) throw new Error('these bytes do not occur')
  return found
}

export interface BmpParts {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly packing?: number
  readonly palette?: Uint8Array
  readonly pixels?: Uint8Array
}

export function bmp({ width, height, bits, packing = 0, palette = new Uint8Array(), pixels }: BmpParts): Uint8Array {
  const body = pixels ?? new Uint8Array(Math.ceil((width * bits) / 32) * 4 * Math.abs(height))
  const start = 54 + palette.length
  const info = [40, width, height, 1 + bits * 65536, packing, body.length, 0, 0, palette.length / 4, 0]
  const head = [start + body.length, 0, start, ...info].map((value) => uint32(value, true))
  return joined(text('BM'), ...head, palette, body)
}

export interface GifParts {
  readonly width: number
  readonly height: number
  /** Of the canvas; that of the frame where nothing is said. */
  readonly screen?: readonly [width: number, height: number]
  readonly palette?: Uint8Array
  /** Indices 0 … 3, all 0 where nothing is said. */
  readonly pixels?: readonly number[]
  /** Bits of a colour, and the codes behind them, in place of those of the pixels. */
  readonly packed?: Uint8Array
  /** Parts before the frame and behind it. */
  readonly before?: Uint8Array
  readonly behind?: Uint8Array
}

/** A GIF of four colours, whose codes never grow: all is forgotten again before they would. */
export function gif({ width, height, screen = [width, height], palette, pixels, packed, before, behind }: GifParts) {
  const colours = palette ?? Uint8Array.of(9, 9, 9, 90, 0, 0, 0, 90, 0, 0, 0, 90)
  const two = (value: number) => uint32(value, true).subarray(0, 2)
  const flags = colours.length === 0 ? 0 : 0x80 + Math.log2(colours.length / 3) - 1
  const head = joined(text('GIF89a'), two(screen[0]), two(screen[1]), [flags, 0, 0], colours)
  const frame = joined([0x2c, 0, 0, 0, 0], two(width), two(height), [0])
  const indices = pixels ?? new Array<number>(width * height).fill(0)
  const codes = joined(
    [2],
    pieces(threeBits([...indices.flatMap((index, i) => (i % 2 === 0 ? [4, index] : [index])), 5])),
  )
  const nothing = new Uint8Array()
  return joined(head, before ?? nothing, frame, packed ?? codes, behind ?? nothing, [0x3b])
}

/** Codes of three bits, the first in the lowest. */
export function threeBits(codes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((codes.length * 3) / 8))
  codes.forEach((code, i) => {
    for (let k = 0; k < 3; k++)
      if ((code >> k) & 1) bytes[(3 * i + k) >> 3] = (bytes[(3 * i + k) >> 3] ?? 0) | (1 << ((3 * i + k) & 7))
  })
  return bytes
}

/** In pieces of 255 bytes at most, with one of none at the end. */
export function pieces(bytes: Uint8Array): Uint8Array {
  const parts: (Uint8Array | number[])[] = []
  for (let from = 0; from < bytes.length; from += 255) {
    const piece = bytes.subarray(from, from + 255)
    parts.push([piece.length], piece)
  }
  return joined(...parts, [0])
}
