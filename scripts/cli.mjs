// `npm run -s cli -- train net.json`: the command line, built first where needed. The program runs in this process, so
// that its arguments, streams, signals and exit code are simply its own.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuild, ensureModules, main, root } from './setup.mjs'

await main(async () => {
  ensureModules()
  ensureBuild(['node'], { quiet: true })
  const program = join(root, 'out/node/cli-main.js')
  process.argv[1] = program
  await import(pathToFileURL(program).href)
})
