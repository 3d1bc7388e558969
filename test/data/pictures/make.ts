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
