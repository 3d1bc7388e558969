/**
 * WAV: `RIFF`, a length, `WAVE`, then chunks of four letters, a length and as many bytes, padded to an even number. `fmt `
 * says what the samples are and must come before `data`, which holds them; all others are passed over. Nothing that the
 * header claims is believed before it was compared with the length of the file. The rate of bytes is not looked at: it
 * follows from the other fields, and programs are known that write it wrongly.
 */
import { problem, ProblemError, type Place } from '../../base/problem.ts'
import { MAX_CHUNKS, MAX_SAMPLE_RATE } from '../limits.ts'
import type { DataFile } from '../types.ts'

export type Encoding = 'unsigned8' | 'int16' | 'int24' | 'int32' | 'float32' | 'float64' | 'aLaw' | 'muLaw'

export interface Wav {
  readonly encoding: Encoding
  readonly channels: number
  /** Frames a second. */
  readonly rate: number
  /** Offset of the first frame. */
  readonly start: number
  /** A frame is one sample of each channel. */
  readonly frames: number
  /** Bytes of one frame. */
  readonly stride: number
}

export const ENCODINGS: { readonly [E in Encoding]: { readonly title: string; readonly bytes: number } } = {
  unsigned8: { title: '8-bit integers', bytes: 1 },
  int16: { title: '16-bit integers', bytes: 2 },
  int24: { title: '24-bit integers', bytes: 3 },
  int32: { title: '32-bit integers', bytes: 4 },
  float32: { title: '32-bit floats', bytes: 4 },
  float64: { title: '64-bit floats', bytes: 8 },
  aLaw: { title: 'A-law', bytes: 1 },
  muLaw: { title: 'µ-law', bytes: 1 },
}

const PCM = 1
const FLOAT = 3
const A_LAW = 6
const MU_LAW = 7
const EXTENSIBLE = 0xfffe
/** What `fmt ` may name besides, for refusing it by name. */
const compressed: ReadonlyMap<number, string> = new Map([
  [0x02, 'Microsoft ADPCM'],
  [0x11, 'IMA ADPCM'],
  [0x31, 'GSM 6.10'],
  [0x50, 'MPEG'],
  [0x55, 'MP3'],
  [0x92, 'Dolby AC-3'],
  [0x161, 'Windows Media Audio'],
])

/** The tail that all GUIDs of WAVE_FORMAT_EXTENSIBLE share; their first two bytes are a format as above. */
const GUID = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]

/** What a file is by its first bytes, where that is sound of a kind that is not read. */
export function otherSound(head: Uint8Array): string | undefined {
  const text = latin(head.subarray(0, 12))
  if (text.startsWith('OggS')) return 'Ogg'
  if (text.startsWith('fLaC')) return 'FLAC'
  if (text.startsWith('FORM') && /AIF[FC]$/.test(text)) return 'AIFF'
  if (text.startsWith('.snd')) return 'AU'
  if (text.startsWith('ID3')) return 'MP3'
  if (/^....ftyp/s.test(text)) return 'MPEG-4'
  // Eleven bits of 1 begin an MPEG frame; the two after the next two are its layer, 0 in none (that is AAC).
  const [first = 0, second = 0] = head
  if (first === 0xff && (second & 0xe0) === 0xe0 && second !== 0xff && second !== 0xfe)
    return (second & 0x06) === 0 ? 'AAC' : 'MP3'
  return undefined
}

export function isWav(head: Uint8Array): boolean {
  return /^(RIFF|RIFX|RF64|BW64)....WAVE/s.test(latin(head.subarray(0, 12)))
}

/** Reads the chunks up to the samples. The file's length must be known. */
export async function readWav(file: DataFile): Promise<Wav> {
  const { name } = file
  const length = file.length ?? 0
  const refuse = (code: string, message: string, byte: number, place: Place = {}): ProblemError =>
    new ProblemError(problem(`sound.${code}`, `${name} ${message}`, { file: name, byte, ...place }))
  if (length === 0) throw refuse('empty', 'is empty; copy it again or leave it out.', 0)
  const other = otherSound(file.head)
  if (other) throw refuse('format', `is ${other}, which cannot be read; convert it to WAV.`, 0)
  const opening = await bytesOf(file, 0, 12)
  const magic = latin(opening.subarray(0, 4))
  if (magic === 'RF64' || magic === 'BW64')
    throw refuse('format', `is ${magic}, a WAV file for more than 4 GB, which cannot be read; save it as plain WAV.`, 0)
  if (magic === 'RIFX')
    throw refuse('format', 'is RIFX, a WAV file with its bytes the other way round; save it as plain WAV.', 0)
  if (magic !== 'RIFF')
    throw refuse(
      'magic',
      `begins with ${hex(opening.subarray(0, 4))}, but a WAV file begins with RIFF; leave it out.`,
      0,
    )
  if (opening.length < 12)
    throw refuse('header', `has ${length} bytes, too few for the header of a WAV file; copy it again.`, length)
  const form = latin(opening.subarray(8, 12))
  if (form !== 'WAVE') throw refuse('magic', `is a RIFF file of the kind ${quote(form)}, not WAVE; leave it out.`, 8)
  const promised = viewOf(opening).getUint32(4, true) + 8
  if (promised > length)
    throw refuse('length', `promises ${promised} bytes, but has ${length}; its end is missing, copy it again.`, 4)

  let format: Omit<Wav, 'start' | 'frames'> | undefined
  let at = 12
  for (let chunk = 0; at + 8 <= length; chunk++) {
    if (chunk >= MAX_CHUNKS)
      throw refuse('chunks', `has more than ${MAX_CHUNKS} chunks before its sound; save it again without them.`, at)
    const head = await bytesOf(file, at, at + 8)
    const id = latin(head.subarray(0, 4))
    const size = viewOf(head).getUint32(4, true)
    const rest = length - at - 8
    if (id === 'fmt ') {
      if (format) throw refuse('chunks', 'has two fmt chunks; save it again.', at)
      if (size < 16)
        throw refuse('header', `has a fmt chunk of ${size} bytes, but the shortest one has 16; save it again.`, at + 4)
      if (size > rest) throw refuse('length', cut('fmt', size, rest), at + 4)
      format = readFormat(await bytesOf(file, at + 8, at + 8 + Math.min(size, 40)), at + 8, refuse)
    } else if (id === 'data') {
      if (!format)
        throw refuse('order', 'has its data chunk before any fmt chunk says what it holds; save it again.', at)
      if (size > rest) throw refuse('length', cut('data', size, rest), at + 4)
      if (size === 0) throw refuse('empty', 'holds no sound: its data chunk is empty; leave it out.', at + 4)
      if (size % format.stride !== 0) {
        const message = `has a data chunk of ${size} bytes, which is no multiple of the ${format.stride} bytes of a frame; save it again.`
        throw refuse('length', message, at + 4)
      }
      return { ...format, start: at + 8, frames: size / format.stride }
    } else if (size > rest) throw refuse('length', cut(id, size, rest), at + 4)
    at += 8 + size + (size % 2)
  }
  const missing = format ? 'data' : 'fmt'
  throw refuse('chunks', `ends without a ${missing} chunk, so there is no sound in it; copy it again.`, length)
}

function cut(chunk: string, size: number, rest: number): string {
  const which = /^[\x20-\x7e]{3,4}$/.test(chunk) ? chunk.trim() : quote(chunk)
  return `has a ${which} chunk that promises ${size} bytes, but ${rest} are left; its end is missing, copy it again.`
}

function readFormat(
  bytes: Uint8Array,
  at: number,
  refuse: (code: string, message: string, byte: number) => ProblemError,
): Omit<Wav, 'start' | 'frames'> {
  const view = viewOf(bytes)
  const tag = view.getUint16(0, true)
  const channels = view.getUint16(2, true)
  const rate = view.getUint32(4, true)
  const stride = view.getUint16(12, true)
  const bits = view.getUint16(14, true)
  let format = tag
  let formatAt = at
  if (tag === EXTENSIBLE) {
    if (bytes.length < 40)
      throw refuse(
        'header',
        `has an extensible fmt chunk of ${bytes.length} bytes, but it takes 40; save it again.`,
        at,
      )
    format = view.getUint16(24, true)
    formatAt = at + 24
    if (!GUID.every((byte, i) => bytes[26 + i] === byte))
      throw refuse(
        'format',
        'has samples of an unknown kind (its GUID is not one of PCM); convert it to PCM.',
        formatAt,
      )
    const valid = view.getUint16(18, true)
    if (valid > bits)
      throw refuse('header', `says that ${valid} of the ${bits} bits of a sample count; save it again.`, at + 18)
  }
  const encoding = encodingOf(format, bits)
  if (!encoding) {
    if (format === PCM || format === FLOAT || format === A_LAW || format === MU_LAW) {
      const kind = format === PCM ? 'integers' : format === FLOAT ? 'floats' : 'companded samples'
      const known = format === PCM ? '8, 16, 24 and 32' : format === FLOAT ? '32 and 64' : '8'
      throw refuse('bits', `has ${kind} of ${bits} bits, but only those of ${known} can be read; convert it.`, at + 14)
    }
    const kind = compressed.get(format) ?? `kind 0x${format.toString(16).padStart(4, '0').toUpperCase()}`
    throw refuse('format', `holds ${kind} inside, which cannot be read; convert it to PCM.`, formatAt)
  }
  if (channels === 0)
    throw refuse('channels', 'says that it has 0 channels, so there is no sound in it; save it again.', at + 2)
  if (rate === 0) throw refuse('rate', 'says that it has 0 samples a second; save it again.', at + 4)
  if (rate > MAX_SAMPLE_RATE)
    throw refuse('rate', `says that it has ${rate} samples a second; ${MAX_SAMPLE_RATE} are possible at most.`, at + 4)
  const needed = channels * ENCODINGS[encoding].bytes
  if (stride !== needed) {
    const message = `says that a frame has ${stride} bytes, but ${channels} × ${bits} bits take ${needed}; save it again.`
    throw refuse('frame', message, at + 12)
  }
  return { encoding, channels, rate, stride }
}

function encodingOf(format: number, bits: number): Encoding | undefined {
  switch (format) {
    case PCM:
      return ({ 8: 'unsigned8', 16: 'int16', 24: 'int24', 32: 'int32' } as const)[bits]
    case FLOAT:
      return ({ 32: 'float32', 64: 'float64' } as const)[bits]
    case A_LAW:
      return bits === 8 ? 'aLaw' : undefined
    case MU_LAW:
      return bits === 8 ? 'muLaw' : undefined
    default:
      return undefined
  }
}

/**
 * Frames to samples from -1 to 1, the channels of each mixed to their mean. `bytes` are whole frames; the samples go to
 * `samples` from `first` on. Gives the largest magnitude, which floats may have beyond 1, and NaN or ∞ if one is none.
 */
export function decodeFrames(wav: Wav, bytes: Uint8Array, samples: Float32Array, first: number): number {
  const { encoding, channels, stride } = wav
  const view = viewOf(bytes)
  const width = ENCODINGS[encoding].bytes
  const sample = decoders[encoding]
  const frames = bytes.length / stride
  let largest = 0
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) {
      const value = sample(view, frame * stride + channel * width)
      // One comparison that NaN fails as well.
      if (!(Math.abs(value) <= largest)) largest = Number.isFinite(largest) ? Math.abs(value) : largest
      sum += value
    }
    samples[first + frame] = sum / channels
  }
  return largest
}

const decoders: { readonly [E in Encoding]: (view: DataView, at: number) => number } = {
  unsigned8: (view, at) => (view.getUint8(at) - 128) / 128,
  int16: (view, at) => view.getInt16(at, true) / 2 ** 15,
  int24: (view, at) => (view.getUint16(at, true) + (view.getInt8(at + 2) << 16)) / 2 ** 23,
  int32: (view, at) => view.getInt32(at, true) / 2 ** 31,
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
  aLaw: (view, at) => fromALaw(view.getUint8(at)) / 2 ** 15,
  muLaw: (view, at) => fromMuLaw(view.getUint8(at)) / 2 ** 15,
}

/** ITU-T G.711, table 1: every other bit is inverted, then sign, three bits of exponent, four of mantissa. */
function fromALaw(byte: number): number {
  const code = byte ^ 0x55
  const exponent = (code >> 4) & 7
  const mantissa = ((code & 15) << 4) + 8
  const value = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return code & 0x80 ? value : -value
}

/** ITU-T G.711, table 2: all bits are inverted; the values are those of 14 bits, here of 16. */
function fromMuLaw(byte: number): number {
  const code = ~byte & 0xff
  const value = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
  return code & 0x80 ? -value : value
}

async function bytesOf(file: DataFile, from: number, to: number): Promise<Uint8Array> {
  return to <= file.head.length ? file.head.subarray(from, to) : file.read(from, to)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function hex(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')}`
}

/** Four letters of a stranger: what is no plain character is shown as its number. */
function quote(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
}
