/** What the network makes of an example that changes as one types or draws: one question at a time, the newest next. */
import type { Problem } from '../../src/base/problem.ts'
import type { Answer, AskedExample, OwnExample, Samples } from '../../src/protocol/messages.ts'
import type { Engine } from '../state/engine.ts'
import { unanswered } from './evaluation.svelte.ts'

export class Trial {
  answer = $state.raw<Answer | null>(null)
  /** How the network sees a file or a sound. */
  looks = $state.raw<Samples | null>(null)
  failures = $state.raw<readonly Problem[]>([])

  readonly #engine: Engine
  #next: OwnExample | null = null
  #asking = false
  /** Counts what was cleared: an answer that comes later is of no interest. */
  #cleared = 0
  /** What the engine calls the file or sound that it has read. */
  #known: { readonly example: OwnExample; readonly id: string } | null = null
  /** A file or sound that it could not take, which is not sent again and again. */
  #refused: OwnExample | null = null

  constructor(engine: Engine) {
    this.#engine = engine
  }

  ask(example: OwnExample): void {
    if (example === this.#refused) return
    this.#next = example
    if (!this.#asking) void this.#goOn()
  }

  /** There is nothing to ask about. */
  clear(): void {
    this.#next = null
    this.#cleared++
    this.#refused = null
    this.answer = null
    this.looks = null
    this.failures = []
  }

  async #goOn(): Promise<void> {
    this.#asking = true
    for (let example = this.#next; example; example = this.#next) {
      this.#next = null
      const cleared = this.#cleared
      let failures: readonly Problem[] = []
      let said: Answer | null = null
      try {
        const answer = await this.#predict(example)
        if (answer.ok) said = answer.value
        else failures = answer.problems
      } catch (error) {
        failures = [unanswered(error)]
      }
      if (said?.own) this.#known = { example, id: said.own.id }
      if (cleared !== this.#cleared) continue
      const isSent = example.kind === 'file' || example.kind === 'sound'
      this.failures = failures
      if (said) {
        this.answer = said
        this.looks = said.own?.looks ?? (isSent ? this.looks : null)
      } else if (isSent) {
        this.#refused = example
        this.answer = null
        this.looks = null
      }
    }
    this.#asking = false
  }

  /** A file or sound goes across once, as long as the engine remembers it. */
  async #predict(example: OwnExample) {
    const ask = (asked: AskedExample) => this.#engine.call('run.predict', { example: asked })
    if (this.#known?.example !== example) return ask(example)
    const again = await ask({ kind: 'again', id: this.#known.id })
    return !again.ok && again.problems.some(({ code }) => code === 'own.gone') ? ask(example) : again
  }
}
