import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { parseDocument } from '../../src/document/file.ts'
import { MOST } from '../../src/document/training.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { EngineSupervisor, forkEngine } from '../../src/node/engine-process.ts'
import { startHost } from '../../src/node/host/server.ts'
import { FILES_PATH, type WindowOfEngine } from '../../src/protocol/host-wire.ts'
import type { RunProgress, RunTelemetry } from '../../src/protocol/messages.ts'
import { Peer, type Port } from '../../src/protocol/rpc.ts'
import { valueOf } from '../data/files.ts'
import { until } from '../helpers/until.ts'
import { buildEntries, type Built } from './helpers/build.ts'
import { http, openSession, openTab, own } from './helpers/client.ts'

// The engine as it ships, in its own process with its own device thread.
const root = fileURLToPath(new URL('../..', import.meta.url))
let built: Built
let folder: string
let supervisor: EngineSupervisor<Port>
let window: Peer<WindowOfEngine>
let telemetry: RunTelemetry[]

beforeAll(async () => {
  built = await buildEntries({
    'engine-main': 'src/node/engine-main.ts',
    'device-worker': 'src/node/device-worker.ts',
    'crew-worker': 'src/node/crew-worker.ts',
    'maker-worker': 'src/node/maker-worker.ts',
  })
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))
  const env = { ...process.env, NEUROLOOM_DATA: folder, NEUROLOOM_MODELS: join(root, 'models') }
  supervisor = new EngineSupervisor<Port>(() => forkEngine({ entry: built.entry('engine-main'), env }), {
    started: () => {},
    exited: () => {},
  })
  expect(await supervisor.start()).toEqual({ ok: true, value: null })
  const port = supervisor.connect()
  if (!port) throw new Error('no engine')
  window = new Peer<WindowOfEngine>(port, { name: 'the engine' })
  telemetry = []
  window.on('run.telemetry', (one) => telemetry.push(one))
}, 300_000)
afterEach(() => window.call('run.stop', {}).catch(() => {}))
afterAll(async () => {
  await supervisor.stop()
  built.remove()
  rmSync(folder, { recursive: true, force: true })
})

function example(name: string): GraphDocument {
  const parsed = parseDocument(readFileSync(join(root, 'models/examples', name), 'utf8'), name)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return parsed.value
}
/** What was told first of which this holds. */
async function told(condition: (progress: RunProgress) => boolean): Promise<RunProgress> {
  const found = () => telemetry.find(({ progress }) => condition(progress))?.progress
  await until(() => found() !== undefined)
  return found() as RunProgress
}
const valuesOf = (name: string) =>
  telemetry.flatMap((one) =>
    one.points.filter((points) => points.name === name).flatMap((points) => [...points.values]),
  )

test('says what it has', async () => {
  const info = await window.call('engine.info', {})
  expect(info.process).toBe(supervisor.process)
  const devices = await window.call('engine.devices', {})
  expect(devices.map((device) => [device.name, device.available])).toEqual([
    ['cpu', true],
    // As the machine has it.
    ['webgpu', expect.any(Boolean)],
    ['reference', true],
  ])
  const [, gpu] = devices
  expect(gpu?.available ? gpu.facts['adapter'] : gpu?.reason).toMatch(/\S/)
  expect(info.optimizers.map((optimizer) => optimizer.type)).toEqual(expect.arrayContaining(['sgd', 'adam']))
  expect(info.generators.length).toBeGreaterThanOrEqual(6)
  const endings = info.readers.flatMap(({ extensions }) => extensions)
  expect(endings).toEqual(expect.arrayContaining(['.csv', '.idx']))
  const csv = info.readers.find(({ type }) => type === 'csv')
  expect(Object.keys(csv?.options ?? {})).toEqual(['delimiter', 'header', 'decimal', 'encoding', 'bad'])
})

test('opens a file that was granted, and shows what is in it', async () => {
  const path = join(folder, 'flowers.csv')
  copyFileSync(join(root, 'models/data/iris.csv'), path)
  supervisor.grant({ handle: 'h', name: 'flowers.csv', path })
  const opened = await window.call('data.open', { handles: ['h'], options: null })
  if (!opened.ok) throw new Error(opened.problems[0]?.message)
  expect(opened.value.source).toMatchObject({ kind: 'table', files: [{ name: 'flowers.csv' }] })
  // The original may go: the copy is found by its content.
  rmSync(path)
  const data = { ...example('iris.json').data, source: opened.value.source }
  expect(await window.call('data.preview', { data })).toMatchObject({ ok: true, value: { kind: 'table', rows: 150 } })
})

test('trains iris to the end, with curves, histograms and a snapshot', async () => {
  telemetry.length = 0
  const iris = example('iris.json')
  const document = { ...iris, training: { ...iris.training, epochs: 30 } }
  const started = await window.call('run.start', { document, device: 'auto' })
  if (!started.ok) throw new Error(started.problems[0]?.message)
  const run = started.value.progress.run
  const end = await told((progress) => progress.run === run && progress.state === 'finished')
  expect(end.epoch).toBe(30)
  const losses = valuesOf('train.loss')
  expect(losses.length).toBeGreaterThan(10)
  expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0)
  const snapshot = await window.call('run.current', {})
  expect(snapshot?.progress.state).toBe('finished')
  expect(snapshot?.histograms.length).toBeGreaterThan(0)
  expect(snapshot?.points.map((points) => points.name)).toEqual(
    expect.arrayContaining(['train.loss', 'validation.loss']),
  )
}, 300_000)

test('trains on pictures that vary, made by threads of their own', async () => {
  telemetry.length = 0
  const digits = example('stroke-digits.json')
  const preparation = { ...digits.data.preparation, augmentation: { seed: 1, rotate: 10 } }
  const document = {
    ...digits,
    data: { ...digits.data, preparation },
    training: { ...digits.training, epochs: 1 },
  }
  const started = valueOf(await window.call('run.start', { document, device: 'cpu' }))
  const { run } = started.progress
  const end = await told((progress) => progress.run === run && progress.state === 'finished')
  // Where they fail the engine does it, and says so.
  expect(end.problems).toEqual([])
}, 300_000)

test('pauses, steps one batch, resumes and stops, and answers all the while', async () => {
  telemetry.length = 0
  const digits = example('stroke-digits.json')
  // So many that it does not come to their end.
  const document = { ...digits, training: { ...digits.training, epochs: MOST.epochs } }
  const started = await window.call('run.start', { document, device: 'cpu' })
  if (!started.ok) throw new Error(started.problems[0]?.message)
  const { run } = started.value.progress
  await told((progress) => progress.run === run && progress.step > 0)
  const paused = await window.call('run.pause', {})
  expect(paused.state).toBe('paused')
  const stepped = await window.call('run.step', {})
  expect([stepped.state, stepped.step]).toEqual(['paused', paused.step + 1])
  expect((await window.call('run.resume', {})).state).toBe('running')
  await told((progress) => progress.run === run && progress.step > stepped.step)
  expect((await window.call('engine.info', {})).process).toBe(supervisor.process)
  expect((await window.call('run.stop', {})).state).toBe('stopped')
}, 300_000)

test('a file that comes up through the host, gzipped, is opened by the engine', async () => {
  mkdirSync(join(folder, 'renderer'))
  writeFileSync(join(folder, 'renderer/index.html'), '')
  const env = { ...process.env, NEUROLOOM_DATA: join(folder, 'host'), NEUROLOOM_MODELS: join(root, 'models') }
  const host = await startHost({
    port: 0,
    rendererFolder: join(folder, 'renderer'),
    dataFolder: join(folder, 'host'),
    token: 'fixed',
    launchEngine: () => forkEngine({ entry: built.entry('engine-main'), env }),
  })
  await host.supervisor.start()
  const known = await openSession(host.port, 'fixed')
  const tab = await openTab(host.port, known)
  const headers = { ...own(host.port), cookie: known.cookie, 'content-type': 'application/octet-stream' }
  const zipped = gzipSync(readFileSync(join(root, 'models/data/iris.csv')))
  const answer = await http(host.port, 'POST', `${FILES_PATH}?name=iris.csv.gz`, headers, zipped)
  const { handle } = JSON.parse(answer.body) as { handle: string }
  const opened = await tab.engine.call('data.open', { handles: [handle], options: null })
  if (!opened.ok) throw new Error(opened.problems[0]?.message)
  expect(opened.value.source).toMatchObject({ files: [{ name: 'iris.csv.gz', size: zipped.length }] })
  const data = { ...example('iris.json').data, source: opened.value.source }
  expect(await tab.engine.call('data.preview', { data })).toMatchObject({ ok: true, value: { rows: 150 } })
  await host.close()
}, 300_000)

test('what does not compile or is not there is a problem with a sentence, not an end', async () => {
  const iris = example('iris.json')
  const broken = await window.call('run.start', {
    document: { ...iris, graph: { blocks: {}, wires: {} } },
    device: 'auto',
  })
  expect(broken).toMatchObject({ ok: false })
  const foreign = await window.call('run.start', { document: { ...iris, version: 99 } as never, device: 'auto' })
  expect(foreign).toMatchObject({ ok: false })
  if (iris.data.source.kind !== 'table') throw new Error('iris is a table')
  const gone = { name: 'gone.csv', size: 1, sha256: 'f'.repeat(64) }
  const data = { ...iris.data, source: { ...iris.data.source, files: [gone] } }
  expect(await window.call('run.start', { document: { ...iris, data }, device: 'auto' })).toMatchObject({
    ok: false,
    problems: [{ code: 'file.missing', message: expect.stringContaining('"gone.csv"') }],
  })
  expect(supervisor.process).not.toBeNull()
})
