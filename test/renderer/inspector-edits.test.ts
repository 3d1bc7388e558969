/** Fields that set several blocks at once: one step to undo each, and none for what is taken back. */
import { flushSync } from 'svelte'
import { describe, expect, test } from 'vitest'
import { choice, int, real, type ParamValues } from '../../src/base/params.ts'
import { applyEdit } from '../../src/document/edits.ts'
import type { BlockId, BlockNode } from '../../src/document/types.ts'
import { commonParams, ParamEdits } from '../../renderer/inspector/param-edits.ts'
import { Editor } from '../../renderer/state/editor.svelte.ts'
import { valueOf } from '../data/files.ts'
import { drawn, node } from '../document/documents.ts'

const inside = (blocks: { readonly [id: string]: BlockNode }): BlockNode => ({
  ...node('composite', 'stage'),
  inside: { title: 'Stage', blocks, wires: {}, inputs: {}, outputs: {} },
})

function open() {
  const editor = new Editor(
    drawn(
      {
        a: node('dense', 'a', { features: 8 }),
        b: node('dense', 'b', { features: 20 }),
        c: node('dense', 'c'),
        r: node('relu', 'r'),
        s: inside({ a: node('dense', 'a', { features: 3 }), b: node('dense', 'b', { features: 4 }) }),
      },
      [],
    ),
  )
  flushSync()
  return editor
}
const features = (editor: Editor, ...blocks: readonly BlockId[]) =>
  blocks.map((id) => editor.graph.blocks[id]?.params['features'])
const steps = (editor: Editor) => editor.desk.history.past.map(({ label }) => label)

describe('several blocks', () => {
  test('are set as one step', () => {
    const editor = open()
    const edits = new ParamEdits(editor, () => ['a', 'b', 'c'])
    edits.set('features', 1, 'g')
    edits.set('features', 12, 'g')
    expect(features(editor, 'a', 'b', 'c')).toEqual([12, 12, 12])
    expect(steps(editor)).toEqual(['Set output features of 3 blocks'])
    editor.undo()
    expect(features(editor, 'a', 'b', 'c')).toEqual([8, 20, undefined])
  })
  test('move by the same steps from where each was, and come back', () => {
    const editor = open()
    const edits = new ParamEdits(editor, () => ['a', 'b', 'c'])
    for (const step of [1, 5, -10, 3]) edits.move('features', step, 'g')
    expect(features(editor, 'a', 'b', 'c')).toEqual([11, 23, 19])
    edits.move('features', -10, 'g')
    expect(features(editor, 'a', 'b')).toEqual([1, 10])
    edits.move('features', 0, 'g')
    expect(features(editor, 'a', 'b', 'c')).toEqual([8, 20, 16])
    expect(steps(editor)).toHaveLength(1)
    edits.move('features', 1, 'another')
    expect(features(editor, 'a', 'b')).toEqual([9, 21])
    expect(steps(editor)).toHaveLength(2)
  })
  test('go on from what was typed in the same field', () => {
    const editor = open()
    const edits = new ParamEdits(editor, () => ['a', 'b'])
    edits.move('features', 2, 'g')
    edits.set('features', 30, 'g')
    edits.move('features', 1, 'g')
    expect(features(editor, 'a', 'b')).toEqual([31, 31])
    expect(steps(editor)).toHaveLength(1)
  })
  test('of which one is another use of another are set once', () => {
    const editor = open()
    const use = editor.useAgain('a') ?? ''
    const edits = new ParamEdits(editor, () => ['a', use])
    edits.move('features', 2, 'g')
    expect(features(editor, 'a')).toEqual([10])
  })
  test('inside of a composite are those of the open canvas', () => {
    const editor = open()
    editor.enter('s')
    const edits = new ParamEdits(editor, () => ['a', 'b'])
    edits.set('features', 7, 'g')
    expect(features(editor, 'a', 'b')).toEqual([7, 7])
    editor.leave()
    expect(features(editor, 'a', 'b')).toEqual([8, 20])
    edits.set('features', 9, 'h')
    expect(features(editor, 'a', 'b')).toEqual([9, 9])
  })
})

describe('a constant', () => {
  test('is made of the number in the field, which then names it, in one step', () => {
    const editor = open()
    new ParamEdits(editor, () => ['a']).nameNumber('features', 'width', 'g')
    expect(editor.constants).toEqual({ width: 8 })
    expect(features(editor, 'a')).toEqual(['=width'])
    expect(steps(editor)).toEqual(['Make width a constant'])
    editor.undo()
    expect(editor.constants).toEqual({})
    expect(features(editor, 'a')).toEqual([8])
  })
  test('is made inside of a composite as well, of the default and of a pair', () => {
    const editor = open()
    editor.enter('s')
    editor.edit({ kind: 'addBlock', id: 'k', node: node('conv2d', 'k', { kernel: [5, 5] }) })
    new ParamEdits(editor, () => ['k']).nameNumber('kernel', 'size', 'g')
    new ParamEdits(editor, () => ['k']).nameNumber('filters', 'wide', 'h')
    expect(editor.constants).toMatchObject({ size: 5, wide: expect.any(Number) as number })
    expect(editor.graph.blocks['k']?.params).toMatchObject({ kernel: '=size', filters: '=wide' })
  })
  test('that a block computes with is its number where it moves', () => {
    const editor = open()
    const edits = new ParamEdits(editor, () => ['a', 'b'])
    edits.nameNumber('features', 'width', 'g')
    edits.move('features', 1, 'h')
    expect(features(editor, 'a', 'b')).toEqual([9, 9])
    edits.move('features', 0, 'h')
    expect(features(editor, 'a', 'b')).toEqual(['=width', '=width'])
  })
})

describe('what is taken back', () => {
  test('leaves no step, and the very same document', () => {
    const editor = open()
    const before = editor.document
    const edits = new ParamEdits(editor, () => ['c'])
    const { oncancel } = edits.doors('features')
    edits.set('features', 40, 'g')
    edits.set('features', 41, 'g')
    oncancel?.('g')
    expect(editor.document).toBe(before)
    expect(editor.canUndo).toBe(false)
    expect(editor.canRedo).toBe(false)
  })
  test('takes nothing else along', () => {
    const editor = open()
    const edits = new ParamEdits(editor, () => ['a'])
    const { oncancel } = edits.doors('features')
    edits.set('features', 9, 'first')
    oncancel?.('second')
    expect(features(editor, 'a')).toEqual([9])
    edits.set('features', 10, 'second')
    oncancel?.('second')
    oncancel?.('second')
    expect(features(editor, 'a')).toEqual([9])
    editor.undo()
    oncancel?.('first')
    expect(features(editor, 'a')).toEqual([8])
    editor.redo()
    expect(features(editor, 'a')).toEqual([9])
  })
})

describe('what blocks have in common', () => {
  const n = int({ label: 'N', default: 4, min: 1, max: 10 })
  const way = choice({ label: 'Way', default: 'a', options: { a: 'A', b: 'B' } })
  test('has the same name and kind, and bounds that fit all', () => {
    const found = commonParams([
      { specs: { n, way, r: real({ label: 'R', default: 1 }) }, params: { n: 7 } },
      { specs: { way, n: { ...n, min: 3, max: 99, default: 5 }, r: n }, params: { n: 7, way: 'b' } },
    ])
    expect(found.map(({ name }) => name)).toEqual(['n', 'way'])
    expect(found[0]).toMatchObject({ spec: { min: 3, max: 10 }, value: 7, mixed: false, resettable: false })
    expect(found[1]).toMatchObject({ mixed: true, resettable: true })
  })
  test('is no choice among other things', () => {
    const other = choice({ label: 'Way', default: 'a', options: { a: 'A', c: 'C' } })
    expect(
      commonParams([
        { specs: { way }, params: {} },
        { specs: { way: other }, params: {} },
      ]),
    ).toEqual([])
  })
  test('counts a default as a value', () => {
    const given = (params: ParamValues) => ({ specs: { n }, params })
    const blocks = [given({ n: 4 }), given({})]
    expect(commonParams(blocks)[0]).toMatchObject({ value: 4, mixed: false })
    expect(commonParams([...blocks, given({ n: 5 })])[0]).toMatchObject({ mixed: true })
  })
})

test('an edit of several blocks that one refuses changes none', () => {
  const editor = open()
  const before = editor.document
  new ParamEdits(editor, () => ['a', 'r']).set('features', 5, 'g')
  expect(editor.document).toBe(before)
  expect(editor.refusal?.message).toContain('no parameter called "features"')
  // The same alone is taken: it is the other block that refuses.
  expect(valueOf(applyEdit(before, { kind: 'setParam', block: 'a', name: 'features', value: 5 }))).not.toBe(before)
})
