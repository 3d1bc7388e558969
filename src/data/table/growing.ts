/** Numbers that come one after the other, of which nobody knows how many there will be. */

type Numbers = Int32Array | Uint32Array | Float64Array

const LEAST = 1 << 6
const MOST = 1 << 14

/**
 * An array that grows by pieces, so that it is never copied while it does; small ones first, since a table may be wide. What was
 * stored elsewhere is dropped from its beginning.
 */
export class Growing<A extends Numbers> {
  readonly #make: new (length: number) => A
  #pieces: A[] = []
  /** Where each piece begins, counted with what was dropped. */
  #begins: number[] = []
  #last: A
  #used = 0
  #dropped = 0
  length = 0

  constructor(make: new (length: number) => A) {
    this.#make = make
    this.#last = new make(0)
  }

  get bytes(): number {
    return this.length * this.#last.BYTES_PER_ELEMENT
  }

  push(value: number): void {
    if (this.#used === this.#last.length) {
      const double = Math.max(LEAST, 2 * this.#last.length)
      this.#last = new this.#make(Math.min(MOST, double))
      this.#pieces.push(this.#last)
      this.#begins.push(this.#dropped + this.length)
      this.#used = 0
    }
    this.#last[this.#used++] = value
    this.length++
  }

  at(index: number): number {
    const place = this.#dropped + index
    let [low, high] = [0, this.#pieces.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#begins[middle] as number) <= place) low = middle
      else high = middle - 1
    }
    return this.#pieces[low]?.[place - (this.#begins[low] as number)] as number
  }

  /** The first ones, as many as `out` takes. */
  copyTo(out: A): void {
    let done = 0
    this.#pieces.forEach((piece, i) => {
      const from = Math.max(0, this.#dropped - (this.#begins[i] as number))
      if (done === out.length) return
      const part = piece.subarray(from, from + out.length - done)
      out.set(part, done)
      done += part.length
    })
  }

  /** Forgets the first ones. */
  drop(count: number): void {
    this.#dropped += count
    this.length -= count
    const isOver = (i: number) => (this.#begins[i] as number) + (this.#pieces[i] as A).length <= this.#dropped
    let over = 0
    while (over < this.#pieces.length && isOver(over)) over++
    this.#pieces.splice(0, over)
    this.#begins.splice(0, over)
    if (this.#pieces.length === 0) this.#clear()
  }

  /** Everything in one array; leaves nothing behind. */
  take(): A {
    const whole = new this.#make(this.length)
    this.copyTo(whole)
    this.#clear()
    return whole
  }

  #clear(): void {
    this.#pieces = []
    this.#begins = []
    this.#last = new this.#make(0)
    this.#used = 0
    this.#dropped = 0
    this.length = 0
  }
}
