/** Sets that are more than memory is to hold: read into a store and prepared from it, they are what they are in memory. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { ProblemError } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import { featuresAt, isMade } from '../../src/data/features.ts'
import { memoryFile, unwatched } from '../../src/data/files.ts'
import { prepare, prepareFeed, preview, readFiles, samplesOf } from '../../src/data/index.ts'
import { exampleHashes } from '../../src/data/leaks.ts'
import { MAX_STORED_EXAMPLE } from '../../src/data/limits.ts'
import { atOnce, BLOCK, bytesHeld, examplesInBlock, isStored, mapped, overlapping } from '../../src/data/numbers.ts'
import { limitOf, roomFor } from '../../src/data/room.ts'
import {
  NO_BAD,
  type Features,
  type DataFile,
  type HeldExamples,
  type HeldNumbers,
  type Job,
  type NumberSink,
  type NumberStore,
  type RawExamples,
  type StoredNumbers,
} from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { Column, DataSection, Scaling, SplitRecipe, TableSource } from '../../src/document/types.ts'
import { KeptCells } from './cells.ts'
import { tableOf, valueOf } from './files.ts'
import { idxBytes } from './idx.ts'
import { Kept } from './kept.ts'
import { npyBytes } from './npy.ts'
import { greyPng } from './pictures/make.ts'
import { unzippedFile } from './reading.ts'
import { pcm16, wavBytes } from './sounds.ts'
import { zipBytes } from './zip.ts'

/** Stores what is more than `budget` bytes, of which there is room for `room`. */
function storeOf(budget: number, room = 1e9): NumberStore {
  return {
    budget,
    free: () => Promise.resolve(room),
    create(kind, length): Promise<NumberSink> {
      const numbers = kind === 'bytes' ? new Uint8Array(length) : new Float32Array(length)
      let filled = 0
      return Promise.resolve({
        write(values: HeldNumbers) {
          numbers.set(values, filled)
          filled += values.length
          return Promise.resolve()
        },
        done: () => Promise.resolve(new Kept(numbers.slice(0, filled))),
      })
    },
    cells: () => Promise.resolve(new KeptCells(1 << 12)),
  }
}

const jobOf = (store: NumberStore): Job => ({ ...unwatched, store })

/** Classes in turn, the second half of the last class equal to examples of the first. */
function setOf(shape: Shape, kind: StoredNumbers['kind'], count = 60): HeldExamples {
  const size = sizeOf(shape)
  const rng = new Rng(3, 'stored')
  const features =
    kind === 'bytes'
      ? Uint8Array.from({ length: count * size }, () => rng.integer(256))
      : Float32Array.from({ length: count * size }, () => rng.normal(3, 1000))
  for (let i = count - 10; i < count; i++) features.copyWithin(i * size, (i - 30) * size, (i - 29) * size)
  return {
    count,
    shape,
    features,
    target: { kind: 'classes', names: ['a', 'b', 'c'] },
    targets: Int32Array.from({ length: count }, (_, i) => i % 3),
  }
}

const stored = (raw: HeldExamples): RawExamples & { readonly features: Kept } => ({
  ...raw,
  features: new Kept(raw.features),
})

function sectionOf(raw: RawExamples, scale: Scaling, split: Partial<SplitRecipe> = {}): DataSection {
  const { data } = emptyDocument()
  const files = [{ name: 'x', size: 1, sha256: '' }]
  return {
    ...data,
    source: { kind: 'examples', reader: 'numpy', options: {}, files, features: raw.shape, target: raw.target },
    preparation: { ...data.preparation, scale },
    split: { ...data.split, ...split },
  }
}

const readWindows = ({ features }: RawExamples, from: number, to: number) =>
  isStored(features) ? features.read(from, to) : Promise.reject(new Error('expected windows'))

const everyPlace = (features: Features, size: number) =>
  Uint32Array.from({ length: features.length / size }, (_, i) => i)

const shapes: readonly (readonly [string, Shape, StoredNumbers['kind']])[] = [
  ['pictures of bytes', [5, 4, 3], 'bytes'],
  ['pictures of odd bytes', [3, 3, 1], 'bytes'],
  ['pictures of floats', [4, 4, 1], 'floats'],
  ['sequences', [6, 3], 'floats'],
  ['points', [7], 'floats'],
]

describe.each(shapes)('%s in a store', (_, shape, kind) => {
  const raw = setOf(shape, kind)
  const size = sizeOf(shape)

  test.each(['none', 'standardise', 'minMax', 'log'] as const)('teach the same as in memory: %s', async (scale) => {
    for (const split of [{}, { together: true }] as const) {
      const section = sectionOf(raw, scale, split)
      const right = valueOf(prepare(raw, section))
      const found = valueOf(await prepareFeed(stored(raw), section, 0))
      expect(found.fitted).toEqual(right.fitted)
      expect(found.warnings).toEqual(right.warnings)
      for (const part of ['train', 'validation'] as const) {
        const { features, ...rest } = found[part]
        const { features: held, ...others } = right[part]
        expect(rest).toEqual(others)
        expect(isMade(features)).toBe(true)
        expect(features.length).toBe(held.length)
        expect(await featuresAt(features, everyPlace(features, size), size)).toEqual(held)
      }
    }
    // The examples that are equal were found: the set has some, and they are on both sides.
    expect(valueOf(prepare(raw, sectionOf(raw, scale))).warnings.map(({ code }) => code)).toContain('split.leak')
  })

  test('and what is learnt moves with a single number of it', async () => {
    const section = sectionOf(raw, 'standardise')
    const right = valueOf(prepare(raw, section))
    const features = raw.features.slice()
    const place = at(right.train.rows ?? [], 0) * size
    features[place] = at(features, place) === 255 ? 0 : 255
    const found = valueOf(await prepareFeed(stored({ ...raw, features }), section, 0))
    expect(found.fitted).not.toEqual(right.fitted)
  })

  test('look the same', () => {
    const loaded = { facts: [], bad: NO_BAD, warnings: [] }
    expect(preview({ ...loaded, data: stored(raw) })).toEqual(preview({ ...loaded, data: raw }))
    expect(samplesOf(stored(raw), [3, 0, 59])).toEqual(samplesOf(raw, [3, 0, 59]))
  })
})

describe('features that are made when they are asked for', () => {
  const raw = setOf([8, 8, 1], 'bytes', 500)
  const section = sectionOf(raw, 'standardise')

  test('are those of memory in any order, and again', async () => {
    const right = valueOf(prepare(raw, section)).train
    const { features } = valueOf(await prepareFeed(stored(raw), section, 0)).train
    const rng = new Rng(1, 'places')
    for (let k = 0; k < 20; k++) {
      const places = Uint32Array.from({ length: 1 + rng.integer(50) }, () => rng.integer(right.count))
      expect(await featuresAt(features, places, 64)).toEqual(await featuresAt(right.features, places, 64))
    }
  })

  test('are also made of what memory holds, where they would be more than that as floats', async () => {
    const right = valueOf(prepare(raw, section)).train
    const bytes = raw.count * 64 * 4
    for (const [budget, made] of [
      [bytes, false],
      [bytes - 1, true],
    ] as const) {
      const { features } = valueOf(await prepareFeed(raw, section, budget)).train
      expect(isMade(features)).toBe(made)
      if (isMade(features)) expect(features.neighbours).toBe(0)
      expect(await featuresAt(features, everyPlace(features, 64), 64)).toEqual(right.features)
    }
  })

  test('are read in few reads, whatever their order, and far ones apart', async () => {
    // Examples of 64 kB, 16 of which make a block.
    const large = setOf([256, 256, 1], 'bytes', 120)
    const kept = stored(large)
    const { train } = valueOf(await prepareFeed(kept, sectionOf(large, 'none'), 0))
    const rows = train.rows ?? new Uint32Array()
    if (!isMade(train.features)) throw new Error('expected features that are made')
    expect(train.features.neighbours).toBe(BLOCK / 65536)
    kept.features.reads.length = 0
    const places = Uint32Array.from([3, 0, 5, 1, 4, 2, 90, 0])
    await train.features.write(new Float32Array(places.length * 65536), places, 1)
    expect(kept.features.reads).toEqual([
      [at(rows, 0) * 65536, (at(rows, 5) + 1) * 65536],
      [at(rows, 90) * 65536, (at(rows, 90) + 1) * 65536],
    ])
  })

  test('vary from epoch to epoch as those of memory do', async () => {
    const coloured = setOf([12, 10, 3], 'bytes')
    const plain = sectionOf(coloured, 'standardise')
    const augmentation = { seed: 7, shift: 0.2, rotate: 20, noise: 0.1 }
    const varied: DataSection = { ...plain, preparation: { ...plain.preparation, augmentation } }
    const right = valueOf(await prepareFeed(coloured, varied, 1e9))
    const found = valueOf(await prepareFeed(stored(coloured), varied, 0))
    const write = async (features: Features, epoch: number) => {
      if (!isMade(features)) throw new Error('expected features that are made')
      const places = everyPlace(features, 360)
      const out = new Float32Array(features.length)
      await features.write(out, places, epoch)
      return out
    }
    const epochs = await Promise.all([0, 1, 2, 1].map((epoch) => write(found.train.features, epoch)))
    expect(epochs[0]).toEqual(valueOf(prepare(coloured, plain)).train.features)
    expect(epochs[1]).not.toEqual(epochs[0])
    expect(epochs[1]).not.toEqual(epochs[2])
    expect(epochs[1]).toEqual(epochs[3])
    expect(epochs[1]).toEqual(await write(right.train.features, 1))
    // The validation part is as it is, in memory where it fits.
    expect(await write(found.validation.features, 1)).toEqual(right.validation.features)
  })

  test('are learnt from block by block, with others having their turn', async () => {
    const large = setOf([256, 256, 1], 'bytes', 120)
    const kept = stored(large)
    const shares: number[] = []
    let turns = 0
    const job: Job = {
      pause: () => {
        turns++
        return Promise.resolve()
      },
      progress: (share) => shares.push(share),
    }
    valueOf(await prepareFeed(kept, sectionOf(large, 'standardise'), 0, job))
    expect(Math.max(...kept.features.reads.map(([from, to]) => to - from))).toBeLessThanOrEqual(BLOCK)
    expect(turns).toBeGreaterThan(1)
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    const stopped = {
      ...job,
      pause: () => Promise.reject(new ProblemError({ code: 'x', severity: 'error', message: 'Ended.' })),
    }
    expect(await prepareFeed(stored(large), sectionOf(large, 'standardise'), 0, stopped)).toMatchObject({
      ok: false,
      problems: [{ message: 'Ended.' }],
    })
  })

  test('have hashes that are reckoned once of a store', () => {
    const kept = stored(raw)
    const hashes = atOnce(exampleHashes(kept))
    expect(hashes).toEqual(atOnce(exampleHashes(raw)))
    kept.features.reads.length = 0
    expect(atOnce(exampleHashes(kept))).toBe(hashes)
    expect(kept.features.reads).toEqual([])
  })
})

// Tables

describe('rows of a table', () => {
  const rows = 400
  const cell = (i: number, k: number, text: string) => ((i * 7 + k * 13) % 17 === 0 ? '' : text)
  const text = [
    'when,a,b,kind,tag,many,y',
    ...Array.from({ length: rows }, (_, i) =>
      [
        i,
        cell(i, 1, String(Math.sin(i) * 50)),
        cell(i, 2, String((i * 37) % 23)),
        cell(i, 3, ['red', 'green', 'blue'][(i * i) % 3] ?? ''),
        cell(i, 4, `t${(i * 11) % 90}`),
        cell(i, 5, String((i * 1.37) % 7)),
        i % 5,
      ].join(','),
    ),
  ].join('\n')
  const feature = (name: string, more: Partial<Column>): Column => ({ name, role: 'feature', kind: 'numeric', ...more })
  const columns: Column[] = [
    { name: 'when', role: 'time', kind: 'numeric' },
    feature('a', { scale: 'log', clip: [0.05, 0.95], missing: 'median', flag: true }),
    feature('b', { scale: 'minMax' }),
    feature('kind', { kind: 'categorical', categories: ['red', 'green', 'blue'], flag: true }),
    feature('tag', { kind: 'categorical', encoding: 'hash', buckets: 16 }),
    feature('many', { kind: 'categorical', encoding: 'hash', buckets: 5 }),
    { name: 'y', role: 'target', kind: 'numeric' },
  ]
  const source: TableSource = { kind: 'table', reader: 'csv', options: {}, files: [], columns }

  test.each([
    ['alone', {}],
    ['in windows', { windows: { length: 5, horizon: 2, stride: 3 } }],
  ])('are made when they are asked for as at once: %s', async (_, more) => {
    const section = { ...emptyDocument().data, source }
    const own: DataSection = { ...section, preparation: { scale: 'standardise', missing: 'fill', ...more } }
    const loaded = await tableOf(text, source)
    const right = valueOf(prepare(loaded, own))
    const bytes = (right.train.features.length + right.validation.features.length) * 4
    for (const [budget, made] of [
      [bytes, false],
      [bytes - 1, true],
    ] as const) {
      const found = valueOf(await prepareFeed(loaded, own, budget))
      expect({ ...found, train: 0, validation: 0 }).toEqual({ ...right, train: 0, validation: 0 })
      const size = sizeOf(found.shape)
      for (const part of ['train', 'validation'] as const) {
        const { features, ...rest } = found[part]
        const { features: held, ...others } = right[part]
        expect(rest).toEqual(others)
        expect([isMade(features), features.length]).toEqual([made, held.length])
        const places = everyPlace(held, size).reverse()
        // What was there before is written over.
        const out = new Float32Array(places.length * size).fill(9)
        if (isMade(features)) await features.write(out, places, 3)
        else out.set(await featuresAt(features, places, size))
        expect(out).toEqual(await featuresAt(held, places, size))
      }
    }
  })
})

// Readers

const floats = (count: number) => Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i) * 100))
const whole = (count: number, most = 256) => Array.from({ length: count }, (_, i) => (i * 37) % most)
const labels = (count: number) => whole(count, 3)

const encoder = new TextEncoder()
/** Words at random, 2000 of them, the first ones more often. */
const verses = (lines: number) => {
  const rng = new Rng(5, 'verses')
  const word = () => `w${Math.floor(rng.uniform() ** 3 * 2000).toString(36)}`
  return Array.from({ length: lines }, () => `${Array.from({ length: 9 }, word).join(' ')}.\n`).join('')
}

const readings: readonly (readonly [string, () => DataFile[], ParamValues?])[] = [
  [
    'two pairs of IDX, one of them unzipped on the way',
    () => [
      memoryFile('train-images', idxBytes([40, 5, 6], whole(1200))),
      memoryFile('train-labels', idxBytes([40], labels(40))),
      unzippedFile('t10k-images', idxBytes([20, 5, 6], whole(600)), 77),
      unzippedFile('t10k-labels', idxBytes([20], labels(20))),
    ],
  ],
  [
    'IDX of 32-bit numbers',
    () => [
      memoryFile(
        'images',
        idxBytes(
          [30, 2, 2],
          whole(480).map((byte, i) => (i % 4 === 0 ? 0 : byte)),
          0x0c,
        ),
      ),
      memoryFile('labels', idxBytes([30], labels(30))),
    ],
  ],
  [
    'arrays of bytes',
    () => [
      memoryFile('x.npy', npyBytes('|u1', [30, 6, 5], whole(900))),
      memoryFile('y.npy', npyBytes('|u1', [30], labels(30))),
    ],
  ],
  [
    'arrays of doubles',
    () => [
      memoryFile('x.npy', npyBytes('>f8', [30, 6, 5], floats(900))),
      memoryFile('y.npy', npyBytes('|u1', [30], labels(30))),
    ],
  ],
  [
    'pictures with their channels first',
    () => [
      memoryFile('x.npy', npyBytes('<f4', [20, 3, 7, 5], floats(2100))),
      memoryFile('y.npy', npyBytes('|u1', [20], labels(20))),
    ],
  ],
  [
    'arrays in Fortran order',
    () => [
      memoryFile('x.npy', npyBytes('<f4', [30, 6, 5], floats(900), true)),
      memoryFile('y.npy', npyBytes('|u1', [30], labels(30))),
    ],
  ],
  [
    'an archive of two parts',
    () => [
      memoryFile(
        'set.npz',
        zipBytes([
          { name: 'x_train.npy', body: npyBytes('<f4', [30, 8], floats(240)), deflated: true },
          { name: 'y_train.npy', body: npyBytes('|u1', [30], labels(30)), deflated: true },
          { name: 'x_test.npy', body: npyBytes('<f4', [12, 8], floats(96)), deflated: true },
          { name: 'y_test.npy', body: npyBytes('|u1', [12], labels(12)), deflated: true },
        ]),
      ),
    ],
  ],
  [
    'a folder of pictures, a bad one among them',
    () => [
      ...Array.from({ length: 12 }, (_, i) =>
        memoryFile(
          `all/${i % 2}/${i}.png`,
          greyPng(4, 4, (pixel) => (i * 31 + pixel * 7) % 256),
        ),
      ),
      memoryFile('all/1/bad.png', greyPng(4, 4, () => 9).subarray(0, 60)),
    ],
  ],
  ['a text as characters', () => [memoryFile('a.txt', encoder.encode(verses(90)))]],
  [
    'a text as words, more than a byte tells apart',
    () => [unzippedFile('a.txt', encoder.encode(verses(900)), 77)],
    { unit: 'word', length: 7 },
  ],
  [
    'a text as words that are far apart, rare ones among them',
    () => [memoryFile('a.txt', encoder.encode(verses(900)))],
    { unit: 'word', length: 3, stride: 11, most: 50 },
  ],
  [
    'sounds',
    () =>
      Array.from({ length: 8 }, (_, i) =>
        memoryFile(`${i % 2}/${i}.wav`, wavBytes({ body: pcm16(whole(800 + i, 20000)) })),
      ),
  ],
]

const readingsOf = readings.map(([name, files, options = {}]) => ({ name, files, options }))
describe.each(readingsOf)('$name', ({ files, options }) => {
  test('are read into a store as into memory', async () => {
    const { data: right, ...told } = valueOf(await readFiles(files(), { options }))
    if ('columns' in right) throw new Error('expected examples')
    const { byteLength, length } = right.features
    expect(bytesHeld(right.features)).toBe(byteLength)
    // One byte too many, and just as many as memory holds.
    for (const [budget, isKept] of [
      [byteLength - 1, true],
      [byteLength, false],
    ] as const) {
      const job = jobOf(storeOf(budget))
      const { data, facts, ...rest } = valueOf(await readFiles(files(), { options, job }))
      if ('columns' in data) throw new Error('expected examples')
      const { features } = data
      expect(bytesHeld(features) === 0).toBe(isKept)
      const numbers = features.subarray(0, features.length)
      expect(numbers).toEqual(right.features.subarray(0, length))
      expect({ ...data, features: 0 }).toEqual({ ...right, features: 0 })
      expect(rest).toMatchObject({ bad: told.bad, warnings: told.warnings })
      expect(facts.slice(0, told.facts.length)).toEqual(told.facts)
      expect(facts.slice(told.facts.length).map(({ label }) => label)).toEqual(isKept ? ['Kept'] : [])
    }
  })
})

describe('windows that overlap', () => {
  const text = verses(60)
  const characters = [...new Set(text)].sort()
  /** Cut out one by one, each into a place of its own. */
  const naive = (length: number, stride: number): HeldExamples => {
    const codes = Array.from(text, (one) => characters.indexOf(one))
    const starts = codes.map((_, i) => i).filter((i) => i % stride === 0 && i + length < codes.length)
    return {
      count: starts.length,
      shape: [length],
      features: Uint8Array.from(starts.flatMap((i) => codes.slice(i, i + length))),
      codes: true,
      target: { kind: 'classes', names: characters.map((one) => ({ ' ': '␣', '\n': '↵' })[one] ?? one) },
      targets: Int32Array.from(starts, (i) => codes[i + length] ?? -1),
      names: starts.map((i) => `line ${text.slice(0, i).split('\n').length}`),
    }
  }
  const files = (content = text) => [memoryFile('a.txt', encoder.encode(content))]

  describe.each([
    [40, 3],
    [5, 5],
    [4, 9],
  ])('%i long, %i apart', (length, stride) => {
    const right = naive(length, stride)
    const section = sectionOf(right, 'standardise')
    const made = async (budget: number, content?: string) => {
      const job = jobOf(storeOf(budget))
      const { data } = valueOf(await readFiles(files(content), { options: { length, stride }, job }))
      if ('columns' in data) throw new Error('expected examples')
      return data
    }

    test.each([
      ['in memory', 1e6],
      ['in a store', 0],
    ])('are those that are cut out one by one: %s', async (_, budget) => {
      const data = await made(budget)
      expect({ ...data, features: 0 }).toEqual({ ...right, features: 0 })
      expect(data.features.subarray(0, right.features.length)).toEqual(right.features)
      expect(await readWindows(data, 7, right.features.length - 3)).toEqual(right.features.subarray(7, -3))
      expect(data.features.subarray(right.features.length, 1e9)).toHaveLength(0)
      expect(atOnce(exampleHashes(data))).toEqual(atOnce(exampleHashes(right)))
      const wanted = valueOf(prepare(right, section))
      const found = valueOf(await prepareFeed(data, section, budget))
      expect(found.fitted).toEqual(wanted.fitted)
      expect(found.fitted.columns).toHaveLength(length)
      expect(found.warnings).toEqual(wanted.warnings)
      for (const part of ['train', 'validation'] as const) {
        const { features, ...rest } = found[part]
        const { features: held, ...others } = wanted[part]
        expect(rest).toEqual(others)
        expect(isMade(features)).toBe(budget === 0)
        const places = everyPlace(held, length).reverse()
        expect(await featuresAt(features, places, length)).toEqual(await featuresAt(held, places, length))
      }
      const loaded = { facts: [], bad: NO_BAD, warnings: [] }
      expect(preview({ ...loaded, data })).toEqual(preview({ ...loaded, data: right }))
      expect(samplesOf(data, [3, 0, 9])).toEqual(samplesOf(right, [3, 0, 9]))
    })

    test('and are others where a letter is', async () => {
      const other = await made(0, text.replace(/^w./, 'wz'))
      expect(other.features.subarray(0, right.features.length)).not.toEqual(right.features)
    })
  })

  test('take no more room than what they are cut from, as others name it too', async () => {
    const data = naive(40, 3)
    const tokens = Uint8Array.from(text, (one) => characters.indexOf(one))
    const windows = overlapping(tokens, data.count, 40, 3)
    expect([windows.byteLength, bytesHeld(windows)]).toEqual([text.length, text.length])
    expect(bytesHeld(overlapping(new Kept(tokens), data.count, 40, 3))).toBe(0)
    const named = mapped(windows, (code) => 300 - code)
    expect(bytesHeld(named)).toBe(4 * text.length)
    expect(named.subarray(0, named.length)).toEqual(Float32Array.from(data.features, (code) => 300 - code))
    // A block of windows that lie far apart has as many bytes as any other.
    expect(examplesInBlock(overlapping(tokens, 9, 2, BLOCK / 4), 2)).toBe(4)
  })

  test('are read as they lie in the file, once', async () => {
    const data = naive(40, 3)
    const kept = new Kept(Uint8Array.from(text, (one) => characters.indexOf(one)))
    const features = overlapping(kept, data.count, 40, 3)
    const { train } = valueOf(await prepareFeed({ ...data, features }, sectionOf(data, 'none'), 0))
    if (!isMade(train.features) || !train.rows) throw new Error('expected features that are made')
    kept.reads.length = 0
    const places = Uint32Array.from([3, 0, 5])
    await train.features.write(new Float32Array(120), places, 1)
    expect(kept.reads).toEqual([[at(train.rows, 0) * 3, at(train.rows, 5) * 3 + 40]])
  })
})

describe('limits', () => {
  const pictures = () => [
    memoryFile('images', idxBytes([40, 50, 60], whole(120_000))),
    memoryFile('labels', idxBytes([40], labels(40))),
  ]

  test('are said in the sentence, with what the disk has where that is less', async () => {
    const read = await readFiles(pictures(), { job: jobOf(storeOf(1000, 100_000)) })
    expect(read).toMatchObject({
      problems: [
        {
          code: 'idx.large',
          message:
            'images promises [40, 50, 60], which takes 120 kB; 100 kB (what the disk has free) are the most that examples may take. Use a part of it.',
        },
      ],
    })
    // What memory holds needs no disk.
    expect(await readFiles(pictures(), { job: jobOf(storeOf(200_000, 0)) })).toMatchObject({ ok: true })
    expect(await limitOf(jobOf(storeOf(1, Infinity)))).toMatchObject({ shown: '68.7 GB' })
  })

  test('are told as a fact', async () => {
    const { facts } = valueOf(await readFiles(pictures(), { job: jobOf(storeOf(1000)) }))
    expect(facts.at(-1)).toEqual({
      label: 'Kept',
      value: 'in a file of 120 kB (over the 1.00 kB that are held in memory)',
    })
  })

  test('are lower for what is unzipped, whose file has no size of its own', async () => {
    // 3 GB from a file of some bytes.
    const bomb = { ...unzippedFile('images', idxBytes([3_000_000, 25, 40], [])), size: 3_000_000 }
    const read = await readFiles([bomb, unzippedFile('labels', idxBytes([3_000_000], []))], {
      job: jobOf(storeOf(1000, Infinity)),
    })
    expect(read).toMatchObject({
      problems: [{ message: expect.stringContaining('2.15 GB are the most that examples may take') as string }],
    })
  })

  test('hold for a single example too', async () => {
    const job = jobOf(storeOf(1000))
    expect(() => roomFor(job, 'bytes', 2, MAX_STORED_EXAMPLE + 1)).toThrow(
      'One example takes 268 MB; 268 MB are the most',
    )
  })
})
