/** Parquet: descriptions that lie, pages that explode. */
import { gzipSync } from 'fflate'
import { crc32 } from '../../../src/data/formats/sums.ts'
import {
  ascii,
  byteArray,
  double,
  int,
  int32,
  int64,
  list,
  page,
  parquetBytes,
  struct,
  text,
  varint,
  type Claims,
  type Column,
} from '../parquet.ts'
import type { HostileCase } from './case.ts'

type Files = HostileCase['files']

const file = (bytes: ArrayLike<number>): Files => [{ name: 'a.parquet', bytes: Uint8Array.from(bytes) }]
/** Two rows of a whole number. */
const good: Column = { name: 'a', pages: [page({ body: int32(1, 2), values: 2 })] }
const table = (columns: readonly Column[], claims: Partial<Claims> = {}): Files =>
  file(parquetBytes(columns, { rows: 2, ...claims }))
const column = (change: Partial<Column>, claims: Partial<Claims> = {}): Files => table([{ ...good, ...change }], claims)
const pages = (...all: readonly number[][]): Files => column({ pages: all })
const footer = (bytes: readonly number[]): Files => column({}, { footer: bytes })
const plain = parquetBytes([good], { rows: 2 })
/** Levels of an optional column: their length, then runs. */
const levels = (...runs: number[]) => [...int32(runs.length), ...runs]
const optional = (body: readonly number[], rows = 2): Files =>
  table([{ name: 'a', repetition: 1, pages: [page({ body, values: rows })] }], { rows })
/** A dictionary of two, then indices. */
const indexed = (...body: number[]): Files =>
  pages(page({ kind: 2, body: int32(5, 6), values: 2 }), page({ body, values: 2, encoding: 8 }))
const texts = (change: Partial<Column>, body: readonly number[], encoding = 0, rows = 2): Files =>
  table([{ name: 'a', type: 6, converted: 0, pages: [page({ body, values: rows, encoding })], ...change }], { rows })
const packed = (codec: number, body: readonly number[], size: number): Files =>
  column({ codec, pages: [page({ body, values: 2, size })] })
/** Blocks of 128 differences in 4 parts, as many values, the first one. */
const deltas = (count: number, first: number, ...rest: number[]) => [
  ...varint(128),
  ...varint(4),
  ...varint(count),
  ...int(first).bytes,
  ...rest,
]
/** Texts each of which has one letter more than the one before, and all of its letters. */
const growing = (count: number) => {
  const same = (first: number, each: number) =>
    deltas(
      count,
      first,
      ...new Array<number[]>(Math.ceil((count - 1) / 128)).fill([...int(each).bytes, 0, 0, 0, 0]).flat(),
    )
  return [...same(0, 1), ...same(1, 0), ...new Array<number>(count).fill(0x78)]
}
const MILLION = 1_000_000
const crcOf = (body: readonly number[]) => crc32(Uint8Array.from(body))

export const cases: readonly HostileCase[] = [
  { name: 'no bytes', files: file([]), says: ['a.parquet is empty; get the file again.'] },
  {
    name: 'the magic word alone',
    files: file(ascii('PAR1PAR1')),
    says: ['a.parquet has 8 bytes, too few for a Parquet file; get the whole file.'],
  },
  {
    name: 'a text file',
    files: file(ascii('a,b\n1,2\n3,4\n5,6\n')),
    says: ['a.parquet begins with "a,b\\n", but a Parquet file begins with "PAR1"; choose another file.'],
  },
  {
    name: 'an encrypted file',
    files: file([...ascii('PARE'), ...plain.subarray(4, -4), ...ascii('PARE')]),
    says: ['a.parquet is encrypted; save it without a key.'],
  },
  {
    name: 'a description that is encrypted',
    files: file([...plain.subarray(0, -4), ...ascii('PARE')]),
    says: ['a.parquet is encrypted; save it without a key.'],
  },
  {
    name: 'a file that is cut',
    files: file(plain.subarray(0, -20)),
    says: [
      'a.parquet ends with "\\u0000\\u0006\\u0006\\u0004", but a Parquet file ends with "PAR1"; get the whole file.',
    ],
  },
  {
    name: 'a description longer than the file',
    files: column({}, { footerLength: 5000 }),
    says: ['a.parquet says that its description takes 5000 bytes, but it has only 124 besides; get the whole file.'],
  },
  {
    name: 'a description of 4 GB',
    files: column({}, { footerLength: 0xffffffff }),
    says: [
      'a.parquet says that its description takes 4294967295 bytes, but it has only 124 besides; get the whole file.',
    ],
  },
  {
    name: 'a description of 17 MB',
    files: footer(new Array<number>(17 * MILLION).fill(0)),
    says: ['a.parquet has a description of 17.0 MB; 16.0 MB are the most. Save it with fewer columns or row groups.'],
  },
  {
    name: 'an empty description',
    files: footer([]),
    says: ['a.parquet has a description that cannot be read: it ends in the middle. Save the file again.'],
  },
  {
    name: 'a description of zeros',
    files: footer(new Array<number>(100).fill(0)),
    says: [
      'a.parquet has a description that cannot be read: it does not say how many rows there are. Save the file again.',
    ],
  },
  {
    name: 'a description of nothing but numbers that do not end',
    files: footer(new Array<number>(MILLION).fill(0x85)),
    says: ['a.parquet has a description that cannot be read: a number in it has no end. Save the file again.'],
  },
  {
    name: 'a description nested a million deep',
    files: footer(new Array<number>(MILLION).fill(0x1c)),
    says: ['a.parquet has a description that cannot be read: it is nested more than 16 deep. Save the file again.'],
  },
  {
    name: 'a description with a list of 2 000 million',
    files: footer([0x29, 0xfc, ...varint(2 ** 31)]),
    says: [
      'a.parquet has a description that cannot be read: a list of 2147483648 entries goes beyond its end. Save the file again.',
    ],
  },
  {
    name: 'a description with a list of a million things without content',
    files: footer([0x29, 0xfc, ...varint(MILLION), ...new Array<number>(MILLION).fill(0), 0]),
    says: [
      'a.parquet has a description that cannot be read: a list has 1000000 entries, and 65536 are the most. Save the file again.',
    ],
  },
  {
    name: 'a description with a text longer than it',
    files: footer([0x68, ...varint(2 ** 31), 1, 2]),
    says: [
      'a.parquet has a description that cannot be read: a text of 2147483648 bytes goes beyond its end. Save the file again.',
    ],
  },
  {
    name: 'a type that Thrift does not have',
    files: footer([0x1f, 0]),
    says: [
      'a.parquet has a description that cannot be read: it has a field of type 15, which does not occur in Parquet files. Save the file again.',
    ],
  },
  {
    name: 'no schema',
    files: footer(struct({ 1: int(1), 3: int(2) }).bytes),
    says: ['a.parquet has a description that cannot be read: it names no columns. Save the file again.'],
  },
  {
    name: 'no number of rows',
    files: footer(struct({ 1: int(1), 2: list([struct({ 4: text('schema'), 5: int(0) })]) }).bytes),
    says: [
      'a.parquet has a description that cannot be read: it does not say how many rows there are. Save the file again.',
    ],
  },
  {
    name: 'rows below zero',
    files: column({}, { rows: -1, groupRows: 2 }),
    says: [
      'a.parquet has a description that cannot be read: it does not say how many rows there are. Save the file again.',
    ],
  },
  { name: 'no columns', files: table([]), says: ['a.parquet has no columns; save it with some.'] },
  {
    name: 'no rows',
    files: table([good], { rows: 0 }),
    says: ['a.parquet has 1 column and no rows; save it with some.'],
  },
  {
    name: 'more columns promised than named',
    files: column({}, { children: 3 }),
    says: ['a.parquet has a description that cannot be read: it promises 3 columns and names 1. Save the file again.'],
  },
  {
    name: 'a million columns promised',
    files: column({}, { children: MILLION }),
    says: [
      'a.parquet has a description that cannot be read: it has 1000000 columns, and 16384 are the most. Save the file again.',
    ],
  },
  {
    name: 'fields that belong to nothing',
    files: column({}, { more: [{ name: 'b' }] }),
    says: [
      'a.parquet has a description that cannot be read: it names fields that belong to no column. Save the file again.',
    ],
  },
  {
    name: 'a record that promises more fields than there are',
    files: column({}, { children: 2, more: [{ name: 'b', children: 1000 }] }),
    says: [
      'a.parquet has a description that cannot be read: the fields within its columns are not all there. Save the file again.',
    ],
  },
  {
    name: 'a record within a row',
    files: column({}, { children: 2, more: [{ name: 'who', children: 1 }, { name: 'n' }] }),
    says: [
      'a.parquet has lists, maps or records in column "who"; it is left out, and can be saved as columns of plain values.',
    ],
    taken: { examples: 2 },
  },
  {
    name: 'a list within a row',
    files: column({ repetition: 2 }),
    says: [
      'a.parquet has lists, maps or records in column "a", and nothing else; save them as columns of plain values.',
    ],
  },
  {
    name: 'two columns of one name',
    files: table([good, good]),
    says: ['a.parquet has two columns called "a"; rename one.'],
  },
  {
    name: 'a column without a name',
    files: column({ name: '' }),
    says: ['a.parquet has a column without a name; give it one.'],
  },
  {
    name: 'a column whose name is never seen',
    files: column({ name: '\u202e\u0007' }),
    says: ['a.parquet has a column without a name; give it one.'],
  },
  {
    name: 'a column with a long name',
    files: column({ name: 'n'.repeat(501) }),
    says: ['a.parquet has a column whose name has 501 characters; 500 are allowed at most. Shorten it.'],
  },
  { name: 'a column called __proto__', files: column({ name: '__proto__' }), says: [], taken: { examples: 2 } },
  {
    name: 'a type that there is not',
    files: column({ type: 99 }),
    says: [
      'a.parquet has a description that cannot be read: column "a" is of type 99, which there is not. Save the file again.',
    ],
  },
  {
    name: 'bytes of no length',
    files: column({ type: 7, typeLength: 0 }),
    says: ['a.parquet has a description that cannot be read: values of 0 bytes cannot be. Save the file again.'],
  },
  {
    name: 'bytes of a meaning that they cannot have',
    files: column({ converted: 0 }),
    says: [
      'a.parquet: column "a" holds values of type INT32 that are said to be of kind text, which cannot be read; convert it or leave it out.',
    ],
  },
  {
    name: 'BSON',
    files: texts({ converted: 20 }, byteArray('a', 'b')),
    says: ['a.parquet: column "a" holds BSON documents, which cannot be read; convert it or leave it out.'],
  },
  {
    name: 'intervals',
    files: column({ type: 7, typeLength: 12, converted: 21 }),
    says: ['a.parquet: column "a" holds intervals, which cannot be read; convert it or leave it out.'],
  },
  {
    name: 'a thousand million rows',
    files: column({}, { rows: 1e9 }),
    says: ['a.parquet has 1000000000 rows of 1 column; a table may have 100000000 cells at most. Use fewer.'],
  },
  {
    name: 'more rows than its row groups have',
    files: column({}, { rows: 3, groupRows: 2 }),
    says: ['a.parquet promises 3 rows, but its row groups have 2; save it again.'],
  },
  {
    name: 'a row group that lacks a column',
    files: column({}, { children: 2, more: [{ name: 'b' }] }),
    says: ['a.parquet has 1 column in row group 1, but 2 in all; save it again.'],
  },
  {
    name: 'a column of another number of values',
    files: column({ values: 7 }),
    says: ['a.parquet: column "a" in row group 1 has 7 values for 2 rows; save the file again.'],
  },
  {
    name: 'a column under another name',
    files: column({ path: ['b'] }),
    says: ['a.parquet: column "a" in row group 1 is described as "b" of type INT32; save the file again.'],
  },
  {
    name: 'a column packed by LZO',
    files: column({ codec: 3 }),
    says: [
      'a.parquet: column "a" in row group 1 is packed with LZO; save the file with Snappy, gzip, Zstandard or LZ4.',
    ],
  },
  {
    name: 'a column packed by something unknown',
    files: column({ codec: 77 }),
    says: [
      'a.parquet: column "a" in row group 1 is packed with method 77; save the file with Snappy, gzip, Zstandard or LZ4.',
    ],
  },
  {
    name: 'a column in another file',
    files: column({ elsewhere: '../secret.parquet' }),
    says: ['a.parquet: column "a" in row group 1 lies in another file; save everything in one file.'],
  },
  {
    name: 'a column that is encrypted',
    files: column({ encrypted: true }),
    says: ['a.parquet: column "a" in row group 1 is encrypted; save the file without a key.'],
  },
  {
    name: 'a column behind the end',
    files: column({ start: 1e9 }),
    says: [
      'a.parquet: column "a" in row group 1 is said to lie in bytes 1000000000 to 1000000033, where it cannot be; get the whole file.',
    ],
  },
  {
    name: 'a column before the beginning',
    files: column({ start: -8 }),
    says: [
      'a.parquet: column "a" in row group 1 is said to lie in bytes -8 to 25, where it cannot be; get the whole file.',
    ],
  },
  {
    name: 'a column of a length below zero',
    files: column({ length: -8 }),
    says: [
      'a.parquet: column "a" in row group 1 is said to lie in bytes 4 to -4, where it cannot be; get the whole file.',
    ],
  },
  {
    name: 'a column that goes into the description',
    files: column({ length: 60 }),
    says: [
      'a.parquet: column "a" in row group 1 is said to lie in bytes 4 to 64, where it cannot be; get the whole file.',
    ],
  },

  {
    name: 'no pages',
    files: pages(),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it ends after 0 of 2 values. Save the file again.'],
  },
  {
    name: 'fewer pages than rows',
    files: pages(page({ body: int32(1), values: 1 })),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it ends after 1 of 2 values. Save the file again.'],
  },
  {
    name: 'more values than rows',
    files: pages(page({ body: int32(1, 2, 3), values: 3 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a page promises 3 values where 2 are left. Save the file again.',
    ],
  },
  {
    name: 'a page without values, for ever',
    files: pages(...new Array<number[]>(1000).fill(page({ body: [], values: 0 }))),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it ends after 0 of 2 values. Save the file again.'],
  },
  {
    name: 'a page of a kind that there is not',
    files: pages(page({ kind: 9, body: int32(1, 2), values: 2 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a page is of kind 9, which there is not. Save the file again.',
    ],
  },
  {
    name: 'a page of values below zero',
    files: pages(page({ body: int32(1, 2), values: -2 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the header of a page contradicts itself. Save the file again.',
    ],
  },
  {
    name: 'a page that promises 2 GB',
    files: packed(1, [1, 2, 3], 2 ** 31 - 1),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a page has 2147483647 bytes, and 256000000 are the most. Save the file again.',
    ],
  },
  {
    name: 'a page that goes beyond its column',
    files: pages(page({ body: int32(1, 2), values: 2, packed: 5000 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a page of 5000 bytes goes beyond its end. Save the file again.',
    ],
  },
  {
    name: 'a page of fewer bytes than values',
    files: pages(page({ body: int32(1), values: 2 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the values of a page take 8 bytes, and it has 4. Save the file again.',
    ],
  },
  {
    name: 'a page that is not packed, of two sizes',
    files: pages(page({ body: int32(1, 2), values: 2, size: 12 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: it has 8 bytes where 12 are promised. Save the file again.',
    ],
  },
  {
    name: 'the header of a page that is cut',
    files: pages([0x15, 0x00, 0x15]),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it ends in the middle. Save the file again.'],
  },
  {
    name: 'an encoding that does not fit',
    files: pages(page({ body: int32(1, 2), values: 2, encoding: 7 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its values are written as DELTA_BYTE_ARRAY, which values of type INT32 never are. Save the file again.',
    ],
  },
  {
    name: 'an encoding that there is not',
    files: pages(page({ body: int32(1, 2), values: 2, encoding: 42 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its values are written as encoding 42, which values of type INT32 never are. Save the file again.',
    ],
  },
  {
    name: 'a run of 2 000 million levels',
    files: optional([...levels(...varint(2 ** 31 - 2), 1), ...int32(1, 2)]),
    says: [],
    taken: { examples: 2 },
  },
  {
    name: 'too few levels',
    files: optional([...levels(2, 1), ...int32(1, 2)]),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the levels or indices of a page end after 1 of 2. Save the file again.',
    ],
  },
  {
    name: 'levels longer than the page',
    files: optional(int32(5000, 1, 2)),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the levels of a page are longer than the page. Save the file again.',
    ],
  },
  {
    name: 'a run of no levels, for ever',
    files: optional([...levels(...new Array<number>(1000).fill(0)), ...int32(1, 2)]),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its levels or indices are wrong. Save the file again.',
    ],
  },
  {
    name: 'a run whose number does not end',
    files: optional([...levels(...new Array<number>(100).fill(0x80)), ...int32(1, 2)]),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its levels or indices are wrong. Save the file again.',
    ],
  },
  {
    name: 'ten million rows in few levels',
    files: optional([...levels(2, 1), ...int32(1)], 10 * MILLION),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the levels or indices of a page end after 1 of 10000000. Save the file again.',
    ],
  },
  {
    name: 'levels of the second kind longer than the page',
    files: pages(page({ kind: 3, body: int32(1, 2), values: 2, levels: 100 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the levels of a page are longer than the page. Save the file again.',
    ],
  },
  {
    name: 'an index beyond its dictionary',
    files: indexed(8, 4, 7),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a value refers to entry 8 of a dictionary of 2. Save the file again.',
    ],
  },
  {
    name: 'indices of 200 bits',
    files: indexed(200, 4, 7),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its levels or indices are wrong. Save the file again.',
    ],
  },
  {
    name: 'indices that are cut',
    files: indexed(8),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the levels or indices of a page end after 0 of 2. Save the file again.',
    ],
  },
  {
    name: 'indices without a dictionary',
    files: pages(page({ body: [8, 4, 0], values: 2, encoding: 8 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its values refer to a dictionary that is not there. Save the file again.',
    ],
  },
  {
    name: 'two dictionaries',
    files: pages(page({ kind: 2, body: int32(5), values: 1 }), page({ kind: 2, body: int32(5), values: 1 })),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it has two dictionaries. Save the file again.'],
  },
  {
    name: 'a dictionary of a thousand million',
    files: pages(page({ kind: 2, body: int32(5), values: 1e9 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the values of a page take 4000000000 bytes, and it has 4. Save the file again.',
    ],
  },
  {
    name: 'a dictionary that goes on beyond its pages',
    files: pages(page({ kind: 2, body: int32(5), values: 1, packed: 999 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a page of 999 bytes goes beyond its end. Save the file again.',
    ],
  },
  {
    name: 'a text longer than its page',
    files: texts({}, [...byteArray('one'), ...int32(0x7fffffff), 1]),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the values of a page take 2147483658 bytes, and it has 12. Save the file again.',
    ],
  },
  {
    name: 'a text that is not UTF-8',
    files: texts({}, byteArray('one', [0xff, 0xfe])),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: row 2 is not UTF-8, so it is bytes rather than a text. Save the file again.',
    ],
  },
  {
    name: 'a text of more than a million characters',
    files: texts({}, byteArray('x'.repeat(1_000_001)), 0, 1),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: row 1 has 1000001 bytes, and 1000000 are the most. Save the file again.',
    ],
  },
  {
    name: 'texts that grow by what came before',
    files: texts({}, growing(20_000), 7, 20_000),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a page has more than 64000000 bytes of texts that repeat each other. Save the file again.',
    ],
  },
  {
    name: 'a text that begins with more than the one before has',
    files: texts({}, [...deltas(1, 5), ...deltas(1, 1), 0x78], 7, 1),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a text begins with more than the one before it has. Save the file again.',
    ],
  },
  {
    name: 'texts of lengths below zero',
    files: texts({}, [...deltas(1, -5), 0x78], 6, 1),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: the values of a page take 5 bytes, and it has 1. Save the file again.',
    ],
  },
  {
    name: 'five million differences in a few bytes',
    files: column(
      { pages: [page({ body: deltas(5 * MILLION, 1), values: 5 * MILLION, encoding: 5 })] },
      { rows: 5 * MILLION },
    ),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a page has 5000000 differences, and 4194304 are the most. Save the file again.',
    ],
  },
  {
    name: 'differences that are fewer than promised',
    files: pages(page({ body: deltas(9, 1), values: 2, encoding: 5 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: a page has 9 values where 2 are promised. Save the file again.',
    ],
  },
  {
    name: 'differences in blocks of nothing',
    files: pages(page({ body: [0, 0, 2, 2], values: 2, encoding: 5 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its blocks of differences are wrong. Save the file again.',
    ],
  },
  {
    name: 'differences in blocks of 2^60',
    files: pages(page({ body: [...varint(2 ** 52), 4, 2, 2], values: 2, encoding: 5 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its blocks of differences are wrong. Save the file again.',
    ],
  },
  {
    name: 'differences of 255 bits',
    files: pages(page({ body: deltas(2, 1, 2, 255, 0, 0, 0), values: 2, encoding: 5 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its blocks of differences are wrong. Save the file again.',
    ],
  },
  {
    name: 'a number beyond 2^53',
    files: table([{ name: 'id', type: 2, pages: [page({ body: int64(1n, 2n ** 53n + 1n), values: 2 })] }]),
    says: [
      'a.parquet: column "id" in row group 1 cannot be read: row 2 is 9007199254740993, beyond 2^53, which cannot be held exactly. Save the column as texts.',
    ],
  },
  {
    name: 'a number without sign beyond 2^63',
    files: table([{ name: 'id', type: 2, converted: 14, pages: [page({ body: int64(1n, -1n), values: 2 })] }]),
    says: [
      'a.parquet: column "id" in row group 1 cannot be read: row 2 is 18446744073709551615, beyond 2^53, which cannot be held exactly. Save the column as texts.',
    ],
  },
  {
    name: 'a date that no calendar has',
    files: column({ converted: 6, pages: [page({ body: int32(0, 0x7fffffff), values: 2 })] }),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: row 2 is a date that no calendar has. Save the file again.',
    ],
  },
  {
    name: 'a time that no day has',
    files: column({ converted: 7, pages: [page({ body: int32(0, 86_400_000), values: 2 })] }),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: row 2 is a time that no day has. Save the file again.',
    ],
  },
  {
    name: 'a moment that no calendar has',
    files: table([{ name: 't', type: 2, converted: 9, pages: [page({ body: int64(0n, 2n ** 62n), values: 2 })] }]),
    says: [
      'a.parquet: column "t" in row group 1 cannot be read: row 2 is a date that no calendar has. Save the file again.',
    ],
  },
  {
    name: 'numbers that are none',
    files: table([{ name: 'f', type: 5, pages: [page({ body: double(NaN, -Infinity), values: 2 })] }]),
    says: [],
    taken: { examples: 2 },
  },
  {
    name: 'Snappy that unpacks to more',
    files: packed(1, [...varint(MILLION), 0xfe, 1, 0], 8),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: it has 1000000 bytes where 8 are promised. Save the file again.',
    ],
  },
  {
    name: 'Snappy that copies from before its beginning',
    files: packed(1, [8, 0, 0x61, (3 << 2) | 1, 9], 8),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it cannot be unpacked. Save the file again.'],
  },
  {
    name: 'Snappy that is cut',
    files: packed(1, [8, 28, 1, 2], 8),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it cannot be unpacked. Save the file again.'],
  },
  {
    name: 'Snappy whose length does not end',
    files: packed(1, new Array<number>(50).fill(0x80), 8),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it cannot be unpacked. Save the file again.'],
  },
  {
    name: 'gzip that is none',
    files: packed(2, ascii('this is no gzip stream'), 8),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it does not unpack to 8 bytes. Save the file again.'],
  },
  {
    name: 'gzip that unpacks to more',
    files: packed(2, [...gzipSync(new Uint8Array(MILLION))], 8),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it does not unpack to 8 bytes. Save the file again.'],
  },
  {
    name: 'gzip that unpacks to less',
    files: packed(2, [...gzipSync(new Uint8Array(4))], 8),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it does not unpack to 8 bytes. Save the file again.'],
  },
  {
    name: 'Zstandard that is none',
    files: packed(6, ascii('this is no Zstandard'), 8),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: it cannot be unpacked (Zstandard). Save the file again.',
    ],
  },
  {
    name: 'a page with another checksum than its header says',
    files: pages(page({ body: int32(1, 2), values: 2, sum: (crcOf(int32(1, 2)) ^ 1) >>> 0 })),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its page at byte 4 has another checksum than its header says. Get the file again.',
    ],
  },
  {
    name: 'a page of the second kind whose levels were damaged',
    files: table([
      {
        name: 'a',
        repetition: 1,
        pages: [
          page({ kind: 3, body: [4, 1, ...int32(1, 2)], values: 2, levels: 2, sum: crcOf([4, 0, ...int32(1, 2)]) }),
        ],
      },
    ]),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its page at byte 4 has another checksum than its header says. Get the file again.',
    ],
  },
  {
    name: 'a dictionary with another checksum than its header says',
    files: pages(
      page({ kind: 2, body: int32(5, 6), values: 2, sum: 0 }),
      page({ body: [1, 4, 0], values: 2, encoding: 8 }),
    ),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its page at byte 4 has another checksum than its header says. Get the file again.',
    ],
  },
  {
    name: 'pages with the right checksums',
    files: table(
      [
        {
          name: 'a',
          repetition: 1,
          pages: [
            page({ kind: 3, body: [4, 1, ...int32(1, 2)], values: 2, levels: 2, sum: crcOf([4, 1, ...int32(1, 2)]) }),
            page({ body: [...levels(4, 1), ...int32(3, 4)], values: 2, sum: crcOf([...levels(4, 1), ...int32(3, 4)]) }),
          ],
        },
      ],
      { rows: 4 },
    ),
    says: [],
    taken: { examples: 4 },
  },
  {
    name: 'gzip with another checksum than it says',
    files: packed(2, [...gzipSync(Uint8Array.from(int32(1, 2))).subarray(0, -8), 1, 2, 3, 4, 8, 0, 0, 0], 8),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its contents have another checksum than it says (gzip). Save the file again.',
    ],
  },
  {
    name: 'Zstandard with another checksum than it says',
    // One block as it is, without compression.
    files: packed(6, [0x28, 0xb5, 0x2f, 0xfd, 0x24, 8, 0x41, 0, 0, ...int32(1, 2), 1, 2, 3, 4], 8),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: its contents have another checksum than it says (Zstandard). Save the file again.',
    ],
  },
  {
    name: 'Zstandard with a window of 2 GB',
    files: packed(6, [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0, 0], 8),
    says: [
      'a.parquet: column "a" in row group 1 cannot be read: it looks back over more than 64 MB (Zstandard). Save the file again.',
    ],
  },
  {
    name: 'LZ4 that unpacks to more',
    files: packed(7, [0x1f, 0x61, 1, 0, ...new Array<number>(1000).fill(255), 0], 8),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it cannot be unpacked. Save the file again.'],
  },
  {
    name: 'LZ4 that is cut',
    files: packed(7, [0xf0], 8),
    says: ['a.parquet: column "a" in row group 1 cannot be read: it ends in the middle. Save the file again.'],
  },
  {
    name: 'several: other columns in one of them',
    files: [
      { name: 'd/1.parquet', bytes: plain },
      { name: 'd/2.parquet', bytes: parquetBytes([{ ...good, name: 'b' }], { rows: 2 }) },
    ],
    says: [
      '2.parquet lacks column "a" of 1.parquet and has column "b" instead; give both files the same columns, or leave one of them out.',
    ],
  },
  {
    name: 'several: one that is cut off',
    files: [
      { name: 'd/1.parquet', bytes: plain },
      { name: 'd/2.parquet', bytes: plain.slice(0, -20) },
    ],
    says: [
      '2.parquet ends with "\\u0000\\u0006\\u0006\\u0004", but a Parquet file ends with "PAR1"; get the whole file.',
    ],
  },
  {
    name: 'several: one that claims more cells than are left',
    files: [
      { name: 'd/1.parquet', bytes: plain },
      { name: 'd/2.parquet', bytes: parquetBytes([{ ...good, values: 99_999_999 }], { rows: 99_999_999 }) },
    ],
    says: [
      'The table of 1.parquet and 2.parquet has more than 100000000 cells with 2.parquet, the most that a table may have; use fewer files or columns.',
    ],
  },
]
