import { expect, test } from 'vitest'
import { canonicalJson, contentHash, showNumber } from '../../src/base/hash.ts'
import { axisNames, sameShape, showAxes, showBytes, showShape, sizeOf, stridesOf } from '../../src/base/shape.ts'

test('sizes and strides count elements row by row', () => {
  expect([[], [3], [2, 0], [2, 3, 4]].map(sizeOf)).toEqual([1, 3, 0, 24])
  expect([[], [3], [2, 3, 4]].map(stridesOf)).toEqual([[], [1], [12, 4, 1]])
  expect(sameShape([2, 3], [2, 3])).toBe(true)
  expect([sameShape([2, 3], [3, 2]), sameShape([2], [2, 1]), sameShape([], [1])]).toEqual([false, false, false])
  expect(showShape([2, 3])).toBe('[2, 3]')
})

test('bytes are shown in decimal units with three figures at most', () => {
  expect([0, 999, 1000, 12_345, 123_456, 4e9, 1e18].map(showBytes)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.00 kB',
    '12.3 kB',
    '123 kB',
    '4.00 GB',
    '1.00 EB',
  ])
})

test('equal values have equal names, whatever the order of their fields', () => {
  expect(canonicalJson({ b: [1, { d: 2, c: 3 }], a: null })).toBe('{"a":null,"b":[1,{"c":3,"d":2}]}')
  expect(contentHash({ a: 1, b: 2 })).toBe(contentHash({ b: 2, a: 1 }))
  const names = [{ a: 1 }, { a: 2 }, { b: 1 }, [1], 'a', [], {}, [[1]], null].map(contentHash)
  expect(new Set(names).size).toBe(names.length)
  expect(names.every((name) => /^[0-9a-f]{16}$/.test(name))).toBe(true)
})

test('numbers without JSON have texts of their own', () => {
  const numbers = [0, -0, Infinity, -Infinity, NaN, 1, 0.1]
  expect(numbers.map(showNumber)).toEqual(['0', '-0', 'Infinity', '-Infinity', 'NaN', '1', '0.1'])
})

test('axes have names, by how many there are', () => {
  expect([[], [2], [2, 3], [2, 3, 4], [2, 28, 28, 8], [2, 3, 4, 5, 6]].map(axisNames)).toEqual([
    [],
    ['batch'],
    ['batch', 'features'],
    ['batch', 'steps', 'features'],
    ['batch', 'height', 'width', 'channels'],
    ['batch', 'axis 1', 'axis 2', 'axis 3', 'channels'],
  ])
  expect(showAxes([2, 28, 28, 8])).toBe('batch × height 28 × width 28 × channels 8')
  expect(showAxes([])).toBe('a single number')
})
