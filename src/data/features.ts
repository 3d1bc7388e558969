/** Single examples of a part, wherever its features are. */
import type { Features, MadeFeatures } from './types.ts'

export function isMade(features: Features): features is MadeFeatures {
  return !(features instanceof Float32Array)
}

/** The examples at `places` of a part, of `size` numbers each, as nothing random has been done to them. */
export async function featuresAt(features: Features, places: ArrayLike<number>, size: number): Promise<Float32Array> {
  const out = new Float32Array(places.length * size)
  if (isMade(features)) {
    await features.write(out, places, 0)
    return out
  }
  for (let i = 0; i < places.length; i++) {
    const from = (places[i] as number) * size
    out.set(features.subarray(from, from + size), i * size)
  }
  return out
}
