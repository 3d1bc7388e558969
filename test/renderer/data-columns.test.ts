import { describe, expect, test } from 'vitest'
import {
  describeColumn,
  describeRecipe,
  kindRefusal,
  setKind,
  setMethod,
  setRecipe,
  setRole,
  withColumns,
  type ColumnSummary,
  type Recipe,
} from '../../renderer/data/columns.ts'
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

describe('recipes of columns', () => {
  const recipe = (of: readonly Column[], name: string, change: Recipe) =>
    setRecipe(of, name, change).find((column) => column.name === name)

  test('hold what differs, and nothing that is default again', () => {
    expect(recipe(columns, 'length', { scale: 'log' })).toEqual({ ...columns[0], scale: 'log' })
    const cut = setRecipe(columns, 'length', { clip: [0.01, 0.99] })
    expect(recipe(cut, 'length', { clip: undefined })).toEqual(columns[0])
    expect(cut[1]).toBe(columns[1])
  })

  test('of a constant begin with one that fits, and lose it with the rule', () => {
    const numbers = setRecipe(columns, 'length', { missing: 'constant' })
    expect(numbers[0]).toEqual({ ...columns[0], missing: 'constant', fill: 0 })
    expect(recipe(numbers, 'length', { missing: 'median' })).toEqual({ ...columns[0], missing: 'median' })
    const colour: Column = { name: 'colour', role: 'feature', kind: 'categorical', categories: ['x', 'y'] }
    expect(recipe([colour], 'colour', { missing: 'constant' })).toEqual({ ...colour, missing: 'constant', fill: 'x' })
  })

  test('fit the encoding and the role that a column gets, so that the document opens again', () => {
    const colour: Column = { name: 'colour', role: 'feature', kind: 'categorical', categories: ['x', 'y'] }
    const ordinal = setRecipe(setRecipe([colour], 'colour', { encoding: 'ordinal' }), 'colour', { scale: 'minMax' })
    expect(ordinal[0]).toEqual({ ...colour, encoding: 'ordinal', scale: 'minMax' })
    expect(recipe(ordinal, 'colour', { encoding: 'hash' })).toEqual({ ...colour, encoding: 'hash' })
    expect(recipe(ordinal, 'colour', { encoding: 'oneHot' })).toEqual(colour)
    expect(setRole(ordinal, 'colour', 'target')).toEqual([{ ...colour, role: 'target' }])
    const log = setRecipe(setRecipe(columns, 'length', { scale: 'log', flag: true }), 'length', { clip: [0, 0.5] })
    expect(setRole(log, 'length', 'target')[0]).toEqual({ ...columns[0], role: 'target' })
    expect(setRole(log, 'length', 'ignore')[0]).toEqual({ ...log[0], role: 'ignore' })
  })

  test('of texts that are too many for a list are hashed', () => {
    const user: Column = { name: 'user', role: 'ignore', kind: 'categorical' }
    expect(setRole([user], 'user', 'feature')).toEqual([{ ...user, role: 'feature', encoding: 'hash' }])
    expect(setRole([user], 'user', 'group')).toEqual([{ ...user, role: 'group' }])
    // What is ignored or names groups has no list in the document; of what is to be learnt it is fetched.
    const told = { ...user, role: 'feature', categories: ['ann', 'bob'] }
    expect(setRole([user], 'user', 'feature', ['ann', 'bob'])).toEqual([told])
    expect(setRole([user], 'user', 'group', ['ann', 'bob'])).toEqual([{ ...user, role: 'group' }])
    const hashed = { ...user, encoding: 'hash' } as const
    expect(setRole([hashed], 'user', 'feature', ['ann', 'bob'])).toEqual([{ ...hashed, role: 'feature' }])
  })

  test('are said in a few words', () => {
    const column: Column = { name: 'a', role: 'feature', kind: 'numeric' }
    expect(describeRecipe(column)).toBe('')
    expect(describeRecipe({ ...column, scale: 'log', clip: [0, 0.9], missing: 'constant', fill: 3, flag: true })).toBe(
      'logarithm, cut, filled by 3, flagged',
    )
  })
})

test('one column has the groups, the time or the split; the one before is ignored', () => {
  const first = setRole(columns, 'length', 'group')
  expect(roles(first)).toEqual(['group', 'feature', 'target'])
  expect(roles(setRole(first, 'width', 'group'))).toEqual(['ignore', 'group', 'target'])
  expect(roles(setRole(first, 'width', 'time'))).toEqual(['group', 'time', 'target'])
})

test('a new role of a column is how the rows are split, until it is gone', () => {
  const data = {
    source: { kind: 'table', columns },
    preparation: { scale: 'none', missing: 'fill' },
    split: { validation: 0.3, seed: 2 },
  } as unknown as DataSection
  const give = (of: DataSection, name: string, role: Column['role']) =>
    withColumns(of, setRole(of.source.kind === 'table' ? of.source.columns : [], name, role))
  const grouped = give(data, 'length', 'group')
  expect(grouped.split).toEqual({ ...data.split, method: 'group' })
  expect(give(grouped, 'width', 'time').split).toEqual(grouped.split)
  expect(give(grouped, 'length', 'feature').split).toEqual(data.split)
  expect(give(grouped, 'length', 'split').split).toEqual({ ...data.split, method: 'column' })
  expect(give(data, 'length', 'time').split).toEqual({ ...data.split, method: 'time' })
  expect(give(data, 'length', 'ignore').split).toBe(data.split)
  const windows = { length: 3, horizon: 1, stride: 1 }
  const windowed = { ...data, preparation: { ...data.preparation, windows } }
  expect(give(windowed, 'length', 'group').split).toBe(data.split)
})

test('another way to split drops what is only for the one before', () => {
  const split = { validation: 0.3, seed: 2, together: true, stratified: false } as const
  expect(setMethod(split, 'time')).toEqual({ validation: 0.3, seed: 2, stratified: false, method: 'time' })
  expect(setMethod(split, 'group')).toEqual({ ...split, method: 'group' })
  expect(setMethod({ ...split, method: 'group' }, 'ratio')).toEqual(split)
})

describe('a column in words', () => {
  const numbers: ColumnSummary = {
    name: 'length',
    missing: 2,
    numbers: { deviation: 1, bins: [], min: 4.3, max: 7.9, mean: 5.8433 },
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
