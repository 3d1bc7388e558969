// `npm run targets [-- --rows T4,T6] [-- --seeds N] [-- --data IMAGES --data LABELS]`: trains the shipped examples over many
// seeds, holds them against the bars that the project has set itself, and writes docs/results.md when all rows were measured.
import { fileURLToPath } from 'node:url'
import { ensureModules, main } from './setup.mjs'

await main(async () => {
  ensureModules()
  const { runnerImport } = await import('vite')
  // The sources as they are, without a build.
  const { module } = await runnerImport(fileURLToPath(new URL('targets/main.ts', import.meta.url)), {
    configFile: false,
    logLevel: 'error',
  })
  process.exitCode = await module.main(process.argv.slice(2))
})
