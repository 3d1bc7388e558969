/** `data`: what the built program understands of somebody's files. */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MOST } from '../../src/document/training.ts'
import { idxBytes } from '../data/idx.ts'
import { commandLine, ended, example, written } from './helpers/command-line.ts'

const { cli, inFolder, put, start } = commandLine()

const houses = () =>
  put(
    'houses.csv',
    ['area;city;price', ...Array.from({ length: 40 }, (_, i) => `${i},5;${i % 2 ? 'Bern' : 'Genf'};${i * 10}`)].join(
      '\n',
    ),
  )

describe('as JSON', () => {
  test('says what a table holds, what it is good for, and what would be trained', async () => {
    const { code, out, err } = await cli('data', houses(), '--json')
    expect(err).toBe('')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      files: [{ name: 'houses.csv' }],
      reader: 'csv',
      options: {},
      examples: 40,
      columns: [
        { name: 'area', role: 'feature', kind: 'numeric' },
        { name: 'city', role: 'feature', kind: 'categorical', categories: ['Bern', 'Genf'] },
        { name: 'price', role: 'target', kind: 'numeric' },
      ],
      sides: { train: 32, validation: 8 },
      task: 'numbers',
      says: 'Predict price.',
      bad: { skipped: 0, repaired: 0, problems: [] },
      warnings: [],
    })
    const { facts, network } = JSON.parse(out) as { facts: { label: string; value: string }[]; network: object }
    expect(Object.fromEntries(facts.map(({ label, value }) => [label, value]))).toMatchObject({
      Delimiter: 'semicolon',
      'Decimal sign': 'comma',
    })
    expect(network).toEqual({
      title: 'multilayer perceptron',
      blocks: ['input', 'dense', 'relu', 'dense', 'rms', 'target'],
    })
  })

  test('lists bad records where they are to be left out, and refuses them where not', async () => {
    const path = put('ragged.csv', 'a,kind\n1,x\n2\n3,y\n4,x\n5,y,z\n6,y\n')
    const refused = await cli('data', path, '--json')
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('ragged.csv line 3 has 1 cell, but the header has 2')
    const taken = await cli('data', path, '--option', 'bad=skip', '--json')
    expect(taken.code).toBe(0)
    const said = JSON.parse(taken.out) as {
      examples: number
      bad: { skipped: number; problems: { message: string }[] }
    }
    expect(said).toMatchObject({ examples: 4, options: { bad: 'skip' }, bad: { skipped: 2 } })
    expect(said.bad.problems.map(({ message }) => message.slice(0, 21))).toEqual([
      'ragged.csv line 3 has',
      'ragged.csv line 6 has',
    ])
  })

  test('takes a table in several files, split by what they are called', async () => {
    const rows = (from: number, to: number) =>
      ['x,kind', ...Array.from({ length: to - from }, (_, i) => `${from + i},${i % 2 ? 'odd' : 'even'}`)].join('\n')
    const paths = [put('several/train.csv', rows(0, 20)), put('several/test.csv', rows(20, 26))]
    put('several/README.md', '# Numbers')
    const asked = await cli('data', ...paths, '--json')
    expect(asked.code).toBe(0)
    const said = JSON.parse(asked.out) as { facts: { label: string; value: string }[] }
    expect(said).toMatchObject({
      files: [{ name: 'train.csv' }, { name: 'test.csv' }],
      reader: 'csv',
      examples: 26,
      split: { method: 'file', parts: { 'test.csv': 'validation' } },
      parts: [
        { name: 'train.csv', count: 20 },
        { name: 'test.csv', count: 6 },
      ],
      sides: { train: 20, validation: 6 },
      warnings: [],
    })
    expect(said.facts).toContainEqual({ label: 'Files', value: '2: train.csv 20 rows, test.csv 6 rows' })
    expect(said.facts).toContainEqual({ label: 'Split', value: 'train.csv trains, test.csv validates' })

    const whole = JSON.parse((await cli('data', inFolder('several'), '--json')).out) as object
    expect(whole).toMatchObject({
      files: [{ name: 'several', entries: 3 }],
      examples: 26,
      sides: { train: 20, validation: 6 },
      warnings: [{ message: '1 file is no part of the table and is left out: several/README.md.' }],
    })
    put('several/later.csv', 'x,sort\n1,odd\n')
    const refused = await cli('data', inFolder('several'), '--json')
    expect([refused.code, refused.err]).toEqual([
      1,
      'error: later.csv lacks column "kind" of train.csv and has column "sort" instead; give both files the same columns, or leave one of them out.\n',
    ])
  })

  test('takes a folder, with what file managers leave in it', async () => {
    // The smallest pictures that there are: 1 × 1 BMP, 24 bits.
    const bmp = (grey: number) => {
      const bytes = Buffer.alloc(58)
      bytes.write('BM')
      bytes.writeUInt32LE(58, 2)
      bytes.writeUInt32LE(54, 10)
      bytes.writeUInt32LE(40, 14)
      bytes.writeInt32LE(1, 18)
      bytes.writeInt32LE(1, 22)
      bytes.writeUInt16LE(1, 26)
      bytes.writeUInt16LE(24, 28)
      bytes.fill(grey, 54, 57)
      return bytes
    }
    for (let i = 0; i < 5; i++) {
      put(`tones/dark/${i}.bmp`, bmp(i))
      put(`tones/light/${i}.bmp`, bmp(250 + i))
    }
    put('tones/.DS_Store', 'x')
    put('tones/dark/broken.bmp', 'BM')
    const { code, out } = await cli('data', inFolder('tones'), '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      reader: 'pictures',
      files: [{ name: 'tones', entries: 11 }],
      examples: 10,
      shape: [1, 1, 1],
      target: { kind: 'classes', names: ['dark', 'light'] },
      task: 'binary',
      bad: { skipped: 1, problems: [{ message: expect.stringContaining('tones/dark/broken.bmp') }] },
    })
  })
})

describe('with --memory', () => {
  interface Shown {
    readonly facts: readonly { readonly label: string; readonly value: string }[]
  }
  const pair = () => [
    put(
      'images-idx3-ubyte',
      idxBytes(
        [60, 28, 28],
        Uint8Array.from({ length: 47_040 }, (_, i) => (i * i) % 251),
      ),
    ),
    put(
      'labels-idx1-ubyte',
      idxBytes(
        [60],
        Uint8Array.from({ length: 60 }, (_, i) => i % 10),
      ),
    ),
  ]
  const scratch = () => readdirSync(inFolder('app-data/scratch'))

  test('says the same of a set in a file, and that it is in one, which is gone afterwards', async () => {
    const held = await cli('data', ...pair(), '--json')
    const stored = await cli('data', ...pair(), '--memory', '0', '--json')
    expect([held.code, stored.code, held.err, stored.err]).toEqual([0, 0, '', ''])
    const [right, found] = [held, stored].map(({ out }) => JSON.parse(out) as Shown)
    expect(found?.facts.at(-1)).toEqual({
      label: 'Kept',
      value: 'in a file of 47.0 kB (over the 0 bytes that are held in memory)',
    })
    expect({ ...found, facts: found?.facts.slice(0, -1) }).toEqual(right)
    expect(scratch()).toEqual([])
  })

  test('leaves no file behind when it is ended, and refuses what is no number', async () => {
    const [images = '', labels = ''] = pair()
    // So many epochs that it does not come to their end.
    const endless = ['train', example('stroke-digits'), '--epochs', `${MOST.epochs}`]
    const child = start(...endless, '--data', images, '--data', labels, '--memory', '0')
    const end = ended(child)
    await written(child, 'epoch 1/')
    expect(scratch()).toHaveLength(1)
    child.kill('SIGTERM')
    const trained = await end
    expect(trained.code).toBe(0)
    expect(trained.out).toContain('Kept in a file of 47.0 kB')
    expect(trained.out).toContain('stopped after')
    expect(scratch()).toEqual([])
    const { code, err } = await cli('data', images, '--memory', 'much')
    expect([code, err]).toEqual([2, 'error: --memory must be a whole number of megabytes, not much.\n'])
  })
})

describe('with --folds', () => {
  interface Folds {
    readonly folds: readonly { readonly train: readonly number[]; readonly validation: readonly number[] }[]
  }
  const validating = (out: string) => (JSON.parse(out) as Folds).folds.map(({ validation }) => validation)

  test('prints the indices of trainings and their tests', async () => {
    const path = houses()
    const { code, out, err } = await cli('data', path, '--folds', '5', '--seed', '7')
    expect(err).toBe('')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ of: 'rows', method: 'ratio', seed: 7 })
    expect(validating(out).map(({ length }) => length)).toEqual([8, 8, 8, 8, 8])
    expect(
      validating(out)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 40 }, (_, i) => i))
    // By group, each city lies in one part; by time, what trains comes first.
    const byCity = validating((await cli('data', path, '--folds', '2', '--group', 'city')).out)
    expect(byCity.map((rows) => new Set(rows.map((i) => i % 2)).size)).toEqual([1, 1])
    expect(validating((await cli('data', path, '--folds', '3', '--time', 'area')).out)[0]).toEqual(
      Array.from({ length: 10 }, (_, i) => 10 + i),
    )
  })

  test('says what it cannot do', async () => {
    const path = houses()
    const wrong: readonly (readonly [args: readonly string[], code: number, says: string])[] = [
      [['--folds', '1'], 2, '--folds 1: a whole number from 2 on is wanted.'],
      [['--folds', '41'], 1, "41 parts can't be made of 40 examples; choose between 2 and 40."],
      [['--folds', '3', '--group', 'town'], 2, '--group town: there is no such column; there are area, city, price.'],
      [['--folds', '3', '--group', 'price'], 2, '--group price: that column is the target'],
      [['--folds', '3', '--group', 'city', '--time', 'area'], 2, '--group and --time: rows are parted by one of them.'],
      [['--group', 'city'], 2, 'data takes --group with --folds only'],
    ]
    for (const [args, code, says] of wrong) {
      const said = await cli('data', path, ...args)
      expect(said.code).toBe(code)
      expect(said.err).toContain(says)
    }
  })
})

test('for people it is a table and two sentences', async () => {
  const { code, out } = await cli('data', houses())
  expect(code).toBe(0)
  expect(out).toMatch(/^Kind +Table \(CSV\)$/m)
  expect(out).toMatch(/^city +feature +categorical +2 different: Genf, Bern$/m)
  expect(out).toContain('Predict price. 32 examples to train, 8 to validate.')
})

test('what it is told wrongly is said', async () => {
  expect(await cli('data')).toMatchObject({ code: 2 })
  expect((await cli('data', inFolder('gone.csv'))).err).toContain('"gone.csv" could not be read')
  const { code, err } = await cli('data', houses(), '--option', 'colour=red')
  expect(code).toBe(2)
  expect(err).toContain('this reader has no such option; it has delimiter, header')
  expect((await cli('data', houses(), '--option', 'delimiter=blank')).code).toBe(1)
})

test('train takes the same file as data', async () => {
  const net = put(
    'net.json',
    JSON.stringify({
      format: 'neuroloom',
      version: 1,
      name: 'Houses',
      note: '',
      graph: {
        blocks: {
          a: { type: 'input', name: 'in', position: { x: 0, y: 0 }, params: {} },
          b: { type: 'dense', name: 'out', position: { x: 1, y: 0 }, params: { features: 1 } },
          c: { type: 'rms', name: 'loss', position: { x: 2, y: 0 }, params: {} },
          d: { type: 'target', name: 'target', position: { x: 1, y: 1 }, params: {} },
        },
        wires: {
          u: { from: { block: 'a', port: 'x' }, to: { block: 'b', port: 'x' } },
          v: { from: { block: 'b', port: 'y' }, to: { block: 'c', port: 'prediction' } },
          w: { from: { block: 'd', port: 'y' }, to: { block: 'c', port: 'target' } },
        },
      },
      data: {
        source: {
          kind: 'generated',
          generator: 'linear',
          params: {},
          seed: 1,
          features: [1],
          target: { kind: 'numbers', names: ['y'] },
        },
        preparation: { scale: 'standardise', missing: 'fill' },
        split: { validation: 0.2, seed: 1 },
      },
      training: { optimizer: { type: 'adam', params: { rate: 0.05 } }, batchSize: 8, epochs: 60, seed: 1 },
    }),
  )
  const { code, err, out } = await cli('train', net, '--data', houses(), '--device', 'cpu', '--json')
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toContain('"epoch":60')
})
