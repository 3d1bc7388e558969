/**
 * Whether a request comes from our own page. Any page that the person visits can send requests to this computer, and a
 * name that it controls can lead here, so names are compared whole: the Host header against rebinding, the Origin header
 * against other pages.
 */
import type { IncomingMessage } from 'node:http'
import { CLIENT_HEADER, CLIENT_VALUE } from '../../protocol/host-wire.ts'

export interface Refused {
  readonly status: number
  readonly message: string
}

export function checkHost(request: IncomingMessage, port: number): Refused | null {
  const hosts = request.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === 'host')
  const [host] = hosts
  if (hosts.length === 1 && host !== undefined && ownHosts(port).includes(host)) return null
  return { status: 403, message: 'This host answers only to its own address on this computer.' }
}

/** For whatever changes something or opens a connection; a browser always sends an origin with these. */
export function checkOrigin(request: IncomingMessage): Refused | null {
  if (request.headers.origin === `http://${request.headers.host ?? ''}`) return null
  return { status: 403, message: 'Only the window itself may do this.' }
}

/** A page of another origin cannot set this header without asking, and asking is refused. */
export function checkClient(request: IncomingMessage, type: string): Refused | null {
  if (request.headers[CLIENT_HEADER] !== CLIENT_VALUE)
    return { status: 403, message: 'Only the window itself may do this.' }
  const given = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  return given === type ? null : { status: 415, message: `This must be sent as ${type}.` }
}

function ownHosts(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`]
}
