import { sameShape } from '../../base/shape.ts'
import { defineMetric } from './_define.ts'

export default defineMetric({
  name: 'meanAbsoluteError',
  title: 'Mean absolute error',
  doc: 'Mean distance between prediction and target, in the unit of the target as it stands in the data.',
  better: 'lower',
  percent: false,
  fits: (signature, prediction, target) =>
    signature.target.kind === 'numbers' && !signature.target.labels && sameShape(prediction.shape, target.shape),
  build(g, prediction, target, deviation) {
    const distance = g.abs(g.sub(prediction, target))
    return g.mean(deviation ? g.mul(distance, deviation) : distance)
  },
})
