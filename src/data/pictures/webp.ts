/**
 * WebP, lossy and lossless, with or without alpha (RFC 9649): what stands around the pixels is read here. Of one that moves it is
 * the first frame, on a canvas on which there is nothing yet.
 */
import { readOrientation } from './exif.ts'
import { checkSize, cutOff, refusal, type Decoded, type Header, type Orientation, type Source } from './types.ts'

/** Flags of an extended file. */
const ANIMATED = 0x02
const EXIF = 0x08
const ALPHA = 0x10

/** Bytes before the chunks of a frame. */
const FRAME_HEADER = 16

interface Chunks {
  readonly width: number
  readonly height: number
  readonly alpha: boolean
  readonly lossless: boolean
  readonly orientation: Orientation
  /** Of one that moves. */
  readonly frame: Frame | undefined
}

/** The first one of several, and where it lies on the canvas. */
interface Frame {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Its chunks, as they stand in a file that holds nothing else. */
  readonly body: Uint8Array
}

interface Image {
  readonly width: number
  readonly height: number
  readonly alpha: boolean
  readonly lossless: boolean
}

/** Undefined where `source` is only the start of a file and says that more about it comes at its end. */
export function readWebpHeader(source: Source, whole: boolean): Header | undefined {
  const chunks = readChunks(source, whole)
  if (!chunks) return undefined
  const { width, height, orientation, alpha, lossless, frame } = chunks
  const colour = `${lossless ? 'lossless' : 'lossy'}${alpha ? ' with alpha' : ''}`
  return { format: 'WebP', width, height, orientation, colour, ...(frame && { animated: true }) }
}

export async function decodeWebp(source: Source): Promise<Decoded> {
  const chunks = readChunks(source, true)
  if (!chunks) throw cutOff(source, 'its header is not complete')
  const { width, height, alpha, orientation, frame } = chunks
  // Only who has such pictures loads it.
  const { decodeRgba } = await import('./webp-decoder.ts')
  const still = frame ?? chunks
  const result = await decodeRgba(frame ? stillOf(frame, alpha) : source.bytes, still.width * still.height)
  if (result?.width !== still.width || result.height !== still.height) {
    throw refusal(source, 'damaged', 'is damaged: its pixels cannot be decoded; get it again.')
  }
  const rgba = new Uint8Array(result.data.buffer, result.data.byteOffset, result.data.length)
  const data = frame ? onCanvas(rgba, frame, width, height) : rgba
  return {
    pixels: { width, height, ...(alpha ? { channels: 4, data } : { channels: 3, data: withoutAlpha(data) }) },
    orientation,
  }
}

/** What stands around the pixels. */
function readChunks(source: Source, whole: boolean): Chunks | undefined {
  const { bytes } = source
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 30) throw cutOff(source, 'its header is not complete')
  const end = 8 + view.getUint32(4, true)
  if (whole && end > bytes.length) throw cutOff(source, `it should have ${end} bytes, but has ${bytes.length}`)
  let canvas: { width: number; height: number; flags: number } | undefined
  let image: Image | undefined
  let frame: Frame | undefined
  let orientation: Orientation = 1
  for (let from = 12; from + 8 <= Math.min(end, bytes.length);) {
    const type = String.fromCharCode(...bytes.subarray(from, from + 4))
    const length = view.getUint32(from + 4, true)
    const start = from + 8
    const complete = start + length <= Math.min(end, bytes.length)
    if (!complete && whole) throw cutOff(source, `its part ${JSON.stringify(type)} is not complete`)
    const damaged = () =>
      refusal(
        source,
        'damaged',
        `is damaged: its part ${JSON.stringify(type)} at byte ${from} makes no sense; get it again.`,
        from,
      )
    if (type === 'VP8X') {
      if (length < 10) throw damaged()
      if (!complete) return undefined
      const flags = view.getUint8(start)
      canvas = { width: 1 + uint24(bytes, start + 4), height: 1 + uint24(bytes, start + 7), flags }
      checkSize(source, canvas.width, canvas.height)
    } else if ((type === 'VP8 ' || type === 'VP8L') && !image) {
      if (length < 10) throw damaged()
      if (start + 10 > bytes.length) return undefined
      image = type === 'VP8 ' ? lossyFrame(source, view, start, damaged) : losslessFrame(source, view, start, damaged)
    } else if (type === 'ANMF' && canvas && canvas.flags & ANIMATED && !image) {
      if (!complete) return undefined
      if (length < FRAME_HEADER) throw damaged()
      frame = {
        x: 2 * uint24(bytes, start),
        y: 2 * uint24(bytes, start + 3),
        width: 1 + uint24(bytes, start + 6),
        height: 1 + uint24(bytes, start + 9),
        body: bytes.subarray(start + FRAME_HEADER, start + length),
      }
      image = imageIn(source, view, start + FRAME_HEADER, start + length, damaged)
      const fits = frame.x + frame.width <= canvas.width && frame.y + frame.height <= canvas.height
      if (!image || !fits || image.width !== frame.width || image.height !== frame.height) throw damaged()
    } else if (type === 'EXIF' && complete) {
      const exif = bytes.subarray(start, start + length)
      const isMarked = String.fromCharCode(...exif.subarray(0, 4)) === 'Exif'
      orientation = readOrientation(isMarked ? exif.subarray(6) : exif)
    }
    from = start + length + (length % 2)
  }
  if (!whole && (!image || (canvas && canvas.flags & EXIF))) return undefined
  if (!image) throw refusal(source, 'damaged', 'is damaged: it holds no picture (VP8 or VP8L); get it again.')
  const { lossless } = image
  const { width, height } = frame && canvas ? canvas : image
  if (canvas && (canvas.width !== width || canvas.height !== height)) {
    const message = `is damaged: its header says ${canvas.width} × ${canvas.height} pixels, its picture ${width} × ${height}; save it again.`
    throw refusal(source, 'damaged', message)
  }
  // What a frame does not cover is transparent.
  const alpha = image.alpha || Boolean(canvas && canvas.flags & ALPHA) || image.width < width || image.height < height
  return { width, height, lossless, alpha, orientation, frame }
}

/** The picture among the chunks [from, to) of a frame. */
function imageIn(source: Source, view: DataView, from: number, to: number, damaged: () => Error): Image | undefined {
  for (let at = from; at + 8 <= to;) {
    const type = String.fromCharCode(...source.bytes.subarray(at, at + 4))
    const length = view.getUint32(at + 4, true)
    if (at + 8 + length > to) throw damaged()
    if (type === 'VP8 ' || type === 'VP8L') {
      if (length < 10) throw damaged()
      return (type === 'VP8 ' ? lossyFrame : losslessFrame)(source, view, at + 8, damaged)
    }
    at += 8 + length + (length % 2)
  }
  return undefined
}

/** A frame as a file of its own. */
function stillOf({ width, height, body }: Frame, alpha: boolean): Uint8Array {
  const bytes = new Uint8Array(30 + body.length)
  const view = new DataView(bytes.buffer)
  const put = (text: string, at: number) =>
    bytes.set(
      Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
      at,
    )
  put('RIFF', 0)
  view.setUint32(4, bytes.length - 8, true)
  put('WEBPVP8X', 8)
  view.setUint32(16, 10, true)
  bytes[20] = alpha ? ALPHA : 0
  for (const [at, side] of [
    [24, width],
    [27, height],
  ] as const) {
    view.setUint16(at, (side - 1) & 0xffff, true)
    bytes[at + 2] = (side - 1) >> 16
  }
  bytes.set(body, 30)
  return bytes
}

/** The frame where it lies, with nothing around it. */
function onCanvas(rgba: Uint8Array, frame: Frame, width: number, height: number): Uint8Array {
  if (frame.width === width && frame.height === height) return rgba
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < frame.height; y++)
    data.set(rgba.subarray(y * frame.width * 4, (y + 1) * frame.width * 4), ((frame.y + y) * width + frame.x) * 4)
  return data
}

/** RFC 6386, 9.1. */
function lossyFrame(source: Source, view: DataView, at: number, damaged: () => Error): Image {
  const isKey = (view.getUint8(at) & 1) === 0
  if (!isKey || view.getUint16(at + 3) !== 0x9d01 || view.getUint8(at + 5) !== 0x2a) throw damaged()
  const width = view.getUint16(at + 6, true) & 0x3fff
  const height = view.getUint16(at + 8, true) & 0x3fff
  checkSize(source, width, height)
  return { width, height, alpha: false, lossless: false }
}

/** RFC 9649, 3.3. */
function losslessFrame(source: Source, view: DataView, at: number, damaged: () => Error): Image {
  if (view.getUint8(at) !== 0x2f) throw damaged()
  const bits = view.getUint32(at + 1, true)
  const width = 1 + (bits & 0x3fff)
  const height = 1 + ((bits >>> 14) & 0x3fff)
  checkSize(source, width, height)
  return { width, height, alpha: ((bits >>> 28) & 1) === 1, lossless: true }
}

function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] as number
    rgb[to + 1] = rgba[from + 1] as number
    rgb[to + 2] = rgba[from + 2] as number
  }
  return rgb
}

function uint24(bytes: Uint8Array, from: number): number {
  const [a = 0, b = 0, c = 0] = bytes.subarray(from, from + 3)
  return a + b * 256 + c * 65536
}
