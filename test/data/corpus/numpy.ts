/** NumPy arrays: headers that would be evaluated, objects that would run, archives that would explode. */
import { npyBytes, npyHeader, npyWith } from '../npy.ts'
import { zipBytes, type Ending, type Entry } from '../zip.ts'
import type { HostileCase } from './case.ts'

type Files = HostileCase['files']

const ascii = (text: string) => new TextEncoder().encode(text)
const array = (bytes: Uint8Array): Files => [{ name: 'a.npy', bytes }]
/** A header with eight bytes behind it. */
const header = (text: string): Files => array(npyWith(text, new Uint8Array(8)))
const typed = (descr: string): Files => header(npyHeader(descr, [2]))
const shaped = (shape: string): Files => header(`{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }\n`)
const x = npyBytes('|u1', [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])
const y = npyBytes('<i8', [2], [0, 1])
const both = (features: Uint8Array, labels: Uint8Array): Files => [
  { name: 'x.npy', bytes: features },
  { name: 'y.npy', bytes: labels },
]
const archive = (bytes: Uint8Array): Files => [{ name: 'a.npz', bytes }]
const entries = (list: readonly Entry[], ending?: Ending): Files => archive(zipBytes(list, ending))
const good: readonly Entry[] = [
  { name: 'x.npy', body: x },
  { name: 'y.npy', body: y },
]
const called = (name: string): Files => entries([...good, { name, body: y }])
const second = (entry: Partial<Entry>): Files =>
  entries([
    { name: 'x.npy', body: x },
    { name: 'y.npy', body: y, ...entry },
  ])
const plain = zipBytes(good)
const big = (shape: readonly number[]) => npyWith(npyHeader('|u1', shape))
/** What numpy.save makes of [{}], allow_pickle=True. */
const pickle = Uint8Array.of(0x80, 4, 0x95, 6, 0, 0, 0, 0, 0, 0, 0, 0x5d, 0x94, 0x7d, 0x94, 0x61, 0x2e)
/** A whole entry within the bytes of another one. */
const inner = zipBytes([{ name: 'y.npy', body: y }]).subarray(0, 35 + y.length)

export const cases: readonly HostileCase[] = [
  { name: 'no bytes', files: array(new Uint8Array()), says: ['a.npy is empty; save it again with numpy.save.'] },
  {
    name: 'half of the magic word',
    files: array(Uint8Array.of(0x93, 0x4e, 0x55)),
    says: ['a.npy has 3 bytes, too few for the header of a NumPy array; save it again.'],
  },
  {
    name: 'nothing behind the magic word',
    files: array(Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)),
    says: ['a.npy has 6 bytes, too few for the header of a NumPy array; save it again.'],
  },
  {
    name: 'a text file',
    files: array(ascii('1,2,3\n4,5,6\n')),
    says: [
      'a.npy begins with 31 2C 32 2C 33 0A, but a NumPy array begins with 93 4E 55 4D 50 59; choose another file.',
    ],
  },
  {
    name: 'a pickle',
    files: array(pickle),
    says: [
      'a.npy begins with 80 04 95 06 00 00, but a NumPy array begins with 93 4E 55 4D 50 59; choose another file.',
    ],
  },
  { name: 'an archive that is called an array', files: array(plain), says: [], taken: { examples: 2 } },
  {
    name: 'version 0',
    files: array(npyWith(npyHeader('|u1', [1]), [1], 0)),
    says: ['a.npy is of version 0.0 of the format; versions 1 to 3 can be read. Save it again with numpy.save.'],
  },
  {
    name: 'version 9',
    files: array(npyWith(npyHeader('|u1', [1]), [1], 9)),
    says: ['a.npy is of version 9.0 of the format; versions 1 to 3 can be read. Save it again with numpy.save.'],
  },
  {
    name: 'an end within the length of the header',
    files: array(npyWith('', []).subarray(0, 9)),
    says: ['a.npy ends within its header, at byte 9; save it again.'],
  },
  {
    name: 'a header that goes beyond the end',
    files: array(npyWith('{', [], 1, 9000)),
    says: ['a.npy promises a header of 9000 bytes, but 1 follow; save it again.'],
  },
  {
    name: 'a header of 65535 bytes',
    files: array(npyWith('{'.repeat(65535))),
    says: ['a.npy says that its header has 65535 bytes; 10000 are the most. Save a plain array of numbers.'],
  },
  {
    name: 'a header of 4 GB',
    files: array(npyWith('{', [], 2, 0xffffffff)),
    says: ['a.npy says that its header has 4294967295 bytes; 10000 are the most. Save a plain array of numbers.'],
  },
  {
    name: 'an empty header',
    files: array(npyWith('')),
    says: ['a.npy: its header has its end where "{" is expected; save it again with numpy.save.'],
  },
  {
    name: 'a header that is no dictionary',
    files: header('[1, 2]\n'),
    says: ['a.npy: its header has "[1, 2]" where "{" is expected; save it again with numpy.save.'],
  },
  {
    name: 'a header that is a program',
    files: header("__import__('os').system('true')\n"),
    says: [
      'a.npy: its header has "__import__(\'os\').system(\'true\')" where "{" is expected; save it again with numpy.save.',
    ],
  },
  {
    name: 'a program in the place of a value',
    files: header("{'descr': '<f4', 'fortran_order': False, 'shape': (exit(),), }\n"),
    says: ['a.npy: its header has "exit(),), }" where the size of an axis is expected; save it again with numpy.save.'],
  },
  {
    name: 'a header of brackets',
    files: header('{'.repeat(5000)),
    says: ['a.npy: its header has no name in quotes where one is expected; save it again with numpy.save.'],
  },
  {
    name: 'a header without a shape',
    files: header("{'descr': '<f4', 'fortran_order': False}\n"),
    says: ['a.npy: its header has no "shape"; save it again with numpy.save.'],
  },
  {
    name: 'a header without a type',
    files: header("{'fortran_order': False, 'shape': (2,)}\n"),
    says: ['a.npy: its header has no "descr"; save it again with numpy.save.'],
  },
  {
    name: 'a field twice',
    files: header("{'descr': '<f4', 'descr': '|O', 'fortran_order': False, 'shape': (2,)}\n"),
    says: ['a.npy: its header says "descr" twice; save it again with numpy.save.'],
  },
  {
    name: 'a field too many',
    files: header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), '__class__': 'x'}\n"),
    says: [
      'a.npy: its header has a field "__class__"; "descr", "fortran_order" and "shape" are the ones that it may have; save it again with numpy.save.',
    ],
  },
  {
    name: 'a field called __proto__',
    files: header("{'__proto__': (2,), 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\n"),
    says: [
      'a.npy: its header has a field "__proto__"; "descr", "fortran_order" and "shape" are the ones that it may have; save it again with numpy.save.',
    ],
  },
  {
    name: 'an order that is neither',
    files: header("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}\n"),
    says: [
      'a.npy: its header says neither True nor False for "fortran_order", but "Maybe, \'shape\': (2,)}"; save it again with numpy.save.',
    ],
  },
  {
    name: 'a type with an escape',
    files: header("{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (2,)}\n"),
    says: ['a.npy: its header has no type in quotes where one is expected; save it again with numpy.save.'],
  },
  {
    name: 'more behind the dictionary',
    files: header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} or exit()\n"),
    says: ['a.npy: its header goes on after its end with "or exit()"; save it again with numpy.save.'],
  },
  {
    name: 'an axis below zero',
    files: shaped('(-2,)'),
    says: ['a.npy: its header gives an axis the size "-2"; save it again with numpy.save.'],
  },
  {
    name: 'an axis beyond 2^53',
    files: shaped('(9007199254740993,)'),
    says: [
      'a.npy: its header gives an axis the size "9007199254740993", which is beyond counting; save it again with numpy.save.',
    ],
  },
  {
    name: 'an axis beyond 2^64',
    files: shaped('(18446744073709551618,)'),
    says: [
      'a.npy: its header gives an axis the size "18446744073709551618", which is beyond counting; save it again with numpy.save.',
    ],
  },
  {
    name: 'an axis of a thousand digits',
    files: shaped(`(${'9'.repeat(1000)},)`),
    says: [
      'a.npy: its header gives an axis the size "9999999999999999999999999999999999999999…", which is beyond counting; save it again with numpy.save.',
    ],
  },
  {
    name: 'axes whose product wraps to what is there',
    files: shaped('(4294967296, 4294967296, 2)'),
    says: [
      'a.npy promises 147573952589676412928 bytes [4294967296, 4294967296, 2], but 8 follow its header; save it again.',
    ],
  },
  {
    name: 'an axis with a point',
    files: shaped('(2.0,)'),
    says: ['a.npy: its header has ".0,), }" where ")" is expected; save it again with numpy.save.'],
  },
  {
    name: 'a shape without its end',
    files: header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,\n"),
    says: ['a.npy: its header has its end where the size of an axis is expected; save it again with numpy.save.'],
  },
  {
    name: 'forty axes',
    files: array(npyWith(npyHeader('|u1', new Array<number>(40).fill(1)), [1])),
    says: ['a.npy has 40 dimensions; the examples may have 3 at most, [height, width, channels]. Reshape it.'],
  },
  {
    name: 'a single number',
    files: array(npyWith(`{'descr': '<f8', 'fortran_order': False, 'shape': (), }\n`, new Uint8Array(8))),
    says: ['a.npy holds a single number; save an array of examples.'],
  },
  {
    name: 'no rows',
    files: array(npyBytes('<f4', [0, 3], [])),
    says: ['a.npy is [0, 3]: there is nothing in it. Save it with examples.'],
  },
  {
    name: 'Python objects',
    files: array(npyWith(npyHeader('|O', [1]), pickle)),
    says: [
      'a.npy holds Python objects, which are stored as programs that would run when they are loaded; they are never read. Save plain numbers, with allow_pickle=False.',
    ],
  },
  {
    name: 'Python objects in an archive',
    files: entries([
      { name: 'x.npy', body: x },
      { name: 'y.npy', body: npyWith(npyHeader('O', [1]), pickle) },
    ]),
    says: [
      'a.npz/y.npy holds Python objects, which are stored as programs that would run when they are loaded; they are never read. Save plain numbers, with allow_pickle=False.',
    ],
  },
  {
    name: 'records with fields',
    files: header("{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,)}\n"),
    says: ['a.npy holds records with named fields; save each field as an array of its own.'],
  },
  {
    name: 'raw memory',
    files: typed('|V4'),
    says: ['a.npy holds raw memory ("|V4"), but only numbers can be read; convert it with astype.'],
  },
  {
    name: 'byte texts',
    files: typed('|S4'),
    says: [
      'a.npy holds texts (bytes) ("|S4"), but only numbers can be read; number its texts with numpy.unique(..., return_inverse=True), or save them and the rest as a CSV table.',
    ],
  },
  {
    name: 'texts',
    files: typed('<U1'),
    says: [
      'a.npy holds texts ("<U1"), but only numbers can be read; number its texts with numpy.unique(..., return_inverse=True), or save them and the rest as a CSV table.',
    ],
  },
  {
    name: 'complex numbers',
    files: typed('<c4'),
    says: ['a.npy holds complex numbers ("<c4"), but only numbers can be read; convert it with astype.'],
  },
  {
    name: 'dates',
    files: typed('<M8[ns]'),
    says: ['a.npy holds dates ("<M8[ns]"), but only numbers can be read; convert it with astype.'],
  },
  {
    name: 'floats of 128 bits',
    files: typed('<f16'),
    says: [
      'a.npy holds elements of type "<f16"; read are whole numbers of 1, 2, 4 and 8 bytes, floats of 2, 4 and 8, and booleans. Convert it with astype.',
    ],
  },
  {
    name: 'whole numbers of 3 bytes',
    files: typed('<i3'),
    says: [
      'a.npy holds elements of type "<i3"; read are whole numbers of 1, 2, 4 and 8 bytes, floats of 2, 4 and 8, and booleans. Convert it with astype.',
    ],
  },
  {
    name: 'a type that is nonsense',
    files: typed('<<f4'),
    says: [
      'a.npy holds elements of type "<<f4"; read are whole numbers of 1, 2, 4 and 8 bytes, floats of 2, 4 and 8, and booleans. Convert it with astype.',
    ],
  },
  {
    name: 'fewer numbers than promised',
    files: array(npyBytes('<f8', [100, 3], [1, 2, 3])),
    says: ['a.npy promises 2400 bytes [100, 3], but 24 follow its header; save it again.'],
  },
  {
    name: 'more numbers than promised',
    files: array(npyBytes('<f8', [1, 3], [1, 2, 3, 4])),
    says: ['a.npy promises 24 bytes [1, 3], but 32 follow its header: 8 too many; save it again.'],
  },
  {
    name: 'more columns than a table has',
    files: array(npyBytes('|u1', [1, 20000], new Array<number>(20000).fill(1))),
    says: ['a.npy has 20000 columns; a table may have 16384 at most. Leave some out.'],
  },
  {
    name: 'a whole number beyond 2^53',
    files: array(npyBytes('<i8', [2, 2], [1, 2, 3, 2 ** 53])),
    says: [
      'a.npy: row 2, column 2 holds a whole number beyond 2^53, which cannot be held exactly; divide the numbers, or save texts.',
    ],
  },
  {
    name: 'a whole number without sign beyond 2^63',
    files: array(npyBytes('>u8', [1, 2], [1, -1])),
    says: [
      'a.npy: row 1, column 2 holds a whole number beyond 2^53, which cannot be held exactly; divide the numbers, or save texts.',
    ],
  },
  {
    name: 'pictures without labels',
    files: array(x),
    says: [],
    taken: { examples: 2 },
  },
  {
    name: 'a tenth of infinite numbers',
    files: array(
      npyBytes(
        '<f8',
        [30, 2],
        Array.from({ length: 60 }, (_, i) => (i % 10 === 3 ? Infinity : i / 7)),
      ),
    ),
    says: [],
    taken: { examples: 30 },
    proposes: [
      'a.npy row 2, column col2: "Infinity" is infinite, but 24 of 30 values in this column are numbers; write a number, or nothing where there is none (NaN in an array).',
    ],
  },
  {
    name: 'labels in an archive alone',
    files: entries([{ name: 'y.npy', body: npyBytes('|u1', [2, 1, 1, 1], [0, 1]) }]),
    says: [
      'a.npz/y.npy is [2, 1, 1, 1] and called labels, of which an example has one number or a row of them; call it x if a network is to give it back, or add its features.',
    ],
  },
  {
    name: 'names that say nothing',
    files: entries([
      { name: 'arr_0.npy', body: x },
      { name: 'arr_1.npy', body: x },
    ]),
    says: [
      'a.npz holds arr_0 [2, 2, 2] and arr_1 [2, 2, 2]; which of them are features and which labels cannot be told. Call them x and y (or x_train, y_train, x_test and y_test).',
    ],
  },
  {
    name: 'features twice',
    files: entries([...good, { name: 'images.npy', body: x }]),
    says: ['a.npz: x and images are both features by their names; keep one of them.'],
  },
  {
    name: 'more labels than examples',
    files: both(x, npyBytes('<i8', [3], [0, 1, 0])),
    says: ['x.npy has 2 examples, but y.npy has 3 labels; save arrays that belong together.'],
  },
  {
    name: 'labels of three axes',
    files: both(x, npyBytes('|u1', [2, 1, 1], [0, 1])),
    says: ['y.npy has 3 dimensions, but labels are one number, or a row of numbers, for each example; reshape it.'],
  },
  {
    name: 'a single class',
    files: both(x, npyBytes('|u1', [2], [4, 4])),
    says: ['y.npy: every label is 4; a network needs two classes or more to tell apart.'],
  },
  {
    name: 'a label that is no number',
    files: both(x, npyBytes('<f4', [2], [1, NaN])),
    says: ['y.npy: label 2 holds NaN, which is no number to learn from; replace it before saving.'],
  },
  {
    name: 'a label beyond 32-bit floats',
    files: both(x, npyBytes('<f8', [2], [1, 1e300])),
    says: ['y.npy: label 2 is 1e+300, beyond what 32-bit floats hold; scale the labels down.'],
  },
  {
    name: 'a label beyond 2^53',
    files: both(x, npyBytes('<i8', [2], [1, 2 ** 60])),
    says: [
      'y.npy: label 2 holds a whole number beyond 2^53, which cannot be held exactly; divide the numbers, or save texts.',
    ],
  },
  {
    name: 'a feature that is infinite',
    files: both(npyBytes('<f4', [2, 2], [1, 2, 3, Infinity]), y),
    says: ['x.npy: example 2 holds Infinity, which is no number to learn from; replace it before saving.'],
  },
  {
    name: 'a feature that is no number',
    files: both(npyBytes('<f2', [2, 1], [1, NaN]), y),
    says: ['x.npy: example 2 holds NaN, which is no number to learn from; replace it before saving.'],
  },
  {
    name: 'examples of four axes',
    files: both(npyBytes('<f4', [2, 1, 1, 1, 1], [1, 2]), y),
    says: ['x.npy has 5 dimensions; the examples may have 3 at most, [height, width, channels]. Reshape it.'],
  },
  {
    name: 'examples without anything in them',
    files: both(npyBytes('<f4', [2, 0], []), y),
    says: ['x.npy is [2, 0]: there is nothing in it. Save it with examples.'],
  },
  {
    name: 'training and test of different shapes',
    files: entries([
      { name: 'x_train.npy', body: x },
      { name: 'y_train.npy', body: y },
      { name: 'x_test.npy', body: npyBytes('|u1', [2, 3, 1], [1, 2, 3, 4, 5, 6]) },
      { name: 'y_test.npy', body: y },
    ]),
    says: [
      'a.npz/x_train.npy has examples of [2, 2, 1] (bytes), but a.npz/x_test.npy of [3, 1, 1] (bytes); save them alike.',
    ],
  },
  {
    name: 'training and test with labels of different widths',
    files: entries([
      { name: 'x_train.npy', body: x },
      { name: 'y_train.npy', body: y },
      { name: 'x_test.npy', body: x },
      { name: 'y_test.npy', body: npyBytes('<f4', [2, 2], [0, 1, 1, 0]) },
    ]),
    says: ['a.npz/y_train.npy has 1 number for each example, but a.npz/y_test.npy has 2; save them alike.'],
  },
  {
    name: 'seven files',
    files: 'abcdefg'.split('').map((name) => ({ name: `${name}.npy`, bytes: y })),
    says: ['7 NumPy files were given; choose features and labels (x.npy and y.npy), or those of training and test.'],
  },

  {
    name: 'an archive without bytes',
    files: archive(new Uint8Array()),
    says: ['a.npz is empty; save it with numpy.savez.'],
  },
  {
    name: 'an archive that is none',
    files: archive(ascii('not a zip archive')),
    says: ['a.npz is not a zip archive, as .npz files are; save it with numpy.savez.'],
  },
  {
    name: 'an archive that is cut',
    files: archive(plain.subarray(0, plain.length - 30)),
    says: ['a.npz begins as a zip archive, but the list of its entries is missing at its end; save it again.'],
  },
  {
    name: 'a comment that is cut',
    files: archive(zipBytes(good, { comment: 'a comment' }).subarray(0, -1)),
    says: ['a.npz begins as a zip archive, but the list of its entries is missing at its end; save it again.'],
  },
  {
    name: 'a comment that is an end',
    files: archive(Uint8Array.from([...zipBytes(good, { comment: 'PK\x05\x06' }), 0])),
    says: ['a.npz begins as a zip archive, but the list of its entries is missing at its end; save it again.'],
  },
  {
    name: 'nothing in the archive',
    files: entries([]),
    says: ['a.npz is a zip archive with nothing in it; save it again.'],
  },
  {
    name: 'more entries than there are',
    files: entries(good, { count: 3 }),
    says: ['a.npz promises 3 entries, but entry 3 is not in its list; save it again.'],
  },
  {
    name: 'a thousand entries and one',
    files: entries(good, { count: 1001 }),
    says: ['a.npz has 1001 entries; 1000 are the most. Save fewer arrays.'],
  },
  {
    name: 'the most entries that can be said',
    files: entries(good, { count: 0xffff }),
    says: ['a.npz is a ZIP64 archive, for more than 4 GB or 65535 entries; save it with fewer or smaller arrays.'],
  },
  {
    name: 'a list that begins behind the end',
    files: entries(good, { listStart: 0x7fffffff }),
    says: [
      'a.npz says that the list of its entries takes 102 bytes from byte 2147483647 on, which does not fit; save it again.',
    ],
  },
  {
    name: 'a list that is longer than the file',
    files: entries(good, { listLength: 0x7fffffff }),
    says: [
      'a.npz says that the list of its entries takes 2147483647 bytes from byte 350 on, which does not fit; save it again.',
    ],
  },
  {
    name: 'ZIP64 by its locator',
    files: entries(good, { locator: true }),
    says: ['a.npz is a ZIP64 archive, for more than 4 GB or 65535 entries; save it with fewer or smaller arrays.'],
  },
  {
    name: 'ZIP64 by an entry',
    files: second({ says: { size: 0xffffffff } }),
    says: ['a.npz has an entry y.npy in the ZIP64 form, for more than 4 GB; save smaller arrays.'],
  },
  {
    name: 'part of several archives',
    files: entries(good, { disk: 1 }),
    says: ['a.npz is one of several parts of a zip archive; put them together first.'],
  },
  {
    name: 'a name that climbs',
    files: called('../../y.npy'),
    says: ['a.npz has an entry called "../../y.npy"; an NPZ archive holds arrays called like x.npy, without folders.'],
  },
  {
    name: 'a name of Windows',
    files: called('C:\\windows\\y.npy'),
    says: [
      'a.npz has an entry called "C:\\\\windows\\\\y.npy"; an NPZ archive holds arrays called like x.npy, without folders.',
    ],
  },
  {
    name: 'a name on a server',
    files: called('\\\\server\\share\\y.npy'),
    says: [
      'a.npz has an entry called "\\\\\\\\server\\\\share\\\\y.npy"; an NPZ archive holds arrays called like x.npy, without folders.',
    ],
  },
  {
    name: 'a name from the root',
    files: called('/etc/y.npy'),
    says: ['a.npz has an entry called "/etc/y.npy"; an NPZ archive holds arrays called like x.npy, without folders.'],
  },
  {
    name: 'a name in a folder',
    files: called('deep/y.npy'),
    says: ['a.npz has an entry called "deep/y.npy"; an NPZ archive holds arrays called like x.npy, without folders.'],
  },
  {
    name: 'a name with a zero',
    files: called('a.npy\0.npy'),
    says: [
      'a.npz has an entry called "a.npy\\u0000.npy"; an NPZ archive holds arrays called like x.npy, without folders.',
    ],
  },
  {
    name: 'a name without letters',
    files: called(''),
    says: ['a.npz has an entry called ""; an NPZ archive holds arrays called like x.npy, without folders.'],
  },
  {
    name: 'another kind of file inside',
    files: called('readme.txt'),
    says: ['a.npz has an entry called "readme.txt"; an NPZ archive holds arrays called like x.npy, without folders.'],
  },
  {
    name: 'an archive inside',
    files: entries([...good, { name: 'inner.zip', body: plain }]),
    says: ['a.npz has an entry called "inner.zip"; an NPZ archive holds arrays called like x.npy, without folders.'],
  },
  {
    name: 'an archive inside that is called an array',
    files: entries([...good, { name: 'inner.npy', body: plain }]),
    says: [
      'a.npz/inner.npy begins with 50 4B 03 04 14 00 (a zip archive), but a NumPy array begins with 93 4E 55 4D 50 59; choose another file.',
    ],
  },
  {
    name: 'the same name twice',
    files: entries([...good, { name: 'x.npy', body: y }]),
    says: ['a.npz has two entries called "x.npy"; save it again.'],
  },
  {
    name: 'an entry that is encrypted',
    files: second({ says: { flags: 1 } }),
    says: ['a.npz has an entry y.npy that is encrypted; save it without a password.'],
  },
  {
    name: 'an entry packed by bzip2',
    files: second({ says: { method: 12 } }),
    says: ['a.npz has an entry y.npy that is packed by method 12; save it with numpy.savez or numpy.savez_compressed.'],
  },
  {
    name: 'an entry that calls itself otherwise',
    files: second({ ownName: 'z.npy' }),
    says: ['a.npz: entry y.npy calls itself "z.npy" at byte 171; save it again.'],
  },
  {
    name: 'an entry where none is',
    files: second({ says: { offset: 175 } }),
    says: ['a.npz: no entry is at byte 175, where y.npy should be; save it again.'],
  },
  {
    name: 'an entry that goes into the list',
    files: second({ says: { packed: 200, size: 200 } }),
    says: ['a.npz: entry y.npy promises 200 bytes and goes beyond where the list of entries begins; save it again.'],
  },
  {
    name: 'entries that lie over each other',
    files: entries([
      { name: 'x.npy', body: x, packedBytes: inner, says: { size: inner.length } },
      { name: 'y.npy', body: y, says: { offset: 35 } },
    ]),
    says: ['a.npz has entries x.npy and y.npy that lie over each other; save it again.'],
  },
  {
    name: 'a stored entry of two sizes',
    files: second({ says: { size: 5000 } }),
    says: ['a.npz has an entry y.npy that is stored as it is, but promises 5000 bytes in 144; save it again.'],
  },
  {
    name: 'an entry of fewer bytes than promised',
    files: second({ deflated: true, body: npyBytes('<i8', [2], [0, 1]).subarray(0, 136), says: { size: 144 } }),
    says: ['a.npz: entry y.npy promises 144 bytes and gives 136; save it again.'],
  },
  {
    name: 'an entry of more bytes than promised',
    files: second({ deflated: true, body: new Uint8Array([...y, ...new Uint8Array(1_000_000)]), says: { size: 144 } }),
    says: ['a.npz: entry y.npy promises 144 bytes and gives more; save it again.'],
  },
  {
    name: 'an entry that explodes within its header',
    files: second({ deflated: true, body: new Uint8Array(10_000_000) }),
    says: [
      'a.npz/y.npy begins with 00 00 00 00 00 00, but a NumPy array begins with 93 4E 55 4D 50 59; choose another file.',
    ],
  },
  {
    name: 'an array that promises 4 GB in a few bytes',
    files: second({ deflated: true, body: big([4_000_000_000]), says: { size: 4_000_000_128 } }),
    says: [
      'a.npz/y.npy promises [4000000000], which takes 4.00 GB; 2.15 GB are the most that examples may take. Use a part of it.',
    ],
  },
  {
    name: 'a table that promises 320 million cells',
    files: entries([{ name: 'a.npy', body: big([20000, 16000]), deflated: true, says: { size: 320_000_128 } }]),
    says: ['a.npz/a.npy has 320000000 cells; a table may have 100000000 at most. Use fewer rows or columns.'],
  },
  {
    name: 'an entry that is damaged',
    files: second({ deflated: true, packedBytes: new Uint8Array(40).fill(0xff), says: { size: 144 } }),
    says: ['a.npz: entry y.npy is damaged: it cannot be unpacked beyond 0 bytes; save it again.'],
  },
  {
    name: 'an entry with a wrong checksum',
    files: second({ says: { crc: 1 } }),
    says: ['a.npz: entry y.npy is damaged: its checksum is not the one that was noted; save it again.'],
  },
  {
    name: 'a packed entry with a wrong checksum',
    files: second({ deflated: true, says: { crc: 1 } }),
    says: ['a.npz: entry y.npy is damaged: its checksum is not the one that was noted; save it again.'],
  },
]
