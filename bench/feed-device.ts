/** The device thread of the benchmark of feeding: one that says how long it computed. */
import { parentPort, workerData } from 'node:worker_threads'
import { cpuBackend } from '../src/backends/wasm/index.ts'
import { serveDevices } from '../src/backends/remote/server.ts'
import type { Backend, Device, Pass } from '../src/backends/types.ts'
import { assert } from '../src/base/assert.ts'
import { ok } from '../src/base/problem.ts'
import { fromMessagePort } from '../src/node/ports.ts'
import { allowWideVectors } from '../src/node/vector-width.ts'

assert(parentPort, 'this thread was started without a parent')
/** Milliseconds: in which it computed, and by the clock when it last ended. */
const times = workerData as Float64Array

function watched(device: Device): Device {
  return {
    info: device.info,
    lost: device.lost,
    dispose: () => device.dispose(),
    async compile(plan) {
      const inner = await device.compile(plan)
      const run = inner.run.bind(inner)
      return Object.assign(inner, {
        async run(passes: readonly Pass[]) {
          const began = performance.now()
          const done = await run(passes)
          const now = performance.now()
          times[0] = (times[0] ?? 0) + now - began
          times[1] = now
          return done
        },
      })
    },
  }
}

const inner = cpuBackend(() => undefined)
const backend: Backend = {
  ...inner,
  async open() {
    const opened = await inner.open()
    return opened.ok ? ok(watched(opened.value)) : opened
  },
}
allowWideVectors()
serveDevices(fromMessagePort(parentPort, 'the benchmark ended'), { cpu: () => Promise.resolve(backend) })
