/** From the full curves to what one chart draws, and to what its crosshair reads. */
import type { Series } from './series.ts'
import { xAxis, yAxis, type Span } from './axes.ts'
import type { CurveAxes, CurveLine } from './curve-chart.ts'
import { decimate, type Point } from './decimate.ts'
import { formatPercent, formatValue } from './numbers.ts'
import { nearest } from './series.ts'
import { Smoother } from './smoothing.ts'
import { fade, type ChartTheme } from './theme.ts'

/** What a chart is of: the loss, or a metric. */
export interface CurveSubject {
  readonly name: string
  readonly title: string
  readonly better: 'higher' | 'lower'
  readonly percent: boolean
}

export interface CurveSettings {
  readonly smoothing: number
  readonly logarithmic: boolean
  readonly counts: 'step' | 'epoch'
  readonly zoom: Span | null
}

export interface CurveDrawing {
  readonly lines: readonly CurveLine[]
  readonly axes: CurveAxes
  readonly best: Point | null
}

export interface Reading {
  readonly name: string
  readonly label: string
  readonly colour: string
  readonly step: number
  readonly value: number
  /** The same without smoothing, where there is one. */
  readonly raw: number | null
}

type SeriesByName = ReadonlyMap<string, Series>

export class CurveView {
  readonly subject: CurveSubject
  #smoother = new Smoother(0)
  #smoothed: Series | null = null

  constructor(subject: CurveSubject) {
    this.subject = subject
  }

  draw(
    series: SeriesByName,
    settings: CurveSettings,
    stepsPerEpoch: number,
    span: Span,
    size: { readonly width: number; readonly height: number },
    theme: ChartTheme,
  ): CurveDrawing {
    const { train, validation } = this.#pick(series)
    const { faint, line, strong } = coloursOf(this.subject, theme)
    const shown = settings.zoom ?? span
    const window = { low: shown[0], high: shown[1], width: size.width }
    const lines: CurveLine[] = []
    if (train) {
      const points = decimate(train.steps, train.values, window)
      if (settings.smoothing > 0) lines.push({ points, colour: faint, width: 1, markers: false })
      const smooth = settings.smoothing > 0 ? this.#smooth(train, settings.smoothing) : null
      const over = smooth ? decimate(train.steps, smooth, window) : points
      lines.push({ points: over, colour: line, width: 1.25, markers: false })
    }
    let best: Point | null = null
    if (validation) {
      const points = decimate(validation.steps, validation.values, window)
      const markers = points.length <= size.width / 12
      lines.push({ points, colour: strong, width: 2.25, markers })
      const at = validation.best(this.subject.better)
      const step = validation.steps[at]
      if (at >= 0 && step !== undefined && step >= shown[0] && step <= shown[1])
        best = { x: step, y: validation.values[at] as number }
    }
    const { percent } = this.subject
    const logarithmic = settings.logarithmic && !percent
    return {
      // Chart.js draws the first set on top, and validation is what counts.
      lines: lines.reverse(),
      best,
      axes: {
        x: xAxis(shown, stepsPerEpoch, settings.counts, size.width),
        y: yAxis(
          lines.map((one) => one.points),
          { logarithmic, percent, height: size.height },
        ),
      },
    }
  }

  /** Values of each curve at the point nearest to `step`. */
  read(series: SeriesByName, smoothing: number, step: number, theme: ChartTheme): Reading[] {
    const { train, validation } = this.#pick(series)
    const { line, strong } = coloursOf(this.subject, theme)
    const readings: Reading[] = []
    if (train && train.length > 0) {
      const at = nearest(train.steps, step)
      const raw = train.values[at] as number
      const value = smoothing > 0 ? (this.#smooth(train, smoothing)[at] as number) : raw
      const own = { name: train.name, label: 'Training', colour: line, step: train.steps[at] as number }
      readings.push({ ...own, value, raw: smoothing > 0 ? raw : null })
    }
    if (validation && validation.length > 0) {
      const at = nearest(validation.steps, step)
      const own = { name: validation.name, label: 'Validation', colour: strong, step: validation.steps[at] as number }
      readings.push({ ...own, value: validation.values[at] as number, raw: null })
    }
    return readings
  }

  format(value: number): string {
    return this.subject.percent ? formatPercent(value) : formatValue(value)
  }

  #pick(series: SeriesByName): { train: Series | undefined; validation: Series | undefined } {
    return {
      train: series.get(`train.${this.subject.name}`),
      validation: series.get(`validation.${this.subject.name}`),
    }
  }

  #smooth(series: Series, weight: number): Float64Array {
    if (this.#smoothed !== series || this.#smoother.weight !== weight) {
      this.#smoother = new Smoother(weight)
      this.#smoothed = series
    }
    return this.#smoother.follow(series)
  }
}

export function coloursOf(subject: CurveSubject, theme: ChartTheme) {
  const loss = subject.name === 'loss'
  const line = loss ? theme.loss : theme.metric
  return { faint: fade(line, 0.28), line, strong: loss ? theme.lossStrong : theme.metricStrong }
}

/** The steps that all curves together cover, beginning at 0. */
export function spanOf(series: SeriesByName): Span {
  let last = 0
  for (const one of series.values()) if (one.lastStep > last) last = one.lastStep
  return [0, Math.max(1, last)]
}
