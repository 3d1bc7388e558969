/**
 * Mean and deviation as scikit-learn's StandardScaler has them: the population's deviation, and 1 where all values are
 * equal, so that a constant column becomes zeros rather than noise divided by nothing. Two passes in double precision.
 */
export interface Scale {
  readonly mean: number
  readonly deviation: number
}

export const UNSCALED: Scale = { mean: 0, deviation: 1 }

/** Of the values at the given places; NaN is a missing value and does not count. UNSCALED where there is none. */
export function scaleOf(values: ArrayLike<number>, places: ArrayLike<number>, stride = 1, offset = 0): Scale {
  let count = 0
  let sum = 0
  let min = Infinity
  let max = -Infinity
  for (let i = 0; i < places.length; i++) {
    const value = values[(places[i] as number) * stride + offset] as number
    if (Number.isNaN(value)) continue
    count++
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  if (count === 0) return UNSCALED
  // The sum of equal numbers, divided again, is not quite that number; and the rest would be scaled up to 1.
  if (min === max) return { mean: min, deviation: 1 }
  const mean = sum / count
  let squares = 0
  for (let i = 0; i < places.length; i++) {
    const value = values[(places[i] as number) * stride + offset] as number
    if (!Number.isNaN(value)) squares += (value - mean) ** 2
  }
  const deviation = Math.sqrt(squares / count)
  return { mean, deviation: deviation > 0 ? deviation : 1 }
}

/** One scale for all numbers of the examples at the given places: how pictures are scaled. */
export function pictureScale(values: Float32Array | Uint8Array, places: ArrayLike<number>, size: number): Scale {
  if (values instanceof Float32Array) {
    const all = new Float32Array(places.length * size)
    for (let i = 0; i < places.length; i++) {
      const from = (places[i] as number) * size
      all.set(values.subarray(from, from + size), i * size)
    }
    return scaleOf(
      all,
      Uint32Array.from(all, (_, i) => i),
    )
  }
  // Bytes take 256 values: counting them is quick and exact.
  const counts = new Float64Array(256)
  for (let i = 0; i < places.length; i++) {
    const from = (places[i] as number) * size
    for (let k = from; k < from + size; k++) {
      const byte = values[k] as number
      counts[byte] = (counts[byte] as number) + 1
    }
  }
  const total = places.length * size
  const mean = counts.reduce((sum, count, byte) => sum + count * byte, 0) / total
  const variance = counts.reduce((sum, count, byte) => sum + count * (byte - mean) ** 2, 0) / total
  return total > 0 ? { mean, deviation: variance > 0 ? Math.sqrt(variance) : 1 } : UNSCALED
}
