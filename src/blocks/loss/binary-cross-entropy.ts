import { choice } from '../../base/params.ts'
import { requireSameShape } from '../_loss.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'binaryCrossEntropy',
  family: 'loss',
  title: 'Binary Cross Entropy',
  doc: 'How surprised the network is by each yes or no: -t log p - (1 - t) log(1 - p), mean over all outputs and the batch, in nats.',
  source: 'torch.nn.BCEWithLogitsLoss, torch.nn.BCELoss',
  aliases: ['BCE', 'log loss', 'logistic', 'multi-label'],
  params: {
    expects: choice({
      label: 'Prediction holds',
      doc: 'Automatic: what stands before a Sigmoid block is used where there is one (exact and stable), else the input is taken as logits.',
      default: 'auto',
      options: { auto: 'Automatic', logits: 'Logits', probabilities: 'Probabilities' },
    }),
  },
  inputs: {
    prediction: { doc: '[batch, ...]: logits, or probabilities from a Sigmoid' },
    target: { doc: 'the same shape, between 0 and 1', role: 'target' },
  },
  outputs: { loss: { doc: 'a single number', role: 'loss' } },
  build(g, { prediction, target }, p) {
    requireSameShape(g, prediction, target)
    if (p.expects === 'probabilities') {
      // 1e-7 is the smallest probability that Keras lets through.
      const log = (x: typeof prediction) => g.log(g.max(x, 1e-7))
      const yes = g.mul(target, log(prediction))
      const no = g.mul(g.sub(1, target), log(g.sub(1, prediction)))
      return { loss: g.neg(g.mean(g.add(yes, no))) }
    }
    const logits = p.expects === 'auto' ? (g.logitsOf(prediction, 'sigmoid') ?? prediction) : prediction
    // -t log s(z) - (1 - t) log(1 - s(z)) = softplus(z) - t z
    return { loss: g.mean(g.sub(g.softplus(logits), g.mul(target, logits))) }
  },
  answer: (g, prediction, p) =>
    p.expects === 'probabilities' || (p.expects === 'auto' && g.logitsOf(prediction, 'sigmoid'))
      ? prediction
      : g.sigmoid(prediction),
  examples: [
    { inputs: { prediction: [2, 3], target: [2, 3] }, outputs: { loss: [] } },
    { params: { expects: 'logits' }, inputs: { prediction: [3, 1], target: [3, 1] }, outputs: { loss: [] } },
  ],
})
