/** Decides the axes of a curve chart: what is in view, where ticks stand and how they are named. */
import { clearOfTitle, type AxisTick, type CurveAxes } from './curve-chart.ts'
import type { Point } from './decimate.ts'
import { formatCompact, formatPercent, formatShort, logTicks, roundTicks } from './numbers.ts'

export type Span = readonly [low: number, high: number]

/** `unit` steps make one of what the axis counts: 1, or the steps of an epoch. */
export function xAxis(span: Span, stepsPerEpoch: number, counts: 'step' | 'epoch', width: number): CurveAxes['x'] {
  const [low, high] = span
  const room = Math.max(2, Math.floor(width / 70))
  const epochs = stepsPerEpoch > 0 ? stepsPerEpoch : 0
  const unit = counts === 'epoch' && epochs > 0 ? epochs : 1
  // Fractions of an epoch are worth a label only while there are few of them; half a step is never.
  const smallest = unit === 1 ? 1 : 0
  const values = roundTicks(low / unit, high / unit, room, smallest)
  const ticks = values.map((value) => ({ value: value * unit, label: formatCompact(Number(value.toPrecision(8))) }))
  const marks = epochs > 0 ? epochMarks(span, epochs, width) : []
  return { low, high, ticks: clearOfTitle(ticks, low, high, width), marks, title: counts }
}

/** Ends of epochs, or of every 2nd, 5th, 10th … where they would stand closer than six pixels. */
function epochMarks([low, high]: Span, stepsPerEpoch: number, width: number): number[] {
  return roundTicks(low / stepsPerEpoch, high / stepsPerEpoch, width / 6, 1)
    .map((epoch) => epoch * stepsPerEpoch)
    .filter((step) => step > low)
}

export interface YOptions {
  readonly logarithmic: boolean
  readonly percent: boolean
  readonly height: number
}

/** Fits what is drawn, with a little air. A logarithmic axis without a positive value is a linear one. */
export function yAxis(lines: readonly (readonly Point[])[], options: YOptions): CurveAxes['y'] {
  const room = Math.max(2, Math.floor(options.height / 26))
  const [low, high] = extent(lines, options.logarithmic)
  if (options.logarithmic && low > 0) {
    const air = Math.max((high / low) ** 0.05, 1.05)
    const [from, to] = [low / air, high * air]
    return { low: from, high: to, logarithmic: true, ticks: named(logTicks(from, to, room), options) }
  }
  const air = (high - low) * 0.06 || Math.abs(high) * 0.1 || 0.5
  // What cannot be negative gets no negative axis, what is a share ends at 100 %.
  const from = low >= 0 ? Math.max(0, low - air) : low - air
  const to = options.percent ? Math.min(high + air, Math.max(1, high)) : high + air
  return { low: from, high: to, logarithmic: false, ticks: named(roundTicks(from, to, room), options) }
}

function named(values: readonly number[], { percent }: YOptions): AxisTick[] {
  const gap = Math.abs((values[1] ?? 1) - (values[0] ?? 0))
  const digits = gap < 0.001 ? 2 : gap < 0.01 ? 1 : 0
  return values.map((value) => ({ value, label: percent ? formatPercent(value, digits) : tick(value) }))
}

function tick(value: number): string {
  return Math.abs(value) >= 1e4 ? formatCompact(value) : formatShort(Number(value.toPrecision(6)), 4)
}

/** Lowest and highest finite value; [0, 1] where there is none. */
function extent(lines: readonly (readonly Point[])[], positive: boolean): Span {
  let low = Infinity
  let high = -Infinity
  for (const line of lines) {
    for (const { y } of line) {
      if (!Number.isFinite(y) || (positive && y <= 0)) continue
      if (y < low) low = y
      if (y > high) high = y
    }
  }
  return low <= high ? [low, high] : [0, 1]
}
