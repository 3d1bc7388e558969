/** Columns with more different dates than texts are kept for. */
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { prepare } from '../../src/data/index.ts'
import { MAX_CATEGORIES, MAX_TEXTS } from '../../src/data/limits.ts'
import { ColumnBuilder } from '../../src/data/table/builder.ts'
import { cellOf } from '../../src/data/table/table.ts'
import type { TableColumn } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { withSource } from '../../src/document/parts.ts'
import { fileOf, offerOf, sectionOf, tableOf, valueOf } from './files.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const random = new Rng(3, 'moments')
const two = (number: number) => String(number).padStart(2, '0')
/** A date of its own for each, by its parts: nothing of the code under test wrote it. */
const parts = upTo(2 * MAX_CATEGORIES).map((i) => ({
  day: `${1000 + 4 * i}-${two(1 + random.integer(12))}-${two(1 + random.integer(28))}`,
  time: `${two(random.integer(24))}:${two(random.integer(60))}`,
  second: two(random.integer(60)),
  milli: String(random.integer(1000)).padStart(3, '0'),
}))

function columnOf(cells: readonly string[]): TableColumn {
  const builder = new ColumnBuilder('when')
  for (const cell of cells) builder.text(cell)
  return builder.finish()
}
const cellsOf = (column: TableColumn, count: number) => upTo(count).map((row) => cellOf(column, row))

describe('dates that are written alike are kept as numbers', () => {
  test.each([
    ['days', ({ day }: (typeof parts)[0]) => day],
    ['months', ({ day }: (typeof parts)[0]) => day.slice(0, 7)],
    ['minutes', ({ day, time }: (typeof parts)[0]) => `${day} ${time}`],
    ['seconds in universal time', ({ day, time, second }: (typeof parts)[0]) => `${day}T${time}:${second}Z`],
    ['seconds in another zone', ({ day, time, second }: (typeof parts)[0]) => `${day}T${time}:${second}+05:30`],
    ['seconds west of it', ({ day, time, second }: (typeof parts)[0]) => `${day} ${time}:${second} -0800`],
    ['milliseconds', ({ day, time, second, milli }: (typeof parts)[0]) => `${day}T${time}:${second}.${milli}`],
    [
      'tenths with a comma',
      ({ day, time, second, milli }: (typeof parts)[0]) => `${day} ${time}:${second},${milli[0]}`,
    ],
  ])('and read as they were written: %s', (_, write) => {
    const texts = parts.map(write)
    const column = columnOf([...texts.slice(0, 1500), '', 'soon', ...texts.slice(1500)])
    expect(column).toMatchObject({ kind: 'numbers', dates: {} })
    expect(cellsOf(column, texts.length + 2)).toEqual([...texts.slice(0, 1500), '', 'soon', ...texts.slice(1500)])
    if (column.kind !== 'numbers') return
    const moments = [...column.values.subarray(0, 1500)]
    // Months and days by ISO 8601 are in universal time; Date takes other times without a zone for those of the machine.
    const iso = (text: string) => text.replace(' -0800', '-08:00').replace(' ', 'T').replace(',', '.')
    const zoned = (text: string) => (/T/.test(text) && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text)
    expect(moments).toEqual(texts.slice(0, 1500).map((text) => Date.parse(zoned(iso(text)))))
  })

  test('also with microseconds, in our times', () => {
    const texts = upTo(1500).map((i) => `2024-05-31 12:00:00.${String(i * 661).padStart(6, '0')}`)
    const column = columnOf(texts)
    expect(column).toMatchObject({ kind: 'numbers' })
    expect(cellsOf(column, 1500)).toEqual(texts)
    expect(columnOf(texts.map((text) => `${text}000`)).kind).toBe('texts')
  })

  test('but for those that would be read as another text', () => {
    const day = (i: number) => new Date(Date.UTC(2000, 0, 1 + i)).toISOString().slice(0, 10)
    const days = upTo(1500).map(day)
    const others = ['2024-13-01', '2024-02-30', '2024-05-31T12:00', '2024-05', '31.05.2024', '20240531']
    const column = columnOf([...days, ...others])
    expect(cellsOf(column, days.length + others.length)).toEqual([...days, ...others])
    expect(column.kind === 'numbers' && column.slips.size).toBe(others.length)
    const leap = columnOf([...upTo(1500).map((i) => `${day(i)} 23:59:00`), '2016-12-31 23:59:60'])
    expect(cellOf(leap, 1500)).toBe('2016-12-31 23:59:60')
    // The control: in two forms they are texts from the beginning.
    expect(columnOf(upTo(1500).map((i) => (i % 2 ? day(i) : `${day(i)}T00:00`))).kind).toBe('texts')
  })

  test('until too many are none, when they are texts again', () => {
    const day = (i: number) => new Date(Date.UTC(2000, 0, 1 + i)).toISOString().slice(0, 10)
    const cells = [...upTo(3000).map(day), ...upTo(1200).map((i) => `remark ${i}`)]
    const column = columnOf(cells)
    expect(column.kind).toBe('texts')
    expect(cellsOf(column, cells.length)).toEqual(cells)
  })
})

const minute = (i: number) => new Date(Date.UTC(2020, 0, 1, 0, i)).toISOString().slice(0, 16)

test('a series of more dates than texts are kept for is a forecast, in order', async () => {
  const count = MAX_TEXTS + 5000
  // From the last to the first.
  const lines = upTo(count).map((i) => `${minute(count - 1 - i)},${(count - 1 - i) % 9999}.5`)
  const text = `time,value\n${lines.join('\n')}\n`
  const proposal = valueOf(await offerOf([fileOf('data.csv', text)]))
  expect(proposal.errors).toEqual([])
  expect(proposal.windows).toEqual({ length: 16, horizon: 1, stride: 1, past: true })
  const section = withSource(emptyDocument().data, proposal)
  if (proposal.source.kind !== 'table') throw new Error('no table')
  const plain = { ...section, preparation: { ...section.preparation, scale: 'none' as const } }
  const { train, validation } = valueOf(prepare(await tableOf(text, proposal.source), plain))
  expect([train.count, validation.count]).toEqual([count * 0.8 - 16, count * 0.2 - 16])
  expect([...train.features.subarray(0, 16)]).toEqual(upTo(16).map((i) => i + 0.5))
  expect(train.targets[0]).toBe(16.5)
  const twice = valueOf(await offerOf([fileOf('data.csv', `${text}${minute(7)},1\n`)]))
  expect(twice.windows).toBeUndefined()
  const wrong = valueOf(await offerOf([fileOf('data.csv', `${text}soon,1\n`)]))
  expect(wrong.windows).toBeUndefined()
})

test('to whoever reads cells they are texts, be there few of them or many', async () => {
  const table = (count: number) =>
    `time,a,b\n${upTo(count)
      .map((i) => `${minute(i)},${i % 7},${i % 2 ? 'u' : 'v'}\n`)
      .join('')}`
  const section = async (count: number) => {
    const { source } = await tableOf(table(count))
    const columns = source.columns.map((column) =>
      column.name === 'time'
        ? ({ name: 'time', role: 'feature', kind: 'categorical', encoding: 'hash', buckets: 32 } as const)
        : column,
    )
    return sectionOf({ ...source, columns }, { split: { validation: 0, seed: 1 } })
  }
  const featuresOf = async (count: number) => {
    const { source, ...rest } = await section(count)
    if (source.kind !== 'table') throw new Error('no table')
    const { train } = valueOf(prepare(await tableOf(table(count), source), { source, ...rest }))
    return Array.from({ length: 900 }, (_, i) => [...train.features.subarray(33 * i, 33 * i + 32)].indexOf(1))
  }
  const [few, many] = [await featuresOf(900), await featuresOf(1100)]
  expect(new Set(few).size).toBeGreaterThan(20)
  expect(many).toEqual(few)
  // As numbers they are refused, by the text that stands there.
  const { source } = await tableOf(table(1100))
  const columns = source.columns.map((column) =>
    column.name === 'time' ? ({ name: 'time', role: 'feature', kind: 'numeric' } as const) : column,
  )
  const numeric = { ...source, columns }
  const refused = prepare(await tableOf(table(1100), numeric), sectionOf(numeric))
  expect(refused).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('"2020-01-01T00:00"') }] })
})
