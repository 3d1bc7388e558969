import { real } from '../../base/params.ts'
import { defineOptimizer } from './_define.ts'

export default defineOptimizer({
  type: 'sgd',
  title: 'SGD',
  doc: 'Gradient descent on mini-batches with momentum: v ← μ v + g, w ← w - η v.',
  source: 'torch.optim.SGD; Polyak 1964, Sutskever et al. 2013',
  params: {
    rate: real({
      label: 'Learning rate',
      doc: 'Size of each step, η.',
      default: 0.01,
      min: 0,
      logarithmic: true,
      live: true,
    }),
    momentum: real({
      label: 'Momentum',
      doc: 'Share of the last step that goes on, μ; 0 is plain descent.',
      default: 0.9,
      min: 0,
      max: 1,
      live: true,
    }),
  },
  memories: ['velocity'],
  update(g, { weight, gradient, memories: [velocity] }, p) {
    const next = g.add(g.mul(p.momentum, velocity ?? 0), gradient)
    return { weight: g.sub(weight, g.mul(p.rate, next)), memories: [next] }
  },
})
