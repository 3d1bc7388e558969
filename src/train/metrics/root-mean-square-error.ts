import { sameShape } from '../../base/shape.ts'
import { defineMetric } from './_define.ts'

export default defineMetric({
  name: 'rootMeanSquareError',
  title: 'Root mean squared error',
  doc: 'Root of the mean squared difference between prediction and target (RMSE), in the unit of the target as it stands in the data.',
  better: 'lower',
  percent: false,
  fits: (signature, prediction, target) =>
    signature.target.kind === 'numbers' && !signature.target.labels && sameShape(prediction.shape, target.shape),
  build(g, prediction, target, deviation) {
    const difference = g.sub(prediction, target)
    const own = deviation ? g.mul(difference, deviation) : difference
    return g.mean(g.mul(own, own))
  },
  finish: Math.sqrt,
})
