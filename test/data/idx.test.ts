import { describe, expect, test } from 'vitest'
import idx from '../../src/data/readers/idx.ts'
import { fileOf, idxBytes, messages, problemsOf, valueOf } from './files.ts'

const images = (n: number, h = 2, w = 2) => idxBytes([n, h, w], new Uint8Array(n * h * w).fill(7))
const labels = (...values: number[]) => idxBytes([values.length], values)

type Case = [what: string, code: string, make: () => [string, Uint8Array][], messages: string[], place: object]

const malformed: Case[] = [
  [
    'a wrong magic number',
    'idx.magic',
    () => [
      ['images', Uint8Array.of(0, 0, 8, 0, 0, 0, 0, 1)],
      ['labels', labels(0, 1)],
    ],
    [
      'images begins with 0x00000800, but an IDX file begins with 0x00000803 (pictures) or 0x00000801 (labels); choose another file.',
    ],
    { byte: 0 },
  ],
  [
    'another kind of file',
    'idx.magic',
    () => [
      ['images', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1)],
      ['labels', labels(0, 1)],
    ],
    [
      'images begins with 0x89504E47, but an IDX file begins with 0x00000803 (pictures) or 0x00000801 (labels); choose another file.',
    ],
    { byte: 0 },
  ],
  [
    'floats',
    'idx.type',
    () => [
      ['images', idxBytes([2, 1, 1], new Uint8Array(8), 0x0d)],
      ['labels', labels(0, 1)],
    ],
    ['images holds 32-bit floats (0x00000D03), but only unsigned bytes can be read; convert it.'],
    { byte: 2 },
  ],
  [
    'five dimensions',
    'idx.rank',
    () => [
      ['images', idxBytes([2, 1, 1, 1, 1], [1, 2])],
      ['labels', labels(0, 1)],
    ],
    ['images has 5 dimensions (0x00000805), but pictures have 2 to 4 and labels have 1.'],
    { byte: 3 },
  ],
  [
    'no bytes',
    'idx.empty',
    () => [
      ['images', new Uint8Array()],
      ['labels', labels(0, 1)],
    ],
    ['images is empty; download it again.'],
    { byte: 0 },
  ],
  [
    'three bytes',
    'idx.header',
    () => [
      ['images', Uint8Array.of(0, 0, 8)],
      ['labels', labels(0, 1)],
    ],
    ['images has 3 bytes, too few for the header of an IDX file; download it again.'],
    { byte: 0 },
  ],
  [
    'a cut header',
    'idx.header',
    () => [
      ['images', Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0)],
      ['labels', labels(0, 1)],
    ],
    ['images has 9 bytes, but its header of 3 dimensions alone takes 16; download it again.'],
    { byte: 9 },
  ],
  [
    'a length that lies',
    'idx.length',
    () => [
      ['images', idxBytes([60000, 28, 28], new Uint8Array(784))],
      ['labels', labels(0, 1)],
    ],
    ['images promises 47040000 bytes [60000, 28, 28], but 784 follow its header; download it again.'],
    { byte: 800 },
  ],
  [
    'dimensions beyond counting',
    'idx.length',
    () => [
      ['images', idxBytes([0xffffffff, 0xffffffff, 0xffffffff], [1, 2])],
      ['labels', labels(0, 1)],
    ],
    [
      'images promises 79228162458924105385300197375 bytes [4294967295, 4294967295, 4294967295], but 2 follow its header; download it again.',
    ],
    { byte: 18 },
  ],
  [
    'dimensions whose product wraps to 0',
    'idx.length',
    () => [
      ['images', idxBytes([65536, 65536, 1], [])],
      ['labels', labels(0, 1)],
    ],
    ['images promises 4294967296 bytes [65536, 65536, 1], but 0 follow its header; download it again.'],
    { byte: 16 },
  ],
  [
    'trailing bytes',
    'idx.trailing',
    () => [
      ['images', images(2)],
      ['labels', idxBytes([2], [0, 1, 1, 1])],
    ],
    ['labels promises 2 bytes [2], but 4 follow its header: 2 too many; download it again.'],
    { byte: 10 },
  ],
  [
    'no picture',
    'idx.zero',
    () => [
      ['images', images(0)],
      ['labels', labels(0, 1)],
    ],
    ['images holds no pictures: its count is 0.'],
    { byte: 4 },
  ],
  [
    'no label',
    'idx.zero',
    () => [
      ['images', images(2)],
      ['labels', labels()],
    ],
    ['labels holds no labels: its count is 0.'],
    { byte: 4 },
  ],
  [
    'pictures without pixels',
    'idx.zero',
    () => [
      ['images', idxBytes([2, 0, 2], [])],
      ['labels', labels(0, 1)],
    ],
    ['images says that its pictures are [0, 2]: no pixel at all.'],
    { byte: 8 },
  ],
  [
    'fewer labels than pictures',
    'idx.count',
    () => [
      ['images', images(3)],
      ['labels', labels(0, 1)],
    ],
    ['images has 3 pictures, but labels has 2 labels; choose two files that belong together.'],
    { byte: 4 },
  ],
  [
    'one class',
    'data.oneClass',
    () => [
      ['images', images(2)],
      ['labels', labels(4, 4)],
    ],
    ['labels: every label is 4; a network needs two classes or more to tell apart.'],
    {},
  ],
  [
    'pictures alone',
    'idx.pair',
    () => [['images', images(2)]],
    [
      'images holds pictures; the file with the labels (such as train-labels-idx1-ubyte) is missing, choose both together.',
    ],
    {},
  ],
  [
    'labels alone',
    'idx.pair',
    () => [['labels', labels(0, 1)]],
    [
      'labels holds labels; the file with the pictures (such as train-images-idx3-ubyte) is missing, choose both together.',
    ],
    {},
  ],
  [
    'pictures twice',
    'idx.pair',
    () => [
      ['images', images(2)],
      ['more-images', images(2)],
    ],
    [
      'images and more-images hold pictures; the file with the labels (such as train-labels-idx1-ubyte) is missing, choose both together.',
    ],
    {},
  ],
  [
    'three files',
    'idx.files',
    () => [
      ['images', images(2)],
      ['labels', labels(0, 1)],
      ['more', labels(0, 1)],
    ],
    ['IDX data are two files, pictures and labels, but 3 were given; choose both together.'],
    {},
  ],
  [
    'still gzipped',
    'idx.gzip',
    () => [
      ['images', Uint8Array.of(0x1f, 0x8b, 8, 0)],
      ['labels', labels(0, 1)],
    ],
    ['images is still gzipped; unzip it first.'],
    { byte: 0 },
  ],
]

describe('malformed IDX files are refused in words:', () => {
  test.each(malformed)('%s', (_, code, make, expected, place) => {
    const result = idx.inspect(make().map(([name, bytes]) => fileOf(name, bytes)))
    expect(messages(result)).toEqual(expected)
    const first = problemsOf(result)[0]
    expect(first?.code).toBe(code)
    expect(first?.place ?? {}).toMatchObject(place)
  })
})

describe('IDX pairs', () => {
  const pixels = Uint8Array.from({ length: 18 }, (_, i) => i * 14)
  const pair = [fileOf('pictures.idx', idxBytes([3, 2, 3], pixels)), fileOf('labels.idx', labels(2, 0, 1))]
  const source = valueOf(idx.inspect(pair)).source

  test('are described by shape and classes', () => {
    expect(source).toMatchObject({
      kind: 'images',
      features: [2, 3, 1],
      target: { kind: 'classes', names: ['0', '1', '2'] },
    })
    expect([source.images.name, source.labels.name]).toEqual(['pictures.idx', 'labels.idx'])
  })

  test('are the same in either order', () => {
    expect(valueOf(idx.inspect([...pair].reverse())).source).toEqual(source)
    expect(valueOf(idx.read([...pair].reverse(), source)).data).toEqual(valueOf(idx.read(pair, source)).data)
  })

  test('give bytes and labels as they stand in the files', () => {
    const data = valueOf(idx.read(pair, source)).data
    expect(data.count).toBe(3)
    expect(Array.from(data.features)).toEqual(Array.from(pixels))
    expect(Array.from(data.targets)).toEqual([2, 0, 1])
  })

  test('are read where their bytes begin within a larger buffer', () => {
    const shifted = pair.map((file) => {
      const whole = new Uint8Array(file.bytes.length + 5)
      whole.set(file.bytes, 5)
      return { ...file, bytes: whole.subarray(5) }
    })
    expect(valueOf(idx.read(shifted, source)).data).toEqual(valueOf(idx.read(pair, source)).data)
  })

  test('may be rows of values or colour pictures', () => {
    const shapeOf = (dims: number[]) => {
      const body = new Uint8Array(dims.reduce((a, b) => a * b))
      const found = valueOf(idx.inspect([fileOf('x', idxBytes(dims, body)), fileOf('y', labels(0, 1))])).source
      return found.kind === 'images' ? found.features : undefined
    }
    expect(shapeOf([2, 5])).toEqual([1, 5, 1])
    expect(shapeOf([2, 4, 5, 3])).toEqual([4, 5, 3])
  })

  test('whose labels leave a class out say so', () => {
    const files = [fileOf('x', images(2)), fileOf('y', labels(0, 3))]
    expect(valueOf(idx.inspect(files)).warnings.map((warning) => warning.message)).toEqual([
      'y: no picture has the label 1, 2, so the network cannot learn them.',
    ])
  })

  test('that do not fit the document are refused', () => {
    const larger = { ...source, features: [28, 28, 1] }
    expect(messages(idx.read(pair, larger))).toEqual([
      'pictures.idx has pictures of [2, 3, 1], but the document expects [28, 28, 1]; choose the data again.',
    ])
    const fewer = { ...source, target: { kind: 'classes' as const, names: ['0', '1'] } }
    const refused = idx.read(pair, fewer)
    expect(messages(refused)).toEqual([
      'labels.idx byte 8: label 2 of picture 1 is not among the 2 classes of the document; choose the data again.',
    ])
    expect(problemsOf(refused)[0]?.place).toEqual({ file: 'labels.idx', byte: 8 })
  })

  test('are known by their bytes or their names', () => {
    expect(idx.accepts(pair)).toBe(true)
    expect(idx.accepts([fileOf('train-images-idx3-ubyte.gz', [1, 2, 3])])).toBe(true)
    expect(idx.accepts([fileOf('a.csv', 'a,b\n1,2\n')])).toBe(false)
  })
})
