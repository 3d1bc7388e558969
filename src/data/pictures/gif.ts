/**
 * GIF, still or moving (87a and 89a): pixels packed by LZW, in the order of their rows or interlaced, with a palette of the file's or
 * of their own, of which one colour may be transparent. Of one that moves it is the first frame, on a canvas on which there is
 * nothing yet; the canvas is large enough for it, whatever the header says, as browsers have it.
 */
import { checkSize, cutOff, refusal, type Header, type Pixels, type Source } from './types.ts'

const SCREEN = 13
const DESCRIPTOR = 10
/** How parts begin. */
const EXTENSION = 0x21
const IMAGE = 0x2c
const END = 0x3b
/** The extension that says what is transparent. */
const CONTROL = 0xf9
/** Most bits of a code, and so most codes. */
const MOST_BITS = 12
const MOST_CODES = 1 << MOST_BITS
/** Rows of the passes of one that is interlaced: the first, and from one to the next. */
const passes = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const

interface Gif {
  /** Of the canvas. */
  readonly width: number
  readonly height: number
  readonly frame: Frame
  readonly animated: boolean
}

/** The first one of several. */
interface Frame {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly interlaced: boolean
  readonly palette: Uint8Array
  /** Index of the colour that lets the ground show. */
  readonly transparent: number | undefined
  /** Where its packed pixels begin, with the bits of a colour before their pieces. */
  readonly from: number
}

/** Undefined where `source` is only the start of a file, and more than that tells whether it moves. */
export function readGifHeader(source: Source, whole: boolean): Header | undefined {
  const gif = readParts(source, whole)
  if (!gif) return undefined
  const { width, height, frame, animated } = gif
  const bits = Math.log2(frame.palette.length / 3)
  const colour = `palette, ${bits} ${bits === 1 ? 'bit' : 'bits'}`
  return { format: 'GIF', width, height, orientation: 1, colour, ...(animated && { animated }) }
}

export function decodeGif(source: Source): Pixels {
  const gif = readParts(source, true)
  if (!gif) throw cutOff(source, 'its header is not complete')
  const { width, height, frame } = gif
  const indices = unpack(source, frame)
  const { palette, transparent } = frame
  const isFull = frame.x === 0 && frame.y === 0 && frame.width === width && frame.height === height
  const channels = isFull && transparent === undefined ? 3 : 4
  const data = new Uint8Array(width * height * channels)
  let from = 0
  for (const row of rowsOf(frame)) {
    let to = ((frame.y + row) * width + frame.x) * channels
    for (let x = 0; x < frame.width; x++, from++, to += channels) {
      const index = indices[from] as number
      if (index !== transparent && 3 * index >= palette.length) {
        const message = `is damaged: it uses colour ${index + 1} of a palette of ${palette.length / 3}; save it as GIF again.`
        throw refusal(source, 'damaged', message, frame.from)
      }
      for (let c = 0; c < 3; c++) data[to + c] = palette[3 * index + c] ?? 0
      if (channels === 4) data[to + 3] = index === transparent ? 0 : 255
    }
  }
  return { width, height, channels, data }
}

/** Which row of the frame comes next. */
function* rowsOf({ height, interlaced }: Frame): Generator<number> {
  for (const [first, step] of interlaced ? passes : ([[0, 1]] as const))
    for (let row = first; row < height; row += step) yield row
}

/**
 * Codes of growing length stand for runs of colours: each but the first names one more run, the one before it and the first colour
 * of its own. One code forgets all, another ends.
 */
function unpack(source: Source, { width, height, from }: Frame): Uint8Array {
  const { bytes } = source
  const least = bytes[from]
  if (least === undefined) throw cutOff(source, 'it ends before its pixels')
  if (least < 1 || least > 8)
    throw refusal(
      source,
      'damaged',
      `says ${least} bits a colour, which GIF does not have; save it as GIF again.`,
      from,
    )
  const { packed, isWhole } = piecesAt(bytes, from + 1)
  const wanted = width * height
  const clear = 1 << least
  // Before anything of that size is allocated: no code stands for more than this.
  if (((packed.length * 8) / (least + 1)) * MOST_CODES < wanted)
    throw cutOff(source, `${packed.length} bytes of packed pixels cannot be ${width} × ${height}`)
  const out = new Uint8Array(wanted)
  /** Of each code the one that it goes on from, its last colour, its first one and its length. */
  const [before, last, first, lengths] = [0, 0, 0, 0].map(() => new Uint16Array(MOST_CODES))
  if (!before || !last || !first || !lengths) return out
  for (let code = 0; code < clear; code++) {
    last[code] = first[code] = code
    lengths[code] = 1
  }
  let [bits, next, previous] = [least + 1, clear + 2, -1]
  let [filled, buffer, held, place] = [0, 0, 0, 0]
  while (filled < wanted) {
    while (held < bits && place < packed.length) {
      buffer |= (packed[place++] as number) << held
      held += 8
    }
    if (held < bits) break
    const code = buffer & ((1 << bits) - 1)
    buffer >>>= bits
    held -= bits
    if (code === clear) {
      ;[bits, next, previous] = [least + 1, clear + 2, -1]
      continue
    }
    if (code === clear + 1) break
    if (code > next || (code === next && previous < 0) || (previous < 0 && code > clear)) {
      const message = `is damaged: its packed pixels use code ${code} before there is one; save it as GIF again.`
      throw refusal(source, 'damaged', message, from)
    }
    // One that is just being named begins and ends with the first colour of the run before it.
    if (previous >= 0 && next < MOST_CODES) {
      before[next] = previous
      first[next] = first[previous] as number
      last[next] = first[code === next ? previous : code] as number
      lengths[next] = (lengths[previous] as number) + 1
      next++
      if (next === 1 << bits && bits < MOST_BITS) bits++
    } else if (code >= next) {
      const message = `is damaged: its packed pixels use code ${code}, which there is not; save it as GIF again.`
      throw refusal(source, 'damaged', message, from)
    }
    const length = lengths[code] as number
    for (let i = filled + length - 1, one = code; i >= filled; i--, one = before[one] as number)
      if (i < wanted) out[i] = last[one] as number
    filled += length
    previous = code
  }
  if (filled >= wanted) return out
  const where = `its pixels end in row ${Math.floor(filled / width) + 1} of ${height}`
  throw isWhole
    ? refusal(source, 'damaged', `is damaged: ${where}; save it as GIF again.`, from)
    : cutOff(source, where)
}

/** What stands in pieces of 255 bytes at most, as far as it came. */
function piecesAt(bytes: Uint8Array, from: number): { readonly packed: Uint8Array; readonly isWhole: boolean } {
  const end = behindPieces(bytes, from)
  const packed = new Uint8Array((end ?? bytes.length) - from)
  let [place, filled] = [from, 0]
  for (let size = bytes[place]; size !== undefined && size > 0; size = bytes[place]) {
    const piece = bytes.subarray(place + 1, place + 1 + size)
    packed.set(piece, filled)
    filled += piece.length
    place += 1 + size
  }
  return { packed: packed.subarray(0, filled), isWhole: end !== undefined }
}

/** Where the next part begins; undefined where the pieces have no end. */
function behindPieces(bytes: Uint8Array, from: number): number | undefined {
  for (let place = from; ;) {
    const size = bytes[place]
    if (size === undefined) return undefined
    place += 1 + size
    if (size === 0) return place
  }
}

/** Everything up to the first frame, and whether another one follows. */
function readParts(source: Source, whole: boolean): Gif | undefined {
  const { bytes } = source
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < SCREEN) return short(source, whole, 'its header is not complete')
  const common = paletteAt(source, SCREEN, bytes[10] as number)
  if (!common) return short(source, whole, 'its palette is not complete')
  const [from, transparent] = nextImage(source, SCREEN + common.length)
  if (from !== undefined && bytes[from] === END) throw refusal(source, 'empty', 'holds no picture; get it again.', from)
  if (from === undefined || bytes.length < from + DESCRIPTOR) return short(source, whole, 'it ends before its picture')
  const [x, y, width, height] = [1, 3, 5, 7].map((k) => view.getUint16(from + k, true)) as [
    number,
    number,
    number,
    number,
  ]
  const flags = bytes[from + 9] as number
  const own = paletteAt(source, from + DESCRIPTOR, flags)
  if (!own) return short(source, whole, 'its palette is not complete')
  const palette = own.length > 0 ? own : common
  if (palette.length === 0)
    throw refusal(source, 'damaged', 'is damaged: it has no palette; save it as GIF again.', from)
  // The frame by itself, since an empty one may lie on a canvas that is not.
  checkSize(source, width, height)
  const canvas = [Math.max(view.getUint16(6, true), x + width), Math.max(view.getUint16(8, true), y + height)] as const
  checkSize(source, ...canvas)
  const start = from + DESCRIPTOR + own.length
  const end = behindPieces(bytes, start + 1)
  const [other] = end === undefined ? [] : nextImage(source, end)
  if (!whole && other === undefined) return undefined
  const frame = { x, y, width, height, interlaced: (flags & 0x40) !== 0, palette, transparent, from: start }
  return { width: canvas[0], height: canvas[1], frame, animated: other !== undefined && bytes[other] === IMAGE }
}

function short(source: Source, whole: boolean, what: string): undefined {
  if (whole) throw cutOff(source, what)
}

/** Red, green and blue of each colour; of none where the flags say so, and undefined where it is not complete. */
function paletteAt({ bytes }: Source, from: number, flags: number): Uint8Array | undefined {
  const length = (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
  return from + length > bytes.length ? undefined : bytes.subarray(from, from + length)
}

/** Where a frame begins, or the end of all; undefined where the file ends before. With what is transparent in the frame. */
function nextImage(source: Source, begin: number): [from: number | undefined, transparent: number | undefined] {
  const { bytes } = source
  let transparent: number | undefined
  for (let from: number | undefined = begin; from !== undefined;) {
    const kind = bytes[from]
    if (kind === undefined) break
    if (kind === IMAGE || kind === END) return [from, transparent]
    if (kind === EXTENSION) {
      if (bytes[from + 1] === CONTROL) transparent = ((bytes[from + 3] ?? 0) & 1) === 1 ? bytes[from + 6] : undefined
      from = behindPieces(bytes, from + 2)
    } else if (kind === 0) from++
    else {
      const message = `is damaged: what begins at byte ${from} is no part of a GIF; save it as GIF again.`
      throw refusal(source, 'damaged', message, from)
    }
  }
  return [undefined, transparent]
}
