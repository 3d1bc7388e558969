import { list } from '../../base/params.ts'
import { expectsParam, logOf, lossOutput, lossWeightParam, requireSameShape, rowOf } from '../_loss.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'binaryCrossEntropy',
  family: 'loss',
  title: 'Binary Cross Entropy',
  doc: 'How surprised the network is by each yes or no, in nats: the mean over all outputs and the batch.',
  formula: 'L = mean of -w t ln p - (1 - t) ln(1 - p), with p = 1 / (1 + e^-z)',
  source: 'torch.nn.BCEWithLogitsLoss, torch.nn.BCELoss',
  aliases: ['BCE', 'log loss', 'logistic', 'multi-label'],
  params: {
    expects: expectsParam('Sigmoid'),
    positiveWeight: list({
      label: 'Weight of yes',
      doc: 'How much a yes counts beside a no, w: more than 1 where there are few of them. One number for all outputs, or one for each with commas between them.',
      default: [1],
      real: true,
      most: 1024,
    }),
    weight: lossWeightParam,
  },
  inputs: {
    prediction: { doc: '[batch, ...]: logits, or probabilities from a Sigmoid' },
    target: { doc: 'the same shape, between 0 and 1', role: 'target' },
  },
  outputs: lossOutput,
  build(g, { prediction, target }, p) {
    requireSameShape(g, prediction, target)
    const outputs = prediction.shape.slice(1).at(-1) ?? 1
    const { positiveWeight } = p
    g.require(
      positiveWeight.length === 1 || positiveWeight.length === outputs,
      'prediction',
      `there are ${outputs} outputs, but ${positiveWeight.length} weights of yes; give one for each output, or a single one.`,
    )
    const weights = positiveWeight.length === 1 ? (positiveWeight[0] ?? 1) : rowOf(g, positiveWeight)
    if (p.expects === 'probabilities') {
      const yes = g.mul(g.mul(target, weights), logOf(g, prediction))
      const no = g.mul(g.sub(1, target), logOf(g, g.sub(1, prediction)))
      return { loss: g.neg(g.mean(g.add(yes, no))) }
    }
    const logits = p.expects === 'auto' ? (g.logitsOf(prediction, 'sigmoid') ?? prediction) : prediction
    // With s = sigmoid: -ln s(z) = softplus(-z) = softplus(z) - z, and -ln(1 - s(z)) = softplus(z).
    if (weights === 1) return { loss: g.mean(g.sub(g.softplus(logits), g.mul(target, logits))) }
    const factor = g.add(g.mul(target, g.sub(weights, 1)), 1)
    return { loss: g.mean(g.add(g.mul(g.sub(1, target), logits), g.mul(factor, g.softplus(g.neg(logits))))) }
  },
  answer: (g, prediction, p) =>
    p.expects === 'probabilities' || (p.expects === 'auto' && g.logitsOf(prediction, 'sigmoid'))
      ? prediction
      : g.sigmoid(prediction),
  examples: [
    { inputs: { prediction: [2, 3], target: [2, 3] }, outputs: { loss: [] } },
    { params: { expects: 'logits' }, inputs: { prediction: [3, 1], target: [3, 1] }, outputs: { loss: [] } },
    { params: { positiveWeight: [2.5] }, inputs: { prediction: [3, 4], target: [3, 4] }, outputs: { loss: [] } },
  ],
})
