/** Columns that count time as programs do, and rows that come in the order of their times: what is proposed for them. */
import { describe, expect, test } from 'vitest'
import { prepare } from '../../src/data/index.ts'
import type { Proposal } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { withSource } from '../../src/document/parts.ts'
import { fileOf, proposalOf, tableOf, valueOf } from './files.ts'

const lines = (header: string, count: number, line: (i: number) => string) =>
  `${header}\n${Array.from({ length: count }, (_, i) => line(i)).join('\n')}\n`
const proposed = async (text: string, name = 'a.csv') => valueOf(await proposalOf([fileOf(name, text)]))
const rolesOf = ({ source }: Proposal) =>
  source.kind === 'table' ? source.columns.map(({ name, role }) => `${name}: ${role}`) : []
/** No two rows are alike, and none follows from the one before. */
const value = (i: number) => ((i * 7919) % 1009) / 8
const day = (i: number) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10)

describe('a clock', () => {
  test.each([
    ['seconds', 'timestamp', (i: number) => 1_700_000_000 + 60 * i],
    ['milliseconds', 'time', (i: number) => 1_700_000_000_000 + 60_000 * i],
    ['more different ones than a category has', 'created_at', (i: number) => 1_700_000_000 + i],
  ])('of %s is the time of a series', async (what, name, at) => {
    const count = what.startsWith('more') ? 1200 : 60
    const found = await proposed(lines(`${name},load`, count, (i) => `${at(i)},${value(i)}`))
    expect(rolesOf(found)).toEqual([`${name}: time`, 'load: target'])
    expect(found.windows).toMatchObject({ past: true })
    expect(found.warnings.map(({ message }) => message)).toContainEqual(
      `a.csv, column ${name}: its numbers are the time of the rows, by which they can be split or cut into windows; nothing is learnt from it.`,
    )
  })

  test.each([
    ['under another name', 'price', (i: number) => 1_700_000_000 + 60 * i],
    ['that goes back', 'time', (i: number) => 1_700_000_000 + 60 * (i === 30 ? 0 : i)],
    ['of another age', 'time', (i: number) => 60 * i],
    ['of halves of a second', 'time', (i: number) => 1_700_000_000 + i / 2],
    ['that stands still', 'time', () => 1_700_000_000],
  ])('%s is none: the controls', async (_, name, at) => {
    const found = await proposed(lines(`${name},load`, 60, (i) => `${at(i)},${value(i)}`)).catch(() => undefined)
    expect(found ? rolesOf(found) : []).not.toContain(`${name}: time`)
  })

  test('that several columns are is left to the person, and beside dates is none', async () => {
    const both = await proposed(
      lines('time,seen_at,x,y', 60, (i) => `${17e8 + i},${17e8 + 9 * i},${i % 7},${value(i)}`),
    )
    expect(rolesOf(both).slice(0, 2)).toEqual(['time: ignore', 'seen_at: ignore'])
    expect(both.warnings[0]?.message).toBe(
      'a.csv, column time: it holds times; it is ignored at first, and can be chosen as the time.',
    )
    const dated = await proposed(lines('time,day,x,y', 60, (i) => `${17e8 + i},${day(i)},${i % 7},${value(i)}`))
    expect(rolesOf(dated).slice(0, 2)).toEqual(['time: ignore', 'day: time'])
  })
})

describe('rows in the order of their times', () => {
  const stores = ['A', 'B', 'C']
  const byDay = lines('store,date,sales', 120, (i) => `${stores[i % 3]},${day(Math.floor(i / 3))},${value(i)}`)
  const byStore = lines('store,date,sales', 120, (i) => `${stores[Math.floor(i / 40)]},${day(i % 40)},${value(i)}`)
  const mixed = lines('store,date,sales', 120, (i) => `${stores[i % 3]},${day((i * 37) % 41)},${value(i)}`)
  const split = { method: 'time' }

  test('are split by these, also where groups lie one behind the other', async () => {
    for (const text of [byDay, byStore]) {
      const found = await proposed(text)
      expect(rolesOf(found)).toEqual(['store: feature', 'date: time', 'sales: target'])
      expect(found).toMatchObject({ split })
      expect(found.facts).toContainEqual({ label: 'Split', value: 'by time: the latest rows validate' })
      if (found.source.kind !== 'table') throw new Error('no table')
      const loaded = await tableOf(text, found.source, 'a.csv')
      const { train, validation } = valueOf(prepare(loaded, withSource(emptyDocument().data, found)))
      const dates = text.split('\n').map((line) => line.split(',')[1] ?? '')
      const of = (rows: Uint32Array = new Uint32Array()) => [...rows].map((row) => dates[row + 1] ?? '').sort()
      expect([train.count, validation.count]).toEqual([96, 24])
      expect((of(train.rows).at(-1) ?? '') <= (of(validation.rows)[0] ?? '')).toBe(true)
    }
  })

  test('are drawn where they come in no order, or where a window is cut anyhow: the controls', async () => {
    expect(await proposed(mixed)).not.toHaveProperty('split')
    const series = await proposed(lines('date,sales', 60, (i) => `${day(i)},${value(i)}`))
    expect(series).not.toHaveProperty('split')
    expect(series).toHaveProperty('windows')
  })

  test('leave no split behind for data without a time', async () => {
    const before = withSource(emptyDocument().data, await proposed(byDay))
    expect(before.split).toEqual({ validation: 0.2, seed: 1, method: 'time' })
    const after = withSource(before, await proposed(lines('x,class', 20, (i) => `${i},${'uv'[i % 2]}`)))
    expect(after.split).toEqual({ validation: 0.2, seed: 1 })
  })
})
