import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { attempt } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { isMissing, numberIn } from '../../src/data/table/cells.ts'
import { firstBadByte, guessDelimiter, RecordScanner, type Delimiter } from '../../src/data/table/records.ts'
import { messages, problemsOf } from './files.ts'

const encoder = new TextEncoder()

interface Read {
  readonly cells: readonly (readonly string[])[]
  readonly lines: readonly number[]
  /** What is said of lines that are left out. */
  readonly broken: readonly string[]
}

/** All records of a text whose bytes come in pieces that end at `cuts`. */
function recordsOf(text: string | Uint8Array, delimiter: Delimiter, cuts: readonly number[] = []): Read {
  const bytes = typeof text === 'string' ? encoder.encode(text) : text
  const scanner = new RecordScanner('x.csv', delimiter)
  const cells: string[][] = []
  const lines: number[] = []
  const broken: string[] = []
  let from = 0
  for (const cut of [...cuts, bytes.length]) {
    const last = cut === bytes.length
    const piece = bytes.slice(from, cut)
    scanner.look(piece, from)
    let used = 0
    while (used < piece.length) {
      const next = scanner.next(used, last)
      if (next < 0) break
      used = next
      if (scanner.broken) broken.push(scanner.broken.message)
      else if (scanner.width > 0) {
        cells.push(Array.from({ length: scanner.width }, (_, cell) => scanner.text(cell)))
        lines.push(scanner.line)
      }
    }
    from += used
  }
  return { cells, lines, broken }
}

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
      const read = recordsOf(text, delimiter)
      expect(read.cells).toEqual(rows.map((row) => row.map((cell) => cell.trim())))
      expect(read.lines).toEqual(lines)
    }
  })

  test('agree with csv-parse on cells', () => {
    let compared = 0
    for (let seed = 0; seed < 300; seed++) {
      const { text, rows } = randomTable(new Rng(seed, 'oracle'), ',', '\n')
      const theirs: string[][] = parse(text, { record_delimiter: '\n', relax_column_count: true })
      expect(recordsOf(text, ',').cells).toEqual(theirs.map((row) => row.map((cell) => cell.trim())))
      compared += rows.length
    }
    expect(compared).toBeGreaterThan(1000)
  })

  test('the comparison can fail: another delimiter reads another table', () => {
    const text = 'a,b\n1,2\n'
    expect(recordsOf(text, ';').cells).not.toEqual(parse(text))
  })

  test('begin where their first cell begins, also after quoted line ends of any kind and blank lines', () => {
    expect(recordsOf('a,b\r\n1,"x\r\ny\rz\nw"\r\n\r\n2,3\r\n', ',').lines).toEqual([1, 2, 7])
    expect(recordsOf('a\r"1\r2"\r3', ',').lines).toEqual([1, 2, 4])
  })

  test('drop blanks around cells and around their quotes, and keep an empty last cell', () => {
    expect(recordsOf(' a , "b, c" ,\n', ',').cells).toEqual([['a', 'b, c', '']])
    expect(recordsOf('1\t\t 2 \n', '\t').cells).toEqual([['1', '', '2']])
  })
})

/** Well formed or not, with what chunks may tear apart. */
function randomText(rng: Rng): string {
  const pieces = [
    'a',
    '1.5',
    ',',
    ',',
    '"',
    '""',
    '"x"',
    '\n',
    '\r\n',
    '\r',
    'ü',
    '√',
    '𝄞',
    ' ',
    '\t',
    '"q, ""r"",\r\ns"',
  ]
  return Array.from({ length: 1 + rng.integer(24) }, () => pieces[rng.integer(pieces.length)] ?? '').join('')
}

describe('bytes that come in pieces', () => {
  test('give the same records, lines and complaints, wherever they are cut', () => {
    let broken = 0
    let quoted = 0
    for (let seed = 0; seed < 600; seed++) {
      const text = randomText(new Rng(seed, 'pieces'))
      const bytes = encoder.encode(text)
      const whole = recordsOf(bytes, ',')
      broken += whole.broken.length
      quoted += whole.cells.flat().filter((cell) => /[\n\r",]/.test(cell)).length
      for (let cut = 0; cut <= bytes.length; cut++)
        expect(recordsOf(bytes, ',', [cut]), `seed ${seed}, cut at ${cut}: ${JSON.stringify(text)}`).toEqual(whole)
      const each = Array.from(bytes, (_, i) => i)
      expect(recordsOf(bytes, ',', each), `seed ${seed}, byte by byte`).toEqual(whole)
    }
    expect(broken).toBeGreaterThan(50)
    expect(quoted).toBeGreaterThan(50)
  })

  test('the comparison can fail: what is lost between two pieces is missed', () => {
    const text = 'a,b\n1,"x\ny"\n'
    expect(recordsOf(text.replace('x', ''), ',', [7])).not.toEqual(recordsOf(text, ',', [7]))
  })

  test('say where in the file a byte is that is no UTF-8', () => {
    const bytes = Uint8Array.from([...encoder.encode('a,b\n1,2\n3,'), 0xff, 0x0a])
    for (const cuts of [[], [5], [10]])
      expect(problemsOf(attempt(() => recordsOf(bytes, ',', cuts)))[0]?.place).toEqual({ file: 'x.csv', byte: 10 })
  })

  test('of a row without end are too many at some point', () => {
    const scanner = new RecordScanner('x.csv', ',')
    scanner.look(new Uint8Array(16_000_000).fill(0x61).fill(0x22, 0, 1), 0)
    expect(scanner.next(0, false)).toBe(-1)
    scanner.look(new Uint8Array(16_000_001).fill(0x61).fill(0x22, 0, 1), 0)
    expect(messages(attempt(() => scanner.next(0, false)))).toEqual([
      'x.csv line 1: the row has more than 16.0 MB and does not end; look for a quote that opens and is never closed, or choose another delimiter.',
    ])
  })
})

describe('a line that is broken', () => {
  test('is left out, and the next one is read', () => {
    expect(recordsOf('a,b\n1,x"y\n2,3\n"4"5,6\n7,8\n', ',')).toEqual({
      cells: [
        ['a', 'b'],
        ['2', '3'],
        ['7', '8'],
      ],
      lines: [1, 3, 5],
      broken: [
        'x.csv line 2, cell 2: a quote stands inside the text "x\\""; put the whole cell in quotes and double the quotes within it.',
        'x.csv line 4, cell 1: "5" follows a closing quote; put the whole cell in quotes and double the quotes within it.',
      ],
    })
  })

  test('at the end takes no other with it', () => {
    expect(recordsOf('a\n"b\nc\n', ',')).toEqual({
      cells: [['a'], ['c']],
      lines: [1, 3],
      broken: ['x.csv line 2, cell 1: a quote opens and is never closed; close it or remove it.'],
    })
  })
})

describe('numbers read from bytes', () => {
  test('are those that their text is, or are left to their text', () => {
    const pieces = ['0', '1', '9', '25', '.', '-', '+', 'e', ' ', '999999999999999', '0000', '']
    let read = 0
    let left = 0
    for (let seed = 0; seed < 5000; seed++) {
      const rng = new Rng(seed, 'numbers')
      const text = Array.from({ length: 1 + rng.integer(5) }, () => pieces[rng.integer(pieces.length)] ?? '').join('')
      const scanner = new RecordScanner('x', ',')
      scanner.look(encoder.encode(`${text},`), 0)
      scanner.next(0, true)
      const value = scanner.number(0)
      if (Number.isNaN(value)) left++
      else {
        read++
        expect([text, Object.is(value, Number(text))]).toEqual([text, true])
        expect(numberIn(text.trim())).toBe(value)
      }
    }
    expect(read).toBeGreaterThan(1000)
    expect(left).toBeGreaterThan(1000)
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
    expect(guessDelimiter({ file: 'x.csv', before: 0, bytes: encoder.encode(text), whole: true })).toBe(delimiter)
  })
})

describe('UTF-8', () => {
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
