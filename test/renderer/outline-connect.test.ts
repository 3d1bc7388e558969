import { describe, expect, test } from 'vitest'
import { candidatesFor, type Candidate } from '../../renderer/connect/candidates.ts'
import { byVerdict, Checks } from '../../renderer/connect/checks.svelte.ts'
import { searchFor } from '../../renderer/palette/search.ts'
import { Editor } from '../../renderer/state/editor.svelte.ts'
import { checkWire } from '../../src/compiler/check-wire.ts'
import { draw, inside } from '../helpers/documents.ts'
import { until } from '../helpers/until.ts'

const drawing = () =>
  draw(
    { features: [28, 28, 1], classes: 10 },
    {
      x: ['input'],
      conv1: ['conv2d', { filters: 6 }, 'x.x'],
      fc: ['dense', { features: 10 }],
      loss: ['crossEntropy'],
      t: ['target'],
    },
  )
const titles = (list: readonly Candidate[]) => list.map(({ title }) => title)
const settled = async (checks: Checks, all: readonly Candidate[]) => {
  checks.ask(all)
  await until(() => all.every((one) => checks.known(one) !== undefined))
}

describe('what a block could be connected to', () => {
  test('every output of it with every input of others, and the other way round; ports are named where there are several', () => {
    const { graph } = drawing()
    expect(titles(candidatesFor(graph, 'conv1')).sort()).toEqual([
      'conv1 → fc',
      'conv1 → loss.prediction',
      'conv1 → loss.target',
      'fc → conv1',
      't → conv1',
      'x → conv1',
    ])
    expect(candidatesFor(graph, 'gone')).toEqual([])
  })
  test('the wire that is there can be taken away, and another one says what it replaces', () => {
    const all = candidatesFor(drawing().graph, 'conv1')
    const of = (title: string) => all.find((one) => one.title === title)
    expect(of('x → conv1')).toMatchObject({ cuts: true, present: 'x.x>conv1.x', note: 'Disconnect' })
    expect(of('fc → conv1')).toMatchObject({ cuts: false, present: 'x.x>conv1.x', note: 'instead of x' })
    expect(of('conv1 → fc')).toMatchObject({ cuts: false, present: null, note: '' })
  })
  test('an input that waits comes before one that is taken, and the near before the far', () => {
    const { graph } = drawing()
    const blocks = Object.fromEntries(
      Object.entries(graph.blocks).map(([id, node], i) => [id, { ...node, position: { x: i * 200, y: 0 } }]),
    )
    expect(titles(candidatesFor({ ...graph, blocks }, 'conv1'))).toEqual([
      'conv1 → fc',
      'conv1 → loss.prediction',
      'conv1 → loss.target',
      'fc → conv1',
      't → conv1',
      'x → conv1',
    ])
  })
  test('inside of a composite its own ports take part', () => {
    const stage = inside({ a: ['dense'], b: ['relu'] }, { x: ['a.x'] }, { y: 'b.y' })
    const editor = new Editor(draw({ features: [3], classes: 2 }, { c: { inside: stage, from: {} } }))
    expect(editor.enter('c')).toBe(true)
    expect(titles(candidatesFor(editor.graph, 'b')).sort()).toEqual([
      'a → b',
      'b → a',
      'b → output of the composite y',
      'input of the composite x → b',
    ])
  })
})

describe('finding one by typing', () => {
  const all = candidatesFor(drawing().graph, 'conv1')
  test.each([
    ['fc', 'conv1 → fc'],
    ['conv1 → loss.target', 'conv1 → loss.target'],
    ['target', 'conv1 → loss.target'],
    ['prediction', 'conv1 → loss.prediction'],
    ['dense', 'conv1 → fc'],
    ['disconnect', 'x → conv1'],
  ])('%s', (query, title) => {
    const found = titles(searchFor(all, query))
    expect(found).toContain(title)
    expect(found.length).toBeLessThan(all.length)
  })
})

describe('what fits', () => {
  test('is what the check of a drawn wire says, looked at in slices, and stands first', async () => {
    const editor = new Editor(drawing())
    const checks = new Checks(editor)
    const all = candidatesFor(editor.graph, 'conv1')
    for (const one of all) expect(checks.known(one)).toBe(one.cuts ? null : undefined)
    await settled(checks, all)
    for (const one of all.filter(({ cuts }) => !cuts)) {
      const known = checks.known(one)
      expect(known?.message).toBe(checkWire(editor.document, [], one.from, one.to)?.message)
    }
    const order = byVerdict(all, checks).map((one) => [one.title, one.cuts ? 'cut' : checks.known(one) === null])
    // Both kinds occur, or this would say nothing.
    expect(order).toContainEqual(['conv1 → loss.prediction', true])
    expect(order).toContainEqual(['t → conv1', false])
    const kinds = order.map(([, kind]) => kind)
    expect(kinds).toEqual([...kinds].sort((a, b) => rank(a) - rank(b)))
    function rank(kind: unknown) {
      return kind === true ? 0 : kind === 'cut' ? 1 : 2
    }
    expect(order[0]).toEqual(['conv1 → fc', true])
  })
  test('what was known of another drawing is forgotten', async () => {
    const editor = new Editor(drawing())
    const checks = new Checks(editor)
    const all = candidatesFor(editor.graph, 'conv1')
    await settled(checks, all)
    const [first] = all
    if (!first) throw new Error('none')
    editor.edit({ kind: 'removeItems', blocks: ['t'], wires: [] })
    checks.ask([])
    expect(checks.known(first)).toBeUndefined()
    checks.end()
  })
})
