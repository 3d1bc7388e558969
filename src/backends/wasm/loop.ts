/** Loops for several threads: parts of the batch go through all turns by themselves, where examples have nothing to do with each other. */
import { examplesOf, forExamples, type Loop } from '../loop.ts'
import type { Kernel } from '../../ir/kernel.ts'

/** Examples that a part should have, so that its products have rows enough. */
const FEWEST = 8

export interface Parts {
  readonly count: number
  /** Examples in each. */
  readonly size: number
  /** The kernels of a turn, for the examples of the first part. */
  readonly kernels: readonly Kernel[]
}

/** The loop in parts, two for each thread where there are examples enough, or undefined where it can't be cut. */
export function cutLoop(loop: Loop, threads: number): Parts | undefined {
  const batch = examplesOf(loop)
  if (batch === undefined) return undefined
  let count = 2 * threads
  while (count > 1 && (batch % count > 0 || batch / count < FEWEST)) count--
  if (count < 2) return undefined
  const size = batch / count
  return { kernels: loop.kernels.map((kernel) => forExamples(kernel, size)), size, count }
}
