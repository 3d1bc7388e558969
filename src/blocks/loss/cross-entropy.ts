import { choice } from '../../base/params.ts'
import { sameShape, showBatch } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'crossEntropy',
  family: 'loss',
  title: 'Cross Entropy',
  doc: 'How surprised the network is by the true class: -sum t log p, averaged over the batch, in nats.',
  source: 'torch.nn.CrossEntropyLoss',
  aliases: ['log loss', 'negative log-likelihood', 'classification', 'NLL'],
  params: {
    expects: choice({
      label: 'Prediction holds',
      doc: 'Automatic: what stands before a Softmax block is used where there is one (exact and stable), else the input is taken as logits.',
      default: 'auto',
      options: { auto: 'Automatic', logits: 'Logits', probabilities: 'Probabilities' },
    }),
  },
  inputs: {
    prediction: { doc: '[batch, classes]: logits, or probabilities from a Softmax' },
    target: { doc: '[batch, classes], one-hot or shares that sum to 1', role: 'target' },
  },
  outputs: { loss: { doc: 'a single number', role: 'loss' } },
  build(g, { prediction, target }, p) {
    const classes = prediction.shape.at(-1)
    g.require(
      prediction.shape.length >= 2 && (classes ?? 0) >= 2,
      'prediction',
      `the prediction has shape ${showBatch(prediction.shape)}; it must end in one number for each of two or more classes.`,
    )
    g.require(
      sameShape(prediction.shape, target.shape),
      'target',
      `the prediction has shape ${showBatch(prediction.shape)} and the target ${showBatch(target.shape)}; give the last layer ${target.shape.at(-1) ?? 0} outputs, one for each class.`,
    )
    const logits = p.expects === 'auto' ? (g.logitsOf(prediction, 'softmax') ?? prediction) : prediction
    // Given bare probabilities, a zero would give an infinite loss; 1e-7 is the smallest that Keras lets through.
    const logProbabilities = p.expects === 'probabilities' ? g.log(g.max(prediction, 1e-7)) : g.logSoftmax(logits)
    const perExample = g.sum(g.mul(target, logProbabilities), [-1])
    return { loss: g.neg(g.mean(perExample)) }
  },
  answer: (g, prediction, p) =>
    p.expects === 'probabilities' || (p.expects === 'auto' && g.logitsOf(prediction, 'softmax'))
      ? prediction
      : g.softmax(prediction),
  examples: [
    { inputs: { prediction: [2, 3], target: [2, 3] }, outputs: { loss: [] } },
    { params: { expects: 'logits' }, inputs: { prediction: [3, 2], target: [3, 2] }, outputs: { loss: [] } },
  ],
})
