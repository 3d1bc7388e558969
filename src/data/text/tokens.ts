/**
 * A text as numbers: each character, or each word and mark between words, by a table that grows with the text. Space between
 * words is no token; the end of a line is.
 */
import { MAX_WORD, MAX_WORDS } from '../limits.ts'

export type Unit = 'character' | 'word'

/** Letters and digits with apostrophes and hyphens inside; the end of a line; any other mark by itself. */
const WORD = /[\p{L}\p{M}\p{N}_]+(?:['’-][\p{L}\p{M}\p{N}_]+)*|\n|[^\s\p{L}\p{M}\p{N}_]/gu

/** Characters without any space that are waited for. */
const MOST_HELD = 1 << 20

/** Cuts a text into tokens, piece by piece: each gets a number when it comes for the first time, and is counted. */
export class Tokens {
  readonly #unit: Unit
  readonly #lowercase: boolean
  /** Of the vocabulary that all tokens are taken from, where there is one; others are `#fixed`. */
  readonly #fixed: number | undefined
  readonly #most: number
  #texts: string[]
  #counts: Float64Array
  #known: Map<string, number>
  /** Of characters by their code points, from 1 on; 0 where one has not come yet. */
  readonly #points: Int32Array
  /** The tokens of the last piece. */
  #codes = new Uint32Array(1 << 12)
  #length = 0
  /** The end of the last piece, which the next one may go on with. */
  #rest = ''
  #total = 0
  #dropped = 0

  /** `vocabulary`: the tokens that are told apart; all others have the number behind its last one. `most`: different words. */
  constructor(unit: Unit, lowercase = false, vocabulary?: readonly string[], most = MAX_WORDS) {
    this.#most = most
    this.#unit = unit
    this.#lowercase = lowercase
    this.#texts = [...(vocabulary ?? [])]
    this.#counts = new Float64Array(vocabulary ? vocabulary.length + 1 : 1 << 10)
    this.#known = new Map(this.#texts.map((text, code) => [text, code]))
    this.#fixed = vocabulary?.length
    this.#points = new Int32Array(unit === 'character' ? 0x110000 : 0)
  }

  /** By their numbers. */
  get texts(): readonly string[] {
    return this.#texts
  }

  /** How often each came; too low by 1 or 2, mostly, where some were dropped. */
  get counts(): Float64Array {
    return this.#counts.subarray(0, this.#fixed === undefined ? this.#texts.length : undefined)
  }

  /** How many came in all. */
  get total(): number {
    return this.#total
  }

  /** Rare ones that were forgotten, since there were too many: at least so many different ones. */
  get dropped(): number {
    return this.#dropped
  }

  /** The numbers of the piece's tokens, until the next one is pushed. `last`: nothing comes behind it. */
  push(piece: string, last = false): Uint32Array {
    this.#length = 0
    if (this.#unit === 'character') this.#pushCharacters(piece)
    else this.#pushWords(piece, last)
    this.#total += this.#length
    return this.#codes.subarray(0, this.#length)
  }

  #pushCharacters(piece: string): void {
    for (let i = 0; i < piece.length; i++) {
      const point = piece.codePointAt(i) as number
      if (point > 0xffff) i++
      const known = this.#points[point] as number
      if (known > 0) this.#take(known - 1)
      else this.#first(point)
    }
  }

  #first(point: number): void {
    const text = String.fromCodePoint(point)
    const all = [...(this.#lowercase ? text.toLowerCase() : text)]
    const codes = all.map((one) => this.#codeOf(one))
    // A capital may be several small ones.
    if (codes.length === 1) this.#points[point] = (codes[0] as number) + 1
    for (const code of codes) this.#take(code)
  }

  #pushWords(piece: string, last: boolean): void {
    const text = this.#rest + piece
    // Whatever stands after the last space may go on; a monster without any is cut all the same.
    const cut = last || text.length > MOST_HELD ? text.length : lastSpace(text) + 1
    this.#rest = text.slice(cut)
    for (const [found] of text.slice(0, cut).matchAll(WORD)) {
      const word = this.#lowercase ? found.toLowerCase() : found
      if (word.length <= MAX_WORD) this.#take(this.#codeOf(word))
      else {
        const characters = [...word]
        for (let i = 0; i < characters.length; i += MAX_WORD)
          this.#take(this.#codeOf(characters.slice(i, i + MAX_WORD).join('')))
      }
    }
    if (this.#texts.length > this.#most) this.#dropRare()
  }

  #codeOf(text: string): number {
    const known = this.#known.get(text) ?? this.#fixed
    if (known !== undefined) return known
    const code = this.#texts.length
    const own = ownText(text)
    this.#known.set(own, code)
    this.#texts.push(own)
    if (code >= this.#counts.length) this.#counts = doubled(this.#counts)
    return code
  }

  #take(code: number): void {
    this.#counts[code] = (this.#counts[code] as number) + 1
    if (this.#length === this.#codes.length) this.#codes = doubled(this.#codes)
    this.#codes[this.#length++] = code
  }

  /**
   * Lossy counting (Manku and Motwani 2002): the rarest half goes, and who of them comes again is counted anew. Numbers of
   * tokens that were given before are void, so this is for who only counts.
   */
  #dropRare(): void {
    const order = this.counts.slice().sort()
    const bound = order[order.length >> 1] as number
    const [texts, counts] = [this.#texts, this.#counts]
    this.#texts = []
    this.#counts = new Float64Array(counts.length)
    this.#known = new Map()
    texts.forEach((text, code) => {
      const count = counts[code] as number
      if (count > bound) this.#counts[this.#codeOf(text)] = count
    })
    this.#dropped += texts.length - this.#texts.length
  }
}

function doubled<A extends Uint32Array | Float64Array>(numbers: A): A {
  const larger = new (numbers.constructor as new (length: number) => A)(2 * numbers.length)
  larger.set(numbers)
  return larger
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A copy: what is cut out of a text keeps all of that text in memory, if it is long enough. */
function ownText(text: string): string {
  return text.length < 12 ? text : decoder.decode(encoder.encode(text))
}

function lastSpace(text: string): number {
  let at = text.length - 1
  while (at >= 0 && !/\s/.test(text.charAt(at))) at--
  return at
}

/** Whatever is not among the tokens that are kept. */
export const RARE = '…'

export interface Vocabulary {
  /** As people see them: characters in the order of Unicode, words from the most frequent on; `RARE` is the last one. */
  readonly names: readonly string[]
  /** As they stand in the text, without `RARE`. */
  readonly texts: readonly string[]
}

/** The most frequent tokens, `most` at most with `RARE` among them. */
export function vocabularyOf(
  { texts, counts, dropped }: Pick<Tokens, 'texts' | 'counts' | 'dropped'>,
  most: number,
  unit: Unit,
): Vocabulary {
  const byText = (a: number, b: number) => ((texts[a] as string) < (texts[b] as string) ? -1 : 1)
  const all = Array.from(texts.keys())
  const byCount = all.sort((a, b) => (counts[b] as number) - (counts[a] as number) || byText(a, b))
  const crowded = texts.length > most || dropped > 0
  // The sign itself goes to the rare ones, or two tokens would look the same.
  const kept = crowded ? byCount.filter((token) => texts[token] !== RARE).slice(0, most - 1) : byCount
  if (unit === 'character') kept.sort(byText)
  const own = kept.map((token) => texts[token] as string)
  return { names: [...own.map(visible), ...(crowded ? [RARE] : [])], texts: own }
}

const signs: ReadonlyMap<string, string> = new Map([
  [' ', '␣'],
  ['\n', '↵'],
  ['\t', '⇥'],
])

/** What has no shape of its own, as a sign or by its number; the signs themselves by their numbers. */
export function visible(token: string): string {
  const sign = signs.get(token)
  if (sign !== undefined) return sign
  const shapeless = /^[\p{Z}\p{C}\p{M}␣↵⇥]$/u.test(token)
  return shapeless ? `U+${(token.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}` : token
}
