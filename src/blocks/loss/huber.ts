import { real } from '../../base/params.ts'
import { lossOutput, lossWeightParam, requireSameShape } from '../_loss.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'huber',
  family: 'loss',
  title: 'Huber',
  doc: 'Squares small differences and counts large ones linearly; mean over all elements and the batch.',
  formula: 'L = mean of ½ d² where |d| ≤ δ, δ (|d| - ½ δ) elsewhere, with d = y - t',
  source: 'torch.nn.HuberLoss; Huber 1964',
  aliases: ['smooth L1', 'robust regression'],
  params: {
    delta: real({ label: 'Delta', doc: 'Where squares turn into distances, δ.', default: 1, min: 1e-6 }),
    weight: lossWeightParam,
  },
  inputs: { prediction: { doc: '[batch, ...]' }, target: { doc: 'the same shape as the prediction', role: 'target' } },
  outputs: lossOutput,
  build(g, { prediction, target }, p) {
    requireSameShape(g, prediction, target)
    const distance = g.abs(g.sub(prediction, target))
    // With q = min(|d|, δ), both branches are q (|d| - q / 2).
    const near = g.min(distance, p.delta)
    return { loss: g.mean(g.mul(near, g.sub(distance, g.mul(near, 0.5)))) }
  },
  examples: [
    { inputs: { prediction: [2, 3], target: [2, 3] }, outputs: { loss: [] } },
    { params: { delta: 0.5 }, inputs: { prediction: [3, 1], target: [3, 1] }, outputs: { loss: [] } },
  ],
})
