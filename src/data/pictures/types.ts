/** Pictures as decoders give them. */
import { problem, ProblemError } from '../../base/problem.ts'
import { MAX_PICTURE_PIXELS, MAX_PICTURE_SIDE } from '../limits.ts'

/** Formats that are decoded. */
export const formats = ['PNG', 'JPEG', 'WebP', 'GIF', 'BMP'] as const
export type Format = (typeof formats)[number]

/** The bytes of a picture, and what messages call them. */
export interface Source {
  readonly file: string
  readonly bytes: Uint8Array
}

/** How a picture is to be turned, after EXIF (CIPA DC-008, tag 274): 1 as it stands, 2 … 4 mirrored or upside down, 5 … 8 on its side. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

export interface Header {
  readonly format: Format
  /** Pixels as they are stored, before they are turned. */
  readonly width: number
  readonly height: number
  readonly orientation: Orientation
  /** What its pixels are, for people, e.g. `palette of 4 bits`. */
  readonly colour: string
  /** It moves, and its first picture is what is taken. */
  readonly animated?: true
}

/** 8 bits a channel, row-major [height, width, channels]. Two channels are grey and alpha, four RGB and alpha; 255 is opaque. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
  readonly data: Uint8Array
}

/** What a decoder gives. */
export interface Decoded {
  readonly pixels: Pixels
  readonly orientation: Orientation
  /** All pixels came, but their checksum is another one. */
  readonly wrongSum?: true
}

/** A picture that cannot be taken; the message goes on where the name of the file ends. */
export function refusal(source: Source, code: string, message: string, byte?: number): ProblemError {
  const place = byte === undefined ? { file: source.file } : { file: source.file, byte }
  return new ProblemError(problem(`picture.${code}`, `${source.file} ${message}`, place))
}

/** One of whose end something is missing. */
export function cutOff(source: Source, what: string): ProblemError {
  return refusal(source, 'truncated', `is cut off: ${what}; get it again.`, source.bytes.length)
}

/** Before anything of that size is allocated. */
export function checkSize(source: Source, width: number, height: number): void {
  const found = `its header says ${width} × ${height} pixels`
  if (width === 0 || height === 0) throw refusal(source, 'empty', `has no pixel: ${found}; get it again.`)
  const most = `${MAX_PICTURE_SIDE} a side and ${Math.floor(MAX_PICTURE_PIXELS / 1e6)} million in all`
  if (width > MAX_PICTURE_SIDE || height > MAX_PICTURE_SIDE || width * height > MAX_PICTURE_PIXELS)
    throw refusal(source, 'large', `is too large: ${found}, but at most ${most} are read; make it smaller.`)
}
