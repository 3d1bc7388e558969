/**
 * Early stopping (Prechelt 1998; the rules are those of Keras' EarlyStopping): ends a run when a validation result has not
 * become better for some epochs, and keeps the weights of the best one.
 */
import type { HostArray } from '../backends/types.ts'
import type { EarlyStopping } from '../document/types.ts'
import type { MetricDescription } from './types.ts'
import { Watch } from './watch.ts'

/** State after an epoch. */
interface Patience {
  readonly best: number
  /** Counted from 1; 0 before the first result. */
  readonly bestEpoch: number
  /** Epochs since then. */
  readonly waited: number
}

interface Kept {
  readonly epoch: number
  readonly weights: ReadonlyMap<string, HostArray>
}

export class Stopping {
  readonly #rule: EarlyStopping
  readonly #metric: Pick<MetricDescription, 'title' | 'better'>
  readonly #watch: Watch<Patience>
  /** Of the two last best epochs: going back may take the last one away. */
  #kept: Kept[] = []

  constructor(rule: EarlyStopping, metric: Pick<MetricDescription, 'title' | 'better'>) {
    this.#rule = rule
    this.#metric = metric
    const sign = metric.better === 'higher' ? -1 : 1
    const first: Patience = { best: sign * Infinity, bestEpoch: 0, waited: 0 }
    this.#watch = new Watch(first, (before, result, epoch) =>
      sign * result + rule.minDelta < sign * before.best
        ? { best: result, bestEpoch: epoch, waited: 0 }
        : { ...before, waited: before.waited + 1 },
    )
  }

  /** Takes in the result of an epoch; `read` gives the weights, where they are worth keeping. */
  async add(result: number, read: () => Promise<ReadonlyMap<string, HostArray>>): Promise<void> {
    const { bestEpoch } = this.#watch.add(result)
    if (bestEpoch === this.#watch.epochs && this.#rule.restoreBest)
      this.#kept = [...this.#kept.slice(-1), { epoch: bestEpoch, weights: await read() }]
  }

  /** The run has gone back to where so many epochs were done. */
  cut(epochs: number): void {
    this.#watch.cut(epochs)
    this.#kept = this.#kept.filter(({ epoch }) => epoch <= epochs)
  }

  get #state(): Patience {
    return this.#watch.at(this.#watch.epochs)
  }

  /** It is time to stop. */
  get isOver(): boolean {
    // The first epoch never stops a run, whatever it ends with.
    return this.#watch.epochs > 1 && this.#state.waited >= this.#rule.patience
  }

  /** Weights to go back to at the end, where those of now are not the best. */
  get best(): ReadonlyMap<string, HostArray> | undefined {
    const kept = this.#kept.at(-1)
    return kept?.epoch === this.#state.bestEpoch && this.#state.waited > 0 ? kept.weights : undefined
  }

  /** Why the run has ended, and what became of its weights; nothing where neither is to be told. */
  get note(): string | undefined {
    const { best, bestEpoch, waited } = this.#state
    const { title, better } = this.#metric
    const figure = Number(best.toPrecision(4))
    const by = this.#rule.minDelta > 0 ? ` by more than ${this.#rule.minDelta}` : ''
    const sentences: string[] = []
    if (this.isOver)
      sentences.push(
        bestEpoch === 0
          ? `Stopped early after epoch ${this.#watch.epochs}: the validation ${title} was never a number.`
          : `Stopped early after epoch ${this.#watch.epochs}: for ${waited} ${waited === 1 ? 'epoch' : 'epochs'} the validation ${title} has not ${better === 'lower' ? 'fallen below' : 'risen above'} the ${figure} of epoch ${bestEpoch}${by}.`,
      )
    if (this.best)
      sentences.push(
        this.isOver
          ? `The weights of epoch ${bestEpoch} are back.`
          : `The weights of epoch ${bestEpoch} are back, where the validation ${title} was best: ${figure}.`,
      )
    return sentences.length > 0 ? sentences.join(' ') : undefined
  }
}
