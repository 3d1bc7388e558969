/** Entry of the device thread. */
import { parentPort } from 'node:worker_threads'
import { assert } from '../base/assert.ts'
import { crewOf } from './crew.ts'
import { serveDevices } from '../backends/remote/server.ts'
import { fromMessagePort } from './ports.ts'
import { allowWideVectors } from './vector-width.ts'

assert(parentPort, 'the device thread was started without a parent')
allowWideVectors()
serveDevices(fromMessagePort(parentPort, 'the engine ended'), {
  cpu: async () => (await import('../backends/wasm/index.ts')).cpuBackend(() => crewOf()),
  reference: async () => (await import('../backends/reference/index.ts')).default,
  webgpu: async () => (await import('./dawn.ts')).dawnBackend(),
})
