/** The order in which examples train: another one each epoch, the same one each time the run is repeated. */
import { assert, at } from '../base/assert.ts'
import { Rng } from '../base/rng.ts'

/** Blocks of neighbours among which examples are shuffled, where they had better be read together. */
const WINDOW = 64

/**
 * Order of `count` examples in an epoch (counted from 1 or 0, as the caller likes): a permutation decided by the seed. With
 * `neighbours`, which lie together in a file, blocks of so many are shuffled first, and then the examples within each window
 * of 64 blocks: what is read at a time stays small, and no two epochs are alike.
 */
export function epochOrder(seed: number, epoch: number, count: number, neighbours = 0): Uint32Array {
  const rng = new Rng(seed, 'shuffle', epoch)
  if (neighbours === 0 || count <= neighbours * WINDOW) return rng.permutation(count)
  const order = new Uint32Array(count)
  let placed = 0
  for (const block of rng.permutation(Math.ceil(count / neighbours))) {
    const end = Math.min(count, (block + 1) * neighbours)
    for (let example = block * neighbours; example < end; example++) order[placed++] = example
  }
  const window = neighbours * WINDOW
  for (let first = 0; first < count; first += window) {
    const part = order.slice(first, first + window)
    new Rng(seed, 'shuffle window', epoch, first / window).permutation(part.length).forEach((from, to) => {
      order[first + to] = at(part, from)
    })
  }
  return order
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
