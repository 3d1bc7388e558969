import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { generatedSource, loadGenerated, prepare, prepareOwn, proposeSource, readFiles } from '../../src/data/index.ts'
import { memoryFile } from '../../src/data/files.ts'
import type { DataFile, HeldExamples, PreparedData } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { DataSection, Scaling } from '../../src/document/types.ts'
import { valueOf } from './files.ts'
import { greyPng, rgbPng } from './pictures/make.ts'
import { float32, pcm16, wavBytes } from './sounds.ts'

const { data: section } = emptyDocument()
type Options = { readonly [name: string]: string | number | readonly number[] }

interface Set {
  readonly data: PreparedData<Float32Array>
  readonly section: DataSection
  readonly names: readonly string[]
  readonly raw: HeldExamples
}

/** Files as a document has them, and what training learns about them. */
async function setOf(files: readonly DataFile[], options: Options, scale: Scaling = 'standardise'): Promise<Set> {
  const opened = valueOf(await readFiles(files, { options }))
  const { source } = valueOf(proposeSource(opened, [{ name: 'set', size: 1, sha256: '0'.repeat(64) }]))
  const own = { ...section, source, preparation: { ...section.preparation, scale } }
  const raw = opened.data as HeldExamples
  return { raw, data: valueOf(prepare(raw, own)), section: own, names: raw.names ?? [] }
}

/** Each example of the validation part, and what is made of its file when that is tried. */
async function tried({ data, section, names }: Set, files: readonly DataFile[]) {
  const size = sizeOf(data.shape)
  const { rows = [], features, count } = data.validation
  expect(count).toBeGreaterThan(1)
  return Promise.all(
    Array.from(rows, async (row, i) => {
      const file = files.find(({ name }) => name.endsWith(names[row] ?? '?'))
      if (!file) throw new Error(`no file ${names[row]}`)
      const bytes = await file.read(0, file.length ?? 0)
      const own = valueOf(await prepareOwn({ kind: 'file', file: 'mine', bytes }, data, section))
      return { row, expected: features.slice(i * size, (i + 1) * size), own }
    }),
  )
}

const random = new Rng(7, 'own-file')
/** Of some size, in colour. */
const picture = (name: string) => {
  const [width, height] = [random.integer(30) + 9, random.integer(30) + 40]
  const bytes = rgbPng(width, height, () => random.integer(256))
  return memoryFile(name, bytes)
}

describe('pictures', () => {
  const files = Array.from({ length: 20 }, (_, i) => picture(`${i % 2 ? 'cats' : 'dogs'}/${i}.png`))

  test.each([
    { size: [12, 16], colour: 'rgb', fit: 'crop', background: 'black' },
    { size: [16, 12], colour: 'grey', fit: 'pad', background: 'grey' },
    { size: [9, 9], colour: 'grey', fit: 'stretch', background: 'white' },
  ])('tried one by one are those of the folder: %o', async (options) => {
    const set = await setOf(files, options)
    for (const { row, expected, own } of await tried(set, files)) {
      expect(own.features).toEqual(expected)
      const size = sizeOf(set.data.shape)
      const pixels = set.raw.features.slice(row * size, (row + 1) * size)
      expect(own.looks).toEqual({ kind: 'pictures', shape: set.data.shape, pictures: [pixels], names: ['mine'] })
    }
    // The control: with another rule for other shapes they are others.
    const other = await setOf(files, { ...options, fit: options.fit === 'pad' ? 'crop' : 'pad' })
    const others = await tried({ ...set, section: other.section }, files)
    for (const { expected, own } of others) expect(own.features).not.toEqual(expected)
  })

  test('that are none are refused in the words of their reader', async () => {
    const { data, section } = await setOf(files, { size: [8, 8] })
    const says = async (text: string) => {
      const bytes = new TextEncoder().encode(text)
      const tried = await prepareOwn({ kind: 'file', file: 'cat.gif', bytes }, data, section)
      return tried.ok ? 'fine' : tried.problems.map(({ message }) => message).join(' ')
    }
    expect(await says('II*\0')).toBe('cat.gif is a TIFF; PNG, JPEG, WebP, GIF and BMP are read, so save it as PNG.')
    expect(await says('')).toBe('cat.gif is empty (0 bytes); get it again.')
    expect(await says('<html>')).toMatch(/^cat\.gif is a web page/)
    const sound = await prepareOwn({ kind: 'sound', samples: new Float32Array(9), rate: 8000 }, data, section)
    expect(sound).toMatchObject({ ok: false, problems: [{ code: 'own.kind' }] })
  })

  test('are refused before anything of their size is made', async () => {
    const { data, section } = await setOf(files, { size: [8, 8] })
    const bytes = greyPng(8, 8, () => 0)
    // The header's width and height; its checksum is looked at later than its size.
    new DataView(bytes.buffer).setUint32(16, 60_000)
    const tried = await prepareOwn({ kind: 'file', file: 'bomb.png', bytes }, data, section)
    expect(tried).toMatchObject({ ok: false })
    const long = new Uint8Array(64_000_001)
    expect(await prepareOwn({ kind: 'file', file: 'long.png', bytes: long }, data, section)).toMatchObject({
      problems: [{ code: 'picture.large' }],
    })
  })
})

describe('a picture for a set that is none of pictures’ files', () => {
  /** Stroke digits as they are, as shares, and dark on light. */
  const kinds = {
    bytes: (byte: number) => byte,
    shares: (byte: number) => byte / 255,
    'both signs': (byte: number) => byte / 127.5 - 1,
    'dark on light': (byte: number) => 1 - byte / 255,
  }
  const source = valueOf(generatedSource('strokeDigits', { count: 60 }))
  const drawn = valueOf(loadGenerated(source)).data
  const digit = (i: number) => drawn.features.subarray(i * 784, (i + 1) * 784)
  const ask = async (bytes: Uint8Array, data: PreparedData, own: DataSection = { ...section, source }) =>
    valueOf(await prepareOwn({ kind: 'file', file: '7.png', bytes }, data, own)).features

  test.each(Object.entries(kinds))('is one of %s, whichever way round it is', async (kind, of) => {
    const features = kind === 'bytes' ? drawn.features : Float32Array.from(drawn.features, of)
    const raw = { ...drawn, features }
    for (const scale of ['none', 'standardise', 'minMax', 'log'] as const) {
      const own = { ...section, source, preparation: { ...section.preparation, scale } }
      const data = valueOf(prepare(raw, own))
      const row = data.validation.rows?.[3] ?? 0
      const expected = data.validation.features.slice(3 * 784, 4 * 784)
      const pixels = digit(row)
      for (const way of [(byte: number) => byte, (byte: number) => 255 - byte]) {
        const made = await ask(
          greyPng(28, 28, (i) => way(pixels[i] ?? 0)),
          data,
          own,
        )
        const far = made.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN))), 0)
        expect(far).toBeLessThan(2e-4)
      }
    }
  })

  test('of another size is fitted like a drawing, on white as on black', async () => {
    // Pictures of 16 × 16 with an L; and a page with the same one, five times as large.
    const isInk = (x: number, y: number) => x >= 4 && x < 12 && y >= 3 && y < 13 && (x < 7 || y >= 10)
    const l = Float32Array.from({ length: 256 }, (_, i) => Number(isInk(i % 16, i >> 4)))
    const features = Float32Array.from({ length: 20 * 256 }, (_, i) => l[i % 256] ?? 0)
    const target = { kind: 'classes', names: ['a', 'b'] } as const
    const targets = Int32Array.from({ length: 20 }, (_, i) => i % 2)
    const own = { ...section, preparation: { ...section.preparation, scale: 'none' as const } }
    const data = valueOf(prepare({ count: 20, shape: [16, 16, 1], features, target, targets }, own))
    for (const ground of [0, 255]) {
      const page = greyPng(120, 100, (i) => {
        const [x, y] = [Math.floor(((i % 120) - 50) / 5), Math.floor((Math.floor(i / 120) - 3) / 5)]
        return Math.abs(ground - (isInk(x, y) ? 200 : 0))
      })
      const made = await ask(page, data, own)
      for (let i = 0; i < 256; i++) expect(made[i]).toBeCloseTo(l[i] ?? NaN, 4)
    }
    expect([
      ...(await ask(
        greyPng(50, 50, () => 200),
        data,
        own,
      )),
    ]).toEqual(new Array<number>(256).fill(0))
  })

  test('has the colours of a set in colour, and is none of a set of rows', async () => {
    const size = 6 * 5 * 3
    const colours = Uint8Array.from({ length: 20 * size }, () => random.integer(256))
    const target = { kind: 'classes', names: ['a', 'b'] } as const
    const targets = Int32Array.from({ length: 20 }, (_, i) => i % 2)
    const raw: HeldExamples = { count: 20, shape: [6, 5, 3], features: colours, target, targets }
    const data = valueOf(prepare(raw, section))
    const bytes = Uint8Array.from({ length: 30 * 3 }, () => random.integer(256))
    const made = await ask(
      rgbPng(5, 6, (i) => bytes[i] ?? 0),
      data,
    )
    const { mean = 0, deviation = 1 } = data.fitted.columns[0] ?? {}
    made.forEach((value, i) => expect(value).toBeCloseTo(((bytes[i] ?? 0) - mean) / deviation, 4))
    const rows = { ...data, shape: [90] }
    const refused = await prepareOwn({ kind: 'file', file: 'x.png', bytes: greyPng(2, 2, () => 0) }, rows, section)
    expect(refused).toMatchObject({ ok: false, problems: [{ code: 'own.kind' }] })
  })
})

describe('sounds', () => {
  const tone = (pitch: number, rate: number, count: number) =>
    Array.from({ length: count }, (_, i) => Math.round(12000 * Math.sin((2 * Math.PI * pitch * i) / rate)))
  /** Of three rates, several lengths, one channel or two. */
  const files = Array.from({ length: 18 }, (_, i) => {
    const rate = [8000, 11025, 16000][i % 3] ?? 8000
    const channels = 1 + (i % 2)
    const samples = tone(i % 2 ? 700 : 1500, rate * channels, channels * (1500 + 137 * i))
    return memoryFile(`${i % 2 ? 'low' : 'high'}/${i}.wav`, wavBytes({ rate, channels, body: pcm16(samples) }))
  })

  test.each<Options>([
    { as: 'sequence', rate: 0, seconds: 0 },
    { as: 'sequence', rate: 12000, seconds: 0.1 },
    { as: 'spectrogram', rate: 0, seconds: 0, mels: 12 },
    { as: 'spectrogram', rate: 8000, seconds: 0.3, mels: 0, frame: 20, hop: 7 },
  ])('tried one by one are those of the folder: %o', async (options) => {
    const set = await setOf(files, options)
    for (const { expected, own } of await tried(set, files)) {
      expect(own.features).toEqual(expected)
      expect(own.looks).toMatchObject({ kind: options['as'] === 'sequence' ? 'values' : 'pictures' })
    }
    // The control: at another rate they sound otherwise.
    const { fitted } = set.data
    const data = {
      ...set.data,
      fitted: { ...fitted, recorded: { rate: 4000, samples: fitted.recorded?.samples ?? 0 } },
    }
    const [one] = await tried({ ...set, data }, files)
    expect(one?.own.features).not.toEqual(one?.expected)
  })

  test('that a microphone heard are what a file of them is', async () => {
    const { data, section } = await setOf(files, { as: 'spectrogram', mels: 12 })
    const heard = Float32Array.from({ length: 9000 }, (_, i) => 1.5 * Math.sin(i / 9) * Math.sin(i / 500))
    const file = wavBytes({ format: 3, bits: 32, rate: 48000, body: float32([...heard]) })
    const spoken = valueOf(await prepareOwn({ kind: 'sound', samples: heard, rate: 48000 }, data, section))
    const read = valueOf(await prepareOwn({ kind: 'file', file: 'x.wav', bytes: file }, data, section))
    expect(spoken.features).toEqual(read.features)
    const slower = valueOf(await prepareOwn({ kind: 'sound', samples: heard, rate: 44100 }, data, section))
    expect(slower.features).not.toEqual(read.features)
  })

  test('that cannot be are refused by name', async () => {
    const { data, section } = await setOf(files, { as: 'sequence' })
    const says = async (samples: readonly number[], rate: number) => {
      const tried = await prepareOwn({ kind: 'sound', samples: Float32Array.from(samples), rate }, data, section)
      return tried.ok ? 'fine' : tried.problems[0]?.message
    }
    expect(await says([0, 0.5], 8000)).toBe('fine')
    expect(await says([], 8000)).toBe('Your recording is empty; record again.')
    expect(await says([0, NaN], 8000)).toBe('Your recording has a sample that is no number; record again.')
    expect(await says([0, -Infinity], 8000)).toMatch(/no number/)
    for (const rate of [0, -1, 0.5, 768_001, NaN, Infinity]) expect(await says([0], rate)).toMatch(/samples a second/)
    const png = greyPng(2, 2, () => 0)
    expect(await prepareOwn({ kind: 'file', file: 'x.png', bytes: png }, data, section)).toMatchObject({
      problems: [{ message: 'x.png begins with 0x89504E47, but a WAV file begins with RIFF; leave it out.' }],
    })
    const { recorded: _, ...fitted } = data.fitted
    const unknown = { ...data, fitted }
    expect(
      await prepareOwn({ kind: 'sound', samples: new Float32Array(1), rate: 8000 }, unknown, section),
    ).toMatchObject({
      problems: [{ code: 'own.kind' }],
    })
  })
})
