import { showBatch } from '../../base/shape.ts'
import {
  expectsParam,
  logProbabilities,
  lossOutput,
  lossWeightParam,
  probabilitiesOf,
  requireSameShape,
} from '../_loss.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'kullbackLeibler',
  family: 'loss',
  title: 'Kullback-Leibler',
  doc: 'How far the predicted distribution lies from the true one, in nats: the sum over all classes of each example, mean over the batch. A share of 0 counts 0.',
  formula: 'L = mean over the batch of Σ t ln(t / p), with p = softmax(z)',
  source: "torch.nn.KLDivLoss(reduction='batchmean'); Kullback & Leibler 1951",
  aliases: ['KL divergence', 'relative entropy', 'distillation', 'soft targets'],
  params: { expects: expectsParam('Softmax'), weight: lossWeightParam },
  inputs: {
    prediction: { doc: '[batch, ..., classes]: logits, or probabilities from a Softmax' },
    target: { doc: 'the same shape, shares that sum to 1', role: 'target' },
  },
  outputs: lossOutput,
  build(g, { prediction, target }, p) {
    g.require(
      prediction.shape.length >= 2 && (prediction.shape.at(-1) ?? 0) >= 2,
      'prediction',
      `the prediction has shape ${showBatch(prediction.shape)}; it must end in one number for each of two or more classes.`,
    )
    requireSameShape(g, prediction, target)
    // 0 ln 0 is 0; the bound is far below any share that single precision tells from 0 beside 1.
    const own = g.log(g.max(target, 1e-30))
    const total = g.sum(g.mul(target, g.sub(own, logProbabilities(g, prediction, p.expects))))
    return { loss: g.div(total, prediction.shape[0] ?? 1) }
  },
  answer: probabilitiesOf,
  examples: [
    { inputs: { prediction: [2, 3], target: [2, 3] }, outputs: { loss: [] } },
    {
      params: { expects: 'probabilities' },
      inputs: { prediction: [3, 2, 4], target: [3, 2, 4] },
      outputs: { loss: [] },
    },
  ],
})
