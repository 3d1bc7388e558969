/** Keys as they are pressed, and as they are shown; protocol/commands.ts says how they are written. */
export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '')

export function chordOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'> & { readonly code?: string },
  mac = isMac,
): string {
  const typed = event.key
  // With Shift a digit types a sign, and with Alt a letter one on a Mac, which differ from keyboard to keyboard.
  const digit = event.shiftKey ? /^Digit(\d)$/.exec(event.code ?? '')?.[1] : undefined
  const letter = event.altKey && !/^[a-z0-9]$/i.test(typed) ? /^Key([A-Z])$/.exec(event.code ?? '')?.[1] : undefined
  const named = digit ?? letter
  const sign = named === undefined && typed.length === 1 && !/[a-z0-9 ]/i.test(typed)
  const key =
    named ?? (typed === '+' ? '=' : typed === ' ' ? 'Space' : typed.length === 1 ? typed.toUpperCase() : typed)
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
  ArrowLeft: '←',
  ArrowRight: '→',
  PageUp: 'Page ↑',
  PageDown: 'Page ↓',
  Delete: 'Del',
  Escape: 'Esc',
  '-': '−',
  '=': '+',
}
const macNames: { readonly [key: string]: string } = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩', Backspace: '⌫' }

/** The keys of a chord as they are printed on this machine's keyboard. */
export function keysOf(chord: string, mac = isMac): string[] {
  return chord
    .split(/[+ ]/)
    .map((key) => (mac ? macNames[key] : key === 'Mod' ? 'Ctrl' : undefined) ?? names[key] ?? key)
}

/** `Ctrl+Shift+Z`, for tooltips; `Alt+S U` is one after the other. */
export function showChord(chord: string, mac = isMac): string {
  return chord
    .split(' ')
    .map((part) => keysOf(part, mac).join(mac ? '' : '+'))
    .join(' ')
}

/** Where keys belong to what is being typed. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range', 'file'].includes(target.type)
}
