// Starts the measuring of single kernels: `node bench/kernels.mjs [--rounds 5] [--seconds 0.1] [--webgpu [--peak GFLOPS]]`.
import { load } from './load.mjs'

const { report } = await load(process.argv.includes('--webgpu') ? 'products.ts' : 'kernels.ts')
await report()
process.exit(0)
