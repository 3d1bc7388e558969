import { real } from '../../base/params.ts'
import { defineOptimizer, epsilonParam, rateParam } from './_define.ts'

export const adamParams = {
  rate: rateParam(0.001),
  beta1: real({ label: 'Beta 1', doc: 'Memory of the mean gradient.', default: 0.9, min: 0, max: 1, live: true }),
  beta2: real({
    label: 'Beta 2',
    doc: 'Memory of the mean squared gradient.',
    default: 0.999,
    min: 0,
    max: 1,
    live: true,
  }),
  epsilon: epsilonParam(1e-8, 'Keeps the division finite where gradients vanish.'),
}

export default defineOptimizer({
  type: 'adam',
  title: 'Adam',
  doc: 'Steps of a size of its own for each weight, from running means of the gradient and its square: w ← w - η m̂ / (√v̂ + ε).',
  source: 'torch.optim.Adam; Kingma & Ba 2014',
  params: adamParams,
  memories: ['mean', 'square'],
  update(g, { weight, gradient, memories: [mean, square], step }, p) {
    const keep = (beta: typeof p.beta1, old: typeof mean, fresh: typeof gradient) =>
      g.add(g.mul(beta, old ?? 0), g.mul(g.sub(1, beta), fresh))
    // β^t as e^(t log β); β = 0 gives e^-∞ = 0, which is right.
    const correction = (beta: typeof p.beta1) => g.sub(1, g.exp(g.mul(step, g.log(beta))))
    const m = keep(p.beta1, mean, gradient)
    const v = keep(p.beta2, square, g.mul(gradient, gradient))
    const size = g.div(p.rate, correction(p.beta1))
    const spread = g.add(g.div(g.sqrt(v), g.sqrt(correction(p.beta2))), p.epsilon)
    return { weight: g.sub(weight, g.div(g.mul(size, m), spread)), memories: [m, v] }
  },
})
