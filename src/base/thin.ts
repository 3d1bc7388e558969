/**
 * Halves a curve in place without losing its spikes: of each four points the least and the greatest stay, in their order.
 * A non-finite value counts as an extreme, because it must not vanish. Returns how many points are left.
 */
export function thin(steps: { [i: number]: number }, values: { [i: number]: number }, count: number): number {
  let kept = 0
  const keep = (i: number) => {
    steps[kept] = steps[i] as number
    values[kept] = values[i] as number
    kept++
  }
  for (let first = 0; first < count; first += 4) {
    const end = Math.min(first + 4, count)
    let least = first
    let greatest = first
    for (let i = first + 1; i < end; i++) {
      if (rank(values[i], Infinity) < rank(values[least], Infinity)) least = i
      if (rank(values[i], Infinity) > rank(values[greatest], Infinity)) greatest = i
    }
    keep(Math.min(least, greatest))
    if (least !== greatest) keep(Math.max(least, greatest))
  }
  return kept
}

function rank(value: number | undefined, whenNotFinite: number): number {
  return Number.isFinite(value) ? (value as number) : whenNotFinite
}
