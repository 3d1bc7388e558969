/** What ships, trained for some steps from given weights and random data, on a backend and on the reference. */
import { get } from '../../src/base/assert.ts'
import type { Backend } from '../../src/backends/types.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import type { Network } from '../../src/train/network.ts'
import { difference, TOLERANCE } from '../helpers/tolerance.ts'
import { networkOf, rowsOf, runEntry, start, startValues } from '../helpers/train-steps.ts'
import { shipped } from './shipped.ts'

/** In batches of at most so many. */
export function shippedWith(name: string, batch: number): GraphDocument {
  const document = shipped(name)
  const { training } = document
  return { ...document, training: { ...training, batchSize: Math.min(training.batchSize, batch) } }
}

export interface Start {
  readonly network: Network
  readonly values: Map<string, Float32Array>
  readonly batches: readonly (readonly number[])[]
}

/** A document's training entry alone, what its weights and data are at first, and the rows of each step. */
export function startOf(document: GraphDocument, steps: number): Start {
  const { batchSize } = document.training
  const count = 2 * batchSize + 1
  const network = networkOf(document, { train: count, validation: 1 })
  const entries = network.plan.entries.filter((entry) => entry.name === 'train')
  return {
    network: { ...network, plan: { ...network.plan, entries } },
    values: startValues(document, network),
    batches: rowsOf(count, batchSize, steps),
  }
}

export type Results = Map<string, number[]>

/** Results of the steps, and the weights afterwards. */
export async function trainFrom({ network, values, batches }: Start, backend: Backend): Promise<Results> {
  const { plan, weights } = network
  const executable = await start(backend, plan, values)
  const found = await runEntry(executable, plan, 'train', batches)
  for (const { name } of weights) found.set(name, [...(await executable.read(name))])
  executable.dispose()
  return found
}

/** A sentence for each result or weight that is not as it should be. */
export const differences = (found: Results, right: Results): readonly string[] =>
  [...right].flatMap(([slot, expected]) => {
    const wrong = difference(get(found, slot), expected, TOLERANCE.f32.trained)
    return wrong === undefined ? [] : [`${slot}: ${wrong}`]
  })
