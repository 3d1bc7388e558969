/** Expressions become numbers in phase 1: on the canvas, inside of composites, and through what composites show. */
import { describe, expect, test } from 'vitest'
import type { ParamValues } from '../../src/base/params.ts'
import { flatten } from '../../src/compiler/1-flatten.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import type { BlockNode, GraphDocument } from '../../src/document/types.ts'
import { drawn, edited, node, wire } from '../document/documents.ts'

function composite(name: string, inner: ParamValues, params: ParamValues, shows = true): BlockNode {
  return {
    ...node('composite', name, params),
    inside: {
      title: 'Layer',
      ...(shows ? { params: { size: { label: 'Size', targets: [{ block: 'd', param: 'features' }] } } } : {}),
      blocks: { d: node('dense', 'deep', inner), r: node('relu', 'relu') },
      wires: { w: wire('d.y > r.x') },
      inputs: { x: [{ block: 'd', port: 'x' }] },
      outputs: { y: { block: 'r', port: 'y' } },
    },
  }
}
/** Two inputs, then the blocks in a chain. */
function chain(
  blocks: { readonly [id: string]: BlockNode },
  constants: { readonly [name: string]: number },
): GraphDocument {
  const ids = Object.keys(blocks)
  const wires = ids.map((id, i) => `${i === 0 ? 'in' : ids[i - 1]}.${i === 0 ? 'x' : 'y'} > ${id}.x`)
  const document = drawn({ in: node('input', 'points'), ...blocks }, wires)
  return { ...document, constants }
}
const paramsOf = (document: GraphDocument, path: string) =>
  flatten(document).blocks.find((block) => block.path === path)?.params
const messages = (document: GraphDocument) => flatten(document).problems.map(({ message }) => message)

describe('an expression is its number', () => {
  const constants = { hidden: 12, k: 3 }
  test('on the canvas', () => {
    const document = chain({ a: node('dense', 'a', { features: '=hidden*2' }) }, constants)
    expect(paramsOf(document, 'a')).toMatchObject({ features: 24 })
    expect(analyze(document).blocks.get('a')).toMatchObject({ parameters: 2 * 24 + 24 })
  })
  test('inside of a composite', () => {
    const document = chain({ c: composite('c', { features: '=hidden-k' }, {}, false) }, constants)
    expect(paramsOf(document, 'c.deep')).toMatchObject({ features: 9 })
  })
  test('as the value that a composite shows and gives on', () => {
    const document = chain({ c: composite('c', { features: 5 }, { size: '=k*k' }) }, constants)
    expect(paramsOf(document, 'c.deep')).toMatchObject({ features: 9 })
  })
  test('as the default of what a composite shows', () => {
    const document = chain({ c: composite('c', { features: '=k+1' }, {}) }, constants)
    expect(paramsOf(document, 'c.deep')).toMatchObject({ features: 4 })
    expect(messages(document)).toEqual([])
  })
  test('through two composites', () => {
    const inner = composite('inner', { features: 5 }, { size: '=hidden' })
    const outer: BlockNode = {
      ...node('composite', 'outer', { width: '=hidden/k' }),
      inside: {
        title: 'Outer',
        params: { width: { label: 'Width', targets: [{ block: 'i', param: 'size' }] } },
        blocks: { i: inner },
        wires: {},
        inputs: { x: [{ block: 'i', port: 'x' }] },
        outputs: { y: { block: 'i', port: 'y' } },
      },
    }
    expect(paramsOf(chain({ o: outer }, constants), 'outer.inner.deep')).toMatchObject({ features: 4 })
  })
  test('in every copy and in another use of a block', () => {
    const stack = { ...composite('stack', { features: '=hidden' }, {}, false), repeat: 2 }
    const document = edited(chain({ s: stack }, constants), {
      kind: 'addUse',
      id: 'u',
      of: 's',
      position: { x: 0, y: 0 },
    })
    const sizes = flatten(document).blocks.flatMap(({ params }) => params['features'] ?? [])
    expect(sizes).toEqual([12, 12, 12, 12])
  })
  test('for both halves of a pair', () => {
    const document = chain({ c: node('conv2d', 'c', { filters: '=hidden', kernel: '=k' }) }, constants)
    expect(paramsOf(document, 'c')).toMatchObject({ filters: 12, kernel: [3, 3] })
  })
  test('and follows its constants', () => {
    const document = chain({ a: node('dense', 'a', { features: '=hidden*2' }) }, constants)
    const other = edited(document, { kind: 'setConstant', name: 'hidden', value: 100 })
    expect(paramsOf(other, 'a')).toMatchObject({ features: 200 })
    const renamed = edited(other, { kind: 'renameConstant', name: 'hidden', to: 'width' })
    expect(flatten(renamed).blocks.map(({ params }) => params)).toEqual(
      flatten(other).blocks.map(({ params }) => params),
    )
  })
})

test('a drawing with expressions is the drawing with their numbers', () => {
  const with_ = chain(
    { a: node('dense', 'a', { features: '=hidden*2' }), c: composite('c', { features: 3 }, { size: '=hidden' }) },
    { hidden: 6 },
  )
  const without = chain(
    { a: node('dense', 'a', { features: 12 }), c: composite('c', { features: 3 }, { size: 6 }) },
    {},
  )
  const wrong = chain({ a: node('dense', 'a', { features: 12 }), c: composite('c', { features: 3 }, {}) }, {})
  const told = (document: GraphDocument) => [...analyze(document).blocks.values()].map(({ outputs }) => outputs)
  expect(told(with_)).toEqual(told(without))
  expect(told(with_)).not.toEqual(told(wrong))
  expect(analyze(with_).totals).toEqual(analyze(without).totals)
})

describe('an expression that gives nothing is a problem of its field:', () => {
  test('a name that is gone', () => {
    const document = chain({ a: node('dense', 'a', { features: '=gone*2' }) }, { hidden: 6 })
    expect(messages(document)).toEqual([
      'Dense a: Output features names “gone”, which is no constant of this document (it has hidden).',
    ])
    expect(flatten(document).problems[0]?.place).toMatchObject({ block: 'a', field: 'features' })
  })
  test('a number that does not fit', () => {
    const document = chain({ a: node('dense', 'a', { features: '=hidden/4' }) }, { hidden: 6 })
    expect(messages(document)).toEqual(['Dense a: Output features must be a whole number, not 1.5.'])
  })
  test('said of the composite that shows it', () => {
    const document = chain({ c: composite('c', { features: 5 }, { size: '=gone' }) }, {})
    expect(messages(document)).toHaveLength(1)
    expect(flatten(document).problems[0]).toMatchObject({
      message: 'Layer c: Size names “gone”, which is no constant of this document.',
      place: { block: 'c', field: 'size' },
    })
  })
})
