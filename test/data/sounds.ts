/** WAV files as tests need them, whole ones and such with any field wrong. */
export interface WavParts {
  readonly format?: number
  readonly channels?: number
  readonly rate?: number
  readonly bits?: number
  readonly stride?: number
  /** Bytes of the samples. */
  readonly body?: Uint8Array
  /** What the data chunk and the file say about their lengths. */
  readonly dataSize?: number
  readonly riffSize?: number
  readonly formatSize?: number
  /** The `fmt ` chunk's bytes, instead of those made from the fields above. */
  readonly formatBody?: Uint8Array
  readonly magic?: string
  readonly form?: string
  /** Chunks before and after `fmt `, and after the samples. */
  readonly before?: readonly Uint8Array[]
  readonly between?: readonly Uint8Array[]
  readonly after?: readonly Uint8Array[]
  readonly withoutFormat?: boolean
  readonly withoutData?: boolean
}

export function wavBytes(parts: WavParts = {}): Uint8Array {
  const { format = 1, channels = 1, rate = 8000, bits = 16, magic = 'RIFF', form = 'WAVE' } = parts
  const body = parts.body ?? pcm16([0, 16384, -16384, 32767])
  const fields = new Uint8Array(16)
  const view = new DataView(fields.buffer)
  const stride = parts.stride ?? (channels * bits) / 8
  view.setUint16(0, format, true)
  view.setUint16(2, channels, true)
  view.setUint32(4, rate, true)
  view.setUint32(8, rate * stride, true)
  view.setUint16(12, stride, true)
  view.setUint16(14, bits, true)
  const chunks = joinBytes([
    text(form),
    ...(parts.before ?? []),
    ...(parts.withoutFormat ? [] : [chunk('fmt ', parts.formatBody ?? fields, parts.formatSize)]),
    ...(parts.between ?? []),
    ...(parts.withoutData ? [] : [chunk('data', body, parts.dataSize)]),
    ...(parts.after ?? []),
  ])
  const head = new Uint8Array(8)
  head.set(text(magic))
  new DataView(head.buffer).setUint32(4, parts.riffSize ?? chunks.length, true)
  return joinBytes([head, chunks])
}

/** With the padding that an odd number of bytes needs. */
export function chunk(id: string, body: Uint8Array, size = body.length): Uint8Array {
  const bytes = new Uint8Array(8 + body.length + (body.length % 2))
  bytes.set(text(id))
  new DataView(bytes.buffer).setUint32(4, size, true)
  bytes.set(body, 8)
  return bytes
}

interface ExtensibleParts {
  readonly channels?: number
  readonly rate?: number
  readonly bits?: number
  readonly valid?: number
  readonly tail?: readonly number[]
}

/** The fields of WAVE_FORMAT_EXTENSIBLE, whose last 16 bytes say what the samples are. */
export function extensible(
  format: number,
  { channels = 1, rate = 8000, bits = 16, valid, tail = TAIL }: ExtensibleParts = {},
): Uint8Array {
  const bytes = new Uint8Array(40)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0xfffe, true)
  view.setUint16(2, channels, true)
  view.setUint32(4, rate, true)
  view.setUint32(8, (rate * channels * bits) / 8, true)
  view.setUint16(12, (channels * bits) / 8, true)
  view.setUint16(14, bits, true)
  view.setUint16(16, 22, true)
  view.setUint16(18, valid ?? bits, true)
  view.setUint16(24, format, true)
  bytes.set(tail, 26)
  return bytes
}
const TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]

export function pcm16(samples: readonly number[]): Uint8Array {
  return new Uint8Array(Int16Array.from(samples).buffer)
}

export function float32(samples: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(samples).buffer)
}

export function text(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
