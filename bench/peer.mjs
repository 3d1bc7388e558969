// Starts a program of the comparison, which then reads lines as serve.ts says: our engine, `node bench/peer.mjs [--threads N |
// --webgpu]`; a peer on a GPU, `node bench/peer.mjs --engine tensorflow`; or, with `--soak MINUTES --workload W1`, a long training
// whose memory it prints.
import { ensureBuild } from '../scripts/setup.mjs'
import { load } from './load.mjs'

const [option, value] = process.argv.slice(2)
// Threads start from what is built.
if (option === '--threads' && value !== '1') ensureBuild(['node'], { quiet: true })
const { main } = await load(option === '--engine' ? `gpu/${value}.mjs` : 'peer.ts')
await main()
