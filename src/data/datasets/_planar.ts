import type { Rng } from '../../base/rng.ts'
import type { TargetDescription } from '../../document/types.ts'
import type { HeldExamples } from '../types.ts'

/** Points in the plane whose classes take turns, so that every prefix of the set is balanced. */
export function planarClasses(
  count: number,
  target: TargetDescription,
  random: (example: number) => Rng,
  point: (rng: Rng, code: number) => readonly [number, number],
): HeldExamples {
  const features = new Float32Array(count * 2)
  const targets = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const code = i % target.names.length
    features.set(point(random(i), code), 2 * i)
    targets[i] = code
  }
  return { count, shape: [2], features, target, targets }
}
