import { expect, test } from 'vitest'
import { announcer } from '../../renderer/state/announcer.svelte.ts'
import { outcomeOf, type Facts } from '../../renderer/state/outcome.ts'

const facts = (over: Partial<Facts> = {}): Facts => ({
  desk: 1,
  document: 'LeNet',
  labels: ['Add Dense', 'Connect a to b'],
  done: 2,
  trail: [],
  selected: '',
  blocks: 3,
  refusal: null,
  ...over,
})

test('nothing is said where nothing happened', () => {
  expect(outcomeOf(facts(), facts())).toEqual([])
})

test('steps are said, and those that are undone or redone', () => {
  const undone = facts({ done: 1 })
  expect(outcomeOf(facts(), undone)).toEqual(['Undone: Connect a to b'])
  expect(outcomeOf(undone, facts())).toEqual(['Redone: Connect a to b'])
  expect(outcomeOf(facts(), facts({ done: 0 }))).toEqual(['2 steps undone, back to before: Add Dense'])
  expect(outcomeOf(facts({ done: 0 }), facts())).toEqual(['2 steps redone, up to: Connect a to b'])
  // A new step after some were undone, with as many steps as before.
  const other = facts({ labels: ['Add Dense', 'Delete a'], done: 2 })
  expect(outcomeOf(facts({ labels: ['Add Dense'], done: 1 }), other)).toEqual(['Done: Delete a'])
  expect(outcomeOf(undone, other)).toEqual(['Done: Delete a'])
})

test('what is typed into a field says itself', () => {
  const typed = facts({ labels: ['Add Dense', 'Connect a to b', 'Set units of a'], done: 3 })
  expect(outcomeOf(facts(), typed)).toEqual([])
})

test('another document, another canvas, a selection and a refusal are said', () => {
  expect(outcomeOf(facts(), facts({ desk: 2, document: 'Iris', blocks: 1, labels: [], done: 0 }))).toEqual([
    'Iris, 1 block',
  ])
  expect(outcomeOf(facts(), facts({ desk: 2, blocks: 0, trail: ['Stage'] }))).toEqual([
    'LeNet, nothing in it, inside of Stage',
  ])
  const within = facts({ trail: ['Stage'], blocks: 2 })
  expect(outcomeOf(facts(), within)).toEqual(['Inside of Stage, 2 blocks'])
  expect(outcomeOf(within, facts())).toEqual(['The whole drawing, 3 blocks'])
  expect(outcomeOf(facts(), facts({ selected: 'Selected: a, Dense' }))).toEqual(['Selected: a, Dense'])
  expect(outcomeOf(facts({ selected: 'Selected: a, Dense' }), facts())).toEqual([])
  expect(outcomeOf(facts(), facts({ refusal: 'a can’t feed itself.' }))).toEqual(['a can’t feed itself.'])
  const again = facts({ refusal: 'a can’t feed itself.' })
  expect(outcomeOf(again, again)).toEqual([])
})

test('what is said twice is heard twice: the words change their place', () => {
  announcer.say('Undone')
  const first = announcer.places
  announcer.say('Undone')
  const second = announcer.places
  expect([...first].sort()).toEqual(['', 'Undone'])
  expect(second).toEqual([...first].reverse())
  announcer.say('')
  expect(announcer.places).toEqual(second)
})
