/** The command line as people and scripts use it: the built program in a process of its own. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuild, root } from '../../scripts/setup.mjs'
import { Rng } from '../../src/base/rng.ts'
import { datasets } from '../../src/data/index.ts'
import { formatDocument, parseDocument } from '../../src/document/file.ts'
import type { BlockNode, Column, Graph, GraphDocument, Scaling, Wire } from '../../src/document/types.ts'
import { readSafetensors } from '../../src/interop/safetensors.ts'
import { idxBytes, valueOf } from '../data/files.ts'
import { shipped } from '../models/shipped.ts'

let folder = ''
const inFolder = (name: string) => join(folder, name)
const example = (name: string) => join(root, 'models/examples', `${name}.json`)

function start(...args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(root, 'out/node/cli-main.js'), ...args], {
    cwd: folder,
    env: { ...process.env, NEUROLOOM_DATA: inFolder('app-data') },
  })
}

interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function ended(child: ChildProcessWithoutNullStreams): Promise<Said> {
  let out = ''
  let err = ''
  child.stdout.on('data', (text: Buffer) => (out += text.toString()))
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

const cli = (...args: readonly string[]): Promise<Said> => ended(start(...args))

type Line = { readonly [name: string]: unknown }
const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(inFolder(name), content)
  return inFolder(name)
}

/** An example with some of its blocks and wires changed. */
function changed(
  name: string,
  from: GraphDocument,
  blocks: { readonly [id: string]: Partial<BlockNode> },
  wires: { readonly [id: string]: Wire | undefined } = {},
): string {
  const graph = {
    blocks: Object.fromEntries(
      Object.entries(from.graph.blocks).map(([id, block]) => [id, { ...block, ...blocks[id] }]),
    ),
    wires: Object.fromEntries(
      Object.entries({ ...from.graph.wires, ...wires }).flatMap(([id, wire]) => (wire ? [[id, wire]] : [])),
    ),
  }
  return write(name, formatDocument({ ...from, graph }))
}

/** The same with a block behind the input that makes one row of numbers of each window. */
function withFlatten({ blocks, wires }: Graph): Graph {
  const [input = ''] = Object.entries(blocks).find(([, { type }]) => type === 'input') ?? []
  const flat: BlockNode = { type: 'flatten', name: 'flat', position: { x: 0, y: 0 }, params: {} }
  const behind = Object.entries(wires).map(([id, wire]) => {
    return [id, wire.from.block === input ? { ...wire, from: { block: 'flat', port: 'y' } } : wire] as const
  })
  const wire: Wire = { from: { block: input, port: 'x' }, to: { block: 'flat', port: 'x' } }
  return { blocks: { ...blocks, flat }, wires: { ...Object.fromEntries(behind), flat: wire } }
}

beforeAll(() => {
  ensureBuild(['node'], { quiet: true })
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-cli-'))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What must hold of every refusal: sentences on stderr, nothing that looks like a crash. */
function expectSentences(said: Said): void {
  expect(said.err).not.toMatch(/^\s+at |node:internal|Error:|undefined|\[object|Node\.js v/m)
  expect(said.err.trim()).not.toBe('')
}

describe('check', () => {
  test('prints a table of blocks, shapes, parameters and multiply-adds', async () => {
    const { code, out, err } = await cli('check', example('iris'))
    expect([code, err]).toEqual([0, ''])
    expect(out.split('\n').map((line) => line.trimEnd().replace(/\s{2,}/g, '|'))).toEqual([
      'block|type|shape|parameters|multiply-adds',
      'measures|Input|B × 4|0|0',
      'hidden|Dense|B × 16|80|64',
      'relu|ReLU|B × 16|0|0',
      'species|Dense|B × 3|51|48',
      'softmax|Softmax|B × 3|0|0',
      'loss|Cross Entropy|0|0',
      'target|Target|B × 3|0|0',
      'total|131|112',
      '',
    ])
  })

  test('as JSON is one object with the same figures', async () => {
    const { code, out } = await cli('check', example('iris'), '--json')
    expect(code).toBe(0)
    const [found] = linesOf(out)
    expect(found).toMatchObject({ works: true, totals: { parameters: 131, multiplyAdds: 112 }, problems: [] })
    const { arena, lasting, passing, bound } = found?.['memory'] as { readonly [part: string]: number }
    expect(arena).toBe(Number(lasting) + Number(passing))
    expect(passing).toBeGreaterThanOrEqual(Number(bound))
    expect(bound).toBeGreaterThan(4 * 16 * 16)
    expect((found?.['blocks'] as Line[])[1]).toEqual({
      id: 'b2',
      name: 'hidden',
      type: 'dense',
      title: 'Dense',
      outputs: { y: 'B × 16' },
      parameters: 80,
      multiplyAdds: 64,
    })
  })

  test('leaves a document of a newer version untouched, byte for byte', async () => {
    const text = readFileSync(example('iris'), 'utf8').replace('"version": 1', '"version": 99')
    const path = write('newer.json', text)
    for (const args of [
      ['check', path],
      ['train', path],
    ]) {
      const said = await cli(...args)
      expect(said.code).toBe(1)
      expect(said.err).toBe(
        'error: newer.json was written by a newer Neuroloom (format 99; this one reads up to 1). It was left untouched; update Neuroloom to open it.\n',
      )
    }
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})

describe('train and predict', () => {
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
    const others = write(
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
    write('iris-model/preparation.json', '{"columns":[{"mean":null}],"targets":[]}')
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
    const folder = inFolder('months')
    mkdirSync(folder)
    const files = parts.map((part, i) => {
      const lines = [header, ...part]
      const path = join(folder, `part${[1, 2, 10][i]}.csv`)
      writeFileSync(path, (i === 1 ? lines.map(turned) : lines).join('\n'))
      return path
    })
    const whole = write('whole.csv', [header, ...parts.flat()].join('\n'))
    const other = write('other.csv', [header, ...[...parts].reverse().flat()].join('\n'))
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

  test('a table of other rows and other columns is looked at afresh', async () => {
    const rng = new Rng(1, 'cli rows')
    const rows = Array.from({ length: 200 }, () => {
      const [a, b] = [rng.normal(), rng.normal()]
      return [a.toFixed(3), b.toFixed(3), a > b ? 'above' : 'below'].join(',')
    })
    const path = write('rows.csv', `a,b,side\n${rows.join('\n')}\n`)
    const document = changed('two-classes.json', shipped('iris'), { b4: { params: { features: 2 } } })
    const said = await cli('train', document, '--data', path, '--epochs', '80', '--json')
    expect([said.code, said.err]).toEqual([0, ''])
    const last = linesOf(said.out).at(-1)
    expect((last?.['metrics'] as { accuracy: number }).accuracy).toBeGreaterThan(0.9)
    // With three outputs for two classes it says what does not fit.
    const misfit = await cli('train', example('iris'), '--data', path)
    expect(misfit.code).toBe(1)
    expect(misfit.err).toContain('give the last layer 2 outputs, one for each class.')
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
    const csv = write('recipes.csv', `a,b,kind,user,part,y\n${rows.map((row) => row.join(',')).join('\n')}\n`)
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
          split: windowed
            ? { validation: 0.4, seed: 1, method: 'time' }
            : { validation: 0.3, seed: 1, method: 'column' },
        },
      }
      const path = write('recipes.json', formatDocument(document))
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
  }, 120_000)

  test('says what the loss is made of, and why it stopped', async () => {
    const iris = shipped('iris')
    const document = {
      ...iris,
      training: {
        ...iris.training,
        regularization: { l1: 0.002, l2: 0, mode: 'proximal', ratio: 0 },
        earlyStopping: { metric: 'loss', patience: 2, minDelta: 0.02, restoreBest: true },
      },
    } as const
    const path = write('stops-early.json', formatDocument(document))
    const said = await cli('train', path, '--lr', '0.05')
    expect(said.code).toBe(0)
    const lines = said.out.trim().split('\n')
    const figures = String.raw`\d+\.\d{4} \(cross entropy \d+\.\d{4}, penalty \d+\.\d{4}\)`
    expect(lines.find((line) => line.startsWith('epoch'))).toMatch(
      new RegExp(`^epoch 1/\\d+  loss ${figures}  validation ${figures}  accuracy `),
    )
    expect(lines.at(-2)).toMatch(
      /^Stopped early after epoch \d+: for 2 epochs the validation loss has not fallen below the [\d.]+ of epoch \d+ by more than 0\.02\. The weights of epoch \d+ are back\.$/,
    )
    const json = linesOf((await cli('train', path, '--lr', '0.05', '--json')).out)
    for (const line of json.filter(({ event }) => event === 'epoch'))
      for (const part of ['train', 'valid']) {
        const parts = line[`${part}Parts`] as { readonly [name: string]: number }
        expect(Object.keys(parts)).toEqual(['loss.loss', 'penalty'])
        const sum = Object.values(parts).reduce((total, value) => total + value, 0)
        expect(line[`${part}Loss`]).toBeCloseTo(sum, 5)
      }
    expect(json.at(-1)).toMatchObject({ event: 'done', state: 'finished', note: lines.at(-2) })
  })

  test('for people it prints a line an epoch', async () => {
    const { code, out } = await cli('train', example('xor'), '--epochs', '3', '--device', 'reference')
    expect(code).toBe(0)
    const lines = out.trim().split('\n')
    expect(lines[0]).toMatch(/^Reference \(f64, slow\): \d+ examples to train on, \d+ to validate$/)
    expect(lines[1]).toMatch(
      /^epoch 1\/3 {2}loss \d\.\d{4} {2}validation \d\.\d{4} {2}accuracy \d\.\d{4} {2}[\d,]+ examples\/s$/,
    )
    expect(lines.at(-1)).toMatch(/^finished after \d+\.\d s$/)
    expect(lines).toHaveLength(5)
  })
})

describe('a pair of IDX files, as MNIST has them', () => {
  const count = 3000
  beforeAll(() => {
    const set = datasets.get('strokeDigits')
    if (!set) throw new Error('no stroke digits')
    const { features, targets } = set.generate({ count, variety: 1 }, (i) => new Rng(123, 'as MNIST', i))
    write('train-images-idx3-ubyte', idxBytes([count, 28, 28], features))
    write('train-labels-idx1-ubyte', idxBytes([count], targets))
    write('train-images-idx3-ubyte.gz', gzipSync(readFileSync(inFolder('train-images-idx3-ubyte'))))
    write('train-labels-idx1-ubyte.gz', gzipSync(readFileSync(inFolder('train-labels-idx1-ubyte'))))
  })

  test('trains to above 0.95, unzipped or zipped alike, and predicts', { timeout: 60_000 }, async () => {
    const args = ['train', example('stroke-digits'), '--epochs', '6', '--lr', '0.003', '--json']
    const of = (ending: string) => [
      '--data',
      inFolder(`train-images-idx3-ubyte${ending}`),
      '--data',
      inFolder(`train-labels-idx1-ubyte${ending}`),
    ]
    const out = inFolder('digits-model')
    const said = await cli(...args, ...of(''), '--out', out)
    expect([said.code, said.err]).toEqual([0, ''])
    const lines = linesOf(said.out)
    expect(lines[0]).toMatchObject({ trainExamples: 2400, validExamples: 600 })
    expect((lines.at(-1)?.['metrics'] as { accuracy: number }).accuracy).toBeGreaterThan(0.95)

    const zipped = await cli(...args.map((arg) => (arg === '6' ? '1' : arg)), ...of('.gz'))
    expect([zipped.code, zipped.err]).toEqual([0, ''])
    expect(linesOf(zipped.out)[1]?.['validLoss']).toBe(lines[1]?.['validLoss'])

    const predicted = await cli('predict', out, ...of('.gz'), '--json')
    expect(predicted.code).toBe(0)
    const classes = linesOf(predicted.out).map((line) => Number(line['class']))
    expect(classes).toHaveLength(count)
    expect(classes.filter((found, i) => found === i % 10).length / count).toBeGreaterThan(0.95)
    const saved = valueOf(parseDocument(readFileSync(join(out, 'model.json'), 'utf8'), 'model.json'))
    expect(saved.data.source).toMatchObject({
      kind: 'examples',
      files: [{ name: 'train-images-idx3-ubyte' }, { name: 'train-labels-idx1-ubyte' }],
    })
  })
})

describe('signals and pipes', () => {
  test('an interrupted training stops at once and still writes its folder', async () => {
    const out = inFolder('interrupted')
    const child = start('train', example('iris'), '--epochs', '5000000', '--out', out, '--json')
    const end = ended(child)
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await new Promise((resolve) => setTimeout(resolve, 300))
    const pressed = performance.now()
    child.kill('SIGINT')
    const said = await end
    // Far less than all epochs take, and room for a busy computer, which has thousands of lines to write.
    expect(performance.now() - pressed).toBeLessThan(15_000)
    expect([said.code, said.err]).toEqual([0, ''])
    expect(linesOf(said.out).at(-1)).toMatchObject({ event: 'done', state: 'stopped' })
    for (const name of ['model.json', 'weights.safetensors', 'preparation.json', 'run.jsonl'])
      expect(existsSync(join(out, name)), name).toBe(true)
    const predicted = await cli('predict', out, '--data', join(root, 'models/data/iris.csv'))
    expect(predicted.code).toBe(0)
  })

  test('a reader that has seen enough ends it quietly', async () => {
    const child = start('train', example('iris'), '--epochs', '5000000', '--json')
    let err = ''
    child.stderr.on('data', (text: Buffer) => (err += text.toString()))
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, err]).toEqual([0, ''])
  })
})

describe('devices', () => {
  test('lists what can be trained on', async () => {
    const { code, out, err } = await cli('devices', '--json')
    expect([code, err]).toEqual([0, ''])
    const facts = {
      simd: expect.stringMatching(/^(128|256) bit/) as string,
      threads: expect.stringMatching(/^\d+$/) as string,
    }
    expect(linesOf(out)).toEqual([
      { name: 'cpu', title: 'CPU, WebAssembly SIMD', available: true, facts },
      // Whether there is one is the machine's own affair.
      expect.objectContaining({ name: 'webgpu', available: expect.any(Boolean) as boolean }),
      { name: 'reference', title: 'Reference (f64, slow)', available: true, facts: { precision: 'f64', threads: '1' } },
    ])
    expect((await cli('devices')).out).toMatch(/^cpu +CPU, WebAssembly SIMD {2}simd (128|256) bit/)
  })
})

interface Bad {
  readonly args: () => readonly string[]
  readonly code: 1 | 2
  /** All that is said on stderr, or how it must match. */
  readonly says: string | RegExp
}

const wire = (from: string, to: string): Wire => ({
  from: { block: from.split('.')[0] ?? '', port: from.split('.')[1] ?? '' },
  to: { block: to.split('.')[0] ?? '', port: to.split('.')[1] ?? '' },
})
const iris = shipped('iris')
const trainOn = (name: string, content: string | Uint8Array) => () => [
  'train',
  example('iris'),
  '--data',
  write(name, content),
]

const bad: { readonly [name: string]: Bad } = {
  'a document with a cycle': {
    args: () => ['check', changed('cycle.json', iris, {}, { w1: wire('b4.y', 'b2.x') })],
    code: 1,
    says: 'error: These blocks feed each other in a circle: relu → species → hidden → relu. Remove one of the wires.\n',
  },
  'an unknown block': {
    args: () => ['check', changed('unknown.json', iris, { b3: { type: 'unheard' } })],
    code: 1,
    says: /^error: relu: this version knows no block of type "unheard"; it may come from a newer one\. Replace or delete it\.$/m,
  },
  'a missing port': {
    args: () => ['check', changed('port.json', iris, {}, { w2: wire('b2.z', 'b3.x') })],
    code: 1,
    says: 'error: hidden has no output called "z", it has y. Delete the wire there and draw it anew.\n',
  },
  'a missing port is not trained either': {
    args: () => ['train', changed('port2.json', iris, {}, { w2: wire('b2.z', 'b3.x') })],
    code: 1,
    says: 'error: hidden has no output called "z", it has y. Delete the wire there and draw it anew.\n',
  },
  'an input without a wire': {
    args: () => ['check', changed('open.json', iris, {}, { w2: undefined })],
    code: 1,
    says: 'error: ReLU relu: input x is not connected.\n',
  },
  'a shape of 10^9': {
    args: () => ['check', changed('huge.json', iris, { b2: { params: { features: 1e9 } } })],
    code: 1,
    says: /^error: Dense hidden: .*\[4, 1000000000\].* 16(\.0)? GB/m,
  },
  'training a shape of 10^9': {
    args: () => ['train', changed('huge2.json', iris, { b2: { params: { features: 1e9 } } })],
    code: 1,
    says: /^error: Dense hidden: .* 16(\.0)? GB/m,
  },
  'more memory than there is': {
    args: () => ['train', changed('wide.json', iris, { b2: { params: { features: 60_000_000 } } })],
    code: 1,
    says: /^error: .* GB/m,
  },
  'a parameter that does not fit': {
    args: () => ['check', changed('param.json', iris, { b2: { params: { features: 0.5 } } })],
    code: 1,
    says: /^error: Dense hidden: Output features must be a whole number, not 0\.5\.$/m,
  },
  'no such document': {
    args: () => ['check', 'nowhere.json'],
    code: 1,
    says: 'error: nowhere.json: there is no such file.\n',
  },
  'a folder as a document': {
    args: () => ['check', folder],
    code: 1,
    says: /^error: .*: it can't be read \(EISDIR\)\.$/m,
  },
  'a document that is no JSON': {
    args: () => ['train', write('broken.json', '{"format": "neuro')],
    code: 1,
    says: /^error: broken\.json: the file is damaged or not JSON \(.*\)\. Nothing was changed; open an older copy\.$/m,
  },
  'a document of a generator that does not exist': {
    args: () => [
      'train',
      write('set.json', readFileSync(example('xor'), 'utf8').replace('"generator": "xor"', '"generator": "xyz"')),
    ],
    code: 1,
    says: /^error: There is no generated set called "xyz"; known are .*\.$/m,
  },
  'an optimizer that does not exist': {
    args: () => [
      'train',
      write('optimizer.json', readFileSync(example('xor'), 'utf8').replace('"type": "adam"', '"type": "lion"')),
    ],
    code: 1,
    says: 'error: This version knows no optimizer "lion". It has: adadelta, adagrad, adam, adamw, rmsprop, sgd.\n',
  },
  'a data file that is gone': {
    args: () => ['train', example('iris'), '--data', 'gone.csv'],
    code: 1,
    says: /^error: .*gone\.csv.*$/m,
  },
  'an empty table': { args: trainOn('empty.csv', ''), code: 1, says: /^error: .*empty\.csv.*empty.*$/m },
  'a table of a header only': { args: trainOn('header.csv', 'a,b,c\n'), code: 1, says: /^error: .*header\.csv.*$/m },
  'rows of different lengths': {
    args: trainOn('ragged.csv', 'a,b,c\n1,2,x\n1,2\n3,4,y\n'),
    code: 1,
    says: /^error: .*ragged\.csv line 3 has 2 cells, but the header has 3; add the missing ones\.$/m,
  },
  'a text among the numbers': {
    args: () => {
      const rows = readFileSync(join(root, 'models/data/iris.csv'), 'utf8').split('\n')
      rows[7] = (rows[7] ?? '').replace(/^[^,]+/, 'wide')
      return ['train', example('iris'), '--data', write('text.csv', rows.join('\n'))]
    },
    code: 1,
    says: /^error: text\.csv line 8, column sepal_length: "wide" is not a number, but .*$/m,
  },
  'a target of one class': {
    args: trainOn('one.csv', `a,kind\n${'1,x\n2,x\n'.repeat(20)}`),
    code: 1,
    says: /^error: .*(one class|class x|fewer than two|two classes).*$/im,
  },
  'IDX of a wrong magic number': {
    args: () => {
      const bytes = idxBytes([2, 2, 2], new Uint8Array(8))
      bytes[0] = 7
      return [
        'train',
        example('stroke-digits'),
        '--data',
        write('magic-idx3-ubyte', bytes),
        '--data',
        write('magic-idx1-ubyte', idxBytes([2], [0, 1])),
      ]
    },
    code: 1,
    says: /^error: .*magic-idx3-ubyte.*$/m,
  },
  'IDX of a length that lies': {
    args: () => [
      'train',
      example('stroke-digits'),
      '--data',
      write('short-idx3-ubyte', idxBytes([1_000_000, 28, 28], new Uint8Array(784))),
      '--data',
      write('short-idx1-ubyte', idxBytes([1_000_000], [0, 1])),
    ],
    code: 1,
    says: /^error: .*short-idx[13]-ubyte.*$/m,
  },
  'a gzip file that is cut': {
    args: trainOn('cut.csv.gz', gzipSync('a,b\n1,2\n3,4\n'.repeat(100)).subarray(0, 30)),
    code: 1,
    says: /^error: .*cut\.csv\.gz.*$/m,
  },
  'a folder without data': {
    args: () => {
      mkdirSync(inFolder('bare'), { recursive: true })
      return ['train', example('iris'), '--data', inFolder('bare')]
    },
    code: 1,
    says: 'error: The folder "bare" holds no file. Choose another one.\n',
  },
  'a file where the model should go': {
    args: () => ['train', example('iris'), '--out', write('taken', '')],
    code: 1,
    says: /^error: .*taken can't be a folder for the model: there is a file of that name\.$/m,
  },
  'a file above where the model should go': {
    args: () => ['train', example('iris'), '--out', join(write('taken2', ''), 'model')],
    code: 1,
    says: /^error: .*model can't be a folder for the model: there is a file of that name\.$/m,
  },
  'predicting from nothing': {
    args: () => ['predict', 'no-model', '--data', join(root, 'models/data/iris.csv')],
    code: 1,
    says: 'error: no-model holds no trained network: model.json and weights.safetensors and preparation.json is missing. Train with --out no-model first.\n',
  },
  'a loss that stops being a number': {
    args: () => ['train', changed('sgd.json', shipped('sine'), {}), '--lr', '1e30'],
    code: 1,
    says: /^error: The loss stopped being a number in epoch \d+, batch \d+\. .* (Dense|RMS) .*\. The run has paused before that/m,
  },
  'no command at all': { args: () => [], code: 2, says: '' },
  'no such command': { args: () => ['dance'], code: 2, says: /^There is no command "dance"\.\n\nUsage:/ },
  'no document': { args: () => ['train'], code: 2, says: /^train needs a file\.\n\nUsage:/ },
  'a word too many': { args: () => ['check', 'a.json', 'b.json'], code: 2, says: /^"b\.json" is one word too many\./ },
  'an unknown option': {
    args: () => ['train', 'a.json', '--speed', '3'],
    code: 2,
    says: /^Unknown option '--speed'\.\n\nUsage:/,
  },
  'an option of another command': {
    args: () => ['check', 'a.json', '--epochs', '3'],
    code: 2,
    says: /^check does not take --epochs\./,
  },
  'half an epoch': {
    args: () => ['train', example('iris'), '--epochs', '0.5'],
    code: 2,
    says: 'error: --epochs must be a whole number of at least 1, not 0.5.\n',
  },
  'a batch of nothing': {
    args: () => ['train', example('iris'), '--batch', '0'],
    code: 2,
    says: 'error: --batch must be a whole number of at least 1, not 0.\n',
  },
  'a rate in words': {
    args: () => ['train', example('iris'), '--lr', 'fast'],
    code: 2,
    says: 'error: --lr must be a number of at least 0, not fast.\n',
  },
  'a seed that no document may hold': {
    args: () => ['train', example('iris'), '--seed', '4294967296'],
    code: 2,
    says: 'error: --seed must be at most 2147483647, not 4294967296.\n',
  },
  'a device that does not exist': {
    args: () => ['train', example('iris'), '--device', 'abacus'],
    code: 2,
    says: 'error: --device must be one of auto, cpu, webgpu, reference, not abacus.\n',
  },
}

describe.concurrent('what is wrong is said in a sentence', () => {
  test.each(Object.entries(bad))('%s', { timeout: 60_000 }, async (_name, { args, code, says }) => {
    const said = await cli(...args())
    if (typeof says === 'string') expect(said.err).toBe(says)
    else expect(said.err).toMatch(says)
    expect(said.code).toBe(code)
    if (says !== '') expectSentences(said)
  })

  test('the usage is printed where it is asked for', async () => {
    const { code, out } = await cli('--help')
    expect(code).toBe(0)
    for (const command of ['check', 'train', 'predict', 'devices', 'serve']) expect(out).toContain(`  ${command} `)
    expect((await cli()).out).toBe(out)
  })
})

test('the control: a crash would not pass for a sentence', () => {
  const crash = { code: 1, out: '', err: 'TypeError: x is not a function\n    at file.js:1:2\n\nNode.js v20.0.0\n' }
  expect(() => expectSentences(crash)).toThrow()
})
