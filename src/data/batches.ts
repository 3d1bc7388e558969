/** The order in which examples train: another one each epoch, the same one each time the run is repeated. */
import { assert } from '../base/assert.ts'
import { Rng } from '../base/rng.ts'

/** Order of `count` examples in an epoch (counted from 1 or 0, as the caller likes): a permutation decided by the seed. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return new Rng(seed, 'shuffle', epoch).permutation(count)
}

/** Steps of one epoch, the last of which may be smaller. */
export function batchCount(count: number, batchSize: number): number {
  assert(batchSize >= 1, `batch size ${batchSize}`)
  return Math.ceil(count / batchSize)
}

/** The examples of step `step` (from 0) of an epoch: a view of `order`. */
export function batchAt(order: Uint32Array, batchSize: number, step: number): Uint32Array {
  return order.subarray(step * batchSize, Math.min(order.length, (step + 1) * batchSize))
}

/** All batches of an epoch in turn; each example once, the last batch ragged. */
export function* batches(order: Uint32Array, batchSize: number): Generator<Uint32Array> {
  const steps = batchCount(order.length, batchSize)
  for (let step = 0; step < steps; step++) yield batchAt(order, batchSize, step)
}
