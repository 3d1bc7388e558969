import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { MOST } from '../../src/document/training.ts'
import { messages } from '../data/files.ts'
import { edited } from '../document/documents.ts'
import { until } from '../helpers/until.ts'
import {
  answersOf,
  classifier,
  CountingDevice,
  cpu,
  curvesOf,
  dataFor,
  open,
  oracle,
  patient,
  tryOpen,
  wrapped,
} from './runs.ts'

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

describe('the states of a run', () => {
  const backends = [
    ['wasm', cpu],
    ['reference', oracle],
  ] as const
  test.each(backends)('on %s it goes from paused through running to finished', async (_name, device) => {
    const document = classifier({ batchSize: 8, epochs: 3 })
    const { run, telemetry } = await open(document, dataFor(document, 20, 6), await device())
    expect(run.progress()).toMatchObject({ state: 'paused', epoch: 0, step: 0, epochs: 3, stepsPerEpoch: 3 })
    expect(run.progress().secondsLeft).toBeNull()
    run.start()
    expect(run.progress().state).toBe('running')
    const end = await run.ended
    expect(end).toMatchObject({ state: 'finished', epoch: 3, step: 9, secondsLeft: 0, problems: [] })
    expect(telemetry[0]?.progress.state).toBe('running')
    expect(telemetry.at(-1)?.progress.state).toBe('finished')
    // Whatever is pressed now changes nothing.
    run.start()
    expect((await run.pause()).state).toBe('finished')
    expect((await run.resume()).state).toBe('finished')
    expect((await run.step()).step).toBe(9)
    expect((await run.stop()).state).toBe('finished')
  })

  test('a step is one batch, and the validation with it where the epoch ends', async () => {
    const document = classifier({ batchSize: 8, epochs: 2 })
    const { run } = await open(document, dataFor(document, 20, 6), patient(await cpu()))
    for (const [step, epoch, validated] of [
      [1, 1, 0],
      [2, 1, 0],
      [3, 1, 1],
      [4, 2, 1],
      [5, 2, 1],
    ] as const) {
      expect(await run.step()).toMatchObject({ state: 'paused', step, epoch })
      expect(curvesOf(run)['train.loss']).toHaveLength(step)
      expect(curvesOf(run)['validation.loss'] ?? []).toHaveLength(validated)
    }
    expect(await run.step()).toMatchObject({ state: 'finished', step: 6, epoch: 2 })
    expect(await run.ended).toMatchObject({ state: 'finished' })
  })

  test('pause and resume, stop from running, stop from paused', async () => {
    const document = classifier({ batchSize: 8, epochs: MOST.epochs })
    const data = dataFor(document, 20, 6)
    const { run } = await open(document, data, patient(await cpu()))
    run.start()
    await wait(20)
    const paused = await run.pause()
    expect(paused.state).toBe('paused')
    expect(paused.step).toBeGreaterThan(0)
    await wait(20)
    expect(run.progress().step, 'a paused run stands still').toBe(paused.step)
    expect((await run.resume()).state).toBe('running')
    await wait(20)
    const stopped = await run.stop()
    expect(stopped.state).toBe('stopped')
    expect(stopped.step).toBeGreaterThan(paused.step)
    expect(await run.ended).toEqual(stopped)

    const other = await open(document, data, patient(await cpu()))
    expect((await other.run.stop()).state).toBe('stopped')
    expect((await other.run.ended).step).toBe(0)
  })

  test('pressing train twice trains once', async () => {
    const device = new CountingDevice()
    const document = classifier({ batchSize: 5, epochs: 2 })
    const { run } = await open(document, dataFor(document, 20, 0), device)
    run.start()
    run.start()
    void run.resume()
    await run.ended
    expect(device.steps).toBe(8)
  })
})

describe('each button acts within one batch', () => {
  /** A device whose steps take 5 ms. */
  const slow = () => new CountingDevice(() => wait(5))

  test.each(['pause', 'stop'] as const)('%s', async (button) => {
    const device = slow()
    const document = classifier({ batchSize: 2, epochs: 1000 })
    const { run } = await open(document, dataFor(document, 400, 0), device)
    run.start()
    await until(() => device.steps > 4)
    const before = device.steps
    const progress = await run[button]()
    expect(device.steps - before, 'steps after the button').toBeLessThanOrEqual(1)
    expect(progress.state).toBe(button === 'pause' ? 'paused' : 'stopped')
    expect(progress.step).toBe(device.steps)
    await wait(30)
    expect(device.steps).toBe(progress.step)
  })

  test('the control: not stopped, a chunk runs to its end', async () => {
    const device = slow()
    const document = classifier({ batchSize: 2, epochs: 1000 })
    const { run } = await open(document, dataFor(document, 400, 0), device)
    run.start()
    await until(() => device.steps > 0)
    const chunk = device.steps
    // Whoever does not stop the executable stops between chunks only, which the test above would see.
    Object.assign(run.executable, { stop: () => undefined })
    await run.pause()
    expect(device.steps - chunk).toBeGreaterThan(1)
  })

  /** Short epochs, many of which are asked for at once. */
  async function pausedAmongEpochs(obeys: boolean) {
    const device = new CountingDevice(() => new Promise((resolve) => setImmediate(resolve)))
    const disobedient = wrapped(device, async (inner, passes) => {
      let done = 0
      for (const pass of passes) done += await inner.run([pass])
      return done
    })
    const document = classifier({ batchSize: 2, epochs: MOST.epochs })
    // No time passes, so that more and more is asked for.
    const { run } = await open(document, dataFor(document, 7, 300), obeys ? device : disobedient, { now: () => 0 })
    run.start()
    while (device.log.length < 2000) await wait(1)
    const before = device.log.length
    const progress = await run.pause()
    return { device, run, progress, after: device.log.length - before }
  }

  test('pause, among many epochs and validations that were asked for at once', async () => {
    const { device, run, progress, after } = await pausedAmongEpochs(true)
    // Four batches and two of the validation are an epoch.
    expect(device.runs).toBeLessThan(2000 / 6 / 10)
    expect(after).toBeLessThanOrEqual(1)
    expect(progress).toMatchObject({ state: 'paused', step: device.steps })
    expect(curvesOf(run)['train.loss']?.length).toBe(device.steps)
    const epoch = ['train', 'train', 'train', 'trainTail', 'evaluate', 'evaluateTail']
    const inOrder = () => device.log.every((entry, i) => entry === epoch[i % 6])
    expect(inOrder()).toBe(true)
    // It goes on with the very next step.
    await run.step()
    expect(inOrder()).toBe(true)
    expect(device.steps).toBe(progress.step + 1)
    const validated = Math.floor(device.log.length / 6)
    expect(curvesOf(run)['validation.loss']?.map(([step]) => step)).toEqual(
      Array.from({ length: validated }, (_, i) => 4 * (i + 1)),
    )
  })

  test('the control: a device that goes on with what comes after a pass that was stopped', async () => {
    const { device, progress, after } = await pausedAmongEpochs(false)
    expect(after).toBeGreaterThan(1)
    expect(progress.step).toBeGreaterThan(0)
    expect(device.log.length).toBeGreaterThan(2000)
  })

  test('a step on a slow device is exactly one', async () => {
    const device = slow()
    const document = classifier({ batchSize: 2, epochs: 2 })
    const { run } = await open(document, dataFor(document, 40, 0), device)
    for (let i = 1; i <= 5; i++) {
      expect(await run.step()).toMatchObject({ state: 'paused', step: i })
      expect(device.steps).toBe(i)
    }
  })

  test('a pause that comes between two chunks leaves no flag behind that would swallow what is asked next', async () => {
    const document = classifier({ batchSize: 8, epochs: 1000 })
    const data = dataFor(document, 64, 8)
    const pressed: { now?: () => void } = {}
    const device = wrapped(
      await cpu(),
      (inner, passes) => inner.run(passes),
      () => pressed.now?.(),
    )
    const { run } = await open(document, data, device)
    let paused: Promise<unknown> | undefined
    // The losses of a chunk are being read: nothing runs that the flag could stop.
    pressed.now = () => {
      paused ??= run.pause()
    }
    run.start()
    while (!paused) await new Promise((resolve) => setImmediate(resolve))
    await paused
    expect(run.progress().state).toBe('paused')
    // And who stops it once more before the answer is computed does not change it.
    const before = await answersOf(run, data.validation.features, 8)
    run.executable.stop()
    const answers = await answersOf(
      run,
      data.validation.features.map((value) => -value),
      8,
    )
    expect(answers).not.toEqual(before)
    for (let i = 0; i < 8; i++) expect((answers[2 * i] ?? 0) + (answers[2 * i + 1] ?? 0)).toBeCloseTo(1, 5)
  })
})

describe('batches', () => {
  const cases = [
    [20, 5],
    [21, 5],
    [1, 5],
    [4, 5],
    [19, 20],
    [300, 1],
    [257, 64],
  ] as const
  test.each(cases)('%i examples in batches of %i: each once an epoch, the last batch ragged', async (count, size) => {
    const device = new CountingDevice()
    const epochs = 3
    const document = classifier({ batchSize: size, epochs })
    const { run } = await open(document, dataFor(document, count, 7), device)
    run.start()
    const end = await run.ended
    const perEpoch = Math.ceil(count / size)
    expect(end).toMatchObject({ state: 'finished', step: epochs * perEpoch, stepsPerEpoch: perEpoch, epoch: epochs })
    const orders = new Set<string>()
    for (let epoch = 0; epoch < epochs; epoch++) {
      const steps = device.seen.slice(epoch * perEpoch, (epoch + 1) * perEpoch)
      const seen = steps.flat()
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
      orders.add(seen.join())
      steps.forEach((examples, i) =>
        expect(examples).toHaveLength(i < perEpoch - 1 ? size : count - size * (perEpoch - 1)),
      )
    }
    if (count > 4) expect(orders.size, 'each epoch has an order of its own').toBe(epochs)
    expect(device.validated.flat()).toEqual(Array(epochs).fill([0, 1, 2, 3, 4, 5, 6]).flat())
  })

  test('another seed gives another order, the same seed the same', async () => {
    const orderOf = async (seed: number) => {
      const device = new CountingDevice()
      const document = classifier({ batchSize: 5, epochs: 2, seed })
      const { run } = await open(document, dataFor(document, 30, 0), device)
      run.start()
      await run.ended
      return device.seen.join()
    }
    expect(await orderOf(3)).toBe(await orderOf(3))
    expect(await orderOf(3)).not.toBe(await orderOf(4))
  })

  test('a large validation part is seen whole, in batches and a ragged rest', async () => {
    const device = new CountingDevice()
    const document = classifier({ batchSize: 5, epochs: 1 })
    const { run } = await open(document, dataFor(document, 10, 600), device)
    run.start()
    await run.ended
    expect(device.validated.flat()).toEqual(Array.from({ length: 600 }, (_, i) => i))
    expect(device.validated.map((one) => one.length)).toEqual([256, 256, 88])
  })

  test('without a validation part the epochs go by and nothing is validated', async () => {
    const document = classifier({ batchSize: 8, epochs: 3 })
    const { run } = await open(document, dataFor(document, 20, 0), patient(await cpu()))
    run.start()
    expect(await run.ended).toMatchObject({ state: 'finished', epoch: 3, step: 9 })
    expect(Object.keys(curvesOf(run)).sort()).toEqual(['train.accuracy', 'train.loss'])
  })
})

describe('what can go wrong', () => {
  test('a lost device ends the run with a sentence, and what breaks afterwards does not replace it', async () => {
    let broken = false
    const device = new CountingDevice(async () => {
      await wait(2)
      if (broken) throw new Error('no answer')
    })
    const document = classifier({ batchSize: 2, epochs: 1000 })
    const { run, telemetry } = await open(document, dataFor(document, 40, 0), device)
    run.start()
    await until(() => device.steps > 2)
    device.lose('it was unplugged.')
    broken = true
    const end = await run.ended
    const sentence = 'The device is gone: it was unplugged. The run has stopped; start it again.'
    expect(end.state).toBe('failed')
    expect(end.problems.map((one) => one.message)).toEqual([sentence])
    await wait(20)
    expect(run.progress().problems.map((one) => one.message)).toEqual([sentence])
    expect(telemetry.at(-1)?.progress.state).toBe('failed')
  })

  test('a device that is lost after the end changes nothing', async () => {
    const device = new CountingDevice()
    const document = classifier({ batchSize: 5, epochs: 1 })
    const { run } = await open(document, dataFor(document, 10, 0), device)
    run.start()
    await run.ended
    device.lose('it was unplugged.')
    await wait(1)
    expect(run.progress()).toMatchObject({ state: 'finished', problems: [] })
  })

  test('a step that breaks ends the run with the reason', async () => {
    let steps = 0
    const device = new CountingDevice(() => {
      if (++steps === 7) throw new Error('out of luck')
    })
    const document = classifier({ batchSize: 2, epochs: 1000 })
    const { run } = await open(document, dataFor(document, 40, 0), device)
    run.start()
    const end = await run.ended
    expect(end.state).toBe('failed')
    expect(end.problems.map((one) => one.message)).toEqual(['Training failed: out of luck'])
  })

  test('a document that does not compile is refused before anything reaches the device', async () => {
    const device = new CountingDevice()
    const good = classifier()
    const bad = edited(good, { kind: 'setParam', block: 'o', name: 'features', value: 3 })
    const { result } = await tryOpen(bad, dataFor(bad, 10, 0), device)
    expect(messages(result)).toEqual([
      'Cross Entropy loss: the prediction has shape B × 3 and the target B × 2; give the last layer 2 outputs, one for each class.',
    ])
    const unwired = edited(good, { kind: 'removeItems', blocks: [], wires: ['w1'] })
    expect(messages((await tryOpen(unwired, dataFor(good, 10, 0), device)).result)).toEqual([
      'Dense hidden: input x is not connected.',
    ])
    const odd = { ...good, training: { ...good.training, optimizer: { type: 'magic', params: {} } } }
    expect(messages((await tryOpen(odd, dataFor(good, 10, 0), device)).result)).toEqual([
      'This version knows no optimizer "magic". It has: adadelta, adagrad, adam, adamw, rmsprop, sgd.',
    ])
    expect(messages((await tryOpen(good, dataFor(good, 0, 5), device)).result)).toEqual([
      'There is no example to train on. Choose other data, or a smaller validation share.',
    ])
    expect(device.compiled).toBe(0)
  })

  test('a network that is too large is refused with its bytes, and nothing is allocated', async () => {
    const device = new CountingDevice()
    const wide = { kind: 'setParam', block: 'h', name: 'features', value: 8_000_000 } as const
    const document = edited(classifier({ batchSize: 60 }), wide)
    const before = process.memoryUsage()
    const { result } = await tryOpen(document, dataFor(document, 60, 0), device)
    expect(messages(result)).toHaveLength(1)
    expect(messages(result)[0]).toMatch(
      /^This network needs \d+(\.\d+)? GB at a batch of 60(, most of it for \S+)?; at most 3\.76 GB can be had\. Use a smaller batch, fewer features or fewer examples\. A batch of \d+ fits\.$/,
    )
    expect(device.compiled).toBe(0)
    const after = process.memoryUsage()
    expect(after.arrayBuffers + after.external - before.arrayBuffers - before.external).toBeLessThan(50e6)
  })

  test('a network that fits the small batch of the editor but not that of training is refused, not trained in part', async () => {
    const device = new CountingDevice()
    const wide = { kind: 'setParam', block: 'h', name: 'features', value: 100_000_000 } as const
    const document = edited(classifier({ batchSize: 10 }), wide)
    expect(analyze(document).problems).toEqual([])
    const { result } = await tryOpen(document, dataFor(document, 10, 0), device)
    expect(messages(result).join()).toMatch(/^Dense hidden: .*\[10, 100000000\].* GB/)
    expect(device.compiled).toBe(0)
  })

  test('memory that the device does not give is a result as well', async () => {
    const device = new CountingDevice()
    device.compile = () => Promise.reject(new Error('no memory left'))
    const document = classifier()
    const { result } = await tryOpen(document, dataFor(document, 10, 0), device)
    expect(messages(result)).toEqual(["Counting can't take this network: no memory left"])
  })

  test('a live parameter that does not exist, or is no number, is refused in a sentence', async () => {
    const document = classifier()
    const { run } = await open(document, dataFor(document, 10, 0), patient(await cpu()))
    const of = async (name: string, value: number) =>
      (await run.setLive(name, value)).problems.map((one) => one.message).join()
    expect(await of('beta1', 0.5)).toBe('The optimizer has no parameter called "beta1".')
    expect(await of('rate', NaN)).toBe("The optimizer's rate must be a number, not NaN.")
  })
})

describe('telemetry', () => {
  test('comes at most 30 times a second and loses no validation point', async () => {
    // A clock that moves on with each step: 0.02 ms, so that one message tells of some thousand steps.
    let time = 5000
    const device = new CountingDevice(() => {
      time += 0.02
    })
    const epochs = 10_000
    const document = classifier({ batchSize: 8, epochs })
    const { run, telemetry } = await open(document, dataFor(document, 16, 4), device, { now: () => time })
    const started = time
    run.start()
    await run.ended
    const seconds = (time - started) / 1000
    expect(seconds).toBeGreaterThan(0.3)
    // Beside the first and the last, which tell of a change of state.
    expect(telemetry.length - 2).toBeLessThanOrEqual(30 * seconds)
    expect(telemetry.length).toBeGreaterThan(8)
    const sent = telemetry.flatMap(({ points }) =>
      points.filter((one) => one.name === 'validation.loss').flatMap((one) => Array.from(one.steps)),
    )
    expect(sent).toEqual(Array.from({ length: epochs }, (_, i) => 2 * (i + 1)))
    for (const { points } of telemetry)
      for (const { name, steps } of points) if (name === 'train.loss') expect(steps.length).toBeLessThanOrEqual(400)
    // Each message is new: the steps of training points only rise.
    const trained = telemetry.flatMap(({ points }) =>
      points.filter((one) => one.name === 'train.loss').flatMap((one) => Array.from(one.steps)),
    )
    expect(trained.every((step, i) => i === 0 || step > (trained[i - 1] ?? 0))).toBe(true)
  })

  test('a pause is told at once, with all points up to it and histograms of that step', async () => {
    const rng = new Rng(1, 'pauses')
    const document = classifier({ batchSize: 4, epochs: MOST.epochs })
    const { run, telemetry } = await open(document, dataFor(document, 40, 10), patient(await cpu()))
    for (let i = 0; i < 5; i++) {
      run.start()
      await wait(rng.integer(15))
      const { step } = await run.pause()
      const last = telemetry.at(-1)
      expect(last?.progress).toMatchObject({ state: 'paused', step })
      const loss = last?.points.find((one) => one.name === 'train.loss')
      if (loss) expect(loss.steps.at(-1)).toBeGreaterThan(step - 4)
      const { histograms } = run.snapshot()
      expect(histograms.map((one) => one.path)).toEqual(['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias'])
      expect(histograms.every((one) => one.step === step)).toBe(true)
    }
    await run.stop()
  })

  test('the snapshot keeps an even sample of at most 41 histograms of each weight', async () => {
    let time = 5000
    const document = classifier({ batchSize: 4, epochs: 400 })
    const { run } = await open(document, dataFor(document, 40, 0), patient(await cpu()), { now: () => (time += 60) })
    run.start()
    await run.ended
    const { history } = run.snapshot()
    const steps = history.filter((one) => one.path === 'out.bias').map((one) => one.step)
    expect(steps.length).toBeGreaterThan(15)
    expect(steps.length).toBeLessThanOrEqual(41)
    expect(steps[0]).toBe(0)
    expect([...steps].sort((a, b) => a - b)).toEqual(steps)
  })
})
