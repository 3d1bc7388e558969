import { describe, expect, test } from 'vitest'
import { fail, ok, problem, ProblemError } from '../../src/base/problem.ts'
import { correctionsKey, rowsKey } from '../../src/document/corrections.ts'
import { EngineService } from '../../src/node/engine/service.ts'
import { readSource } from '../../src/node/engine/parts.ts'
import { mergeTelemetry } from '../../src/node/engine/telemetry.ts'
import type { PreparedData } from '../../src/data/types.ts'
import type { WindowOfEngine } from '../../src/protocol/host-wire.ts'
import type { DataProgress } from '../../src/protocol/messages.ts'
import { Peer, portPair, type Asking, type Port } from '../../src/protocol/rpc.ts'
import { until } from '../helpers/until.ts'
import { device, document, fakeParts, file, progressOf, telemetryOf } from './helpers/fake-parts.ts'

const settle = () => new Promise((resolve) => setTimeout(resolve, 20))

function open(parts = fakeParts()) {
  const service = new EngineService(parts)
  const connect = () => {
    const [near, far] = portPair()
    service.connect(near)
    return { window: new Peer<WindowOfEngine>(far, { name: 'the engine' }), port: far }
  }
  return { parts, service, connect, ...connect() }
}

test('says what it has, and why a device is missing', async () => {
  const { window } = open()
  expect(await window.call('engine.info', {})).toEqual({
    version: '0.0.0',
    process: 4711,
    optimizers: [],
    schedules: [],
    metrics: [],
    generators: [],
    readers: [],
  })
  expect(await window.call('engine.devices', {})).toEqual([
    { name: 'cpu', title: 'Fake', available: true, facts: { simd: 'yes' } },
    { name: 'reference', title: 'Reference', available: false, reason: 'It is not on this machine.', facts: {} },
  ])
})

test('a driver that takes its time holds up nothing but the list of devices, and is asked once', async () => {
  let answer: () => void = () => undefined
  const asked: string[] = []
  const slow = new Promise<void>((resolve) => (answer = resolve))
  const { window } = open(
    fakeParts({
      backends: [{ name: 'webgpu', title: 'GPU' }],
      devices: {
        open: async (name) => {
          asked.push(name)
          await slow
          return ok(device)
        },
        close: () => undefined,
      },
    }),
  )
  const lists = [window.call('engine.devices', {}), window.call('engine.devices', {})]
  expect((await window.call('engine.info', {})).process).toBe(4711)
  answer()
  expect((await Promise.all(lists)).map((list) => list.length)).toEqual([1, 1])
  expect(asked).toEqual(['webgpu'])
})

test('reads only files whose handle was granted', async () => {
  const { window, service } = open()
  service.grant({ handle: 'h1', name: 'mine.csv', path: '/mine.csv' })
  service.grant({ handle: 'h2', name: 'gone.csv', path: '/gone' })
  expect(await window.call('data.open', { handles: ['h1'], options: null })).toMatchObject({
    ok: true,
    value: { source: { files: [{ name: 'mine.csv' }] } },
  })
  expect(await window.call('data.open', { handles: ['h2'], options: null })).toMatchObject({
    ok: false,
    problems: [{ message: '"gone.csv" is gone.' }],
  })
  expect(await window.call('data.open', { handles: [], options: null })).toMatchObject({
    ok: false,
    problems: [{ code: 'file.none' }],
  })
  for (const forged of ['h3', '', '/mine.csv', '__proto__'])
    expect(await window.call('data.open', { handles: [forged], options: null })).toMatchObject({
      ok: false,
      problems: [{ code: 'file.handle' }],
    })
  service.revoke('h1')
  expect(await window.call('data.open', { handles: ['h1'], options: null })).toMatchObject({ ok: false })
})

test('makes the source of a generated set, or says what there is none of', async () => {
  const { window } = open()
  const ask = (generator: string) => window.call('data.generated', { generator, params: { count: 30 }, seed: 7 })
  expect(await ask('spiral')).toMatchObject({
    ok: true,
    value: { generator: 'spiral', params: { count: 30 }, seed: 7 },
  })
  expect(await ask('suns')).toMatchObject({ ok: false, problems: [{ code: 'data.generator' }] })
})

test('imports a file once, and reads it again with what the person says', async () => {
  const imported: string[] = []
  const read: unknown[] = []
  const inner = fakeParts()
  const { window, service } = open(
    fakeParts({
      files: {
        ...inner.files,
        import: async (path, name) => {
          imported.push(path)
          return inner.files.import(path, name)
        },
      },
      data: {
        ...inner.data,
        propose: async (items, how) => {
          read.push([items.map(({ reference }) => reference.name), how.reader, how.options])
          return inner.data.propose(items, how)
        },
      },
    }),
  )
  service.grant({ handle: 'h', name: 'mine.csv', path: '/mine.csv' })
  await window.call('data.open', { handles: ['h'], options: null })
  const opened = await window.call('data.open', { handles: ['h'], options: { delimiter: 'tab' } })
  expect(imported).toEqual(['/mine.csv'])
  if (!opened.ok) throw new Error(opened.problems[0]?.message)
  const { source } = opened.value
  await window.call('data.read', { source: { ...source, options: { delimiter: 'bar' } } })
  expect(read).toEqual([
    [['mine.csv'], undefined, {}],
    [['mine.csv'], undefined, { delimiter: 'tab' }],
    // Found by its content, and called what its own reference says.
    [['a.csv'], 'csv', { delimiter: 'bar' }],
  ])
  // Another grant of that name is another file.
  service.revoke('h')
  service.grant({ handle: 'h', name: 'other.csv', path: '/other.csv' })
  await window.call('data.open', { handles: ['h'], options: null })
  expect(imported).toEqual(['/mine.csv', '/other.csv'])
})

test('a source from a window is read like a file: what no document may hold is refused', async () => {
  const { window } = open(fakeParts({ readSource }))
  const source = { reader: 'csv', options: {}, files: [file.reference] }
  expect(await window.call('data.read', { source })).toMatchObject({ ok: true })
  const traversing = { ...source, files: [{ ...file.reference, name: '../a.csv' }] }
  expect(await window.call('data.read', { source: traversing })).toMatchObject({ ok: false })
  expect(await window.call('data.read', { source: { reader: 'csv' } as never })).toMatchObject({ ok: false })
})

test('says how far reading is to the one who waits, and ends it when that one takes it back', async () => {
  const inner = fakeParts()
  const told: DataProgress[] = []
  const { window, service } = open(
    fakeParts({
      data: {
        ...inner.data,
        propose: async (items, how) => {
          how.watch?.begin({ doing: 'reading', file: 'mine.csv' })
          for (let i = 0; i < 40; i++) {
            how.watch?.progress(i / 40)
            await new Promise((resolve) => setTimeout(resolve, 2))
            await how.watch?.pause()
          }
          return inner.data.propose(items, how)
        },
      },
    }),
  )
  service.grant({ handle: 'h', name: 'mine.csv', path: '/mine.csv' })
  const read = (asking: Asking<DataProgress>) => window.call('data.open', { handles: ['h'], options: null }, asking)
  expect(await read({ onProgress: (progress) => told.push(progress) })).toMatchObject({ ok: true })
  expect(told[0]).toEqual({ doing: 'checking', file: 'mine.csv', share: 0 })
  const reading = told.slice(1)
  expect(reading.every(({ doing, file }) => doing === 'reading' && file === 'mine.csv')).toBe(true)
  expect(reading.map(({ share }) => share)).toEqual(Array.from({ length: 40 }, (_, i) => i / 40))
  const controller = new AbortController()
  const taken = read({ signal: controller.signal, onProgress: ({ share }) => share > 0.2 && controller.abort() })
  const other = read({})
  expect(await taken).toMatchObject({ ok: false, problems: [{ code: 'data.cancelled' }] })
  expect(await other).toMatchObject({ ok: true })
})

describe('a start that waits for its data', () => {
  /** Data of a document by its name, ready when the test says so. */
  function waiting() {
    const inner = fakeParts()
    const ready = new Map<string, () => void>()
    const parts = fakeParts({
      data: {
        ...inner.data,
        prepare: async ({ split }, _, watch) => {
          watch?.begin({ doing: 'reading', file: `${split.seed}.csv` })
          let isReady = false
          ready.set(`${split.seed}`, () => (isReady = true))
          while (!isReady) {
            await new Promise((resolve) => setTimeout(resolve, 1))
            await watch?.pause()
          }
          return ok({ fitted: { columns: [], targets: [] }, warnings: [] as const } as unknown as PreparedData)
        },
      },
    })
    return {
      ...open(parts),
      async ready(seed: number) {
        await until(() => ready.has(`${seed}`))
        ready.get(`${seed}`)?.()
      },
    }
  }
  const seeded = (seed: number) => ({
    ...document,
    name: `Net ${seed}`,
    data: { ...document.data, split: { ...document.data.split, seed } },
  })
  const ended = { ok: false, problems: [{ code: 'data.cancelled' }] }

  test('taken back, leaves the run that there is running; one that is not goes on to start', async () => {
    const { window, parts, ready } = waiting()
    const first = window.call('run.start', { document: seeded(1), device: 'cpu' })
    await ready(1)
    expect(await first).toMatchObject({ ok: true })
    const told: unknown[] = []
    const controller = new AbortController()
    const asking = { signal: controller.signal, onProgress: (progress: DataProgress) => told.push(progress) }
    const second = window.call('run.start', { document: seeded(2), device: 'cpu' }, asking)
    await until(() => told.length > 0)
    controller.abort()
    expect(await second).toMatchObject(ended)
    expect(told).toEqual([{ doing: 'reading', file: '2.csv', share: 0 }])
    expect(parts.runs.map(({ state, disposed }) => [state, disposed])).toEqual([['running', 0]])
    // The control: the same without taking it back.
    const third = window.call('run.start', { document: seeded(2), device: 'cpu' }, { onProgress: asking.onProgress })
    await ready(2)
    expect(await third).toMatchObject({ ok: true })
    expect(told.at(-1)).toEqual({ doing: 'starting', file: 'Net 2', share: 0 })
    expect(parts.runs.map(({ state, disposed }) => [state, disposed])).toEqual([
      ['stopped', 1],
      ['running', 0],
    ])
  })

  test('holds up nobody: the run before is looked at, paused and resumed', async () => {
    const { window, ready } = waiting()
    const first = window.call('run.start', { document: seeded(1), device: 'cpu' })
    await ready(1)
    await first
    const second = window.call('run.start', { document: seeded(2), device: 'cpu' })
    const estimate = window.call('network.estimate', { document: seeded(1), device: 'cpu' })
    expect(await window.call('run.evaluate', { part: 'validation' })).toMatchObject({ ok: true })
    expect(await window.call('run.pause', {})).toMatchObject({ state: 'paused' })
    expect(await window.call('run.resume', {})).toMatchObject({ state: 'running' })
    expect(await estimate).toEqual(ok(null))
    await ready(2)
    expect(await second).toMatchObject({ ok: true, value: { progress: { run: '4711.2' } } })
  })

  test('is overtaken by a later one whose data are there before', async () => {
    const { window, parts, ready } = waiting()
    const first = window.call('run.start', { document: seeded(1), device: 'cpu' })
    const second = window.call('run.start', { document: seeded(2), device: 'cpu' })
    await ready(2)
    expect(await second).toMatchObject({ ok: true })
    await ready(1)
    expect(await first).toMatchObject(ended)
    expect(parts.runs.map(({ options }) => options.document.name)).toEqual(['Net 2'])
  })

  test('taken back while its network is made ready, disposes of it and starts nothing', async () => {
    const inner = fakeParts()
    const controller = new AbortController()
    const parts = fakeParts({
      openRun: async (options) => {
        controller.abort()
        await settle()
        return inner.openRun(options)
      },
    })
    const { window } = open(parts)
    expect(await window.call('run.start', { document, device: 'cpu' }, { signal: controller.signal })).toMatchObject(
      ended,
    )
    expect(inner.runs.map(({ state, disposed }) => [state, disposed])).toEqual([['preparing', 1]])
    expect(await window.call('run.current', {})).toBeNull()
  })
})

test('starts a run, ends the one before, and tells all windows', async () => {
  const { window, parts, connect } = open()
  const other = connect().window
  const seen: number[] = []
  window.on('run.telemetry', ({ progress }) => seen.push(progress.step))
  other.on('run.telemetry', ({ progress }) => seen.push(100 + progress.step))
  expect(await window.call('run.current', {})).toBeNull()
  expect(await window.call('run.start', { document, device: 'auto' })).toMatchObject({
    ok: true,
    value: { progress: { run: '4711.1', state: 'running' } },
  })
  expect(await window.call('run.step', {})).toMatchObject({ step: 1 })
  await settle()
  expect(seen.sort()).toEqual([1, 101])
  expect(await other.call('run.pause', {})).toMatchObject({ state: 'paused' })
  expect(await other.call('run.current', {})).toMatchObject({ documentHash: 'x' })
  expect(await window.call('run.start', { document, device: 'cpu' })).toMatchObject({
    ok: true,
    value: { progress: { run: '4711.2' } },
  })
  expect(parts.runs.map((run) => [run.state, run.disposed])).toEqual([
    ['stopped', 1],
    ['running', 0],
  ])
})

test('what the last run compiled is offered when the next one opens, on the same device, until that is lost', async () => {
  let lose: (why: string) => void = () => undefined
  let opened = 0
  const seen: unknown[] = []
  const inner = fakeParts()
  const parts = fakeParts({
    devices: {
      open: async () => {
        opened++
        return ok({ ...device, lost: new Promise<string>((resolve) => (lose = resolve)) })
      },
      close: () => undefined,
    },
    openRun: async (options) => {
      seen.push(
        options.device,
        inner.runs.map((run) => [run.offered, run.disposed]),
      )
      return inner.openRun(options)
    },
  })
  const { window } = open(parts)
  const start = () => window.call('run.start', { document, device: 'cpu' })
  await start()
  await start()
  expect(seen[2]).toBe(seen[0])
  expect([opened, seen[1], seen[3]]).toEqual([1, [], [[1, 0]]])
  expect(inner.runs.map((run) => run.disposed)).toEqual([1, 0])
  lose('gone')
  await settle()
  await start()
  expect(opened).toBe(2)
  expect(seen[4]).not.toBe(seen[0])
})

test('two starts at once leave one run', async () => {
  const { window, parts } = open()
  const answers = await Promise.all([1, 2, 3].map(() => window.call('run.start', { document, device: 'auto' })))
  expect(answers.every((answer) => answer.ok)).toBe(true)
  expect(parts.runs.map((run) => run.state)).toEqual(['stopped', 'stopped', 'running'])
})

test('getting ready is for a real GPU, while nothing trains, and says nothing of what is wrong', async () => {
  const warmed: string[] = []
  const gpu = (software: 'yes' | 'no') => ({ ...device, info: { ...device.info, title: 'GPU', facts: { software } } })
  const partsWith = (software: 'yes' | 'no', prepare: () => Promise<never>) =>
    fakeParts({
      devices: { open: async (name) => ok(name === 'webgpu' ? gpu(software) : device), close: () => undefined },
      data: {
        ...fakeParts().data,
        prepare: async () => ((await prepare()) ? ok({ warnings: [] } as never) : ok({ warnings: [] } as never)),
      },
      warmUp: async ({ device: { info } }) => void warmed.push(info.title),
    })
  const fine = async () => undefined as never
  const { window } = open(partsWith('no', fine))
  expect(await window.call('run.prepare', { document, device: 'auto' })).toBeNull()
  expect(warmed).toEqual(['GPU'])
  await window.call('run.prepare', { document, device: 'cpu' })
  await window.call('run.start', { document, device: 'cpu' })
  await window.call('run.prepare', { document, device: 'webgpu' })
  expect(warmed).toEqual(['GPU'])
  await open(partsWith('yes', fine)).window.call('run.prepare', { document, device: 'webgpu' })
  const broken = open(partsWith('no', () => Promise.reject(new Error('the file is gone')))).window
  expect(await broken.call('run.prepare', { document, device: 'auto' })).toBeNull()
  expect(warmed).toEqual(['GPU'])
})

test('a start that fails says why and takes the last run from nobody', async () => {
  let prepared = true
  const parts = fakeParts({
    data: {
      ...fakeParts().data,
      prepare: async () => {
        if (prepared) return ok({ warnings: [] } as never)
        throw new ProblemError(problem('csv', 'The file is empty.'))
      },
    },
  })
  const { window } = open(parts)
  await window.call('run.start', { document, device: 'auto' })
  prepared = false
  expect(await window.call('run.start', { document, device: 'auto' })).toMatchObject({
    ok: false,
    problems: [{ message: 'The file is empty.' }],
  })
  expect(
    await window.call('run.start', { document: { ...document, format: 'x' } as never, device: 'auto' }),
  ).toMatchObject({ ok: false, problems: [{ code: 'document' }] })
  prepared = true
  expect(await window.call('run.start', { document, device: 'reference' })).toMatchObject({
    ok: false,
    problems: [{ message: 'It is not on this machine.' }],
  })
  expect(await window.call('run.current', {})).toMatchObject({ progress: { run: '4711.1', state: 'stopped' } })
  expect(parts.runs[0]?.disposed).toBe(0)
})

test('`auto` goes on to the next device when the first is missing', async () => {
  const missing = fail(problem('device', 'No SIMD.'))
  const second = fakeParts({
    devices: { open: async (name) => (name === 'cpu' ? missing : ok(device)), close: () => {} },
  })
  expect(await open(second).window.call('run.start', { document, device: 'auto' })).toMatchObject({ ok: true })
  const none = fakeParts({ devices: { open: async () => missing, close: () => {} } })
  expect(await open(none).window.call('run.start', { document, device: 'auto' })).toMatchObject({ ok: false })
})

test('without a run its buttons say what to do', async () => {
  const { window } = open()
  for (const name of ['run.pause', 'run.resume', 'run.step', 'run.stop'] as const)
    await expect(window.call(name, {})).rejects.toMatchObject({
      code: 'run.none',
      message: 'Nothing is being trained. Press Train to begin.',
    })
})

test('an error of ours fails its call and nothing else', async () => {
  const parts = fakeParts({ openRun: () => Promise.reject(new Error('internal: no entry')) })
  const { window } = open(parts)
  await expect(window.call('run.start', { document, device: 'auto' })).rejects.toMatchObject({ code: 'internal' })
  await expect(window.call('run.start', { document, device: 'auto' })).rejects.toMatchObject({ code: 'internal' })
  expect(await window.call('run.current', {})).toBeNull()
})

test('a window that is slow gets fewer messages with all points, and a reloaded one gets none twice', async () => {
  const { window, parts, connect } = open()
  await window.call('run.start', { document, device: 'auto' })
  const slow: { values: number; credit: () => void }[] = []
  const { port } = connect()
  listen(port, (message) => {
    const { name, payload } = message as { name?: string; payload?: { points: { values: Float64Array }[] } }
    if (name !== 'run.telemetry') return
    slow.push({ values: payload?.points[0]?.values.length ?? 0, credit: () => port.post({ kind: 'credit', name }) })
  })
  for (let i = 0; i < 20; i++) parts.runs[0]?.tell(1)
  await settle()
  expect(slow.map((m) => m.values)).toEqual([1, 1])
  slow[0]?.credit()
  await settle()
  expect(slow.map((m) => m.values)).toEqual([1, 1, 18])
  for (let i = 0; i < 5; i++) parts.runs[0]?.tell(1)
  port.post({ kind: 'call', id: 1, name: 'run.current', args: {} })
  await settle()
  for (const message of slow) message.credit()
  await settle()
  expect(slow).toHaveLength(3)
})

test('malformed and hostile calls leave the engine as it was', async () => {
  const { window, port } = open()
  for (const [name, args] of [
    ['run.start', { document: null, device: 'auto' }],
    ['run.start', { document: [], device: 'auto' }],
    ['run.start', { document: {}, device: '../x' }],
    ['data.open', { handles: 'all' }],
    ['data.open', { handles: [1, {}] }],
    ['data.open', { handles: ['a'], path: '/etc/passwd' }],
    ['run.setLive', { name: 'rate', value: Infinity }],
    ['control.shutdown', {}],
    ['constructor', {}],
  ] as const)
    port.post({ kind: 'call', id: 1, name, args })
  await settle()
  expect(await window.call('run.current', {})).toBeNull()
})

test('shutting down stops the run and closes the devices', async () => {
  const { window, service, parts } = open()
  await window.call('run.start', { document, device: 'auto' })
  await service.shutdown()
  expect(parts.runs[0]?.state).toBe('stopped')
  expect(parts.closed).toBe(true)
  expect(await window.closed).toMatch(/closed the connection/)
})

test('merging keeps every point, the newest histogram of each weight, and nothing of an older run', () => {
  const histogram = (path: string, step: number) => ({ path, step }) as never
  const a = { ...telemetryOf(progressOf('r', 'running', 3), 0, 3), histograms: [histogram('x', 1), histogram('y', 1)] }
  const b = { ...telemetryOf(progressOf('r', 'paused', 5), 3, 5), histograms: [histogram('x', 2)] }
  const merged = mergeTelemetry(a, b)
  expect(merged.progress.state).toBe('paused')
  expect(merged.points).toHaveLength(1)
  expect([...(merged.points[0]?.steps ?? [])]).toEqual([0, 1, 2, 3, 4])
  expect(merged.histograms.map(({ path, step }) => [path, step])).toEqual([
    ['x', 2],
    ['y', 1],
  ])
  const next = telemetryOf(progressOf('other', 'running', 1), 0, 1)
  expect(mergeTelemetry(a, next)).toBe(next)
})

function listen(port: Port, listener: (message: unknown) => void): void {
  port.onMessage(listener)
}

test('looks at the network of the run, shows samples as they stand in the data, and tries an example of one’s own', async () => {
  const { window, parts } = open()
  const cell = { kind: 'cell', truth: 3, predicted: 4, skip: 0 } as const
  const row = { kind: 'row', cells: { a: '1', b: '2' } } as const
  for (const call of [
    window.call('run.evaluate', { part: 'validation' }),
    window.call('run.samples', { part: 'validation', choice: cell }),
    window.call('run.predict', { example: row }),
  ])
    await expect(call).rejects.toMatchObject({ code: 'run.none' })
  await window.call('run.start', { document, device: 'cpu' })
  expect(await window.call('run.samples', { part: 'validation', choice: cell })).toMatchObject({
    ok: false,
    problems: [{ code: 'samples.none' }],
  })
  parts.runs[0]?.tell(7)
  expect(await window.call('run.evaluate', { part: 'validation' })).toMatchObject({ ok: true, value: { step: 7 } })
  expect(await window.call('run.evaluate', { part: 'train' })).toMatchObject({ ok: false })
  // Rows of the source, not indices of the part, are looked up.
  expect(await window.call('run.samples', { part: 'validation', choice: cell })).toMatchObject({
    ok: true,
    value: { total: 2, samples: [{ index: 3 }, { index: 4 }], looks: { lines: [30, 40], cells: [['30'], ['40']] } },
  })
  expect(await window.call('run.predict', { example: row })).toMatchObject({ ok: true, value: { values: [2] } })
  expect(await window.call('run.predict', { example: { kind: 'values', values: [1] } })).toMatchObject({ ok: false })
})

test('predicts a whole file part by part, with the weights of the moment when it began', async () => {
  const asked: { readonly weights: unknown; readonly origin: string }[] = []
  const answered: number[] = []
  let disposed = 0
  let clock = 0
  const { window, service, parts } = open(
    fakeParts({
      // Each look at the clock is so much later.
      now: () => (clock += 30),
      openPredictor: async ({ weights, origin }) => {
        asked.push({ weights: [...weights].map(([name, values]) => [name, ...values]), origin })
        return ok({
          width: 2,
          problems: [],
          predict: async (features, count) => {
            answered.push(count)
            return ok(Float32Array.from({ length: 2 * count }, (_, i) => (features[i >> 1] ?? NaN) + (i % 2) / 2))
          },
          dispose: () => void disposed++,
        })
      },
    }),
  )
  service.grant({ handle: 'h', name: 'new.csv', path: '/new.csv' })
  service.grant({ handle: 'gone', name: 'gone.csv', path: '/gone' })
  await expect(window.call('predict.begin', { handles: ['h'] })).rejects.toMatchObject({ code: 'run.none' })
  await window.call('run.start', { document, device: 'cpu' })
  parts.runs[0]?.tell(7)
  expect(await window.call('predict.begin', { handles: ['gone'] })).toMatchObject({
    ok: false,
    problems: [{ message: '"gone.csv" is gone.' }],
  })
  const begun = await window.call('predict.begin', { handles: ['h'] })
  expect(begun).toMatchObject({
    ok: true,
    value: { name: 'new.csv', count: 5, step: 7, problems: [{ message: 'new.csv was read.' }] },
  })
  expect(asked).toEqual([{ weights: [['fc.weight', 7]], origin: 'The weights of the run' }])
  const id = begun.ok ? begun.value.id : 0
  // Both classes of the spiral are answered.
  expect(await window.call('predict.next', { id })).toEqual({
    ok: true,
    value: {
      done: 5,
      text: ['row,class,first,second', ...[0, 1, 2, 3, 4].map((i) => `${i + 2},second,${i},${i + 0.5}`), ''].join('\n'),
    },
  })
  expect(answered).toEqual([5])
  expect(disposed).toBe(0)
  await window.call('predict.end', { id })
  await settle()
  expect(disposed).toBe(1)
  expect(await window.call('predict.next', { id })).toMatchObject({ ok: false, problems: [{ code: 'predict.over' }] })
})

test('samples say of which rows they are and what the run has learnt by; rows are looked up by themselves', async () => {
  const { window } = open()
  const corrected = { ...document, data: { ...document.data, corrections: { 3: { exclude: true } } } } as const
  const choice = { kind: 'indices', indices: [0] } as const
  const keys = async (of: typeof document) => {
    await window.call('run.start', { document: of, device: 'cpu' })
    await window.call('run.evaluate', { part: 'validation' })
    const chosen = await window.call('run.samples', { part: 'validation', choice })
    return chosen.ok ? [chosen.value.rowsKey, chosen.value.correctionsKey] : []
  }
  const plain = await keys(document)
  expect(plain).toEqual([rowsKey(document.data.source), correctionsKey(document.data)])
  const [rows, corrections] = await keys(corrected)
  expect(rows).toBe(plain[0])
  expect(corrections).toBe(correctionsKey(corrected.data))
  expect(corrections).not.toBe(plain[1])
  expect(await window.call('data.samples', { data: document.data, rows: [3, 9] })).toMatchObject({
    ok: true,
    value: { lines: [3, 9] },
  })
})

test('refuses what asks for too much, or for nothing that there is', async () => {
  const { window } = open()
  const refused = { code: 'rpc.arguments' }
  const many = Array.from({ length: 101 }, (_, i) => i)
  for (const part of ['', 'test', null, '__proto__'])
    await expect(window.call('run.evaluate', { part: part as never })).rejects.toMatchObject(refused)
  for (const choice of [
    { kind: 'indices', indices: many },
    { kind: 'indices', indices: [-1] },
    { kind: 'indices', indices: [0.5] },
    { kind: 'cell', truth: 0, predicted: 0 },
    { kind: 'cell', truth: 0, predicted: 0, skip: 0, more: 1 },
    { kind: 'all' },
    { kind: 'toString' },
    null,
  ])
    await expect(window.call('run.samples', { part: 'train', choice: choice as never })).rejects.toMatchObject(refused)
  for (const example of [
    { kind: 'row', cells: { a: 1 } },
    { kind: 'row', cells: ['1'] },
    { kind: 'row', cells: { a: 'x'.repeat(10_001) } },
    { kind: 'values', values: [NaN] },
    { kind: 'values', values: new Array<number>(200_001).fill(0) },
    { kind: 'values' },
    [],
  ])
    await expect(window.call('run.predict', { example: example as never })).rejects.toMatchObject(refused)
})

test('while another run starts, the one before is not asked', async () => {
  let go: () => void = () => undefined
  const opening = new Promise<void>((resolve) => (go = resolve))
  const inner = fakeParts()
  const { window } = open(
    fakeParts({
      openRun: async (options) => {
        if (options.id.endsWith('2')) await opening
        return inner.openRun(options)
      },
    }),
  )
  await window.call('run.start', { document, device: 'cpu' })
  const second = window.call('run.start', { document, device: 'cpu' })
  await settle()
  const looked = window.call('run.evaluate', { part: 'validation' })
  await settle()
  go()
  await second
  expect(await looked).toMatchObject({ ok: true, value: { run: '4711.2' } })
})
