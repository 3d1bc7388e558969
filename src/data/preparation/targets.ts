/** Targets of tables and of other examples: classes by their index, numbers scaled by the training part. */
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import type { Scaling } from '../../document/types.ts'
import { fitScale, UNSCALED, type Scale } from '../scaling.ts'
import { clip } from '../table/records.ts'
import type { FittedPreparation } from '../types.ts'

/** `scalings`: of each number of an example. */
export function fitTargets(values: ArrayLike<number>, train: Uint32Array, scalings: readonly Scaling[]): Scale[] {
  return scalings.map((scaling, k) => fitScale(scaling, values, train, scalings.length, k))
}

export function pickTargets(
  values: Int32Array | Float32Array | Float64Array,
  width: number,
  rows: Uint32Array,
  fitted: FittedPreparation,
): Int32Array | Float32Array {
  if (values instanceof Int32Array) return Int32Array.from(rows, (row) => values[row] as number)
  const out = new Float32Array(rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < width; k++) {
      const { mean, deviation } = fitted.targets[k] ?? UNSCALED
      out[i * width + k] = ((values[(rows[i] as number) * width + k] as number) - mean) / deviation
    }
  }
  return out
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
export function unseenClasses(
  codes: ArrayLike<number>,
  train: Uint32Array,
  names: readonly string[],
  where: string,
): Problem[] {
  const seen = new Set<number>()
  for (const row of train) seen.add(codes[row] as number)
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
