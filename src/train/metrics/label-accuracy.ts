import { sameShape } from '../../base/shape.ts'
import { defineMetric } from './_define.ts'

export default defineMetric({
  name: 'labelAccuracy',
  title: 'Label accuracy',
  doc: 'Share of labels that are rightly given or not given: an output above one half says that its label holds.',
  better: 'higher',
  percent: true,
  fits: ({ target }, prediction, truth) =>
    target.kind === 'numbers' && target.labels === true && sameShape(prediction.shape, truth.shape),
  build: (g, prediction, target) => g.mean(g.equal(g.less(0.5, prediction), g.less(0.5, target))),
})
