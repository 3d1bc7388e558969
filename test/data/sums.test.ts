import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Adler, crc32, xxh64Low } from '../../src/data/formats/sums.ts'
import { unpack } from '../../src/data/formats/unpack.ts'
import frames from './fixtures/zstd.json' with { type: 'json' }

const contents = (length: number) => Uint8Array.from({ length }, (_, i) => (i % 251) ^ (Math.floor(i / 251) % 7))
const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'))
const ZSTANDARD = 6

/** As zlib and gzip write them behind what they pack. */
const written = {
  adler: (bytes: Uint8Array) => deflateSync(bytes).readUInt32BE(deflateSync(bytes).length - 4),
  crc: (bytes: Uint8Array) => gzipSync(bytes).readUInt32LE(gzipSync(bytes).length - 8),
}
const adlerOf = (bytes: Uint8Array, size: number) => {
  const sum = new Adler()
  for (let from = 0; from < bytes.length; from += size) sum.add(bytes.subarray(from, from + size))
  return sum.value
}

test.each([0, 1, 2, 17, 5552, 100_003])('CRC-32 and Adler-32 of %i bytes are those of zlib', (length) => {
  for (const bytes of [contents(length), new Uint8Array(length).fill(255)]) {
    expect(crc32(bytes)).toBe(written.crc(bytes))
    for (const size of [1000, 2654, 10_000, 1 << 20]) expect(adlerOf(bytes, size)).toBe(written.adler(bytes))
    if (length === 0) continue
    bytes[length - 1] = 3
    expect(crc32(bytes)).not.toBe(written.crc(contents(length)))
    expect(adlerOf(bytes, 1000)).not.toBe(written.adler(contents(length)))
  }
  expect(crc32(Uint8Array.of(9, 9, 1, 2, 3, 9), 2, 5)).toBe(written.crc(Uint8Array.of(1, 2, 3)))
})

test('XXH64 is that of its specification', () => {
  const of = (text: string) => xxh64Low(new TextEncoder().encode(text))
  expect(of('')).toBe(0x51d8e999)
  expect(of('a')).toBe(0xa98c6e5b)
  expect(of('abc')).toBe(0xad770999)
})

describe('frames of Zstandard', () => {
  test('are unpacked where their checksum is right, of any length', () => {
    for (const { length, summed, bare } of frames) {
      const wanted = contents(length)
      for (const frame of [summed, bare])
        expect(Buffer.compare(unpack(ZSTANDARD, bytesOf(frame), length), wanted)).toBe(0)
      expect(xxh64Low(wanted)).toBe(new DataView(bytesOf(summed).buffer).getUint32(bytesOf(summed).length - 4, true))
    }
  })

  test('are refused where it is wrong', () => {
    for (const { length, summed } of frames) {
      const frame = bytesOf(summed)
      frame[frame.length - 1 - (length % 4)] = (frame[frame.length - 1 - (length % 4)] ?? 0) ^ 1
      expect(() => unpack(ZSTANDARD, frame, length)).toThrow(
        'its contents have another checksum than it says (Zstandard)',
      )
    }
  })

  test.each([
    [100_003, 1, 'it has 100003 bytes where 100004 are promised'],
    [100_003, 9000, 'it has 100003 bytes where 109003 are promised'],
    [9_000_000, 1, 'it has fewer than the 9000001 bytes that are promised'],
    [9_000_000, 9000, 'it has fewer than the 9009000 bytes that are promised'],
    [9_000_000, -1, 'it has more than the 8999999 bytes that are promised'],
  ])('are refused where they promise other than their %i bytes: %i more', (length, more, says) => {
    const frame = bytesOf(frames.find((one) => one.length === length)?.bare ?? '')
    const view = new DataView(frame.buffer)
    const place = [5, 6].find((from) => view.getUint32(from, true) === length) ?? NaN
    view.setUint32(place, length + more, true)
    expect(() => unpack(ZSTANDARD, frame, length + more)).toThrow(says)
  })
})
