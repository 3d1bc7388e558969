/** What app://bundle answers: only names that were listed at the start, so a path is looked up and never joined. */
import { lookUp, type Manifest } from '../src/node/static-files.ts'
import { isOwnPage, securityHeaders } from './security.ts'

export interface Resolved {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** The file to send, or null for an answer without content. */
  readonly path: string | null
}

export function resolve(manifest: Manifest, method: string, url: string): Resolved {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: securityHeaders, path: null }
  const file = isOwnPage(url) ? lookUp(manifest, targetOf(url)) : undefined
  if (!file) return { status: 404, headers: securityHeaders, path: null }
  return { status: 200, headers: { ...securityHeaders, 'Content-Type': file.type }, path: file.path }
}

/** The address as it was asked for, without the scheme and the host: parsing would tidy up what must not be tidied. */
function targetOf(url: string): string {
  return /^[^:]+:\/\/[^/?#]*(.*)$/s.exec(url)?.[1] || '/'
}
