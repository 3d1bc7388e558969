// Node 20 knows no TypeScript; Vite does.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../scripts/setup.mjs'

/**
 * Imports a module of this folder. Where Vite does it, it stays, for what is imported later, until the process ends, which that
 * module sees to.
 * @param {string} file
 * @returns {Promise<Record<string, any>>}
 */
export async function load(file) {
  const path = join(root, 'bench', file)
  if (process.features.typescript) return import(pathToFileURL(path).href)
  const { createServer } = await import('vite')
  const server = await createServer({
    configFile: false,
    root,
    logLevel: 'error',
    appType: 'custom',
    server: { middlewareMode: true, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
  })
  return server.ssrLoadModule(path)
}
