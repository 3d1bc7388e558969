/** Bytes of a text file in whatever encoding to pieces of UTF-8, as the rest of the room takes them. */
import { choice } from '../../base/params.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { DataFile } from '../types.ts'
import { firstBadByte } from './records.ts'

/** Bytes from which encoding, delimiter and header are guessed. */
const SAMPLE = 256 * 1024

const encodings = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 (little-endian)',
  'utf-16be': 'UTF-16 (big-endian)',
  'windows-1252': 'Windows-1252 (Western European)',
} as const
export type Encoding = keyof typeof encodings

export const encodingOption = choice({
  label: 'Encoding',
  doc: 'How bytes stand for letters. Guessed from a byte order mark and from whether the file is UTF-8.',
  default: 'auto',
  options: { auto: 'Guess', ...encodings },
})

export interface TextStream {
  /** For people. */
  readonly encoding: string
  /** The first pieces, as UTF-8 without byte order mark. */
  readonly sample: Uint8Array
  /** Nothing comes behind the sample. */
  readonly whole: boolean
  /** Bytes of the file before the first one of the text. */
  readonly before: number
  readonly warnings: readonly Problem[]
  /** What comes behind the sample. */
  rest(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** Opens a text. Whether all of it is well formed is found out by whoever reads its cells. */
export async function openText(file: DataFile, wanted: Encoding | 'auto' = 'auto'): Promise<TextStream> {
  const iterator = file.chunks()[Symbol.asyncIterator]()
  const pieces: Uint8Array[] = []
  let length = 0
  let whole = false
  while (length < SAMPLE) {
    const next = await iterator.next()
    if (next.done) {
      whole = true
      break
    }
    pieces.push(next.value)
    length += next.value.length
  }
  const close = async () => void (await iterator.return?.())
  try {
    const head = joined(pieces, length)
    const warnings: Problem[] = []
    const { encoding, mark } = wanted === 'auto' ? guess(file, head, whole, warnings) : markOf(head, wanted)
    const toUtf8 = encoding === 'utf-8' ? (bytes: Uint8Array) => bytes : transcoder(file, encoding, mark)
    return {
      encoding: encodings[encoding],
      sample: toUtf8(head.subarray(mark), whole),
      whole,
      before: mark,
      warnings,
      async *rest() {
        for (;;) {
          const next = await iterator.next()
          if (next.done) break
          yield toUtf8(next.value, false)
        }
        if (!whole && encoding !== 'utf-8') yield toUtf8(new Uint8Array(), true)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** One array of pieces that have `length` bytes together. */
export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = pieces
  if (first && pieces.length === 1) return first
  const all = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

interface Found {
  readonly encoding: Encoding
  /** Bytes of the byte order mark. */
  readonly mark: number
}

function markOf(head: Uint8Array, encoding: Encoding): Found {
  const marks = { 'utf-8': [0xef, 0xbb, 0xbf], 'utf-16le': [0xff, 0xfe], 'utf-16be': [0xfe, 0xff], 'windows-1252': [] }
  const mark = marks[encoding]
  return { encoding, mark: mark.length > 0 && mark.every((byte, i) => head[i] === byte) ? mark.length : 0 }
}

function guess(file: DataFile, head: Uint8Array, whole: boolean, warnings: Problem[]): Found {
  for (const encoding of ['utf-8', 'utf-16le', 'utf-16be'] as const) {
    const found = markOf(head, encoding)
    if (found.mark > 0) return found
  }
  const bad = firstBadByte(head)
  // The last character of a sample may go on behind it.
  if (bad >= head.length || (!whole && bad > head.length - 4)) return { encoding: 'utf-8', mark: 0 }
  // Who holds zeros is no text in any of them.
  if (head.subarray(0, 1024).includes(0)) return { encoding: 'utf-8', mark: 0 }
  const shown = (head[bad] ?? 0).toString(16).toUpperCase().padStart(2, '0')
  const message =
    `${file.name} is not UTF-8 (byte ${bad} is 0x${shown}), so it is read as ${encodings['windows-1252']}; ` +
    `where letters look wrong, choose another encoding.`
  warnings.push(problem('csv.encoding', message, { file: file.name, byte: bad }, 'warning'))
  return { encoding: 'windows-1252', mark: 0 }
}

/** `before`: bytes of the file before the first one of the text. */
function transcoder(
  file: DataFile,
  encoding: Encoding,
  before: number,
): (bytes: Uint8Array, last: boolean) => Uint8Array {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  const encoder = new TextEncoder()
  const units = encoding === 'windows-1252' ? undefined : new Units(encoding === 'utf-16be', before)
  return (bytes, last) => {
    try {
      // Node 20 takes Windows-1252 for Latin-1 where it is not told that there may be more, and loses “ ” and €.
      const text = encoder.encode(decoder.decode(bytes, { stream: !last || !units }))
      units?.passed(bytes)
      return text
    } catch {
      const { byte, what } = units?.firstBad(bytes) ?? { byte: before, what: 'is wrong' }
      const message = `${file.name} is not ${encodings[encoding]}: byte ${byte} ${what}; choose the encoding that it has, or save it as UTF-8.`
      throw new ProblemError(problem('csv.encoding', message, { file: file.name, byte }))
    }
  }
}

/** Where UTF-16 is damaged, which its decoder does not say. */
class Units {
  readonly #big: boolean
  /** Bytes of the file that were decoded. */
  #byte: number
  /** The last of them, where a character is not complete yet: half a unit, the first unit of two, or both. */
  #begun: readonly number[] = []

  constructor(big: boolean, byte: number) {
    this.#big = big
    this.#byte = byte
  }

  passed(bytes: Uint8Array): void {
    const end = this.#begun.length + bytes.length
    const odd = end % 2
    const isHalf = end - odd >= 2 && isFirst(this.#unitAt(bytes, end - odd - 2))
    const from = end - odd - (isHalf ? 2 : 0)
    this.#begun = Array.from({ length: end - from }, (_, i) => this.#at(bytes, from + i))
    this.#byte += bytes.length
  }

  firstBad(bytes: Uint8Array): { readonly byte: number; readonly what: string } {
    const start = this.#byte - this.#begun.length
    const end = this.#begun.length + bytes.length
    for (let i = 0; i + 1 < end; i += 2) {
      const unit = this.#unitAt(bytes, i)
      const isWhole = isFirst(unit) && i + 3 < end && isSecond(this.#unitAt(bytes, i + 2))
      if (isWhole) i += 2
      else if (isFirst(unit) || isSecond(unit))
        return { byte: start + i, what: `begins 0x${unit.toString(16).toUpperCase()}, half a character` }
    }
    return { byte: start + end - 1, what: 'is the last one, and half a character' }
  }

  #at(bytes: Uint8Array, i: number): number {
    return (i < this.#begun.length ? this.#begun[i] : bytes[i - this.#begun.length]) ?? 0
  }

  #unitAt(bytes: Uint8Array, i: number): number {
    const [a, b] = [this.#at(bytes, i), this.#at(bytes, i + 1)]
    return this.#big ? a * 256 + b : b * 256 + a
  }
}

const isFirst = (unit: number) => unit >= 0xd800 && unit < 0xdc00
const isSecond = (unit: number) => unit >= 0xdc00 && unit < 0xe000
