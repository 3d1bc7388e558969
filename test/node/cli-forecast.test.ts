/** A file of dates and values, from what is proposed for it to its forecast, by the built program. */
import { expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { emptyDocument, formatDocument } from '../../src/document/file.ts'
import { starterFor } from '../../src/document/starter.ts'
import type { Column, GraphDocument, Windows } from '../../src/document/types.ts'
import { commandLine } from './helpers/command-line.ts'

const { cli, put, inFolder } = commandLine()

/** x(t) = 20 + φ (x(t - 1) - 20) + e(t), e normal with a deviation of 1. */
const PHI = -0.8
const TRAINED = 600
const random = new Rng(9, 'autoregression')
const values: number[] = []
for (let i = 0, x = 0; i < TRAINED + 300; i++) values.push(20 + (x = PHI * x + random.normal()))

const dayOf = (i: number) => new Date(Date.UTC(2020, 0, 1) + i * 86_400_000).toISOString().slice(0, 10)
const csv = (from: number, to: number) =>
  `date,value\n${values
    .slice(from, to)
    .map((value, i) => `${dayOf(from + i)},${value}`)
    .join('\n')}\n`

const rms = (errors: readonly number[]) => Math.sqrt(errors.reduce((sum, one) => sum + one * one, 0) / errors.length)

/** What `data --json` says, as a document with the network for it. */
interface Said {
  readonly columns: readonly Column[]
  readonly windows?: Windows
  readonly sides: { readonly train: number; readonly validation: number }
  readonly says: string
}
interface Answer {
  readonly row: number
  readonly after: number
  readonly values: { readonly value: number }
}
function documentOf({ columns, windows }: Said): GraphDocument {
  const { data, ...empty } = emptyDocument()
  const source = { kind: 'table', reader: 'csv', options: {}, files: [], columns } as const
  const section = { ...data, source, preparation: { ...data.preparation, ...(windows && { windows }) } }
  const { graph, training } = starterFor(section, TRAINED)
  return { ...empty, graph, training, data: section }
}

test('comes near what is possible, and far below saying the last value again', async () => {
  const file = put('series.csv', csv(0, TRAINED))
  const { out, err } = await cli('data', file, '--json')
  const said = JSON.parse(out) as Said
  expect(err).not.toContain('no column')
  expect(said).toMatchObject({
    windows: { length: 16, horizon: 1, stride: 1, past: true },
    says: 'Forecast value from the last 16 rows.',
    sides: { train: 480 - 16, validation: 120 - 16 },
  })
  expect((await cli('data', file)).out).toMatch(/^Task +forecast value from the last 16 rows$/m)

  const drawn = documentOf(said)
  const model = inFolder('model')
  // Of a document with other data the file's own proposal is taken.
  const net = put('net.json', formatDocument({ ...drawn, data: emptyDocument().data }))
  const trained = await cli('train', net, '--data', file, '--seed', '4', '--device', 'cpu', '--out', model, '--json')
  expect(trained.err).not.toMatch(/error/)
  expect(trained.code).toBe(0)

  // What comes next: each answer is about its row, and says after which one it was given.
  const later = put('later.csv', csv(TRAINED, TRAINED + 300))
  const plain = (await cli('predict', model, '--data', later)).out.split('\n')
  expect(plain[0]).toBe('row,after,value')
  const answers = (await cli('predict', model, '--data', later, '--json')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
  expect(answers.map(({ after }) => after)).toEqual(Array.from({ length: 300 - 15 }, (_, i) => 15 + 2 + i))
  expect(answers.every(({ row, after }) => row === after + 1)).toBe(true)
  // The last one is about the line that the file does not have yet.
  const known = answers.slice(0, -1)
  const valueAt = (row: number) => values[TRAINED + row - 2] ?? NaN
  const off = rms(known.map((one) => one.values.value - valueAt(one.row)))
  const last = rms(known.map(({ row, after }) => valueAt(after) - valueAt(row)))
  // In the long run the last value is off by sqrt(2 / (1 + φ)) = 3.16, and nothing can be off by less than the deviation of e, 1.
  const bound = Math.sqrt(2 / (1 + PHI))
  expect(Math.abs(last / bound - 1)).toBeLessThan(0.15)
  expect(off).toBeGreaterThan(0.85)
  expect(off).toBeLessThan(bound / 2)
  // The control: about the last row that is known, instead of the one behind it, the answers are wrong.
  expect(rms(known.map((one) => one.values.value - valueAt(one.after)))).toBeGreaterThan(bound / 2)

  const blind = await cli('predict', model, '--data', put('blind.csv', 'date\n2024-01-01\n2024-01-02\n'))
  expect(blind.code).toBe(1)
  expect(blind.err).toContain('blind.csv has no column value; its columns are date.')
}, 240_000)

test('is not asked of a network that takes rows', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${dayOf(i)},${i % 7},${(i % 7) / 2 + i / 100}`).join('\n')
  const file = put('rows.csv', `date,a,b\n${rows}\n`)
  const said = JSON.parse((await cli('data', file, '--json')).out) as Said
  expect(said.windows).toBeDefined()
  const { windows: _, ...plain } = said
  const net = put('rows.json', formatDocument({ ...documentOf(plain), data: emptyDocument().data }))
  const trained = await cli('train', net, '--data', file, '--epochs', '2', '--device', 'cpu', '--json')
  expect(trained.err).not.toMatch(/error/)
  expect(trained.code).toBe(0)
  expect(JSON.parse((await cli('data', file, '--folds', '3')).out)).toMatchObject({ of: 'rows' })
}, 120_000)

test('says what is wrong with a file that is too short, and takes shorter windows of one that is not', async () => {
  const said = JSON.parse((await cli('data', put('long.csv', csv(0, 60)), '--json')).out) as Said
  const drawn = documentOf(said)
  const [own, other] = [drawn, { ...drawn, data: emptyDocument().data }].map((document, i) =>
    put(`short-${i}.json`, formatDocument(document)),
  )
  const train = (net: string | undefined, file: string) =>
    cli('train', net ?? '', '--data', file, '--epochs', '1', '--device', 'cpu', '--json')
  const short = put('short.csv', csv(0, 7))
  const ofOwn = await train(own, short)
  expect([ofOwn.code, ofOwn.err]).toEqual([
    1,
    'error: short.csv: no series has the 8 rows that a window takes; choose shorter windows.\n',
  ])
  const ofOther = await train(other, short)
  expect(ofOther.code).toBe(1)
  expect(ofOther.err).toMatch(
    /^error: short\.csv has 7 rows, and a forecast of value from its past needs at least 16, for windows of 2 rows; add rows/,
  )
  expect((await cli('data', short)).err).toBe(ofOther.err)
  const enough = put('enough.csv', csv(0, 16))
  expect(JSON.parse((await cli('data', enough, '--json')).out)).toMatchObject({
    windows: { length: 2 },
    sides: { train: 13 - 2, validation: 3 - 2 },
  })
  expect((await train(other, enough)).code).toBe(0)
}, 120_000)

test('a document’s own roles do where those that would be guessed do not', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i % 2 ? 'u' : 'v'},person ${i}`).join('\n')
  const file = put('people.csv', `side,class\n${rows}\n`)
  const guessed = await cli('data', file)
  expect([guessed.code, guessed.err]).toEqual([
    1,
    expect.stringContaining('people.csv, column class: each of its 40 rows'),
  ])
  const columns: readonly Column[] = [
    { name: 'side', role: 'target', kind: 'categorical', categories: ['u', 'v'] },
    { name: 'class', role: 'feature', kind: 'categorical', encoding: 'hash', buckets: 16 },
  ]
  const net = put('people.json', formatDocument(documentOf({ columns, sides: { train: 32, validation: 8 }, says: '' })))
  const trained = await cli('train', net, '--data', file, '--epochs', '1', '--device', 'cpu', '--json')
  expect(trained.err).not.toMatch(/error/)
  expect(trained.code).toBe(0)
}, 120_000)
