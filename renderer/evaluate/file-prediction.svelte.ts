/**
 * Predictions of a whole file on their way to the person: read by the engine, answered part by part, kept as they come, and saved
 * when all of them are there. The document and the run stay as they are.
 */
import { problem, type Problem, type Result } from '../../src/base/problem.ts'
import type { DataProgress, PickedFile, PredictionStart } from '../../src/protocol/messages.ts'
import type { Engine } from '../state/engine.ts'
import { messageOf } from '../state/link.ts'
import type { Platform } from '../state/platform.ts'

export type PredictionState =
  | { readonly kind: 'closed' }
  /** Which examples? */
  | { readonly kind: 'asking' }
  | { readonly kind: 'reading'; readonly share: number }
  | { readonly kind: 'answering'; readonly start: PredictionStart; readonly done: number }
  | {
      readonly kind: 'answered'
      readonly start: PredictionStart
      readonly parts: readonly Blob[]
      /** The first lines, their names first. */
      readonly head: readonly string[]
      /** What it was saved as. */
      readonly saved: string | null
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

export interface PredictionHost {
  readonly engine: Engine
  readonly platform: Pick<Platform, 'pickFiles' | 'pickFolder' | 'acceptDrop' | 'saveTable'>
  extensions(): readonly string[]
}

/** Lines that are shown, beside that of the names. */
const HEAD = 8
const CLOSED: PredictionState = { kind: 'closed' }

export class FilePrediction {
  state: PredictionState = $state.raw(CLOSED)
  /** Why it could not be saved; the predictions are still there. */
  failures = $state.raw<readonly Problem[]>([])
  readonly #host: PredictionHost
  /** What belongs to an older question is of no use any more. */
  #latest = 0
  #reading: AbortController | null = null

  constructor(host: PredictionHost) {
    this.#host = host
  }

  get isOpen(): boolean {
    return this.state.kind !== 'closed'
  }

  /** Asks which examples are meant. */
  ask(): void {
    this.#abandon()
    this.state = { kind: 'asking' }
  }
  close(): void {
    this.#abandon()
    this.state = CLOSED
  }

  pickFiles(): Promise<void> {
    return this.#take(() => this.#host.platform.pickFiles(this.#host.extensions()))
  }
  pickFolder(): Promise<void> {
    return this.#take(() => this.#host.platform.pickFolder())
  }
  drop(transfer: DataTransfer): Promise<void> {
    // At once: a browser forgets what was dropped as soon as the event is over.
    const accepting = this.#host.platform.acceptDrop(transfer)
    return this.#take(() => accepting)
  }
  /** All examples that the network was trained and validated on, and those that were left out. */
  own(): Promise<void> {
    return this.#take(null)
  }

  async save(): Promise<void> {
    const { state } = this
    if (state.kind !== 'answered') return
    this.failures = []
    const name = `${state.start.name.replace(/(\.\w{1,8}){1,2}$/, '') || 'data'} predictions.csv`
    try {
      const saved = await this.#host.platform.saveTable(name, state.parts)
      if (saved?.ok === false) this.failures = saved.problems
      else if (saved && this.state === state) this.state = { ...state, saved: saved.value.name }
    } catch (error) {
      this.failures = [problem('predict.save', messageOf(error))]
    }
  }

  /** `choose`: null for the data themselves. */
  async #take(choose: (() => Promise<Result<readonly PickedFile[]>>) | null): Promise<void> {
    this.#abandon()
    const own = this.#latest
    const isWanted = () => own === this.#latest
    const before = this.state
    try {
      const picked = await choose?.()
      if (!isWanted()) return
      if (picked && !picked.ok) return this.#refuse(picked.problems)
      if (picked?.value.length === 0) return void (this.state = before.kind === 'closed' ? CLOSED : { kind: 'asking' })
      this.state = { kind: 'reading', share: 0 }
      const handles = picked?.value.map(({ handle }) => handle) ?? []
      const { signal } = (this.#reading = new AbortController())
      const onProgress = ({ share }: DataProgress) => {
        if (isWanted()) this.state = { kind: 'reading', share }
      }
      const begun = await this.#host.engine.call('predict.begin', { handles }, { signal, onProgress })
      if (!isWanted()) {
        if (begun.ok) void this.#end(begun.value.id)
        return
      }
      if (!begun.ok) return this.#refuse(begun.problems)
      await this.#answer(begun.value, isWanted)
    } catch (error) {
      if (isWanted()) this.#refuse([problem('predict.engine', messageOf(error))])
    }
  }

  async #answer(start: PredictionStart, isWanted: () => boolean): Promise<void> {
    const { id, count } = start
    const parts: Blob[] = []
    const head: string[] = []
    this.state = { kind: 'answering', start, done: 0 }
    for (let done = 0, first = true; first || done < count; first = false) {
      const part = await this.#host.engine.call('predict.next', { id })
      if (!isWanted()) return
      if (!part.ok) return this.#refuse(part.problems)
      const { text } = part.value
      if (head.length <= HEAD)
        head.push(
          ...text
            .split('\n', HEAD + 2)
            .slice(0, HEAD + 1 - head.length)
            .filter(Boolean),
        )
      // Out of this page's memory where there is much of it.
      parts.push(new Blob([text], { type: 'text/csv' }))
      done = part.value.done
      this.state = { kind: 'answering', start, done }
    }
    void this.#end(id)
    this.state = { kind: 'answered', start, parts, head, saved: null }
  }

  #refuse(problems: readonly Problem[]): void {
    this.state = { kind: 'refused', problems }
  }

  /** Nothing of what is under way is wanted any more. */
  #abandon(): void {
    this.#latest++
    this.failures = []
    const { state } = this
    this.#reading?.abort()
    if (state.kind === 'answering') void this.#end(state.start.id)
  }

  #end(id: number): Promise<unknown> {
    return this.#host.engine.call('predict.end', { id }).catch(() => undefined)
  }
}
