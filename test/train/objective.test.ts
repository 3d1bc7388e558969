/** Several losses and penalties on the weights, against closed forms and loops written by hand. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import type { ParamValues } from '../../src/base/params.ts'
import type { PreparedData } from '../../src/data/types.ts'
import type { GraphDocument, Regularization, TrainingSection } from '../../src/document/types.ts'
import { draw } from '../helpers/documents.ts'
import { cpu, curvesOf, dataFor, open, oracle, outcomeOf, train } from './runs.ts'

const devices = [
  ['wasm', cpu, 2e-6],
  // Data and rates reach every device as f32.
  ['reference', oracle, 1e-7],
] as const
type DeviceOf = (typeof devices)[number][1]

const FEATURES = 4
const EXAMPLES = 24
const off: Regularization = { l1: 0, l2: 0, mode: 'subgradient', ratio: 0 }

/** y = x W under half the mean of the squares, without a bias. */
function linear(training: Partial<TrainingSection>, params: ParamValues = {}): GraphDocument {
  const drawn = draw(
    { features: [FEATURES], numbers: 1 },
    {
      x: ['input'],
      out: ['dense', { features: 1, bias: false, init: 'normal', ...params }, 'x.x'],
      t: ['target'],
      loss: ['rms', { form: 'half' }, 'out.y', 't.y'],
    },
  )
  const { params: rms = {} } = drawn.graph.blocks['loss'] ?? {}
  if (!Object.values(rms).includes('half')) throw new Error('not half the squares')
  const sgd = { type: 'sgd', params: { rate: 0.5, momentum: 0 } }
  return {
    ...drawn,
    training: { ...drawn.training, optimizer: sgd, batchSize: EXAMPLES, epochs: 120, seed: 3, ...training },
  }
}

/** Rows of X, with X'X / n = 1 on request, and targets that the last two features hardly matter for. */
function examples(orthonormal: boolean): { x: number[][]; y: number[]; data: PreparedData } {
  const rng = new Rng(4, 'design')
  const columns = Array.from({ length: FEATURES }, () => Array.from({ length: EXAMPLES }, () => rng.normal()))
  if (orthonormal)
    columns.forEach((column, j) => {
      for (const other of columns.slice(0, j)) {
        const share = dot(column, other) / EXAMPLES
        column.forEach((_, i) => (column[i] = at(column, i) - share * at(other, i)))
      }
      const size = Math.sqrt(dot(column, column) / EXAMPLES)
      column.forEach((value, i) => (column[i] = value / size))
    })
  const x = Array.from({ length: EXAMPLES }, (_, i) => columns.map((column) => Math.fround(at(column, i))))
  const y = x.map((row) => Math.fround(dot(row, [1.2, -0.7, 0.05, 0]) + rng.normal(0, 0.1)))
  const part = { count: EXAMPLES, features: Float32Array.from(x.flat()), targets: Float32Array.from(y) }
  const none = { count: 0, features: new Float32Array(), targets: new Float32Array() }
  const document = linear({})
  if (document.data.source.kind === 'table') throw new Error('no tables here')
  const data: PreparedData = {
    train: part,
    validation: none,
    shape: [FEATURES],
    target: document.data.source.target,
    fitted: { columns: [], targets: [{ mean: 0, deviation: 1 }] },
    warnings: [],
  }
  return { x, y, data }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * at(b, i), 0)
}
const soft = (z: number, by: number) => Math.sign(z) * Math.max(Math.abs(z) - by, 0)

/** Minimum of 1/2n |y - X w|² + l1 |w| + l2/2 |w|², one coordinate after the other (Friedman, Hastie & Tibshirani 2010). */
function elasticNet({ x, y }: { x: number[][]; y: number[] }, l1: number, l2: number): number[] {
  const w = new Array<number>(FEATURES).fill(0)
  for (let sweep = 0; sweep < 500; sweep++)
    for (let j = 0; j < FEATURES; j++) {
      const rest = x.map((row, i) => at(y, i) - dot(row, w) + at(row, j) * at(w, j))
      const column = x.map((row) => at(row, j))
      w[j] = soft(dot(column, rest) / EXAMPLES, l1) / (dot(column, column) / EXAMPLES + l2)
    }
  return w
}

async function learned(device: DeviceOf, data: PreparedData, training: Partial<TrainingSection>, params?: ParamValues) {
  const { weights } = await train(linear(training, params), data, await device())
  return weights['out.weight'] ?? []
}
const apart = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - at(b, i))))

describe.each(devices)('penalties on %s', (_name, device, near) => {
  const plain = examples(false)
  const orthonormal = examples(true)

  test("ridge is (X'X/n + λ)⁻¹ X'y/n, for all weights or as the block asks", async () => {
    const l2 = 0.3
    const expected = elasticNet(plain, 0, l2)
    // The oracle itself: its gradient vanishes.
    for (let j = 0; j < FEATURES; j++) {
      const slope = plain.x.reduce(
        (sum, row, i) => sum + (at(row, j) * (dot(row, expected) - at(plain.y, i))) / EXAMPLES,
        0,
      )
      expect(Math.abs(slope + l2 * at(expected, j))).toBeLessThan(1e-12)
    }
    expect(apart(await learned(device, plain.data, { regularization: { ...off, l2 } }), expected)).toBeLessThan(near)
    expect(apart(await learned(device, plain.data, {}, { l2 }), expected)).toBeLessThan(near)
    const both = await learned(device, plain.data, { regularization: { ...off, l2: 0.1 } }, { l2: 0.2 })
    expect(apart(both, expected)).toBeLessThan(near)
    // The controls: without, or with another strength.
    expect(apart(await learned(device, plain.data, {}), expected)).toBeGreaterThan(0.05)
    expect(
      apart(await learned(device, plain.data, { regularization: { ...off, l2: 0.31 } }), expected),
    ).toBeGreaterThan(1e-3)
  })

  test('lasso on an orthonormal design is the soft threshold, with weights that are exactly 0', async () => {
    const l1 = 0.2
    const z = Array.from({ length: FEATURES }, (_, j) =>
      orthonormal.x.reduce((sum, row, i) => sum + (at(row, j) * at(orthonormal.y, i)) / EXAMPLES, 0),
    )
    const expected = z.map((value) => soft(value, l1))
    expect(expected.filter((value) => value === 0)).toHaveLength(2)
    const sparse = await learned(device, orthonormal.data, { regularization: { ...off, l1, mode: 'proximal' } })
    expect(apart(sparse, expected)).toBeLessThan(near)
    expect(sparse.map((value) => value === 0)).toEqual(expected.map((value) => value === 0))
    const ofBlock = await learned(device, orthonormal.data, { regularization: { ...off, mode: 'proximal' } }, { l1 })
    expect(ofBlock).toEqual(sparse)
    // The control: by its slope the same weights come near 0, but none is there.
    const sloped = await learned(device, orthonormal.data, {
      regularization: { ...off, l1 },
      optimizer: { type: 'sgd', params: { rate: 0.01, momentum: 0 } },
      epochs: 1500,
    })
    expect(apart(sloped, expected)).toBeLessThan(5e-3)
    expect(sloped.every((value) => value !== 0)).toBe(true)
  })

  test('elastic net on any design is what coordinate descent finds; its limits are lasso and ridge', async () => {
    for (const [l1, l2] of [
      [0.15, 0.25],
      [0.15, 0],
      [0, 0.25],
    ] as const) {
      const own = await learned(device, plain.data, { regularization: { ...off, l1, l2, mode: 'proximal' } })
      expect(apart(own, elasticNet(plain, l1, l2)), `${l1}, ${l2}`).toBeLessThan(near)
      expect(apart(own, elasticNet(plain, l1 + 0.02, l2 + 0.02))).toBeGreaterThan(1e-3)
    }
  })

  test('the performance ratio is a ridge of another scale, and 1 leaves only the weights', async () => {
    const ratio = 0.2
    const l2 = (2 * ratio) / ((1 - ratio) * FEATURES)
    const own = await learned(device, plain.data, { regularization: { ...off, ratio } })
    expect(apart(own, elasticNet(plain, 0, l2))).toBeLessThan(near)
    const optimizer = { type: 'sgd', params: { rate: 1, momentum: 0 } }
    const nothing = await learned(device, plain.data, { regularization: { ...off, ratio: 1 }, optimizer })
    expect(apart(nothing, [0, 0, 0, 0])).toBeLessThan(near)
    expect(await learned(device, plain.data, { regularization: off })).toEqual(await learned(device, plain.data, {}))
  })

  test('L2 is weight decay under SGD, and is not under Adam', async () => {
    const l2 = 0.1
    const of = (type: string, params: ParamValues, regularization = off) =>
      learned(device, plain.data, { optimizer: { type, params }, epochs: 15, regularization })
    const sgd = { rate: 0.2, momentum: 0.9 }
    expect(apart(await of('sgd', sgd, { ...off, l2 }), await of('sgd', { ...sgd, decay: l2 }))).toBeLessThan(near)
    const adam = { rate: 0.05 }
    const decayed = await of('adamw', { ...adam, decay: l2 })
    expect(apart(await of('adam', adam, { ...off, l2 }), decayed)).toBeGreaterThan(1e-3)
    expect(apart(await of('adam', adam), decayed)).toBeGreaterThan(1e-3)
  })
})

/** A tanh layer with biases, and two losses: one of the answer, one of the code in the middle. */
function twoLosses(
  training: Partial<TrainingSection>,
  first: ParamValues = {},
  second: ParamValues = {},
): GraphDocument {
  const drawn = draw(
    { features: [2], numbers: 1 },
    {
      x: ['input'],
      code: ['dense', { features: 2, init: 'glorotUniform' }, 'x.x'],
      tanh: ['tanh', {}, 'code.y'],
      again: ['rms', { ...second }, 'tanh.y', 'x.x'],
      out: ['dense', { features: 1, init: 'glorotUniform' }, 'tanh.y'],
      t: ['target'],
      loss: ['l1', { ...first }, 'out.y', 't.y'],
    },
  )
  const sgd = { type: 'sgd', params: { rate: 0.1, momentum: 0 } }
  return { ...drawn, training: { ...drawn.training, optimizer: sgd, batchSize: 8, epochs: 3, seed: 3, ...training } }
}
const flat = (weights: { readonly [name: string]: readonly number[] }) => Object.values(weights).flat()

describe.each(devices)('several losses on %s', (_name, device, near) => {
  const data = dataFor(twoLosses({}), 20, 10)
  const oneStep = async (document: GraphDocument) => {
    const { run } = await open(document, data, await device())
    const before = flat((await outcomeOf(run)).weights)
    await run.step()
    return flat((await outcomeOf(run)).weights).map((value, i) => value - at(before, i))
  }

  test('the step is that of the weighted sum, and a single loss where the other weighs nothing', async () => {
    const only = await oneStep(twoLosses({}, {}, { weight: 0 }))
    const other = await oneStep(twoLosses({}, { weight: 0 }))
    const both = await oneStep(twoLosses({}, { weight: 0.5 }, { weight: 3 }))
    expect(
      apart(
        both,
        only.map((value, i) => 0.5 * value + 3 * at(other, i)),
      ),
    ).toBeLessThan(near)
    expect(apart(only, other)).toBeGreaterThan(1e-3)
    const document = twoLosses({})
    const { again: _, ...blocks } = document.graph.blocks
    const wires = Object.fromEntries(Object.entries(document.graph.wires).filter(([, { to }]) => to.block !== 'again'))
    expect(apart(await oneStep({ ...document, graph: { ...document.graph, blocks, wires } }), only)).toBeLessThan(
      near / 10,
    )
  })

  test('each has a curve of its own without its weight, and with the penalty they make up the total', async () => {
    const regularization = { ...off, l1: 0.01, l2: 0.02, ratio: 0.1 }
    const { curves, run, weights } = await train(
      twoLosses({ regularization }, {}, { weight: 0.25 }),
      data,
      await device(),
    )
    expect(run.snapshot().parts.map(({ name, title }) => `${name}: ${title}`)).toEqual([
      'loss.again: again',
      'loss.loss: loss',
      'penalty: Penalty',
    ])
    for (const part of ['train', 'validation']) {
      const [total = [], again = [], loss = [], penalty = []] = ['loss', 'loss.again', 'loss.loss', 'penalty'].map(
        (name) => curves[`${part}.${name}`],
      )
      expect(total).toHaveLength(part === 'train' ? 9 : 3)
      total.forEach(([step, value], i) => {
        const [a, l, p] = [again, loss, penalty].map((points) => at(points, i))
        expect([a?.[0], l?.[0], p?.[0]]).toEqual([step, step, step])
        const sum = 0.9 * (0.25 * (a?.[1] ?? NaN) + (l?.[1] ?? NaN)) + (p?.[1] ?? NaN)
        expect(Math.abs(value - sum)).toBeLessThan(near)
      })
    }
    // The last validation saw the weights that are there now; biases pay nothing.
    const paying = [...(weights['code.weight'] ?? []), ...(weights['out.weight'] ?? [])]
    const sum = (f: (w: number) => number) => paying.reduce((total, w) => total + f(w), 0)
    const expected = 0.01 * sum(Math.abs) + (0.02 / 2) * sum((w) => w * w) + (0.1 * sum((w) => w * w)) / paying.length
    expect(Math.abs((curves['validation.penalty']?.at(-1)?.[1] ?? NaN) - expected)).toBeLessThan(near)
  })

  test('L1 as a threshold is in the total all the same', async () => {
    const of = async (mode: 'subgradient' | 'proximal') => {
      const { run } = await open(twoLosses({ regularization: { ...off, l1: 0.1, mode } }), data, await device())
      await run.step()
      return curvesOf(run)['train.loss']?.[0]?.[1] ?? NaN
    }
    expect(Math.abs((await of('proximal')) - (await of('subgradient')))).toBeLessThan(near / 10)
  })

  test('a weight may be changed while it goes on, without compiling again', async () => {
    const { run } = await open(twoLosses({ epochs: 5 }), data, await device())
    for (let i = 0; i < 4; i++) await run.step()
    const middle = (await outcomeOf(run)).weights
    expect((await run.setLive('again.weight', 4)).problems).toEqual([])
    await run.step()
    const { weights, curves } = await outcomeOf(run)
    const other = await open(twoLosses({ epochs: 5 }, {}, { weight: 4 }), data, await device())
    for (let i = 0; i < 4; i++) await other.run.step()
    for (const [name, values] of Object.entries(middle)) await other.run.setWeight(name, Float64Array.from(values))
    await other.run.step()
    const same = await outcomeOf(other.run)
    expect(same.weights).toEqual(weights)
    expect(same.curves['train.loss']?.at(-1)).toEqual(curves['train.loss']?.at(-1))
    const control = await open(twoLosses({ epochs: 5 }), data, await device())
    for (let i = 0; i < 5; i++) await control.run.step()
    expect((await outcomeOf(control.run)).weights).not.toEqual(weights)
    const [problem] = (await run.setLive('again.form', 1)).problems
    expect(problem?.message).toBe('This run has no parameter again.form that could change while it goes on.')
    expect((await run.setLive('again.weight', NaN)).problems[0]?.message).toBe(
      'again.weight must be a number, not NaN.',
    )
  })
})

test('a single loss without penalties has no parts', async () => {
  const { run, curves } = await train(linear({ epochs: 1 }), examples(false).data, await cpu())
  expect(run.snapshot().parts).toEqual([])
  expect(Object.keys(curves).sort()).toEqual(['train.loss', 'train.meanAbsoluteError', 'train.rootMeanSquareError'])
})

test('weights that all start at the same number stay the same in all units: symmetry is not broken', async () => {
  const spread = async (init: string) => {
    const document = draw(
      { features: [2], numbers: 1 },
      {
        x: ['input'],
        h: ['dense', { features: 4, init, initScale: 0.3 }, 'x.x'],
        tanh: ['tanh', {}, 'h.y'],
        out: ['dense', { features: 1, init: 'constant', initScale: 0.3 }, 'tanh.y'],
        t: ['target'],
        loss: ['rms', {}, 'out.y', 't.y'],
      },
      { batchSize: 8, epochs: 5 },
    )
    const { weights } = await train(document, dataFor(document, 20, 0), await cpu())
    return new Set(weights['h.weight']?.slice(0, 4)).size
  }
  expect(await spread('constant')).toBe(1)
  expect(await spread('normal')).toBe(4)
})
