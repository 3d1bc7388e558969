import { bool, real } from '../../base/params.ts'
import { defineOptimizer, rateParam } from './_define.ts'

export default defineOptimizer({
  type: 'sgd',
  title: 'SGD',
  doc: 'Gradient descent on mini-batches with momentum: v ← μ v + g, w ← w - η v; with Nesterov w ← w - η (g + μ v).',
  source: 'torch.optim.SGD; Polyak 1964, Nesterov 1983, Sutskever et al. 2013',
  params: {
    rate: rateParam(0.01),
    momentum: real({
      label: 'Momentum',
      doc: 'Share of the last step that goes on, μ; 0 is plain descent.',
      default: 0.9,
      min: 0,
      max: 1,
      live: true,
    }),
    nesterov: bool({ label: 'Nesterov', doc: 'Looks ahead to where momentum leads.', default: false, live: true }),
    decay: real({
      label: 'Weight decay',
      doc: 'λ: adds λ w to the gradient, which is L2 regularisation.',
      default: 0,
      min: 0,
      live: true,
    }),
  },
  memories: ['velocity'],
  update(g, { weight, gradient, memories: [velocity] }, p) {
    const slope = g.add(gradient, g.mul(p.decay, weight))
    const next = g.add(g.mul(p.momentum, velocity ?? 0), slope)
    const ahead = g.add(slope, g.mul(p.momentum, next))
    return { weight: g.sub(weight, g.mul(p.rate, g.select(p.nesterov, ahead, next))), memories: [next] }
  },
})
