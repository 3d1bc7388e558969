import { sameShape } from '../../base/shape.ts'
import { defineMetric } from './_define.ts'

export default defineMetric({
  name: 'accuracy',
  title: 'Accuracy',
  doc: 'Share of examples whose class is predicted: the greatest of several outputs, or a single output above one half.',
  better: 'higher',
  percent: true,
  fits: (signature, prediction, target) =>
    signature.target.kind === 'classes' && prediction.shape.length === 2 && sameShape(prediction.shape, target.shape),
  build(g, prediction, target) {
    if (prediction.shape[1] === 1) return g.mean(g.equal(g.less(0.5, prediction), g.less(0.5, target)))
    return g.mean(g.equal(g.convert(g.argMax(prediction), 'float'), g.convert(g.argMax(target), 'float')))
  },
})
