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
  readonly part1: string
  readonly part2: string
  readonly part3: string
  readonly part4: string
  readonly part5: string
  readonly part6: string
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
  part1: 'var(--chart-part-1, #b45f06)',
  part2: 'var(--chart-part-2, #a03e86)',
  part3: 'var(--chart-part-3, #0c7d62)',
  part4: 'var(--chart-part-4, #7a6a00)',
  part5: 'var(--chart-part-5, #1d7fa8)',
  part6: 'var(--chart-part-6, #c23b22)',
} as const

export function readTheme(element: HTMLElement): ChartTheme {
  const entries = Object.entries(colours).map(([name, expression]) => [name, resolveColour(element, expression)])
  return { ...(Object.fromEntries(entries) as Omit<ChartTheme, 'font'>), font: getComputedStyle(element).fontFamily }
}

/** The colour of the part at this place, from 0; after the last colour the first comes again. */
export function partColour(theme: ChartTheme, place: number): string {
  const { part1, part2, part3, part4, part5, part6 } = theme
  const colours = [part1, part2, part3, part4, part5, part6]
  return colours[place % colours.length] ?? part1
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
  const wishes = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'].map((query) =>
    matchMedia(query),
  )
  for (const wish of wishes) wish.addEventListener('change', changed)
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style', 'data-theme'] })
  return () => {
    for (const wish of wishes) wish.removeEventListener('change', changed)
    observer.disconnect()
  }
}
