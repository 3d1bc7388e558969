/** Our engine as one peer of the comparison, on the CPU or on a GPU; or in a soak, see soak.ts. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { at, get } from '../src/base/assert.ts'
import { sizeOf } from '../src/base/shape.ts'
import type { Device } from '../src/backends/types.ts'
import { cpuBackend } from '../src/backends/wasm/index.ts'
import type { Crew } from '../src/backends/wasm/team.ts'
import { compilePlan } from '../src/backends/webgpu/compile.ts'
import { WorkerCrew } from '../src/node/crew.ts'
import { allowWideVectors } from '../src/node/vector-width.ts'
import { load } from '../src/train/load.ts'
import { openGpuDevice } from './gpu/dawn.ts'
import { serve, Training, type Engine } from './serve.ts'
import { soak } from './soak.ts'
import { documentOf, firstWeights, valueOf } from './workloads.ts'

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: '1' },
    webgpu: { type: 'boolean', default: false },
    soak: { type: 'string' },
    workload: { type: 'string', default: 'W1' },
  },
})

const threads = Number(options.threads)

/** The other threads, as built: a thread can't start from TypeScript on every version of Node. */
function startCrew(): Crew | undefined {
  const worker = fileURLToPath(new URL('../out/node/crew-worker.js', import.meta.url))
  return threads > 1 ? new WorkerCrew(threads - 1, () => new Worker(worker)) : undefined
}

let device: Promise<Device> | undefined

/** One for the process, as in the application. */
function openDevice(): Promise<Device> {
  return (device ??= options.webgpu ? openGpuDevice() : cpuBackend(startCrew).open().then(valueOf))
}

const engine: Engine = {
  device: async () => {
    const { title, facts } = (await openDevice()).info
    return options.webgpu
      ? title
      : [title, ...Object.entries(facts).map(([name, value]) => `${name} ${value}`)].join(', ')
  },
  open: async (workload, data) => {
    const { batch, batches } = workload
    const { network, executable } = valueOf(await load(documentOf(workload), data, await openDevice()))
    const sizes = new Map(network.weights.map((weight) => [weight.name, sizeOf(weight.shape)]))
    for (const [weight, values] of firstWeights(workload, (one) => get(sizes, one)))
      await executable.write(weight, values)
    const entries = new Map(network.plan.entries.map((entry) => [entry.name, entry]))
    let last = 0
    return {
      most: get(entries, 'train').chunk,
      facts: {
        arenaBytes: network.plan.arenaBytes,
        ...(options.webgpu && { launches: get(compilePlan(network.plan).entries, 'train').dispatches.length }),
      },
      run: async (from, steps) => {
        const rows = Int32Array.from({ length: steps * batch }, (_, i) => {
          const step = from + Math.floor(i / batch)
          return (step % batches) * batch + (i % batch)
        })
        await executable.write('train/indices', rows)
        last = (await executable.run([{ entry: 'train', steps }])) - 1
      },
      loss: async () => at(await executable.read('train/loss', last + 1), last),
    }
  },
}

export async function main(): Promise<void> {
  allowWideVectors()
  if (options.soak === undefined) await serve(engine)
  else await soak(options.workload, await Training.open(engine, options.workload), Number(options.soak))
  process.exit(0)
}
