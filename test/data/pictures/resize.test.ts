import { describe, expect, test } from 'vitest'
import { at } from '../../../src/base/assert.ts'
import { Rng } from '../../../src/base/rng.ts'
import { fitInto, flatten, isGrey, type Fit, type Target } from '../../../src/data/pictures/resize.ts'
import type { Pixels } from '../../../src/data/pictures/types.ts'
import { luma, sizes } from './fixtures.ts'

function noise(height: number, width: number, channels: Pixels['channels'], seed = 1): Pixels {
  const rng = new Rng(seed, 'pixels')
  return {
    height,
    width,
    channels,
    data: Uint8Array.from({ length: height * width * channels }, () => rng.integer(256)),
  }
}

function fitted(picture: Pixels, target: Partial<Target> & { height: number; width: number }): Uint8Array {
  const full: Target = { channels: 1, fit: 'stretch', background: 255, ...target }
  const to = new Uint8Array(full.height * full.width * full.channels)
  fitInto(picture, full, to)
  return to
}

/** New pixel (y, x) by sixty-four points in each of its directions, or by interpolation: slow, and by other means. */
function naive({ height, width, channels, data }: Pixels, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns * channels)
  const weights = (size: number, to: number, i: number) => {
    const scale = size / to
    const list = new Float64Array(size)
    for (let p = 0; p < size; p++) {
      list[p] =
        scale > 1
          ? Math.max(0, Math.min(p + 1, (i + 1) * scale) - Math.max(p, i * scale)) / scale
          : Math.max(0, 1 - Math.abs(Math.min(size - 1, Math.max(0, (i + 0.5) * scale - 0.5)) - p))
    }
    return list
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const down = weights(height, rows, i)
      const across = weights(width, columns, j)
      for (let c = 0; c < channels; c++) {
        let sum = 0
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) sum += at(down, y) * at(across, x) * at(data, (y * width + x) * channels + c)
        out[(i * columns + j) * channels + c] = sum
      }
    }
  }
  return out
}

describe('sizes', () => {
  const shapes = [
    [9, 13, 4, 5],
    [7, 7, 7, 3],
    [5, 6, 11, 17],
    [4, 20, 9, 6],
    [3, 3, 1, 1],
    [1, 1, 5, 4],
    [2, 31, 3, 30],
  ] as const
  test.each(shapes)('from %i × %i to %i × %i are those of naive sums', (height, width, rows, columns) => {
    for (const channels of [1, 3] as const) {
      const picture = noise(height, width, channels)
      const found = fitted(picture, { height: rows, width: columns, channels })
      const expected = naive(picture, rows, columns)
      const most = found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - at(expected, i))), 0)
      expect(most).toBeLessThanOrEqual(0.5 + 1e-4)
      // The same upside down is another picture, and would not pass.
      const wrong = naive({ ...picture, data: picture.data.toReversed() }, rows, columns)
      if (height * width > 1 && rows * columns > 1)
        expect(found.some((value, i) => Math.abs(value - at(wrong, i)) > 1)).toBe(true)
    }
  })

  test.each(sizes.map((one) => [one.from.join(' × '), one.to.join(' × '), one] as const))(
    'from %s to %s are those of Pillow',
    (_, __, { from: [height, width, channels], to: [rows, columns], pixels, small }) => {
      const found = fitted({ height, width, channels, data: pixels }, { height: rows, width: columns, channels })
      // Pillow rounds to bytes between the axes.
      const most = found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - at(small, i))), 0)
      expect(most).toBeLessThanOrEqual(1)
    },
  )

  test('that are right already change nothing', () => {
    for (const fit of ['crop', 'pad', 'stretch'] satisfies Fit[]) {
      const picture = noise(6, 7, 3)
      expect(fitted(picture, { height: 6, width: 7, channels: 3, fit })).toEqual(picture.data)
    }
  })
})

describe('other shapes', () => {
  const picture = noise(8, 20, 1)

  test('lose their edges', () => {
    const found = fitted(picture, { height: 8, width: 8, fit: 'crop' })
    const middle = Array.from({ length: 64 }, (_, i) => at(picture.data, Math.floor(i / 8) * 20 + 6 + (i % 8)))
    expect(Array.from(found)).toEqual(middle)
    // Four columns of the sixteen in the middle make one.
    const small = fitted(picture, { height: 2, width: 2, fit: 'crop' })
    const sum = (row: number, column: number) => {
      let all = 0
      for (let y = 0; y < 4; y++)
        for (let x = 0; x < 4; x++) all += at(picture.data, (4 * row + y) * 20 + 6 + 4 * column + x)
      return Math.round(all / 16)
    }
    expect(Array.from(small)).toEqual([sum(0, 0), sum(0, 1), sum(1, 0), sum(1, 1)])
  })

  test('or get a margin', () => {
    const found = fitted(picture, { height: 20, width: 20, fit: 'pad', background: 7 })
    expect(Array.from(found.subarray(0, 120))).toEqual(Array<number>(120).fill(7))
    expect(found.subarray(120, 280)).toEqual(picture.data)
    expect(Array.from(found.subarray(280))).toEqual(Array<number>(120).fill(7))
  })

  test('a line stays a line within its margin', () => {
    const line: Pixels = { width: 1000, height: 1, channels: 1, data: new Uint8Array(1000).fill(200) }
    const found = fitted(line, { height: 10, width: 10, fit: 'pad', background: 0 })
    expect(found.filter((value) => value === 200).length).toBe(10)
    expect(found.filter((value) => value === 0).length).toBe(90)
  })
})

describe('colours', () => {
  test('become grey as in Pillow', () => {
    const picture: Pixels = { width: 16, height: 16, channels: 3, data: luma.rgb }
    expect(flatten(picture, 1, 255)).toEqual(luma.grey)
    expect(flatten({ ...picture, data: luma.rgb.toReversed() }, 1, 255)).not.toEqual(luma.grey)
  })

  test('lie over the background where they are transparent', () => {
    for (const background of [0, 128, 255]) {
      const picture = noise(5, 5, 4)
      const found = flatten(picture, 3, background)
      for (let i = 0; i < 25; i++) {
        const alpha = at(picture.data, 4 * i + 3)
        for (let c = 0; c < 3; c++) {
          const exact = (at(picture.data, 4 * i + c) * alpha + background * (255 - alpha)) / 255
          expect(Math.abs(at(found, 3 * i + c) - exact)).toBeLessThanOrEqual(0.5)
        }
      }
    }
  })

  test('grey with alpha becomes grey or RGB', () => {
    const picture: Pixels = { width: 2, height: 1, channels: 2, data: Uint8Array.of(100, 255, 9, 0) }
    expect(Array.from(flatten(picture, 1, 50))).toEqual([100, 50])
    expect(Array.from(flatten(picture, 3, 50))).toEqual([100, 100, 100, 50, 50, 50])
  })

  test('of which none is one are known', () => {
    expect(isGrey({ width: 2, height: 1, channels: 3, data: Uint8Array.of(5, 6, 7, 200, 200, 199) })).toBe(true)
    expect(isGrey({ width: 2, height: 1, channels: 4, data: Uint8Array.of(5, 5, 5, 0, 200, 200, 190, 255) })).toBe(
      false,
    )
    expect(isGrey(noise(3, 3, 2))).toBe(true)
  })
})
