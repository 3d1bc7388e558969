// What the editor computes while one draws, as a program of its own:
//   npm run bench -- --analyze                 milliseconds of the analysis of 100, 500 and 1,000 blocks, see analyze.ts
//   npm run bench -- --estimate [--rounds 3]   estimates of the time for an epoch against runs, see estimate.ts
//   npm run bench -- --feed [--rounds 3]       the share of a step's time that is feeding, see feed.ts
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { main, root, SetupError } from '../scripts/setup.mjs'

const { values: options } = parseArgs({
  options: {
    analyze: { type: 'boolean' },
    estimate: { type: 'boolean', default: false },
    feed: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    // For profiles: keeps the bundle there.
    bundle: { type: 'string' },
    node: { type: 'string', default: process.execPath },
  },
})

await main(async () => {
  const name = options.estimate ? 'estimate' : options.feed ? 'feed' : 'analyze'
  const folder = options.bundle ?? mkdtempSync(join(tmpdir(), 'analyze-'))
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'error',
      publicDir: false,
      ssr: { target: 'node', noExternal: true },
      build: {
        ssr: true,
        outDir: folder,
        target: 'node20',
        minify: false,
        emptyOutDir: true,
        rolldownOptions: {
          // What is fed lives in a thread of its own, and so does who makes it.
          input: (options.feed ? [name, 'feed-device', '../src/node/maker-worker'] : [name]).map((one) =>
            join(root, 'bench', `${one}.ts`),
          ),
          output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
        },
      },
    })
    const { status } = spawnSync(options.node, [join(folder, `${name}.mjs`), join(root, 'models'), options.rounds], {
      stdio: 'inherit',
    })
    if (status !== 0) throw new SetupError('The measurement ended before its end.')
  } finally {
    if (!options.bundle) rmSync(folder, { recursive: true, force: true })
  }
})
