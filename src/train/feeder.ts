/**
 * What a device is told before it computes: which examples come next and, where they are not on it from the start, the examples
 * themselves. While it computes, what comes then is made ready.
 */
import { sizeOf, type Shape } from '../base/shape.ts'
import type { HostArray } from '../backends/types.ts'
import { isMade, rowsAt } from '../data/features.ts'
import type { Examples } from '../data/types.ts'

/** Bytes of the features that are on a device at once, of a part that is not there as a whole. */
const WINDOW = 64 * 1024 ** 2

/** Examples of a part that a device holds at once: all, or some whole batches. */
export function rowsOf({ count, features }: Examples, shape: Shape, batch: number): number {
  if (!isMade(features)) return count
  const fitting = Math.floor(WINDOW / (4 * Math.max(1, sizeOf(shape)) * batch))
  return Math.min(count, Math.max(1, fitting) * batch)
}

/** What is written for some steps; what the device has already is left out. */
export interface Feed {
  /** Where each example is on the device. */
  readonly indices: Int32Array
  readonly features?: Float32Array
  readonly targets?: HostArray
}

/** Which example of a part is the one at `first`, and those after it: examples of all epochs, counted through. */
export type Sequence = (first: number, count: number) => Int32Array

interface Ahead {
  readonly first: number
  readonly count: number
  readonly feed: Promise<Feed>
}

export class Feeder {
  readonly #examples: Examples
  readonly #sequence: Sequence
  readonly #varies: boolean
  #ahead: Ahead | undefined

  /** `varies`: examples are others in each epoch, where they are made so. */
  constructor(examples: Examples, sequence: Sequence, varies: boolean) {
    this.#examples = examples
    this.#sequence = sequence
    this.#varies = varies
  }

  async take(first: number, count: number): Promise<Feed> {
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead?.first !== first || ahead.count < count) return this.#make(first, count)
    const feed = await ahead.feed
    return ahead.count === count ? feed : this.#firstOf(feed, count)
  }

  /** Begins to make ready what will be taken next. */
  prepare(first: number, count: number): void {
    const feed = this.#make(first, count)
    // Who takes it hears of it.
    feed.catch(() => undefined)
    this.#ahead = { first, count, feed }
  }

  async #make(first: number, count: number): Promise<Feed> {
    const places = this.#sequence(first, count)
    const { features, targets, count: all } = this.#examples
    if (!isMade(features)) return { indices: places }
    const size = features.length / all
    const out = new Float32Array(count * size)
    for (let done = 0; done < count;) {
      const epoch = Math.floor((first + done) / all)
      const until = Math.min(count, (epoch + 1) * all - first)
      await features.write(
        out.subarray(done * size, until * size),
        places.subarray(done, until),
        this.#varies ? epoch + 1 : 0,
      )
      done = until
    }
    const indices = new Int32Array(count)
    for (let i = 0; i < count; i++) indices[i] = i
    return {
      indices,
      features: out,
      targets: rowsAt(targets, places, targets.length / all),
    }
  }

  #firstOf({ indices, features, targets }: Feed, count: number): Feed {
    const part = <A extends HostArray>(numbers: A | undefined) =>
      numbers?.subarray(0, (numbers.length / indices.length) * count) as A | undefined
    const [some, answers] = [part(features), part(targets)]
    return {
      indices: indices.subarray(0, count),
      ...(some && { features: some }),
      ...(answers && { targets: answers }),
    }
  }
}
