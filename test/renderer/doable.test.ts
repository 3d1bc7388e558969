/** What is found by typing what one wants to do. */
import { expect, test, vi } from 'vitest'
import { matching, remembered, type Doable } from '../../renderer/state/doable.ts'

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

test('what can’t be done now stands where it belongs, so that nothing else is run instead', () => {
  const all = [one('Undo', { enabled: false }), one('Undo more')]
  expect(titles(matching(all, 'undo'))).toEqual(['Undo', 'Undo more'])
  // Where nothing is asked it is out of the way.
  expect(titles(matching(all, ''))).toEqual(['Undo more', 'Undo'])
})

test('without a question what was used last comes first, once, whatever it is', () => {
  const all = [one('Duplicate'), one('Save'), one('Dense', { kind: 'Add' })]
  expect(titles(matching(all, '', ['Dense', 'gone', 'Save']))).toEqual(['Dense', 'Save', 'Duplicate'])
  expect(titles(matching(all, 'duplicate', ['Save']))).toEqual(['Duplicate'])
})

test('what was used is remembered, the newest first, and not for ever', () => {
  expect(remembered(['a', 'b'], one('b'))).toEqual(['b', 'a'])
  expect(remembered(['a', 'b', 'c', 'd', 'e', 'f'], one('g'))).toEqual(['g', 'a', 'b', 'c', 'd', 'e'])
  // A block to go to belongs to one drawing.
  expect(remembered(['a'], one('b', { kind: 'Go to' }))).toEqual(['a'])
})

test('a long list is cut', () => {
  const many = Array.from({ length: 200 }, (_, i) => one(`Block ${i}`, { kind: 'Add' }))
  expect(matching(many, 'block')).toHaveLength(50)
})
