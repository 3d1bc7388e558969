/**
 * Who may talk to the host. The address that is printed carries a launch token, good for one browser; it is exchanged for
 * a cookie, which survives a reload, and a session value, without which the cookie opens no WebSocket.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export interface Session {
  readonly cookie: string
  /** Goes into the first frame on a WebSocket. */
  readonly value: string
}

const MAX_SESSIONS = 64

export class Sessions {
  readonly #cookieName: string
  readonly #fixed: boolean
  readonly #onNewToken: (token: string) => void
  readonly #sessions: Session[] = []
  #token: string

  /** A fixed token (for tests) may be used again and again; others are replaced once used, which is told. */
  constructor(port: number, fixedToken: string | undefined, onNewToken: (token: string) => void) {
    // Cookies are shared by all ports of a host, so the port is in the name.
    this.#cookieName = `neuroloom-${port}`
    this.#fixed = fixedToken !== undefined
    this.#token = fixedToken ?? secret()
    this.#onNewToken = onNewToken
  }

  get token(): string {
    return this.#token
  }

  /** For a launch token, or for the cookie of an earlier one; null when neither is known. */
  open(token: string | null, cookieHeader: string | undefined): Session | null {
    const known = this.fromCookie(cookieHeader)
    if (known) return known
    if (token === null || !sameSecret(token, this.#token)) return null
    const session = { cookie: secret(), value: secret() }
    this.#sessions.push(session)
    if (this.#sessions.length > MAX_SESSIONS) this.#sessions.shift()
    if (!this.#fixed) {
      this.#token = secret()
      this.#onNewToken(this.#token)
    }
    return session
  }

  fromCookie(header: string | undefined): Session | null {
    const given = readCookie(header, this.#cookieName)
    return given === null ? null : (this.#sessions.find(({ cookie }) => sameSecret(given, cookie)) ?? null)
  }

  setCookie(session: Session): string {
    return `${this.#cookieName}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/`
  }
}

export function sameSecret(a: string, b: string): boolean {
  // Hashes have one length, which the comparison needs, and tell nothing about the secret's.
  return timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
function secret(): string {
  return randomBytes(32).toString('base64url')
}

function readCookie(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return null
}
