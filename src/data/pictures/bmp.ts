/**
 * BMP, as Windows and OS/2 write it: headers of 12 to 124 bytes; 1, 4 and 8 bits with a palette, 16 and 32 bits with or
 * without masks, 24 bits; from the bottom up or from the top down; 4 and 8 bits packed (RLE). Those that hold another format are
 * refused by name.
 */
import { checkSize, cutOff, refusal, type Header, type Pixels, type Source } from './types.ts'

const FILE_HEADER = 14
const RGB = 0
const RLE8 = 1
const RLE4 = 2
const BITFIELDS = 3
const ALPHA_BITFIELDS = 6
const packings: ReadonlyMap<number, string> = new Map([
  [4, 'a JPEG in a BMP'],
  [5, 'a PNG in a BMP'],
])
/** Pixels that a byte of RLE can stand for, where nothing is left out. */
const MOST_PIXELS = 128
const headerSizes = [12, 16, 40, 52, 56, 64, 108, 124]

interface BmpHeader {
  readonly width: number
  readonly height: number
  readonly topDown: boolean
  readonly bits: number
  /** Red, green, blue, alpha; 0 where there is none. */
  readonly masks: readonly number[]
  readonly palette: Uint8Array
  /** Bytes of a colour of the palette. */
  readonly step: number
  readonly pixels: number
  readonly packed: boolean
}

/** Undefined where `source` is only the start of a file and its header goes on. */
export function readBmpHeader(source: Source, whole: boolean): Header | undefined {
  if (!whole && source.bytes.length < FILE_HEADER + 124 + 1024) return undefined
  const { width, height, bits, packed } = readHeader(source)
  const kind = packed ? 'packed palette' : 'palette'
  const colour = bits <= 8 ? `${kind}, ${bits} ${bits === 1 ? 'bit' : 'bits'}` : `RGB, ${bits} bits`
  return { format: 'BMP', width, height, orientation: 1, colour }
}

export function decodeBmp(source: Source): Pixels {
  const header = readHeader(source)
  if (header.packed) return decodePacked(source, header)
  const { width, height, topDown, bits, pixels } = header
  const stride = Math.ceil((width * bits) / 32) * 4
  const needed = pixels + stride * height
  if (needed > source.bytes.length) {
    throw cutOff(source, `its pixels take ${needed} bytes, but it has ${source.bytes.length}`)
  }
  const channels = header.masks[3] ? 4 : 3
  const data = new Uint8Array(width * height * channels)
  const put = bits <= 8 ? paletteRow(source, header) : maskedRow(source, header, channels)
  for (let y = 0; y < height; y++) {
    put(
      pixels + (topDown ? y : height - 1 - y) * stride,
      data.subarray(y * width * channels, (y + 1) * width * channels),
    )
  }
  return { width, height, channels, data }
}

function decodePacked(source: Source, header: BmpHeader): Pixels {
  const { width, height, palette, step } = header
  const found = source.bytes.length - header.pixels
  if (found * MOST_PIXELS < width * height)
    throw cutOff(source, `${Math.max(0, found)} bytes of packed pixels cannot be ${width} × ${height}`)
  const indices = unpack(source, header)
  const data = new Uint8Array(width * height * 3)
  for (let y = 0, to = 0; y < height; y++) {
    for (let from = (height - 1 - y) * width, x = 0; x < width; x++, to += 3) {
      const colour = step * (indices[from + x] as number)
      for (let c = 0; c < 3; c++) data[to + c] = palette[colour + 2 - c] as number
    }
  }
  return { width, height, channels: 3, data }
}

/**
 * Runs of one colour (of RLE4 of two in turn), stretches of different ones, and marks: the end of a row, the end of all, a step
 * to the right and up. Indices from the bottom up; 0 where nothing is said. What goes beyond the end of a row is left out, as
 * other programs do: rows of 4 bits are often packed as whole bytes.
 */
function unpack(source: Source, { width, height, bits, palette, step, pixels }: BmpHeader): Uint8Array {
  const { bytes } = source
  const colours = palette.length / step
  const out = new Uint8Array(width * height)
  let [x, y, from] = [0, 0, pixels]
  const put = (index: number, place: number) => {
    if (index >= colours) throw noColour(source, index, colours, place)
    if (x < width) out[y * width + x++] = index
  }
  while (y < height) {
    if (from + 2 > bytes.length) {
      if (y === height - 1 && x === width) break
      throw cutOff(source, `its packed pixels end in row ${y + 1} of ${height}, counted from the bottom`)
    }
    const place = from
    const [count, value] = [bytes[from] as number, bytes[from + 1] as number]
    from += 2
    if (count > 0) {
      const some = Math.min(count, width - x)
      for (let k = 0; k < some; k++) put(bits === 8 ? value : k % 2 === 0 ? value >> 4 : value & 15, place + 1)
    } else if (value === 0) {
      x = 0
      y++
    } else if (value === 1) break
    else if (value === 2) {
      x += bytes[from] ?? 0
      y += bytes[from + 1] ?? 0
      from += 2
      if (x > width || y >= height) {
        const message = `is damaged: at byte ${place} its pixels step out of the ${width} × ${height} that its header says; save it as BMP again.`
        throw refusal(source, 'damaged', message, place)
      }
    } else {
      const length = bits === 8 ? value : (value + 1) >> 1
      if (from + length > bytes.length)
        throw cutOff(source, `its packed pixels end in row ${y + 1} of ${height}, counted from the bottom`)
      for (let k = 0; k < value; k++) {
        const byte = bytes[from + (bits === 8 ? k : k >> 1)] as number
        put(bits === 8 ? byte : k % 2 === 0 ? byte >> 4 : byte & 15, from + (bits === 8 ? k : k >> 1))
      }
      // Each stretch takes a whole number of 16 bits.
      from += length + (length % 2)
    }
  }
  return out
}

function noColour(source: Source, index: number, colours: number, place: number) {
  const message = `is damaged: it uses colour ${index + 1} of a palette of ${colours}; save it as BMP again.`
  return refusal(source, 'damaged', message, place)
}

function readHeader(source: Source): BmpHeader {
  const { bytes } = source
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < FILE_HEADER + 12) throw cutOff(source, 'its header is not complete')
  const size = view.getUint32(14, true)
  if (!headerSizes.includes(size)) {
    throw refusal(
      source,
      'damaged',
      `has a header of ${size} bytes, which BMP does not have; save it as BMP again.`,
      14,
    )
  }
  const palette = FILE_HEADER + size
  if (bytes.length < palette) throw cutOff(source, 'its header is not complete')
  const old = size === 12
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true)
  const signed = old ? view.getUint16(20, true) : view.getInt32(22, true)
  const height = Math.abs(signed)
  const bits = view.getUint16(old ? 24 : 28, true)
  const packing = size >= 40 ? view.getUint32(30, true) : size === 16 || old ? RGB : view.getUint32(30, true)
  checkSize(source, Math.max(0, width), height)
  const other = packings.get(packing)
  if (other) throw refusal(source, 'unsupported', `is ${other}, which is not read; save it as PNG.`, 30)
  const masked = packing === BITFIELDS || packing === ALPHA_BITFIELDS
  // Rows that are packed go from the bottom up.
  const packed = signed > 0 && ((packing === RLE8 && bits === 8) || (packing === RLE4 && bits === 4))
  const isKnown = packing === RGB || packed || (masked && (bits === 16 || bits === 32))
  if (![1, 4, 8, 16, 24, 32].includes(bits) || !isKnown) {
    const message = `says ${bits} bits a pixel with packing ${packing}, which BMP does not have; save it as BMP again.`
    throw refusal(source, 'damaged', message, 28)
  }
  let masks = bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0]
  // After a header of 40 bytes, or in a longer one, they stand in the same place.
  let colours = palette
  if (masked) {
    const count = packing === ALPHA_BITFIELDS || size >= 56 ? 4 : 3
    if (bytes.length < 54 + 4 * count) throw cutOff(source, 'its header is not complete')
    masks = [0, 1, 2, 3].map((i) => (i < count ? view.getUint32(54 + 4 * i, true) : 0))
    colours = Math.max(palette, 54 + 4 * count)
    if (masks.some((mask, i) => !isRun(mask) || (i < 3 && mask === 0))) {
      throw refusal(source, 'damaged', 'has masks for its colours that make no sense; save it as BMP again.', 54)
    }
  }
  const step = old ? 3 : 4
  const pixels = view.getUint32(10, true)
  if (pixels < colours)
    throw refusal(
      source,
      'damaged',
      `says that its pixels begin at byte ${pixels}, within its header; save it as BMP again.`,
      10,
    )
  const used = size >= 40 ? view.getUint32(46, true) : 0
  const count = bits <= 8 ? Math.min(used > 0 ? used : 256, 2 ** bits, Math.floor((pixels - colours) / step)) : 0
  if (colours + count * step > bytes.length) throw cutOff(source, 'its palette is not complete')
  const entries = bytes.subarray(colours, colours + count * step)
  return { width, height, topDown: signed < 0, bits, masks, palette: entries, step, pixels, packed }
}

/** Ones in a row, or none. */
function isRun(mask: number): boolean {
  if (mask === 0) return true
  const shifted = mask / lowest(mask)
  return Number.isInteger(Math.log2(shifted + 1))
}

function lowest(mask: number): number {
  return (mask & -mask) >>> 0
}

type PutRow = (from: number, to: Uint8Array) => void

function paletteRow(source: Source, { width, bits, palette, step }: BmpHeader): PutRow {
  const { bytes } = source
  const colours = palette.length / step
  return (from, to) => {
    for (let x = 0; x < width; x++) {
      const bit = x * bits
      const index = ((bytes[from + (bit >> 3)] as number) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1)
      if (index >= colours) throw noColour(source, index, colours, from + (bit >> 3))
      for (let c = 0; c < 3; c++) to[3 * x + c] = palette[step * index + 2 - c] as number
    }
  }
}

function maskedRow(source: Source, { width, bits, masks }: BmpHeader, channels: number): PutRow {
  const { bytes } = source
  const step = bits / 8
  const scales = masks.map((mask) => {
    const low = lowest(mask)
    return { mask, shift: mask === 0 ? 0 : Math.log2(low), most: mask === 0 ? 1 : mask / low }
  })
  return (from, to) => {
    for (let x = 0, t = 0; x < width; x++) {
      let value = 0
      for (let i = step - 1; i >= 0; i--) value = (value << 8) | (bytes[from + x * step + i] as number)
      for (let c = 0; c < channels; c++, t++) {
        const { mask, shift, most } = scales[c] as (typeof scales)[number]
        to[t] = Math.floor((((value & mask) >>> shift) * 255) / most)
      }
    }
  }
}
