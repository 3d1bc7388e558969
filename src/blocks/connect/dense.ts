import { bool, int } from '../../base/params.ts'
import { at } from '../../base/assert.ts'
import { defineBlock, weightParams } from '../define.ts'

export default defineBlock({
  type: 'dense',
  family: 'connect',
  title: 'Dense',
  doc: 'Multiplies the last axis by a learned matrix and adds a bias; axes between the batch and the last stay as they are.',
  formula: 'y = x W + b',
  source: 'torch.nn.Linear, Keras Dense',
  aliases: ['fully connected', 'linear layer', 'perceptron', 'MLP'],
  params: {
    features: int({
      label: 'Output features',
      doc: 'How many numbers come out for each example.',
      default: 16,
      min: 1,
    }),
    bias: bool({ label: 'Bias', doc: 'Adds a learned number to each output.', default: true }),
    ...weightParams({ default: 'heUniform' }),
  },
  inputs: { x: { doc: '[batch, ..., in]' } },
  outputs: { y: { doc: '[batch, ..., features]' } },
  build(g, { x }, p) {
    g.require(
      x.shape.length >= 2,
      'x',
      `input x must be a list of numbers for each example, but has only the batch axis.`,
    )
    const y = g.dot(x, g.weight('weight', [at(x.shape, x.shape.length - 1), p.features], p))
    return { y: p.bias ? g.add(y, g.weight('bias', [p.features], 0)) : y }
  },
  examples: [
    { params: { features: 3 }, inputs: { x: [2, 5] }, outputs: { y: [2, 3] } },
    { params: { features: 4, bias: false }, inputs: { x: [2, 3, 5] }, outputs: { y: [2, 3, 4] } },
    { params: { features: 1 }, inputs: { x: [1, 1] }, outputs: { y: [1, 1] } },
  ],
})
