import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import { decodePicture, readHeader } from '../../../src/data/pictures/index.ts'
import type { Pixels } from '../../../src/data/pictures/types.ts'
import { computing } from '../../helpers/computing.ts'
import { messageOf } from './ask.ts'
import { cases, picture, type Case } from './fixtures.ts'
import { chunk, greyPng, joined, png, rgbPng } from './make.ts'

/** Pillow gives grey BMPs and GIFs as grey, we as RGB: the colours are the same. */
function asChannels({ channels, data }: Pixels, wanted: number): Uint8Array {
  if (channels === wanted) return data
  return Uint8Array.from({ length: (data.length / channels) * wanted }, (_, i) => {
    return at(data, Math.floor(i / wanted) * channels + (i % wanted))
  })
}

/** The largest difference of any sample from Pillow's. */
async function farthest({ name, bytes, width, height, channels, pixels }: Case): Promise<number> {
  const { pixels: found } = await decodePicture({ file: name, bytes })
  expect([found.width, found.height]).toEqual([width, height])
  const data = asChannels(found, channels)
  expect(data.length).toBe(pixels.length)
  return data.reduce((most, value, i) => Math.max(most, Math.abs(value - at(pixels, i))), 0)
}

describe('pixels are those of Pillow, to the bit:', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    expect(await farthest(one)).toBe(0)
  })

  test('one that differs in a single sample does not pass', async () => {
    const one = picture('jpeg 2x2 33x35')
    const pixels = one.pixels.slice()
    pixels[1000] = at(pixels, 1000) ^ 1
    expect(await farthest({ ...one, pixels })).toBe(1)
  })
})

describe('headers', () => {
  test.each(cases.map((one) => [one.name, one] as const))('say size and orientation of %s', (file, one) => {
    const header = readHeader({ file, bytes: one.bytes })
    const sideways = header.orientation >= 5
    expect(sideways ? [header.height, header.width] : [header.width, header.height]).toEqual([one.width, one.height])
    expect(header.orientation).toBe(one.orientation ?? 1)
    expect(header.format.toLowerCase()).toBe(file.split(' ')[0])
  })

  test('come from the start of a file, or ask for more of it', () => {
    for (const { name, bytes } of cases) {
      const whole = readHeader({ file: name, bytes })
      // WebP's EXIF stands at its end, as does what tells whether a GIF moves, and nothing short of it is enough.
      const needed = /^(webp orientation|gif)/.test(name) ? bytes.length : 1200
      for (let length = 64; length < bytes.length; length += 16) {
        const early = readHeader({ file: name, bytes: bytes.subarray(0, length) }, 'start')
        if (early) expect(early).toEqual(whole)
        else expect(length, name).toBeLessThan(needed)
      }
    }
  })

  test('do not open what is zipped', () => {
    const bytes = png({ width: 8, height: 8, zipped: Uint8Array.of(1, 2, 3) })
    expect(readHeader({ file: 'x', bytes })).toMatchObject({ width: 8, height: 8 })
  })
})

describe('all eight orientations show the same arrow', () => {
  test.each(['jpeg', 'png', 'webp'])('of %s', async (format) => {
    const sizes = []
    for (let orientation = 1; orientation <= 8; orientation++) {
      const one = picture(`${format} orientation ${orientation}`)
      const { pixels, header } = await decodePicture({ file: one.name, bytes: one.bytes })
      expect(header.orientation).toBe(orientation)
      sizes.push([pixels.width, pixels.height])
    }
    expect(sizes).toEqual([...Array<number[]>(4).fill([20, 12]), ...Array<number[]>(4).fill([12, 20])])
  })

  test('and turning twice would show', async () => {
    const upright = picture('png orientation 1')
    const turned = picture('png orientation 6')
    expect([turned.width, turned.height]).toEqual([upright.height, upright.width])
    const { pixels } = await decodePicture({ file: 'x', bytes: turned.bytes })
    expect(Array.from(pixels.data.subarray(0, 3))).toEqual(
      Array.from(upright.pixels.subarray(11 * 20 * 3, 11 * 20 * 3 + 3)),
    )
  })
})

describe('cut off at any place, nothing is accepted by half:', () => {
  const names = [
    'png rgb 8',
    'png rgba 8 interlaced',
    'jpeg 2x2 17x9',
    'jpeg 2x2 17x9 progressive',
    'webp lossy 16x16',
    'webp lossless 16x16',
    'webp lossy alpha',
    'bmp 24',
    'bmp 4',
  ]
  test.each(names)('%s', async (name) => {
    const { bytes } = picture(name)
    const said = new Set<string>()
    for (let length = 0; length < bytes.length; length++) {
      const message = await messageOf(decodePicture({ file: 'x', bytes: bytes.subarray(0, length) }))
      said.add(message.replaceAll(/\d+/g, 'N'))
    }
    expect([...said]).toMatchSnapshot()
  })
})

describe('GIF', () => {
  test('cut off within its first frame is refused, and behind it is that frame', async () => {
    for (const name of ['gif 2 bits interlaced', 'gif transparent', 'gif moving']) {
      const { bytes } = picture(name)
      const { pixels } = await decodePicture({ file: 'x', bytes })
      let taken = 0
      const said = new Set<string>()
      for (let length = 0; length < bytes.length; length++) {
        const cut = { file: 'x', bytes: bytes.subarray(0, length) }
        const decoded = await decodePicture(cut).catch(() => undefined)
        if (decoded) {
          expect(decoded.pixels).toEqual(pixels)
          taken++
        } else {
          // Nothing shorter than what is taken is taken.
          expect(taken).toBe(0)
          said.add((await messageOf(decodePicture(cut))).replaceAll(/\d+/g, 'N'))
        }
      }
      expect(taken).toBeGreaterThan(0)
      expect(taken).toBeLessThan(name === 'gif moving' ? bytes.length / 1.4 : 10)
      expect([...said].filter((message) => !/^x (is cut off: |is text|is empty)/.test(message))).toEqual([])
    }
  })

  test('that moves says so, and one that is still does not', () => {
    const animated = (name: string) => readHeader({ file: name, bytes: picture(name).bytes }).animated
    expect(animated('gif moving')).toBe(true)
    expect(animated('gif transparent')).toBeUndefined()
    expect(readHeader({ file: 'x', bytes: picture('gif of 1 bits, by hand').bytes }).colour).toBe('palette, 1 bit')
  })

  test('what is transparent shows the ground', async () => {
    const { pixels, width } = picture('gif transparent')
    const clear = [...pixels].flatMap((value, i) => (i % 4 === 3 && value === 0 ? [(i - 3) / 4] : []))
    expect(clear.length).toBeGreaterThan(5)
    expect(clear.length).toBeLessThan(width * 11 - 5)
  })
})

describe('PNG', () => {
  test('pixels may come in many chunks, even of nothing', async () => {
    const whole = greyPng(5, 4, (i) => i * 12)
    const { pixels } = await decodePicture({ file: 'x', bytes: whole })
    const idat = whole.subarray(8 + 25 + 8, whole.length - 12 - 4)
    const pieces = [...idat].flatMap((byte) => [chunk('IDAT', Uint8Array.of(byte)), chunk('IDAT')])
    const parts = joined(whole.subarray(0, 33), ...pieces, chunk('IEND'))
    expect((await decodePicture({ file: 'x', bytes: parts })).pixels).toEqual(pixels)
  })

  test('that is larger than what is unzipped at once', async () => {
    let seed = 1
    const noise = Uint8Array.from({ length: 300 * 3 * 200 }, () => (seed = (seed * 48271) % 2147483647) & 255)
    const bytes = rgbPng(300, 200, (i) => at(noise, i))
    expect(bytes.length).toBeGreaterThan(150_000)
    expect((await decodePicture({ file: 'x', bytes })).pixels.data).toEqual(noise)
  })

  test('16 bits are cut to their upper byte', async () => {
    const raw = Uint8Array.of(0, 0x12, 0xff, 0xff, 0x00, 0x80, 0x7f)
    const { pixels } = await decodePicture({ file: 'x', bytes: png({ width: 3, height: 1, depth: 16, raw }) })
    expect(Array.from(pixels.data)).toEqual([0x12, 0xff, 0x80])
  })
})

test('a bomb is given up within a second and 300 MB', async () => {
  const zipped = deflateSync(new Uint8Array(100_000_000), { level: 9 })
  const bytes = png({ width: 5000, height: 5000, zipped })
  const before = process.memoryUsage().rss
  const took = computing()
  expect(await messageOf(decodePicture({ file: 'x', bytes }))).toBe(
    'x holds more pixels than the 5000 × 5000 that its header says; save it as PNG again.',
  )
  expect(took()).toBeLessThan(1000)
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6)
})
