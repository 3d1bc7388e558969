import { describe, expect, test } from 'vitest'
import {
  carryCorrections,
  correctionsKey,
  MAX_CORRECTIONS,
  rowsKey,
  withCorrections,
} from '../../src/document/corrections.ts'
import { documentHash, emptyDocument, formatDocument, parseDocument } from '../../src/document/file.ts'
import { commit, startHistory, undo, undoLabel } from '../../src/document/history.ts'
import type { Column, Corrections, DataSection, GraphDocument, TableSource } from '../../src/document/types.ts'

const column = (name: string, role: Column['role'], categories?: readonly string[]): Column =>
  categories ? { name, role, kind: 'categorical', categories } : { name, role, kind: 'numeric' }
const flowers: TableSource = {
  kind: 'table',
  reader: 'csv',
  options: {},
  files: [{ name: 'flowers.csv', size: 10, sha256: 'a'.repeat(64) }],
  columns: [column('width', 'feature'), column('height', 'feature'), column('kind', 'target', ['rose', 'tulip'])],
}
const prices: TableSource = {
  ...flowers,
  columns: [column('width', 'feature'), column('price', 'target'), column('weight', 'target')],
}
const withData = (source: TableSource, corrections?: unknown): GraphDocument => {
  const document = emptyDocument()
  return { ...document, data: { ...document.data, source, ...(corrections ? { corrections } : {}) } as DataSection }
}
const reread = (document: GraphDocument) => parseDocument(JSON.stringify(document), 'net.json')
const good: Corrections = { 0: { exclude: true }, 7: { target: 'tulip' }, 149: { target: 'rose' } }

describe('in a file', () => {
  test('come back as they were written, and count as a change of what is computed', () => {
    const document = withData(flowers, good)
    const again = parseDocument(formatDocument(document), 'net.json')
    expect(again).toEqual({ ok: true, value: document })
    expect(documentHash(document)).not.toBe(documentHash(withData(flowers)))
    expect(formatDocument(document)).toContain('"0": { "exclude": true }')
    expect(correctionsKey({ corrections: good })).not.toBe(correctionsKey({}))
    expect(correctionsKey({ corrections: {} })).toBe(correctionsKey({}))
  })

  test('several numbers are a list', () => {
    expect(reread(withData(prices, { 3: { target: [1.5, -2] } }))).toMatchObject({ ok: true })
    const one = { ...prices, columns: prices.columns.slice(0, 2) }
    expect(reread(withData(one, { 3: { target: 1.5 } }))).toMatchObject({ ok: true })
  })

  const bad: readonly (readonly [name: string, corrections: unknown, field: string, says: RegExp])[] = [
    ['a list', [{ exclude: true }], 'data.corrections', /must be an object, not a list/],
    ['no row', { '1.5': { exclude: true } }, 'data.corrections', /names "1.5", which is no row/],
    ['a negative row', { '-1': { exclude: true } }, 'data.corrections', /names "-1"/],
    ['a row spelt otherwise', { '07': { exclude: true } }, 'data.corrections', /names "07"/],
    ['more rows than can be counted', { 4294967295: { exclude: true } }, 'data.corrections', /names "4294967295"/],
    [
      'a prototype',
      JSON.parse('{"__proto__": {"exclude": true}}'),
      'data.corrections.__proto__',
      /no document may use/,
    ],
    ['nothing', { 7: {} }, 'data.corrections.7', /must have either/],
    ['both', { 7: { exclude: true, target: 'rose' } }, 'data.corrections.7', /must have either/],
    ['not left out', { 7: { exclude: false } }, 'data.corrections.7.exclude', /must be true/],
    ['a strange class', { 7: { target: 'oak' } }, 'data.corrections.7.target', /classes \(rose, tulip\)/],
    ['a code', { 7: { target: 1 } }, 'data.corrections.7.target', /one of the target's classes/],
    ['text', { 7: 'rose' }, 'data.corrections.7', /must be an object/],
  ]
  test.each(bad)('%s is refused by its field', (_, corrections, field, says) => {
    const read = reread(withData(flowers, corrections))
    if (read.ok) throw new Error('it was taken')
    expect(read.problems[0]?.place?.field).toBe(field)
    expect(read.problems[0]?.message).toMatch(says)
  })

  test('numbers must be as many as the target has', () => {
    for (const target of ['1', 1, [1], [1, 2, 3], [1, null], [1, '2']])
      expect(reread(withData(prices, { 7: { target } })), JSON.stringify(target)).toMatchObject({
        ok: false,
        problems: [{ message: expect.stringContaining('a list of 2 numbers (price, weight)') as string }],
      })
  })

  test('there are not more than may be', () => {
    const many = Object.fromEntries(Array.from({ length: MAX_CORRECTIONS + 1 }, (_, i) => [i, { exclude: true }]))
    expect(reread(withData(flowers, many))).toMatchObject({
      ok: false,
      problems: [
        { place: { field: 'data.corrections' }, message: expect.stringContaining('at most 100000') as string },
      ],
    })
    delete many[0]
    expect(reread(withData(flowers, many))).toMatchObject({ ok: true })
  })
})

describe('when the data change', () => {
  const before = withData(flowers, good).data
  const kept = (after: Partial<DataSection>) => carryCorrections(before, { ...before, ...after }).corrections

  test('they stay with the same rows, whatever is made of them', () => {
    expect(kept({ split: { validation: 0.5, seed: 9 } })).toBe(good)
    expect(kept({ source: { ...flowers, files: [...flowers.files] } })).toBe(good)
    const roles = flowers.columns.map((one) => (one.name === 'width' ? { ...one, role: 'ignore' as const } : one))
    expect(kept({ source: { ...flowers, columns: roles } })).toBe(good)
    // Their codes are others now, their names are not.
    const sorted = [...flowers.columns.slice(0, 2), column('kind', 'target', ['tulip', 'oak', 'rose'])]
    expect(kept({ source: { ...flowers, columns: sorted } })).toBe(good)
  })

  test('other rows have none of them', () => {
    const [file] = flowers.files
    if (!file) throw new Error('no file')
    const other = { ...flowers, files: [{ ...file, sha256: 'b'.repeat(64) }] }
    for (const source of [other, { ...flowers, options: { bad: 'skip' } }, emptyDocument().data.source]) {
      expect(rowsKey(source)).not.toBe(rowsKey(flowers))
      expect(kept({ source })).toBeUndefined()
      expect('corrections' in carryCorrections(before, { ...before, source })).toBe(false)
    }
  })

  test('another target, or one without the class, keeps what was left out', () => {
    const only = { 0: { exclude: true } }
    expect(kept({ source: prices })).toEqual(only)
    const fewer = [...flowers.columns.slice(0, 2), column('kind', 'target', ['rose', 'oak'])]
    expect(kept({ source: { ...flowers, columns: fewer } })).toEqual({ ...only, 149: { target: 'rose' } })
    const others = [...flowers.columns.slice(0, 2), column('sort', 'target', ['rose', 'tulip'])]
    expect(kept({ source: { ...flowers, columns: others } })).toEqual(only)
  })

  test('an edit drops them as one step, which says so and is undone whole', () => {
    const start = startHistory(withData(flowers, good))
    const spiral = { ...start.document.data, source: emptyDocument().data.source }
    const changed = commit(start, { kind: 'setData', data: spiral })
    if (!changed.ok) throw new Error(changed.problems[0]?.message)
    expect(changed.value.document.data.corrections).toBeUndefined()
    expect(undoLabel(changed.value)).toBe('Change data, drop 3 corrections')
    expect(undo(changed.value).document).toBe(start.document)
    const harmless = { ...start.document.data, split: { validation: 0.5, seed: 2 } }
    const same = commit(start, { kind: 'setData', data: harmless })
    expect(same.ok && undoLabel(same.value)).toBe('Change data')
  })
})

test('one is put beside the others, replaced, and taken back', () => {
  const data = withData(flowers, good).data
  const more = withCorrections(data, { 7: { exclude: true }, 9: { target: 'rose' } })
  expect(more.corrections).toEqual({ ...good, 7: { exclude: true }, 9: { target: 'rose' } })
  expect(data.corrections).toBe(good)
  expect(withCorrections(more, { 7: null }).corrections).toEqual({ 0: good[0], 149: good[149], 9: { target: 'rose' } })
  expect(withCorrections(data, { 0: null, 7: null, 149: null })).not.toHaveProperty('corrections')
})
