import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import yaml from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { appMenu, commandsOf, toTemplate } from '../../electron/menu.ts'
import { commandTable } from '../../src/protocol/commands.ts'
import { resolve } from '../../electron/protocol-resolver.ts'
import {
  callChannels,
  contentPolicy,
  eventChannels,
  fuses,
  GPU_PAGE,
  isOwnPage,
  mayAsk,
  mayNavigate,
  mayUse,
  PAGE,
  schemePrivileges,
  webPreferences,
} from '../../electron/security.ts'
import { platformChecks } from '../../src/protocol/arguments.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'electron')
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: withoutComments(readFileSync(join(folder, name), 'utf8')) }))
const all = sources.map(({ text }) => text).join('\n')

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}
function count(pattern: RegExp): number {
  return [...all.matchAll(pattern)].length
}

describe('the window', () => {
  test('has no Node, is isolated and sandboxed, and keeps web security', () => {
    expect(webPreferences('/p.cjs')).toMatchObject({
      preload: '/p.cjs',
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
    })
    expect(webPreferences('')).not.toHaveProperty('enableBlinkFeatures')
  })

  test('may load only what is its own', () => {
    const directives = new Map(
      contentPolicy.split('; ').map((directive) => {
        const [name = '', ...values] = directive.split(' ')
        return [name, values]
      }),
    )
    expect(directives.get('default-src')).toEqual(["'none'"])
    expect(directives.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"])
    expect(directives.get('worker-src')).toEqual(["'self'"])
    for (const name of ['base-uri', 'form-action', 'frame-ancestors', 'object-src'])
      expect(directives.get(name)).toEqual(["'none'"])
    for (const values of directives.values())
      for (const value of values) expect(value).not.toMatch(/\*|https?:|^'unsafe-eval'$/)
    expect(directives.get('script-src')).not.toContain("'unsafe-inline'")
  })

  test('comes from a scheme that goes past no policy', () => {
    expect(schemePrivileges).toMatchObject({ standard: true, secure: true, supportFetchAPI: true, bypassCSP: false })
  })
})

describe('decisions', () => {
  // All names that Electron knows.
  const permissions = (
    'clipboard-read display-capture fullscreen geolocation hid idle-detection keyboardLock media mediaKeySystem midi midiSysex ' +
    'notifications openExternal pointerLock serial speaker-selection storage-access top-level-storage-access usb window-management ' +
    'fileSystem deprecated-sync-clipboard-read background-sync unknown __proto__'
  ).split(' ')

  test('every permission but writing to the clipboard is denied', () => {
    for (const permission of permissions) expect([permission, mayUse(permission, PAGE)]).toEqual([permission, false])
    expect(mayUse('clipboard-sanitized-write', PAGE)).toBe(true)
    expect(mayUse('clipboard-sanitized-write', 'https://example.com')).toBe(false)
  })

  test('of media only the microphone is had, by the page that people see', () => {
    expect(mayUse('media', PAGE, ['audio'])).toBe(true)
    for (const kinds of [[], ['video'], ['audio', 'video'], ['unknown'], [undefined], ['Audio']])
      expect([kinds, mayUse('media', PAGE, kinds)]).toEqual([kinds, false])
    for (const url of [GPU_PAGE, 'https://example.com', 'app://bundle.evil/', ''])
      expect(mayUse('media', url, ['audio'])).toBe(false)
    for (const permission of ['geolocation', 'display-capture', 'mediaKeySystem'])
      expect(mayUse(permission, PAGE, ['audio'])).toBe(false)
  })

  test('only our own page is our own page', () => {
    for (const url of [
      'app://bundle',
      'app://bundle/',
      'app://bundle/index.html',
      'app://bundle/index.html#x',
      'APP://bundle/',
    ])
      expect([url, isOwnPage(url)]).toEqual([url, true])
    const others = [
      '',
      'about:blank',
      'https://example.com',
      'http://bundle/',
      'file:///index.html',
      'app://bundle.evil/',
      'app://bundle.evil/index.html',
      'app://evil/bundle',
      'app://bundle@evil/',
      'app://user@bundle/',
      'app://user:pass@bundle/',
      'app://bundle:8080/',
      'app://BUNDLE.evil/',
      'app:bundle',
      'app:///bundle',
      'apps://bundle/',
      'xapp://bundle/',
      `${'javascript'}:alert(1)//app://bundle/`,
      'data:text/html,app://bundle/',
      'blob:app://bundle/1',
      'https://app://bundle/',
      ' ',
    ]
    for (const url of others) expect([url, mayNavigate(url)]).toEqual([url, false])
    for (const url of others) expect([url, mayAsk(url)]).toEqual([url, false])
  })

  test('only the page that people see may ask, not the one that has the GPU', () => {
    for (const url of [PAGE, 'app://bundle', 'app://bundle/', `${PAGE}#x`])
      expect([url, mayAsk(url)]).toEqual([url, true])
    for (const url of [GPU_PAGE, `${GPU_PAGE}#/index.html`, 'app://bundle/assets/a.js', 'app://bundle/gpu/../gpu/'])
      expect([url, mayAsk(url)]).toEqual([url, false])
  })
})

describe('app://bundle', () => {
  const manifest = new Map([
    ['/', { path: '/out/index.html', type: 'text/html', lasting: false }],
    ['/index.html', { path: '/out/index.html', type: 'text/html', lasting: false }],
    ['/assets/a.js', { path: '/out/assets/a.js', type: 'text/javascript', lasting: true }],
  ])

  test('gives what is listed, with all headers', () => {
    const page = resolve(manifest, 'GET', PAGE)
    expect(page).toMatchObject({ status: 200, path: '/out/index.html' })
    expect(page.headers).toMatchObject({
      'Content-Security-Policy': contentPolicy,
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'Content-Type': 'text/html',
    })
    expect(resolve(manifest, 'GET', 'app://bundle').path).toBe('/out/index.html')
    expect(resolve(manifest, 'GET', 'app://bundle/assets/a.js?v=1#x').path).toBe('/out/assets/a.js')
    expect(resolve(manifest, 'HEAD', PAGE).status).toBe(200)
  })

  test('gives nothing else, and nothing is tidied up into something else', () => {
    const bad = [
      'app://bundle/../index.html',
      'app://bundle/assets/../index.html',
      'app://bundle/./index.html',
      'app://bundle//index.html',
      'app://bundle/%2e%2e/index.html',
      'app://bundle/%2e%2e%2findex.html',
      'app://bundle/..%5cindex.html',
      'app://bundle/\\index.html',
      'app://bundle/index.html%00',
      'app://bundle/index.html\0',
      'app://bundle//etc/passwd',
      'app://bundle/C:/index.html',
      'app://bundle/index.html::$DATA',
      'app://bundle/INDEX.HTML',
      'app://bundle/index.html/',
      'app://bundle/assets/',
      'app://bundle/__proto__',
      'app://other/index.html',
      'app://bundle.evil/index.html',
      'app://user@bundle/index.html',
      'file:///index.html',
      'http://bundle/index.html',
      'nonsense',
      '',
    ]
    for (const url of bad)
      expect([url, resolve(manifest, 'GET', url).status, resolve(manifest, 'GET', url).path]).toEqual([url, 404, null])
    for (const method of ['POST', 'PUT', 'OPTIONS', '']) expect(resolve(manifest, method, PAGE).status).toBe(405)
  })
})

describe('the source', () => {
  test('makes windows in one place and touches the message door in one place', () => {
    expect(count(/new BrowserWindow\(/g)).toBe(1)
    expect(count(/\bBrowserView\b|\bWebContentsView\b/g)).toBe(0)
    expect(count(/\bipcMain\s*\./g)).toBe(0)
    expect(sources.filter(({ text }) => /\.handle\(channel/.test(text)).map(({ name }) => name)).toEqual([
      'ipc-validation.ts',
    ])
    expect(count(/\.(handleOnce|sendSync)\(|ipc\.on\(/g)).toBe(0)
  })

  test('opens nothing outside, has no webview, and turns nothing on that is dangerous', () => {
    expect(count(/openExternal|openPath|showItemInFolder|trashItem/g)).toBe(0)
    expect(count(/<webview|webviewTag: true/g)).toBe(0)
    expect(count(/enableBlinkFeatures|disable-web-security|no-sandbox|ELECTRON_RUN_AS_NODE/g)).toBe(0)
    expect(count(/\beval\(|new Function|executeJavaScript|insertCSS|loadFile\(/g)).toBe(0)
    expect(count(/https?:\/\//g)).toBe(0)
    expect(count(/@electron\/remote|electron\.remote/g)).toBe(0)
  })

  test('sets no switch of Chromium, not for the GPU either, and trusts no driver that Chromium does not', () => {
    expect(count(/commandLine|appendSwitch|appendArgument|enable-unsafe|enable-features|gpu-blocklist/g)).toBe(0)
    expect(count(/3DAPIs|HardwareAcceleration/g)).toBe(0)
    const started = readFileSync(join(root, 'scripts/start.mjs'), 'utf8')
    expect(started).toContain('spawn(electron, [root, ...rest]')
    expect(readFileSync(join(root, 'electron-builder.yml'), 'utf8')).not.toMatch(/executableArgs|--enable/)
  })

  test('imports Electron itself only where it starts and in the preload scripts', () => {
    const runtime = sources
      .filter(({ text }) => /^import (?!type)[^\n]*from 'electron'/m.test(text))
      .map(({ name }) => name)
    expect(runtime.sort()).toEqual(['gpu-preload.ts', 'main.ts', 'preload.ts'])
  })

  test('the preload script of the GPU exposes nothing and hands on ports, to its own page alone', () => {
    const preload = sources.find(({ name }) => name === 'gpu-preload.ts')?.text ?? ''
    expect(preload.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('import '))).toEqual([
      "ipcRenderer.on('engine:port', (event) => window.postMessage(ENGINE_PORT, window.location.origin, event.ports))",
    ])
    const imports = [...preload.matchAll(/^import (?!type)[^\n]*from '([^']+)'/gm)].map((match) => match[1])
    expect(imports.sort()).toEqual(['../src/protocol/desktop-wire.ts', 'electron'])
    const page = readFileSync(join(root, 'renderer/gpu/main.ts'), 'utf8')
    expect(page).toContain('event.source !== window || event.data !== ENGINE_PORT')
  })

  test('the preload script exposes named functions and nothing of Electron', () => {
    const preload = sources.find(({ name }) => name === 'preload.ts')?.text ?? ''
    expect([...preload.matchAll(/exposeInMainWorld\(/g)]).toHaveLength(1)
    const bridge = /const bridge: DesktopBridge = \{([\s\S]*?)\n\}/.exec(preload)?.[1] ?? ''
    expect([...bridge.matchAll(/^ {2}(\w+):/gm)].map((match) => match[1])).toEqual([
      'loadDraft',
      'saveDraft',
      'loadLibrary',
      'saveLibrary',
      'restartEngine',
      'openDocument',
      'saveDocument',
      'writeTable',
      'pickFiles',
      'pickFolder',
      'acceptFiles',
      'connectEngine',
      'onEngineExited',
      'onEngineStarted',
      'onMenuCommand',
      'onNotice',
    ])
    expect(bridge).not.toMatch(/ipcRenderer|event\b.*=>.*event\)/)
    const contract = readFileSync(join(root, 'src/protocol/desktop-wire.ts'), 'utf8')
    expect(contract).not.toMatch(/IpcRendererEvent|path\b.*: string/)
    // Everything but types and two constants would be bundled in.
    const imports = [...preload.matchAll(/^import (?!type)[^\n]*from '([^']+)'/gm)].map((match) => match[1])
    expect(imports.sort()).toEqual(['../src/protocol/desktop-wire.ts', 'electron'])
  })
})

describe('tables', () => {
  test('fuses are those that the builder applies', () => {
    const builder = yaml.load(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as { electronFuses: object }
    expect(builder.electronFuses).toEqual(fuses)
    expect(fuses).toMatchObject({
      runAsNode: false,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    })
  })

  test('every call has a channel and a check, and no two share a channel', () => {
    expect(Object.keys(callChannels).sort()).toEqual(Object.keys(platformChecks).sort())
    const channels = [...Object.values(callChannels), ...Object.values(eventChannels)]
    expect(new Set(channels).size).toBe(channels.length)
    for (const [name, channel] of Object.entries(callChannels)) expect(channel).toBe(`platform:${name}`)
    for (const [name, channel] of Object.entries(eventChannels)) expect(channel).toBe(`event:${name}`)
  })
})

describe('the menu', () => {
  test.each(['linux', 'win32', 'darwin'] as const)('on %s names only commands that the window has', (platform) => {
    const commands = commandsOf(appMenu(platform, true))
    expect(new Set(commands).size).toBe(commands.length)
    for (const command of commands) expect(Object.keys(commandTable)).toContain(command)
  })

  test('leaves keys to the window, and on macOS shows only those that hold everywhere', () => {
    const chosen: string[] = []
    const items = (platform: NodeJS.Platform) =>
      toTemplate(appMenu(platform, true), platform, (command) => chosen.push(command)).flatMap(
        (menu) => menu.submenu as Electron.MenuItemConstructorOptions[],
      )
    for (const item of items('linux')) if (item.accelerator) expect(item.registerAccelerator).toBe(false)
    expect(items('linux').find((item) => item.label === 'Undo')?.accelerator).toBe('CmdOrCtrl+Z')
    expect(items('darwin').find((item) => item.label === 'Undo')?.accelerator).toBeUndefined()
    expect(items('darwin').find((item) => item.label === 'Save')?.accelerator).toBe('CmdOrCtrl+S')
    const save = items('linux').find((item) => item.label === 'Save')
    ;(save?.click as () => void)()
    expect(chosen).toEqual(['document.save'])
  })

  test('the developer tools are not in a packaged app', () => {
    expect(JSON.stringify(appMenu('linux', true))).not.toContain('toggleDevTools')
    expect(JSON.stringify(appMenu('linux', false))).toContain('toggleDevTools')
  })
})
