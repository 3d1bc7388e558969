import { at } from '../../base/assert.ts'
import { list, real } from '../../base/params.ts'
import { sameShape, showBatch, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../ir/builder.ts'
import { expectsParam, logProbabilities, lossOutput, lossWeightParam, probabilitiesOf, rowOf } from '../_loss.ts'
import { defineBlock, type BlockBuilder } from '../define.ts'

export default defineBlock({
  type: 'crossEntropy',
  family: 'loss',
  title: 'Cross Entropy',
  doc: 'How surprised the network is by the true class, in nats: the mean over the batch, and over the steps of a sequence or the pixels of a picture.',
  formula: 'L = mean of -Σ t ln p, with p = softmax(z)',
  source: 'torch.nn.CrossEntropyLoss',
  aliases: ['log loss', 'negative log-likelihood', 'classification', 'NLL'],
  params: {
    expects: expectsParam('Softmax'),
    smoothing: real({
      label: 'Smoothing',
      doc: 'Label smoothing: this share of the truth, ε, is spread evenly over all classes, so that certainty is never asked for: t becomes (1 - ε) t + ε / classes.',
      default: 0,
      min: 0,
      max: 1,
    }),
    classWeights: list({
      label: 'Class weights',
      doc: 'How much each class counts, one number a class with commas between them; left empty, all count alike. The mean is then a weighted one, by the weight of the true class.',
      default: [],
      real: true,
      least: 0,
      most: 1024,
    }),
    weight: lossWeightParam,
  },
  inputs: {
    prediction: { doc: '[batch, ..., classes]: logits, or probabilities from a Softmax' },
    target: {
      doc: 'the same shape, one-hot or shares that sum to 1; or [batch, ...] or [batch, ..., 1], positions of classes from 0 on (any other number gives NaN)',
      role: 'target',
    },
  },
  outputs: lossOutput,
  build(g, { prediction, target }, p) {
    const classes = prediction.shape.at(-1) ?? 0
    g.require(
      prediction.shape.length >= 2 && classes >= 2,
      'prediction',
      `the prediction has shape ${showBatch(prediction.shape)}; it must end in one number for each of two or more classes.`,
    )
    const truth = sharesOf(g, prediction, target)
    const shares = p.smoothing > 0 ? g.add(g.mul(truth, 1 - p.smoothing), p.smoothing / classes) : truth
    const surprise = g.mul(shares, logProbabilities(g, prediction, p.expects))
    if (p.classWeights.length === 0) return { loss: g.neg(g.mean(g.sum(surprise, [-1]))) }
    g.require(
      p.classWeights.length === classes,
      'prediction',
      `there are ${classes} classes, but ${p.classWeights.length} class weights; give one for each class, or none at all.`,
    )
    const weights = rowOf(g, p.classWeights)
    // A batch of nothing but classes of weight 0 has the loss 0.
    const total = g.max(g.sum(g.mul(truth, weights)), 1e-30)
    return { loss: g.neg(g.div(g.sum(g.mul(surprise, weights)), total)) }
  },
  answer: probabilitiesOf,
  examples: [
    { inputs: { prediction: [2, 3], target: [2, 3] }, outputs: { loss: [] } },
    { params: { expects: 'logits' }, inputs: { prediction: [3, 2], target: [3, 2] }, outputs: { loss: [] } },
    { params: { smoothing: 0.1 }, inputs: { prediction: [2, 4, 3], target: [2, 4, 3] }, outputs: { loss: [] } },
  ],
})

/** The target as shares of each class. */
function sharesOf(g: BlockBuilder, prediction: Tensor, target: Tensor): Tensor {
  if (sameShape(prediction.shape, target.shape)) return target
  const lead = prediction.shape.slice(0, -1)
  const classes = at(prediction.shape, lead.length)
  // A picture of one pixel, say, in front of a target that is a list.
  const advice =
    prediction.shape.length > target.shape.length && sizeOf(prediction.shape) === sizeOf(target.shape)
      ? 'put a Flatten before the loss'
      : `give the last layer ${target.shape.at(-1) ?? 0} outputs, one for each class`
  g.require(
    sameShape(target.shape, lead) || sameShape(target.shape, [...lead, 1]),
    'target',
    `the prediction has shape ${showBatch(prediction.shape)} and the target ${showBatch(target.shape)}; ${advice}.`,
  )
  const hits = g.equal(g.reshape(target, [...lead, 1]), g.convert(g.iota(classes), 'float'))
  // What is no class has no 1 in its row, and 0 / 0 says so.
  return g.div(hits, g.reshape(g.sum(hits, [-1]), [...lead, 1]))
}
