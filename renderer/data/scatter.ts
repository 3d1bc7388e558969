/** Where points of two numbers go on a canvas: the same scale on both axes where both are places in a plane. */
export interface ScatterLayout {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

export function layoutScatter(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  width: number,
  height: number,
  equal: boolean,
  margin = 10,
): ScatterLayout {
  const [lowX, highX] = spread(xs)
  const [lowY, highY] = spread(ys)
  const freeX = Math.max(1, width - 2 * margin)
  const freeY = Math.max(1, height - 2 * margin)
  let scaleX = freeX / (highX - lowX)
  let scaleY = freeY / (highY - lowY)
  if (equal) scaleX = scaleY = Math.min(scaleX, scaleY)
  const middleX = (lowX + highX) / 2
  const middleY = (lowY + highY) / 2
  return {
    x: (value) => width / 2 + (value - middleX) * scaleX,
    // Up is more, while a canvas counts downwards.
    y: (value) => height / 2 - (value - middleY) * scaleY,
  }
}

function spread(values: ArrayLike<number>): readonly [number, number] {
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low < high) return [low, high]
  const middle = Number.isFinite(low) ? low : 0
  return [middle - 0.5, middle + 0.5]
}
