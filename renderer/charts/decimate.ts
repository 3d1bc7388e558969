/**
 * Thins a curve to what a screen can show without losing a spike: of all points that fall into one column of pixels, the
 * first, the lowest, the highest and the last stay, in their order (Jugel et al. 2014, "M4"). Drawn as a line at that width, the
 * result covers the same pixels as the whole curve.
 */
export interface Point {
  x: number
  y: number
}

export interface Window {
  readonly low: number
  readonly high: number
  /** Pixels between the two. */
  readonly width: number
}

/** Points of the window and one neighbour on each side, so that the line goes on to the edges. */
export function decimate(steps: ArrayLike<number>, values: ArrayLike<number>, window: Window): Point[] {
  const points: Point[] = []
  const scale = window.width / (window.high - window.low || 1)
  let column = NaN
  let first = -1
  let lowest = -1
  let highest = -1
  let last = -1
  let before = -1

  const put = (i: number) => points.push({ x: steps[i] as number, y: values[i] as number })
  const flush = () => {
    if (first < 0) return
    put(first)
    const [left, right] = lowest < highest ? [lowest, highest] : [highest, lowest]
    if (left > first && left < last) put(left)
    if (right > left && right > first && right < last) put(right)
    if (last > first) put(last)
    first = -1
  }
  const gap = (x: number) => {
    if (points.length > 0 && !Number.isNaN((points[points.length - 1] as Point).y)) points.push({ x, y: NaN })
  }

  for (let i = 0; i < steps.length; i++) {
    const x = steps[i] as number
    const y = values[i] as number
    if (i > 0 && x < (steps[i - 1] as number)) {
      flush()
      gap(x)
      before = -1
    }
    if (x < window.low) {
      before = Number.isFinite(y) ? i : -1
      continue
    }
    if (x > window.high) {
      if (first >= 0 || before >= 0) {
        flush()
        if (before >= 0) put(before)
        if (Number.isFinite(y)) put(i)
      }
      // Later points matter only if the steps go back once more.
      before = -1
      continue
    }
    if (!Number.isFinite(y)) {
      flush()
      gap(x)
      before = -1
      continue
    }
    if (before >= 0) {
      put(before)
      before = -1
    }
    const at = Math.floor((x - window.low) * scale)
    if (first < 0 || at !== column) {
      flush()
      column = at
      first = lowest = highest = last = i
      continue
    }
    if (y < (values[lowest] as number)) lowest = i
    if (y > (values[highest] as number)) highest = i
    last = i
  }
  flush()
  return points
}
