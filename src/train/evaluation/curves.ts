/**
 * How well scores tell the examples of one class from all others, whatever the threshold: the receiver operating
 * characteristic (Fawcett 2006) and precision over recall. Examples of equal score fall on the same side of every threshold, so
 * that their order is of no matter.
 */
import { at } from '../../base/assert.ts'
import { spread } from './rank.ts'
import { MOST_CURVE_POINTS, type Curve } from './types.ts'

export interface OneAgainstRest {
  readonly roc: Curve
  readonly auc: number
  readonly precisionRecall: Curve
  /** Mean of the precisions, each weighted with the recall that it adds; no interpolation. */
  readonly averagePrecision: number
}

/** Null where there is nothing to tell apart. */
export function oneAgainstRest(scores: ArrayLike<number>, isOne: (i: number) => boolean): OneAgainstRest | null {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => at(scores, b) - at(scores, a))
  let ones = 0
  for (const i of order) if (isOne(i)) ones++
  const others = order.length - ones
  if (ones === 0 || others === 0) return null

  const [falseRates, trueRates, recalls, precisions] = [[0], [0], [] as number[], [] as number[]]
  let [hits, misses, auc, averagePrecision] = [0, 0, 0, 0]
  for (let i = 0; i < order.length;) {
    const [hitsBefore, missesBefore] = [hits, misses]
    const score = at(scores, at(order, i))
    for (; i < order.length && at(scores, at(order, i)) === score; i++) {
      if (isOne(at(order, i))) hits++
      else misses++
    }
    auc += ((misses - missesBefore) * (hits + hitsBefore)) / 2
    const precision = hits / (hits + misses)
    averagePrecision += ((hits - hitsBefore) / ones) * precision
    falseRates.push(misses / others)
    trueRates.push(hits / ones)
    recalls.push(hits / ones)
    precisions.push(precision)
  }
  return {
    roc: thinned(falseRates, trueRates),
    auc: auc / (ones * others),
    precisionRecall: thinned(recalls, precisions),
    averagePrecision,
  }
}

function thinned(x: readonly number[], y: readonly number[]): Curve {
  const kept = spread(x.length, MOST_CURVE_POINTS)
  return { x: Float64Array.from(kept, (i) => at(x, i)), y: Float64Array.from(kept, (i) => at(y, i)) }
}
