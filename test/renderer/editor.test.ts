import { flushSync } from 'svelte'
import { describe, expect, test } from 'vitest'
import type { Edit } from '../../src/document/edits.ts'
import { emptyDocument } from '../../src/document/file.ts'
import type { BlockNode, GraphDocument } from '../../src/document/types.ts'
import { Editor, type BlockTemplate } from '../../renderer/state/editor.svelte.ts'

const node = (type: string, name: string, x = 0, params = {}): BlockNode => ({
  type,
  name,
  position: { x, y: 0 },
  params,
})
const stage: BlockTemplate = {
  type: 'composite',
  name: 'stage',
  params: {},
  inside: {
    title: 'Stage',
    blocks: { a: node('dense', 'dense', 0, { features: 4 }), b: node('relu', 'relu', 240) },
    wires: { w: { from: { block: 'a', port: 'y' }, to: { block: 'b', port: 'x' } } },
    inputs: { x: [{ block: 'a', port: 'x' }] },
    outputs: { y: { block: 'b', port: 'y' } },
  },
}

function drawing(): GraphDocument {
  return {
    ...emptyDocument(),
    name: 'Test',
    graph: {
      blocks: {
        i: node('input', 'input'),
        d: node('dense', 'dense', 240, { features: 8 }),
        r: node('relu', 'relu', 480),
      },
      wires: {
        w1: { from: { block: 'i', port: 'x' }, to: { block: 'd', port: 'x' } },
        w2: { from: { block: 'd', port: 'y' }, to: { block: 'r', port: 'x' } },
      },
    },
  }
}

describe('every edit can be undone and done again:', () => {
  const { data, training } = emptyDocument()
  const edits: Edit[] = [
    { kind: 'addBlock', id: 'n', node: node('tanh', 'tanh') },
    { kind: 'removeItems', blocks: ['d'], wires: [] },
    { kind: 'moveBlocks', positions: { d: { x: 8, y: 16 } } },
    { kind: 'setParam', block: 'd', name: 'features', value: 3 },
    { kind: 'renameBlock', block: 'd', name: 'hidden' },
    { kind: 'connect', id: 'w3', wire: { from: { block: 'i', port: 'x' }, to: { block: 'r', port: 'x' } } },
    { kind: 'insert', graph: { blocks: { n: node('tanh', 'tanh') }, wires: {} } },
    { kind: 'setData', data: { ...data, split: { validation: 0.5, seed: 7 } } },
    { kind: 'setTraining', training: { ...training, epochs: 77 } },
    { kind: 'setDocument', name: 'Other' },
  ]
  test.each(edits)('$kind', (edit) => {
    const before = drawing()
    const editor = new Editor(before)
    expect(editor.edit(edit)).toBe(true)
    const after = editor.document
    expect(after).not.toEqual(before)
    expect(editor.dirty).toBe(true)
    editor.undo()
    expect(editor.document).toBe(before)
    expect(editor.dirty).toBe(false)
    expect(editor.canUndo).toBe(false)
    editor.redo()
    expect(editor.document).toEqual(after)
  })

  test('unpack', () => {
    const editor = new Editor(drawing())
    const id = editor.add(stage, { x: 0, y: 200 })
    const packed = editor.document
    expect(editor.edit({ kind: 'unpack', block: id ?? '' })).toBe(true)
    expect(Object.keys(editor.document.graph.blocks)).toHaveLength(5)
    editor.undo()
    expect(editor.document).toBe(packed)
  })
})

test('edits of one gesture are one step, those of two are two', () => {
  const editor = new Editor(drawing())
  for (const value of [1, 12, 128]) editor.setParam('d', 'features', value, 'typing')
  editor.setParam('d', 'features', 256, 'typing again')
  editor.undo()
  expect(editor.document.graph.blocks['d']?.params['features']).toBe(128)
  editor.undo()
  expect(editor.document.graph.blocks['d']?.params['features']).toBe(8)
  expect(editor.canUndo).toBe(false)
})

test('a refused edit changes nothing and says why', () => {
  const editor = new Editor(drawing())
  const before = editor.document
  expect(editor.setParam('d', 'features', 0)).toBe(false)
  expect(editor.refusal?.message).toMatch(/at least 1/)
  expect(editor.document).toBe(before)
  expect(editor.setParam('d', 'features', 2)).toBe(true)
  expect(editor.refusal).toBeNull()
})

test('the analysis follows the document', () => {
  const editor = new Editor(drawing())
  const parameters = editor.analysis.totals.parameters
  editor.setParam('d', 'features', 16)
  flushSync()
  expect(editor.analysis.totals.parameters).toBe(2 * parameters)
})

describe('selection', () => {
  test('forgets what is gone and finds it again after an undo', () => {
    const editor = new Editor(drawing())
    editor.select(['d', 'r'])
    editor.edit({ kind: 'removeItems', blocks: ['d'], wires: [] })
    expect([...editor.selection.blocks]).toEqual(['r'])
    expect(editor.selectedBlock).toBe('r')
    editor.undo()
    expect([...editor.selection.blocks]).toEqual(['d', 'r'])
    expect(editor.selectedBlock).toBeNull()
  })

  test('stays the same object while the same things are selected', () => {
    const editor = new Editor(drawing())
    editor.select(['d'])
    const before = editor.selection
    editor.select(['d'])
    editor.setParam('d', 'features', 9)
    expect(editor.selection).toBe(before)
  })

  test('takes everything, and nothing', () => {
    const editor = new Editor(drawing())
    editor.selectAll()
    expect(editor.selection.blocks.size).toBe(3)
    expect(editor.selection.wires.size).toBe(2)
    editor.deleteSelection()
    expect(editor.document.graph).toEqual({ blocks: {}, wires: {} })
    editor.undo()
    expect(Object.keys(editor.document.graph.blocks)).toHaveLength(3)
  })
})

describe('clipboard', () => {
  test('is readable text, which another window can paste', () => {
    const editor = new Editor(drawing())
    editor.select(['d', 'r'])
    const text = editor.copy() ?? ''
    expect(JSON.parse(text)).toMatchObject({ format: 'neuroloom' })
    const other = new Editor(emptyDocument())
    expect(other.paste(text, { x: 100, y: 50 })).toBe(true)
    const pasted = Object.values(other.document.graph.blocks)
    expect(pasted.map(({ name, position }) => [name, position.x, position.y])).toEqual([
      ['dense', 100, 50],
      ['relu', 340, 50],
    ])
    expect(Object.keys(other.document.graph.wires)).toHaveLength(1)
    expect(other.selection.blocks.size).toBe(2)
  })

  test('gives fresh names and another place at each paste, and is one step to undo', () => {
    const editor = new Editor(drawing())
    editor.select(['d'])
    const text = editor.copy()
    editor.paste(text)
    editor.paste(text)
    const dense = Object.values(editor.document.graph.blocks).filter((block) => block.type === 'dense')
    expect(dense.map(({ name, position }) => [name, position.x])).toEqual([
      ['dense', 240],
      ['dense2', 264],
      ['dense3', 288],
    ])
    editor.undo()
    expect(Object.keys(editor.document.graph.blocks)).toHaveLength(4)
  })

  test('works without the system: what was copied here is pasted when there is no text', () => {
    const editor = new Editor(drawing())
    editor.select(['r'])
    editor.copy()
    expect(editor.paste(null)).toBe(true)
    expect(Object.keys(editor.document.graph.blocks)).toHaveLength(4)
  })

  test.each(['hello', '{"format": "something"}', '{ torn'])('leaves the drawing alone when it holds %s', (text) => {
    const editor = new Editor(drawing())
    expect(editor.paste(text)).toBe(false)
    expect(editor.canUndo).toBe(false)
  })

  test('cut takes the blocks away with their wires', () => {
    const editor = new Editor(drawing())
    editor.select(['d'])
    expect(editor.cut()).toContain('dense')
    expect(Object.keys(editor.document.graph.blocks)).toEqual(['i', 'r'])
    expect(editor.document.graph.wires).toEqual({})
  })

  test('duplicate keeps the inner wires and leaves the clipboard alone', () => {
    const editor = new Editor(drawing())
    editor.select(['d', 'r'])
    editor.duplicate()
    expect(Object.keys(editor.document.graph.blocks)).toHaveLength(5)
    expect(Object.keys(editor.document.graph.wires)).toHaveLength(3)
    expect(editor.paste(null)).toBe(false)
  })
})

describe('tabs', () => {
  test('a document that another one hides keeps its history', () => {
    const editor = new Editor(drawing())
    const first = editor.desk
    editor.setParam('d', 'features', 3)
    const before = editor.document
    editor.open(emptyDocument())
    expect(editor.desks).toHaveLength(2)
    expect(editor.canUndo).toBe(false)
    editor.show(first)
    expect(editor.document).toBe(before)
    expect(editor.dirty).toBe(true)
    editor.undo()
    expect(editor.document.graph.blocks['d']?.params['features']).toBe(8)
  })
  test('one that nothing was done to gives way', () => {
    const editor = new Editor(emptyDocument())
    editor.open(drawing())
    expect(editor.desks).toHaveLength(1)
    editor.open(emptyDocument(), { handle: null, fileName: 'a.json' })
    editor.open(drawing())
    expect(editor.desks).toHaveLength(2)
  })
  test('a closed one comes back where it was, history and all', () => {
    const editor = new Editor(drawing())
    editor.setParam('d', 'features', 3)
    const { desk, document } = editor
    editor.open({ ...emptyDocument(), name: 'second' })
    editor.close(desk, emptyDocument())
    expect(editor.document.name).toBe('second')
    expect(editor.reopen()).toBe(true)
    expect(editor.document).toBe(document)
    expect(editor.desks[0]).toBe(desk)
    expect(editor.canUndo).toBe(true)
    expect(editor.reopen()).toBe(false)
  })
  test('the last one gives way to an empty drawing', () => {
    const editor = new Editor(drawing())
    editor.setParam('d', 'features', 3)
    const { desk } = editor
    editor.close(desk, emptyDocument())
    expect(editor.desks).toHaveLength(1)
    expect(Object.keys(editor.document.graph.blocks)).toHaveLength(0)
    editor.reopen()
    expect(editor.desks).toEqual([desk])
  })
  test('turning goes round', () => {
    const editor = new Editor(drawing())
    editor.setParam('d', 'features', 3)
    const first = editor.desk
    editor.open(emptyDocument())
    editor.turn(1)
    expect(editor.desk).toBe(first)
    editor.turn(-1)
    expect(editor.desk).not.toBe(first)
  })
})

test('saving an older state than the one on the screen leaves it unsaved', () => {
  const editor = new Editor(drawing())
  editor.setParam('d', 'features', 3)
  const written = editor.document
  editor.setParam('d', 'features', 4)
  editor.markSaved(editor.desk, written, { handle: null, fileName: 'a.json' })
  expect(editor.dirty).toBe(true)
  editor.undo()
  expect(editor.dirty).toBe(false)
})

describe('inside of a composite', () => {
  const nested = () => {
    const editor = new Editor(drawing())
    editor.select(['d'])
    const id = editor.group() ?? ''
    editor.edit({
      kind: 'exposeParam',
      block: id,
      name: 'width',
      label: 'Width',
      targets: [{ block: 'd', param: 'features' }],
    })
    return { editor, id }
  }
  test('edits are of the canvas that is open, and undo leads back to it', () => {
    const { editor, id } = nested()
    expect(editor.enter(id)).toBe(true)
    expect(Object.keys(editor.graph.blocks)).toEqual(['d'])
    editor.edit({ kind: 'renameBlock', block: 'd', name: 'inner' })
    expect(editor.document.graph.blocks[id]?.inside?.blocks['d']?.name).toBe('inner')
    editor.leave()
    expect([...editor.selection.blocks]).toEqual([id])
    editor.undo()
    expect(editor.path).toEqual([id])
    expect(editor.graph.blocks['d']?.name).not.toBe('inner')
  })
  test('a value that the composite gives is shown and changed where it is given', () => {
    const { editor, id } = nested()
    editor.setParam(id, 'width', 5)
    editor.enter(id)
    expect(editor.blockOf('d')?.params['features']).toBe(5)
    expect(editor.graph.blocks['d']?.params['features']).not.toBe(5)
    expect(editor.shownAs('d', 'features')?.label).toBe('Width')
    editor.setParam('d', 'features', 6)
    expect(editor.document.graph.blocks[id]?.params['width']).toBe(6)
    expect(editor.blockOf('d')?.params['features']).toBe(6)
  })
  test('a composite that is gone is left', () => {
    const { editor, id } = nested()
    editor.enter(id)
    expect(editor.trail).toHaveLength(1)
    editor.undo()
    editor.undo()
    expect(editor.path).toEqual([])
    expect(Object.keys(editor.graph.blocks)).toContain('d')
  })
  test('a wire from the rim makes a port', () => {
    const { editor, id } = nested()
    editor.enter(id)
    const before = Object.keys(editor.inside?.outputs ?? {})
    editor.edit({
      kind: 'connect',
      id: 'w9',
      wire: { from: { block: 'd', port: 'y' }, to: { block: ' out', port: 'more' } },
    })
    expect(Object.keys(editor.inside?.outputs ?? {})).toEqual([...before, 'more'])
  })
})

test('undo brings back what was selected, and one can jump to any step', () => {
  const editor = new Editor(drawing())
  const [first = '', second = ''] = Object.keys(editor.graph.blocks)
  editor.select([first])
  editor.setParam('d', 'features', 3)
  editor.select([second])
  editor.setParam('d', 'features', 4)
  editor.setParam('d', 'features', 5)
  expect(editor.steps).toMatchObject({ done: 3 })
  expect(editor.steps.labels).toHaveLength(3)
  editor.jump(0)
  expect(editor.graph.blocks['d']?.params['features']).toBe(8)
  expect([...editor.selection.blocks]).toEqual([first])
  expect(editor.steps.labels).toHaveLength(3)
  editor.jump(2)
  expect(editor.graph.blocks['d']?.params['features']).toBe(4)
  expect([...editor.selection.blocks]).toEqual([second])
})

test('pasted with its wires a block is fed by what fed the original', () => {
  const editor = new Editor(drawing())
  const fed = Object.values(editor.graph.wires)[0]
  editor.select([fed?.to.block ?? ''])
  const text = editor.copy()
  const wires = Object.keys(editor.graph.wires).length
  expect(editor.paste(text, null, true)).toBe(true)
  expect(Object.keys(editor.graph.wires).length).toBeGreaterThan(wires)
  editor.undo()
  expect(Object.keys(editor.graph.wires)).toHaveLength(wires)
  editor.paste(text)
  expect(Object.keys(editor.graph.wires)).toHaveLength(wires)
})
