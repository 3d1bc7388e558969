import { boundedExp, gaussianInputs, requireGaussian } from '../_gaussian.ts'
import { lossOutput, lossWeightParam } from '../_loss.ts'
import { defineBlock } from '../define.ts'

export default defineBlock({
  type: 'klGaussian',
  family: 'loss',
  title: 'KL to Normal',
  doc: 'How far a Gaussian with these means and variances lies from the standard normal distribution, in nats: the sum over the latent numbers of each example, mean over the batch. Its weight is the β of a β-VAE. e^l goes on as its tangent from l = 30 on, so that it never overflows.',
  formula: 'L = mean over the batch of ½ Σ (μ² + e^l - 1 - l), with l = ln σ²',
  source: 'Kingma & Welling 2013; weight β: Higgins et al. 2017',
  aliases: ['KL divergence', 'Kullback-Leibler', 'variational', 'VAE', 'ELBO', 'latent', 'beta'],
  params: { weight: lossWeightParam },
  inputs: gaussianInputs,
  outputs: lossOutput,
  build(g, { mean, logVariance }) {
    requireGaussian(g, mean, logVariance)
    const spread = g.sub(g.sub(boundedExp(g, logVariance), 1), logVariance)
    const total = g.sum(g.add(g.mul(mean, mean), spread))
    return { loss: g.mul(g.div(total, mean.shape[0] ?? 1), 0.5) }
  },
  examples: [
    { inputs: { mean: [2, 3], logVariance: [2, 3] }, outputs: { loss: [] } },
    { inputs: { mean: [3, 2, 2], logVariance: [3, 2, 2] }, outputs: { loss: [] } },
  ],
})
