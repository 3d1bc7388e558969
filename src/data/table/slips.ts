/** The few cells of a column of numbers that are none: eight bytes each, and every text once. */
import { at } from '../../base/assert.ts'
import { MAX_TEXTS, OTHER_TEXTS } from '../limits.ts'
import type { Slips } from '../types.ts'
import { Growing } from './growing.ts'

export class SlipList implements Slips {
  readonly #rows = new Growing(Uint32Array)
  readonly #codes = new Growing(Uint32Array)
  readonly #known = new Map<string, number>()
  readonly #texts: string[] = []

  get size(): number {
    return this.#rows.length
  }

  /** Rows come in order. */
  add(row: number, text: string): void {
    this.#rows.push(row)
    this.#codes.push(this.#known.get(text) ?? this.#newText(text))
  }

  #newText(text: string): number {
    const { length } = this.#texts
    if (length > MAX_TEXTS) return MAX_TEXTS
    const own = length === MAX_TEXTS ? OTHER_TEXTS : text
    this.#known.set(own, length)
    this.#texts.push(own)
    return length
  }

  get(row: number): string | undefined {
    const place = this.#placeOf(row)
    return place < 0 ? undefined : at(this.#texts, this.#codes.at(place))
  }

  has(row: number): boolean {
    return this.#placeOf(row) >= 0
  }

  *[Symbol.iterator](): MapIterator<[number, string]> {
    for (let i = 0; i < this.size; i++) yield [this.#rows.at(i), at(this.#texts, this.#codes.at(i))]
  }

  #placeOf(row: number): number {
    let [low, high] = [0, this.size]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#rows.at(middle) < row) low = middle + 1
      else high = middle
    }
    return low < this.size && this.#rows.at(low) === row ? low : -1
  }
}
