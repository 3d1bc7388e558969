/** What the network makes of an example that changes as one types or draws: one question at a time, the newest next. */
import type { Problem } from '../../src/base/problem.ts'
import type { Answer, OwnExample } from '../../src/protocol/messages.ts'
import type { Engine } from '../state/engine.ts'
import { unanswered } from './evaluation.svelte.ts'

export class Trial {
  answer = $state.raw<Answer | null>(null)
  failures = $state.raw<readonly Problem[]>([])

  readonly #engine: Engine
  #next: OwnExample | null = null
  #asking = false

  constructor(engine: Engine) {
    this.#engine = engine
  }

  ask(example: OwnExample): void {
    this.#next = example
    if (!this.#asking) void this.#goOn()
  }

  /** There is nothing to ask about. */
  clear(): void {
    this.#next = null
    this.answer = null
    this.failures = []
  }

  async #goOn(): Promise<void> {
    this.#asking = true
    for (let example = this.#next; example; example = this.#next) {
      this.#next = null
      try {
        const answer = await this.#engine.call('run.predict', { example })
        this.failures = answer.ok ? [] : answer.problems
        if (answer.ok) this.answer = answer.value
      } catch (error) {
        this.failures = [unanswered(error)]
      }
    }
    this.#asking = false
  }
}
