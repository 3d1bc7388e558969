/** Bytes in order, as many as are asked for. */
import type { Pace } from './pace.ts'

/** What has come before room is made for all that was promised: a promise costs nothing. */
const EARNEST = 64 << 20

export class ByteStream {
  readonly #pieces: AsyncIterator<Uint8Array>
  #rest = new Uint8Array()
  #ended = false

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#pieces = chunks[Symbol.asyncIterator]()
  }

  /** The next `count` bytes in an array of their own; fewer where the end comes first. */
  async take(count: number, pace?: Pace): Promise<Uint8Array<ArrayBuffer>> {
    const pieces: Uint8Array[] = []
    let whole: Uint8Array<ArrayBuffer> | undefined
    let got = 0
    while (got < count && (await this.#more())) {
      const part = this.#rest.subarray(0, count - got)
      this.#rest = this.#rest.subarray(part.length)
      if (whole) whole.set(part, got)
      else pieces.push(part)
      got += part.length
      if (!whole && (got >= EARNEST || got === count)) {
        whole = new Uint8Array(count)
        copy(pieces, whole)
        pieces.length = 0
      }
      if (pace?.did(part.length)) await pace.rest()
    }
    if (whole) return got === count ? whole : whole.slice(0, got)
    const all = new Uint8Array(got)
    copy(pieces, all)
    return all
  }

  async isAtEnd(): Promise<boolean> {
    return !(await this.#more())
  }

  async close(): Promise<void> {
    this.#ended = true
    await this.#pieces.return?.()
  }

  async #more(): Promise<boolean> {
    while (this.#rest.length === 0 && !this.#ended) {
      const next = await this.#pieces.next()
      if (next.done) this.#ended = true
      else this.#rest = next.value as Uint8Array<ArrayBuffer>
    }
    return this.#rest.length > 0
  }
}

function copy(pieces: readonly Uint8Array[], to: Uint8Array): void {
  let at = 0
  for (const piece of pieces) {
    to.set(piece, at)
    at += piece.length
  }
}
