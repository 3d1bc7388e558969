import { at } from '../../base/assert.ts'
import { choice, int } from '../../base/params.ts'
import type { Tensor } from '../../ir/builder.ts'
import { defineBlock, weightParams, type BlockBuilder } from '../define.ts'

export default defineBlock({
  type: 'latent',
  family: 'complex',
  title: 'Latent',
  doc: 'Two heads on one trunk: the means and the logarithms of the variances of a Gaussian for each example, ready for Sample and KL to Normal. It is the middle of a variational autoencoder.',
  formula: 'μ = x W + b; l = ln σ² = x V + c',
  source: 'Kingma & Welling 2013',
  aliases: ['VAE', 'variational autoencoder', 'encoder', 'mean', 'log-variance', 'bottleneck'],
  params: {
    size: int({ label: 'Latent numbers', doc: 'How many means and variances come out.', default: 2, min: 1 }),
    hidden: int({
      label: 'Hidden features',
      doc: 'Width of a Tanh layer of its own in front of each head; 0 for none.',
      default: 0,
    }),
    form: choice({
      label: 'Variance',
      doc: 'What the second head says: the logarithm of the variance, or the variance through a Softplus.',
      default: 'logarithm',
      options: { logarithm: 'Its logarithm', softplus: 'Softplus' },
    }),
    ...weightParams({ default: 'glorotUniform' }),
  },
  inputs: { x: { doc: '[batch, ..., in]' } },
  outputs: {
    mean: { doc: '[batch, ..., latent]: means' },
    logVariance: { doc: 'the same shape: logarithms of the variances' },
  },
  build(g, { x }, p) {
    g.require(
      x.shape.length >= 2,
      'x',
      'input x must be a list of numbers for each example, but has only the batch axis.',
    )
    const dense = (name: string, from: Tensor, size: number) =>
      g.add(
        g.dot(from, g.weight(`${name}.weight`, [at(from.shape, from.shape.length - 1), size], p)),
        g.weight(`${name}.bias`, [size], 0),
      )
    const head = (name: string) => dense(name, p.hidden > 0 ? g.tanh(dense(`${name}Hidden`, x, p.hidden)) : x, p.size)
    const mean = head('mean')
    const spread = head('logVariance')
    return { mean, logVariance: p.form === 'softplus' ? logSoftplus(g, spread) : spread }
  },
  examples: [
    { inputs: { x: [2, 5] }, outputs: { mean: [2, 2], logVariance: [2, 2] } },
    {
      params: { size: 3, hidden: 4, form: 'softplus' },
      inputs: { x: [3, 2, 4] },
      outputs: { mean: [3, 2, 3], logVariance: [3, 2, 3] },
    },
  ],
})

/** ln ln(1 + e^x), which is x itself where e^x is lost beside 1. */
function logSoftplus(g: BlockBuilder, x: Tensor): Tensor {
  return g.select(g.less(x, -15), x, g.log(g.softplus(g.max(x, -15))))
}
