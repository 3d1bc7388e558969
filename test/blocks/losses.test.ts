/** What the losses say at the ends of their range and of targets in other forms; values in between are PyTorch's (parity). */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { attempt } from '../../src/base/problem.ts'
import { blocks } from '../../src/blocks/index.ts'
import { blockValues, blockNamed, type Nested } from '../helpers/block-values.ts'
import { newBlockBuilder, place } from '../helpers/block-program.ts'
import { numbers } from '../helpers/random.ts'
import { reference, wasm } from '../helpers/run-program.ts'
import { difference, expectClose, TOLERANCE } from '../helpers/tolerance.ts'

const onEach = describe.each([reference, wasm].map((backend) => [backend.title, backend] as const))
const rowsOf = (data: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, n) =>
    Array.from({ length: width }, (_v, i) => data[n * width + i] ?? 0),
  )

function refusal(type: string, params: ParamValues, shapes: { readonly [port: string]: readonly number[] }): string {
  const done = attempt(() => {
    const g = newBlockBuilder()
    const ports = Object.entries(shapes).map(([port, shape]) => [port, g.input(port, 'data', shape)])
    place(g, blockNamed(type), params, Object.fromEntries(ports) as { [port: string]: ReturnType<typeof g.input> })
  })
  return done.ok ? '' : done.problems.map(({ message }) => message).join()
}

test('every loss has a weight that may change while training, and does not look at it itself', async () => {
  const losses = blocks.filter(({ family }) => family === 'loss')
  expect(losses.length).toBeGreaterThanOrEqual(7)
  for (const { type, params, inputs } of losses) {
    expect(params['weight'], type).toMatchObject({ kind: 'real', default: 1, min: 0, live: true, label: 'Weight' })
    const data = rowsOf(numbers(new Rng(1, type), [2, 4], 'share'), 4)
    const ports = Object.fromEntries(Object.keys(inputs).map((port) => [port, data]))
    const one = await blockValues(type, { ports })
    expect([...(await blockValues(type, { ports, params: { weight: 7 } }))]).toEqual([...one])
  }
})

onEach('a class as its position, on the %s,', (_title, backend) => {
  const settings: ParamValues[] = [
    {},
    { smoothing: 0.2 },
    { classWeights: [0.5, 2, 1.25] },
    { smoothing: 0.1, classWeights: [3, 0, 1] },
    { expects: 'probabilities' },
  ]
  const prediction = rowsOf(numbers(new Rng(4), [5, 3], 'share'), 3)
  const classes = [2, 0, 1, 1, 2]
  const oneHot = classes.map((k) => [0, 1, 2].map((i) => (i === k ? 1 : 0)))
  const loss = (target: Nested, params: ParamValues) =>
    blockValues('crossEntropy', { params, ports: { prediction, target }, backend })

  test.each(settings.map((params) => [JSON.stringify(params), params] as const))(
    'costs what it costs one-hot: %s',
    async (_name, params) => {
      const expected = await loss(oneHot, params)
      for (const target of [classes, classes.map((k) => [k])]) {
        const found = await loss(target, params)
        for (const name of ['loss', 'd.prediction'])
          expectClose(get(found, name), get(expected, name), TOLERANCE.f32.chain, name)
      }
      const other = await loss([2, 0, 1, 1, 0], params)
      expect(difference(get(other, 'loss'), get(expected, 'loss'), TOLERANCE.f32.chain)).toMatch(/differ/)
    },
  )

  test('also for each step of a sequence', async () => {
    const ports = {
      prediction: [prediction.slice(0, 2), prediction.slice(2, 4)],
      target: [classes.slice(0, 2), classes.slice(2, 4)],
    }
    const found = await blockValues('crossEntropy', { ports, backend })
    const expected = await blockValues('crossEntropy', {
      ports: { prediction: prediction.slice(0, 4), target: classes.slice(0, 4) },
      backend,
    })
    for (const name of ['loss', 'd.prediction']) expectClose(get(found, name), get(expected, name), TOLERANCE.f32.chain)
  })

  test('is no number where it is none of the classes', async () => {
    for (const wrong of [3, -1, 0.5]) expect(get(await loss([2, 0, wrong, 1, 2], {}), 'loss')).toEqual([NaN])
  })

  test('costs nothing in a batch of classes that do not count', async () => {
    const found = await loss([1, 1, 1, 1, 1], { classWeights: [1, 0, 1] })
    expect(Math.abs(at(get(found, 'loss'), 0))).toBe(0)
    expect(get(found, 'd.prediction').every((x) => x === 0)).toBe(true)
  })
})

onEach('at the ends of their range, on the %s, losses and gradients are finite and right:', (_title, backend) => {
  const has = async (
    type: string,
    params: ParamValues,
    ports: { readonly [port: string]: Nested },
    expected: { readonly [result: string]: readonly number[] },
  ) => {
    const found = await blockValues(type, { params, ports, backend })
    for (const [name, values] of found) expect(values.every(Number.isFinite), `${type} ${name}`).toBe(true)
    for (const [name, values] of Object.entries(expected))
      expectClose(get(found, name), values, TOLERANCE.f32.chain, `${type} ${name}`)
  }
  const LEAST = Math.log(1e-7)

  test('cross entropy of logits and of certain probabilities', async () => {
    const prediction = [
      [1e4, -1e4, 0],
      [-1e4, 1e4, 0],
    ]
    await has(
      'crossEntropy',
      {},
      { prediction, target: [0, 0] },
      { loss: [1e4], 'd.prediction': [0, 0, 0, -0.5, 0.5, 0] },
    )
    // One row is right and one wrong, each smoothed by ε / 3 of 2e4 + 1e4.
    await has(
      'crossEntropy',
      { smoothing: 0.3 },
      { prediction, target: [0, 0] },
      { loss: [(0.1 * 3e4 + 0.8 * 2e4 + 0.1 * 1e4) / 2] },
    )
    await has('crossEntropy', { classWeights: [1, 3, 1] }, { prediction, target: [0, 1] }, { loss: [0] })
    await has('crossEntropy', { classWeights: [1, 3, 1] }, { prediction, target: [1, 0] }, { loss: [2e4] })
    const sure = [
      [1, 0],
      [1, 0],
    ]
    await has(
      'crossEntropy',
      { expects: 'probabilities' },
      { prediction: sure, target: [0, 1] },
      { loss: [-LEAST / 2] },
    )
  })

  test('yes and no, where a yes weighs more', async () => {
    const given = { prediction: [[-1e4, 1e4, -1e4, 1e4]], target: [[0, 1, 1, 0]] }
    await has('binaryCrossEntropy', { positiveWeight: [3] }, given, {
      loss: [1e4],
      'd.prediction': [0, 0, -0.75, 0.25],
    })
    await has('binaryCrossEntropy', { positiveWeight: [1, 1, 0, 0] }, given, {
      loss: [2500],
      'd.prediction': [0, 0, 0, 0.25],
    })
  })

  test('Kullback-Leibler, where a share of 0 counts 0', async () => {
    const target = [
      [1, 0],
      [0.5, 0.5],
    ]
    const even = {
      prediction: [
        [2, 2],
        [7, 7],
      ],
      target,
    }
    await has('kullbackLeibler', {}, even, { loss: [Math.LN2 / 2], 'd.prediction': [-0.25, 0.25, 0, 0] })
    await has(
      'kullbackLeibler',
      {},
      {
        prediction: [
          [1e4, -1e4],
          [0, 0],
        ],
        target,
      },
      { loss: [0], 'd.prediction': [0, 0, 0, 0] },
    )
    await has(
      'kullbackLeibler',
      {},
      {
        prediction: [
          [-1e4, 1e4],
          [0, 0],
        ],
        target,
      },
      { loss: [1e4] },
    )
    await has('kullbackLeibler', { expects: 'probabilities' }, { prediction: target, target }, { loss: [0] })
    await has(
      'kullbackLeibler',
      { expects: 'probabilities' },
      {
        prediction: [
          [0, 1],
          [0.5, 0.5],
        ],
        target,
      },
      { loss: [-LEAST / 2] },
    )
  })

  test('a Gaussian beside the standard normal one', async () => {
    await has(
      'klGaussian',
      {},
      { mean: [[0, 0]], logVariance: [[0, 0]] },
      { loss: [0], 'd.mean': [0, 0], 'd.logVariance': [0, 0] },
    )
    await has(
      'klGaussian',
      {},
      {
        mean: [
          [3, 0],
          [0, 0],
        ],
        logVariance: [
          [0, 1],
          [0, 0],
        ],
      },
      { loss: [(9 + Math.E - 2) / 4], 'd.mean': [1.5, 0, 0, 0], 'd.logVariance': [0, (Math.E - 1) / 4, 0, 0] },
    )
    // Far out e^l has become its tangent at 30.
    const slope = Math.exp(30)
    await has(
      'klGaussian',
      {},
      { mean: [[1e4]], logVariance: [[-1e4]] },
      { loss: [(1e8 + 1e4 - 1) / 2], 'd.mean': [1e4], 'd.logVariance': [-0.5] },
    )
    await has(
      'klGaussian',
      {},
      { mean: [[0]], logVariance: [[1e4]] },
      { loss: [(slope * (1e4 - 29)) / 2], 'd.logVariance': [(slope - 1) / 2] },
    )
  })
})

test('the loss of a Gaussian is what drawing from it says: the mean of ln q(z) - ln p(z)', async () => {
  const rng = new Rng(9)
  const [mean, logVariance] = [0.7, -0.8]
  const deviation = Math.exp(logVariance / 2)
  let sum = 0
  let squares = 0
  const COUNT = 40_000
  for (let i = 0; i < COUNT; i++) {
    const z = mean + deviation * rng.normal()
    const one = -((z - mean) ** 2) / (2 * deviation ** 2) - logVariance / 2 + z ** 2 / 2
    sum += one
    squares += one * one
  }
  const error = Math.sqrt((squares / COUNT - (sum / COUNT) ** 2) / COUNT)
  const loss = async (l: number) => {
    const found = await blockValues('klGaussian', { ports: { mean: [[mean, 0]], logVariance: [[l, 0]] } })
    return Math.abs(at(get(found, 'loss'), 0) - sum / COUNT)
  }
  expect(await loss(logVariance)).toBeLessThan(4 * error)
  expect(await loss(logVariance + 0.2)).toBeGreaterThan(4 * error)
})

test('a loss says what does not fit, and what to do', () => {
  const two = { prediction: [2, 3], target: [2, 3] }
  expect(refusal('crossEntropy', { classWeights: [1, 2] }, two)).toMatch(
    /3 classes, but 2 class weights; give one for each/,
  )
  expect(refusal('crossEntropy', {}, { prediction: [2, 3], target: [2, 4] })).toMatch(/give the last layer 4 outputs/)
  expect(refusal('crossEntropy', {}, { prediction: [2, 5, 3], target: [2, 4] })).toMatch(/outputs, one for each class/)
  expect(refusal('crossEntropy', {}, { prediction: [2, 1, 1, 4], target: [2, 4] })).toMatch(/put a Flatten before/)
  expect(refusal('crossEntropy', {}, { prediction: [2, 1], target: [2, 1] })).toMatch(/two or more classes/)
  expect(refusal('binaryCrossEntropy', { positiveWeight: [1, 2] }, two)).toMatch(/3 outputs, but 2 weights of yes/)
  expect(refusal('kullbackLeibler', {}, { prediction: [2, 3], target: [2, 2] })).toMatch(/must be equal/)
  expect(refusal('klGaussian', {}, { mean: [2, 3], logVariance: [2, 2] })).toMatch(
    /both must be \[batch, ..., latent\]/,
  )
  expect(refusal('crossEntropy', {}, two)).toBe('')
})
