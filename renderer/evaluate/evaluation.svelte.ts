/** What the window knows of how the network fares: the last look at each part, and the samples that were opened. */
import { problem, type Problem } from '../../src/base/problem.ts'
import type { ChosenSamples, Evaluation, Part, SampleChoice } from '../../src/protocol/messages.ts'
import type { Engine } from '../state/engine.ts'

export interface Opened {
  /** `3 of class 4 taken for 9` */
  readonly title: string
  readonly choice: SampleChoice
  readonly found: ChosenSamples
}

export class EvaluationView {
  part = $state<Part>('validation')
  evaluation = $state.raw<Evaluation | null>(null)
  opened = $state.raw<Opened | null>(null)
  failures = $state.raw<readonly Problem[]>([])
  looking = $state(false)

  readonly #engine: Engine
  #latest = 0
  #opening = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Looks at the network as it is now. What is shown stays until the answer comes. */
  async look(part: Part = this.part): Promise<void> {
    const request = ++this.#latest
    this.part = part
    this.looking = true
    try {
      const answer = await this.#engine.call('run.evaluate', { part })
      if (request !== this.#latest) return
      this.failures = answer.ok ? [] : answer.problems
      this.evaluation = answer.ok ? answer.value : null
      // They were of the evaluation before.
      this.opened = null
    } catch (error) {
      if (request === this.#latest) this.failures = [unanswered(error)]
    } finally {
      if (request === this.#latest) this.looking = false
    }
  }

  async open(title: string, choice: SampleChoice): Promise<void> {
    const [look, request] = [this.#latest, ++this.#opening]
    const isWanted = () => look === this.#latest && request === this.#opening
    try {
      const answer = await this.#engine.call('run.samples', { part: this.part, choice })
      if (!isWanted()) return
      this.failures = answer.ok ? [] : answer.problems
      if (answer.ok) this.opened = { title, choice, found: answer.value }
    } catch (error) {
      if (isWanted()) this.failures = [unanswered(error)]
    }
  }

  /** The next samples of an opened cell take the place of those that are shown. */
  async turn(skip: number): Promise<void> {
    const { opened } = this
    if (opened?.choice.kind === 'cell') await this.open(opened.title, { ...opened.choice, skip })
  }

  /** A new run is another network. */
  forget(): void {
    this.#latest++
    this.looking = false
    this.evaluation = null
    this.opened = null
    this.failures = []
  }
}

export function unanswered(error: unknown): Problem {
  return problem('evaluate.engine', error instanceof Error ? error.message : String(error))
}
