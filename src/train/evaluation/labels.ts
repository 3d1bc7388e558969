/** How a network fares whose examples have any number of labels. Each label is told apart from its absence, as two classes are. */
import { at } from '../../base/assert.ts'
import { evaluateClasses, lossOf, type Undecided } from './classes.ts'
import { decidedOf, largest, smallest } from './rank.ts'
import { MOST_LABELS, type LabelsEvaluation } from './types.ts'

export interface LabelAnswers {
  /** [examples × labels]: the probability that a label holds, which it does above one half; 0 or 1 where it is true. */
  readonly scores: ArrayLike<number>
  readonly truths: ArrayLike<number>
  readonly names: readonly string[]
  readonly indices: ArrayLike<number>
}

/** Of one label: 1 where it holds or is said to. */
export const holds = (value: number): 0 | 1 => (value > 0.5 ? 1 : 0)

const chanceOf = (truth: number, score: number) => (holds(truth) ? score : 1 - score)

export function evaluateLabels({ scores, truths, names, indices }: LabelAnswers): LabelsEvaluation & Undecided {
  const width = names.length
  const { decided, undecided } = decidedOf(scores, width, indices)
  const own = decided.map((i) => at(indices, i))
  const column = (values: ArrayLike<number>, label: number) => decided.map((i) => at(values, i * width + label))
  const isRight = (place: number) => holds(at(scores, place)) === holds(at(truths, place))
  const places = (i: number) => Array.from(names, (_, label) => i * width + label)
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const supports = names.map((_, label) => column(truths, label).filter(holds).length)
  const shown = names
    .map((_, label) => label)
    .sort((a, b) => at(supports, b) - at(supports, a) || a - b)
    .slice(0, MOST_LABELS)
    .sort((a, b) => a - b)
  return {
    kind: 'labels',
    names,
    accuracy: mean(decided.map((i) => places(i).filter(isRight).length / width)),
    exact: mean(decided.map((i) => Number(places(i).every(isRight)))),
    labels: shown.map((code) => {
      const { undecided: _, ...one } = evaluateClasses({
        scores: column(scores, code),
        truths: column(truths, code).map(holds),
        names: [`not ${at(names, code)}`, at(names, code)],
        indices: own,
      })
      // The other one's are the same, seen from the other side.
      return { ...one, code, curves: one.curves.filter((curves) => curves.code === 1) }
    }),
    worst: largest(
      decided.map((i) => mean(places(i).map((place) => lossOf(chanceOf(at(truths, place), at(scores, place)))))),
      own,
    ),
    leastCertain: smallest(
      decided.map((i) => Math.min(...places(i).map((place) => Math.abs(2 * at(scores, place) - 1)))),
      own,
    ),
    undecided,
  }
}
