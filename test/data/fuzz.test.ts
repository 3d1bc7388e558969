import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { findReader, loadSource, prepare, preview } from '../../src/data/index.ts'
import csv from '../../src/data/readers/csv.ts'
import idx from '../../src/data/readers/idx.ts'
import type { Reader, SourceFile } from '../../src/data/types.ts'
import { fileOf, idxBytes, sectionOf, valueOf } from './files.ts'

const text = 'a,b,"c d",class\r\n1,2.5,"x, y",u\n2,,"z\n",v\n-3e2,NA,x,u\n4,1,"q""r",v\n5,6,x,u\n'
const table = [fileOf('t.csv', text)]
const pictures = [
  fileOf(
    'x',
    idxBytes(
      [6, 3, 2],
      Array.from({ length: 36 }, (_, i) => i * 7),
    ),
  ),
  fileOf('y', idxBytes([6], [0, 1, 2, 0, 1, 2])),
]

const nasty = [0, 0x0a, 0x0d, 0x22, 0x2c, 0x3b, 0x09, 0x20, 0x2d, 0x2e, 0x30, 0x65, 0x7f, 0x80, 0xc3, 0xe2, 0xef, 0xff]

/** A few bytes changed, put in, taken out, doubled or cut off. */
function mutate(bytes: Uint8Array, rng: Rng): Uint8Array {
  let all = [...bytes]
  for (let k = 1 + rng.integer(4); k > 0; k--) {
    const i = rng.integer(all.length + 1)
    const byte = rng.integer(2) ? (nasty[rng.integer(nasty.length)] ?? 0) : rng.integer(256)
    const kind = rng.integer(5)
    if (kind === 0 && i < all.length) all[i] = byte
    if (kind === 1) all.splice(i, 0, byte)
    if (kind === 2) all.splice(i, 1 + rng.integer(6))
    if (kind === 3) all.splice(i, 0, ...all.slice(i, i + rng.integer(12)))
    if (kind === 4 && rng.integer(4) === 0) all = all.slice(0, i)
  }
  return Uint8Array.from(all)
}

/** Everything that is done to files that come in; anything but a Result is an exception that the test shows. */
function swallow(reader: Reader, files: readonly SourceFile[]): boolean {
  findReader(files)
  const inspected = reader.inspect(files)
  if (!inspected.ok) {
    for (const problem of inspected.problems) {
      expect(problem.message).toMatch(/^[^\n]+\.$/)
      expect(problem.message).not.toMatch(/undefined|NaN|internal/)
    }
    expect(inspected.problems.length).toBeGreaterThan(0)
    return false
  }
  const section = sectionOf(inspected.value.source)
  // What a file was guessed to hold must be what it can be read as.
  const { data } = valueOf(loadSource(section, files))
  preview(data)
  const prepared = prepare(data, section)
  if (prepared.ok) {
    const { train, validation } = prepared.value
    expect([...train.features, ...validation.features].every(Number.isFinite)).toBe(true)
  }
  return true
}

describe('damaged files give results, never exceptions', () => {
  test.each([
    ['CSV', csv, table],
    ['IDX', idx, pictures],
  ])('%s', (_, reader, files) => {
    let read = 0
    let refused = 0
    for (let seed = 0; seed < 2000; seed++) {
      const rng = new Rng(seed, 'fuzz', reader.type)
      const victim = rng.integer(files.length)
      const damaged = files.map((file, i) => (i === victim ? fileOf(file.name, mutate(file.bytes, rng)) : file))
      // An expectation inside would not say which seed it was.
      try {
        if (swallow(reader, damaged)) read++
        else refused++
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
    }
    // Both ways must have been taken often, or the test would show nothing.
    expect(read).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(300)
  })

  test('a long file of quotes, commas or line ends takes no time to speak of', () => {
    for (const piece of ['"', '","', ',', '\n', '\r', '""\n', '"\n', 'a"', ';', ' ']) {
      swallow(csv, [fileOf('long.csv', piece.repeat(200_000))])
    }
  })
})
