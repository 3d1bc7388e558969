/** What an estimate finds out: on a clock that only the device moves, so that every figure is known beforehand. */
import { describe, expect, test } from 'vitest'
import { problem } from '../../src/base/problem.ts'
import type { Device } from '../../src/backends/types.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { modelledBytes, trainingWork } from '../../src/compiler/costs-training.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { estimate, Interruption, partsOf, type Estimate } from '../../src/train/estimate.ts'
import { networkOf } from '../../src/train/load.ts'
import { valueOf } from '../data/files.ts'
import { draw, example, examples } from '../helpers/documents.ts'
import { classifier, cpu, dataFor, stepsOf, wrapped } from './runs.ts'

const TRAIN = 60
const VALIDATION = 10

/** Steps of training take so many milliseconds each, of validation so many; the very first takes longer. */
async function clocked(train: number, evaluate: number, onStep: (step: number) => void = () => undefined) {
  const clock = { now: 0, steps: 0 }
  const device = wrapped(await cpu(), async (executable, passes) => {
    const done = await executable.run(passes)
    if (clock.steps === 0) clock.now += 10
    for (const entry of stepsOf(passes).slice(0, done)) {
      clock.now += entry.startsWith('train') ? train : evaluate
      onStep(++clock.steps)
    }
    return done
  })
  return { device, clock }
}

let documents = 0
const another = () => classifier({ batchSize: 8, seed: ++documents })

async function found(
  [train, evaluate]: readonly [number, number],
  counts: readonly [number, number] = [TRAIN, VALIDATION],
): Promise<Estimate> {
  const { device, clock } = await clocked(train, evaluate)
  const document = another()
  const answer = await estimate({
    document,
    data: dataFor(document, ...counts),
    device,
    now: () => clock.now,
    interruption: new Interruption(),
  })
  const value = valueOf(answer)
  if (!value) throw new Error('nobody interrupted it')
  return value
}

describe('the time of an epoch', () => {
  // Seven batches of eight and one of four.
  test.each([
    [2, 3],
    [4, 6],
    [0.5, 20],
  ])('of steps that take %d ms and a validation that takes %d is what they take together', async (train, evaluate) => {
    const { secondsPerEpoch, secondsPerStep } = await found([train, evaluate])
    expect(secondsPerEpoch).toBeCloseTo((8 * train + evaluate) / 1000, 9)
    expect(secondsPerStep).toBeCloseTo(train / 1000, 9)
  })

  test('that is too long to wait for is reckoned from its steps', async () => {
    const { secondsPerEpoch, secondsPerStep } = await found([90, 30])
    expect(secondsPerStep).toBeCloseTo(0.09, 9)
    // Nothing was validated: a third of a step for each example.
    expect(secondsPerEpoch).toBeCloseTo(((TRAIN + VALIDATION / 3) * 0.09) / 8, 9)
  })

  test('is reckoned from one step where that takes all the time there is', async () => {
    const { device, clock } = await clocked(5000, 1)
    const document = another()
    const data = dataFor(document, TRAIN, 0)
    const interruption = new Interruption()
    const answer = valueOf(await estimate({ document, data, device, now: () => clock.now, interruption }))
    expect(clock.steps).toBe(1)
    expect(answer?.secondsPerEpoch).toBeCloseTo((TRAIN * 5.01) / 8, 9)
  })
})

test('who interrupts it waits for one step at most, and it says nothing', async () => {
  const interruption = new Interruption()
  const { device, clock } = await clocked(1, 1, (step) => {
    if (step === 20) interruption.ask()
  })
  const document = another()
  const data = dataFor(document, TRAIN, VALIDATION)
  const answer = await estimate({ document, data, device, now: () => clock.now, interruption })
  expect(answer).toEqual({ ok: true, value: null })
  // A chunk was under way, and this device only hears of it afterwards.
  expect(clock.steps).toBeLessThan(40)
  interruption.ask()
})

test('what is wrong with the network is said as a start would say it', async () => {
  const { device, clock } = await clocked(1, 1)
  const bare = draw({ features: [2], classes: 2 }, { x: ['input'] })
  const data = dataFor(classifier(), 8, 0)
  const answer = await estimate({
    document: bare,
    data,
    device,
    now: () => clock.now,
    interruption: new Interruption(),
  })
  expect(answer).toMatchObject({ ok: false, problems: [{ code: 'graph.loss' }] })
})

describe('memory', () => {
  const wide = (batchSize: number): GraphDocument =>
    draw(
      { features: [2], classes: 2 },
      {
        x: ['input'],
        a: ['dense', { features: 2_000_000 }, 'x.x'],
        b: ['tanh', {}, 'a.y'],
        c: ['tanh', {}, 'b.y'],
        out: ['dense', { features: 2 }, 'c.y'],
        t: ['target'],
        loss: ['crossEntropy', {}, 'out.y', 't.y'],
      },
      { batchSize },
    )

  test('is that of the plan', async () => {
    const { device, clock } = await clocked(1, 1)
    const document = another()
    const data = dataFor(document, TRAIN, VALIDATION)
    const ask = { document, data, device, now: () => clock.now, interruption: new Interruption() }
    const { plan } = valueOf(networkOf(document, data, device))
    expect(valueOf(await estimate(ask))).toMatchObject({ memoryBytes: plan.arenaBytes, refusal: null })
    const { fixed, passing } = partsOf(plan)
    expect(fixed + passing).toBe(plan.arenaBytes)
  })

  test.each([
    [200, 'plan.memory'],
    [500, 'shape.size'],
  ])(
    'that is too much at a batch of %d is refused with one that fits, and hardly any larger does',
    async (size, code) => {
      const device: Device = { ...(await cpu()), compile: () => Promise.reject(new Error('nothing is tried')) }
      const document = wide(size)
      const data = dataFor(document, 1000, 0)
      const fits = (batchSize: number) => networkOf(wide(batchSize), data, device).ok
      expect(fits(size)).toBe(false)
      const ask = { document, data, device, now: () => 0, interruption: new Interruption() }
      const answer = valueOf(await estimate(ask))
      expect(answer).toMatchObject({ memoryBytes: null, secondsPerEpoch: null, refusal: { code } })
      const batch = Number(/A batch of (\d+) fits\.$/.exec(answer?.refusal?.message ?? '')?.[1])
      expect(batch).toBeGreaterThan(1)
      expect(fits(batch)).toBe(true)
      expect(fits(Math.ceil(1.1 * batch) + 1)).toBe(false)
    },
    300_000,
  )

  test('that a device refuses is held against the limit of that device', async () => {
    const refusal = async ({ arenaBytes }: { readonly arenaBytes: number }) =>
      arenaBytes > 1e9 ? problem('gpu.memory', 'This GPU allows 1 GB.') : null
    const device: Device = { ...(await cpu()), refusal, compile: () => Promise.reject(new Error('nothing is tried')) }
    const document = wide(100)
    const data = dataFor(document, 1000, 0)
    const ask = { document, data, device, now: () => 0, interruption: new Interruption() }
    const answer = valueOf(await estimate(ask))
    const batch = Number(/^This GPU allows 1 GB\. A batch of (\d+) fits\.$/.exec(answer?.refusal?.message ?? '')?.[1])
    expect(valueOf(networkOf(wide(batch), data, device)).plan.arenaBytes).toBeLessThan(1e9)
    expect(answer?.memoryBytes).toBeGreaterThan(1e9)
  })

  /** As much of data as a plan asks for. */
  const sized = ({ train, validation }: { readonly train: number; readonly validation: number }) =>
    ({
      train: { count: train, features: new Float32Array() },
      validation: { count: validation, features: new Float32Array() },
    }) as never

  /** What the editor says before anything was planned, as a share of what is planned. */
  function ratioOf(document: GraphDocument): { readonly ratio: number; readonly bytes: number } {
    const counts = { train: 3000, validation: 600 }
    const { plan, memories, weights } = valueOf(
      networkOf(document, sized(counts), { info: { backend: 'cpu' } } as never),
    )
    const learned = weights.filter((weight) => weight.learned).length
    const work = trainingWork(document, analyze(document).totals, counts, memories.length / Math.max(1, learned))
    const { lasting, gradients, passing } = modelledBytes(work)
    return { ratio: (lasting + gradients + passing) / plan.arenaBytes, bytes: plan.arenaBytes }
  }

  test('is near what the model says of every example that takes some', () => {
    const ratios = [...examples].map(([name, document]) => [name, ratioOf(document)] as const)
    const large = ratios.filter(([, { bytes }]) => bytes > 5e6)
    expect(large.length).toBeGreaterThan(4)
    for (const [name, { ratio }] of large) {
      expect(ratio, name).toBeGreaterThan(0.6)
      expect(ratio, name).toBeLessThan(1.6)
    }
  })

  test('and a network of another size would be noticed', () => {
    const { plan } = valueOf(
      networkOf(example('residual'), sized({ train: 300, validation: 0 }), { info: { backend: 'cpu' } } as never),
    )
    const work = trainingWork(example('lenet-5'), analyze(example('lenet-5')).totals, { train: 300, validation: 0 }, 2)
    const { lasting, gradients, passing } = modelledBytes(work)
    expect((lasting + gradients + passing) / plan.arenaBytes).toBeLessThan(0.6)
  })
})
