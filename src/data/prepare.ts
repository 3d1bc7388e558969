/**
 * From examples as they stand in a file to numbers as the network takes them, and the same again for new examples.
 *
 * Everything that is learnt from data here (means, quantiles, what stands for a missing value) is learnt from the
 * training part alone: the validation part must stay a stranger, or its score would flatter. What was learnt is returned
 * as `fitted`, travels with the weights, and `applyPreparation` does the same to every later example.
 *
 * Numeric columns and targets are scaled each on its own, as the column or the recipe for all says; a picture's pixels share
 * one scale, as does a feature of a sequence at all its times; categories become a place each, 1 for the one that holds, or a
 * code, or a place by their hash. Without scaling numbers pass as they are, and bytes of pictures are divided by 255 (mean 0,
 * deviation 255 in `fitted`), so that they lie between 0 and 1. The parts are in preparation/.
 */
import { attempt, attemptAsync, problem, ProblemError, type Problem, type Result } from '../base/problem.ts'
import { showBytes, type Shape } from '../base/shape.ts'
import type { DataSection } from '../document/types.ts'
import { checkAugmentation } from './augmentation.ts'
import { isMade } from './features.ts'
import { unwatched } from './files.ts'
import { MAX_EXAMPLE_BYTES } from './limits.ts'
import { atOnce, inTurns } from './numbers.ts'
import { applyToExamples, prepareExamples } from './preparation/examples.ts'
import { applyToTable, prepareTable } from './preparation/table.ts'
import { UNSCALED } from './scaling.ts'
import type { Examples, FittedPreparation, Job, LoadedTable, PreparedData, RawExamples } from './types.ts'

/** New examples, ready for the network. */
export interface PreparedExamples extends Omit<Examples<Float32Array>, 'targets'> {
  readonly shape: Shape
  /** Only where the file has the target, with a value in every row that is left. Numbers are scaled as in training. */
  readonly targets: Int32Array | Float32Array | undefined
  /** Which row or example of the input each one is, of a window its last row: rows may be left out. */
  readonly rows: Uint32Array
  readonly warnings: readonly Problem[]
}

export function isTable(raw: RawExamples | LoadedTable): raw is LoadedTable {
  return 'table' in raw
}

/** Splits, learns from the training part, and applies to both parts, of what memory holds. Pictures are as they are, unvaried. */
export function prepare(raw: RawExamples | LoadedTable, section: DataSection): Result<PreparedData<Float32Array>> {
  return attempt(() => {
    checkAugmentation(raw, section)
    const { augmentation: _, ...preparation } = section.preparation
    const { train, validation, ...rest } = isTable(raw)
      ? prepareTable(raw, section)
      : atOnce(prepareExamples(raw, { ...section, preparation }, MAX_EXAMPLE_BYTES))
    return { ...rest, train: inMemory(train), validation: inMemory(validation) }
  })
}

function inMemory({ features, ...rest }: Examples): Examples<Float32Array> {
  if (!isMade(features)) return { ...rest, features }
  const bytes = showBytes(features.length * 4)
  const message = `The examples take ${bytes}, but ${showBytes(MAX_EXAMPLE_BYTES)} are possible at once. Use a part of them.`
  throw new ProblemError(problem('data.large', message))
}

/**
 * As `prepare`, with others having their turn. Of what is more than `budget` bytes, or changes from epoch to epoch, each example
 * is made when it is asked for.
 */
export function prepareFeed(
  raw: RawExamples | LoadedTable,
  section: DataSection,
  budget: number,
  job: Job = unwatched,
): Promise<Result<PreparedData>> {
  return attemptAsync(async () => {
    checkAugmentation(raw, section)
    if (isTable(raw)) return prepareTable(raw, section, budget)
    return inTurns(prepareExamples(raw, section, budget), job, PASSES * raw.count)
  })
}

/** How often all examples are gone over: for their hashes, for their mean and deviation, and to scale them. */
const PASSES = 4

/** Does to new examples what was learnt in training. */
export function applyPreparation(
  fitted: FittedPreparation,
  raw: RawExamples | LoadedTable,
  section: DataSection,
): Result<PreparedExamples> {
  return attempt(() => (isTable(raw) ? applyToTable(fitted, raw, section) : applyToExamples(fitted, raw)))
}

/** Numbers that the network gives back for a numeric target, in the target's own units. */
export function restoreTargets(fitted: FittedPreparation, outputs: ArrayLike<number>): Float64Array {
  const size = fitted.targets.length
  return Float64Array.from(outputs, (value, i) => {
    const { mean, deviation } = fitted.targets[i % size] ?? UNSCALED
    return value * deviation + mean
  })
}
