import { defineSchedule } from './_define.ts'

export default defineSchedule({
  type: 'constant',
  title: 'Constant',
  doc: 'The learning rate stays as it is, after the warm-up if there is one.',
  source: 'torch.optim.lr_scheduler.ConstantLR',
  params: {},
  factor: () => 1,
})
