/** Targets of tables and of other examples: classes by their index, numbers scaled by the training part. */
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { Scaling } from '../../document/types.ts'
import type { Steps } from '../numbers.ts'
import { fitScale, UNSCALED, type Scale } from '../scaling.ts'
import { eachStretch } from '../stretches.ts'
import { clip } from '../table/records.ts'
import type { FittedPreparation } from '../types.ts'

/** `scalings`: of each number of an example. */
export function* fitTargets(
  values: ArrayLike<number>,
  train: Uint32Array,
  scalings: readonly Scaling[],
): Steps<Scale[]> {
  const scales: Scale[] = []
  for (const [k, scaling] of scalings.entries())
    scales.push(yield* fitScale(scaling, values, train, scalings.length, k))
  return scales
}

export function* pickTargets(
  values: Int32Array | Float32Array | Float64Array,
  width: number,
  rows: Uint32Array,
  fitted: FittedPreparation,
): Steps<Int32Array | Float32Array> {
  const isClasses = values instanceof Int32Array
  const out = isClasses ? new Int32Array(rows.length) : new Float32Array(rows.length * width)
  yield* eachStretch(rows.length, (from, to) => {
    if (isClasses) for (let i = from; i < to; i++) out[i] = values[rows[i] as number] as number
    else pickNumbers(out as Float32Array, values, width, rows, fitted, from, to)
  })
  return out
}

function pickNumbers(
  out: Float32Array,
  values: ArrayLike<number>,
  width: number,
  rows: Uint32Array,
  fitted: FittedPreparation,
  from: number,
  to: number,
): void {
  for (let k = 0; k < width; k++) {
    const { mean, deviation } = fitted.targets[k] ?? UNSCALED
    for (let i = from; i < to; i++)
      out[i * width + k] = ((values[(rows[i] as number) * width + k] as number) - mean) / deviation
  }
}

export function requireTwoClasses(
  codes: ArrayLike<number>,
  names: readonly string[],
  say: (only: string) => string,
): void {
  for (let i = 1; i < codes.length; i++) if (codes[i] !== codes[0]) return
  const only = clip(names[codes[0] ?? 0] ?? '')
  throw new ProblemError(problem('data.oneClass', say(only)))
}

/** Classes without a training example cannot be learnt; a rare class in a small set may be such. */
export function* unseenClasses(
  codes: ArrayLike<number>,
  train: Uint32Array,
  names: readonly string[],
  where: string,
): Steps<Problem[]> {
  const seen = new Set<number>()
  yield* eachStretch(train.length, (from, to) => {
    for (let i = from; i < to; i++) seen.add(codes[train[i] as number] as number)
  })
  const unseen = names.filter((_, code) => !seen.has(code))
  if (unseen.length === 0) return []
  const shown =
    unseen
      .slice(0, 5)
      .map((name) => clip(name))
      .join(', ') + (unseen.length > 5 ? ', …' : '')
  const one = unseen.length === 1
  const message =
    `${where}${where ? 'no' : 'No'} training example has the ${one ? 'class' : 'classes'} ${shown}, ` +
    `so the network cannot learn ${one ? 'it' : 'them'}.`
  return [problem('data.unseen', message, undefined, 'warning')]
}
