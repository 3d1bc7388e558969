/**
 * Shortcuts are written as people read them: `Mod+Shift+Z`, `F8`, `?`. `Mod` is ⌘ on a Mac and Ctrl elsewhere. Shift is
 * named only with letters and named keys; a sign like `?` says by itself how it is typed.
 */
export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '')

export function chordOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  mac = isMac,
): string {
  const sign = event.key.length === 1 && !/[a-z0-9 ]/i.test(event.key)
  const key =
    event.key === '+' ? '=' : event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toUpperCase() : event.key
  const other = mac ? event.ctrlKey && 'Ctrl' : event.metaKey && 'Meta'
  const parts = [
    (mac ? event.metaKey : event.ctrlKey) && 'Mod',
    other,
    event.altKey && 'Alt',
    event.shiftKey && !sign && 'Shift',
    key,
  ]
  return parts.filter(Boolean).join('+')
}

const names: { readonly [key: string]: string } = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  Delete: 'Del',
  Escape: 'Esc',
  '-': '−',
  '=': '+',
}
const macNames: { readonly [key: string]: string } = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩', Backspace: '⌫' }

/** The keys of a chord as they are printed on this machine's keyboard. */
export function keysOf(chord: string, mac = isMac): string[] {
  return chord.split('+').map((key) => (mac ? macNames[key] : key === 'Mod' ? 'Ctrl' : undefined) ?? names[key] ?? key)
}

/** `Ctrl+Shift+Z`, for tooltips. */
export function showChord(chord: string, mac = isMac): string {
  return keysOf(chord, mac).join(mac ? '' : '+')
}

/** Where keys belong to what is being typed. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range', 'file'].includes(target.type)
}
