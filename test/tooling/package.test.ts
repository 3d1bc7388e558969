import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import yaml from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { indexes } from '../../scripts/make-index.mjs'
import { nodeEntries, parts } from '../../scripts/parts.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const manifest = JSON.parse(read('package.json'))
const builder = yaml.load(read('electron-builder.yml')) as Record<string, unknown>

describe('package-lock.json', () => {
  const lock = JSON.parse(read('package-lock.json'))

  test('names no host to download from (.npmrc keeps it so)', () => {
    const hosts = Object.values<{ resolved?: string }>(lock.packages).flatMap(({ resolved }) =>
      resolved ? [new URL(resolved).host] : [],
    )
    expect(hosts).toEqual([])
  })

  test('fits package.json, whose versions are exact', () => {
    const own = lock.packages['']
    expect(own.dependencies).toEqual(manifest.dependencies)
    expect(own.devDependencies).toEqual(manifest.devDependencies)
    const versions = Object.values<string>({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  test('has a decision on every package that brings an install script', () => {
    const withScripts = Object.entries<{ hasInstallScript?: boolean; optional?: boolean }>(lock.packages)
      .filter(([, entry]) => entry.hasInstallScript && !entry.optional)
      .map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(withScripts.filter((name) => !(name in manifest.allowScripts))).toEqual([])
  })
})

describe('electron-builder.yml', () => {
  // Its own check, through an internal path: the version is pinned.
  const validate = async (config: unknown) => {
    const { validateConfiguration } = await import('app-builder-lib/out/util/config/config.js')
    const { DebugLogger } = await import('builder-util')
    await validateConfiguration(config as Parameters<typeof validateConfiguration>[0], new DebugLogger(false))
  }

  test("passes the builder's own schema", async () => {
    await validate(builder)
  })

  test('would not pass it with a misspelt key', async () => {
    await expect(validate({ ...builder, electronFuse: {} })).rejects.toThrow(/electronFuse/)
    await expect(validate({ ...builder, electronFuses: { runAsNodes: false } })).rejects.toThrow(/electronFuses/)
  })

  test('builds for Windows, macOS and Linux', () => {
    expect(builder).toMatchObject({
      win: { target: 'nsis' },
      mac: { target: 'dmg' },
      linux: { target: ['AppImage', 'deb', 'tar.gz'] },
    })
  })

  test('ships every built part, and the fuses that close the doors', () => {
    const products = Object.values(parts).flatMap((part) => part.products)
    const shipped = (builder.files as string[]).map((pattern) => pattern.replace(/\*\*$/, ''))
    expect(products.filter((path) => !shipped.some((folder) => path.startsWith(folder)))).toEqual([])
    expect(builder.electronFuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      enableCookieEncryption: false,
      loadBrowserProcessSpecificV8Snapshot: false,
    })
  })

  test('finds what a Debian package needs in package.json', () => {
    expect(manifest).toMatchObject({ license: 'MIT', main: 'out/electron/main.js' })
    expect(manifest.homepage).toMatch(/^https:/)
    expect(builder.linux).toMatchObject({ maintainer: expect.stringMatching(/<.+@.+>/) as string })
  })
})

test('what is bundled brings its licence along', () => {
  // Built before the unit tests, see scripts/test.mjs.
  const named = (folder: string) =>
    [...read(`out/${folder}/licenses.md`).matchAll(/^## (\S+) - \S+ \((.+)\)$/gm)].map(([, name, licence]) => ({
      name,
      licence,
    }))
  const names = (folder: string) => named(folder).map(({ name }) => name)
  expect(names('renderer')).toEqual(expect.arrayContaining(['svelte', '@xyflow/svelte', 'chart.js']))
  expect(names('node')).toEqual(expect.arrayContaining(['fflate', 'fzstd', '@jsquash/webp']))
  for (const { name, licence } of [...named('renderer'), ...named('node')])
    expect(licence, name).toMatch(/^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD)$/)
})

describe('generated indexes', () => {
  test('are fresh (npm run index)', () => {
    const stale = indexes().filter(({ path, text }) => {
      try {
        return read(path) !== text
      } catch {
        return true
      }
    })
    expect(stale.map(({ path }) => path)).toEqual([])
  })

  test('list files by name, and skip types, private files and themselves', () => {
    const base = mkdtempSync(join(tmpdir(), 'neuroloom-'))
    try {
      const files = [
        'blocks/loss/rms.ts',
        'blocks/connect/max-pool.ts',
        'blocks/connect/dense.ts',
        'blocks/connect/types.ts',
        'blocks/connect/_shared.ts',
        'blocks/connect/notes.md',
        'blocks/function/switch.ts',
        'blocks/define.ts',
        'data/readers/images/index.ts',
        'data/readers/images/png.ts',
        'data/readers/index.gen.ts',
      ]
      for (const file of files) {
        mkdirSync(dirname(join(base, 'src', file)), { recursive: true })
        writeFileSync(join(base, 'src', file), '')
      }
      expect(indexes(base)).toEqual([
        {
          path: 'src/blocks/index.gen.ts',
          text: `// Written by \`npm run index\` from the files in this folder.
import dense from './connect/dense.ts'
import maxPool from './connect/max-pool.ts'
import _switch from './function/switch.ts'
import rms from './loss/rms.ts'

export default [
  dense,
  maxPool,
  _switch,
  rms,
] as const
`,
        },
        {
          path: 'src/data/readers/index.gen.ts',
          text: `// Written by \`npm run index\` from the files in this folder.
import images from './images/index.ts'

export default [
  images,
] as const
`,
        },
      ])
    } finally {
      rmSync(base, { recursive: true })
    }
  })
})

test('every program that is built for Node is named for its entry', () => {
  for (const [name, entry] of Object.entries(nodeEntries)) expect(entry).toBe(`src/node/${name}.ts`)
})
