import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runApp } from '../../electron/app.ts'
import { refuseArguments, refuseSender } from '../../electron/ipc-validation.ts'
import { callChannels } from '../../electron/security.ts'
import { until } from '../helpers/until.ts'
import { FakeElectron, ownFrame } from './helpers/fake-electron.ts'

let folder: string
let fake: FakeElectron
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))
  mkdirSync(join(folder, 'out/renderer/assets'), { recursive: true })
  writeFileSync(join(folder, 'out/renderer/index.html'), '<!doctype html>')
  fake = new FakeElectron(join(folder, 'data'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const start = (env: NodeJS.ProcessEnv = {}) =>
  runApp({ electron: fake.module, out: join(folder, 'out'), env, platform: 'linux', resources: '/app/resources' })
const engine = () => {
  const utility = fake.utilities.at(-1)
  if (!utility) throw new Error('no engine')
  return utility
}
const sent = (channel: string) =>
  fake.windows[0]?.webContents.sent.filter((message) => message[0] === channel).map((message) => message[1])

describe('starting', () => {
  test('sandbox, scheme and lock come before the app is ready, the window after', async () => {
    await start()
    expect(fake.log).toEqual(['enableSandbox', 'privileges', 'lock', 'whenReady', 'new BrowserWindow'])
    expect(fake.privileges).toMatchObject([
      { scheme: 'app', privileges: { standard: true, secure: true, bypassCSP: false } },
    ])
    expect(fake.windows[0]?.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    })
    expect(fake.windows[0]?.options.webPreferences?.preload).toBe(join(folder, 'out/electron/preload.cjs'))
    expect(fake.windows[0]?.urls).toEqual(['app://bundle/index.html'])
  })

  test('a second program ends and brings the first to the front', async () => {
    fake.lock = false
    await start()
    expect(fake.log).toEqual(['enableSandbox', 'privileges', 'lock', 'quit'])
    fake.lock = true
    await start()
    fake.app.emit('second-instance')
    expect(fake.log.at(-1)).toBe('focus')
    expect(fake.windows).toHaveLength(1)
  })

  test('another data folder can be named, and a packaged app finds its models', async () => {
    fake.isPackaged = true
    await start({ NEUROLOOM_DATA: '/elsewhere' })
    expect(fake.log).toContain('setPath userData /elsewhere')
    expect(engine().options.env).toMatchObject({
      NEUROLOOM_DATA: join(folder, 'data'),
      NEUROLOOM_MODELS: join('/app/resources', 'models'),
    })
  })
})

describe('ways out', () => {
  test('navigation, new windows and webviews are stopped for every contents', async () => {
    await start()
    const contents = fake.windows[0]?.webContents
    const tryTo = (name: string, url: string) => {
      let stopped = false
      contents?.emit(name, { url, preventDefault: () => (stopped = true) })
      return stopped
    }
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
      for (const url of [
        'https://example.com',
        'file:///etc/passwd',
        'app://bundle.evil/',
        `${'javascript'}:1`,
        'data:text/html,x',
      ])
        expect([name, url, tryTo(name, url)]).toEqual([name, url, true])
      expect(tryTo(name, 'app://bundle/index.html')).toBe(false)
    }
    expect(tryTo('will-attach-webview', '')).toBe(true)
    expect(contents?.openHandler?.()).toEqual({ action: 'deny' })
  })

  test('permissions are asked of our decision, for requests, checks and devices', async () => {
    await start()
    const own = { getURL: () => 'app://bundle/index.html' }
    const answers: boolean[] = []
    for (const name of ['geolocation', 'media', 'clipboard-sanitized-write'])
      fake.permission.request?.(own, name, (answer: boolean) => answers.push(answer), {})
    expect(answers).toEqual([false, false, true])
    expect(fake.permission.check?.(null, 'usb', 'app://bundle/', {})).toBe(false)
    expect(fake.permission.check?.(null, 'clipboard-sanitized-write', 'https://example.com', {})).toBe(false)
    expect(fake.permission.device?.()).toBe(false)
  })

  test('the microphone is for the page that people see, and the camera for none', async () => {
    await start()
    const page = (path: string) => ({ getURL: () => `app://bundle${path}` })
    const requested = (contents: unknown, mediaTypes: readonly string[] | undefined) => {
      let allowed: boolean | undefined
      const answer = (is: boolean) => void (allowed = is)
      fake.permission.request?.(contents, 'media', answer, mediaTypes && { mediaTypes })
      return allowed
    }
    const checked = (contents: unknown, mediaType?: string, origin = 'app://bundle/') =>
      fake.permission.check?.(contents, 'media', origin, { mediaType })
    const own = page('/index.html')
    expect(requested(own, ['audio'])).toBe(true)
    for (const kinds of [['video'], ['audio', 'video'], ['desktop'], []]) expect(requested(own, kinds)).toBe(false)
    expect(requested(page('/gpu/index.html'), ['audio'])).toBe(false)
    expect(requested({ getURL: () => 'https://example.com' }, ['audio'])).toBe(false)
    expect(checked(own, 'audio')).toBe(true)
    expect(checked(null, 'audio')).toBe(true)
    for (const kind of ['video', 'unknown', undefined]) expect(checked(own, kind)).toBe(false)
    expect(checked(page('/gpu/index.html'), 'audio')).toBe(false)
    expect(checked(own, 'audio', 'https://example.com')).toBe(false)
  })

  test('the bundle is served with its policy, and nothing beside it', async () => {
    await start()
    const page = await fake.respond?.({ url: 'app://bundle/index.html', method: 'GET' })
    expect([page?.status, await page?.text()]).toEqual([200, '<!doctype html>'])
    expect(page?.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect((await fake.respond?.({ url: 'app://bundle/../secret', method: 'GET' }))?.status).toBe(404)
  })
})

describe('messages from the window', () => {
  const good = ownFrame()
  test.each([
    ['no frame', null],
    ['a detached frame', { ...good, detached: true }],
    ['a frame inside', { ...good, parent: good }],
    ['another origin', { ...good, url: 'https://example.com' }],
    ['a look-alike', { ...good, url: 'app://bundle.evil/' }],
    ['the page of the GPU', { ...good, url: 'app://bundle/gpu/index.html' }],
    ['a data address', { ...good, url: 'data:text/html,x' }],
    ['an empty frame', { ...good, url: 'about:srcdoc' }],
  ])('are refused from %s, on every channel', async (_, frame) => {
    await start()
    expect(refuseSender(frame as never)).toMatch(/\.$/)
    for (const channel of fake.handlers.keys())
      await expect(fake.invoke(channel, frame, {})).rejects.toThrow(`${channel} was refused`)
    expect(fake.dialogs).toEqual([])
  })

  test('are refused with wrong arguments', async () => {
    await start()
    const bad: [string, unknown[]][] = [
      [callChannels['draft.save'], []],
      [callChannels['draft.save'], [{ text: 1 }]],
      [callChannels['draft.save'], [{ text: 'x' }, 'more']],
      [callChannels['draft.save'], [{ text: 'x', path: '/etc/passwd' }]],
      [callChannels['document.save'], [{ handle: null, name: 'x'.repeat(10_000_000), text: '' }]],
      [callChannels['document.save'], [{ handle: { toString: () => 'h' }, name: 'x', text: '' }]],
      [callChannels['files.pick'], [{ extensions: ['*', '../x'] }]],
      [callChannels['files.pickFolder'], ['/etc']],
      [callChannels['files.accept'], [{ paths: '/etc/passwd' }]],
      [callChannels['document.open'], ['/etc/passwd']],
      [callChannels['library.load'], [{ title: 'x' }]],
      [callChannels['library.save'], [{ title: 'x'.repeat(10_001), text: null, before: null }]],
      [callChannels['library.save'], [{ title: 'x', text: { length: 1 }, before: null }]],
      ['engine:connect', [{ window: 1 }]],
    ]
    for (const [channel, args] of bad)
      await expect(fake.invoke(channel, ownFrame(), ...args)).rejects.toThrow('was refused')
    expect(refuseArguments([{ deep: Array(10) }], () => null)).toBeNull()
  })

  test('exist for every call and for nothing else', async () => {
    await start()
    expect([...fake.handlers.keys()].sort()).toEqual([...Object.values(callChannels), 'engine:connect'].sort())
  })

  test('keep the draft, and say when it was damaged', async () => {
    await start()
    expect(await fake.invoke(callChannels['draft.load'], ownFrame(), {})).toBeNull()
    expect(await fake.invoke(callChannels['draft.save'], ownFrame(), { text: '{}' })).toEqual({ ok: true, value: null })
    expect(await fake.invoke(callChannels['draft.load'], ownFrame(), {})).toEqual({ text: '{}' })
    writeFileSync(join(folder, 'data/draft/current.draft'), 'damaged')
    expect(await fake.invoke(callChannels['draft.load'], ownFrame(), {})).toBeNull()
    expect(sent('event:notice')).toMatchObject([{ problems: [{ code: 'draft.damaged' }] }])
  })

  test('keep blocks for other drawings, and say when one was damaged', async () => {
    await start()
    const load = () => fake.invoke(callChannels['library.load'], ownFrame(), {})
    const save = (text: string | null, before: string | null) =>
      fake.invoke(callChannels['library.save'], ownFrame(), { title: 'Mine', text, before })
    expect(await load()).toEqual([])
    expect(await save('{}', null)).toMatchObject({ ok: true })
    expect(await load()).toMatchObject([{ title: 'Mine', text: '{}' }])
    expect(await save('{"b": 2}', null)).toMatchObject({ ok: false, problems: [{ code: 'library.changed' }] })
    const library = join(folder, 'data/library')
    writeFileSync(join(library, readdirSync(library)[0] ?? ''), 'damaged')
    expect(await load()).toEqual([])
    expect(sent('event:notice')).toMatchObject([{ problems: [{ code: 'library.damaged' }] }])
  })
})

describe('the engine', () => {
  test('is a utility process whose port goes straight to the frame that asked', async () => {
    await start()
    expect(engine().entry).toBe(join(folder, 'out/node/engine-main.js'))
    expect(engine().options.serviceName).toBe('Neuroloom engine')
    const frame = ownFrame()
    // Nothing is there yet, and nothing is wrong.
    await fake.invoke('engine:connect', frame, {})
    expect(frame.posted).toEqual([])
    engine().say('control.ready', { process: 77 })
    await until(() => sent('event:engine.started')?.length === 1)
    expect(sent('event:engine.started')).toEqual([{ process: 77 }])
    await fake.invoke('engine:connect', frame, {})
    expect(frame.posted).toMatchObject([['engine:port', null, [expect.anything()]]])
    const open = engine().posted.find(({ message }) => message.to === 'open')
    expect(open?.ports).toHaveLength(1)
  })

  test('when it dies the window hears why, and can have another', async () => {
    await start()
    engine().say('control.ready', { process: 77 })
    fake.app.emit('child-process-gone', {}, { name: 'Neuroloom engine', reason: 'oom', exitCode: 1 })
    engine().emit('exit', 1)
    await until(() => sent('event:engine.exited')?.length === 1)
    expect(sent('event:engine.exited')).toMatchObject([{ reason: expect.stringMatching(/ran out of memory/) }])
    await expect(fake.invoke('engine:connect', ownFrame(), {})).rejects.toThrow(/ran out of memory/)
    const restarted = fake.invoke(callChannels['engine.restart'], ownFrame(), {})
    await until(() => fake.utilities.length === 2)
    engine().say('control.ready', { process: 78 })
    expect(await restarted).toEqual({ ok: true, value: null })
    expect(fake.utilities).toHaveLength(2)
  })

  test('a fatal error that names the heap is told as a lack of memory', async () => {
    await start()
    engine().emit('error', 'FatalError', 'v8::internal::Heap', '')
    engine().emit('exit', 133)
    await until(() => sent('event:engine.exited')?.length === 1)
    expect(JSON.stringify(sent('event:engine.exited'))).toMatch(/memory/)
  })

  test('ends with the program, after the last save', async () => {
    await start()
    engine().say('control.ready', { process: 77 })
    void fake.invoke(callChannels['draft.save'], ownFrame(), { text: 'last words' })
    let prevented = false
    fake.app.emit('will-quit', { preventDefault: () => (prevented = true) })
    expect(prevented).toBe(true)
    await until(() => fake.exited !== undefined)
    expect(fake.exited).toBe(0)
    expect(readFileSync(join(folder, 'data/draft/current.draft'), 'utf8')).toContain('last words')
  })
})

describe('files', () => {
  test('the window gets handles and names, never a path', async () => {
    await start()
    const path = join(folder, 'net.json')
    writeFileSync(path, '{"a":1}')
    expect(await fake.invoke(callChannels['document.open'], ownFrame(), {})).toBeNull()
    fake.openAnswer = { canceled: false, filePaths: [path] }
    const opened = (await fake.invoke(callChannels['document.open'], ownFrame(), {})) as { value: { handle: string } }
    expect(opened).toMatchObject({ ok: true, value: { name: 'net.json', text: '{"a":1}' } })
    expect(JSON.stringify(opened)).not.toContain(folder)
    const saved = await fake.invoke(callChannels['document.save'], ownFrame(), {
      handle: opened.value.handle,
      name: 'x',
      text: '{"a":2}',
    })
    expect(saved).toEqual({ ok: true, value: { handle: opened.value.handle, name: 'net.json' } })
    expect(readFileSync(path, 'utf8')).toBe('{"a":2}')
    // Again: what we wrote ourselves is no change by another.
    expect(
      await fake.invoke(callChannels['document.save'], ownFrame(), {
        handle: opened.value.handle,
        name: 'x',
        text: '3',
      }),
    ).toMatchObject({ ok: true })
    writeFileSync(path, 'by another program')
    expect(
      await fake.invoke(callChannels['document.save'], ownFrame(), {
        handle: opened.value.handle,
        name: 'x',
        text: '4',
      }),
    ).toMatchObject({
      ok: false,
      problems: [{ code: 'file.changed' }],
    })
    expect(readFileSync(path, 'utf8')).toBe('by another program')
  })

  test('a forged handle writes nothing', async () => {
    await start()
    const path = join(folder, 'victim.json')
    for (const handle of ['', 'x', path, '../victim.json', '__proto__'])
      expect(
        await fake.invoke(callChannels['document.save'], ownFrame(), { handle, name: 'x', text: 'evil' }),
      ).toMatchObject({
        ok: false,
        problems: [{ code: 'file.handle' }],
      })
    expect(fake.dialogs).toEqual([])
  })

  test('a new file goes where the dialog says, whatever name the window proposes', async () => {
    await start()
    const path = join(folder, 'mine')
    fake.saveAnswer = { canceled: false, filePath: path }
    const saved = await fake.invoke(callChannels['document.save'], ownFrame(), {
      handle: null,
      name: '../../etc/passwd',
      text: '{}',
    })
    expect(saved).toMatchObject({ ok: true, value: { name: 'mine.json' } })
    expect(readFileSync(`${path}.json`, 'utf8')).toBe('{}')
    expect(fake.dialogs[0]).toMatchObject({ defaultPath: 'etc passwd.json' })
    fake.saveAnswer = { canceled: true, filePath: '' }
    expect(
      await fake.invoke(callChannels['document.save'], ownFrame(), { handle: null, name: '', text: '{}' }),
    ).toBeNull()
    expect(fake.dialogs[1]).toMatchObject({ defaultPath: 'network.json' })
  })

  test('what cannot be read or written is said', async () => {
    await start()
    fake.openAnswer = { canceled: false, filePaths: [join(folder, 'gone.json')] }
    expect(await fake.invoke(callChannels['document.open'], ownFrame(), {})).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringMatching(/^"gone\.json" could not be read/) }],
    })
    expect(await fake.invoke(callChannels['files.pick'], ownFrame(), { extensions: ['.csv'] })).toMatchObject({
      ok: false,
    })
    fake.saveAnswer = { canceled: false, filePath: join(folder, 'out', 'renderer') + '/index.html/x.json' }
    expect(
      await fake.invoke(callChannels['document.save'], ownFrame(), { handle: null, name: 'x', text: '{}' }),
    ).toMatchObject({ ok: false, problems: [{ code: 'file.write' }] })
  })

  test('chosen data files are granted to the engine under their handles', async () => {
    await start()
    engine().say('control.ready', { process: 77 })
    const path = join(folder, 'train-images-idx3-ubyte')
    writeFileSync(path, 'data')
    fake.openAnswer = { canceled: false, filePaths: [path] }
    const picked = (await fake.invoke(callChannels['files.pick'], ownFrame(), {
      extensions: ['.csv', '-idx3-ubyte'],
    })) as { value: { handle: string }[] }
    expect(picked).toMatchObject({ ok: true, value: [{ name: 'train-images-idx3-ubyte', size: 4 }] })
    expect(JSON.stringify(picked)).not.toContain(folder)
    const grant = engine()
      .posted.map(({ message }) => message.message)
      .find((message) => message?.name === 'control.grant')
    expect(grant?.args).toEqual({ handle: picked.value[0]?.handle, name: 'train-images-idx3-ubyte', path })
    expect(fake.dialogs[0]).toMatchObject({ filters: [{ extensions: ['*'] }, { extensions: ['csv'] }] })
  })

  test('a chosen folder and what was dropped are granted likewise, and the window learns no path', async () => {
    await start()
    engine().say('control.ready', { process: 77 })
    const path = join(folder, 'cats and dogs')
    mkdirSync(path)
    fake.openAnswer = { canceled: false, filePaths: [path] }
    const chosen = (await fake.invoke(callChannels['files.pickFolder'], ownFrame(), {})) as { value: object[] }
    expect(chosen).toMatchObject({ ok: true, value: [{ name: 'cats and dogs' }] })
    expect(fake.dialogs[0]).toMatchObject({ properties: ['openDirectory'] })
    const dropped = await fake.invoke(callChannels['files.accept'], ownFrame(), { paths: [path] })
    expect(dropped).toMatchObject({ ok: true, value: [{ name: 'cats and dogs' }] })
    expect(JSON.stringify([chosen, dropped])).not.toContain(folder)
    const grants = engine().posted.filter(({ message }) => message.message?.name === 'control.grant')
    expect(grants.map(({ message }) => (message.message?.args as { path: string }).path)).toEqual([path, path])
    const gone = await fake.invoke(callChannels['files.accept'], ownFrame(), { paths: [join(folder, 'gone')] })
    expect(gone).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringMatching(/^"gone" could not be read/) }],
    })
  })
})

test('a chosen menu item reaches the window as a command', async () => {
  await start()
  const items = fake.template.flatMap((menu) => menu.submenu as { label?: string; click?: () => void }[])
  items.find((item) => item.label === 'Train')?.click?.()
  expect(sent('event:menu.command')).toEqual([{ command: 'run.start' }])
})
