/** A folder as competitions give it: what has no answers is left aside with a sentence, and the rest is learnt from. */
import { expect, test } from 'vitest'
import { asSource, isTable, readFiles } from '../../src/data/index.ts'
import type { DataFile } from '../../src/data/types.ts'
import { fileOf, messages, proposalOf, valueOf } from './files.ts'

const rows = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join('\n')
const train = `id,size,colour,price\n${rows(20, (i) => `${i},${i % 7},${'rgb'[i % 3]},${(i * 37) % 101}`)}\n`
const tests = `id,size,colour\n${rows(9, (i) => `${i + 20},${i % 5},${'rgb'[i % 3]}`)}\n`
const form = `id,price\n${rows(9, (i) => `${i + 20},0`)}\n`
const folder = (files: { readonly [name: string]: string }): DataFile[] =>
  Object.entries(files).map(([name, text]) => fileOf(`house/${name}`, text))

test('tests without answers and the form for these are left aside, and said', async () => {
  const files = folder({ 'sample_submission.csv': form, 'test.csv': tests, 'train.csv': train })
  const found = valueOf(await proposalOf(files))
  expect(found.warnings.map(({ message }) => message).slice(0, 2)).toEqual([
    'sample_submission.csv lacks columns of train.csv, as files without answers do; it is left aside.',
    'test.csv lacks columns of train.csv, as files without answers do; it is left aside, and can be predicted when the network is trained.',
  ])
  expect(found).not.toHaveProperty('split')
  // As if the rest had been given alone.
  const alone = valueOf(await proposalOf(folder({ 'train.csv': train })))
  const columns = ({ source }: typeof found) => (source.kind === 'table' ? source.columns : [])
  expect(columns(found)).toEqual(columns(alone))
  const opened = valueOf(await readFiles(files))
  const { data } = valueOf(asSource(found.source, opened))
  if (!isTable(data)) throw new Error('no table')
  expect([data.table.file, data.table.rows, data.table.parts]).toEqual(['train.csv', 20, undefined])
})

test('other files that lack columns are refused: the controls', async () => {
  const lacks = 'lacks column "price", which train.csv has; give both files the same columns, or leave one of them out.'
  expect(messages(await proposalOf(folder({ 'more.csv': tests, 'train.csv': train })))).toEqual([`more.csv ${lacks}`])
  const other = tests.replace('colour', 'shade')
  expect((await proposalOf(folder({ 'test.csv': other, 'train.csv': train }))).ok).toBe(false)
  const complete = valueOf(await proposalOf(folder({ 'test.csv': train, 'train.csv': train })))
  expect(complete.split).toEqual({ method: 'file', parts: { 'test.csv': 'validation' } })
})
