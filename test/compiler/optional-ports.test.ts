/** Ports that may stay open: no problem while they are, a value like any other once a wire ends there. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import { flatten } from '../../src/compiler/1-flatten.ts'
import { analyze, traceForward } from '../../src/compiler/analyze.ts'
import { checkWire } from '../../src/compiler/check-wire.ts'
import { evaluate } from '../../src/backends/reference/evaluate.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { draw, inside, type Drawn } from '../helpers/documents.ts'

const data = { features: [2], numbers: 2 }

/** A network whose middle block may take more than it gets. */
function network(blocks: { readonly [name: string]: Drawn }): GraphDocument {
  return draw(data, {
    x: ['input'],
    t: ['target'],
    h: ['dense', { features: 2 }, 'x.x'],
    ...blocks,
    loss: ['rms', {}, 'sum.y', 't.y'],
  })
}

const messages = (document: GraphDocument) => analyze(document).problems.map(({ message }) => message)

/** What `sum` gives for two examples and weights of 0.5. */
function sumOf(document: GraphDocument): number[] {
  const { builder, blocks } = traceForward(document, flatten(document))
  const given = new Map(
    builder.inputs.map(({ name, value }) => {
      const size = builder.tensor(value).shape.reduce((a, b) => a * b, 1)
      return [name, Float64Array.from({ length: size }, (_, i) => (name === 'features' ? i + 1 : 0.5))]
    }),
  )
  const y = blocks.get('sum')?.outputs['y']
  if (!y) throw new Error('nothing comes out')
  return [...evaluate(builder.build(), given)(y.id).data]
}

describe('a port that may stay open', () => {
  test('is no problem open, and counts when it is connected, whichever it is', () => {
    const open = network({ sum: ['add', {}, 'x.x', 'h.y'] })
    expect(messages(open)).toEqual([])
    expect(sumOf(open)).toEqual([3, 4, 7, 8])
    const third = network({ sum: ['add', {}, 'x.x', 'h.y', 'x.x'] })
    const fourth = network({ sum: ['add', {}, 'x.x', 'h.y', '', 'x.x'] })
    for (const document of [third, fourth]) {
      expect(messages(document)).toEqual([])
      expect(sumOf(document)).toEqual([4, 6, 10, 12])
    }
    expect(checkWire(open, [], { block: 'h', port: 'y' }, { block: 'sum', port: 'd' })).toBeNull()
  })

  test('does not make the others optional', () => {
    expect(messages(network({ sum: ['add', {}, 'x.x', '', 'h.y'] }))).toEqual(['Add sum: input b is not connected.'])
  })

  test('waits for what it is connected to', () => {
    const broken = network({ odd: ['reshape', { shape: [7] }, 'h.y'], sum: ['add', {}, 'x.x', 'h.y', 'odd.y'] })
    expect(messages(broken)).toHaveLength(1)
    expect(at(messages(broken), 0)).toMatch(/^Reshape odd: 2 numbers/)
    expect(analyze(broken).blocks.get('sum')?.outputs['y']).toBeUndefined()
  })

  test('refuses what does not fit at that port', () => {
    const wide = network({ wide: ['dense', { features: 3 }, 'x.x'], sum: ['add', {}, 'x.x', 'h.y', '', 'wide.y'] })
    const found = analyze(wide)
    expect(found.problems.map(({ message, place }) => [message, place?.port])).toEqual([
      ['Add sum: a has shape B × 2 and d B × 3; they must be equal.', 'd'],
    ])
    expect(found.wires.get('wide.y>sum.d')?.problem?.message).toBe(at(found.problems, 0).message)
  })

  test('may be left open around a composite as well', () => {
    const box = inside({ add: ['add', {}] }, { a: ['add.a'], b: ['add.b'], c: ['add.c'] }, { y: 'add.y' })
    const from = { a: 'x.x', b: 'h.y' }
    const open = network({ sum: { inside: box, from } })
    expect(messages(open)).toEqual([])
    expect(messages(network({ sum: { inside: box, from: { a: 'x.x', c: 'h.y' } } }))).toEqual([
      'Add sum.add: input b is not connected.',
    ])
  })
})
