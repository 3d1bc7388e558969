/**
 * Everything that decides what the windows may do, as plain data and functions without Electron, so that all of it is
 * tested on Node. Numbers are those of Electron's security checklist.
 */
import type { WebPreferences } from 'electron'
import { contentPolicy, securityHeaders } from '../src/node/content-policy.ts'
import type { CallName, PlatformCalls, PlatformEvents } from '../src/protocol/messages.ts'

export { contentPolicy, securityHeaders }

export const SCHEME = 'app'
export const HOST = 'bundle'
export const ORIGIN = `${SCHEME}://${HOST}`
export const PAGE = `${ORIGIN}/index.html`
/** Of the hidden window that has the GPU. */
export const GPU_PAGE = `${ORIGIN}/gpu/index.html`

/** 18: a scheme of our own behaves like a web origin; it never goes past the content policy. */
export const schemePrivileges = {
  standard: true,
  secure: true,
  supportFetchAPI: true,
  stream: true,
  bypassCSP: false,
  allowServiceWorkers: false,
  corsEnabled: false,
} as const

/** 2, 3, 4, 6, 8, 9, 10, 11. Said in full, so that no default that changes can change them. */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload,
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
    // Curves go on while the window is behind others, and a GPU computes in a window that is never seen.
    backgroundThrottling: false,
  }
}

/** 5: what is not named here is denied, whoever asks. Writing text to the clipboard is how blocks are copied. */
const permissions: readonly string[] = ['clipboard-sanitized-write']

/** `media` says what a request for it is about: the microphone, for clips that one tries, and no camera. */
export function mayUse(permission: string, url: string, media: readonly (string | undefined)[] = []): boolean {
  if (permission === 'media') return mayAsk(url) && media.length > 0 && media.every((kind) => kind === 'audio')
  return permissions.includes(permission) && isOwnPage(url)
}

/** 13: the window stays where it is; loading itself again is no way out. */
export function mayNavigate(url: string): boolean {
  return isOwnPage(url)
}

/** Compares the parts of a parsed address; a look-alike only begins like ours. */
export function isOwnPage(url: string): boolean {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return false
  }
  const { protocol, host, username, password } = parsed
  return protocol === `${SCHEME}:` && host === HOST && username === '' && password === ''
}

/** 17: who may ask the main process for something. Nobody but the page that people see: the GPU's has nothing to ask. */
export function mayAsk(url: string): boolean {
  return isOwnPage(url) && ['', '/', new URL(PAGE).pathname].includes(new URL(url).pathname)
}

/** What the window may ask of the main process: one channel a call. */
export const callChannels: { readonly [N in CallName<PlatformCalls>]: `platform:${N}` } = {
  'draft.load': 'platform:draft.load',
  'draft.save': 'platform:draft.save',
  'library.load': 'platform:library.load',
  'library.save': 'platform:library.save',
  'engine.restart': 'platform:engine.restart',
  'document.open': 'platform:document.open',
  'document.save': 'platform:document.save',
  'table.write': 'platform:table.write',
  'files.pick': 'platform:files.pick',
  'files.pickFolder': 'platform:files.pickFolder',
  'files.accept': 'platform:files.accept',
}
/** What the main process announces to the window. */
export const eventChannels: { readonly [N in keyof PlatformEvents]: `event:${N}` } = {
  'engine.exited': 'event:engine.exited',
  'engine.started': 'event:engine.started',
  'menu.command': 'event:menu.command',
  notice: 'event:notice',
}
export const ENGINE_CONNECT = 'engine:connect'
export const ENGINE_PORT_CHANNEL = 'engine:port'

/** 19. Applied by electron-builder from electron-builder.yml; a test holds the two together. */
export const fuses = {
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  grantFileProtocolExtraPrivileges: false,
  enableCookieEncryption: false,
  loadBrowserProcessSpecificV8Snapshot: false,
} as const
