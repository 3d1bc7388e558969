import { describe, expect, test } from 'vitest'
import { get } from '../../src/base/assert.ts'
import { sizeOf } from '../../src/base/shape.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { checkWire } from '../../src/compiler/check-wire.ts'
import { showBatch } from '../../src/base/shape.ts'
import type { Endpoint, GraphDocument } from '../../src/document/types.ts'
import { draw, example, examples, inside, type Data, type Drawn } from '../helpers/documents.ts'

/** LeCun et al. 1998 as it is usually drawn today: two convolutions, two poolings, three dense layers. */
const lenet = draw(
  { features: [28, 28, 1], classes: 10 },
  {
    image: ['input'],
    c1: ['conv2d', { filters: 6, kernel: [5, 5], padding: 'same' }, 'image.x'],
    r1: ['tanh', {}, 'c1.y'],
    p1: ['pooling', { kind: 'average' }, 'r1.y'],
    c2: ['conv2d', { filters: 16, kernel: [5, 5] }, 'p1.y'],
    r2: ['tanh', {}, 'c2.y'],
    p2: ['pooling', { kind: 'average' }, 'r2.y'],
    flat: ['flatten', {}, 'p2.y'],
    f1: ['dense', { features: 120 }, 'flat.y'],
    f2: ['dense', { features: 84 }, 'f1.y'],
    f3: ['dense', { features: 10 }, 'f2.y'],
    digit: ['target'],
    loss: ['crossEntropy', {}, 'f3.y', 'digit.y'],
  },
)

describe('analysis of LeNet', () => {
  const analysis = analyze(lenet)

  test('finds no problem', () => {
    expect(analysis.problems).toEqual([])
  })

  test('counts 61,706 parameters', () => {
    const parameters = [156, 2416, 48120, 10164, 850]
    expect(['c1', 'c2', 'f1', 'f2', 'f3'].map((id) => get(analysis.blocks, id).parameters)).toEqual(parameters)
    expect(analysis.totals.parameters).toBe(61_706)
  })

  test('knows every shape', () => {
    const shapes = Object.fromEntries(
      [...analysis.blocks].map(([id, { outputs }]) => [id, outputs['y'] && showBatch(outputs['y'].shape)]),
    )
    expect(shapes).toMatchObject({
      c1: 'B × 28 × 28 × 6',
      p1: 'B × 14 × 14 × 6',
      c2: 'B × 10 × 10 × 16',
      p2: 'B × 5 × 5 × 16',
      flat: 'B × 400',
      f1: 'B × 120',
      f3: 'B × 10',
      digit: 'B × 10',
    })
    expect([...analysis.wires.values()].every(({ aval, problem }) => aval && !problem)).toBe(true)
  })

  test('counts multiply-adds of one example', () => {
    const c1 = 28 * 28 * 6 * 25
    const c2 = 10 * 10 * 16 * 25 * 6
    const dense = 400 * 120 + 120 * 84 + 84 * 10
    expect(get(analysis.blocks, 'c1').multiplyAdds).toBe(c1)
    expect(analysis.totals.multiplyAdds).toBe(c1 + c2 + dense)
  })

  test('an up-convolution multiplies each input number with a whole filter', () => {
    // 7 × 7 × 4 numbers come in, each meets 3 × 3 × 8 weights.
    const [, grow] = [...analyze(example('autoencoder')).blocks].find(([id]) => id === 'b6') ?? []
    expect(grow).toMatchObject({ multiplyAdds: 7 * 7 * 4 * 3 * 3 * 8, parameters: 3 * 3 * 8 * 4 + 8 })
  })

  test('counts the numbers that the outputs hold for one example', () => {
    const pictures = 28 * 28 + 2 * 28 * 28 * 6 + 14 * 14 * 6 + 2 * 10 * 10 * 16 + 5 * 5 * 16
    expect(analysis.totals.activations).toBe(pictures + 400 + 120 + 84 + 10 + 10)
  })
})

describe('analysis', () => {
  test.each([...examples])('of the example %s finds no problem', (_name, document) => {
    const { problems, blocks, totals } = analyze(document)
    expect(problems).toEqual([])
    expect(totals.parameters).toBe(
      // Running means and the like are kept, not learned.
      [...blocks.values()]
        .flatMap(({ weights }) => weights.filter(({ learned }) => learned))
        .reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    )
    expect(totals.parameters).toBeGreaterThan(1)
  })

  const one = (data: Data, drawn: { readonly [name: string]: Drawn }) =>
    analyze(draw(data, drawn))
      .problems.map(({ code, message, severity }) => `${severity} ${code}: ${message}`)
      .join('\n')

  test('refuses a billion elements with the bytes that they would need, before anything is held', () => {
    const before = process.memoryUsage().rss
    const found = one(
      { features: [50_000], classes: 2 },
      {
        x: ['input'],
        wide: ['dense', { features: 20_000 }, 'x.x'],
        out: ['dense', { features: 2 }, 'wide.y'],
        t: ['target'],
        loss: ['crossEntropy', {}, 'out.y', 't.y'],
      },
    )
    expect(found).toBe(
      'error shape.size: Dense wide: A tensor of shape [50000, 20000] would need 4.00 GB; the most that one tensor may have is 2.15 GB.',
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(500e6)
  })

  test('asks for a loss, for weights, for classes and for features', () => {
    const planar = { features: [2], classes: 2 }
    expect(one(planar, { x: ['input'] })).toMatch(/error graph.loss/)
    expect(one(planar, { x: ['input'], t: ['target'], loss: ['crossEntropy', {}, 'x.x', 't.y'] })).toMatch(
      /error graph.weights/,
    )
    expect(one({ features: [2], classes: 1 }, { x: ['input'] })).toMatch(/error data.classes/)
    expect(one({ features: [0], classes: 2 }, { x: ['input'] })).toMatch(/error data.features/)
  })

  test('only warns of blocks that lead to no loss', () => {
    const { problems } = analyze(
      draw(
        { features: [2], classes: 2 },
        {
          x: ['input'],
          fc: ['dense', { features: 2 }, 'x.x'],
          idle: ['conv2d', {}, 'x.x'],
          open: ['tanh'],
          t: ['target'],
          loss: ['crossEntropy', {}, 'fc.y', 't.y'],
        },
      ),
    )
    expect(problems.map(({ severity, code, place }) => [severity, code, place?.block])).toEqual([
      ['warning', 'port.open', 'open'],
      ['warning', 'block.require', 'idle'],
    ])
  })

  test('shows what arrives at a port that its block has not', () => {
    const document = draw({ features: [2], classes: 2 }, { x: ['input'], fc: ['dense', {}, 'x.x'] })
    const wires = { w: { from: { block: 'x', port: 'q' }, to: { block: 'fc', port: 'z' } } }
    const { problems } = analyze({ ...document, graph: { ...document.graph, wires } })
    const unknown = problems.filter(({ code }) => code === 'port.unknown').map(({ message }) => message)
    expect(unknown).toEqual([
      'x has no output called "q", it has x. Delete the wire there and draw it anew.',
      'fc has no input called "z", it has x. Delete the wire there and draw it anew.',
    ])
  })

  test('adds up what a composite holds', () => {
    const layer = inside({ fc: ['dense', { features: 3 }], act: ['tanh', {}, 'fc.y'] }, { x: ['fc.x'] }, { y: 'act.y' })
    const analysis = analyze(
      draw(
        { features: [5], classes: 3 },
        {
          x: ['input'],
          enc: { inside: layer, from: { x: 'x.x' } },
          t: ['target'],
          loss: ['crossEntropy', {}, 'enc.y', 't.y'],
        },
      ),
    )
    expect(analysis.problems).toEqual([])
    expect(get(analysis.blocks, 'enc')).toMatchObject({ parameters: 18, multiplyAdds: 15, activations: 6 })
    expect(get(analysis.blocks, 'enc').outputs['y']).toEqual({ shape: [2, 3], dtype: 'float' })
  })
})

describe('a wire', () => {
  const document: GraphDocument = draw(
    { features: [4, 4, 1], classes: 3 },
    {
      x: ['input'],
      c: ['conv2d', { filters: 2 }, 'x.x'],
      flat: ['flatten', {}, 'c.y'],
      fc: ['dense', { features: 3 }, 'flat.y'],
      p: ['pooling'],
      wide: ['dense', { features: 5 }, 'flat.y'],
      t: ['target'],
      loss: ['crossEntropy', {}, 'fc.y', 't.y'],
    },
  )
  const end = (text: string): Endpoint => {
    const [block = '', port = ''] = text.split('.')
    return { block, port }
  }
  const check = (from: string, to: string) => {
    const found = checkWire(document, [], end(from), end(to))
    return found && `${found.code}: ${found.message}`
  }

  test.each<[string, string]>([
    ['c.y', 'p.x'],
    ['x.x', 'p.x'],
    ['fc.y', 'loss.prediction'],
    ['x.x', 'flat.x'],
  ])('from %s to %s may be drawn', (from, to) => {
    expect(check(from, to)).toBeNull()
  })

  test.each<[string, string, RegExp]>([
    ['flat.y', 'p.x', /^block.require: Pooling p: input x must be a picture/],
    ['wide.y', 'loss.prediction', /^block.require: Cross Entropy loss: .*B × 5 and the target B × 3/],
    ['fc.y', 'c.x', /^(graph.cycle|block.require)/],
    ['fc.y', 'fc.x', /^wire.self: fc can't feed itself/],
    ['fc.q', 'p.x', /^wire.from: fc has no output called q/],
    ['fc.y', 'p.q', /^wire.to: p has no input called q/],
    ['gone.y', 'p.x', /^wire.block/],
    ['loss.loss', 'p.x', /^wire.from: loss has no output called loss/],
    ['t.y', 'c.x', /^block.require: Conv2D c/],
  ])('from %s to %s is refused', (from, to, expected) => {
    expect(check(from, to)).toMatch(expected)
  })

  test('to a block in front of it names the circle', () => {
    const chain = draw({ features: [2], classes: 2 }, { x: ['input'], a: ['tanh', {}, 'x.x'], b: ['relu', {}, 'a.y'] })
    expect(checkWire(chain, [], end('b.y'), end('a.x'))?.message).toMatch(/in a circle: (a → b → a|b → a → b)/)
  })

  test('in every example can be drawn where it is', () => {
    for (const { from, to } of Object.values(example('spiral').graph.wires))
      expect(checkWire(example('spiral'), [], from, to)).toBeNull()
  })
})
