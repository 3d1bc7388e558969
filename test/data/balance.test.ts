import { describe, expect, test } from 'vitest'
import { balanceWarnings } from '../../src/data/balance.ts'
import { asSource, preview, proposeSource, readFiles } from '../../src/data/index.ts'
import { fileOf, referenceOf, valueOf } from './files.ts'
import { greyPng } from './pictures/make.ts'

const said = (counts: { readonly [name: string]: number }) =>
  balanceWarnings(Object.entries(counts).map(([name, count]) => ({ name, count }))).map(({ message }) => message)

describe('the balance of classes', () => {
  test('is passed over where it is even, and in sets that one can count', () => {
    expect(said({ a: 19, b: 1 + 1 })).toEqual([])
    expect(said({ a: 95, b: 5 })).toEqual([])
    expect(said({ a: 8, b: 1 })).toEqual([])
    expect(said({ a: 100, b: 0 })).toEqual([])
  })

  test('is said of classes with a single example', () => {
    expect(said({ a: 9, b: 1 })).toEqual([
      'The class "b" has a single example, which can train or validate but not both; add some, or leave it out.',
    ])
    expect(said({ a: 9, b: 1, c: 1 })[0]).toMatch(
      /^The classes "b", "c" have a single example each, .* leave them out\.$/,
    )
  })

  test('is said of a class that is nearly all', () => {
    expect(said({ a: 3, b: 997 })).toEqual([
      '99.7 % of the examples are of class "b", so that always saying it looks good; judge by the recall of the others rather than by accuracy.',
    ])
  })

  test('is looked at in tables and in pictures alike', async () => {
    const table = fileOf(
      't.csv',
      `x,label\n${Array.from({ length: 40 }, (_, i) => `${i}.5,${i ? 'a' : 'b'}`).join('\n')}\n`,
    )
    const pictures = Array.from({ length: 40 }, (_, i) =>
      fileOf(
        `s/${i ? 'a' : 'b'}/${i}.png`,
        greyPng(2, 2, (k) => 4 * i + k),
      ),
    )
    for (const files of [[table], pictures]) {
      const opened = valueOf(await readFiles(files))
      const { source } = valueOf(proposeSource(opened, files.slice(0, 1).map(referenceOf)))
      const { warnings } = preview(valueOf(asSource(source, opened)))
      expect(warnings.filter(({ code }) => code === 'data.balance').map(({ message }) => message)).toEqual([
        'The class "b" has a single example, which can train or validate but not both; add some, or leave it out.',
        '97.5 % of the examples are of class "a", so that always saying it looks good; judge by the recall of the others rather than by accuracy.',
      ])
    }
  })
})
