/**
 * Keys that the person chose instead of those of the table: who has which, who is in whose way, and what is to be
 * remembered. Only what differs from the table is written down, so that a later version's keys reach everybody else.
 */
import { commandTable, type CommandId } from '../../src/protocol/commands.ts'
import type { Command } from './commands.svelte.ts'
import { keysOf, showChord } from './shortcuts.ts'

/** By the name of the command. */
export interface Keymap {
  readonly [command: string]: readonly string[]
}
export type Keyed = Pick<Command, 'id' | 'group' | 'label' | 'shortcuts' | 'native'>

export interface Clash {
  readonly command: Keyed
  /** The keys of that command. */
  readonly keys: string
}

export const defaultsOf = (id: CommandId): readonly string[] => commandTable[id].keys

/** The same keys, or those with which the other's begin: the second could never be pressed by themselves. */
export function inTheWay(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b} `) || b.startsWith(`${a} `)
}

/** Other commands that these keys would reach, or keep from being reached. */
export function clashesOf(commands: readonly Keyed[], id: CommandId, keys: string): readonly Clash[] {
  return commands
    .filter((command) => command.id !== id)
    .flatMap((command) => command.shortcuts.filter((own) => inTheWay(own, keys)).map((own) => ({ command, keys: own })))
}

/** Why nobody can have these keys, as a sentence; null for keys that one may choose. */
export function keysRefusal(commands: readonly Keyed[], keys: string): string | null {
  const parts = keys.split(' ')
  if (parts.some((part) => isModifier(part))) return 'These keys do something only together with another one.'
  if (parts.some((part) => part.split('+').at(-1) === 'Escape'))
    return 'Esc gets out of whatever one is in, and stays that way.'
  const native = commands.find((command) => command.native && command.shortcuts.some((own) => inTheWay(own, keys)))
  return native ? `${showChord(keys)} is ${native.label.toLowerCase()} in every program, and stays that way.` : null
}

/** Keys that a browser never lets a page have; the desktop program has them. */
export function keptByBrowser(keys: string): boolean {
  return /^Mod\+(Shift\+)?[NTW]$|^Mod\+(Shift\+)?Tab$/.test(keys)
}

export function isModifier(chord: string): boolean {
  return /^(Shift|Control|Alt|AltGraph|Meta|CapsLock|Dead|Unidentified|Process)$/.test(chord.split('+').at(-1) ?? '')
}

/** What stands in the way of new keys, as a sentence. */
export function clashWords(clashes: readonly Clash[], keys: string): string {
  const [first] = clashes
  if (!first) return ''
  const names = clashes.map(({ command }) => `“${command.label}”`)
  const who = [...new Set(names)].join(' and ')
  return clashes.every((clash) => clash.keys === keys)
    ? `${showChord(keys)} already belongs to ${who}.`
    : first.keys.startsWith(`${keys} `)
      ? `${showChord(keys)} is the beginning of the keys of ${who}.`
      : `${showChord(keys)} begins with the keys of ${who}.`
}

/** Gives a command these keys beside those that it has, and takes them away from all others. */
export function withKeys(map: Keymap, commands: readonly Keyed[], id: CommandId, keys: string): Keymap {
  let next = map
  for (const { command, keys: taken } of clashesOf(commands, id, keys))
    next = remember(next, command.id, without(next[command.id] ?? command.shortcuts, taken))
  const own = commands.find((command) => command.id === id)?.shortcuts ?? []
  return remember(next, id, [...own.filter((one) => !inTheWay(one, keys)), keys])
}

export function withoutKeys(map: Keymap, commands: readonly Keyed[], id: CommandId, keys: string): Keymap {
  const own = commands.find((command) => command.id === id)?.shortcuts ?? []
  return remember(map, id, without(own, keys))
}

/** A command has the keys of the table again; whoever took them gives them back. */
export function reset(map: Keymap, commands: readonly Keyed[], id: CommandId): Keymap {
  let next: Keymap = remember(map, id, defaultsOf(id))
  for (const keys of defaultsOf(id))
    for (const { command, keys: taken } of clashesOf(commands, id, keys))
      next = remember(next, command.id, without(next[command.id] ?? command.shortcuts, taken))
  return next
}

function remember(map: Keymap, id: CommandId, keys: readonly string[]): Keymap {
  const { [id]: _before, ...others } = map
  const first = defaultsOf(id)
  const same = keys.length === first.length && keys.every((one) => first.includes(one))
  return same ? others : { ...others, [id]: keys }
}

const without = (list: readonly string[], one: string): readonly string[] => list.filter((other) => other !== one)

/** Those whose words or keys hold all that was typed: `undo`, `ctrl z`, `alt+s`. */
export function commandsLike<C extends Keyed>(commands: readonly C[], query: string): readonly C[] {
  const words = query
    .toLowerCase()
    .split(/[\s+]+/)
    .filter(Boolean)
  return commands.filter(({ label, group, shortcuts }) => {
    const text = `${group} ${label}`.toLowerCase()
    const keys = shortcuts
      .flatMap((chord) => [...keysOf(chord), ...chord.split(/[+ ]/)])
      .map((key) => key.toLowerCase())
    return words.every(
      (word) => text.includes(word) || keys.some((key) => (word.length === 1 ? key === word : key.startsWith(word))),
    )
  })
}
