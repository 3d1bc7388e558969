/** A broken invariant of ours, never a user's mistake (those are Problems). */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal: ${message}`)
}

/** `array[index]` where the index is known to exist. */
export function at<T>(array: ArrayLike<T>, index: number): T {
  const value = array[index]
  // A message is only made where it is needed: this is called very often.
  if (value === undefined) throw new Error(`internal: index ${index} of ${array.length}`)
  return value
}

/** `map.get(key)` where the key is known to exist. */
export function get<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new Error(`internal: no entry for ${String(key)}`)
  return value
}
