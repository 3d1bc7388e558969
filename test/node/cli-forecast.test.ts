/** A file of dates and values, from what is proposed for it to its forecast, by the built program. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuild, root } from '../../scripts/setup.mjs'
import { Rng } from '../../src/base/rng.ts'
import { emptyDocument, formatDocument } from '../../src/document/file.ts'
import { starterFor } from '../../src/document/starter.ts'
import type { Column, GraphDocument, Windows } from '../../src/document/types.ts'

let folder = ''
beforeAll(() => {
  ensureBuild(['node'], { quiet: true })
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-forecast-'))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function cli(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, NEUROLOOM_DATA: join(folder, 'app-data') }
  return new Promise((resolve) =>
    execFile(process.execPath, [join(root, 'out/node/cli-main.js'), ...args], { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  )
}

function put(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

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
  const model = join(folder, 'model')
  // Of a document with other data the file's own proposal is taken.
  const net = put('net.json', formatDocument({ ...drawn, data: emptyDocument().data }))
  const trained = await cli('train', net, '--data', file, '--seed', '4', '--device', 'cpu', '--out', model, '--json')
  expect(trained.err).not.toMatch(/error/)
  expect(trained.code).toBe(0)

  // What comes next: each line's answer is about the one behind it.
  const later = put('later.csv', csv(TRAINED, TRAINED + 300))
  const answers = (await cli('predict', model, '--data', later, '--json')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly row: number; readonly values: { readonly value: number } })
  expect(answers.map(({ row }) => row)).toEqual(Array.from({ length: 300 - 15 }, (_, i) => 15 + 2 + i))
  const known = answers.slice(0, -1)
  const next = (row: number) => values[TRAINED + row - 1] ?? NaN
  const off = rms(known.map((one) => one.values.value - next(one.row)))
  const last = rms(known.map(({ row }) => next(row - 1) - next(row)))
  // In the long run the last value is off by sqrt(2 / (1 + φ)) = 3.16, and nothing can be off by less than the deviation of e, 1.
  const bound = Math.sqrt(2 / (1 + PHI))
  expect(Math.abs(last / bound - 1)).toBeLessThan(0.15)
  expect(off).toBeGreaterThan(0.85)
  expect(off).toBeLessThan(bound / 2)
  // The control: about the row itself, instead of the one behind it, the answers are wrong.
  expect(rms(known.map((one) => one.values.value - next(one.row - 1)))).toBeGreaterThan(bound / 2)

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
