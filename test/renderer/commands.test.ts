import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createCommands, groups, Keyboard, type Command } from '../../renderer/state/commands.svelte.ts'
import { chordOf, isTyping, keysOf, showChord } from '../../renderer/state/shortcuts.ts'
import type { Studio } from '../../renderer/state/studio.svelte.ts'
import { commandTable } from '../../src/protocol/commands.ts'

// The list is made of closures: of the studio only the chosen keys are looked at before a command is asked or run.
let chosen: { readonly [id: string]: readonly string[] } = {}
const studio = { editor: {}, view: { get: () => chosen }, run: {} } as unknown as Studio
const commands = createCommands(studio)
beforeEach(() => {
  chosen = {}
})

test('every command of the table is there, and no two have the same keys', () => {
  expect(commands.map((command) => command.id)).toEqual(Object.keys(commandTable))
  const chords = commands.flatMap((command) => command.shortcuts)
  expect(new Set(chords).size).toBe(chords.length)
  // Nor does a single key stand in front of two in a row.
  const firsts = new Set(chords.filter((keys) => keys.includes(' ')).map((keys) => keys.split(' ')[0]))
  expect(chords.filter((keys) => firsts.has(keys))).toEqual([])
})

test('every command belongs to a group and has words for people', () => {
  for (const { group, label } of commands) {
    expect(groups).toContain(group)
    expect(label).toMatch(/^[A-Z]/)
  }
})

test('keys are written as they are pressed', () => {
  const modifiers = ['Mod', 'Alt', 'Shift']
  for (const keys of commands.flatMap((command) => command.shortcuts))
    for (const [i, chord] of keys.split(' ').entries()) {
      const parts = chord.split('+')
      const held = parts.slice(0, -1)
      expect(held, keys).toEqual(modifiers.filter((name) => held.includes(name)))
      expect(parts.at(-1), keys).toMatch(/^([A-Z0-9]|F\d+|[^A-Za-z0-9+\s]|[A-Z][A-Za-z]+)$/)
      if (i > 0) expect(held, `${keys}: what is held with the second key counts for nothing`).toEqual([])
    }
})

test('plain keys act only where nothing is typed', () => {
  const plain = commands.filter(({ shortcuts }) =>
    shortcuts.some((chord) => /^(Shift\+)?.$/.test(chord) || /^(Delete|Backspace|Home|Escape)$/.test(chord)),
  )
  expect(plain.length).toBeGreaterThan(5)
  expect(plain.filter((command) => command.everywhere).map((command) => command.id)).toEqual([])
})

test('keys that the person chose hold instead of those of the table', () => {
  const undo = commands.find(({ id }) => id === 'edit.undo')
  expect(undo?.shortcuts).toEqual(['Mod+Z'])
  chosen = { 'edit.undo': ['F9'] }
  expect(undo?.shortcuts).toEqual(['F9'])
})

describe('running by keys', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const command = (over: Partial<Command>): Command => ({
    id: 'edit.undo',
    group: 'Edit',
    label: 'X',
    shortcuts: ['Mod+X'],
    enabled: () => true,
    run: vi.fn(),
    ...over,
  })
  test('runs what belongs to the keys', () => {
    const one = command({})
    const keyboard = new Keyboard([one])
    expect(keyboard.press('Mod+X', 'drawing')).toBe(true)
    expect(one.run).toHaveBeenCalledOnce()
    expect(keyboard.press('Mod+B', 'drawing')).toBe(false)
    expect(one.run).toHaveBeenCalledOnce()
  })
  test('keeps the keys of a command that may not run, so that the browser does not take them', () => {
    const off = command({ enabled: () => false })
    expect(new Keyboard([off]).press('Mod+X', 'drawing')).toBe(true)
    expect(off.run).not.toHaveBeenCalled()
  })
  test('runs of several with the same keys the first that may', () => {
    const [off, on, late] = [command({ enabled: () => false }), command({}), command({})]
    expect(new Keyboard([off, on, late]).press('Mod+X', 'drawing')).toBe(true)
    expect(off.run).not.toHaveBeenCalled()
    expect(on.run).toHaveBeenCalledOnce()
    expect(late.run).not.toHaveBeenCalled()
  })
  test('leaves copy, cut and paste to the events that carry the text', () => {
    expect(new Keyboard([command({ native: true })]).press('Mod+X', 'drawing')).toBe(false)
  })
  test.each([
    ['Mod+X', false, { drawing: true, elsewhere: true, typing: false }],
    ['Mod+X', true, { drawing: true, elsewhere: true, typing: true }],
    ['F8', true, { drawing: true, elsewhere: true, typing: true }],
    ['X', false, { drawing: true, elsewhere: false, typing: false }],
    ['Shift+X', false, { drawing: true, elsewhere: false, typing: false }],
    ['Delete', false, { drawing: true, elsewhere: false, typing: false }],
    ['Enter', false, { drawing: true, elsewhere: false, typing: false }],
    ['?', false, { drawing: true, elsewhere: true, typing: false }],
    ['Escape', false, { drawing: true, elsewhere: true, typing: false }],
    // Whoever gives a plain key to what works everywhere can still write with it.
    ['X', true, { drawing: true, elsewhere: false, typing: false }],
    ['Shift+X', true, { drawing: true, elsewhere: false, typing: false }],
  ] as const)('%s, everywhere: %s', (keys, everywhere, where) => {
    for (const focus of ['drawing', 'elsewhere', 'typing'] as const) {
      const one = command({ shortcuts: [keys], everywhere })
      expect(new Keyboard([one]).press(keys, focus), focus).toBe(where[focus])
      expect(one.run, focus).toHaveBeenCalledTimes(where[focus] ? 1 : 0)
    }
  })

  describe('one after the other', () => {
    const make = () => {
      const up = command({ id: 'select.upstream', shortcuts: ['Alt+S U'] })
      const down = command({ id: 'select.downstream', shortcuts: ['Alt+S D'] })
      const plain = command({ id: 'edit.delete', shortcuts: ['D'] })
      return { up, down, plain, keyboard: new Keyboard([plain, up, down]) }
    }
    test('the first waits and says what may follow, the second runs', () => {
      const { up, down, plain, keyboard } = make()
      expect(keyboard.press('Alt+S', 'drawing')).toBe(true)
      expect(keyboard.pending).toBe('Alt+S')
      expect(keyboard.next.map(({ key, command }) => [key, command.id])).toEqual([
        ['U', 'select.upstream'],
        ['D', 'select.downstream'],
      ])
      expect(keyboard.press('D', 'drawing')).toBe(true)
      expect(down.run).toHaveBeenCalledOnce()
      expect([up.run, plain.run].map((run) => vi.mocked(run).mock.calls.length)).toEqual([0, 0])
      expect([keyboard.pending, keyboard.next]).toEqual([null, []])
      // What follows stands for itself again.
      keyboard.press('D', 'drawing')
      expect(plain.run).toHaveBeenCalledOnce()
    })
    test('Alt may still be held, and pressing a modifier ends nothing', () => {
      const { up, keyboard } = make()
      keyboard.press('Alt+S', 'drawing')
      expect(keyboard.press('Alt+Alt', 'drawing')).toBe(false)
      keyboard.press('Alt+U', 'drawing')
      expect(up.run).toHaveBeenCalledOnce()
    })
    test('another key ends it and does nothing', () => {
      const { up, down, plain, keyboard } = make()
      for (const key of ['Escape', 'Q']) {
        keyboard.press('Alt+S', 'drawing')
        expect(keyboard.press(key, 'drawing')).toBe(true)
        expect(keyboard.pending).toBeNull()
      }
      expect([up, down, plain].every(({ run }) => vi.mocked(run).mock.calls.length === 0)).toBe(true)
    })
    test('it is forgotten after a while', () => {
      const { down, plain, keyboard } = make()
      keyboard.press('Alt+S', 'drawing')
      vi.advanceTimersByTime(10_000)
      expect(keyboard.pending).toBeNull()
      keyboard.press('D', 'drawing')
      expect(down.run).not.toHaveBeenCalled()
      expect(plain.run).toHaveBeenCalledOnce()
    })
    test('nothing begins while a field is typed in, nor elsewhere by a plain key', () => {
      const { keyboard } = make()
      expect(keyboard.press('Alt+S', 'typing')).toBe(false)
      expect(keyboard.pending).toBeNull()
      const letters = new Keyboard([command({ shortcuts: ['G G'] })])
      expect(letters.press('G', 'elsewhere')).toBe(false)
      expect(letters.pending).toBeNull()
      expect(letters.press('G', 'drawing')).toBe(true)
    })
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
    [key('!', { shiftKey: true, code: 'Digit1' }), false, 'Shift+1'],
    [key('ß', { altKey: true, code: 'KeyS' }), true, 'Alt+S'],
    [key(' '), false, 'Space'],
  ])('%#: %o on a Mac: %s', (event, mac, chord) => {
    expect(chordOf(event, mac)).toBe(chord)
  })
  test('are shown as the keyboard has them', () => {
    expect(showChord('Mod+Shift+Z', false)).toBe('Ctrl+Shift+Z')
    expect(showChord('Mod+Shift+Z', true)).toBe('⌘⇧Z')
    expect(keysOf('Mod+=', false)).toEqual(['Ctrl', '+'])
    expect(showChord('Alt+S U', false)).toBe('Alt+S U')
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
