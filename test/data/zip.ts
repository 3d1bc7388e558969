/** Zip archives made by hand, so that each field can lie. */
import { deflateSync } from 'fflate'

export interface Entry {
  readonly name: string
  readonly body: Uint8Array
  readonly deflated?: boolean
  /** What stands in the list instead of what is true. */
  readonly says?: {
    readonly size?: number
    readonly packed?: number
    readonly crc?: number
    readonly offset?: number
    readonly method?: number
    readonly flags?: number
  }
  /** What the entry calls itself where it lies. */
  readonly ownName?: string
  /** Instead of the packed bytes. */
  readonly packedBytes?: Uint8Array
}

export interface Ending {
  readonly count?: number
  readonly listStart?: number
  readonly listLength?: number
  readonly comment?: string
  readonly disk?: number
  readonly locator?: boolean
}

const encoder = new TextEncoder()

export function zipBytes(entries: readonly Entry[], ending: Ending = {}): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  const list: number[] = []
  const two = (to: number[], value: number) => to.push(value & 0xff, (value >> 8) & 0xff)
  const four = (to: number[], value: number) => {
    two(to, value & 0xffff)
    two(to, (value >>> 16) & 0xffff)
  }
  const append = (to: number[], from: Uint8Array) => {
    for (const byte of from) to.push(byte)
  }
  for (const entry of entries) {
    const packed = entry.packedBytes ?? (entry.deflated ? deflateSync(entry.body) : entry.body)
    const method = entry.says?.method ?? (entry.deflated ? 8 : 0)
    const crc = entry.says?.crc ?? crcOf(entry.body)
    const offset = entry.says?.offset ?? bytes.length
    const fields = (to: number[]) => {
      two(to, 20)
      two(to, entry.says?.flags ?? 0)
      two(to, method)
      four(to, 0)
      four(to, crc)
      four(to, entry.says?.packed ?? packed.length)
      four(to, entry.says?.size ?? entry.body.length)
    }
    const name = encoder.encode(entry.name)
    const ownName = encoder.encode(entry.ownName ?? entry.name)
    four(bytes, 0x04034b50)
    fields(bytes)
    two(bytes, ownName.length)
    two(bytes, 0)
    append(bytes, ownName)
    append(bytes, packed)
    four(list, 0x02014b50)
    two(list, 20)
    fields(list)
    two(list, name.length)
    for (let i = 0; i < 4; i++) two(list, 0)
    four(list, 0)
    four(list, offset)
    append(list, name)
  }
  const start = bytes.length
  append(bytes, Uint8Array.from(list))
  if (ending.locator) {
    four(bytes, 0x07064b50)
    for (let i = 0; i < 4; i++) four(bytes, 0)
  }
  const comment = encoder.encode(ending.comment ?? '')
  four(bytes, 0x06054b50)
  two(bytes, ending.disk ?? 0)
  two(bytes, ending.disk ?? 0)
  two(bytes, ending.count ?? entries.length)
  two(bytes, ending.count ?? entries.length)
  four(bytes, ending.listLength ?? list.length)
  four(bytes, ending.listStart ?? start)
  two(bytes, comment.length)
  append(bytes, comment)
  return Uint8Array.from(bytes)
}

/** CRC-32, bit by bit. */
export function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}
