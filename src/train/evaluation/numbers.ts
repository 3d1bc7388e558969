/** How a network fares that predicts numbers, or gives back what it saw. What is not a number counts nowhere, and is counted. */
import { at } from '../../base/assert.ts'
import type { Undecided } from './classes.ts'
import { histogramOf, largest, smallest, spread } from './rank.ts'
import {
  MOST_POINTS,
  type LabelScore,
  type NumberEvaluation,
  type ReconstructionEvaluation,
  type TargetScore,
} from './types.ts'

export interface NumberAnswers {
  /** [examples × targets], in the targets' own units, as are the truths. */
  readonly predicted: ArrayLike<number>
  readonly truths: ArrayLike<number>
  readonly names: readonly string[]
  /** What an error of each target is measured by where several are compared. */
  readonly deviations: readonly number[]
  readonly indices: ArrayLike<number>
  /** Each is 0 or 1. */
  readonly labels?: boolean
}

export function evaluateNumbers(answers: NumberAnswers): NumberEvaluation & Undecided {
  const { predicted, truths, names, deviations, indices, labels = false } = answers
  const width = names.length
  const { decided, undecided } = sorted(predicted, width, indices)
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
        labels,
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
  isLabel: boolean,
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
    ...(isLabel && { label: labelScore(truths, predicted) }),
  }
}

function labelScore(truths: readonly number[], predicted: readonly number[]): LabelScore {
  const count = (test: (holds: boolean, given: boolean) => boolean) =>
    truths.filter((truth, i) => test(truth > 0.5, at(predicted, i) > 0.5)).length
  const support = count((holds) => holds)
  const given = count((_, given) => given)
  const both = count((holds, given) => holds && given)
  return {
    accuracy: count((holds, given) => holds === given) / truths.length,
    support,
    precision: given > 0 ? both / given : null,
    recall: support > 0 ? both / support : null,
    f1: given + support > 0 ? (2 * both) / (given + support) : null,
  }
}

/** `answers` and `features`: [examples × size], as the network sees them. */
export function evaluateReconstruction(
  answers: ArrayLike<number>,
  features: ArrayLike<number>,
  size: number,
  indices: ArrayLike<number>,
): ReconstructionEvaluation & Undecided {
  const { decided, undecided } = sorted(answers, size, indices)
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

function sorted(
  answers: ArrayLike<number>,
  width: number,
  indices: ArrayLike<number>,
): { readonly decided: readonly number[]; readonly undecided: readonly number[] } {
  const decided: number[] = []
  const undecided: number[] = []
  for (let i = 0; i < indices.length; i++) {
    let finite = true
    for (let k = i * width; k < (i + 1) * width; k++) if (!Number.isFinite(at(answers, k))) finite = false
    if (finite) decided.push(i)
    else undecided.push(at(indices, i))
  }
  return { decided, undecided }
}
