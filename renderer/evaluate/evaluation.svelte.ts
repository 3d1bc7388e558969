/** What the window knows of how the network fares: the last look at each part, and the samples that were opened. */
import { problem, type Problem } from '../../src/base/problem.ts'
import type { DataSection } from '../../src/document/types.ts'
import type { ChosenSamples, Evaluation, Part, SampleChoice } from '../../src/protocol/messages.ts'
import type { Engine } from '../state/engine.ts'
import { Wait } from '../state/wait.svelte.ts'

export interface Opened {
  /** `3 of class 4 taken for 9` */
  readonly title: string
  /** Null for those that were corrected: some of them are in no part any more. */
  readonly choice: SampleChoice | null
  /** Samples before the first one that is shown. */
  readonly skip: number
  readonly found: ChosenSamples
}

/** Samples that are shown at once. */
export const SHOWN = 100

export class EvaluationView {
  part = $state<Part>('validation')
  evaluation = $state.raw<Evaluation | null>(null)
  opened = $state.raw<Opened | null>(null)
  failures = $state.raw<readonly Problem[]>([])
  looking = $state(false)
  /** Counts the runs that are over: whoever looks is to look anew. */
  forgotten = $state(0)
  /** The rows that the run is of, and the corrections by which it has learnt; null until samples have told. */
  learnt = $state.raw<Pick<ChosenSamples, 'rowsKey' | 'correctionsKey'> | null>(null)

  /** For samples, whose data may have to be read again. */
  readonly wait = new Wait()
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
      const { part } = this
      const answer = await this.wait.for((asking) => this.#engine.call('run.samples', { part, choice }, asking))
      if (!isWanted()) return
      this.failures = answer.ok ? [] : answer.problems
      if (answer.ok) this.#opens(title, choice, answer.value)
    } catch (error) {
      if (isWanted()) this.failures = [unanswered(error)]
    }
  }

  #opens(title: string, choice: SampleChoice | null, found: ChosenSamples): void {
    const { rowsKey, correctionsKey } = found
    this.learnt = { rowsKey, correctionsKey }
    this.opened = { title, choice, skip: choice && choice.kind !== 'indices' ? choice.skip : 0, found }
  }

  /** The examples that the document corrects, also those that were left out of the run. */
  async openCorrected(title: string, data: DataSection, skip = 0): Promise<void> {
    const { learnt } = this
    if (!learnt) return
    const [look, request] = [this.#latest, ++this.#opening]
    const isWanted = () => look === this.#latest && request === this.#opening
    const all = Object.keys(data.corrections ?? {}).map(Number)
    const rows = all.slice(skip, skip + SHOWN)
    try {
      const answer = await this.wait.for((asking) => this.#engine.call('data.samples', { data, rows }, asking))
      if (!isWanted()) return
      this.failures = answer.ok ? [] : answer.problems
      if (!answer.ok) return
      const samples = rows.map((row) => ({ index: -1, row, truth: [], answer: [], confidence: null }))
      this.opened = {
        title,
        choice: null,
        skip,
        found: { step: 0, total: all.length, samples, looks: answer.value, ...learnt },
      }
    } catch (error) {
      if (isWanted()) this.failures = [unanswered(error)]
    }
  }

  /** Other samples of an opened cell, or of those that `data` corrects, take the place of those that are shown. */
  async turn(skip: number, data: DataSection | undefined): Promise<void> {
    const { opened } = this
    if (opened?.choice && opened.choice.kind !== 'indices') await this.open(opened.title, { ...opened.choice, skip })
    else if (opened?.choice === null && data) await this.openCorrected(opened.title, data, skip)
  }

  /** A new run is another network. */
  forget(): void {
    this.#latest++
    this.wait.stop()
    this.forgotten++
    this.looking = false
    this.evaluation = null
    this.opened = null
    this.learnt = null
    this.failures = []
  }
}

export function unanswered(error: unknown): Problem {
  return problem('evaluate.engine', error instanceof Error ? error.message : String(error))
}
