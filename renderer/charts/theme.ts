/** Colours for canvases: the window's custom properties, resolved where the canvas stands. */
export interface ChartTheme {
  readonly ground: string
  readonly text: string
  readonly muted: string
  readonly grid: string
  readonly axis: string
  readonly loss: string
  readonly lossStrong: string
  readonly metric: string
  readonly metricStrong: string
  readonly weight: string
  readonly weightOld: string
  readonly danger: string
  readonly font: string
}

const colours = {
  ground: 'var(--surface, Canvas)',
  text: 'var(--text, CanvasText)',
  muted: 'var(--text-muted, GrayText)',
  grid: 'var(--chart-grid, color-mix(in srgb, currentColor 10%, transparent))',
  axis: 'var(--chart-axis, color-mix(in srgb, currentColor 28%, transparent))',
  loss: 'var(--chart-loss, #3b82f6)',
  lossStrong: 'color-mix(in oklab, var(--chart-loss, #3b82f6) 60%, var(--text, CanvasText))',
  metric: 'var(--chart-metric, #10a37f)',
  metricStrong: 'color-mix(in oklab, var(--chart-metric, #10a37f) 60%, var(--text, CanvasText))',
  weight: 'var(--chart-weight, #7c6cf0)',
  weightOld: 'var(--chart-weight-old, #7c6cf0)',
  danger: 'var(--danger, #d92d20)',
} as const

export function readTheme(element: HTMLElement): ChartTheme {
  const entries = Object.entries(colours).map(([name, expression]) => [name, resolveColour(element, expression)])
  return { ...(Object.fromEntries(entries) as Omit<ChartTheme, 'font'>), font: getComputedStyle(element).fontFamily }
}

/** A custom property may hold any expression; only the computed `color` of an element is a plain colour. */
export function resolveColour(element: HTMLElement, expression: string): string {
  const probe = document.createElement('span')
  probe.style.display = 'none'
  probe.style.color = expression
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** The same colour, more or less transparent; understood by every canvas that understands the colour. */
export function fade(colour: string, share: number): string {
  return `color-mix(in srgb, ${colour} ${share * 100}%, transparent)`
}

/** Calls `changed` when the window turns dark or light, or other colours are chosen. Returns what ends it. */
export function watchTheme(changed: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', changed)
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style', 'data-theme'] })
  return () => {
    dark.removeEventListener('change', changed)
    observer.disconnect()
  }
}
