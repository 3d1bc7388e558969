import { describe, expect, test } from 'vitest'
import idx from '../../src/data/readers/idx.ts'
import { idxBytes } from './idx.ts'
import { examplesWith, fileFrom, heldIn, readWith, refusalOf, sentencesOf, unzippedFile } from './reading.ts'

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
    'labels of floats',
    'idx.labelType',
    () => [
      ['images', images(2)],
      ['labels', idxBytes([2], new Uint8Array(8), 0x0d)],
    ],
    ['labels holds 32-bit floats, but labels are whole numbers from 0 to 999; convert it.'],
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
    [
      'IDX data are two files, pictures and labels, or four, of training and test; but 3 were given. Choose the ones that belong together.',
    ],
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
  test.each(malformed)('%s', async (_, code, make, expected, place) => {
    const { problems } = await refusalOf(
      readWith(
        idx,
        make().map(([name, bytes]) => fileFrom(name, bytes)),
      ),
    )
    expect(problems.map(({ message }) => message)).toEqual(expected)
    expect(problems[0]?.code).toBe(code)
    expect(problems[0]?.place ?? {}).toMatchObject(place)
  })
})

describe('IDX pairs', () => {
  const pixels = Uint8Array.from({ length: 18 }, (_, i) => i * 14)
  const pair = [fileFrom('pictures.idx', idxBytes([3, 2, 3], pixels)), fileFrom('labels.idx', labels(2, 0, 1))]

  test('give bytes and labels as they stand in the files, and tell what they are', async () => {
    const { data, facts, warnings } = await readWith(idx, pair)
    expect(data).toEqual({
      count: 3,
      shape: [2, 3, 1],
      features: pixels,
      target: { kind: 'classes', names: ['0', '1', '2'] },
      targets: Int32Array.of(2, 0, 1),
    })
    expect(facts).toEqual([
      { label: 'Format', value: 'IDX' },
      { label: 'Examples', value: '3' },
      { label: 'Shape of one', value: '[2, 3, 1]' },
      { label: 'Elements', value: 'unsigned bytes' },
      { label: 'Classes', value: '3' },
    ])
    expect(warnings).toEqual([])
  })

  test('are the same in either order', async () => {
    expect(await readWith(idx, [...pair].reverse())).toEqual(await readWith(idx, pair))
  })

  test('may be rows of values or colour pictures', async () => {
    const shapeOf = async (dims: number[]) => {
      const body = new Uint8Array(dims.reduce((a, b) => a * b))
      return (await examplesWith(idx, [fileFrom('x', idxBytes(dims, body)), fileFrom('y', labels(0, 1))])).shape
    }
    expect(await shapeOf([2, 5])).toEqual([1, 5, 1])
    expect(await shapeOf([2, 4, 5, 3])).toEqual([4, 5, 3])
  })

  test('whose labels leave a class out say so', async () => {
    const files = [fileFrom('x', images(2)), fileFrom('y', labels(0, 3))]
    expect((await readWith(idx, files)).warnings.map((warning) => warning.message)).toEqual([
      'y: no picture has the label 1, 2, so the network cannot learn them.',
    ])
  })

  test('may hold other numbers, and labels of other whole numbers', async () => {
    const wide = (
      type: number,
      bytes: number,
      values: number[],
      write: (view: DataView, at: number, value: number) => void,
    ) => {
      const body = new Uint8Array(values.length * bytes)
      const view = new DataView(body.buffer)
      values.forEach((value, i) => {
        write(view, i * bytes, value)
      })
      return (dims: number[]) => idxBytes(dims, body, type)
    }
    const cases = [
      [
        wide(0x09, 1, [-128, 127], (view, at, value) => {
          view.setInt8(at, value)
        }),
        [-128, 127],
      ],
      [
        wide(0x0b, 2, [-300, 300], (view, at, value) => {
          view.setInt16(at, value)
        }),
        [-300, 300],
      ],
      [
        wide(0x0c, 4, [-70000, 2 ** 24], (view, at, value) => {
          view.setInt32(at, value)
        }),
        [-70000, 2 ** 24],
      ],
      [
        wide(0x0d, 4, [0.5, -1e30], (view, at, value) => {
          view.setFloat32(at, value)
        }),
        [0.5, Math.fround(-1e30)],
      ],
      [
        wide(0x0e, 8, [0.1, 3], (view, at, value) => {
          view.setFloat64(at, value)
        }),
        [Math.fround(0.1), 3],
      ],
    ] as const
    for (const [make, expected] of cases) {
      const data = await examplesWith(idx, [fileFrom('x', make([2, 1])), fileFrom('y', labels(0, 1))])
      expect(data.features).toBeInstanceOf(Float32Array)
      expect(Array.from(data.features)).toEqual(expected)
    }
    const many = wide(0x0b, 2, [999, 0], (view, at, value) => {
      view.setInt16(at, value)
    })
    const data = await examplesWith(idx, [fileFrom('x', images(2)), fileFrom('y', many([2]))])
    expect(Array.from(data.targets)).toEqual([999, 0])
    expect(data.target.names.length).toBe(1000)
  })

  test('are known by their bytes or their names', () => {
    expect(idx.accepts(pair)).toBe(true)
    expect(idx.accepts([fileFrom('train-images-idx3-ubyte.gz', [1, 2, 3])])).toBe(true)
    expect(idx.accepts([fileFrom('a.csv', 'a,b\n1,2\n')])).toBe(false)
  })
})

describe('two pairs, as MNIST comes,', () => {
  const part = (name: string, first: number, n: number, ...classes: number[]) => [
    fileFrom(
      `${name}-images-idx3-ubyte`,
      idxBytes(
        [n, 1, 2],
        Uint8Array.from({ length: 2 * n }, (_, i) => first + i),
      ),
    ),
    fileFrom(`${name}-labels-idx1-ubyte`, labels(...classes)),
  ]
  const training = part('train', 10, 3, 0, 1, 2)
  const test_ = part('t10k', 50, 2, 2, 0)

  test('are one set, training first', async () => {
    for (const files of [[...training, ...test_], [...test_, ...training].reverse()]) {
      const { data, facts } = await readWith(idx, files)
      if ('columns' in data) throw new Error('expected examples')
      expect(data.count).toBe(5)
      expect(Array.from(heldIn(data).features)).toEqual([10, 11, 12, 13, 14, 15, 50, 51, 52, 53])
      expect(Array.from(data.targets)).toEqual([0, 1, 2, 2, 0])
      expect(facts).toContainEqual({
        label: 'Parts',
        value: '3 from train-images-idx3-ubyte and 2 from t10k-images-idx3-ubyte',
      })
    }
  })

  test('are told apart by their counts where the names say nothing', async () => {
    const files = [...training, ...test_].map((file, i) => ({ ...file, name: `file${i}` }))
    expect((await examplesWith(idx, files)).count).toBe(5)
    const same = [...training, ...part('t10k', 50, 3, 2, 0, 1)].map((file, i) => ({ ...file, name: `file${i}` }))
    expect(await sentencesOf(readWith(idx, same))).toEqual([
      'file0, file2, file1 and file3: which labels belong to which pictures cannot be told; name them as MNIST does, train-images, train-labels, t10k-images and t10k-labels.',
    ])
  })
})

describe('gzipped IDX files', () => {
  const pictures = idxBytes(
    [3, 50, 50],
    Uint8Array.from({ length: 7500 }, (_, i) => i & 0xff),
  )
  const classes = labels(0, 1, 0)

  test('are the same as plain ones', async () => {
    const zipped = await examplesWith(idx, [unzippedFile('x.gz', pictures, 7), unzippedFile('y.gz', classes)])
    const plain = await examplesWith(idx, [fileFrom('x', pictures), fileFrom('y', classes)])
    expect(zipped.features).toEqual(plain.features)
    expect(zipped.targets).toEqual(plain.targets)
  })

  test('are compared with what they promise as they come', async () => {
    const sentences = (bytes: Uint8Array) =>
      sentencesOf(readWith(idx, [unzippedFile('x.gz', bytes), unzippedFile('y.gz', classes)]))
    expect(await sentences(pictures.subarray(0, 5000))).toEqual([
      'x.gz promises 7500 bytes [3, 50, 50], but 4984 follow its header; download it again.',
    ])
    expect(await sentences(Uint8Array.from([...pictures, 1]))).toEqual([
      'x.gz promises 7500 bytes [3, 50, 50], but more follow its header; download it again.',
    ])
  })

  test('that promise more than there may be are refused by their header', async () => {
    const header = idxBytes([60000, 1000, 1000], [])
    let asked = 0
    const bomb = {
      ...unzippedFile('x.gz', header),
      async *chunks() {
        asked++
        yield header
        for (;;) yield new Uint8Array(1 << 20)
      },
    }
    expect(await sentencesOf(readWith(idx, [bomb, unzippedFile('y.gz', idxBytes([60000], []))]))).toEqual([
      'x.gz promises [60000, 1000, 1000], which takes 60.0 GB; 2.15 GB are the most that examples may take. Use a part of it.',
    ])
    expect(asked).toBe(0)
  })
})
