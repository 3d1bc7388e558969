/**
 * One program of the comparison: a line of JSON in, `{ workload, seconds }`, a line out with how many steps were made in that
 * time; or `{ device: true }` in, and what it computes on out. Steps run in chunks, as training runs them, and count when they
 * are done, not when a GPU has heard of them.
 */
import { createInterface } from 'node:readline'
import type { PreparedData } from '../src/data/types.ts'
import { dataOf, workloadOf, type Workload } from './workloads.ts'

/** Steps whose losses are compared among peers. */
const CHECKED = 10
/** A chunk takes about this long, as it does while somebody watches. */
const CHUNK_MS = 16

/** A workload at its start on an engine: with the first weights of everybody, and its data where the engine wants it. */
export interface Trainer {
  /** What is printed beside its figures. */
  readonly facts: { readonly [name: string]: string | number }
  /** Steps that one call of `run` can make. */
  readonly most: number
  /** Makes steps, from the number `from` on; resolves when they are done. */
  run(from: number, steps: number): Promise<void>
  /** Of the last step. */
  loss(): Promise<number>
}

export interface Engine {
  /** What it computes on; fails with the reason where it can't. */
  device(): Promise<string>
  open(workload: Workload, data: PreparedData): Promise<Trainer>
}

export class Training {
  readonly check: number[] = []
  /** From the document to the end of the first step, with the device open. */
  setupMs = 0
  steps = 0
  #perStep = 1
  readonly title: string
  readonly #trainer: Trainer

  private constructor({ title, batch }: Workload, trainer: Trainer) {
    this.title = `${title}, batch ${batch}`
    this.#trainer = trainer
  }

  static async open(engine: Engine, name: string): Promise<Training> {
    const workload = workloadOf(name)
    const data = dataOf(workload)
    await engine.device()
    const started = performance.now()
    const training = new Training(workload, await engine.open(workload, data))
    for (let i = 0; i < CHECKED; i++) {
      const before = performance.now()
      await training.#run(1)
      training.setupMs ||= performance.now() - started
      training.#perStep = performance.now() - before
      training.check.push(await training.loss())
    }
    return training
  }

  get facts(): Trainer['facts'] {
    return this.#trainer.facts
  }

  async #run(steps: number): Promise<void> {
    await this.#trainer.run(this.steps, steps)
    this.steps += steps
  }

  loss(): Promise<number> {
    return this.#trainer.loss()
  }

  /** Trains for that long; returns steps and milliseconds. */
  async trainFor(ms: number): Promise<readonly [steps: number, ms: number]> {
    const [before, started] = [this.steps, performance.now()]
    let passed = 0
    while (passed < ms) {
      const wanted = Math.min(CHUNK_MS, ms - passed) / this.#perStep
      await this.#run(Math.max(1, Math.min(this.#trainer.most, Math.floor(wanted))))
      passed = performance.now() - started
      this.#perStep = passed / (this.steps - before)
    }
    return [this.steps - before, passed]
  }
}

interface Question {
  readonly id?: number
  readonly device?: boolean
  readonly workload?: string
  readonly seconds?: number
  readonly quit?: unknown
}

/** Answers until there are no more questions. */
export async function serve(engine: Engine): Promise<void> {
  const open = new Map<string, Training>()
  const answer = async ({ device, workload = '', seconds = 1 }: Question) => {
    if (device) return { device: await engine.device() }
    const training = open.get(workload) ?? (await Training.open(engine, workload))
    open.set(workload, training)
    const cpu = process.cpuUsage()
    const [steps, ms] = await training.trainFor(1000 * seconds)
    const used = process.cpuUsage(cpu)
    return {
      steps,
      seconds: ms / 1000,
      cpuSec: (used.user + used.system) / 1e6,
      stepsPerSec: (1000 * steps) / ms,
      check: training.check,
      loss: await training.loss(),
      setupMs: training.setupMs,
      title: training.title,
      ...training.facts,
    }
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line) as Question
    if (question.quit) break
    const { id } = question
    try {
      process.stdout.write(`${JSON.stringify({ id, ok: true, ...(await answer(question)) })}\n`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      process.stdout.write(`${JSON.stringify({ id, ok: false, error: reason })}\n`)
    }
  }
}
