import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { ProblemError } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { decodeText, firstBadByte } from '../../src/data/table/decode.ts'
import { guessDelimiter, readRecords } from '../../src/data/table/records.ts'
import { isMissing, numberIn } from '../../src/data/table/cells.ts'

/** A table written by rule, so that what must be read is known. */
function randomTable(rng: Rng, delimiter: string, newline: string) {
  const pieces = ['a', 'B7', '3.5', ' ', delimiter, '"', '\n', '\r\n', '\r', 'ü', '√', '-1e3', '']
  const width = 1 + rng.integer(5)
  const rows = Array.from({ length: 1 + rng.integer(8) }, () =>
    Array.from({ length: width }, () =>
      Array.from({ length: 1 + rng.integer(4) }, () => pieces[rng.integer(pieces.length)] ?? '').join(''),
    ),
  )
  const lines: number[] = []
  let text = ''
  for (const row of rows) {
    lines.push(text.replace(/\r\n/g, '\n').split(/[\r\n]/).length)
    const cells = row.map((cell) => {
      const mustQuote = /["\r\n]/.test(cell) || cell.includes(delimiter) || cell !== cell.trim() || cell === ''
      return mustQuote || rng.integer(3) === 0 ? `"${cell.replaceAll('"', '""')}"` : cell
    })
    text += cells.join(delimiter) + newline
  }
  return { rows, lines, text }
}

describe('records', () => {
  test('give back any table that was written by the rules, with the physical line of each record', () => {
    for (let seed = 0; seed < 600; seed++) {
      const rng = new Rng(seed, 'records')
      const delimiter = ([',', ';', '\t', '|'] as const)[seed % 4] ?? ','
      const newline = ['\n', '\r\n', '\r'][seed % 3] ?? '\n'
      const { rows, lines, text } = randomTable(rng, delimiter, newline)
      const read = readRecords(text, delimiter, 'x.csv')
      expect(read.cells).toEqual(rows.map((row) => row.map((cell) => cell.trim())))
      expect(read.lines).toEqual(lines)
    }
  })

  test('agree with csv-parse on cells', () => {
    let compared = 0
    for (let seed = 0; seed < 300; seed++) {
      const { text, rows } = randomTable(new Rng(seed, 'oracle'), ',', '\n')
      const theirs: string[][] = parse(text, { record_delimiter: '\n', relax_column_count: true })
      expect(readRecords(text, ',', 'x.csv').cells).toEqual(theirs.map((row) => row.map((cell) => cell.trim())))
      compared += rows.length
    }
    expect(compared).toBeGreaterThan(1000)
  })

  test('the comparison can fail: another delimiter reads another table', () => {
    const text = 'a,b\n1,2\n'
    expect(readRecords(text, ';', 'x.csv').cells).not.toEqual(parse(text))
  })

  test('begin where their first cell begins, also after quoted line ends of any kind and blank lines', () => {
    expect(readRecords('a,b\r\n1,"x\r\ny\rz\nw"\r\n\r\n2,3\r\n', ',', 'x.csv').lines).toEqual([1, 2, 7])
    expect(readRecords('a\r"1\r2"\r3', ',', 'x.csv').lines).toEqual([1, 2, 4])
  })

  test('drop blanks around cells and around their quotes, and keep an empty last cell', () => {
    expect(readRecords(' a , "b, c" ,\n', ',', 'x.csv').cells).toEqual([['a', 'b, c', '']])
    expect(readRecords('1\t\t 2 \n', '\t', 'x.csv').cells).toEqual([['1', '', '2']])
  })
})

describe('delimiter', () => {
  test.each([
    ['a,b,c\n1,2,3\n', ','],
    ['a;b\n1,5;2,5\n3,5;4,5\n', ';'],
    ['a\tb\n1\t2\n', '\t'],
    ['a|b\n"x|y\n,,,"|2\n', '|'],
    ['a,b\n"1;2;3;4","5;6"\n', ','],
    ['only\n1\n2\n', ','],
    ['a,b,c\n1,2\n3,4,5\n', ','],
  ])('of %j is %j', (text, delimiter) => {
    expect(guessDelimiter(text)).toBe(delimiter)
  })
})

describe('decoding', () => {
  test('finds the first bad byte where the strict decoder refuses, and none where it does not', () => {
    const strict = new TextDecoder('utf-8', { fatal: true })
    const accepts = (bytes: Uint8Array) => {
      try {
        strict.decode(bytes)
        return true
      } catch {
        return false
      }
    }
    const leads = [0x41, 0x7f, 0x80, 0xbf, 0xc1, 0xc3, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xf5, 0xe2, 0x82]
    let bad = 0
    for (let seed = 0; seed < 4000; seed++) {
      const rng = new Rng(seed, 'utf8')
      const bytes = Uint8Array.from({ length: 1 + rng.integer(5) }, () => leads[rng.integer(leads.length)] ?? 0)
      const found = firstBadByte(bytes)
      expect(found === bytes.length).toBe(accepts(bytes))
      expect(accepts(bytes.subarray(0, found))).toBe(true)
      if (found < bytes.length) bad++
    }
    expect(bad).toBeGreaterThan(1000)
  })

  test('drops the byte order mark and reads little-endian UTF-16', () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0x2c), 'x')).toBe('a,')
    expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x2c, 0), 'x')).toBe('a,')
  })

  test('refuses big-endian UTF-16 by name', () => {
    expect(() => decodeText(Uint8Array.of(0xfe, 0xff, 0, 0x61), 'x')).toThrow(ProblemError)
  })
})

describe('cells', () => {
  test.each([
    ['1', 1],
    ['-2.5', -2.5],
    ['+.5', 0.5],
    ['3.', 3],
    ['1e3', 1000],
    ['2E-2', 0.02],
  ])('%j is the number %d', (cell, value) => {
    expect(numberIn(cell)).toBe(value)
  })

  test.each([
    '',
    'x',
    '1,5',
    '0x10',
    'Infinity',
    '1e400',
    '4e38',
    '1 000',
    '1_000',
    '.',
    'e5',
    '٣',
    '2020-01-01',
    '=1+1',
  ])('%j is no number', (cell) => {
    expect(numberIn(cell)).toBeNaN()
  })

  test('the documented texts mean that a value is missing, in any case, and others do not', () => {
    for (const cell of ['', 'NA', 'na', 'N/A', 'NaN', 'null', 'NULL', '?', '-']) expect(isMissing(cell)).toBe(true)
    for (const cell of ['0', 'none', 'no', '--', 'nan ', 'N']) expect(isMissing(cell)).toBe(false)
  })
})
