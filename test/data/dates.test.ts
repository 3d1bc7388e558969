/** Dates with the day or the month first, column by column, as pandas reads them where it is told which. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { asSource, isTable, prepare, readFiles } from '../../src/data/index.ts'
import { dateIn, datesOf, isDate } from '../../src/data/table/dates.ts'
import { fileOf, messages, proposalOf, sectionOf, valueOf } from './files.ts'

const { dates: cases } = JSON.parse(readFileSync(new URL('fixtures/tables.json', import.meta.url), 'utf8')) as {
  dates: readonly {
    form: string
    first: 'day' | 'month' | null
    texts: readonly string[]
    moments: readonly number[]
  }[]
}

describe('the dates of a column', () => {
  test.each(cases)('written as $form are what pandas reads', ({ first, texts, moments }) => {
    const dates = datesOf(texts)
    expect(texts.map(dates.in)).toEqual(moments)
    expect(dates.first ?? null).toBe(first)
    expect(dates.doubtful).toBeUndefined()
    expect(texts.every(isDate)).toBe(true)
    // Whatever its order, and one by one they would not be: what could be both is read with the day first.
    const turned = [...texts].reverse()
    expect(turned.map(datesOf(turned).in)).toEqual([...moments].reverse())
    const alone = texts.map((text) => datesOf([text]).in(text))
    if (first === 'month') expect(alone).not.toEqual(moments)
    else expect(alone).toEqual(moments)
  })

  test('that nothing tells have the day first, which is doubtful unless it makes no difference', () => {
    const doubtful = datesOf(['03.03.2024', '01/02/2024', '2024-05-31'])
    expect(doubtful).toMatchObject({ first: 'day', doubtful: '01/02/2024' })
    expect(doubtful.in('01/02/2024')).toBe(Date.UTC(2024, 1, 1))
    expect(doubtful.in('2024-05-31')).toBe(Date.UTC(2024, 4, 31))
    const alike = datesOf(['03.03.2024'])
    expect([alike.first, alike.doubtful]).toEqual(['day', undefined])
    expect(datesOf(['2024-05-31', 'x'])).not.toHaveProperty('first')
  })

  test('that contradict the first one, or the calendar, are none', () => {
    const day = datesOf(['31/12/2024', '12/31/2024'])
    expect(['31/12/2024', '12/31/2024'].map(day.in)).toEqual([Date.UTC(2024, 11, 31), NaN])
    for (const text of [
      '31.04.2024',
      '29.02.2023',
      '00.01.2024',
      '1.2.24',
      '1.2/2024',
      '32.1.2024',
      '01.02.2024 24:00',
    ])
      expect(datesOf([text]).in(text), text).toBeNaN()
    for (const text of [
      '1.2.2024 13:00 pm',
      '1.2.2024 0:30 am',
      '1.2.2024 12:60',
      '2024/13/01',
      '2024/1.2',
      'x 1.2.2024',
    ])
      expect(datesOf([text]).in(text), text).toBeNaN()
    const noon = datesOf(['1.2.2024'])
    expect(['1.2.2024 12:30 am', '1.2.2024 12:30 PM', '29.02.2024'].map(noon.in)).toEqual([
      Date.UTC(2024, 1, 1, 0, 30),
      Date.UTC(2024, 1, 1, 12, 30),
      Date.UTC(2024, 1, 29),
    ])
    expect(dateIn('31.12.2024')).toBeNaN()
  })
})

describe('a table with such dates', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ day: new Date(Date.UTC(2024, 0, 1 + i)), value: Math.sin(i) }))
  const two = (number: number) => String(number).padStart(2, '0')
  const written = (first: 'day' | 'month', count = 40) => {
    const line = ({ day, value }: (typeof rows)[number]) => {
      const [d, m] = [two(day.getUTCDate()), two(day.getUTCMonth() + 1)]
      return `${first === 'day' ? `${d}/${m}` : `${m}/${d}`}/2024,${value}`
    }
    // The last row first, so that only the dates tell their order.
    return ['when,value', ...rows.slice(0, count).reverse().map(line)].join('\n')
  }

  test.each(['day', 'month'] as const)('is a series in their order: %s first', async (first) => {
    const files = [fileOf('a.csv', written(first))]
    const proposal = valueOf(await proposalOf(files))
    expect(proposal.source).toMatchObject({ columns: [{ role: 'time' }, { role: 'target' }] })
    expect(proposal.warnings.map(({ message }) => message)).toEqual([
      `a.csv, column when: its dates are the time of the rows, by which they can be split or cut into windows; nothing is learnt from it; they are read with the ${first} first.`,
    ])
    const { data } = valueOf(asSource(proposal.source, valueOf(await readFiles(files))))
    if (!isTable(data)) throw new Error('no table')
    const windows = { length: 3, horizon: 1, stride: 1, past: true as const }
    const section = sectionOf(proposal.source, {
      preparation: { scale: 'none', missing: 'fill', windows },
      split: { validation: 0, seed: 1 },
    })
    const { train } = valueOf(prepare(data, section))
    const features = rows.slice(0, -3).flatMap((_, i) => rows.slice(i, i + 3).map(({ value }) => Math.fround(value)))
    expect([...train.features]).toEqual(features)
    expect([...train.targets]).toEqual(rows.slice(3).map(({ value }) => Math.fround(value)))
    // Control: in the order of the file they are others.
    expect(features).not.toEqual([...features].reverse())
  })

  test('says where nothing tells what is first, and asks for other ones where they contradict each other', async () => {
    const said = async (text: string) => valueOf(await proposalOf([fileOf('a.csv', text)])).warnings[0]?.message
    const days = Array.from(
      { length: 20 },
      (_, i) => `${two((i % 12) + 1)}/${two(1 + Math.floor(i / 12))}/2024,${i % 3},${i % 7}`,
    )
    expect(await said(['when,a,value', ...days].join('\n'))).toBe(
      'a.csv, column when: its dates are the time of the rows, by which they can be split or cut into windows; nothing is learnt from it; "02/01/2024" is read with the day first, since no date of the column tells: where that is the month, write them as 2024-05-31.',
    )
    const mixed = [...days, '31/01/2024,1,2', '01/31/2024,2,3'].join('\n')
    expect(await said(`when,a,value\n${mixed}`)).toBe(
      'a.csv, column when: it holds dates; it is ignored at first; written as 2024-05-31 they could be the time of the rows.',
    )
    const files = [fileOf('a.csv', `when,a,value\n${mixed}`)]
    const { source } = valueOf(await proposalOf(files))
    if (source.kind !== 'table') throw new Error('no table')
    const columns = source.columns.map((column) =>
      column.name === 'when' ? { ...column, role: 'time' as const } : column,
    )
    const { data } = valueOf(asSource({ ...source, columns }, valueOf(await readFiles(files))))
    if (!isTable(data)) throw new Error('no table')
    const section = sectionOf({ ...source, columns }, { split: { validation: 0.2, seed: 1, method: 'time' } })
    expect(messages(prepare(data, section))).toEqual([
      'a.csv line 23, column when: "01/31/2024" is not a time; write numbers, or dates such as 2024-05-31 or 2024-05-31T12:30:00.',
    ])
  })
})
