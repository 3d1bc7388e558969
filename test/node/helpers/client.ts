/** A browser tab of a few lines. */
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { WebSocket } from 'ws'
import { decodeFrame, encodeFrame } from '../../../src/protocol/codec.ts'
import {
  CLIENT_HEADER,
  CLIENT_VALUE,
  isWelcome,
  SESSION_PATH,
  SOCKET_PATH,
  type ChannelFrame,
  type Welcome,
  type WindowOfEngine,
  type WindowOfPlatform,
} from '../../../src/protocol/host-wire.ts'
import { Peer, type Port } from '../../../src/protocol/rpc.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export function http(
  port: number,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export const own = (port: number): OutgoingHttpHeaders => ({
  origin: `http://127.0.0.1:${port}`,
  'content-type': 'application/json',
  [CLIENT_HEADER]: CLIENT_VALUE,
})

export async function openSession(port: number, token: string | null, cookie?: string) {
  const headers = { ...own(port), ...(cookie ? { cookie } : {}) }
  const answer = await http(port, 'POST', SESSION_PATH, headers, JSON.stringify({ token }))
  const { session } = JSON.parse(answer.body) as { session?: string }
  return {
    status: answer.status,
    session: session ?? '',
    cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
    answer,
  }
}

export function openSocket(
  port: number,
  headers: { [name: string]: string },
  path = SOCKET_PATH,
): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, perMessageDeflate: false })
    socket.on('open', () => resolve(socket))
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', () => {})
  })
}

export interface Tab {
  readonly socket: WebSocket
  readonly welcome: Welcome['welcome']
  readonly engine: Peer<WindowOfEngine>
  readonly platform: Peer<WindowOfPlatform>
  readonly frames: ChannelFrame[]
  readonly closed: Promise<{ code: number; reason: string }>
  /** A new peer for `engine`, as after `engine.started`. */
  again(): Peer<WindowOfEngine>
}

export async function openTab(port: number, session: { cookie: string; session: string }): Promise<Tab> {
  const opened = await openSocket(port, { origin: `http://127.0.0.1:${port}`, cookie: session.cookie })
  if (typeof opened === 'number') throw new Error(`refused with ${opened}`)
  const socket = opened
  const listeners = { engine: (_: unknown) => {}, platform: (_: unknown) => {} }
  const frames: ChannelFrame[] = []
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )
  const welcome = new Promise<Welcome['welcome']>((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      const frame = decodeFrame(data)
      if (!frame.ok) throw new Error('the host sent a malformed frame')
      if (isWelcome(frame.value)) return resolve(frame.value.welcome)
      const channelFrame = frame.value as ChannelFrame
      frames.push(channelFrame)
      listeners[channelFrame.channel](channelFrame.message)
    })
    void closed.then(({ reason }) => reject(new Error(reason)))
  })
  const port_ = (channel: 'engine' | 'platform'): Port => ({
    post: (message) => socket.send(encodeFrame({ channel, message })),
    onMessage: (listener) => (listeners[channel] = listener),
    onClose: (listener) => void closed.then(() => listener('the connection was closed')),
    close: () => socket.close(),
  })
  socket.send(encodeFrame({ hello: session.session }))
  const again = () => new Peer<WindowOfEngine>(port_('engine'), { name: 'the engine' })
  const platform = new Peer<WindowOfPlatform>(port_('platform'), { name: 'the host' })
  return { socket, frames, closed, platform, engine: again(), again, welcome: await welcome }
}
