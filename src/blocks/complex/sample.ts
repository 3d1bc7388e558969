import { choice } from '../../base/params.ts'
import { boundedExp, gaussianInputs, requireGaussian } from '../_gaussian.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'sample',
  family: 'complex',
  title: 'Sample',
  doc: 'Draws from the Gaussian with these means and variances, anew at each training step, so that the gradient still reaches both. Validation and prediction take the means, unless asked to draw too.',
  formula: 'z = μ + e^(l / 2) ε, with l = ln σ² and ε standard normal',
  source: 'reparameterisation trick, Kingma & Welling 2013',
  aliases: ['VAE', 'variational autoencoder', 'reparameterisation', 'sampling', 'random'],
  params: {
    evaluation: choice({
      label: 'In evaluation',
      doc: 'What validation and prediction take: the means, or a draw here too.',
      default: 'mean',
      options: { mean: 'Means', draw: 'A draw' },
    }),
  },
  inputs: gaussianInputs,
  outputs: { z: { doc: 'the same shape' } },
  build(g, { mean, logVariance }, p) {
    requireGaussian(g, mean, logVariance)
    if (g.mode === 'evaluate' && p.evaluation === 'mean') return { z: mean }
    return { z: g.add(mean, g.mul(boundedExp(g, g.mul(logVariance, 0.5)), g.normal('noise', mean.shape))) }
  },
  examples: [
    { inputs: { mean: [2, 3], logVariance: [2, 3] }, outputs: { z: [2, 3] } },
    { inputs: { mean: [3, 2, 2], logVariance: [3, 2, 2] }, outputs: { z: [3, 2, 2] } },
  ],
})
