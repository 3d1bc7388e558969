/**
 * NPY, how NumPy writes one array: a magic word, a version, the length of a header, the header (a Python dictionary with
 * `descr`, `fortran_order` and `shape`), then the elements. The header is read by a grammar of just that; it is never
 * evaluated, and arrays of Python objects, which NumPy writes as programs that rebuild them, are not read at all.
 */
import { at } from '../../base/assert.ts'
import { showBytes, showShape } from '../../base/shape.ts'
import { MAX_NPY_HEADER, MAX_UNZIPPED } from '../limits.ts'
import { HELD, type Limit } from '../room.ts'
import { clip } from '../table/records.ts'
import type { Pace } from './pace.ts'
import { refuse } from './refuse.ts'
import { ByteStream } from './stream.ts'

/** Where an array's bytes come from: a file, or an entry of an archive. */
export interface NpySource {
  /** For messages. */
  readonly name: string
  /** Undefined where only reading all of it tells. */
  readonly length: number | undefined
  /** Bytes on the disk, where they are unzipped on the way. */
  readonly packed?: number | undefined
  chunks(): AsyncIterable<Uint8Array>
}

export type NpyKind = 'b' | 'i' | 'u' | 'f'

export interface NpyHeader {
  readonly source: NpySource
  readonly kind: NpyKind
  /** Bytes of one element. */
  readonly bytes: 1 | 2 | 4 | 8
  readonly littleEndian: boolean
  /** The first axis varies fastest. */
  readonly fortran: boolean
  readonly shape: readonly number[]
  readonly count: number
  /** Where the elements begin. */
  readonly start: number
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

export function isNpy(head: Uint8Array): boolean {
  return MAGIC.every((byte, i) => head[i] === byte)
}

export async function readNpyHeader(source: NpySource, limit: Limit = HELD): Promise<NpyHeader> {
  const stream = new ByteStream(source.chunks())
  try {
    return await headerFrom(stream, source, limit)
  } finally {
    await stream.close()
  }
}

async function headerFrom(stream: ByteStream, source: NpySource, limit: Limit): Promise<NpyHeader> {
  const { name } = source
  const wrong = (code: string, message: string, byte: number) =>
    refuse(code, `${name} ${message}`, { file: name, byte })
  const begin = await stream.take(8)
  if (begin.length === 0) throw wrong('npy.empty', 'is empty; save it again with numpy.save.', 0)
  if (!isNpy(begin) && begin.length >= 6) {
    const shown = [...begin.subarray(0, 6)].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ')
    const zip = begin[0] === 0x50 && begin[1] === 0x4b ? ' (a zip archive)' : ''
    throw wrong(
      'npy.magic',
      `begins with ${shown}${zip}, but a NumPy array begins with 93 4E 55 4D 50 59; choose another file.`,
      0,
    )
  }
  if (begin.length < 8) {
    throw wrong(
      'npy.header',
      `has ${begin.length} bytes, too few for the header of a NumPy array; save it again.`,
      begin.length,
    )
  }
  const version = at(begin, 6)
  if (version < 1 || version > 3) {
    throw wrong(
      'npy.version',
      `is of version ${version}.${at(begin, 7)} of the format; versions 1 to 3 can be read. Save it again with numpy.save.`,
      6,
    )
  }
  const width = version === 1 ? 2 : 4
  const size = await stream.take(width)
  const start = 8 + width
  if (size.length < width)
    throw wrong('npy.header', `ends within its header, at byte ${8 + size.length}; save it again.`, 8 + size.length)
  const view = new DataView(size.buffer)
  const length = version === 1 ? view.getUint16(0, true) : view.getUint32(0, true)
  if (length > MAX_NPY_HEADER) {
    throw wrong(
      'npy.headerLength',
      `says that its header has ${length} bytes; ${MAX_NPY_HEADER} are the most. Save a plain array of numbers.`,
      8,
    )
  }
  const text = await stream.take(length)
  if (text.length < length) {
    throw wrong(
      'npy.header',
      `promises a header of ${length} bytes, but ${text.length} follow; save it again.`,
      start + text.length,
    )
  }
  const { descr, fortran, shape } = parseHeader(new TextDecoder('latin1').decode(text), name, start)
  const { kind, bytes, littleEndian } = elementOf(descr, name, start)
  const exact = shape.reduce((product, axis) => product * BigInt(axis), 1n) * BigInt(bytes)
  const from = start + length
  // What is given to the network are bytes or 32-bit floats.
  const taken = kind === 'u' && bytes === 1 ? exact : (exact / BigInt(bytes)) * 4n
  const most = exact > taken ? exact : taken
  if (source.length !== undefined && exact !== BigInt(source.length - from)) {
    const found = source.length - from
    const surplus = BigInt(found) - exact
    const what = surplus > 0n ? `${found} follow its header: ${surplus} too many` : `${found} follow its header`
    const message = `promises ${exact} bytes ${showArray(shape)}, but ${what}; save it again.`
    throw wrong('npy.length', message, surplus > 0n ? from + Number(exact) : source.length)
  }
  // What lies across the file is turned in memory, and what is unzipped for a file must have some size of its own.
  const isZipped = source.packed !== undefined && exact > BigInt(source.packed * MAX_UNZIPPED)
  const { bytes: possible, shown } = fortran || isZipped ? HELD : limit
  if (most > BigInt(possible)) {
    const cure = fortran && limit !== HELD ? 'Save it with numpy.ascontiguousarray.' : 'Use a part of it.'
    const message = `promises ${showArray(shape)}${fortran && limit !== HELD ? ' in Fortran order' : ''}, which takes ${showBytes(Number(most))}; ${shown} are the most that examples may take. ${cure}`
    throw wrong('npy.large', message, start)
  }
  return { source, kind, bytes, littleEndian, fortran, shape, count: Number(exact) / bytes, start: from }
}

/** Its shape, as far as that can be shown. */
export function showArray(shape: readonly number[]): string {
  return shape.length > 8 ? `of ${shape.length} dimensions` : showShape(shape)
}

interface Fields {
  descr: string
  fortran: boolean
  shape: number[]
}

const SPACE = /[ \t\r\n]*/y
const STRING = /'([^'\\]*)'|"([^"\\]*)"/y
const INTEGER = /(-?\d+)L?/y

/** `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, in any order, and nothing else. */
function parseHeader(text: string, name: string, start: number): Fields {
  let position = 0
  const wrong = (what: string) => {
    const message = `${name}: its header ${what}; save it again with numpy.save.`
    return refuse('npy.grammar', message, { file: name, byte: start + position })
  }
  const skip = () => {
    SPACE.lastIndex = position
    SPACE.test(text)
    position = SPACE.lastIndex
  }
  const match = (pattern: RegExp): RegExpExecArray | null => {
    skip()
    pattern.lastIndex = position
    const found = pattern.exec(text)
    if (found) position = pattern.lastIndex
    return found
  }
  const accept = (piece: string): boolean => {
    skip()
    if (!text.startsWith(piece, position)) return false
    position += piece.length
    return true
  }
  const found = () => (position < text.length ? clip(text.slice(position, position + 40).trimEnd()) : 'its end')
  const expect = (piece: string) => {
    if (!accept(piece)) throw wrong(`has ${found()} where ${clip(piece)} is expected`)
  }
  const string = (what: string): string => {
    const found = match(STRING)
    if (!found) throw wrong(`has no ${what} in quotes where one is expected`)
    return found[1] ?? found[2] ?? ''
  }

  const fields: Partial<Fields> = {}
  expect('{')
  while (!accept('}')) {
    const key = string('name')
    expect(':')
    const field = key === 'fortran_order' ? 'fortran' : key
    if (Object.hasOwn(fields, field)) throw wrong(`says ${clip(key)} twice`)
    if (key === 'descr') {
      skip()
      if (text[position] === '[') {
        const message = `${name} holds records with named fields; save each field as an array of its own.`
        throw refuse('npy.structured', message, { file: name, byte: start + position })
      }
      fields.descr = string('type')
    } else if (key === 'fortran_order') {
      if (accept('True')) fields.fortran = true
      else if (accept('False')) fields.fortran = false
      else throw wrong(`says neither True nor False for "fortran_order", but ${found()}`)
    } else if (key === 'shape') {
      expect('(')
      const shape: number[] = []
      while (!accept(')')) {
        const axis = match(INTEGER)
        if (!axis) throw wrong(`has ${found()} where the size of an axis is expected`)
        const size = Number(axis[1])
        if (size < 0) throw wrong(`gives an axis the size ${clip(at(axis, 1))}`)
        if (!Number.isSafeInteger(size))
          throw wrong(`gives an axis the size ${clip(at(axis, 1))}, which is beyond counting`)
        shape.push(size)
        if (!accept(',')) {
          expect(')')
          break
        }
      }
      fields.shape = shape
    } else throw wrong(`has a field ${clip(key)}; "descr", "fortran_order" and "shape" are the ones that it may have`)
    if (!accept(',')) {
      expect('}')
      break
    }
  }
  skip()
  if (position < text.length) throw wrong(`goes on after its end with ${found()}`)
  const { descr, fortran, shape } = fields
  if (descr === undefined || fortran === undefined || shape === undefined) {
    const lacking = descr === undefined ? 'descr' : fortran === undefined ? 'fortran_order' : 'shape'
    throw wrong(`has no ${clip(lacking)}`)
  }
  return { descr, fortran, shape }
}

const unreadable: ReadonlyMap<string, string> = new Map([
  ['V', 'raw memory'],
  ['S', 'texts (bytes)'],
  ['a', 'texts (bytes)'],
  ['U', 'texts'],
  ['T', 'texts'],
  ['c', 'complex numbers'],
  ['M', 'dates'],
  ['m', 'spans of time'],
])

function elementOf(descr: string, file: string, byte: number): Pick<NpyHeader, 'kind' | 'bytes' | 'littleEndian'> {
  const [, order = '', letter = '', digits = ''] = /^([<>|=]?)([A-Za-z])(\d*)(?:\[\w+\])?$/.exec(descr) ?? []
  if (letter === 'O') {
    const message = `${file} holds Python objects, which are stored as programs that would run when they are loaded; they are never read. Save plain numbers, with allow_pickle=False.`
    throw refuse('npy.objects', message, { file, byte })
  }
  const what = unreadable.get(letter)
  if (what) {
    const advice = what.startsWith('texts')
      ? 'number its texts with numpy.unique(..., return_inverse=True), or save them and the rest as a CSV table'
      : 'convert it with astype'
    const message = `${file} holds ${what} (${clip(descr)}), but only numbers can be read; ${advice}.`
    throw refuse('npy.type', message, { file, byte })
  }
  const bytes = Number(digits)
  const known =
    letter === 'b' || letter === '?'
      ? bytes <= 1
      : letter === 'f'
        ? [2, 4, 8].includes(bytes)
        : (letter === 'i' || letter === 'u') && [1, 2, 4, 8].includes(bytes)
  if (!known) {
    const message = `${file} holds elements of type ${clip(descr)}; read are whole numbers of 1, 2, 4 and 8 bytes, floats of 2, 4 and 8, and booleans. Convert it with astype.`
    throw refuse('npy.type', message, { file, byte })
  }
  const kind = letter === '?' ? 'b' : (letter as NpyKind)
  return { kind, bytes: (bytes || 1) as NpyHeader['bytes'], littleEndian: order !== '>' }
}

/** All elements' bytes, in an array of their own, compared with what was promised. */
export async function readNpyBody(header: NpyHeader, pace: Pace): Promise<Uint8Array<ArrayBuffer>> {
  let all = new Uint8Array()
  for await (const { body } of readNpyPieces(header, Infinity, pace)) all = body
  return all
}

/** The same in pieces of `most` bytes, the last one of what is left, each with its place among them. */
export async function* readNpyPieces(
  { source, start, count, bytes, shape }: NpyHeader,
  most: number,
  pace: Pace,
): AsyncGenerator<{ readonly body: Uint8Array<ArrayBuffer>; readonly from: number }> {
  const stream = new ByteStream(source.chunks())
  const length = count * bytes
  const wrong = (found: number | undefined) => {
    const message = `${source.name} promises ${length} bytes ${showArray(shape)}, but ${found ?? 'more'} follow its header; save it again.`
    return refuse('npy.length', message, { file: source.name, byte: start + (found ?? length) })
  }
  try {
    await stream.take(start)
    for (let from = 0; from < length; from += most) {
      const wanted = Math.min(most, length - from)
      const body = await stream.take(wanted, pace)
      if (body.length < wanted) throw wrong(from + body.length)
      yield { body, from }
    }
    if (!(await stream.isAtEnd())) throw wrong(undefined)
  } finally {
    await stream.close()
  }
}

/** The number at a byte of the body; NaN for a whole number beyond 2^53, which is none of the numbers that there are. */
export function elementReader({ kind, bytes, littleEndian }: NpyHeader, body: Uint8Array): (byte: number) => number {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  switch (`${kind}${bytes}`) {
    case 'b1':
      return (byte) => (view.getUint8(byte) ? 1 : 0)
    case 'u1':
      return (byte) => view.getUint8(byte)
    case 'i1':
      return (byte) => view.getInt8(byte)
    case 'u2':
      return (byte) => view.getUint16(byte, littleEndian)
    case 'i2':
      return (byte) => view.getInt16(byte, littleEndian)
    case 'u4':
      return (byte) => view.getUint32(byte, littleEndian)
    case 'i4':
      return (byte) => view.getInt32(byte, littleEndian)
    case 'u8':
      return (byte) => safe(view.getBigUint64(byte, littleEndian))
    case 'i8':
      return (byte) => safe(view.getBigInt64(byte, littleEndian))
    case 'f2':
      return (byte) => halfOf(view.getUint16(byte, littleEndian))
    case 'f4':
      return (byte) => view.getFloat32(byte, littleEndian)
    default:
      return (byte) => view.getFloat64(byte, littleEndian)
  }
}

function safe(value: bigint): number {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : NaN
}

/** IEEE 754 binary16. */
export function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Steps in elements from one entry to the next along each axis, as the file lays them. */
export function stridesIn({ shape, fortran }: NpyHeader): readonly number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let k = 0; k < shape.length; k++) {
    const axis = fortran ? k : shape.length - 1 - k
    strides[axis] = stride
    stride *= at(shape, axis)
  }
  return strides
}
