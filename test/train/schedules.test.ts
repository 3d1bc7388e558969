/** Factors on the learning rate against PyTorch's schedulers and closed forms, and a run that follows them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import type { ParamValues } from '../../src/base/params.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { chooseSchedule } from '../../src/train/choose.ts'
import { RateSchedule } from '../../src/train/rate.ts'
import schedules from '../../src/train/schedules/index.gen.ts'
import { messages, valueOf } from '../data/files.ts'
import {
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
  tryOpen,
} from './runs.ts'

interface Fixture {
  readonly epochs: number
  readonly stepsPerEpoch: number
  readonly bySteps: readonly {
    readonly type: string
    readonly params: ParamValues
    readonly factors: readonly number[]
  }[]
  readonly byEpochs: readonly {
    readonly name: string
    readonly losses: readonly (number | null)[]
    readonly params: ParamValues
    readonly factors: readonly number[]
  }[]
}
const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '../parity/fixtures/schedules.json'), 'utf8'),
) as Fixture

function scheduleOf(type: string, params: ParamValues, length = { stepsPerEpoch: 5, epochs: 12 }): RateSchedule {
  const { training, ...rest } = emptyDocument()
  const chosen = valueOf(chooseSchedule({ ...rest, training: { ...training, schedule: { type, params } } }))
  if (!chosen) throw new Error('no schedule')
  return new RateSchedule(chosen, length)
}

const worst = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - at(b, i))))

describe('against torch.optim.lr_scheduler', () => {
  test.each(fixture.bySteps.map((one) => [one.type, JSON.stringify(one.params), one] as const))(
    '%s %s',
    (type, _params, { params, factors }) => {
      const { stepsPerEpoch, epochs } = fixture
      const factorsOf = (own: ParamValues) => {
        const schedule = scheduleOf(type, own, { stepsPerEpoch, epochs })
        return factors.map((_, step) => schedule.factor({ step, epoch: Math.floor(step / stepsPerEpoch) }))
      }
      expect(worst(factorsOf(params), factors)).toBeLessThan(1e-12)
      // The control: each parameter is noticed.
      for (const [name, value] of Object.entries(params)) {
        const other =
          name === 'over' ? 7 : name === 'every' || name === 'warmup' ? Number(value) + 1 : Number(value) * 0.9
        expect(worst(factorsOf({ ...params, [name]: other }), factors), name).toBeGreaterThan(1e-3)
      }
    },
  )

  test.each(fixture.byEpochs.map((one) => [one.name, JSON.stringify(one.params), one] as const))(
    'plateau: %s %s',
    (_name, _params, { losses, params, factors }) => {
      const schedule = scheduleOf('plateau', params)
      const own = [1]
      losses.forEach((loss, i) => {
        schedule.add(loss ?? NaN)
        own.push(schedule.factor({ step: 5 * (i + 1), epoch: i + 1 }))
      })
      expect(worst(own, factors)).toBeLessThan(1e-12)
      // Of any epoch, also after going back and hearing other losses in between.
      expect(own.map((_, epoch) => schedule.factor({ step: 0, epoch }))).toEqual(own)
      const half = Math.floor(losses.length / 2)
      schedule.cut(half)
      for (const loss of losses.slice(half)) schedule.add(loss ?? NaN)
      expect(own.map((_, epoch) => schedule.factor({ step: 0, epoch }))).toEqual(own)
    },
  )

  test('with every schedule there is', () => {
    const seen = new Set([...fixture.bySteps.map(({ type }) => type), 'plateau'])
    expect([...seen].sort()).toEqual(schedules.map(({ type }) => type).sort())
    expect(new Set(fixture.byEpochs.flatMap(({ factors }) => factors)).size).toBeGreaterThan(5)
  })
})

test('the warm-up rises in equal parts and then leaves the schedule alone', () => {
  const schedule = scheduleOf('constant', { warmup: 4 })
  expect([0, 1, 2, 3, 4, 100].map((step) => schedule.factor({ step, epoch: 0 }))).toEqual([0.25, 0.5, 0.75, 1, 1, 1])
  expect(scheduleOf('constant', {}).factor({ step: 0, epoch: 0 })).toBe(1)
})

test('cosine stays at its end, and may end before the run does', () => {
  const schedule = scheduleOf('cosine', { over: 4, final: 0.2 })
  expect(schedule.factor({ step: 10, epoch: 2 })).toBeCloseTo(0.6, 12)
  for (const step of [20, 21, 59, 1000]) expect(schedule.factor({ step, epoch: 4 })).toBeCloseTo(0.2, 12)
})

describe('in a run', () => {
  const schedule = { type: 'cosine', params: { warmup: 5 } }
  const plateau = { type: 'plateau', params: { patience: 0, gamma: 0.5, threshold: 0.02, warmup: 3 } }

  test.each([
    ['wasm', cpu, 2e-6],
    ['reference', oracle, 1e-7],
  ] as const)('on %s each step has its own rate, also within one chunk', async (_name, device, near) => {
    const document = (own: object) =>
      regression({ batchSize: 8, epochs: 4, params: { rate: 0.1, momentum: 0 }, ...own })
    const data = dataFor(document({}), 40, 0)
    const { weights, curves } = await train(document({ schedule }), data, await device())
    // The same with a rate set by hand before each single step.
    const { run } = await open(document({}), data, await device())
    const rates = scheduleOf('cosine', { warmup: 5 }, { stepsPerEpoch: 5, epochs: 4 })
    const byHand: number[] = []
    for (let step = 0; step < 20; step++) {
      byHand.push(0.1 * rates.factor({ step, epoch: 0 }))
      await run.setLive('rate', at(byHand, step))
      await run.step()
    }
    const own = (await outcomeOf(run)).weights
    for (const name of Object.keys(own)) expect(worst(own[name] ?? [], weights[name] ?? [])).toBeLessThan(near)
    expect(curves['train.rate']?.map(([, rate]) => rate)).toEqual(byHand.map((rate) => expect.closeTo(rate, 8)))
    // The control: without a schedule it goes elsewhere, and there is no curve of the rate.
    const plain = await train(document({}), data, await device())
    expect(worst(plain.weights['out.weight'] ?? [], weights['out.weight'] ?? [])).toBeGreaterThan(1e-3)
    expect(plain.curves['train.rate']).toBeUndefined()
    expect(plain.run.snapshot().scheduled).toBe(false)
  })

  test('a rate set while it goes on is multiplied as well', async () => {
    const document = regression({ batchSize: 8, epochs: 4, schedule: { type: 'exponential', params: { gamma: 0.5 } } })
    const { run } = await open(document, dataFor(document, 40, 0), await cpu())
    for (let i = 0; i < 7; i++) await run.step()
    await run.setLive('rate', 0.04)
    await run.step()
    expect(curvesOf(run)['train.rate']?.at(-1)).toEqual([8, expect.closeTo(0.04 * 0.5 ** (7 / 5), 8)])
  })

  test('on a plateau the rate falls by what validation says', async () => {
    const document = classifier({ batchSize: 10, epochs: 30, schedule: plateau })
    const data = dataFor(document, 30, 12)
    const { curves } = await train(document, data, await cpu())
    const losses = curves['validation.loss']?.map(([, loss]) => loss) ?? []
    const rates = scheduleOf('plateau', plateau.params, { stepsPerEpoch: 3, epochs: 30 })
    const expected: number[] = []
    losses.forEach((loss, epoch) => {
      for (let i = 0; i < 3; i++) expected.push(rates.factor({ step: 3 * epoch + i, epoch }))
      rates.add(loss)
    })
    expect(new Set(expected).size).toBeGreaterThan(5)
    expect(curves['train.rate']?.map(([, rate]) => rate)).toEqual(expected.map((f) => expect.closeTo(0.1 * f, 9)))
  })

  const SEEDS = 12
  test(`pauses and interrupted chunks change no bit under a plateau (${SEEDS} runs)`, async () => {
    const document = classifier({ batchSize: 7, epochs: 8, schedule: plateau })
    const data = dataFor(document, 60, 40)
    const { weights, curves } = await train(document, data, await cpu())
    for (let seed = 0; seed < SEEDS; seed++) {
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
  })

  test('going back repeats the rates that were', async () => {
    // A rate that breaks the run after some reductions; then it goes on from before that, as if nothing had been.
    const document = regression({ batchSize: 8, epochs: 400, schedule: plateau, params: { rate: 0.3, momentum: 0 } })
    const data = dataFor(document, 40, 16)
    const twice = async (breaks: boolean) => {
      const { run } = await open(document, data, await cpu())
      for (let i = 0; i < 43; i++) await run.step()
      if (breaks) {
        await run.setLive('rate', 3e38)
        run.start()
        while (run.progress().state === 'running') await new Promise((resolve) => setTimeout(resolve, 1))
        expect(run.progress()).toMatchObject({ state: 'paused', step: 43 })
        await run.setLive('rate', 0.3)
      }
      for (let i = 0; i < 60; i++) await run.step()
      return outcomeOf(run)
    }
    const calm = await twice(false)
    const rates = new Set(calm.curves['train.rate']?.map(([, rate]) => rate))
    expect(rates.size).toBeGreaterThan(3)
    expect(await twice(true)).toEqual(calm)
  })
})

test('a schedule that is unknown, misfits, or has nothing to watch is refused in a sentence', async () => {
  const refusal = async (type: string, params: ParamValues, validation = 4) => {
    const document = classifier({ schedule: { type, params } })
    return messages((await tryOpen(document, dataFor(document, 20, validation), await oracle())).result).join(' ')
  }
  expect(await refusal('magic', {})).toBe(
    'This version knows no schedule "magic". It has: constant, cosine, exponential, plateau, step.',
  )
  expect(await refusal('step', { gamma: 2 })).toBe('Schedule Step: Gamma must be at most 1, not 2.')
  expect(await refusal('plateau', {}, 0)).toBe(
    'The schedule Reduce on plateau watches how the validation part fares, and there is none. Give it a share of the examples, or choose another schedule.',
  )
})
