import { describe, expect, test } from 'vitest'
import parquet from '../../src/data/readers/parquet.ts'
import { lz4, snappy } from '../../src/data/formats/unpack.ts'
import fixtures from './fixtures/parquet.json' with { type: 'json' }
import { cellsOf, fileFrom, readWith, sentencesOf, tableWith, unzippedFile } from './reading.ts'

type Shown = string | number
const expected = fixtures.expected as unknown as { readonly [column: string]: readonly Shown[] }
const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'))
const fileOf = ({ name, bytes }: { name: string; bytes: string }) => fileFrom(name, bytesOf(bytes))
const refused = new Map(fixtures.refused.map((one) => [one.name, one]))

/** Numbers by value, texts as they are. */
function alike(found: readonly string[], wanted: readonly Shown[]): boolean {
  return (
    found.length === wanted.length &&
    wanted.every((want, i) =>
      typeof want === 'number' ? found[i] !== '' && Number(found[i]) === want : found[i] === want,
    )
  )
}

describe('what Arrow wrote is read as Arrow has it:', () => {
  test.each(fixtures.files)('$name', async (fixture) => {
    const table = await tableWith(parquet, [fileOf(fixture)])
    const cells = cellsOf(table)
    expect(Object.keys(cells)).toEqual(fixture.columns)
    expect(table.rows).toBe(40)
    for (const name of fixture.columns) {
      const wanted = expected[name] ?? []
      // Readable where it fails; `alike` decides.
      if (!alike(cells[name] ?? [], wanted)) expect(cells[name]).toEqual(wanted.map(String))
    }
  })

  test('and a wrong value would be seen', () => {
    expect(alike(['1', 'a', ''], [1, 'a', ''])).toBe(true)
    expect(alike(['1', 'a', ''], [1.5, 'a', ''])).toBe(false)
    expect(alike(['', 'a', ''], [0, 'a', ''])).toBe(false)
    expect(alike(['1', 'b', ''], [1, 'a', ''])).toBe(false)
    expect(alike(['1'], [1, 'a'])).toBe(false)
  })
})

test('a file tells what it is', async () => {
  const { facts, data } = await readWith(parquet, [fileOf(fixtures.files[1] ?? { name: '', bytes: '' })])
  expect(facts.slice(0, 5)).toEqual([
    { label: 'Rows', value: '40' },
    { label: 'Columns', value: '20' },
    { label: 'Format', value: 'Parquet' },
    { label: 'Row groups', value: '3' },
    { label: 'Compression', value: 'Snappy' },
  ])
  expect(facts[5]?.value).toMatch(/^parquet-cpp-arrow/)
  expect('places' in data && data.places).toEqual({ unit: 'row', first: 1 })
})

test('only the parts of a file that are needed are read', async () => {
  const bytes = bytesOf(fixtures.files[0]?.bytes ?? '')
  let most = 0
  const file = fileFrom('x.parquet', bytes)
  const watched = {
    ...file,
    read: (from: number, to: number) => {
      most = Math.max(most, to - from)
      return file.read(from, to)
    },
    chunks: () => {
      throw new Error('read as a whole')
    },
  }
  await tableWith(parquet, [watched])
  expect(most).toBeGreaterThan(100)
  expect(most).toBeLessThan(bytes.length / 2)
})

test.each([
  [
    'brotli.parquet',
    'brotli.parquet: column "a" in row group 1 is packed with Brotli; save the file with Snappy, gzip, Zstandard or LZ4.',
  ],
  [
    'beyond.parquet',
    'beyond.parquet: column "id" in row group 1 cannot be read: entry 2 of its dictionary is 9007199254740993, beyond 2^53, which cannot be held exactly. Save the column as texts.',
  ],
  [
    'binary.parquet',
    'binary.parquet: column "blob" in row group 1 cannot be read: row 1 is not UTF-8, so it is bytes rather than a text. Save the file again.',
  ],
  [
    'fixed.parquet',
    'fixed.parquet: column "hash" holds bytes without a meaning, which cannot be read; convert it or leave it out.',
  ],
  ['no-rows.parquet', 'no-rows.parquet has 2 columns and no rows; save it with some.'],
])('%s is refused in words', async (name, sentence) => {
  const fixture = refused.get(name)
  expect(await sentencesOf(readWith(parquet, [fileOf(fixture ?? { name, bytes: '' })]))).toEqual([sentence])
})

test('lists and records within rows are left out with a sentence, and the other columns are read', async () => {
  const fixture = refused.get('nested.parquet')
  const { data, warnings } = await readWith(parquet, [fileOf(fixture ?? { name: '', bytes: '' })])
  if (!('columns' in data)) throw new Error('no table')
  expect(cellsOf(data)).toEqual({ a: ['1', '2'] })
  expect(warnings.map(({ message }) => message)).toEqual([
    'nested.parquet has lists, maps or records in columns "tags", "who"; they are left out, and can be saved as columns of plain values.',
  ])
})

test('a file that is gzipped as a whole is refused, for it cannot be read in parts', async () => {
  const file = unzippedFile('t.parquet.gz', bytesOf(fixtures.files[0]?.bytes ?? ''))
  expect(await sentencesOf(readWith(parquet, [file]))).toEqual([
    't.parquet.gz is gzipped as a whole; unzip it first, Parquet files are packed inside.',
  ])
})

describe('unpacking', () => {
  test('Snappy copies may overlap what they make', () => {
    // Length 10, the literal "ab", a copy of 8 from 2 back.
    const packed = Uint8Array.of(10, 1 << 2, 0x61, 0x62, ((8 - 4) << 2) | 1, 2)
    expect(new TextDecoder().decode(snappy(packed, 10))).toBe('ababababab')
    expect(() => snappy(packed, 11)).toThrow('it has 10 bytes where 11 are promised')
    expect(() => snappy(Uint8Array.of(10, 1 << 2, 0x61, 0x62, (4 << 2) | 1, 3), 10)).toThrow('it cannot be unpacked')
  })

  test('LZ4 likewise', () => {
    // Two literals and a copy of 8, then the last literals.
    const packed = Uint8Array.of((2 << 4) | 4, 0x61, 0x62, 2, 0, 1 << 4, 0x21)
    expect(new TextDecoder().decode(lz4(packed, 11))).toBe('ababababab!')
    expect(() => lz4(packed, 12)).toThrow('it has 11 bytes where 12 are promised')
    expect(() => lz4(packed, 5)).toThrow('it cannot be unpacked')
  })
})
