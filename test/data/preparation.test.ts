import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { hash32 } from '../../src/base/hash.ts'
import { Rng } from '../../src/base/rng.ts'
import { applyPreparation, generatedSource, prepare, restoreTargets } from '../../src/data/index.ts'
import { MAX_TEXTS } from '../../src/data/limits.ts'
import { dateIn } from '../../src/data/table/dates.ts'
import { quantile, signedLog } from '../../src/data/scaling.ts'
import type { FittedPreparation, LoadedTable, PreparedData } from '../../src/data/types.ts'
import { signatureOf } from '../../src/document/signature.ts'
import { scalings, type Column, type DataSection, type TableSource } from '../../src/document/types.ts'
import { examplesOf, messages, sectionOf, tableOf, valueOf } from './files.ts'

interface Fixture {
  readonly columns: readonly {
    readonly values: readonly number[]
    readonly new: readonly number[]
    readonly standardise: readonly number[]
    readonly minMax: readonly number[]
    readonly log: readonly number[]
    readonly none: readonly number[]
    readonly clipped: readonly number[]
    readonly bounds: readonly [number, number]
    readonly fills: { readonly mean: number; readonly median: number; readonly mostFrequent: number }
  }[]
  readonly categories: {
    readonly values: readonly string[]
    readonly oneHot: readonly (readonly number[])[]
    readonly ordinal: readonly number[]
  }
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/preparation.json', import.meta.url), 'utf8')) as Fixture

const all = { validation: 0, seed: 1 }

/** A table of text whose columns are what is given instead of what is guessed. */
async function madeOf(
  text: string,
  columns: readonly Column[],
  change: Partial<Omit<DataSection, 'source'>> = {},
): Promise<{ readonly loaded: LoadedTable; readonly section: DataSection }> {
  const files = [{ name: 'data.csv', size: text.length, sha256: 'hash' }]
  const source: TableSource = { kind: 'table', reader: 'csv', options: {}, files, columns }
  return { loaded: await tableOf(text, source), section: sectionOf(source, change) }
}
const numeric = (name: string, more: Partial<Column> = {}): Column => ({
  name,
  role: 'feature',
  kind: 'numeric',
  ...more,
})
const target = numeric('y', { role: 'target' })
const textOf = (header: string, rows: readonly (readonly (string | number)[])[]) =>
  `${header}\n${rows.map((row) => row.join(',')).join('\n')}\n`

/** Whether all numbers are near, as 32-bit floats can be. */
function near(found: Iterable<number>, wanted: readonly number[]): boolean {
  const values = [...found]
  const most = Math.max(1, ...wanted.map(Math.abs))
  return (
    values.length === wanted.length && values.every((value, i) => Math.abs(value - (wanted[i] ?? NaN)) < 1e-6 * most)
  )
}

/** Trained on the values of the fixture, applied to its new ones. */
async function column(index: number, more: Partial<Column>): Promise<{ fitted: FittedPreparation; out: Float32Array }> {
  const { values, new: fresh } = fixture.columns[index] ?? { values: [], new: [] }
  const { loaded, section } = await madeOf(
    textOf(
      'x,y',
      values.map((value, i) => [value, i]),
    ),
    [numeric('x', more), target],
    { split: all },
  )
  const { fitted } = valueOf(prepare(loaded, section))
  const later = await tableOf(
    textOf(
      'x,y',
      fresh.map((value) => [value, 1]),
    ),
    loaded.source,
  )
  return { fitted, out: valueOf(applyPreparation(fitted, later, section)).features }
}

describe('numbers', () => {
  test('are scaled as scikit-learn scales them, those of later rows too', async () => {
    for (const [index, wanted] of fixture.columns.entries())
      for (const scale of scalings) {
        const { out } = await column(index, { scale })
        expect(near(out, wanted[scale]), `column ${index}, ${scale}`).toBe(true)
        // Each kind would fail as another one.
        if (index < 3) for (const other of scalings) if (other !== scale) expect(near(out, wanted[other])).toBe(false)
      }
  })

  test('are cut at quantiles of the training part as numpy counts them, before they are scaled', async () => {
    for (const [index, wanted] of fixture.columns.entries()) {
      const { fitted, out } = await column(index, { clip: [0.05, 0.9] })
      expect(near(fitted.columns[0]?.clip ?? [], wanted.bounds)).toBe(true)
      expect(near(out, wanted.clipped), `column ${index}`).toBe(true)
      if (index < 3) {
        expect(near(out, wanted.standardise)).toBe(false)
        const { out: other } = await column(index, { clip: [0.04, 0.9] })
        expect(near(other, wanted.clipped)).toBe(false)
      }
    }
  })

  test('that are missing become the mean, the median or the most frequent value, as in scikit-learn, or a constant', async () => {
    for (const { values, fills } of fixture.columns) {
      const text = textOf(
        'x,y',
        [...values, ''].map((value, i) => [value, i]),
      )
      for (const missing of ['mean', 'median', 'mostFrequent'] as const) {
        const { loaded, section } = await madeOf(text, [numeric('x', { missing, scale: 'none' }), target], {
          split: all,
        })
        const { train, warnings } = valueOf(prepare(loaded, section))
        expect(near([train.features[values.length] ?? NaN], [fills[missing]]), missing).toBe(true)
        const name = { mean: 'mean', median: 'median', mostFrequent: 'most frequent value' }[missing]
        expect(warnings[0]?.message).toContain(`is filled with the ${name} of the training part`)
      }
      const { loaded, section } = await madeOf(
        text,
        [numeric('x', { missing: 'constant', fill: -7, scale: 'none', flag: true }), target],
        { split: all },
      )
      const { train, warnings, shape } = valueOf(prepare(loaded, section))
      expect(shape).toEqual([2])
      expect([...train.features.subarray(2 * values.length)]).toEqual([-7, 1])
      expect(train.features.filter((_, i) => i % 2 === 1).reduce((a, b) => a + b)).toBe(1)
      expect(warnings[0]?.message).toContain('1 missing value is filled with -7 (line')
    }
    // The three differ, so that one could not pass for another.
    expect(new Set(Object.values(fixture.columns[1]?.fills ?? {})).size).toBe(3)
  })

  test('may be left out with their row in one column, and filled in another', async () => {
    const { loaded, section } = await madeOf(
      'a,b,y\n1,2,0\n,3,1\n3,,0\n4,5,1\n',
      [numeric('a', { missing: 'skip' }), numeric('b'), target],
      { split: all },
    )
    const { train, warnings, fitted } = valueOf(prepare(loaded, section))
    expect(train.count).toBe(3)
    expect(warnings.map(({ message }) => message)).toEqual([
      'data.csv: 1 row lacks a feature and is left out (line 3).',
      'data.csv, column b: 1 missing value is filled with the mean of the training part, 3.5 (line 4).',
    ])
    const later = await tableOf('a,b\n,1\n2,\n', loaded.source)
    expect([...valueOf(applyPreparation(fitted, later, section)).rows]).toEqual([1])
    const filling = await madeOf(
      'a,b,y\n1,2,0\n,3,1\n3,,0\n4,5,1\n',
      [numeric('a', { missing: 'mean' }), numeric('b', { missing: 'skip' }), target],
      {
        split: all,
        preparation: { scale: 'none', missing: 'skip' },
      },
    )
    expect([...valueOf(prepare(filling.loaded, filling.section)).train.features]).toEqual([1, 2, 2.5, 3, 4, 5])
  })

  test('the logarithm is that of both signs, and 0 of 0', () => {
    expect([0, 1, -1, Math.E - 1].map(signedLog)).toEqual([0, Math.LN2, -Math.LN2, 1])
    expect(signedLog(-1e-9)).toBeCloseTo(-1e-9, 17)
    expect([0, 0.25, 0.5, 1].map((share) => quantile([10, 20, 40], share))).toEqual([10, 15, 20, 40])
    expect(quantile([], 0.5)).toBeNaN()
  })
})

describe('categories', () => {
  const { values } = fixture.categories
  const categories = [...new Set(values)].sort()
  const text = textOf(
    'kind,y',
    values.map((value, i) => [value, i]),
  )
  const prepared = async (more: Partial<Column>) => {
    const { loaded, section } = await madeOf(
      text,
      [{ name: 'kind', role: 'feature', kind: 'categorical', ...more }, target],
      { split: all },
    )
    const found = valueOf(prepare(loaded, section))
    expect(found.shape).toEqual(signatureOf(section).features)
    return { ...found, loaded, section }
  }

  test('take a place each, or are a number by their place, as in scikit-learn', async () => {
    const oneHot = fixture.categories.oneHot.flat()
    const places = await prepared({ categories })
    expect([...places.train.features]).toEqual(oneHot)
    const turned = await prepared({ categories: [...categories].reverse() })
    expect([...turned.train.features]).not.toEqual(oneHot)
    const { train, shape } = await prepared({ categories, encoding: 'ordinal' })
    expect(shape).toEqual([1])
    expect(near(train.features, fixture.categories.ordinal)).toBe(true)
    const other = await prepared({ categories: ['pear', 'apple', 'fig'], encoding: 'ordinal' })
    expect(near(other.train.features, fixture.categories.ordinal)).toBe(false)
  })

  test('are hashed into buckets, which takes no list of them and knows later ones', async () => {
    const { train, shape, fitted, loaded, section } = await prepared({ encoding: 'hash', buckets: 7 })
    expect(shape).toEqual([7])
    values.forEach((value, i) => {
      const hot = Array.from({ length: 7 }, (_, k) => Number(k === hash32(value) % 7))
      expect([...train.features.subarray(i * 7, i * 7 + 7)]).toEqual(hot)
    })
    // The hash is part of what a model means, and may never change.
    expect([hash32('pear'), hash32('apple'), hash32('')]).toEqual(PINNED)
    const later = await tableOf('kind,y\nquince,1\n,1\n', loaded.source)
    const { features, warnings } = valueOf(applyPreparation(fitted, later, section))
    expect(features[hash32('quince') % 7]).toBe(1)
    expect(features[7 + (hash32('apple') % 7)]).toBe(1)
    expect(warnings[0]?.message).toContain(
      `is filled with the most frequent place of the training part, ${(hash32('apple') % 7) + 1} of 7`,
    )
    expect((await prepared({ encoding: 'hash' })).shape).toEqual([32])
  })
  const PINNED = [287300736, 3904547962, 0]

  test('of more texts than there may be categories are hashed, numbers among them by their value', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => [i % 2 ? `user ${i}` : `${i}.50`, i] as const)
    const { loaded, section } = await madeOf(
      textOf('kind,y', rows),
      [{ name: 'kind', role: 'feature', kind: 'categorical', encoding: 'hash', buckets: 16 }, target],
      { split: all },
    )
    const { train } = valueOf(prepare(loaded, section))
    const wanted = rows.map(([text, i]) => hash32(i % 2 ? text : `${i}.5`) % 16)
    wanted.forEach((bucket, i) => expect(train.features[i * 16 + bucket]).toBe(1))
    expect(train.features.reduce((a, b) => a + b)).toBe(3000)
    expect(new Set(wanted).size).toBe(16)
  })

  test('that are missing become a constant one, with a flag beside it', async () => {
    const { loaded, section } = await madeOf(
      'kind,y\na,1\n,2\nb,3\n',
      [
        {
          name: 'kind',
          role: 'feature',
          kind: 'categorical',
          categories: ['a', 'b', 'none'],
          missing: 'constant',
          fill: 'none',
          flag: true,
        },
        target,
      ],
      { split: all },
    )
    const { train, warnings } = valueOf(prepare(loaded, section))
    expect([...train.features]).toEqual([1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0])
    expect(warnings[0]?.message).toBe('data.csv, column kind: 1 missing value is filled with "none" (line 3).')
  })
})

/** Five features of each recipe, some cells missing, and two numeric targets. */
const recipes: readonly Column[] = [
  numeric('a', { scale: 'log', clip: [0.1, 0.8], missing: 'median', flag: true }),
  numeric('b', { scale: 'minMax', missing: 'mostFrequent' }),
  { name: 'c', role: 'feature', kind: 'categorical', categories: ['u', 'v', 'w'], encoding: 'ordinal', clip: [0, 0.9] },
  { name: 'd', role: 'feature', kind: 'categorical', encoding: 'hash', buckets: 4, flag: true },
  numeric('e'),
  numeric('y', { role: 'target', scale: 'minMax' }),
  numeric('z', { role: 'target' }),
]
function recipeText(rows: number, change: (row: number, cell: string) => string = (_, cell) => cell): string {
  return textOf(
    'a,b,c,d,e,y,z',
    Array.from({ length: rows }, (_, i) => {
      const rng = new Rng(i, 'recipes')
      const cells = [
        i % 7 === 3 ? '' : Math.exp(rng.normal(0, 3)).toFixed(3),
        i % 8 === 2 ? '' : String(rng.integer(9)),
        ['u', 'v', 'w'][rng.integer(3)] ?? '',
        i % 9 === 1 ? '' : `item ${rng.integer(50)}`,
        rng.normal().toFixed(4),
        rng.normal(1e4, 20).toFixed(2),
        rng.normal(-5, 0.1).toFixed(4),
      ]
      return cells.map((cell) => change(i, cell))
    }),
  )
}

describe('a table of many recipes', async () => {
  const { loaded, section } = await madeOf(recipeText(90), recipes)
  const prepared = valueOf(prepare(loaded, section))
  const rowsOf = ({ train, validation }: PreparedData<Float32Array>) => train.count + validation.count
  // Which rows train, found by the target as it stands in the file.
  const zs = restoreTargets(prepared.fitted, prepared.train.targets).filter((_, i) => i % 2 === 1)
  const isTraining = Array.from({ length: 90 }, (_, i) => {
    const z = Number(
      loaded.table.columns[6]?.kind === 'texts'
        ? loaded.table.columns[6].texts[loaded.table.columns[6].codes.at(i) ?? 0]
        : NaN,
    )
    return zs.some((one) => Math.abs(one - z) < 1e-6)
  })

  test('has the places that the signature says', () => {
    expect(prepared.shape).toEqual([2 + 1 + 1 + 5 + 1])
    expect(prepared.shape).toEqual(signatureOf(section).features)
    expect(rowsOf(prepared)).toBe(90)
    expect(isTraining.filter(Boolean)).toHaveLength(prepared.train.count)
  })

  test('learns nothing from validation rows', async () => {
    const other = (row: number, cell: string) => {
      if (isTraining[row] || cell === '') return cell
      return Number.isNaN(Number(cell)) ? (cell.startsWith('item') ? 'item 999' : 'w') : '54321'
    }
    const changed = valueOf(prepare(await tableOf(recipeText(90, other), loaded.source), section))
    expect(changed.fitted).toEqual(prepared.fitted)
    expect(changed.train).toEqual(prepared.train)
    expect(changed.validation.features).not.toEqual(prepared.validation.features)
  })

  test('and the test for leaks can fail: other training rows change every statistic', async () => {
    const other = (row: number, cell: string) => {
      if (!isTraining[row] || cell === '') return cell
      return Number.isNaN(Number(cell))
        ? cell.startsWith('item')
          ? 'item 999'
          : 'w'
        : String(Number(cell) * 1.5 + 3 + row)
    }
    const { fitted } = valueOf(prepare(await tableOf(recipeText(90, other), loaded.source), section))
    fitted.columns.forEach((one, i) => expect(one, one.column?.name).not.toEqual(prepared.fitted.columns[i]))
    fitted.targets.forEach((one, i) => expect(one).not.toEqual(prepared.fitted.targets[i]))
  })

  test('is prepared the same later, also from what was written to a file', () => {
    const stored = JSON.parse(JSON.stringify(prepared.fitted)) as FittedPreparation
    const later = valueOf(applyPreparation(stored, loaded, section))
    const size = prepared.shape[0] ?? 0
    let [trained, validated] = [0, 0]
    isTraining.forEach((trains, row) => {
      const { part, i } = trains
        ? { part: prepared.train, i: trained++ }
        : { part: prepared.validation, i: validated++ }
      expect(later.features.subarray(row * size, (row + 1) * size)).toEqual(
        part.features.subarray(i * size, (i + 1) * size),
      )
      expect(later.targets?.subarray(row * 2, row * 2 + 2)).toEqual(part.targets.subarray(i * 2, i * 2 + 2))
    })
  })

  test('has targets that come back in their own units', () => {
    const ys = restoreTargets(prepared.fitted, [0, 0, 1, 1]).filter((_, i) => i % 2 === 0)
    const column = loaded.table.columns[5]
    const texts = column?.kind === 'texts' ? column : undefined
    const trained = isTraining.flatMap((trains, row) =>
      trains ? [Number(texts?.texts[texts.codes.at(row) ?? 0])] : [],
    )
    expect(ys[0]).toBe(Math.min(...trained))
    expect(ys[1]).toBeCloseTo(Math.max(...trained), 9)
    expect(prepared.fitted.targets[0]?.deviation).toBeCloseTo(Math.max(...trained) - Math.min(...trained), 9)
  })
})

test('a logarithm for all is no logarithm of targets: they are standardised', async () => {
  const { loaded, section } = await madeOf(recipeText(40), [numeric('e'), target], {
    preparation: { scale: 'log', missing: 'fill' },
  })
  const { fitted } = valueOf(prepare(loaded, section))
  const plain = valueOf(prepare(loaded, { ...section, preparation: { scale: 'standardise', missing: 'fill' } }))
  expect(fitted.columns[0]?.log).toBe(true)
  expect(fitted.targets).toEqual(plain.fitted.targets)
})

test('too many places are refused before there is memory for them', async () => {
  const columns = Array.from({ length: 4 }, (_, i) => ({ ...numeric('x'), name: `x${i}` }))
  const hashed = columns.map(({ name }): Column => ({
    name,
    role: 'feature',
    kind: 'categorical',
    encoding: 'hash',
    buckets: 4096,
  }))
  const rows = Array.from({ length: 40_000 }, () => [1, 2, 3, 4, 5])
  const { loaded, section } = await madeOf(textOf('x0,x1,x2,x3,y', rows), [...hashed, target])
  expect(messages(prepare(loaded, section))[0]).toMatch(/^data\.csv: its examples take 40000 x 16384 numbers/)
})

test('texts that a table does not keep apart are not hashed in silence', async () => {
  const hashed: Column = { name: 'x', role: 'feature', kind: 'categorical', encoding: 'hash' }
  const rows = (count: number) =>
    textOf(
      'x,y',
      Array.from({ length: count }, (_, i) => [`t${i}`, i]),
    )
  const many = await madeOf(rows(MAX_TEXTS + 1), [hashed, target])
  expect(valueOf(prepare(many.loaded, many.section)).warnings.map(({ message }) => message)).toEqual([
    'data.csv, column x: of more than 100000 different texts the later ones are hashed as one.',
  ])
  const few = await madeOf(rows(MAX_TEXTS), [hashed, target])
  expect(valueOf(prepare(few.loaded, few.section)).warnings).toEqual([])
})

describe('a recipe for pictures and points', () => {
  test('may be the least and the greatest value, or the logarithm', () => {
    const source = valueOf(generatedSource('moons', { count: 50 }))
    const raw = examplesOf(source)
    for (const k of [0, 1]) {
      const values = Array.from({ length: 50 }, (_, i) => raw.features[2 * i + k] ?? NaN)
      const of = (scale: 'minMax' | 'log') => {
        const { train } = valueOf(
          prepare(raw, sectionOf(source, { split: all, preparation: { scale, missing: 'fill' } })),
        )
        return Array.from({ length: 50 }, (_, i) => train.features[2 * i + k] ?? NaN)
      }
      const [min, max] = [Math.min(...values), Math.max(...values)]
      expect(
        near(
          of('minMax'),
          values.map((value) => (value - min) / (max - min)),
        ),
      ).toBe(true)
      const logs = values.map(signedLog)
      const mean = logs.reduce((a, b) => a + b) / 50
      const deviation = Math.sqrt(logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 50)
      expect(
        near(
          of('log'),
          logs.map((one) => (one - mean) / deviation),
        ),
      ).toBe(true)
      expect(near(of('log'), of('minMax'))).toBe(false)
    }
    const pictures = {
      count: 4,
      shape: [2, 1, 1],
      features: Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 210),
      target: { kind: 'classes', names: ['a', 'b'] },
      targets: Int32Array.of(0, 1, 0, 1),
    } as const
    const { train } = valueOf(
      prepare(pictures, sectionOf(source, { split: all, preparation: { scale: 'minMax', missing: 'fill' } })),
    )
    expect([...train.features]).toEqual([...pictures.features].map((byte) => Math.fround((byte - 10) / 200)))
  })

  test('can be neither windows nor a split by columns', () => {
    const source = valueOf(generatedSource('moons', { count: 50 }))
    const raw = examplesOf(source)
    const windows = { length: 3, horizon: 1, stride: 1 }
    const preparation = { scale: 'none', missing: 'fill', windows } as const
    expect(messages(prepare(raw, sectionOf(source, { preparation })))).toEqual([
      'Windows are made of the rows of a table, and the generated set moons is none; turn them off.',
    ])
    expect(messages(prepare(raw, sectionOf(source, { split: { ...all, method: 'group' } })))).toEqual([
      'A split by group asks a column of a table, and the generated set moons is none; split in another way.',
    ])
  })
})

describe('windows over a time series', () => {
  /** Two series of 30 and 20 rows, in turns and not in order of time. */
  const rows = Array.from({ length: 50 }, (_, i) => {
    const sensor = i < 30 ? 'p' : 'q'
    const step = i < 30 ? i : i - 30
    return { sensor, step, x: step + (i < 30 ? 1000 : 2000), y: 10 * step + (i < 30 ? 1 : 2) }
  })
  const shuffled = Array.from(new Rng(4, 'rows').permutation(50), (i) => rows[i] ?? { sensor: '', step: 0, x: 0, y: 0 })
  const text = textOf(
    'sensor,step,x,more,y',
    shuffled.map(({ sensor, step, x, y }) => [sensor, step, x, x / 2, y]),
  )
  const columns: readonly Column[] = [
    { name: 'sensor', role: 'group', kind: 'categorical', categories: ['p', 'q'] },
    numeric('step', { role: 'time' }),
    numeric('x'),
    numeric('more'),
    target,
  ]
  const made = (
    windows: { length: number; horizon: number; stride: number },
    split: DataSection['split'] = { validation: 0.3, seed: 1 },
  ) => madeOf(text, columns, { split, preparation: { scale: 'none', missing: 'fill', windows } })

  /** All windows of rows of one side, by loops over the series. */
  function naive(
    { length, horizon, stride }: { length: number; horizon: number; stride: number },
    sideOf: (row: (typeof rows)[number]) => number,
    side: number,
  ) {
    const found: { features: number[]; target: number }[] = []
    for (const sensor of ['p', 'q']) {
      const series = rows.filter((row) => row.sensor === sensor)
      for (let from = 0; from < series.length; from += stride) {
        const span = series.slice(from, from + length + horizon)
        if (span.length < length + horizon || span.some((row) => sideOf(row) !== side)) continue
        const features = span.slice(0, length).flatMap(({ x }) => [x, x / 2])
        found.push({ features, target: span[length - 1 + horizon]?.y ?? NaN })
      }
    }
    return found.sort((a, b) => (a.features[0] ?? 0) - (b.features[0] ?? 0))
  }
  function windowsOf({ count, features, targets }: PreparedData<Float32Array>['train'], size: number) {
    return Array.from({ length: count }, (_, i) => ({
      features: [...features.subarray(i * size, (i + 1) * size)],
      target: targets[i] ?? NaN,
    })).sort((a, b) => (a.features[0] ?? 0) - (b.features[0] ?? 0))
  }
  // 15 of 50 rows validate: the last moments of all, of which the last 15 rows are step 20 to 29 of p and two or three more.
  const byTime = ({ step }: { step: number }) => (step >= 17 ? 1 : 0)

  test('are what loops over each series in order make, on each side of the split', async () => {
    for (const windows of [
      { length: 3, horizon: 1, stride: 1 },
      { length: 1, horizon: 0, stride: 1 },
      { length: 4, horizon: 0, stride: 2 },
      { length: 2, horizon: 3, stride: 3 },
    ]) {
      const { loaded, section } = await made(windows)
      const prepared = valueOf(prepare(loaded, section))
      expect(prepared.shape).toEqual([windows.length, 2])
      expect(prepared.shape).toEqual(signatureOf(section).features)
      const size = windows.length * 2
      expect(windowsOf(prepared.train, size)).toEqual(naive(windows, byTime, 0))
      expect(windowsOf(prepared.validation, size)).toEqual(naive(windows, byTime, 1))
      expect(windowsOf(prepared.train, size)).not.toEqual(
        naive({ ...windows, horizon: windows.horizon + 1 }, byTime, 0),
      )
    }
  })

  test('of the two sides share no row, target rows included; a split that forgot it would', async () => {
    const windows = { length: 4, horizon: 2, stride: 1 }
    for (const split of [
      { validation: 0.3, seed: 1 },
      { validation: 0.3, seed: 1, method: 'time' },
      { validation: 0.3, seed: 2, method: 'group' },
    ] as const) {
      const { loaded, section } = await made(windows, split)
      const prepared = valueOf(prepare(loaded, section))
      // x names the row; y names it, too.
      const seen = (part: PreparedData<Float32Array>['train']) =>
        new Set([
          ...part.features.filter((_, k) => k % 2 === 0),
          ...[...part.targets].map((y) => (y % 10 === 1 ? 1000 : 2000) + Math.floor(y / 10)),
        ])
      const [trained, validated] = [seen(prepared.train), seen(prepared.validation)]
      expect(prepared.train.count).toBeGreaterThan(3)
      expect(prepared.validation.count).toBeGreaterThan(3)
      expect([...validated].filter((row) => trained.has(row))).toEqual([])
    }
    const all = naive(windows, () => 0, 0)
    const naively = (part: typeof all) =>
      new Set(part.flatMap(({ features }) => features.filter((_, k) => k % 2 === 0)))
    const forgotten = [naively(all.filter((_, i) => i % 3 > 0)), naively(all.filter((_, i) => i % 3 === 0))]
    expect([...(forgotten[1] ?? [])].some((row) => forgotten[0]?.has(row))).toBe(true)
  })

  test('learn from rows of training windows alone', async () => {
    const windows = { length: 3, horizon: 1, stride: 1 }
    const { loaded, section } = await made(windows)
    const scaled = { ...section, preparation: { ...section.preparation, scale: 'standardise' as const } }
    const { fitted } = valueOf(prepare(loaded, scaled))
    // The last row of training is only a target, and no window.
    const learnt = rows.filter(({ step }) => step < 16).map(({ x }) => x)
    const mean = learnt.reduce((a, b) => a + b) / learnt.length
    expect(fitted.columns[0]?.mean).toBeCloseTo(mean, 9)
    const further = rows.filter(({ step }) => step < 17).map(({ x }) => x)
    expect(fitted.columns[0]?.mean).not.toBeCloseTo(further.reduce((a, b) => a + b) / further.length, 3)
  })

  test('of a file in order need neither a time nor a group', async () => {
    const { loaded, section } = await madeOf(
      textOf(
        'x,y',
        Array.from({ length: 10 }, (_, i) => [i, 100 + i]),
      ),
      [numeric('x'), target],
      {
        preparation: { scale: 'none', missing: 'fill', windows: { length: 2, horizon: 1, stride: 1 } },
        split: { validation: 0.4, seed: 1 },
      },
    )
    const { train, validation } = valueOf(prepare(loaded, section))
    expect([...train.features]).toEqual([0, 1, 1, 2, 2, 3, 3, 4].map(Number))
    expect([...validation.features]).toEqual([6, 7, 7, 8])
    expect(restoreTargets({ columns: [], targets: [{ mean: 0, deviation: 1 }] }, validation.targets)).toEqual(
      Float64Array.of(108, 109),
    )
  })

  test('are applied to a later file, whose last ones have no target yet', async () => {
    const windows = { length: 3, horizon: 1, stride: 1 }
    const { loaded, section } = await made(windows)
    const { fitted } = valueOf(prepare(loaded, section))
    const later = valueOf(
      applyPreparation(
        fitted,
        await tableOf('sensor,step,x,more\np,3,7,70\np,1,5,50\nq,1,8,80\np,2,6,60\np,4,9,90\n', loaded.source),
        section,
      ),
    )
    expect(later.shape).toEqual([3, 2])
    expect([...later.features]).toEqual([5, 50, 6, 60, 7, 70, 6, 60, 7, 70, 9, 90])
    expect([...later.rows]).toEqual([0, 4])
    expect(later.targets).toBeUndefined()
    expect(
      messages(applyPreparation(fitted, await tableOf('sensor,step,x,more\np,3,7,70\n', loaded.source), section)),
    ).toEqual(['data.csv: no series has the 3 rows that a window takes; choose shorter windows.'])
  })

  test('without a target or a feature that may not be filled are left out, and said', async () => {
    const { loaded, section } = await madeOf(
      'x,y\n1,1\n2,2\n3,\n4,4\n,5\n6,6\n7,7\n8,8\n',
      [numeric('x', { missing: 'skip' }), target],
      { preparation: { scale: 'none', missing: 'fill', windows: { length: 2, horizon: 0, stride: 1 } }, split: all },
    )
    const { train, warnings } = valueOf(prepare(loaded, section))
    expect([...train.features]).toEqual([1, 2, 3, 4, 6, 7, 7, 8])
    expect(warnings.map(({ message }) => message)).toEqual([
      'data.csv: 3 of 7 windows are left out, for they lack a target or a feature.',
    ])
  })

  test('that are too long are refused with a sentence', async () => {
    const long = await made({ length: 40, horizon: 1, stride: 1 })
    expect(messages(prepare(long.loaded, long.section))).toEqual([
      'data.csv: no series has the 41 rows that a window takes; choose shorter windows.',
    ])
    const cut = await made({ length: 18, horizon: 1, stride: 1 })
    expect(messages(prepare(cut.loaded, cut.section))).toEqual([
      'data.csv: no window of 19 rows, its target included, lies in the training part; choose shorter windows or a smaller validation share.',
    ])
  })
})

test('dates are read as ISO 8601 says, as Date does where it can', () => {
  for (const text of [
    '2024-05-31',
    '2024-05-31T12:30:05Z',
    '2024-05-31T12:30:05.250Z',
    '1969-12-31T23:59:59+02:00',
    '2000-02-29T00:00Z',
  ])
    expect(dateIn(text)).toBe(Date.parse(text))
  expect(dateIn('2024-05-31 12:30')).toBe(Date.parse('2024-05-31T12:30Z'))
  expect(dateIn('2024-05')).toBe(Date.parse('2024-05-01'))
  for (const text of ['', '31.5.2024', '2023-02-29', '2024-13-01', '2024-05-31T25:00', '2024-5-1', 'May'])
    expect(dateIn(text)).toBeNaN()
})
