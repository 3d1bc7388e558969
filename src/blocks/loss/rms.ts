import { choice } from '../../base/params.ts'
import { lossOutput, lossWeightParam, requireSameShape } from '../_loss.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'rms',
  family: 'loss',
  title: 'RMS',
  doc: 'Mean of the squared differences between prediction and target, over all elements and the batch (L2, mean squared error). Its root is the metric Root mean squared error.',
  formula: 'L = mean of (y - t)², or of ½ (y - t)²',
  source: 'torch.nn.MSELoss; half: ½ (y - t)², the form with gradient y - t',
  aliases: ['L2', 'MSE', 'mean squared error', 'regression'],
  params: {
    form: choice({
      label: 'Form',
      doc: 'Mean of (y - t)², or of half of it.',
      default: 'mean',
      options: { mean: '(y - t)²', half: '½ (y - t)²' },
    }),
    weight: lossWeightParam,
  },
  inputs: { prediction: { doc: '[batch, ...]' }, target: { doc: 'the same shape as the prediction', role: 'target' } },
  outputs: lossOutput,
  build(g, { prediction, target }, p) {
    requireSameShape(g, prediction, target)
    const difference = g.sub(prediction, target)
    const mean = g.mean(g.mul(difference, difference))
    return { loss: p.form === 'half' ? g.mul(mean, 0.5) : mean }
  },
  examples: [
    { inputs: { prediction: [2, 3], target: [2, 3] }, outputs: { loss: [] } },
    { params: { form: 'half' }, inputs: { prediction: [3, 1], target: [3, 1] }, outputs: { loss: [] } },
  ],
})
