/**
 * Files of pictures to pixels: PNG, JPEG, WebP, GIF and BMP, known by their first bytes and never by their names. The header comes
 * first, and what it asks for is held against the limits before anything is allocated. All that decodes is JavaScript or
 * WebAssembly, the same in Node and in the window, so the pixels are the same, and strangers' files reach no native library.
 */
import { MAX_PICTURE_BYTES } from '../limits.ts'
import { decodeBmp, readBmpHeader } from './bmp.ts'
import { decodeGif, readGifHeader } from './gif.ts'
import { decodeJpeg, readJpegHeader } from './jpeg.ts'
import { decodePng, PNG_SIGNATURE, readPngHeader } from './png.ts'
import { turn } from './exif.ts'
import { refusal, type Decoded, type Format, type Header, type Pixels, type Source } from './types.ts'
import { decodeWebp, readWebpHeader } from './webp.ts'
import { showBytes } from '../../base/shape.ts'

/** A picture as it is to be seen. */
export interface Picture {
  readonly header: Header
  readonly pixels: Pixels
  /** All pixels came, but their checksum is another one. */
  readonly wrongSum?: true
}

/** Its format by its first bytes; undefined where it is none of ours. */
export function formatOf(bytes: Uint8Array): Format | undefined {
  if (PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return 'PNG'
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'JPEG'
  if (tagAt(bytes, 0) === 'RIFF' && tagAt(bytes, 8) === 'WEBP') return 'WebP'
  if (/^GIF8[79]a/.test(tagAt(bytes, 0, 6))) return 'GIF'
  if (
    tagAt(bytes, 0).startsWith('BM') &&
    bytes[14] !== undefined &&
    bytes[15] === 0 &&
    bytes[16] === 0 &&
    bytes[17] === 0
  )
    return 'BMP'
  return undefined
}

/**
 * What the file says about the picture, or why it cannot be taken. Where `source` is only the `start` of a file, undefined
 * says that more of it is needed.
 */
export function readHeader(source: Source): Header
export function readHeader(source: Source, part: 'start'): Header | undefined
export function readHeader(source: Source, part?: 'start'): Header | undefined {
  const { bytes } = source
  if (bytes.length > MAX_PICTURE_BYTES) {
    throw refusal(
      source,
      'large',
      `has ${showBytes(bytes.length)}; a picture may have ${showBytes(MAX_PICTURE_BYTES)} at most. Make it smaller.`,
    )
  }
  const whole = part === undefined
  const format = formatOf(bytes)
  switch (format) {
    case 'PNG':
      return readPngHeader(source, whole)
    case 'JPEG':
      return readJpegHeader(source, whole)
    case 'WebP':
      return readWebpHeader(source, whole)
    case 'GIF':
      return readGifHeader(source, whole)
    case 'BMP':
      return readBmpHeader(source, whole)
    case undefined:
      throw noPicture(source)
    default:
      return format satisfies never
  }
}

/** All of it, turned as it is to be seen; throws ProblemError where anything of it is missing or wrong. */
export async function decodePicture(source: Source): Promise<Picture> {
  const header = readHeader(source)
  const { pixels, orientation, ...rest } = await decode(source, header.format)
  return { header: { ...header, orientation }, pixels: turn(pixels, orientation), ...rest }
}

async function decode(source: Source, format: Format): Promise<Decoded> {
  switch (format) {
    case 'PNG':
      return decodePng(source)
    case 'JPEG':
      return decodeJpeg(source)
    case 'WebP':
      return decodeWebp(source)
    case 'GIF':
      return { pixels: decodeGif(source), orientation: 1 }
    case 'BMP':
      return { pixels: decodeBmp(source), orientation: 1 }
    default:
      return format satisfies never
  }
}

/** What a file that is none of ours is instead, by its first bytes. */
const others: readonly (readonly [name: string, is: (bytes: Uint8Array, text: string) => boolean])[] = [
  ['a TIFF', (bytes) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(tagAt(bytes, 0))],
  ['an AVIF', (bytes) => tagAt(bytes, 4) === 'ftyp' && /^avi[fs]/.test(tagAt(bytes, 8))],
  ['a HEIF (HEIC)', (bytes) => tagAt(bytes, 4) === 'ftyp' && /^(hei|hev|mif1|msf1)/.test(tagAt(bytes, 8))],
  ['a JPEG XL', (bytes) => (bytes[0] === 0xff && bytes[1] === 0x0a) || tagAt(bytes, 4) === 'JXL '],
  ['a JPEG 2000', (bytes) => tagAt(bytes, 4) === 'jP  ' || tagAt(bytes, 0) === '\xff\x4f\xff\x51'],
  ['an icon (ICO)', (bytes) => ['\0\0\x01\0', '\0\0\x02\0'].includes(tagAt(bytes, 0))],
  ['a Photoshop document (PSD)', (bytes) => tagAt(bytes, 0) === '8BPS'],
  ['a PDF', (bytes) => tagAt(bytes, 0) === '%PDF'],
  [
    'an SVG, which holds shapes and no pixels',
    (_, text) => /^(<\?xml[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE svg[\s\S]*?>|\s)*<svg[\s>]/i.test(text),
  ],
]

function noPicture(source: Source) {
  const { bytes } = source
  const readable = 'PNG, JPEG, WebP, GIF and BMP are read'
  if (bytes.length === 0) return refusal(source, 'empty', 'is empty (0 bytes); get it again.')
  const text = tagAt(bytes, 0, 1024).replace(/^ï»¿/, '')
  const name = others.find(([, is]) => is(bytes, text))?.[0]
  if (name) return refusal(source, 'unsupported', `is ${name}; ${readable}, so save it as PNG.`)
  if (/^\s*(<!doctype html|<html|<head|<body)/i.test(text)) {
    return refusal(
      source,
      'web',
      'is a web page (HTML) and no picture, perhaps the message of a failed download; get it again.',
      0,
    )
  }
  if (text.startsWith('version https://git-lfs')) {
    return refusal(source, 'pointer', 'only says where Git LFS keeps the picture; run `git lfs pull` in its folder.', 0)
  }
  if (bytes.every((byte) => byte === 0)) return refusal(source, 'empty', 'holds nothing but zeros; get it again.', 0)
  if (isText(bytes.subarray(0, 1024))) {
    return refusal(source, 'text', 'is text and no picture; get it again.', 0)
  }
  const shown = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ')
  return refusal(source, 'unknown', `is no picture that is known here (its first bytes are ${shown}); ${readable}.`, 0)
}

/** UTF-8 without control characters; the end may lie within a letter. */
function isText(start: Uint8Array): boolean {
  if (start.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true })
    return true
  } catch {
    return false
  }
}

function tagAt(bytes: Uint8Array, from: number, length = 4): string {
  return String.fromCharCode(...bytes.subarray(from, from + length))
}
