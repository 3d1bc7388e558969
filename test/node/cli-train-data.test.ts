/** `train FILE-OR-FOLDER...`: data alone, on the network that the app proposes for them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../scripts/setup.mjs'
import { Rng } from '../../src/base/rng.ts'
import { parseDocument } from '../../src/document/file.ts'
import { beginWith, starterFor } from '../../src/document/starter.ts'
import { valueOf } from '../data/files.ts'
import { commandLine, example, linesOf } from './helpers/command-line.ts'

const { cli, inFolder, put } = commandLine()
const iris = join(root, 'models/data/iris.csv')
const [header = '', ...rows] = readFileSync(iris, 'utf8').trim().split('\n')

const accuracyOf = (out: string) => (linesOf(out).at(-1)?.['metrics'] as { accuracy: number }).accuracy

describe('a table', () => {
  test('is learnt, and its model predicts', async () => {
    const out = inFolder('iris')
    const said = await cli('train', iris, '--device', 'cpu', '--json', '--out', out)
    expect([said.code, said.err]).toEqual([0, ''])
    const [first, second] = linesOf(said.out)
    expect(first).toEqual({
      event: 'data',
      task: 'classes',
      says: 'Tell 3 classes apart (species).',
      network: 'multilayer perceptron',
    })
    expect(second).toMatchObject({ event: 'start', trainExamples: 120, validExamples: 30 })
    expect(accuracyOf(said.out)).toBeGreaterThan(0.85)

    // The document is the one that the window would begin with.
    const saved = valueOf(parseDocument(readFileSync(join(out, 'model.json'), 'utf8'), 'model.json'))
    expect(saved).toEqual(beginWith(saved.data, starterFor(saved.data, rows.length)))
    expect(saved.name).toBe('iris')

    const answers = (await cli('predict', out, '--data', iris)).out.trim().split('\n').slice(1)
    const truth = rows.map((row) => row.split(',').at(-1)?.trim())
    expect(answers.filter((line, i) => line.split(',')[1] === truth[i]).length).toBeGreaterThan(0.85 * rows.length)
  })

  test('whose answers mean nothing is not: the control', async () => {
    const species = rows.map((row) => row.split(',').at(-1))
    const order = new Rng(1, 'shuffled').permutation(rows.length)
    const shuffled = rows.map((row, i) => [...row.split(',').slice(0, -1), species[order[i] ?? 0]].join(','))
    const path = put('shuffled.csv', `${header}\n${shuffled.join('\n')}\n`)
    const said = await cli('train', path, '--device', 'cpu', '--json')
    expect([said.code, said.err]).toEqual([0, ''])
    expect(accuracyOf(said.out)).toBeLessThan(0.7)
  })

  test('is told to people in a line first, and takes the options of training and of its reader', async () => {
    const path = put('semi.txt', `${header}\n${rows.join('\n')}\n`.replaceAll(',', ';'))
    const args = ['--option', 'delimiter=semicolon', '--epochs', '2', '--batch', '10', '--device', 'cpu']
    const { code, out } = await cli('train', path, ...args)
    expect(code).toBe(0)
    const lines = out.trim().split('\n')
    expect(lines[0]).toBe('Tell 3 classes apart (species). To begin with: multilayer perceptron.')
    expect(lines.filter((line) => line.startsWith('epoch'))).toHaveLength(2)
  })
})

test('several files are one set, and a list of records in a .json is no document', async () => {
  const half = rows.length / 2
  const parts = [rows.filter((_, i) => i % 2 === 0), rows.filter((_, i) => i % 2 === 1)]
  const paths = parts.map((part, i) => put(`part${i}.csv`, `${header}\n${part.join('\n')}\n`))
  const both = await cli('train', ...paths, '--epochs', '1', '--device', 'cpu', '--json')
  expect([both.code, both.err]).toEqual([0, ''])
  const start = linesOf(both.out)[1] as { readonly trainExamples: number; readonly validExamples: number }
  expect(start.trainExamples + start.validExamples).toBe(2 * half)

  const records = rows.map((row) => {
    const [a, , , , species = ''] = row.split(',')
    return { a: Number(a), species: species.trim() }
  })
  const list = put('records.json', JSON.stringify(records))
  const said = await cli('train', list, '--epochs', '1', '--device', 'cpu')
  expect([said.code, said.err]).toEqual([0, expect.not.stringContaining('error')])
})

test('what can be neither is refused with what is wrong with it', async () => {
  const damaged = put('damaged.json', '{"format": "neuroloom", "version"')
  expect((await cli('train', damaged)).err).toContain('damaged.json: the file is damaged or not JSON')
  const one = put('one.csv', 'a\n1\n2\n')
  expect(await cli('train', one)).toMatchObject({ code: 1, err: expect.stringContaining('one.csv has one column') })
  expect((await cli('train', inFolder('none.csv'))).err).toContain('there is no such file')
  for (const [more, named] of [
    [[iris], 'iris.csv'],
    [['--option', 'bad=skip'], '--option'],
  ] as const) {
    const said = await cli('train', example('iris'), ...more)
    expect([said.code, said.err]).toEqual([2, expect.stringContaining(named)])
  }
})
