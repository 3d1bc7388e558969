/** Early stopping: the very epoch on scripted curves, the very weights, and the sentence that says so. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { Rng } from '../../src/base/rng.ts'
import type { EarlyStopping } from '../../src/document/types.ts'
import { Stopping } from '../../src/train/stopping.ts'
import type { Device, Executable } from '../../src/backends/types.ts'
import { messages } from '../data/files.ts'
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
  train,
  tryOpen,
} from './runs.ts'

const rule = (change: Partial<EarlyStopping> = {}): EarlyStopping => ({
  metric: 'loss',
  patience: 3,
  minDelta: 0,
  restoreBest: true,
  ...change,
})

/**
 * Keras' own loop, in its words: `wait` counts every epoch, is set back by an improvement over `best` by more than
 * `min_delta`, and stops at `patience`, but never in the first epoch. Returns the epoch counted from 1, 0 where none.
 */
function keras(curve: readonly number[], mode: 'min' | 'max', { patience, minDelta }: EarlyStopping): number {
  let best = mode === 'min' ? Infinity : -Infinity
  let wait = 0
  for (const [epoch, value] of curve.entries()) {
    wait++
    if (mode === 'min' ? value + minDelta < best : value - minDelta > best) {
      best = value
      wait = 0
      continue
    }
    if (wait >= patience && epoch > 0) return epoch + 1
  }
  return 0
}

async function stoppedAt(curve: readonly number[], better: 'lower' | 'higher', own: EarlyStopping) {
  const stopping = new Stopping(own, { title: 'loss', better })
  for (const [epoch, value] of curve.entries()) {
    await stopping.add(value, () => Promise.resolve(new Map([['w', Float32Array.of(epoch + 1)]])))
    if (stopping.isOver) return { epoch: epoch + 1, stopping }
  }
  return { epoch: 0, stopping }
}

describe('on scripted curves', () => {
  test.each([
    ['falls for ever', [5, 4, 3, 2, 1], 'lower', {}, 0, undefined],
    ['stands still', [1, 1, 1, 1, 1], 'lower', {}, 4, 1],
    ['rises', [1, 2, 3, 4, 5], 'lower', { patience: 1 }, 2, 1],
    ['falls late', [3, 3, 3, 2, 2, 2, 2], 'lower', {}, 7, 4],
    ['falls too little', [1, 0.95, 0.9, 0.85, 0.8], 'lower', { minDelta: 0.2 }, 4, 1],
    ['falls enough in two epochs', [1, 0.95, 0.79, 0.9, 0.9, 0.9], 'lower', { minDelta: 0.2 }, 6, 3],
    ['a metric that rises', [0.1, 0.5, 0.4, 0.5, 0.3], 'higher', {}, 5, 2],
    ['no number at first', [NaN, NaN, 1, NaN, NaN, NaN], 'lower', {}, 6, 3],
    ['never a number', [NaN, NaN, NaN], 'lower', { patience: 1 }, 2, undefined],
  ] as const)('%s', async (_name, curve, better, change, epoch, best) => {
    const own = rule(change)
    const stopped = await stoppedAt(curve, better, own)
    expect(stopped.epoch).toBe(epoch)
    expect(stopped.epoch).toBe(keras(curve, better === 'lower' ? 'min' : 'max', own))
    expect(stopped.stopping.best?.get('w')?.[0]).toBe(best)
  })

  test('as Keras on 2000 random curves', async () => {
    let stops = 0
    for (let seed = 0; seed < 2000; seed++) {
      const rng = new Rng(seed, 'curves')
      const curve = Array.from({ length: 30 }, () => (rng.uniform() < 0.05 ? NaN : Math.round(rng.uniform(0, 8)) / 4))
      const better = seed % 2 === 0 ? 'lower' : 'higher'
      const own = rule({ patience: 1 + rng.integer(25), minDelta: rng.integer(3) / 4 })
      const { epoch } = await stoppedAt(curve, better, own)
      expect(epoch, `seed ${seed}`).toBe(keras(curve, better === 'lower' ? 'min' : 'max', own))
      if (epoch > 0) stops++
    }
    expect(stops).toBeGreaterThan(1000)
    expect(stops).toBeLessThan(2000)
  })

  test('going back takes what came after with it, and with the last best its weights', async () => {
    const stopping = new Stopping(rule({ patience: 2 }), { title: 'loss', better: 'lower' })
    const add = (value: number) => stopping.add(value, () => Promise.resolve(new Map([['w', Float32Array.of(value)]])))
    for (const value of [3, 2, 2.5, 1, 5]) await add(value)
    stopping.cut(3)
    expect([...(stopping.best?.values() ?? [])].map(([value]) => value)).toEqual([2])
    await add(2.1)
    expect(stopping.isOver).toBe(true)
    expect(stopping.best?.get('w')?.[0]).toBe(2)
  })
})

/** A device whose validation loss follows a script, while it really trains. */
function scripted(device: Device, losses: readonly number[]): Device {
  let epoch = 0
  return {
    info: device.info,
    lost: device.lost,
    dispose: () => device.dispose(),
    async compile(plan) {
      const inner = await device.compile(plan)
      const own: Executable = {
        stop: () => inner.stop(),
        write: (slot, data) => inner.write(slot, data),
        run: (passes) => inner.run(passes),
        dispose: () => inner.dispose(),
        async read(slot, count) {
          const values = await inner.read(slot, count)
          return slot === 'evaluate/loss' ? values.fill(at(losses, epoch++)) : values
        },
      }
      return own
    },
  }
}

describe.each([
  ['wasm', cpu],
  ['reference', oracle],
] as const)('a run on %s', (_name, device) => {
  const losses = [1, 0.5, 0.6, 0.4, 0.45, 0.7, 0.5, 0.1]
  const document = (change: Partial<EarlyStopping>, epochs = 50) =>
    classifier({ batchSize: 7, epochs, earlyStopping: rule(change) })
  const data = dataFor(document({}), 30, 12)
  /** Weights after so many epochs of an undisturbed run. */
  const after = async (epochs: number) =>
    (await train(classifier({ batchSize: 7, epochs }), data, await device())).weights

  test('stops at its epoch, goes back to the best weights bit for bit, and says so', async () => {
    const { run, weights, curves, telemetry } = await train(document({}), data, scripted(await device(), losses))
    expect(run.progress()).toMatchObject({ state: 'finished', epoch: 7, step: 35, secondsLeft: 0, problems: [] })
    expect(run.progress().note).toBe(
      'Stopped early after epoch 7: for 3 epochs the validation loss has not fallen below the 0.4 of epoch 4. The weights of epoch 4 are back.',
    )
    expect(telemetry.at(-1)?.progress.note).toBe(run.progress().note)
    expect(curves['validation.loss']?.map(([, value]) => value)).toEqual(
      losses
        .slice(0, 7)
        .map(Math.fround)
        .map((value) => expect.closeTo(value, 6)),
    )
    expect(weights).toEqual(await after(4))
    // The control: epochs are told apart.
    expect(weights).not.toEqual(await after(5))
    const newest = run.snapshot().histograms.find(({ path }) => path === 'hidden.weight')
    expect(newest?.max).toBe(Math.max(...(weights['hidden.weight'] ?? [])))
  })

  test('or keeps the last ones', async () => {
    const { run, weights } = await train(document({ restoreBest: false }), data, scripted(await device(), losses))
    expect(run.progress().note).toBe(
      'Stopped early after epoch 7: for 3 epochs the validation loss has not fallen below the 0.4 of epoch 4.',
    )
    expect(weights).toEqual(await after(7))
  })

  test('at its last epoch it goes back all the same', async () => {
    const { run, weights } = await train(document({}, 6), data, scripted(await device(), losses))
    expect(run.progress().note).toBe('The weights of epoch 4 are back, where the validation loss was best: 0.4.')
    expect(weights).toEqual(await after(4))
    const best = await train(document({}, 4), data, scripted(await device(), losses))
    expect(best.run.progress().note).toBeUndefined()
    expect(best.weights).toEqual(weights)
  })

  test('what a person stops keeps its weights', async () => {
    const { run } = await open(document({}), data, scripted(await device(), losses))
    for (let i = 0; i < 26; i++) await run.step()
    const { weights } = await outcomeOf(run)
    expect((await run.stop()).note).toBeUndefined()
    expect((await outcomeOf(run)).weights).toEqual(weights)
  })
})

test('pauses and interrupted chunks change neither epoch nor weights', async () => {
  const document = classifier({
    batchSize: 7,
    epochs: 200,
    params: { rate: 1.5, momentum: 0.9 },
    earlyStopping: rule(),
  })
  const data = dataFor(document, 40, 20)
  const { weights, curves, run } = await train(document, data, await cpu())
  expect(run.progress().epoch).toBeLessThan(200)
  expect(run.progress().note).toMatch(/^Stopped early after epoch \d+: /)
  for (let seed = 0; seed < 10; seed++) {
    const rng = new Rng(seed, 'pauses')
    const device = interrupted(patient(await cpu()), (steps) => (rng.uniform() < 0.4 ? rng.integer(steps + 1) : steps))
    const again = await open(document, data, device)
    again.run.start()
    while (again.run.progress().state !== 'finished') {
      for (let i = rng.integer(40); i > 0; i--) await Promise.resolve()
      await again.run.pause()
      if (rng.uniform() < 0.5) await again.run.step()
      await again.run.resume()
    }
    expect(again.run.progress().note).toBe(run.progress().note)
    expect(await outcomeOf(again.run), `seed ${seed}`).toEqual({ weights, curves })
  }
})

test('a metric is watched in its own direction', async () => {
  const own = rule({ metric: 'accuracy', patience: 2 })
  const document = classifier({ batchSize: 7, epochs: 100, earlyStopping: own })
  const { run } = await train(document, dataFor(document, 30, 10), await cpu())
  const accuracy = curvesOf(run)['validation.accuracy']?.map(([, value]) => value) ?? []
  expect(run.progress().epoch).toBe(keras(accuracy, 'max', own))
  expect(run.progress().note).toMatch(/the validation accuracy has not risen above the/)
})

test('what can not be watched is refused in a sentence', async () => {
  const refusal = async (own: EarlyStopping, validation: number) => {
    const document = classifier({ earlyStopping: own })
    return messages((await tryOpen(document, dataFor(document, 20, validation), await oracle())).result).join(' ')
  }
  expect(await refusal(rule(), 0)).toBe(
    'Early stopping watches how the validation part fares, and there is none. Give it a share of the examples, or turn it off.',
  )
  expect(await refusal(rule({ metric: 'beauty' }), 5)).toMatch(
    /^Early stopping watches "beauty", which this network does not have\. It has: loss, accuracy/,
  )
})
