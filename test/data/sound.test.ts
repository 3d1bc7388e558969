import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { attemptAsync, problem, ProblemError } from '../../src/base/problem.ts'
import { readParams } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { memoryFile, unwatched } from '../../src/data/files.ts'
import sound from '../../src/data/readers/sound.ts'
import { Resampler } from '../../src/data/sound/resample.ts'
import { analyse, fourierOf, frameCount, mostBands, spectrogram } from '../../src/data/sound/spectrum.ts'
import type { DataFile, Job, HeldExamples } from '../../src/data/types.ts'
import { chunk, extensible, float32, pcm16, wavBytes, type WavParts } from './sounds.ts'

interface Fixtures {
  resample: { from: number; to: number; x: number[]; y: number[] }[]
  fourier: { x: number[]; re: number[]; im: number[] }[]
  spectra: { rate: number; frame: number; hop: number; mels: number; x: number[]; shape: number[]; y: number[] }[]
  files: { kind: string; bytes: string; y: number[] }[]
  laws: { aLaw: number[]; muLaw: number[] }
}
const fixtures = JSON.parse(readFileSync(new URL('fixtures/sound.json', import.meta.url), 'utf8')) as Fixtures

type Options = { [name: string]: number | boolean | string }

async function read(files: readonly DataFile[], options: Options = {}, job: Job = unwatched) {
  const { values, problems } = readParams(sound.options, { as: 'sequence', ...options }, 'Sound')
  expect(problems).toEqual([])
  const result = await attemptAsync(() => sound.read(files, values, job))
  return result.ok ? { ...result.value, data: result.value.data as HeldExamples, says: [] } : { says: result.problems }
}
async function taken(files: readonly DataFile[], options: Options = {}) {
  const result = await read(files, options)
  if (!('data' in result)) throw new Error(result.says.map(({ message }) => message).join(' | '))
  return result
}
const wav = (name: string, parts: WavParts = {}) => memoryFile(name, wavBytes(parts))
const silence = () => wav('no/0.wav', { body: pcm16([0, 0, 0, 0]) })
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))),
    a.length === b.length ? 0 : NaN,
  )
const factsOf = (facts: readonly { label: string; value: string }[]) =>
  Object.fromEntries(facts.map(({ label, value }) => [label, value]))

describe('resampling', () => {
  test.each(fixtures.resample)('$from to $to Hz is that of scipy', ({ from, to, x, y }) => {
    const resampler = new Resampler(from, to)
    expect(resampler.lengthOf(x.length)).toBe(y.length)
    const out = new Float32Array(y.length)
    resampler.fill(Float32Array.from(x), x.length, out, 0, y.length)
    expect(distance(out, y)).toBeLessThan(3e-5)
    // Nearest neighbour, of the same length, is far away.
    const crude = y.map((_, i) => x[Math.round((i * from) / to)] ?? 0)
    expect(distance(crude, y)).toBeGreaterThan(0.05)
  })

  test('a sine stays a sine of the same pitch and size', () => {
    for (const [from, to, pitch] of [
      [44100, 16000, 1000],
      [8000, 48000, 700],
      // No common divisor to speak of: the places are rounded.
      [44101, 15999, 1000],
    ] as const) {
      const input = Float32Array.from({ length: from }, (_, i) => Math.sin((2 * Math.PI * pitch * i) / from))
      const resampler = new Resampler(from, to)
      const out = new Float32Array(resampler.lengthOf(from))
      resampler.fill(input, from, out, 0, out.length)
      const middle = Array.from(out.keys()).slice(1000, -1000)
      const off = middle.map((i) => Math.abs((out[i] ?? NaN) - Math.sin((2 * Math.PI * pitch * i) / to)))
      expect(Math.max(...off)).toBeLessThan(2e-3)
    }
  })

  test('what the new rate cannot hold is gone, not folded back', () => {
    const input = Float32Array.from({ length: 16000 }, (_, i) => Math.sin((2 * Math.PI * 6000 * i) / 16000))
    const out = new Float32Array(8000)
    new Resampler(16000, 8000).fill(input, 16000, out, 0, 8000)
    expect(Math.max(...out.subarray(100, -100).map(Math.abs))).toBeLessThan(5e-3)
    // Every second sample would be a sine of 2000 Hz.
    expect(Math.max(...input.filter((_, i) => i % 2 === 0))).toBeGreaterThan(0.9)
  })

  test('a part comes out as it does in the whole', () => {
    const rng = new Rng(3, 'part')
    const input = Float32Array.from({ length: 3000 }, () => rng.uniform(-1, 1))
    const resampler = new Resampler(44100, 16000)
    const whole = new Float32Array(resampler.lengthOf(3000))
    resampler.fill(input, 3000, whole, 0, whole.length)
    const part = new Float32Array(500)
    const needed = resampler.needed(500)
    expect(needed).toBeLessThan(2000)
    resampler.fill(input.subarray(0, needed), needed, part, 0, 300)
    resampler.fill(input.subarray(0, needed), needed, part, 300, 500)
    expect(part).toEqual(whole.subarray(0, 500))
    resampler.fill(input.subarray(0, 1300), 1300, part, 0, 500)
    expect(part).not.toEqual(whole.subarray(0, 500))
  })
})

describe('spectra', () => {
  test.each(fixtures.fourier)('the transform of $x.length points is that of numpy', ({ x, re, im }) => {
    const [real, imaginary] = [Float64Array.from(x), new Float64Array(x.length)]
    fourierOf(x.length)(real, imaginary)
    expect(distance(real, re)).toBeLessThan(1e-7)
    expect(distance(imaginary, im)).toBeLessThan(1e-7)
    if (x.length > 2)
      expect(
        distance(
          imaginary.map((value) => -value),
          im,
        ),
      ).toBeGreaterThan(0.1)
  })

  test.each(fixtures.spectra)('$mels mel bands of frames of $frame at $rate Hz are those of numpy', (fixture) => {
    const { rate, frame, hop, mels, x, shape, y } = fixture
    const spectrum = spectrogram(frame, hop, mels, rate)
    expect([frameCount(spectrum, x.length), spectrum.bins]).toEqual(shape)
    const out = new Float32Array(y.length)
    analyse(spectrum, Float32Array.from(x), out, 0, shape[0] ?? 0)
    expect(distance(out, y)).toBeLessThan(1e-4)
    // Another hop is another spectrogram.
    analyse({ ...spectrum, hop: hop - 1 }, Float32Array.from(x), out, 0, shape[0] ?? 0)
    expect(distance(out, y)).toBeGreaterThan(0.1)
  })

  test('a sine of half the volume has -6 dB at its own frequency and the floor far from it', () => {
    const spectrum = spectrogram(256, 128, 0, 8000)
    const samples = Float32Array.from({ length: 1024 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 1000 * i) / 8000))
    const out = new Float32Array(7 * 129)
    analyse(spectrum, samples, out, 0, 7)
    for (let t = 0; t < 7; t++) {
      expect(out[t * 129 + 32]).toBeCloseTo(20 * Math.log10(0.5), 4)
      expect(out[t * 129 + 100]).toBeCloseTo(-100, 4)
    }
  })

  test('as many mel bands as hear something', () => {
    for (const [points, rate] of [
      [256, 16000],
      [512, 16000],
      [1024, 44100],
    ] as const) {
      const most = mostBands(512, points, rate)
      const deaf = (count: number) =>
        spectrogram(points, 1, count, rate).bands.some(({ weights }) => !weights.some((w) => w > 0))
      expect(most).toBeGreaterThan(10)
      expect(deaf(most)).toBe(false)
      expect(Array.from({ length: 512 - most }, (_, i) => most + 1 + i).every(deaf)).toBe(true)
    }
  })
})

describe('samples', () => {
  test.each(fixtures.files)('$kind are what scipy reads', async ({ bytes, y }) => {
    const file = memoryFile('yes/0.wav', Uint8Array.from(Buffer.from(bytes, 'hex')))
    const { data } = await taken([file, silence()], { seconds: 6 / 8000 })
    expect(data.targets).toEqual(Int32Array.of(0, 1))
    expect(distance(data.features.subarray(6), y)).toBeLessThan(1e-7)
    expect(
      distance(
        data.features.subarray(6),
        y.map((value) => -value),
      ),
    ).toBeGreaterThan(0.1)
  })

  test.each([
    ['aLaw', 6],
    ['muLaw', 7],
  ] as const)('all 256 codes of %s', async (law, format) => {
    const body = Uint8Array.from({ length: 256 }, (_, i) => i)
    const { data, facts } = await taken([silence(), wav('yes/0.wav', { format, bits: 8, body })], {
      seconds: 256 / 8000,
    })
    const read = Array.from(data.features.subarray(256), (value) => value * 2 ** 15)
    expect(read).toEqual(fixtures.laws[law])
    expect(read).not.toEqual(fixtures.laws[law === 'aLaw' ? 'muLaw' : 'aLaw'])
    expect(factsOf(facts)['Samples']).toBe(`16-bit integers, ${law === 'aLaw' ? 'A-law' : 'µ-law'}`)
  })

  test('extensible headers, odd chunks and lists are passed over', async () => {
    const [one, two, three] = [Uint8Array.of(7), Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3)]
    const parts = {
      formatBody: extensible(1),
      before: [chunk('LIST', three)],
      between: [chunk('fact', two), chunk('odd ', one)],
    }
    const { data } = await taken([silence(), wav('yes/0.wav', { ...parts, after: [chunk('LIST', one)] })])
    expect(Array.from(data.features.subarray(4))).toEqual([0, 0.5, -0.5, Math.fround(32767 / 32768)])
  })

  test('a header that is longer than what is known of a file at first', async () => {
    const parts = { between: [chunk('LIST', new Uint8Array(9001))] }
    const { data } = await taken([silence(), wav('yes/0.wav', parts)])
    expect(data.features[5]).toBe(0.5)
  })

  test('what is louder than it may be is cut off, and said', async () => {
    const loud = wav('yes/0.wav', { format: 3, bits: 32, body: float32([0.5, 2, -3, 1]) })
    const { data, bad } = await taken([silence(), loud])
    expect(Array.from(data.features.subarray(4))).toEqual([0.5, 1, -1, 1])
    expect(bad).toMatchObject({ skipped: 0, repaired: 1 })
    expect(bad.problems.map(({ message }) => message)).toEqual([
      'yes/0.wav has samples of up to 3.00, beyond -1 to 1; they are cut off there.',
    ])
  })
})

describe('a set', () => {
  const tone = (length: number, rate = 8000, channels = 1) => ({
    rate,
    channels,
    body: pcm16(Array.from({ length: length * channels }, (_, i) => 100 + i)),
  })

  test('has a class for each folder, in order, whatever the order of the files', async () => {
    const names = ['10/a.wav', '9/b.wav', 'x/9/c.wav', '10/d.wav', 'x/10/e.wav']
    const files = names.map((name) => wav(name))
    const { data } = await taken(files)
    expect(data.target).toEqual({ kind: 'classes', names: ['9', '10'] })
    expect(data.names).toEqual(['10/a.wav', '10/d.wav', '9/b.wav', 'x/10/e.wav', 'x/9/c.wav'])
    expect(Array.from(data.targets)).toEqual([1, 1, 0, 1, 0])
    expect(await taken([...files].reverse())).toEqual(await taken(files))
  })

  test('has one length, the middle one, and counts what was filled up and cut', async () => {
    const files = [wav('a/1.wav', tone(10)), wav('a/2.wav', tone(4)), wav('b/1.wav', tone(6)), wav('b/2.wav', tone(6))]
    const { data, facts } = await taken(files)
    expect(data.shape).toEqual([6, 1])
    expect(Array.from(data.features.subarray(6, 12), (x) => x * 32768)).toEqual([100, 101, 102, 103, 0, 0])
    expect(factsOf(facts)).toEqual({
      Recordings: '4 in 2 classes',
      Length: '0.00075 s, of 0.0005 s to 0.00125 s',
      'Filled up with silence': '1',
      Cut: '1',
      'Sampling rate': '8000 Hz',
      Channels: '1',
      Samples: '16-bit integers',
    })
    expect((await taken(files, { seconds: 0.00125 })).data.shape).toEqual([10, 1])
  })

  test('has one rate and one channel', async () => {
    const files = [wav('a/1.wav', tone(80)), wav('a/2.wav', tone(80, 8000, 2)), wav('b/1.wav', tone(160, 16000))]
    const { data, facts } = await taken(files)
    expect(data.shape).toEqual([80, 1])
    expect(factsOf(facts)).toMatchObject({
      'Sampling rate': '8000 Hz; 1 resampled from 16000 Hz',
      Channels: '1, 2, mixed to one',
      Length: '0.01 s',
    })
    // Two channels 100, 101, 102, 103, … have the means 100.5, 102.5, …
    expect(Array.from(data.features.subarray(80, 83), (x) => x * 32768)).toEqual([100.5, 102.5, 104.5])
    // A ramp at half the rate is twice as steep.
    expect((data.features[200] ?? NaN) * 32768).toBeCloseTo(180, 0)
    expect((await taken(files, { rate: 4000 })).data.shape).toEqual([40, 1])
  })

  test('a recording that is cut and resampled is what it is when it is resampled and cut', async () => {
    const rng = new Rng(1, 'cut')
    const body = pcm16(Array.from({ length: 4000 }, () => rng.integer(60000) - 30000))
    const files = [wav('a/1.wav', { rate: 44100, body }), wav('b/1.wav', { rate: 44100, body })]
    const whole = (await taken(files, { rate: 16000 })).data
    const short = (await taken(files, { rate: 16000, seconds: 0.02 })).data
    expect(short.shape).toEqual([320, 1])
    expect(short.features.subarray(0, 320)).toEqual(whole.features.subarray(0, 320))
  })

  test('as spectrograms', async () => {
    const sine = pcm16(Array.from({ length: 8000 }, (_, i) => 16384 * Math.sin((2 * Math.PI * 1000 * i) / 8000)))
    const files = [wav('a/1.wav', { body: sine }), wav('b/1.wav', { body: new Uint8Array(16000) })]
    const { data, facts } = await taken(files, { as: 'spectrogram', mels: 0 })
    // 32 and 16 ms are 256 and 128 samples.
    expect(data.shape).toEqual([61, 129, 1])
    expect(data.features[32]).toBeCloseTo(-6.02, 2)
    expect(data.features.subarray(61 * 129).every((level) => level === -100)).toBe(true)
    expect(factsOf(facts)['Spectrogram']).toBe('61 frames of 129 frequencies, in decibels')
    const mel = await taken(files, { as: 'spectrogram' })
    expect(mel.data.shape).toEqual([61, 40, 1])
    expect(factsOf(mel.facts)['Spectrogram']).toBe('61 frames of 40 mel bands, in decibels')
  })

  test('lists exactly the bad files, and goes on with the others', async () => {
    const rng = new Rng(5, 'bad')
    const wrong = new Set(Array.from({ length: 12 }, () => rng.integer(600)))
    const files = Array.from({ length: 600 }, (_, i) =>
      wav(`${i % 2}/${i}.wav`, wrong.has(i) ? { dataSize: 9 } : tone(4)),
    )
    const { data, bad } = await taken(files)
    expect(bad.skipped).toBe(wrong.size)
    expect(new Set(bad.problems.map(({ place }) => place?.file))).toEqual(
      new Set([...wrong].map((i) => `${i % 2}/${i}.wav`)),
    )
    expect(data.count).toBe(600 - wrong.size)
    expect(data.features).toHaveLength(4 * data.count)
    const refused = await read(files, { skip: false })
    expect(refused.says).toHaveLength(wrong.size)
  })

  test('of which samples turn out to be no numbers leaves those out', async () => {
    const odd = { format: 3, bits: 32, body: float32([0.25, NaN, 0, 0]) }
    const { data, bad } = await taken([wav('a/1.wav', tone(4)), wav('a/2.wav', odd), wav('b/1.wav', tone(4))])
    expect(data.names).toEqual(['a/1.wav', 'b/1.wav'])
    expect(data.features).toHaveLength(8)
    expect(Array.from(data.features.subarray(4), (x) => x * 32768)).toEqual([100, 101, 102, 103])
    expect(bad.skipped).toBe(1)
  })

  test('can be given up while it is read', async () => {
    let left = 3
    const job: Job = {
      pause() {
        if (left-- > 0) return Promise.resolve()
        return Promise.reject(new ProblemError(problem('stopped', 'Stopped.')))
      },
      progress: () => undefined,
    }
    const files = [wav('a/1.wav', tone(4)), wav('b/1.wav', tone(4))]
    expect((await read(files, {}, job)).says.map(({ code }) => code)).toEqual(['stopped'])
  })

  test('that is unzipped on the way is the same', async () => {
    const zipped = (file: DataFile): DataFile => ({ ...file, name: `${file.name}.gz`, length: undefined, size: 9 })
    const files = [wav('a/1.wav', tone(4)), wav('b/1.wav', tone(4))]
    expect(files.map(zipped).every((file) => sound.accepts([file]))).toBe(true)
    expect((await taken(files.map(zipped))).data.features).toEqual((await taken(files)).data.features)
  })
})

test('who accepts what', () => {
  const other = memoryFile('readme.txt', new Uint8Array(9))
  const mine = memoryFile('a/.DS_Store', new Uint8Array(9))
  expect(sound.accepts([])).toBe(false)
  expect(sound.accepts([wav('a/1.wav')])).toBe(true)
  expect(sound.accepts([wav('a/1')])).toBe(true)
  expect(sound.accepts([wav('a/1.wav'), other, mine, mine])).toBe(true)
  expect(sound.accepts([wav('a/1.wav'), other, other])).toBe(false)
  expect(sound.accepts([other])).toBe(false)
  expect(sound.accepts([memoryFile('a/1.mp3', new Uint8Array(9))])).toBe(true)
})

describe('damaged files', () => {
  test('give sentences or sounds, never exceptions', async () => {
    const rng0 = new Rng(0, 'body')
    const bodies = [
      wavBytes({
        between: [chunk('LIST', Uint8Array.of(1, 2, 3))],
        body: pcm16(Array.from({ length: 40 }, () => rng0.integer(999))),
      }),
      wavBytes({ formatBody: extensible(3, { bits: 32 }), body: float32([0.5, -0.5, 0.1, 0.2]) }),
      wavBytes({ format: 7, bits: 8, body: new Uint8Array(33) }),
    ]
    let fine = 0
    let refused = 0
    for (let seed = 0; seed < 3000; seed++) {
      const rng = new Rng(seed, 'wav')
      const bytes = mutate(bodies[seed % 3] ?? new Uint8Array(), rng)
      const as = seed % 2 === 0 ? 'sequence' : 'spectrogram'
      try {
        const options = { as, mels: 0, seconds: 0.002, rate: 8000 }
        const files = [silence(), memoryFile('yes/0.wav', bytes), memoryFile('yes/1.wav', wavBytes())]
        const result = await read(files, options)
        if (!('data' in result)) throw new Error(result.says.map(({ message }) => message).join())
        expect(result.data.features.every(Number.isFinite)).toBe(true)
        if (result.bad.skipped > 0) {
          refused++
          expect(result.bad.problems[0]?.message).toMatch(/^yes\/0\.wav [^\n]+\.$/)
          expect(result.bad.problems[0]?.message).not.toMatch(/undefined|NaN|null/)
        } else fine++
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
    }
    expect(fine).toBeGreaterThan(500)
    expect(refused).toBeGreaterThan(1000)
  })
})

/** A few bytes changed, put in, taken out or cut off, mostly in the header. */
function mutate(bytes: Uint8Array, rng: Rng): Uint8Array {
  let all = [...bytes]
  for (let k = 1 + rng.integer(3); k > 0; k--) {
    const i = rng.integer(rng.integer(2) ? Math.min(60, all.length) : all.length)
    const byte = [0, 1, 2, 0x7f, 0x80, 0xff][rng.integer(8)] ?? rng.integer(256)
    const kind = rng.integer(5)
    if (kind < 2) all[i] = byte
    if (kind === 2) all.splice(i, 0, byte)
    if (kind === 3) all.splice(i, 1 + rng.integer(5))
    if (kind === 4) all = all.slice(0, rng.integer(4) === 0 ? i : all.length)
  }
  return Uint8Array.from(all)
}
