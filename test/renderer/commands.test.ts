import { describe, expect, test, vi } from 'vitest'
import { createCommands, groups, runShortcut, type Command } from '../../renderer/state/commands.ts'
import { chordOf, isTyping, keysOf, showChord } from '../../renderer/state/shortcuts.ts'
import type { Studio } from '../../renderer/state/studio.svelte.ts'

// The list is made of closures: nothing of the studio is touched before a command is asked or run.
const studio = { editor: {}, view: {}, run: {} } as unknown as Studio
const commands = createCommands(studio)

test('no two commands have the same name or the same keys', () => {
  const ids = commands.map((command) => command.id)
  const chords = commands.flatMap((command) => command.shortcuts)
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(chords).size).toBe(chords.length)
})

test('every command belongs to a group and has words for people', () => {
  for (const { group, label } of commands) {
    expect(groups).toContain(group)
    expect(label).toMatch(/^[A-Z]/)
  }
})

test('plain keys act only where nothing is typed', () => {
  const plain = commands.filter(({ shortcuts }) =>
    shortcuts.some((chord) => /^(Shift\+)?.$/.test(chord) || /^(Delete|Backspace|Home|Escape)$/.test(chord)),
  )
  expect(plain.filter((command) => command.everywhere).map((command) => command.id)).toEqual([])
})

describe('running by keys', () => {
  const command = (over: Partial<Command>): Command => ({
    id: 'x',
    group: 'Edit',
    label: 'X',
    shortcuts: ['Mod+X'],
    enabled: () => true,
    run: vi.fn(),
    ...over,
  })
  test('runs what belongs to the keys', () => {
    const one = command({})
    expect(runShortcut([one], 'Mod+X', false)).toBe(true)
    expect(one.run).toHaveBeenCalledOnce()
    expect(runShortcut([one], 'Mod+B', false)).toBe(false)
  })
  test('keeps the keys of a command that may not run, so that the browser does not take them', () => {
    const off = command({ enabled: () => false })
    expect(runShortcut([off], 'Mod+X', false)).toBe(true)
    expect(off.run).not.toHaveBeenCalled()
  })
  test('leaves a field its keys, except for what holds everywhere', () => {
    const local = command({})
    const everywhere = command({ shortcuts: ['Mod+S'], everywhere: true })
    expect(runShortcut([local, everywhere], 'Mod+X', true)).toBe(false)
    expect(runShortcut([local, everywhere], 'Mod+S', true)).toBe(true)
  })
  test('leaves copy, cut and paste to the events that carry the text', () => {
    expect(runShortcut([command({ native: true })], 'Mod+X', false)).toBe(false)
  })
})

describe('chords', () => {
  const key = (key: string, over = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...over,
  })
  test.each([
    [key('z', { ctrlKey: true }), false, 'Mod+Z'],
    [key('Z', { ctrlKey: true, shiftKey: true }), false, 'Mod+Shift+Z'],
    [key('z', { metaKey: true }), true, 'Mod+Z'],
    [key('z', { ctrlKey: true }), true, 'Ctrl+Z'],
    [key('?', { shiftKey: true }), false, '?'],
    [key('+', { ctrlKey: true, shiftKey: true }), false, 'Mod+='],
    [key('F10'), false, 'F10'],
    [key('Enter', { ctrlKey: true, altKey: true }), false, 'Mod+Alt+Enter'],
  ])('%#: %o on a Mac: %s', (event, mac, chord) => {
    expect(chordOf(event, mac)).toBe(chord)
  })
  test('are shown as the keyboard has them', () => {
    expect(showChord('Mod+Shift+Z', false)).toBe('Ctrl+Shift+Z')
    expect(showChord('Mod+Shift+Z', true)).toBe('⌘⇧Z')
    expect(keysOf('Mod+=', false)).toEqual(['Ctrl', '+'])
  })
})

test('fields and nothing else are typed in', () => {
  const make = (html: string) => {
    const element = document.createElement('div')
    const [tag = '', type] = html.split(' ')
    const child = document.createElement(tag)
    if (type) child.setAttribute('type', type)
    element.append(child)
    return child
  }
  expect(['input text', 'input search', 'textarea', 'select'].map((html) => isTyping(make(html)))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(['input checkbox', 'button', 'div'].map((html) => isTyping(make(html)))).toEqual([false, false, false])
})
