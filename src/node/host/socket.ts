/**
 * One browser tab's WebSocket: its first frame must know the session, then its frames go two ways, to the engine (relayed,
 * looked at only for size) and to the platform (answered here). Wire protocol: src/protocol/host-wire.ts.
 */
import type { RawData, WebSocket } from 'ws'
import { platformChecks } from '../../protocol/arguments.ts'
import { decodeFrame, encodeFrame } from '../../protocol/codec.ts'
import {
  CLOSE,
  HELLO_WITHIN,
  isChannelFrame,
  isHello,
  MAX_FRAME,
  type Channel,
  type PlatformOfWindow,
  type Welcome,
} from '../../protocol/host-wire.ts'
import { Peer, RpcError, weigh, type Port } from '../../protocol/rpc.ts'
import type { DraftStore } from '../draft-store.ts'
import type { EngineSupervisor } from '../engine-process.ts'
import type { LibraryStore } from '../library-store.ts'
import { version } from '../version.ts'
import { sameSecret, type Session } from './sessions.ts'

export interface SocketParts {
  readonly session: Session
  readonly supervisor: EngineSupervisor<Port>
  readonly drafts: DraftStore
  readonly library: LibraryStore
}

/** Messages: this many at once, and this many a second in the long run. */
const BURST = 500
const PER_SECOND = 200
/** A tab that takes nothing any more would make the host hold everything. */
const MAX_BEHIND = 128 * 1024 * 1024
const PING_EVERY = 15_000

export class WindowSocket {
  readonly #socket: WebSocket
  readonly #parts: SocketParts
  #platform: { readonly peer: Peer<PlatformOfWindow>; receive: (message: unknown) => void } | null = null
  #engine: Port | null = null
  #allowance = BURST
  #filledAt = Date.now()
  #alive = true

  constructor(socket: WebSocket, parts: SocketParts) {
    this.#socket = socket
    this.#parts = parts
    const hello = setTimeout(() => this.close(CLOSE.notKnown, 'The first message did not come in time.'), HELLO_WITHIN)
    const ping = setInterval(() => this.#ping(), PING_EVERY)
    socket.on('message', (data, isBinary) => {
      clearTimeout(hello)
      this.#receive(data, isBinary)
    })
    socket.on('pong', () => (this.#alive = true))
    // Closed by ws itself afterwards; without a listener it would end the host.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(hello)
      clearInterval(ping)
      this.#engine?.close()
      this.#platform?.peer.close('the window was closed')
    })
  }

  /** A new engine is there: what the window sends from now on goes to it. */
  engineStarted(process: number): void {
    if (!this.#platform) return
    this.#connectEngine()
    this.#platform.peer.emit('engine.started', { process })
  }

  engineExited(reason: string): void {
    this.#engine = null
    this.#platform?.peer.emit('engine.exited', { reason })
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (!this.#allow()) return this.close(CLOSE.tooMany, 'Too many messages came at once.')
    if (!isBinary) return this.close(CLOSE.malformed, 'Only binary messages are understood.')
    const frame = decodeFrame(bytesOf(data))
    if (!this.#platform) {
      if (frame.ok && isHello(frame.value) && sameSecret(frame.value.hello, this.#parts.session.value))
        return this.#welcome()
      return this.close(CLOSE.notKnown, 'The first message did not know the session. Reload the window.')
    }
    if (!frame.ok) return this.#refuse('platform', null, frame.problems[0]?.message ?? '')
    if (!isChannelFrame(frame.value))
      return this.#refuse('platform', null, 'A message must say which channel it is for.')
    const { channel, message } = frame.value
    if (channel === 'platform') return this.#platform.receive(message)
    const heavy = weigh(message, MAX_FRAME)
    if (heavy) return this.#refuse('engine', null, heavy)
    if (this.#engine) return this.#engine.post(message)
    const { kind, id } = (typeof message === 'object' && message !== null ? message : {}) as {
      kind?: unknown
      id?: unknown
    }
    if (kind === 'call')
      this.#refuse('engine', id, this.#parts.supervisor.reason ?? 'The engine is being started.', 'engine.none')
  }

  #welcome(): void {
    let receive: (message: unknown) => void = () => {}
    const port: Port = {
      post: (message) => this.#send('platform', message),
      onMessage: (listener) => (receive = listener),
      onClose: () => {},
      close: () => {},
    }
    const peer = new Peer<PlatformOfWindow>(port, { name: 'the window' })
    this.#platform = { peer, receive }
    this.#answerPlatform(peer)
    this.#connectEngine()
    const { process, reason } = this.#parts.supervisor
    this.#sendBytes(encodeFrame({ welcome: { version, engine: process, reason } } satisfies Welcome))
  }

  #connectEngine(): void {
    const port = this.#parts.supervisor.connect()
    this.#engine = port
    port?.onMessage((message) => {
      if (this.#engine === port) this.#send('engine', message)
    })
    port?.onClose(() => {
      if (this.#engine === port) this.#engine = null
    })
  }

  #answerPlatform(peer: Peer<PlatformOfWindow>): void {
    const { drafts, library, supervisor } = this.#parts
    peer.handle(
      'draft.load',
      async () => {
        const { text, problems } = await drafts.load()
        if (problems.length > 0) peer.emit('notice', { problems })
        return text === null ? null : { text }
      },
      platformChecks['draft.load'],
    )
    peer.handle('draft.save', ({ text }) => drafts.save(text), platformChecks['draft.save'])
    peer.handle(
      'library.load',
      async () => {
        const { blocks, problems } = await library.load()
        if (problems.length > 0) peer.emit('notice', { problems })
        return blocks
      },
      platformChecks['library.load'],
    )
    peer.handle(
      'library.save',
      ({ title, text, before }) => library.save(title, text, before),
      platformChecks['library.save'],
    )
    peer.handle('engine.restart', () => supervisor.restart(), platformChecks['engine.restart'])
    const byPage = (): never => {
      throw new RpcError('In a browser the window opens and saves files by itself.', 'platform.browser')
    }
    peer.handle('document.open', byPage, platformChecks['document.open'])
    peer.handle('document.save', byPage, platformChecks['document.save'])
    peer.handle('table.write', byPage, platformChecks['table.write'])
    peer.handle('files.pick', byPage, platformChecks['files.pick'])
    peer.handle('files.pickFolder', byPage, platformChecks['files.pickFolder'])
    peer.handle('files.accept', byPage, platformChecks['files.accept'])
  }

  #refuse(channel: Channel, id: unknown, message: string, code = 'rpc.malformed'): void {
    this.#send(channel, { kind: 'error', id: typeof id === 'number' ? id : null, error: { message, code } })
  }

  #send(channel: Channel, message: unknown): void {
    let frame: Uint8Array
    try {
      frame = encodeFrame({ channel, message })
    } catch (error) {
      // An answer that cannot be written must not leave its call waiting for ever.
      const { kind, id } = message as { kind?: unknown; id?: unknown }
      if (kind === 'answer')
        this.#refuse(channel, id, error instanceof Error ? error.message : String(error), 'rpc.send')
      return
    }
    this.#sendBytes(frame)
  }

  #sendBytes(frame: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > MAX_BEHIND) return this.#socket.terminate()
    this.#socket.send(frame)
  }

  /** A bucket of messages that fills as time passes. */
  #allow(): boolean {
    const now = Date.now()
    this.#allowance = Math.min(BURST, this.#allowance + ((now - this.#filledAt) / 1000) * PER_SECOND)
    this.#filledAt = now
    return --this.#allowance >= 0
  }

  #ping(): void {
    if (!this.#alive) return this.#socket.terminate()
    this.#alive = false
    this.#socket.ping()
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}
