// Starts our engine as a peer of the comparison: `node bench/peer.mjs`, then lines on stdin as peer.ts says.
import { join } from 'node:path'
import { root } from '../scripts/setup.mjs'

// Node 20 knows no TypeScript; Vite does.
const { runnerImport } = await import('vite')
const { module } = await runnerImport(join(root, 'bench/peer.ts'), { configFile: false, root, logLevel: 'error' })
await module.serve()
