import { describe, expect, test } from 'vitest'
import { analyze } from '../../src/compiler/analyze.ts'
import { chainPorts, contentOf } from '../../src/document/composites.ts'
import { applyEdit, within, type Edit } from '../../src/document/edits.ts'
import { formatDocument, parseDocument } from '../../src/document/file.ts'
import { connected, downstream, upstream } from '../../src/document/reach.ts'
import type { BlockId, GraphDocument } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'
import { whole } from '../helpers/whole-network.ts'
import { shipped } from '../models/shipped.ts'
import { drawn, edited, node, refusal } from './documents.ts'

/** input → dense → relu → out → softmax → loss, and the target. */
function network(): GraphDocument {
  return drawn(
    {
      x: node('input', 'x'),
      d: node('dense', 'hidden', { features: 2 }),
      r: node('relu', 'relu'),
      o: node('dense', 'out', { features: 2 }),
      t: node('target', 'target'),
      l: node('crossEntropy', 'loss', { expects: 'logits' }),
    },
    ['x.x > d.x', 'd.y > r.x', 'r.y > o.x', 'o.y > l.prediction', 't.y > l.target'],
  )
}

const ends = (document: GraphDocument) =>
  Object.values(document.graph.wires)
    .map(({ from, to }) => `${from.block}.${from.port} > ${to.block}.${to.port}`)
    .sort()
const byName = (document: GraphDocument, name: string): BlockId =>
  Object.entries(document.graph.blocks).find(([, block]) => block.name === name)?.[0] ?? ''

test('the network of these tests is sound', () => {
  expect(analyze(network()).problems).toEqual([])
})

describe('bypassing', () => {
  // Two independent ways to leave a block out must compute the same.
  test.each(['relu', 'hidden'])('%s computes what is computed without it', (name) => {
    const document = network()
    const id = byName(document, name)
    const bypassed = edited(document, { kind: 'setBypassed', blocks: [id], bypassed: true })
    const dissolved = edited(document, { kind: 'dissolve', blocks: [id] })
    expect(whole(bypassed)).toEqual(whole(dissolved))
    expect(whole(bypassed).loss).not.toEqual(whole(document).loss)
  })
  test('every block of the examples that can be bypassed where shapes allow computes the same without it', () => {
    let compared = 0
    for (const name of ['iris', 'xor', 'spiral', 'sine-tanh']) {
      const document = shipped(name)
      for (const [id, block] of Object.entries(document.graph.blocks)) {
        const content = contentOf(document.graph, id)
        if (!content || !chainPorts(content) || block.shares !== undefined) continue
        const bypassed = edited(document, { kind: 'setBypassed', blocks: [id], bypassed: true })
        const dissolved = edited(document, { kind: 'dissolve', blocks: [id] })
        const problems = (one: GraphDocument) => analyze(one).problems.filter(({ severity }) => severity === 'error')
        expect(problems(bypassed).length > 0, `${name}: ${block.name}`).toBe(problems(dissolved).length > 0)
        if (problems(bypassed).length > 0) continue
        expect(whole(bypassed), `${name}: ${block.name}`).toEqual(whole(dissolved))
        compared++
      }
    }
    expect(compared).toBeGreaterThan(5)
  })
  test('its shape is that of what comes in, and it learns nothing', () => {
    const document = edited(network(), { kind: 'setParam', block: 'd', name: 'features', value: 7 })
    const bypassed = edited(document, { kind: 'setBypassed', blocks: ['d'], bypassed: true })
    const found = analyze(bypassed)
    expect(found.problems).toEqual([])
    expect(found.blocks.get('d')?.outputs['y']?.shape.slice(1)).toEqual([2])
    expect(found.blocks.get('d')?.parameters).toBe(0)
    expect(found.blocks.get('o')?.parameters).toBe(2 * 2 + 2)
  })
  test('what follows says so where it does not fit any more', () => {
    const document = shipped('stroke-digits')
    const flatten = byName(document, 'flatten')
    const bypassed = edited(document, { kind: 'setBypassed', blocks: [flatten], bypassed: true })
    expect(analyze(bypassed).problems.some(({ severity }) => severity === 'error')).toBe(true)
  })
  test('what has no one way through is refused in words; with others, these are bypassed', () => {
    const refused = applyEdit(network(), { kind: 'setBypassed', blocks: ['l'], bypassed: true })
    expect(refusal(refused)).toMatch(/loss can't be bypassed/)
    const both = edited(network(), { kind: 'setBypassed', blocks: ['l', 'r'], bypassed: true })
    expect(both.graph.blocks['r']?.bypassed).toBe(true)
    expect(both.graph.blocks['l']?.bypassed).toBeUndefined()
  })
  test('a file that bypasses a loss is opened, and says what is wrong', () => {
    const text = formatDocument(network()).replace(/("name": "loss",)/, '"bypassed": true, $1')
    const document = valueOf(parseDocument(text, 'a.json'))
    expect(
      analyze(document)
        .problems.map(({ message }) => message)
        .join(),
    ).toMatch(/loss can't be bypassed/)
  })
  test('a composite is passed by as a whole, and a second use by itself', () => {
    const grouped = edited(network(), { kind: 'group', blocks: ['d', 'r'], id: 'c', title: 'Part' })
    const bypassed = edited(grouped, { kind: 'setBypassed', blocks: ['c'], bypassed: true })
    const dissolved = edited(network(), { kind: 'dissolve', blocks: ['d', 'r'] })
    expect(whole(bypassed)).toEqual(whole(dissolved))

    const twice = edited(network(), { kind: 'addUse', id: 'u', of: 'd', position: { x: 0, y: 0 } })
    const use = edited(twice, { kind: 'setBypassed', blocks: ['u'], bypassed: true })
    expect(contentOf(use.graph, 'u')?.bypassed).toBe(true)
    expect(contentOf(use.graph, 'd')?.bypassed).toBeUndefined()
    const original = edited(twice, { kind: 'setBypassed', blocks: ['d'], bypassed: true })
    expect(contentOf(original.graph, 'u')?.bypassed).toBeUndefined()
  })
  test('taken in again it is what it was', () => {
    const there = edited(network(), { kind: 'setBypassed', blocks: ['r'], bypassed: true })
    const back = edited(there, { kind: 'setBypassed', blocks: ['r'], bypassed: false })
    expect(formatDocument(back)).toBe(formatDocument(network()))
  })
})

describe('deleting and reconnecting', () => {
  test('joins what was before with what comes after', () => {
    expect(ends(edited(network(), { kind: 'dissolve', blocks: ['r'] }))).toEqual(
      ['x.x > d.x', 'd.y > o.x', 'o.y > l.prediction', 't.y > l.target'].sort(),
    )
  })
  test('of several in a row at once', () => {
    const left = edited(network(), { kind: 'dissolve', blocks: ['r', 'd', 'o'] })
    expect(ends(left)).toEqual(['x.x > l.prediction', 't.y > l.target'].sort())
  })
  test('what has several inputs just goes', () => {
    expect(ends(edited(network(), { kind: 'dissolve', blocks: ['l'] }))).toHaveLength(3)
  })
  test('inside of a composite a tie to its rim goes on', () => {
    const grouped = edited(network(), { kind: 'group', blocks: ['d', 'r'], id: 'c', title: 'Part' })
    const left = edited(grouped, within({ kind: 'dissolve', blocks: ['d'] }, ['c']))
    const inside = left.graph.blocks['c']?.inside
    expect(inside?.inputs).toEqual({ x: [{ block: 'r', port: 'x' }] })
    expect(inside?.outputs).toEqual({ y: { block: 'r', port: 'y' } })
  })
})

describe('putting on a wire', () => {
  const added = () => edited(network(), { kind: 'addBlock', id: 'n', node: node('dropout', 'dropout') })
  const wireTo = (document: GraphDocument, block: BlockId) =>
    Object.entries(document.graph.wires).find(([, { to }]) => to.block === block)?.[0] ?? ''
  test('leads the wire through the block', () => {
    const document = added()
    const done = edited(document, { kind: 'insertOnWire', wire: wireTo(document, 'o'), block: 'n', id: 'w9' })
    expect(ends(done)).toEqual(
      ['x.x > d.x', 'd.y > r.x', 'r.y > n.x', 'n.y > o.x', 'o.y > l.prediction', 't.y > l.target'].sort(),
    )
    expect(analyze(done).problems).toEqual([])
  })
  test('is the opposite of deleting and reconnecting', () => {
    const document = added()
    const done = edited(document, { kind: 'insertOnWire', wire: wireTo(document, 'o'), block: 'n', id: 'w9' })
    expect(ends(edited(done, { kind: 'dissolve', blocks: ['n'] }))).toEqual(ends(network()))
  })
  test('is refused in words where it makes no sense', () => {
    const document = added()
    const put = (edit: Partial<Extract<Edit, { kind: 'insertOnWire' }>>) =>
      refusal(applyEdit(document, { kind: 'insertOnWire', wire: wireTo(document, 'o'), block: 'n', id: 'w9', ...edit }))
    expect(put({ block: 'l' })).toMatch(/loss can't be put on a wire/)
    expect(put({ block: 'r' })).toMatch(/own/)
    expect(put({ wire: 'gone' })).toMatch(/not in the drawing/)
    expect(put({ id: 'w1' })).toMatch(/w1 already/)
  })
})

describe('replacing', () => {
  const template = (type: string) => ({ type, name: type, params: {} })
  test('keeps the wires, the place, and values of the same name', () => {
    const document = edited(network(), { kind: 'moveBlocks', positions: { d: { x: 40, y: 80 } } })
    const done = edited(document, { kind: 'replaceBlock', block: 'd', node: template('conv1d') })
    expect(ends(done)).toEqual(ends(document))
    expect(done.graph.blocks['d']).toMatchObject({ type: 'conv1d', name: 'hidden', position: { x: 40, y: 80 } })
    const again = edited(network(), { kind: 'replaceBlock', block: 'd', node: template('dense') })
    expect(again.graph.blocks['d']?.params).toEqual({ features: 2 })
  })
  test('a name that nobody chose becomes that of the new kind', () => {
    const done = edited(network(), { kind: 'replaceBlock', block: 'r', node: template('gelu') })
    expect(done.graph.blocks['r']?.name).toBe('gelu')
  })
  test('one loss by another keeps both its wires', () => {
    const done = edited(network(), { kind: 'replaceBlock', block: 'l', node: template('rms') })
    expect(ends(done)).toEqual(ends(network()))
  })
  test('a port that the new one lacks loses its wire', () => {
    const done = edited(network(), { kind: 'replaceBlock', block: 'l', node: template('relu') })
    expect(ends(done).filter((end) => end.includes('> l.'))).toEqual(['o.y > l.x'])
  })
  test('other uses stay what they were', () => {
    const twice = edited(network(), { kind: 'addUse', id: 'u', of: 'd', position: { x: 0, y: 0 } })
    const done = edited(twice, { kind: 'replaceBlock', block: 'd', node: template('relu') })
    expect(done.graph.blocks['u']).toMatchObject({ type: 'dense', params: { features: 2 } })
    expect(done.graph.blocks['u']?.shares).toBeUndefined()
  })
})

describe('frames, notes and points', () => {
  const frame = {
    kind: 'frame' as const,
    text: 'Head',
    position: { x: 0, y: 0 },
    size: { width: 200, height: 100 },
    colour: 'blue' as const,
  }
  test('survive a file and mean nothing to the network', () => {
    const [wire = ''] = Object.keys(network().graph.wires)
    const document = edited(
      network(),
      { kind: 'setAnnotation', id: 'a1', annotation: frame },
      { kind: 'setRoute', wire, via: [{ x: 8, y: 16 }] },
    )
    const opened = valueOf(parseDocument(formatDocument(document), 'a.json'))
    expect(opened).toEqual(document)
    expect(whole(opened)).toEqual(whole(network()))
  })
  test('the last one that goes leaves no trace', () => {
    const document = edited(network(), { kind: 'setAnnotation', id: 'a1', annotation: frame })
    expect(edited(document, { kind: 'setAnnotation', id: 'a1', annotation: null })).toEqual(network())
    expect(edited(document, { kind: 'removeItems', blocks: [], wires: [], annotations: ['a1'] })).toEqual(network())
  })
  test('points go along when both ends move alike, and stay when one does', () => {
    const wire = Object.entries(network().graph.wires).find(([, { to }]) => to.block === 'r')?.[0] ?? ''
    const document = edited(network(), { kind: 'setRoute', wire, via: [{ x: 8, y: 16 }] })
    const both = edited(document, { kind: 'moveBlocks', positions: { d: { x: 10, y: 5 }, r: { x: 10, y: 5 } } })
    expect(both.graph.wires[wire]?.via).toEqual([{ x: 18, y: 21 }])
    const one = edited(document, { kind: 'moveBlocks', positions: { d: { x: 10, y: 5 } } })
    expect(one.graph.wires[wire]?.via).toEqual([{ x: 8, y: 16 }])
  })
  test('a file with a wrong colour, a size that is none, or an id that is taken is refused by its place', () => {
    const document = edited(network(), { kind: 'setAnnotation', id: 'a1', annotation: frame })
    const text = formatDocument(document)
    const read = (changed: string) => refusal(parseDocument(changed, 'a.json'))
    expect(read(text.replace('"blue"', '"mauve"'))).toMatch(/annotations\.a1\.colour/)
    expect(read(text.replace('"width": 200', '"width": -1'))).toMatch(/annotations\.a1\.size\.width/)
    expect(read(text.replace('"a1":', '"d":'))).toMatch(/a block or a wire/)
  })
})

describe('what wires lead to', () => {
  const { graph } = network()
  const set = (ids: ReadonlySet<string>) => [...ids].sort()
  test('upstream, downstream and all of it', () => {
    expect(set(upstream(graph, new Set(['r'])))).toEqual(['d', 'r', 'x'])
    expect(set(downstream(graph, new Set(['r'])))).toEqual(['l', 'o', 'r'])
    expect(set(connected(graph, new Set(['r'])))).toEqual(['d', 'l', 'o', 'r', 't', 'x'])
  })
})
