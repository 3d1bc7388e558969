/** What is wrong with a command, a document or its data is said in a sentence. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { root } from '../../scripts/setup.mjs'
import type { Wire } from '../../src/document/types.ts'
import { idxBytes } from '../data/files.ts'
import { shipped } from '../models/shipped.ts'
import { changed, commandLine, example, expectSentences } from './helpers/command-line.ts'

const { cli, inFolder, put } = commandLine()

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
  put(name, content),
]

const bad: { readonly [name: string]: Bad } = {
  'a document with a cycle': {
    args: () => ['check', put('cycle.json', changed(iris, {}, { w1: wire('b4.y', 'b2.x') }))],
    code: 1,
    says: 'error: These blocks feed each other in a circle: relu → species → hidden → relu. Remove one of the wires.\n',
  },
  'an unknown block': {
    args: () => ['check', put('unknown.json', changed(iris, { b3: { type: 'unheard' } }))],
    code: 1,
    says: /^error: relu: this version knows no block of type "unheard"; it may come from a newer one\. Replace or delete it\.$/m,
  },
  'a missing port': {
    args: () => ['check', put('port.json', changed(iris, {}, { w2: wire('b2.z', 'b3.x') }))],
    code: 1,
    says: 'error: hidden has no output called "z", it has y. Delete the wire there and draw it anew.\n',
  },
  'a missing port is not trained either': {
    args: () => ['train', put('port2.json', changed(iris, {}, { w2: wire('b2.z', 'b3.x') }))],
    code: 1,
    says: 'error: hidden has no output called "z", it has y. Delete the wire there and draw it anew.\n',
  },
  'an input without a wire': {
    args: () => ['check', put('open.json', changed(iris, {}, { w2: undefined }))],
    code: 1,
    says: 'error: ReLU relu: input x is not connected.\n',
  },
  'a shape of 10^9': {
    args: () => ['check', put('huge.json', changed(iris, { b2: { params: { features: 1e9 } } }))],
    code: 1,
    says: /^error: Dense hidden: .*\[4, 1000000000\].* 16(\.0)? GB/m,
  },
  'training a shape of 10^9': {
    args: () => ['train', put('huge2.json', changed(iris, { b2: { params: { features: 1e9 } } }))],
    code: 1,
    says: /^error: Dense hidden: .* 16(\.0)? GB/m,
  },
  'more memory than there is': {
    args: () => ['train', put('wide.json', changed(iris, { b2: { params: { features: 60_000_000 } } }))],
    code: 1,
    says: /^error: .* GB/m,
  },
  'a parameter that does not fit': {
    args: () => ['check', put('param.json', changed(iris, { b2: { params: { features: 0.5 } } }))],
    code: 1,
    says: /^error: Dense hidden: Output features must be a whole number, not 0\.5\.$/m,
  },
  'no such document': {
    args: () => ['check', 'nowhere.json'],
    code: 1,
    says: 'error: nowhere.json: there is no such file.\n',
  },
  'a folder as a document': {
    args: () => ['check', inFolder('')],
    code: 1,
    says: /^error: .*: it can't be read \(EISDIR\)\.$/m,
  },
  'a document that is no JSON': {
    args: () => ['train', put('broken.json', '{"format": "neuro')],
    code: 1,
    says: /^error: broken\.json: the file is damaged or not JSON \(.*\)\. Nothing was changed; open an older copy\.$/m,
  },
  'a document of a generator that does not exist': {
    args: () => [
      'train',
      put('set.json', readFileSync(example('xor'), 'utf8').replace('"generator": "xor"', '"generator": "xyz"')),
    ],
    code: 1,
    says: /^error: There is no generated set called "xyz"; known are .*\.$/m,
  },
  'an optimizer that does not exist': {
    args: () => [
      'train',
      put('optimizer.json', readFileSync(example('xor'), 'utf8').replace('"type": "adam"', '"type": "lion"')),
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
      return ['train', example('iris'), '--data', put('text.csv', rows.join('\n'))]
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
        put('magic-idx3-ubyte', bytes),
        '--data',
        put('magic-idx1-ubyte', idxBytes([2], [0, 1])),
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
      put('short-idx3-ubyte', idxBytes([1_000_000, 28, 28], new Uint8Array(784))),
      '--data',
      put('short-idx1-ubyte', idxBytes([1_000_000], [0, 1])),
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
    args: () => ['train', example('iris'), '--out', put('taken', '')],
    code: 1,
    says: /^error: .*taken can't be a folder for the model: there is a file of that name\.$/m,
  },
  'a file above where the model should go': {
    args: () => ['train', example('iris'), '--out', join(put('taken2', ''), 'model')],
    code: 1,
    says: /^error: .*model can't be a folder for the model: there is a file of that name\.$/m,
  },
  'predicting from nothing': {
    args: () => ['predict', 'no-model', '--data', join(root, 'models/data/iris.csv')],
    code: 1,
    says: 'error: no-model holds no trained network: model.json and weights.safetensors and preparation.json is missing. Train with --out no-model first.\n',
  },
  'a loss that stops being a number': {
    args: () => ['train', put('sgd.json', changed(shipped('sine'), {})), '--lr', '1e30'],
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
  test.each(Object.entries(bad))('%s', async (_name, { args, code, says }) => {
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
