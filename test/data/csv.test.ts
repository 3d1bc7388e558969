import { describe, expect, test } from 'vitest'
import type { ParamValues } from '../../src/base/params.ts'
import { problem, ProblemError } from '../../src/base/problem.ts'
import { applyPreparation, prepare, readFiles } from '../../src/data/index.ts'
import { MAX_BAD } from '../../src/data/limits.ts'
import type { Column } from '../../src/document/types.ts'
import {
  cellsOf,
  fileOf,
  messages,
  placesOf,
  problemsOf,
  proposalOf,
  sectionOf,
  tableOf,
  tableSourceOf,
  valueOf,
  type Content,
} from './files.ts'

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
      'data.csv: 7 more lines have a wrong number of cells; correct them, or choose to leave bad rows out.',
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
    [
      'data.csv line 3, column a: "2,5" has a comma; write all numbers of the file with decimal points and without marks between thousands, or choose the decimal sign.',
    ],
    { line: 3, column: 'a' },
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
      'data.csv, column name: each row has a text of its own; it is ignored at first.',
    ],
    {},
  ],
  [
    'one column',
    'data.noFeature',
    () => 'x\n1\n2\n3\n',
    ['data.csv has one column, x, and learning takes two or more; where it has more, choose its delimiter.'],
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
    'a header without names',
    'csv.header',
    () => ',,\n,,\n',
    ['data.csv line 1: the header names none of its 3 columns; name them or remove the line.'],
    { line: 1 },
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
    'damaged UTF-16',
    'csv.encoding',
    () => [0xff, 0xfe, 0x61, 0, 0x00, 0xd8],
    [
      'data.csv is not UTF-16 (little-endian): byte 4 begins 0xD800, half a character; choose the encoding that it has, or save it as UTF-8.',
    ],
    { byte: 4 },
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
    [
      'data.csv line 2, cell 2 has 1000001 bytes; 1000000 are allowed at most. Look for a quote that is missing, shorten the cell, or leave its column out.',
    ],
    { line: 2, column: '2' },
  ],
]

describe('a malformed table is refused in words:', () => {
  test.each(malformed)('%s', async (_, code, make, expected, place) => {
    const result = await proposalOf([fileOf('data.csv', make())], { reader: 'csv' })
    expect(messages(result)).toEqual(expected)
    const first = problemsOf(result)[0]
    expect(first?.code).toBe(code)
    expect(first?.place).toEqual({ file: 'data.csv', ...place })
  })
})

const guess = async (text: string) => (await tableSourceOf(text)).columns
const roles = async (text: string) =>
  (await guess(text)).map((column) => `${column.name} ${column.role} ${column.kind}`)
const proposal = async (text: string) => valueOf(await proposalOf([fileOf('data.csv', text)], { reader: 'csv' }))

describe('columns are guessed', () => {
  test('with a column that most rows leave empty never as the target, unless it has the name of one', async () => {
    const text = (name: string) =>
      `a,b,${name}\n${many(12, (i) => `${i},${i % 5}.5,${['late', '', 'soon', ''][i] ?? ''}\n`)}`
    expect(await roles(text('note'))).toEqual(['a feature numeric', 'b target numeric', 'note feature categorical'])
    expect(await roles(text('label'))).toEqual(['a feature numeric', 'b feature numeric', 'label target categorical'])
  })

  test('with the only dates as the time, and several as nothing', async () => {
    const rows = (names: string) =>
      `${names}\n${many(9, (i) => `2024-03-0${i + 1},${i}.5,${i % 4}.25,0${i + 1}.03.2024\n`)}`
    expect(await roles(rows('day,a,b,due'))).toEqual([
      'day time categorical',
      'a feature numeric',
      'b target numeric',
      'due ignore categorical',
    ])
    const said = (await proposal(rows('day,a,b,due').replaceAll(/0(\d)\.03\.2024/g, '2024-04-0$1'))).warnings
    expect(said.map(({ message }) => message)).toEqual([
      'data.csv, column day: it holds dates; it is ignored at first, and can be chosen as the time.',
      'data.csv, column due: it holds dates; it is ignored at first, and can be chosen as the time.',
    ])
  })

  test('with labels at the end, also behind a y that has an x and behind a class where they say what they are', async () => {
    const rows = many(20, (i) => `${i}.5,${i % 3},${i % 2},${(i >> 1) % 2}\n`)
    const targets = async (names: string) =>
      (await guess(`${names}\n${rows}`)).filter(({ role }) => role === 'target').map(({ name }) => name)
    expect(await targets('x,y,sea,sky')).toEqual(['sea', 'sky'])
    expect(await targets('x,class,tag_sea,tag_sky')).toEqual(['tag_sea', 'tag_sky'])
    expect(await targets('a,b,label 1,label 2')).toEqual(['label 1', 'label 2'])
    // What something is, and then what it has.
    expect(await targets('a,class,has_legs,has_wings')).toEqual(['class'])
    expect(await targets('a,y,holiday,rain')).toEqual(['y'])
    expect(await targets('x,b,rain,y')).toEqual(['y'])
  })

  test('with the last column of texts as the target, classes in alphabetical order', async () => {
    expect(await guess('a,kind\n1,pear\n2,apple\n3,pear\n')).toEqual<Column[]>([
      { name: 'a', role: 'feature', kind: 'numeric' },
      { name: 'kind', role: 'target', kind: 'categorical', categories: ['apple', 'pear'] },
    ])
  })

  test('with a column called class, species, target, label or y as the target wherever it stands', async () => {
    for (const name of ['class', 'Species', 'target', 'LABEL', 'y']) {
      expect(await roles(`a,${name},colour\n1.5,u,red\n2,v,blue\n3,u,red\n`)).toEqual([
        'a feature numeric',
        `${name} target categorical`,
        'colour feature categorical',
      ])
    }
  })

  test('with the last column as the target where no name says it, though texts stand before it', async () => {
    const text = `rooms,district,price\n${many(30, (i) => `${i % 6},${i % 2 ? 'north' : 'south'},${100 + i * 3.5}\n`)}`
    expect(await roles(text)).toEqual(['rooms feature numeric', 'district feature categorical', 'price target numeric'])
  })

  test('with the last one as the target where several columns have such a name', async () => {
    expect((await roles('class,a,label,b\n1,2,u,3\n2,3,v,4.5\n'))[2]).toBe('label target categorical')
  })

  test('with few whole numbers in the last column as classes, in the order of size', async () => {
    const text = 'a,grade\n' + many(40, (i) => `${i / 2},${(i % 4) * 5}\n`)
    expect((await guess(text))[1]).toEqual({
      name: 'grade',
      role: 'target',
      kind: 'categorical',
      categories: ['0', '5', '10', '15'],
    })
  })

  test('with many or broken numbers in the last column as a number to predict', async () => {
    expect((await roles('a,b\n' + many(40, (i) => `${i},${i * 3}\n`)))[1]).toBe('b target numeric')
    expect((await roles('a,b\n' + many(40, (i) => `${i},${(i % 3) + 0.5}\n`)))[1]).toBe('b target numeric')
    expect((await roles('a,b\n1,0\n2,1\n3,2\n'))[1]).toBe('b target numeric')
  })

  test('without names, remarks, row numbers and empty columns, which is said', async () => {
    const text = 'id,name,empty,x,class\n' + many(30, (i) => `${i},person ${i},,${i / 3},${i % 2 ? 'u' : 'v'}\n`)
    const { source, warnings } = await proposal(text)
    expect(source.kind === 'table' && source.columns.map((column) => column.role)).toEqual([
      'ignore',
      'ignore',
      'ignore',
      'feature',
      'target',
    ])
    expect(warnings.map((warning) => warning.message)).toEqual([
      'data.csv, column id: every row has another value; it is ignored at first.',
      'data.csv, column name: each row has a text of its own; it is ignored at first.',
      'data.csv, column empty: it has no value; it is ignored at first.',
    ])
    expect(warnings.every((warning) => warning.severity === 'warning')).toBe(true)
  })

  test('with what is missing, constant or mixed said, naming lines', async () => {
    const rows = many(
      20,
      (i) =>
        `${i === 3 || i === 7 ? 'NA' : i / 2},${i === 5 ? '?' : '1'},${i % 4 ? i % 3 : 'x'},${i % 2 ? 'u' : 'v'}\n`,
    )
    const { warnings } = await proposal(`a,same,mixed,class\n${rows}`)
    expect(warnings.map((warning) => warning.message)).toEqual([
      'data.csv, column a: 2 values are missing (lines 5 and 9).',
      'data.csv, column same: 1 value is missing (line 7).',
      'data.csv, column same: every row has the value "1", so nothing can be learnt from it.',
      'data.csv, column mixed: 15 of 20 values are numbers, but not all ("x" on line 2), so the column is taken as categories.',
    ])
  })

  test('in a file without header as col1, col2, …', async () => {
    const text = '5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,versicolor\n'
    expect(await roles(text)).toEqual(['col1 feature numeric', 'col2 feature numeric', 'col3 target categorical'])
    expect(placesOf((await tableOf(text)).table)).toEqual([1, 2, 3])
  })

  test('where columns have no name, which is said, and a first one that numbers the rows is ignored', async () => {
    const text = `,x,\n${many(12, (i) => `${i},${i / 4},${i % 2 ? 'u' : 'v'}\n`)}`
    const { source, warnings } = await proposal(text)
    expect(warnings.map((warning) => warning.message)).toEqual([
      'data.csv line 1: 2 columns have no name in the header; the first is called "unnamed 1".',
      'data.csv, column unnamed 1: every row has another value; it is ignored at first.',
    ])
    if (source.kind !== 'table') throw new Error(source.kind)
    expect(source.columns.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'unnamed 1 ignore',
      'x feature',
      'unnamed 3 target',
    ])
    // The names count as those of the file where a document has them, though all texts could be data.
    const { table } = await tableOf(',x\nu,5\n', { ...source, columns: source.columns.slice(0, 2) })
    expect([table.columns.map(({ name }) => name), placesOf(table)]).toEqual([['unnamed 1', 'x'], [2]])
  })

  test('in names without what nobody sees', async () => {
    const { table } = await tableOf('"a\n b\u202e","\ufeffc"\n1,2\n3,4\n')
    expect(table.columns.map(({ name }) => name)).toEqual(['a  b', 'c'])
  })

  test('under a header that has numbers for names, if texts stand over numbers', async () => {
    expect(await roles('place,2019,2020\n7,1.5,2.5\n8,3.5,4.5\n')).toEqual([
      'place feature numeric',
      '2019 feature numeric',
      '2020 target numeric',
    ])
  })

  test('the same whatever the order of the rows', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => `${i / 4},${['b', 'a', 'c'][i % 3]}`)
    expect(await guess(`x,k\n${rows.join('\n')}`)).toEqual(await guess(`x,k\n${[...rows].reverse().join('\n')}`))
  })
})

describe('reading', async () => {
  const text = 'a,b,class\n1,red,u\n2,blue,v\n3,red,u\n'
  const source = await tableSourceOf(text)
  const section = sectionOf(source, { split: { validation: 0, seed: 1 } })
  const { fitted } = valueOf(prepare(await tableOf(text, source), section))

  test('gives cells trimmed, missing ones empty, with their lines', async () => {
    const { table } = await tableOf('a,b,class\n 1 ,red,u\n\n-,"blue",v\n', source)
    expect(cellsOf(table)).toEqual([
      ['1', 'red', 'u'],
      ['', 'blue', 'v'],
    ])
    expect(placesOf(table)).toEqual([2, 4])
  })

  test('is the same for every line end and with a byte order mark', async () => {
    const { table } = await tableOf(text, source)
    for (const end of ['\r\n', '\r']) expect((await tableOf(text.replaceAll('\n', end), source)).table).toEqual(table)
    expect((await tableOf(`\uFEFF${text}`, source)).table).toEqual(table)
  })

  test('refuses a wrong cell by file, line and column, one sentence a column, in the order of the lines', async () => {
    const loaded = await tableOf('a,b,class\n1,"re\nd",u\n2,red,w\nx,red,v\ny,red,u\n', source, 'new.csv')
    const result = prepare(loaded, section)
    expect(messages(result)).toEqual([
      'new.csv line 2, column b: "re\\nd" is not among the column\'s categories ("blue", "red"); correct the cell or read the columns again.',
      'new.csv line 4, column class: "w" is not among the column\'s categories ("u", "v"); correct the cell or read the columns again.',
      'new.csv line 5, column a: "x" is not a number; correct the cell or leave it empty.',
    ])
    expect(problemsOf(result)[2]?.place).toEqual({ file: 'new.csv', line: 5, column: 'a' })
    // A prediction looks at the target too, where it is there.
    expect(messages(applyPreparation(fitted, loaded, section)).join()).toContain('column b')
  })

  test('does not look into ignored columns and does not need the target', async () => {
    const columns = source.columns.map((c) => (c.name === 'b' ? { ...c, role: 'ignore' as const } : c))
    const ignoring = { ...source, columns }
    const of = sectionOf(ignoring, { split: { validation: 0, seed: 1 } })
    const learnt = valueOf(prepare(await tableOf(text, ignoring), of)).fitted
    for (const other of ['class,a\nu,1\n', 'b,a\nnever seen,1\n'])
      expect(applyPreparation(learnt, await tableOf(other, ignoring), of).ok).toBe(true)
  })

  test('names a feature that the file has not', async () => {
    const loaded = await tableOf('a,c\n1,2\n', source, 'new.csv')
    expect(messages(applyPreparation(fitted, loaded, section))).toEqual([
      'new.csv has no column b; its columns are a, c.',
    ])
  })

  test('takes the first line for the header when it names the features, whatever it looks like', async () => {
    const odd = await tableSourceOf('a,b\n1,1.5\n2,2.5\n3,3.5\n')
    const { table } = await tableOf('a\n5\n', odd)
    expect([table.columns.map(({ name }) => name), placesOf(table)]).toEqual([['a'], [2]])
    // Names that are numbers, as tables of pixels have them, and no target: a file to predict from.
    const pixels = await tableSourceOf('0,1,class\n7,8,u\n9,7,v\n', 'data.csv', { header: 'names' })
    const given = { ...pixels, options: {} }
    expect(placesOf((await tableOf('1,0\n5,6\n', given)).table)).toEqual([2])
    expect(placesOf((await tableOf('5,6\n5,6\n', given)).table)).toEqual([1, 2])
    expect((await tableOf('1,2,u\n3,4,v\n')).table.columns.map(({ name }) => name)).toEqual(['col1', 'col2', 'col3'])
  })

  test('never evaluates text', async () => {
    const cells = '=1+1,@x,__proto__\n'
    const { table } = await tableOf(`a,b,class\n${cells}x,y,z\n${cells}`)
    expect(cellsOf(table)[0]).toEqual(['=1+1', '@x', '__proto__'])
  })
})

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
const utf16 = (text: string, little: boolean, mark: boolean) => {
  const letters = mark ? `\uFEFF${text}` : text
  const bytes = new Uint8Array(2 * letters.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < letters.length; i++) view.setUint16(2 * i, letters.charCodeAt(i), little)
  return bytes
}
const read = async (content: Content, options: ParamValues = {}) =>
  readFiles([fileOf('data.csv', content)], { reader: 'csv', options })
const readTable = async (content: Content, options: ParamValues = {}) => {
  const { data, ...rest } = valueOf(await read(content, options))
  if (!('columns' in data)) throw new Error('no table')
  return { ...rest, table: data, facts: Object.fromEntries(rest.facts.map(({ label, value }) => [label, value])) }
}

describe('encodings', () => {
  const text = 'größe,städte,𝄞\r\n1.5,"Köln, √",u\r\n2.5,Łódź,v\r\n'

  test.each([
    ['UTF-16 (little-endian)', 'utf-16le', true],
    ['UTF-16 (big-endian)', 'utf-16be', false],
  ])('%s is read by its mark, and without one where the person says so', async (title, encoding, little) => {
    const plain = await readTable(text)
    const marked = await readTable(utf16(text, little, true))
    expect(marked.facts['Encoding']).toBe(title)
    expect(marked.table).toEqual(plain.table)
    for (const mark of [false, true])
      expect((await readTable(utf16(text, little, mark), { encoding })).table).toEqual(plain.table)
    // The other way round it is another text.
    const other = await read(utf16(text, !little, false), { encoding })
    expect(other.ok && other.value.data).not.toEqual(plain.table)
  })

  test('what is no UTF-8 is read as Windows-1252, which is said', async () => {
    const { table, facts, warnings } = await readTable(latin1('a,b\n1,fünf\n2,\x80 7\n'))
    expect(facts['Encoding']).toBe('Windows-1252 (Western European)')
    expect(cellsOf(table)).toEqual([
      ['1', 'fünf'],
      ['2', '€ 7'],
    ])
    expect(warnings.map(({ message, severity, place }) => [message, severity, place])).toEqual([
      [
        'data.csv is not UTF-8 (byte 7 is 0xFC), so it is read as Windows-1252 (Western European); where letters look wrong, choose another encoding.',
        'warning',
        { file: 'data.csv', byte: 7 },
      ],
    ])
    // Said by the person, there is nothing to warn of.
    const said = await readTable(latin1('a,b\n1,fünf\n2,\x80 7\n'), { encoding: 'windows-1252' })
    expect([said.table, said.warnings]).toEqual([table, []])
  })

  test('what is no UTF-8 though the person says so is refused by its byte, also far behind the beginning', async () => {
    expect(messages(await read(latin1('a,b\n1,ü\n'), { encoding: 'utf-8' }))).toEqual([
      'data.csv is not UTF-8: byte 6 is 0xFC; choose its encoding, or save the file with UTF-8 encoding.',
    ])
    expect(messages(await read(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0x0a, 0xff), { encoding: 'utf-8' }))).toEqual([
      'data.csv is not UTF-8: byte 5 is 0xFF; choose its encoding, or save the file with UTF-8 encoding.',
    ])
    const long = `a,b\n${many(200_000, () => '1,xy\n')}`
    expect(messages(await read(latin1(`${long}2,ü\n`)))).toEqual([
      `data.csv is not UTF-8: byte ${long.length + 2} is 0xFC; choose its encoding, or save the file with UTF-8 encoding.`,
    ])
  })

  test('a long text is the same in each of them', { timeout: 60_000 }, async () => {
    // Longer than a sample and than a piece, with pairs of surrogates and quoted line ends at all offsets.
    const rows = many(60_000, (i) => `${i / 4},"${'é'.repeat(i % 7)}𝄞\n${i % 50}",${i % 3 ? 'ä' : 'ß'}\n`)
    const long = `x,text,class\n${rows}`
    const plain = await readTable(long)
    expect(plain.table.rows).toBe(60_000)
    for (const little of [true, false]) expect((await readTable(utf16(long, little, true))).table).toEqual(plain.table)
    const west = long.replaceAll('𝄞', '£')
    expect((await readTable(latin1(west))).table).toEqual((await readTable(west)).table)
  })
})

describe('options', () => {
  test('say the delimiter where a guess is wrong', async () => {
    const text = 'a;b,c;d\n1;2,3;4\n5;6,7;8\n'
    expect((await readTable(text)).facts).toMatchObject({ Delimiter: 'semicolon', Columns: '3' })
    const { facts, table } = await readTable(text, { delimiter: 'comma' })
    expect(facts).toMatchObject({ Delimiter: 'comma', Columns: '2' })
    expect(cellsOf(table)[0]).toEqual(['1;2', '3;4'])
    for (const [delimiter, sign] of [
      ['tab', '\t'],
      ['bar', '|'],
    ] as const)
      expect(cellsOf((await readTable(`a${sign}b\n1${sign}2\n`, { delimiter })).table)).toEqual([['1', '2']])
  })

  test('say what the first row is', async () => {
    const text = '2019,2020\n1,2\n3,4\n'
    expect(await readTable(text)).toMatchObject({ facts: { 'First row': 'data', Rows: '3' } })
    const named = await readTable(text, { header: 'names' })
    expect(named.facts).toMatchObject({ 'First row': 'names of the columns', Rows: '2' })
    expect(named.table.columns.map(({ name }) => name)).toEqual(['2019', '2020'])
    const data = await readTable('a,b\n1,2\n', { header: 'data' })
    expect(data.table.columns.map(({ name }) => name)).toEqual(['col1', 'col2'])
    expect([cellsOf(data.table), placesOf(data.table)]).toEqual([
      [
        ['a', 'b'],
        ['1', '2'],
      ],
      [1, 2],
    ])
  })

  test('commas between commas may part thousands: unless one cannot, the person is asked', async () => {
    const thousands = 'price,n\n"1,234",5\n"2,500",6\n"9,000",7\n'
    expect(messages(await proposalOf([fileOf('data.csv', thousands)], { reader: 'csv' }))).toEqual([
      'data.csv line 2, column price: "1,234" has a comma; write all numbers of the file with decimal points and without marks between thousands, or choose the decimal sign.',
    ])
    const prices = async (text: string, options: ParamValues = {}) =>
      cellsOf((await readTable(text, options)).table).map(([price]) => price)
    expect(await prices(thousands, { decimal: 'comma' })).toEqual(['1.234', '2.500', '9.000'])
    expect(await prices(thousands.replace('2,500', '2,5'))).toEqual(['1.234', '2.5', '9.000'])
    // Who parts cells by semicolons writes decimals so.
    expect(await prices('price;n\n1,234;5\n2,500;6\n')).toEqual(['1.234', '2.500'])
  })

  test('decimal commas are read where the file writes so throughout, or where the person says it', async () => {
    const text = 'größe;preis;art\n1,5;1.234,25;x\n2,5;17;y\n-0,5;9,75;x\n'
    const { facts, table } = await readTable(text)
    expect(facts).toMatchObject({ Delimiter: 'semicolon', 'Decimal sign': 'comma' })
    expect(cellsOf(table)).toEqual([
      ['1.5', '1234.25', 'x'],
      ['2.5', '17', 'y'],
      ['-0.5', '9.75', 'x'],
    ])
    const source = await tableSourceOf(text)
    expect(source.columns.map(({ kind }) => kind)).toEqual(['numeric', 'numeric', 'categorical'])
    const point = await readTable(text, { decimal: 'point' })
    expect([point.facts['Decimal sign'], cellsOf(point.table)[0]]).toEqual(['point', ['1,5', '1.234,25', 'x']])
    const mixed = 'a;b\n1.5;2\n2,5;3\n'
    expect((await readTable(mixed)).facts['Decimal sign']).toBe('point')
    expect(cellsOf((await readTable(mixed, { decimal: 'comma' })).table)).toEqual([
      ['1.5', '2'],
      ['2.5', '3'],
    ])
  })

  describe('for bad rows', () => {
    const text = 'a,b,class\n1,2,u\n3,v\n5,6,u,\n7,8,v,w\n9,x"y,u\n11,"1"2,v\n13,14,u\n'
    const shortRow = 'data.csv line 3 has 2 cells, but the header has 3; add the missing ones.'
    const longRow = 'data.csv line 5 has 4 cells, but the header has 3; remove or quote the surplus.'
    const quotes = [
      'data.csv line 6, cell 2: a quote stands inside the text "x\\""; put the whole cell in quotes and double the quotes within it.',
      'data.csv line 7, cell 2: "2" follows a closing quote; put the whole cell in quotes and double the quotes within it.',
    ]
    const emptyRest = 'data.csv line 4 has 4 cells, but the header has 3; remove or quote the surplus.'

    test('refuse them', async () => {
      expect(messages(await read(text))).toEqual([quotes[0]])
      expect(messages(await read(text.replace(/^(9|11).*\n/gm, '')))).toEqual([shortRow, emptyRest, longRow])
    })

    test('leave them out, with a count and each by its line', async () => {
      const { table, bad } = await readTable(text, { bad: 'skip' })
      expect(cellsOf(table)).toEqual([
        ['1', '2', 'u'],
        ['13', '14', 'u'],
      ])
      expect(placesOf(table)).toEqual([2, 8])
      expect({ ...bad, problems: bad.problems.map(({ message }) => message) }).toEqual({
        skipped: 5,
        repaired: 0,
        problems: [shortRow, emptyRest, longRow, ...quotes],
      })
      expect(bad.problems.map(({ place }) => place?.line)).toEqual([3, 4, 5, 6, 7])
    })

    test('mend those that lack cells or have empty ones too many, and leave out the others', async () => {
      const { table, bad } = await readTable(text, { bad: 'repair' })
      expect(cellsOf(table)).toEqual([
        ['1', '2', 'u'],
        ['3', 'v', ''],
        ['5', '6', 'u'],
        ['13', '14', 'u'],
      ])
      expect(placesOf(table)).toEqual([2, 3, 4, 8])
      expect([bad.skipped, bad.repaired]).toEqual([3, 2])
      expect(bad.problems.map(({ message }) => message)).toEqual([shortRow, emptyRest, longRow, ...quotes])
    })

    test('list so many, and count all', async () => {
      const ragged = `a,b\n1,2\n${'1\n'.repeat(MAX_BAD + 500)}`
      const { bad, table } = await readTable(ragged, { bad: 'skip' })
      expect([bad.skipped, bad.problems.length, table.rows]).toEqual([MAX_BAD + 500, MAX_BAD, 1])
    })

    test('may leave nothing', async () => {
      expect(messages(await read('a,b\n1\n2\n', { bad: 'skip' }))).toEqual([
        'data.csv: no row has 2 cells, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
        'data.csv line 2 has 1 cell, but the header has 2; add the missing ones.',
        'data.csv line 3 has 1 cell, but the header has 2; add the missing ones.',
      ])
    })

    test('count texts among numbers as missing or leave their rows out, in what is prepared', async () => {
      const slips = `a,class\n1,u\n2,v\nx7,u\n${many(8, (i) => `${i + 10},${i % 2 ? 'u' : 'v'}\n`)}oops,v\n`
      expect(messages(await proposalOf([fileOf('data.csv', slips)], { reader: 'csv' })).join()).toContain('"x7"')
      const of = async (bad: string) => {
        const source = await tableSourceOf(slips, 'data.csv', { bad })
        expect(source).toMatchObject({ options: { bad }, columns: [{ kind: 'numeric' }, { role: 'target' }] })
        return valueOf(prepare(await tableOf(slips, source), sectionOf(source)))
      }
      const skipped = await of('skip')
      expect(skipped.train.count + skipped.validation.count).toBe(10)
      expect(skipped.warnings.map(({ message }) => message)).toEqual([
        'data.csv line 4, column a: "x7" is not a number; the row is left out, and 1 more like it (line 13).',
      ])
      const mended = await of('repair')
      expect(mended.train.count + mended.validation.count).toBe(12)
      expect(mended.warnings.map(({ message }) => message)).toEqual([
        'data.csv line 4, column a: "x7" is not a number; it counts as missing, and 1 more like it (line 13).',
        expect.stringMatching(
          /^data\.csv, column a: 2 missing values are filled with the mean .* \(lines 4 and 13\)\.$/,
        ),
      ])
    })
  })
})

describe('a table of more than a thousand different numbers', () => {
  const value = (i: number) => (i % 9 === 0 ? '' : ((i * 37) % 5000) / 8 + 0.5)
  const text = `x,y,class\n${many(4000, (i) => `${value(i)},${i % 5},${i % 2 ? 'u' : 'v'}\n`)}`

  test('is kept as numbers, and prepared as one that is kept as texts', async () => {
    const loaded = await tableOf(text)
    expect(loaded.table.columns.map(({ kind }) => kind)).toEqual(['numbers', 'texts', 'texts'])
    const x = Array.from({ length: 4000 }, (_, i) => value(i))
    expect(cellsOf(loaded.table).map(([cell]) => cell)).toEqual(x.map(String))
    const section = sectionOf(loaded.source)
    const prepared = valueOf(prepare(loaded, section))
    // The same table by hand, with a code for each different text.
    const texts = [...new Set(x.filter((one) => one !== '').map(String))]
    const codes = Int32Array.from(x, (one) => (one === '' ? -1 : texts.indexOf(String(one))))
    const [, ...others] = loaded.table.columns
    const columns = [{ kind: 'texts', name: 'x', codes, texts } as const, ...others]
    expect(valueOf(prepare({ ...loaded, table: { ...loaded.table, columns } }, section))).toEqual(prepared)
  })

  test('says where it is cut off when it is told to stop, and how far it is', async () => {
    const shares: number[] = []
    let turns = 0
    const long = fileOf('data.csv', text.repeat(1).padEnd(3_500_000, '\n'))
    const job = { pause: () => Promise.resolve(void turns++), progress: (share: number) => void shares.push(share) }
    expect((await readFiles([long], { reader: 'csv', job })).ok).toBe(true)
    expect(turns).toBeGreaterThanOrEqual(4)
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true)
    const stop = problem('data.cancelled', 'Enough.')
    const stopping = { ...job, pause: () => Promise.reject(new ProblemError(stop)) }
    expect(problemsOf(await readFiles([long], { reader: 'csv', job: stopping }))).toEqual([stop])
  })
})
