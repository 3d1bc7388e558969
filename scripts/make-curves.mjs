// Writes the curves that the palette shows of functions. They come from the blocks' own arithmetic, run by the reference
// backend, which the window may not import; so they are checked in, and a test fails when they are stale.
//
//   npm run curves
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureModules, main, root, say } from './setup.mjs'

const path = 'renderer/palette/curves.gen.ts'

await main(async () => {
  ensureModules()
  // Node 20 knows no TypeScript; Vite does.
  const { runnerImport } = await import('vite')
  const { module } = await runnerImport(join(root, 'test/helpers/function-curves.ts'), { configFile: false, root })
  writeFileSync(join(root, path), module.curvesText())
  say(`Wrote ${path}.`)
})
