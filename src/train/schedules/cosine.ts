import { int, real } from '../../base/params.ts'
import { defineSchedule } from './_define.ts'

export default defineSchedule({
  type: 'cosine',
  title: 'Cosine',
  doc: 'Falls along half a cosine from 1 to a final factor f over n epochs and stays there: f + (1 - f) (1 + cos(π t / n)) / 2.',
  source: 'torch.optim.lr_scheduler.CosineAnnealingLR; Loshchilov & Hutter 2017',
  params: {
    over: int({ label: 'Over', doc: 'Epochs that the fall takes, n; 0 is the whole run.', default: 0 }),
    final: real({ label: 'Final factor', doc: 'What is left at the end, f.', default: 0, min: 0, max: 1 }),
  },
  factor({ step, stepsPerEpoch, epochs }, { over, final }) {
    const share = Math.min(1, step / ((over || epochs) * stepsPerEpoch))
    return final + ((1 - final) * (1 + Math.cos(Math.PI * share))) / 2
  },
})
