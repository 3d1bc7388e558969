/**
 * PNG, after the W3C's specification (third edition, 2025): all colour types and depths, interlaced or not, transparent
 * colours as alpha; 16 bits are cut to 8. Of one that moves (APNG) it is the picture that is shown where nothing moves. Chunks
 * that are not needed to decode are skipped unopened, whatever they would unzip to; pixels are unzipped piece by piece, and not
 * a byte more than the header's size implies is kept. Unzipped by fflate.
 *
 * The checksum of each chunk that is used must be right. Where all pixels came and only their own one (zlib's Adler-32) is
 * wrong, the picture is as it was written, by a program that reckons badly: browsers show it, Pillow does not; here it is
 * taken, and that is said.
 */
import { Inflate, inflateSync } from 'fflate'
import { at } from '../../base/assert.ts'
import { Adler, crc32 } from '../formats/sums.ts'
import { readOrientation } from './exif.ts'
import {
  checkSize,
  cutOff,
  refusal,
  type Decoded,
  type Header,
  type Orientation,
  type Pixels,
  type Source,
} from './types.ts'

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const

/** Bytes that are unzipped at once. */
const PIECE = 1 << 15
/** Bytes that are unzipped without a look at how much comes of them. */
const FEW = 1 << 12
/** As much can at most come of a zipped byte. */
const MOST_TIMES = 1032

const GREY = 0
const RGB = 2
const PALETTE = 3
const GREY_ALPHA = 4
const RGBA = 6

/** What each colour type is called, its samples a pixel and its depths. */
const colourTypes: ReadonlyMap<number, { readonly name: string; readonly samples: number; readonly depths: number[] }> =
  new Map([
    [GREY, { name: 'grey', samples: 1, depths: [1, 2, 4, 8, 16] }],
    [RGB, { name: 'RGB', samples: 3, depths: [8, 16] }],
    [PALETTE, { name: 'palette', samples: 1, depths: [1, 2, 4, 8] }],
    [GREY_ALPHA, { name: 'grey with alpha', samples: 2, depths: [8, 16] }],
    [RGBA, { name: 'RGB with alpha', samples: 4, depths: [8, 16] }],
  ])

interface ImageHeader {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly type: number
  /** Of one pixel. */
  readonly samples: number
  readonly interlaced: boolean
  readonly colour: string
}

interface Chunk {
  readonly type: string
  readonly from: number
  readonly data: Uint8Array
}

/** Undefined where `source` is only the start of a file and the pixels begin further on. */
export function readPngHeader(source: Source, whole: boolean): Header | undefined {
  const { image, orientation, animated, complete } = readChunks(source, whole)
  const { width, height, colour } = image
  return complete ? { format: 'PNG', width, height, orientation, colour, ...(animated && { animated }) } : undefined
}

export function decodePng(source: Source): Decoded {
  const { image, orientation, palette, transparent, idat } = readChunks(source, true)
  const zipped = joined(idat)
  if (zipped.length * MOST_TIMES < image.height * Math.ceil((image.width * image.samples * image.depth) / 8)) {
    throw cutOff(source, `${zipped.length} bytes of zipped pixels cannot be ${image.width} × ${image.height}`)
  }
  const assembly = new Assembly(source, image, palette, transparent)
  const sum = new Adler()
  inflate(source, zipped, assembly.expected, (bytes) => {
    assembly.take(bytes)
    sum.add(bytes)
  })
  const isRight = sum.value === uint32(zipped, zipped.length - 4)
  return { pixels: assembly.finish(), orientation, ...(!isRight && { wrongSum: true }) }
}

/** What the chunks say; of the start of a file, `complete` when the pixels begin in it. */
function readChunks(source: Source, whole: boolean) {
  let image: ImageHeader | undefined
  let palette: Uint8Array | undefined
  let transparent: Uint8Array | undefined
  let orientation: Orientation = 1
  let animated: true | undefined
  const idat: Uint8Array[] = []
  for (let from = PNG_SIGNATURE.length; ;) {
    const chunk = readChunk(source, from)
    if (!chunk) {
      if (whole || !image) throw cutOff(source, image ? 'its end mark (IEND) is missing' : 'its header is not complete')
      const isIdat = String.fromCharCode(...source.bytes.subarray(from + 4, from + 8)) === 'IDAT'
      const complete = isIdat || idat.length > 0
      return { image, palette, transparent, orientation, animated, idat, complete }
    }
    from += 12 + chunk.data.length
    if (!image && chunk.type !== 'IHDR') {
      const hint = chunk.type === 'CgBI' ? " (Apple's own variant of PNG)" : ''
      throw refusal(
        source,
        'damaged',
        `begins with the chunk ${chunk.type}${hint}, not with IHDR; save it as PNG again.`,
        chunk.from,
      )
    }
    switch (chunk.type) {
      case 'IHDR':
        if (image) throw refusal(source, 'damaged', 'has two headers (IHDR); save it as PNG again.', chunk.from)
        image = readImageHeader(source, chunk)
        break
      case 'PLTE':
        checkSum(source, chunk)
        if (chunk.data.length === 0 || chunk.data.length % 3 !== 0 || chunk.data.length > 768) {
          const message = `has a palette of ${chunk.data.length} bytes, but it must be 1 to 256 colours of 3; save it as PNG again.`
          throw refusal(source, 'damaged', message, chunk.from)
        }
        palette = chunk.data
        break
      case 'tRNS':
        checkSum(source, chunk)
        transparent = chunk.data
        break
      case 'eXIf':
        // Of use only if it is intact, and never a reason to refuse the picture.
        if (hasRightSum(source, chunk)) orientation = readOrientation(chunk.data)
        break
      case 'acTL':
        animated = true
        break
      case 'IDAT':
        checkSum(source, chunk)
        idat.push(chunk.data)
        break
      case 'IEND':
        if (!image) break
        return { image, palette, transparent, orientation, animated, idat, complete: true }
      default:
        if (/^[A-Z]/.test(chunk.type)) {
          const message = `needs the chunk ${chunk.type}, which is no part of PNG as it is read here; save it as PNG again.`
          throw refusal(source, 'unsupported', message, chunk.from)
        }
    }
  }
}

/** Undefined where it is not all there. */
function readChunk(source: Source, from: number): Chunk | undefined {
  const { bytes } = source
  if (from + 12 > bytes.length) return undefined
  const length = uint32(bytes, from)
  const letters = bytes.subarray(from + 4, from + 8)
  if (!letters.every((byte) => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a))) {
    throw refusal(source, 'damaged', `is damaged: at byte ${from} a chunk should begin; get it again.`, from)
  }
  if (from + 12 + length > bytes.length) return undefined
  return { type: String.fromCharCode(...letters), from, data: bytes.subarray(from + 8, from + 8 + length) }
}

function readImageHeader(source: Source, chunk: Chunk): ImageHeader {
  const { data, from } = chunk
  if (data.length !== 13) {
    throw refusal(
      source,
      'damaged',
      `has a header of ${data.length} bytes, but PNG's has 13; save it as PNG again.`,
      from,
    )
  }
  checkSum(source, chunk)
  const [depth = 0, type = 0, compression, filter, interlace = 0] = data.subarray(8)
  const kind = colourTypes.get(type)
  if (!kind?.depths.includes(depth)) {
    const message = `says colour type ${type} with ${depth} bits, which PNG does not have; save it as PNG again.`
    throw refusal(source, 'damaged', message, from + 16)
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    const message = `says compression ${compression}, filter ${filter} and interlace ${interlace}, which PNG does not have; save it as PNG again.`
    throw refusal(source, 'damaged', message, from + 18)
  }
  const width = uint32(data, 0)
  const height = uint32(data, 4)
  checkSize(source, width, height)
  const colour = depth === 8 ? kind.name : `${kind.name}, ${depth} ${depth === 1 ? 'bit' : 'bits'}`
  return { width, height, depth, type, samples: kind.samples, interlaced: interlace === 1, colour }
}

/** zlib's frame around the pixels; fflate takes what is in it. `take` may refuse more than it expects. */
function inflate(source: Source, stream: Uint8Array, expected: number, take: (bytes: Uint8Array) => void): void {
  const [method = 0, flags = 0] = stream
  if ((method & 15) !== 8 || (method * 256 + flags) % 31 !== 0 || (flags & 32) !== 0) {
    throw refusal(source, 'damaged', 'is damaged: its pixels are not zipped as PNG zips them; get it again.')
  }
  try {
    // At once where they are few: what does not fit into `out` is thrown away, and one byte more than expected tells.
    if (stream.length <= FEW) return take(inflateSync(stream.subarray(2), { out: new Uint8Array(expected + 1) }))
    const inflater = new Inflate(take)
    for (let from = 2; from < stream.length; from += PIECE) {
      inflater.push(stream.subarray(from, from + PIECE), from + PIECE >= stream.length)
    }
  } catch (error) {
    // fflate's errors have numbers; ours are to go on.
    if (typeof (error as { code?: unknown }).code !== 'number') throw error
    throw refusal(source, 'damaged', 'is damaged: its pixels cannot be unzipped; get it again.')
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return at(parts, 0)
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let to = 0
  for (const part of parts) {
    all.set(part, to)
    to += part.length
  }
  return all
}

/** A picture within the picture: all of it, or one of the seven of an interlaced one. */
interface Pass {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly width: number
  readonly height: number
}

function passesOf({ width, height, interlaced }: ImageHeader): Pass[] {
  if (!interlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, width, height }]
  const adam7 = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const
  return adam7
    .map(([x, y, dx, dy]) => {
      return { x, y, dx, dy, width: Math.ceil((width - x) / dx), height: Math.ceil((height - y) / dy) }
    })
    .filter((pass) => pass.width > 0 && pass.height > 0)
}

/** Rows as they come in: their filters undone, their samples brought to 8 bits, each put where it belongs. */
class Assembly {
  readonly #source: Source
  readonly #image: ImageHeader
  readonly #palette: Uint8Array | undefined
  readonly #transparent: Uint8Array | undefined
  readonly #channels: Pixels['channels']
  readonly #data: Uint8Array
  readonly #passes: readonly Pass[]
  /** Bytes from a sample to the same one of the pixel before. */
  readonly #step: number
  #pass = 0
  /** Row of the pass. */
  #row = 0
  #stride: number
  #filled = 0
  /** The filter's number, then samples. */
  #current: Uint8Array
  #before: Uint8Array

  constructor(
    source: Source,
    image: ImageHeader,
    palette: Uint8Array | undefined,
    transparent: Uint8Array | undefined,
  ) {
    this.#source = source
    this.#image = image
    this.#palette = palette
    this.#transparent = transparent
    const { type, samples, depth, width, height } = image
    if (type === PALETTE && !palette) throw refusal(source, 'damaged', 'has no palette (PLTE); save it as PNG again.')
    const least = { [GREY]: 2, [RGB]: 6 }[type] ?? 0
    if (transparent && transparent.length < least) {
      throw refusal(source, 'damaged', 'has a transparent colour (tRNS) that is not complete; save it as PNG again.')
    }
    const colours = type === GREY || type === GREY_ALPHA ? 1 : 3
    const alpha = type === GREY_ALPHA || type === RGBA || transparent !== undefined
    this.#channels = (colours + (alpha ? 1 : 0)) as Pixels['channels']
    this.#data = new Uint8Array(width * height * this.#channels)
    this.#passes = passesOf(image)
    this.#step = Math.max(1, (samples * depth) / 8)
    this.#stride = this.#strideOf(0)
    const longest = 1 + Math.ceil((width * samples * depth) / 8)
    this.#current = new Uint8Array(longest)
    this.#before = new Uint8Array(longest)
  }

  #strideOf(pass: number): number {
    const { samples, depth } = this.#image
    return 1 + Math.ceil(((this.#passes[pass]?.width ?? 0) * samples * depth) / 8)
  }

  /** Bytes of all rows, each with its filter's number. */
  get expected(): number {
    return this.#passes.reduce((sum, { height }, pass) => sum + height * this.#strideOf(pass), 0)
  }

  take(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      if (this.#pass === this.#passes.length) {
        const { width, height } = this.#image
        const message = `holds more pixels than the ${width} × ${height} that its header says; save it as PNG again.`
        throw refusal(this.#source, 'damaged', message)
      }
      const some = Math.min(this.#stride - this.#filled, bytes.length - from)
      this.#current.set(bytes.subarray(from, from + some), this.#filled)
      this.#filled += some
      from += some
      if (this.#filled === this.#stride) this.#endRow()
    }
  }

  finish(): Pixels {
    const { width, height } = this.#image
    if (this.#pass < this.#passes.length) {
      const row = this.#passes.length === 1 ? `in row ${this.#row + 1} of ${height}` : `before all of them came`
      throw cutOff(this.#source, `its pixels end ${row}`)
    }
    return { width, height, channels: this.#channels, data: this.#data }
  }

  #endRow(): void {
    const pass = at(this.#passes, this.#pass)
    this.#unfilter()
    this.#put(pass, pass.y + this.#row * pass.dy)
    this.#filled = 0
    const spent = this.#before
    this.#before = this.#current
    this.#current = spent
    if (++this.#row < pass.height) return
    this.#row = 0
    this.#stride = this.#strideOf(++this.#pass)
    this.#before.fill(0)
  }

  #unfilter(): void {
    const row = this.#current
    const above = this.#before
    const step = this.#step
    const end = this.#stride
    switch (row[0]) {
      case 0:
        return
      case 1:
        for (let i = 1 + step; i < end; i++) row[i] = (row[i] as number) + (row[i - step] as number)
        return
      case 2:
        for (let i = 1; i < end; i++) row[i] = (row[i] as number) + (above[i] as number)
        return
      case 3:
        for (let i = 1; i < end; i++) {
          const left = i > step ? (row[i - step] as number) : 0
          row[i] = (row[i] as number) + ((left + (above[i] as number)) >> 1)
        }
        return
      case 4:
        for (let i = 1; i < end; i++) {
          const left = i > step ? (row[i - step] as number) : 0
          const corner = i > step ? (above[i - step] as number) : 0
          row[i] = (row[i] as number) + paeth(left, above[i] as number, corner)
        }
        return
      default: {
        const message = `is damaged: row ${this.#row + 1} has filter ${row[0]}, which PNG does not have; get it again.`
        throw refusal(this.#source, 'damaged', message)
      }
    }
  }

  #put(pass: Pass, y: number): void {
    const { type, depth, width, samples } = this.#image
    const row = this.#current
    const channels = this.#channels
    const data = this.#data
    let to = (y * width + pass.x) * channels
    if (depth === 8 && samples === channels && pass.dx === 1) {
      data.set(row.subarray(1, this.#stride), to)
      return
    }
    const skip = pass.dx * channels
    if (type === PALETTE) {
      for (let x = 0; x < pass.width; x++, to += skip) this.#putColour(sampleOf(row, x, depth), to)
      return
    }
    const scale = depth < 8 ? 255 / (2 ** depth - 1) : 1
    for (let x = 0; x < pass.width; x++, to += skip) {
      for (let s = 0; s < samples; s++) {
        // The upper byte of 16 bits.
        data[to + s] =
          depth === 16 ? (row[1 + 2 * (x * samples + s)] as number) : sampleOf(row, x * samples + s, depth) * scale
      }
      if (channels > samples) data[to + samples] = this.#isTransparent(x) ? 0 : 255
    }
  }

  #putColour(index: number, to: number): void {
    const palette = this.#palette as Uint8Array
    if (3 * index >= palette.length) {
      const message = `is damaged: it uses colour ${index + 1} of a palette of ${palette.length / 3}; save it as PNG again.`
      throw refusal(this.#source, 'damaged', message)
    }
    for (let c = 0; c < 3; c++) this.#data[to + c] = palette[3 * index + c] as number
    if (this.#transparent) this.#data[to + 3] = this.#transparent[index] ?? 255
  }

  /** Whether pixel x of the row has the one colour that is transparent. */
  #isTransparent(x: number): boolean {
    const { samples, depth } = this.#image
    const key = this.#transparent as Uint8Array
    for (let s = 0; s < samples; s++) {
      if (sampleOf(this.#current, x * samples + s, depth) !== (key[2 * s] as number) * 256 + (key[2 * s + 1] as number))
        return false
    }
    return true
  }
}

/** Sample i of a row whose first byte is the filter's number. */
function sampleOf(row: Uint8Array, i: number, depth: number): number {
  if (depth === 8) return row[1 + i] as number
  if (depth === 16) return (row[1 + 2 * i] as number) * 256 + (row[2 + 2 * i] as number)
  const bit = i * depth
  return ((row[1 + (bit >> 3)] as number) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
}

function paeth(a: number, b: number, c: number): number {
  const toA = Math.abs(b - c)
  const toB = Math.abs(a - c)
  const toC = Math.abs(a + b - 2 * c)
  return toA <= toB && toA <= toC ? a : toB <= toC ? b : c
}

function checkSum(source: Source, chunk: Chunk): void {
  if (hasRightSum(source, chunk)) return
  const message = `is damaged: the checksum of its chunk ${chunk.type} at byte ${chunk.from} is wrong; get it again.`
  throw refusal(source, 'damaged', message, chunk.from)
}

function hasRightSum(source: Source, { from, data }: Chunk): boolean {
  return crc32(source.bytes, from + 4, from + 8 + data.length) === uint32(source.bytes, from + 8 + data.length)
}

function uint32(bytes: Uint8Array, from: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(from, from + 4)
  return a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d
}
