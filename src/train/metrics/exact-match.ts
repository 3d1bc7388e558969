import { sameShape } from '../../base/shape.ts'
import { defineMetric } from './_define.ts'

export default defineMetric({
  name: 'exactMatch',
  title: 'All labels right',
  doc: 'Share of examples of which every label is rightly given or not given.',
  better: 'higher',
  percent: true,
  fits: ({ target }, prediction, truth) =>
    target.kind === 'numbers' &&
    target.labels === true &&
    truth.shape.length === 2 &&
    sameShape(prediction.shape, truth.shape),
  build(g, prediction, target) {
    const wrong = g.sub(1, g.equal(g.less(0.5, prediction), g.less(0.5, target)))
    return g.mean(g.equal(g.sum(wrong, [1]), 0))
  },
})
