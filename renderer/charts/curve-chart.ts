/**
 * Chart.js behind a narrow door: it is handed plain points that are already thinned, axes that are already decided, and draws
 * them. Pointer, crosshair and zoom are not its business.
 */
import {
  Chart,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  type ChartDataset,
  type Plugin,
  type Scale,
} from 'chart.js'
import type { Point } from './decimate.ts'
import type { ChartTheme } from './theme.ts'

Chart.register(LinearScale, LineController, LineElement, LogarithmicScale, PointElement)

export interface CurveLine {
  readonly points: Point[]
  readonly colour: string
  readonly width: number
  readonly markers: boolean
  /** Lengths of line and gap in turn; a solid line where there are none. */
  readonly dash?: readonly number[]
}

export interface CurveAxes {
  readonly x: {
    readonly low: number
    readonly high: number
    readonly ticks: readonly AxisTick[]
    /** Small marks without a label. */
    readonly marks: readonly number[]
    readonly title: string
  }
  readonly y: {
    readonly low: number
    readonly high: number
    readonly logarithmic: boolean
    readonly ticks: readonly AxisTick[]
  }
}

export interface AxisTick {
  readonly value: number
  readonly label: string
}

/** Room for the labels left of the plot, the same in all charts so that their plots line up. */
const LEFT = 46
const TITLE = 40

export class CurveChart {
  readonly #chart: Chart<'line', Point[]>
  #axes: CurveAxes | null = null
  #theme: ChartTheme | null = null

  constructor(canvas: HTMLCanvasElement, onResize: () => void) {
    const axis = (name: 'x' | 'y') => ({
      type: 'linear' as const,
      bounds: 'data' as const,
      border: { display: name === 'x' },
      grid: { drawTicks: false, display: name === 'y' },
      afterBuildTicks: (scale: Scale) =>
        void (scale.ticks = (this.#axes?.[name].ticks ?? []).map((tick) => ({ ...tick }))),
      // Chart.js names the ticks by itself in between.
      afterTickToLabelConversion: (scale: Scale) =>
        scale.ticks.forEach((tick, i) => (tick.label = this.#axes?.[name].ticks[i]?.label ?? '')),
      ticks: { autoSkip: false, maxRotation: 0, padding: 6, font: { size: 11 } },
    })
    this.#chart = new Chart(canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        animation: false,
        parsing: false,
        normalized: true,
        responsive: true,
        maintainAspectRatio: false,
        resizeDelay: 30,
        events: [],
        layout: { padding: { top: 6, right: 10 } },
        plugins: { legend: { display: false }, tooltip: { enabled: false } },
        scales: { x: axis('x'), y: { ...axis('y'), afterFit: (scale: Scale) => void (scale.width = LEFT) } },
        onResize,
      },
      plugins: [this.#marks()],
    })
  }

  draw(lines: readonly CurveLine[], best: Point | null, axes: CurveAxes, theme: ChartTheme): void {
    this.#axes = axes
    this.#theme = theme
    const chart = this.#chart
    const datasets: ChartDataset<'line', Point[]>[] = lines.map((line) => ({
      data: line.points,
      borderColor: line.colour,
      borderWidth: line.width,
      borderDash: [...(line.dash ?? [])],
      borderJoinStyle: 'round',
      pointRadius: line.markers ? 2.5 : line.points.length === 1 ? 2.5 : 0,
      pointBackgroundColor: line.colour,
      pointBorderWidth: 0,
      spanGaps: false,
    }))
    // Drawn over everything, also where it touches the edge of the plot.
    const ring = {
      pointRadius: 5.5,
      pointBorderWidth: 2,
      pointBorderColor: theme.text,
      pointBackgroundColor: 'transparent',
    }
    if (best) datasets.unshift({ data: [best], showLine: false, clip: false, order: -1, ...ring })
    chart.data.datasets = datasets
    const { x, y } = chart.options.scales ?? {}
    if (!x || !y) return
    Object.assign(x, { min: axes.x.low, max: axes.x.high })
    Object.assign(y, { min: axes.y.low, max: axes.y.high, type: axes.y.logarithmic ? 'logarithmic' : 'linear' })
    for (const scale of [x, y]) {
      Object.assign(scale.ticks ?? {}, { color: theme.muted, font: { size: 11, family: theme.font } })
      Object.assign(scale.grid ?? {}, { color: theme.grid })
      Object.assign(scale.border ?? {}, { color: theme.axis })
    }
    chart.update('none')
  }

  /** Pixels of the plot, measured from the canvas's corner. */
  get plot(): { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number } {
    return this.#chart.chartArea ?? { left: LEFT, right: LEFT, top: 0, bottom: 0 }
  }

  /** How many pixels the plot will have in the next drawing. */
  get plotSize(): { readonly width: number; readonly height: number } {
    return { width: Math.max(1, this.#chart.width - LEFT - 10), height: Math.max(1, this.#chart.height - 30) }
  }

  pixelOf(axis: 'x' | 'y', value: number): number {
    return this.#chart.scales[axis]?.getPixelForValue(value) ?? NaN
  }

  stepAt(pixel: number): number {
    return this.#chart.scales.x?.getValueForPixel(pixel) ?? NaN
  }

  destroy(): void {
    this.#chart.destroy()
  }

  /** Small marks on the x axis, and its title at the right end of the labels. */
  #marks(): Plugin<'line'> {
    return {
      id: 'marks',
      afterDraw: (chart) => {
        const [axes, theme, area] = [this.#axes, this.#theme, chart.chartArea]
        if (!axes || !theme || !area) return
        const { ctx } = chart
        ctx.save()
        ctx.strokeStyle = theme.axis
        ctx.lineWidth = 1
        ctx.beginPath()
        for (const mark of axes.x.marks) {
          const x = Math.round(chart.scales.x?.getPixelForValue(mark) ?? 0) + 0.5
          ctx.moveTo(x, area.bottom)
          ctx.lineTo(x, area.bottom - 5)
        }
        ctx.stroke()
        ctx.fillStyle = theme.muted
        ctx.font = `11px ${theme.font}`
        ctx.textAlign = 'right'
        ctx.textBaseline = 'top'
        ctx.fillText(axes.x.title, area.right, area.bottom + 7)
        ctx.restore()
      },
    }
  }
}

/** Ticks that leave room for the axis title at the right. */
export function clearOfTitle(ticks: readonly AxisTick[], low: number, high: number, width: number): AxisTick[] {
  return ticks.filter(({ value }) => ((high - value) / (high - low)) * width >= TITLE)
}
