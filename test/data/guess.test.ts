/** Which column is proposed as the target, and what is said where none can be. */
import { describe, expect, test } from 'vitest'
import { asSource, preview, readFiles } from '../../src/data/index.ts'
import type { Column, Windows } from '../../src/document/types.ts'
import { fileOf, messages, offerOf, proposalOf, tableOf, valueOf } from './files.ts'

const rows = (count: number, row: (i: number) => readonly (string | number)[]) =>
  Array.from({ length: count }, (_, i) => `${row(i).join(',')}\n`).join('')
const offered = async (text: string) => valueOf(await offerOf([fileOf('data.csv', text)]))
const targetOf = async (text: string) => {
  const { source, errors } = await offered(text)
  if (source.kind !== 'table') throw new Error(source.kind)
  expect(errors).toEqual([])
  return source.columns.filter(({ role }) => role === 'target').map(({ name }) => name)
}
const wave = (i: number) => Math.sin(i).toFixed(3)
const day = (i: number) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10)

describe('a column that can be told is proposed', () => {
  test.each([
    ['the same in every row', 'country', () => 'DE'],
    ['the same number in every row', 'version', () => 1.5],
    ['the same whole number in every row', 'version', () => 1],
    ['the same in every row, under the name of a target', 'label', () => 'only'],
    ['without any value, under the name of a target', 'target', () => ''],
    ['another text in each row, under the name of a target', 'class', (i: number) => `person ${i}`],
    ['of numbers that count the rows', 'id', (i: number) => i],
  ])('rather than one that is %s', async (_, name, cell) => {
    expect(await targetOf(`height,width,${name}\n${rows(40, (i) => [i, wave(i), cell(i)])}`)).toEqual(['width'])
    // The control: one that varies and comes again.
    expect(await targetOf(`height,width,${name}\n${rows(40, (i) => [i, wave(i), i % 3 ? 'u' : 'v'])}`)).toEqual([name])
  })

  test('rather than one with more classes than are possible', async () => {
    const text = (classes: number) => `a,b,label\n${rows(2 * classes, (i) => [i, wave(i), `t${i % classes}`])}`
    expect(await targetOf(text(1001))).toEqual(['b'])
    expect(await targetOf(text(1000))).toEqual(['label'])
  })

  test('only where something is left to tell it by, be it its own past', async () => {
    const { source, errors } = await offered(`a,class\n${rows(9, (i) => [i, 'only'])}`)
    expect(source).toMatchObject({ columns: [{ role: 'feature' }, { role: 'target', categories: ['only'] }] })
    expect(errors.map(({ code }) => code)).toEqual(['data.oneClass'])
    expect(await targetOf(`date,a,class\n${rows(16, (i) => [day(i), wave(i), 'only'])}`)).toEqual(['a'])
    expect((await offered(`date,a,class\n${rows(15, (i) => [day(i), wave(i), 'only'])}`)).errors).toHaveLength(1)
  })

  test('and what is the same in every row is said', async () => {
    const { warnings } = await offered(`a,b,label\n${rows(40, (i) => [i, wave(i), 'only'])}`)
    expect(warnings.map(({ message }) => message)).toEqual([
      'data.csv, column label: every row has the value "only", so nothing can be learnt from it.',
    ])
  })
})

describe('where nothing can be learnt', () => {
  const text = `remark,class\n${rows(40, (i) => [`remark ${i}`, `person ${i}`])}`
  const unique =
    'data.csv, column class: each of its 40 rows has a class of its own, so none can be learnt from another; choose another target.'

  test('the columns are offered all the same, with the reason; who can’t choose is refused', async () => {
    const { source, errors } = await offered(text)
    expect(source).toMatchObject({ columns: [{ name: 'remark' }, { name: 'class', role: 'target' }] })
    expect(errors.map(({ message }) => message)).toEqual([unique])
    expect(errors[0]?.place).toEqual({ file: 'data.csv', column: 'class' })
    expect(messages(await proposalOf([fileOf('data.csv', text)]))[0]).toBe(unique)
  })

  test('cells that do not fit are refused before anything is chosen', async () => {
    const slip = `a,b,class\n${rows(40, (i) => [i === 7 ? 'x' : i, wave(i), 'only'])}`
    expect(messages(await offerOf([fileOf('data.csv', slip)]))[0]).toMatch(/^data\.csv line 9, column a: "x" is not/)
  })

  /** What a look at the table says of these columns. */
  async function said(table: string, columns: readonly Column[], windows?: Windows): Promise<string[]> {
    const { source } = await offered(table)
    const opened = valueOf(await readFiles([fileOf('data.csv', table)]))
    if (source.kind !== 'table') throw new Error(source.kind)
    const loaded = valueOf(asSource({ ...source, columns }, opened))
    return preview(loaded, windows).errors.map(({ message }) => message)
  }

  test('other columns are looked at in the same way', async () => {
    const table = `a,b,c,same\n${rows(40, (i) => [i, wave(i), i % 2 ? 'u' : 'v', 7])}`
    const { source } = await tableOf(table)
    const as = (roles: { readonly [name: string]: Partial<Column> }) =>
      said(
        table,
        source.columns.map((column) => ({ ...column, ...(roles[column.name] ?? { role: 'feature' }) })),
      )
    expect(await as({ c: { role: 'target' } })).toEqual([])
    expect(await as({ b: { role: 'target' } })).toEqual([])
    expect(await as({ same: { role: 'target', kind: 'numeric' } })).toEqual([
      'data.csv, column same: every row has the value "7", so there is nothing to predict; choose another target.',
    ])
    expect(await as({ same: { role: 'target', kind: 'categorical', categories: ['7'] } })).toEqual([
      'data.csv, column same: every row has the class "7"; a network needs two classes or more to tell apart.',
    ])
    expect(await as({ a: { role: 'target', kind: 'categorical' } })).toEqual([
      'data.csv, column a: each of its 40 rows has a class of its own, so none can be learnt from another; choose another target.',
    ])
    const ignore = { role: 'ignore' } as const
    expect(await as({ a: ignore, b: ignore, c: { role: 'target' }, same: ignore })).toEqual([
      'data.csv: no column is a feature; choose one or more to learn from.',
    ])
    // Without a target examples are given back as they are.
    expect(await as({})).toEqual([])
  })

  test('windows with the past of the target are something to learn from', async () => {
    const table = `date,value\n${rows(40, (i) => [day(i), wave(i)])}`
    const { source } = await tableOf(table)
    const windows = { length: 2, horizon: 1, stride: 1 }
    expect(await said(table, source.columns, { ...windows, past: true })).toEqual([])
    expect(await said(table, source.columns, windows)).toHaveLength(1)
  })

  test('a text of one column says what is missing', async () => {
    expect((await offered('x\n1\n2\n3\n')).errors.map(({ code }) => code)).toEqual(['data.noFeature'])
  })
})
