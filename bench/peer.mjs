// Starts our engine as a peer of the comparison: `node bench/peer.mjs [--threads N]`, then lines on stdin as peer.ts says; or, with
// `--soak MINUTES --workload W1`, a long training whose memory it prints.
import { join } from 'node:path'
import { ensureBuild, root } from '../scripts/setup.mjs'

if (process.argv.includes('--threads')) ensureBuild(['node'], { quiet: true })

// Node 20 knows no TypeScript; Vite does.
const { runnerImport } = await import('vite')
const { module } = await runnerImport(join(root, 'bench/peer.ts'), { configFile: false, root, logLevel: 'error' })
await module.main()
