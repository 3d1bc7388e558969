import { describe, expect, test } from 'vitest'
import { analyze, traceForward } from '../../src/compiler/analyze.ts'
import { flatten } from '../../src/compiler/1-flatten.ts'
import { describeEdit } from '../../src/document/describe.ts'
import {
  applyEdit,
  copyFragment,
  freshFragment,
  freshId,
  freshName,
  nameProblem,
  type Edit,
} from '../../src/document/edits.ts'
import { emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import { chainOf } from '../../src/document/chain.ts'
import { paramSpecsOf } from '../../src/document/composites.ts'
import { commit, redo, redoLabel, startHistory, undo, undoLabel } from '../../src/document/history.ts'
import type { BlockNode, Graph, GraphDocument } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'
import { drawn, edited, node, refusal, wire, withComposite } from './documents.ts'

const base = drawn({ a: node('input', 'a'), b: node('dense', 'b', { features: 3 }), c: node('tanh', 'c') }, [
  'a.x > b.x',
  'b.y > c.x',
])

/** The composite shows how many features its layer has. */
function withSize(): GraphDocument {
  const targets = [{ block: 'b1', param: 'features' }]
  return edited(withComposite(), { kind: 'exposeParam', block: 'c1', name: 'size', label: 'Size', targets })
}

function chainNames(document: GraphDocument): (string | undefined)[] | undefined {
  const inside = document.graph.blocks['c1']?.inside
  return inside && chainOf(inside)?.map((id) => inside.blocks[id]?.name)
}

interface Row {
  readonly edit: Edit
  readonly label: string
  readonly check: (after: GraphDocument) => void
  readonly from?: GraphDocument
}

const rows: { readonly [name: string]: Row } = {
  'adding a block': {
    edit: { kind: 'addBlock', id: 'd', node: node('conv2d', 'b') },
    label: 'Add Conv2D',
    check: (after) => expect(after.graph.blocks['d']?.name).toBe('b2'),
  },
  'adding a composite': {
    edit: { kind: 'addBlock', id: 'd', node: withComposite().graph.blocks['c1'] as BlockNode },
    label: 'Add Layer',
    check: (after) => expect(after.graph.blocks['d']?.inside?.title).toBe('Layer'),
  },
  'deleting a block takes its wires along': {
    edit: { kind: 'removeItems', blocks: ['b'], wires: [] },
    label: 'Delete b',
    check: (after) => {
      expect(Object.keys(after.graph.blocks)).toEqual(['a', 'c'])
      expect(after.graph.wires).toEqual({})
    },
  },
  'deleting several blocks': {
    edit: { kind: 'removeItems', blocks: ['b', 'c'], wires: [] },
    label: 'Delete 2 blocks',
    check: (after) => expect(Object.keys(after.graph.blocks)).toEqual(['a']),
  },
  'deleting a wire': {
    edit: { kind: 'removeItems', blocks: [], wires: ['w1'] },
    label: 'Delete wire',
    check: (after) => expect(Object.keys(after.graph.wires)).toEqual(['w2']),
  },
  'deleting wires': {
    edit: { kind: 'removeItems', blocks: [], wires: ['w1', 'w2'] },
    label: 'Delete 2 wires',
    check: (after) => expect(after.graph.wires).toEqual({}),
  },
  'moving a block': {
    edit: { kind: 'moveBlocks', positions: { a: { x: 4, y: -5.5 } } },
    label: 'Move a',
    check: (after) => expect(after.graph.blocks['a']?.position).toEqual({ x: 4, y: -5.5 }),
  },
  'moving blocks': {
    edit: { kind: 'moveBlocks', positions: { a: { x: 1, y: 2 }, b: { x: 3, y: 4 } } },
    label: 'Move 2 blocks',
    check: (after) => expect(after.graph.blocks['b']?.position).toEqual({ x: 3, y: 4 }),
  },
  'setting a parameter': {
    edit: { kind: 'setParam', block: 'b', name: 'features', value: 7 },
    label: 'Set output features of b',
    check: (after) => expect(after.graph.blocks['b']?.params).toEqual({ features: 7 }),
  },
  'renaming a block': {
    edit: { kind: 'renameBlock', block: 'b', name: 'hidden' },
    label: 'Rename b to hidden',
    check: (after) => expect(after.graph.blocks['b']?.name).toBe('hidden'),
  },
  connecting: {
    edit: { kind: 'connect', id: 'w9', wire: wire('a.x > c.x') },
    label: 'Connect a to c',
    // c.x was taken: the new wire replaces the old one.
    check: (after) => expect(Object.keys(after.graph.wires)).toEqual(['w1', 'w9']),
  },
  'inserting one block': {
    edit: { kind: 'insert', graph: { blocks: { n1: node('relu', 'n') }, wires: {} } },
    label: 'Add n',
    check: (after) => expect(Object.keys(after.graph.blocks)).toEqual(['a', 'b', 'c', 'n1']),
  },
  'inserting several blocks with wires': {
    edit: {
      kind: 'insert',
      graph: { blocks: { n1: node('relu', 'n'), n2: node('relu', 'm') }, wires: { w7: wire('n1.y > n2.x') } },
    },
    label: 'Add 2 blocks',
    check: (after) => expect(after.graph.wires['w7']).toEqual(wire('n1.y > n2.x')),
  },
  unpacking: {
    from: withComposite(),
    edit: { kind: 'unpack', block: 'c1' },
    label: 'Unpack layer',
    check: (after) => {
      const names = Object.values(after.graph.blocks).map((one) => one.name)
      expect(names).toEqual(['points', 'classes', 'target', 'loss', 'dense', 'tanh'])
      expect(Object.values(after.graph.blocks).at(-1)?.position).toEqual({ x: 140, y: 58 })
    },
  },
  grouping: {
    edit: { kind: 'group', blocks: ['b', 'c'], id: 'g', title: 'Hidden layer' },
    label: 'Group 2 blocks',
    check: (after) => {
      const { name, position, inside } = after.graph.blocks['g'] ?? node('', '')
      expect([name, position]).toEqual(['hiddenLayer', { x: 0, y: 0 }])
      expect(inside?.inputs).toEqual({ x: [{ block: 'b', port: 'x' }] })
      expect(inside?.outputs).toEqual({ y: { block: 'c', port: 'y' } })
      expect(inside?.wires).toEqual({ w2: wire('b.y > c.x') })
      expect(after.graph.wires).toEqual({ w1: wire('a.x > g.x') })
    },
  },
  'a title for a composite': {
    from: withComposite(),
    edit: { kind: 'setComposite', block: 'c1', title: 'Encoder' },
    label: 'Call layer "Encoder"',
    check: (after) => expect(after.graph.blocks['c1']?.inside?.title).toBe('Encoder'),
  },
  'a help text for a composite': {
    from: withComposite(),
    edit: { kind: 'setComposite', block: 'c1', doc: 'What it does.' },
    label: 'Describe layer',
    check: (after) => expect(after.graph.blocks['c1']?.inside?.doc).toBe('What it does.'),
  },
  'a second output of a composite': {
    from: withComposite(),
    edit: { kind: 'addPort', block: 'c1', side: 'outputs', port: 'sum', end: { block: 'b1', port: 'y' } },
    label: 'Add port sum to layer',
    check: (after) => expect(Object.keys(after.graph.blocks['c1']?.inside?.outputs ?? {})).toEqual(['y', 'sum']),
  },
  'an input of a composite that takes the place of a wire': {
    from: withComposite(),
    edit: { kind: 'addPort', block: 'c1', side: 'inputs', port: 'x', end: { block: 'b2', port: 'x' } },
    label: 'Add port x to layer',
    check: (after) => {
      expect(after.graph.blocks['c1']?.inside?.inputs['x']).toHaveLength(2)
      expect(after.graph.blocks['c1']?.inside?.wires).toEqual({})
    },
  },
  'removing a port takes its wires along': {
    from: withComposite(),
    edit: { kind: 'removePort', block: 'c1', side: 'outputs', port: 'y' },
    label: 'Remove port y of layer',
    check: (after) => {
      expect(after.graph.blocks['c1']?.inside?.outputs).toEqual({})
      expect(Object.values(after.graph.wires)).not.toContainEqual(wire('c1.y > out.x'))
      expect(Object.keys(after.graph.wires)).toHaveLength(3)
    },
  },
  'renaming a port': {
    from: withComposite(),
    edit: { kind: 'renamePort', block: 'c1', side: 'inputs', port: 'x', name: 'points' },
    label: 'Rename port x to points',
    check: (after) => {
      expect(after.graph.wires['w1']).toEqual(wire('in.x > c1.points'))
      expect(Object.keys(after.graph.blocks['c1']?.inside?.inputs ?? {})).toEqual(['points'])
    },
  },
  'showing a parameter': {
    from: withComposite(),
    edit: {
      kind: 'exposeParam',
      block: 'c1',
      name: 'size',
      label: 'Size',
      targets: [{ block: 'b1', param: 'features' }],
    },
    label: 'Show Size on layer',
    check: (after) =>
      expect(paramSpecsOf(after.graph.blocks['c1'] ?? node('', ''))).toMatchObject({
        size: { kind: 'int', label: 'Size', min: 1, default: 5 },
      }),
  },
  'setting a parameter of a composite': {
    from: withSize(),
    edit: { kind: 'setParam', block: 'c1', name: 'size', value: 9 },
    label: 'Set size of layer',
    check: (after) => {
      expect(after.graph.blocks['c1']?.params).toEqual({ size: 9 })
      expect(analyze(after).blocks.get('c1')?.parameters).toBe(2 * 9 + 9)
    },
  },
  'hiding a parameter keeps its value': {
    from: edited(withSize(), { kind: 'setParam', block: 'c1', name: 'size', value: 9 }),
    edit: { kind: 'hideParam', block: 'c1', name: 'size' },
    label: 'Hide size of layer',
    check: (after) => {
      expect(after.graph.blocks['c1']?.params).toEqual({})
      expect(after.graph.blocks['c1']?.inside?.blocks['b1']?.params).toEqual({ features: 9 })
      expect(after.graph.blocks['c1']?.inside?.params).toBeUndefined()
    },
  },
  repeating: {
    from: withComposite(),
    edit: { kind: 'setRepeat', block: 'c1', repeat: 3 },
    label: 'Repeat layer ×3',
    check: (after) => expect(after.graph.blocks['c1']?.repeat).toBe(3),
  },
  'using a block again': {
    edit: { kind: 'addUse', id: 'u', of: 'b', position: { x: 5, y: 6 } },
    label: 'Use b again',
    check: (after) =>
      expect(after.graph.blocks['u']).toEqual({
        type: 'dense',
        name: 'b2',
        position: { x: 5, y: 6 },
        params: {},
        shares: 'b',
      }),
  },
  'making a use independent': {
    from: edited(base, { kind: 'addUse', id: 'u', of: 'b', position: { x: 5, y: 6 } }),
    edit: { kind: 'makeIndependent', block: 'u' },
    label: 'Make b2 independent',
    check: (after) =>
      expect(after.graph.blocks['u']).toEqual({ ...node('dense', 'b2', { features: 3 }), position: { x: 5, y: 6 } }),
  },
  'putting a block into a chain': {
    from: withComposite(),
    edit: { kind: 'chainInsert', block: 'c1', at: 1, node: node('relu', 'relu') },
    label: 'Add ReLU to layer',
    check: (after) => expect(chainNames(after)).toEqual(['dense', 'relu', 'tanh']),
  },
  'moving within a chain': {
    from: withComposite(),
    edit: { kind: 'chainMove', block: 'c1', from: 1, to: 0 },
    label: 'Move a block in layer',
    check: (after) => expect(chainNames(after)).toEqual(['tanh', 'dense']),
  },
  'removing from a chain': {
    from: withComposite(),
    edit: { kind: 'chainRemove', block: 'c1', at: 0 },
    label: 'Delete a block of layer',
    check: (after) => expect(chainNames(after)).toEqual(['tanh']),
  },
  'carrying a block into a chain': {
    from: withComposite(),
    edit: { kind: 'intoChain', block: 'c1', at: 2, member: 'out' },
    label: 'Move classes into layer',
    check: (after) => {
      expect(chainNames(after)).toEqual(['dense', 'tanh', 'classes'])
      expect(Object.values(after.graph.wires)).toContainEqual(wire('c1.y > l.prediction'))
      expect(analyze(after).problems).toEqual([])
    },
  },
  'carrying a block out of a chain': {
    from: edited(withSize(), { kind: 'setParam', block: 'c1', name: 'size', value: 9 }),
    edit: { kind: 'outOfChain', block: 'c1', at: 0, id: 'd', position: { x: 1, y: 2 } },
    label: 'Take a block out of layer',
    check: (after) => {
      expect(chainNames(after)).toEqual(['tanh'])
      expect(after.graph.blocks['d']).toEqual({ ...node('dense', 'dense', { features: 9 }), position: { x: 1, y: 2 } })
      expect(after.graph.blocks['c1']?.params, 'the parameter went with its block').toEqual({})
    },
  },
  'deleting and reconnecting': {
    edit: { kind: 'dissolve', blocks: ['b'] },
    label: 'Dissolve b',
    check: (after) => expect(after.graph.blocks['b']).toBeUndefined(),
  },
  'replacing a block': {
    edit: { kind: 'replaceBlock', block: 'b', node: { type: 'conv1d', name: 'conv1d', params: {} } },
    label: 'Replace b by Conv1D',
    check: (after) => expect(after.graph.blocks['b']).toMatchObject({ type: 'conv1d', name: 'b' }),
  },
  bypassing: {
    edit: { kind: 'setBypassed', blocks: ['b'], bypassed: true },
    label: 'Bypass b',
    check: (after) => expect(after.graph.blocks['b']?.bypassed).toBe(true),
  },
  'putting a block on a wire': {
    from: edited(base, { kind: 'addBlock', id: 'n', node: node('relu', 'n') }),
    edit: { kind: 'insertOnWire', wire: Object.keys(base.graph.wires)[0] ?? '', block: 'n', id: 'w9' },
    label: 'Put n on a wire',
    check: (after) => expect(after.graph.wires['w9']?.from).toEqual({ block: 'n', port: 'y' }),
  },
  rerouting: {
    edit: { kind: 'setRoute', wire: Object.keys(base.graph.wires)[0] ?? '', via: [{ x: 8, y: 16 }] },
    label: 'Reroute wire',
    check: (after) => expect(Object.values(after.graph.wires)[0]?.via).toEqual([{ x: 8, y: 16 }]),
  },
  annotating: {
    edit: {
      kind: 'setAnnotation',
      id: 'a1',
      annotation: {
        kind: 'note',
        text: 'words',
        position: { x: 0, y: 0 },
        size: { width: 80, height: 80 },
        colour: 'grey',
      },
    },
    label: 'Add note',
    check: (after) => expect(after.graph.annotations?.['a1']?.text).toBe('words'),
  },
  'a constant': {
    edit: { kind: 'setConstant', name: 'hidden', value: 32 },
    label: 'Set constant hidden',
    check: (after) => expect(after.constants).toEqual({ hidden: 32 }),
  },
  'a constant called something else': {
    from: edited(
      base,
      { kind: 'setConstant', name: 'hidden', value: 32 },
      { kind: 'setParam', block: 'b', name: 'features', value: '=hidden*2' },
    ),
    edit: { kind: 'renameConstant', name: 'hidden', to: 'width' },
    label: 'Rename constant hidden to width',
    check: (after) => {
      expect(after.constants).toEqual({ width: 32 })
      expect(after.graph.blocks['b']?.params['features']).toBe('=width*2')
    },
  },
  'an edit inside': {
    from: withComposite(),
    edit: { kind: 'inside', path: ['c1'], edit: { kind: 'setParam', block: 'b1', name: 'features', value: 8 } },
    label: 'Set output features of dense',
    check: (after) => expect(after.graph.blocks['c1']?.inside?.blocks['b1']?.params).toEqual({ features: 8 }),
  },
  'several edits as one step': {
    edit: {
      kind: 'several',
      label: 'Tidy up',
      edits: [
        { kind: 'removeItems', blocks: ['c'], wires: [] },
        { kind: 'renameBlock', block: 'b', name: 'last' },
      ],
    },
    label: 'Tidy up',
    check: (after) => expect(Object.values(after.graph.blocks).map((one) => one.name)).toEqual(['a', 'last']),
  },
  'changing the data': {
    edit: { kind: 'setData', data: { ...base.data, split: { validation: 0.5, seed: 9 } } },
    label: 'Change data',
    check: (after) => expect(after.data.split).toEqual({ validation: 0.5, seed: 9 }),
  },
  'changing the training settings': {
    edit: { kind: 'setTraining', training: { ...base.training, epochs: 3 } },
    label: 'Change training settings',
    check: (after) => expect(after.training.epochs).toBe(3),
  },
  'renaming the document': {
    edit: { kind: 'setDocument', name: 'New' },
    label: 'Rename document',
    check: (after) => expect([after.name, after.note]).toEqual(['New', '']),
  },
  'writing a note': {
    edit: { kind: 'setDocument', note: 'why' },
    label: 'Edit note',
    check: (after) => expect([after.name, after.note]).toEqual(['Untitled', 'why']),
  },
}

describe('edits', () => {
  test.each(Object.entries(rows))('%s is applied, described, undone and redone', (_name, row) => {
    const before = row.from ?? base
    const text = formatDocument(before)
    expect(describeEdit(before, row.edit)).toBe(row.label)
    const after = valueOf(commit(startHistory(before), row.edit))
    row.check(after.document)
    expect(undoLabel(after)).toBe(row.label)
    expect(redoLabel(after)).toBeUndefined()
    expect(formatDocument(before), 'the old document is untouched').toBe(text)
    const back = undo(after)
    expect(back.document).toBe(before)
    expect([undoLabel(back), redoLabel(back)]).toEqual([undefined, row.label])
    expect(redo(back).document).toBe(after.document)
    expect(undoLabel(redo(back))).toBe(row.label)
    // What no edit touched is shared, not copied.
    if (row.edit.kind !== 'setData') expect(after.document.data).toBe(before.data)
    expect(valueOf(parseDocument(formatDocument(after.document), 'x.json'))).toEqual(after.document)
  })

  test('every kind of edit has a row above', () => {
    const kinds = new Set(Object.values(rows).map((row) => row.edit.kind))
    const all: { readonly [K in Edit['kind']]: true } = {
      addBlock: true,
      removeItems: true,
      moveBlocks: true,
      setParam: true,
      renameBlock: true,
      connect: true,
      insert: true,
      unpack: true,
      group: true,
      setComposite: true,
      addPort: true,
      removePort: true,
      renamePort: true,
      exposeParam: true,
      hideParam: true,
      setRepeat: true,
      addUse: true,
      makeIndependent: true,
      chainInsert: true,
      chainMove: true,
      chainRemove: true,
      intoChain: true,
      outOfChain: true,
      inside: true,
      several: true,
      setData: true,
      setTraining: true,
      setDocument: true,
      setConstant: true,
      renameConstant: true,
      dissolve: true,
      replaceBlock: true,
      setBypassed: true,
      insertOnWire: true,
      setRoute: true,
      setAnnotation: true,
    }
    expect([...kinds].sort()).toEqual(Object.keys(all).sort())
  })

  const long = 'x'.repeat(61)
  const refused: readonly (readonly [string, Edit, string])[] = [
    ['a taken id', { kind: 'addBlock', id: 'a', node: node('relu', 'r') }, 'There is a block a already.'],
    [
      'a name that no file may hold',
      { kind: 'addBlock', id: 'z', node: node('relu', 'r.s') },
      "graph.blocks.z.name can't be used. A name can't hold dots, slashes or invisible characters.",
    ],
    [
      'a place that is not a number',
      { kind: 'addBlock', id: 'z', node: { ...node('relu', 'r'), position: { x: NaN, y: 0 } } },
      'graph.blocks.z.position.x must be a number, not NaN.',
    ],
    [
      'a block that is gone',
      { kind: 'moveBlocks', positions: { q: { x: 0, y: 0 } } },
      'The block q is not in the drawing any more.',
    ],
    [
      'a move to nowhere',
      { kind: 'moveBlocks', positions: { a: { x: Infinity, y: 0 } } },
      "a can't be put there: a place is two numbers between -1000000 and 1000000.",
    ],
    [
      'a move further than a file may hold',
      { kind: 'moveBlocks', positions: { a: { x: 2e6, y: 0 } } },
      "a can't be put there: a place is two numbers between -1000000 and 1000000.",
    ],
    [
      'a parameter that does not exist',
      { kind: 'setParam', block: 'b', name: 'colour', value: 1 },
      'b has no parameter called "colour".',
    ],
    [
      'a value that does not fit',
      { kind: 'setParam', block: 'b', name: 'features', value: 0 },
      'Output features must be at least 1, not 0.',
    ],
    [
      'a text where a number belongs',
      { kind: 'setParam', block: 'b', name: 'features', value: '3' },
      'Output features must be a whole number, not "3".',
    ],
    [
      'a taken name',
      { kind: 'renameBlock', block: 'b', name: 'a' },
      'Another block is called "a" already; choose a name of its own.',
    ],
    [
      'an empty name',
      { kind: 'renameBlock', block: 'b', name: ' ' },
      'A name needs at least one character and no space at its ends.',
    ],
    ['a long name', { kind: 'renameBlock', block: 'b', name: long }, 'A name has at most 60 characters, this one 61.'],
    [
      'a wire to nowhere',
      { kind: 'connect', id: 'w9', wire: wire('a.x > q.x') },
      'The block q is not in the drawing any more.',
    ],
    [
      'an insertion over a block',
      { kind: 'insert', graph: { blocks: { a: node('relu', 'r') }, wires: {} } },
      'There is a block a already.',
    ],
    [
      'an insertion over a wire',
      { kind: 'insert', graph: { blocks: { z: node('relu', 'r') }, wires: { w1: wire('a.x > z.x') } } },
      'There is a wire w1 already.',
    ],
    [
      'an insertion with a taken name',
      { kind: 'insert', graph: { blocks: { z: node('relu', 'a') }, wires: {} } },
      'graph.blocks has two blocks called "a": a and z.',
    ],
    ['unpacking what is whole', { kind: 'unpack', block: 'a' }, 'a is not a composite, so there is nothing to unpack.'],
    [
      'a batch of half an example',
      { kind: 'setTraining', training: { ...base.training, batchSize: 0.5 } },
      'training.batchSize must be between 1 and 1000000, not 0.5.',
    ],
    [
      'a validation share of everything',
      { kind: 'setData', data: { ...base.data, split: { validation: 1, seed: 1 } } },
      'data.split.validation must be between 0 and 0.95, not 1.',
    ],
    [
      'a note that no file may hold',
      { kind: 'setDocument', note: 'n'.repeat(100_001) },
      'note has 100001 characters; at most 100000 are read.',
    ],
  ]
  test.each(refused)('%s is refused in a sentence and changes nothing', (_name, edit, message) => {
    const history = startHistory(base)
    expect(refusal(commit(history, edit))).toBe(message)
    expect(history).toEqual(startHistory(base))
  })

  test('edits of one gesture in a row are one step, named by where it ended', () => {
    let history = startHistory(base)
    const type = (name: string, gesture?: string) => {
      history = valueOf(commit(history, { kind: 'renameBlock', block: 'b', name }, gesture))
    }
    type('h', 'typing')
    type('hi', 'typing')
    type('hid', 'typing')
    expect(history.past).toHaveLength(1)
    expect(undoLabel(history)).toBe('Rename b to hid')
    type('hide', 'typing again')
    type('hidden')
    type('hiddenLayer')
    expect(history.past).toHaveLength(4)
    expect(undo(undo(undo(history))).document.graph.blocks['b']?.name).toBe('hid')
    expect(undo(undo(undo(undo(history)))).document).toBe(base)
    // After an undo the same gesture begins a new step, or the redone state would be lost.
    const resumed = valueOf(commit(undo(history), { kind: 'renameBlock', block: 'b', name: 'z' }, 'typing again'))
    expect(resumed.past).toHaveLength(4)
    expect(resumed.future).toEqual([])
  })

  test('undo and redo at the ends of the history do nothing', () => {
    const history = startHistory(base)
    expect(undo(history)).toBe(history)
    expect(redo(history)).toBe(history)
  })

  test('the history keeps 500 steps', () => {
    let history = startHistory(base)
    for (let i = 0; i < 520; i++)
      history = valueOf(commit(history, { kind: 'moveBlocks', positions: { a: { x: i, y: 0 } } }))
    expect(history.past).toHaveLength(500)
    for (let i = 0; i < 600; i++) history = undo(history)
    expect(history.document.graph.blocks['a']?.position.x).toBe(19)
  })
})

describe('names and ids', () => {
  test('a fresh id is taken by neither block nor wire', () => {
    const graph: Graph = {
      blocks: { b1: node('relu', 'x'), b3: node('relu', 'y') },
      wires: { b2: wire('b1.y > b3.x') },
    }
    expect(freshId(graph, 'b')).toBe('b4')
    expect(freshId(graph, 'toString')).toBe('toString1')
  })

  test('a fresh name counts up from its stem and stays short enough', () => {
    const graph = (...names: string[]): Graph => ({
      blocks: Object.fromEntries(names.map((name, i) => [`b${i}`, node('relu', name)])),
      wires: {},
    })
    expect(freshName(graph(), 'dense')).toBe('dense')
    expect(freshName(graph('dense', 'dense2', 'dense4'), 'dense')).toBe('dense3')
    expect(freshName(graph('dense7'), 'dense7')).toBe('dense2')
    const longest = 'n'.repeat(60)
    const fresh = freshName(graph(longest), longest)
    expect(fresh).toBe(`${'n'.repeat(59)}2`)
    expect(nameProblem(fresh)).toBeNull()
    expect(nameProblem(`${longest}2`), 'the control').not.toBeNull()
  })

  test('a copied fragment holds the chosen blocks and only the wires among them', () => {
    const fragment = copyFragment(base.graph, ['b', 'c'])
    expect(Object.keys(fragment.blocks)).toEqual(['b', 'c'])
    expect(Object.keys(fragment.wires)).toEqual(['w2'])
  })

  test('a fresh fragment fits beside its original, moved, with ids and names of its own', () => {
    const fragment = freshFragment(base.graph, copyFragment(base.graph, ['a', 'b', 'c']), { x: 10, y: 20 })
    expect(Object.values(fragment.blocks).map((one) => one.name)).toEqual(['a2', 'b2', 'c2'])
    expect(Object.values(fragment.blocks).map((one) => one.position)).toEqual(Array(3).fill({ x: 10, y: 20 }))
    const after = edited(base, { kind: 'insert', graph: fragment })
    expect(Object.keys(after.graph.blocks)).toHaveLength(6)
    expect(Object.keys(after.graph.wires)).toHaveLength(4)
    for (const { from, to } of Object.values(fragment.wires)) {
      expect(Object.keys(fragment.blocks)).toContain(from.block)
      expect(Object.keys(fragment.blocks)).toContain(to.block)
    }
    // The control: the copy as it is, without fresh ids, is refused.
    expect(applyEdit(base, { kind: 'insert', graph: copyFragment(base.graph, ['a']) }).ok).toBe(false)
  })

  test('a fragment that is moved off the canvas stays at its rim', () => {
    const fragment = freshFragment(base.graph, copyFragment(base.graph, ['a']), { x: 5e6, y: -5e6 })
    expect(Object.values(fragment.blocks)[0]?.position).toEqual({ x: 1e6, y: -1e6 })
  })
})

describe('unpacking', () => {
  /** The forward program without ids and block names: what is computed, from what. */
  function computation(document: GraphDocument): string[] {
    const { builder } = traceForward(document, flatten(document))
    const names = new Map<number, string>()
    for (const input of builder.inputs)
      names.set(input.value, `${input.role} ${JSON.stringify(builder.values[input.value])}`)
    const lines: string[] = []
    for (const { primitive, params, inputs, outputs } of builder.equations) {
      const line = `${primitive}(${inputs.map((id) => names.get(id) ?? '?').join(', ')}) ${JSON.stringify(params)}`
      outputs.forEach((id) => names.set(id, `#${line}#`))
      lines.push(line)
    }
    return lines.sort()
  }

  const unpacked = edited(withComposite(), { kind: 'unpack', block: 'c1' })

  test('gives the same computation as the composite', () => {
    const before = analyze(withComposite())
    const after = analyze(unpacked)
    expect(before.problems).toEqual([])
    expect(after.problems).toEqual([])
    expect(after.totals).toEqual(before.totals)
    expect(before.totals.parameters).toBe(2 * 5 + 5 + 5 * 2 + 2)
    expect(computation(unpacked)).toEqual(computation(withComposite()))
    expect(Object.keys(unpacked.graph.wires)).toHaveLength(5)
  })

  test('the comparison would notice another computation', () => {
    const dense = Object.entries(unpacked.graph.blocks).find(([, one]) => one.name === 'dense')?.[0] ?? ''
    const other = edited(unpacked, { kind: 'setParam', block: dense, name: 'bias', value: false })
    expect(computation(other)).not.toEqual(computation(withComposite()))
  })

  test('ports that stand for several inner ones, several users outside and composites inside all survive', () => {
    const inner = withComposite().graph.blocks['c1'] as BlockNode
    const outer: BlockNode = {
      ...node('composite', 'outer'),
      inside: {
        title: 'Outer',
        blocks: { c1: inner, c2: { ...inner, name: 'other' } },
        wires: {},
        inputs: {
          x: [
            { block: 'c1', port: 'x' },
            { block: 'c2', port: 'x' },
          ],
        },
        outputs: { p: { block: 'c1', port: 'y' }, q: { block: 'c2', port: 'y' } },
      },
    }
    const before = drawn(
      {
        in: node('input', 'points'),
        o: outer,
        d1: node('dense', 'd1', { features: 2 }),
        d2: node('dense', 'd2', { features: 2 }),
        t: node('target', 'target'),
        l1: node('rms', 'l1'),
        l2: node('crossEntropy', 'l2'),
      },
      [
        'in.x > o.x',
        'o.p > d1.x',
        'o.q > d2.x',
        'd1.y > l1.prediction',
        't.y > l1.target',
        'd2.y > l2.prediction',
        't.y > l2.target',
      ],
      emptyDocument(),
    )
    expect(analyze(before).problems).toEqual([])
    let now = before
    for (let i = 0; i < 3; i++) {
      const id = Object.entries(now.graph.blocks).find(([, one]) => one.inside)?.[0] ?? ''
      now = edited(now, { kind: 'unpack', block: id })
      expect(computation(now)).toEqual(computation(before))
      expect(analyze(now).totals).toEqual(analyze(before).totals)
      expect(valueOf(parseDocument(formatDocument(now), 'x.json'))).toEqual(now)
    }
    expect(Object.values(now.graph.blocks).some((one) => one.inside)).toBe(false)
  })
})
