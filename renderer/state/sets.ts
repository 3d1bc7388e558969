export function sameSet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  if (a.size !== b.size) return false
  for (const item of a) if (!b.has(item)) return false
  return true
}

/** The ids that `record` has; the same set where it has all of them. */
export function among(ids: ReadonlySet<string>, record: object): ReadonlySet<string> {
  for (const id of ids) {
    if (!Object.hasOwn(record, id)) return new Set([...ids].filter((known) => Object.hasOwn(record, known)))
  }
  return ids
}
