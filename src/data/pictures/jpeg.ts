/**
 * JPEG (ITU-T T.81), baseline, extended and progressive with Huffman codes and 8 bits, in grey, YCbCr, RGB, CMYK and YCCK.
 * Decoded with the arithmetic of the Independent JPEG Group's library (slow integer cosine transform, triangle filter for
 * chroma), so that the pixels are those that everybody else sees, to the bit. Written here because the decoders in
 * JavaScript that there are either guess what a damaged file lacks or widen chroma by repetition: here a picture is all
 * there, or it is refused with the byte at which it ends to make sense.
 */
import { at } from '../../base/assert.ts'
import { MAX_JPEG_SCANS } from '../limits.ts'
import { readOrientation } from './exif.ts'
import { zigzag, type ColourSpace, type Frame, type Plane } from './jpeg-frame.ts'
import { assemble, inverse } from './jpeg-samples.ts'
import { makeHuffman, readScan, type Huffman } from './jpeg-scan.ts'
import { checkSize, cutOff, refusal, type Header, type Orientation, type Pixels, type Source } from './types.ts'

interface Segment {
  readonly marker: number
  readonly from: number
  readonly data: Uint8Array
}

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const DQT = 0xdb
const DNL = 0xdc
const DHT = 0xc4
const DRI = 0xdd
const APP0 = 0xe0
const APP1 = 0xe1
const APP14 = 0xee

/** Kinds of frame that are not decoded, by their marker. */
const refused: ReadonlyMap<number, string> = new Map([
  [0xc3, 'lossless'],
  [0xc5, 'hierarchical'],
  [0xc6, 'hierarchical'],
  [0xc7, 'hierarchical'],
  [0xc9, 'arithmetic-coded'],
  [0xca, 'arithmetic-coded'],
  [0xcb, 'arithmetic-coded'],
  [0xcd, 'hierarchical'],
  [0xce, 'hierarchical'],
  [0xcf, 'hierarchical'],
])

/** Undefined where `source` is only the start of a file and its frame begins further on. */
export function readJpegHeader(source: Source, whole: boolean): Header | undefined {
  const reader = new Reader(source)
  while (!reader.frame) if (!reader.next(whole)) return undefined
  const { width, height } = reader.frame
  return { format: 'JPEG', width, height, orientation: reader.orientation, colour: reader.colour }
}

export function decodeJpeg(source: Source): { pixels: Pixels; orientation: Orientation } {
  const reader = new Reader(source)
  return { pixels: reader.pixels(), orientation: reader.orientation }
}

class Reader {
  readonly #source: Source
  #at = 2
  #frame: Frame | undefined
  #orientation: Orientation | undefined
  #jfif = false
  #adobe: number | undefined
  #restart = 0
  readonly #quantization: (Int32Array | undefined)[] = []
  /** By class (0: DC, 1: AC) and number. */
  readonly #huffman: (Huffman | undefined)[][] = [[], []]

  constructor(source: Source) {
    this.#source = source
  }

  get frame(): Frame | undefined {
    return this.#frame
  }

  get orientation(): Orientation {
    return this.#orientation ?? 1
  }

  get colour(): string {
    const space = this.#space()
    return `${space}${this.#frame?.progressive ? ', progressive' : ''}`
  }

  pixels(): Pixels {
    const source = this.#source
    let planes: Plane[] | undefined
    const done = new Set<Plane>()
    for (let scans = 0; ;) {
      const segment = this.next(true)
      if (!segment) throw cutOff(source, 'its end mark (EOI) is missing')
      if (segment.marker === EOI) break
      if (segment.marker !== SOS) continue
      planes ??= this.#planes()
      if (++scans > MAX_JPEG_SCANS) {
        throw refusal(source, 'large', `has more than ${MAX_JPEG_SCANS} scans; save it as JPEG again.`, segment.from)
      }
      this.#scan(segment, planes, done)
    }
    if (!planes || !this.#frame || planes.some((plane) => !done.has(plane)))
      throw cutOff(source, 'it ends before all of its colours came')
    if (this.#frame.progressive) for (const plane of planes) inverse(plane)
    return assemble(this.#frame, planes, this.#space())
  }

  /** The next segment, its tables taken; undefined where the file ends before it does. */
  next(whole: boolean): Segment | undefined {
    const source = this.#source
    const { bytes } = source
    if (this.#at < bytes.length && bytes[this.#at] !== 0xff)
      throw this.#damaged(`at byte ${this.#at} a segment should begin`, this.#at)
    while (bytes[this.#at] === 0xff && bytes[this.#at + 1] === 0xff) this.#at++
    const from = this.#at
    const marker = bytes[from + 1]
    if (marker === EOI) return { marker, from, data: new Uint8Array() }
    if (marker === 0 || marker === SOI || (marker !== undefined && marker >= 0xd0 && marker <= 0xd7)) {
      throw this.#damaged(`at byte ${from} a segment should begin`, from)
    }
    const length = (bytes[from + 2] ?? 0) * 256 + (bytes[from + 3] ?? 0)
    if (marker === undefined || from + 4 > bytes.length || from + 2 + length > bytes.length) {
      if (whole) throw cutOff(source, this.#frame ? 'its end mark (EOI) is missing' : 'its header is not complete')
      return undefined
    }
    if (length < 2) throw this.#damaged(`the segment at byte ${from} has no length`, from)
    this.#at += 2 + length
    const segment = { marker, from, data: bytes.subarray(from + 4, from + 2 + length) }
    this.#take(segment)
    return segment
  }

  #take(segment: Segment): void {
    const { marker, from, data } = segment
    switch (marker) {
      case DQT:
        return this.#takeQuantization(segment)
      case DHT:
        return this.#takeHuffman(segment)
      case DRI:
        if (data.length !== 2) throw this.#damaged(`its restart interval at byte ${from} is not complete`, from)
        this.#restart = at(data, 0) * 256 + at(data, 1)
        return
      case DNL:
        throw refusal(
          this.#source,
          'unsupported',
          'says its height after its pixels (DNL), which is not read; save it as JPEG again.',
          from,
        )
      case APP0:
        if (startsWith(data, 'JFIF\0')) this.#jfif = true
        return
      case APP1:
        if (startsWith(data, 'Exif\0')) this.#orientation ??= readOrientation(data.subarray(6))
        return
      case APP14:
        if (startsWith(data, 'Adobe') && data.length >= 12) this.#adobe = at(data, 11)
        return
      default:
        if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) this.#takeFrame(segment)
    }
  }

  #takeFrame({ marker, from, data }: Segment): void {
    const source = this.#source
    const kind = refused.get(marker)
    if (kind)
      throw refusal(
        source,
        'unsupported',
        `is a JPEG of a kind that is not read (${kind}); save it as ordinary JPEG.`,
        from,
      )
    if (this.#frame) throw this.#damaged(`a second frame begins at byte ${from}`, from)
    const [precision = 0, h1 = 0, h0 = 0, w1 = 0, w0 = 0, count = 0] = data
    if (data.length < 6 || data.length !== 6 + 3 * count)
      throw this.#damaged(`its frame at byte ${from} is not complete`, from)
    if (precision !== 8) {
      throw refusal(
        source,
        'unsupported',
        `has ${precision} bits a colour, but only JPEG with 8 is read; save it with 8 bits.`,
        from,
      )
    }
    const width = w1 * 256 + w0
    const height = h1 * 256 + h0
    checkSize(source, width, height)
    if (count !== 1 && count !== 3 && count !== 4) {
      throw refusal(
        source,
        'unsupported',
        `has ${count} colours a pixel, but only JPEG with 1, 3 or 4 is read; save it as RGB.`,
        from,
      )
    }
    const specs = Array.from({ length: count }, (_, i) => {
      const [id = 0, sampling = 0, table = 0] = data.subarray(6 + 3 * i)
      return { id, h: sampling >> 4, v: sampling & 15, table }
    })
    const h = Math.max(...specs.map((spec) => spec.h))
    const v = Math.max(...specs.map((spec) => spec.v))
    for (const spec of specs) {
      const { id, table } = spec
      const isWrong = spec.h < 1 || spec.v < 1 || h > 4 || v > 4 || table > 3
      if (isWrong || specs.filter((other) => other.id === id).length > 1)
        throw this.#damaged(`its frame at byte ${from} makes no sense`, from)
      if (h % spec.h !== 0 || v % spec.v !== 0) {
        throw refusal(
          source,
          'unsupported',
          `samples its colours ${spec.h} × ${spec.v} to ${h} × ${v}, which is not read; save it as JPEG again.`,
          from,
        )
      }
    }
    const groups = { wide: Math.ceil(width / (8 * h)), high: Math.ceil(height / (8 * v)) }
    const components = specs.map((spec) => {
      const wide = Math.ceil((width * spec.h) / h)
      const high = Math.ceil((height * spec.v) / v)
      return {
        ...spec,
        width: wide,
        height: high,
        blocks: { wide: Math.ceil(wide / 8), high: Math.ceil(high / 8) },
        padded: { wide: groups.wide * spec.h, high: groups.high * spec.v },
      }
    })
    this.#frame = { progressive: marker === 0xc2, width, height, components, h, v }
  }

  #takeQuantization({ from, data }: Segment): void {
    for (let i = 0; i < data.length;) {
      const kind = at(data, i)
      const bytes = kind >> 4 === 0 ? 1 : 2
      if (kind >> 4 > 1 || (kind & 15) > 3 || i + 1 + 64 * bytes > data.length)
        throw this.#damaged(`its quantization table at byte ${from} makes no sense`, from)
      const table = new Int32Array(64)
      for (let k = 0; k < 64; k++) {
        const place = i + 1 + k * bytes
        table[at(zigzag, k)] = bytes === 1 ? at(data, place) : at(data, place) * 256 + at(data, place + 1)
      }
      this.#quantization[kind & 15] = table
      i += 1 + 64 * bytes
    }
  }

  #takeHuffman({ from, data }: Segment): void {
    for (let i = 0; i < data.length;) {
      const kind = at(data, i)
      const counts = data.subarray(i + 1, i + 17)
      const total = counts.reduce((sum, count) => sum + count, 0)
      const table =
        kind >> 4 > 1 || (kind & 15) > 3 || counts.length < 16 || i + 17 + total > data.length
          ? undefined
          : makeHuffman(counts, data.subarray(i + 17, i + 17 + total))
      if (!table) throw this.#damaged(`its Huffman table at byte ${from} makes no sense`, from)
      at(this.#huffman, kind >> 4)[kind & 15] = table
      i += 17 + total
    }
  }

  /** Only now is anything of the picture's size allocated. */
  #planes(): Plane[] {
    const frame = this.#frame
    if (!frame) throw this.#damaged('its pixels come before its frame')
    const blocks = frame.components.reduce((sum, { padded }) => sum + padded.wide * padded.high, 0)
    // Each block takes a bit at least.
    if (blocks / 8 > this.#source.bytes.length) {
      throw cutOff(this.#source, `${this.#source.bytes.length} bytes cannot be ${frame.width} × ${frame.height} pixels`)
    }
    return frame.components.map((component) => {
      const size = 64 * component.padded.wide * component.padded.high
      return {
        ...component,
        coefficients: frame.progressive ? new Int16Array(size) : undefined,
        samples: new Uint8Array(size),
        quantization: undefined,
      }
    })
  }

  #scan({ from, data }: Segment, planes: readonly Plane[], done: Set<Plane>): void {
    const frame = this.#frame as Frame
    const count = data[0] ?? 0
    if (count < 1 || count > 4 || data.length !== 4 + 2 * count)
      throw this.#damaged(`its scan at byte ${from} is not complete`, from)
    const [first = 0, last = 0, approximation = 0] = data.subarray(1 + 2 * count)
    const high = approximation >> 4
    const low = approximation & 15
    const makesSense = frame.progressive
      ? first <= last &&
        last < 64 &&
        (first > 0 ? count === 1 : last === 0) &&
        low <= 13 &&
        (high === 0 || high === low + 1)
      : first === 0 && last === 63 && approximation === 0
    if (!makesSense) throw this.#damaged(`its scan at byte ${from} makes no sense`, from)
    const parts = Array.from({ length: count }, (_, i) => {
      const [id, tables = 0] = data.subarray(1 + 2 * i)
      const plane = planes.find((one) => one.id === id)
      if (!plane) throw this.#damaged(`its scan at byte ${from} has a colour that the frame has not`, from)
      plane.quantization ??= this.#quantization[plane.table]
      if (!plane.quantization)
        throw this.#damaged(`its scan at byte ${from} needs a quantization table that is missing`, from)
      const dc = this.#huffman[0]?.[tables >> 4]
      const ac = this.#huffman[1]?.[tables & 15]
      const needsDc = first === 0 && high === 0
      const needsAc = last > 0
      if ((needsDc && !dc) || (needsAc && !ac))
        throw this.#damaged(`its scan at byte ${from} needs a Huffman table that is missing`, from)
      return { plane, dc, ac }
    })
    const groupSize = parts.reduce((sum, { plane }) => sum + plane.h * plane.v, 0)
    if (new Set(parts.map((part) => part.plane)).size < count || (count > 1 && groupSize > 10)) {
      throw this.#damaged(`its scan at byte ${from} makes no sense`, from)
    }
    if (first > 0 && parts.some(({ plane }) => !done.has(plane)))
      throw this.#damaged(`its scan at byte ${from} comes too early`, from)
    const isAgain = !frame.progressive && parts.some(({ plane }) => done.has(plane))
    if (isAgain) throw this.#damaged(`its scan at byte ${from} comes twice`, from)
    this.#at = readScan(
      { source: this.#source, frame, parts, first, last, high, low, restart: this.#restart },
      this.#at,
    )
    if (first === 0) for (const { plane } of parts) done.add(plane)
  }

  /** As the IJG's library guesses where the file says nothing. */
  #space(): ColourSpace {
    const ids = (this.#frame?.components ?? []).map((component) => component.id)
    if (ids.length === 1) return 'grey'
    if (ids.length === 4) return this.#adobe === 2 ? 'YCCK' : 'CMYK'
    if (this.#jfif) return 'YCbCr'
    if (this.#adobe !== undefined) return this.#adobe === 0 ? 'RGB' : 'YCbCr'
    return String.fromCharCode(...ids) === 'RGB' ? 'RGB' : 'YCbCr'
  }

  #damaged(what: string, byte?: number) {
    return refusal(this.#source, 'damaged', `is damaged: ${what}; get it again.`, byte)
  }
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && [...text].every((letter, i) => bytes[i] === letter.charCodeAt(0))
}
