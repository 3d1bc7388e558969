/**
 * Pictures as training will vary them, seen while a bound is dragged: one question at a time is under way, and of those that
 * come meanwhile only the newest is asked after it. So the wall follows the hand as fast as the engine answers.
 */
import { problem, type Problem } from '../../src/base/problem.ts'
import type { DataSection, DataSource } from '../../src/document/types.ts'
import type { Varied } from '../../src/protocol/messages.ts'
import type { Engine } from '../state/engine.ts'
import { messageOf } from '../state/link.ts'
import { Wait } from '../state/wait.svelte.ts'

export class VariedView {
  varied = $state.raw<Varied | null>(null)
  /** Why there is nothing to see. */
  failures = $state.raw<readonly Problem[]>([])
  readonly wait = new Wait()
  readonly #engine: Engine
  #source: DataSource | null = null
  #next: DataSection | null = null
  #asking = false

  constructor(engine: Engine) {
    this.#engine = engine
  }

  show(data: DataSection): void {
    this.#next = data
    if (!this.#asking) void this.#ask()
  }

  async #ask(): Promise<void> {
    this.#asking = true
    for (let data = this.#next; data; data = this.#next) {
      this.#next = null
      // Pictures of another set say nothing about this one.
      if (this.#source !== data.source) this.varied = null
      this.#source = data.source
      try {
        const asked = data
        const answer = await this.wait.for((asking) => this.#engine.call('data.varied', { data: asked }, asking))
        if (answer.ok) this.varied = answer.value
        this.failures = answer.ok ? [] : answer.problems
      } catch (error) {
        this.failures = [problem('data.engine', messageOf(error))]
      }
    }
    this.#asking = false
  }
}
