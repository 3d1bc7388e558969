/** Checksums that files carry: CRC-32 (PNG, zip, Parquet), Adler-32 (zlib) and XXH64 (Zstandard). */

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

/** CRC-32 of bytes [from, to), as PNG and zip have it. `before`: that of what came before them. */
export function crc32(bytes: Uint8Array, from = 0, to = bytes.length, before = 0): number {
  let c = ~before
  for (let i = from; i < to; i++) c = (crcTable[(c ^ (bytes[i] as number)) & 255] as number) ^ (c >>> 8)
  return ~c >>> 0
}

/** Adler-32 of bytes that come piece by piece (RFC 1950). */
export class Adler {
  #a = 1
  #b = 0

  add(bytes: Uint8Array): void {
    // So many fit before the sums grow out of 32 bits.
    for (let from = 0; from < bytes.length; from += 2654) {
      const end = Math.min(bytes.length, from + 2654)
      let a = this.#a
      let b = this.#b
      for (let i = from; i < end; i++) b += a += bytes[i] as number
      this.#a = a % 65521
      this.#b = b % 65521
    }
  }

  get value(): number {
    return this.#b * 65536 + this.#a
  }
}

// XXH64 (Collet), with 64 bits as two halves: a BigInt for each step would take twenty times as long.

/** The upper half first. */
type Long = readonly [high: number, low: number]
const P1: Long = [0x9e3779b1, 0x85ebca87]
const P2: Long = [0xc2b2ae3d, 0x27d4eb4f]
const P3: Long = [0x165667b1, 0x9e3779f9]
const P4: Long = [0x85ebca77, 0xc2b2ae63]
const P5: Long = [0x27d4eb2f, 0x165667c5]

/** A number of 64 bits that is reckoned with in place. */
class Sum {
  high: number
  low: number

  constructor([high, low]: Long = [0, 0]) {
    this.high = high | 0
    this.low = low | 0
  }

  add(high: number, low: number): this {
    const sum = (this.low >>> 0) + (low >>> 0)
    this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) | 0
    this.low = sum | 0
    return this
  }

  times([high, low]: Long): this {
    const [a0, a1, b0, b1] = [this.low & 0xffff, this.low >>> 16, low & 0xffff, low >>> 16]
    const first = a1 * b0 + ((a0 * b0) >>> 16)
    const second = a0 * b1 + (first & 0xffff)
    const carried = a1 * b1 + Math.floor(first / 65536) + Math.floor(second / 65536)
    this.high = (carried + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0
    this.low = Math.imul(this.low, low)
    return this
  }

  /** By 1 to 31 bits to the left, round. */
  turn(bits: number): this {
    const { high, low } = this
    this.high = (high << bits) | (low >>> (32 - bits))
    this.low = (low << bits) | (high >>> (32 - bits))
    return this
  }

  with(high: number, low: number): this {
    this.high ^= high
    this.low ^= low
    return this
  }

  round(high: number, low: number): this {
    const input = spare
    input.high = high
    input.low = low
    input.times(P2)
    return this.add(input.high, input.low).turn(31).times(P1)
  }
}
const spare = new Sum()

/** The lower 32 bits of XXH64 with the seed 0, as Zstandard has it. */
export function xxh64Low(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { length } = bytes
  let from = 0
  let sum = new Sum(P5)
  if (length >= 32) {
    const [a, b, c, d] = [new Sum(P1).add(...P2), new Sum(P2), new Sum(), new Sum(negative(P1))]
    const all = [a, b, c, d]
    for (; from + 32 <= length; from += 32) {
      a.round(view.getInt32(from + 4, true), view.getInt32(from, true))
      b.round(view.getInt32(from + 12, true), view.getInt32(from + 8, true))
      c.round(view.getInt32(from + 20, true), view.getInt32(from + 16, true))
      d.round(view.getInt32(from + 28, true), view.getInt32(from + 24, true))
    }
    sum = new Sum()
    all.forEach(({ high, low }, i) => {
      const turned = new Sum([high, low]).turn([1, 7, 12, 18][i] ?? 0)
      sum.add(turned.high, turned.low)
    })
    for (const { high, low } of all) {
      const one = new Sum().round(high, low)
      sum
        .with(one.high, one.low)
        .times(P1)
        .add(...P4)
    }
  }
  sum.add(Math.floor(length / 2 ** 32), length | 0)
  for (; from + 8 <= length; from += 8) {
    const one = new Sum().round(view.getInt32(from + 4, true), view.getInt32(from, true))
    sum
      .with(one.high, one.low)
      .turn(27)
      .times(P1)
      .add(...P4)
  }
  if (from + 4 <= length) {
    const one = new Sum([0, view.getUint32(from, true)]).times(P1)
    sum
      .with(one.high, one.low)
      .turn(23)
      .times(P2)
      .add(...P3)
    from += 4
  }
  for (; from < length; from++) {
    const one = new Sum([0, view.getUint8(from)]).times(P5)
    sum.with(one.high, one.low).turn(11).times(P1)
  }
  sum.with(0, sum.high >>> 1).times(P2)
  sum.with(sum.high >>> 29, (sum.low >>> 29) | (sum.high << 3)).times(P3)
  return (sum.low ^ sum.high) >>> 0
}

function negative([high, low]: Long): Long {
  return [~high + (low === 0 ? 1 : 0), -low]
}
