/**
 * Bytes in the making, in memory that doubles as they grow: a module has hundreds of thousands, and a list of numbers costs
 * eight each. Numbers are written as LEB128, names as WebAssembly has them.
 */
export class Bytes {
  length = 0
  #data: Uint8Array<ArrayBuffer>

  constructor(capacity = 256) {
    this.#data = new Uint8Array(capacity)
  }

  #grow(least: number): void {
    const data = new Uint8Array(Math.max(2 * this.#data.length, least))
    data.set(this.#data)
    this.#data = data
  }

  push(byte: number): void {
    if (this.length === this.#data.length) this.#grow(0)
    this.#data[this.length++] = byte
  }

  all(bytes: ArrayLike<number>): void {
    const end = this.length + bytes.length
    if (end > this.#data.length) this.#grow(end)
    this.#data.set(bytes, this.length)
    this.length = end
  }

  unsigned(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.push((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.push(rest)
  }

  signed32(value: number): void {
    let rest = value | 0
    for (;;) {
      const byte = rest & 127
      rest >>= 7
      if ((rest === 0 && (byte & 64) === 0) || (rest === -1 && (byte & 64) !== 0)) return this.push(byte)
      this.push(byte | 128)
    }
  }

  signed64(value: bigint): void {
    let rest = value
    for (;;) {
      const byte = Number(rest & 127n)
      rest >>= 7n
      if ((rest === 0n && (byte & 64) === 0) || (rest === -1n && (byte & 64) !== 0)) return this.push(byte)
      this.push(byte | 128)
    }
  }

  text(name: string): void {
    const bytes = new TextEncoder().encode(name)
    this.unsigned(bytes.length)
    this.all(bytes)
  }

  /** What there is so far. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#data.subarray(0, this.length)
  }
}
