/** How the person likes the window: theme, open panels and their sizes, device. Remembered by the browser, never in the document. */
import type { DeviceChoice } from '../../src/protocol/messages.ts'

export const themes = ['system', 'light', 'dark', 'contrast'] as const
export type Theme = (typeof themes)[number]

interface Remembered {
  theme: Theme
  palette: boolean
  inspector: boolean
  charts: boolean
  inspectorWidth: number
  chartsHeight: number
  device: DeviceChoice
  /** What the left panel shows. */
  left: 'blocks' | 'outline'
  /** All panels are put away for a while. */
  focus: boolean
  /** With a mouse dragging pans and the wheel zooms; on a trackpad two fingers pan and pinching zooms. */
  gestures: 'mouse' | 'trackpad'
  /** What dragging on empty canvas does. */
  drag: 'pan' | 'select'
  /** Dragged blocks snap to others also without Shift. */
  snap: boolean
  /** Shaking a block while it is dragged takes it off its wires. */
  shake: boolean
  /** Blocks that were added last, by their keys in the palette; the last first. */
  recent: readonly string[]
  /** Keys that the person chose, by the name of the command. */
  keys: { readonly [command: string]: readonly string[] }
  /** What was chosen last in the list of all commands, the newest first. */
  used: readonly string[]
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
  left: 'blocks',
  focus: false,
  gestures: 'mouse',
  drag: 'pan',
  snap: false,
  shake: false,
  recent: [],
  keys: {},
  used: [],
}

export class View {
  #values = $state.raw<Remembered>(load())

  get<K extends keyof Remembered>(name: K): Remembered[K] {
    return this.#values[name]
  }
  set<K extends keyof Remembered>(name: K, value: Remembered[K]): void {
    // A panel that is asked for while all are put away comes back with the others.
    const { focus } = this.#values
    this.#values = { ...this.#values, focus: focus && !(isPanel(name) && value === true), [name]: value }
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#values))
    } catch {
      // A browser that remembers nothing shows the window as on the first day.
    }
  }
  /** The panel is seen. */
  shows(name: 'palette' | 'inspector' | 'charts'): boolean {
    return this.#values[name] && !this.#values.focus
  }
  toggle(name: 'palette' | 'inspector' | 'charts' | 'focus' | 'snap' | 'shake'): void {
    this.set(name, (isPanel(name) && this.#values.focus) || !this.#values[name])
  }
  nextTheme(): void {
    const next = themes[(themes.indexOf(this.#values.theme) + 1) % themes.length]
    this.set('theme', next ?? 'system')
  }
}

function isPanel(name: keyof Remembered): boolean {
  return name === 'palette' || name === 'inspector' || name === 'charts'
}

/** Takes from what was remembered only what still has the right type. */
function load(): Remembered {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as { readonly [name: string]: unknown }
    const fits = Object.entries(initial).filter(([name, value]) => typeof stored[name] === typeof value)
    const values = { ...initial, ...Object.fromEntries(fits.map(([name]) => [name, stored[name]])) }
    return {
      ...values,
      theme: oneOf(themes, values.theme),
      left: oneOf(['blocks', 'outline'], values.left),
      gestures: oneOf(['mouse', 'trackpad'], values.gestures),
      drag: oneOf(['pan', 'select'], values.drag),
      focus: false,
      recent: Array.isArray(stored['recent']) ? stored['recent'].filter((key) => typeof key === 'string') : [],
      keys: keysFrom(stored['keys']),
      used: isList(stored['used']) ? stored['used'] : [],
    }
  } catch {
    return initial
  }
}

/** The first of the choices where the value is none of them. */
function oneOf<T extends string>(choices: readonly [T, ...T[]], value: T): T {
  return choices.includes(value) ? value : choices[0]
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
function keysFrom(value: unknown): Remembered['keys'] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, readonly string[]] => isList(entry[1])))
}
