/** The few cells of a column of numbers that are none: eight bytes each, and every text once, as far as there is room for it. */
import { at } from '../../base/assert.ts'
import { OTHER_TEXTS } from '../limits.ts'
import type { Slips } from '../types.ts'
import { Growing } from './growing.ts'
import { TextRoom } from './text-room.ts'

export class SlipList implements Slips {
  readonly #rows = new Growing(Uint32Array)
  readonly #codes = new Growing(Uint32Array)
  readonly #known = new Map<string, number>()
  readonly #texts: string[] = []
  readonly #room: TextRoom

  /** `most`: bytes that the texts may take. */
  constructor(most?: () => number) {
    this.#room = new TextRoom(most)
  }

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
    if (this.#room.isClosed) return length - 1
    if (this.#room.takes(text)) this.#known.set(text, length)
    this.#texts.push(this.#room.isClosed ? OTHER_TEXTS : text)
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
