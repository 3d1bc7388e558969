import { real } from '../../base/params.ts'
import { defineOptimizer, epsilonParam, rateParam } from './_define.ts'

export default defineOptimizer({
  type: 'adadelta',
  title: 'Adadelta',
  doc: 'Finds its own step size: E ← ρ E + (1 - ρ) g², Δ = √(U + ε) / √(E + ε) · g, U ← ρ U + (1 - ρ) Δ², w ← w - η Δ.',
  source: 'torch.optim.Adadelta; Zeiler 2012',
  params: {
    rate: rateParam(
      1,
      'Factor on the step, η; 1 is the method as published. The 0.001 of other optimizers hardly moves it.',
    ),
    rho: real({ label: 'Rho', doc: 'Memory of both mean squares, ρ.', default: 0.9, min: 0, max: 1, live: true }),
    epsilon: epsilonParam(1e-6, 'Gets the first steps going, ε.'),
  },
  memories: ['square', 'step'],
  update(g, { weight, gradient, memories: [square, moved] }, p) {
    const mean = (old: typeof square, fresh: typeof gradient) =>
      g.add(g.mul(p.rho, old ?? 0), g.mul(g.sub(1, p.rho), g.mul(fresh, fresh)))
    const squares = mean(square, gradient)
    const root = (value: typeof gradient) => g.sqrt(g.add(value, p.epsilon))
    const step = g.mul(g.div(root(moved ?? g.fill(gradient.shape, 0)), root(squares)), gradient)
    return { weight: g.sub(weight, g.mul(p.rate, step)), memories: [squares, mean(moved, step)] }
  },
})
