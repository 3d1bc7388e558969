import { choice, int, real } from '../../base/params.ts'
import type { Rng } from '../../base/rng.ts'
import { defineDataset } from '../types.ts'

const kinds = ['spike', 'dropout', 'shift'] as const

/** Each changes the series from somewhere on, where there is still some of it to be seen. */
const inject = {
  spike(series: Float32Array, rng: Rng, strength: number) {
    const at = rng.integer(series.length)
    series[at] = (series[at] as number) + (rng.integer(2) === 0 ? strength : -strength)
  },
  dropout(series: Float32Array, rng: Rng) {
    const length = Math.max(2, Math.round(series.length * rng.uniform(0.1, 0.2)))
    const at = rng.integer(series.length - length + 1)
    // The sensor hangs: it goes on saying what it said.
    series.fill(series[at] as number, at, at + length)
  },
  shift(series: Float32Array, rng: Rng, strength: number) {
    const from = Math.floor(series.length * rng.uniform(0.25, 0.75))
    const step = (rng.integer(2) === 0 ? strength : -strength) / 2
    for (let t = from; t < series.length; t++) series[t] = (series[t] as number) + step
  },
} satisfies { [K in (typeof kinds)[number]]: (series: Float32Array, rng: Rng, strength: number) => void }

export default defineDataset({
  type: 'anomalies',
  title: 'Anomalies in series',
  doc: 'Series with a season and its overtone, as the load of a machine over days, half of them with something wrong: a single spike, a sensor that hangs, or a level that shifts. Tell them apart, or train an autoencoder on the normal ones alone and see what it cannot rebuild.',
  params: {
    count: int({ label: 'Series', default: 2000, min: 4, max: 100_000 }),
    length: int({ label: 'Length', doc: 'Values of each series.', default: 64, min: 8, max: 1000 }),
    period: real({ label: 'Period', doc: 'Values of one season.', default: 16, min: 2, max: 1000 }),
    noise: real({
      label: 'Noise',
      doc: 'Standard deviation of every value; the season is 1 high.',
      default: 0.1,
      min: 0,
      max: 2,
    }),
    strength: real({
      label: 'Strength',
      doc: 'Height of a spike; levels shift by half of it.',
      default: 1.5,
      min: 0,
      max: 10,
    }),
    anomaly: choice({
      label: 'Anomaly',
      default: 'any',
      options: { any: 'Any', spike: 'Spike', dropout: 'Hanging sensor', shift: 'Shift of level' },
    }),
  },
  features: [64, 1],
  featuresFor: ({ length }) => [length, 1],
  target: { kind: 'classes', names: ['normal', 'anomalous'] },
  generate({ count, length, period, noise, strength, anomaly }, random) {
    const features = new Float32Array(count * length)
    const targets = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const rng = random(i)
      const series = features.subarray(i * length, (i + 1) * length)
      const phase = rng.uniform(0, period)
      for (let t = 0; t < length; t++) {
        const angle = (2 * Math.PI * (t + phase)) / period
        series[t] = Math.sin(angle) + 0.3 * Math.sin(2 * angle + 1) + rng.normal(0, noise)
      }
      targets[i] = i % 2
      if (i % 2 === 0) continue
      inject[anomaly === 'any' ? (kinds[rng.integer(kinds.length)] ?? 'spike') : anomaly](series, rng, strength)
    }
    return { count, shape: [length, 1], features, target: this.target, targets }
  },
})
