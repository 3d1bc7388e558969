/** Tables of text: what spreadsheets, other programs and people who mean harm make of them. */
import { gzipSync } from 'fflate'
import { textFile, type HostileCase } from './case.ts'

const named = (name: string, content: string | Uint8Array): HostileCase['files'] =>
  typeof content === 'string' ? textFile(name, content) : [{ name, bytes: content }]
const table = (content: string | Uint8Array) => named('a.csv', content)
const bytes = (...values: number[]) => Uint8Array.from(values)
const ascii = (text: string) => new TextEncoder().encode(text)
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

function utf16(text: string, isBig = false): Uint8Array {
  const all = new Uint8Array(2 * text.length)
  const view = new DataView(all.buffer)
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), !isBig)
  return all
}

/** A header and a row of as many columns. */
function wide(columns: number): string {
  return `${Array.from({ length: columns }, (_, i) => `c${i}`).join(',')}\n${'1,'.repeat(columns - 1)}1\n`
}

/** Several files of text or bytes, by their names. */
function together(files: { readonly [name: string]: string | Uint8Array }): HostileCase['files'] {
  return Object.entries(files).flatMap(([name, content]) => named(name, content))
}

const days = (count: number) =>
  together(Object.fromEntries(Array.from({ length: count }, (_, i) => [`d/day${i}.csv`, `x,y\n${i},${i % 2}\n`])))

function strayQuotes(count: number): string[] {
  const advice = 'put the whole cell in quotes and double the quotes within it.'
  return Array.from({ length: count }, (_, i) => `a.csv line ${i + 3}, cell 1: "y" follows a closing quote; ${advice}`)
}

export const cases: readonly HostileCase[] = [
  {
    name: 'no bytes',
    files: table(''),
    says: ['a.csv is empty; choose a file with a header and rows.'],
  },
  {
    name: 'nothing but a byte order mark',
    files: table(bytes(0xef, 0xbb, 0xbf)),
    says: ['a.csv is empty; choose a file with a header and rows.'],
  },
  {
    name: 'nothing but a UTF-16 byte order mark',
    files: table(bytes(0xff, 0xfe)),
    says: ['a.csv is empty; choose a file with a header and rows.'],
  },
  {
    name: 'blank lines only',
    files: table(' \n\r\n\n\r'),
    says: ['a.csv is empty; choose a file with a header and rows.'],
  },
  {
    name: 'lines of delimiters only',
    files: table(',,\n,,\n'),
    says: ['a.csv line 1: the header names none of its 3 columns; name them or remove the line.'],
  },
  {
    name: 'a header only',
    files: table('a,b,c\n'),
    says: ['a.csv has a header ("a, b, c") and no rows; add examples below it.'],
  },
  {
    name: 'a header and blank lines',
    files: table('a,b,c\n\n \n\r\n'),
    says: ['a.csv has a header ("a, b, c") and no rows; add examples below it.'],
  },
  {
    name: 'one row of numbers without a header',
    files: table('1,2,3'),
    says: [],
    taken: { examples: 1 },
    proposes: [
      'a.csv, column col1: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column col2: every row has the value "2", so nothing can be learnt from it.',
    ],
  },
  {
    name: 'one cell',
    files: table('a'),
    says: ['a.csv has a header ("a") and no rows; add examples below it.'],
  },
  {
    name: 'one column',
    files: table('x\n1\n2\n3\n'),
    says: [],
    taken: { examples: 3 },
    proposes: ['a.csv has one column, x, and learning takes two or more; where it has more, choose its delimiter.'],
  },
  {
    name: 'cells parted by blanks',
    files: table('a b c\n1 2 3\n4 5 6\n'),
    says: [],
    taken: { examples: 2 },
    proposes: ['a.csv has one column, a b c, and learning takes two or more; where it has more, choose its delimiter.'],
  },
  {
    name: 'cells parted by colons',
    files: table('a:b\n1:2\n3:4\n'),
    says: [],
    taken: { examples: 2 },
    proposes: ['a.csv has one column, a:b, and learning takes two or more; where it has more, choose its delimiter.'],
  },
  {
    name: 'rows that are too short',
    files: table('a,b,c\n1,2,3\n4,5\n6\n'),
    says: [
      'a.csv line 3 has 2 cells, but the header has 3; add the missing ones.',
      'a.csv line 4 has 1 cell, but the header has 3; add the missing ones.',
    ],
  },
  {
    name: 'rows that are too short, left out',
    files: table('a,b,c\n1,2,3\n4,5\n6\n'),
    options: { bad: 'skip' },
    says: [
      'a.csv line 3 has 2 cells, but the header has 3; add the missing ones.',
      'a.csv line 4 has 1 cell, but the header has 3; add the missing ones.',
    ],
    taken: { examples: 1, skipped: 2 },
    proposes: [
      'a.csv, column a: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column b: every row has the value "2", so nothing can be learnt from it.',
    ],
  },
  {
    name: 'rows that are too short, mended',
    files: table('a,b,c\n1,2,3\n4,5\n6\n'),
    options: { bad: 'repair' },
    says: [
      'a.csv line 3 has 2 cells, but the header has 3; add the missing ones.',
      'a.csv line 4 has 1 cell, but the header has 3; add the missing ones.',
    ],
    taken: { examples: 3, repaired: 2 },
    proposes: [
      'a.csv, column b: 1 value is missing (line 4).',
      'a.csv, column c: 2 values are missing (lines 3 and 4).',
      'a.csv, column c: every row has the value "3", so nothing can be learnt from it.',
    ],
  },
  {
    name: 'a row that is too long',
    files: table('a,b\n1,2\n3,4,5\n'),
    says: ['a.csv line 3 has 3 cells, but the header has 2; remove or quote the surplus.'],
  },
  {
    name: 'a row that is too long, left out',
    files: table('a,b\n1,2\n3,4,5\n'),
    options: { bad: 'skip' },
    says: ['a.csv line 3 has 3 cells, but the header has 2; remove or quote the surplus.'],
    taken: { examples: 1, skipped: 1 },
    proposes: ['a.csv, column a: every row has the value "1", so nothing can be learnt from it.'],
  },
  {
    name: 'a row that is too long and cannot be mended',
    files: table('a,b\n1,2\n3,4,5\n'),
    options: { bad: 'repair' },
    says: ['a.csv line 3 has 3 cells, but the header has 2; remove or quote the surplus.'],
    taken: { examples: 1, skipped: 1 },
    proposes: ['a.csv, column a: every row has the value "1", so nothing can be learnt from it.'],
  },
  {
    name: 'rows with empty cells too many, mended',
    files: table('a,b\n1,2,\n3,4,,\n5,6\n'),
    options: { bad: 'repair' },
    says: [
      'a.csv line 2 has 3 cells, but the header has 2; remove or quote the surplus.',
      'a.csv line 3 has 4 cells, but the header has 2; remove or quote the surplus.',
    ],
    taken: { examples: 3, repaired: 2 },
  },
  {
    name: 'a delimiter at the end of every row, not of the header',
    files: table('a,b\n1,2,\n3,4,\n'),
    says: [
      'a.csv: no row has 2 cells, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 2 has 3 cells, but the header has 2; remove or quote the surplus.',
      'a.csv line 3 has 3 cells, but the header has 2; remove or quote the surplus.',
    ],
  },
  {
    name: 'a delimiter at the end of every line',
    files: table('a,b,\n1,2,\n3,4,\n'),
    says: ['a.csv line 1: column 3 has no name in the header; it is called "unnamed 3".'],
    taken: { examples: 2 },
    proposes: ['a.csv, column unnamed 3: it has no value; it is ignored at first.'],
  },
  {
    name: 'five ragged rows',
    files: table('a,b\n' + '1\n'.repeat(5) + '1,2\n'.repeat(9)),
    says: [
      'a.csv line 2 has 1 cell, but the header has 2; add the missing ones.',
      'a.csv line 3 has 1 cell, but the header has 2; add the missing ones.',
      'a.csv line 4 has 1 cell, but the header has 2; add the missing ones.',
      'a.csv: 2 more lines have a wrong number of cells; correct them, or choose to leave bad rows out.',
    ],
  },
  {
    name: 'ragged rows only, left out',
    files: table('a,b\n1\n2\n3\n4\n'),
    options: { bad: 'skip' },
    says: [
      'a.csv: no row has 2 cells, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 2 has 1 cell, but the header has 2; add the missing ones.',
      'a.csv line 3 has 1 cell, but the header has 2; add the missing ones.',
      'a.csv line 4 has 1 cell, but the header has 2; add the missing ones.',
    ],
  },
  {
    name: 'ragged rows without a header',
    files: table('1,2\n3,4,5\n'),
    says: ['a.csv line 2 has 3 cells, but line 1 has 2; remove or quote the surplus.'],
  },
  {
    name: 'ragged rows after a quoted line end',
    files: table('a,b\n"x\ny",2\nz,3,4\n'),
    says: ['a.csv line 4 has 3 cells, but the header has 2; remove or quote the surplus.'],
  },
  {
    name: 'a title above the header',
    files: table('Sales of 2020\na,b,c\n1,2,3\n4,5,6\n'),
    says: [
      'a.csv: no row has 1 cell, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 2 has 3 cells, but the header has 1; remove or quote the surplus.',
      'a.csv line 3 has 3 cells, but the header has 1; remove or quote the surplus.',
      'a.csv line 4 has 3 cells, but the header has 1; remove or quote the surplus.',
    ],
  },
  {
    name: 'a title above the header, left out',
    files: table('Sales of 2020\na,b,c\n1,2,3\n4,5,6\n'),
    options: { bad: 'skip' },
    says: [
      'a.csv: no row has 1 cell, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 2 has 3 cells, but the header has 1; remove or quote the surplus.',
      'a.csv line 3 has 3 cells, but the header has 1; remove or quote the surplus.',
      'a.csv line 4 has 3 cells, but the header has 1; remove or quote the surplus.',
    ],
  },
  {
    name: 'a remark above the header',
    files: table('# made by hand\na,b\n1,2\n'),
    says: [
      'a.csv: no row has 1 cell, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 2 has 2 cells, but the header has 1; remove or quote the surplus.',
      'a.csv line 3 has 2 cells, but the header has 1; remove or quote the surplus.',
    ],
  },
  {
    name: 'a sum below the rows',
    files: table('a,b\n1,2\n3,4\n\nTotal\n'),
    says: ['a.csv line 5 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'a header with one name less than there are cells',
    files: table('a,b\n1,2,3\n2,4,5\n'),
    says: [
      'a.csv: no row has 2 cells, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 2 has 3 cells, but the header has 2; remove or quote the surplus.',
      'a.csv line 3 has 3 cells, but the header has 2; remove or quote the surplus.',
    ],
  },
  {
    name: "Excel's line that says the delimiter",
    files: table('sep=;\na;b\n1;2\n3;4\n'),
    says: ['a.csv line 1: "sep=" tells Excel the delimiter and names no column; remove the line.'],
  },
  {
    name: 'the first column without a name, as pandas saves it',
    files: table(',a,b\n0,1,2\n1,3,4\n'),
    says: ['a.csv line 1: column 1 has no name in the header; it is called "unnamed 1".'],
    taken: { examples: 2 },
  },
  {
    name: 'three columns without names',
    files: table('a,,b,,\n0,1,2,3,4\n1,3,4,5,6\n'),
    says: ['a.csv line 1: 3 columns have no name in the header; the first is called "unnamed 2".'],
    taken: { examples: 2 },
  },
  {
    name: 'a column that is called as one without a name would be',
    files: table(',unnamed 1\n0,1\n2,3\n'),
    says: ['a.csv line 1: columns 1 and 2 are both called "unnamed 1"; rename one.'],
  },
  {
    name: 'a header without any name',
    files: table(',,\n1,2,3\n'),
    options: { header: 'names' },
    says: ['a.csv line 1: the header names none of its 3 columns; name them or remove the line.'],
  },
  {
    name: 'a name twice',
    files: table('a,b,a\n1,2,3\n'),
    says: ['a.csv line 1: columns 1 and 3 are both called "a"; rename one.'],
  },
  {
    name: 'a name three times',
    files: table('a,a,a\n1,2,3\n'),
    says: [
      'a.csv line 1: columns 1 and 2 are both called "a"; rename one.',
      'a.csv line 1: columns 1 and 3 are both called "a"; rename one.',
    ],
  },
  {
    name: 'a name twice, with a blank before it',
    files: table('a, a\n1,2\n'),
    says: ['a.csv line 1: columns 1 and 2 are both called "a"; rename one.'],
  },
  {
    name: 'a row of data taken for names',
    files: table('1,1\n2,3\n'),
    options: { header: 'names' },
    says: ['a.csv line 1: columns 1 and 2 are both called "1"; rename one.'],
  },
  {
    name: 'a name of 501 characters',
    files: table('n'.repeat(501) + ',b\n1,2\n'),
    says: ['a.csv line 1: the name of column 1 has 501 characters; 500 are allowed at most. Shorten it.'],
  },
  {
    name: 'a name of 999,999 characters',
    files: table('n'.repeat(999_999) + ',b\n1,2\n'),
    says: ['a.csv line 1: the name of column 1 has 999999 characters; 500 are allowed at most. Shorten it.'],
  },
  {
    name: 'a name with line ends, a tab and a bell',
    files: table('"a\r\nb\tc\x07",d\n1\n'),
    says: [
      'a.csv: no row has 2 cells, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 3 has 1 cell, but the header has 2; add the missing ones.',
    ],
  },
  {
    name: 'names that turn what follows',
    files: table('a\u202eb\u2066,a\u202eb\n1,2\n'),
    says: ['a.csv line 1: columns 1 and 2 are both called "a b"; rename one.'],
  },
  {
    name: 'names from JavaScript',
    files: table('__proto__,constructor,toString\n1,2,3\n4,5,6\n'),
    says: [],
    taken: { examples: 2 },
  },
  {
    name: 'the name __proto__ twice',
    files: table('__proto__,__proto__\n1,2\n'),
    says: ['a.csv line 1: columns 1 and 2 are both called "__proto__"; rename one.'],
  },
  {
    name: 'a quote that is never closed',
    files: table('a,b\n1,"x\n2,3\n4,5\n'),
    says: ['a.csv line 2, cell 2: a quote opens and is never closed; close it or remove it.'],
  },
  {
    name: 'a quote that is never closed, left out',
    files: table('a,b\n1,"x\n2,3\n4,5\n'),
    options: { bad: 'skip' },
    says: ['a.csv line 2, cell 2: a quote opens and is never closed; close it or remove it.'],
    taken: { examples: 2, skipped: 1 },
  },
  {
    name: 'a quote that is never closed, which cannot be mended',
    files: table('a,b\n1,"x\n2,3\n4,5\n'),
    options: { bad: 'repair' },
    says: ['a.csv line 2, cell 2: a quote opens and is never closed; close it or remove it.'],
    taken: { examples: 2, skipped: 1 },
  },
  {
    name: 'a quote that is never closed, on the last line',
    files: table('a,b\n1,2\n3,"'),
    says: ['a.csv line 3, cell 2: a quote opens and is never closed; close it or remove it.'],
  },
  {
    name: 'a quote that only opens a header',
    files: table('"a,b\n1,2\n'),
    says: ['a.csv line 1, cell 1: a quote opens and is never closed; close it or remove it.'],
  },
  {
    name: 'a quote inside a text',
    files: table('size,n\n5\'10",1\n6\'1",2\n'),
    says: [
      'a.csv line 2, cell 1: a quote stands inside the text "5\'10\\""; put the whole cell in quotes and double the quotes within it.',
    ],
  },
  {
    name: 'a quote inside a text, left out',
    files: table('size,n\n5\'10",1\n6,2\n'),
    options: { bad: 'skip' },
    says: [
      'a.csv line 2, cell 1: a quote stands inside the text "5\'10\\""; put the whole cell in quotes and double the quotes within it.',
    ],
    taken: { examples: 1, skipped: 1 },
    proposes: ['a.csv, column size: every row has the value "6", so nothing can be learnt from it.'],
  },
  {
    name: 'a text behind a closing quote',
    files: table('a,b\n"x"y,1\n'),
    says: [
      'a.csv line 2, cell 1: "y" follows a closing quote; put the whole cell in quotes and double the quotes within it.',
    ],
  },
  {
    name: 'a letter of three bytes behind a closing quote',
    files: table('a,b\n"x"€,1\n'),
    says: [
      'a.csv line 2, cell 1: "€" follows a closing quote; put the whole cell in quotes and double the quotes within it.',
    ],
  },
  {
    name: 'quotes doubled by a backslash',
    files: table('a,b\n"say \\"hi\\"",1\n'),
    says: [
      'a.csv line 2, cell 1: "h" follows a closing quote; put the whole cell in quotes and double the quotes within it.',
    ],
  },
  {
    name: 'quotes around cells, blanks around quotes',
    files: table('a,b\n "1" , "2"\t\n"x ""y""",3\n'),
    says: [],
    taken: { examples: 2 },
  },
  {
    name: 'single quotes',
    files: table("a,b\n'1,2',3\n"),
    says: [
      'a.csv: no row has 2 cells, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 2 has 3 cells, but the header has 2; remove or quote the surplus.',
    ],
  },
  {
    name: 'a quoted line end, and a short row behind it',
    files: table('a,b\n"x\r\ny\rz\n",1\n2\n'),
    says: ['a.csv line 6 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'a header in quotes with a line end',
    files: table('"a\nb",c\n1,2\n3\n'),
    says: ['a.csv line 4 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'line ends of CR alone',
    files: table('a,b\r1,2\r3\r'),
    says: ['a.csv line 3 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'line ends of all kinds',
    files: table('a,b\n1,2\r\n3,4\r5,6\n\r7\n'),
    says: ['a.csv line 6 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'line ends doubled',
    files: table('a,b\r\r\n1,2\r\r\n3\r\r\n'),
    says: ['a.csv line 5 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'no line end at the end',
    files: table('a,b\n1,2\n3,4'),
    says: [],
    taken: { examples: 2 },
  },
  {
    name: 'an end of file from DOS',
    files: table('a,b\n1,2\n\x1a'),
    says: ['a.csv line 3 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'a NUL character',
    files: table('a,b\n1,\0\n'),
    says: ['a.csv has a NUL character on line 2, so it is not a text file; choose a CSV file.'],
  },
  {
    name: 'a NUL character within quotes',
    files: table('a,b\n"1\n\0",2\n'),
    says: ['a.csv has a NUL character on line 3, so it is not a text file; choose a CSV file.'],
  },
  {
    name: 'a NUL character, which is not left out',
    files: table('a,b\n1,2\n\0,3\n'),
    options: { bad: 'skip' },
    says: ['a.csv has a NUL character on line 3, so it is not a text file; choose a CSV file.'],
  },
  {
    name: 'zeros only',
    files: table(new Uint8Array(5000)),
    says: ['a.csv has a NUL character on line 1, so it is not a text file; choose a CSV file.'],
  },
  {
    name: 'bytes by chance',
    files: table(Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + (i >> 3) * 7) & 255)),
    says: ['a.csv has a NUL character on line 1, so it is not a text file; choose a CSV file.'],
  },
  {
    name: 'a byte order mark',
    files: table('\ufeffa,b\n1,2\n3\n'),
    says: ['a.csv line 3 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'two byte order marks',
    files: table('\ufeff\ufeffa,a\n1,2\n'),
    says: ['a.csv line 1: columns 1 and 2 are both called "a"; rename one.'],
  },
  {
    name: 'UTF-16, little-endian',
    files: table(utf16('\ufeffa,ü\n1,2\n3\n')),
    says: ['a.csv line 3 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'UTF-16, big-endian',
    files: table(utf16('\ufeffa,ü\n1,2\n3\n', true)),
    says: ['a.csv line 3 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'UTF-16 without its mark',
    files: table(utf16('a,b\n1,2\n3,4\n')),
    says: ['a.csv looks like UTF-16 without its byte order mark; choose UTF-16 (little-endian) as its encoding.'],
  },
  {
    name: 'big-endian UTF-16 without its mark',
    files: table(utf16('a,b\n1,2\n3,4\n', true)),
    says: ['a.csv looks like UTF-16 without its byte order mark; choose UTF-16 (big-endian) as its encoding.'],
  },
  {
    name: 'UTF-16 without its mark, which is said',
    files: table(utf16('a,b\n1,2\n3\n')),
    options: { encoding: 'utf-16le' },
    says: ['a.csv line 3 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'UTF-16 with half a pair',
    files: table(bytes(0xff, 0xfe, 0x61, 0, 0x00, 0xd8, 0x62, 0)),
    says: [
      'a.csv is not UTF-16 (little-endian): byte 4 begins 0xD800, half a character; choose the encoding that it has, or save it as UTF-8.',
    ],
  },
  {
    name: 'UTF-16 with half a character at its end',
    files: table(bytes(0xff, 0xfe, 0x61, 0, 0x2c, 0, 0x62)),
    says: [
      'a.csv is not UTF-16 (little-endian): byte 6 is the last one, and half a character; choose the encoding that it has, or save it as UTF-8.',
    ],
  },
  {
    name: 'UTF-8 that is said to be UTF-16',
    files: table('a,b\n1,2\n3,4'),
    options: { encoding: 'utf-16le' },
    says: [
      'a.csv is not UTF-16 (little-endian): byte 10 is the last one, and half a character; choose the encoding that it has, or save it as UTF-8.',
    ],
  },
  {
    name: 'Windows-1252',
    files: table(latin1('stadt,n\nK\xf6ln,1\nM\xfcnchen,2\n')),
    says: [
      'a.csv is not UTF-8 (byte 9 is 0xF6), so it is read as Windows-1252 (Western European); where letters look wrong, choose another encoding.',
    ],
    taken: { examples: 2 },
  },
  {
    name: 'Windows-1252 that is said to be so',
    files: table(latin1('stadt,n\nK\xf6ln,1\nM\xfcnchen,2\n')),
    options: { encoding: 'windows-1252' },
    says: [],
    taken: { examples: 2 },
  },
  {
    name: 'Windows-1252 that is said to be UTF-8',
    files: table(latin1('stadt,n\nK\xf6ln,1\nM\xfcnchen,2\n')),
    options: { encoding: 'utf-8' },
    says: ['a.csv is not UTF-8: byte 9 is 0xF6; choose its encoding, or save the file with UTF-8 encoding.'],
  },
  {
    name: 'one bad byte behind what is guessed from',
    files: table(latin1('a,b\n' + 'x,1\n'.repeat(75_000) + '\xe9,2\n')),
    says: [
      'a.csv is not UTF-8 (byte 300004 is 0xE9), so it is read as Windows-1252 (Western European); where letters look wrong, choose another encoding.',
    ],
    taken: { examples: 75001 },
  },
  {
    name: 'an overlong form of a comma',
    files: table(bytes(...ascii('a,b\n1'), 0xc0, 0xac, ...ascii('2\n'))),
    options: { encoding: 'utf-8' },
    says: ['a.csv is not UTF-8: byte 5 is 0xC0; choose its encoding, or save the file with UTF-8 encoding.'],
  },
  {
    name: 'a surrogate in UTF-8',
    files: table(bytes(...ascii('a,b\n1,'), 0xed, 0xa0, 0x80, 0x0a)),
    options: { encoding: 'utf-8' },
    says: ['a.csv is not UTF-8: byte 6 is 0xED; choose its encoding, or save the file with UTF-8 encoding.'],
  },
  {
    name: 'a letter that the end of the file cuts off',
    files: table(bytes(...ascii('a,b\n1,x'), 0xf0, 0x9f, 0x98)),
    options: { encoding: 'utf-8' },
    says: ['a.csv is not UTF-8: byte 7 is 0xF0; choose its encoding, or save the file with UTF-8 encoding.'],
  },
  {
    name: 'decimal commas between semicolons',
    files: table('a;b\n1,5;2\n2,5;3\n3,5;4\n'),
    says: [],
    taken: { examples: 3 },
  },
  {
    name: 'decimal commas between tabs',
    files: named('a.tsv', 'a\tb\n1,5\t2\n2,5\t3\n3,5\t4\n'),
    says: [],
    taken: { examples: 3 },
  },
  {
    name: 'decimal signs of both kinds',
    files: table('a;b\n1.5;2\n2,5;3\n3.5;4\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "2,5" has a comma; write all numbers of the file with decimal points and without marks between thousands, or choose the decimal sign.',
    ],
  },
  {
    name: 'thousands with commas, in quotes',
    files: table('price,n\n"1,234",5\n"2,500",6\n"9,000",7\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 2, column price: "1,234" has a comma; write all numbers of the file with decimal points and without marks between thousands, or choose the decimal sign.',
    ],
  },
  {
    name: 'thousands with commas and decimal points',
    files: table('price;n\n1,234.50;5\n2,500.00;6\n9,000.25;7\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [],
  },
  {
    name: 'thousands with points and decimal commas',
    files: table('price;n\n1.234,50;5.000\n2.500,00;6.100\n9.000,25;700\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [],
  },
  {
    name: 'thousands with blanks, wide, narrow and those that keep a line together, and with apostrophes',
    files: table("price;n\n1 234,50;5\u00a0000\n2\u202f500,00;6\u2009100\n9'000,25;700\n1\u2019500;12'345'678\n"),
    says: [],
    taken: { examples: 4 },
    proposes: [],
  },
  {
    name: 'blanks and apostrophes that part no thousands',
    files: table("phone;n\n555 12 34;1'5\n12 34 567;2'6\n1 234'567;3'7\n"),
    says: [],
    taken: { examples: 3 },
  },
  {
    name: 'thousands with blanks, and the other decimal sign',
    files: table('price;n\n1 234.50;5\n2 500.00;6\n9 000,25;7\n8 000.25;7\n'),
    says: [],
    taken: { examples: 4 },
    proposes: [
      'a.csv line 4, column price: "9 000,25" has a comma; write all numbers of the file with decimal points and without marks between thousands, or choose the decimal sign.',
    ],
  },
  {
    name: 'commas that could be before thousands or before decimals',
    files: table('price;n\n1,234;5\n2,500;6\n9,000;7\n'),
    says: [
      'a.csv, column price: "1,234" is read as 1.234, since nothing tells whether its comma parts thousands; where it means 1234, choose Point as the decimal sign.',
    ],
    taken: { examples: 3 },
    proposes: [],
  },
  {
    name: 'points that could be before thousands or before decimals',
    files: table('price;n\n1.234;5\n2.500;6\n9.000;7\n'),
    says: [
      'a.csv, column price: "1.234" is read as 1.234, since nothing tells whether its point parts thousands; where it means 1234, choose Comma as the decimal sign.',
    ],
    taken: { examples: 3 },
    proposes: [],
  },
  {
    name: 'a point before decimals, long after points between thousands',
    files: table(`a;b\n${'7;0,5\n'.repeat(200)}1.234;1,5\n1.5;2,5\n`),
    says: [
      'a.csv line 203, column a: "1.5" has a point before its decimals, but on line 202 that of "1.234" was taken to part thousands, as the file has decimal commas; write the column in one way.',
    ],
  },
  {
    name: 'amounts with their currency, shares with a percent sign, lengths with their unit',
    files: table(
      `price,share,size,kind\n${Array.from({ length: 30 }, (_, i) => `$${i}.50,${i} %,${i}.5 cm,${i % 2 ? 'u' : 'v'}\n`).join('')}`,
    ),
    says: [],
    taken: { examples: 30 },
    proposes: [
      'a.csv has no column left to learn from beside its target kind; add a column of numbers or of repeating texts.',
      'a.csv, column price: "$" stands beside its numbers, which makes them texts; it is ignored at first; write the numbers alone to learn from them.',
      'a.csv, column share: "%" stands beside its numbers, which makes them texts; it is ignored at first; write the numbers alone to learn from them.',
      'a.csv, column size: "cm" stands beside its numbers, which makes them texts; it is ignored at first; write the numbers alone to learn from them.',
    ],
  },
  {
    name: 'texts that are longer than there is room for',
    // Of 35 different ones 33 have room, since each character counts two bytes.
    files: table(
      `text,m,n\n${Array.from({ length: 37 }, (_, i) => `${String(i % 35).padEnd(500_000, '-')},${i % 4}.5,${i}.5\n`).join('')}`,
    ),
    says: [],
    taken: { examples: 37 },
    proposes: [
      'a.csv, column text: its texts are so long that only the first 33 of them are told apart; it is ignored at first; as a feature its texts would be hashed.',
    ],
  },
  {
    name: 'days before months',
    files: table('day,n,m\n31.01.2020,1.5,2.5\n28.02.2020,2.5,1.5\n31.01.2020,3.5,4.5\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv, column day: its dates are the time of the rows, by which they can be split or cut into windows; nothing is learnt from it; they are read with the day first.',
    ],
  },
  {
    name: 'days or months first, which nothing tells',
    files: table('day,n,m\n01/02/2020,1.5,2.5\n03/02/2020,2.5,1.5\n03/02/2020,3.5,4.5\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv, column day: its dates are the time of the rows, by which they can be split or cut into windows; nothing is learnt from it; "01/02/2020" is read with the day first, since no date of the column tells: where that is the month, write them as 2024-05-31.',
    ],
  },
  {
    name: 'days and months first in one column',
    files: table('day,n,m\n31/01/2020,1.5,2.5\n01/31/2020,2.5,1.5\n05/02/2020,3.5,4.5\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv, column day: it holds dates; it is ignored at first; written as 2024-05-31 they could be the time of the rows.',
    ],
  },
  {
    name: 'days that no calendar has',
    files: table('day,n,m\n31.04.2020,1.5,2.5\n30.02.2020,2.5,1.5\n01.13.2020,3.5,4.5\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv, column day: it holds dates; it is ignored at first; written as 2024-05-31 they could be the time of the rows.',
    ],
  },
  {
    name: 'lines above the names of the columns',
    files: table('# exported\n# at noon\na,b,c\n1,2,3\n2,3,4\n5,6,7\n'),
    says: [
      'a.csv: only 1 of 5 rows has 1 cell, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 3 has 3 cells, but the header has 1; remove or quote the surplus.',
      'a.csv line 4 has 3 cells, but the header has 1; remove or quote the surplus.',
      'a.csv line 5 has 3 cells, but the header has 1; remove or quote the surplus.',
      'a.csv: 1 more line has a wrong number of cells; correct them, or choose to leave bad rows out.',
    ],
  },
  {
    name: 'decimal commas between commas',
    files: table('a,b\n1,5,2\n2,5,3\n'),
    says: [
      'a.csv: no row has 2 cells, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 2 has 3 cells, but the header has 2; remove or quote the surplus.',
      'a.csv line 3 has 3 cells, but the header has 2; remove or quote the surplus.',
    ],
  },
  {
    name: '1e400',
    files: table('a,b\n1,2\n1e400,3\n3,4\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "1e400" is too large for 32-bit numbers (3.4e38 at most), but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: '1e400, left out later',
    files: table('a,b\n1,2\n1e400,3\n3,4\n'),
    options: { bad: 'skip' },
    says: [],
    taken: { examples: 3 },
  },
  {
    name: '1e39, which 32 bits do not hold',
    files: table('a,b\n1,2\n1e39,3\n3,4\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "1e39" is too large for 32-bit numbers (3.4e38 at most), but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'a hexadecimal number',
    files: table('a,b\n1,2\n0x10,3\n3,4\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "0x10" is not a number, but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'infinities',
    files: table('a,b\n1,2\nInfinity,3\n-inf,4\n5,6\n6,7\n'),
    says: [],
    taken: { examples: 5 },
    proposes: [
      'a.csv line 3, column a: "Infinity" is infinite, but 3 of 5 values in this column are numbers; write a number, or nothing where there is none (NaN in an array).',
    ],
  },
  {
    name: 'a minus sign from a book',
    files: table('a,b\n1,2\n\u22125,3\n3,4\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "−5" is not a number, but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'numbers with units',
    files: table('a,b\n1 kg,2\n2 kg,3\n3 kg,4\n1 kg,9\n'),
    says: [],
    taken: { examples: 4 },
  },
  {
    name: 'a percentage',
    files: table('a,b\n10,2\n20%,3\n30,4\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "20%" is not a number, but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'digits of another script',
    files: table('a,b\n1,2\n\u0663,3\n3,4\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "٣" is not a number, but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'a blank that does not break a line',
    files: table('a,b\n1,2\n\u00a05,3\n3,4\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "\\u00a05" is not a number, but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'all kinds of missing values',
    files: table('a,b\n,1\nNA,2\nn/a,3\nNaN,4\nNULL,5\n?,6\n-,7\n7,8\n9,9.5\n'),
    says: [],
    taken: { examples: 9 },
    proposes: ['a.csv, column a: 7 values are missing (lines 2, 3, 4 and 4 more).'],
  },
  {
    name: 'missing values that are not known as such',
    files: table('a,b\n1,1\nmissing,2\n3,3\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "missing" is not a number, but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'dates',
    files: table('day,n\n2020-01-02,1.5\n2020-01-03,2.5\n2020-01-04,3.5\n2020-01-05,4.5\n2020-01-06,5.5\n'),
    says: [],
    taken: { examples: 5 },
    proposes: [
      'a.csv has 5 rows, and a forecast of n from its past needs at least 16, for windows of 2 rows; add rows, or a column of numbers or of repeating texts to learn from.',
      'a.csv, column day: its dates are the time of the rows, by which they can be split or cut into windows; nothing is learnt from it.',
    ],
  },
  {
    name: 'a column without any value',
    files: table('a,b,c\n1,,2\n2,,3\n3,NA,4\n'),
    says: [],
    taken: { examples: 3 },
    proposes: ['a.csv, column b: it has no value; it is ignored at first.'],
  },
  {
    name: 'formulas',
    files: table("a,b\n=cmd|'/c calc'!A1,1\n@SUM(A1),2\n+1+1,3\n=cmd|'/c calc'!A1,4\n"),
    says: [],
    taken: { examples: 4 },
  },
  {
    name: 'a text of controls and marks of direction',
    files: table('a,b\n1,1\n\x1b[31m\u202e7,2\n3,3\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "\\u001b[31m\\u202e7" is not a number, but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'a text that is a script',
    files: table('a,b\n1,1\n<script>alert(1)</script>,2\n3,3\n'),
    says: [],
    taken: { examples: 3 },
    proposes: [
      'a.csv line 3, column a: "<script>alert(1)</script>" is not a number, but 2 of 3 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'bars, and commas within',
    files: table('a|b\n1,2|3\n4,5|6\n'),
    says: [],
    taken: { examples: 2 },
  },
  {
    name: 'semicolons, of which some rows have more',
    files: table('a;b\n1;2\n3;4\n5;6;7\n'),
    says: ['a.csv line 4 has 3 cells, but the header has 2; remove or quote the surplus.'],
  },
  {
    name: 'another delimiter than was said',
    files: table('a;b\n1;2\n3;4\n'),
    options: { delimiter: 'comma' },
    says: [],
    taken: { examples: 2 },
    proposes: ['a.csv has one column, a;b, and learning takes two or more; where it has more, choose its delimiter.'],
  },
  {
    name: 'quoted delimiters and line ends that mislead a guess',
    files: table('t;n\n"a,b,c,d\ne,f,g";1\n"h,i,j,k\nl,m,n";2\n'),
    says: [],
    taken: { examples: 2 },
  },
  {
    name: '16,384 columns',
    files: table(wide(16_384)),
    says: [],
    taken: { examples: 1 },
    proposes: [
      'a.csv, column c0: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c1: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c2: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c3: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c4: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c5: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c6: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c7: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c8: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c9: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c10: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c11: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c12: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c13: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c14: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c15: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c16: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c17: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c18: every row has the value "1", so nothing can be learnt from it.',
      'a.csv, column c19: every row has the value "1", so nothing can be learnt from it.',
      'a.csv: 16363 more columns have such a warning.',
    ],
  },
  {
    name: '16,385 columns',
    files: table(wide(16_385)),
    says: ['a.csv line 1 has more than 16384 columns, the most that a table may have; leave some out.'],
  },
  {
    name: 'a million columns',
    files: table(wide(1_000_000)),
    says: ['a.csv line 1 has more than 16384 columns, the most that a table may have; leave some out.'],
  },
  {
    name: 'a million delimiters in a row',
    files: table('a,b\n1,2\n' + ','.repeat(1_000_000) + '\n'),
    options: { bad: 'skip' },
    says: ['a.csv line 3 has more than 16384 columns, the most that a table may have; leave some out.'],
  },
  {
    name: 'a cell of a million bytes',
    files: table('a,b\n' + 'x'.repeat(1_000_000) + ',1\n'),
    says: [],
    taken: { examples: 1 },
    proposes: [
      'a.csv, column a: every row has the value "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", so nothing can be learnt from it.',
    ],
  },
  {
    name: 'a cell of a million bytes and one',
    files: table('a,b\n1,' + 'x'.repeat(1_000_001) + '\n'),
    says: [
      'a.csv line 2, cell 2 has 1000001 bytes; 1000000 are allowed at most. Look for a quote that is missing, shorten the cell, or leave its column out.',
    ],
  },
  {
    name: 'a quoted cell of two million line ends',
    files: table('a,b\n1,"' + '\n'.repeat(2_000_000) + '"\n'),
    says: [],
    taken: { examples: 1 },
    proposes: [
      'a.csv has no column left to learn from beside its target a; add a column of numbers or of repeating texts.',
      'a.csv, column b: it has no value; it is ignored at first.',
    ],
  },
  {
    name: 'a line of 17 MB',
    files: table('a,b\n' + 'x,'.repeat(8000) + 'y'.repeat(17_000_000)),
    says: [
      'a.csv line 2: the row has more than 16.0 MB and does not end; look for a quote that opens and is never closed, or choose another delimiter.',
    ],
  },
  {
    name: 'a quote that opens before 17 MB',
    files: table('a,b\n1,"' + 'x,1\n'.repeat(4_250_000)),
    says: [
      'a.csv line 2: the row has more than 16.0 MB and does not end; look for a quote that opens and is never closed, or choose another delimiter.',
    ],
  },
  {
    name: 'a million blank lines',
    files: table('a,b\n' + '\n'.repeat(1_000_000) + '1\n'),
    says: [
      'a.csv: no row has 2 cells, as line 1 has; correct that line, remove what stands above the names of the columns, or choose another delimiter.',
      'a.csv line 1000002 has 1 cell, but the header has 2; add the missing ones.',
    ],
  },
  {
    name: '20,000 broken rows, left out',
    files: table('a,b\n1,2\n' + '"x"y\n'.repeat(20_000)),
    options: { bad: 'skip' },
    says: strayQuotes(10_000),
    taken: { examples: 1, skipped: 20000 },
    proposes: ['a.csv, column a: every row has the value "1", so nothing can be learnt from it.'],
  },
  {
    name: 'a table in a text',
    files: named('a.txt', 'a\tb\n1\t2\n3\n'),
    says: ['a.txt line 3 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'a web page',
    files: table('<!DOCTYPE html>\n<html><body>404</body></html>\n'),
    says: ['a.csv is a web page, not a table of text; download the file itself.'],
  },
  {
    name: 'a web page after blank lines and a mark',
    files: table('\ufeff\n\n <html lang="de">\n'),
    says: ['a.csv is a web page, not a table of text; download the file itself.'],
  },
  {
    name: 'XML',
    files: table('<?xml version="1.0"?><rows><row/></rows>'),
    says: ['a.csv is XML, not a table of text; save it as CSV.'],
  },
  {
    name: 'JSON',
    files: table('[{"a": 1, "b": 2}]'),
    says: ['a.csv is JSON, not a table of text; give it a name that ends with .json or .jsonl.'],
  },
  {
    name: 'JSON Lines',
    files: table('{"a": 1}\n{"a": 2}\n'),
    says: ['a.csv is JSON, not a table of text; give it a name that ends with .json or .jsonl.'],
  },
  {
    name: 'an Excel workbook',
    files: table(bytes(0x50, 0x4b, 3, 4, 0x14, 0, 6, 0)),
    says: [
      'a.csv is an Excel workbook or another ZIP archive, not a table of text; save its sheet as CSV, or unzip it.',
    ],
  },
  {
    name: 'an old Excel workbook',
    files: table(bytes(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)),
    says: ['a.csv is an old Office file, not a table of text; save its sheet as CSV.'],
  },
  {
    name: 'a PDF document',
    files: table('%PDF-1.7\n%âãÏÓ\n'),
    says: ['a.csv is a PDF document, not a table of text; get its table as CSV.'],
  },
  {
    name: 'a picture',
    files: table(bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)),
    says: ['a.csv is a picture, not a table of text; choose a table.'],
  },
  {
    name: 'a Parquet file',
    files: table(bytes(...ascii('PAR1'), 21, 0, 21, 2)),
    says: ['a.csv is a Parquet file, not a table of text; give it a name that ends with .parquet.'],
  },
  {
    name: 'a database',
    files: table('SQLite format 3\0\x10'),
    says: ['a.csv is a database, not a table of text; save one of its tables as CSV.'],
  },
  {
    name: 'half a megabyte of gzip that unzips to a gigabyte of rows',
    files: [
      {
        name: 'a.csv.gz',
        bytes: ascii('1.5,2.5,3.5,4.5\n'.repeat(2 ** 16)),
        zipped: { size: 500_000, times: 2 ** 10 },
      },
    ],
    says: [
      'a.csv.gz has 500 kB and unzips to more than 100 MB, over 100 times as much, which is hardly a table; unzip it, and choose what comes out.',
    ],
  },
  {
    name: 'rows that gzip to a fiftieth of their size, as readings that hardly change do',
    files: [
      {
        name: 'a.csv.gz',
        bytes: ascii('x,y\n' + '20.5,1\n20.5,1\n20.5,2\n20.5,1\n'.repeat(2 ** 12)),
        zipped: { size: 2400, times: 1 },
      },
    ],
    says: [],
    taken: { examples: 2 ** 14 },
  },
  {
    name: 'as many infinite numbers as others, as a program wrote them',
    files: table(`x,y\n${'1.5,1\ninf,2\n-Infinity,1\n2.5,2\n'.repeat(10)}`),
    says: [],
    taken: { examples: 40 },
    proposes: [
      'a.csv line 3, column x: "inf" is infinite, but 20 of 40 values in this column are numbers; write a number, or nothing where there is none (NaN in an array).',
    ],
  },
  {
    name: 'gzip within gzip',
    files: table(gzipSync(ascii('a,b\n1,2\n'))),
    says: ['a.csv is still gzipped; unzip it first.'],
  },
  {
    name: 'xz',
    files: table(bytes(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0)),
    says: ['a.csv is compressed, not a table of text; unpack it first, or use gzip.'],
  },
  {
    name: 'Zstandard',
    files: table(bytes(0x28, 0xb5, 0x2f, 0xfd, 4, 0)),
    says: ['a.csv is compressed, not a table of text; unpack it first, or use gzip.'],
  },
  {
    name: 'several: other columns in one of them',
    files: together({ 'd/jan.csv': 'a,b\n1,2\n', 'd/feb.csv': 'a,c\n3,4\n' }),
    says: [
      'jan.csv lacks column "c" of feb.csv and has column "b" instead; give both files the same columns, or leave one of them out.',
    ],
  },
  {
    name: 'several: the tests have no target',
    files: together({ 'train.csv': 'a,y\n1,2\n', 'test.csv': 'a\n3\n' }),
    says: [
      'test.csv lacks column "y", which train.csv has; give both files the same columns, or leave one of them out.',
    ],
  },
  {
    name: 'several: a thousand columns less',
    files: together({ '1.csv': wide(1000), '2.csv': wide(3) }),
    says: [
      '2.csv lacks columns "c3", "c4", "c5", "c6", "c7", "c8" and 991 more, which 1.csv has; give both files the same columns, or leave one of them out.',
    ],
  },
  {
    name: 'several: two columns of one name in the second',
    files: together({ '1.csv': 'a,b\n1,2\n', '2.csv': 'a,a\n1,2\n' }),
    says: ['2.csv line 1: columns 1 and 2 are both called "a"; rename one.'],
  },
  {
    name: 'several: one of no bytes',
    files: together({ '1.csv': 'a,b\n1,2\n', '2.csv': '', '3.csv': 'a,b\n3,4\n' }),
    says: ['2.csv is empty; choose a file with a header and rows.'],
  },
  {
    name: 'several: one of blank lines',
    files: together({ '1.csv': '1,2\n3,4\n', '2.csv': '\n\n' }),
    says: ['2.csv is empty; choose a file with a header and rows.'],
  },
  {
    name: 'several: one with no row',
    files: together({ '1.csv': 'a,b\n1,2\n', '2.csv': 'a,b\n' }),
    says: ['2.csv has a header and no rows, so it adds nothing to the table.'],
    taken: { examples: 1 },
  },
  {
    name: 'several: none with a row',
    files: together({ '1.csv': 'a,b\n', '2.csv': 'a,b\n' }),
    says: ['None of the 2 files has a row below its header; add examples.'],
  },
  {
    name: 'several: one without the names of its columns',
    files: together({ '1.csv': 'a,b\n1,2\n3,4\n', '2.csv': '5,6\n7,8\n' }),
    says: [
      '1.csv begins with the names of its columns, but 2.csv with data; let all files begin alike, or choose what their first row is.',
    ],
  },
  {
    name: 'several: only one with the names of its columns',
    files: together({ '1.csv': '1,2\n3,4\n', '2.csv': 'a,b\n5,6\n7,8\n' }),
    says: [
      '2.csv begins with the names of its columns, but 1.csv with data; let all files begin alike, or choose what their first row is.',
    ],
  },
  {
    name: 'several: rows of other lengths where nothing names them',
    files: together({ '1.csv': '1,2\n3,4\n', '2.csv': '1,2,3\n3,4,5\n' }),
    says: [
      '2.csv line 1 has 3 cells, but the rows of 1.csv have 2 cells; give both files the same columns, or leave one of them out.',
    ],
  },
  {
    name: 'several: a picture that is called a table',
    files: together({ '1.csv': 'a,b\n1,2\n', '2.csv': bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) }),
    says: ['2.csv is a picture, not a table of text; choose a table.'],
  },
  {
    name: 'several: bytes that are called a table',
    files: together({ '1.csv': 'a,b\n1,2\n', '2.csv': bytes(0x61, 0x2c, 0x62, 0x0a, 0x31, 0, 0, 7) }),
    says: ['2.csv has a NUL character on line 2, so it is not a text file; choose a CSV file.'],
  },
  {
    name: 'several: bad rows in the second',
    files: together({ '1.csv': 'a,b\n1,2\n', '2.csv': 'a,b\n3,4\n5\n' }),
    says: ['2.csv line 3 has 1 cell, but the header has 2; add the missing ones.'],
  },
  {
    name: 'several: bad rows in both, left out',
    files: together({ '1.csv': 'a,b\n1\n2,3\n', '2.csv': 'b,a\n3,4\n5\n' }),
    options: { bad: 'skip' },
    says: [
      '1.csv line 2 has 1 cell, but the header has 2; add the missing ones.',
      '2.csv line 3 has 1 cell, but the header has 2; add the missing ones.',
    ],
    taken: { examples: 2, skipped: 2 },
  },
  {
    name: 'several: a text where the others have numbers',
    files: together({ '1.csv': 'a,y\n1,0\n2,1\n3,0\n4,1\n5,0\n', '2.csv': 'y,a\n1,6\n0,x\n1,8\n' }),
    says: [],
    taken: { examples: 8 },
    proposes: [
      '2.csv line 3, column a: "x" is not a number, but 7 of 8 values in this column are numbers; correct the cell or leave it empty.',
    ],
  },
  {
    name: 'several: gaps in both',
    files: together({ '1.csv': 'a,y\n1,0\n,1\n3,0\n4,1\n', '2.csv': 'a,y\n,1\n6,0\n,1\n,1\n' }),
    says: [],
    taken: { examples: 8 },
    proposes: [
      'The table of 1.csv and 2.csv, column a: 4 values are missing (1.csv line 3, 2.csv line 2, 2.csv line 4 and 1 more).',
    ],
  },
  {
    name: 'several: two of one name',
    files: [...named('a.csv', 'a,y\n1,0\n'), ...named('a.csv', 'a,z\n1,0\n')],
    says: [
      'a.csv (2) lacks column "y" of a.csv and has column "z" instead; give both files the same columns, or leave one of them out.',
    ],
  },
  {
    name: 'several: what lies beside them',
    files: [
      ...days(3),
      ...together({ 'd/README': 'Days, and what was seen.\n', 'd/.notes.csv': 'z', 'd/plan.pdf': '%PDF-1.7' }),
    ],
    says: ['2 files are no part of the table and are left out: d/README, d/plan.pdf.'],
    taken: { examples: 3 },
  },
  {
    name: 'several: as many as there may be',
    files: days(256),
    says: [],
    taken: { examples: 256 },
    proposes: [],
  },
  {
    name: 'several: three hundred',
    files: days(300),
    says: ['There are 300 files, and a table may come in 256 at most; join some of them.'],
  },
]
