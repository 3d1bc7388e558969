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
import type { Augmentation, DataSection } from '../document/types.ts'
import { checkAugmentation } from './augmentation.ts'
import { isMade } from './features.ts'
import { unwatched } from './files.ts'
import { MAX_EXAMPLE_BYTES } from './limits.ts'
import { atOnce, inTurns, type Steps } from './numbers.ts'
import { applyToExamples, learnExamples } from './preparation/examples.ts'
import type { Makers } from './preparation/made.ts'
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
    const { train, validation, ...rest } = isTable(raw)
      ? atOnce(prepareTable(raw, section))
      : atOnce(prepareExamples(raw, section, MAX_EXAMPLE_BYTES))
    return { ...rest, train: inMemory(train), validation: inMemory(validation) }
  })
}

function inMemory({ features, ...rest }: Examples): Examples<Float32Array> {
  if (!isMade(features)) return { ...rest, features }
  const bytes = showBytes(features.length * 4)
  const message = `The examples take ${bytes}, but ${showBytes(MAX_EXAMPLE_BYTES)} are possible at once. Use a part of them.`
  throw new ProblemError(problem('data.large', message))
}

function* prepareExamples(raw: RawExamples, section: DataSection, budget: number): Steps<PreparedData> {
  const { data, train } = yield* learnExamples(raw, section, budget)
  return { ...data, train: yield* train(undefined, undefined) }
}

/**
 * As `prepare`, with others having their turn. Of what is more than `budget` bytes, or changes from epoch to epoch, each example
 * is made when it is asked for, and by `makers` where that takes a while.
 */
export async function prepareFeed(
  raw: RawExamples | LoadedTable,
  section: DataSection,
  budget: number,
  job: Job = unwatched,
  makers?: Makers,
): Promise<Result<PreparedData>> {
  const learnt = await learn(raw, section, budget, job, makers)
  return learnt.ok ? learnt.value.vary(section, job) : learnt
}

/** Data with all that is learnt of them, which is the same however pictures vary. */
export interface LearntData {
  /** Ready for training with pictures that vary as this section says, which is otherwise the one that was learnt by. */
  vary(section: DataSection, job?: Job): Promise<Result<PreparedData>>
}

/** The longer part of `prepareFeed`: sides, statistics, validation and what is to be said of them. */
export function learn(
  raw: RawExamples | LoadedTable,
  section: DataSection,
  budget: number,
  job: Job = unwatched,
  makers?: Makers,
): Promise<Result<LearntData>> {
  return attemptAsync(async () => {
    checkAugmentation(raw, section)
    const made = await madeBy(raw, section, budget, job, makers)
    return {
      vary: (own, { pause, progress } = unwatched) =>
        attemptAsync(() => {
          checkAugmentation(raw, own)
          const last = (share: number) => progress(1 - (1 - share) / PASSES)
          return made(own.preparation.augmentation, { pause, progress: last })
        }),
    }
  })
}

async function madeBy(
  raw: RawExamples | LoadedTable,
  section: DataSection,
  budget: number,
  job: Job,
  makers: Makers | undefined,
): Promise<(augmentation: Augmentation | undefined, job: Job) => Promise<PreparedData>> {
  if (isTable(raw)) {
    const data = await inTurns(prepareTable(raw, section, budget), job, PASSES * cellsOf(raw))
    return () => Promise.resolve(data)
  }
  const { data, train } = await inTurns(learnExamples(raw, section, budget), job, PASSES * raw.count)
  return async (augmentation, own) => ({
    ...data,
    train: await inTurns(train(augmentation, makers), own, raw.count),
  })
}

/** In the columns that the document uses. */
function cellsOf({ table, source }: LoadedTable): number {
  return table.rows * source.columns.filter(({ role }) => role === 'feature' || role === 'target').length
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
