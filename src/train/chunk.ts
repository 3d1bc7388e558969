/** What came back of some steps of training: how many of them are good, and what is written down of those. */
import { at } from '../base/assert.ts'
import { GRADIENT_NORM, NON_FINITE } from './gradient-watch.ts'
import type { Journal } from './journal.ts'
import type { Network } from './network.ts'
import type { Trained } from './stepper.ts'
import { recorded } from './validation.ts'

const watchedOf = ({ watched }: Network) => (watched ? [GRADIENT_NORM, NON_FINITE] : [])

export class Chunk {
  /** Of the first step whose loss or gradients are no numbers; -1 where all are. */
  readonly bad: number
  /** Steps before that. */
  readonly good: number
  readonly #network: Network
  readonly #trained: Trained

  /** `trained`: with `Chunk.outputs`. */
  constructor(network: Network, trained: Trained) {
    this.#network = network
    this.#trained = trained
    const { values, done } = trained
    const [, broken] = values.slice(recorded(network).length)
    const nan = at(values, 0).findIndex((loss) => !Number.isFinite(loss))
    // Gradients that are none break the weights, and so the loss of the next step.
    const torn = broken ? broken.findIndex((count) => count !== 0) : -1
    this.bad = nan >= 0 || torn < 0 ? nan : torn + 1
    this.good = Math.min(this.bad < 0 ? done : this.bad, done)
  }

  /** What the entries are asked for. */
  static outputs(network: Network): string[] {
    return [...recorded(network).map(({ name }) => name), ...watchedOf(network)]
  }

  /** `rate`: of each step by its place in the chunk, where it changes. */
  record(journal: Journal, rate: ((step: number) => number) | undefined): void {
    const { values, from } = this.#trained
    const first = from.step + 1
    const wanted = recorded(this.#network)
    wanted.forEach(({ name, finish }, k) => {
      const means = at(values, k)
      journal.recordAll(`train.${name}`, first, this.good, (i) => finish(at(means, i)))
    })
    const norms = values[wanted.length]
    if (norms) journal.recordAll(`train.${GRADIENT_NORM}`, first, this.good, (i) => at(norms, i))
    if (rate) journal.recordAll('train.rate', first, this.good, rate)
  }
}
