import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EngineSupervisor, exitReason, forkEngine } from '../../src/node/engine-process.ts'
import type { WindowOfEngine } from '../../src/protocol/host-wire.ts'
import { Peer, type Port } from '../../src/protocol/rpc.ts'
import { until } from '../helpers/until.ts'
import { buildEntries, type Built } from './helpers/build.ts'
import { openSession, openTab } from './helpers/client.ts'
import { document } from './helpers/fake-parts.ts'

let built: Built
beforeAll(async () => {
  built = await buildEntries({ 'engine-main': 'test/node/fixtures/engine.ts', 'host-main': 'src/node/host-main.ts' })
}, 300_000)
afterAll(() => built.remove())

const supervisors: EngineSupervisor<Port>[] = []
afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) await supervisor.stop()
})

function open(harm = '') {
  const events: string[] = []
  const env = { ...process.env, TEST_HARM: harm }
  const supervisor = new EngineSupervisor<Port>(() => forkEngine({ entry: built.entry('engine-main'), env }), {
    started: (pid) => events.push(`started ${pid}`),
    exited: (reason) => events.push(reason),
  })
  supervisors.push(supervisor)
  const window = () => {
    const port = supervisor.connect()
    if (!port) throw new Error('no engine')
    return new Peer<WindowOfEngine>(port, { name: 'the engine' })
  }
  return { supervisor, events, window }
}
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the engine as a child of Node', () => {
  test('starts, answers several windows, and ends when asked', async () => {
    const { supervisor, events, window } = open()
    expect(supervisor.reason).toMatch(/not started/)
    expect(supervisor.connect()).toBeNull()
    expect(await supervisor.start()).toEqual({ ok: true, value: null })
    const pid = supervisor.process ?? 0
    expect(events).toEqual([`started ${pid}`])
    const [a, b] = [window(), window()]
    expect((await a.call('engine.info', {})).process).toBe(pid)
    const points: Float64Array[] = []
    b.on('run.telemetry', (telemetry) => points.push(...telemetry.points.map((p) => p.values)))
    await a.call('run.start', { document, device: 'auto' })
    await a.call('run.step', {})
    await until(() => points.length === 1)
    // Typed arrays cross as such.
    expect(points[0]).toEqual(Float64Array.of(1))
    a.close()
    expect(await b.call('run.current', {})).not.toBeNull()
    await supervisor.stop()
    expect(await b.closed).toMatch(/^the engine (ended|closed the connection)$/)
    expect(isAlive(pid)).toBe(false)
    expect(supervisor.reason).toBe('The engine was ended.')
  })

  test('killed, it says why; what waits fails; another one starts and may read the same files', async () => {
    const { supervisor, events, window } = open()
    supervisor.grant({ handle: 'h', name: 'a.csv', path: '/a.csv' })
    await supervisor.start()
    const first = window()
    const waiting = first.call('data.preview', { data: {} as never })
    process.kill(supervisor.process ?? 0, 'SIGKILL')
    await expect(waiting).rejects.toMatchObject({ code: 'rpc.closed' })
    await until(() => events.length === 2)
    expect(events[1]).toMatch(/ended by the system, perhaps because memory ran out/)
    expect(supervisor.process).toBeNull()
    expect(await supervisor.restart()).toEqual({ ok: true, value: null })
    expect(await window().call('data.open', { handles: ['h'], options: null })).toMatchObject({ ok: true })
  })

  test.each([
    ['exit', /ended with code 3/],
    ['abort', /crashed \(SIGABRT\)/],
    ['reject', /error of its own: a promise that nobody waits for\. Start it again\.$/],
    ['throw', /error of its own: an error in a timer\. Start it again\.$/],
  ])('when it ends by %s, the reason is said', async (harm, reason) => {
    const { supervisor, events, window } = open(harm)
    await supervisor.start()
    await expect(window().call('data.preview', { data: {} as never })).rejects.toMatchObject({ code: 'rpc.closed' })
    await until(() => events.length === 2)
    expect(events[1]).toMatch(reason)
  })

  test('one that hangs is ended by force', async () => {
    const { supervisor, window } = open('hang')
    await supervisor.start()
    const pid = supervisor.process ?? 0
    expect(await window().call('data.preview', { data: {} as never })).toMatchObject({ problems: [{ code: 'hang' }] })
    expect((await supervisor.restart()).ok).toBe(true)
    expect(isAlive(pid)).toBe(false)
    expect(supervisor.process).not.toBe(pid)
  })

  test('one that cannot be started is a problem with a sentence', async () => {
    const events: string[] = []
    const supervisor = new EngineSupervisor<Port>(() => forkEngine({ entry: join(built.folder, 'absent.js') }), {
      started: () => {},
      exited: (reason) => events.push(reason),
    })
    const result = await supervisor.start()
    expect(result).toMatchObject({ ok: false, problems: [{ code: 'engine.start' }] })
    expect(events).toHaveLength(1)
  })

  test('every way to end has a sentence', () => {
    const ends = [null, 'SIGKILL', 'SIGSEGV', 'SIGTERM'].flatMap((signal) =>
      [0, 1, 134, null].map((code) => ({ code, signal })),
    )
    for (const end of ends) expect(exitReason(end, null)).toMatch(/^The engine .+\.$/)
    expect(exitReason({ code: 1, signal: null }, 'x.')).toBe(
      'The engine stopped because of an error of its own: x. Start it again.',
    )
    expect(exitReason({ code: null, signal: null, detail: 'no such file' }, null)).toBe(
      'The engine could not be started: no such file.',
    )
  })
})

describe('the host as a program', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))
    mkdirSync(join(built.folder, 'renderer'), { recursive: true })
    writeFileSync(join(built.folder, 'renderer/index.html'), '<!doctype html>')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function start(args: string[] = []) {
    const env = { ...process.env, NEUROLOOM_DATA: folder, NEUROLOOM_TOKEN: 'fixed' }
    const host = spawn(process.execPath, [built.entry('host-main'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
      host.on('exit', (code, signal) => resolve({ code, signal })),
    )
    let errors = ''
    host.stderr.on('data', (data: Buffer) => (errors += data.toString()))
    const ready = new Promise<number>((resolve) => {
      createInterface({ input: host.stdout }).on('line', (line) => {
        const port = /^READY http:\/\/127\.0\.0\.1:(\d+)\/#t=fixed$/.exec(line)?.[1]
        if (port) resolve(Number(port))
      })
    })
    return { host, ended, ready, errors: () => errors }
  }
  async function engineOf(port: number) {
    const known = await openSession(port, 'fixed')
    for (;;) {
      const tab = await openTab(port, known)
      tab.socket.close()
      if (tab.welcome.engine !== null) return tab.welcome.engine
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it and its engine', async (signal) => {
    const { host, ready, ended } = await start()
    const pid = await engineOf(await ready)
    expect(isAlive(pid)).toBe(true)
    host.kill(signal)
    expect(await ended).toEqual({ code: 0, signal: null })
    expect(isAlive(pid)).toBe(false)
  })

  test('even killed outright it leaves no engine behind', async () => {
    const { host, ready, ended } = await start()
    const pid = await engineOf(await ready)
    host.kill('SIGKILL')
    await ended
    await until(() => !isAlive(pid))
  })

  test('a wrong port is refused with a sentence', async () => {
    const wrong = await start(['--port', 'many'])
    expect((await wrong.ended).code).toBe(2)
    expect(wrong.errors()).toMatch(/--port must be a number/)
    const { host, ready, ended } = await start()
    const taken = await start(['--port', String(await ready)])
    expect((await taken.ended).code).toBe(1)
    expect(taken.errors()).toMatch(/is in use\. Choose another with --port/)
    host.kill('SIGTERM')
    await ended
  })
})
