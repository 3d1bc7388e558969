/** A sequence as curves in a box of 100 × 40, one for each of its values, all on one scale. */
const LEFT = 0
const WIDTH = 100
const TOP = 3
const HEIGHT = 34
/** Curves beyond these would only be a tangle. */
const MOST = 6
/** Points beyond these lie closer than a pixel; of those between two the least and the greatest are kept. */
const COLUMNS = 120

export function curvePaths(values: Float32Array, time: number, width: number): string[] {
  let min = Infinity
  let max = -Infinity
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
  }
  const scale = max > min ? HEIGHT / (max - min) : 0
  const y = (value: number) => (scale === 0 ? TOP + HEIGHT / 2 : TOP + HEIGHT - (value - min) * scale).toFixed(1)
  const x = (t: number) => (LEFT + (time > 1 ? (t / (time - 1)) * WIDTH : WIDTH / 2)).toFixed(1)
  const step = Math.max(1, Math.ceil(time / COLUMNS))
  return Array.from({ length: Math.min(width, MOST) }, (_, k) => {
    const points: string[] = []
    for (let from = 0; from < time; from += step) {
      const part = Array.from({ length: Math.min(step, time - from) }, (_, i) => values[(from + i) * width + k] ?? 0)
      points.push(`${x(from)} ${y(Math.min(...part))}`)
      if (step > 1) points.push(`${x(from)} ${y(Math.max(...part))}`)
    }
    return `M${points.join('L')}`
  })
}
