import { real } from '../../base/params.ts'
import { defineSchedule } from './_define.ts'

export default defineSchedule({
  type: 'exponential',
  title: 'Exponential',
  doc: 'The learning rate falls by the same factor in each epoch, evenly over its steps: γ^t.',
  source: 'torch.optim.lr_scheduler.ExponentialLR; Keras ExponentialDecay',
  params: {
    gamma: real({ label: 'Gamma', doc: 'What is left after one epoch, γ.', default: 0.95, min: 0, max: 1 }),
  },
  factor: ({ step, stepsPerEpoch }, { gamma }) => gamma ** (step / stepsPerEpoch),
})
