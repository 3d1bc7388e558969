import { describe, expect, test } from 'vitest'
import {
  formatCompact,
  formatCount,
  formatDuration,
  formatPercent,
  formatShort,
  formatValue,
  logTicks,
  roundStep,
  roundTicks,
} from '../../renderer/charts/numbers.ts'

describe('numbers for people', () => {
  test.each([
    [0, '0'],
    [0.28734, '0.2873'],
    [12.3456, '12.35'],
    [-1.5, '−1.500'],
    [0.99996, '1.000'],
    [1234.5, '1235'],
    [0.0000123, '1.23e−5'],
    [1e-4, '0.0001000'],
    [3.2e9, '3.2e9'],
    [NaN, 'not a number'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
  ])('%s is written %s', (value, text) => {
    expect(formatValue(value)).toBe(text)
  })

  test('what is read back is the value, to the digits that are shown', () => {
    for (let power = -12; power <= 12; power++) {
      for (const mantissa of [1, 1.23456, 4.9995, 9.9996]) {
        const value = mantissa * 10 ** power
        const read = Number(formatValue(value).replaceAll('−', '-'))
        expect(Math.abs(read - value)).toBeLessThanOrEqual(value * 0.5e-3)
      }
    }
  })

  test('short numbers lose the zeros at their end, and only those', () => {
    expect(formatShort(1.5)).toBe('1.5')
    expect(formatShort(100)).toBe('100')
    expect(formatShort(0.102)).toBe('0.102')
  })

  test('shares, counts and durations', () => {
    expect(formatPercent(0.93124)).toBe('93.1\u202f%')
    expect(formatPercent(1, 0)).toBe('100\u202f%')
    expect(formatCount(999)).toBe('999')
    expect(formatCount(1234567)).toBe('1,234,567')
    expect(formatCompact(950)).toBe('950')
    expect(formatCompact(12000)).toBe('12k')
    expect(formatCompact(1.5e6)).toBe('1.5M')
    expect(formatDuration(8)).toBe('0:08')
    expect(formatDuration(200)).toBe('3:20')
    expect(formatDuration(3725)).toBe('1:02:05')
    expect(formatDuration(59.7)).toBe('1:00')
  })
})

describe('ticks', () => {
  test('a round step is 1, 2 or 5 times a power of ten and the smallest that fits', () => {
    for (const span of [1, 3, 7.3, 99, 1e5, 0.004]) {
      for (const most of [2, 3, 5, 10]) {
        const step = roundStep(span, most)
        const mantissa = Number((step / 10 ** Math.floor(Math.log10(step) + 1e-9)).toFixed(6))
        expect([1, 2, 5]).toContain(mantissa)
        expect(span / step).toBeLessThanOrEqual(most + 1e-6)
        // The next finer one would be too many.
        const finer = mantissa === 1 ? step / 2 : mantissa === 2 ? step / 2 : step / 2.5
        expect(span / finer).toBeGreaterThan(most)
      }
    }
  })

  test('stand on multiples, inside the axis, evenly', () => {
    expect(roundTicks(0, 1, 5).map((tick) => Number(tick.toFixed(9)))).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(roundTicks(13, 47, 4)).toEqual([20, 30, 40])
    expect(roundTicks(0, 3, 10, 1)).toEqual([0, 1, 2, 3])
    expect(roundTicks(5, 5, 4)).toEqual([5])
  })

  test('of a logarithmic axis are powers of ten, finer ones where there is room', () => {
    expect(logTicks(0.01, 100, 5)).toEqual([0.01, 0.1, 1, 10, 100])
    expect(logTicks(1, 10, 4).map((tick) => Number(tick.toPrecision(6)))).toEqual([1, 2, 5, 10])
    expect(logTicks(1e-9, 1e9, 4).length).toBeLessThanOrEqual(5)
    expect(logTicks(0, 1, 4)).toEqual([])
    // Less than a decade without a power in it still gets a scale to read from.
    expect(logTicks(0.21, 0.29, 4).length).toBeGreaterThanOrEqual(2)
  })
})
