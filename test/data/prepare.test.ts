import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { applyPreparation, datasets, generatedSource, prepare, restoreTargets } from '../../src/data/index.ts'
import { atOnce } from '../../src/data/numbers.ts'
import { split } from '../../src/data/split.ts'
import type { Examples, FittedPreparation, LoadedTable, HeldExamples } from '../../src/data/types.ts'
import { signatureOf, targetOf } from '../../src/document/signature.ts'
import type { Column, DataSection, PreparationRecipe, TableSource } from '../../src/document/types.ts'
import { cellsOf, examplesOf, messages, sectionOf, tableOf, tableSourceOf, valueOf } from './files.ts'

const standardise: PreparationRecipe = { scale: 'standardise', missing: 'fill' }
const asIs: PreparationRecipe = { scale: 'none', missing: 'fill' }
const numeric = (name: string, role: Column['role'] = 'feature'): Column => ({ name, role, kind: 'numeric' })

/** One feature place of all examples of a part. */
function place(part: Examples<Float32Array>, width: number, k: number): number[] {
  return Array.from({ length: part.count }, (_, i) => part.features[i * width + k] ?? NaN)
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))

/** A table of three numeric features of very different size, some missing, a categorical one, and a class. */
function mixedText(rows: number, change: (row: number, cell: string) => string = (_, cell) => cell): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const rng = new Rng(i, 'mixed')
    const cells = [
      rng.normal(1e6, 3).toFixed(4),
      i % 9 === 4 ? '' : rng.normal(-2, 1e-3).toFixed(6),
      '7.25',
      i % 11 === 5 ? '?' : (['red', 'green', 'blue'][rng.integer(3)] ?? ''),
    ]
    return [...cells.map((cell) => change(i, cell)), ['u', 'v', 'w'][i % 3]].join(',')
  })
  return `a,b,same,colour,class\n${lines.join('\n')}\n`
}

describe('preparing a table', async () => {
  const text = mixedText(120)
  const source = await tableSourceOf(text)
  const section = sectionOf(source)
  const loaded = await tableOf(text, source)
  const prepared = valueOf(prepare(loaded, section))
  const { fitted, train, validation } = prepared
  const cells = cellsOf(loaded.table)
  const classes = cells.map((row) => ['u', 'v', 'w'].indexOf(row[4] ?? ''))
  const parts = atOnce(split(120, section.split, { classes }))

  test('gives as many places as the signature of the document says', () => {
    expect(prepared.shape).toEqual(signatureOf(section).features)
    expect(prepared.shape).toEqual([6])
    expect(prepared.target).toEqual(targetOf(section))
    expect(train.features).toHaveLength(train.count * 6)
    expect(train.count + validation.count).toBe(120)
    expect(validation.count).toBe(30)
  })

  test('learns mean and deviation from the training part, as a naive loop does', () => {
    for (const [k, name] of ['a', 'b'].entries()) {
      const values = [...parts.train].map((row) => cells[row]?.[k] ?? '').filter((cell) => cell !== '')
      const column = fitted.columns[k]
      expect(column?.column?.name).toBe(name)
      expect(column?.mean).toBeCloseTo(mean(values.map(Number)), 9)
      expect(column?.deviation).toBeCloseTo(deviation(values.map(Number)), 9)
    }
  })

  test('makes mean 0 and deviation 1 in the training part', () => {
    const a = place(train, 6, 0)
    expect(Math.abs(mean(a))).toBeLessThan(1e-5)
    expect(Math.abs(deviation(a) - 1)).toBeLessThan(1e-5)
    const present = place(train, 6, 1).filter((_, i) => cells[parts.train[i] ?? 0]?.[1] !== '')
    expect(present.length).toBeLessThan(train.count)
    expect(Math.abs(mean(present))).toBeLessThan(1e-5)
    expect(Math.abs(deviation(present) - 1)).toBeLessThan(1e-4)
  })

  test('does not make mean 0 in the validation part: nothing is learnt there', () => {
    expect(Math.abs(mean(place(validation, 6, 0)))).toBeGreaterThan(1e-3)
  })

  test('keeps a constant column safe: zeros, deviation 1', async () => {
    expect(fitted.columns[2]).toMatchObject({ mean: 7.25, deviation: 1 })
    expect(place(train, 6, 2).every((value) => value === 0)).toBe(true)
    const thirds = await tableOf('a,b\n0.1,1.5\n0.1,2.5\n0.1,3.5\n')
    const none = sectionOf(thirds.source, { split: { validation: 0, seed: 1 } })
    expect(valueOf(prepare(thirds, none)).fitted.columns[0]).toEqual({
      column: numeric('a'),
      mean: 0.1,
      deviation: 1,
      fill: 0.1,
    })
  })

  test('gives each category a place, exactly one of which is 1', () => {
    expect(fitted.columns[3]?.column?.categories).toEqual(['blue', 'green', 'red'])
    for (let i = 0; i < train.count; i++) {
      const cell = cells[parts.train[i] ?? 0]?.[3] ?? ''
      const hot = Array.from(train.features.subarray(i * 6 + 3, i * 6 + 6))
      if (cell !== '') expect(hot).toEqual(['blue', 'green', 'red'].map((name) => Number(name === cell)))
      expect(hot.reduce((a, b) => a + b)).toBe(1)
    }
  })

  test('fills missing values: the mean becomes 0, and the most frequent category of the training part', () => {
    const counts = new Map<string, number>()
    for (const row of parts.train) {
      const cell = cells[row]?.[3] ?? ''
      if (cell !== '') counts.set(cell, (counts.get(cell) ?? 0) + 1)
    }
    const [most] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['']
    expect(fitted.columns[3]?.fill).toBe(['blue', 'green', 'red'].indexOf(most))
    const filled = [...parts.train].findIndex((row) => cells[row]?.[1] === '')
    expect(train.features[filled * 6 + 1]).toBe(0)
    expect(prepared.warnings.map((warning) => warning.message)).toEqual([
      'data.csv, column b: 13 missing values are filled with the mean of the training part, -2 (lines 6, 15, 24 and 10 more).',
      `data.csv, column colour: 11 missing values are filled with the most frequent category of the training part, "${most}" (lines 7, 18, 29 and 8 more).`,
    ])
  })

  test('keeps the targets beside their features', () => {
    expect([...train.targets]).toEqual([...parts.train].map((row) => classes[row]))
    expect([...validation.targets]).toEqual([...parts.validation].map((row) => classes[row]))
  })

  test('leaks nothing: other validation rows leave everything that was learnt as it was', async () => {
    const isValidation = new Set(parts.validation)
    const other = (row: number, cell: string) => {
      if (!isValidation.has(row) || cell === '' || cell === '?') return cell
      return Number.isNaN(Number(cell)) ? 'red' : '123456'
    }
    const changed = valueOf(prepare(await tableOf(mixedText(120, other), source), section))
    expect(changed.validation.features).not.toEqual(validation.features)
    expect(changed.fitted).toEqual(fitted)
    expect(changed.train).toEqual(train)
  })

  test('and the test for leaks can fail: another training row changes what is learnt', async () => {
    const row = parts.train[0] ?? 0
    const changed = prepare(
      await tableOf(
        mixedText(120, (i, cell) => (i === row && cell !== '' && !Number.isNaN(Number(cell)) ? '9' : cell)),
        source,
      ),
      section,
    )
    expect(valueOf(changed).fitted).not.toEqual(fitted)
  })

  test('does the same to rows of the same file later', () => {
    const again = valueOf(applyPreparation(fitted, loaded, section))
    expect(again.count).toBe(120)
    parts.train.forEach((row, i) => {
      expect(again.features.subarray(row * 6, row * 6 + 6)).toEqual(train.features.subarray(i * 6, i * 6 + 6))
      expect(again.targets?.[row]).toBe(train.targets[i])
    })
  })

  test('is repeatable, bit for bit', async () => {
    expect(prepare(await tableOf(text, source), section)).toEqual(prepare(loaded, section))
  })
})

describe('rows without values', async () => {
  const text = 'a,b,class\n1,2,u\n2,,v\n3,4,\n4,5,v\n5,6,u\n6,?,NA\n7,8,v\n'
  const source = await tableSourceOf(text)
  const loaded = await tableOf(text, source)

  test('in the target are left out, and said', () => {
    const prepared = valueOf(prepare(loaded, sectionOf(source)))
    expect(prepared.train.count + prepared.validation.count).toBe(5)
    expect(prepared.warnings[0]?.message).toBe('data.csv: 2 rows have no target and are left out (lines 4 and 7).')
    expect(prepared.warnings[1]?.message).toMatch(/^data.csv, column b: 1 missing value is filled with the mean/)
  })

  test('in a feature are left out where the document says so, and said', () => {
    const section = sectionOf(source, { preparation: { scale: 'none', missing: 'skip' } })
    const prepared = valueOf(prepare(loaded, section))
    expect(prepared.train.count + prepared.validation.count).toBe(4)
    expect(prepared.warnings.map((warning) => warning.message)).toEqual([
      'data.csv: 2 rows have no target and are left out (lines 4 and 7).',
      'data.csv: 1 row lacks a feature and is left out (line 3).',
    ])
  })

  test('may not be all rows', async () => {
    const section = sectionOf(source, { preparation: { scale: 'none', missing: 'skip' } })
    const empty = await tableOf(text.replace(/^\d/gm, ''), source)
    expect(messages(prepare(empty, section))).toEqual([
      'data.csv has no complete row left to learn from; fill in missing values, or let them be filled.',
    ])
  })
})

describe('a task that is none is refused:', async () => {
  const text = 'a,b,class\n1,x,u\n2,y,v\n3,x,u\n'
  const source = await tableSourceOf(text)
  const { table } = await tableOf(text, source)
  const changed = (change: (column: Column) => Column): LoadedTable => ({
    table,
    source: { ...source, columns: source.columns.map(change) },
  })
  const refusal = (loaded: LoadedTable) => messages(prepare(loaded, sectionOf(loaded.source)))

  test('no feature', () => {
    expect(refusal(changed((c) => (c.role === 'feature' ? { ...c, role: 'ignore' } : c)))).toEqual([
      'data.csv: no column is a feature; choose one or more to learn from.',
    ])
  })
  test('two targets, one of classes', () => {
    expect(refusal(changed((c) => (c.name === 'a' ? { ...c, role: 'target' } : c)))).toEqual([
      'data.csv: class and a are both targets; a target of classes must be the only one.',
    ])
  })
  test('one class known', () => {
    expect(refusal(changed((c) => (c.role === 'target' ? { ...c, categories: ['u'] } : c)))).toEqual([
      'data.csv, column class: every row has the class "u"; a network needs two classes or more to tell apart.',
    ])
  })
  test('one class present', async () => {
    const same = await tableOf(text.replaceAll(',u', ',v'), source)
    expect(refusal(same)).toEqual([
      'data.csv, column class: every row has the class "v"; a network needs two classes or more to tell apart.',
    ])
  })
  test('categories unknown or too many', () => {
    expect(refusal(changed((c) => (c.name === 'b' ? { name: 'b', role: 'feature', kind: 'categorical' } : c)))).toEqual(
      ['data.csv, column b: no categories are known; read the file again or make the column numeric.'],
    )
    const categories = Array.from({ length: 1001 }, (_, i) => `c${i}`)
    expect(refusal(changed((c) => (c.name === 'b' ? { ...c, categories } : c)))).toEqual([
      'data.csv, column b: 1001 categories, but 1000 are allowed at most; ignore the column.',
    ])
  })
  test('a category that the document does not know', () => {
    expect(refusal(changed((c) => (c.name === 'b' ? { ...c, categories: ['x', 'z'] } : c)))).toEqual([
      'data.csv line 3, column b: "y" is not among the column\'s categories ("x", "z"); correct the cell or read the columns again.',
    ])
  })
  test('a target that the file has not', () => {
    expect(refusal(changed((c) => (c.role === 'target' ? { ...c, name: 'kind' } : c)))).toEqual([
      'data.csv has no column kind; its columns are a, b, class.',
    ])
  })
})

describe('numeric targets', async () => {
  const text = `x,y,z\n${Array.from({ length: 40 }, (_, i) => `${i / 8},${100 + 7 * i},${-0.01 * i * i}`).join('\n')}\n`
  const source: TableSource = {
    ...(await tableSourceOf(text)),
    columns: [numeric('x'), numeric('y', 'target'), numeric('z', 'target')],
  }
  const section = sectionOf(source)
  const loaded = await tableOf(text, source)

  test('are scaled by the training part and come back in their own units', () => {
    const { fitted, train, validation, target } = valueOf(prepare(loaded, section))
    expect(target).toEqual({ kind: 'numbers', names: ['y', 'z'] })
    expect(target).toEqual(targetOf(section))
    const y = Array.from({ length: train.count }, (_, i) => train.targets[2 * i] ?? NaN)
    expect(Math.abs(mean(y))).toBeLessThan(1e-6)
    expect(Math.abs(deviation(y) - 1)).toBeLessThan(1e-6)
    const parts = atOnce(split(40, section.split))
    const back = restoreTargets(fitted, validation.targets)
    parts.validation.forEach((row, i) => {
      expect(back[2 * i]).toBeCloseTo(100 + 7 * row, 3)
      expect(back[2 * i + 1]).toBeCloseTo(-0.01 * row * row, 4)
    })
  })

  test('pass as they are without scaling', () => {
    const { fitted, train } = valueOf(prepare(loaded, { ...section, preparation: asIs }))
    const row = atOnce(split(40, section.split)).train[3] ?? 0
    expect([...train.targets.subarray(6, 8)]).toEqual([Math.fround(100 + 7 * row), Math.fround(-0.01 * row * row)])
    expect(fitted.targets).toEqual([UNIT, UNIT])
    expect(fitted.columns[0]).toMatchObject(UNIT)
  })
  const UNIT = { mean: 0, deviation: 1 }
})

describe('new rows', async () => {
  const text = 'a,note,b,class\n1,p,x,u\n2,q,y,v\n3,r,x,u\n5,s,y,v\n'
  const guessed = await tableSourceOf(text)
  const source = {
    ...guessed,
    columns: guessed.columns.map((c) => (c.name === 'note' ? { ...c, role: 'ignore' as const } : c)),
  }
  const section = sectionOf(source, { split: { validation: 0, seed: 1 } })
  const { fitted } = valueOf(prepare(await tableOf(text, source), section))

  test('may have another order of columns, no target and no ignored column', async () => {
    const rows = valueOf(applyPreparation(fitted, await tableOf('b,a\ny,2.75\n', source), section))
    expect([...rows.features]).toEqual([0, 0, 1])
    expect(rows.targets).toBeUndefined()
    expect(rows.shape).toEqual([3])
  })

  test('give targets where they have them all', async () => {
    expect(
      valueOf(applyPreparation(fitted, await tableOf('class,b,a\nv,y,1\nu,x,1\n', source), section)).targets,
    ).toEqual(Int32Array.of(1, 0))
    expect(
      valueOf(applyPreparation(fitted, await tableOf('class,b,a\nv,y,1\n,x,1\n', source), section)).targets,
    ).toBeUndefined()
  })

  test('are filled as training was, or left out, with the rows that remain named', async () => {
    const loaded = await tableOf('b,a\ny,\n?,3\nx,1\n', source)
    const filled = valueOf(applyPreparation(fitted, loaded, section))
    expect([...filled.features.subarray(0, 3)]).toEqual([0, 0, 1])
    expect([...filled.features.subarray(4, 6)]).toEqual([1, 0])
    expect(filled.warnings).toHaveLength(2)
    const skipping = { ...section, preparation: { ...standardise, missing: 'skip' as const } }
    const skipped = valueOf(applyPreparation(fitted, loaded, skipping))
    expect([...skipped.rows]).toEqual([2])
    expect(skipped.warnings.map((warning) => warning.message)).toEqual([
      'data.csv: 2 rows lack a feature and are left out (lines 2 and 3).',
    ])
  })

  test('without a needed column are refused by its name', async () => {
    expect(messages(applyPreparation(fitted, await tableOf('b,A\ny,2\n', source), section))).toEqual([
      'data.csv has no column a; its columns are b, A.',
    ])
  })

  test('survive that what was learnt is written to a file and read again', async () => {
    const stored = JSON.parse(JSON.stringify(fitted)) as FittedPreparation
    const loaded = await tableOf('b,a\ny,2\nx,9\n', source)
    expect(applyPreparation(stored, loaded, section)).toEqual(applyPreparation(fitted, loaded, section))
  })
})

describe('pictures and points', () => {
  const pictures = (count: number): HeldExamples => ({
    count,
    shape: [2, 3, 1],
    features: Uint8Array.from({ length: count * 6 }, (_, i) => (i * 37) % 256),
    target: { kind: 'classes', names: ['0', '1'] },
    targets: Int32Array.from({ length: count }, (_, i) => i % 2),
  })
  const section = (preparation: PreparationRecipe): DataSection =>
    sectionOf(valueOf(generatedSource('moons')), { preparation, split: { validation: 0.25, seed: 5 } })

  test('share one mean and deviation over all pixels of the training part', () => {
    const raw = pictures(40)
    const prepared = valueOf(prepare(raw, section(standardise)))
    const rows = atOnce(split(40, { validation: 0.25, seed: 5 }, { classes: raw.targets })).train
    const bytes = [...rows].flatMap((row) => [...raw.features.subarray(row * 6, row * 6 + 6)])
    expect(prepared.fitted.columns).toHaveLength(1)
    expect(prepared.fitted.columns[0]?.mean).toBeCloseTo(mean(bytes), 9)
    expect(prepared.fitted.columns[0]?.deviation).toBeCloseTo(deviation(bytes), 9)
    expect(Math.abs(mean([...prepared.train.features]))).toBeLessThan(1e-6)
    expect(Math.abs(deviation([...prepared.train.features]) - 1)).toBeLessThan(1e-6)
  })

  test('as floats are scaled as bytes are', () => {
    const raw = pictures(40)
    const floats = valueOf(prepare({ ...raw, features: Float32Array.from(raw.features) }, section(standardise)))
    const bytes = valueOf(prepare(raw, section(standardise)))
    floats.train.features.forEach((value, i) => expect(value).toBeCloseTo(bytes.train.features[i] ?? NaN, 5))
  })

  test('lie between 0 and 1 without scaling', () => {
    const raw = pictures(40)
    const prepared = valueOf(prepare(raw, section(asIs)))
    const [row = 0] = atOnce(split(40, { validation: 0.25, seed: 5 }, { classes: raw.targets })).train
    expect([...prepared.train.features.subarray(0, 6)]).toEqual(
      [...raw.features.subarray(row * 6, row * 6 + 6)].map((byte) => Math.fround(byte / 255)),
    )
  })

  test('all black are safe', () => {
    const black = { ...pictures(10), features: new Uint8Array(60) }
    const prepared = valueOf(prepare(black, section(standardise)))
    expect(prepared.fitted.columns[0]).toEqual({ mean: 0, deviation: 1, fill: 0 })
    expect(prepared.train.features.every((value) => value === 0)).toBe(true)
  })

  test('leak nothing', () => {
    const raw = pictures(40)
    const { validation } = atOnce(split(40, { validation: 0.25, seed: 5 }, { classes: raw.targets }))
    const features = Uint8Array.from(raw.features)
    for (const row of validation) features.fill(255, row * 6, row * 6 + 6)
    const before = valueOf(prepare(raw, section(standardise)))
    const after = valueOf(prepare({ ...raw, features }, section(standardise)))
    expect(after.fitted).toEqual(before.fitted)
    expect(after.validation).not.toEqual(before.validation)
  })

  test('of points are scaled each coordinate on its own', () => {
    const source = valueOf(generatedSource('moons', { count: 200 }))
    const loaded = examplesOf(source)
    const prepared = valueOf(prepare(loaded, sectionOf(source)))
    expect(prepared.fitted.columns).toHaveLength(2)
    for (const k of [0, 1]) expect(Math.abs(mean(place(prepared.train, 2, k)))).toBeLessThan(1e-6)
  })

  test('of one class are refused', () => {
    const raw = { ...pictures(10), targets: new Int32Array(10) }
    expect(messages(prepare(raw, section(standardise)))).toEqual([
      'Every example has the class "0"; a network needs two classes or more to tell apart.',
    ])
  })

  test('of classes that training never sees are said', () => {
    const raw: HeldExamples = { ...pictures(10), target: { kind: 'classes', names: ['0', '1', '2'] } }
    expect(valueOf(prepare(raw, section(standardise))).warnings.map((warning) => warning.message)).toEqual([
      'No training example has the class "2", so the network cannot learn it.',
    ])
  })

  test('are prepared the same later, all generated sets', () => {
    for (const type of datasets.keys()) {
      const source = valueOf(generatedSource(type, { count: 60 }))
      const whole = sectionOf(source, { split: { validation: 0, seed: 1 } })
      const data = examplesOf(source)
      const prepared = valueOf(prepare(data, whole))
      const later = valueOf(applyPreparation(prepared.fitted, data, whole))
      expect(later.features).toEqual(prepared.train.features)
      expect(later.targets).toEqual(prepared.train.targets)
      expect(prepared.validation.count).toBe(0)
      expect(prepared.shape).toEqual(signatureOf(whole).features)
    }
  })
})

test('the iris file is whole: 150 flowers, 50 of each species, with the means that Fisher printed', async () => {
  const text = readFileSync(new URL('../../models/data/iris.csv', import.meta.url), 'utf8')
  const source = await tableSourceOf(text, 'iris.csv')
  expect(source.columns.map((column) => column.role)).toEqual(['feature', 'feature', 'feature', 'feature', 'target'])
  const section = sectionOf(source, { preparation: asIs, split: { validation: 0, seed: 1 } })
  const { train } = valueOf(prepare(await tableOf(text, source, 'iris.csv'), section))
  expect(train.count).toBe(150)
  const printed = [
    [5.006, 3.428, 1.462, 0.246],
    [5.936, 2.77, 4.26, 1.326],
    [6.588, 2.974, 5.552, 2.026],
  ]
  printed.forEach((means, species) => {
    const rows = [...train.targets.keys()].filter((i) => train.targets[i] === species)
    expect(rows).toHaveLength(50)
    means.forEach((value, k) => expect(mean(rows.map((i) => train.features[i * 4 + k] ?? NaN))).toBeCloseTo(value, 5))
  })
})
