/** Runs of networks with random blocks and running statistics: new numbers at each step, and still the same bits each time. */
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { drawn, node } from '../document/documents.ts'
import {
  answersOf,
  classifier,
  cpu,
  curvesOf,
  dataFor,
  interrupted,
  open,
  oracle,
  outcomeOf,
  patient,
  train,
  type Settings,
} from './runs.ts'

/** Noise, batch norm and dropout in a classifier. */
function noisy(settings: Settings = {}, rate = 0.4): GraphDocument {
  const { training } = classifier(settings)
  const document = drawn(
    {
      in: node('input', 'points'),
      n: node('gaussianNoise', 'noise', { deviation: 0.2 }),
      h: node('dense', 'hidden', { features: 6 }),
      b: node('batchNorm', 'norm'),
      a: node('relu', 'relu'),
      d: node('dropout', 'dropout', { rate }),
      o: node('dense', 'out', { features: 2 }),
      s: node('softmax', 'softmax'),
      t: node('target', 'target'),
      l: node('crossEntropy', 'loss'),
    },
    [
      'in.x > n.x',
      'n.y > h.x',
      'h.y > b.x',
      'b.y > a.x',
      'a.y > d.x',
      'd.y > o.x',
      'o.y > s.x',
      's.y > l.prediction',
      't.y > l.target',
    ],
  )
  return { ...document, training }
}

/** A variational autoencoder of the points, two numbers through two; the divergence counts little. */
function autoencoder(settings: Settings = {}): GraphDocument {
  const { training } = classifier(settings)
  const document = drawn(
    {
      in: node('input', 'points'),
      h: node('dense', 'hidden', { features: 8 }),
      a: node('tanh', 'tanh'),
      z: node('latent', 'latent', { size: 2 }),
      s: node('sample', 'sample'),
      o: node('dense', 'decoder', { features: 2 }),
      r: node('rms', 'squares'),
      k: node('klGaussian', 'divergence', { weight: 0.02 }),
    },
    [
      'in.x > h.x',
      'h.y > a.x',
      'a.y > z.x',
      'z.mean > s.mean',
      'z.logVariance > s.logVariance',
      's.z > o.x',
      'o.y > r.prediction',
      'in.x > r.target',
      'z.mean > k.mean',
      'z.logVariance > k.logVariance',
    ],
  )
  return { ...document, training }
}

describe.each([
  ['wasm', cpu],
  ['reference', oracle],
] as const)('on %s', (_name, device) => {
  test('the same seed gives the same bits, and another dropout rate others', async () => {
    const settings = { batchSize: 7, epochs: 3 }
    const data = dataFor(noisy(), 30, 11)
    const once = async (document: GraphDocument) => {
      const { weights, curves } = await train(document, data, await device())
      return { weights, curves }
    }
    const first = await once(noisy(settings))
    expect(await once(noisy(settings))).toEqual(first)
    expect(Object.keys(first.weights)).toContain('norm.runningMean')
    expect(first.weights['norm.runningMean']?.some((x) => x !== 0)).toBe(true)
    expect((await once(noisy(settings, 0.41))).weights).not.toEqual(first.weights)
  })

  test('each step draws anew: with weights that stand still the loss of one and the same batch varies', async () => {
    const settings = { batchSize: 8, epochs: 6, params: { rate: 0, momentum: 0 } }
    const losses = async (document: GraphDocument) => {
      const { run } = await train(document, dataFor(document, 8, 4), await device())
      const { 'train.loss': trained = [], 'validation.loss': validated = [] } = curvesOf(run)
      return [new Set(trained.map(([, loss]) => loss)).size, new Set(validated.map(([, loss]) => loss)).size]
    }
    const [trained] = await losses(noisy(settings))
    expect(trained).toBe(6)
    // The control: without randomness only rounding differs, by the order of the examples.
    const { run } = await train(classifier(settings), dataFor(classifier(), 8, 4), await device())
    const plain = (curvesOf(run)['train.loss'] ?? []).map(([, loss]) => loss)
    expect(Math.max(...plain) - Math.min(...plain)).toBeLessThan(1e-6)
    expect((await losses(autoencoder(settings)))[1]).toBe(1)
  })

  test('validation and prediction are not random', async () => {
    const document = noisy({ batchSize: 7, epochs: 2 })
    const data = dataFor(document, 30, 11)
    const { run } = await train(document, data, await device())
    const answers = await answersOf(run, data.validation.features, 11)
    expect(await answersOf(run, data.validation.features, 11)).toEqual(answers)
    // Each example by itself, whatever stands beside it in the batch.
    for (let row = 0; row < 11; row++) {
      const alone = await answersOf(run, data.validation.features.subarray(2 * row, 2 * row + 2), 1)
      alone.forEach((x, i) => expect(x).toBeCloseTo(answers[2 * row + i] ?? NaN, 6))
    }
  })
})

test('pauses, single steps and chunks of any length change no bit', async () => {
  const document = noisy({ batchSize: 7, epochs: 5 })
  const data = dataFor(document, 37, 20)
  const { weights, curves } = await train(document, data, await cpu())
  let pauses = 0
  for (let seed = 0; seed < 10; seed++) {
    const rng = new Rng(seed, 'pauses')
    const device = interrupted(patient(await cpu()), (steps) => (rng.uniform() < 0.4 ? rng.integer(steps + 1) : steps))
    // By this clock any chunk takes longer than wanted, and so they stay short.
    let time = 0
    const { run } = await open(document, data, device, { now: () => (time += 100) })
    run.start()
    while (run.progress().state !== 'finished') {
      for (let i = rng.integer(60); i > 0; i--) await Promise.resolve()
      if ((await run.pause()).state === 'paused') pauses++
      if (rng.uniform() < 0.5) await run.step()
      await run.resume()
    }
    expect(await outcomeOf(run), `seed ${seed}`).toEqual({ weights, curves })
  }
  expect(pauses).toBeGreaterThan(20)
})

test('a variational autoencoder learns to rebuild its points', async () => {
  const document = autoencoder({ batchSize: 16, epochs: 60, optimizer: 'adam', params: { rate: 0.01 } })
  const data = dataFor(document, 128, 32)
  const { run } = await train(document, data, await cpu())
  const losses = (curvesOf(run)['validation.loss'] ?? []).map(([, loss]) => loss)
  expect(losses.every(Number.isFinite)).toBe(true)
  expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] ?? 0))
  const answers = await answersOf(run, data.validation.features, 32)
  const squares = answers.reduce((sum, x, i) => sum + (x - (data.validation.features[i] ?? 0)) ** 2, 0) / 64
  const spread = data.validation.features.reduce((sum, x) => sum + x * x, 0) / 64
  expect(squares).toBeLessThan(0.3 * spread)
})

test('a network whose only loss is of a latent code has nothing to predict, and says so', async () => {
  const document = drawn(
    {
      in: node('input', 'points'),
      z: node('latent', 'code', { size: 2 }),
      l: node('klGaussian', 'kl'),
    },
    ['in.x > z.x', 'z.mean > l.mean', 'z.logVariance > l.logVariance'],
  )
  const whole = { ...classifier(), graph: document.graph }
  const { run } = await train(whole, dataFor(whole, 16, 4), await cpu())
  expect(curvesOf(run)['train.loss']?.length).toBeGreaterThan(0)
  const answers = await run.predict(new Float32Array(2), 1)
  expect(!answers.ok && answers.problems[0]?.message).toMatch(/^No loss of this network compares an answer/)
})

test('a last batch of one example is refused where batches are normalised', async () => {
  const document = noisy({ batchSize: 7, epochs: 1 })
  await expect(open(document, dataFor(document, 15, 3), await cpu())).rejects.toThrow(
    /Batch Norm norm: a batch of one example/,
  )
})
