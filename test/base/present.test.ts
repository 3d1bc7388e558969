import { expect, test } from 'vitest'
import { present } from '../../src/base/present.ts'

interface Point {
  readonly x: number
  readonly y?: number
  readonly name?: string
}

test('leaves out what is undefined, and nothing else', () => {
  expect(Object.keys(present<Point>({ x: 0, y: undefined, name: '' }))).toEqual(['x', 'name'])
  expect(present<Point>({ x: NaN, y: 0 })).toEqual({ x: NaN, y: 0 })
})

test('a field that must be there may not be undefined', () => {
  // @ts-expect-error x is no optional field
  expect(Object.keys(present<Point>({ x: undefined, y: 1 }))).toEqual(['y'])
})
