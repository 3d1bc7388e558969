/**
 * Our numbers against PyTorch's, which make-fixtures.py has written to fixtures/: every block forward and backward, and ten
 * steps of training with each optimizer, on the reference and on the CPU engine.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import type { Shape } from '../../src/base/shape.ts'
import type { BlockDefinition, Mode } from '../../src/blocks/define.ts'
import { blocks, findBlock } from '../../src/blocks/index.ts'
import type { Backend } from '../../src/backends/types.ts'
import optimizers from '../../src/train/optimizers/index.gen.ts'
import { vjpRules } from '../../src/ir/vjp.ts'
import { blockProgram, PATH } from '../helpers/block-program.ts'
import { draw, type Drawn } from '../helpers/documents.ts'
import { reference, runProgram, wasm } from '../helpers/run-program.ts'
import { difference, TOLERANCE, type Tolerance } from '../helpers/tolerance.ts'
import { networkOf, start } from '../helpers/train-steps.ts'

interface Value {
  readonly shape: Shape
  readonly data: readonly number[]
}
type Values = { readonly [name: string]: Value }

interface BlockFixture {
  readonly name: string
  readonly block: string
  readonly params: ParamValues
  readonly inputs: Values
  readonly weights: Values
  readonly buffers: Values
  readonly mode: Mode
  readonly outputs: Values
  /** Buffers for the next step. */
  readonly kept: Values
  readonly r: Values
  readonly gradients: Values
}

interface RunFixture {
  readonly optimizer: { readonly type: string; readonly params: ParamValues }
  readonly steps: readonly { readonly rows: readonly number[]; readonly loss: number; readonly accuracy: number }[]
  readonly weights: Values
}

interface TrainingFixture {
  readonly features: Value
  readonly classes: readonly number[]
  readonly first: Values
  readonly runs: readonly RunFixture[]
}

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')) as T
}

/** Title, backend, and how far single values and trained ones may lie apart. */
type Engine = readonly [string, Backend, Tolerance, Tolerance]
const engines: readonly Engine[] = [
  [reference.title, reference, TOLERANCE.f64.written, TOLERANCE.f64.trained],
  [wasm.title, wasm, TOLERANCE.f32.product, TOLERANCE.f32.trained],
]
const cases = fixture<BlockFixture[]>('blocks')

async function blockDifference(
  one: BlockFixture,
  engine: Engine,
  params: ParamValues = one.params,
): Promise<string | undefined> {
  const [, backend, tolerance] = engine
  const definition = findBlock(one.block)
  if (!definition) return `no block ${one.block}`
  const shapes = Object.fromEntries(Object.entries(one.inputs).map(([port, { shape }]) => [port, shape]))
  const { program } = blockProgram(definition, params, shapes, one.mode)
  const given: { [name: string]: readonly number[] } = {}
  for (const [port, { data }] of Object.entries(one.r)) given[`r.${port}`] = data
  for (const [port, { data }] of Object.entries(one.inputs)) given[port] = data
  for (const [name, { data }] of Object.entries({ ...one.weights, ...one.buffers })) given[`${PATH}.${name}`] = data
  const results = await runProgram(backend, program, given)
  const expected = new Map(Object.entries(one.outputs).map(([port, { data }]) => [port, data]))
  for (const [name, { data }] of Object.entries(one.kept)) expected.set(`${PATH}.${name}`, data)
  for (const [name, { data }] of Object.entries(one.gradients))
    expected.set(`d.${name in one.weights ? `${PATH}.${name}` : name}`, data)
  if (expected.size !== results.size) return `${results.size} results`
  for (const [name, data] of expected) {
    const found = difference(get(results, name), data, tolerance)
    if (found !== undefined) return `${name}: ${found}`
  }
  return undefined
}

describe.each(engines)('%s gives what PyTorch gives,', (...engine) => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    expect(at(Object.values(one.inputs), 0).shape[0]).toBeGreaterThanOrEqual(2)
    expect(await blockDifference(one, engine)).toBeUndefined()
  })

  test.each<[string, string, ParamValues]>([
    ['pooling', 'pooling', { kind: 'average', size: [2, 2], stride: [2, 2] }],
    ['half of a squared error', 'rms', { form: 'half' }],
    ['cross entropy of what are no probabilities', 'crossEntropy', { expects: 'probabilities' }],
    ['leaky ReLU', 'leakyRelu', { slope: 0.02 }],
    ['ELU', 'elu', { alpha: 0.9 }],
    ['softplus', 'softplus', { beta: 1.1 }],
    ['swish', 'swish', { beta: 1.1 }],
    ['Huber', 'huber', { delta: 0.9 }],
    ['layer norm', 'layerNorm', { epsilon: 0.01 }],
    ['binary cross entropy', 'binaryCrossEntropy', { expects: 'probabilities' }],
    ['weight of yes', 'binaryCrossEntropy', { positiveWeight: [1.01] }],
    ['label smoothing', 'crossEntropy', { smoothing: 0.01 }],
    ['class weights', 'crossEntropy', { classWeights: [1, 1, 1.01] }],
    ['Kullback-Leibler', 'kullbackLeibler', { expects: 'probabilities' }],
    ['linear', 'linear', { factor: 1.01 }],
    ['GELU', 'gelu', { form: 'exact' }],
    ['softmax', 'softmax', { temperature: 1.01 }],
    ['group norm', 'groupNorm', { groups: 2 }],
    ['batch norm', 'batchNorm', { epsilon: 0.01 }],
    ['attention', 'attention', { heads: 2 }],
    ['latent', 'latent', { size: 3, form: 'softplus' }],
    ['nearest upsampling', 'upsampling', { method: 'bilinear' }],
    ['global pooling', 'globalPooling', { kind: 'max' }],
    ['padding', 'padding', { top: 2, bottom: 1, left: 0, right: 3, value: 0.5 }],
    ['a convolution in time', 'conv1d', { filters: 4, padding: 'causal' }],
    ['depthwise convolution', 'depthwiseConv2d', { padding: 'same', dilation: [2, 2] }],
  ])('and other numbers where another function is asked for: %s', async (_name, block, params) => {
    const one = at(
      cases.filter((candidate) => candidate.block === block && candidate.params['kind'] !== 'average'),
      0,
    )
    expect(await blockDifference(one, engine, params)).toMatch(/differ|elements/)
  })

  test('and a gradient that is a hundredth too large is seen', async () => {
    const rules = vjpRules as { tanh: typeof vjpRules.tanh }
    const right = rules.tanh
    rules.tanh = (g, dy, inputs, params, y) => right(g, g.mul(dy, 1.01), inputs, params, y)
    try {
      const one = at(
        cases.filter(({ block }) => block === 'tanh'),
        0,
      )
      expect(await blockDifference(one, engine)).toMatch(/^d\.x: /)
    } finally {
      rules.tanh = right
    }
  })

  test('binary cross entropy behind a sigmoid is that of its logits', async () => {
    const one = at(
      cases.filter(({ block, params }) => block === 'binaryCrossEntropy' && params['expects'] === undefined),
      0,
    )
    const [prediction, target] = ['prediction', 'target'].map((port) => get(new Map(Object.entries(one.inputs)), port))
    const loss = findBlock('binaryCrossEntropy')
    const { output, r } = { output: one.outputs['loss'], r: one.r['loss'] }
    if (!loss || !prediction || !target || !output || !r) throw new Error('no such loss')
    const [, backend, tolerance] = engine
    const behind: BlockDefinition = {
      ...loss,
      build: (g, { prediction: x, target: t }, p) =>
        x && t ? loss.build(g, { prediction: g.sigmoid(x), target: t }, p) : {},
    }
    const run = async (params: ParamValues) => {
      const { program } = blockProgram(behind, params, { prediction: prediction.shape, target: target.shape })
      return runProgram(backend, program, { prediction: prediction.data, target: target.data, 'r.loss': r.data })
    }
    const found = await run({})
    const expected = {
      loss: output,
      ...Object.fromEntries(Object.entries(one.gradients).map(([k, v]) => [`d.${k}`, v])),
    }
    for (const [name, { data }] of Object.entries(expected))
      expect(difference(get(found, name), data, tolerance), name).toBeUndefined()
    // Logits of tens are no longer in the probabilities that a sigmoid makes of them.
    const blunt = await run({ expects: 'probabilities' })
    expect(difference(get(blunt, 'loss'), output.data, tolerance)).toMatch(/differ/)
  })

  test('all blocks that compute have such numbers', () => {
    const covered = new Set(cases.map(({ block }) => block))
    // A step is no function that PyTorch differentiates, and nobody else draws our random numbers: see every-block.test.ts
    // and random-blocks.test.ts.
    const others = ['step', 'dropout', 'gaussianNoise', 'sample']
    const computing = blocks.filter(({ family, type }) => family !== 'data' && !others.includes(type))
    expect([...covered].sort()).toEqual(computing.map(({ type }) => type).sort())
  })
})

const ends: { readonly [name: string]: Drawn } = {
  truth: ['target'],
  softmax: ['softmax', {}, 'out.y'],
  loss: ['crossEntropy', {}, 'softmax.y', 'truth.y'],
}
const networks: { readonly [name: string]: { readonly [block: string]: Drawn } } = {
  mlp: {
    x: ['input'],
    h: ['dense', { features: 6 }, 'x.x'],
    tanh: ['tanh', {}, 'h.y'],
    k: ['dense', { features: 5 }, 'tanh.y'],
    relu: ['relu', {}, 'k.y'],
    out: ['dense', { features: 3 }, 'relu.y'],
    ...ends,
  },
  cnn: {
    x: ['input'],
    c1: ['conv2d', { filters: 3, padding: 'same' }, 'x.x'],
    relu: ['relu', {}, 'c1.y'],
    p1: ['pooling', {}, 'relu.y'],
    c2: ['conv2d', { filters: 4, stride: [2, 2], padding: 'same' }, 'p1.y'],
    tanh: ['tanh', {}, 'c2.y'],
    p2: ['pooling', { kind: 'average', stride: [1, 1] }, 'tanh.y'],
    flat: ['flatten', {}, 'p2.y'],
    out: ['dense', { features: 3 }, 'flat.y'],
    ...ends,
  },
}

async function trainingDifference(
  name: string,
  run: RunFixture,
  engine: Engine,
  change: ParamValues = {},
): Promise<string | undefined> {
  const [, backend, , tolerance] = engine
  const given = fixture<TrainingFixture>(name)
  const { type, params } = run.optimizer
  const document = draw({ features: given.features.shape.slice(1), classes: 3 }, networks[name] ?? {}, {
    optimizer: { type, params: { ...params, ...change } },
    batchSize: at(run.steps, 0).rows.length,
  })
  const network = networkOf(document, { train: given.classes.length, validation: 0 })
  const { plan } = network
  const values = new Map<string, Float64Array>([
    ['train/features', Float64Array.from(given.features.data)],
    ['train/targets', Float64Array.from(given.classes)],
    ...[...network.live].map(([slot, value]): [string, Float64Array] => [slot, Float64Array.of(value)]),
    ...Object.entries(given.first).map(([slot, { data }]): [string, Float64Array] => [slot, Float64Array.from(data)]),
  ])
  const executable = await start(backend, plan, values)
  await executable.write('train/indices', Int32Array.from(run.steps.flatMap(({ rows }) => rows)))
  expect(await executable.run([{ entry: 'train', steps: run.steps.length }])).toBe(run.steps.length)
  const read = async (slot: string, count?: number) => executable.read(slot, count)
  const compare = [
    ['loss', await read('train/loss', 10), run.steps.map(({ loss }) => loss)],
    ['accuracy', await read('train/accuracy', 10), run.steps.map(({ accuracy }) => accuracy)],
    ...(await Promise.all(
      Object.entries(run.weights).map(async ([slot, { data }]) => [slot, await read(slot), data] as const),
    )),
  ] as const
  expect(network.weights.map((weight) => weight.name)).toEqual(Object.keys(run.weights))
  for (const [what, actual, expected] of compare) {
    const found = difference(actual, expected, tolerance)
    if (found !== undefined) return `${what}: ${found}`
  }
  return undefined
}

describe.each(engines)('%s trains ten steps as PyTorch does,', (...engine) => {
  const runs = Object.keys(networks).flatMap((name) =>
    fixture<TrainingFixture>(name).runs.map((run): [string, string, string, RunFixture] => [
      name,
      run.optimizer.type,
      JSON.stringify(run.optimizer.params),
      run,
    ]),
  )

  test.each(runs)('%s with %s %s', async (name, _type, _params, run) => {
    expect(await trainingDifference(name, run, engine)).toBeUndefined()
  })

  test.each(runs)('and not with a rate that is a thousandth off: %s with %s %s', async (name, _type, _params, run) => {
    const rate = Number(run.optimizer.params['rate']) * 1.001
    expect(await trainingDifference(name, run, engine, { rate })).toMatch(/differ/)
  })

  test('nor with another momentum, memory, epsilon or decay', async () => {
    const others: ParamValues = { momentum: 0.5, rho: 0.95, beta1: 0.7, beta2: 0.99, decay: 0.3, epsilon: 1e-3 }
    for (const [name, , params, run] of runs)
      for (const [param, value] of Object.entries(others))
        if (param in run.optimizer.params)
          expect(await trainingDifference(name, run, engine, { [param]: value }), `${name} ${params} ${param}`).toMatch(
            /differ/,
          )
  })

  test('nor with a Nesterov step that is turned on or off', async () => {
    for (const [name, type, params, run] of runs)
      if (type === 'sgd' && run.optimizer.params['momentum'] !== 0)
        expect(
          await trainingDifference(name, run, engine, { nesterov: run.optimizer.params['nesterov'] !== true }),
          `${name} ${params}`,
        ).toMatch(/differ/)
  })

  test('with every optimizer there is', () => {
    expect([...new Set(runs.map(([, type]) => type))].sort()).toEqual(optimizers.map(({ type }) => type).sort())
  })
})
