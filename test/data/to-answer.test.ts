/** Files of which only answers are wanted: one row that can't be taken is said, and the others are answered. */
import { describe, expect, test } from 'vitest'
import { asSource, isTable, prepare, readLike, toAnswer } from '../../src/data/index.ts'
import { questionsOf, type Questions } from '../../src/data/predictions.ts'
import type { BadRecords, FittedPreparation } from '../../src/data/types.ts'
import type { DataSection, PreparationRecipe, TableSource } from '../../src/document/types.ts'
import { fileOf, messages, sectionOf, tableOf, tableSourceOf, valueOf } from './files.ts'

const rows = Array.from({ length: 12 }, (_, i) => `${['red', 'red', 'blue'][i % 3]},${i},${i % 2 ? 'u' : 'v'}`)
const trained = `colour,x,class\n${rows.join('\n')}\n`

async function learnt(recipe: Partial<PreparationRecipe> = {}) {
  const source = await tableSourceOf(trained, 'old.csv')
  const section = sectionOf(source, { preparation: { scale: 'none', missing: 'fill', ...recipe } })
  return { section, fitted: valueOf(prepare(await tableOf(trained, source), section)).fitted }
}

interface Asked {
  readonly section: DataSection
  readonly fitted: FittedPreparation
}

async function ask({ section, fitted }: Asked, name: string, text: string) {
  const read = await readLike(section, [fileOf(name, text)])
  if (!read.ok) return read
  const loaded = valueOf(asSource(section.source as TableSource, read.value))
  if (!isTable(loaded.data)) throw new Error('no table')
  const made = questionsOf(fitted, loaded.data, section)
  return made.ok ? { ok: true as const, value: { questions: made.value, bad: loaded.bad } } : made
}

async function said({ questions, bad }: { readonly questions: Questions; readonly bad: BadRecords }) {
  const { count, warnings } = questions
  const features = await questions.features(0, count)
  const width = features.length / Math.max(1, count)
  return {
    rows: Array.from({ length: count }, (_, i) => questions.place(i).row),
    features: Array.from({ length: count }, (_, i) => [...features.slice(i * width, (i + 1) * width)]),
    bad: bad.problems.map(({ message }) => message),
    warnings: warnings.map(({ message }) => message),
  }
}

const answering = (asked: Asked): Asked => ({ ...asked, section: toAnswer(asked.section) })

const strange = 'colour,x\nblue,1\nmauve,2\nred,3\n'
const known = '"blue", "red"'

describe('a category that nobody knows', () => {
  test('counts as missing where missing values are filled', async () => {
    const asked = await learnt()
    expect(await said(valueOf(await ask(answering(asked), 'new.csv', strange)))).toEqual({
      rows: [2, 3, 4],
      // One place for blue and one for red, which is more frequent.
      features: [
        [1, 0, 1],
        [0, 1, 2],
        [0, 1, 3],
      ],
      bad: [],
      warnings: [
        `new.csv line 3, column colour: "mauve" is not among the column's categories (${known}); it counts as missing.`,
        'new.csv, column colour: 1 missing value is filled with the most frequent category of the training part, "red" (line 3).',
      ],
    })
    // The control: what is learnt from is refused with it.
    expect(messages(await ask(asked, 'new.csv', strange))).toEqual([
      `new.csv line 3, column colour: "mauve" is not among the column's categories (${known}); correct the cell or read the columns again.`,
    ])
  })

  test('takes its row with it where rows without a value are left out', async () => {
    const asked = answering(await learnt({ missing: 'skip' }))
    const { rows: answered, features, warnings } = await said(valueOf(await ask(asked, 'new.csv', strange)))
    expect([answered, features]).toEqual([
      [2, 4],
      [
        [1, 0, 1],
        [0, 1, 3],
      ],
    ])
    expect(warnings).toEqual([
      `new.csv line 3, column colour: "mauve" is not among the column's categories (${known}); the row is left out.`,
    ])
    expect(messages(await ask(asked, 'new.csv', 'colour,x\nmauve,2\npink,3\nlime,4\n'))).toEqual([
      'new.csv has no row left to answer; correct the rows that are left out.',
      `new.csv line 2, column colour: "mauve" is not among the column's categories (${known}); the row is left out, and 2 more like it (lines 3 and 4).`,
    ])
  })

  test('of the target keeps nobody from an answer', async () => {
    const asked = answering(await learnt())
    const text = 'class,colour,x\nu,blue,1\nw,red,2\n'
    expect(await said(valueOf(await ask(asked, 'new.csv', text)))).toMatchObject({ rows: [2, 3], warnings: [] })
  })
})

test('rows that are too short, and texts among numbers, are listed and left out', async () => {
  const asked = await learnt()
  const text = 'colour,x\nblue,1\nred\nred,many\nred,4\n'
  expect(await said(valueOf(await ask(answering(asked), 'new.csv', text)))).toEqual({
    rows: [2, 5],
    features: [
      [1, 0, 1],
      [0, 1, 4],
    ],
    bad: ['new.csv line 3 has 1 cell, but the header has 2; add the missing ones.'],
    warnings: ['new.csv line 4, column x: "many" is not a number; the row is left out.'],
  })
  expect((await ask(asked, 'new.csv', text)).ok, 'the control').toBe(false)
})

test('the rule holds in whatever format the file comes, as far as that has bad rows', async () => {
  const asked = await learnt()
  const text = '{"colour": "blue", "x": 1}\n{"colour": \n{"colour": "red", "x": 3}\n'
  expect(await said(valueOf(await ask(answering(asked), 'new.jsonl', text)))).toMatchObject({
    rows: [1, 3],
    bad: [expect.stringContaining('new.jsonl line 2 is')],
  })
  expect((await ask(asked, 'new.jsonl', text)).ok, 'the control').toBe(false)
})

test('what the document says of bad rows itself stays', async () => {
  const { section } = await learnt()
  const source = { ...(section.source as TableSource), options: { bad: 'repair' } }
  expect(toAnswer({ ...section, source })).toEqual({ ...section, source })
  expect(toAnswer(section).source).toMatchObject({ options: { bad: 'skip' } })
})
