/** Decompression of blocks whose size is known, by the compressions that Parquet files have. */
import { gunzipSync } from 'fflate'
import { Decompress, decompress } from 'fzstd'
import { crc32, xxh64Low } from './sums.ts'
import { Damaged } from './thrift.ts'

export const codecs: readonly string[] = ['none', 'Snappy', 'gzip', 'LZO', 'Brotli', 'LZ4 (Hadoop)', 'Zstandard', 'LZ4']

/** Those of `codecs` that `unpack` knows. */
export const readable: ReadonlySet<number> = new Set([0, 1, 2, 6, 7])

/** Exactly `size` bytes, or Damaged. `size` has been checked against a limit. */
export function unpack(codec: number, packed: Uint8Array, size: number): Uint8Array {
  if (codec === 0) return exactly(packed, size)
  if (size === 0 && packed.length === 0) return packed
  try {
    if (codec === 1) return snappy(packed, size)
    if (codec === 7) return lz4(packed, size)
    if (codec === 2) {
      // A gzip stream ends with the size of what it holds.
      const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
      if (packed.length < 18 || view.getUint32(packed.length - 4, true) !== size)
        throw new Damaged(`it does not unpack to ${size} bytes`)
      const output = exactly(gunzipSync(packed, { out: new Uint8Array(size) }), size)
      if (view.getUint32(packed.length - 8, true) !== crc32(output))
        throw new Damaged('its contents have another checksum than it says (gzip)')
      return output
    }
    if (codec === 6) return zstandard(packed, size)
  } catch (error) {
    if (error instanceof Damaged) throw error
    throw new Damaged(`it cannot be unpacked (${codecs[codec] ?? codec})`)
  }
  throw new Damaged(`it is packed by method ${codec}`)
}

function exactly(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw new Damaged(`it has ${bytes.length} bytes where ${size} are promised`)
  return bytes
}

/** Bytes that a frame may look back over; writers of tables use 8 MB at most. */
const MOST_WINDOW = 1 << 26
const MOST_BLOCK = 1 << 17
/** Up to here pieces are counted as they come; beyond, moving the window for each of them would take too long. */
const COUNTED = 1 << 23

/** One frame of Zstandard, gone through from block to block before anything is made of it. */
function zstandard(packed: Uint8Array, size: number): Uint8Array {
  const wrong = () => new Damaged('it cannot be unpacked (Zstandard)')
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  if (packed.length < 9 || view.getUint32(0, true) !== 0xfd2fb528) throw wrong()
  const flags = view.getUint8(4)
  const isWhole = (flags & 0x20) !== 0
  let from = 5
  if (!isWhole) {
    const wide = view.getUint8(from++)
    const base = 2 ** (10 + (wide >> 3))
    if (base + (base / 8) * (wide & 7) > MOST_WINDOW)
      throw new Damaged('it looks back over more than 64 MB (Zstandard)')
  }
  from += [0, 1, 2, 4][flags & 3] ?? 0
  const width = [isWhole ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  if (from + width > packed.length) throw wrong()
  if (width > 0) {
    const low =
      width === 1 ? view.getUint8(from) : width === 2 ? view.getUint16(from, true) + 256 : view.getUint32(from, true)
    const content = width === 8 ? low + view.getUint32(from + 4, true) * 2 ** 32 : low
    if (content !== size) throw new Damaged(`it has ${content} bytes where ${size} are promised`)
    from += width
  }
  for (let isLast = false; !isLast;) {
    if (from + 3 > packed.length) throw wrong()
    const head = view.getUint16(from, true) + view.getUint8(from + 2) * 2 ** 16
    isLast = (head & 1) === 1
    if (head >> 3 > MOST_BLOCK) throw wrong()
    from += 3 + (((head >> 1) & 3) === 1 ? 1 : head >> 3)
  }
  const isSummed = (flags & 4) !== 0
  if (from + (isSummed ? 4 : 0) !== packed.length) throw wrong()
  const output = size > COUNTED ? unpackAtOnce(packed, size) : unpackInPieces(packed, size)
  if (isSummed && view.getUint32(from, true) !== xxh64Low(output))
    throw new Damaged('its contents have another checksum than it says (Zstandard)')
  return output
}

function unpackInPieces(packed: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size)
  let at = 0
  const stream = new Decompress((piece) => {
    if (piece.length > size - at) throw new Damaged(`it has more than the ${size} bytes that are promised`)
    output.set(piece, at)
    at += piece.length
  })
  stream.push(packed, true)
  if (at !== size) throw new Damaged(`it has ${at} bytes where ${size} are promised`)
  return output
}

/** Where the last byte that is promised is still the mark that was put there, it never came; and the one behind it never may. */
function unpackAtOnce(packed: Uint8Array, size: number): Uint8Array {
  for (const mark of [0xa5, 0x5a]) {
    const output = new Uint8Array(size + 1)
    output.fill(mark, size - 1)
    decompress(packed, output)
    if (output[size] !== mark) throw new Damaged(`it has more than the ${size} bytes that are promised`)
    // Once in 256 times it is what belongs there.
    if (output[size - 1] !== mark) return output.subarray(0, size)
  }
  throw new Damaged(`it has fewer than the ${size} bytes that are promised`)
}

/** Appends bytes that were there before, which may overlap what they become. */
function repeat(output: Uint8Array, at: number, distance: number, length: number): void {
  if (distance === 0 || distance > at || length > output.length - at) throw new Damaged('it cannot be unpacked')
  if (distance >= length) output.copyWithin(at, at - distance, at - distance + length)
  else for (let i = 0; i < length; i++) output[at + i] = output[at + i - distance] as number
}

/** Google's Snappy, without framing: a length, then literals and copies. */
export function snappy(input: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size)
  let at = 0
  let from = 0
  const next = () => {
    const byte = input[from++]
    if (byte === undefined) throw new Damaged('it ends in the middle')
    return byte
  }
  let promised = 0
  for (let shift = 0; ; shift += 7) {
    const byte = next()
    promised += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
    if (shift > 28) throw new Damaged('it cannot be unpacked')
  }
  if (promised !== size) throw new Damaged(`it has ${promised} bytes where ${size} are promised`)
  while (from < input.length) {
    const tag = next()
    const kind = tag & 3
    if (kind === 0) {
      let length = tag >> 2
      if (length >= 60) {
        const bytes = length - 59
        length = 0
        for (let i = 0; i < bytes; i++) length += next() * 2 ** (8 * i)
      }
      length++
      if (length > input.length - from || length > size - at) throw new Damaged('it cannot be unpacked')
      output.set(input.subarray(from, from + length), at)
      from += length
      at += length
      continue
    }
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    let distance = kind === 1 ? ((tag >> 5) << 8) + next() : next() + next() * 256
    if (kind === 3) distance += next() * 2 ** 16 + next() * 2 ** 24
    repeat(output, at, distance, length)
    at += length
  }
  if (at !== size) throw new Damaged(`it has ${at} bytes where ${size} are promised`)
  return output
}

/** One LZ4 block: runs of literals, each followed by a copy but for the last one. */
export function lz4(input: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size)
  let at = 0
  let from = 0
  const next = () => {
    const byte = input[from++]
    if (byte === undefined) throw new Damaged('it ends in the middle')
    return byte
  }
  const long = (length: number) => {
    if (length < 15) return length
    let total = length
    for (;;) {
      const byte = next()
      total += byte
      if (byte < 255) return total
    }
  }
  while (from < input.length) {
    const token = next()
    const literals = long(token >> 4)
    if (literals > input.length - from || literals > size - at) throw new Damaged('it cannot be unpacked')
    output.set(input.subarray(from, from + literals), at)
    from += literals
    at += literals
    if (from === input.length) break
    const distance = next() + next() * 256
    const length = long(token & 15) + 4
    repeat(output, at, distance, length)
    at += length
  }
  if (at !== size) throw new Damaged(`it has ${at} bytes where ${size} are promised`)
  return output
}
