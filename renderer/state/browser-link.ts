/** The loopback host: one WebSocket with two channels, and the browser's own dialogs. See protocol/host-wire.ts. */
import { decodeFrame, encodeFrame } from '../../src/protocol/codec.ts'
import {
  CLIENT_HEADER,
  CLIENT_VALUE,
  CLOSE,
  isChannelFrame,
  isWelcome,
  SESSION_PATH,
  SOCKET_PATH,
  TOKEN_KEY,
  type Channel,
  type SessionAnswer,
  type WindowOfEngine,
  type WindowOfPlatform,
} from '../../src/protocol/host-wire.ts'
import { Peer, RpcError, type Port } from '../../src/protocol/rpc.ts'
import { openDocument, pickFiles, refusalOf, saveDocument, saveTable } from './browser-files.ts'
import { acceptDrop, pickFolder, uploadFiles } from './browser-uploads.ts'
import { sentence, type Link, type LinkEvents } from './link.ts'
import type { Platform } from './platform.ts'

const RETRIES = [500, 1000, 2000, 4000]

export class BrowserLink implements Link {
  readonly platform: Platform
  readonly #events: LinkEvents
  #token: string | null
  #socket: WebSocket | null = null
  #ports = new Map<Channel, ChannelPort>()
  #peer: Peer<WindowOfPlatform> | null = null
  #attempt = 0

  constructor(events: LinkEvents) {
    this.#events = events
    this.#token = takeToken()
    const call: Peer<WindowOfPlatform>['call'] = (name, args) =>
      this.#peer
        ? this.#peer.call(name, args)
        : Promise.reject(new RpcError('The host cannot be reached.', 'rpc.closed'))
    this.platform = {
      loadDraft: () => call('draft.load', {}),
      saveDraft: (text) => call('draft.save', { text }),
      loadLibrary: () => call('library.load', {}),
      saveLibrary: (title, text, before) => call('library.save', { title, text, before }),
      restartEngine: () => call('engine.restart', {}),
      openDocument,
      saveDocument,
      saveTable,
      pickFiles: async (extensions) => uploadFiles(await pickFiles(extensions, true)),
      pickFolder,
      acceptDrop,
    }
  }

  start(): void {
    this.#connect().catch(() => this.#lost('The host cannot be reached.'))
  }

  async #connect(): Promise<void> {
    const response = await fetch(SESSION_PATH.slice(1), {
      method: 'POST',
      headers: { 'content-type': 'application/json', [CLIENT_HEADER]: CLIENT_VALUE },
      body: JSON.stringify({ token: this.#token }),
    })
    if (!response.ok) return this.#events.lost(await refusalOf(response), true)
    this.#token = null
    const { session } = (await response.json()) as SessionAnswer
    const address = new URL(SOCKET_PATH.slice(1), location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    address.hash = ''
    const socket = new WebSocket(address)
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    socket.onopen = () => socket.send(encodeFrame({ hello: session }))
    socket.onmessage = (event) => this.#receive(event.data as ArrayBuffer)
    socket.onclose = (event) => {
      const final = event.code === CLOSE.notKnown || event.code === CLOSE.tooMany
      this.#lost(event.reason === '' ? 'The host has ended.' : sentence(event.reason), final)
    }
  }

  #receive(data: ArrayBuffer): void {
    const frame = decodeFrame(new Uint8Array(data))
    if (!frame.ok) return
    if (isChannelFrame(frame.value)) return this.#ports.get(frame.value.channel)?.deliver(frame.value.message)
    if (isWelcome(frame.value)) this.#welcome(frame.value.welcome.engine, frame.value.welcome.reason)
  }

  #welcome(engine: number | null, reason: string | null): void {
    this.#attempt = 0
    const peer = new Peer<WindowOfPlatform>(this.#openChannel('platform'), { name: 'the host' })
    this.#peer = peer
    peer.on('engine.exited', (event) => this.#events.engineGone(sentence(event.reason)))
    peer.on('engine.started', () => this.#engineHere())
    peer.on('menu.command', (event) => this.#events.menuCommand(event.command))
    peer.on('notice', (event) => this.#events.notice(event.problems))
    this.#events.open()
    if (engine !== null) this.#engineHere()
    else if (reason !== null) this.#events.engineGone(sentence(reason))
  }

  #engineHere(): void {
    this.#events.engineHere(new Peer<WindowOfEngine>(this.#openChannel('engine'), { name: 'the engine' }))
  }

  #openChannel(channel: Channel): ChannelPort {
    this.#ports.get(channel)?.end('another connection took its place')
    const port = new ChannelPort((message) => this.#socket?.send(encodeFrame({ channel, message })))
    this.#ports.set(channel, port)
    return port
  }

  #lost(reason: string, final = false): void {
    for (const port of this.#ports.values()) port.end('the host cannot be reached')
    this.#ports.clear()
    this.#peer = null
    this.#socket = null
    this.#events.lost(reason, final)
    if (final) return
    const delay = RETRIES[Math.min(this.#attempt++, RETRIES.length - 1)]
    setTimeout(() => this.start(), delay)
  }
}

/** One of the channels of the WebSocket, for a Peer. */
class ChannelPort implements Port {
  readonly #send: (message: unknown) => void
  #listener: ((message: unknown) => void) | null = null
  #closers: ((reason: string) => void)[] = []
  #open = true

  constructor(send: (message: unknown) => void) {
    this.#send = send
  }
  post(message: unknown): void {
    if (this.#open) this.#send(message)
  }
  onMessage(listener: (message: unknown) => void): void {
    this.#listener = listener
  }
  onClose(listener: (reason: string) => void): void {
    this.#closers.push(listener)
  }
  close(): void {
    this.#open = false
  }
  deliver(message: unknown): void {
    if (this.#open) this.#listener?.(message)
  }
  end(reason: string): void {
    if (!this.#open) return
    this.#open = false
    for (const closer of this.#closers) closer(reason)
  }
}

/** Takes the token out of the address, so that it stands neither on the screen nor in the history. */
function takeToken(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const token = fragment.get(TOKEN_KEY)
  if (token !== null) history.replaceState(null, '', location.pathname + location.search)
  return token
}
