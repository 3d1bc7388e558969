/**
 * The commands of the window: the table of what there is, joined with what each does. Keys may be other ones than those of
 * the table, where the person chose so.
 */
import {
  commandGroups,
  commandTable,
  type CommandEntry,
  type CommandGroup,
  type CommandId,
} from '../../src/protocol/commands.ts'
import { arrangeActions } from './actions/arrange.ts'
import { documentActions } from './actions/document.ts'
import { editActions } from './actions/edit.ts'
import { viewActions } from './actions/view.ts'
import type { Studio } from './studio.svelte.ts'

export { commandGroups as groups }

/** What a command does, and when it may. */
export interface Action {
  enabled?(): boolean
  run(): void
}
export type Actions<Prefix extends string> = { readonly [id in Extract<CommandId, `${Prefix}.${string}`>]: Action }

export interface Command extends Omit<CommandEntry, 'keys'> {
  readonly id: CommandId
  readonly group: CommandGroup
  /** The keys that hold now. */
  readonly shortcuts: readonly string[]
  readonly everywhere?: boolean
  readonly native?: boolean
  enabled(): boolean
  run(): void
}

export function createCommands(studio: Studio): readonly Command[] {
  const actions: { readonly [id in CommandId]: Action } = {
    ...documentActions(studio),
    ...editActions(studio),
    ...arrangeActions(studio),
    ...viewActions(studio),
  }
  return (Object.keys(commandTable) as CommandId[]).map((id): Command => {
    const { keys, ...entry } = commandTable[id]
    const action = actions[id]
    return {
      ...entry,
      id,
      get shortcuts() {
        return studio.view.get('keys')[id] ?? keys
      },
      enabled: () => action.enabled?.() ?? true,
      run: () => action.run(),
    }
  })
}

/** What has the keyboard: a field that is typed in, the drawing (or nothing in particular), or some other part of the window. */
export type Focus = 'typing' | 'drawing' | 'elsewhere'

/** How long the second of two keys may take, in milliseconds. */
const PATIENCE = 2000

/** Finds the command for what is pressed; one instance sees all keys of a window. */
export class Keyboard {
  /** The first of two keys that were to be pressed one after the other. */
  pending: string | null = $state.raw(null)
  readonly #commands: readonly Command[]
  #forget: ReturnType<typeof setTimeout> | undefined

  constructor(commands: readonly Command[]) {
    this.#commands = commands
  }

  /** Commands that the next key could choose, with that key. */
  get next(): readonly { readonly key: string; readonly command: Command }[] {
    const { pending } = this
    if (pending === null) return []
    return this.#commands.flatMap((command) =>
      command.shortcuts.flatMap((keys) => {
        const [first, second] = keys.split(' ')
        return first === pending && second !== undefined ? [{ key: second, command }] : []
      }),
    )
  }

  /** Runs the command that belongs to a key, if there is one that may run now. True when the key is taken. */
  press(chord: string, focus: Focus): boolean {
    const before = this.pending
    if (before !== null && /^(Shift|Control|Alt|Meta)$/.test(chord.split('+').at(-1) ?? '')) return false
    this.#wait(null)
    if (before !== null) {
      // The second key may be pressed with Alt still held, or not.
      const chosen = this.#find(`${before} ${chord.split('+').at(-1) ?? ''}`, focus)
      if (chord === 'Escape' || !chosen) return true
      if (chosen.enabled()) chosen.run()
      return true
    }
    const starts = this.#commands.some((command) => command.shortcuts.some((keys) => keys.startsWith(`${chord} `)))
    if (starts && reaches(chord, focus, false)) {
      this.#wait(chord)
      return true
    }
    const command = this.#find(chord, focus)
    if (!command) return false
    if (command.enabled()) command.run()
    return true
  }

  /** Of several with the same keys the first that may run. */
  #find(chord: string, focus: Focus): Command | undefined {
    const candidates = this.#commands.filter(
      ({ native, everywhere, shortcuts }) =>
        !native && shortcuts.includes(chord) && reaches(chord, focus, everywhere === true),
    )
    return candidates.find((command) => command.enabled()) ?? candidates[0]
  }

  #wait(chord: string | null): void {
    clearTimeout(this.#forget)
    this.pending = chord
    if (chord !== null) this.#forget = setTimeout(() => (this.pending = null), PATIENCE)
  }
}

/**
 * Keys that would type something never reach a field's commands, whoever chose them. Letters and named keys belong to what
 * has the keyboard (a list goes to what begins with the letter); a sign such as `?` is free outside of fields.
 */
function reaches(chord: string, focus: Focus, everywhere: boolean): boolean {
  if (focus === 'drawing') return true
  const plain = !/^(Mod|Ctrl|Meta|Alt)\+|^(Shift\+)?F\d+$|^Escape$/.test(chord)
  return focus === 'elsewhere' ? !plain || /^[^A-Za-z0-9]$/.test(chord) : !plain && everywhere
}
