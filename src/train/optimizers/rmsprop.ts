import { real } from '../../base/params.ts'
import { defineOptimizer, epsilonParam, rateParam } from './_define.ts'

export default defineOptimizer({
  type: 'rmsprop',
  title: 'RMSprop',
  doc: 'Divides each step by a running root mean square of the gradient: E ← ρ E + (1 - ρ) g², w ← w - η g / (√E + ε).',
  source: 'torch.optim.RMSprop; Hinton, lecture 6e',
  params: {
    rate: rateParam(0.001),
    rho: real({
      label: 'Rho',
      doc: 'Memory of the mean squared gradient, ρ.',
      default: 0.99,
      min: 0,
      max: 1,
      live: true,
    }),
    epsilon: epsilonParam(1e-8),
  },
  memories: ['square'],
  update(g, { weight, gradient, memories: [square] }, p) {
    const mean = g.add(g.mul(p.rho, square ?? 0), g.mul(g.sub(1, p.rho), g.mul(gradient, gradient)))
    const step = g.div(g.mul(p.rate, gradient), g.add(g.sqrt(mean), p.epsilon))
    return { weight: g.sub(weight, step), memories: [mean] }
  },
})
