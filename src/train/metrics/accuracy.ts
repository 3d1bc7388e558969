import { sameShape } from '../../base/shape.ts'
import { defineMetric } from './_define.ts'

export default defineMetric({
  name: 'accuracy',
  title: 'Accuracy',
  doc: 'Share of examples whose class is predicted, and of the steps of a sequence or pixels of a picture: the greatest of several outputs, or a single output above one half.',
  better: 'higher',
  percent: true,
  fits({ target: { kind } }, prediction, target) {
    if (kind !== 'classes' || prediction.shape.length < 2) return false
    if (sameShape(prediction.shape, target.shape)) return prediction.shape.length === 2 || prediction.shape.at(-1) !== 1
    // Each class as its position.
    const lead = prediction.shape.slice(0, -1)
    return prediction.shape.at(-1) !== 1 && (sameShape(target.shape, lead) || sameShape(target.shape, [...lead, 1]))
  },
  build(g, prediction, target) {
    if (prediction.shape.at(-1) === 1) return g.mean(g.equal(g.less(0.5, prediction), g.less(0.5, target)))
    const found = g.convert(g.argMax(prediction), 'float')
    const oneHot = sameShape(prediction.shape, target.shape)
    return g.mean(g.equal(found, oneHot ? g.convert(g.argMax(target), 'float') : g.reshape(target, found.shape)))
  },
})
