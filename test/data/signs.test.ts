import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isNumberInAnySigns, NumberSigns } from '../../src/data/table/signs.ts'
import { attempt } from '../../src/base/problem.ts'
import csv from '../../src/data/readers/csv.ts'
import { cellsOf, fileFrom, readWith } from './reading.ts'

/** A column as it is read, when its first cells are `sample` and those of other columns `others`. */
function signsOf(
  cells: readonly string[],
  { delimiter = ';', wanted }: { delimiter?: ';' | ','; wanted?: '.' | ',' } = {},
) {
  const signs = new NumberSigns(
    cells.map((cell) => [cell]),
    { file: 'a.csv', delimiter, wanted },
  )
  const read = (cell: string, line = 2) => signs.plain(cell, 0, line, 'n')
  return { signs, read, all: () => cells.map((cell) => read(cell)) }
}

describe('how a file writes numbers', () => {
  test.each([
    ['1,5', '1.5'],
    ['-0,25', '-0.25'],
    ['1.234,5', '1234.5'],
    ['-12.345.678,9e3', '-12345678.9e3'],
    [',5', '.5'],
    ['1.234', '1234'],
    ['-12.345.678', '-12345678'],
    ['1.23,5', '1.23,5'],
    ['1,5,2', '1,5,2'],
    ['a,5', 'a,5'],
    ['1,234.5', '1,234.5'],
    ['12', '12'],
    ['1 234,5', '1234.5'],
    ["-1'234'567", '-1234567'],
    ['1 234 567,', '1234567.'],
    ['1 234.5', '1 234.5'],
    ['1 23', '1 23'],
    ['12 34 567', '12 34 567'],
    ["1 234'567", "1 234'567"],
    ['0 123', '0 123'],
    ['1 234 kg', '1 234 kg'],
  ])('with decimal commas %j is %j', (cell, written) => {
    expect(signsOf([], { wanted: ',' }).read(cell)).toBe(written)
  })

  test.each([
    ['1.5', '1.5'],
    ['1,234.5', '1234.5'],
    ['1,234', '1234'],
    ['-12,345,678', '-12345678'],
    ['1,23', '1,23'],
    ['12,34,567', '12,34,567'],
    ['0,123', '0,123'],
    ['1234,567', '1234,567'],
    ['1.234.567', '1.234.567'],
    ['Smith, 1,234', 'Smith, 1,234'],
    ['1 234.5', '1234.5'],
    ['1\u00a0234', '1234'],
    ['12\u202f345\u202f678', '12345678'],
    ['1\u2019234.25', '1234.25'],
    ['1 234,5', '1 234,5'],
    ["'1'234'", "'1'234'"],
  ])('with decimal points %j is %j', (cell, written) => {
    expect(signsOf([], { wanted: '.' }).read(cell)).toBe(written)
  })

  test.each([
    [['1.234', '12.5'], '.', ['1.234', '12.5']],
    [['1.234', '12,5'], ',', ['1234', '12.5']],
    [['1.234', '1.234.567'], ',', ['1234', '1234567']],
    [['1,234', '1,234,567'], '.', ['1234', '1234567']],
    [['1,234', '1,234.5'], '.', ['1234', '1234.5']],
    [['1.234', '1.234,5'], ',', ['1234', '1234.5']],
    [['0.123', '1,234'], '.', ['0.123', '1234']],
    [['1 234,567', '1.234'], ',', ['1234.567', '1234']],
    [["1'234.567", '1,234'], '.', ['1234.567', '1234']],
    [['1 234', '1.234'], '.', ['1234', '1.234']],
    // Both, so that nothing is known but that the person must be asked.
    [['1.5', '2,5', '1,234'], '.', ['1.5', '2,5', '1,234']],
  ] as const)('%j has the decimal sign %j and is %j', (cells, sign, plain) => {
    const { signs, all } = signsOf(cells)
    expect([signs.decimal, all()]).toEqual([sign, plain])
  })

  test('what could mean either is said with its column, until a cell tells', () => {
    const commas = signsOf(['1,234', '2,500'])
    expect([commas.signs.decimal, commas.all()]).toEqual([',', ['1.234', '2.500']])
    expect(commas.signs.doubts(['price']).map(({ message }) => message)).toEqual([
      'a.csv, column price: "1,234" is read as 1.234, since nothing tells whether its comma parts thousands; where it means 1234, choose Point as the decimal sign.',
    ])
    commas.read('2,5')
    expect(commas.signs.doubts(['price'])).toEqual([])
    const points = signsOf(['1.234', '12.345'])
    expect(points.all()).toEqual(['1.234', '12.345'])
    expect(points.signs.doubts(['price']).map(({ message }) => message)).toEqual([
      'a.csv, column price: "1.234" is read as 1.234, since nothing tells whether its point parts thousands; where it means 1234, choose Comma as the decimal sign.',
    ])
    // Who parts cells by commas writes decimals with points, and what was said is no doubt.
    expect(signsOf(['1.234'], { delimiter: ',' }).signs.doubts(['price'])).toEqual([])
    expect(signsOf(['1.234'], { wanted: '.' }).signs.doubts(['price'])).toEqual([])
  })

  test('a column in which the sign stands before decimals has no thousands; one that turns out so late is refused', () => {
    const mixed = signsOf(['1.234', '2,5', '1.5'], { wanted: ',' })
    expect(mixed.all()).toEqual(['1.234', '2.5', '1.5'])
    const late = signsOf(['7'], { wanted: ',' })
    expect(late.read('1.234', 300)).toBe('1234')
    const refused = attempt(() => late.read('1.5', 400))
    expect(refused.ok ? [] : refused.problems.map(({ message }) => message)).toEqual([
      'a.csv line 400, column n: "1.5" has a point before its decimals, but on line 300 that of "1.234" was taken to part thousands, as the file has decimal commas; write the column in one way.',
    ])
    const first = signsOf(['7'], { wanted: ',' })
    expect([first.read('1.5'), first.read('1.234')]).toEqual(['1.5', '1.234'])
  })

  test('a cell is a number in some way, or a text', () => {
    for (const cell of ['1', '-2.5', '1,5', '1.234,5', '1,234.5', '1,234,567', '.5', '1e5', '5.', '1 234', "1'234,5"])
      expect(isNumberInAnySigns(cell), cell).toBe(true)
    for (const cell of ['', 'a', '1,2,3', '1.2.3', '01.01.2023', '12:30', '1 23', "1 234'567", '5%', '1,5x', '1.23,5'])
      expect(isNumberInAnySigns(cell), cell).toBe(false)
  })
})

async function readTable(text: string) {
  const { data, facts } = await readWith(csv, [fileFrom('a.csv', text)])
  if (!('columns' in data)) throw new Error('expected a table')
  return { cells: cellsOf(data), facts: Object.fromEntries(facts.map(({ label, value }) => [label, value])) }
}

/** What pandas reads where it is told the signs; see fixtures/make-tables.py. */
const { signs: cases } = JSON.parse(readFileSync(new URL('fixtures/tables.json', import.meta.url), 'utf8')) as {
  signs: readonly { mark: string; decimal: string; text: string; columns: { [name: string]: readonly number[] } }[]
}

describe('a table with thousands', () => {
  test.each(cases)('parted by %j is what pandas reads', async ({ mark, decimal, text, columns }) => {
    const { cells, facts } = await readTable(text)
    const numbers = Object.fromEntries(Object.entries(cells).map(([name, values]) => [name, values.map(Number)]))
    expect(numbers).toEqual(columns)
    expect(facts).toMatchObject({
      'Decimal sign': decimal === ',' ? 'comma' : 'point',
      Thousands: /['\u2019]/.test(mark) ? 'parted by apostrophes' : 'parted by blanks',
    })
    // Control: another mark is none.
    const other = await readTable(text.replaceAll(mark, '*'))
    expect(other.cells['b']?.map(Number)).not.toEqual(columns['b'])
    expect(other.facts).not.toHaveProperty('Thousands')
  })

  test('parted in two ways is said', async () => {
    const { facts, cells } = await readTable("a;b\n1 234,5;1.234\n2'345;2.345.678\n")
    expect(cells).toEqual({ a: ['1234.5', '2345'], b: ['1234', '2345678'] })
    expect(facts).toMatchObject({ Thousands: 'parted by points, apostrophes and blanks' })
  })

  test('from a country with decimal commas, also in a column without any decimals', async () => {
    const { facts, cells } = await readTable('Monat;Menge;Umsatz\n1;28.019;98.316,31\n2;950;361,19\n3;1.200;1.414,24\n')
    expect(facts).toMatchObject({ 'Decimal sign': 'comma', Thousands: 'parted by points' })
    expect(cells).toEqual({
      Monat: ['1', '2', '3'],
      Menge: ['28019', '950', '1200'],
      Umsatz: ['98316.31', '361.19', '1414.24'],
    })
  })

  test('with decimal points, in quotes between commas', async () => {
    const { facts, cells } = await readTable('month,units,income\n1,"28,019","98,316.31"\n2,950,361.19\n')
    expect(facts).toMatchObject({ 'Decimal sign': 'point', Thousands: 'parted by commas' })
    expect(cells).toEqual({ month: ['1', '2'], units: ['28019', '950'], income: ['98316.31', '361.19'] })
    // Nothing of it is said of a file without thousands.
    expect((await readTable('a,b\n1,2.5\n')).facts).not.toHaveProperty('Thousands')
  })

  test('more than a thousand different numbers are read as the first ones were', async () => {
    const german = (value: number) => `${Math.floor(value / 1000)}.${String(value % 1000).padStart(3, '0')}`
    const values = Array.from({ length: 3000 }, (_, i) => 1000 + 7 * i)
    const { cells } = await readTable(`a;b\n${values.map((value, i) => `${german(value)};${i},5`).join('\n')}\n`)
    expect(cells).toEqual({ a: values.map(String), b: values.map((_, i) => `${i}.5`) })
  })
})
