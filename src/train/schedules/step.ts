import { int, real } from '../../base/params.ts'
import { defineSchedule } from './_define.ts'

export default defineSchedule({
  type: 'step',
  title: 'Step',
  doc: 'Multiplies the learning rate by γ every n epochs: γ^⌊t / n⌋.',
  source: 'torch.optim.lr_scheduler.StepLR',
  params: {
    every: int({ label: 'Every', doc: 'Epochs from one step down to the next, n.', default: 10, min: 1 }),
    gamma: real({ label: 'Gamma', doc: 'Factor of each step down, γ.', default: 0.1, min: 0, max: 1 }),
  },
  factor: ({ step, stepsPerEpoch }, { every, gamma }) => gamma ** Math.floor(step / (every * stepsPerEpoch)),
})
