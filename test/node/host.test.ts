import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startHost, type Host } from '../../src/node/host/server.ts'
import { encodeFrame } from '../../src/protocol/codec.ts'
import { encodeFolderPart, type FolderFile } from '../../src/protocol/folder-part.ts'
import { CLIENT_HEADER, CLIENT_VALUE, CLOSE, FILES_PATH, SESSION_PATH } from '../../src/protocol/host-wire.ts'
import { until } from '../helpers/until.ts'
import { http, openSession, openSocket, openTab, own } from './helpers/client.ts'
import { fakeEngine, type FakeEngine } from './helpers/fake-engine.ts'

let folder: string
let host: Host
let engines: FakeEngine[]
let addresses: string[]
const tokenOf = (address: string) => address.split('#t=')[1] ?? ''

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))
  mkdirSync(join(folder, 'renderer/assets'), { recursive: true })
  writeFileSync(join(folder, 'renderer/index.html'), '<!doctype html><title>Neuroloom</title>')
  writeFileSync(join(folder, 'renderer/assets/index-3f2ab9c1.js'), 'export {}')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  engines = []
  addresses = []
  host = await startHost({
    port: 0,
    rendererFolder: join(folder, 'renderer'),
    dataFolder: join(folder, 'data'),
    maxUpload: 100_000,
    onNewAddress: (address) => addresses.push(address),
    launchEngine: () => {
      const engine = fakeEngine(1000 + engines.length)
      engines.push(engine)
      return engine
    },
  })
  await host.supervisor.start()
})
afterEach(async () => {
  await host.close()
  rmSync(folder, { recursive: true, force: true })
})

const session = () => openSession(host.port, tokenOf(host.address))
const newest = () => engines.at(-1) as FakeEngine

describe('the window', () => {
  test('is served with the headers that keep it apart', async () => {
    const page = await http(host.port, 'GET', '/')
    expect(page.status).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'permissions-policy': expect.stringMatching(/^microphone=\(self\), camera=\(\),/) as string,
    })
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    const script = await http(host.port, 'GET', '/assets/index-3f2ab9c1.js?x=1')
    expect(script).toMatchObject({ status: 200, body: 'export {}' })
    expect(script.headers['cache-control']).toContain('immutable')
    expect((await http(host.port, 'HEAD', '/index.html')).body).toBe('')
  })

  test('comes with no permission for other origins, whatever is asked', async () => {
    const origin = 'https://example.com'
    for (const method of ['GET', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await http(host.port, method, method === 'GET' ? '/' : SESSION_PATH, {
        origin,
        'access-control-request-method': 'POST',
      })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
      if (method !== 'GET') expect(answer.status).toBeGreaterThanOrEqual(400)
    }
  })

  test('has nothing behind 60 ways out of its folder', async () => {
    const ups = [
      '..',
      '%2e%2e',
      '%2E%2e',
      '.%2e',
      '..%00',
      '%c0%ae%c0%ae',
      '..%5c',
      '..\\',
      '%252e%252e',
      '....',
      '..;',
      '...',
    ]
    const targets = ['secret.txt', 'etc/passwd']
    const paths = [
      ...ups.flatMap((up) => targets.flatMap((target) => [`/${up}/${target}`, `/assets/${up}/${up}/${target}`])),
      '//secret.txt',
      '///etc/passwd',
      '/./index.html/../../secret.txt',
      '/C:/Windows/win.ini',
      '/c|/windows/win.ini',
      '//windows/win.ini',
      '/\\\\server\\share',
      '/%5c%5cserver%5cshare',
      '/index.html::$DATA',
      '/index.html.',
      '/INDEX.HTML',
      '/index.html/',
      '/assets',
      '/assets/',
      '/.git/config',
      '/%00',
      '/index.html%00.js',
      `${folder}/secret.txt`,
      `http://127.0.0.1/secret.txt`,
      `file://${folder}/secret.txt`,
      '/__proto__',
      '/constructor',
    ]
    expect(paths.length).toBeGreaterThanOrEqual(60)
    for (const path of paths) {
      const answer = await http(host.port, 'GET', path)
      expect([path, answer.status]).toEqual([path, 404])
      expect(answer.body).not.toContain('secret')
      expect(answer.body).not.toContain(folder)
    }
  })
})

const badHosts = (port: number) => [
  'evil.example',
  `evil.example:${port}`,
  '127.0.0.1',
  'localhost',
  `127.0.0.1:${port + 1}`,
  `127.0.0.1.evil.example:${port}`,
  `localhost.evil.example:${port}`,
  `evil@127.0.0.1:${port}`,
  `127.0.0.1:${port}.evil.example`,
  `[::1]:${port}`,
  `0.0.0.0:${port}`,
  `127.1:${port}`,
  `2130706433:${port}`,
  `LOCALHOST.:${port}`,
  `127.0.0.1:0${port}`,
]
const badOrigins = (port: number) => [
  'null',
  'https://example.com',
  `https://127.0.0.1:${port}`,
  'http://127.0.0.1',
  `http://127.0.0.1:${port + 1}`,
  `http://127.0.0.1:${port}.evil.example`,
  `http://127.0.0.1:${port}@evil.example`,
  `http://evil.example:${port}`,
  `http://localhost:${port}`,
  `http://127.0.0.1:${port}/`,
  `HTTP://127.0.0.1:${port}`,
  `ws://127.0.0.1:${port}`,
  'file://',
  'app://bundle',
  '',
]

describe('other pages and names', () => {
  test('a wrong Host header is refused before anything else, for pages, calls and WebSockets', async () => {
    const { cookie } = await session()
    for (const name of badHosts(host.port)) {
      expect([name, (await http(host.port, 'GET', '/', { host: name })).status]).toEqual([name, 403])
      const origin = `http://${name}`
      expect(
        (await http(host.port, 'POST', SESSION_PATH, { ...own(host.port), host: name, origin }, '{"token":null}'))
          .status,
      ).toBe(403)
      expect(await openSocket(host.port, { host: name, origin, cookie })).toBe(403)
    }
    expect((await http(host.port, 'GET', '/', { host: `localhost:${host.port}` })).status).toBe(200)
  })

  test('two Host headers or none are refused', async () => {
    const raw = (head: string) =>
      new Promise<string>((resolve) => {
        let text = ''
        const socket = connect(host.port, '127.0.0.1', () => socket.write(`${head}\r\n\r\n`))
        socket.on('data', (data) => (text += data.toString()))
        socket.on('close', () => resolve(text.split('\r\n', 1)[0] ?? ''))
        socket.on('error', () => resolve('closed'))
        setTimeout(() => socket.end(), 300)
      })
    expect(await raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nHost: evil.example`)).toMatch(/40[03]|^$/)
    expect(await raw('GET / HTTP/1.1')).toMatch(/40[03]|^$/)
    expect(await raw('GET / HTTP/1.0')).toMatch(/40[03]|^$/)
    expect(await raw('\x16\x03\x01 not http')).not.toMatch(/200/)
  })

  test('a wrong or missing Origin opens no session, no file and no WebSocket', async () => {
    const { cookie } = await session()
    for (const origin of badOrigins(host.port)) {
      const headers = { ...own(host.port), origin, cookie }
      expect([origin, (await http(host.port, 'POST', SESSION_PATH, headers, '{"token":null}')).status]).toEqual([
        origin,
        403,
      ])
      expect(
        (
          await http(
            host.port,
            'POST',
            `${FILES_PATH}?name=a.csv`,
            { ...headers, 'content-type': 'application/octet-stream' },
            'x',
          )
        ).status,
      ).toBe(403)
      expect([origin, await openSocket(host.port, { origin, cookie })]).toEqual([origin, 403])
    }
    const { origin: _, ...without } = own(host.port)
    expect((await http(host.port, 'POST', SESSION_PATH, { ...without, cookie }, '{"token":null}')).status).toBe(403)
    expect(await openSocket(host.port, { cookie })).toBe(403)
  })

  test('a form cannot open a session: the header and the type are needed', async () => {
    const token = tokenOf(host.address)
    const body = JSON.stringify({ token })
    const { [CLIENT_HEADER]: _, ...noHeader } = own(host.port)
    expect((await http(host.port, 'POST', SESSION_PATH, noHeader, body)).status).toBe(403)
    expect(
      (await http(host.port, 'POST', SESSION_PATH, { ...own(host.port), 'content-type': 'text/plain' }, body)).status,
    ).toBe(415)
    for (const bad of ['', 'x', '{}', '[]', 'null', '{"token":1}', '{"token":{}}', 'x'.repeat(5000)])
      expect((await http(host.port, 'POST', SESSION_PATH, own(host.port), bad)).status).toBe(400)
  })
})

describe('the session', () => {
  test('a token is good for one browser; the next one gets a new address', async () => {
    const token = tokenOf(host.address)
    const first = await openSession(host.port, token)
    expect(first.status).toBe(200)
    const cookie = first.answer.headers['set-cookie']?.[0]
    expect(cookie).toMatch(new RegExp(`^neuroloom-${host.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`))
    expect(first.answer.headers['cache-control']).toBe('no-store')
    expect((await openSession(host.port, token)).status).toBe(401)
    expect(addresses).toHaveLength(1)
    expect((await openSession(host.port, tokenOf(addresses[0] ?? ''))).status).toBe(200)
  })

  test('no token, a wrong one and one of an earlier start are refused with what to do', async () => {
    for (const token of [
      null,
      '',
      'x',
      'A'.repeat(43),
      tokenOf(host.address).slice(0, -1),
      `${tokenOf(host.address)}x`,
    ]) {
      const { status, answer, cookie } = await openSession(host.port, token)
      expect([status, cookie]).toEqual([401, ''])
      expect(answer.body).toMatch(/start it again/)
    }
  })

  test('after a reload the cookie answers for itself', async () => {
    const first = await session()
    const again = await openSession(host.port, null, first.cookie)
    expect([again.status, again.session]).toEqual([200, first.session])
    expect((await openTab(host.port, again)).welcome.engine).toBe(1000)
  })

  test('a cookie alone, or a session value alone, opens nothing', async () => {
    const { cookie, session: value } = await session()
    const origin = `http://127.0.0.1:${host.port}`
    expect(await openSocket(host.port, { origin })).toBe(401)
    expect(await openSocket(host.port, { origin, cookie: `neuroloom-${host.port}=${value}` })).toBe(401)
    expect(await openSocket(host.port, { origin, cookie }, '/other')).toBe(404)
    await expect(openTab(host.port, { cookie, session: 'guessed' })).rejects.toThrow(/did not know the session/)
    await expect(openTab(host.port, { cookie, session: '' })).rejects.toThrow(/did not know the session/)
  })

  test('a socket that says nothing is closed', async () => {
    const { cookie } = await session()
    const socket = await openSocket(host.port, { origin: `http://127.0.0.1:${host.port}`, cookie })
    if (typeof socket === 'number') throw new Error('refused')
    const code = await new Promise((resolve) => socket.on('close', resolve))
    expect(code).toBe(CLOSE.notKnown)
  })

  test('several tabs work beside each other, and a ninth is told why not', async () => {
    const known = await session()
    const tabs = await Promise.all(Array.from({ length: 8 }, () => openTab(host.port, known)))
    for (const [i, tab] of tabs.entries())
      expect(await tab.engine.call('run.setLive', { name: 'rate', value: i })).toEqual({ step: i })
    await expect(openTab(host.port, known)).rejects.toThrow(/Too many windows/)
    tabs[0]?.socket.close()
    await tabs[0]?.closed
    await until(() => newest().windows.length === 8)
    expect((await openTab(host.port, known)).welcome.engine).toBe(1000)
  })
})

describe('what goes through', () => {
  test('calls, events and numbers reach the engine and come back exactly', async () => {
    const tab = await openTab(host.port, await session())
    const seen: unknown[] = []
    tab.engine.on('run.telemetry', (telemetry) => seen.push(telemetry.points[0]?.values))
    expect(await tab.engine.call('run.setLive', { name: 'rate', value: 0.5 })).toEqual({ step: 0.5 })
    const values = Float64Array.of(1, NaN, Infinity)
    newest().windows[0]?.emit('run.telemetry', { points: [{ name: 'loss', steps: values, values }] } as never)
    await until(() => seen.length === 1)
    expect(seen[0]).toEqual(values)
  })

  test('an answer that no frame can hold is an error, not silence', async () => {
    const tab = await openTab(host.port, await session())
    newest().windows[0]?.handle('engine.info', () => new Map() as never)
    await expect(tab.engine.call('engine.info', {})).rejects.toMatchObject({ code: 'rpc.send' })
  })

  test('drafts are kept across tabs and hosts', async () => {
    const known = await session()
    const tab = await openTab(host.port, known)
    expect(await tab.platform.call('draft.load', {})).toBeNull()
    expect(await tab.platform.call('draft.save', { text: '{"a": 1}' })).toEqual({ ok: true, value: null })
    expect(await (await openTab(host.port, known)).platform.call('draft.load', {})).toEqual({ text: '{"a": 1}' })
  })

  test('a damaged draft is said', async () => {
    mkdirSync(join(folder, 'data/draft'), { recursive: true })
    writeFileSync(join(folder, 'data/draft/current.draft'), 'damaged')
    const tab = await openTab(host.port, await session())
    const notices: string[] = []
    tab.platform.on('notice', ({ problems }) => notices.push(...problems.map((p) => p.code)))
    expect(await tab.platform.call('draft.load', {})).toBeNull()
    expect(notices).toEqual(['draft.damaged'])
  })

  test('kept blocks are there for another tab and another host, and two tabs undo nothing of each other', async () => {
    const known = await session()
    const [a, b] = [await openTab(host.port, known), await openTab(host.port, known)]
    const save = (tab: typeof a, title: string, text: string) =>
      tab.platform.call('library.save', { title, text, before: null })
    const answers = await Promise.all([
      save(a, 'One', '1'),
      save(b, 'Two', '2'),
      save(a, 'Both', 'a'),
      save(b, 'Both', 'b'),
    ])
    expect(answers.map((answer) => answer.ok)).toEqual([true, true, true, false])
    expect(answers[3]).toMatchObject({ problems: [{ code: 'library.changed' }] })
    const other = await startHost({
      port: 0,
      rendererFolder: join(folder, 'renderer'),
      dataFolder: join(folder, 'data'),
      launchEngine: () => fakeEngine(2000),
    })
    const tab = await openTab(other.port, await openSession(other.port, tokenOf(other.address)))
    const blocks = await tab.platform.call('library.load', {})
    expect(blocks.map(({ title, text }) => [title, text]).sort()).toEqual([
      ['Both', 'a'],
      ['One', '1'],
      ['Two', '2'],
    ])
    await other.close()
  })

  test('a damaged kept block is said', async () => {
    mkdirSync(join(folder, 'data/library'), { recursive: true })
    writeFileSync(join(folder, 'data/library', `${'0'.repeat(64)}.block`), 'damaged')
    const tab = await openTab(host.port, await session())
    const notices: string[] = []
    tab.platform.on('notice', ({ problems }) => notices.push(...problems.map((p) => p.code)))
    expect(await tab.platform.call('library.load', {})).toEqual([])
    expect(notices).toEqual(['library.damaged'])
  })

  test('calls with wrong arguments and calls of the desktop are refused', async () => {
    const { platform } = await openTab(host.port, await session())
    await expect(platform.call('draft.save', { text: 1 } as never)).rejects.toMatchObject({ code: 'rpc.arguments' })
    await expect(platform.call('draft.save', { text: '', path: '/etc/passwd' } as never)).rejects.toMatchObject({
      code: 'rpc.arguments',
    })
    await expect(platform.call('document.open', {})).rejects.toMatchObject({ code: 'platform.browser' })
  })

  test('the end of the engine is said, calls fail meanwhile, and another one is started', async () => {
    const tab = await openTab(host.port, await session())
    const events: unknown[] = []
    tab.platform.on('engine.exited', (event) => events.push(event.reason))
    tab.platform.on('engine.started', (event) => events.push(event.process))
    newest().die({ code: null, signal: 'SIGKILL' })
    await until(() => events.length === 1)
    expect(events[0]).toMatch(/ended by the system/)
    await expect(tab.engine.call('run.current', {})).rejects.toMatchObject({ code: 'engine.none' })
    expect(await tab.platform.call('engine.restart', {})).toEqual({ ok: true, value: null })
    await until(() => events.length === 2)
    expect(events[1]).toBe(1001)
    expect(await tab.again().call('run.current', {})).toBeNull()
  })
})

describe('hostile messages', () => {
  test('5,000 malformed ones end neither host nor engine', async () => {
    const known = await session()
    let tab = await openTab(host.port, known)
    let state = 5
    const random = (n: number) => (state = Math.imul(state, 48271) >>> 1) % n
    const good = encodeFrame({ channel: 'engine', message: { kind: 'call', id: 1, name: 'run.current', args: {} } })
    for (let i = 0; i < 5000; i++) {
      if (tab.socket.readyState !== tab.socket.OPEN) {
        await tab.closed
        tab = await openTab(host.port, known)
      }
      const frame = Buffer.from(good)
      for (let k = 0; k < 1 + random(4); k++) frame[random(frame.length)] = random(256)
      tab.socket.send(i % 3 === 0 ? frame.subarray(0, random(frame.length)) : frame)
      // The limit of messages a second is part of the defence; here it would hide the rest.
      if (i % 400 === 399) {
        tab.socket.close()
        await tab.closed
        tab = await openTab(host.port, known)
      }
    }
    tab.socket.close()
    await tab.closed
    const fresh = await openTab(host.port, known)
    expect(await fresh.engine.call('run.current', {})).toBeNull()
    expect(engines).toHaveLength(1)
  }, 300_000)

  test('a malformed frame is answered with a sentence', async () => {
    const tab = await openTab(host.port, await session())
    tab.socket.send(Buffer.from('not a frame at all, but long enough'))
    tab.socket.send(encodeFrame({ no: 'channel' }))
    let deep: unknown = 0
    for (let i = 0; i < 100; i++) deep = { deep }
    tab.socket.send(encodeFrame({ channel: 'engine', message: deep }))
    await until(() => tab.frames.length === 3)
    const texts = tab.frames.map((frame) => (frame.message as { error: { message: string } }).error.message)
    expect(texts[0]).toMatch(/does not begin with NLF1/)
    expect(texts[1]).toMatch(/which channel/)
    expect(texts[2]).toMatch(/64 levels/)
  })

  test('text, floods and oversized frames close the connection, and only that one', async () => {
    const known = await session()
    const bystander = await openTab(host.port, known)
    const text = await openTab(host.port, known)
    text.socket.send('{"channel":"engine"}')
    expect((await text.closed).code).toBe(CLOSE.malformed)
    const flood = await openTab(host.port, known)
    for (let i = 0; i < 5000; i++) flood.socket.send(encodeFrame({ channel: 'engine', message: 0 }))
    expect((await flood.closed).code).toBe(CLOSE.tooMany)
    const large = await openTab(host.port, known)
    large.socket.send(Buffer.alloc(17 * 1024 * 1024))
    expect((await large.closed).code).toBe(1009)
    expect(await bystander.engine.call('run.current', {})).toBeNull()
  })
})

describe('files that come up', () => {
  const upload = (name: string, body: string | Buffer, headers: object) =>
    http(
      host.port,
      'POST',
      `${FILES_PATH}?name=${encodeURIComponent(name)}`,
      { ...own(host.port), 'content-type': 'application/octet-stream', ...headers },
      body,
    )

  test('become a handle that the engine knows, and are gone with the host', async () => {
    const { cookie } = await session()
    const answer = await upload('my data ü.csv', 'a,b\n1,2\n', { cookie })
    expect(answer.status).toBe(200)
    const file = JSON.parse(answer.body) as { handle: string; name: string; size: number }
    expect(file).toMatchObject({ name: 'my data ü.csv', size: 8 })
    await until(() => newest().granted.length === 1)
    const granted = newest().granted[0]
    expect(granted?.handle).toBe(file.handle)
    expect(readFileSync(granted?.path ?? '', 'utf8')).toBe('a,b\n1,2\n')
    // A new engine is told again.
    await host.supervisor.restart()
    await until(() => newest().granted.length === 1)
    await host.close()
    expect(readdirSync(join(folder, 'data/incoming'))).toEqual([])
  })

  test('need the cookie, the header and a name that is one', async () => {
    const { cookie } = await session()
    expect((await upload('a.csv', 'x', {})).status).toBe(401)
    expect((await upload('a.csv', 'x', { cookie, [CLIENT_HEADER]: 'other' })).status).toBe(403)
    expect(
      (await upload('a.csv', 'x', { cookie, [CLIENT_HEADER]: CLIENT_VALUE, 'content-type': 'text/plain' })).status,
    ).toBe(415)
    for (const name of ['', '..', '../a.csv', 'a/b', 'a\\b', 'a\0', 'a\n', 'x'.repeat(256)])
      expect((await upload(name, 'x', { cookie })).status).toBe(400)
    expect(
      (
        await http(
          host.port,
          'POST',
          FILES_PATH,
          { ...own(host.port), 'content-type': 'application/octet-stream', cookie },
          'x',
        )
      ).status,
    ).toBe(400)
    expect(newest().granted).toEqual([])
  })

  describe('as a folder', () => {
    const part = (query: string, files: readonly FolderFile[] | Buffer, headers: object) =>
      http(
        host.port,
        'POST',
        `${FILES_PATH}?${query}`,
        { ...own(host.port), 'content-type': 'application/octet-stream', ...headers },
        Buffer.isBuffer(files) ? files : Buffer.from(encodeFolderPart(files)),
      )
    const file = (path: string, text: string): FolderFile => ({ path, bytes: new TextEncoder().encode(text) })

    test('come in parts and lie as they lay', async () => {
      const { cookie } = await session()
      const first = await part('folder=cats', [file('a/1.png', 'one'), file('ü.txt', '')], { cookie })
      expect(first.status).toBe(200)
      const { handle } = JSON.parse(first.body) as { handle: string }
      const second = await part(`folder=cats&handle=${handle}`, [file('a/b/2.png', 'two!')], { cookie })
      expect(JSON.parse(second.body)).toEqual({ handle, name: 'cats', size: 7 })
      await until(() => newest().granted.length === 2)
      const path = newest().granted[1]?.path ?? ''
      const lying = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      expect(lying.map(({ name }) => name).sort()).toEqual(['1.png', '2.png', 'ü.txt'])
      expect(readFileSync(join(path, 'a/b/2.png'), 'utf8')).toBe('two!')
    })

    test('stay below it, are whole and not too large', async () => {
      const { cookie } = await session()
      for (const path of ['../x', 'a/../../x', '/etc/x', 'a//x', '', 'a\\x', 'a/\0', 'x/'.repeat(20) + 'x'])
        expect((await part('folder=cats', [file(path, 'x')], { cookie })).status, path).toBe(400)
      expect((await part('folder=..', [file('x', 'x')], { cookie })).status).toBe(400)
      expect((await part('folder=cats&handle=other', [file('x', 'x')], { cookie })).status).toBe(404)
      expect((await part('folder=cats', Buffer.from('nothing of the kind'), { cookie })).status).toBe(400)
      expect((await part('folder=cats', [file('x', 'x'.repeat(100_001))], { cookie })).status).toBe(413)
      expect((await part('folder=cats', [file('x', 'x')], {})).status).toBe(401)
      expect(newest().granted).toEqual([])
    })
  })

  test('may not be larger than allowed, whether they say so or not', async () => {
    const { cookie } = await session()
    const large = Buffer.alloc(100_001)
    expect((await upload('a.csv', large, { cookie })).status).toBe(413)
    const chunked = await upload('a.csv', large, { cookie, 'transfer-encoding': 'chunked' }).catch(() => ({
      status: 413,
    }))
    expect(chunked.status).toBe(413)
    const left = join(folder, 'data/incoming')
    const lying = readdirSync(left, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(lying).toEqual([])
  })
})

test('two hosts do not disturb each other, and a port in use is said', async () => {
  const other = {
    rendererFolder: join(folder, 'renderer'),
    dataFolder: join(folder, 'data2'),
    launchEngine: () => fakeEngine(1),
  }
  await expect(startHost({ ...other, port: host.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const second = await startHost({ ...other, port: 0, token: 'fixed' })
  expect((await openSession(second.port, 'fixed')).status).toBe(200)
  expect((await openSession(second.port, 'fixed')).status).toBe(200)
  expect((await openSession(host.port, 'fixed')).status).toBe(401)
  await second.close()
})
