import { int, real } from '../../base/params.ts'
import { showBatch } from '../../base/shape.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'softmax',
  family: 'function',
  title: 'Softmax',
  doc: 'Turns one axis, the last unless another is asked for, into probabilities that sum to 1.',
  formula: 'y_i = e^(x_i / T) / Σ e^(x_j / T)',
  source: 'torch.nn.Softmax; Bridle 1990',
  aliases: ['probabilities', 'classes', 'normalised exponential'],
  params: {
    axis: int({
      label: 'Axis',
      doc: 'Which axis sums to 1: 1 is the first behind the batch, -1 the last.',
      default: -1,
      min: -1,
      max: 7,
      advanced: true,
    }),
    temperature: real({
      label: 'Temperature',
      doc: 'Above 1 the probabilities move closer together, below 1 the greatest wins more, T.',
      default: 1,
      min: 1e-6,
    }),
  },
  inputs: { x: { doc: '[batch, ..., classes]' } },
  outputs: { y: { doc: 'the same shape; along the axis it sums to 1' } },
  build(g, { x }, p) {
    const last = x.shape.length - 1
    const axis = p.axis === -1 ? last : p.axis
    g.require(
      axis >= 1 && axis <= last && x.shape[axis] !== 0,
      'x',
      `input x has shape ${showBatch(x.shape)}; axis ${p.axis} of it must hold the classes.`,
    )
    const logits = p.temperature === 1 ? x : g.div(x, p.temperature)
    // An axis and the last one change places, there and back again.
    const order = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i))
    return { y: g.transpose(g.softmax(g.transpose(logits, order)), order) }
  },
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { inputs: { x: [2, 2, 4] }, outputs: { y: [2, 2, 4] } },
    { params: { axis: 1, temperature: 0.5 }, inputs: { x: [2, 3, 2, 4] }, outputs: { y: [2, 3, 2, 4] } },
  ],
})
