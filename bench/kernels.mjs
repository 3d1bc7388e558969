// Starts the measuring of single kernels: `node bench/kernels.mjs [--rounds 5] [--seconds 0.1]`.
import { join } from 'node:path'
import { root } from '../scripts/setup.mjs'

// Node 20 knows no TypeScript; Vite does.
const { runnerImport } = await import('vite')
const { module } = await runnerImport(join(root, 'bench/kernels.ts'), { configFile: false, root, logLevel: 'error' })
await module.report()
