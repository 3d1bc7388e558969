/** Huffman codes and what they say: the coefficients of one scan of a JPEG (T.81, annexes F and G). */
import { at } from '../../base/assert.ts'
import { zigzag, type Frame, type Plane } from './jpeg-frame.ts'
import { inverseBlock } from './jpeg-samples.ts'
import { cutOff, refusal, type Source } from './types.ts'

/** Codes of up to this many bits are looked up at once. */
const FAST = 9

export interface Huffman {
  /** By the next FAST bits: length × 256 + symbol; 0 where the code is longer or there is none. */
  readonly fast: Uint16Array
  /** By length: the last code; -1 where there is none of that length. */
  readonly most: Int32Array
  /** By length: what leads from a code to its symbol's place. */
  readonly offset: Int32Array
  readonly symbols: Uint8Array
}

/** Undefined where there are more codes of a length than fit. */
export function makeHuffman(counts: Uint8Array, symbols: Uint8Array): Huffman | undefined {
  const fast = new Uint16Array(1 << FAST)
  const most = new Int32Array(17).fill(-1)
  const offset = new Int32Array(17)
  let code = 0
  let place = 0
  for (let length = 1; length <= 16; length++) {
    const count = at(counts, length - 1)
    offset[length] = place - code
    if (code + count > 1 << length) return undefined
    for (let i = 0; i < count; i++, code++, place++) {
      if (length > FAST) continue
      const entry = length * 256 + at(symbols, place)
      fast.fill(entry, code << (FAST - length), (code + 1) << (FAST - length))
    }
    if (count > 0) most[length] = code - 1
    code <<= 1
  }
  return { fast, most, offset, symbols }
}

export interface Scan {
  readonly source: Source
  readonly frame: Frame
  readonly parts: readonly ScanPart[]
  /** Coefficients, in the order of the file. */
  readonly first: number
  readonly last: number
  /** Bits that scans before this one have left out, and that this one leaves out. */
  readonly high: number
  readonly low: number
  /** Groups between two restart marks; 0: there are none. */
  readonly restart: number
}

interface ScanPart {
  readonly plane: Plane
  readonly dc: Huffman | undefined
  readonly ac: Huffman | undefined
}

/** Reads what begins at byte `from`; gives the byte of the marker that follows. */
export function readScan(scan: Scan, from: number): number {
  const bits = new Bits(scan.source, from)
  const blocks = new Blocks(scan, bits)
  const { frame, parts, restart } = scan
  const [only] = parts
  let group = 0
  const next = () => {
    if (restart > 0 && group > 0 && group % restart === 0) {
      bits.restart((group / restart - 1) & 7)
      blocks.restart()
    }
    group++
  }
  if (parts.length === 1 && only) {
    const { wide, high } = only.plane.blocks
    for (let y = 0; y < high; y++) {
      for (let x = 0; x < wide; x++) {
        next()
        blocks.read(0, only, y * only.plane.padded.wide + x)
      }
    }
  } else {
    const groupsWide = Math.ceil(frame.width / (8 * frame.h))
    const groupsHigh = Math.ceil(frame.height / (8 * frame.v))
    for (let y = 0; y < groupsHigh; y++) {
      for (let x = 0; x < groupsWide; x++) {
        next()
        for (let p = 0; p < parts.length; p++) {
          const part = at(parts, p)
          const { h, v, padded } = part.plane
          for (let j = 0; j < v; j++) {
            for (let i = 0; i < h; i++) blocks.read(p, part, (y * v + j) * padded.wide + x * h + i)
          }
        }
      }
    }
  }
  return bits.end()
}

/** The four kinds of scan, block by block. */
class Blocks {
  readonly #scan: Scan
  readonly #bits: Bits
  readonly #predictions = new Int32Array(4)
  /** Blocks to come that have nothing more in this scan. */
  #run = 0
  readonly #block = new Int16Array(64)

  constructor(scan: Scan, bits: Bits) {
    this.#scan = scan
    this.#bits = bits
  }

  restart(): void {
    this.#predictions.fill(0)
    this.#run = 0
  }

  read(p: number, { plane, dc, ac }: ScanPart, block: number): void {
    const { frame, first, high } = this.#scan
    if (!frame.progressive) this.#sequential(p, plane, dc as Huffman, ac as Huffman, block)
    else {
      const coefficients = plane.coefficients as Int16Array
      if (first === 0) {
        if (high === 0) this.#firstDc(p, coefficients, dc as Huffman, block)
        else this.#refineDc(coefficients, block)
      } else if (high === 0) this.#firstAc(coefficients, ac as Huffman, block)
      else this.#refineAc(coefficients, ac as Huffman, block)
    }
    this.#bits.check()
  }

  #sequential(p: number, plane: Plane, dc: Huffman, ac: Huffman, block: number): void {
    const bits = this.#bits
    const coefficients = this.#block.fill(0)
    const size = bits.symbol(dc)
    if (size > 11) throw bits.damaged()
    const value = at(this.#predictions, p) + bits.signed(size)
    this.#predictions[p] = value
    coefficients[0] = value
    for (let k = 1; k < 64; k++) {
      const symbol = bits.symbol(ac)
      const bitsOf = symbol & 15
      if (bitsOf === 0) {
        if (symbol !== 0xf0) break
        k += 15
        continue
      }
      k += symbol >> 4
      if (k > 63) throw bits.damaged()
      coefficients[zigzag[k] as number] = bits.signed(bitsOf)
    }
    inverseBlock(plane, coefficients, 0, block)
  }

  #firstDc(p: number, coefficients: Int16Array, dc: Huffman, block: number): void {
    const size = this.#bits.symbol(dc)
    if (size > 11) throw this.#bits.damaged()
    const value = at(this.#predictions, p) + this.#bits.signed(size)
    this.#predictions[p] = value
    coefficients[64 * block] = value << this.#scan.low
  }

  #refineDc(coefficients: Int16Array, block: number): void {
    if (this.#bits.take(1)) coefficients[64 * block] = at(coefficients, 64 * block) | (1 << this.#scan.low)
  }

  #firstAc(coefficients: Int16Array, ac: Huffman, block: number): void {
    if (this.#run > 0) {
      this.#run--
      return
    }
    const bits = this.#bits
    const { first, last, low } = this.#scan
    for (let k = first; k <= last; k++) {
      const symbol = bits.symbol(ac)
      const run = symbol >> 4
      const size = symbol & 15
      if (size === 0) {
        if (run < 15) {
          this.#run = (1 << run) - 1 + bits.take(run)
          return
        }
        k += 15
        continue
      }
      k += run
      if (k > last) throw bits.damaged()
      coefficients[64 * block + (zigzag[k] as number)] = bits.signed(size) << low
    }
  }

  #refineAc(coefficients: Int16Array, ac: Huffman, block: number): void {
    const bits = this.#bits
    const { first, last, low } = this.#scan
    const one = 1 << low
    const base = 64 * block
    let k = first
    if (this.#run === 0) {
      for (; k <= last; k++) {
        const symbol = bits.symbol(ac)
        let zeros = symbol >> 4
        let value = 0
        if ((symbol & 15) === 0) {
          if (zeros < 15) {
            this.#run = (1 << zeros) + bits.take(zeros)
            break
          }
        } else {
          if ((symbol & 15) !== 1) throw bits.damaged()
          value = bits.take(1) ? one : -one
        }
        // Coefficients that are there already get a bit more; of the others so many stay zero.
        for (; k <= last; k++) {
          const place = base + (zigzag[k] as number)
          if (coefficients[place] !== 0) this.#refine(coefficients, place, one)
          else if (zeros-- === 0) break
        }
        if (value !== 0) {
          if (k > last) throw bits.damaged()
          coefficients[base + (zigzag[k] as number)] = value
        }
      }
    }
    if (this.#run === 0) return
    for (; k <= last; k++) {
      const place = base + (zigzag[k] as number)
      if (coefficients[place] !== 0) this.#refine(coefficients, place, one)
    }
    this.#run--
  }

  #refine(coefficients: Int16Array, place: number, one: number): void {
    const value = coefficients[place] as number
    if (this.#bits.take(1) && (Math.abs(value) & one) === 0) coefficients[place] = value + (value > 0 ? one : -one)
  }
}

/** Bits of a scan, most significant first; after an 0xFF stands a zero, or a marker, which ends them. */
class Bits {
  readonly #source: Source
  readonly #bytes: Uint8Array
  #at: number
  /** The last bits that were read, of which `left` have not been taken. */
  #hold = 0
  #left = 0
  /** How many of them were made up since the data ended. */
  #madeUp = 0

  constructor(source: Source, from: number) {
    this.#source = source
    this.#bytes = source.bytes
    this.#at = from
  }

  #fill(): void {
    const bytes = this.#bytes
    while (this.#left <= 23) {
      let byte = 0
      const next = bytes[this.#at]
      if (next === undefined || (next === 0xff && bytes[this.#at + 1] !== 0)) this.#madeUp += 8
      else {
        byte = next
        this.#at += next === 0xff ? 2 : 1
      }
      this.#hold = (this.#hold << 8) | byte
      this.#left += 8
    }
  }

  /** `count` ≤ 16 bits as a number. */
  take(count: number): number {
    if (this.#left < count) this.#fill()
    this.#left -= count
    return (this.#hold >>> this.#left) & ((1 << count) - 1)
  }

  /** A number of `count` bits as T.81 writes it: the lower half of them are the negative ones. */
  signed(count: number): number {
    if (count === 0) return 0
    const value = this.take(count)
    return value < 1 << (count - 1) ? value - (1 << count) + 1 : value
  }

  symbol(table: Huffman): number {
    if (this.#left < 16) this.#fill()
    const entry = table.fast[(this.#hold >>> (this.#left - FAST)) & ((1 << FAST) - 1)] as number
    if (entry > 0) {
      this.#left -= entry >> 8
      return entry & 255
    }
    for (let length = FAST + 1; length <= 16; length++) {
      const code = (this.#hold >>> (this.#left - length)) & ((1 << length) - 1)
      if (code <= (table.most[length] as number)) {
        this.#left -= length
        return table.symbols[code + (table.offset[length] as number)] as number
      }
    }
    this.check()
    throw this.damaged()
  }

  /** That no bit was taken that is not there. */
  check(): void {
    if (this.#left >= this.#madeUp) return
    if (this.#at + 1 >= this.#bytes.length) throw cutOff(this.#source, 'its pixels end before all of them came')
    throw this.damaged()
  }

  damaged(): Error {
    const message = `is damaged: its pixels make no sense around byte ${this.#at}; get it again.`
    return refusal(this.#source, 'damaged', message, this.#at)
  }

  /** The mark with this number, 0 … 7, comes next. */
  restart(number: number): void {
    if (this.end() + 1 >= this.#bytes.length) throw cutOff(this.#source, 'its pixels end before all of them came')
    if (this.#bytes[this.#at + 1] !== 0xd0 + number) throw this.damaged()
    this.#at += 2
  }

  /** Byte at which the next marker stands; what is left before it fills a byte up, or is of no use. */
  end(): number {
    const bytes = this.#bytes
    // Whole bytes that were read ahead may hide no marker, since reading stops there.
    while (this.#at < bytes.length && (bytes[this.#at] !== 0xff || bytes[this.#at + 1] === 0)) this.#at++
    while (bytes[this.#at + 1] === 0xff) this.#at++
    this.#hold = 0
    this.#left = 0
    this.#madeUp = 0
    return this.#at
  }
}
