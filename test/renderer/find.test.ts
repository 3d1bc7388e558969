/** What is found in a drawing, and what is not. */
import { describe, expect, test } from 'vitest'
import { examples } from '../../renderer/state/library.ts'
import { findIn, knownOf, shapeAsked, shapeFits, spotsOf } from '../../renderer/state/find.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { applyEdit, type Edit } from '../../src/document/edits.ts'
import type { GraphDocument } from '../../src/document/types.ts'

const shipped = (id: string): GraphDocument => {
  const found = examples.find((example) => example.id === id)
  if (!found) throw new Error(`There is no example ${id}.`)
  return found.document
}
const edited = (document: GraphDocument, ...edits: readonly Edit[]): GraphDocument =>
  edits.reduce((now, edit) => {
    const result = applyEdit(now, edit)
    if (!result.ok) throw new Error(result.problems[0]?.message)
    return result.value
  }, document)
const idOf = (document: GraphDocument, name: string) =>
  Object.keys(document.graph.blocks).find((id) => document.graph.blocks[id]?.name === name) ?? ''
/** Names, with those of the composites on the way. */
const find = (document: GraphDocument, query: string) =>
  findIn(spotsOf(document.graph), analyze(document), query).map(({ way, title }) => [...way, title].join('/'))

const digits = shipped('stroke-digits')

test('by name, kind and what people call it; nothing where nothing is asked', () => {
  expect(find(digits, 'conv1')).toEqual(['conv1'])
  expect(find(digits, 'Conv2D')).toEqual(['conv1', 'conv2'])
  expect(find(digits, 'fully connected').sort()).toEqual(['digits', 'hidden'])
  expect(find(digits, '  ')).toEqual([])
  expect(find(digits, 'xyzzy')).toEqual([])
})

test('by the shape of a value at one of its ports', () => {
  // 28 × 28 pixels come out of the input and go into the first convolution; nothing else has that size.
  expect(find(digits, '28x28x*')).toEqual(['pixels', 'conv1'])
  expect(find(digits, '28×28×1')).toEqual(['pixels', 'conv1'])
  expect(find(digits, '28x28')).toEqual([])
  expect(find(digits, '28x')).toEqual(['pixels', 'conv1'])
  expect(find(digits, '*x10').sort()).toEqual(['digits', 'loss', 'softmax', 'target'])
  expect(find(digits, '*x11')).toEqual([])
})

test('several words must all fit', () => {
  expect(find(digits, 'dense *x10')).toEqual(['digits'])
  expect(find(digits, '*x10 dense')).toEqual(['digits'])
  expect(find(digits, 'dense *x11')).toEqual([])
})

describe('by state', () => {
  test('what is wrong, and not what is right', () => {
    expect(find(digits, 'error')).toEqual([])
    const broken = edited(digits, {
      kind: 'setParam',
      block: idOf(digits, 'conv1'),
      name: 'kernel',
      value: [99, 99],
    })
    expect(find(broken, 'error')).toContain('conv1')
    expect(find(broken, 'errors')).toEqual(find(broken, 'error'))
    expect(find(broken, 'error')).not.toContain('pixels')
    expect(find(broken, 'error softmax')).toEqual([])
  })
  test('what is left out', () => {
    const relu = idOf(digits, 'relu1')
    expect(find(digits, 'bypassed')).toEqual([])
    expect(find(edited(digits, { kind: 'setBypassed', blocks: [relu], bypassed: true }), 'bypassed')).toEqual(['relu1'])
  })
  test('what shares its weights, on both sides', () => {
    const again = edited(digits, {
      kind: 'addUse',
      id: 'again',
      of: idOf(digits, 'hidden'),
      position: { x: 0, y: 0 },
    })
    const names = find(again, 'shared')
    expect(names).toHaveLength(2)
    expect(names).toContain('hidden')
    expect(find(digits, 'shared')).toEqual([])
  })
  test('a block that is called like a state is found by its name', () => {
    const named = edited(digits, { kind: 'renameBlock', block: idOf(digits, 'relu1'), name: 'error1' })
    expect(find(named, 'error')).toEqual(['error1'])
  })
})

describe('inside of composites', () => {
  const inception = shipped('inception')
  test('blocks are found with the way to them, and open their canvas', () => {
    expect(find(inception, 'conv3x3')).toEqual(['inception1/conv3x3', 'inception2/conv3x3', 'inception3/conv3x3'])
    const [first] = findIn(spotsOf(inception.graph), analyze(inception), 'conv3x3')
    expect(first?.path).toEqual([idOf(inception, 'inception1')])
    expect(inception.graph.blocks[first?.path[0] ?? '']?.inside?.blocks[first?.block ?? '']?.name).toBe('conv3x3')
  })
  test('shapes are those that hold there', () => {
    const shapes = spotsOf(inception.graph)
      .filter(({ key }) => key.includes('/'))
      .map((spot) => knownOf(analyze(inception), spot).shapes.length)
    expect(shapes.length).toBeGreaterThan(20)
    expect(Math.min(...shapes)).toBeGreaterThan(0)
  })
  test('a problem is found where it is, not at the composite around it', () => {
    const block = idOf(inception, 'inception2')
    const inside = inception.graph.blocks[block]?.inside
    const conv = Object.keys(inside?.blocks ?? {}).find((id) => inside?.blocks[id]?.name === 'conv1x1') ?? ''
    const broken = edited(inception, {
      kind: 'inside',
      path: [block],
      edit: { kind: 'setParam', block: conv, name: 'groups', value: 7 },
    })
    expect(analyze(broken).blocks.get(block)?.problems.length).toBeGreaterThan(0)
    expect(find(broken, 'error')).toContain('inception2/conv1x1')
    expect(find(broken, 'error')).not.toContain('inception2')
  })
  test('the inside of what is shared is met once', () => {
    const again = edited(inception, {
      kind: 'addUse',
      id: 'again',
      of: idOf(inception, 'inception1'),
      position: { x: 0, y: 0 },
    })
    expect(find(again, 'conv3x3')).toHaveLength(3)
  })
})

describe('shapes as they are typed', () => {
  test.each([
    ['64x*', ['64', '*']],
    ['28×28x*', ['28', '28', '*']],
    ['*x10', ['*', '10']],
    ['Bx10', ['b', '10']],
    ['28x', ['28', '*']],
  ])('%s', (word, axes) => {
    expect(shapeAsked(word)).toEqual(axes)
  })
  test.each(['64', 'x', 'box', 'conv3x3', 'x10', '*', '3xx3'])('%s is no shape', (word) => {
    expect(shapeAsked(word)).toBeNull()
  })
  test('a star stands for any axes, or none; the batch may be left out', () => {
    const shape = [2, 28, 28, 8]
    for (const word of ['28x28x8', 'bx28x28x8', '*x8', '28x*', '28x*x8', '28x28x8x*', '*x28x*'])
      expect(shapeFits(shapeAsked(word) ?? [], shape), word).toBe(true)
    // Neither the size of the batch, which is nobody's, nor a part of the axes.
    for (const word of ['2x28x28x8', '28x28', '28x8x28', '*x28', '8x*', '28x28x8x1'])
      expect(shapeFits(shapeAsked(word) ?? [], shape), word).toBe(false)
    expect(shapeFits(['*', '*'], [])).toBe(false)
  })
})
