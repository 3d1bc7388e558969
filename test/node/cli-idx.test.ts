/** A pair of IDX files on the command line, as MNIST has them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { datasets } from '../../src/data/index.ts'
import { parseDocument } from '../../src/document/file.ts'
import { idxBytes, valueOf } from '../data/files.ts'
import { commandLine, example, linesOf } from './helpers/command-line.ts'

const { cli, inFolder, put } = commandLine()

const count = 3000
beforeAll(() => {
  const set = datasets.get('strokeDigits')
  if (!set) throw new Error('no stroke digits')
  const { features, targets } = set.generate({ count, variety: 1 }, (i) => new Rng(123, 'as MNIST', i))
  put('train-images-idx3-ubyte', idxBytes([count, 28, 28], features))
  put('train-labels-idx1-ubyte', idxBytes([count], targets))
  put('train-images-idx3-ubyte.gz', gzipSync(readFileSync(inFolder('train-images-idx3-ubyte'))))
  put('train-labels-idx1-ubyte.gz', gzipSync(readFileSync(inFolder('train-labels-idx1-ubyte'))))
})

test('trains to above 0.95, unzipped or zipped alike, and predicts', async () => {
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
