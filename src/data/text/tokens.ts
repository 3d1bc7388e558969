/**
 * A text as numbers: each character, or each word and mark between words, by a table that grows with the text. Space between
 * words is no token; the end of a line is.
 */
import { MAX_WORD } from '../limits.ts'

export type Unit = 'character' | 'word'

/** Letters and digits with apostrophes and hyphens inside; the end of a line; any other mark by itself. */
const WORD = /[\p{L}\p{M}\p{N}_]+(?:['’-][\p{L}\p{M}\p{N}_]+)*|\n|[^\s\p{L}\p{M}\p{N}_]/gu

/** Characters without any space that are waited for. */
const MOST_HELD = 1 << 20

/** Grows by doubling; no one knows before how many tokens a text has. */
export class Tokens {
  readonly texts: string[] = []
  readonly counts: number[] = []
  readonly #unit: Unit
  readonly #known = new Map<string, number>()
  #codes = new Uint32Array(1 << 12)
  #length = 0
  /** The end of the last piece, which the next one may go on with. */
  #rest = ''

  constructor(unit: Unit) {
    this.#unit = unit
  }

  /** Indices in `texts`, in order. */
  get codes(): Uint32Array {
    return this.#codes.subarray(0, this.#length)
  }

  push(piece: string, last = false): void {
    if (this.#unit === 'character') {
      for (const character of piece) this.#add(character)
      return
    }
    const text = this.#rest + piece
    // Whatever stands after the last space may go on; a monster without any is cut all the same.
    const cut = last || text.length > MOST_HELD ? text.length : lastSpace(text) + 1
    this.#rest = text.slice(cut)
    for (const [word] of text.slice(0, cut).matchAll(WORD)) {
      if (word.length <= MAX_WORD) this.#add(word)
      else {
        const characters = [...word]
        for (let i = 0; i < characters.length; i += MAX_WORD) this.#add(characters.slice(i, i + MAX_WORD).join(''))
      }
    }
  }

  #add(text: string): void {
    let code = this.#known.get(text)
    if (code === undefined) {
      code = this.texts.length
      this.#known.set(text, code)
      this.texts.push(text)
      this.counts.push(0)
    }
    this.counts[code] = (this.counts[code] as number) + 1
    if (this.#length === this.#codes.length) {
      const larger = new Uint32Array(2 * this.#length)
      larger.set(this.#codes)
      this.#codes = larger
    }
    this.#codes[this.#length++] = code
  }
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
  /** For each token of the text its index in `names`. */
  readonly places: Uint32Array
  /** Tokens that are one of `RARE`, counted as often as they occur. */
  readonly rare: number
}

/** The most frequent tokens, `most` at most with `RARE` among them. */
export function vocabularyOf(
  { texts, counts }: Pick<Tokens, 'texts' | 'counts'>,
  most: number,
  unit: Unit,
): Vocabulary {
  const byText = (a: number, b: number) => ((texts[a] as string) < (texts[b] as string) ? -1 : 1)
  const all = Array.from(texts.keys())
  const byCount = all.sort((a, b) => (counts[b] as number) - (counts[a] as number) || byText(a, b))
  const crowded = texts.length > most
  // The sign itself goes to the rare ones, or two tokens would look the same.
  const kept = crowded ? byCount.filter((token) => texts[token] !== RARE).slice(0, most - 1) : byCount
  if (unit === 'character') kept.sort(byText)
  const names = kept.map((token) => visible(texts[token] as string))
  const places = new Uint32Array(texts.length).fill(kept.length)
  kept.forEach((token, place) => (places[token] = place))
  if (!crowded) return { names, places, rare: 0 }
  const rare = counts.reduce((sum, count, token) => (places[token] === kept.length ? sum + count : sum), 0)
  return { names: [...names, RARE], places, rare }
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
