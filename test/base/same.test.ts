import { expect, test } from 'vitest'
import { sameValue } from '../../src/base/same.ts'

test.each<readonly [unknown, unknown]>([
  [1, 1],
  [NaN, NaN],
  ['a', 'a'],
  [
    { a: [1, { b: null }], c: undefined },
    { c: undefined, a: [1, { b: null }] },
  ],
  [[], []],
])('%j and %j are equal', (a, b) => {
  expect(sameValue(a, b)).toBe(true)
  expect(sameValue(b, a)).toBe(true)
})

test.each<readonly [unknown, unknown]>([
  [0, -0],
  [1, '1'],
  [Infinity, NaN],
  [[1], [1, 2]],
  [[1], { 0: 1 }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: undefined }, { b: undefined }],
  [{ toString: undefined }, {}],
  [null, {}],
  [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
])('%j and %j are not', (a, b) => {
  expect(sameValue(a, b)).toBe(false)
  expect(sameValue(b, a)).toBe(false)
})

test('what is excepted does not count, however deep, but all else does', () => {
  const of = (path: string, size: number) => [{ path, inner: { path, size } }]
  expect(sameValue(of('a', 1), of('b', 1), 'path')).toBe(true)
  expect(sameValue(of('a', 1), of('b', 1))).toBe(false)
  expect(sameValue(of('a', 1), of('b', 2), 'path')).toBe(false)
})
