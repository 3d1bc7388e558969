import { describe, expect, test } from 'vitest'
import csv from '../../src/data/readers/csv.ts'
import type { Column } from '../../src/document/types.ts'
import { fileOf, messages, problemsOf, tableOf, tableSourceOf, valueOf } from './files.ts'

const many = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join('')

type Case = [what: string, code: string, make: () => string | number[], messages: string[], place: object]

/** Files that no table can be made of, with every word that is said about them. */
const malformed: Case[] = [
  ['an empty file', 'csv.empty', () => '', ['data.csv is empty; choose a file with a header and rows.'], {}],
  [
    'only blank lines',
    'csv.empty',
    () => ' \n\r\n\n',
    ['data.csv is empty; choose a file with a header and rows.'],
    {},
  ],
  [
    'a header without rows',
    'csv.noRows',
    () => 'a,b,c\n',
    ['data.csv has a header ("a, b, c") and no rows; add examples below it.'],
    { line: 1 },
  ],
  [
    'a short row',
    'csv.ragged',
    () => 'a,b,c\n1,2,3\n4,5\n6,7,8\n',
    ['data.csv line 3 has 2 cells, but the header has 3; add the missing ones.'],
    { line: 3 },
  ],
  [
    'a long row after a quoted line end',
    'csv.ragged',
    () => 'a,b\n"x\ny",2\nz,3,4\n',
    ['data.csv line 4 has 3 cells, but the header has 2; remove or quote the surplus.'],
    { line: 4 },
  ],
  [
    'many ragged rows',
    'csv.ragged',
    () => 'a,b\n' + '1\n'.repeat(10) + '1,2\n'.repeat(30),
    [
      'data.csv line 2 has 1 cell, but the header has 2; add the missing ones.',
      'data.csv line 3 has 1 cell, but the header has 2; add the missing ones.',
      'data.csv line 4 has 1 cell, but the header has 2; add the missing ones.',
      'data.csv: 7 more lines have a wrong number of cells.',
    ],
    { line: 2 },
  ],
  [
    'ragged rows without header',
    'csv.ragged',
    () => '1,2\n3,4,5\n',
    ['data.csv line 2 has 3 cells, but line 1 has 2; remove or quote the surplus.'],
    { line: 2 },
  ],
  [
    'an unclosed quote',
    'csv.quote',
    () => 'a,b\n1,"x\n2,3\n',
    ['data.csv line 2, cell 2: a quote opens and is never closed; close it or remove it.'],
    { line: 2, column: '2' },
  ],
  [
    'text after a closing quote',
    'csv.quote',
    () => 'a,b\n1,"x"y\n',
    [
      'data.csv line 2, cell 2: "y" follows a closing quote; put the whole cell in quotes and double the quotes within it.',
    ],
    { line: 2, column: '2' },
  ],
  [
    'a quote inside a cell',
    'csv.quote',
    () => 'a,b\n1,5\'10"\n',
    [
      'data.csv line 2, cell 2: a quote stands inside the text "5\'10\\""; put the whole cell in quotes and double the quotes within it.',
    ],
    { line: 2, column: '2' },
  ],
  [
    'a text among numbers',
    'csv.number',
    () => 'a,b,c\n1,2,u\n3,x7,v\n5,6,u\n7,8,v\n',
    [
      'data.csv line 3, column b: "x7" is not a number, but 3 of 4 values in this column are numbers; correct the cell or leave it empty.',
    ],
    { line: 3, column: 'b' },
  ],
  [
    'a text among numbers after a quoted line end',
    'csv.number',
    () => 'a,b,c\n1,2,"u\nv"\n3,oops,w\n5,6,w\n7,8,"u\nv"\n',
    [
      'data.csv line 4, column b: "oops" is not a number, but 3 of 4 values in this column are numbers; correct the cell or leave it empty.',
    ],
    { line: 4, column: 'b' },
  ],
  [
    'a number too large',
    'csv.number',
    () => 'a,b\n1,2\n1e400,3\n3,4\n',
    [
      'data.csv line 3, column a: "1e400" is too large for 32-bit numbers (3.4e38 at most), but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
    { line: 3, column: 'a' },
  ],
  [
    'one decimal comma',
    'csv.decimalComma',
    () => 'a;b\n1.5;2\n2,5;3\n3.5;4\n',
    ['data.csv line 3, column a: "2,5" has a decimal comma; write all numbers of the file with decimal points.'],
    { line: 3, column: 'a' },
  ],
  [
    'decimal commas throughout',
    'csv.decimalComma',
    () => 'a;b\n1,5;x\n2,5;y\n3,5;x\n',
    ['data.csv line 2, column a: "1,5" has a decimal comma; write all numbers of the file with decimal points.'],
    { line: 2, column: 'a' },
  ],
  [
    'a target with one class',
    'data.oneClass',
    () => 'a,class\n1,u\n2,u\n3,u\n',
    ['data.csv, column class: every row has the class "u"; a network needs two classes or more to tell apart.'],
    { column: 'class' },
  ],
  [
    'a target without values',
    'data.noTarget',
    () => 'a,class\n1,\n2,NA\n',
    ['data.csv, column class: the target has no value in any row; fill it in.'],
    { column: 'class' },
  ],
  [
    'a target with too many classes',
    'data.categories',
    () => 'a,label\n' + many(1500, (i) => `${i},t${i}\n`),
    ['data.csv, column label: the target has more than 1000 classes, the most that are possible.'],
    { column: 'label' },
  ],
  [
    'no feature',
    'data.noFeature',
    () => 'name,class\n' + many(30, (i) => `n${i},${i % 2 ? 'u' : 'v'}\n`),
    [
      'data.csv has no column left to learn from beside its target class; add a column of numbers or of repeating texts.',
    ],
    {},
  ],
  [
    'one column',
    'data.noFeature',
    () => 'x\n1\n2\n3\n',
    ['data.csv has no column left to learn from beside its target x; add a column of numbers or of repeating texts.'],
    {},
  ],
  [
    'a column twice',
    'csv.header',
    () => 'a,b,a\n1,2,3\n',
    ['data.csv line 1: columns 1 and 3 are both called "a"; rename one.'],
    { line: 1, column: 'a' },
  ],
  [
    'a column without name',
    'csv.header',
    () => ',a,b\n0,1,2\n',
    ['data.csv line 1: column 1 of 3 has no name in the header; name it or remove the column.'],
    { line: 1, column: '1' },
  ],
  [
    'too many columns',
    'csv.columns',
    () => many(16385, (i) => `c${i},`) + '\n',
    ['data.csv line 1 has more than 16384 columns, the most that a table may have; leave some out.'],
    { line: 1 },
  ],
  [
    'a NUL character',
    'csv.nul',
    () => 'a,b\n1,\0\n',
    ['data.csv has a NUL character on line 2, so it is not a text file; choose a CSV file.'],
    { line: 2 },
  ],
  [
    'latin-1',
    'csv.encoding',
    () => [0x61, 0x2c, 0x62, 0x0a, 0x31, 0x2c, 0xfc, 0x0a],
    ['data.csv is not UTF-8: byte 6 is 0xFC; save the file with UTF-8 encoding.'],
    { byte: 6 },
  ],
  [
    'a cut UTF-8 character',
    'csv.encoding',
    () => [0x61, 0x2c, 0x62, 0x0a, 0x31, 0x2c, 0xe2, 0x82],
    ['data.csv is not UTF-8: byte 6 is 0xE2; save the file with UTF-8 encoding.'],
    { byte: 6 },
  ],
  [
    'big-endian UTF-16',
    'csv.encoding',
    () => [0xfe, 0xff, 0, 0x61],
    ['data.csv is encoded as UTF-16 (big-endian); save it as UTF-8.'],
    { byte: 0 },
  ],
  [
    'damaged UTF-16',
    'csv.encoding',
    () => [0xff, 0xfe, 0x61, 0, 0x00, 0xd8],
    ['data.csv begins as UTF-16 and is damaged further on; save it as UTF-8.'],
    {},
  ],
  [
    'still gzipped',
    'csv.gzip',
    () => [0x1f, 0x8b, 8, 0, 0, 0],
    ['data.csv is still gzipped; unzip it first.'],
    { byte: 0 },
  ],
  [
    'a cell of a million characters',
    'csv.cell',
    () => 'a,b\n1,' + 'x'.repeat(1_000_001) + '\n',
    ['data.csv line 2, cell 2 has 1000001 characters; 1000000 are allowed at most.'],
    { line: 2, column: '2' },
  ],
]

describe('a malformed table is refused in words:', () => {
  test.each(malformed)('%s', (_, code, make, expected, place) => {
    const result = csv.inspect([fileOf('data.csv', make())])
    expect(messages(result)).toEqual(expected)
    const first = problemsOf(result)[0]
    expect(first?.code).toBe(code)
    expect(first?.place).toEqual({ file: 'data.csv', ...place })
  })
})

const guess = (text: string) => tableSourceOf(text).columns
const roles = (text: string) => guess(text).map((column) => `${column.name} ${column.role} ${column.kind}`)

describe('columns are guessed', () => {
  test('with the last column of texts as the target, classes in alphabetical order', () => {
    expect(guess('a,kind\n1,pear\n2,apple\n3,pear\n')).toEqual<Column[]>([
      { name: 'a', role: 'feature', kind: 'numeric' },
      { name: 'kind', role: 'target', kind: 'categorical', categories: ['apple', 'pear'] },
    ])
  })

  test('with a column called class, species, target, label or y as the target wherever it stands', () => {
    for (const name of ['class', 'Species', 'target', 'LABEL', 'y']) {
      expect(roles(`a,${name},colour\n1.5,u,red\n2,v,blue\n3,u,red\n`)).toEqual([
        'a feature numeric',
        `${name} target categorical`,
        'colour feature categorical',
      ])
    }
  })

  test('with the last column as the target where no name says it, though texts stand before it', () => {
    const text = `rooms,district,price\n${many(30, (i) => `${i % 6},${i % 2 ? 'north' : 'south'},${100 + i * 3.5}\n`)}`
    expect(roles(text)).toEqual(['rooms feature numeric', 'district feature categorical', 'price target numeric'])
  })

  test('with the last one as the target where several columns have such a name', () => {
    expect(roles('class,a,label,b\n1,2,u,3\n2,3,v,4.5\n')[2]).toBe('label target categorical')
  })

  test('with few whole numbers in the last column as classes, in the order of size', () => {
    const text = 'a,grade\n' + many(40, (i) => `${i / 2},${(i % 4) * 5}\n`)
    expect(guess(text)[1]).toEqual({
      name: 'grade',
      role: 'target',
      kind: 'categorical',
      categories: ['0', '5', '10', '15'],
    })
  })

  test('with many or broken numbers in the last column as a number to predict', () => {
    expect(roles('a,b\n' + many(40, (i) => `${i},${i * 3}\n`))[1]).toBe('b target numeric')
    expect(roles('a,b\n' + many(40, (i) => `${i},${(i % 3) + 0.5}\n`))[1]).toBe('b target numeric')
    expect(roles('a,b\n1,0\n2,1\n3,2\n')[1]).toBe('b target numeric')
  })

  test('without names, remarks, row numbers and empty columns, which is said', () => {
    const text = 'id,name,empty,x,class\n' + many(30, (i) => `${i},person ${i},,${i / 3},${i % 2 ? 'u' : 'v'}\n`)
    const { source, warnings } = valueOf(csv.inspect([fileOf('data.csv', text)]))
    expect(source.kind === 'table' && source.columns.map((column) => column.role)).toEqual([
      'ignore',
      'ignore',
      'ignore',
      'feature',
      'target',
    ])
    expect(warnings.map((warning) => warning.message)).toEqual([
      'data.csv, column id: it numbers the rows; it is ignored at first.',
      'data.csv, column name: each row has a text of its own; it is ignored at first.',
      'data.csv, column empty: it has no value; it is ignored at first.',
    ])
    expect(warnings.every((warning) => warning.severity === 'warning')).toBe(true)
  })

  test('with what is missing, constant or mixed said, naming lines', () => {
    const rows = many(
      20,
      (i) =>
        `${i === 3 || i === 7 ? 'NA' : i / 2},${i === 5 ? '?' : '1'},${i % 4 ? i % 3 : 'x'},${i % 2 ? 'u' : 'v'}\n`,
    )
    const { warnings } = valueOf(csv.inspect([fileOf('data.csv', `a,same,mixed,class\n${rows}`)]))
    expect(warnings.map((warning) => warning.message)).toEqual([
      'data.csv, column a: 2 values are missing (lines 5 and 9).',
      'data.csv, column same: 1 value is missing (line 7).',
      'data.csv, column same: every row has the value "1", so nothing can be learnt from it.',
      'data.csv, column mixed: 15 of 20 values are numbers, but not all ("x" on line 2), so the column is taken as categories.',
    ])
  })

  test('in a file without header as col1, col2, …', () => {
    const text = '5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,versicolor\n'
    expect(roles(text)).toEqual(['col1 feature numeric', 'col2 feature numeric', 'col3 target categorical'])
    expect(tableOf(text).table.lines).toEqual([1, 2, 3])
  })

  test('under a header that has numbers for names, if texts stand over numbers', () => {
    expect(roles('place,2019,2020\n7,1.5,2.5\n8,3.5,4.5\n')).toEqual([
      'place feature numeric',
      '2019 feature numeric',
      '2020 target numeric',
    ])
  })

  test('the same whatever the order of the rows', () => {
    const rows = Array.from({ length: 12 }, (_, i) => `${i / 4},${['b', 'a', 'c'][i % 3]}`)
    expect(guess(`x,k\n${rows.join('\n')}`)).toEqual(guess(`x,k\n${[...rows].reverse().join('\n')}`))
  })
})

describe('reading', () => {
  const text = 'a,b,class\n1,red,u\n2,blue,v\n3,red,u\n'
  const source = tableSourceOf(text)

  test('gives cells trimmed, missing ones empty, with their lines', () => {
    const { table } = tableOf('a,b,class\n 1 ,red,u\n\n-,"blue",v\n', source)
    expect(table.cells).toEqual([
      ['1', 'red', 'u'],
      ['', 'blue', 'v'],
    ])
    expect(table.lines).toEqual([2, 4])
  })

  test('is the same for every line end and with a byte order mark', () => {
    for (const end of ['\r\n', '\r']) {
      expect(tableOf(text.replaceAll('\n', end), source).table).toEqual(tableOf(text, source).table)
    }
    expect(tableOf(`\uFEFF${text}`, source).table).toEqual(tableOf(text, source).table)
  })

  test('refuses a wrong cell by file, line and column, one sentence a column, in the order of the lines', () => {
    const result = csv.read([fileOf('new.csv', 'a,b,class\n1,"re\nd",u\n2,red,w\nx,red,v\ny,red,u\n')], source)
    expect(messages(result)).toEqual([
      'new.csv line 2, column b: "re\\nd" is not among the column\'s categories ("blue", "red"); correct the cell or read the columns again.',
      'new.csv line 4, column class: "w" is not among the column\'s categories ("u", "v"); correct the cell or read the columns again.',
      'new.csv line 5, column a: "x" is not a number; correct the cell or leave it empty.',
    ])
    expect(problemsOf(result)[2]?.place).toEqual({ file: 'new.csv', line: 5, column: 'a' })
  })

  test('does not look into ignored columns and does not need the target', () => {
    const ignoring = {
      ...source,
      columns: source.columns.map((c) => (c.name === 'b' ? { ...c, role: 'ignore' as const } : c)),
    }
    expect(csv.read([fileOf('new.csv', 'class,a\nu,1\n')], ignoring).ok).toBe(true)
    expect(csv.read([fileOf('new.csv', 'b,a\nnever seen,1\n')], ignoring).ok).toBe(true)
  })

  test('names a feature that the file has not', () => {
    expect(messages(csv.read([fileOf('new.csv', 'a,c\n1,2\n')], source))).toEqual([
      'new.csv has no column b; its columns are a, c.',
    ])
  })

  test('takes the first line for the header when it names the features, whatever it looks like', () => {
    const odd = tableSourceOf('a,b\n1,1.5\n2,2.5\n3,3.5\n')
    expect(valueOf(csv.read([fileOf('new.csv', 'a\n5\n')], odd)).data).toMatchObject({ header: ['a'], lines: [2] })
    expect(tableOf('1,2,u\n3,4,v\n').table.header).toEqual(['col1', 'col2', 'col3'])
  })

  test('never evaluates text', () => {
    const cells = '=1+1,@x,__proto__\n'
    expect(tableOf(`a,b,class\n${cells}x,y,z\n${cells}`).table.cells[0]).toEqual(['=1+1', '@x', '__proto__'])
  })
})
