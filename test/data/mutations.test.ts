/** Files that were damaged by chance: each gives data or a sentence, soon, in little memory, and never an exception. */
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { ProblemError } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import csv from '../../src/data/readers/csv.ts'
import idx from '../../src/data/readers/idx.ts'
import jsonl from '../../src/data/readers/jsonl.ts'
import numpy from '../../src/data/readers/numpy.ts'
import prose from '../../src/data/readers/text.ts'
import parquet from '../../src/data/readers/parquet.ts'
import type { ReadData, Reader } from '../../src/data/types.ts'
import numpyFixtures from './fixtures/numpy.json' with { type: 'json' }
import parquetFixtures from './fixtures/parquet.json' with { type: 'json' }
import { computing } from '../helpers/computing.ts'
import { idxBytes } from './idx.ts'
import { npyBytes } from './npy.ts'
import { fileFrom, readWith, unzippedFile } from './reading.ts'

const MUTATIONS = 300
/** Milliseconds of computing that one file may take. */
const SOON = 2000
/** Bytes by which the process may have grown; what is free but not yet given back counts too. */
const ROOM = 600_000_000

interface Victim {
  readonly name: string
  readonly bytes: Uint8Array
}

const nasty = [
  0, 1, 0x0a, 0x0d, 0x22, 0x27, 0x28, 0x29, 0x2c, 0x30, 0x39, 0x3a, 0x50, 0x5b, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xff,
]

/** A few bytes changed, put in, taken out, doubled or cut off. */
function mutate(bytes: Uint8Array, rng: Rng): Uint8Array {
  let all = [...bytes]
  for (let k = 1 + rng.integer(3); k > 0; k--) {
    // Half of them where headers and lists of contents are.
    const edge = Math.min(all.length, 400)
    const near = rng.integer(4)
    const i =
      near === 0 ? rng.integer(edge + 1) : near === 1 ? all.length - rng.integer(edge + 1) : rng.integer(all.length + 1)
    const byte = rng.integer(2) ? (nasty[rng.integer(nasty.length)] ?? 0) : rng.integer(256)
    const kind = rng.integer(6)
    if (kind <= 1 && i < all.length) all[i] = byte
    if (kind === 2) all.splice(i, 0, byte)
    if (kind === 3) all.splice(i, 1 + rng.integer(6))
    if (kind === 4) all.splice(i, 0, ...all.slice(i, i + rng.integer(12)))
    if (kind === 5 && rng.integer(4) === 0) all = all.slice(0, i)
  }
  return Uint8Array.from(all)
}

const base64 = (name: string, list: readonly { readonly name: string; readonly bytes: string }[]): Victim => {
  const found = list.find((one) => one.name === name)
  if (!found) throw new Error(`no fixture ${name}`)
  return { name, bytes: Uint8Array.from(Buffer.from(found.bytes, 'base64')) }
}
const text = (name: string, lines: string): Victim => ({ name, bytes: new TextEncoder().encode(lines) })
const utf16 = (words: string) => new Uint8Array(Uint16Array.from(words, (letter) => letter.charCodeAt(0)).buffer)
const x = npyBytes('|u1', [4, 2, 2], [...Array(16).keys()])
const y = npyBytes('<i8', [4], [0, 1, 2, 1])
const parquetFile = (name: string) => base64(`${name}.parquet`, parquetFixtures.files)

const victims: readonly (readonly [name: string, reader: Reader, files: readonly Victim[], read: number])[] = [
  [
    'IDX',
    idx,
    [
      { name: 'x.idx', bytes: idxBytes([6, 3, 2], [...Array(36).keys()]) },
      { name: 'y.idx', bytes: idxBytes([6], [0, 1, 2, 0, 1, 2]) },
    ],
    20,
  ],
  ['NPY', numpy, [{ name: 'a.npy', bytes: npyBytes('<f4', [5, 3], [...Array(15).keys()]) }], 20],
  [
    'pairs of NPY',
    numpy,
    [
      { name: 'x.npy', bytes: x },
      { name: 'y.npy', bytes: y },
    ],
    20,
  ],
  ['NPZ', numpy, [{ name: 'a.npz', bytes: zipSync({ 'x.npy': x, 'y.npy': y }, { level: 0 }) }], 0],
  ['deflated NPZ', numpy, [base64('deflated.npz', numpyFixtures)], 0],
  ['CSV', csv, [text('a.csv', 'a,b,"c ""d"" "\n1,-2.5,x\n3.25e2,,"y\r\nz"\n"4" , NA,é€\n'.repeat(3))], 20],
  ['CSV in UTF-16', csv, [{ name: 'a.csv', bytes: utf16('\ufeffa;b\n1,5;x\n2,5;"y;€"\n;z\n') }], 20],
  [
    'JSON Lines',
    jsonl,
    [
      text(
        'a.jsonl',
        '{"a": 1, "b": "x\\ny", "c": [1, 2]}\n{"a": -2.5e3, "d": {"e": true}}\n{"c": [3, null]}\n'.repeat(3),
      ),
    ],
    20,
  ],
  [
    'a list in JSON',
    jsonl,
    [text('a.json', '[{"a": 1, "b": "x]"}, {"a": null,\n "b": "\\"}"}, {"c": {"d": [1, 2, 3]}}]')],
    20,
  ],
  ['text', prose, [text('a.txt', 'Müde — schläft die Katze 😀 ein;\r\nEs regnet auch.\n')], 20],
  [
    'text in UTF-16',
    prose,
    [{ name: 'a.txt', bytes: utf16('\ufeff' + 'Eine Katze, müde, schläft ein.\n'.repeat(5)) }],
    20,
  ],
  ...['plain-v1', 'dictionary-v1', 'dictionary-v2', 'zstd-v2', 'lz4-v1', 'delta', 'int96'].map(
    (name) => [`Parquet ${name}`, parquet, [parquetFile(name)], 5] as const,
  ),
]

/** Whether it was taken. */
async function swallow(reading: Promise<ReadData>): Promise<boolean> {
  try {
    const { data } = await reading
    const rows = 'columns' in data ? data.rows : data.count
    expect(rows).toBeGreaterThan(0)
    if (!('columns' in data)) expect(data.targets.length % data.count).toBe(0)
    return true
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    expect(error.problems.length).toBeGreaterThan(0)
    for (const { message } of error.problems) {
      expect(message).toMatch(/^[^\n]+[.]$/)
      expect(message).not.toMatch(/\bundefined\b|internal:/)
    }
    return false
  }
}

describe('damaged files give data or sentences, never exceptions', () => {
  test.each(victims)('%s', async (name, reader, files, leastRead) => {
    const before = process.memoryUsage().rss
    let read = 0
    let slowest = 0
    for (let seed = 0; seed < MUTATIONS; seed++) {
      const rng = new Rng(seed, 'mutations', name)
      const victim = rng.integer(files.length)
      const damaged = files.map((file, i) => ({ ...file, bytes: i === victim ? mutate(file.bytes, rng) : file.bytes }))
      // Every fourth comes as if it had been gzipped; archives and Parquet are refused then.
      const open = leastRead > 5 && seed % 4 === 0 ? unzippedFile : fileFrom
      const data = damaged.map((file) => open(file.name, file.bytes))
      const took = computing()
      // An expectation inside would not say which seed it was.
      try {
        reader.accepts(data)
        if (await swallow(readWith(reader, data))) read++
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
      slowest = Math.max(slowest, took())
    }
    expect(slowest).toBeLessThan(SOON)
    expect(process.memoryUsage().rss - before).toBeLessThan(ROOM)
    // Both ways must have been taken, or the test would show nothing.
    expect(read).toBeGreaterThanOrEqual(leastRead)
    expect(MUTATIONS - read).toBeGreaterThan(50)
  })

  test('and a reader that lets an exception out would be seen', async () => {
    await expect(swallow(Promise.reject(new RangeError('too long')))).rejects.toThrow('too long')
    await expect(
      swallow(Promise.reject(new ProblemError({ code: 'x', severity: 'error', message: 'undefined is bad.' }))),
    ).rejects.toThrow()
  })
})
