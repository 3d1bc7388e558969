/**
 * What a run has told so far: its curves and histograms, all of them in bounded memory for a window that comes later, and
 * what is new since the last message.
 */
import { Series } from './series.ts'
import type { RunSnapshot, RunTelemetry, WeightHistogram } from './types.ts'

const KEPT_POINTS = 20_000
const SENT_POINTS = 400
const KEPT_HISTOGRAMS = 40

export class Journal {
  readonly #mostSent: number
  readonly #series = new Map<string, { kept: Series; fresh: Series }>()
  #newest: readonly WeightHistogram[] = []
  #isNew = false
  #history: (readonly WeightHistogram[])[] = []
  #stride = 1
  #count = 0

  /** `mostSent`: points of a training curve in one message; more are thinned to their extremes. */
  constructor(mostSent = SENT_POINTS) {
    this.#mostSent = mostSent
  }

  /** Validation points are few, and all are sent. */
  record(name: string, step: number, value: number): void {
    this.recordAll(name, step, 1, () => value)
  }

  /** Points of `count` steps from the step `first` on. */
  recordAll(name: string, first: number, count: number, value: (i: number) => number): void {
    let series = this.#series.get(name)
    if (!series) {
      const most = name.startsWith('train.') ? this.#mostSent : Infinity
      this.#series.set(name, (series = { kept: new Series(name, KEPT_POINTS), fresh: new Series(name, most) }))
    }
    const { kept, fresh } = series
    for (let i = 0; i < count; i++) {
      const point = value(i)
      kept.push(first + i, point)
      fresh.push(first + i, point)
    }
  }

  /** Drops what lies after a step, when the run goes back to an earlier state. */
  cut(step: number): void {
    for (const { kept, fresh } of this.#series.values()) {
      kept.cut(step)
      fresh.cut(step)
    }
  }

  /** Step of the newest histograms; -1 before the first. */
  get histogramStep(): number {
    return this.#newest[0]?.step ?? -1
  }

  /**
   * History is an even sample of all that came: when there are too many, every other one goes, and from then on only every
   * other one is taken in.
   */
  addHistograms(histograms: readonly WeightHistogram[]): void {
    this.#newest = histograms
    this.#isNew = true
    if (this.#count++ % this.#stride === 0) this.#history.push(histograms)
    if (this.#history.length <= KEPT_HISTOGRAMS) return
    this.#history = this.#history.filter((_, i) => i % 2 === 0)
    this.#stride *= 2
  }

  /** What has come since the last call. */
  takeNews(): Pick<RunTelemetry, 'points' | 'histograms'> {
    const fresh = [...this.#series.values()].map((series) => series.fresh).filter((series) => series.length > 0)
    const points = fresh.map((series) => series.points())
    for (const series of fresh) series.clear()
    const histograms = this.#isNew ? this.#newest : []
    this.#isNew = false
    return { points, histograms }
  }

  everything(): Pick<RunSnapshot, 'points' | 'histograms' | 'history'> {
    const points = [...this.#series.values()].map(({ kept }) => kept.points())
    return { points, histograms: this.#newest, history: this.#history.flat() }
  }
}
