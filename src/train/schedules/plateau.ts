import { int, real } from '../../base/params.ts'
import { defineSchedule } from './_define.ts'

export default defineSchedule({
  type: 'plateau',
  title: 'Reduce on plateau',
  doc: 'Multiplies the learning rate by γ when the validation loss has not fallen for more epochs than its patience.',
  source: 'torch.optim.lr_scheduler.ReduceLROnPlateau',
  params: {
    gamma: real({ label: 'Gamma', doc: 'Factor of each reduction, γ.', default: 0.1, min: 0, max: 1 }),
    patience: int({ label: 'Patience', doc: 'Epochs without progress that are let pass.', default: 10 }),
    threshold: real({
      label: 'Threshold',
      doc: 'Share by which the validation loss must fall below the best one to count as progress.',
      default: 1e-4,
      min: 0,
      max: 0.999,
      logarithmic: true,
    }),
    cooldown: int({ label: 'Cooldown', doc: 'Epochs after a reduction in which none are counted.', default: 0 }),
    least: real({ label: 'Least factor', doc: 'No reduction goes below this.', default: 0, min: 0, max: 1 }),
  },
  watch: {
    first: { best: Infinity, bad: 0, resting: 0, factor: 1 },
    next(before, loss, { gamma, patience, threshold, cooldown, least }) {
      const better = loss < before.best * (1 - threshold)
      const best = better ? loss : before.best
      const resting = Math.max(0, before.resting - 1)
      // While it rests, epochs without progress do not count.
      const bad = better || before.resting > 0 ? 0 : before.bad + 1
      if (bad <= patience) return { best, bad, resting, factor: before.factor }
      return { best, bad: 0, resting: cooldown, factor: Math.max(before.factor * gamma, least) }
    },
  },
  factor: (_moment, _params, { factor }) => factor,
})
