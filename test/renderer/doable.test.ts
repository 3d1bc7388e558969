/** What is found by typing what one wants to do. */
import { expect, test, vi } from 'vitest'
import { matching, type Doable } from '../../renderer/state/doable.ts'

const one = (title: string, more: Partial<Doable> = {}): Doable => ({
  key: title,
  kind: 'Command',
  title,
  aliases: [],
  text: '',
  note: '',
  shortcut: undefined,
  enabled: true,
  run: vi.fn(),
  ...more,
})
const titles = (found: readonly Doable[]) => found.map(({ title }) => title)

test('without a question the commands, with one all that fits, the best first', () => {
  const all = [
    one('Duplicate'),
    one('Dense', { kind: 'Add', aliases: ['fully connected'] }),
    one('Save'),
    one('dense head', { kind: 'Go to' }),
  ]
  expect(titles(matching(all, ' '))).toEqual(['Duplicate', 'Save'])
  expect(titles(matching(all, 'dense'))).toEqual(['Dense', 'dense head'])
  expect(titles(matching(all, 'fully'))).toEqual(['Dense'])
  expect(titles(matching(all, 'xyzzy'))).toEqual([])
})

test('what can’t be done now is there, after what can', () => {
  const all = [one('Undo', { enabled: false }), one('Undo more')]
  expect(titles(matching(all, 'undo'))).toEqual(['Undo more', 'Undo'])
})

test('a long list is cut', () => {
  const many = Array.from({ length: 200 }, (_, i) => one(`Block ${i}`, { kind: 'Add' }))
  expect(matching(many, 'block')).toHaveLength(50)
})
