import { describe, expect, test } from 'vitest'
import { blocks } from '../../src/blocks/index.ts'
import { entriesWith, grouped, templateNamed } from '../../renderer/palette/catalogue.ts'
import { order } from '../../renderer/palette/order.ts'
import { searchFor } from '../../renderer/palette/search.ts'
import type { BlockTemplate } from '../../renderer/state/editor.svelte.ts'

const titles = (query: string, own: readonly BlockTemplate[] = []) =>
  grouped(entriesWith(own), query).flatMap((group) => group.entries.map((entry) => entry.title))

describe('what is asked for stands first:', () => {
  test.each([
    ['fully connected', 'Dense'],
    ['Fully-Connected', 'Dense'],
    ['deconvolution', 'UpConv2D'],
    ['up-conv', 'UpConv2D'],
    ['transposed convolution', 'UpConv2D'],
    ['conv 2d', 'Conv2D'],
    ['BCE', 'Binary Cross Entropy'],
    ['relu', 'ReLU'],
    ['l1', 'L1'],
    ['max pooling', 'Pooling'],
    ['heaviside', 'Step'],
    ['softmx', 'Softmax'],
    ['sigmiod', 'Sigmoid'],
  ])('%s finds %s', (query, title) => {
    expect(titles(query)[0]).toBe(title)
  })
})

test('every block is found first by its own title, whatever stands between the words', () => {
  for (const { title } of blocks) {
    expect(titles(title)[0]).toBe(title)
    expect(titles(title.toUpperCase().replaceAll(' ', '-'))[0]).toBe(title)
  }
})

test('every block is found by each of its other names', () => {
  for (const { title, aliases = [] } of blocks)
    for (const alias of aliases) expect(titles(alias), alias).toContain(title)
})

test('title before synonym before text', () => {
  const item = (title: string, aliases: readonly string[], text: string) => ({ title, aliases, text })
  const items = [
    item('A', [], 'gives a gate'),
    item('B', ['gate'], ''),
    item('Gated unit', [], ''),
    item('Gate', [], ''),
    item('Other', ['open gate'], ''),
  ]
  expect(searchFor(items, 'gate').map(({ title }) => title)).toEqual(['Gate', 'Gated unit', 'B', 'Other', 'A'])
})

test('all words must fit somewhere, in any order', () => {
  const items = [
    { title: 'Max pooling', aliases: ['downsample'], text: 'keeps the greatest' },
    { title: 'Unpooling', aliases: [], text: '' },
  ]
  expect(searchFor(items, 'pooling max')).toEqual([items[0]])
  expect(searchFor(items, 'greatest downsample')).toEqual([items[0]])
  expect(searchFor(items, 'max banana')).toEqual([])
})

test('a slip is forgiven only where nothing fits as it stands, and not in short words', () => {
  const items = [
    { title: 'Tanh', aliases: [], text: '' },
    { title: 'Dense', aliases: [], text: '' },
    { title: 'Danse', aliases: [], text: '' },
  ]
  expect(searchFor(items, 'tahn')).toEqual([items[0]])
  expect(searchFor(items, 'dense')).toEqual([items[1]])
  expect(searchFor(items, 'tax')).toEqual([])
})

test('nothing asked is everything, family by family', () => {
  const groups = grouped(entriesWith([]), '  ')
  expect(groups.map((group) => group.family)).toEqual(['data', 'connect', 'function', 'loss', 'complex'])
  expect(grouped(entriesWith([]), 'no such block')).toEqual([])
})

test('the palette leaves out nothing, sorts only what exists, and has what is used most on top', () => {
  const entries = entriesWith([])
  const groups = grouped(entries, '')
  const keys = groups.flatMap((group) => group.entries.map((entry) => entry.key))
  expect([...keys].sort()).toEqual(entries.map((entry) => entry.key).sort())
  expect(groups.flatMap((group) => group.parts.flatMap((part) => part.entries.map((entry) => entry.key)))).toEqual(keys)
  for (const [family, parts] of Object.entries(order))
    for (const type of parts.flatMap((part) => part.types))
      expect(entries.find((entry) => entry.key === type)?.family, type).toBe(family)
  expect(groups.map((group) => group.entries[0]?.title)).toEqual(['Input', 'Dense', 'ReLU', 'Cross Entropy', 'LSTM'])
})

test('a block that nobody has sorted follows the last part of its family', () => {
  const [entry] = entriesWith([])
  if (!entry) throw new Error('There are no blocks.')
  const group = grouped([...entriesWith([]), { ...entry, key: 'new', title: 'New', family: 'loss' }], '')[3]
  expect(group?.entries.at(-1)?.key).toBe('new')
})

test('composites of one’s own are found and placed like any block', () => {
  const mine: BlockTemplate = {
    type: 'composite',
    name: 'twin',
    params: {},
    inside: { title: 'Twin tower', doc: 'Two halves.', blocks: {}, wires: {}, inputs: {}, outputs: {} },
  }
  expect(titles('twin', [mine])[0]).toBe('Twin tower')
  expect(titles('halves', [mine])).toContain('Twin tower')
  const [entry] = grouped(entriesWith([mine]), 'twin tower')[0]?.entries ?? []
  expect(entry?.own).toBe(true)
  expect(templateNamed(entry?.key ?? '', [mine])).toBe(mine)
  expect(templateNamed(entry?.key ?? '')).toBeNull()
})
