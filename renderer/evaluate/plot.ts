/** Numbers on a plane of 100 × 100, for small pictures that need no canvas. */

export interface Scale {
  readonly low: number
  readonly high: number
}

/** From the least to the greatest of all lists, with a little air. */
export function scaleOver(...lists: readonly ArrayLike<number>[]): Scale {
  let low = Infinity
  let high = -Infinity
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      low = Math.min(low, list[i] as number)
      high = Math.max(high, list[i] as number)
    }
  }
  if (!(low <= high)) return { low: 0, high: 1 }
  const air = (high - low || Math.abs(high) || 1) * 0.04
  return { low: low - air, high: high + air }
}

export const placeOn = ({ low, high }: Scale, value: number): number => ((value - low) / (high - low)) * 100

/** A line through points of shares, 0 … 1 on both axes. */
export function pathOf(x: ArrayLike<number>, y: ArrayLike<number>): string {
  const points = Array.from(x, (value, i) => `${(value * 100).toFixed(2)} ${(100 - (y[i] as number) * 100).toFixed(2)}`)
  return points.length > 0 ? `M${points.join('L')}` : ''
}

/**
 * Where a key leads from a point: left and right to its neighbours by x, up and down by y, so that each point is reached from
 * any other; null for keys that lead nowhere.
 */
export function pointBeside(key: string, from: number, x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const isSideways = ['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(key)
  const [first, second] = isSideways ? [x, y] : [y, x]
  const compare = (a: number, b: number) =>
    (first[a] ?? 0) - (first[b] ?? 0) || (second[a] ?? 0) - (second[b] ?? 0) || a - b
  const order = Array.from({ length: x.length }, (_, i) => i).sort(compare)
  const place = order.indexOf(from)
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return order[Math.min(order.length - 1, place + 1)] ?? null
    case 'ArrowLeft':
    case 'ArrowDown':
      return order[Math.max(0, place - 1)] ?? null
    case 'Home':
      return order[0] ?? null
    case 'End':
      return order.at(-1) ?? null
    default:
      return null
  }
}
