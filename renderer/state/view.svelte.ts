/** How the person likes the window: theme, open panels and their sizes, device. Remembered by the browser, never in the document. */
import type { DeviceChoice } from '../../src/protocol/messages.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

interface Remembered {
  theme: Theme
  palette: boolean
  inspector: boolean
  charts: boolean
  inspectorWidth: number
  chartsHeight: number
  device: DeviceChoice
  /** Ids of the composites in the drawing whose inside is shown. */
  unfolded: readonly string[]
  /** Hash of the document's text as a file holds it, and the file's name: after a reload it is known to be saved. */
  saved: { readonly hash: string; readonly fileName: string } | null
}

const KEY = 'neuroloom.view'
const initial: Remembered = {
  theme: 'system',
  palette: true,
  inspector: true,
  charts: true,
  inspectorWidth: 304,
  chartsHeight: 264,
  device: 'auto',
  unfolded: [],
  saved: null,
}

export class View {
  #values = $state.raw<Remembered>(load())

  get<K extends keyof Remembered>(name: K): Remembered[K] {
    return this.#values[name]
  }
  set<K extends keyof Remembered>(name: K, value: Remembered[K]): void {
    this.#values = { ...this.#values, [name]: value }
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#values))
    } catch {
      // A browser that remembers nothing shows the window as on the first day.
    }
  }
  toggle(name: 'palette' | 'inspector' | 'charts'): void {
    this.set(name, !this.#values[name])
  }
  nextTheme(): void {
    const next = themes[(themes.indexOf(this.#values.theme) + 1) % themes.length]
    this.set('theme', next ?? 'system')
  }
}

/** Takes from what was remembered only what still has the right type. */
function load(): Remembered {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as { readonly [name: string]: unknown }
    const fits = Object.entries(initial).filter(
      ([name, value]) => value !== null && typeof stored[name] === typeof value,
    )
    const values = { ...initial, ...Object.fromEntries(fits.map(([name]) => [name, stored[name]])) }
    const saved = stored['saved'] as Remembered['saved'] | undefined
    const unfolded = Array.isArray(values.unfolded) ? values.unfolded.filter((id) => typeof id === 'string') : []
    return { ...values, unfolded, theme: themes.includes(values.theme) ? values.theme : 'system', saved: saved ?? null }
  } catch {
    return initial
  }
}
