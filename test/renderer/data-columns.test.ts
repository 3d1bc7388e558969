import { describe, expect, test } from 'vitest'
import { describeColumn, kindRefusal, setKind, setRole, type ColumnSummary } from '../../renderer/data/columns.ts'
import { pixelsToRgba } from '../../renderer/data/pixels.ts'
import { placeOf } from '../../renderer/data/places.ts'
import { layoutScatter } from '../../renderer/data/scatter.ts'
import { problem } from '../../src/base/problem.ts'
import { targetOf } from '../../src/document/signature.ts'
import type { Column, DataSection } from '../../src/document/types.ts'

const columns: readonly Column[] = [
  { name: 'length', role: 'feature', kind: 'numeric' },
  { name: 'width', role: 'feature', kind: 'numeric' },
  { name: 'species', role: 'target', kind: 'categorical', categories: ['a', 'b'] },
]
const roles = (changed: readonly Column[]) => changed.map((column) => column.role)

describe('roles of columns', () => {
  test('a new categorical target takes the place of the old one', () => {
    const extra: Column = { name: 'colour', role: 'feature', kind: 'categorical', categories: ['x', 'y', 'z'] }
    const changed = setRole([...columns, extra], 'colour', 'target')
    expect(roles(changed)).toEqual(['feature', 'feature', 'feature', 'target'])
  })

  test('a number and a category are never targets together', () => {
    expect(roles(setRole(columns, 'width', 'target'))).toEqual(['feature', 'target', 'feature'])
  })

  test('several numbers may be targets together', () => {
    const one = setRole(columns, 'width', 'target')
    expect(roles(setRole(one, 'length', 'target'))).toEqual(['target', 'target', 'feature'])
  })

  test('a target that becomes categorical stands alone from then on', () => {
    const both = setRole(setRole(columns, 'width', 'target'), 'length', 'target')
    const changed = setKind(both, 'length', 'categorical', ['1', '2'])
    expect(roles(changed)).toEqual(['target', 'feature', 'feature'])
    const source = { kind: 'table', columns: changed } as unknown as DataSection['source']
    expect(targetOf({ source } as DataSection)).toEqual({ kind: 'classes', names: ['1', '2'] })
  })

  test('a column that becomes numeric has no categories any more, and nothing else changes', () => {
    const changed = setKind(columns, 'species', 'numeric', [])
    expect(changed[2]).toEqual({ name: 'species', role: 'target', kind: 'numeric' })
    expect(changed[0]).toBe(columns[0])
  })
})

describe('a column in words', () => {
  const numbers: ColumnSummary = {
    name: 'length',
    missing: 2,
    numbers: { min: 4.3, max: 7.9, mean: 5.8433 },
    top: [{ name: '5', count: 10 }],
    categories: undefined,
  }
  const names: ColumnSummary = {
    name: 'species',
    missing: 0,
    numbers: undefined,
    top: [{ name: 'a', count: 3 }],
    categories: ['a', 'b'],
  }

  test('says its range or its values, and what is missing', () => {
    expect(describeColumn(columns[0] as Column, numbers)).toBe('4.3 … 7.9, mean 5.84 · 2 missing')
    expect(describeColumn(columns[2] as Column, names)).toBe('2 values: a, b')
    expect(describeColumn(columns[0] as Column, undefined)).toBe('')
  })

  test('says why it cannot be of the other kind', () => {
    expect(kindRefusal(numbers, 'categorical')).toContain('too many')
    expect(kindRefusal(numbers, 'numeric')).toBeNull()
    expect(kindRefusal(names, 'numeric')).toContain('not numbers')
    expect(kindRefusal(names, 'categorical')).toBeNull()
  })
})

test('the place of a problem is named once', () => {
  const place = { file: 'iris.csv', line: 7, column: 'width' }
  expect(placeOf(problem('csv.number', '"abc" is not a number.', place))).toBe('iris.csv, line 7, column width')
  expect(placeOf(problem('csv.number', 'iris.csv line 7, column width: "abc" is not a number.', place))).toBe('')
  expect(placeOf(problem('idx.magic', 'This is no IDX file.', { file: 'a.idx', byte: 0 }))).toBe('a.idx, byte 0')
  expect(placeOf(problem('x', 'Nothing is known.'))).toBe('')
})

test('grey and coloured pixels reach the canvas as they are', () => {
  expect([...pixelsToRgba(Uint8Array.of(0, 128), 2, 1, 1)]).toEqual([0, 0, 0, 255, 128, 128, 128, 255])
  expect([...pixelsToRgba(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, 1, 3)]).toEqual([1, 2, 3, 255, 4, 5, 6, 255])
})

describe('points on a plane', () => {
  test('all lie inside the margins, and up is more', () => {
    const xs = [-1, 0, 3]
    const ys = [5, 6, 5.5]
    const place = layoutScatter(xs, ys, 200, 100, false)
    for (const x of xs) expect(place.x(x)).toBeGreaterThanOrEqual(10)
    for (const x of xs) expect(place.x(x)).toBeLessThanOrEqual(190)
    expect(place.y(6)).toBeCloseTo(10)
    expect(place.y(5)).toBeCloseTo(90)
  })

  test('a circle stays a circle', () => {
    const place = layoutScatter([-1, 1], [-1, 1], 400, 100, true)
    expect(place.x(1) - place.x(0)).toBeCloseTo(place.y(0) - place.y(1))
  })

  test('one point alone lies in the middle', () => {
    const place = layoutScatter([4], [4], 200, 100, true)
    expect([place.x(4), place.y(4)]).toEqual([100, 50])
  })
})
