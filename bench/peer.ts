/**
 * Our engine as one peer of the comparison: a line of JSON in, `{ workload, seconds }`, a line out with how many steps were
 * made in that time. Steps run in chunks, as training runs them. Or a soak, see soak.ts.
 */
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { at, get } from '../src/base/assert.ts'
import { ProblemError, type Result } from '../src/base/problem.ts'
import { sizeOf } from '../src/base/shape.ts'
import type { Device } from '../src/backends/types.ts'
import { cpuBackend } from '../src/backends/wasm/index.ts'
import type { Crew } from '../src/backends/wasm/team.ts'
import { WorkerCrew } from '../src/node/crew.ts'
import { allowWideVectors } from '../src/node/vector-width.ts'
import { load } from '../src/train/load.ts'
import { soak } from './soak.ts'
import { dataOf, documentOf, firstWeights, workloads } from './workloads.ts'

/** Steps whose losses are compared among peers. */
const CHECKED = 10
/** A chunk takes about this long, as it does while somebody watches. */
const CHUNK_MS = 16

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new ProblemError(...result.problems)
  return result.value
}

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: '1' },
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
  return (device ??= cpuBackend(startCrew).open().then(valueOf))
}

class Trainer {
  readonly check: number[] = []
  /** From the document to the end of the first step, with the device open. */
  setupMs = 0
  readonly title: string
  readonly arenaBytes: number
  steps = 0
  #perStep = 1
  readonly #batches: number
  readonly #batch: number
  readonly #chunk: number
  readonly #executable

  private constructor(workload: (typeof workloads)[string], { network, executable }: Loaded) {
    this.#batch = workload.batch
    this.#batches = workload.batches
    this.#executable = executable
    this.title = `${workload.title}, batch ${workload.batch}`
    this.arenaBytes = network.plan.arenaBytes
    this.#chunk = at(
      network.plan.entries.filter(({ name }) => name === 'train'),
      0,
    ).chunk
  }

  static async open(name: string): Promise<Trainer> {
    const workload = get(new Map(Object.entries(workloads)), name)
    const [device, data] = [await openDevice(), dataOf(workload)]
    const started = performance.now()
    const loaded = valueOf(await load(documentOf(workload), data, device))
    const sizes = new Map(loaded.network.weights.map((weight) => [weight.name, sizeOf(weight.shape)]))
    for (const [weight, values] of firstWeights(workload, (one) => get(sizes, one)))
      await loaded.executable.write(weight, values)
    const trainer = new Trainer(workload, loaded)
    for (let i = 0; i < CHECKED; i++) {
      await trainer.run(1)
      trainer.setupMs ||= performance.now() - started
      trainer.check.push(await trainer.loss())
    }
    return trainer
  }

  async run(steps: number): Promise<void> {
    const rows = Int32Array.from({ length: steps * this.#batch }, (_, i) => {
      const step = this.steps + Math.floor(i / this.#batch)
      return (step % this.#batches) * this.#batch + (i % this.#batch)
    })
    await this.#executable.write('train/indices', rows)
    this.#last = (await this.#executable.run('train', steps)) - 1
    this.steps += steps
  }
  #last = 0

  async loss(): Promise<number> {
    const losses = await this.#executable.read('train/loss', this.#last + 1)
    return at(losses, this.#last)
  }

  /** Trains for that long; returns steps and milliseconds. */
  async trainFor(ms: number): Promise<readonly [steps: number, ms: number]> {
    const [before, started] = [this.steps, performance.now()]
    let passed = 0
    while (passed < ms) {
      const wanted = Math.min(CHUNK_MS, ms - passed) / this.#perStep
      await this.run(Math.max(1, Math.min(this.#chunk, Math.floor(wanted))))
      passed = performance.now() - started
      this.#perStep = passed / (this.steps - before)
    }
    return [this.steps - before, passed]
  }
}

type Loaded = Extract<Awaited<ReturnType<typeof load>>, { ok: true }>['value']

async function serve(): Promise<void> {
  const open = new Map<string, Trainer>()
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line) as { id?: number; workload?: string; seconds?: number; quit?: unknown }
    if (question.quit || question.workload === undefined) break
    const { id, workload, seconds = 1 } = question
    try {
      const trainer = open.get(workload) ?? (await Trainer.open(workload))
      open.set(workload, trainer)
      const cpu = process.cpuUsage()
      const [steps, ms] = await trainer.trainFor(1000 * seconds)
      const used = process.cpuUsage(cpu)
      const figures = {
        steps,
        seconds: ms / 1000,
        cpuSec: (used.user + used.system) / 1e6,
        stepsPerSec: (1000 * steps) / ms,
        check: trainer.check,
        loss: await trainer.loss(),
        setupMs: trainer.setupMs,
        title: trainer.title,
        arenaBytes: trainer.arenaBytes,
        device: Object.entries((await openDevice()).info.facts)
          .map(([name, value]) => `${name} ${value}`)
          .join(', '),
      }
      process.stdout.write(`${JSON.stringify({ id, ok: true, ...figures })}\n`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      process.stdout.write(`${JSON.stringify({ id, ok: false, error: reason })}\n`)
    }
  }
}

export async function main(): Promise<void> {
  allowWideVectors()
  if (options.soak === undefined) await serve()
  else await soak(options.workload, await Trainer.open(options.workload), Number(options.soak))
  process.exit(0)
}
