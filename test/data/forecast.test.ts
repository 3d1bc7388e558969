/** A series that is told from its own past. */
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { applyPreparation, asSource, isTable, prepare, prepareFeed, readFiles } from '../../src/data/index.ts'
import { featuresAt } from '../../src/data/features.ts'
import type { LoadedTable, PreparedData, Proposal } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { withSource } from '../../src/document/parts.ts'
import { signatureOf } from '../../src/document/signature.ts'
import { starterFor } from '../../src/document/starter.ts'
import type { Column, DataSection, PreparationRecipe, TableSource, Windows } from '../../src/document/types.ts'
import { fileOf, messages, proposalOf, sectionOf, tableOf, valueOf } from './files.ts'

const DAY = 86_400_000
const dayOf = (i: number) => new Date(Date.UTC(2024, 0, 1) + i * DAY).toISOString().slice(0, 10)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const random = new Rng(5, 'forecast')
/** Days and values, the former in any order in the file. */
const series = upTo(60).map((i) => ({ day: i, value: i % 7 === 0 ? 100 + i : Math.round(random.uniform(-50, 50)) }))
const GAP = 23

const textOf = (rows: readonly { day: number; value: number }[]) =>
  `date,value\n${rows.map(({ day, value }) => `${dayOf(day)},${day === GAP ? '' : value}`).join('\n')}\n`
const shuffled = Array.from(new Rng(6, 'order').permutation(60), (i) => series[i] ?? { day: 0, value: 0 })

const columns: readonly Column[] = [
  { name: 'date', role: 'time', kind: 'categorical' },
  { name: 'value', role: 'target', kind: 'numeric' },
]

async function made(
  windows: Windows,
  { missing = 'fill', scale = 'none' }: Partial<PreparationRecipe> = {},
  text = textOf(shuffled),
  own = columns,
): Promise<{ readonly loaded: LoadedTable; readonly section: DataSection }> {
  const files = [{ name: 'data.csv', size: text.length, sha256: 'hash' }]
  const source: TableSource = { kind: 'table', reader: 'csv', options: {}, files, columns: own }
  const section = sectionOf(source, { preparation: { scale, missing, windows }, split: { validation: 0.25, seed: 1 } })
  return { loaded: await tableOf(text, source), section }
}

interface Example {
  readonly features: readonly number[]
  readonly target: number
}

function examplesIn({ count, features, targets }: PreparedData<Float32Array>['train']): Example[] {
  const size = features.length / count
  return upTo(count).map((i) => ({
    features: [...features.subarray(i * size, (i + 1) * size)],
    target: targets[i] ?? NaN,
  }))
}

/** By loops over days: the first 45 train. `fill`: what stands for the day without a value; undefined leaves windows with it out. */
function naive(
  { length, horizon, stride }: Windows,
  fill: number | undefined,
  side: 'train' | 'validation',
): Example[] {
  const found: Example[] = []
  for (let from = 0; from < 60; from += stride) {
    const days = upTo(length).map((k) => from + k)
    const answer = from + length - 1 + horizon
    if (answer > 59 || answer === GAP) continue
    if (side === 'train' ? answer > 44 : from < 45) continue
    if (days.includes(GAP) && fill === undefined) continue
    const features = days.map((day) => (day === GAP ? Math.fround(fill ?? 0) : (series[day]?.value ?? NaN)))
    found.push({ features, target: series[answer]?.value ?? NaN })
  }
  return found
}

describe('windows with the past of the target', () => {
  const kinds: readonly Windows[] = [
    { length: 4, horizon: 1, stride: 1, past: true },
    { length: 1, horizon: 1, stride: 1, past: true },
    { length: 5, horizon: 3, stride: 2, past: true },
    { length: 3, horizon: 2, stride: 4, past: true },
  ]

  test('are what loops over the days make; a step more or less would be seen', async () => {
    for (const windows of kinds)
      for (const missing of ['fill', 'skip'] as const) {
        const { loaded, section } = await made(windows, { missing })
        const { train, validation, fitted, shape } = valueOf(prepare(loaded, section))
        expect(shape).toEqual([windows.length, 1])
        expect(signatureOf(section).features).toEqual(shape)
        const fill = missing === 'fill' ? fitted.columns[0]?.fill : undefined
        expect(examplesIn(train)).toEqual(naive(windows, fill, 'train'))
        expect(examplesIn(validation)).toEqual(naive(windows, fill, 'validation'))
        expect(train.count).toBeGreaterThan(5)
        for (const wrong of [
          { ...windows, horizon: windows.horizon + 1 },
          { ...windows, horizon: windows.horizon - 1 },
        ])
          expect(examplesIn(train)).not.toEqual(naive(wrong, fill, 'train'))
      }
  })

  test('are made alike when they are asked for', async () => {
    for (const windows of kinds) {
      const { loaded, section } = await made(windows)
      const { train } = valueOf(prepare(loaded, section))
      const feed = valueOf(await prepareFeed(loaded, section, 0)).train
      const rows = Uint32Array.from(upTo(feed.count))
      expect(await featuresAt(feed.features, rows, windows.length)).toEqual(train.features)
      expect(feed.targets).toEqual(train.targets)
    }
  })

  test('hold no answer: another one moves nothing in its own window', async () => {
    const windows = { length: 4, horizon: 2, stride: 1, past: true } as const
    const { loaded, section } = await made(windows)
    const before = examplesIn(valueOf(prepare(loaded, section)).validation)
    const last = shuffled.map((row) => (row.day === 59 ? { ...row, value: 9999 } : row))
    const other = await made(windows, {}, textOf(last))
    const after = examplesIn(valueOf(prepare(other.loaded, other.section)).validation)
    expect(after.at(-1)?.target).toBe(9999)
    expect(after.map(({ features }) => features)).toEqual(before.map(({ features }) => features))
    // The control: a value that does stand in windows moves them.
    const inside = shuffled.map((row) => (row.day === 55 ? { ...row, value: 9999 } : row))
    const moved = await made(windows, {}, textOf(inside))
    expect(examplesIn(valueOf(prepare(moved.loaded, moved.section)).validation).map((one) => one.features)).not.toEqual(
      before.map(({ features }) => features),
    )
  })

  test('learn from the training part alone, as a feature and as a target', async () => {
    const windows = { length: 4, horizon: 2, stride: 1, past: true } as const
    const fittedOf = async (rows: typeof shuffled) => {
      const { loaded, section } = await made(windows, { scale: 'standardise' }, textOf(rows))
      return valueOf(prepare(loaded, section)).fitted
    }
    const fitted = await fittedOf(shuffled)
    // Windows of training end where their targets still train: the last rows of these are day 42.
    const learnt = series.filter(({ day }) => day <= 42 && day !== GAP).map(({ value }) => value)
    const mean = learnt.reduce((a, b) => a + b) / learnt.length
    expect(fitted.columns[0]?.mean).toBeCloseTo(mean, 9)
    expect(fitted.columns[0]?.fill).toBeCloseTo(mean, 9)
    expect(fitted.targets[0]?.mean).not.toBeCloseTo(mean, 3)
    expect(await fittedOf(shuffled.map((row) => (row.day > 44 ? { ...row, value: row.value * 50 } : row)))).toEqual(
      fitted,
    )
    expect(await fittedOf(shuffled.map((row) => (row.day === 40 ? { ...row, value: 5000 } : row)))).not.toEqual(fitted)
  })

  test('stand behind the other features; classes are a place each', async () => {
    const text = `date,heat,sky\n${upTo(12)
      .map((i) => `${dayOf(i)},${10 * i},${i % 3 === 0 ? 'rain' : 'sun'}`)
      .join('\n')}\n`
    const own: readonly Column[] = [
      { name: 'date', role: 'time', kind: 'categorical' },
      { name: 'sky', role: 'target', kind: 'categorical', categories: ['rain', 'sun'] },
      { name: 'heat', role: 'feature', kind: 'numeric' },
    ]
    const { loaded, section } = await made({ length: 2, horizon: 1, stride: 1, past: true }, {}, text, own)
    const { train, shape } = valueOf(prepare(loaded, section))
    expect(shape).toEqual([2, 3])
    expect(signatureOf(section).features).toEqual(shape)
    const [first, second] = examplesIn(train)
    expect(first).toEqual({ features: [0, 1, 0, 10, 0, 1], target: 1 })
    expect(second).toEqual({ features: [10, 0, 1, 20, 0, 1], target: 0 })
  })

  test('are applied to what comes next, whose answers nobody knows yet', async () => {
    const windows = { length: 3, horizon: 2, stride: 1, past: true } as const
    const { loaded, section } = await made(windows, { scale: 'standardise' })
    const { fitted } = valueOf(prepare(loaded, section))
    const { mean = NaN, deviation = NaN } = fitted.columns[0] ?? {}
    const later = await tableOf('date,value\n2024-05-03,7\n2024-05-01,5\n2024-05-04,9\n2024-05-02,6\n', loaded.source)
    const next = valueOf(applyPreparation(fitted, later, section))
    expect(next.shape).toEqual([3, 1])
    const wanted = [5, 6, 7, 6, 7, 9].map((value) => Math.fround((value - mean) / deviation))
    expect([...next.features]).toEqual(wanted)
    expect([...next.rows]).toEqual([0, 2])
    expect(next.targets).toBeUndefined()
    const blind = await tableOf('date\n2024-05-03\n2024-05-01\n', loaded.source)
    expect(messages(applyPreparation(fitted, blind, section))).toEqual([
      'data.csv has no column value; its columns are date.',
    ])
  })

  test('show a row that was corrected as it stands in the file, and ask for it as it is right', async () => {
    const windows = { length: 2, horizon: 1, stride: 1, past: true } as const
    const { loaded, section } = await made(windows, {}, textOf(series))
    const before = examplesIn(valueOf(prepare(loaded, section)).train)
    const after = examplesIn(valueOf(prepare(loaded, { ...section, corrections: { 10: { target: 777 } } })).train)
    expect(after).toEqual(before.map((one, i) => (i === 8 ? { ...one, target: 777 } : one)))
  })

  test('make a task without any other feature, and without them there is none', async () => {
    const { loaded, section } = await made({ length: 3, horizon: 1, stride: 1 })
    expect(messages(prepare(loaded, section))).toEqual([
      'data.csv: no column is a feature; choose one or more to learn from, or give windows the past of the target.',
    ])
  })

  test('name a value that does not fit once', async () => {
    const text = textOf(shuffled).replace(`${dayOf(30)},`, `${dayOf(30)},x`)
    const { loaded, section } = await made(kinds[0] as Windows, {}, text)
    const found = prepare(loaded, section)
    expect(messages(found)).toHaveLength(1)
    expect(messages(found)[0]).toContain('column value')
    const mended = { ...loaded, source: { ...loaded.source, options: { bad: 'skip' } } }
    const { warnings } = valueOf(prepare(mended, section))
    expect(warnings.filter(({ message }) => message.includes('the row is left out'))).toHaveLength(1)
  })
})

describe('a forecast is proposed', () => {
  const forecast = { label: 'Task', value: 'forecast value from the last 7 rows' }
  const of = async (text: string): Promise<Proposal> => valueOf(await proposalOf([fileOf('data.csv', text)]))
  const rows = (count: number, more: (i: number) => string) =>
    upTo(count)
      .map((i) => `${dayOf(i)},${more(i)}\n`)
      .join('')
  const value = (i: number) => String(Math.sin(i))

  test('of a series, with the network for it and all that its rows say', async () => {
    const proposal = await of(`date,value\n${rows(60, value)}`)
    expect(proposal.windows).toEqual({ length: 7, horizon: 1, stride: 1, past: true })
    expect(proposal.facts[0]).toEqual(forecast)
    const section = withSource(emptyDocument().data, proposal)
    const starter = starterFor(section, 60)
    expect(starter).toMatchObject({ task: 'sequenceNumbers', says: 'Forecast value from the last 7 rows.' })
    expect(Object.values(starter.graph.blocks).map(({ type }) => type)).toContain('gru')
    const opened = valueOf(await readFiles([fileOf('data.csv', `date,value\n${rows(60, value)}`)]))
    const { data } = valueOf(asSource(proposal.source, opened))
    if (!isTable(data)) throw new Error('no table')
    const { train, validation } = valueOf(prepare(data, section))
    // The last fifth validates: windows of 7 rows and the one behind lie in 48 rows or in 12.
    expect([train.count, validation.count]).toEqual([48 - 7, 12 - 7])
    // Other data, which are no series, are plain rows again.
    const iris = await of('a,b,kind\n1,2,x\n3,4,y\n5,6,x\n')
    expect(withSource(section, iris).preparation).toEqual(emptyDocument().data.preparation)
  })

  test('in any order, with other columns, and from so much of the past as there are rows for', async () => {
    const lines = rows(200, (i) => `${i % 9},${value(i)}`)
      .trim()
      .split('\n')
    const mixed = Array.from(new Rng(1, 'mixed').permutation(200), (i) => lines[i])
    const proposal = await of(`when,price,value\n${mixed.join('\n')}\n`)
    expect(proposal.windows).toEqual({ length: 16, horizon: 1, stride: 1, past: true })
    expect(proposal.source).toMatchObject({ columns: [{ role: 'time' }, { role: 'feature' }, { role: 'target' }] })
    expect((await of(`date,value\n${rows(32, value)}`)).windows?.length).toBe(4)
    expect((await of(`date,value\n${rows(31, value)}`)).windows?.length).toBe(3)
    // A day without a date is no row of the series, and no twin.
    expect((await of(`date,a,value\n${rows(40, (i) => `${i},${value(i)}`)},1,2\n,3,4\n`)).windows?.length).toBe(5)
  })

  test('only where rows are a series of numbers that is long enough', async () => {
    const plain = async (text: string) => expect((await of(text)).windows, text.slice(0, 60)).toBeUndefined()
    const two = (i: number) => `${i % 9},${value(i)}`
    await plain(`date,a,value\n${rows(15, two)}`)
    await plain(`date,a,value\n${rows(40, two)}${dayOf(3)},1,2\n`)
    await plain(`date,a,value\n${rows(40, two)}${dayOf(3)}T00:00:00Z,1,2\n`)
    await plain(`date,a,kind\n${rows(40, (i) => `${i % 9},${i % 2 ? 'x' : 'y'}`)}`)
    await plain(`date,a,tag_up,tag_left\n${rows(40, (i) => `${value(i)},${i % 2},${Number(i % 3 > 0)}`)}`)
    await plain(`a,value\n${rows(40, value).replace(/^.{10}/gm, (day) => String(Date.parse(day)))}`)
    await plain(`date,due,a,value\n${rows(40, (i) => `${dayOf(i + 3)},${two(i)}`)}`)
    const twice = `date,value\n${rows(40, value)}${dayOf(3)},1\n`
    expect(messages(await proposalOf([fileOf('data.csv', twice)]))[0]).toBe(
      'data.csv has no column left to learn from beside its target value; add a column of numbers or of repeating texts, or give each row a date of its own to forecast value from its past.',
    )
    expect((await of(`date,a,value\n${rows(40, two)}`)).windows).toBeDefined()
  })

  test('of a few rows, where both sides have windows; of fewer it is said how many it takes', async () => {
    for (let count = 16; count < 40; count++) {
      const text = `date,value\n${rows(count, value)}`
      const proposal = await of(text)
      const opened = valueOf(await readFiles([fileOf('data.csv', text)]))
      const { data } = valueOf(asSource(proposal.source, opened))
      if (!isTable(data)) throw new Error('no table')
      const { train, validation } = valueOf(prepare(data, withSource(emptyDocument().data, proposal)))
      expect(validation.count, `${count} rows`).toBeGreaterThan(0)
      expect(train.count, `${count} rows`).toBeGreaterThan(validation.count)
    }
    const short = `date,value\n${rows(15, value)}`
    expect(messages(await proposalOf([fileOf('data.csv', short)]))[0]).toBe(
      'data.csv has 15 rows, and a forecast of value from its past needs at least 16, for windows of 2 rows; add rows, or a column of numbers or of repeating texts to learn from.',
    )
    // With something else to learn from it is a warning.
    const two = await of(`date,a,value\n${rows(15, (i) => `${i % 9},${value(i)}`)}`)
    expect(two.warnings.map(({ message }) => message)).toContain(
      'data.csv has 15 rows, and a forecast of value from its past needs at least 16, for windows of 2 rows, so it is told by the other columns of its own row.',
    )
    const enough = await of(`date,a,value\n${rows(16, (i) => `${i % 9},${value(i)}`)}`)
    expect(enough.warnings.map(({ code }) => code)).not.toContain('data.shortSeries')
    // Rows that have no moment each are no series, however few.
    const classes = await of(`date,a,kind\n${rows(15, (i) => `${i % 9},${i % 2 ? 'x' : 'y'}`)}`)
    expect(classes.warnings.map(({ code }) => code)).not.toContain('data.shortSeries')
  })
})
