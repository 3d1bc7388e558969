import { defineOptimizer, epsilonParam, rateParam } from './_define.ts'

export default defineOptimizer({
  type: 'adagrad',
  title: 'Adagrad',
  doc: 'Steps shrink with all squared gradients so far: A ← A + g², w ← w - η g / (√A + ε). Rare features keep learning.',
  source: 'torch.optim.Adagrad; Duchi, Hazan & Singer 2011',
  params: {
    rate: rateParam(0.01),
    epsilon: epsilonParam(1e-10),
  },
  memories: ['sum'],
  update(g, { weight, gradient, memories: [sum] }, p) {
    const total = g.add(sum ?? 0, g.mul(gradient, gradient))
    return { weight: g.sub(weight, g.div(g.mul(p.rate, gradient), g.add(g.sqrt(total), p.epsilon))), memories: [total] }
  },
})
