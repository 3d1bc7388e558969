// Reads a folder of many small pictures, one in a hundred of them broken, as a program of its own:
//   node bench/pictures.mjs [--count 50000] [--node PATH]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { main, root, SetupError } from '../scripts/setup.mjs'

const { values: options } = parseArgs({
  options: {
    pictures: { type: 'boolean' },
    count: { type: 'string', default: '50000' },
    node: { type: 'string', default: process.execPath },
  },
})

await main(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'))
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'error',
      publicDir: false,
      ssr: { target: 'node', noExternal: true },
      build: {
        ssr: 'bench/pictures.ts',
        outDir: join(folder, 'program'),
        target: 'node20',
        minify: false,
        emptyOutDir: true,
        rolldownOptions: { output: { entryFileNames: 'pictures.mjs' } },
      },
    })
    const program = join(folder, 'program', 'pictures.mjs')
    const { status } = spawnSync(options.node, [program, folder, options.count], { stdio: 'inherit' })
    if (status !== 0) throw new SetupError('The measurement ended before its end.')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
