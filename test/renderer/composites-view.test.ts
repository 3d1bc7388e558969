import { expect, test } from 'vitest'
import { composites, examples } from '../../renderer/state/library.ts'
import { Editor } from '../../renderer/state/editor.svelte.ts'
import { exposeEdit, shownAs } from '../../renderer/composites/exposing.ts'
import { layoutOf } from '../../renderer/composites/layout.ts'
import type { BlockNode, Inside } from '../../src/document/types.ts'

const node = (type: string, name = type): BlockNode => ({ type, name, position: { x: 0, y: 0 }, params: {} })
const wire = (from: string, to: string, port = 'x') => ({
  from: { block: from, port: 'y' },
  to: { block: to, port },
})
/** x → a → b → sum, x → c → sum, x → sum */
const branches: Inside = {
  title: 'Branches',
  blocks: { sum: node('add', 'sum'), a: node('dense', 'a'), b: node('relu', 'b'), c: node('dense', 'c') },
  wires: { w1: wire('a', 'b'), w2: wire('b', 'sum', 'a'), w3: wire('c', 'sum', 'b') },
  inputs: {
    x: [
      { block: 'a', port: 'x' },
      { block: 'c', port: 'x' },
    ],
  },
  outputs: { y: { block: 'sum', port: 'y' } },
}

test('the small map goes from left to right, each branch in a row of its own', () => {
  const layout = layoutOf(branches)
  const places = new Map(layout.blocks.map(({ id, column, row }) => [id, { column, row }]))
  expect(places.get('a')).toEqual({ column: 0, row: 0 })
  expect(places.get('b')).toEqual({ column: 1, row: 0 })
  expect(places.get('c')).toEqual({ column: 0, row: 1 })
  expect(places.get('sum')).toEqual({ column: 2, row: 0.5 })
  expect(layout.wires).toHaveLength(3 + 2 + 1)
  for (const { from, to } of layout.wires) expect(from.column).toBeLessThan(to.column)
  expect(layout.ports.map(({ name, side, column }) => [name, side, column])).toEqual([
    ['x', 'in', -1],
    ['y', 'out', 3],
  ])
})

test('no two blocks of any composite that ships lie on each other, and none above the first row', () => {
  expect(composites.length).toBeGreaterThan(1)
  for (const { inside } of composites) {
    if (!inside) continue
    const { blocks, rows } = layoutOf(inside)
    for (const [i, one] of blocks.entries()) {
      expect(one.row).toBeGreaterThanOrEqual(0)
      expect(one.row).toBeLessThanOrEqual(rows - 1 + 1e-9)
      for (const other of blocks.slice(i + 1))
        if (other.column === one.column) expect(Math.abs(other.row - one.row)).toBeGreaterThanOrEqual(1 - 1e-9)
    }
  }
})

test('a circle inside is drawn too, instead of hanging', () => {
  const circle = { ...branches, wires: { ...branches.wires, w4: wire('b', 'a') } }
  expect(layoutOf(circle).blocks).toHaveLength(4)
})

test('a parameter goes outside under its own label, the second of its kind with the name of its block', () => {
  const first = exposeEdit('k', branches, { block: 'a', param: 'features' })
  expect(first).toMatchObject({ name: 'features', label: 'Output features' })
  const shown: Inside = {
    ...branches,
    params: { features: { label: 'Output features', targets: [{ block: 'a', param: 'features' }] } },
  }
  expect(shownAs(shown, { block: 'a', param: 'features' })).toBe('features')
  expect(shownAs(shown, { block: 'c', param: 'features' })).toBeNull()
  expect(exposeEdit('k', shown, { block: 'c', param: 'features' })).toMatchObject({
    name: 'features2',
    label: 'c output features',
  })
})

test('grouping selects the composite, unpacking what it held; each is one step', () => {
  const document = examples.find(({ id }) => id === 'iris')?.document
  if (!document) throw new Error('no iris')
  const editor = new Editor(document)
  editor.select(['b2', 'b3'])
  const id = editor.group()
  expect([...editor.selection.blocks]).toEqual([id])
  expect(Object.keys(editor.document.graph.blocks)).toHaveLength(6)
  expect(editor.unpack(id ?? '')).toBe(true)
  const names = [...editor.selection.blocks].map((block) => editor.document.graph.blocks[block]?.name)
  expect(names).toEqual(['hidden', 'relu'])
  editor.undo()
  editor.undo()
  expect(editor.document).toBe(document)
})

test('two groups have two titles', () => {
  const document = examples.find(({ id }) => id === 'iris')?.document
  if (!document) throw new Error('no iris')
  const editor = new Editor(document)
  const titles = ['b2', 'b4'].map((block) => {
    editor.select([block])
    const id = editor.group() ?? ''
    return editor.document.graph.blocks[id]?.inside?.title
  })
  expect(titles).toEqual(['Group', 'Group 2'])
})
