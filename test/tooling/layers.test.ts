import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { allViolations, importsOf, layers, sourceFiles, violations } from '../../scripts/layers.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

test('every file imports only what its layer may', () => {
  expect(allViolations(root)).toEqual([])
})

test('every source file lies in a layer', () => {
  const homeless = sourceFiles(root).filter((file) => !layers.some((layer) => layer.path.test(file)))
  expect(homeless.filter((file) => !file.endsWith('.d.ts'))).toEqual([])
})

test('scripts that run before the modules are installed import nothing but Node and each other', () => {
  const files = readdirSync(join(root, 'scripts')).filter((name) => name.endsWith('.mjs'))
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    const text = readFileSync(join(root, 'scripts', file), 'utf8')
    // A dynamic import waits until the modules are there.
    const specifiers = importsOf(text.replaceAll(/import\(.*?\)/g, '')).map(({ specifier }) => specifier)
    expect(specifiers.filter((name) => !/^(node:|\.\/)/.test(name)).map((name) => `${file}: ${name}`)).toEqual([])
  }
})

describe('a made-up violation is caught:', () => {
  const forbidden: [file: string, text: string][] = [
    ['src/base/x.ts', "import { shape } from '../ir/shapes.ts'"],
    ['src/base/x.ts', "import { readFileSync } from 'node:fs'"],
    ['src/ir/x.ts', "import type { Block } from '../blocks/define.ts'"],
    ['src/document/x.ts', "export * from '../compiler/1-flatten.ts'"],
    ['src/document/x.ts', "import { prepare } from '../data/prepare.ts'"],
    ['src/data/x.ts', "import { analyze } from '../compiler/analyze.ts'"],
    ['src/backends/wasm/x.ts', "import { run } from '../reference/index.ts'"],
    ['src/backends/wasm/x.ts', "import { plan } from '../../compiler/6-schedule.ts'"],
    ['src/compiler/2-trace.ts', "import { fuse } from './5-fuse.ts'"],
    ['src/protocol/x.ts', "import { Run } from '../train/run.ts'"],
    ['src/node/x.ts', "import type, { app } from '../../renderer/app.ts'"],
    ['src/node/x.ts', "import * as app from '../../renderer/app.ts'"],
    ['src/node/x.ts', "import{app}from'../../renderer/app.ts'"],
    ['src/node/x.ts', "const app = await import('../../renderer/app.ts')"],
    ['renderer/App.svelte', "<script>\n  import { run } from '../src/train/run.ts'\n</script>"],
    ['renderer/state/x.svelte.ts', "import '../../src/node/host.ts'"],
    ['renderer/state/x.svelte.ts', "import { schedule } from '../../src/compiler/6-schedule.ts'"],
    ['renderer/canvas/x.ts', "import webgpu from '../../src/backends/webgpu/index.ts'"],
    ['renderer/canvas/x.ts', "const x = () => import(\n  '../../src/backends/wasm/index.ts')"],
    ['electron/x.ts', "import {\n  a,\n  b,\n} from '../renderer/app.ts'"],
    ['electron/x.ts', "import ws from 'ws'"],
  ]
  test.each(forbidden)('%s %s', (file, text) => {
    expect(violations(file, text)).toHaveLength(1)
  })

  const allowed: [file: string, text: string][] = [
    ['src/base/x.ts', "import { at } from './assert.ts'"],
    ['src/base/x.ts', "/**\n * Never import { x } from '../ir/x.ts'; it is\n */"],
    ['src/data/x.ts', "import type { DataSource } from '../document/types.ts'"],
    ['src/protocol/x.ts', "import type { Problem } from '../base/problem.ts'"],
    [
      'src/protocol/x.ts',
      "export interface A {\n  b: number\n}\nexport class C {}\nexport type { Run } from '../train/run.ts'",
    ],
    ['src/train/x.ts', "import { schedule } from '../compiler/6-schedule.ts'"],
    ['src/node/x.ts', "import { spawn } from 'node:child_process'\nimport { WebSocketServer } from 'ws'"],
    ['renderer/gpu/x.ts', "import { webgpu } from '../../src/backends/webgpu/index.ts'"],
    ['renderer/charts/x.ts', "import { Chart } from 'chart.js/auto'"],
    ['renderer/x.ts', "import text from '../models/examples/iris.json?raw'"],
  ]
  test.each(allowed)('and no harmless one: %s %s', (file, text) => {
    expect(violations(file, text)).toEqual([])
  })
})
