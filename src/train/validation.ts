import { at } from '../base/assert.ts'
import type { Piece } from './course.ts'
import type { Network } from './network.ts'

/** Of one validation: means over the part, by name. */
export type Results = ReadonlyMap<string, number>

/** The means over the validation part, of batches that come in any number of pieces. */
export class Validation {
  readonly #recorded: readonly Recorded[]
  readonly #count: number
  #sums: number[] = []
  #examples = 0

  constructor(network: Pick<Network, 'batch' | 'parts' | 'metrics'>) {
    this.#recorded = recorded(network)
    this.#count = network.batch.validation.count
  }

  /** Some more batches; `values`: of each result in turn. The means by name, once all batches are there. */
  add(
    { size, steps }: Pick<Piece, 'size' | 'steps'>,
    values: (result: number) => ArrayLike<number>,
  ): Results | undefined {
    this.#sums = this.#recorded.map((_, k) => {
      const own = values(k)
      let sum = this.#sums[k] ?? 0
      for (let i = 0; i < steps; i++) sum += at(own, i) * size
      return sum
    })
    this.#examples += steps * size
    if (this.#examples < this.#count) return undefined
    const sums = this.#sums
    this.forget()
    return new Map(this.#recorded.map(({ name, finish }, k) => [name, finish(at(sums, k) / this.#count)]))
  }

  /** The run goes back to before it. */
  forget(): void {
    this.#sums = []
    this.#examples = 0
  }
}

export interface Recorded {
  readonly name: string
  /** From the mean over examples to what people read. */
  readonly finish: (mean: number) => number
}

/** What is recorded of each batch and each validation: the loss, its parts, and the metrics. */
export function recorded({ parts, metrics }: Pick<Network, 'parts' | 'metrics'>): readonly Recorded[] {
  const finish = (mean: number) => mean
  return [
    { name: 'loss', finish },
    ...parts.map(({ name }) => ({ name, finish })),
    ...metrics.map((metric) => ({ finish, ...metric })),
  ]
}
