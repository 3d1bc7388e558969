import { at, get } from '../base/assert.ts'
import type { Network } from './network.ts'
import type { Stepper } from './stepper.ts'

/** One pass over the validation part; an interrupted one goes on where it was. */
export class Validation {
  readonly #network: Network
  readonly #stepper: Stepper
  readonly #sums = new Map<string, number>()
  #batches = 0

  constructor(network: Network, stepper: Stepper) {
    this.#network = network
    this.#stepper = stepper
  }

  /** Some more batches. The means over the whole part by name, once all are done. */
  async go(): Promise<ReadonlyMap<string, number> | undefined> {
    const { count, size: whole } = this.#network.batch.validation
    const names = recorded(this.#network).map(({ name }) => name)
    const { size, steps, values: read } = await this.#stepper.evaluate(this.#batches, names)
    if (steps === 0) return undefined
    for (const [k, name] of names.entries()) {
      const values = at(read, k)
      let sum = this.#sums.get(name) ?? 0
      for (let i = 0; i < steps; i++) sum += at(values, i) * size
      this.#sums.set(name, sum)
    }
    this.#batches += steps
    if (this.#batches * whole < count) return undefined
    return new Map(recorded(this.#network).map(({ name, finish }) => [name, finish(get(this.#sums, name) / count)]))
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
