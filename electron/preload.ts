/**
 * The only thing of ours that the page can reach outside of itself: named functions with plain data. No event object, no
 * channel name and nothing of Electron passes through. One bundled file, because the sandbox can load no other.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { BRIDGE, ENGINE_PORT, type DesktopBridge } from '../src/protocol/desktop-wire.ts'
import type { AnswerOf, ArgumentsOf, CallName, PlatformCalls, PlatformEvents } from '../src/protocol/messages.ts'

/** Electron puts its own words before the sentence of an error. */
async function invoke(channel: string, args: unknown): Promise<unknown> {
  try {
    return (await ipcRenderer.invoke(channel, args)) as unknown
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new Error(text.replace(/^Error invoking remote method '[^']*': (\w*Error: )?/, ''), { cause: error })
  }
}

/** Channels are as in security.ts, which must not be bundled in here with what it imports. */
function call<N extends CallName<PlatformCalls>>(
  name: N,
  args: ArgumentsOf<PlatformCalls, N>,
): Promise<AnswerOf<PlatformCalls, N>> {
  return invoke(`platform:${name}`, args) as Promise<AnswerOf<PlatformCalls, N>>
}

function listen<N extends keyof PlatformEvents>(name: N): (listener: (event: PlatformEvents[N]) => void) => () => void {
  return (listener) => {
    const own = (_event: unknown, payload: PlatformEvents[N]) => listener(payload)
    ipcRenderer.on(`event:${name}`, own)
    return () => void ipcRenderer.removeListener(`event:${name}`, own)
  }
}

const bridge: DesktopBridge = {
  loadDraft: () => call('draft.load', {}),
  saveDraft: (text) => call('draft.save', { text }),
  loadLibrary: () => call('library.load', {}),
  saveLibrary: (title, text, before) => call('library.save', { title, text, before }),
  restartEngine: () => call('engine.restart', {}),
  openDocument: () => call('document.open', {}),
  saveDocument: (handle, name, text) => call('document.save', { handle, name, text }),
  writeTable: (handle, name, text, last) => call('table.write', { handle, name, text, last }),
  pickFiles: (extensions) => call('files.pick', { extensions }),
  pickFolder: () => call('files.pickFolder', {}),
  // The page has no paths; Electron tells them, and only of files that a person handed over.
  acceptFiles: (files) =>
    call('files.accept', { paths: (files as File[]).map((file) => webUtils.getPathForFile(file)).filter(Boolean) }),
  connectEngine: () => invoke('engine:connect', {}) as Promise<void>,
  onEngineExited: listen('engine.exited'),
  onEngineStarted: listen('engine.started'),
  onMenuCommand: listen('menu.command'),
  onNotice: listen('notice'),
}

contextBridge.exposeInMainWorld(BRIDGE, bridge)

// A port cannot go over the bridge; it can be handed to the page's own window.
ipcRenderer.on('engine:port', (event) => window.postMessage(ENGINE_PORT, window.location.origin, event.ports))
