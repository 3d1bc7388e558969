/**
 * The pages of a Parquet column without nesting: headers, levels and the encodings of values. Written here rather than
 * taken from a package because those believe what a page says: a run that claims two thousand million repetitions is
 * carried out. Here everything is counted against the rows that there are before there is room made for it.
 */
import { at } from '../../base/assert.ts'
import { MAX_PARQUET_PAGE } from '../limits.ts'
import { Damaged, type ThriftReader } from './thrift.ts'

export const physicalTypes = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const
export type PhysicalType = (typeof physicalTypes)[number]

export interface PageHeader {
  readonly kind: 'data' | 'data2' | 'dictionary' | 'index'
  /** Bytes of the page unpacked and as it lies in the file, without this header. */
  readonly size: number
  readonly packed: number
  /** CRC-32 of the page as it lies in the file, where its writer gave one. */
  readonly sum: number | undefined
  readonly values: number
  readonly encoding: number
  /** Of pages of the second kind: how many bytes of levels come first, never packed. */
  readonly levels: number
  readonly nulls: number
  readonly isPacked: boolean
  /** How definition levels are written in pages of the first kind. */
  readonly levelEncoding: number
}

export const RLE = 3

export function readPageHeader(thrift: ThriftReader): PageHeader {
  let type = -1
  let size = -1
  let packed = -1
  let sum: number | undefined
  let values = 0
  let encoding = -1
  let definition = 0
  let repetition = 0
  let nulls = 0
  let isPacked = true
  let levelEncoding = RLE
  thrift.struct((id) => {
    if (id === 1) type = thrift.int()
    else if (id === 2) size = thrift.int()
    else if (id === 3) packed = thrift.int()
    else if (id === 4) sum = thrift.int() >>> 0
    else if (id === 5 || id === 7) {
      thrift.struct((inner) => {
        if (inner === 1) values = thrift.int()
        else if (inner === 2) encoding = thrift.int()
        else if (inner === 3 && id === 5) levelEncoding = thrift.int()
        else return false
        return true
      })
    } else if (id === 8) {
      thrift.struct((inner, innerType) => {
        if (inner === 1) values = thrift.int()
        else if (inner === 2) nulls = thrift.int()
        else if (inner === 4) encoding = thrift.int()
        else if (inner === 5) definition = thrift.int()
        else if (inner === 6) repetition = thrift.int()
        else if (inner === 7) isPacked = thrift.truth(innerType)
        else return false
        return true
      })
    } else return false
    return true
  })
  const kind = (['data', 'index', 'dictionary', 'data2'] as const)[type]
  if (!kind) throw new Damaged(`a page is of kind ${type}, which there is not`)
  if (size < 0 || packed < 0 || values < 0 || definition < 0 || repetition !== 0 || nulls < 0 || nulls > values) {
    throw new Damaged('the header of a page contradicts itself')
  }
  if (size > MAX_PARQUET_PAGE || packed > MAX_PARQUET_PAGE) {
    throw new Damaged(`a page has ${Math.max(size, packed)} bytes, and ${MAX_PARQUET_PAGE} are the most`)
  }
  if (definition > packed || definition > size) throw new Damaged('the levels of a page are longer than the page')
  return { kind, size, packed, sum, values, encoding, levels: definition, nulls, isPacked, levelEncoding }
}

/** Values of a page as their physical type has them. */
export type Decoded = Float64Array | BigInt64Array | readonly Uint8Array[]

export interface Coded {
  readonly type: PhysicalType
  /** Of FIXED_LEN_BYTE_ARRAY. */
  readonly typeLength: number
}

const widths: { readonly [T in PhysicalType]?: number } = { INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 }

function widthOf({ type, typeLength }: Coded): number {
  return type === 'FIXED_LEN_BYTE_ARRAY' ? typeLength : (widths[type] ?? 0)
}

const encodings: ReadonlyMap<number, string> = new Map([
  [0, 'PLAIN'],
  [2, 'PLAIN_DICTIONARY'],
  [3, 'RLE'],
  [4, 'BIT_PACKED'],
  [5, 'DELTA_BINARY_PACKED'],
  [6, 'DELTA_LENGTH_BYTE_ARRAY'],
  [7, 'DELTA_BYTE_ARRAY'],
  [8, 'RLE_DICTIONARY'],
  [9, 'BYTE_STREAM_SPLIT'],
])

export function isDictionary(encoding: number): boolean {
  return encoding === 2 || encoding === 8
}

/** `count` values; dictionary pages aside. */
export function decodeValues(bytes: Uint8Array, encoding: number, count: number, coded: Coded): Decoded {
  if (count === 0) return []
  const { type } = coded
  switch (encoding) {
    case 0:
      return plain(bytes, count, coded)
    case 3:
      if (type !== 'BOOLEAN') break
      return Float64Array.from(levelled(bytes, 1, count).values)
    case 5: {
      if (type !== 'INT32' && type !== 'INT64') break
      const { values } = deltas(bytes, 0, count)
      return type === 'INT64'
        ? BigInt64Array.from(values)
        : Float64Array.from(values, (value) => Number(BigInt.asIntN(32, value)))
    }
    case 6: {
      if (type !== 'BYTE_ARRAY') break
      const { values, end } = deltas(bytes, 0, count)
      return slices(bytes, end, values)
    }
    case 7: {
      if (type !== 'BYTE_ARRAY' && type !== 'FIXED_LEN_BYTE_ARRAY') break
      const prefixes = deltas(bytes, 0, count)
      const suffixes = deltas(bytes, prefixes.end, count)
      return joined(prefixes.values, slices(bytes, suffixes.end, suffixes.values))
    }
    case 9: {
      const width = widthOf(coded)
      if (width === 0 || type === 'INT96') break
      if (bytes.length < width * count) throw short(bytes.length, width * count)
      const together = new Uint8Array(width * count)
      for (let k = 0; k < width; k++) {
        for (let i = 0; i < count; i++) together[i * width + k] = bytes[k * count + i] as number
      }
      return plain(together, count, coded)
    }
  }
  throw new Damaged(
    `its values are written as ${encodings.get(encoding) ?? `encoding ${encoding}`}, which values of type ${type} never are`,
  )
}

function short(found: number, needed: number): Damaged {
  return new Damaged(`the values of a page take ${needed} bytes, and it has ${found}`)
}

/** How dictionaries are written too. */
export function plain(bytes: Uint8Array, count: number, coded: Coded): Decoded {
  const { type } = coded
  if (type === 'BOOLEAN') {
    if (bytes.length * 8 < count) throw short(bytes.length, Math.ceil(count / 8))
    return Float64Array.from({ length: count }, (_, i) => (at(bytes, i >> 3) >> (i & 7)) & 1)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (type === 'BYTE_ARRAY') {
    if (bytes.length < 4 * count) throw short(bytes.length, 4 * count)
    const values = new Array<Uint8Array>(count)
    let from = 0
    for (let i = 0; i < count; i++) {
      if (from + 4 > bytes.length) throw short(bytes.length, from + 4)
      const length = view.getUint32(from, true)
      from += 4
      if (length > bytes.length - from) throw short(bytes.length, from + length)
      values[i] = bytes.subarray(from, from + length)
      from += length
    }
    return values
  }
  const width = widthOf(coded)
  if (bytes.length < width * count) throw short(bytes.length, width * count)
  if (type === 'INT96' || type === 'FIXED_LEN_BYTE_ARRAY') {
    return Array.from({ length: count }, (_, i) => bytes.subarray(i * width, (i + 1) * width))
  }
  if (type === 'INT64') {
    const values = new BigInt64Array(count)
    for (let i = 0; i < count; i++) values[i] = view.getBigInt64(8 * i, true)
    return values
  }
  const values = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    values[i] =
      type === 'INT32'
        ? view.getInt32(4 * i, true)
        : type === 'FLOAT'
          ? view.getFloat32(4 * i, true)
          : view.getFloat64(8 * i, true)
  }
  return values
}

interface Run {
  readonly count: number
  /** The number that is repeated; undefined where the numbers follow each other packed from `from` on. */
  readonly value: number | undefined
  readonly from: number
}

/** `count` numbers of `width` bits in runs: of one number, or packed. The runs are counted before there is room made for them. */
export function hybrid(bytes: Uint8Array, start: number, end: number, width: number, count: number): Uint32Array {
  if (width > 32 || end > bytes.length) throw new Damaged('its levels or indices are wrong')
  const runs: Run[] = []
  let from = start
  let seen = 0
  const next = () => {
    if (from >= end) throw new Damaged(`the levels or indices of a page end after ${seen} of ${count}`)
    return bytes[from++] as number
  }
  while (seen < count) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      const byte = next()
      header += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
      if (shift > 28) throw new Damaged('its levels or indices are wrong')
    }
    const amount = header % 2 === 1 ? ((header - 1) / 2) * 8 : header / 2
    if (amount === 0) throw new Damaged('its levels or indices are wrong')
    const used = Math.min(amount, count - seen)
    if (header % 2 === 1) {
      runs.push({ count: used, value: undefined, from })
      // The last bytes of the last run may be left out, where nothing in them is needed.
      if (from + Math.ceil((used * width) / 8) > end)
        throw new Damaged(`the levels or indices of a page end after ${seen} of ${count}`)
      from += (amount / 8) * width
    } else {
      let value = 0
      for (let k = 0; k < Math.ceil(width / 8); k++) value += next() * 2 ** (8 * k)
      runs.push({ count: used, value, from })
    }
    seen += used
  }
  const values = new Uint32Array(count)
  let i = 0
  for (const run of runs) {
    if (run.value !== undefined) values.fill(run.value, i, i + run.count)
    else {
      let bit = run.from * 8
      for (let k = 0; k < run.count; k++) {
        values[i + k] = bitsAt(bytes, bit, width)
        bit += width
      }
    }
    i += run.count
  }
  return values
}

/** Up to 32 bits, the lowest first. */
function bitsAt(bytes: Uint8Array, bit: number, width: number): number {
  let value = 0
  let got = 0
  while (got < width) {
    const here = (bit + got) & 7
    const take = Math.min(8 - here, width - got)
    value += (((bytes[(bit + got) >>> 3] ?? 0) >> here) & ((1 << take) - 1)) * 2 ** got
    got += take
  }
  return value
}

/** The same with its length in four bytes before it. */
export function levelled(bytes: Uint8Array, width: number, count: number): { values: Uint32Array; end: number } {
  if (bytes.length < 4) throw new Damaged('it ends in the middle')
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
  if (length > bytes.length - 4) throw new Damaged('the levels of a page are longer than the page')
  return { values: hybrid(bytes, 4, 4 + length, width, count), end: 4 + length }
}

/** Most values of a block of differences, and of one of its parts; writers use 128 and 32. */
const MOST_BLOCK = 1 << 16
/** A block of equal differences takes hardly any bytes, so these do not limit what it becomes. */
const MOST_DELTAS = 1 << 22

/** DELTA_BINARY_PACKED: a first number, then blocks of differences from their least one. */
function deltas(bytes: Uint8Array, start: number, count: number): { values: bigint[]; end: number } {
  let from = start
  const next = () => {
    const byte = bytes[from++]
    if (byte === undefined) throw new Damaged(`a page ends before its ${count} values`)
    return byte
  }
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = next()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
      if (shift > 63n) throw new Damaged('a number in it has no end')
    }
  }
  const zigzag = () => {
    const value = varint()
    return value & 1n ? -((value + 1n) >> 1n) : value >> 1n
  }
  const block = Number(varint())
  const parts = Number(varint())
  const total = Number(varint())
  if (block === 0 || block > MOST_BLOCK || parts === 0 || block % (8 * parts) !== 0)
    throw new Damaged('its blocks of differences are wrong')
  if (total !== count) throw new Damaged(`a page has ${total} values where ${count} are promised`)
  if (count > MOST_DELTAS) throw new Damaged(`a page has ${count} differences, and ${MOST_DELTAS} are the most`)
  const each = block / parts
  let value = BigInt.asIntN(64, zigzag())
  const values = [value]
  while (values.length < count) {
    const least = zigzag()
    const bits = Array.from({ length: parts }, next)
    for (const width of bits) {
      if (values.length === count) break
      if (width > 64) throw new Damaged('its blocks of differences are wrong')
      const length = (each / 8) * width
      if (from + length > bytes.length) throw new Damaged(`a page ends before its ${count} values`)
      for (let i = 0; i < each && values.length < count; i++) {
        const low = bitsAt(bytes, from * 8 + i * width, Math.min(32, width))
        const high = width > 32 ? bitsAt(bytes, from * 8 + i * width + 32, width - 32) : 0
        value = BigInt.asIntN(64, value + least + BigInt(low) + (BigInt(high) << 32n))
        values.push(value)
      }
      from += length
    }
  }
  return { values, end: from }
}

function slices(bytes: Uint8Array, start: number, lengths: readonly bigint[]): Uint8Array[] {
  let from = start
  return lengths.map((exact) => {
    const length = Number(exact)
    if (length < 0 || length > bytes.length - from) throw short(bytes.length - start, from - start + Math.abs(length))
    from += length
    return bytes.subarray(from - length, from)
  })
}

/** Bytes of texts that begin as others do: a page of a few bytes may hold any number of long ones. */
const MOST_TEXT = 64_000_000

/** Each text begins as the one before does. */
function joined(prefixes: readonly bigint[], suffixes: readonly Uint8Array[]): Uint8Array[] {
  let before = new Uint8Array()
  let total = 0
  return suffixes.map((suffix, i) => {
    const prefix = Number(at(prefixes, i))
    if (prefix < 0 || prefix > before.length) throw new Damaged('a text begins with more than the one before it has')
    total += prefix + suffix.length
    if (total > MOST_TEXT) throw new Damaged(`a page has more than ${MOST_TEXT} bytes of texts that repeat each other`)
    const whole = new Uint8Array(prefix + suffix.length)
    whole.set(before.subarray(0, prefix))
    whole.set(suffix, prefix)
    before = whole
    return whole
  })
}
