/** JSON Lines: what is no JSON, and JSON that means harm. */
import { textFile, type HostileCase } from './case.ts'

type Files = HostileCase['files']

const lines = (...text: string[]): Files => textFile('a.jsonl', text.join('\n'))
const list = (text: string): Files => textFile('a.json', text)
const ascii = (text: string) => new TextEncoder().encode(text)
const bytes = (...parts: (string | number[])[]): Files => [
  {
    name: 'a.jsonl',
    bytes: Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...ascii(part)] : part))),
  },
]

export const cases: readonly HostileCase[] = [
  {
    name: 'no bytes',
    files: lines(''),
    says: ['a.jsonl holds no records; choose a file with an object on each line.'],
  },
  {
    name: 'only blank lines',
    files: lines('', '  ', '\t', ''),
    says: ['a.jsonl holds no records; choose a file with an object on each line.'],
  },
  {
    name: 'only a mark of the byte order',
    files: bytes([0xef, 0xbb, 0xbf]),
    says: ['a.jsonl holds no records; choose a file with an object on each line.'],
  },
  {
    name: 'a table',
    files: lines('a,b', '1,2', '3,4'),
    says: [
      'a.jsonl line 1 is not JSON: "a,b".',
      'a.jsonl line 2 is not JSON: "1,2".',
      'a.jsonl line 3 is not JSON: "3,4".',
      'a.jsonl: correct these records, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a line that is cut',
    files: lines('{"a": 1}', '{"a": 2}', '{"a":'),
    says: [
      'a.jsonl line 3 is not JSON: "{\\"a\\":".',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'two objects on a line',
    files: lines('{"a": 1}{"a": 2}'),
    says: [
      'a.jsonl line 1 is not JSON: "{\\"a\\": 1}{\\"a\\": 2}".',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a Python dictionary',
    files: lines("{'a': 1, 'b': None}"),
    says: [
      "a.jsonl line 1 is not JSON: \"{'a': 1, 'b': None}\".",
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a comma too many in an object',
    files: lines('{"a": 1,}'),
    says: [
      'a.jsonl line 1 is not JSON: "{\\"a\\": 1,}".',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a comment',
    files: lines('// records', '{"a": 1}'),
    says: [
      'a.jsonl line 1 is not JSON: "// records".',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'NaN, which JSON does not have',
    files: lines('{"a": NaN}'),
    says: [
      'a.jsonl line 1 is not JSON, which has no NaN; write null there: "{\\"a\\": NaN}".',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a text that is not closed',
    files: lines('{"a": "x}', '{"a": 1}'),
    says: [
      'a.jsonl line 1 is not JSON: "{\\"a\\": \\"x}".',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a text with a raw control character',
    files: bytes('{"a": "x', [0], 'y"}'),
    says: [
      'a.jsonl line 1 is not JSON: "{\\"a\\": \\"x\\u0000y\\"}".',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'lines that end with CR alone',
    files: textFile('a.jsonl', '{"a": 1}\r{"a": 2}\r'),
    says: [
      'a.jsonl line 1 is not JSON: "{\\"a\\": 1}\\r{\\"a\\": 2}".',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'numbers',
    files: lines('1', '2', '3', '4', '5', '6'),
    says: [
      'a.jsonl line 1 is a number, not an object with fields.',
      'a.jsonl line 2 is a number, not an object with fields.',
      'a.jsonl line 3 is a number, not an object with fields.',
      'a.jsonl: 3 more records cannot be read; correct them, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a null',
    files: lines('{"a": 1}', 'null'),
    says: [
      'a.jsonl line 2 is null, not an object with fields.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a text',
    files: lines('"{}"'),
    says: [
      'a.jsonl line 1 is a text, not an object with fields.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'an object without fields',
    files: lines('{"a": 1}', '{}'),
    says: ['a.jsonl line 2 has no field.', 'a.jsonl: correct this record, or choose to leave bad records out.'],
  },
  {
    name: 'a field without a name',
    files: lines('{"": 1}'),
    says: [
      'a.jsonl line 1 has a field without a name.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a field called __proto__',
    files: lines('{"__proto__": {"polluted": 1}, "a": 1}'),
    says: [
      'a.jsonl line 1 has a field called "__proto__", a name that data cannot have.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a field called constructor, within',
    files: lines('{"a": {"constructor": {"prototype": {"polluted": 1}}}}'),
    says: [
      'a.jsonl line 1 has a field called "a.constructor", a name that data cannot have.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a field called prototype',
    files: lines('{"prototype": 1}'),
    says: [
      'a.jsonl line 1 has a field called "prototype", a name that data cannot have.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a field called __proto__ by escapes',
    files: lines('{"\\u005f_proto__": 1}'),
    says: [
      'a.jsonl line 1 has a field called "__proto__", a name that data cannot have.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a field in two forms',
    files: lines('{"a.b": 1, "a": {"b": 2}}'),
    says: [
      'a.jsonl line 1 has the field "a.b" in two forms.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'names of fields that differ by what is not seen',
    files: lines('{"a": 1, " a\\u200b": 2}', '{"a\\u0007": 2}', '{"a": 3}'),
    says: [
      'a.jsonl line 1 has the field "a" in two forms.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a field called __proto__ and something that is not seen',
    files: lines('{"__proto__\\u200b": {"polluted": 1}, "a": 1}'),
    says: [
      'a.jsonl line 1 has a field called "__proto__", a name that data cannot have.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a field whose name is never seen',
    files: lines('{"\\u200b\\u202e": 1}'),
    says: [
      'a.jsonl line 1 has a field without a name.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a field with a long name',
    files: lines(`{"a": {"${'n'.repeat(500)}": 1}}`),
    says: [
      'a.jsonl line 1 has a field whose name has 502 characters; 500 are allowed at most.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'nine brackets within each other',
    files: lines(`${'{"a":'.repeat(9)}1${'}'.repeat(9)}`),
    says: [
      'a.jsonl line 1 has brackets within brackets more than 8 deep.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a hundred thousand brackets',
    files: lines(`{"a": ${'['.repeat(100_000)}`),
    says: [
      'a.jsonl line 1 has brackets within brackets more than 8 deep.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  { name: 'a list of texts', files: lines('{"tags": ["x", "y"]}'), says: [], taken: { examples: 1 } },
  {
    name: 'a list of texts and numbers',
    files: lines('{"tags": ["x", 1]}', '{"tags": [1, "x"]}'),
    says: [
      'a.jsonl line 1 has a number in the list "tags"; lists hold only numbers, or only texts.',
      'a.jsonl line 2 has a text in the list "tags"; lists hold only numbers, or only texts.',
      'a.jsonl: correct these records, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a list of texts and a null',
    files: lines('{"tags": ["x", null]}'),
    says: [
      'a.jsonl line 1 has null in the list "tags"; lists hold only numbers, or only texts.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a list with a text that is never seen',
    files: lines('{"tags": ["x", "\\u200b "]}'),
    says: [
      'a.jsonl line 1 has an empty text in the list "tags".',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a list with a long text',
    files: lines(`{"tags": ["${'x'.repeat(496)}"]}`),
    says: [
      'a.jsonl line 1 has a text of 496 characters in the list "tags"; with the field\'s name 500 are the most.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'lists of more texts than are told apart',
    files: lines(...Array.from({ length: 600 }, (_, i) => `{"tags": ["${2 * i}", "${2 * i + 1}"]}`)),
    says: [
      'a.jsonl has more than 1000 different texts in the lists of field "tags" by line 501, the most that are told apart; leave the field out.',
    ],
  },
  {
    name: 'a list of a hundred thousand texts on a line',
    files: lines(`{"tags": [${Array.from({ length: 100_000 }, (_, i) => `"${i}"`).join(',')}]}`),
    says: [
      'a.jsonl has more than 1000 different texts in the lists of field "tags" by line 1, the most that are told apart; leave the field out.',
    ],
  },
  {
    name: 'more fields of empty lists than a table has columns',
    files: lines(`{${Array.from({ length: 16_385 }, (_, i) => `"f${i}":[]`).join(',')}}`),
    says: [
      'a.jsonl has more than 16384 different fields by line 1, the most columns that a table may have; leave some out.',
    ],
  },
  {
    name: 'lists of texts called __proto__ and constructor',
    files: lines('{"tags": ["__proto__", "constructor"]}', '{"tags": ["toString"]}'),
    says: [],
    taken: { examples: 2 },
  },
  {
    name: 'a list of texts in a field of texts',
    files: lines('{"tags": "x"}', '{"tags": ["x"]}', '{"tags": []}'),
    options: { bad: 'skip' },
    says: [
      'a.jsonl line 2 has a list of texts in field "tags", which holds single values before.',
      'a.jsonl line 3 has a list of texts in field "tags", which holds single values before.',
    ],
    taken: { examples: 1, skipped: 2 },
  },
  {
    name: 'a text whose column is another field',
    files: lines('{"tags": ["x"], "tags.x": 1}'),
    says: [
      'a.jsonl line 1 has the field "tags.x" in two forms.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'several: lists of texts in the first, of numbers in the second',
    files: [...textFile('d/1.jsonl', '{"a":["x"]}'), ...textFile('d/2.jsonl', '{"a":[1,2]}')],
    says: [
      '2.jsonl line 1 has a list of numbers in field "a", but 1.jsonl line 1 has one of texts, or an empty one.',
      '2.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a list of lists',
    files: lines('{"m": [[1, 2], [3, 4]]}'),
    says: [
      'a.jsonl line 1 has a list in the list "m"; lists hold only numbers, or only texts.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a list of objects within',
    files: lines('{"m": [{"a": 1}]}'),
    says: [
      'a.jsonl line 1 has an object in the list "m"; lists hold only numbers, or only texts.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'an empty list within',
    files: lines('{"m": []}'),
    says: ['a.jsonl: all lists of field "m" are empty, so it tells nothing; put texts or numbers into them.'],
  },
  {
    name: 'a list of 65 numbers',
    files: lines(`{"m": [${new Array<number>(65).fill(1).join(',')}]}`),
    says: [
      'a.jsonl line 1 has a list of 65 in field "m"; lists have 64 numbers at most.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'lists of different lengths',
    files: lines('{"m": [1, 2]}', '{"m": [1, 2, 3]}'),
    says: [
      'a.jsonl line 2 has a list of 3 in field "m", but line 1 has one of 2.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a text of more than a million characters',
    files: lines(`{"a": "${'x'.repeat(1_000_001)}"}`),
    says: [
      'a.jsonl line 1 has 1000001 characters in field "a"; 1000000 are the most.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a line of 17 MB',
    files: lines('{"a": 1}', `{"a": "${'x'.repeat(17_000_000)}"}`, '{"a": 2}'),
    says: [
      'a.jsonl line 2 has 17.0 MB; 16.0 MB are the most.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: '17 MB without a line end',
    files: lines('x'.repeat(17_000_000)),
    says: [
      'a.jsonl line 1 has 17.0 MB; 16.0 MB are the most.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'more fields than a table has columns',
    files: lines(`{${Array.from({ length: 16_385 }, (_, i) => `"f${i}":1`).join(',')}}`),
    says: [
      'a.jsonl has more than 16384 different fields by line 1, the most columns that a table may have; leave some out.',
    ],
  },
  {
    name: 'bytes that are not UTF-8',
    files: bytes('{"a": "', [0xff, 0xfe], '"}'),
    says: [
      'a.jsonl line 1 is not UTF-8; save the file with UTF-8 encoding.',
      'a.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'text in UTF-16',
    files: bytes([0xff, 0xfe, 0x7b, 0, 0x7d, 0]),
    says: ['a.jsonl is encoded as UTF-16; save it as UTF-8.'],
  },
  {
    name: 'text in big-endian UTF-16',
    files: bytes([0xfe, 0xff, 0, 0x7b, 0, 0x7d]),
    says: ['a.jsonl is encoded as UTF-16; save it as UTF-8.'],
  },
  {
    name: 'one object over several lines',
    files: list('{\n  "a": [1, 2],\n  "b": [3, 4]\n}\n'),
    says: [
      'a.json is one JSON object over several lines; write the records as one list [ … ], or an object on each line.',
    ],
  },
  {
    name: 'a list that is cut',
    files: list('[{"a": 1},\n{"a": 2},\n{"a"'),
    says: ['a.json ends on line 3 within its list, after 2 records; get the whole file.'],
  },
  {
    name: 'a list that is cut within a text',
    files: list('[{"a": "x'),
    says: ['a.json ends on line 1 within its list, after 0 records; get the whole file.'],
  },
  {
    name: 'a list that is only opened',
    files: list('['),
    says: ['a.json ends on line 1 within its list, after 0 records; get the whole file.'],
  },
  {
    name: 'an empty list',
    files: list('[ ]'),
    says: ['a.json holds no records; choose a file with an object on each line.'],
  },
  {
    name: 'a list of numbers',
    files: list('[1, 2, 3]'),
    says: [
      'a.json record 1 (line 1) is a number, not an object with fields.',
      'a.json record 2 (line 1) is a number, not an object with fields.',
      'a.json record 3 (line 1) is a number, not an object with fields.',
      'a.json: correct these records, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a list with a comma too many at its end',
    files: list('[{"a": 1},]'),
    says: ['a.json line 1 has a comma with no record after it; remove it.'],
  },
  {
    name: 'a list with a comma too many within',
    files: list('[{"a": 1},\n,{"a": 2}]'),
    says: ['a.json line 2 has a comma with no record before it; remove it.'],
  },
  {
    name: 'a list without a comma',
    files: list('[{"a": 1}\n{"a": 2}]'),
    says: [
      'a.json record 1 (line 1) is not JSON: "{\\"a\\": 1}\\n{\\"a\\": 2}".',
      'a.json: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a list with more behind it',
    files: list('[{"a": 1}]\n{"a": 2}'),
    says: ['a.json line 2: "{\\"a\\": 2}" follows the end of the list; remove it.'],
  },
  {
    name: 'a list of brackets that do not fit',
    files: list('[{"a": 1]}]'),
    says: [
      'a.json record 1 (line 1) is not JSON: "{\\"a\\": 1]}".',
      'a.json: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'a hundred thousand brackets in a list',
    files: list('['.repeat(100_000)),
    says: ['a.json ends on line 1 within its list, after 0 records; get the whole file.'],
  },
  { name: 'a number beyond all numbers', files: lines('{"a": 1e999}', '{"a": 1}'), says: [], taken: { examples: 2 } },
  {
    name: 'a whole number that loses digits',
    files: lines('{"a": 9007199254740993}', '{"a": 1}'),
    says: [
      'a.jsonl line 1: field "a" holds a whole number beyond 2^53, which is rounded to 9007199254740992; write such numbers in quotes to keep them.',
    ],
    taken: { examples: 2 },
  },
  {
    name: 'bad records that may be left out',
    files: lines('{"a": 1}', 'x', '{"a": 2}', '[]'),
    options: { bad: 'skip' },
    says: ['a.jsonl line 2 is not JSON: "x".', 'a.jsonl line 4 is a list, not an object with fields.'],
    taken: { examples: 2, skipped: 2 },
  },
  {
    name: 'nothing but bad records that may be left out',
    files: lines('x', 'y'),
    options: { bad: 'skip' },
    says: [
      'a.jsonl line 1 is not JSON: "x".',
      'a.jsonl line 2 is not JSON: "y".',
      'a.jsonl: correct these records, or choose to leave bad records out.',
    ],
  },
  {
    name: 'several: another field in one of them',
    files: [...textFile('d/1.jsonl', '{"a":1,"b":2}'), ...textFile('d/2.jsonl', '{"a":1}\n{"a":2,"c":3}')],
    says: [
      '2.jsonl lacks column "b" of 1.jsonl and has column "c" instead; give both files the same columns, or leave one of them out.',
    ],
  },
  {
    name: 'several: one of no record',
    files: [...textFile('d/1.jsonl', '{"a":1}'), ...textFile('d/2.jsonl', '\n')],
    says: ['2.jsonl holds no records; choose a file with an object on each line.'],
  },
  {
    name: 'several: a bad record in each, left out',
    files: [...textFile('d/1.jsonl', '{"a":1}\n{"a":'), ...textFile('d/2.json', '[{"a":2},\n3]')],
    options: { bad: 'skip' },
    says: [
      '1.jsonl line 2 is not JSON: "{\\"a\\":".',
      '2.json record 2 (line 2) is a number, not an object with fields.',
    ],
    taken: { examples: 2, skipped: 2 },
  },
  {
    name: 'several: lists of another length in the second',
    files: [...textFile('d/1.jsonl', '{"a":[1,2]}'), ...textFile('d/2.jsonl', '{"a":[1,2,3]}')],
    says: [
      '2.jsonl line 1 has a list of 3 in field "a", but 1.jsonl line 1 has one of 2.',
      '2.jsonl: correct this record, or choose to leave bad records out.',
    ],
  },
  {
    name: 'several: three hundred',
    files: Array.from({ length: 300 }, (_, i) => textFile(`d/${i}.jsonl`, '{"a":1}')).flat(),
    says: ['There are 300 files, and a table may come in 256 at most; join some of them.'],
  },
]
