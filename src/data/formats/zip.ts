/**
 * Zip archives of strangers. Only what the list at the end says is believed, and that only as far as it fits the file:
 * entries lie side by side, each gives exactly as many bytes as promised, with the promised checksum. Nothing is ever
 * unpacked to a disk.
 */
import { Inflate } from 'fflate'
import { at } from '../../base/assert.ts'
import { showBytes } from '../../base/shape.ts'
import { MAX_ZIP_ENTRIES, MAX_ZIP_LIST } from '../limits.ts'
import { clip } from '../table/records.ts'
import type { DataFile } from '../types.ts'
import { refuse } from './refuse.ts'
import { crc32 } from './sums.ts'

export interface ZipEntry {
  readonly name: string
  readonly method: 'stored' | 'deflated'
  /** Bytes that it promises to have. */
  readonly size: number
  readonly packed: number
  readonly crc: number
  /** Where its own header stands. */
  readonly offset: number
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const LOCATOR = 0x07064b50
const END_LENGTH = 22
const MOST_COMMENT = 0xffff
/** Pieces of packed bytes that are unpacked at once: they give 17 MB at most. */
const PIECE = 1 << 14

export function isZip(head: Uint8Array): boolean {
  return (
    head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5) && head[3] === (at(head, 2) === 3 ? 4 : 6)
  )
}

/** What the archive lists, all of it checked; `names` are those that entries may have. */
export async function listZip(file: DataFile, names: RegExp, allowed: string): Promise<readonly ZipEntry[]> {
  const { name } = file
  const wrong = (code: string, message: string, byte?: number) =>
    refuse(code, `${name} ${message}`, byte === undefined ? { file: name } : { file: name, byte })
  const { length } = file
  if (length === undefined) throw wrong('zip.gzip', 'is a zip archive that is gzipped once more; unzip it first.', 0)

  const tail = Math.max(0, length - END_LENGTH - MOST_COMMENT)
  const last = await file.read(tail, length)
  const end = findEnd(last)
  if (end < 0)
    throw wrong(
      'zip.end',
      'begins as a zip archive, but the list of its entries is missing at its end; save it again.',
      length,
    )
  const view = viewOf(last)
  const count = view.getUint16(end + 10, true)
  const listLength = view.getUint32(end + 12, true)
  const listStart = view.getUint32(end + 16, true)
  const isLarge = count === 0xffff || listLength === 0xffffffff || listStart === 0xffffffff
  if (isLarge || (end >= 20 && view.getUint32(end - 20, true) === LOCATOR)) {
    throw wrong(
      'zip.zip64',
      'is a ZIP64 archive, for more than 4 GB or 65535 entries; save it with fewer or smaller arrays.',
      tail + end,
    )
  }
  if (
    view.getUint16(end + 4, true) !== 0 ||
    view.getUint16(end + 6, true) !== 0 ||
    view.getUint16(end + 8, true) !== count
  ) {
    throw wrong('zip.parts', 'is one of several parts of a zip archive; put them together first.', tail + end + 4)
  }
  if (count > MAX_ZIP_ENTRIES) {
    throw wrong(
      'zip.entries',
      `has ${count} entries; ${MAX_ZIP_ENTRIES} are the most. Save fewer arrays.`,
      tail + end + 10,
    )
  }
  if (count === 0) throw wrong('zip.none', 'is a zip archive with nothing in it; save it again.', tail + end + 10)
  if (listStart + listLength > tail + end || listLength > MAX_ZIP_LIST) {
    const message = `says that the list of its entries takes ${listLength} bytes from byte ${listStart} on, which does not fit; save it again.`
    throw wrong('zip.list', message, tail + end + 12)
  }
  const entries = readList(file, await file.read(listStart, listStart + listLength), count, listStart, names, allowed)
  await checkPlaces(file, entries, listStart)
  return entries
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The last place from which a comment of the promised length reaches the end exactly. */
function findEnd(bytes: Uint8Array): number {
  const view = viewOf(bytes)
  for (let i = bytes.length - END_LENGTH; i >= 0; i--) {
    if (
      bytes[i] === 0x50 &&
      view.getUint32(i, true) === END &&
      i + END_LENGTH + view.getUint16(i + 20, true) === bytes.length
    )
      return i
  }
  return -1
}

function readList(
  file: DataFile,
  list: Uint8Array,
  count: number,
  start: number,
  names: RegExp,
  allowed: string,
): readonly ZipEntry[] {
  const view = viewOf(list)
  const entries: ZipEntry[] = []
  const seen = new Set<string>()
  let i = 0
  for (let k = 1; k <= count; k++) {
    const wrong = (code: string, message: string) =>
      refuse(code, `${file.name} ${message}`, { file: file.name, byte: start + i })
    if (i + 46 > list.length || view.getUint32(i, true) !== CENTRAL) {
      throw wrong('zip.list', `promises ${count} entries, but entry ${k} is not in its list; save it again.`)
    }
    const flags = view.getUint16(i + 8, true)
    const method = view.getUint16(i + 10, true)
    const crc = view.getUint32(i + 16, true)
    const packed = view.getUint32(i + 20, true)
    const size = view.getUint32(i + 24, true)
    const nameLength = view.getUint16(i + 28, true)
    const next = i + 46 + nameLength + view.getUint16(i + 30, true) + view.getUint16(i + 32, true)
    if (next > list.length)
      throw wrong('zip.list', `promises ${count} entries, but entry ${k} goes beyond its list; save it again.`)
    const name = new TextDecoder('latin1').decode(list.subarray(i + 46, i + 46 + nameLength))
    if (!names.test(name)) throw wrong('zip.name', `has an entry called ${clip(name)}; ${allowed}.`)
    if (seen.has(name)) throw wrong('zip.twice', `has two entries called ${clip(name)}; save it again.`)
    seen.add(name)
    if (flags & 1) throw wrong('zip.encrypted', `has an entry ${name} that is encrypted; save it without a password.`)
    if (method !== 0 && method !== 8) {
      throw wrong(
        'zip.method',
        `has an entry ${name} that is packed by method ${method}; save it with numpy.savez or numpy.savez_compressed.`,
      )
    }
    const offset = view.getUint32(i + 42, true)
    if (packed === 0xffffffff || size === 0xffffffff || offset === 0xffffffff) {
      throw wrong('zip.zip64', `has an entry ${name} in the ZIP64 form, for more than 4 GB; save smaller arrays.`)
    }
    if (method === 0 && packed !== size) {
      throw wrong(
        'zip.size',
        `has an entry ${name} that is stored as it is, but promises ${size} bytes in ${packed}; save it again.`,
      )
    }
    entries.push({ name, method: method === 0 ? 'stored' : 'deflated', size, packed, crc, offset })
    i = next
  }
  return entries
}

/** Each entry lies where it says, and none over another one or over the list. */
async function checkPlaces(file: DataFile, entries: readonly ZipEntry[], listStart: number): Promise<void> {
  let free = 0
  let before = ''
  for (const entry of [...entries].sort((a, b) => a.offset - b.offset)) {
    const place = { file: file.name, byte: entry.offset }
    if (entry.offset < free) {
      throw refuse(
        'zip.overlap',
        `${file.name} has entries ${before} and ${entry.name} that lie over each other; save it again.`,
        place,
      )
    }
    free = (await bodyStart(file, entry)) + entry.packed
    before = entry.name
    if (free > listStart) {
      const message = `${file.name}: entry ${entry.name} promises ${entry.packed} bytes and goes beyond where the list of entries begins; save it again.`
      throw refuse('zip.beyond', message, place)
    }
  }
}

async function bodyStart(file: DataFile, { name, offset }: ZipEntry): Promise<number> {
  const head = await file.read(offset, offset + 30 + name.length)
  const view = viewOf(head)
  const own = head.length < 30 + name.length ? undefined : new TextDecoder('latin1').decode(head.subarray(30))
  if (own === undefined || view.getUint32(0, true) !== LOCAL) {
    throw refuse('zip.entry', `${file.name}: no entry is at byte ${offset}, where ${name} should be; save it again.`, {
      file: file.name,
      byte: offset,
    })
  }
  if (own !== name || view.getUint16(26, true) !== name.length) {
    const message = `${file.name}: entry ${name} calls itself ${clip(own)} at byte ${offset}; save it again.`
    throw refuse('zip.renamed', message, { file: file.name, byte: offset })
  }
  return offset + 30 + name.length + view.getUint16(28, true)
}

/** An entry's bytes. Their number and checksum are those that were promised, or the end is a sentence. */
export async function* unzip(file: DataFile, entry: ZipEntry): AsyncGenerator<Uint8Array, void, undefined> {
  const { name, size, packed } = entry
  const start = await bodyStart(file, entry)
  const wrong = (code: string, message: string) =>
    refuse(code, `${file.name}: entry ${name} ${message}; save it again.`, { file: file.name, byte: entry.offset })
  let ready: Uint8Array[] = []
  const inflate = entry.method === 'deflated' ? new Inflate((piece) => ready.push(piece)) : undefined
  let length = 0
  let crc = 0
  for (let from = 0; from < packed || from === 0; from += PIECE) {
    const to = Math.min(from + PIECE, packed)
    const piece = await file.read(start + from, start + to)
    if (piece.length < to - from) throw wrong('zip.short', `ends after ${from + piece.length} of its ${packed} bytes`)
    if (inflate) {
      try {
        inflate.push(piece, to === packed)
      } catch {
        throw wrong('zip.damaged', `is damaged: it cannot be unpacked beyond ${showBytes(length)}`)
      }
    } else ready.push(piece)
    for (const part of ready) {
      length += part.length
      if (length > size) throw wrong('zip.size', `promises ${size} bytes and gives more`)
      crc = crc32(part, 0, part.length, crc)
      if (part.length > 0) yield part
    }
    ready = []
  }
  if (length < size) throw wrong('zip.size', `promises ${size} bytes and gives ${length}`)
  if (crc !== entry.crc) throw wrong('zip.crc', 'is damaged: its checksum is not the one that was noted')
}
