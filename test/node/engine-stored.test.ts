/** The engine as it ships, on a machine without memory for examples: sets lie in files, and all else is as ever. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { parseDocument } from '../../src/document/file.ts'
import { EngineSupervisor, forkEngine } from '../../src/node/engine-process.ts'
import type { WindowOfEngine } from '../../src/protocol/host-wire.ts'
import type { RunProgress } from '../../src/protocol/messages.ts'
import { Peer, type Port } from '../../src/protocol/rpc.ts'
import { valueOf } from '../data/files.ts'
import { idxBytes } from '../data/idx.ts'
import { buildEntries, type Built } from './helpers/build.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const COUNT = 300
const SIDE = 28
let built: Built
let folder: string

beforeAll(async () => {
  built = await buildEntries({
    'engine-main': 'src/node/engine-main.ts',
    'device-worker': 'src/node/device-worker.ts',
    'crew-worker': 'src/node/crew-worker.ts',
  })
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))
}, 300_000)
afterAll(() => {
  built.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** A stripe as high as its class, in noise. */
function pictures(): Uint8Array {
  const rng = new Rng(1, 'stripes')
  return Uint8Array.from({ length: COUNT * SIDE * SIDE }, (_, i) => {
    const [picture, row] = [Math.floor(i / (SIDE * SIDE)), Math.floor(i / SIDE) % SIDE]
    const from = 2 * (picture % 10) + 3
    return rng.integer(60) + (row >= from && row < from + 3 ? 180 : 0)
  })
}

const scratch = () => (existsSync(join(folder, 'scratch')) ? readdirSync(join(folder, 'scratch')) : [])

test('a set that is not held is looked at, trained on, evaluated and drawn for, and leaves nothing behind', async () => {
  // Of a session that was killed.
  mkdirSync(join(folder, 'scratch'))
  writeFileSync(join(folder, 'scratch', '999999999-ab.numbers'), 'x')
  const env = { ...process.env, NEUROLOOM_DATA: folder, NEUROLOOM_MODELS: join(root, 'models'), NEUROLOOM_MEMORY: '0' }
  const supervisor = new EngineSupervisor<Port>(() => forkEngine({ entry: built.entry('engine-main'), env }), {
    started: () => {},
    exited: () => {},
  })
  expect(await supervisor.start()).toEqual({ ok: true, value: null })
  const port = supervisor.connect()
  if (!port) throw new Error('no engine')
  const window = new Peer<WindowOfEngine>(port, { name: 'the engine' })
  const ended = new Promise<RunProgress>((resolve) =>
    window.on('run.telemetry', ({ progress }) => {
      if (['finished', 'failed', 'paused'].includes(progress.state)) resolve(progress)
    }),
  )

  const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % 10)
  const given = { images: idxBytes([COUNT, SIDE, SIDE], pictures()), labels: idxBytes([COUNT], labels) }
  for (const [name, bytes] of Object.entries(given)) {
    const path = join(folder, `${name}.idx`)
    writeFileSync(path, bytes)
    supervisor.grant({ handle: name, name: `${name}.idx`, path })
  }
  const { source, facts } = valueOf(await window.call('data.open', { handles: Object.keys(given), options: null }))
  expect(facts.at(-1)).toEqual({
    label: 'Kept',
    value: 'in a file of 235 kB (over the 0 bytes that are held in memory)',
  })
  expect(scratch()).toHaveLength(1)
  expect(scratch()).not.toContain('999999999-ab.numbers')

  const net = readFileSync(join(root, 'models/examples/stroke-digits.json'), 'utf8')
  const example = valueOf(parseDocument(net, 'stroke-digits.json'))
  const data = { ...example.data, source }
  expect(await window.call('data.preview', { data })).toMatchObject({
    ok: true,
    value: { kind: 'pictures', count: COUNT },
  })
  const training = { ...example.training, epochs: 12, batchSize: 16 }
  valueOf(await window.call('run.start', { document: { ...example, data, training }, device: 'cpu' }))
  expect(await ended).toMatchObject({ state: 'finished', epoch: 12 })

  const evaluation = valueOf(await window.call('run.evaluate', { part: 'validation' }))
  if (evaluation.kind !== 'classes') throw new Error('expected classes')
  expect(evaluation.accuracy).toBeGreaterThan(0.9)
  const cell = { kind: 'cell', truth: 3, predicted: 3, skip: 0 } as const
  const { samples, looks } = valueOf(await window.call('run.samples', { part: 'validation', choice: cell }))
  if (looks.kind !== 'pictures') throw new Error('expected pictures')
  const all = pictures()
  samples.forEach(({ row }, i) => {
    expect(row % 10).toBe(3)
    expect(looks.pictures[i]).toEqual(all.slice(row * SIDE * SIDE, (row + 1) * SIDE * SIDE))
  })
  expect(samples.length).toBeGreaterThan(0)
  const ink = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (Math.floor(i / SIDE) >= 21 ? 255 : 0))
  const drawing = { kind: 'drawing', width: SIDE, height: SIDE, ink } as const
  expect(await window.call('run.predict', { example: drawing })).toMatchObject({ ok: true, value: { kind: 'classes' } })

  await supervisor.stop()
  expect(scratch()).toEqual([])
}, 300_000)
