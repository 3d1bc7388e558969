/** The straight line of least squares: the best that linear regression can do. */
import type { Examples } from '../../src/data/types.ts'

/** Half of the mean squared error, on the second part, of the line that fits the first. One feature, one target. */
export function leastSquares(train: Examples<Float32Array>, validation: Examples<Float32Array>): number {
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(train.features), mean(train.targets)]
  let [covariance, variance] = [0, 0]
  train.features.forEach((x, i) => {
    covariance += (x - mx) * ((train.targets[i] ?? NaN) - my)
    variance += (x - mx) ** 2
  })
  const slope = covariance / variance
  const rests = Array.from(validation.features, (x, i) => my + slope * (x - mx) - (validation.targets[i] ?? NaN))
  return mean(rests.map((rest) => rest ** 2)) / 2
}
