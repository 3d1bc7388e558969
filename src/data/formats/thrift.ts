/**
 * Thrift's compact protocol as far as Parquet uses it. Nothing is built of what nobody asks for: a struct is gone through
 * field by field, and whoever reads it takes what it knows. So a hostile file costs no more than its own bytes.
 */

/** What is wrong, as the end of a sentence: the caller knows which part of which file it is. */
export class Damaged extends Error {
  /** What to do, a sentence of its own. */
  readonly advice: string

  constructor(message: string, advice = 'Save the file again.') {
    super(message)
    this.advice = advice
  }
}

const MOST_DEPTH = 16
const MOST_VARINT = 10

const TRUE = 1
const FALSE = 2

export class ThriftReader {
  readonly #bytes: Uint8Array
  position: number

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes
    this.position = position
  }

  /** `field` takes the fields that it knows and says so; the others are passed over. */
  struct(field: (id: number, type: number) => boolean): void {
    let id = 0
    for (;;) {
      const byte = this.#byte()
      const type = byte & 0x0f
      if (type === 0) return
      id = byte >> 4 ? id + (byte >> 4) : this.int()
      if (!field(id, type)) this.#skip(type, 1)
    }
  }

  /** Whole numbers of any width; beyond 2^53 no longer exact. */
  int(): number {
    const value = this.#varint()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  byte(): number {
    return (this.#byte() << 24) >> 24
  }

  /** In a struct a truth value is the type of its field. */
  truth(type: number): boolean {
    return type === TRUE
  }

  binary(): Uint8Array {
    const length = this.#varint()
    if (length > this.#bytes.length - this.position) throw new Damaged(`a text of ${length} bytes goes beyond its end`)
    this.position += length
    return this.#bytes.subarray(this.position - length, this.position)
  }

  text(): string {
    return new TextDecoder('utf-8').decode(this.binary())
  }

  list(each: () => void, most: number): void {
    const { count } = this.#listHeader()
    if (count > most) throw new Damaged(`a list has ${count} entries, and ${most} are the most`)
    for (let i = 0; i < count; i++) each()
  }

  #listHeader(): { count: number; type: number } {
    const byte = this.#byte()
    const count = byte >> 4 === 15 ? this.#varint() : byte >> 4
    // Each entry takes a byte at least.
    if (count > this.#bytes.length - this.position) throw new Damaged(`a list of ${count} entries goes beyond its end`)
    return { count, type: byte & 0x0f }
  }

  #byte(): number {
    const byte = this.#bytes[this.position++]
    if (byte === undefined) throw new Damaged('it ends in the middle')
    return byte
  }

  #varint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < MOST_VARINT; i++) {
      const byte = this.#byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
    throw new Damaged('a number in it has no end')
  }

  #skip(type: number, depth: number): void {
    if (depth > MOST_DEPTH) throw new Damaged(`it is nested more than ${MOST_DEPTH} deep`)
    switch (type) {
      case TRUE:
      case FALSE:
        return
      case 3:
        this.#byte()
        return
      case 4:
      case 5:
      case 6:
        this.#varint()
        return
      case 7:
        if (this.position + 8 > this.#bytes.length) throw new Damaged('it ends in the middle')
        this.position += 8
        return
      case 8:
        this.binary()
        return
      case 9:
      case 10: {
        const { count, type: inner } = this.#listHeader()
        for (let i = 0; i < count; i++) {
          if (inner === TRUE || inner === FALSE) this.#byte()
          else this.#skip(inner, depth + 1)
        }
        return
      }
      case 12:
        for (;;) {
          const byte = this.#byte()
          if ((byte & 0x0f) === 0) return
          if (byte >> 4 === 0) this.#varint()
          this.#skip(byte & 0x0f, depth + 1)
        }
      default:
        throw new Damaged(`it has a field of type ${type}, which does not occur in Parquet files`)
    }
  }
}
