/**
 * The files of the built window by the address that asks for them. The list is made once from what lies in the folder; an
 * address is looked up in it and never becomes a path, so there is nothing to escape from.
 */
import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'

export interface StaticFile {
  readonly path: string
  readonly type: string
  /** Names with a hash never change their content. */
  readonly lasting: boolean
}
export type Manifest = ReadonlyMap<string, StaticFile>

const types: { readonly [extension: string]: string | undefined } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.csv': 'text/csv; charset=utf-8',
}

/** Keys are as a browser asks: `/index.html`, `/assets/index-3f2a.js`; `/` is the page itself. */
export function listFiles(folder: string): Manifest {
  const manifest = new Map<string, StaticFile>()
  // By hand: inside Electron's archive not every option of readdir is known.
  const walk = (path: string, name: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = join(path, entry.name)
      if (entry.isDirectory()) walk(inner, `${name}/${entry.name}`)
      else if (entry.isFile()) manifest.set(`${name}/${entry.name}`, describe(inner, `${name}/${entry.name}`))
    }
  }
  walk(folder, '')
  const index = manifest.get('/index.html')
  if (index) manifest.set('/', index)
  return manifest
}

function describe(path: string, name: string): StaticFile {
  const type = types[extname(name)] ?? 'application/octet-stream'
  return { path, type, lasting: /^\/assets\/.+-[\w-]{8,}\.\w+$/.test(name) }
}

/** What a request's target (without its origin) asks for. Only exact names are known, so no decoding is needed. */
export function lookUp(manifest: Manifest, target: string): StaticFile | undefined {
  return manifest.get(target.split(/[?#]/, 1)[0] ?? '')
}
