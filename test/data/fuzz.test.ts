import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { asSource, findReader, prepare, preview, proposeSource, readFiles } from '../../src/data/index.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { fileOf, idxBytes, referenceOf, sectionOf, valueOf } from './files.ts'

const text = 'a,b,"c d",class\r\n1,2.5,"x, y",u\n2,,"z\n",v\n-3e2,NA,x,u\n4,1,"q""r",v\n5,6,x,u\n'
interface Content {
  readonly name: string
  readonly bytes: Uint8Array
}
const table: readonly Content[] = [{ name: 't.csv', bytes: new TextEncoder().encode(text) }]
const pictures: readonly Content[] = [
  {
    name: 'x',
    bytes: idxBytes(
      [6, 3, 2],
      Array.from({ length: 36 }, (_, i) => i * 7),
    ),
  },
  { name: 'y', bytes: idxBytes([6], [0, 1, 2, 0, 1, 2]) },
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
async function swallow(reader: string, contents: readonly Content[], options: ParamValues = {}): Promise<boolean> {
  const files = contents.map(({ name, bytes }) => fileOf(name, bytes))
  findReader(files)
  const opened = await readFiles(files, { reader, options })
  const proposed = opened.ok ? proposeSource(opened.value, files.map(referenceOf)) : opened
  if (!opened.ok || !proposed.ok) {
    const problems = proposed.ok ? [] : proposed.problems
    for (const problem of problems) {
      expect(problem.message).toMatch(/^[^\n]+\.$/)
      expect(problem.message).not.toMatch(/undefined|NaN|internal/)
    }
    expect(problems.length).toBeGreaterThan(0)
    return false
  }
  const { source } = proposed.value
  const section = sectionOf(source)
  // What a file was guessed to hold must be what it can be read as.
  const loaded = valueOf(asSource(source, opened.value))
  preview(loaded)
  const prepared = prepare(loaded.data, section)
  if (prepared.ok) {
    const { train, validation } = prepared.value
    expect([...train.features, ...validation.features].every(Number.isFinite)).toBe(true)
  }
  return true
}

describe('damaged files give results, never exceptions', () => {
  test.each([
    ['CSV', 'csv', table, {}],
    ['CSV, bad rows left out', 'csv', table, { bad: 'skip' }],
    ['CSV, bad rows mended', 'csv', table, { bad: 'repair' }],
    ['IDX', 'idx', pictures, {}],
  ])('%s', async (_, reader, files, options) => {
    let read = 0
    let refused = 0
    for (let seed = 0; seed < 2000; seed++) {
      const rng = new Rng(seed, 'fuzz', reader)
      const victim = rng.integer(files.length)
      const damaged = files.map((file, i) => (i === victim ? { ...file, bytes: mutate(file.bytes, rng) } : file))
      // An expectation inside would not say which seed it was.
      try {
        if (await swallow(reader, damaged, options)) read++
        else refused++
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
    }
    // Both ways must have been taken often, or the test would show nothing.
    expect(read).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(100)
  })

  test('a long file of quotes, commas or line ends takes no time to speak of', async () => {
    for (const piece of ['"', '","', ',', '\n', '\r', '""\n', '"\n', 'a"', ';', ' ', '"a\n', 'a"\n', '"",\n"']) {
      const bytes = new TextEncoder().encode(piece.repeat(200_000))
      for (const bad of ['refuse', 'skip', 'repair']) await swallow('csv', [{ name: 'long.csv', bytes }], { bad })
    }
  })
})
