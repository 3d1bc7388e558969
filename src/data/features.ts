/** Single examples of a part, wherever its features are. */
import type { Features, MadeFeatures } from './types.ts'

export function isMade(features: Features): features is MadeFeatures {
  return !(features instanceof Float32Array)
}

/** The examples at `places` of a part, of `size` numbers each, as nothing random has been done to them. */
export async function featuresAt(features: Features, places: ArrayLike<number>, size: number): Promise<Float32Array> {
  if (isMade(features)) {
    const out = new Float32Array(places.length * size)
    await features.write(out, places, 0)
    return out
  }
  return rowsAt(features, places, size)
}

/** The rows at `places` of numbers that lie row by row, `width` in each. */
export function rowsAt<A extends Float32Array | Int32Array>(values: A, places: ArrayLike<number>, width: number): A {
  const length = places.length * width
  const out = (values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length)) as A
  // A number a row needs no view of its own.
  if (width === 1) for (let i = 0; i < length; i++) out[i] = values[places[i] as number] as number
  else
    for (let i = 0; i < places.length; i++) {
      const from = (places[i] as number) * width
      out.set(values.subarray(from, from + width), i * width)
    }
  return out
}
