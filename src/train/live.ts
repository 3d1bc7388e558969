/**
 * Parameters that may change while a run goes on: what is in force, what waits for the end of the chunk, and what changed
 * since the checkpoint, so that going back repeats the changes where they were made.
 */
import { problem, type Problem } from '../base/problem.ts'
import type { Executable } from '../backends/types.ts'

/** Live slot of a block's parameter, by the block's path and its own name: `encoder.loss.weight`. */
export function blockSlot(name: string): string {
  return `param/${name}`
}

/** A live parameter that got another value when `step` batches were done. */
interface LiveChange {
  readonly step: number
  readonly slot: string
  readonly value: number
}

export class LiveValues {
  readonly #executable: Executable
  readonly #now: Map<string, number>
  readonly #wanted = new Map<string, number>()
  #changes: LiveChange[] = []

  constructor(executable: Executable, first: ReadonlyMap<string, number>) {
    this.#executable = executable
    this.#now = new Map(first)
  }

  /** `rate` is the optimizer's, `encoder.loss.weight` that of a block; null when it was taken, else what is wrong. */
  want(name: string, value: number): Problem | null {
    const ofBlock = name.includes('.')
    const slot = ofBlock ? blockSlot(name) : `optimizer/${name}`
    const wrong = (message: string) => problem('run.live', message, { field: name })
    if (!this.#now.has(slot))
      return wrong(
        ofBlock
          ? `This run has no parameter ${name} that could change while it goes on.`
          : `The optimizer has no parameter called "${name}".`,
      )
    if (!Number.isFinite(value))
      return wrong(`${ofBlock ? name : `The optimizer's ${name}`} must be a number, not ${value}.`)
    this.#wanted.set(slot, value)
    return null
  }

  /** Something waits for the end of the chunk. */
  get isWaiting(): boolean {
    return this.#wanted.size > 0
  }

  value(slot: string): number | undefined {
    return this.#now.get(slot)
  }
  all(): ReadonlyMap<string, number> {
    return new Map(this.#now)
  }

  /** What was wanted is in force from here on. */
  async apply(step: number): Promise<void> {
    const wanted = [...this.#wanted]
    this.#wanted.clear()
    for (const [slot, value] of wanted) {
      this.#now.set(slot, value)
      this.#changes.push({ step, slot, value })
      await this.#write(slot, value)
    }
  }

  // Going back

  /** A new checkpoint: what came before its step will not be repeated. */
  forgetBefore(step: number): void {
    this.#changes = this.#changes.filter((change) => change.step >= step)
  }

  /** The run stands at an earlier step, with the values of now. */
  moveTo(step: number): void {
    this.#changes = this.#changes.map((change) => ({ ...change, step: Math.min(change.step, step) }))
  }

  /** Brings back the values of the checkpoint; the replay makes the changes again. */
  async replay(checkpoint: ReadonlyMap<string, number>): Promise<LiveReplay> {
    for (const [slot, value] of checkpoint) await this.#write(slot, value)
    const left = [...this.#changes]
    return {
      next: () => left[0]?.step ?? Infinity,
      upTo: async (step) => {
        for (let change = left[0]; change && change.step <= step; change = left[0]) {
          await this.#write(change.slot, change.value)
          left.shift()
        }
      },
    }
  }

  async #write(slot: string, value: number): Promise<void> {
    await this.#executable.write(slot, Float32Array.of(value))
  }
}

export interface LiveReplay {
  /** Step of the next change. */
  next(): number
  /** Makes the changes of all steps up to this one. */
  upTo(step: number): Promise<void>
}
