import { flushSync } from 'svelte'
import { describe, expect, test, vi } from 'vitest'
import { RunView } from '../../renderer/state/run.svelte.ts'
import { fail, ok, problem } from '../../src/base/problem.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { AnswerOf, EngineCalls } from '../../src/protocol/messages.ts'
import { FakeEngine, histogramOf, pointsOf, progressOf, snapshotOf, telemetryOf } from './run-fakes.ts'

const document = { name: 'A network' } as GraphDocument
const valuesOf = (run: RunView, name: string) => [...(run.series.get(name)?.values ?? [])]
const stepsOf = (run: RunView, name: string) => [...(run.series.get(name)?.steps ?? [])]

describe('telemetry', () => {
  test('brings progress, and points that are added to those before', () => {
    const engine = new FakeEngine()
    const run = new RunView(engine.peer)
    engine.tell(telemetryOf({ points: [pointsOf('train.loss', [1, 2], [3, 2])] }))
    const version = run.version
    engine.tell(
      telemetryOf({
        progress: progressOf({ step: 4 }),
        points: [pointsOf('train.loss', [3, 4], [1.5, 1]), pointsOf('validation.loss', [4], [1.2])],
      }),
    )
    expect(valuesOf(run, 'train.loss')).toEqual([3, 2, 1.5, 1])
    expect(stepsOf(run, 'train.loss')).toEqual([1, 2, 3, 4])
    expect(valuesOf(run, 'validation.loss')).toEqual([1.2])
    expect(run.progress?.step).toBe(4)
    expect(run.version).toBeGreaterThan(version)
  })

  test('wakes what depends on the curves, once for each message with points and not for one without', () => {
    const engine = new FakeEngine()
    const run = new RunView(engine.peer)
    engine.tell(telemetryOf())
    let drawings = 0
    const stop = $effect.root(() => {
      $effect(() => {
        void run.version
        drawings++
      })
    })
    flushSync()
    expect(drawings).toBe(1)
    engine.tell(telemetryOf({ points: [pointsOf('train.loss', [1], [1]), pointsOf('train.accuracy', [1], [0.5])] }))
    flushSync()
    expect(drawings).toBe(2)
    engine.tell(telemetryOf({ progress: progressOf({ examplesPerSecond: 1 }) }))
    flushSync()
    expect(drawings).toBe(2)
    stop()
  })

  test('keeps the newest histogram of each weight in network order and the ones before as history', () => {
    const engine = new FakeEngine()
    const run = new RunView(engine.peer)
    engine.tell(telemetryOf({ histograms: [histogramOf('conv1.weight', 0), histogramOf('dense1.weight', 0)] }))
    engine.tell(telemetryOf({ histograms: [histogramOf('conv1.weight', 5), histogramOf('dense1.weight', 5)] }))
    engine.tell(telemetryOf({ histograms: [histogramOf('dense1.weight', 9)] }))
    expect(run.histograms.map(({ path, step }) => [path, step])).toEqual([
      ['conv1.weight', 5],
      ['dense1.weight', 9],
    ])
    expect(run.history('dense1.weight').map(({ step }) => step)).toEqual([0, 5])
    expect(run.history('conv1.weight').map(({ step }) => step)).toEqual([0])
    expect(run.history('nothing')).toEqual([])
  })

  test('of a run that went back to its last good step takes away what came after', () => {
    const engine = new FakeEngine()
    const run = new RunView(engine.peer)
    const losses = [pointsOf('train.loss', [1, 2, 3, 4], [3, 2, 9, NaN]), pointsOf('validation.loss', [2, 4], [2, 8])]
    engine.tell(telemetryOf({ progress: progressOf({ step: 4 }), points: losses }))
    engine.tell(telemetryOf({ progress: progressOf({ step: 2, state: 'paused' }) }))
    expect(stepsOf(run, 'train.loss')).toEqual([1, 2])
    expect(stepsOf(run, 'validation.loss')).toEqual([2])
    engine.tell(telemetryOf({ progress: progressOf({ step: 3 }), points: [pointsOf('train.loss', [3], [1])] }))
    expect(valuesOf(run, 'train.loss')).toEqual([3, 2, 1])
  })

  test('of a run that was replaced is not taken up again', async () => {
    const engine = new FakeEngine({
      'run.start': () => ok(snapshotOf({ progress: progressOf({ run: '7.2', step: 0 }) })),
    })
    const run = new RunView(engine.peer)
    engine.tell(telemetryOf({ points: [pointsOf('train.loss', [1], [3])] }))
    await run.start(document, 'auto')
    expect(run.progress?.run).toBe('7.2')
    engine.tell(telemetryOf({ progress: progressOf({ state: 'stopped' }), points: [pointsOf('train.loss', [2], [2])] }))
    expect(run.progress).toMatchObject({ run: '7.2', state: 'running' })
    expect(run.series.size).toBe(0)
  })

  test('ends with the view', () => {
    const engine = new FakeEngine()
    const run = new RunView(engine.peer)
    expect(engine.listeners).toBe(1)
    run.close()
    expect(engine.listeners).toBe(0)
  })
})

describe('a snapshot', () => {
  test('on connecting brings the whole run, and what was under way to it twice counts once', async () => {
    const engine = new FakeEngine({
      'run.current': () =>
        snapshotOf({
          points: [pointsOf('train.loss', [1, 2, 3], [3, 2, 1])],
          histograms: [histogramOf('dense1.weight', 3)],
          history: [histogramOf('dense1.weight', 0), histogramOf('dense1.weight', 1)],
        }),
    })
    const run = new RunView(engine.peer)
    expect(await run.connect()).toBe(true)
    expect(run.documentHash).toBe('abc')
    expect(run.metrics).toHaveLength(1)
    expect(run.history('dense1.weight').map(({ step }) => step)).toEqual([0, 1])
    engine.tell(telemetryOf({ points: [pointsOf('train.loss', [2, 3, 4], [2, 1, 0.5])] }))
    expect(stepsOf(run, 'train.loss')).toEqual([1, 2, 3, 4])
    expect(valuesOf(run, 'train.loss')).toEqual([3, 2, 1, 0.5])
  })

  test('that is not there leaves what is shown', async () => {
    const engine = new FakeEngine({ 'run.current': () => null })
    const run = new RunView(engine.peer)
    engine.tell(telemetryOf({ points: [pointsOf('train.loss', [1], [3])] }))
    expect(await run.connect()).toBe(true)
    expect(valuesOf(run, 'train.loss')).toEqual([3])
  })

  test('of a new run replaces curves, histograms and history', async () => {
    let started = 0
    const engine = new FakeEngine({
      'run.start': () => {
        const progress = progressOf({ run: `7.${++started}`, step: 0 })
        return ok(snapshotOf({ progress, points: [], histograms: [histogramOf('dense1.weight', 0)] }))
      },
    })
    const run = new RunView(engine.peer)
    expect(await run.start(document, 'cpu')).toBe(true)
    expect(engine.calls[0]).toEqual({ name: 'run.start', args: { document, device: 'cpu' } })
    engine.tell(
      telemetryOf({
        points: [pointsOf('train.loss', [1, 2], [3, 2])],
        histograms: [histogramOf('dense1.weight', 2)],
      }),
    )
    expect(run.history('dense1.weight')).toHaveLength(1)
    const version = run.version
    await run.start(document, 'cpu')
    expect(run.series.size).toBe(0)
    expect(run.history('dense1.weight')).toEqual([])
    expect(run.histograms.map(({ step }) => step)).toEqual([0])
    expect(run.version).toBeGreaterThan(version)
  })
})

describe('a failure', () => {
  test('to start says why and leaves the run before as it was', async () => {
    const refusal = problem('data.file', 'iris.csv is not here any more; choose it again.')
    const engine = new FakeEngine({ 'run.start': () => fail(refusal) })
    const run = new RunView(engine.peer)
    engine.tell(telemetryOf({ points: [pointsOf('train.loss', [1], [3])] }))
    expect(await run.start(document, 'auto')).toBe(false)
    expect(run.problems).toEqual([refusal])
    expect(valuesOf(run, 'train.loss')).toEqual([3])
    expect(run.busy).toBe(false)
  })

  test('of the connection is a sentence, and the next call that works clears it', async () => {
    const engine = new FakeEngine()
    const run = new RunView(engine.peer)
    expect(await run.pause()).toBe(false)
    expect(run.problems.map(({ message }) => message)).toEqual([
      '"run.pause" got no answer from the engine: the engine process ended.',
    ])
    engine.answers['run.pause'] = () => progressOf({ state: 'paused' })
    expect(await run.pause()).toBe(true)
    expect(run.problems).toEqual([])
    expect(run.state).toBe('paused')
  })

  test('of the engine process keeps the curves and ends the run, once it was under way', () => {
    const engine = new FakeEngine()
    const run = new RunView(engine.peer)
    run.engineLost('killed')
    expect(run.progress).toBeNull()
    engine.tell(telemetryOf({ points: [pointsOf('train.loss', [1], [3])] }))
    run.engineLost('killed')
    expect(run.state).toBe('failed')
    expect(run.active).toBe(false)
    expect(run.problems[0]?.message).toContain('killed')
    expect(valuesOf(run, 'train.loss')).toEqual([3])
  })

  test('that the run reports of itself stands with the problems', () => {
    const engine = new FakeEngine()
    const run = new RunView(engine.peer)
    const bad = problem('run.nonFinite', 'The loss is not a number since step 10; the first bad block is dense1.')
    engine.tell(telemetryOf({ progress: progressOf({ state: 'paused', problems: [bad] }) }))
    expect(run.problems).toEqual([bad])
    expect(run.active).toBe(true)
  })
})

test('commands go to the engine by name and take its answer', async () => {
  const engine = new FakeEngine({
    'run.pause': () => progressOf({ state: 'paused' }),
    'run.resume': () => progressOf({ state: 'running' }),
    'run.step': () => progressOf({ state: 'paused', step: 11 }),
    'run.stop': () => progressOf({ state: 'stopped' }),
    'run.setLive': () => progressOf(),
  })
  const run = new RunView(engine.peer)
  await run.pause()
  expect(run.state).toBe('paused')
  await run.step()
  expect(run.progress?.step).toBe(11)
  await run.resume()
  await run.setLive('rate', 0.01)
  await run.stop()
  expect(run.active).toBe(false)
  expect(engine.calls).toEqual([
    { name: 'run.pause', args: {} },
    { name: 'run.step', args: {} },
    { name: 'run.resume', args: {} },
    { name: 'run.setLive', args: { name: 'rate', value: 0.01 } },
    { name: 'run.stop', args: {} },
  ])
})

describe('a start that takes its time', () => {
  const told = { doing: 'reading', file: 'big.csv', share: 0.4 } as const
  /** Answered when the test says so. */
  function starting() {
    let answer: (value: AnswerOf<EngineCalls, 'run.start'>) => void = () => undefined
    const engine = new FakeEngine({ 'run.start': () => new Promise((resolve) => (answer = resolve)) })
    const run = new RunView(engine.peer)
    engine.tell(telemetryOf({ progress: progressOf({ state: 'finished' }) }))
    const started = run.start(document, 'cpu')
    return { engine, run, started, answer: (value: AnswerOf<EngineCalls, 'run.start'>) => (answer(value), started) }
  }

  test('says how far its data are, and is over with its answer', async () => {
    vi.useFakeTimers()
    try {
      const { engine, run, answer } = starting()
      expect([run.starting, run.busy, run.wait.progress]).toEqual([true, true, null])
      engine.askings[0]?.onProgress?.(told)
      await vi.advanceTimersByTimeAsync(1000)
      expect(run.wait.progress).toEqual(told)
      expect(await answer(ok(snapshotOf()))).toBe(true)
      expect([run.starting, run.wait.progress, run.givenUp, run.active]).toEqual([false, null, false, true])
    } finally {
      vi.useRealTimers()
    }
  })

  test('is given up by Stop, and leaves what is shown of the run before', async () => {
    const { engine, run, answer } = starting()
    const [asking] = engine.askings
    expect(asking?.signal?.aborted).toBe(false)
    expect(await run.stop()).toBe(true)
    expect(asking?.signal?.aborted).toBe(true)
    // The run that there is was not meant.
    expect(engine.calls.map(({ name }) => name)).toEqual(['run.start'])
    expect(await answer(fail(problem('data.cancelled', 'Reading was ended.')))).toBe(false)
    expect([run.starting, run.givenUp, run.problems, run.state]).toEqual([false, true, [], 'finished'])
    // What comes next is said instead.
    engine.tell(telemetryOf())
    expect(run.givenUp).toBe(false)
  })

  test('that fails by itself says why', async () => {
    const { run, answer } = starting()
    const why = problem('csv', 'The file is empty.')
    expect(await answer(fail(why))).toBe(false)
    expect([run.starting, run.givenUp, run.problems]).toEqual([false, false, [why]])
  })
})

test('is busy for as long as a call is open', async () => {
  let answer: (progress: ReturnType<typeof progressOf>) => void = () => {}
  const engine = new FakeEngine({ 'run.stop': () => new Promise((resolve) => (answer = resolve)) })
  const run = new RunView(engine.peer)
  const stopping = run.stop()
  await Promise.resolve()
  expect(run.busy).toBe(true)
  answer(progressOf({ state: 'stopped' }))
  await stopping
  expect(run.busy).toBe(false)
})

describe('texts', () => {
  test('progress line', () => {
    const engine = new FakeEngine()
    const run = new RunView(engine.peer)
    expect(run.progressLine).toBe('')
    engine.tell(telemetryOf({ progress: progressOf({ epoch: 3, step: 1240 }) }))
    expect(run.progressLine).toBe('Epoch 3 of 20 · step 1,240 · 12,400 examples/s · 3:20 left')
    engine.tell(telemetryOf({ progress: progressOf({ epoch: 3, step: 1240, state: 'paused' }) }))
    expect(run.progressLine).toBe('Epoch 3 of 20 · step 1,240')
    engine.tell(telemetryOf({ progress: progressOf({ state: 'finished', note: 'Stopped early.' }) }))
    expect(run.progressLine).toBe('Epoch 1 of 20 · step 10 · Stopped early.')
    engine.tell(telemetryOf({ progress: progressOf({ secondsLeft: null }) }))
    expect(run.timeLeft).toBe('')
  })

  test('summary for those who do not see the curves', () => {
    const engine = new FakeEngine({ 'run.current': () => snapshotOf() })
    const run = new RunView(engine.peer)
    expect(run.summary).toBe('')
    engine.tell(telemetryOf({ points: [pointsOf('train.loss', [1], [0.5])] }))
    expect(run.summary).toBe('training loss 0.5')
    engine.tell(telemetryOf({ points: [pointsOf('validation.loss', [10, 20, 30], [0.4, 0.29, 0.31])] }))
    expect(run.summary).toBe('validation loss 0.31, best 0.29 at epoch 2')
    const points = [pointsOf('validation.loss', [20, 30, 40, 50], [0.29, 0.31, 0.3, 0.33])]
    engine.tell(telemetryOf({ points }))
    expect(run.summary).toBe('validation loss 0.33, best 0.29 at epoch 2, no better for 3 epochs')
  })

  test('summary with the losses that make up the total', async () => {
    const parts = ['loss.kl', 'penalty'].map(
      (name) => ({ name, title: name.toUpperCase(), better: 'lower', percent: false }) as const,
    )
    const points = [
      pointsOf('train.loss', [1], [0.5]),
      pointsOf('train.loss.kl', [1], [0.3]),
      pointsOf('train.penalty', [1], [0.2]),
    ]
    const engine = new FakeEngine({ 'run.current': () => snapshotOf({ points, parts, scheduled: true }) })
    const run = new RunView(engine.peer)
    await run.connect()
    expect(run.summary).toBe('training loss 0.5; training loss.kl 0.3; training penalty 0.2')
    expect([run.parts, run.scheduled]).toEqual([parts, true])
  })

  test('summary with a metric', async () => {
    const points = [
      pointsOf('validation.loss', [10, 20], [0.4, 0.3]),
      pointsOf('validation.accuracy', [10, 20], [0.9, 0.931]),
    ]
    const engine = new FakeEngine({ 'run.current': () => snapshotOf({ points }) })
    const run = new RunView(engine.peer)
    await run.connect()
    expect(run.summary).toBe(
      'validation loss 0.3, best 0.3 at epoch 2; validation accuracy 93.1\u202f%, best 93.1\u202f% at epoch 2',
    )
  })
})
