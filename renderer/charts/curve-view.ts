/** From the full curves to what one chart draws, and to what its crosshair reads. */
import type { Series } from './series.ts'
import { xAxis, yAxis, type Span } from './axes.ts'
import type { CurveAxes, CurveLine } from './curve-chart.ts'
import { decimate, type Point } from './decimate.ts'
import { formatPercent, formatValue } from './numbers.ts'
import { nearest } from './series.ts'
import { Smoother } from './smoothing.ts'
import { fade, partColour, type ChartTheme } from './theme.ts'

/** What a chart is of: the loss, or a metric; or a part of the loss. */
export interface CurveSubject {
  readonly name: string
  readonly title: string
  readonly better: 'higher' | 'lower'
  readonly percent: boolean
  /** Place among the parts of the loss, from 0; it decides colour and dashes, whichever of them are shown. */
  readonly part?: number
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
  /** Name of the subject that it is of. */
  readonly subject: string
  readonly label: string
  readonly colour: string
  readonly step: number
  readonly value: number
  /** The same without smoothing, where there is one. */
  readonly raw: number | null
}

type SeriesByName = ReadonlyMap<string, Series>

/** Dashes that can be told apart at the width of a curve. */
const dashes: readonly (readonly number[])[] = [
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
]

export class CurveView {
  readonly subject: CurveSubject
  /** What is drawn: the subject, and the parts that it is made of; or only some of them. */
  readonly drawn: readonly CurveSubject[]
  readonly #smoothers = new Map<string, { readonly of: Series; readonly smoother: Smoother }>()

  constructor(subject: CurveSubject, drawn: readonly CurveSubject[] = [subject]) {
    this.subject = subject
    this.drawn = drawn
  }

  draw(
    series: SeriesByName,
    settings: CurveSettings,
    stepsPerEpoch: number,
    span: Span,
    size: { readonly width: number; readonly height: number },
    theme: ChartTheme,
  ): CurveDrawing {
    const shown = settings.zoom ?? span
    const window = { low: shown[0], high: shown[1], width: size.width }
    const lines = this.drawn.flatMap((subject) => this.#linesOf(subject, series, settings.smoothing, window, theme))
    const validation = this.drawn.includes(this.subject) ? series.get(`validation.${this.subject.name}`) : undefined
    let best: Point | null = null
    if (validation) {
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

  #linesOf(
    subject: CurveSubject,
    series: SeriesByName,
    smoothing: number,
    window: { readonly low: number; readonly high: number; readonly width: number },
    theme: ChartTheme,
  ): CurveLine[] {
    const { train, validation } = pick(series, subject)
    const { faint, line, strong } = coloursOf(subject, theme)
    const dash = dashOf(subject)
    const lines: CurveLine[] = []
    if (train) {
      const points = decimate(train.steps, train.values, window)
      // The raw curves of all parts would hide what they are behind.
      if (smoothing > 0 && subject.part === undefined) lines.push({ points, colour: faint, width: 1, markers: false })
      const smooth = smoothing > 0 ? this.#smooth(subject, train, smoothing) : null
      const over = smooth ? decimate(train.steps, smooth, window) : points
      lines.push({ points: over, colour: line, width: 1.25, markers: false, dash })
    }
    if (validation) {
      const points = decimate(validation.steps, validation.values, window)
      const markers = points.length <= window.width / 12
      lines.push({ points, colour: strong, width: 2.25, markers, dash })
    }
    return lines
  }

  /** Values of each curve at the point nearest to `step`. */
  read(series: SeriesByName, smoothing: number, step: number, theme: ChartTheme): Reading[] {
    return this.drawn.flatMap((subject) => {
      const { train, validation } = pick(series, subject)
      const { line, strong } = coloursOf(subject, theme)
      const label = (kind: string) => (this.drawn.length > 1 ? `${subject.title} ${kind.toLowerCase()}` : kind)
      const readings: Reading[] = []
      if (train && train.length > 0) {
        const at = nearest(train.steps, step)
        const raw = train.values[at] as number
        const value = smoothing > 0 ? (this.#smooth(subject, train, smoothing)[at] as number) : raw
        const own = { name: train.name, subject: subject.name, label: label('Training'), colour: line }
        readings.push({ ...own, step: train.steps[at] as number, value, raw: smoothing > 0 ? raw : null })
      }
      if (validation && validation.length > 0) {
        const at = nearest(validation.steps, step)
        const own = { name: validation.name, subject: subject.name, label: label('Validation'), colour: strong }
        readings.push({
          ...own,
          step: validation.steps[at] as number,
          value: validation.values[at] as number,
          raw: null,
        })
      }
      return readings
    })
  }

  format(value: number): string {
    return this.subject.percent ? formatPercent(value) : formatValue(value)
  }

  #smooth(subject: CurveSubject, series: Series, weight: number): Float64Array {
    let known = this.#smoothers.get(subject.name)
    if (known?.of !== series || known.smoother.weight !== weight) {
      known = { of: series, smoother: new Smoother(weight) }
      this.#smoothers.set(subject.name, known)
    }
    return known.smoother.follow(series)
  }
}

function pick(
  series: SeriesByName,
  { name }: CurveSubject,
): { readonly train: Series | undefined; readonly validation: Series | undefined } {
  return { train: series.get(`train.${name}`), validation: series.get(`validation.${name}`) }
}

export function coloursOf(subject: CurveSubject, theme: ChartTheme) {
  if (subject.part !== undefined) {
    const line = partColour(theme, subject.part)
    return { faint: fade(line, 0.28), line, strong: line }
  }
  const loss = subject.name === 'loss'
  const line = loss ? theme.loss : theme.metric
  return { faint: fade(line, 0.28), line, strong: loss ? theme.lossStrong : theme.metricStrong }
}

/** The whole is solid. */
export function dashOf({ part }: CurveSubject): readonly number[] {
  return part === undefined ? [] : (dashes[part % dashes.length] ?? [])
}

/** The steps that all curves together cover, beginning at 0. */
export function spanOf(series: SeriesByName): Span {
  let last = 0
  for (const one of series.values()) if (one.lastStep > last) last = one.lastStep
  return [0, Math.max(1, last)]
}
