/** Curves as a file: one row a step, one column a series, empty where a series has no point. */
import type { Series } from './series.ts'
import type { ChartTheme } from './theme.ts'

export function curvesToCsv(series: readonly Series[], stepsPerEpoch: number): string {
  const columns = series.map((one) => lastValueByStep(one))
  const steps = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b)
  const lines = [['step', 'epoch', ...series.map((one) => quote(one.name))].join(',')]
  for (const step of steps) {
    const epoch = stepsPerEpoch > 0 ? String(Number((step / stepsPerEpoch).toPrecision(12))) : ''
    lines.push([String(step), epoch, ...columns.map((column) => cell(column.get(step)))].join(','))
  }
  return `${lines.join('\r\n')}\r\n`
}

/** A step that was done twice counts as it was done last. */
function lastValueByStep(series: Series): Map<number, number> {
  const { steps, values } = series
  const map = new Map<number, number>()
  for (let i = 0; i < steps.length; i++) map.set(steps[i] as number, values[i] as number)
  return map
}

function cell(value: number | undefined): string {
  return value === undefined ? '' : String(value)
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export interface CaptionedChart {
  readonly canvas: HTMLCanvasElement
  readonly title: string
  /** Name and colour of each line. */
  readonly legend: readonly { readonly label: string; readonly colour: string }[]
}

const CAPTION = 26

/** Charts one below the other, each under its title and legend, on a solid ground. */
export async function chartsToPng(charts: readonly CaptionedChart[], theme: ChartTheme): Promise<Blob | null> {
  const ratio = window.devicePixelRatio || 1
  const caption = CAPTION * ratio
  const whole = document.createElement('canvas')
  whole.width = Math.max(1, ...charts.map(({ canvas }) => canvas.width))
  whole.height = charts.reduce((sum, { canvas }) => sum + canvas.height + caption, 0)
  const context = whole.getContext('2d')
  if (!context) return null
  context.fillStyle = theme.ground
  context.fillRect(0, 0, whole.width, whole.height)
  context.textBaseline = 'middle'
  let top = 0
  for (const { canvas, title, legend } of charts) {
    const middle = top + caption / 2
    context.font = `600 ${13 * ratio}px ${theme.font}`
    context.fillStyle = theme.text
    context.fillText(title, 12 * ratio, middle)
    let left = 12 * ratio + context.measureText(title).width + 20 * ratio
    context.font = `${11 * ratio}px ${theme.font}`
    for (const { label, colour } of legend) {
      context.fillStyle = colour
      context.fillRect(left, middle - ratio, 14 * ratio, 2 * ratio)
      context.fillStyle = theme.muted
      context.fillText(label, left + 19 * ratio, middle)
      left += 19 * ratio + context.measureText(label).width + 14 * ratio
    }
    context.drawImage(canvas, 0, top + caption)
    top += caption + canvas.height
  }
  return new Promise((resolve) => whole.toBlob(resolve, 'image/png'))
}

/** Hands a file to the person as a download. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has read the address once the click's task is over.
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
