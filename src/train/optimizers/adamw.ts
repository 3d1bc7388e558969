import { real } from '../../base/params.ts'
import adam, { adamParams } from './adam.ts'
import { defineOptimizer } from './_define.ts'

export default defineOptimizer({
  type: 'adamw',
  title: 'AdamW',
  doc: 'Adam that also shrinks each weight by a share of the learning rate: w ← w - η λ w before the step.',
  source: 'torch.optim.AdamW; Loshchilov & Hutter 2019',
  params: {
    ...adamParams,
    decay: real({ label: 'Weight decay', doc: 'Share by which weights shrink, λ.', default: 0.01, min: 0, live: true }),
  },
  memories: adam.memories,
  update(g, given, params) {
    const kept = g.sub(1, g.mul(params.rate, params.decay))
    return adam.update(g, { ...given, weight: g.mul(given.weight, kept) }, params)
  },
})
