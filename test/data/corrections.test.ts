/** Corrections by hand against a naive reading of what they say: rows as texts, sides as they are without any. */
import { describe, expect, test } from 'vitest'
import { generatedSource, prepare } from '../../src/data/index.ts'
import { leaksIn } from '../../src/data/leaks.ts'
import { atOnce } from '../../src/data/numbers.ts'
import { split } from '../../src/data/split.ts'
import type { Examples, PreparedData } from '../../src/data/types.ts'
import { targetOf } from '../../src/document/signature.ts'
import type { Corrections, DataSection, SplitRecipe } from '../../src/document/types.ts'
import { examplesOf, messages, sectionOf, tableOf, tableSourceOf, valueOf } from './files.ts'

const ROWS = 60
const kinds = ['u', 'v', 'w']
/** The feature tells the row: it is never scaled below. */
const cells = Array.from({ length: ROWS }, (_, i) => ({ x: i + 0.5, kind: kinds[i % 3] ?? '', price: (i * 7) % 23 }))
const asIs = { scale: 'none', missing: 'fill' } as const
const text = `x,kind\n${cells.map(({ x, kind }) => `${x},${kind}`).join('\n')}\n`
const source = await tableSourceOf(text)
const loaded = await tableOf(text, source)

/** Row and class of every example of a part. */
const pairs = ({ features, targets, rows }: Examples<Float32Array>, names: readonly string[]) =>
  Array.from(features, (x, i) => `${x - 0.5} ${rows?.[i]} ${names[targets[i] ?? -1]}`)
const both = (data: PreparedData<Float32Array>) => {
  const { names } = data.target
  return { train: pairs(data.train, names), validation: pairs(data.validation, names) }
}
const prepared = (corrections: Corrections | undefined, change: Partial<DataSection> = {}) =>
  prepare(loaded, sectionOf(source, { preparation: asIs, ...change, ...(corrections && { corrections }) }))

/** What is expected, from the parts without corrections alone. */
function naive(parts: ReturnType<typeof both>, corrections: Corrections): ReturnType<typeof both> {
  const put = (list: readonly string[]) =>
    list.flatMap((pair) => {
      const [x = '', row = '', kind = ''] = pair.split(' ')
      const one = corrections[row]
      if (one && 'exclude' in one) return []
      return [`${x} ${row} ${one ? String(one.target) : kind}`]
    })
  return { train: put(parts.train), validation: put(parts.validation) }
}

const some: Corrections = {
  0: { exclude: true },
  1: { target: 'w' },
  8: { target: 'u' },
  17: { exclude: true },
  18: { exclude: true },
  40: { target: 'v' },
  59: { exclude: true },
}
const recipes: { readonly [name: string]: SplitRecipe } = {
  stratified: { validation: 0.3, seed: 4 },
  'drawn from all': { validation: 0.3, seed: 4, stratified: false },
  'equal together': { validation: 0.3, seed: 4, together: true },
  'in order': { validation: 0.3, seed: 4, method: 'time' },
  'without validation': { validation: 0, seed: 4 },
}

describe('a table', () => {
  test.each(Object.entries(recipes))('%s: others stay where they are, as they are', (_, split) => {
    const plain = both(valueOf(prepared(undefined, { split })))
    const found = both(valueOf(prepared(some, { split })))
    expect(found).toEqual(naive(plain, some))
    expect(found.train.length + found.validation.length).toBe(ROWS - 4)
    expect(found).not.toEqual(plain)
  })

  test('a control: made anew from the rows that are left, the split is another one', () => {
    const recipe = recipes['stratified'] as SplitRecipe
    const rows = cells.map((_, i) => i).filter((i) => !(some[i] && 'exclude' in some[i]))
    const classes = rows.map((row) =>
      kinds.indexOf(some[row] && 'target' in some[row] ? String(some[row].target) : (cells[row]?.kind ?? '')),
    )
    const anew = atOnce(split(rows.length, recipe, { classes }))
    const sides = [...anew.validation].map((i) => rows[i])
    const found = valueOf(prepared(some, { split: recipe }))
    expect(sides).not.toEqual([...(found.validation.rows ?? [])])
  })

  test('statistics are those of the corrected training part', async () => {
    const numbers = `x,price\n${cells.map(({ x, price }) => `${x},${price}`).join('\n')}\n`
    const priced = await tableOf(numbers)
    const corrections: Corrections = { 2: { target: 1000 }, 3: { exclude: true }, 30: { exclude: true } }
    const section = sectionOf(priced.source, { corrections, split: { validation: 0, seed: 1 } })
    const { fitted, train } = valueOf(prepare(priced, section))
    const left = cells.flatMap(({ x, price }, i) => (i === 3 || i === 30 ? [] : [{ x, price: i === 2 ? 1000 : price }]))
    const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length
    expect(fitted.columns[0]?.mean).toBeCloseTo(mean(left.map(({ x }) => x)), 10)
    expect(fitted.targets[0]?.mean).toBeCloseTo(mean(left.map(({ price }) => price)), 10)
    const { mean: m, deviation: d } = fitted.targets[0] ?? { mean: 0, deviation: 1 }
    Array.from(train.targets, (value) => value * d + m).forEach((value, i) =>
      expect(value).toBeCloseTo(left[i]?.price ?? NaN, 3),
    )
    // Without the corrections they are others.
    const bare = valueOf(prepare(priced, sectionOf(priced.source, { split: { validation: 0, seed: 1 } })))
    expect(Math.abs((bare.fitted.targets[0]?.mean ?? 0) - m)).toBeGreaterThan(10)
  })

  test('what was done is said, with lines, and what changes nothing as well', () => {
    const { warnings } = valueOf(prepared({ ...some, 60: { exclude: true }, 4000: { target: 'u' } }))
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ['data.corrected', 'data.csv: 4 rows are left out, as they were corrected by hand (lines 2, 19, 20 and 1 more).'],
      ['data.corrected', 'data.csv: 3 rows have another target, given by hand (lines 3, 10 and 42).'],
      [
        'data.correction',
        'data.csv: 2 corrections name row 60, 4000, but the data have 60 rows, counted from 0; take them back.',
      ],
    ])
    expect(warnings.at(-1)?.place?.field).toBe('data.corrections.60')
    expect(valueOf(prepared(undefined)).warnings).toEqual([])
  })

  test('rows that take no part anyway are said: without a target, or for tests', async () => {
    const holes = 'x,kind,part\n1,u,train\n2,,train\n3,v,train\n4,u,validation\n5,v,test\n6,v,train\n'
    const table = await tableOf(holes)
    const columns = table.source.columns.map((one) =>
      one.name === 'part'
        ? ({ name: 'part', role: 'split', kind: 'categorical' } as const)
        : one.name === 'kind'
          ? ({ ...one, role: 'target' } as const)
          : one,
    )
    const owned = { ...table, source: { ...table.source, columns } }
    const corrections: Corrections = {
      1: { target: 'v' },
      4: { exclude: true },
      0: { target: 'v' },
      5: { target: 'u' },
    }
    const section = sectionOf(owned.source, { corrections, split: { validation: 0.2, seed: 1, method: 'column' } })
    const { train, warnings } = valueOf(prepare(owned, section))
    expect([...train.targets]).toEqual([1, 1, 0])
    expect(warnings.map(({ message }) => message)).toContain(
      'data.csv: 2 rows were corrected by hand, but take no part anyway (lines 3 and 6).',
    )
  })

  test('leaks are looked for in what the corrections leave', async () => {
    // Rows 0 and 1 say the same, as do 2 and 3; the last ones validate.
    const rows = ['1,u', '2,v', '3,u', '4,v', '1,u', '2,v']
    const twins = await tableOf(`x,kind\n${rows.join('\n')}\n`)
    const leaky = (corrections: Corrections) => {
      const split = { validation: 0.34, seed: 1, method: 'time' } as const
      const { warnings } = valueOf(prepare(twins, sectionOf(twins.source, { corrections, split })))
      return warnings.filter(({ code }) => code === 'split.leak').map(({ message }) => message.split(',')[0])
    }
    expect(leaky({})).toEqual(['data.csv: 2 of 2 validation rows equal a training row (lines 6 and 7)'])
    expect(leaky({ 4: { exclude: true } })).toEqual(['data.csv: 1 of 1 validation row equals a training row (line 7)'])
    expect(leaky({ 0: { exclude: true }, 1: { exclude: true } })).toEqual([])
    expect(leaky({ 4: { target: 'v' } })).toEqual(['data.csv: 1 of 2 validation rows equals a training row (line 7)'])
    expect(leaky({ 4: { target: 'v' }, 0: { target: 'v' } })).toEqual(leaky({}))
    expect(
      atOnce(leaksIn({ train: Uint32Array.of(0), validation: Uint32Array.of(1) }, Float64Array.of(1, 1))),
    ).toHaveLength(1)
  })

  test('where nothing is left to learn from that is said', () => {
    const all = Object.fromEntries(cells.map((_, i) => [i, { exclude: true } as const]))
    expect(messages(prepared(all))[0]).toMatch(/no row is left to train on/)
    const same = Object.fromEntries(cells.map((_, i) => [i, { target: 'u' }]))
    expect(messages(prepared(same))[0]).toMatch(/^data\.csv, column kind: .*\bu\b/)
    expect(messages(prepared({ 3: { target: 'oak' } }))[0]).toMatch(
      /data\.corrections\.3\.target must be one of the target's classes \(u, v, w\)/,
    )
  })
})

test('windows: the one whose target was corrected, and no other', async () => {
  const series = `x,price\n${cells.map(({ x, price }) => `${x},${price}`).join('\n')}\n`
  const table = await tableOf(series)
  const preparation = { ...asIs, windows: { length: 4, horizon: 2, stride: 3 } }
  const of = (corrections: Corrections) =>
    valueOf(prepare(table, sectionOf(table.source, { preparation, corrections })))
  const plain = of({})
  const rows = [...(plain.train.rows ?? [])]
  const [first = 0, second = 0, third = 0] = rows
  const found = of({ [first]: { exclude: true }, [third]: { target: 500 }, [second + 1]: { exclude: true } })
  expect([...(found.train.rows ?? [])]).toEqual(rows.slice(1))
  expect(found.validation.rows).toEqual(plain.validation.rows)
  expect([...found.train.features]).toEqual([...plain.train.features].slice(4))
  const { mean, deviation } = found.fitted.targets[0] ?? { mean: 0, deviation: 1 }
  expect((found.train.targets[1] ?? 0) * deviation + mean).toBeCloseTo(500, 3)
  expect(found.warnings.map(({ message }) => message).at(-1)).toMatch(/1 row was corrected by hand, but takes no part/)
})

test('pictures and points: left out and relabelled alike, generated ones too', () => {
  const made = valueOf(generatedSource('spiral', { count: 80, noise: 0 }))
  const raw = examplesOf(made)
  const [, other = ''] = targetOf(sectionOf(made)).names
  const corrections: Corrections = {
    5: { exclude: true },
    6: { target: other },
    79: { exclude: true },
    90: { exclude: true },
  }
  const change = { preparation: asIs, split: { validation: 0.25, seed: 3 } }
  const plain = valueOf(prepare(raw, sectionOf(made, change)))
  const found = valueOf(prepare(raw, sectionOf(made, { ...change, corrections })))
  for (const part of ['train', 'validation'] as const) {
    const before = [...(plain[part].rows ?? [])]
    const left = before.filter((row) => row !== 5 && row !== 79)
    expect([...(found[part].rows ?? [])]).toEqual(left)
    expect([...found[part].targets]).toEqual(left.map((row) => (row === 6 ? 1 : raw.targets[row])))
    expect([...found[part].features]).toEqual(left.flatMap((row) => [...raw.features.subarray(2 * row, 2 * row + 2)]))
  }
  expect(raw.targets[6]).toBe(examplesOf(made).targets[6])
  expect(found.warnings.map(({ code }) => code)).toEqual(['data.corrected', 'data.corrected', 'data.correction'])
  expect(found.warnings[0]?.message).toBe(
    '2 examples are left out, as they were corrected by hand (examples 6 and 80).',
  )
  const nothing = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [i, { exclude: true } as const]))
  expect(messages(prepare(raw, sectionOf(made, { ...change, corrections: nothing })))).toEqual([
    'Every training example is left out by hand; put some of them back.',
  ])
})
