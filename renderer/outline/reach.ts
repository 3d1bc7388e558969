/** How the keyboard gets from one part of the window to another. */
import { tick } from 'svelte'
import type { Studio } from '../state/studio.svelte.ts'

const field = 'input:not([type=hidden], :disabled), select:not(:disabled), textarea:not(:disabled)'

/** Gives the keyboard to the first parameter of the selected block, or to its name where it has none. */
export async function focusFields(studio: Studio): Promise<void> {
  studio.view.set('inspector', true)
  await tick()
  const panel = document.querySelector('#tab-panel')
  const first = panel?.querySelector<HTMLElement>(`section :is(${field})`) ?? panel?.querySelector<HTMLElement>(field)
  first?.focus()
  if (first instanceof HTMLInputElement) first.select()
}

/** The parts of the window, in the order in which F6 goes through them. */
const regions = ['.bar', '.left', 'main .canvas', '.inspector[aria-label]', 'main .charts', '.status']

const operable =
  'button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), a[href], [tabindex]'

/** Gives the keyboard to the next part of the window, or with -1 to the one before; true when there was one. */
export function nextRegion(by: 1 | -1, root: ParentNode = document): boolean {
  const parts = regions.flatMap((selector) => root.querySelector<HTMLElement>(selector) ?? [])
  const now = parts.findLastIndex((part) => part.contains(document.activeElement))
  for (let i = 1; i <= parts.length; i++) {
    const start = now < 0 && by < 0 ? 0 : now
    const part = parts[(start + i * by + parts.length * 2) % parts.length]
    const stops = [...(part?.querySelectorAll<HTMLElement>(operable) ?? [])].filter(
      (stop) => stop.tabIndex >= 0 && (stop.checkVisibility?.() ?? true),
    )
    // What is chosen in it, rather than what comes first.
    const stop = stops.find((one) => one.matches('.selected, [aria-selected=true]')) ?? stops[0]
    stop?.focus()
    if (stop && document.activeElement === stop) return true
  }
  return false
}
