/** How a network fares that predicts numbers, or gives back what it saw. What is not a number counts nowhere, and is counted. */
import { at } from '../../base/assert.ts'
import type { Undecided } from './classes.ts'
import { decidedOf, histogramOf, largest, smallest, spread } from './rank.ts'
import { MOST_POINTS, type NumberEvaluation, type ReconstructionEvaluation, type TargetScore } from './types.ts'

export interface NumberAnswers {
  /** [examples × targets], in the targets' own units, as are the truths. */
  readonly predicted: ArrayLike<number>
  readonly truths: ArrayLike<number>
  readonly names: readonly string[]
  /** What an error of each target is measured by where several are compared. */
  readonly deviations: readonly number[]
  readonly indices: ArrayLike<number>
}

export function evaluateNumbers(answers: NumberAnswers): NumberEvaluation & Undecided {
  const { predicted, truths, names, deviations, indices } = answers
  const width = names.length
  const { decided, undecided } = decidedOf(predicted, width, indices)
  const errors = decided.map((i) => {
    let sum = 0
    for (let k = 0; k < width; k++)
      sum += ((at(truths, i * width + k) - at(predicted, i * width + k)) / (deviations[k] ?? 1)) ** 2
    return sum / width
  })
  return {
    kind: 'numbers',
    targets: names.map((name, k) => {
      const places = decided.map((i) => i * width + k)
      return targetScore(
        name,
        places.map((place) => at(truths, place)),
        places.map((place) => at(predicted, place)),
        decided.map((i) => at(indices, i)),
      )
    }),
    worst: largest(
      errors,
      decided.map((i) => at(indices, i)),
    ),
    undecided,
  }
}

function targetScore(
  name: string,
  truths: readonly number[],
  predicted: readonly number[],
  indices: readonly number[],
): TargetScore {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const residuals = truths.map((truth, i) => truth - at(predicted, i))
  const squared = mean(residuals.map((residual) => residual ** 2))
  const middle = mean(truths)
  const variance = mean(truths.map((truth) => (truth - middle) ** 2))
  const isFlat = truths.every((truth) => truth === truths[0])
  const shown = spread(truths.length, MOST_POINTS)
  return {
    name,
    mae: mean(residuals.map(Math.abs)),
    rmse: Math.sqrt(squared),
    r2: isFlat ? null : 1 - squared / variance,
    bias: mean(residuals),
    truth: Float64Array.from(shown, (i) => at(truths, i)),
    predicted: Float64Array.from(shown, (i) => at(predicted, i)),
    indices: Uint32Array.from(shown, (i) => at(indices, i)),
    residuals: histogramOf(residuals),
  }
}

/** `answers` and `features`: [examples × size], as the network sees them. */
export function evaluateReconstruction(
  answers: ArrayLike<number>,
  features: ArrayLike<number>,
  size: number,
  indices: ArrayLike<number>,
): ReconstructionEvaluation & Undecided {
  const { decided, undecided } = decidedOf(answers, size, indices)
  const errors = decided.map((i) => {
    let sum = 0
    for (let k = i * size; k < (i + 1) * size; k++) sum += (at(answers, k) - at(features, k)) ** 2
    return sum / size
  })
  const own = decided.map((i) => at(indices, i))
  return {
    kind: 'reconstruction',
    mse: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    errors: histogramOf(errors),
    worst: largest(errors, own),
    best: smallest(errors, own),
    undecided,
  }
}
