/** Paints a laid-out histogram: outlines of older slices from the back, bars of the newest in front. */
import type { HistogramLayout, Slice } from './histogram.ts'
import type { ChartTheme } from './theme.ts'

export function paintHistogram(
  context: CanvasRenderingContext2D,
  layout: HistogramLayout,
  width: number,
  height: number,
  ratio: number,
  theme: ChartTheme,
): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  const snap = (value: number) => Math.round(value * ratio) / ratio
  if (layout.zero !== null) {
    context.fillStyle = theme.grid
    context.fillRect(snap(layout.zero), 0, 1, height)
  }
  for (const slice of layout.slices) {
    if (slice.age > 0) paintOlder(context, slice, theme)
  }
  const newest = layout.slices.at(-1)
  if (newest) {
    context.fillStyle = theme.weight
    for (const bar of newest.bars) {
      const left = snap(bar.left)
      const right = snap(bar.right)
      // A gap between bars where they are wide enough to have one.
      const gap = right - left >= 4 ? 1 : 0
      // A single value in a bin is still to be seen.
      const top = Math.min(bar.top, newest.baseline - 1)
      context.fillRect(left, top, Math.max(right - left - gap, 1 / ratio), newest.baseline - top)
    }
  }
  context.fillStyle = theme.axis
  context.fillRect(0, height - 1, width, 1)
}

function paintOlder(context: CanvasRenderingContext2D, { bars, baseline, age }: Slice, theme: ChartTheme): void {
  if (bars.length === 0) return
  const path = new Path2D()
  let from = NaN
  for (const bar of bars) {
    if (Number.isNaN(from)) path.moveTo(bar.left, baseline)
    else if (bar.left - from > 0.01) {
      // Empty bins lie on the ground.
      path.lineTo(from, baseline)
      path.lineTo(bar.left, baseline)
    }
    path.lineTo(bar.left, bar.top)
    path.lineTo(bar.right, bar.top)
    from = bar.right
  }
  path.lineTo(from, baseline)
  context.globalAlpha = 0.9
  context.fillStyle = theme.ground
  context.fill(path)
  context.globalAlpha = 1 - 0.65 * age
  context.fillStyle = theme.weightOld
  context.fill(path)
  context.strokeStyle = theme.weight
  context.globalAlpha = 0.75 - 0.5 * age
  context.lineWidth = 1
  context.stroke(path)
  context.globalAlpha = 1
}
