/** Builds entries as the program itself is built, so that tests can start real threads and processes. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface Built {
  readonly folder: string
  /** Path of `<name>.js`. */
  entry(name: string): string
  remove(): void
}

/** `entries`: name → source file from the repository's root. */
export async function buildEntries(entries: { readonly [name: string]: string }): Promise<Built> {
  // Inside the repository, so that packages are found from there.
  const parent = join(root, 'node_modules/.cache/neuroloom')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'test-'))
  const input = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(root, path)]))
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'error',
    ssr: { target: 'node', noExternal: true, external: ['ws', 'electron'] },
    build: {
      ssr: true,
      target: 'node20',
      minify: false,
      outDir: join(folder, 'node'),
      emptyOutDir: true,
      rolldownOptions: { input, output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
    },
  })
  return {
    folder,
    entry: (name) => join(folder, 'node', `${name}.js`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
