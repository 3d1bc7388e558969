import { describe, expect, test } from 'vitest'
import { flatten } from '../../src/compiler/1-flatten.ts'
import { traceForward } from '../../src/compiler/analyze.ts'
import type { GraphDocument, Inside } from '../../src/document/types.ts'
import { draw, inside, type Drawn } from '../helpers/documents.ts'

const planar = { features: [2], classes: 2 }
const ends = (prediction: string): { readonly [name: string]: Drawn } => ({
  truth: ['target'],
  loss: ['crossEntropy', {}, prediction, 'truth.y'],
})

/** Dense and tanh as one block. */
const layer = (features: number): Inside =>
  inside({ fc: ['dense', { features }], act: ['tanh', {}, 'fc.y'] }, { x: ['fc.x'] }, { y: 'act.y' })

const problemsOf = (document: GraphDocument) => {
  const graph = flatten(document)
  return [...graph.problems, ...traceForward(document, graph).problems]
}
const messages = (document: GraphDocument) => problemsOf(document).map(({ code, message }) => `${code}: ${message}`)

describe('flattening', () => {
  test('puts sources before their users, whatever the order of drawing', () => {
    const document = draw(planar, {
      loss: ['crossEntropy', {}, 'b.y', 'truth.y'],
      b: ['dense', { features: 2 }, 'a.y'],
      a: ['relu', {}, 'x.x'],
      truth: ['target'],
      x: ['input'],
    })
    expect(flatten(document).blocks.map(({ path }) => path)).toEqual(['truth', 'x', 'a', 'b', 'loss'])
  })

  test('replaces a composite by what it holds, with the path of its weights', () => {
    const document = draw(planar, {
      x: ['input'],
      enc: { inside: layer(3), from: { x: 'x.x' } },
      out: ['dense', { features: 2 }, 'enc.y'],
      ...ends('out.y'),
    })
    const graph = flatten(document)
    expect(graph.problems).toEqual([])
    expect(graph.blocks.map(({ key, path, top }) => [key, path, top])).toEqual([
      ['x', 'x', 'x'],
      ['truth', 'truth', 'truth'],
      ['enc/fc', 'enc.fc', 'enc'],
      ['enc/act', 'enc.act', 'enc'],
      ['out', 'out', 'out'],
      ['loss', 'loss', 'loss'],
    ])
    expect(graph.source({ block: 'enc', port: 'y' })).toEqual({ key: 'enc/act', port: 'y' })
    expect(traceForward(document, graph).builder.weights.map(({ name, shape }) => [name, shape])).toEqual([
      ['enc.fc.weight', [2, 3]],
      ['enc.fc.bias', [3]],
      ['out.weight', [3, 2]],
      ['out.bias', [2]],
    ])
  })

  test('goes into composites within composites, and lets a port feed several blocks', () => {
    const middle = inside(
      { a: { inside: layer(4), from: {} }, b: { inside: layer(4), from: {} }, close: ['rms', {}, 'a.y', 'b.y'] },
      { x: ['a.x', 'b.x'] },
      { y: 'b.y' },
    )
    const outer = inside({ mid: { inside: middle, from: {} } }, { x: ['mid.x'] }, { y: 'mid.y' })
    const document = draw(planar, {
      x: ['input'],
      deep: { inside: outer, from: { x: 'x.x' } },
      out: ['dense', { features: 2 }, 'deep.y'],
      ...ends('out.y'),
    })
    const graph = flatten(document)
    const traced = traceForward(document, graph)
    expect([...graph.problems, ...traced.problems]).toEqual([])
    expect(traced.losses.map(({ flat }) => flat.path)).toEqual(['deep.mid.close', 'loss'])
    const first = graph.blocks.find(({ path }) => path === 'deep.mid.a.fc')
    expect(first?.inputs).toEqual({ x: { key: 'x', port: 'x' } })
    expect(graph.blocks.filter(({ top }) => top === 'deep')).toHaveLength(5)
  })

  test('names the blocks of a circle in its order, and only those', () => {
    const document = draw(planar, {
      x: ['input'],
      a: ['tanh', {}, 'c.y'],
      b: ['relu', {}, 'a.y'],
      c: ['sigmoid', {}, 'b.y'],
      behind: ['dense', { features: 2 }, 'c.y'],
      ...ends('behind.y'),
    })
    const { problems, blocks } = flatten(document)
    const [first] = problems
    expect(problems.map(({ code, place }) => `${code} ${place?.block}`).sort()).toEqual([
      'graph.cycle a',
      'graph.cycle b',
      'graph.cycle c',
    ])
    expect(first?.message).toMatch(/(a → b → c → a|b → c → a → b|c → a → b → c)/)
    expect(blocks.map(({ path }) => path)).toEqual(['x', 'truth'])
  })

  test('finds a circle through a composite', () => {
    const document = draw(planar, {
      enc: { inside: layer(2), from: { x: 'act.y' } },
      act: ['relu', {}, 'enc.y'],
    })
    const [found] = flatten(document).problems
    expect(found?.code).toBe('graph.cycle')
    expect(found?.message).toMatch(/enc\.fc → enc\.act → act|act → enc\.fc → enc\.act|enc\.act → act → enc\.fc/)
  })

  test('a block that feeds itself is a circle of one', () => {
    const [found] = flatten(draw(planar, { a: ['tanh', {}, 'a.y'] })).problems
    expect(found?.message).toContain('a → a')
  })
})

describe('a drawing that does not fit has a sentence that begins with the block:', () => {
  const cases: readonly [string, { readonly [name: string]: Drawn }, string, RegExp][] = [
    [
      'an open port',
      { x: ['input'], fc: ['dense', {}], ...ends('fc.y') },
      'fc',
      /^port.open: Dense fc: input x is not connected\.$/,
    ],
    [
      'an unknown block',
      { q: ['quantum'], ...ends('q.y') },
      'q',
      /^block.unknown: q: this version knows no block of type "quantum"/,
    ],
    ['a composite that holds nothing', { c: ['composite'] }, 'c', /^composite.empty: Composite c holds nothing/],
    [
      'a wrong parameter',
      { x: ['input'], fc: ['dense', { features: 0 }, 'x.x'] },
      'fc',
      /^param.value: Dense fc: Output features must be at least 1, not 0\.$/,
    ],
    [
      'a parameter of another kind',
      { x: ['input'], fc: ['dense', { features: 'many' }, 'x.x'] },
      'fc',
      /^param.value: .*whole number, not "many"/,
    ],
    [
      'a misspelt parameter',
      { x: ['input'], fc: ['dense', { feetures: 4 }, 'x.x'] },
      'fc',
      /^param.unknown: Dense fc has no parameter called "feetures"\.$/,
    ],
    [
      'a picture where there is none',
      { x: ['input'], c: ['conv2d', {}, 'x.x'] },
      'c',
      /^block.require: Conv2D c: input x must be a picture .* but has shape B × 2/,
    ],
    [
      'a prediction of another size',
      { x: ['input'], fc: ['dense', { features: 3 }, 'x.x'], ...ends('fc.y') },
      'loss',
      /^block.require: Cross Entropy loss: .*B × 3 and the target B × 2; give the last layer 2 outputs/,
    ],
  ]
  test.each(cases)('%s', (_name, drawn, block, expected) => {
    const document = draw(planar, drawn)
    const found = problemsOf(document).filter(({ place }) => place?.block === block)
    expect(found.map(({ code, message }) => `${code}: ${message}`)[0] ?? '').toMatch(expected)
  })

  test('a window that is larger than the picture', () => {
    const document = draw(
      { features: [4, 4, 1], classes: 2 },
      { x: ['input'], p: ['pooling', { size: [5, 5] }, 'x.x'] },
    )
    expect(messages(document)).toEqual([
      'window.size: Pooling p: A 5 × 5 window does not fit into an image of 4 × 4; make the window smaller or add padding.',
    ])
  })

  test('blocks of one name', () => {
    const document = draw(planar, { x: ['input'], a: ['relu', {}, 'x.x'], b: ['relu', {}, 'x.x'] })
    const { a, b } = document.graph.blocks
    if (!a || !b) throw new Error('drawn above')
    const graph = { ...document.graph, blocks: { ...document.graph.blocks, b: { ...b, name: 'a' } } }
    expect(messages({ ...document, graph })).toEqual([
      'block.name: ReLU a: another block has the same name; rename one of them.',
    ])
  })

  test('and what depends on it adds no problems of its own', () => {
    const document = draw(planar, { x: ['input'], fc: ['dense', {}], act: ['relu', {}, 'fc.y'], ...ends('act.y') })
    expect(messages(document)).toHaveLength(1)
  })
})
