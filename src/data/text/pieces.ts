/** UTF-8 to characters, piece by piece, or a sentence that says which byte is wrong. */
import { problem, ProblemError } from '../../base/problem.ts'
import { firstBadByte } from '../table/records.ts'

/** Takes the bytes of a text in order; line ends of any kind come out as `\n`. */
export class TextPieces {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  readonly #file: string
  /** Bytes of the file before the piece, and the last of them, in which a character may have begun. */
  #byte: number
  #tail = new Uint8Array()
  #line = 1
  /** A carriage return at the end of a piece, of which the line feed may come with the next. */
  #return = false

  constructor(file: string, before: number) {
    this.#file = file
    this.#byte = before
  }

  push(bytes: Uint8Array): string {
    const text = this.#decode(bytes, false)
    this.#byte += bytes.length
    this.#tail = bytes.slice(-3)
    return this.#tidy(text)
  }

  /** What is left at the end. */
  end(): string {
    const text = this.#tidy(this.#decode(new Uint8Array(), true))
    return this.#return ? `${text}\n` : text
  }

  #decode(bytes: Uint8Array, last: boolean): string {
    try {
      return this.#decoder.decode(bytes, { stream: !last })
    } catch {
      const file = this.#file
      // A character that began in the piece before is cut off at the front unless all of it is looked at.
      const begun = startOfLast(this.#tail)
      const all = new Uint8Array(begun.length + bytes.length)
      all.set(begun)
      all.set(bytes, begun.length)
      const bad = firstBadByte(all)
      const byte = this.#byte - begun.length + bad
      const shown = (all[bad] ?? 0).toString(16).toUpperCase().padStart(2, '0')
      const message = `${file} is not UTF-8: byte ${byte} is 0x${shown}; choose the encoding that it has, or save it as UTF-8.`
      throw new ProblemError(problem('text.encoding', message, { file, byte }))
    }
  }

  #tidy(piece: string): string {
    const text = this.#return ? `\r${piece}` : piece
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    const odd = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/.exec(text)
    if (odd) {
      const [file, line] = [this.#file, this.#line + countLines(text.slice(0, odd.index))]
      const name = odd[0] === '\0' ? 'NUL character' : `control character U+${hex(odd[0])}`
      const message = `${file} has the ${name} on line ${line}, so it is no plain text; choose another encoding or another file.`
      throw new ProblemError(problem('text.control', message, { file, line }))
    }
    this.#return = text.endsWith('\r')
    const done = (this.#return ? text.slice(0, -1) : text).replace(/\r\n?/g, '\n')
    this.#line += countLines(done)
    return done
  }
}

/** The bytes of a character that is not complete yet. */
function startOfLast(tail: Uint8Array): Uint8Array {
  for (let i = tail.length - 1; i >= 0; i--) {
    const byte = tail[i] as number
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
      return i + length > tail.length ? tail.subarray(i) : new Uint8Array()
    }
  }
  return new Uint8Array()
}

function countLines(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) count++
  }
  return count
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
}
