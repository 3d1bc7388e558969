/** How a network fares that tells classes apart. What is not a number counts nowhere, and is counted. */
import { assert, at } from '../../base/assert.ts'
import { oneAgainstRest } from './curves.ts'
import { largest, smallest } from './rank.ts'
import {
  CALIBRATION_BINS,
  MOST_CURVES,
  MOST_IN_MATRIX,
  MOST_MISTAKES,
  type Calibration,
  type ClassCurves,
  type ClassEvaluation,
  type ClassScore,
  type MeanScore,
  type Mistake,
} from './types.ts'

export interface ClassAnswers {
  /** [examples × classes], or one number an example: the probability of the second of two classes. */
  readonly scores: ArrayLike<number>
  readonly truths: ArrayLike<number>
  readonly names: readonly string[]
  /** What each example is called. */
  readonly indices: ArrayLike<number>
}

/** The class with the highest score, the first of equal ones; -1 where a score is not a number. */
export function predictedClasses({ scores, truths, names }: Omit<ClassAnswers, 'indices'>): Int32Array {
  const score = scoreOf(scores, truths.length, names.length)
  return Int32Array.from(truths, (_, i) => {
    let best = 0
    for (let k = 0; k < names.length; k++) {
      if (!Number.isFinite(score(i, k))) return -1
      if (score(i, k) > score(i, best)) best = k
    }
    return best
  })
}

export function evaluateClasses(answers: ClassAnswers): ClassEvaluation & Undecided {
  const { scores, truths, names, indices } = answers
  const predicted = predictedClasses(answers)
  const score = scoreOf(scores, truths.length, names.length)
  const all = Array.from(predicted, (_, i) => i)
  const decided = all.filter((i) => at(predicted, i) >= 0)
  const undecided = all.filter((i) => at(predicted, i) < 0)

  const classes = names.length
  const counts = new Map<number, number>()
  for (const i of decided) {
    const cell = at(truths, i) * classes + at(predicted, i)
    counts.set(cell, (counts.get(cell) ?? 0) + 1)
  }
  const own = decided.map((i) => at(indices, i))
  const right = decided.filter((i) => at(predicted, i) === at(truths, i)).length
  const perClass = names.map((_, code) => {
    // Each sorts all examples.
    if (classes > MOST_IN_MATRIX) return { code, curves: null }
    const column = decided.map((i) => score(i, code))
    return { code, curves: oneAgainstRest(column, (k) => at(truths, at(decided, k)) === code) }
  })
  const scored = scoresOf(counts, classes).map((one, code): ClassScore => {
    const { auc = null, averagePrecision = null } = at(perClass, code).curves ?? {}
    return { ...one, auc, averagePrecision }
  })
  return {
    kind: 'classes',
    names,
    accuracy: decided.length > 0 ? right / decided.length : NaN,
    matrix:
      classes > MOST_IN_MATRIX ? null : Uint32Array.from({ length: classes ** 2 }, (_, cell) => counts.get(cell) ?? 0),
    mistakes: mistakesIn(counts, classes),
    classes: scored,
    ...means(scored),
    curves: perClass
      .flatMap(({ code, curves }): ClassCurves[] => {
        return curves ? [{ code, roc: curves.roc, precisionRecall: curves.precisionRecall }] : []
      })
      .sort((a, b) => at(scored, b.code).support - at(scored, a.code).support)
      .slice(0, MOST_CURVES)
      .sort((a, b) => a.code - b.code),
    calibration: calibrationOf(
      decided.map((i) => score(i, at(predicted, i))),
      decided.map((i) => at(predicted, i) === at(truths, i)),
    ),
    worst: largest(
      decided.map((i) => lossOf(score(i, at(truths, i)))),
      own,
    ),
    leastCertain: smallest(
      decided.map((i) => marginOf(names.map((_, k) => score(i, k)))),
      own,
    ),
    undecided: undecided.map((i) => at(indices, i)),
  }
}

export interface Undecided {
  /** Examples whose answer is not a number. */
  readonly undecided: readonly number[]
}

/** The least number above 0 in single precision: what was quite impossible has a loss all the same. */
const LEAST = 2 ** -149
export const lossOf = (probability: number) => -Math.log(Math.max(probability, LEAST)) + 0

function marginOf(scores: readonly number[]): number {
  const [first = 0, second = 0] = [...scores].sort((a, b) => b - a)
  return first - second
}

function scoreOf(scores: ArrayLike<number>, count: number, classes: number): (example: number, code: number) => number {
  if (scores.length === count && classes === 2)
    return (example, code) => (code === 1 ? at(scores, example) : 1 - at(scores, example))
  assert(scores.length === count * classes, `${scores.length} scores for ${count} x ${classes}`)
  return (example, code) => at(scores, example * classes + code)
}

type Counts = ReadonlyMap<number, number>

function scoresOf(counts: Counts, classes: number): Omit<ClassScore, 'auc' | 'averagePrecision'>[] {
  const truths = new Array<number>(classes).fill(0)
  const guesses = new Array<number>(classes).fill(0)
  for (const [cell, count] of counts) {
    const [truth, guess] = [Math.floor(cell / classes), cell % classes]
    truths[truth] = at(truths, truth) + count
    guesses[guess] = at(guesses, guess) + count
  }
  return truths.map((support, code) => {
    const hits = counts.get(code * classes + code) ?? 0
    const share = (whole: number, part = hits) => (whole > 0 ? part / whole : null)
    return {
      support,
      precision: share(at(guesses, code)),
      recall: share(support),
      f1: share(support + at(guesses, code), 2 * hits),
    }
  })
}

/** A class that was never predicted has found nothing: its precision counts as 0. */
function means(scores: readonly ClassScore[]): { readonly macro: MeanScore; readonly weighted: MeanScore } {
  const present = scores.filter(({ support }) => support > 0)
  const mean = (weight: (score: ClassScore) => number): MeanScore => {
    const total = present.reduce((sum, one) => sum + weight(one), 0)
    const of = (name: keyof MeanScore) => present.reduce((sum, one) => sum + weight(one) * (one[name] ?? 0), 0) / total
    return { precision: of('precision'), recall: of('recall'), f1: of('f1') }
  }
  return { macro: mean(() => 1), weighted: mean(({ support }) => support) }
}

function mistakesIn(counts: Counts, classes: number): Mistake[] {
  return [...counts]
    .map(([cell, count]) => ({ truth: Math.floor(cell / classes), predicted: cell % classes, count }))
    .filter(({ truth, predicted }) => truth !== predicted)
    .sort((a, b) => b.count - a.count || a.truth - b.truth || a.predicted - b.predicted)
    .slice(0, MOST_MISTAKES)
}

/** How far a confidence can be relied on (Guo et al. 2017): each bin holds its upper bound. */
export function calibrationOf(confidences: readonly number[], right: readonly boolean[]): Calibration | null {
  // Rounding may lift a probability a little above 1.
  if (confidences.length === 0 || confidences.some((one) => one < 0 || one > 1 + 1e-5)) return null
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ count: 0, confidence: 0, right: 0 }))
  confidences.forEach((confidence, i) => {
    const place = Math.ceil(confidence * CALIBRATION_BINS) - 1
    const bin = at(bins, Math.min(CALIBRATION_BINS - 1, Math.max(0, place)))
    bin.count++
    bin.confidence += confidence
    if (right[i]) bin.right++
  })
  const distance = bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0)
  return {
    bins: bins.map(({ count, confidence, right: hits }) => {
      return { count, confidence: count > 0 ? confidence / count : 0, accuracy: count > 0 ? hits / count : 0 }
    }),
    error: distance / confidences.length,
  }
}
