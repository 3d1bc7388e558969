/** Examples that stand on both sides of a split: whoever has learnt them by heart is not tested on them. */
import { at } from '../base/assert.ts'
import { problem, type Problem } from '../base/problem.ts'
import { Equal } from './equal.ts'
import { examplesInBlock, isStored, type Steps } from './numbers.ts'
import type { Split } from './split.ts'
import { chosen, eachStretch } from './stretches.ts'
import type { Numbers, RawExamples } from './types.ts'

/** Places of examples on the validation side that equal one of the training side, in order. */
export function* leaksIn({ train, validation }: Split, hashes: Float64Array): Steps<Uint32Array> {
  const known = new Equal(hashes, train.length)
  yield* eachStretch(train.length, (from, to) => {
    for (let i = from; i < to; i++) known.note(at(train, i))
  })
  return yield* chosen(validation, (i) => known.has(at(hashes, i)))
}

/** `where` begins the sentence and `places` says where the first ones are. */
export function leakWarning(
  {
    count,
    of,
    noun,
    where,
    places,
  }: {
    readonly count: number
    readonly of: number
    readonly noun: 'row' | 'example'
    readonly where: string
    readonly places: string
  },
  place?: Problem['place'],
): Problem {
  const equal = count === 1 ? 'equals' : 'equal'
  const message =
    `${where}${count} of ${of} validation ${of === 1 ? noun : `${noun}s`} ${equal} a training ${noun} (${places}), ` +
    `so that learning by heart looks like understanding; keep equal ${noun}s together when splitting.`
  return problem('split.leak', message, { field: 'data.split', ...place }, 'warning')
}

/** A number for each example; equal where all its features are. 53 bits, as in table/duplicates.ts. */
export function* exampleHashes({ count, features }: Pick<RawExamples, 'count' | 'features'>): Steps<Float64Array> {
  const before = known.get(features)
  if (before) return before
  const hashes = new Float64Array(count)
  const size = count > 0 ? features.length / count : 0
  const most = examplesInBlock(features, size)
  for (let from = 0; from < count; from += most) {
    const to = Math.min(count, from + most)
    hashRecords(features.subarray(from * size, to * size), hashes.subarray(from, to))
    yield to - from
  }
  if (isStored(features)) known.set(features, hashes)
  return hashes
}

/** Of files, whose numbers stay as they are and take a while to be read. */
const known = new WeakMap<Numbers, Float64Array>()

/** `records`: as many as there are hashes. */
function hashRecords(records: Float32Array | Uint8Array, hashes: Float64Array): void {
  const size = records.byteLength / hashes.length
  const asWords = size % 4 === 0
  const { buffer, byteOffset, byteLength } = records.byteOffset % 4 === 0 ? records : records.slice()
  const units = asWords
    ? new Uint32Array(buffer, byteOffset, byteLength / 4)
    : new Uint8Array(buffer, byteOffset, byteLength)
  const width = asWords ? size / 4 : size
  for (let i = 0; i < hashes.length; i++) {
    let high = 0x9e3779b9
    let low = 0x85ebca6b
    for (let k = i * width; k < (i + 1) * width; k++) {
      const unit = units[k] as number
      high = Math.imul(high ^ unit, 0x2c1b3c6d)
      high ^= high >>> 15
      low = Math.imul((low ^ unit) + high, 0x297a2d39)
      low ^= low >>> 13
    }
    hashes[i] = ((high ^ (high >>> 16)) >>> 11) * 2 ** 32 + (Math.imul(low ^ high, 0x846ca68b) >>> 0)
  }
}
