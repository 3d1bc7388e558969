/**
 * Our engine as one peer of the comparison: a line of JSON in, `{ workload, seconds }`, a line out with how many steps were
 * made in that time. Steps run in chunks, as training runs them.
 */
import { createInterface } from 'node:readline'
import { at, get } from '../src/base/assert.ts'
import { ProblemError, type Result } from '../src/base/problem.ts'
import { sizeOf } from '../src/base/shape.ts'
import wasm from '../src/backends/wasm/index.ts'
import { allowWideVectors } from '../src/node/vector-width.ts'
import { load } from '../src/train/load.ts'
import { dataOf, documentOf, firstWeights, workloads } from './workloads.ts'

/** Steps whose losses are compared among peers. */
const CHECKED = 10
/** A chunk takes about this long, as it does while somebody watches. */
const CHUNK_MS = 16

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new ProblemError(...result.problems)
  return result.value
}

class Trainer {
  readonly check: number[] = []
  setupMs = 0
  device = ''
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
    this.#chunk = at(
      network.plan.entries.filter(({ name }) => name === 'train'),
      0,
    ).chunk
  }

  static async open(name: string): Promise<Trainer> {
    const workload = get(new Map(Object.entries(workloads)), name)
    const started = performance.now()
    const device = valueOf(await wasm.open())
    const loaded = valueOf(await load(documentOf(workload), dataOf(workload), device))
    const sizes = new Map(loaded.network.weights.map((weight) => [weight.name, sizeOf(weight.shape)]))
    for (const [weight, values] of firstWeights(workload, (one) => get(sizes, one)))
      await loaded.executable.write(weight, values)
    const trainer = new Trainer(workload, loaded)
    for (let i = 0; i < CHECKED; i++) {
      await trainer.run(1)
      trainer.check.push(await trainer.loss())
    }
    trainer.device = Object.values(device.info.facts).join(', ')
    trainer.setupMs = performance.now() - started
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

export async function serve(): Promise<void> {
  allowWideVectors()
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
        device: trainer.device,
      }
      process.stdout.write(`${JSON.stringify({ id, ok: true, ...figures })}\n`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      process.stdout.write(`${JSON.stringify({ id, ok: false, error: reason })}\n`)
    }
  }
  process.exit(0)
}
