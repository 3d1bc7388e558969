/** Advice: what it says of sound drawings, and of one for each habit that it knows. */
import { describe, expect, test } from 'vitest'
import { analyze } from '../../src/compiler/analyze.ts'
import { advice } from '../../src/compiler/doctor/advice.ts'
import { applyEdit } from '../../src/document/edits.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'
import { example, examples, type Data, type Drawn } from '../helpers/documents.ts'
import { altered, canvasAt, draw, fedWith, rewired, valued } from './mistakes/mistake.ts'

const table: Data = { features: [6], classes: 3 }
const numbers: Data = { features: [6], numbers: 1 }
const picture: Data = { features: [64, 64, 3], classes: 5 }

const judged = (from: string, type = 'crossEntropy', params: object = {}): { readonly [name: string]: Drawn } => ({
  truth: ['target'],
  loss: [type, { ...params }, from, 'truth.y'],
})
/** A hidden layer, then what is given. */
const net = (data: Data, rest: { readonly [name: string]: Drawn }): GraphDocument =>
  draw(data, { x: ['input'], fc: ['dense', { features: 8 }, 'x.x'], relu: ['relu', {}, 'fc.y'], ...rest })

describe('of the examples', () => {
  // Each of these is pinned: an example that should say more or less is changed here, with a reason.
  const said: { readonly [name: string]: readonly string[] } = {
    // Its first convolution and those of its widest composite keep a bias in front of a Batch Norm.
    residual: ['advice.vainBias'],
  }
  test.each([...examples.keys()])('%s', (name) => {
    expect(advice(example(name)).map(({ code }) => code)).toEqual(said[name] ?? [])
  })
})

/** What is drawn, what is said of it, and what becomes of it. */
const habits: readonly (readonly [
  name: string,
  document: GraphDocument,
  code: string,
  blocks: readonly string[],
  mended: (after: GraphDocument) => unknown,
  expected: unknown,
])[] = [
  [
    'Softmax before Cross Entropy that takes logits',
    valued(example('iris'), 'b6', { expects: 'logits' }),
    'advice.twiceProbabilities',
    ['b5', 'b6'],
    (after) => after.graph.blocks['b6']?.params['expects'],
    'auto',
  ],
  [
    'Cross Entropy that takes probabilities of a Dense',
    net(table, {
      out: ['dense', { features: 3 }, 'relu.y'],
      ...judged('out.y', 'crossEntropy', { expects: 'probabilities' }),
    }),
    'advice.noProbabilities',
    ['out', 'loss'],
    (after) => after.graph.blocks['loss']?.params['expects'],
    'auto',
  ],
  [
    'a Softmax that a Dropout hides',
    net(table, {
      out: ['dense', { features: 3 }, 'relu.y'],
      soft: ['softmax', {}, 'out.y'],
      same: ['linear', {}, 'soft.y'],
      ...judged('same.y'),
    }),
    'advice.hiddenProbabilities',
    ['same', 'loss'],
    (after) => after.graph.blocks['same'],
    undefined,
  ],
  [
    'ReLU before Cross Entropy',
    net(table, { out: ['dense', { features: 3 }, 'relu.y'], late: ['relu', {}, 'out.y'], ...judged('late.y') }),
    'advice.functionBeforeLoss',
    ['late', 'loss'],
    (after) => after.graph.blocks['late'],
    undefined,
  ],
  [
    'Sigmoid before Cross Entropy',
    net(table, { out: ['dense', { features: 3 }, 'relu.y'], late: ['sigmoid', {}, 'out.y'], ...judged('late.y') }),
    'advice.functionBeforeLoss',
    ['late', 'loss'],
    (after) => after.graph.blocks['late']?.type,
    'softmax',
  ],
  [
    'Softmax before Binary Cross Entropy',
    altered(valued(example('xor-binary'), 'b4', {}), 'b5', { type: 'softmax' }),
    'advice.functionBeforeLoss',
    ['b5', 'b6'],
    (after) => after.graph.blocks['b5']?.type,
    'sigmoid',
  ],
  [
    'ReLU before RMS of numbers',
    net(numbers, {
      out: ['dense', { features: 1 }, 'relu.y'],
      late: ['relu', {}, 'out.y'],
      ...judged('late.y', 'rms'),
    }),
    'advice.functionBeforeLoss',
    ['late', 'loss'],
    (after) => after.graph.blocks['late'],
    undefined,
  ],
  [
    'Sigmoid and RMS for classes',
    net(table, {
      out: ['dense', { features: 3 }, 'relu.y'],
      late: ['sigmoid', {}, 'out.y'],
      ...judged('late.y', 'rms'),
    }),
    'advice.distanceOfClasses',
    ['late', 'loss'],
    (after) => [after.graph.blocks['loss']?.type, after.graph.blocks['late']?.type],
    ['crossEntropy', 'softmax'],
  ],
  [
    'one yes or no for three classes',
    fedWith(example('xor-binary'), { classes: 3 }),
    'advice.moreThanTwo',
    ['b5', 'b6'],
    (after) => [after.graph.blocks['b4']?.params['features'], after.graph.blocks['b6']?.type],
    [3, 'crossEntropy'],
  ],
  [
    'numbers taken for positions of classes',
    fedWith(example('iris'), { numbers: 1 }),
    'advice.numbersAsClasses',
    ['b5', 'b6'],
    (after) => [after.graph.blocks['b4']?.params['features'], after.graph.blocks['b6']?.type, after.graph.blocks['b5']],
    [1, 'rms', undefined],
  ],
  [
    'prediction and target exchanged',
    rewired(example('iris'), ['b5.y>b6.prediction', 'b7.y>b6.target'], ['b7.y>b6.prediction', 'b5.y>b6.target']),
    'advice.swapped',
    ['b7', 'b6'],
    (after) =>
      Object.values(after.graph.wires)
        .filter(({ to }) => to.block === 'b6')
        .map(({ from, to }) => `${from.block}>${to.port}`)
        .sort(),
    ['b5>prediction', 'b7>target'],
  ],
  [
    'a branch that leads to no loss',
    net(table, {
      out: ['dense', { features: 3 }, 'relu.y'],
      ...judged('out.y'),
      side: ['dense', { features: 4 }, 'relu.y'],
      tanh: ['tanh', {}, 'side.y'],
    }),
    'advice.deadBranch',
    ['side', 'tanh'],
    (after) => [after.graph.blocks['side'], after.graph.blocks['tanh']],
    [undefined, undefined],
  ],
  [
    'two layers with nothing between',
    net(table, {
      wide: ['dense', { features: 32 }, 'relu.y'],
      out: ['dense', { features: 3 }, 'wide.y'],
      ...judged('out.y'),
    }),
    'advice.linearPair',
    ['wide', 'out'],
    (after) => Object.values(after.graph.blocks).filter(({ type }) => type === 'relu').length,
    2,
  ],
  [
    'no activation at all',
    draw(table, {
      x: ['input'],
      one: ['dense', { features: 8 }, 'x.x'],
      two: ['dense', { features: 8 }, 'one.y'],
      out: ['dense', { features: 3 }, 'two.y'],
      ...judged('out.y'),
    }),
    'advice.noActivation',
    ['one', 'two', 'out'],
    (after) => Object.values(after.graph.blocks).filter(({ type }) => type === 'relu').length,
    2,
  ],
  [
    'many Sigmoids in a row',
    draw(table, {
      x: ['input'],
      fc1: ['dense', { features: 8 }, 'x.x'],
      s1: ['sigmoid', {}, 'fc1.y'],
      fc2: ['dense', { features: 8 }, 's1.y'],
      s2: ['sigmoid', {}, 'fc2.y'],
      fc3: ['dense', { features: 8 }, 's2.y'],
      s3: ['sigmoid', {}, 'fc3.y'],
      out: ['dense', { features: 3 }, 's3.y'],
      ...judged('out.y'),
    }),
    'advice.fading',
    ['s1', 's2', 's3'],
    (after) => Object.values(after.graph.blocks).filter(({ type }) => type === 'relu').length,
    3,
  ],
  [
    'a bias in front of a Batch Norm',
    net(table, {
      wide: ['dense', { features: 8 }, 'relu.y'],
      norm: ['batchNorm', {}, 'wide.y'],
      act: ['relu', {}, 'norm.y'],
      out: ['dense', { features: 3 }, 'act.y'],
      ...judged('out.y'),
    }),
    'advice.vainBias',
    ['wide'],
    (after) => after.graph.blocks['wide']?.params['bias'],
    false,
  ],
  [
    'a Dropout right before the loss',
    net(table, { out: ['dense', { features: 3 }, 'relu.y'], drop: ['dropout', {}, 'out.y'], ...judged('drop.y') }),
    'advice.lateDropout',
    ['drop', 'loss'],
    (after) => after.graph.blocks['drop'],
    undefined,
  ],
  [
    'millions of weights behind a Flatten',
    draw(picture, {
      x: ['input'],
      conv: ['conv2d', { filters: 32, padding: 'same' }, 'x.x'],
      relu: ['relu', {}, 'conv.y'],
      flat: ['flatten', {}, 'relu.y'],
      fc: ['dense', { features: 64 }, 'flat.y'],
      act: ['relu', {}, 'fc.y'],
      out: ['dense', { features: 5 }, 'act.y'],
      ...judged('out.y'),
    }),
    'advice.heavyDense',
    ['flat', 'fc'],
    (after) => after.graph.blocks['flat']?.type,
    'globalPooling',
  ],
]

describe('of habits', () => {
  test.each(habits)('%s', (_name, document, code, blocks, mended, expected) => {
    const found = advice(document)
    expect(found.map((one) => one.code)).toEqual([code])
    const [one] = found
    expect(one?.blocks).toEqual(blocks)
    expect(one?.sentence).toMatch(/\.$/)
    expect(one?.fix).toBeDefined()
    if (!one?.fix) return
    const after = valueOf(applyEdit(document, one.fix.edit))
    expect(mended(after)).toEqual(expected)
    expect(mended(document)).not.toEqual(expected)
    expect(analyze(after).problems.filter(({ severity }) => severity === 'error')).toEqual(
      analyze(document).problems.filter(({ severity }) => severity === 'error'),
    )
    expect(advice(after).map((other) => other.code)).not.toContain(code)
  })

  test('a bottleneck is no pair of layers for nothing', () => {
    const thin = net(table, {
      wide: ['dense', { features: 2 }, 'relu.y'],
      out: ['dense', { features: 3 }, 'wide.y'],
      ...judged('out.y'),
    })
    expect(advice(thin)).toEqual([])
  })

  test('is no problem: training needs none of it', () => {
    for (const [, document] of habits)
      expect(analyze(document).problems.map(({ code }) => code)).not.toContain('advice')
  })

  test('an empty drawing hears nothing, and no more than six things are said', () => {
    const { document } = { document: example('iris') }
    expect(advice({ ...document, graph: { blocks: {}, wires: {} } })).toEqual([])
    expect(canvasAt(document, []).blocks).toBe(document.graph.blocks)
    for (const [, one] of habits) expect(advice(one).length).toBeLessThanOrEqual(6)
  })
})
