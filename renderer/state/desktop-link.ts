/** Electron's main process, through the functions that the preload script offers. See protocol/desktop-wire.ts. */
import { ENGINE_PORT, type DesktopBridge } from '../../src/protocol/desktop-wire.ts'
import type { WindowOfEngine } from '../../src/protocol/host-wire.ts'
import { fromBrowserPort } from '../../src/protocol/message-port.ts'
import { Peer } from '../../src/protocol/rpc.ts'
import { messageOf, sentence, type Link, type LinkEvents } from './link.ts'
import type { Platform } from './platform.ts'

export class DesktopLink implements Link {
  readonly platform: Platform
  readonly #bridge: DesktopBridge
  readonly #events: LinkEvents

  constructor(bridge: DesktopBridge, events: LinkEvents) {
    this.#bridge = bridge
    this.#events = events
    this.platform = {
      loadDraft: () => bridge.loadDraft(),
      saveDraft: (text) => bridge.saveDraft(text),
      loadLibrary: () => bridge.loadLibrary(),
      saveLibrary: (title, text, before) => bridge.saveLibrary(title, text, before),
      restartEngine: () => bridge.restartEngine(),
      openDocument: () => bridge.openDocument(),
      saveDocument: (handle, name, text) => bridge.saveDocument(handle, name, text),
      saveTable: async (name, parts) => {
        let handle: string | null = null
        for (const [i, part] of parts.entries()) {
          const written = await bridge.writeTable(handle, name, await part.text(), i === parts.length - 1)
          if (!written?.ok || i === parts.length - 1) return written
          handle = written.value.handle
        }
        return null
      },
      pickFiles: (extensions) => bridge.pickFiles(extensions),
      pickFolder: () => bridge.pickFolder(),
      acceptDrop: (transfer) => bridge.acceptFiles([...transfer.files]),
    }
  }

  start(): void {
    window.addEventListener('message', (event) => {
      const [port] = event.ports
      if (event.source !== window || event.data !== ENGINE_PORT || !port) return
      const ours = fromBrowserPort(port, 'the engine closed the connection')
      this.#events.engineHere(new Peer<WindowOfEngine>(ours, { name: 'the engine' }))
    })
    this.#bridge.onEngineExited((event) => this.#events.engineGone(sentence(event.reason)))
    this.#bridge.onEngineStarted(() => this.#connect())
    this.#bridge.onMenuCommand((event) => this.#events.menuCommand(event.command))
    this.#bridge.onNotice((event) => this.#events.notice(event.problems))
    this.#events.open()
    this.#connect()
  }

  #connect(): void {
    this.#bridge.connectEngine().catch((error: unknown) => this.#events.engineGone(messageOf(error)))
  }
}
