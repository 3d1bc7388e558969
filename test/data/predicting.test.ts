/** Files that a trained network is asked about: read as those that it was trained on, whether they say what they are or not. */
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { memoryFile } from '../../src/data/files.ts'
import { asSource, prepare, prepareOwn, proposeSource, readAsked, readFiles } from '../../src/data/index.ts'
import { PredictionLines, questionsOf, type Questions } from '../../src/data/predictions.ts'
import type { DataFile, PreparedData } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { DataSection, Windows } from '../../src/document/types.ts'
import { fileOf, messages, referenceOf, valueOf } from './files.ts'
import { idxBytes } from './idx.ts'
import { npyBytes } from './npy.ts'
import { greyPng, rgbPng } from './pictures/make.ts'
import { pcm16, wavBytes } from './sounds.ts'
import { zipBytes } from './zip.ts'

const random = new Rng(11, 'predicting')

interface Trained {
  readonly section: DataSection
  readonly data: PreparedData<Float32Array>
}

/** What training learns of files as a document would name them. */
async function trained(
  files: readonly DataFile[],
  options: Readonly<Record<string, string | number>> = {},
  windows?: Windows,
): Promise<Trained> {
  const opened = valueOf(await readFiles(files, { options }))
  const { source } = valueOf(proposeSource(opened, files.map(referenceOf)))
  const { data: empty } = emptyDocument()
  const preparation = { ...empty.preparation, ...(windows && { windows }) }
  const section: DataSection = { ...empty, source, preparation }
  const { data } = valueOf(asSource(source, opened))
  return { section, data: valueOf(prepare(data, section)) }
}

interface Answered {
  readonly questions: Questions
  readonly features: Float32Array
  readonly said: readonly string[]
}

async function asked({ section, data: { fitted } }: Trained, ...files: readonly DataFile[]): Promise<Answered> {
  const loaded = valueOf(await readAsked(section, fitted, files))
  const questions = valueOf(questionsOf(fitted, loaded.data, section))
  const said = [...loaded.warnings, ...questions.warnings].map(({ message }) => message)
  return { questions, features: await questions.features(0, questions.count), said }
}

async function refused({ section, data: { fitted } }: Trained, ...files: readonly DataFile[]): Promise<string> {
  return messages(await readAsked(section, fitted, files)).join(' ')
}

const placesOf = ({ questions }: Answered) => Array.from({ length: questions.count }, (_, i) => questions.place(i))
const filesOf = (answered: Answered) => placesOf(answered).map(({ file }) => file)
const renamed = (file: DataFile, name: string): DataFile =>
  new Proxy(file, {
    get: (of, key) => (key === 'name' ? name : (Reflect.get(of, key, of) as unknown)),
  })
const farthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0)

describe('sounds', () => {
  const SECONDS = 0.25
  const tone = (name: string, frequency: number, rate: number) => {
    const samples = Array.from({ length: Math.round(SECONDS * rate) }, (_, i) => {
      const time = i / rate
      return 16_000 * Math.sin(2 * Math.PI * frequency * time) * Math.sin((Math.PI * time) / SECONDS) ** 2
    })
    return memoryFile(name, wavBytes({ rate, body: pcm16(samples) }))
  }
  const tones = (rate: number, folder = (i: number): string => (i % 2 ? 'high/' : 'low/')) =>
    Array.from({ length: 8 }, (_, i) => tone(`set/${folder(i)}${i}.wav`, (i % 2 ? 700 : 300) + 5 * i, rate))
  const inTurn = (answered: Answered) =>
    new Map(filesOf(answered).map((file, i) => [(file ?? '').replace(/^.*\//, ''), i] as const))

  test.each([{ as: 'spectrogram' }, { as: 'sequence' }])(
    'at another rate are what they were at the one that was trained on: %o',
    async (options) => {
      const set = await trained(tones(16_000), options)
      expect(set.data.fitted.recorded).toEqual({ rate: 16_000, samples: 4000 })
      const same = await asked(set, ...tones(16_000))
      const size = sizeOf(set.data.shape)
      const off = async (rate: number, of: Trained) => {
        const other = await asked(of, ...tones(rate))
        expect(other.questions.shape).toEqual(set.data.shape)
        return farthest(other.features, same.features)
      }
      // In standard deviations of what was trained on.
      const [lower, higher] = [await off(8000, set), await off(48_000, set)]
      // What lies above 4 kHz, as little as it is, is not there at the lower rate.
      const [most, mostLower] = options.as === 'sequence' ? [0.01, 0.01] : [0.05, 1.5]
      expect(higher).toBeLessThan(most)
      expect(lower).toBeLessThan(mostLower)
      // The control: the other tones are farther away.
      expect(farthest(same.features.slice(0, size), same.features.slice(-size))).toBeGreaterThan(10 * higher)
      expect(farthest(same.features.slice(0, size), same.features.slice(-size))).toBeGreaterThan(1.2 * lower)
      // Guessed anew from the files, as a set of their own, nothing fits.
      const guessed = await trained(tones(48_000), options)
      expect(guessed.data.fitted.recorded).toEqual({ rate: 48_000, samples: 12_000 })
    },
  )

  test('need no class, no folder and no company', async () => {
    const set = await trained(tones(16_000))
    const labelled = await asked(set, ...tones(16_000))
    expect(filesOf(labelled)).toContain('high/1.wav')
    const loose = await asked(set, ...tones(16_000, () => ''))
    expect(filesOf(loose)).toEqual(['0.wav', '1.wav', '2.wav', '3.wav', '4.wav', '5.wav', '6.wav', '7.wav'])
    const size = sizeOf(set.data.shape)
    const [a, b] = [inTurn(labelled), inTurn(loose)]
    const part = ({ features }: Answered, i = 0) => features.slice(i * size, (i + 1) * size)
    for (const [name, i] of b) expect(part(loose, i)).toEqual(part(labelled, a.get(name)))
    const alone = await asked(set, renamed(tones(16_000)[3] as DataFile, 'mine.wav'))
    expect(placesOf(alone)).toEqual([{ file: 'mine.wav', row: 1 }])
    expect(alone.features).toEqual(part(labelled, a.get('3.wav')))
    // A control: another one is another.
    expect(alone.features).not.toEqual(part(labelled, a.get('4.wav')))
    // The same file, tried by hand.
    const [file] = tones(48_000)
    const bytes = await (file as DataFile).read(0, file?.length ?? 0)
    const tried = valueOf(await prepareOwn({ kind: 'file', file: 'x.wav', bytes }, set.data, set.section))
    expect((await asked(set, file as DataFile)).features).toEqual(tried.features)
    // Trained on, they must still be told apart.
    expect(messages(await readFiles(tones(16_000, () => ''))).join()).not.toBe('')
  })

  test('of a network that does not know its rate any more are refused', async () => {
    const set = await trained(tones(16_000))
    const { recorded: _, ...old } = set.data.fitted
    const files = tones(16_000)
    expect(await refused({ ...set, data: { ...set.data, fitted: old } }, ...files)).toMatch(
      /At what rate .* is not known/,
    )
    const { source } = set.section
    if (source.kind !== 'examples') throw new Error('no examples')
    const said = { ...set.section, source: { ...source, options: { rate: 16_000, seconds: SECONDS } } }
    const answered = await asked({ section: said, data: { ...set.data, fitted: old } }, ...files)
    expect(answered.features).toEqual((await asked(set, ...files)).features)
  })

  test('that are bad are named, and the others answered', async () => {
    const set = await trained(tones(16_000))
    const torn = memoryFile('set/low/torn.wav', Uint8Array.of(82, 73, 70, 70))
    const loaded = valueOf(await readAsked(set.section, set.data.fitted, [...tones(16_000), torn]))
    expect(loaded.bad).toMatchObject({ skipped: 1, problems: [{ place: { file: 'set/low/torn.wav' } }] })
    expect(await refused(set, torn)).toMatch(/torn\.wav/)
  })
})

describe('pictures', () => {
  const SIDE = 12
  /** Two kinds, of few enough shapes that another size shows the same. */
  const picture = (name: string, kind: number, side: number, colour = true) =>
    memoryFile(
      name,
      (colour ? rgbPng : greyPng)(side, side, (i) => {
        const x = Math.floor(i / (colour ? 3 : 1)) % side
        return x * 2 < side === (kind === 0) ? 220 : 30
      }),
    )
  const set = (side: number, folder = (i: number): string => (i % 2 ? 'b/' : 'a/'), colour = true) =>
    Array.from({ length: 10 }, (_, i) => picture(`given/${folder(i)}${i}.png`, i % 2, side, colour))
  const noisy = set(SIDE).map((_, i) =>
    memoryFile(
      `given/${i % 2 ? 'b' : 'a'}/${i}.png`,
      rgbPng(SIDE, SIDE, () => random.integer(256)),
    ),
  )

  test('of another size, or grey, are what the network takes', async () => {
    const net = await trained(noisy)
    expect(net.data.shape).toEqual([SIDE, SIDE, 3])
    const own = await asked(net, ...set(SIDE))
    for (const files of [set(2 * SIDE), set(SIDE, undefined, false), set(3 * SIDE, undefined, false)]) {
      const other = await asked(net, ...files)
      expect(other.questions.shape).toEqual([SIDE, SIDE, 3])
      expect(farthest(other.features, own.features)).toBeLessThan(1e-6)
    }
    // A control: turned round they are others.
    const turned = await asked(net, ...set(2 * SIDE).map((file, i) => renamed(file, `given/${9 - i}.png`)))
    expect(farthest(turned.features, own.features)).toBeGreaterThan(0.1)
    // The same, tried by hand.
    const [file] = set(2 * SIDE)
    const bytes = await (file as DataFile).read(0, file?.length ?? 0)
    const tried = valueOf(await prepareOwn({ kind: 'file', file: 'x.png', bytes }, net.data, net.section))
    expect((await asked(net, file as DataFile)).features).toEqual(tried.features)
  })

  test('need no class, no folder, no table and no company', async () => {
    const net = await trained(noisy)
    const labelled = await asked(net, ...noisy)
    expect(filesOf(labelled).slice(0, 2)).toEqual(['a/0.png', 'a/2.png'])
    const loose = await asked(net, ...noisy.map((file) => renamed(file, file.name.replace(/[ab]\//, ''))))
    expect(filesOf(loose)).toEqual(Array.from({ length: 10 }, (_, i) => `${i}.png`))
    const size = sizeOf(net.data.shape)
    const order = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]
    order.forEach((k, i) => {
      expect(loose.features.slice(i * size, (i + 1) * size)).toEqual(labelled.features.slice(k * size, (k + 1) * size))
    })
    const alone = await asked(net, renamed(noisy[4] as DataFile, 'one.png'))
    expect(placesOf(alone)).toEqual([{ file: 'one.png', row: 1 }])
    expect(alone.said).toEqual([])
    expect(alone.features).toEqual(loose.features.slice(4 * size, 5 * size))
    expect(alone.features).not.toEqual(loose.features.slice(5 * size, 6 * size))
    // A table that names some of them says nothing that is asked.
    const table = fileOf('given/labels.csv', 'name,label\n0.png,a\n1.png,b\n')
    const tabled = await asked(net, ...noisy, table)
    expect([tabled.said, tabled.features]).toEqual([[], labelled.features])
    // To be trained on one picture is nothing.
    expect(messages(await readFiles([noisy[0] as DataFile])).join()).toMatch(/one picture/)
    // One folder of one class, as a stranger gives it, keeps its name.
    const one = await asked(net, ...noisy.slice(0, 2).map((file) => renamed(file, file.name.replace(/[ab]\//, 'x/'))))
    expect(filesOf(one)).toEqual(['x/0.png', 'x/1.png'])
    const { section, data } = net
    const lines = new PredictionLines(section, data.fitted, one.questions, 2)
    expect(lines.header).toBe('file,row,class,a,b')
    expect(lines.csv(one.questions.place(1), Float32Array.of(0.25, 0.75))).toBe('x/1.png,2,b,0.25,0.75')
  })

  test('are refused where an example is none, and said to be strangers where it came in another form', async () => {
    const points = await trained([fileOf('xy.npz', zipOf({ x: npyBytes('<f4', [6, 4], range(24)), y: labels(6) }))])
    expect(await refused(points, noisy[0] as DataFile)).toBe(
      'given/a/0.png was given, but an example is [4], which no picture has; give its numbers instead.',
    )
    const bytes = zipOf({ x: npyBytes('|u1', [6, 4, 4], range(96)), y: labels(6) })
    const arrays = await trained([fileOf('xy.npz', bytes)])
    expect((await asked(arrays, ...noisy)).said).toEqual([
      'The files are read as Folder of pictures, but the network was trained on Arrays (NumPy); ' +
        'its answers mean something only where numbers mean the same in both.',
    ])
    expect((await asked(arrays, fileOf('x.npy', npyBytes('|u1', [6, 4, 4], range(96))))).said).toEqual([])
  })
})

const range = (count: number) => Array.from({ length: count }, (_, i) => (i * 37) % 251)
const labels = (count: number) =>
  npyBytes(
    '|u1',
    [count],
    Array.from({ length: count }, (_, i) => i % 2),
  )
const zipOf = (arrays: Readonly<Record<string, Uint8Array>>) =>
  zipBytes(Object.entries(arrays).map(([name, body]) => ({ name: `${name}.npy`, body })))

describe('arrays', () => {
  const [count, high, wide] = [6, 8, 7]
  const pixels = range(count * high * wide * 3)
  const last = npyBytes('|u1', [count, high, wide, 3], pixels)
  const first = npyBytes(
    '|u1',
    [count, 3, high, wide],
    Array.from(pixels, (_, i) => {
      const [x, y, c, n] = [
        i % wide,
        Math.floor(i / wide) % high,
        Math.floor(i / (wide * high)) % 3,
        Math.floor(i / (wide * high * 3)),
      ]
      return pixels[((n * high + y) * wide + x) * 3 + c] ?? NaN
    }),
  )

  test('need no labels, in an archive or alone, whatever they are called', async () => {
    const net = await trained([fileOf('xy.npz', zipOf({ x: last, y: labels(count) }))])
    expect(net.data.shape).toEqual([high, wide, 3])
    const labelled = await asked(net, fileOf('xy.npz', zipOf({ x: last, y: labels(count) })))
    expect(placesOf(labelled)[5]).toEqual({ row: 6 })
    for (const files of [
      [fileOf('X.npy', last)],
      [fileOf('unheard.npy', last)],
      [fileOf('first.npy', first)],
      [fileOf('x.npz', zipOf({ X: last }))],
      [fileOf('x.npz', zipOf({ whatever: last }))],
      [fileOf('x_test.npy', last), fileOf('y_test.npy', labels(2))],
    ]) {
      const { features, said } = await asked(net, ...files)
      expect([said, features]).toEqual([[], labelled.features])
    }
    // A control: other numbers.
    const other = await asked(net, fileOf('X.npy', npyBytes('|u1', [count, high, wide, 3], [...pixels].reverse())))
    expect(other.features).not.toEqual(labelled.features)
    expect(await refused(net, fileOf('X.npy', npyBytes('|u1', [count, 9, 9, 3], range(count * 243))))).toBe(
      `The examples are [9, 9, 3], but the network was trained on [${high}, ${wide}, 3]; choose files with such examples.`,
    )
    expect(await refused(net, fileOf('y.npz', zipOf({ y: labels(6), labels: labels(6) })))).toMatch(/all labels/)
    expect((await asked(net, fileOf('x.npz', zipOf({ x: last, ids: labels(6) })))).said).toEqual([
      'x.npz/ids.npy [6] is neither features nor labels by its name and is left out.',
    ])
  })

  test('of rows are examples for a network of examples, and a table for one of tables', async () => {
    const x = npyBytes('<f4', [8, 4], range(32))
    const net = await trained([fileOf('xy.npz', zipOf({ x, y: labels(8) }))])
    const alone = await asked(net, fileOf('new.npy', x))
    expect(alone.features).toEqual((await asked(net, fileOf('xy.npz', zipOf({ x, y: labels(8) })))).features)
    const table = await trained([fileOf('table.npy', npyBytes('<f4', [8, 5], range(40)))])
    const answered = await asked(table, fileOf('new.npy', x))
    expect(answered.questions.shape).toEqual([4])
    // Parts follow each other as they do with labels.
    const parts = { x_test: npyBytes('<f4', [2, 4], range(8)), x_train: npyBytes('<f4', [3, 4], range(12).reverse()) }
    const both = await asked(net, fileOf('parts.npz', zipOf({ ...parts, y_test: labels(2), y_train: labels(3) })))
    expect((await asked(net, fileOf('parts.npz', zipOf(parts)))).features).toEqual(both.features)
    expect(both.features.slice(0, 12)).toEqual((await asked(net, fileOf('t.npy', parts.x_train))).features)
  })
})

test('IDX pictures need no labels', async () => {
  const images = (count: number, from = 0) => idxBytes([count, 3, 3], range(9 * count + from).slice(from))
  const classes = (count: number) =>
    idxBytes(
      [count],
      Array.from({ length: count }, (_, i) => i % 2),
    )
  const files = [
    fileOf('t10k-images-idx3-ubyte', images(3, 40)),
    fileOf('t10k-labels-idx1-ubyte', classes(3)),
    fileOf('train-images-idx3-ubyte', images(6)),
    fileOf('train-labels-idx1-ubyte', classes(6)),
  ] as const
  const net = await trained(files)
  const labelled = await asked(net, ...files)
  expect(labelled.questions.count).toBe(9)
  const bare = await asked(net, files[0], files[2])
  expect(bare.features).toEqual(labelled.features)
  const test = await asked(net, files[0])
  expect(test.features).toEqual(labelled.features.slice(6 * 9))
  expect(test.features).not.toEqual(labelled.features.slice(0, 3 * 9))
  expect(await refused(net, files[1])).toMatch(/holds labels; the file with the pictures/)
  expect(messages(await readFiles([files[0]])).join()).toMatch(/holds pictures; the file with the labels/)
})

describe('decimal signs', () => {
  const rows = (sign: string, many = 30) =>
    Array.from({ length: many }, (_, i) => `${i}${sign}5;${(i % 7) + 1}${sign}25;${i % 2 ? 'a' : 'b'}`).join('\n')
  const table = (body: string) => fileOf('new.csv', `size;price;kind\n${body}\n`)
  const raw = async (net: Trained, file: DataFile) => {
    const { features } = await asked(net, file)
    const entries = net.data.fitted.columns
    return Array.from(features.slice(0, 2), (value, i) => {
      const { mean = 0, deviation = 1 } = entries[i] ?? {}
      return Number((value * deviation + mean).toPrecision(5))
    })
  }

  test('are those that were trained on, where a file does not show its own', async () => {
    const [comma, point] = [await trained([table(rows(','))]), await trained([table(rows('.'))])]
    expect([comma.data.fitted.decimal, point.data.fitted.decimal]).toEqual([',', '.'])
    const doubtful = table('10;12.345;a\n11;12.345;a')
    expect(await raw(comma, doubtful)).toEqual([10, 12345])
    expect(await raw(point, doubtful)).toEqual([10, 12.345])
    // One that shows it goes its own way.
    expect(await raw(comma, table('10.5;12.345;a'))).toEqual([10.5, 12.345])
    expect(await raw(point, table('10,5;12.345;a'))).toEqual([10.5, 12345])
    expect((await asked(comma, doubtful)).said).toEqual([])
  })

  test('that nothing tells are said', async () => {
    const net = await trained([
      table(Array.from({ length: 30 }, (_, i) => `${i};${i % 7};${i % 2 ? 'a' : 'b'}`).join('\n')),
    ])
    expect(net.data.fitted.decimal).toBeUndefined()
    const { said } = await asked(net, table('10;12.345;a'))
    expect(said).toEqual([expect.stringMatching(/"12\.345" is read as 12\.345, since nothing tells/)])
    // Commas part the cells, so that they can be no decimal signs here.
    const comma = await trained([table(rows(','))])
    const { said: other } = await asked(comma, fileOf('new.csv', 'size,price,kind\n10,12.345,a\n'))
    expect(other).toEqual([expect.stringMatching(/"12\.345" is read as 12\.345, since nothing tells/)])
  })
})

describe('forecasts', () => {
  const line = (i: number, series = '') =>
    `${new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10)},${series}${(i * 7) % 13}`
  const csv = (name: string, count: number) =>
    fileOf(name, `date,value\n${Array.from({ length: count }, (_, i) => line(i)).join('\n')}\n`)
  const windows = { length: 4, horizon: 3, stride: 1, past: true } as const

  test('name the line that they are about, as evaluation does, and the last one that they know', async () => {
    const net = await trained([csv('s.csv', 60)], {}, windows)
    const answered = await asked(net, csv('new.csv', 9))
    expect(placesOf(answered)).toEqual([5, 6, 7, 8, 9, 10].map((after) => ({ row: after + 3, after })))
    // Where the row is there it is that of the examples which are evaluated.
    const own = await asked(net, csv('s.csv', 60))
    const { rows = [], features } = net.data.validation
    const size = sizeOf(net.data.shape)
    rows.forEach((row, i) => {
      const k = placesOf(own).findIndex((place) => place.row === row + 2)
      expect(own.features.slice(k * size, (k + 1) * size)).toEqual(features.slice(i * size, (i + 1) * size))
      // The control: under the last line of the window stands another one.
      const wrong = placesOf(own).findIndex(({ after }) => after === row + 2)
      expect(own.features.slice(wrong * size, (wrong + 1) * size)).not.toEqual(features.slice(i * size, (i + 1) * size))
    })
    expect(rows.length).toBeGreaterThan(3)
    const lines = new PredictionLines(net.section, net.data.fitted, answered.questions, 1)
    expect(lines.header).toBe('row,after,value')
    expect(lines.csv(answered.questions.place(5), Float32Array.of(0))).toMatch(/^13,10,/)
  })

  test('of each file begin anew, and of rows that have no number yet say none', async () => {
    const net = await trained([csv('s.csv', 60)], {}, windows)
    const both = await asked(net, csv('a.csv', 5), csv('b.csv', 4))
    expect(placesOf(both)).toEqual([
      { file: 'a.csv', row: 8, after: 5 },
      { file: 'a.csv', row: 9, after: 6 },
      { file: 'b.csv', row: 8, after: 5 },
    ])
    // The newest first: behind the last line comes no later day.
    const turned = Array.from({ length: 6 }, (_, i) => line(5 - i)).join('\n')
    const down = await asked(net, fileOf('down.csv', `date,value\n${turned}\n`))
    expect(placesOf(down)).toEqual([
      { row: null, after: 4 },
      { row: null, after: 3 },
      { row: null, after: 2 },
    ])
    const lines = new PredictionLines(net.section, net.data.fitted, down.questions, 1)
    expect(lines.csv(down.questions.place(0), Float32Array.of(0))).toMatch(/^,4,/)
    // About the window's own last row no other has to be named.
    const pairs = (name: string, count: number) =>
      fileOf(name, `a,b\n${Array.from({ length: count }, (_, i) => `${(i * 7) % 13},${(i * 5) % 11}`).join('\n')}\n`)
    const present = await trained([pairs('s.csv', 60)], {}, { length: 4, horizon: 0, stride: 1 })
    expect(placesOf(await asked(present, pairs('new.csv', 5)))).toEqual([{ row: 5 }, { row: 6 }])
  })
})

test('a table is no picture, and pictures are no table', async () => {
  const cells = Array.from({ length: 20 }, (_, i) => `${i},${i % 2 ? 'a' : 'b'}`).join('\n')
  const table = fileOf('t.csv', `x,y\n${cells}\n`)
  const shots = Array.from({ length: 6 }, (_, i) =>
    memoryFile(
      `s/${i % 2}/${i}.png`,
      greyPng(4, 4, (k) => k * i),
    ),
  )
  expect(await refused(await trained(shots), table)).toBe(
    't.csv is a table, but the network was trained on pictures or other examples; choose files with such examples.',
  )
  expect(await refused(await trained([table]), ...shots)).toBe(
    'The network was trained on a table, but these are pictures or other examples; choose a table with its columns.',
  )
})

test('a network of a generated set is asked about no file', async () => {
  const { data } = emptyDocument()
  const section = {
    ...data,
    source: {
      kind: 'generated',
      generator: 'xor',
      params: {},
      seed: 1,
      features: [2],
      target: { kind: 'classes', names: ['0', '1'] },
    },
  } as const
  const fitted = { columns: [], targets: [] }
  expect(messages(await readAsked(section, fitted, [fileOf('a.csv', 'a,b\n1,2\n')]))).toEqual([
    'The network was trained on a generated set, and no file has its form; predict the set itself.',
  ])
})
