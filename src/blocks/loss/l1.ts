import { lossOutput, lossWeightParam, requireSameShape } from '../_loss.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'l1',
  family: 'loss',
  title: 'L1',
  doc: 'Mean of the distances between prediction and target, over all elements and the batch. Outliers pull less than with squares.',
  formula: 'L = mean of |y - t|',
  source: 'torch.nn.L1Loss',
  aliases: ['MAE', 'mean absolute error', 'regression'],
  params: { weight: lossWeightParam },
  inputs: { prediction: { doc: '[batch, ...]' }, target: { doc: 'the same shape as the prediction', role: 'target' } },
  outputs: lossOutput,
  build(g, { prediction, target }) {
    requireSameShape(g, prediction, target)
    return { loss: g.mean(g.abs(g.sub(prediction, target))) }
  },
  examples: [{ inputs: { prediction: [2, 3], target: [2, 3] }, outputs: { loss: [] } }],
})
