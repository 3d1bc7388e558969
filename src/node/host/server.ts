/**
 * The loopback host: the same window in a browser tab. It listens on this computer only, serves the built window, answers
 * the platform's calls itself and relays the engine's. How a page talks to it is written in src/protocol/host-wire.ts;
 * what it defends against in the head comments of guard.ts (other pages, rebinding) and sessions.ts (other users).
 */
import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import {
  CLOSE,
  FILES_PATH,
  MAX_FRAME,
  MAX_UPLOAD,
  SESSION_PATH,
  SOCKET_PATH,
  TOKEN_KEY,
  type Refusal,
  type SessionAnswer,
} from '../../protocol/host-wire.ts'
import type { Port } from '../../protocol/rpc.ts'
import { securityHeaders } from '../content-policy.ts'
import { DraftStore } from '../draft-store.ts'
import { EngineSupervisor, type EngineChild } from '../engine-process.ts'
import { LibraryStore } from '../library-store.ts'
import { listFiles, lookUp, type Manifest } from '../static-files.ts'
import { checkClient, checkHost, checkOrigin, type Refused } from './guard.ts'
import { Sessions } from './sessions.ts'
import { WindowSocket } from './socket.ts'
import { Uploads } from './uploads.ts'

export interface HostOptions {
  /** 0 for any that is free. */
  readonly port: number
  readonly rendererFolder: string
  readonly dataFolder: string
  readonly launchEngine: () => EngineChild<Port>
  /** For tests; otherwise a new one each start. */
  readonly token?: string
  /** A token was used up; this address opens another browser. */
  readonly onNewAddress?: (address: string) => void
  readonly maxUpload?: number
}

const MAX_SOCKETS = 8
const MAX_SESSION_BODY = 4096

export interface Host {
  /** With the token; for the person. */
  readonly address: string
  readonly port: number
  readonly supervisor: EngineSupervisor<Port>
  close(): Promise<void>
}

export async function startHost(options: HostOptions): Promise<Host> {
  // First, because it fails when nothing is built yet.
  const manifest = listFiles(options.rendererFolder)
  const server = createServer({ maxHeaderSize: 16 * 1024, requireHostHeader: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return new LoopbackHost(server, manifest, options)
}

class LoopbackHost implements Host {
  readonly port: number
  readonly supervisor: EngineSupervisor<Port>
  readonly #server: Server
  readonly #manifest: Manifest
  readonly #sessions: Sessions
  readonly #uploads: Uploads
  readonly #drafts: DraftStore
  readonly #library: LibraryStore
  readonly #windows = new Set<WindowSocket>()
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME, perMessageDeflate: false })

  constructor(server: Server, manifest: Manifest, options: HostOptions) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    this.#manifest = manifest
    this.#sessions = new Sessions(this.port, options.token, () => options.onNewAddress?.(this.address))
    this.#uploads = new Uploads(options.dataFolder, options.maxUpload ?? MAX_UPLOAD)
    this.#drafts = new DraftStore(options.dataFolder)
    this.#library = new LibraryStore(options.dataFolder)
    this.supervisor = new EngineSupervisor(options.launchEngine, {
      started: (process) => this.#windows.forEach((window) => window.engineStarted(process)),
      exited: (reason) => this.#windows.forEach((window) => window.engineExited(reason)),
    })
    server.on('request', (request, response) => void this.#answer(request, response))
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    // What is no HTTP gets no answer that could be read as one of another protocol.
    server.on('clientError', (_error, socket) => socket.destroy())
    void this.#uploads.sweep(Date.now())
    void this.supervisor.start()
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}/#${TOKEN_KEY}=${this.#sessions.token}`
  }

  async close(): Promise<void> {
    for (const window of this.#windows) window.close(CLOSE.ending, 'Neuroloom was ended.')
    await this.supervisor.stop()
    this.#sockets.close()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    for (const client of this.#sockets.clients) client.terminate()
    await closed
    await this.#uploads.remove()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    try {
      const refused = checkHost(request, this.port)
      if (refused) return refuse(response, refused)
      if (request.method === 'GET' || request.method === 'HEAD') return this.#serveFile(request, response)
      const path = (request.url ?? '').split('?', 1)[0]
      if (request.method === 'POST' && path === SESSION_PATH) return await this.#openSession(request, response)
      if (request.method === 'POST' && path === FILES_PATH) return await this.#receiveFile(request, response)
      refuse(response, { status: request.method === 'POST' ? 404 : 405, message: 'There is nothing here.' })
    } catch {
      // No detail: it could hold a path.
      refuse(response, { status: 500, message: 'The host could not do this. Try again.' })
    }
  }

  #serveFile(request: IncomingMessage, response: ServerResponse): void {
    const file = lookUp(this.#manifest, request.url ?? '')
    if (!file) return refuse(response, { status: 404, message: 'There is nothing here.' })
    response.setHeader('Content-Type', file.type)
    response.setHeader('Cache-Control', file.lasting ? 'private, max-age=31536000, immutable' : 'no-cache')
    response.statusCode = 200
    if (request.method === 'HEAD') return void response.end()
    const stream = createReadStream(file.path)
    // Rebuilt meanwhile: the page must be loaded anew.
    stream.on('error', () => {
      if (response.headersSent) response.destroy()
      else refuse(response, { status: 404, message: 'This file is no longer there. Reload the page.' })
    })
    stream.pipe(response)
  }

  async #openSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store')
    const refused = checkOrigin(request) ?? checkClient(request, 'application/json')
    if (refused) return refuse(response, refused)
    const token = readToken(await readBody(request, MAX_SESSION_BODY))
    if (token === undefined) return refuse(response, { status: 400, message: 'A token or null is expected.' })
    const session = this.#sessions.open(token, request.headers.cookie)
    if (!session) {
      const message =
        'This address was used already, or is from an earlier start. Use the address that Neuroloom printed last, or start it again.'
      return refuse(response, { status: 401, message })
    }
    response.setHeader('Set-Cookie', this.#sessions.setCookie(session))
    send(response, 200, { session: session.value } satisfies SessionAnswer)
  }

  async #receiveFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused =
      checkOrigin(request) ?? checkClient(request, 'application/octet-stream') ?? this.#checkSession(request)
    if (refused) return refuse(response, refused)
    const asked = new URL(request.url ?? '', 'http://127.0.0.1').searchParams
    const folder = asked.get('folder')
    const received =
      folder === null
        ? await this.#uploads.receive(request, asked.get('name'))
        : await this.#uploads.receiveFolder(request, folder, asked.get('handle'))
    if ('status' in received) return refuse(response, received)
    this.supervisor.grant(received.grant)
    send(response, 200, received.file)
  }

  #checkSession(request: IncomingMessage): Refused | null {
    if (this.#sessions.fromCookie(request.headers.cookie)) return null
    return { status: 401, message: 'This window is not known. Reload it.' }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const refused = checkHost(request, this.port) ?? checkOrigin(request)
    const session = this.#sessions.fromCookie(request.headers.cookie)
    if (refused || request.url !== SOCKET_PATH) return hangUp(socket, refused ? 403 : 404)
    if (!session) return hangUp(socket, 401)
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      if (this.#windows.size >= MAX_SOCKETS) {
        client.on('error', () => {})
        return client.close(CLOSE.tooMany, 'Too many windows are open. Close one and reload this one.')
      }
      const window = new WindowSocket(client, {
        session,
        supervisor: this.supervisor,
        drafts: this.#drafts,
        library: this.#library,
      })
      this.#windows.add(window)
      client.on('close', () => this.#windows.delete(window))
    })
  }
}

function hangUp(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function refuse(response: ServerResponse, { status, message }: Refused): void {
  if (response.headersSent) return void response.destroy()
  // What is still being sent is not waited for.
  response.setHeader('Connection', 'close')
  send(response, status, { message } satisfies Refusal)
}

function send(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.setHeader('Cache-Control', 'no-store')
  response.end(JSON.stringify(body))
}

/** Undefined for what is no request for a session. */
function readToken(body: string | null): string | null | undefined {
  try {
    const { token } = JSON.parse(body ?? '') as { token?: unknown }
    return typeof token === 'string' || token === null ? token : undefined
  } catch {
    return undefined
  }
}

async function readBody(request: IncomingMessage, most: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > most) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
