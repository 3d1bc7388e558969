/** The hidden window of the GPU, from the engine's question to the page's answer, with Electron faked and all else real. */
import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runApp } from '../../electron/app.ts'
import { RemoteDevices } from '../../src/backends/remote/client.ts'
import { serveDevices } from '../../src/backends/remote/server.ts'
import type { Backend, BackendName, Device, DeviceInfo } from '../../src/backends/types.ts'
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import { EngineDevices } from '../../src/node/engine/devices.ts'
import { forkParent, utilityParent } from '../../src/node/engine/parent.ts'
import { fromMessagePort } from '../../src/node/ports.ts'
import { until } from '../helpers/until.ts'
import { FakeElectron, ownFrame, type FakeUtility, type FakeWindow } from './helpers/fake-electron.ts'

let folder: string
let fake: FakeElectron
const open: MessagePort[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))
  mkdirSync(join(folder, 'out/renderer'), { recursive: true })
  writeFileSync(join(folder, 'out/renderer/index.html'), '<!doctype html>')
  fake = new FakeElectron(join(folder, 'data'))
})
afterEach(() => {
  for (const port of open.splice(0)) port.close()
  rmSync(folder, { recursive: true, force: true })
})

const start = (platform: NodeJS.Platform = 'linux') =>
  runApp({ electron: fake.module, out: join(folder, 'out'), env: {}, platform, resources: '' })
const settle = () => new Promise((resolve) => setTimeout(resolve, 20))
const hidden = (): FakeWindow[] => fake.windows.filter((window) => window.urls[0] === 'app://bundle/gpu/index.html')

/** A GPU that can be lost. */
function backend(title: string) {
  const { promise, resolve } = withResolvers<string>()
  const info: DeviceInfo = { backend: 'webgpu', title, facts: {} }
  const disposed: string[] = []
  const device: Device = {
    info,
    lost: promise,
    compile: () => Promise.reject(new Error('not here')),
    dispose: () => void disposed.push(title),
  }
  const gpu: Backend = { name: 'webgpu', title: 'GPU', open: async () => ok(device) }
  return { gpu, lose: resolve, disposed }
}
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  return { promise: new Promise<T>((done) => (resolve = done)), resolve }
}

/** The page of a hidden window: serves the ports that its window was given. */
function page(window: FakeWindow | undefined, gpu: Backend): MessagePort[] {
  return (window?.webContents.posted ?? []).map(({ ports }) => {
    const [port] = ports as [MessagePort]
    open.push(port)
    serveDevices(fromMessagePort(port, 'the engine ended'), { webgpu: async () => gpu })
    return port
  })
}

/** The engine's half of a utility process: what the app posts arrives there, and the other way round. */
function engineOf(utility: FakeUtility, within?: number): EngineDevices {
  const parentPort = new EventEmitter() as EventEmitter & { postMessage(message: unknown): void }
  parentPort.postMessage = (message) => utility.emit('message', message)
  const parent = utilityParent(parentPort as never)
  let given = utility.posted.length
  const post = utility.postMessage.bind(utility)
  utility.postMessage = (message: never, ports: unknown[] = []) => {
    post(message, ports)
    const [last] = utility.posted.slice(given++)
    for (const port of ports as MessagePort[]) open.push(port)
    parentPort.emit('message', { data: last?.message, ports: ports.map(utilityPort) })
  }
  return new EngineDevices(noThread, parent.gpu, within)
}
/** As Electron's: an event with data, where Node's has the data alone. */
function utilityPort(port: unknown) {
  const node = port as MessagePort
  return {
    on: (name: string, listener: (event: unknown) => void) =>
      name === 'close' ? node.on('close', () => listener({})) : node.on('message', (data) => listener({ data })),
    postMessage: (message: unknown) => node.postMessage(message),
    start: () => node.start(),
    close: () => node.close(),
  }
}
const asked: BackendName[] = []
const noThread = {
  open: async (name: BackendName): Promise<Result<Device>> => {
    asked.push(name)
    return fail(problem('test', 'The thread was asked.'))
  },
  close: () => {},
}
const deviceOf = async (opening: Promise<Result<Device>>): Promise<Device> => {
  const opened = await opening
  if (!opened.ok) throw new Error(opened.problems[0]?.message)
  return opened.value
}
const sentenceOf = async (opening: Promise<Result<Device>>): Promise<string | undefined> => {
  const opened = await opening
  return opened.ok ? 'it opened' : opened.problems[0]?.message
}
async function running(within?: number) {
  await start()
  const [utility] = fake.utilities
  if (!utility) throw new Error('no engine')
  return { utility, engine: engineOf(utility, within) }
}

describe('the hidden window', () => {
  test('is not there until the engine asks, and is closed to everything then', async () => {
    const { engine } = await running()
    expect(hidden()).toEqual([])
    const opening = engine.open('webgpu')
    await settle()
    expect(hidden()).toHaveLength(1)
    const [window] = hidden()
    expect(window?.options).toEqual({
      show: false,
      webPreferences: {
        preload: join(folder, 'out/electron/gpu-preload.cjs'),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        backgroundThrottling: false,
      },
    })
    let stopped = false
    window?.webContents.emit('will-navigate', { url: 'https://example.com', preventDefault: () => (stopped = true) })
    expect(stopped).toBe(true)
    expect(window?.webContents.openHandler?.()).toEqual({ action: 'deny' })
    // Nor does it ever come to the front.
    window?.emit('ready-to-show')
    fake.app.emit('second-instance')
    fake.app.emit('activate')
    expect(fake.log.filter((line) => line.startsWith('show'))).toEqual([])
    expect(fake.windows).toHaveLength(2)
    page(window, backend('Graphics').gpu)
    expect((await deviceOf(opening)).info.title).toBe('Graphics')
    expect(asked).toEqual([])
  })

  test('is one for all who ask, and hears nothing of the engine but its port', async () => {
    const { engine, utility } = await running()
    const [first, second] = [engine.open('webgpu'), engine.open('webgpu')]
    await settle()
    expect(hidden()).toHaveLength(1)
    const [window] = hidden()
    expect(window?.webContents.posted.map(({ channel }) => channel)).toEqual(['engine:port'])
    page(window, backend('Graphics').gpu)
    expect((await deviceOf(first)).info).toEqual((await deviceOf(second)).info)
    expect(window?.webContents.sent).toEqual([])
    expect(utility.posted.filter(({ message }) => message.to === 'gpu')).toHaveLength(1)
  })

  test('gets the ports that came while it loaded once it has, in their order', async () => {
    const { promise, resolve } = withResolvers<void>()
    fake.load = (url) => (url.includes('gpu') ? promise : Promise.resolve())
    const { utility } = await running()
    utility.emit('message', { to: 'gpu' })
    utility.emit('message', { to: 'gpu' })
    await settle()
    const [window] = hidden()
    expect(window?.webContents.posted).toEqual([])
    resolve()
    await settle()
    expect(window?.webContents.posted).toHaveLength(2)
    for (const i of [0, 1]) {
      const ours = utility.posted.filter(({ message }) => message.to === 'gpu')[i]?.ports[0] as MessagePort
      const theirs = window?.webContents.posted[i]?.ports[0]
      open.push(ours)
      const got = new Promise((done) => theirs?.on('message', done))
      ours.postMessage(`for ${i}`)
      expect(await got).toBe(`for ${i}`)
    }
    expect(hidden()).toHaveLength(1)
  })

  test('that cannot be loaded is a sentence, and the next one is another', async () => {
    fake.load = (url) => (url.includes('gpu') ? Promise.reject(new Error('ERR_FAILED')) : Promise.resolve())
    const { engine } = await running()
    expect(await sentenceOf(engine.open('webgpu'))).toBe(
      'The device "webgpu" could not be started: "device.open" got no answer from the process of the GPU: the process that held it ended.',
    )
    await until(() => hidden().every((window) => window.isDestroyed()))
    expect(hidden()).toHaveLength(1)
    fake.load = async () => {}
    const opening = engine.open('webgpu')
    await settle()
    page(hidden()[1], backend('Graphics').gpu)
    expect((await deviceOf(opening)).info.title).toBe('Graphics')
  })

  test('that dies loses the device, and who asks again gets another window', async () => {
    const { engine } = await running()
    const opening = engine.open('webgpu')
    await settle()
    const [port] = page(hidden()[0], backend('Graphics').gpu)
    const device = await deviceOf(opening)
    // A process that ends takes its ports with it.
    hidden()[0]?.webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    port?.close()
    expect(await device.lost).toBe(
      'Graphics stopped working: the process that held it ended. Start the training again.',
    )
    expect(hidden()[0]?.isDestroyed()).toBe(true)
    const again = engine.open('webgpu')
    await settle()
    expect(hidden().map((window) => window.isDestroyed())).toEqual([true, false])
    page(hidden()[1], backend('Graphics again').gpu)
    expect((await deviceOf(again)).info.title).toBe('Graphics again')
  })

  test('that loses its GPU is asked for another one', async () => {
    const { engine } = await running()
    const opening = engine.open('webgpu')
    await settle()
    const first = backend('first')
    let current = first
    page(hidden()[0], { name: 'webgpu', title: 'GPU', open: () => current.gpu.open() })
    const device = await deviceOf(opening)
    first.lose('The GPU was lost (a test).')
    expect(await device.lost).toBe('The GPU was lost (a test).')
    current = backend('second')
    expect((await deviceOf(engine.open('webgpu'))).info.title).toBe('second')
    expect(hidden()).toHaveLength(1)
  })

  test('that says nothing does not make the engine wait for ever', async () => {
    // Time enough for the second answer, also on a busy machine.
    const { engine } = await running(3000)
    expect(await sentenceOf(engine.open('webgpu'))).toBe('The GPU did not answer within 3 seconds.')
    const again = engine.open('webgpu')
    await settle()
    // The first port leads nowhere any more; the second one is served.
    page(hidden()[0], backend('Graphics').gpu)
    expect((await deviceOf(again)).info.title).toBe('Graphics')
    expect(hidden()).toHaveLength(1)
  })

  test('goes with the engine, and what it had on the GPU is freed when the port closes', async () => {
    const { engine, utility } = await running()
    utility.say('control.ready', { process: 77 })
    const opening = engine.open('webgpu')
    await settle()
    const graphics = backend('Graphics')
    page(hidden()[0], graphics.gpu)
    await deviceOf(opening)
    engine.close()
    await until(() => graphics.disposed.length > 0)
    expect(graphics.disposed).toEqual(['Graphics'])
    utility.emit('exit', 1)
    await until(() => hidden().every((window) => window.isDestroyed()))
    expect(hidden()).toHaveLength(1)
    expect(fake.windows[0]?.isDestroyed()).toBe(false)
    expect(fake.log).not.toContain('quit')
  })

  test('cannot ask the main process for anything', async () => {
    await running()
    const frame = { ...ownFrame(), url: 'app://bundle/gpu/index.html' }
    for (const channel of fake.handlers.keys())
      await expect(fake.invoke(channel, frame, {})).rejects.toThrow('Only the window itself may ask.')
  })
})

describe('the program', () => {
  test.each(['linux', 'win32'] as const)('on %s ends with the window that people see', async (platform) => {
    await start(platform)
    fake.utilities[0]?.emit('message', { to: 'gpu' })
    await settle()
    fake.windows[0]?.destroy()
    expect(fake.log.filter((line) => line === 'quit')).toEqual(['quit'])
    await settle()
    expect(hidden().map((window) => window.isDestroyed())).toEqual([true])
    // An engine that wants it back makes no window that would keep the program from ending.
    fake.utilities[0]?.emit('message', { to: 'gpu' })
    await settle()
    expect(hidden()).toHaveLength(1)
    fake.app.emit('will-quit', { preventDefault: () => {} })
    await until(() => fake.exited !== undefined)
    expect(fake.exited).toBe(0)
  })

  test('on macOS stays without a window, and goes on computing', async () => {
    await start('darwin')
    fake.utilities[0]?.emit('message', { to: 'gpu' })
    await settle()
    fake.windows[0]?.destroy()
    await settle()
    expect(fake.log).not.toContain('quit')
    expect(hidden().map((window) => window.isDestroyed())).toEqual([false])
    fake.app.emit('activate')
    expect(fake.windows).toHaveLength(3)
    expect(fake.windows[2]?.urls).toEqual(['app://bundle/index.html'])
  })

  test('does not end when only the GPU is closed', async () => {
    const { utility } = await running()
    utility.emit('message', { to: 'gpu' })
    await settle()
    hidden()[0]?.destroy()
    await settle()
    expect(fake.log).not.toContain('quit')
    utility.emit('message', { to: 'gpu' })
    await settle()
    expect(hidden()).toHaveLength(2)
  })
})

describe('without a window', () => {
  test('as a child of Node the engine has the GPU in its thread, and asks nobody', async () => {
    const channel = Object.assign(new EventEmitter(), { sent: [] as unknown[], connected: true })
    const parent = forkParent(
      Object.assign(channel, { send: (message: unknown) => (channel.sent.push(message), true) }) as never,
    )
    expect(parent.gpu).toBeNull()
    asked.length = 0
    const devices = new EngineDevices(noThread, parent.gpu)
    expect(await sentenceOf(devices.open('webgpu'))).toBe('The thread was asked.')
    expect(asked).toEqual(['webgpu'])
    channel.emit('message', { to: 'gpu' })
    expect(channel.sent).toEqual([])
  })

  test('on the desktop everything but the GPU is in the thread', async () => {
    asked.length = 0
    let ports = 0
    const { port1, port2 } = new MessageChannel()
    open.push(port1, port2)
    serveDevices(fromMessagePort(port2, 'the engine ended'), { webgpu: async () => backend('Graphics').gpu })
    const devices = new EngineDevices(noThread, async () => (ports++, fromMessagePort(port1, 'it ended')))
    for (const name of ['cpu', 'reference'] as const) await devices.open(name)
    expect([asked, ports]).toEqual([['cpu', 'reference'], 0])
    expect((await deviceOf(devices.open('webgpu'))).info.title).toBe('Graphics')
    expect([asked, ports]).toEqual([['cpu', 'reference'], 1])
    devices.close()
  })

  test('a client of devices forgets a port that closed', async () => {
    const titles = ['first', 'second']
    const devices = new RemoteDevices('a test', () => {
      const { port1, port2 } = new MessageChannel()
      open.push(port1, port2)
      const gpu = backend(titles.shift() ?? '')
      serveDevices(fromMessagePort(port2, 'the engine ended'), { webgpu: async () => gpu.gpu })
      return fromMessagePort(port1, 'it ended')
    })
    const first = await deviceOf(devices.open('webgpu'))
    open[1]?.close()
    expect(await first.lost).toBe('first stopped working: it ended. Start the training again.')
    expect((await deviceOf(devices.open('webgpu'))).info.title).toBe('second')
    devices.close()
  })
})
