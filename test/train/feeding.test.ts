/** What a device is told before it computes: examples that are there, examples that are made, and many epochs at once. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import type { Device } from '../../src/backends/types.ts'
import { epochOrder } from '../../src/data/batches.ts'
import { problem, ProblemError } from '../../src/base/problem.ts'
import type { Examples, MadeFeatures, PreparedData } from '../../src/data/types.ts'
import { lengthOf } from '../../src/train/course.ts'
import { executableFor } from '../../src/train/executables.ts'
import { load } from '../../src/train/load.ts'
import { buildNetwork } from '../../src/train/network.ts'
import { Stepper, valuesOf } from '../../src/train/stepper.ts'
import { valueOf } from '../data/files.ts'
import {
  classifier,
  CountingDevice,
  cpu,
  dataFor,
  interrupted,
  open,
  outcomeOf,
  regression,
  type Settings,
  train,
  wrapped,
} from './runs.ts'

interface Asked {
  readonly epoch: number
  readonly places: readonly number[]
}

/** The same examples, made when they are asked for; `change` may make others of them. */
function made(
  { count, features, ...rest }: Examples,
  {
    asked = [],
    change = (value) => value,
    before = () => Promise.resolve(),
  }: {
    asked?: Asked[]
    change?: (value: number, epoch: number, example: number) => number
    before?: () => Promise<void>
  } = {},
): Examples {
  if (!(features instanceof Float32Array)) throw new Error('these are made already')
  const size = features.length / count
  const making: MadeFeatures = {
    length: features.length,
    neighbours: 0,
    async write(out, places, epoch) {
      asked.push({ epoch, places: Array.from(places) })
      await before()
      Array.from(places).forEach((place, i) => {
        for (let k = 0; k < size; k++) out[i * size + k] = change(at(features, place * size + k), epoch, place)
      })
    },
  }
  return { ...rest, count, features: making }
}

const bothMade = (data: PreparedData): PreparedData => ({
  ...data,
  train: made(data.train),
  validation: made(data.validation),
})

describe('examples that are made', () => {
  const settings = { batchSize: 4, epochs: 5, seed: 3 }

  test('train to the very same numbers as those that are on the device, with classes and with numbers', async () => {
    for (const document of [classifier(settings), regression(settings)]) {
      const data = dataFor(document, 42, 10)
      const right = await train(document, data, await cpu())
      const { weights, curves } = await train(document, bothMade(data), await cpu())
      expect({ weights, curves }).toEqual({ weights: right.weights, curves: right.curves })
      // The control: one example that is made wrongly.
      const wrong = { ...data, train: made(data.train, { change: (v, _, i) => (i === 17 ? v + 0.01 : v) }) }
      expect((await train(document, wrong, await cpu())).weights).not.toEqual(right.weights)
    }
  })

  test('pass through a window that holds but two batches', async () => {
    const document = classifier(settings)
    const data = dataFor(document, 42, 10)
    const lossesOf = async (given: PreparedData, rows?: { train: number; validation: number }) => {
      const device = await cpu()
      const { executable: first, values } = valueOf(await load(document, data, device))
      first.dispose()
      const network = valueOf(buildNetwork(document, { train: 42, validation: 10, ...(rows && { rows }) }))
      const executable = await executableFor(device, network.plan)
      for (const [name, value] of values) await executable.write(name, value)
      for (const [slot, value] of network.live) await executable.write(slot, Float32Array.of(value))
      for (const part of ['train', 'validation'] as const) {
        const { features, targets } = given[part]
        if (!(features instanceof Float32Array)) continue
        await executable.write(`${part}/features`, features)
        await executable.write(`${part}/targets`, targets)
      }
      const stepper = new Stepper(network, document.training, executable, given)
      const losses: number[] = []
      while (losses.length < 40) {
        const taken = await stepper.go({ steps: 100 }, { outputs: { train: ['loss'], validation: ['loss'] } })
        const trained = taken.pieces.filter(({ part }) => part === 'train')
        if (rows) expect(lengthOf(trained)).toBeLessThanOrEqual(2)
        for (const piece of taken.pieces) losses.push(...valuesOf(taken, piece, 0))
      }
      executable.dispose()
      return losses.slice(0, 40)
    }
    expect(await lossesOf(bothMade(data), { train: 8, validation: 10 })).toEqual(await lossesOf(data))
  })

  test('are each asked for once an epoch, with its number; those that validate as they are', async () => {
    const document = classifier(settings)
    const data = dataFor(document, 42, 10)
    const [trained, validated]: [Asked[], Asked[]] = [[], []]
    const given = {
      ...data,
      train: made(data.train, { asked: trained }),
      validation: made(data.validation, { asked: validated }),
    }
    const { run } = await train(document, given, new CountingDevice())
    expect(run.progress().state).toBe('finished')
    for (let epoch = 1; epoch <= 5; epoch++) {
      const places = trained.filter((one) => one.epoch === epoch).flatMap((one) => one.places)
      expect([...new Set(places)].sort((a, b) => a - b)).toEqual(Array.from({ length: 42 }, (_, i) => i))
    }
    expect(new Set(trained.map(({ epoch }) => epoch))).toEqual(new Set([1, 2, 3, 4, 5]))
    expect(new Set(validated.map(({ epoch }) => epoch))).toEqual(new Set([0]))
  })

  test('that are others each epoch change no bit with pauses and interrupted chunks', async () => {
    const document = classifier({ ...settings, epochs: 3 })
    const data = dataFor(document, 42, 10)
    const given = { ...data, train: made(data.train, { change: (v, epoch, i) => v + 0.01 * epoch * (i % 3) }) }
    const right = await train(document, given, await cpu())
    expect(right.weights).not.toEqual((await train(document, data, await cpu())).weights)
    for (let seed = 1; seed <= 5; seed++) {
      let turn = seed
      const device = interrupted(await cpu(), (steps) => (turn = (turn * 7 + 3) % 11) % (steps + 1))
      const { run } = await open(document, given, device)
      while (run.progress().state === 'paused') {
        await run.step()
        if (run.progress().state !== 'paused') break
        run.start()
        await run.pause()
      }
      const { weights, curves } = await outcomeOf(run)
      expect({ weights, curves }, `seed ${seed}`).toEqual({ weights: right.weights, curves: right.curves })
    }
  })

  test('are made ready while the device computes', async () => {
    const document = classifier({ ...settings, epochs: 1 })
    const data = dataFor(document, 42, 0)
    const asked: Asked[] = []
    let seen = 0
    const device = new CountingDevice(async () => {
      // Whatever is asked for now is asked for before this step is done.
      await new Promise((resolve) => setImmediate(resolve))
      seen = Math.max(seen, asked.length)
    })
    const { run } = await open(document, { ...data, train: made(data.train, { asked }) }, device)
    await run.step()
    expect(device.steps).toBe(1)
    expect(seen).toBe(2)
  })

  test('do not keep a pause waiting, and no step is made of it', async () => {
    const document = classifier(settings)
    const data = dataFor(document, 42, 0)
    let release: () => void = () => undefined
    let asking: () => void = () => undefined
    const asked = new Promise<void>((resolve) => (asking = resolve))
    const before = () =>
      new Promise<void>((resolve) => {
        release = resolve
        asking()
      })
    const device = new CountingDevice()
    const { run } = await open(document, { ...data, train: made(data.train, { before }) }, device)
    run.start()
    await asked
    const paused = run.pause()
    release()
    expect((await paused).state).toBe('paused')
    expect(device.steps).toBe(0)
    expect(run.progress().step).toBe(0)
  })

  test('that can’t be made end the run with the reason', async () => {
    const document = classifier(settings)
    const data = dataFor(document, 42, 0)
    const broken = made(data.train, {
      before: () => Promise.reject(new ProblemError(problem('file.gone', 'The set is gone; open it again.'))),
    })
    const { run } = await train(document, { ...data, train: broken }, await cpu())
    expect(run.progress()).toMatchObject({ state: 'failed' })
    expect(run.progress().problems[0]?.message).toContain('The set is gone; open it again.')
  })
})

describe('the next chunk waits at the device before the first one ends', () => {
  /** How many chunks a device has been asked for at once, at most. */
  async function mostOf(own: Settings, now: () => number): Promise<number> {
    const document = classifier({ batchSize: 4, epochs: 400, seed: 3, ...own })
    const counting = new CountingDevice()
    let [asked, most] = [0, 0]
    const watching: Device = {
      info: counting.info,
      lost: counting.lost,
      dispose: () => counting.dispose(),
      async compile(plan) {
        const executable = await counting.compile(plan)
        const run = executable.run.bind(executable)
        executable.run = (passes) => {
          most = Math.max(most, ++asked)
          return run(passes).finally(() => asked--)
        }
        return executable
      },
    }
    const { run } = await train(document, dataFor(document, 40, 8), watching, { now })
    expect(run.progress()).toMatchObject({ state: 'finished', step: 4000 })
    expect(counting.steps).toBe(4000)
    return most
  }
  let time = 0

  test('one, and never more', async () => {
    expect(await mostOf({}, () => 0)).toBe(2)
  })

  test('none where they take long, or where an epoch decides about the next', async () => {
    expect(await mostOf({}, () => (time += 300))).toBe(1)
    const earlyStopping = { metric: 'loss', patience: 400, minDelta: 0, restoreBest: true }
    expect(await mostOf({ earlyStopping }, () => 0)).toBe(1)
  })
})

describe('many epochs at once', () => {
  const orderOf = (seed: number, epochs: number, count: number) =>
    Array.from({ length: epochs }, (_, epoch) => Array.from(epochOrder(seed, epoch + 1, count))).flat()

  test('see each epoch in its own order, where nothing is done between them', async () => {
    const document = classifier({ batchSize: 4, epochs: 7, seed: 9 })
    const device = new CountingDevice()
    let calls = 0
    const counted = wrapped(device, (executable, passes) => (calls++, executable.run(passes)))
    const { run } = await train(document, dataFor(document, 20, 0), counted)
    expect(device.seen.flat()).toEqual(orderOf(9, 7, 20))
    expect(run.progress()).toMatchObject({ state: 'finished', step: 35 })
    expect(calls).toBeLessThan(7)
  })

  test.each([
    [22, 0, ['trainTail']],
    [20, 5, ['evaluate']],
    [22, 300, ['trainTail', 'evaluate', 'evaluateTail']],
  ])('of %i examples, with %i that validate after each', async (count, validation, rest) => {
    const epochs = 100
    const document = classifier({ batchSize: 4, epochs, seed: 2 })
    const device = new CountingDevice()
    // No time passes, so that more and more is asked for at once.
    const { run } = await train(document, dataFor(document, count, validation), device, { now: () => 0 })
    expect(device.seen.flat()).toEqual(orderOf(2, epochs, count))
    const epoch = [...Array<string>(5).fill('train'), ...rest]
    expect(device.log).toEqual(Array.from({ length: epochs }, () => epoch).flat())
    expect(device.validated.flat()).toEqual(
      Array.from({ length: epochs }, () => Array.from({ length: validation }, (_, i) => i)).flat(),
    )
    expect(device.runs).toBeLessThan(20)
    expect(run.progress()).toMatchObject({ state: 'finished', epoch: epochs })
  })

  test('are not asked for where an epoch decides about the next', async () => {
    const epochs = 30
    const earlyStopping = { metric: 'loss', patience: epochs, minDelta: 0, restoreBest: true }
    for (const deciding of [{ earlyStopping }, { schedule: { type: 'plateau', params: {} } }]) {
      const document = classifier({ batchSize: 4, epochs, seed: 2, ...deciding })
      const device = new CountingDevice()
      const { run } = await train(document, dataFor(document, 22, 5), device, { now: () => 0 })
      expect(device.runs).toBeGreaterThanOrEqual(epochs)
      expect(run.progress()).toMatchObject({ state: 'finished', epoch: epochs })
    }
  })

  test('show no more examples that are made than the device holds', async () => {
    const document = classifier({ batchSize: 4, epochs: 100, seed: 3 })
    for (const [count, validation] of [
      [20, 0],
      [22, 5],
    ] as const) {
      const data = dataFor(document, count, validation)
      const right = await train(document, data, await cpu(), { now: () => 0 })
      const { run, weights, curves } = await train(document, bothMade(data), await cpu(), { now: () => 0 })
      expect(run.progress().problems).toEqual([])
      expect({ weights, curves }).toEqual({ weights: right.weights, curves: right.curves })
    }
  })

  test('go on after a pause in the middle of one, bit for bit', async () => {
    const document = classifier({ batchSize: 4, epochs: 6, seed: 5, schedule: { type: 'cosine', params: {} } })
    const data = dataFor(document, 20, 0)
    const right = await train(document, data, await cpu())
    const { run } = await open(document, data, await cpu())
    for (let i = 0; i < 13; i++) await run.step()
    expect(run.progress()).toMatchObject({ epoch: 3, step: 13 })
    run.start()
    await run.ended
    const { weights, curves } = await outcomeOf(run)
    expect({ weights, curves }).toEqual({ weights: right.weights, curves: right.curves })
  })
})
