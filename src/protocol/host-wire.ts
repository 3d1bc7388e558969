/**
 * How a page in a browser talks to the loopback host. What is said inside (calls, events) is in messages.ts; this is only
 * the way there.
 *
 * 1. The host prints `http://127.0.0.1:PORT/#t=TOKEN`. The page takes the token out of the fragment, erases it with
 *    `history.replaceState`, and sends
 *      POST SESSION_PATH   content-type: application/json   [CLIENT_HEADER]: CLIENT_VALUE   body: {"token": TOKEN | null}
 *    The answer sets an HttpOnly cookie and is a SessionAnswer. After a reload there is no token left: `null` is sent, and
 *    the cookie answers for it. 401 comes with a Refusal whose sentence the page shows.
 * 2. The page opens a WebSocket at SOCKET_PATH (`binaryType = 'arraybuffer'`) and sends `encodeFrame(hello)`, a Hello,
 *    within 3 seconds. The host then sends a Welcome.
 * 3. From there on all frames, both ways, are `encodeFrame({ channel, message })`, a ChannelFrame. `engine` carries the
 *    messages of a Peer<WindowOfEngine>, `platform` those of a Peer<WindowOfPlatform>.
 * 4. When the engine ends, the host says `engine.exited` on `platform`; when it is there again (after `engine.restart`, or
 *    for the first time) it says `engine.started`, and the page makes a new Peer for `engine`: what was pending before is
 *    lost, and the new engine does not know it. A Welcome says whether an engine is there at the beginning.
 * 5. A file of the person's goes up by POST FILES_PATH?name=NAME with the same header, the bytes as the body and
 *    `content-type: application/octet-stream`; the answer is a PickedFile, or a Refusal with the status 400 to 507.
 *
 * 6. A folder goes up in parts: POST FILES_PATH?folder=NAME for the first, FILES_PATH?folder=NAME&handle=HANDLE for the
 *    others, each body files one after the other as `encodeFolderPart` writes them; each answer is the PickedFile of the
 *    folder so far.
 *
 * Everything is refused that is not from this very origin.
 */
import type { Answerer, Caller } from './rpc.ts'
import type { EngineCalls, EngineEvents, PlatformCalls, PlatformEvents } from './messages.ts'

export const SESSION_PATH = '/session'
export const SOCKET_PATH = '/socket'
export const FILES_PATH = '/files'
/** A page of another origin cannot set it without asking first, and asking is refused. */
export const CLIENT_HEADER = 'x-neuroloom'
export const CLIENT_VALUE = 'window'
/** Name in the fragment: `#t=`. */
export const TOKEN_KEY = 't'

/** Largest frame on the WebSocket, in bytes. */
export const MAX_FRAME = 16 * 1024 * 1024
/** Largest file that goes up, in bytes. */
export const MAX_UPLOAD = 2 * 1024 ** 3
/** Bytes and files of one part of a folder. */
export const FOLDER_PART = { bytes: 16 * 1024 * 1024, files: 2000 } as const
/** Milliseconds within which the first frame must come. */
export const HELLO_WITHIN = 3000

/** WebSocket close codes of ours; the reason is a sentence. */
export const CLOSE = { notKnown: 4401, tooMany: 4429, malformed: 4400, ending: 4410 } as const

export interface SessionAnswer {
  /** Goes into the first frame: a cookie alone opens nothing. */
  readonly session: string
}
export interface Refusal {
  readonly message: string
}
export interface Hello {
  readonly hello: string
}
export interface Welcome {
  readonly welcome: {
    readonly version: string
    /** Process number of the running engine, or null with the reason why there is none; two nulls while it starts. */
    readonly engine: number | null
    readonly reason: string | null
  }
}

export type Channel = 'engine' | 'platform'
export interface ChannelFrame {
  readonly channel: Channel
  readonly message: unknown
}

export type WindowOfEngine = Caller<EngineCalls, EngineEvents>
export type WindowOfPlatform = Caller<PlatformCalls, PlatformEvents>
/** The same two, seen from the other end. */
export type EngineOfWindow = Answerer<EngineCalls, EngineEvents>
export type PlatformOfWindow = Answerer<PlatformCalls, PlatformEvents>

/** A decoded frame is one of ours; what is inside `message` is the Peer's to check. */
export function isChannelFrame(value: unknown): value is ChannelFrame {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'message')) return false
  const { channel } = value as { channel?: unknown }
  return channel === 'engine' || channel === 'platform'
}
export function isHello(value: unknown): value is Hello {
  return typeof value === 'object' && value !== null && typeof (value as { hello?: unknown }).hello === 'string'
}
export function isWelcome(value: unknown): value is Welcome {
  return typeof value === 'object' && value !== null && typeof (value as { welcome?: unknown }).welcome === 'object'
}
