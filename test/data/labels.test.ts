/** Which columns of 0 and 1 are proposed as labels. */
import { expect, test } from 'vitest'
import { prepare } from '../../src/data/index.ts'
import type { TableSource } from '../../src/document/types.ts'
import { fileOf, messages, proposalOf, sectionOf, tableOf, valueOf } from './files.ts'

/** Rows of 0 and 1, after a number. */
const table = (header: string, width: number, first: (i: number) => string = (i) => String(i / 4)) =>
  `${header}\n${Array.from({ length: 12 }, (_, i) => [first(i), ...Array.from({ length: width }, (_, k) => (i >> k) & 1)].join(',')).join('\n')}\n`

async function rolesOf(text: string): Promise<string[]> {
  const { source } = valueOf(await proposalOf([fileOf('data.csv', text)]))
  return (source as TableSource).columns.map(({ role, label, kind }) => (label ? 'label' : `${role} ${kind}`))
}

test.each([
  [
    'alike names, after one that is not',
    'x,old,tag_a,tag_b',
    3,
    ['feature numeric', 'feature numeric', 'label', 'label'],
  ],
  ['several at the end', 'x,sea,sky', 2, ['feature numeric', 'label', 'label']],
  ['one alone is two classes', 'x,sea', 1, ['feature numeric', 'target categorical']],
  ['beside a target by name', 'x,sea,class', 2, ['feature numeric', 'feature numeric', 'target categorical']],
])('%s', async (_what, header, width, roles) => {
  expect(await rolesOf(table(header, width))).toEqual(roles)
})

test('where nothing else is left to learn from, the last one is told by the others', async () => {
  expect(await rolesOf('a,b,and\n0,0,0\n0,1,0\n1,0,0\n1,1,1\n')).toEqual([
    'feature numeric',
    'feature numeric',
    'target categorical',
  ])
})

test('a column of ever other texts is ignored, and what it could be is said', async () => {
  const text = `x,remark,class\n${Array.from({ length: 2400 }, (_, i) => `${i},t${i % 1200},${i % 2}`).join('\n')}\n`
  const { source, warnings } = valueOf(await proposalOf([fileOf('data.csv', text)]))
  expect((source as TableSource).columns[1]).toEqual({ name: 'remark', role: 'ignore', kind: 'categorical' })
  expect(warnings.map(({ message }) => message)).toEqual([
    'data.csv, column remark: its texts have more than 1000 different values; it is ignored at first; as a feature its texts would be hashed.',
  ])
})

test('are never scaled, and refused where they are something else', async () => {
  const text = table('x,sea,sky', 2)
  const { source } = valueOf(await proposalOf([fileOf('data.csv', text)]))
  const { train, fitted, target } = valueOf(prepare(await tableOf(text, source as TableSource), sectionOf(source)))
  expect(target).toEqual({ kind: 'numbers', names: ['sea', 'sky'], labels: true })
  expect(fitted.targets).toEqual([
    { mean: 0, deviation: 1 },
    { mean: 0, deviation: 1 },
  ])
  expect(new Set(train.targets)).toEqual(new Set([0, 1]))
  const other = await tableOf(text.replace(/\n1,0,0\n/, '\n1,2,0\n'), source as TableSource)
  expect(messages(prepare(other, sectionOf(source)))).toEqual([
    'data.csv line 6, column sea: "2" is neither 0 nor 1, as a label is; correct it, or let the column be a number to predict.',
  ])
})
