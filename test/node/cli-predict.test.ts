/** `train --out` and `predict`: a network and its preparation go into a folder, and answer from there. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../scripts/setup.mjs'
import { Rng } from '../../src/base/rng.ts'
import { formatDocument, parseDocument } from '../../src/document/file.ts'
import type { BlockNode, Column, Graph, GraphDocument, Scaling, Wire } from '../../src/document/types.ts'
import { readSafetensors } from '../../src/interop/safetensors.ts'
import { valueOf } from '../data/files.ts'
import { shipped } from '../models/shipped.ts'
import { commandLine, example, linesOf } from './helpers/command-line.ts'

const { cli, inFolder, put } = commandLine()

/** A graph with a block behind the input that makes one row of numbers of each window. */
function withFlatten({ blocks, wires }: Graph): Graph {
  const [input = ''] = Object.entries(blocks).find(([, { type }]) => type === 'input') ?? []
  const flat: BlockNode = { type: 'flatten', name: 'flat', position: { x: 0, y: 0 }, params: {} }
  const behind = Object.entries(wires).map(([id, wire]) => {
    return [id, wire.from.block === input ? { ...wire, from: { block: 'flat', port: 'y' } } : wire] as const
  })
  const wire: Wire = { from: { block: input, port: 'x' }, to: { block: 'flat', port: 'x' } }
  return { blocks: { ...blocks, flat }, wires: { ...Object.fromEntries(behind), flat: wire } }
}

test('iris tells each epoch as JSON, ends above 0.93, and predicts from its folder', async () => {
  const out = inFolder('iris-model')
  const args = ['--epochs', '60', '--seed', '3', '--batch', '16', '--lr', '0.02', '--device', 'cpu']
  const said = await cli('train', example('iris'), ...args, '--out', out, '--json')
  expect([said.code, said.err]).toEqual([0, ''])
  const lines = linesOf(said.out)
  expect(lines[0]).toEqual({ event: 'start', device: 'CPU, WebAssembly SIMD', trainExamples: 120, validExamples: 30 })
  const epochs = lines.slice(1, -1)
  expect(epochs.map((line) => line['epoch'])).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
  for (const [i, line] of epochs.entries()) {
    expect(Object.keys(line)).toEqual([
      'event',
      'epoch',
      'step',
      'trainLoss',
      'validLoss',
      'metrics',
      'examplesPerSecond',
    ])
    expect(line).toMatchObject({ event: 'epoch', step: 8 * (i + 1) })
    for (const name of ['trainLoss', 'validLoss', 'examplesPerSecond']) expect(line[name]).toBeTypeOf('number')
    expect(Object.keys(line['metrics'] as object)).toEqual(['accuracy'])
  }
  const last = lines.at(-1)
  expect(last).toMatchObject({ event: 'done', state: 'finished', epoch: 60, step: 480, problems: [] })
  expect((last?.['metrics'] as { accuracy: number }).accuracy).toBeGreaterThan(0.93)
  expect(linesOf(readFileSync(join(out, 'run.jsonl'), 'utf8'))).toEqual(lines)

  const weights = valueOf(readSafetensors(new Uint8Array(readFileSync(join(out, 'weights.safetensors'))), 'w'))
  expect([...weights].map(([name, { shape }]) => [name, shape])).toEqual([
    ['hidden.weight', [4, 16]],
    ['hidden.bias', [16]],
    ['species.weight', [16, 3]],
    ['species.bias', [3]],
  ])
  const saved = valueOf(parseDocument(readFileSync(join(out, 'model.json'), 'utf8'), 'model.json'))
  expect(saved.training).toMatchObject({ epochs: 60, seed: 3, batchSize: 16, optimizer: { params: { rate: 0.02 } } })

  // The same again gives the same numbers.
  const again = linesOf((await cli('train', example('iris'), ...args, '--json')).out)
  expect(again.at(-1)?.['validLoss']).toBe(last?.['validLoss'])
  expect(again.at(-1)?.['trainLoss']).toBe(last?.['trainLoss'])

  // Predictions for the whole table, held against its own last column.
  const csv = join(root, 'models/data/iris.csv')
  const rows = readFileSync(csv, 'utf8').trim().split('\n').slice(1)
  const truth = rows.map((row) => row.split(',').at(-1)?.trim() ?? '')
  const plain = await cli('predict', out, '--data', csv)
  expect([plain.code, plain.err]).toEqual([0, ''])
  const [header, ...answers] = plain.out.trim().split('\n')
  expect(header).toBe(`row,class,${[...new Set(truth)].join(',')}`)
  const share = (classes: readonly unknown[], of: readonly string[]) =>
    classes.filter((name, i) => name === of[i]).length / of.length
  const classes = answers.map((line) => line.split(',')[1])
  expect(share(classes, truth)).toBeGreaterThan(0.93)
  expect(share(classes, [...truth].reverse()), 'the control').toBeLessThan(0.5)
  expect(answers.map((line) => line.split(',')[0])).toEqual(rows.map((_, i) => String(i + 2)))
  for (const line of answers) {
    const scores = line.split(',').slice(2).map(Number)
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5)
  }
  const json = linesOf((await cli('predict', out, '--data', csv, '--json')).out)
  expect(json.map((line) => line['class'])).toEqual(classes)
  expect(json.every((line) => Object.keys(line).join() === 'row,class,scores')).toBe(true)

  // Rows without the answer, in another order of columns.
  const columns = readFileSync(csv, 'utf8')
    .trim()
    .split('\n')
    .map((row) => row.split(',').map((cell) => cell.trim()))
  const others = put(
    'others.csv',
    columns
      .map((cells) => cells.slice(0, 4).reverse().join(','))
      .slice(0, 41)
      .join('\n'),
  )
  const unlabelled = await cli('predict', out, '--data', others, '--device', 'reference', '--json')
  expect(unlabelled.code).toBe(0)
  expect(
    share(
      linesOf(unlabelled.out).map((line) => line['class']),
      truth.slice(0, 40),
    ),
  ).toBeGreaterThan(0.9)

  // Damaged in one way or the other, the folder is refused.
  put('iris-model/preparation.json', '{"columns":[{"mean":null}],"targets":[]}')
  const damaged = await cli('predict', out, '--data', csv)
  expect([damaged.code, damaged.err]).toEqual([
    1,
    `error: preparation.json in ${out} is damaged; train again with --out.\n`,
  ])
  rmSync(join(out, 'weights.safetensors'))
  expect((await cli('predict', out, '--data', csv)).err).toBe(
    `error: ${out} holds no trained network: weights.safetensors is missing. Train with --out ${out} first.\n`,
  )
})

test('a table in several files trains as it does in one, and each answer names its file', async () => {
  const [header = '', ...rows] = readFileSync(join(root, 'models/data/iris.csv'), 'utf8').trim().split('\n')
  // Every third row, so that all files hold all classes; the second one has its columns the other way round.
  const parts = [0, 1, 2].map((part) => rows.filter((_, i) => i % 3 === part))
  const turned = (line: string) => line.split(',').reverse().join(',')
  const files = parts.map((part, i) => {
    const lines = [header, ...part]
    return put(`months/part${[1, 2, 10][i]}.csv`, (i === 1 ? lines.map(turned) : lines).join('\n'))
  })
  const folder = inFolder('months')
  const whole = put('whole.csv', [header, ...parts.flat()].join('\n'))
  const other = put('other.csv', [header, ...[...parts].reverse().flat()].join('\n'))
  const curve = async (...args: readonly string[]) => {
    const said = await cli(
      'train',
      example('iris'),
      '--epochs',
      '4',
      '--seed',
      '3',
      '--device',
      'cpu',
      '--json',
      ...args,
    )
    expect([said.code, said.err]).toEqual([0, ''])
    return linesOf(said.out)
      .slice(1, -1)
      .map((line) => [line['trainLoss'], line['validLoss'], line['metrics']])
  }
  const expected = await curve('--data', whole)
  expect(await curve('--data', folder)).toEqual(expected)
  const model = inFolder('months-model')
  const named = [...files].reverse().flatMap((path) => ['--data', path])
  expect(await curve(...named, '--out', model)).toEqual(expected)
  expect(await curve('--data', other), 'the control').not.toEqual(expected)

  const answers = (await cli('predict', model, '--data', folder)).out.trim().split('\n')
  const alone = (await cli('predict', model, '--data', whole)).out.trim().split('\n')
  expect(answers[0]).toBe(`file,${alone[0]}`)
  expect(answers.slice(1).map((line) => line.split(',').slice(0, 2).join(' '))).toEqual(
    parts.flatMap((part, i) => part.map((_, k) => `part${[1, 2, 10][i]}.csv ${k + 2}`)),
  )
  expect(answers.map((line) => line.split(',').slice(2))).toEqual(alone.map((line) => line.split(',').slice(1)))
})

test('numbers as targets come back in their own unit', async () => {
  const out = inFolder('sine-model')
  const said = await cli('train', example('sine'), '--out', out, '--json')
  expect(said.code).toBe(0)
  expect(Object.keys(linesOf(said.out).at(-1)?.['metrics'] as object)).toEqual([
    'meanAbsoluteError',
    'rootMeanSquareError',
  ])
  const predicted = linesOf((await cli('predict', out, '--json')).out)
  const values = predicted.map((line) => (line['values'] as { y: number }).y)
  expect(values.length).toBeGreaterThan(100)
  expect(Math.max(...values)).toBeGreaterThan(0.7)
  expect(Math.min(...values)).toBeLessThan(-0.7)
  expect(Math.max(...values.map(Math.abs))).toBeLessThan(1.6)
})

test('each way to prepare is the same in predict as it was in validation', async () => {
  const rng = new Rng(5, 'cli preparation')
  const rows = Array.from({ length: 240 }, (_, i) => {
    const [a, b] = [Math.exp(rng.normal(0, 2)), rng.normal(40, 3)]
    const kind = ['pear', 'apple', 'fig'][rng.integer(3)] ?? ''
    const y = 500 + 30 * Math.log1p(a) + 4 * b + (kind === 'fig' ? 50 : 0) + rng.normal()
    const gap = i % 7 === 2
    return [
      gap ? '' : a.toFixed(4),
      b.toFixed(3),
      kind,
      `user ${i % 90}`,
      i % 3 === 1 ? 'validation' : 'train',
      y.toFixed(3),
    ]
  })
  const csv = put('recipes.csv', `a,b,kind,user,part,y\n${rows.map((row) => row.join(',')).join('\n')}\n`)
  const sine = shipped('sine')
  const numeric = (name: string, more: Partial<Column> = {}): Column => ({
    name,
    role: 'feature',
    kind: 'numeric',
    ...more,
  })
  const texts = (name: string, more: Partial<Column>): Column => ({
    name,
    role: 'feature',
    kind: 'categorical',
    ...more,
  })
  const errors: number[] = []
  const features: readonly (readonly [Scaling, Partial<Column>, boolean])[] = [
    ['standardise', { missing: 'median', flag: true }, false],
    ['minMax', { scale: 'log', clip: [0.02, 0.98] }, false],
    ['log', { missing: 'constant', fill: 2 }, false],
    ['none', { scale: 'minMax', missing: 'mostFrequent' }, false],
    ['minMax', {}, true],
  ]
  for (const [scale, more, windowed] of features) {
    const columns = [
      numeric('a', more),
      numeric('b'),
      texts('kind', { categories: ['apple', 'fig', 'pear'], encoding: 'ordinal' }),
      texts('user', { encoding: 'hash', buckets: 8 }),
      { name: 'part', role: 'split', kind: 'categorical' } as const,
      numeric('y', { role: 'target', scale: scale === 'none' ? 'standardise' : scale === 'log' ? 'none' : scale }),
    ]
    const source = { kind: 'table', reader: 'csv', options: {}, files: [], columns } as const
    const windows = windowed ? { windows: { length: 2, horizon: 0, stride: 1 } } : {}
    const document: GraphDocument = {
      ...sine,
      graph: windowed ? withFlatten(sine.graph) : sine.graph,
      data: {
        source,
        preparation: { scale, missing: 'fill', ...windows },
        split: windowed ? { validation: 0.4, seed: 1, method: 'time' } : { validation: 0.3, seed: 1, method: 'column' },
      },
    }
    const path = put('recipes.json', formatDocument(document))
    const out = inFolder('recipes-model')
    const said = await cli('train', path, '--data', csv, '--epochs', '5', '--seed', '2', '--out', out, '--json')
    expect(said.err).not.toMatch(/error/)
    expect(said.code).toBe(0)
    const found = linesOf(said.out).at(-1)?.['metrics'] as { readonly meanAbsoluteError: number }
    const answers = linesOf((await cli('predict', out, '--data', csv, '--json')).out)
    const off = answers.flatMap(({ row, values }) => {
      const i = Number(row) - 2
      const validates = windowed ? i >= 145 : rows[i]?.[4] === 'validation'
      return validates ? [Math.abs((values as { y: number }).y - Number(rows[i]?.[5]))] : []
    })
    const error = off.reduce((sum, one) => sum + one, 0) / off.length
    expect(Math.abs(error / found.meanAbsoluteError - 1), `${scale}: ${error}`).toBeLessThan(1e-4)
    errors.push(error)
  }
  // The control: each of them would be wrong as another one.
  expect(new Set(errors.map((error) => error.toPrecision(3))).size).toBe(features.length)
})
