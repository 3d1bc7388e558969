/** The document's constants: added, renamed everywhere, not deleted while something names them, kept in files. */
import { describe, expect, test } from 'vitest'
import { MAX_CONSTANTS } from '../../src/document/constants.ts'
import { applyEdit } from '../../src/document/edits.ts'
import { documentHash, emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'
import { drawn, edited, node, refusal } from './documents.ts'

/** `hidden` is named on the canvas, inside of a composite, and by what the composite shows. */
function document(): GraphDocument {
  const inner = {
    ...node('composite', 'inner'),
    inside: {
      title: 'Inner',
      blocks: { d: node('dense', 'deep', { features: '=hidden-1' }) },
      wires: {},
      inputs: { x: [{ block: 'd', port: 'x' }] },
      outputs: { y: { block: 'd', port: 'y' } },
    },
  }
  const outer = {
    ...node('composite', 'outer', { size: '=hidden * other' }),
    inside: {
      title: 'Outer',
      params: { size: { label: 'Size', targets: [{ block: 'e', param: 'features' }] } },
      blocks: { i: inner, e: node('dense', 'end', { features: 3 }) },
      wires: { w: { from: { block: 'i', port: 'y' }, to: { block: 'e', port: 'x' } } },
      inputs: { x: [{ block: 'i', port: 'x' }] },
      outputs: { y: { block: 'e', port: 'y' } },
    },
  }
  return edited(
    drawn({ a: node('dense', 'first', { features: '=2*hidden' }), b: outer, c: node('dense', 'plain') }, []),
    { kind: 'setConstant', name: 'hidden', value: 8 },
    { kind: 'setConstant', name: 'other', value: 2 },
  )
}

const constantsOf = ({ constants }: GraphDocument) => constants

test('a constant is added, changed and deleted; without any the document has no such field', () => {
  const start = emptyDocument()
  const one = edited(start, { kind: 'setConstant', name: 'hidden', value: 8 })
  expect(constantsOf(one)).toEqual({ hidden: 8 })
  expect(constantsOf(edited(one, { kind: 'setConstant', name: 'hidden', value: -0.5 }))).toEqual({ hidden: -0.5 })
  const none = edited(one, { kind: 'setConstant', name: 'hidden', value: null })
  expect(none).toEqual(start)
  expect('constants' in none).toBe(false)
})

test.each([
  ['2n', 1, 'begins with a letter'],
  ['toString', 1, `A constant can't be called "toString"`],
  ['n', NaN, 'n must be a number, not NaN'],
  ['n', Infinity, 'n must be a number, not Infinity'],
])('%s = %s is refused', (name, value, why) => {
  expect(refusal(applyEdit(emptyDocument(), { kind: 'setConstant', name, value }))).toContain(why)
})

test('there is a last one', () => {
  const full = Object.fromEntries(Array.from({ length: MAX_CONSTANTS }, (_, i) => [`n${i}`, i]))
  const document: GraphDocument = { ...emptyDocument(), constants: full }
  expect(parseDocument(formatDocument(document), 'a.json').ok).toBe(true)
  expect(refusal(applyEdit(document, { kind: 'setConstant', name: 'more', value: 1 }))).toContain('at most 1000')
  expect(applyEdit(document, { kind: 'setConstant', name: 'n7', value: 1 }).ok).toBe(true)
})

test('a new name reaches every expression, also inside of composites', () => {
  const now = edited(document(), { kind: 'renameConstant', name: 'hidden', to: 'width' })
  expect(now.constants).toEqual({ width: 8, other: 2 })
  expect(Object.keys(now.constants ?? {})).toEqual(['width', 'other'])
  const { a, b } = now.graph.blocks
  expect(a?.params).toEqual({ features: '=2*width' })
  expect(b?.params).toEqual({ size: '=width * other' })
  expect(b?.inside?.blocks['i']?.inside?.blocks['d']?.params).toEqual({ features: '=width-1' })
  expect(formatDocument(now)).not.toContain('hidden')
})

test.each([
  ['gone', 'x', 'There is no constant called "gone"'],
  ['hidden', 'other', 'There is a constant called "other" already'],
  ['hidden', 'a b', 'begins with a letter'],
])('%s is not renamed to %s', (name, to, why) => {
  expect(refusal(applyEdit(document(), { kind: 'renameConstant', name, to }))).toContain(why)
})

describe('a constant that is named', () => {
  const give = (block: string, name: string) => ({ kind: 'setParam', block, name, value: 5 }) as const
  test('is not deleted; who names it is told, as deep as it is', () => {
    const remove = { kind: 'setConstant', name: 'hidden', value: null } as const
    let now = document()
    expect(refusal(applyEdit(now, remove))).toBe(
      'The constant hidden is used by the block first; give that a value of its own first.',
    )
    now = edited(now, give('a', 'features'))
    expect(refusal(applyEdit(now, remove))).toContain('by the block outer;')
    now = edited(now, give('b', 'size'))
    expect(refusal(applyEdit(now, remove))).toContain('by the block outer.inner.deep;')
    now = edited(now, { kind: 'inside', path: ['b', 'i'], edit: give('d', 'features') })
    expect(valueOf(applyEdit(now, remove)).constants).toEqual({ other: 2 })
  })
})

test('files keep constants and expressions as they were written', () => {
  const before = document()
  const after = valueOf(parseDocument(formatDocument(before), 'a.json'))
  expect(after).toEqual(before)
  expect(formatDocument(after)).toBe(formatDocument(before))
})

test('a file with a constant that can not be is refused with its name', () => {
  const text = (constants: unknown) => JSON.stringify({ ...document(), constants })
  expect(refusal(parseDocument(text({ '2n': 1 }), 'a.json'))).toContain('"2n"')
  expect(refusal(parseDocument(text({ n: '3' }), 'a.json'))).toContain('constants.n')
  expect(parseDocument(text({ n: 3 }), 'a.json').ok).toBe(true)
})

test('a constant is part of what is trained, so another value is another network', () => {
  const before = document()
  const other = edited(before, { kind: 'setConstant', name: 'hidden', value: 9 })
  expect(documentHash(other)).not.toBe(documentHash(before))
  expect(documentHash(edited(other, { kind: 'setConstant', name: 'hidden', value: 8 }))).toBe(documentHash(before))
})
