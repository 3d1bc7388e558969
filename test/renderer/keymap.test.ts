/** Keys that a person chooses: who is in whose way, and what is remembered. */
import { describe, expect, test } from 'vitest'
import {
  clashesOf,
  clashWords,
  commandsLike,
  inTheWay,
  keptByBrowser,
  keysRefusal,
  reset,
  withKeys,
  withoutKeys,
  type Keyed,
  type Keymap,
} from '../../renderer/state/keymap.ts'
import { commandTable, type CommandId } from '../../src/protocol/commands.ts'

/** The commands with the keys that hold then. */
const having = (map: Keymap): readonly Keyed[] =>
  (Object.keys(commandTable) as CommandId[]).map((id) => {
    const { keys, ...entry } = commandTable[id]
    return { ...entry, id, shortcuts: map[id] ?? keys }
  })
const keysIn = (map: Keymap, id: CommandId) => having(map).find((command) => command.id === id)?.shortcuts
const give = (map: Keymap, id: CommandId, keys: string) => withKeys(map, having(map), id, keys)
const ids = (commands: readonly Keyed[]) => commands.map(({ id }) => id)

test('as it comes no command is in the way of another', () => {
  const commands = having({})
  const clashes = commands.flatMap(({ id, shortcuts }) => shortcuts.flatMap((keys) => clashesOf(commands, id, keys)))
  expect(clashes).toEqual([])
})

test('the same keys, and the beginning of others, are in the way', () => {
  expect(inTheWay('Mod+D', 'Mod+D')).toBe(true)
  expect(inTheWay('Alt+S', 'Alt+S U')).toBe(true)
  expect(inTheWay('Alt+S U', 'Alt+S')).toBe(true)
  expect(inTheWay('Alt+S U', 'Alt+S D')).toBe(false)
  expect(inTheWay('Mod+D', 'Mod+Shift+D')).toBe(false)
  expect(inTheWay('A', 'Alt+A L')).toBe(false)
})

describe('new keys', () => {
  test('come beside those that there are', () => {
    const map = give({}, 'edit.duplicate', 'F9')
    expect(map).toEqual({ 'edit.duplicate': ['Mod+D', 'F9'] })
  })
  test('are taken from who has them, and from nobody else', () => {
    const map = give({}, 'edit.duplicate', 'Mod+G')
    expect(keysIn(map, 'edit.duplicate')).toEqual(['Mod+D', 'Mod+G'])
    expect(keysIn(map, 'edit.group')).toEqual([])
    expect(Object.keys(map).sort()).toEqual(['edit.duplicate', 'edit.group'])
    expect(clashesOf(having(map), 'edit.duplicate', 'Mod+G')).toEqual([])
  })
  test('that begin others take those away', () => {
    const map = give({}, 'edit.duplicate', 'Alt+S')
    expect(keysIn(map, 'select.upstream')).toEqual([])
    expect(keysIn(map, 'select.chain')).toEqual([])
    expect(keysIn(map, 'arrange.left')).toEqual(['Alt+A L'])
  })
  test('are named with who is in their way', () => {
    const words = (keys: string) => clashWords(clashesOf(having({}), 'edit.duplicate', keys), keys)
    expect(words('Mod+G')).toBe('Ctrl+G already belongs to “Group into a composite”.')
    expect(words('Alt+S')).toMatch(/^Alt\+S is the beginning of the keys of “Select what leads here” and/)
    expect(words('C X')).toBe('C X begins with the keys of “Frame”.')
    expect(words('F9')).toBe('')
  })
  test.each([
    ['Escape', /stays that way/],
    ['Shift', /only together/],
    ['Mod+C', /copy in every program/],
    ['Mod+V X', /paste in every program/],
  ])('%s can’t be chosen', (keys, reason) => {
    expect(keysRefusal(having({}), keys)).toMatch(reason)
  })
  test.each(['F9', 'Alt+S U', 'Mod+D', 'G G'])('%s can', (keys) => {
    expect(keysRefusal(having({}), keys)).toBeNull()
  })
})

describe('taken back', () => {
  test('keys that are taken away stay away', () => {
    const map = withoutKeys({}, having({}), 'edit.redo', 'Mod+Y')
    expect(map).toEqual({ 'edit.redo': ['Mod+Shift+Z'] })
  })
  test('what is as it came is not written down', () => {
    const less = withoutKeys({}, having({}), 'edit.redo', 'Mod+Y')
    expect(give(less, 'edit.redo', 'Mod+Y')).toEqual({})
    expect(withoutKeys(give({}, 'edit.undo', 'F9'), having(give({}, 'edit.undo', 'F9')), 'edit.undo', 'F9')).toEqual({})
  })
  test('a command that is reset has its keys again, and who took them has not', () => {
    const map = give({}, 'edit.duplicate', 'Mod+G')
    const back = reset(map, having(map), 'edit.group')
    expect(keysIn(back, 'edit.group')).toEqual(['Mod+G'])
    expect(keysIn(back, 'edit.duplicate')).toEqual(['Mod+D'])
    expect(back).toEqual({})
  })
})

test('shortcuts are found by words and by keys', () => {
  expect(ids(commandsLike(having({}), 'duplic'))).toEqual(['edit.duplicate'])
  expect(ids(commandsLike(having({}), 'ctrl+z'))).toContain('edit.undo')
  expect(ids(commandsLike(having({}), 'ctrl+z'))).not.toContain('edit.duplicate')
  expect(ids(commandsLike(having({}), 'arrange frame'))).toEqual(['arrange.frame'])
  expect(commandsLike(having({}), 'no such thing')).toEqual([])
  expect(commandsLike(having({}), '')).toHaveLength(having({}).length)
})

test('a browser keeps some keys to itself', () => {
  expect(['Mod+N', 'Mod+W', 'Mod+Shift+T'].map(keptByBrowser)).toEqual([true, true, true])
  expect(['Mod+S', 'Mod+Alt+ArrowRight', 'N'].map(keptByBrowser)).toEqual([false, false, false])
})
