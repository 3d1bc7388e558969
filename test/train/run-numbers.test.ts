/** What a run computes, held against loops written by hand in f64, and against itself. */
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { epochOrder } from '../../src/data/batches.ts'
import type { Examples } from '../../src/data/types.ts'
import { MOST } from '../../src/document/training.ts'
import type { Run } from '../../src/train/run.ts'
import { draw } from '../helpers/documents.ts'
import { difference } from '../helpers/tolerance.ts'
import { until } from '../helpers/until.ts'
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
  regression,
  train,
  type Outcome,
} from './runs.ts'

type Weights = Outcome['weights']

/** Value, row by row. */
const cell = (values: ArrayLike<number> | undefined, i: number): number => {
  const value = values?.[i]
  if (value === undefined) throw new Error(`no element ${i}`)
  return value
}

function dense(
  x: readonly number[],
  weight: ArrayLike<number> | undefined,
  bias: ArrayLike<number> | undefined,
): number[] {
  const outputs = bias?.length ?? 0
  return Array.from({ length: outputs }, (_, j) => {
    let sum = cell(bias, j)
    x.forEach((value, i) => (sum += value * cell(weight, i * outputs + j)))
    return sum
  })
}

/** Mean loss and accuracy of the classifier over some examples. */
function classify(
  weights: Weights,
  examples: Examples<Float32Array>,
  rows: Iterable<number>,
): { loss: number; accuracy: number } {
  let loss = 0
  let right = 0
  let count = 0
  for (const row of rows) {
    const x = [cell(examples.features, 2 * row), cell(examples.features, 2 * row + 1)]
    const hidden = dense(x, weights['hidden.weight'], weights['hidden.bias']).map(Math.tanh)
    const logits = dense(hidden, weights['out.weight'], weights['out.bias'])
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
    const target = cell(examples.targets, row)
    loss -= Math.log(Math.exp(cell(logits, target)) / sum)
    right += logits.indexOf(Math.max(...logits)) === target ? 1 : 0
    count++
  }
  return { loss: loss / count, accuracy: right / count }
}

/** Mean squared error, mean absolute error in the data's unit, and the gradient of the first. */
function regress(weights: Weights, examples: Examples<Float32Array>, rows: Iterable<number>, unit: number) {
  let loss = 0
  let distance = 0
  const gradient = [0, 0, 0]
  const list = [...rows]
  for (const row of list) {
    const x = [cell(examples.features, 2 * row), cell(examples.features, 2 * row + 1), 1]
    const [y = NaN] = dense(x.slice(0, 2), weights['out.weight'], weights['out.bias'])
    const error = y - cell(examples.targets, row)
    loss += error ** 2 / list.length
    distance += (Math.abs(error) * unit) / list.length
    x.forEach((value, i) => (gradient[i] = cell(gradient, i) + (2 * error * value) / list.length))
  }
  return { loss, distance, gradient }
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const weightsOf = async (run: Run): Promise<Weights> => (await outcomeOf(run)).weights
const last = (run: Run, name: string) => curvesOf(run)[name]?.at(-1)?.[1] ?? NaN

describe.each([
  ['wasm', cpu, 2e-6],
  ['reference', oracle, 1e-12],
] as const)('on %s', (_name, device, near) => {
  test('the loss of each batch and each validation is that of the naive loops', async () => {
    const document = classifier({ batchSize: 7, epochs: 3, seed: 5 })
    // 300 validate: a full batch of 256 and a ragged one.
    const data = dataFor(document, 17, 300)
    const { run } = await open(document, data, await device())
    for (let epoch = 1; epoch <= 3; epoch++) {
      const order = epochOrder(5, epoch, 17)
      for (let batch = 0; batch < 3; batch++) {
        const before = classify(await weightsOf(run), data.train, order.subarray(7 * batch, 7 * batch + 7))
        await run.step()
        expect(Math.abs(last(run, 'train.loss') - before.loss)).toBeLessThan(near)
        expect(last(run, 'train.accuracy')).toBeCloseTo(before.accuracy, 6)
      }
      const weights = await weightsOf(run)
      const whole = classify(weights, data.validation, range(300))
      expect(Math.abs(last(run, 'validation.loss') - whole.loss)).toBeLessThan(near)
      expect(last(run, 'validation.accuracy')).toBeCloseTo(whole.accuracy, 6)
      // The control: a validation that leaves the ragged batch out, or takes the wrong part, is another number.
      expect(
        Math.abs(last(run, 'validation.loss') - classify(weights, data.validation, range(256)).loss),
      ).toBeGreaterThan(10 * near)
      expect(Math.abs(last(run, 'validation.loss') - classify(weights, data.train, range(17)).loss)).toBeGreaterThan(
        10 * near,
      )
    }
  })

  test('SGD with momentum is the update written by hand, live parameters included', async () => {
    const document = regression({ batchSize: 8, epochs: 20, seed: 2, params: { rate: 0.05, momentum: 0.9 } })
    const data = dataFor(document, 20, 4)
    const { run } = await open(document, data, await device())
    let { weights } = await outcomeOf(run)
    let velocity = [0, 0, 0]
    let [rate, momentum] = [Math.fround(0.05), Math.fround(0.9)]
    for (let step = 0; step < 30; step++) {
      if (step === 8) await run.setLive('rate', (rate = Math.fround(0.2)))
      if (step === 15) await run.setLive('momentum', (momentum = 0))
      const [epoch, batch] = [Math.floor(step / 3), step % 3]
      const rows = epochOrder(2, epoch + 1, 20).subarray(8 * batch, 8 * batch + 8)
      const { loss, distance, gradient } = regress(weights, data.train, rows, 2.5)
      velocity = velocity.map((old, i) => momentum * old + cell(gradient, i))
      const flat = [...(weights['out.weight'] ?? []), ...(weights['out.bias'] ?? [])]
      const next = flat.map((value, i) => value - rate * cell(velocity, i))
      weights = { 'out.weight': next.slice(0, 2), 'out.bias': next.slice(2) }
      await run.step()
      expect(Math.abs(last(run, 'train.loss') - loss)).toBeLessThan(near * 10)
      expect(Math.abs(last(run, 'train.meanAbsoluteError') - distance)).toBeLessThan(near * 10)
      const own = await weightsOf(run)
      for (const name of ['out.weight', 'out.bias'])
        expect(
          difference(own[name] ?? [], weights[name] ?? [], { absolute: 10 * near, relative: 10 * near }),
          `${name} after step ${step + 1}`,
        ).toBeUndefined()
    }
    expect(regress(weights, data.train, range(20), 2.5).loss).toBeLessThan(0.02)
  })

  test('Adam is the update written by hand, live parameters included', async () => {
    // Live values reach every device as f32.
    const start = {
      rate: Math.fround(0.05),
      beta1: Math.fround(0.9),
      beta2: Math.fround(0.999),
      epsilon: Math.fround(1e-8),
    }
    const document = regression({ batchSize: 20, epochs: 40, optimizer: 'adam', params: start })
    const data = dataFor(document, 20, 0)
    const { run } = await open(document, data, await device())
    let { weights } = await outcomeOf(run)
    const p = { ...start }
    const [mean, square] = [
      [0, 0, 0],
      [0, 0, 0],
    ]
    for (let step = 1; step <= 25; step++) {
      if (step === 10) {
        for (const [name, value] of Object.entries({ rate: 0.02, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 })) {
          await run.setLive(name, value)
          p[name as keyof typeof p] = Math.fround(value)
        }
      }
      const { gradient } = regress(weights, data.train, range(20), 1)
      const flat = [...(weights['out.weight'] ?? []), ...(weights['out.bias'] ?? [])]
      const next = flat.map((value, i) => {
        mean[i] = p.beta1 * cell(mean, i) + (1 - p.beta1) * cell(gradient, i)
        square[i] = p.beta2 * cell(square, i) + (1 - p.beta2) * cell(gradient, i) ** 2
        const [m, v] = [cell(mean, i) / (1 - p.beta1 ** step), cell(square, i) / (1 - p.beta2 ** step)]
        return value - (p.rate * m) / (Math.sqrt(v) + p.epsilon)
      })
      weights = { 'out.weight': next.slice(0, 2), 'out.bias': next.slice(2) }
      await run.step()
      const own = await weightsOf(run)
      for (const name of ['out.weight', 'out.bias'])
        expect(
          difference(own[name] ?? [], weights[name] ?? [], { absolute: 50 * near, relative: 50 * near }),
          `${name} after step ${step}`,
        ).toBeUndefined()
    }
  })
})

describe('a run is a function of document and seed', () => {
  test.each([
    ['wasm', cpu],
    ['reference', oracle],
  ] as const)('on %s the same seed gives the same bits, another seed others', async (_name, device) => {
    const document = (seed: number) => classifier({ batchSize: 7, epochs: 4, seed })
    const data = dataFor(document(1), 40, 11)
    const once = async (seed: number) => {
      const { weights, curves } = await train(document(seed), data, await device())
      return { weights, curves }
    }
    const first = await once(1)
    expect(await once(1)).toEqual(first)
    const other = await once(2)
    expect(other.weights).not.toEqual(first.weights)
    expect(other.curves).not.toEqual(first.curves)
    expect(first.curves['train.loss']?.map(([step]) => step)).toEqual(range(24).map((i) => i + 1))
    expect(first.curves['validation.loss']?.map(([step]) => step)).toEqual([6, 12, 18, 24])
  })

  const SEEDS = 40
  test(`pauses, single steps and chunks of any length change no bit (${SEEDS} runs)`, async () => {
    const document = classifier({ batchSize: 7, epochs: 12, optimizer: 'adam', params: { rate: 0.02 } })
    const data = dataFor(document, 60, 270)
    const { weights, curves } = await train(document, data, await cpu())
    let pauses = 0
    let interruptions = 0
    let single = 0
    for (let seed = 0; seed < SEEDS; seed++) {
      const rng = new Rng(seed, 'pauses')
      const device = interrupted(patient(await cpu()), (steps) => {
        const fewer = rng.uniform() < 0.4 ? rng.integer(steps + 1) : steps
        if (fewer < steps) interruptions++
        return fewer
      })
      // From chunks of single steps to chunks of whole epochs, each with its validation.
      let time = 0
      const now = () => (time += 30 * (seed % 3))
      const { run } = await open(document, data, device, { now })
      run.start()
      while (run.progress().state !== 'finished') {
        for (let i = rng.integer(60); i > 0; i--) await Promise.resolve()
        if (rng.uniform() < 0.5) await new Promise((resolve) => setImmediate(resolve))
        const { state } = await run.pause()
        if (state === 'paused') pauses++
        if (rng.uniform() < 0.5) {
          const before = run.progress().step
          single += (await run.step()).step - before
        }
        await run.resume()
      }
      expect(await outcomeOf(run), `seed ${seed}`).toEqual({ weights, curves })
    }
    expect(pauses).toBeGreaterThan(5 * SEEDS)
    expect(interruptions).toBeGreaterThan(5 * SEEDS)
    expect(single).toBeGreaterThan(SEEDS)
  })

  test('pauses change no bit of what dropout drops and batch norm keeps', async () => {
    const document = draw(
      { features: [2], classes: 2 },
      {
        x: ['input'],
        h: ['dense', { features: 6 }, 'x.x'],
        norm: ['batchNorm', {}, 'h.y'],
        drop: ['dropout', {}, 'norm.y'],
        out: ['dense', { features: 2 }, 'drop.y'],
        t: ['target'],
        loss: ['crossEntropy', {}, 'out.y', 't.y'],
      },
      { batchSize: 7, epochs: 5 },
    )
    const data = dataFor(document, 60, 20)
    const { weights, curves } = await train(document, data, await cpu())
    expect(Object.keys(weights)).toContain('norm.runningMean')
    for (let seed = 0; seed < 6; seed++) {
      const rng = new Rng(seed, 'pauses')
      const device = interrupted(patient(await cpu()), (steps) =>
        rng.uniform() < 0.4 ? rng.integer(steps + 1) : steps,
      )
      const { run } = await open(document, data, device)
      run.start()
      while (run.progress().state !== 'finished') {
        for (let i = rng.integer(40); i > 0; i--) await Promise.resolve()
        await run.pause()
        if (rng.uniform() < 0.5) await run.step()
        await run.resume()
      }
      expect(await outcomeOf(run), `seed ${seed}`).toEqual({ weights, curves })
    }
    const other = { ...document, training: { ...document.training, seed: 99 } }
    expect((await train(other, data, await cpu())).curves).not.toEqual(curves)
  })

  test('the control: one step with another rate in between is noticed', async () => {
    const document = classifier({ batchSize: 7, epochs: 2 })
    const data = dataFor(document, 60, 10)
    const plain = await train(document, data, await cpu())
    const { run } = await open(document, data, await cpu())
    await run.step()
    await run.setLive('rate', 0.1000001)
    await run.step()
    await run.setLive('rate', 0.1)
    run.start()
    await run.ended
    expect((await outcomeOf(run)).weights).not.toEqual(plain.weights)
  })

  test('a live value set while it runs holds from the next chunk on', async () => {
    const document = classifier({ batchSize: 7, epochs: MOST.epochs, params: { rate: 0.1, momentum: 0 } })
    const data = dataFor(document, 60, 0)
    // By this clock any chunk takes longer than wanted, and so they stay short.
    let time = 0
    const { run } = await open(document, data, patient(await cpu()), { now: () => (time += 100) })
    run.start()
    await until(() => run.progress().step > 5)
    await run.setLive('rate', 0)
    const { step } = run.progress()
    await until(() => run.progress().step > step + 5)
    await run.pause()
    const frozen = await weightsOf(run)
    expect(run.progress().step).toBeGreaterThan(step)
    // From some step within two chunks on, nothing learns any more.
    await run.step()
    expect(await weightsOf(run)).toEqual(frozen)
    const losses = curvesOf(run)['train.loss'] ?? []
    const again = await open(document, data, await cpu())
    let changedAt = 0
    for (; changedAt < losses.length; changedAt++) {
      await again.run.step()
      if (last(again.run, 'train.loss') !== losses[changedAt]?.[1]) break
    }
    // Until the change, and for the one loss after it that old weights give, both runs agree.
    const replay = await open(document, data, await cpu())
    for (let i = 0; i < changedAt - 1; i++) await replay.run.step()
    await replay.run.setLive('rate', 0)
    for (let i = changedAt - 1; i < losses.length; i++) await replay.run.step()
    expect(curvesOf(replay.run)['train.loss']).toEqual(losses)
    expect(changedAt).toBeGreaterThan(1)
    expect(changedAt).toBeLessThan(losses.length)
    await run.stop()
  })

  test('predictions are those of the naive loops, in batches of any size', async () => {
    const document = classifier({ batchSize: 7, epochs: 2 })
    const data = dataFor(document, 60, 150)
    const { run, weights } = await train(document, data, await cpu())
    for (const count of [1, 63, 64, 65, 150]) {
      const answers = await answersOf(run, data.validation.features.subarray(0, 2 * count), count)
      expect(answers).toHaveLength(2 * count)
      for (let row = 0; row < count; row++) {
        const { loss } = classify(weights, { ...data.validation, targets: new Int32Array(150) }, [row])
        expect(answers[2 * row]).toBeCloseTo(Math.exp(-loss), 5)
      }
    }
  })
})
