/** Lists of texts in records: a column of 0 and 1 for each text, as pandas has it, and as labels in other tables are. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { unwatched } from '../../src/data/files.ts'
import { applyPreparation, asSource, expectedColumns, isTable, prepare, readFiles } from '../../src/data/index.ts'
import jsonl from '../../src/data/readers/jsonl.ts'
import type { DataFile, LoadedTable } from '../../src/data/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { withSource } from '../../src/document/parts.ts'
import { signatureOf } from '../../src/document/signature.ts'
import { starterFor } from '../../src/document/starter.ts'
import type { DataSection } from '../../src/document/types.ts'
import { Scratch } from '../../src/node/scratch.ts'
import { proposalOf, sectionOf, tableOf, valueOf } from './files.ts'
import { cellsOf, fileFrom, readWith, sentencesOf, tableWith } from './reading.ts'

interface Record {
  readonly [field: string]: unknown
}
/** What pandas makes of them; see fixtures/make-tables.py. */
const { records, columns } = (
  JSON.parse(readFileSync(new URL('fixtures/tables.json', import.meta.url), 'utf8')) as {
    lists: { records: readonly Record[]; columns: { [name: string]: readonly (number | null)[] } }
  }
).lists
const asCells = (values: readonly (number | null)[]) => values.map((value) => (value === null ? '' : String(value)))
const expected = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, asCells(values)]))
const linesOf = (some: readonly Record[]) => some.map((record) => JSON.stringify(record)).join('\n')
const fileOf = (some: readonly Record[], name = 'a.jsonl') => fileFrom(name, linesOf(some))
const read = async (some: readonly Record[]) => cellsOf(await tableWith(jsonl, [fileOf(some)]))
const tagsIn = (cells: { [name: string]: string[] }) =>
  Object.fromEntries(Object.entries(cells).filter(([name]) => name.startsWith('tags.')))

async function opened(files: readonly DataFile[]) {
  const proposal = valueOf(await proposalOf(files))
  const { data } = valueOf(asSource(proposal.source, valueOf(await readFiles(files))))
  if (!isTable(data) || proposal.source.kind !== 'table') throw new Error('no table')
  return { proposal, loaded: data, source: proposal.source }
}

/** `price` last makes it the target, `tags` last makes that of the lists. */
const tagsLast = records.map(({ size, tags, price }) => ({ size, price, ...(tags !== undefined && { tags }) }))
const ordered = ['tags.9', 'tags.10', 'tags.New York', 'tags.Zoo', 'tags.a.b', 'tags.sea', 'tags.été']

describe('lists of texts are columns', () => {
  test('of what pandas makes of them, where their field stands, in one order', async () => {
    const cells = await read(records)
    expect(tagsIn(cells)).toEqual(expected)
    expect(Object.keys(cells)).toEqual(['size', ...ordered, 'price'])
    // Control: one more text in one list.
    const i = records.findIndex(({ tags }) => Array.isArray(tags) && tags.length === 0)
    const other = await read(records.map((record, k) => (k === i ? { ...record, tags: ['sea'] } : record)))
    expect(tagsIn(other)).not.toEqual(expected)
  })

  test('whatever the order of the rows, and whether a list may hold a text twice', async () => {
    const order = [...new Rng(3, 'rows').permutation(records.length)]
    const cells = await read(order.map((i) => records[i] ?? {}))
    // The field may come up behind the others.
    expect(Object.keys(cells).filter((name) => name.startsWith('tags.'))).toEqual(ordered)
    for (const [name, values] of Object.entries(expected)) expect(cells[name]).toEqual(order.map((i) => values[i]))
    const twice = await read(
      records.map((record) =>
        Array.isArray(record['tags']) ? { ...record, tags: [...record['tags'], ...record['tags']] } : record,
      ),
    )
    expect(twice).toEqual(await read(records))
  })

  test('in several files, of which none need have all texts, and in one list of objects', async () => {
    const cut = [records.slice(0, 9), records.slice(9, 25), records.slice(25)]
    const files = cut.map((some, i) => fileOf(some, `${i}.jsonl`))
    expect(cellsOf(await tableWith(jsonl, files))).toEqual(await read(records))
    expect(cellsOf(await tableWith(jsonl, [fileFrom('a.json', JSON.stringify(records))]))).toEqual(await read(records))
    const [first] = cut
    expect(Object.keys(await read(first ?? []))).not.toEqual(Object.keys(await read(records)))
  })

  test('where memory does not hold them', async () => {
    const many = Array.from({ length: 30_000 }, (_, i) => records[i % records.length] ?? {})
    const folder = mkdtempSync(join(tmpdir(), 'neuroloom-lists-'))
    const store = new Scratch({ folder, budget: 0 }).open()
    try {
      const { data } = valueOf(await readFiles([fileOf(many)], { job: { ...unwatched, store } }))
      if (!('columns' in data)) throw new Error('no table')
      expect(data.stored).toBeDefined()
      expect(cellsOf(data)).toEqual(await read(many))
    } finally {
      store.forget()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('and what they hold is said', async () => {
    const { facts } = await readWith(jsonl, [fileOf(records)])
    expect(facts.find(({ label }) => label === 'Lists')?.value).toBe(
      '"tags" has 7 texts: 9, 10, New York, Zoo, a.b and 2 more',
    )
    expect((await readWith(jsonl, [fileFrom('a.jsonl', '{"a":[1,2]}')])).facts.map(({ label }) => label)).not.toContain(
      'Lists',
    )
  })

  test('of lists that are all empty nothing comes, and that is said', async () => {
    const { data, warnings } = await readWith(jsonl, [fileFrom('a.jsonl', '{"a":1,"tags":[]}\n{"a":2,"tags":null}')])
    expect('columns' in data && cellsOf(data)).toEqual({ a: ['1', '2'] })
    expect(warnings.map(({ message }) => message)).toEqual([
      'a.jsonl: all lists of field "tags" are empty, so it tells nothing; put texts or numbers into them.',
    ])
  })
})

describe('as in other tables', () => {
  /** The same with a column for each tag, as a table of text has it. */
  const csv = [
    ['size', 'price', ...ordered].join(','),
    ...records.map(({ size, price }, i) => [size, price, ...ordered.map((name) => expected[name]?.[i])].join(',')),
  ].join('\n')
  const plain: Partial<DataSection> = {
    preparation: { scale: 'none', missing: 'fill' },
    split: { validation: 0, seed: 1 },
  }

  test('they are the labels of a task where they stand last', async () => {
    const { proposal, loaded, source } = await opened([fileOf(tagsLast)])
    expect(source.columns.slice(2)).toEqual(
      ordered.map((name) => ({ name, role: 'target', kind: 'numeric', label: true })),
    )
    const section = withSource(emptyDocument().data, proposal)
    expect(starterFor(section, 40)).toMatchObject({ task: 'labels' })
    expect(signatureOf(section).target).toEqual({ kind: 'numbers', size: 7, labels: true })
    const { train, warnings } = valueOf(prepare(loaded, { ...section, ...plain }))
    const kept = records.flatMap(({ tags }, i) => (Array.isArray(tags) ? [i] : []))
    expect([...train.targets]).toEqual(kept.flatMap((i) => ordered.map((name) => columns[name]?.[i])))
    // A record without a list does not say that nothing holds.
    expect(warnings.map(({ message }) => message).join()).toMatch(
      new RegExp(`${records.length - kept.length} rows have no target`),
    )
    expect(train.count).toBe(kept.length)
    const other = await tableOf(csv, { ...source, reader: 'csv' })
    expect(valueOf(prepare(other, { ...section, ...plain })).train).toEqual(train)
  })

  test('also where their texts have signs of their own, beside other columns of 0 and 1, and where all records have one', async () => {
    const of = async (text: string) =>
      (await opened([fileFrom('a.jsonl', text)])).source.columns.map(
        ({ name, role, label }) => `${name} ${role}${label ? ' label' : ''}`,
      )
    const rows = [0, 1, 2, 3].map((i) => ({
      x: i + 0.5,
      old: i % 2,
      is: i > 1 ? 1 : 0,
      tags: ['all', ...(i % 2 ? ['a_b c'] : [])],
    }))
    expect(await of(linesOf(rows))).toEqual([
      'x feature',
      'old feature',
      'is feature',
      'tags.a_b c target label',
      'tags.all target label',
    ])
    // Another column behind them is told from them.
    const before = rows.map(({ x, tags, is }) => ({ x, tags, is }))
    expect(await of(linesOf(before))).toEqual(['x feature', 'tags.a_b c feature', 'tags.all feature', 'is target'])
  })

  test('they are features of 0 and 1 where something else is told', async () => {
    const { loaded, source } = await opened([fileOf(records)])
    expect(source.columns.map(({ role }) => role)).toEqual(['feature', ...ordered.map(() => 'feature'), 'target'])
    const complete = { ...plain, preparation: { scale: 'none', missing: 'skip' } } as const
    const { train, shape } = valueOf(prepare(loaded, sectionOf(source, complete)))
    expect(shape).toEqual([8])
    const kept = records.flatMap(({ tags }, i) => (Array.isArray(tags) ? [i] : []))
    const rows = kept.flatMap((i) => [
      Math.fround(records[i]?.['size'] as number),
      ...ordered.map((name) => columns[name]?.[i]),
    ])
    expect([...train.features]).toEqual(rows)
  })

  test('a later file need not have every text, nor only these', async () => {
    const { loaded, source } = await opened([fileOf(records)])
    const section = sectionOf(source, plain)
    const { fitted } = valueOf(prepare(loaded, section))
    const later = [
      { size: 1, tags: ['new', 'sea'] },
      { size: 2, tags: [] },
    ]
    const job = { ...unwatched, expected: expectedColumns(section) }
    const { data } = valueOf(await readFiles([fileOf(later)], { job }))
    if (!('columns' in data)) throw new Error('no table')
    const asked = valueOf(applyPreparation(fitted, { table: data, source } satisfies LoadedTable, section))
    expect([...asked.features]).toEqual([
      1,
      ...ordered.map((name) => Number(name === 'tags.sea')),
      2,
      ...ordered.map(() => 0),
    ])
    // Without the columns that are wanted the table lacks them.
    const bare = valueOf(await readFiles([fileOf(later)])).data
    expect('columns' in bare && bare.columns.map(({ name }) => name)).toEqual(['size', 'tags.new', 'tags.sea'])
  })
})

test('a field holds lists of texts in all records, and its columns have names of their own', async () => {
  const says = async (...some: unknown[]) => (await sentencesOf(readWith(jsonl, [fileOf(some as Record[])])))[0]
  expect(await says({ m: ['x'] }, { m: [1] })).toBe(
    'a.jsonl line 2 has a list of numbers in field "m", but line 1 has one of texts, or an empty one.',
  )
  expect(await says({ m: [1] }, { m: ['x'] })).toBe(
    'a.jsonl line 2 has a list of texts in field "m", but line 1 has one of numbers.',
  )
  expect(await says({ m: ['x'] }, { m: 'x' })).toBe(
    'a.jsonl line 2 has a text in field "m", but line 1 has a list there.',
  )
  expect(await says({ m: 'x' }, { m: ['x'] })).toBe(
    'a.jsonl line 2 has a list of texts in field "m", which holds single values before.',
  )
  expect(await says({ m: ['x'], 'm.x': 1 })).toBe('a.jsonl line 1 has the field "m.x" in two forms.')
  expect(await says({ m: ['x'] }, { m: { x: 1 } })).toBe('a.jsonl line 2 has the field "m.x" in two forms.')
  expect(await says({ m: { x: 1 } }, { m: ['x'] })).toBe('a.jsonl line 2 has the field "m.x" in two forms.')
  expect(
    await read([
      { m: null, a: 1 },
      { m: ['x'], a: 2 },
    ]),
  ).toEqual({ 'm.x': ['', '1'], a: ['1', '2'] })
})
