/**
 * Whether two values made of numbers, words, lists and records are equal: -0 is not 0, NaN is NaN. Properties of the name
 * `except` don't count, in whatever depth.
 */
export function sameValue(a: unknown, b: unknown, except?: string): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i], except)) return false
    return true
  }
  const names = Object.keys(a)
  if (Array.isArray(b) || names.length !== Object.keys(b).length) return false
  for (const name of names) {
    if (name === except) continue
    if (!Object.hasOwn(b, name) || !sameValue(Reflect.get(a, name), Reflect.get(b, name), except)) return false
  }
  return true
}
