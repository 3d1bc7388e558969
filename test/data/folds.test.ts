/** Splits for cross-validation, beside those of scikit-learn (fixtures/make-preparation.py). */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { generatedSource } from '../../src/data/index.ts'
import { foldsOf } from '../../src/data/folds.ts'
import { folds, type Split } from '../../src/data/split.ts'
import type { Column, SplitRecipe, TableSource } from '../../src/document/types.ts'
import { examplesOf, messages, sectionOf, tableOf, valueOf } from './files.ts'

const { plain, groups, time } = JSON.parse(
  readFileSync(new URL('fixtures/preparation.json', import.meta.url), 'utf8'),
) as {
  readonly plain: readonly { readonly count: number; readonly k: number; readonly sizes: readonly number[] }[]
  readonly groups: readonly {
    readonly groups: readonly number[]
    readonly k: number
    readonly sizes: readonly number[]
  }[]
  readonly time: readonly { readonly count: number; readonly k: number; readonly folds: readonly number[][][] }[]
}
const recipe = (change: Partial<SplitRecipe> = {}): SplitRecipe => ({ validation: 0.2, seed: 3, ...change })
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const sizesOf = (all: readonly Split[]) => all.map(({ validation }) => validation.length).sort((a, b) => a - b)
const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b)

/** Each example validates once, and trains whenever it does not. */
function expectComplete(all: readonly Split[], count: number): void {
  expect(sorted(all.flatMap(({ validation }) => [...validation]))).toEqual(upTo(count))
  for (const { train, validation } of all) expect(sorted([...train, ...validation])).toEqual(upTo(count))
}

describe('are as large as those of scikit-learn', () => {
  test.each(plain)('$k of $count, drawn', ({ count, k, sizes }) => {
    const all = folds(count, k, recipe())
    expectComplete(all, count)
    expect(sizesOf(all)).toEqual(sizes)
  })

  test.each(groups)('$k of whole groups', ({ groups, k, sizes }) => {
    const all = folds(groups.length, k, recipe({ method: 'group' }), { groups })
    expectComplete(all, groups.length)
    expect(sizesOf(all)).toEqual(sizes)
    const shared = (of: readonly Split[]) =>
      of.filter(({ train, validation }) => {
        const seen = new Set(Array.from(train, (i) => groups[i]))
        return Array.from(validation).some((i) => seen.has(groups[i]))
      })
    expect(shared(all)).toEqual([])
    // Control: drawn without looking at groups they share some.
    expect(shared(folds(groups.length, k, recipe()))).toHaveLength(k)
  })

  test.each(time)('and of $count in time $k are the same', ({ count, k, folds: wanted }) => {
    const asLists = (all: readonly Split[]) => all.map(({ train, validation }) => [[...train], [...validation]])
    expect(asLists(folds(count, k, recipe({ method: 'time' })))).toEqual(wanted)
    // In another order in the file they are the same examples.
    const order = new Rng(1, 'folds').permutation(count)
    const places = upTo(count).map((i) => order.indexOf(i))
    const later = folds(count, k, recipe({ method: 'time' }), { times: order })
    expect(asLists(later)).toEqual(wanted.map((sides) => sides.map((side) => sorted(side.map((i) => places[i] ?? -1)))))
    expect(asLists(later)).not.toEqual(wanted)
  })
})

describe('by time', () => {
  test('keep equal moments on one side', () => {
    const times = [0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4]
    for (const { train, validation } of folds(12, 3, recipe({ method: 'time' }), { times }))
      expect(Math.max(...Array.from(train, (i) => times[i] ?? 0))).toBeLessThan(
        Math.min(...Array.from(validation, (i) => times[i] ?? 0)),
      )
    expect(() => folds(12, 3, recipe({ method: 'time' }), { times: upTo(12).map((i) => i >> 3) })).toThrow(
      'Too many examples are of the same time for 3 parts one after the other; choose fewer parts.',
    )
  })

  test('need an example more than there are parts', () => {
    expect(folds(4, 3, recipe({ method: 'time' }))).toHaveLength(3)
    expect(() => folds(3, 3, recipe({ method: 'time' }))).toThrow('choose between 2 and 2')
  })
})

test('of a split that a file tells are refused', () => {
  expect(() => folds(9, 3, recipe({ method: 'column' }))).toThrow(
    'no 3 parts can be made; draw them, or by group or time',
  )
  expect(() => folds(1e5, 2000, recipe())).toThrow('choose between 2 and 1000')
})

describe('of data', () => {
  const column = (
    name: string,
    role: Column['role'],
    kind: Column['kind'] = 'numeric',
    categories?: string[],
  ): Column => {
    return { name, role, kind, ...(categories && { categories }) }
  }
  const text = `x,who,when,y\n${upTo(24)
    .map((i) => (i === 5 ? '5,a,5,' : `${i},${'abcdef'[i % 6]},${100 - i},${i % 3 === 0 ? 'p' : 'q'}`))
    .join('\n')}\n`
  const columns = [
    column('x', 'feature'),
    column('who', 'group', 'categorical'),
    column('when', 'time'),
    column('y', 'target', 'categorical', ['p', 'q']),
  ]
  const source: TableSource = { kind: 'table', reader: 'csv', options: {}, files: [], columns }
  const of = async (change: Partial<SplitRecipe>) =>
    foldsOf(await tableOf(text, source), sectionOf(source, { split: recipe(change) }), 3)

  test('are rows of the file; those without a target are in none', async () => {
    const all = valueOf(await of({}))
    const usable = upTo(24).filter((i) => i !== 5)
    for (const { train, validation } of all) expect(sorted([...train, ...validation])).toEqual(usable)
    const ps = all.map(({ validation }) => [...validation].filter((i) => i % 3 === 0).length)
    expect(Math.max(...ps) - Math.min(...ps)).toBeLessThan(2)
    expect(valueOf(await of({}))).toEqual(all)
    expect(valueOf(await of({ seed: 4 }))).not.toEqual(all)
  })

  test('ask the columns for groups and times', async () => {
    for (const { train, validation } of valueOf(await of({ method: 'group' })))
      expect([...validation].some((i) => [...train].some((j) => j % 6 === i % 6))).toBe(false)
    // The last row of the file is the first in time.
    for (const { train, validation } of valueOf(await of({ method: 'time' })))
      expect(Math.min(...train)).toBeGreaterThan(Math.max(...validation))
  })

  test('keep equal examples together where they are to be', async () => {
    const raw = examplesOf(valueOf(generatedSource('logicGate', {})))
    const section = sectionOf(valueOf(generatedSource('logicGate', {})), { split: recipe({ together: true }) })
    const hash = (i: number) => Array.from(raw.features.subarray(2 * i, 2 * i + 2)).join()
    for (const { train, validation } of valueOf(await foldsOf(raw, section, 2))) {
      const seen = new Set(Array.from(train, hash))
      expect(Array.from(validation, hash).some((one) => seen.has(one))).toBe(false)
    }
  })

  test('are refused of windows', async () => {
    const section = sectionOf(source, {
      preparation: { scale: 'none', missing: 'fill', windows: { length: 3, horizon: 1, stride: 1 } },
    })
    expect(messages(await foldsOf(await tableOf(text, source), section, 3))).toEqual([
      'Windows share rows, so that no parts can be drawn of them; turn them off.',
    ])
  })
})
