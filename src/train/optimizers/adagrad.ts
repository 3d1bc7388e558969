import { real } from '../../base/params.ts'
import { defineOptimizer } from './_define.ts'

export default defineOptimizer({
  type: 'adagrad',
  title: 'Adagrad',
  doc: 'Steps shrink with all squared gradients so far: A ← A + g², w ← w - η g / (√A + ε). Rare features keep learning.',
  source: 'torch.optim.Adagrad; Duchi, Hazan & Singer 2011',
  params: {
    rate: real({
      label: 'Learning rate',
      doc: 'Size of each step, η.',
      default: 0.01,
      min: 0,
      logarithmic: true,
      live: true,
    }),
    epsilon: real({
      label: 'Epsilon',
      doc: 'Keeps the division finite, ε.',
      default: 1e-10,
      min: 0,
      logarithmic: true,
      live: true,
    }),
  },
  memories: ['sum'],
  update(g, { weight, gradient, memories: [sum] }, p) {
    const total = g.add(sum ?? 0, g.mul(gradient, gradient))
    return { weight: g.sub(weight, g.div(g.mul(p.rate, gradient), g.add(g.sqrt(total), p.epsilon))), memories: [total] }
  },
})
