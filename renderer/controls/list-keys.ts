/** The place in a list that a key leads to, from `at`; round at the ends. Undefined for a key that leads nowhere. */
export function placeFor(key: string, at: number, count: number): number | undefined {
  const last = count - 1
  switch (key) {
    case 'ArrowDown':
      return at >= last ? 0 : at + 1
    case 'ArrowUp':
      return at <= 0 ? last : at - 1
    case 'PageDown':
      return last
    case 'PageUp':
      return 0
    default:
      return undefined
  }
}
