import { describe, expect, test } from 'vitest'
import { refusingReader, waysOut } from '../../renderer/data/refusal.ts'
import { problem } from '../../src/base/problem.ts'
import { readers as known } from '../../src/data/index.ts'

const readers = [...known.values()]
const of = (code: string, line?: number) => [
  problem(code, 'a is wrong; mend it.', { file: 'a', ...(line === undefined ? {} : { line }) }),
]
const readerOf = (name: string, code: string) => refusingReader(readers, name, of(code))

test('which reader refused is told by the ending, else by what it says', () => {
  expect(readerOf('Prices.CSV.gz', 'data.noFeature')?.type).toBe('csv')
  expect(readerOf('a.csv, b.csv', 'data.files')?.type).toBe('csv')
  // The columns of records are guessed as those of a CSV are, and say so.
  expect(readerOf('log.jsonl', 'csv.number')?.type).toBe('jsonl')
  expect(readerOf('notes.txt', 'csv.ragged')?.type).toBe('csv')
  expect(readerOf('notes.txt', 'text.short')?.type).toBe('text')
  expect(readerOf('tones', 'sound.none')?.type).toBe('sound')
  expect(readerOf('notes.txt', 'data.noFeature')).toBeUndefined()
})

describe('bad rows can be left out', () => {
  const csv = readerOf('a.csv', '')
  test('or mended, where the reader can', () => {
    expect(waysOut(csv, of('csv.ragged', 3))).toEqual(['refuse', 'skip', 'repair'])
    expect(waysOut(readerOf('a.jsonl', ''), of('json.record', 3))).toEqual(['refuse', 'skip'])
  })
  test('unless nothing is of a single row', () => {
    expect(waysOut(csv, of('csv.encoding'))).toEqual([])
    expect(waysOut(csv, of('csv.decimalComma', 3))).toEqual([])
    expect(waysOut(csv, of('csv.header', 1))).toEqual([])
    expect(waysOut(readerOf('tones', 'sound.none'), of('sound.none', 1))).toEqual([])
    expect(waysOut(undefined, of('data.noFeature', 1))).toEqual([])
  })
})
