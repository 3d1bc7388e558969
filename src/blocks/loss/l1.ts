import { requireSameShape } from '../_loss.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'l1',
  family: 'loss',
  title: 'L1',
  doc: 'Mean of the distances between prediction and target, |y - t|, over all elements and the batch. Outliers pull less than with squares.',
  source: 'torch.nn.L1Loss',
  aliases: ['MAE', 'mean absolute error', 'regression'],
  params: {},
  inputs: { prediction: { doc: '[batch, ...]' }, target: { doc: 'the same shape as the prediction', role: 'target' } },
  outputs: { loss: { doc: 'a single number', role: 'loss' } },
  build(g, { prediction, target }) {
    requireSameShape(g, prediction, target)
    return { loss: g.mean(g.abs(g.sub(prediction, target))) }
  },
  examples: [{ inputs: { prediction: [2, 3], target: [2, 3] }, outputs: { loss: [] } }],
})
