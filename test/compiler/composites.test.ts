/** Composites with parameters and copies, and blocks that are used twice: the same network as drawn by hand, weight by weight. */
import { describe, expect, test } from 'vitest'
import { at, get } from '../../src/base/assert.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { flatten } from '../../src/compiler/1-flatten.ts'
import { parseComposite } from '../../src/document/file.ts'
import type { BlockNode, GraphDocument, Inside } from '../../src/document/types.ts'
import { messages, valueOf } from '../data/files.ts'
import { edited } from '../document/documents.ts'
import { draw, inside, type Data, type Drawn } from '../helpers/documents.ts'
import { backends } from '../helpers/run-program.ts'
import { networkOf, runEntry, start, startValues } from '../helpers/train-steps.ts'
import { numbered, sound, whole } from '../helpers/whole-network.ts'
import { shippedBlocks } from '../models/shipped.ts'

const planar: Data = { features: [3], classes: 2 }
const picture: Data = { features: [6, 5, 3], classes: 2 }

const ends = (from: string): { readonly [name: string]: Drawn } => ({
  truth: ['target'],
  loss: ['crossEntropy', {}, from, 'truth.y'],
})

function composite(name: string): BlockNode {
  const { text } = shippedBlocks.find((one) => one.name === name) ?? { text: '' }
  return valueOf(parseComposite(JSON.parse(text), name))
}

function insideOf(name: string): Inside {
  const found = composite(name).inside
  if (!found) throw new Error(`${name} is no composite`)
  return found
}

/** The document with fields of one block changed. */
function altered(document: GraphDocument, id: string, fields: Partial<BlockNode>): GraphDocument {
  const { blocks, wires } = document.graph
  return { ...document, graph: { blocks: { ...blocks, [id]: { ...(blocks[id] as BlockNode), ...fields } }, wires } }
}

const weightsOf = (document: GraphDocument) => sound(document).builder.weights.map(({ name, shape }) => [name, shape])
const problemsOf = (document: GraphDocument) =>
  analyze(document).problems.map(({ code, message }) => `${code}: ${message}`)

const chain = inside({ fc: ['dense', { features: 4 }], act: ['tanh', {}, 'fc.y'] }, { x: ['fc.x'] }, { y: 'act.y' })
const stacked = (fields: Partial<BlockNode> = {}) =>
  altered(
    draw(planar, {
      x: ['input'],
      first: ['dense', { features: 4 }, 'x.x'],
      stack: { inside: chain, from: { x: 'first.y' } },
      out: ['dense', { features: 2 }, 'stack.y'],
      ...ends('out.y'),
    }),
    'stack',
    fields,
  )

describe('Sequential', () => {
  test('equals the flat graph to the last bit, and its weights all learn', () => {
    const flat = draw(planar, {
      x: ['input'],
      first: ['dense', { features: 4 }, 'x.x'],
      fc: ['dense', { features: 4 }, 'first.y'],
      act: ['tanh', {}, 'fc.y'],
      out: ['dense', { features: 2 }, 'act.y'],
      ...ends('out.y'),
    })
    const nested = inside({ deep: { inside: chain, from: {} } }, { x: ['deep.x'] }, { y: 'deep.y' })
    const expected = whole(flat)
    expect(Object.keys(expected.gradients)).toHaveLength(6)
    for (const gradient of Object.values(expected.gradients)) expect(gradient.some((v) => v !== 0)).toBe(true)
    expect(whole(stacked(), (name) => name.replace('stack.', ''))).toEqual(expected)
    const deep = altered(stacked(), 'stack', { inside: nested })
    expect(whole(deep, (name) => name.replace('stack.deep.', ''))).toEqual(expected)
    // The control: another activation is another network.
    const other = {
      ...chain,
      blocks: { ...chain.blocks, act: { ...(chain.blocks['act'] as BlockNode), type: 'sigmoid' } },
    }
    const wrong = whole(altered(stacked(), 'stack', { inside: other }), (name) => name.replace('stack.', ''))
    expect(wrong.loss).not.toBe(expected.loss)
  })

  test('three copies are three layers with weights of their own', () => {
    const flat = draw(planar, {
      x: ['input'],
      first: ['dense', { features: 4 }, 'x.x'],
      fc1: ['dense', { features: 4 }, 'first.y'],
      act1: ['tanh', {}, 'fc1.y'],
      fc2: ['dense', { features: 4 }, 'act1.y'],
      act2: ['tanh', {}, 'fc2.y'],
      fc3: ['dense', { features: 4 }, 'act2.y'],
      act3: ['tanh', {}, 'fc3.y'],
      out: ['dense', { features: 2 }, 'act3.y'],
      ...ends('out.y'),
    })
    const thrice = stacked({ repeat: 3 })
    expect(weightsOf(thrice).map(([name]) => name)).toEqual([
      'first.weight',
      'first.bias',
      'stack.1.fc.weight',
      'stack.1.fc.bias',
      'stack.2.fc.weight',
      'stack.2.fc.bias',
      'stack.3.fc.weight',
      'stack.3.fc.bias',
      'out.weight',
      'out.bias',
    ])
    const flatNames = (name: string) => name.replace(/stack\.(\d)\.fc/, 'fc$1')
    expect(whole(thrice, flatNames)).toEqual(whole(flat))
    expect(whole(stacked({ repeat: 2 }), flatNames).loss, 'the control').not.toBe(whole(flat).loss)
    const { blocks, totals } = analyze(thrice)
    expect(blocks.get('stack')?.parameters).toBe(3 * (4 * 4 + 4))
    expect(blocks.get('stack')?.multiplyAdds).toBe(3 * 16)
    expect(totals.parameters).toBe(3 * 4 + 4 + 3 * 20 + 4 * 2 + 2)

    const unpacked = edited(numbered(thrice), { kind: 'unpack', block: 'stack' })
    const named = (name: string) => name.replace(/^fc\b/, 'fc1')
    expect(whole(unpacked, named)).toEqual(whole(flat))
  })

  test('copies within copies multiply', () => {
    const twice = { ...(stacked().graph.blocks['stack'] as BlockNode), repeat: 2 }
    const nested: Inside = { ...inside({}, {}, {}), blocks: { deep: { ...twice, name: 'deep' } } }
    const tied: Inside = {
      ...nested,
      inputs: { x: [{ block: 'deep', port: 'x' }] },
      outputs: { y: { block: 'deep', port: 'y' } },
    }
    const document = stacked({ inside: tied, repeat: 3 })
    const names = weightsOf(document).map(([name]) => String(name))
    expect(names.filter((name) => name.endsWith('fc.weight'))).toEqual(
      [1, 2, 3].flatMap((outer) => [1, 2].map((inner) => `stack.${outer}.deep.${inner}.fc.weight`)),
    )
  })

  test('copies without end are refused in a sentence, quickly', () => {
    let node: BlockNode = { ...(stacked().graph.blocks['stack'] as BlockNode), repeat: 64 }
    for (let i = 0; i < 5; i++)
      node = {
        ...node,
        inside: {
          ...chain,
          blocks: { c: { ...node, name: 'c' } },
          wires: {},
          inputs: { x: [{ block: 'c', port: 'x' }] },
          outputs: { y: { block: 'c', port: 'y' } },
        },
      }
    expect(problemsOf(stacked(node))).toEqual([
      'graph.large: With the insides of composites and their copies the drawing has more than 20000 blocks. Repeat less or remove some.',
    ])
  })

  test('one with two outputs is not repeated, and says why', () => {
    const two = { ...chain, outputs: { ...chain.outputs, z: { block: 'fc', port: 'y' } } }
    expect(problemsOf(stacked({ inside: two, repeat: 2 }))).toEqual([
      'composite.repeat: stack: Only a composite with one input and one output can be repeated; "Inside" has the inputs x and the outputs y, z.',
    ])
  })

  test('an empty one says what to do', () => {
    const empty = { ...chain, blocks: {}, wires: {}, inputs: { x: [] }, outputs: {} }
    const document = draw(planar, { x: ['input'], s: { inside: empty, from: { x: 'x.x' } }, ...ends('x.x') })
    expect(problemsOf(document)).toContain('composite.empty: Inside s is empty. Put blocks into it or delete it.')
  })
})

describe('Inception', () => {
  const sizes = { n1x1: 4, n3x3reduce: 3, n3x3: 5, n5x5reduce: 2, n5x5: 3, poolProj: 2 }
  const drawn = (params: BlockNode['params']) =>
    altered(
      draw(picture, {
        x: ['input'],
        inc: { inside: insideOf('inception'), from: { x: 'x.x' } },
        flat: ['flatten', {}, 'inc.y'],
        out: ['dense', { features: 2 }, 'flat.y'],
        ...ends('out.y'),
      }),
      'inc',
      { params },
    )
  const conv = (filters: number, kernel: number, from: string): Drawn => [
    'conv2d',
    { filters, kernel: [kernel, kernel], padding: 'same' },
    from,
  ]
  const byHand = draw(picture, {
    x: ['input'],
    conv1x1: conv(4, 1, 'x.x'),
    a: ['relu', {}, 'conv1x1.y'],
    reduce3x3: conv(3, 1, 'x.x'),
    b1: ['relu', {}, 'reduce3x3.y'],
    conv3x3: conv(5, 3, 'b1.y'),
    b: ['relu', {}, 'conv3x3.y'],
    reduce5x5: conv(2, 1, 'x.x'),
    c1: ['relu', {}, 'reduce5x5.y'],
    conv5x5: conv(3, 5, 'c1.y'),
    c: ['relu', {}, 'conv5x5.y'],
    pool: ['pooling', { size: [3, 3], stride: [1, 1], padding: 'same' }, 'x.x'],
    poolProj: conv(2, 1, 'pool.y'),
    d: ['relu', {}, 'poolProj.y'],
    join: ['concat', {}, 'a.y', 'b.y', 'c.y', 'd.y'],
    flat: ['flatten', {}, 'join.y'],
    out: ['dense', { features: 2 }, 'flat.y'],
    ...ends('out.y'),
  })
  const plain = (name: string) => name.replace('inc.', '')

  test('equals the graph that is wired by hand, to the last bit', () => {
    const expected = whole(byHand)
    expect(Object.keys(expected.gradients)).toHaveLength(14)
    expect(whole(drawn(sizes), plain)).toEqual(expected)
    expect(analyze(drawn(sizes)).blocks.get('inc')?.outputs['y']?.shape).toEqual([2, 6, 5, 4 + 5 + 3 + 2])
    // The control: with another pooling it is another network.
    const average = edited(byHand, { kind: 'setParam', block: 'pool', name: 'kind', value: 'average' })
    expect(whole(average).loss).not.toBe(expected.loss)
  })

  test('its gradients are those of finite differences', () => {
    const document = drawn(sizes)
    const { gradients } = whole(document)
    const step = 1e-6
    for (const [weight, gradient] of Object.entries(gradients))
      for (const i of [0, gradient.length - 1]) {
        const moved = (by: number) =>
          whole(document, undefined, (name, values) => {
            if (name === weight) values[i] = at(values, i) + by
          }).loss
        const measured = (moved(step) - moved(-step)) / (2 * step)
        expect(Math.abs(measured - at(gradient, i)), `${weight} ${i}`).toBeLessThan(1e-6 + 1e-5 * Math.abs(measured))
      }
  })

  test('module 3a of GoogLeNet has 163,696 parameters', () => {
    const params = { n1x1: 64, n3x3reduce: 96, n3x3: 128, n5x5reduce: 16, n5x5: 32, poolProj: 32 }
    const { data } = draw({ features: [7, 7, 192], classes: 2 }, {})
    const { blocks } = analyze({ ...drawn(params), data })
    expect(blocks.get('inc')?.parameters).toBe(163_696)
    expect(blocks.get('inc')?.outputs['y']?.shape).toEqual([2, 7, 7, 256])
  })

  test('a value that does not fit is spoken of as the parameter that it is set by', () => {
    expect(problemsOf(drawn({ ...sizes, n3x3: 0 }))).toEqual([
      'param.value: Inception inc: #3×3 must be at least 1, not 0.',
    ])
    expect(problemsOf(drawn({ ...sizes, n4x4: 3 }))).toEqual([
      'param.unknown: Inception inc has no parameter called "n4x4".',
    ])
  })
})

describe('what composites show inside', () => {
  const document = stacked({ repeat: 2 })
  test('every canvas has its blocks and wires, of copies the first', () => {
    const { inside: levels } = analyze(document)
    expect([...levels.keys()]).toEqual(['stack'])
    const level = levels.get('stack')
    expect(level?.blocks.get('fc')).toMatchObject({ parameters: 20, multiplyAdds: 16, activations: 4 })
    expect(level?.blocks.get('fc')?.inputs['x']?.shape).toEqual([2, 4])
    expect(level?.blocks.get('fc')?.weights.map(({ name }) => name)).toEqual(['stack.1.fc.weight', 'stack.1.fc.bias'])
    expect(level?.wires.get('fc.y>act.x')?.aval?.shape).toEqual([2, 4])
  })

  test('a problem inside stands on the composite, with its path, and on the block inside', () => {
    const open = {
      ...chain,
      blocks: { ...chain.blocks, extra: { ...(chain.blocks['fc'] as BlockNode), name: 'extra' } },
    }
    const { blocks, inside: levels, problems } = analyze(stacked({ inside: open }))
    expect(problems.map(({ message }) => message)).toEqual(['Dense stack.extra: input x is not connected.'])
    expect(blocks.get('stack')?.problems).toEqual(problems)
    expect(levels.get('stack')?.blocks.get('extra')?.problems).toEqual(problems)
    expect(levels.get('stack')?.blocks.get('fc')?.problems).toEqual([])
  })
})

describe('one block in two places', () => {
  /** `fc` takes 3 features to 3, and a second time what comes of it. */
  const twice = (size = 3) =>
    altered(
      draw(planar, {
        x: ['input'],
        fc: ['dense', { features: size }, 'x.x'],
        act: ['tanh', {}, 'fc.y'],
        again: ['dense', {}, 'act.y'],
        out: ['dense', { features: 2 }, 'again.y'],
        ...ends('out.y'),
      }),
      'again',
      { shares: 'fc' },
    )
  const apart = draw(planar, {
    x: ['input'],
    fc: ['dense', { features: 3 }, 'x.x'],
    act: ['tanh', {}, 'fc.y'],
    again: ['dense', { features: 3 }, 'act.y'],
    out: ['dense', { features: 2 }, 'again.y'],
    ...ends('out.y'),
  })
  const together = (name: string) => name.replace('again.', 'fc.')

  test('has one set of weights, whose parameters count once and whose work counts twice', () => {
    expect(weightsOf(twice())).toEqual([
      ['fc.weight', [3, 3]],
      ['fc.bias', [3]],
      ['out.weight', [3, 2]],
      ['out.bias', [2]],
    ])
    const { blocks, totals, problems } = analyze(twice())
    expect(problems).toEqual([])
    expect([blocks.get('fc')?.parameters, blocks.get('again')?.parameters]).toEqual([12, 0])
    expect([blocks.get('fc')?.multiplyAdds, blocks.get('again')?.multiplyAdds]).toEqual([9, 9])
    expect(totals).toMatchObject({ parameters: 12 + 8, multiplyAdds: 9 + 9 + 6 })
    expect(flatten(twice()).blocks.find(({ key }) => key === 'again')).toMatchObject({ path: 'again', owner: 'fc' })
  })

  test('its gradient is the sum over both uses', () => {
    const shared = whole(twice())
    // Two separate blocks that hold the same numbers.
    expect(whole(apart, together).loss).toBe(shared.loss)
    const own = ownGradients(apart)
    for (const name of ['weight', 'bias']) {
      const [first, second] = [own[`fc.${name}`] ?? [], own[`again.${name}`] ?? []]
      const sum = first.map((value, i) => value + at(second, i))
      const found = shared.gradients[`fc.${name}`] ?? []
      sum.forEach((value, i) => expect(Math.abs(value - at(found, i)), `${name} ${i}`).toBeLessThan(1e-14))
      // The control: one use alone is not the gradient.
      expect(first.some((value, i) => Math.abs(value - at(found, i)) > 1e-6)).toBe(true)
    }
  })

  /** Gradients of a drawing whose blocks `fc` and `again` hold the same numbers and keep their names. */
  function ownGradients(document: GraphDocument): { readonly [name: string]: readonly number[] } {
    const numbers = new Map<string, Float64Array>()
    whole(document, together, (name, values) => numbers.set(name, values))
    return whole(document, undefined, (name, values) => values.set(numbers.get(together(name)) ?? [])).gradients
  }

  test('its gradient is that of finite differences', () => {
    const { gradients } = whole(twice())
    const step = 1e-6
    for (const [weight, gradient] of Object.entries(gradients))
      gradient.forEach((value, i) => {
        const moved = (by: number) =>
          whole(twice(), undefined, (name, values) => {
            if (name === weight) values[i] = at(values, i) + by
          }).loss
        expect(Math.abs((moved(step) - moved(-step)) / (2 * step) - value), `${weight} ${i}`).toBeLessThan(1e-8)
      })
  })

  test.each(backends.map((backend) => [backend.title, backend] as const))(
    'a step of training on %s is the one that is worked out by hand',
    async (_title, backend) => {
      // Two examples of one number through y = w (w x), with the mean of (w² x - t)².
      const document = altered(
        draw(
          { features: [1], numbers: 1 },
          {
            x: ['input'],
            fc: ['dense', { features: 1, bias: false }, 'x.x'],
            again: ['dense', {}, 'fc.y'],
            truth: ['target'],
            loss: ['rms', {}, 'again.y', 'truth.y'],
          },
          { optimizer: { type: 'sgd', params: { rate: 0.125, momentum: 0 } }, batchSize: 2 },
        ),
        'again',
        { shares: 'fc' },
      )
      const network = networkOf(document, { train: 2, validation: 0 })
      expect(network.weights.map(({ name }) => name)).toEqual(['fc.weight'])
      const values = startValues(document, network)
      const [w, xs, ts] = [1.5, [0.5, -1], [0.25, 1]]
      values.set('fc.weight', Float32Array.of(w))
      values.set('train/features', Float32Array.from(xs))
      values.set('train/targets', Float32Array.from(ts))
      const executable = await start(backend, network.plan, values)
      const results = await runEntry(executable, network.plan, 'train', [[0, 1]])
      const errors = xs.map((x, i) => w * w * x - at(ts, i))
      expect(get(results, 'train/loss')[0]).toBeCloseTo((at(errors, 0) ** 2 + at(errors, 1) ** 2) / 2, 5)
      const slope = errors.reduce((sum, error, i) => sum + (2 * error * 2 * w * at(xs, i)) / 2, 0)
      const [after = NaN] = await executable.read('fc.weight')
      expect(after).toBeCloseTo(w - 0.125 * slope, 5)
      // The control: the gradient of the outer use alone, half of it, leads elsewhere.
      expect(Math.abs(after - (w - 0.0625 * slope))).toBeGreaterThan(0.1)
      executable.dispose()
    },
  )

  test('without its original leading to the loss it still has the weights', () => {
    const idle = edited(twice(), {
      kind: 'connect',
      id: 'new',
      wire: { from: { block: 'x', port: 'x' }, to: { block: 'again', port: 'x' } },
    })
    expect(analyze(idle).problems).toEqual([])
    expect(weightsOf(idle).map(([name]) => name)).toEqual(['fc.weight', 'fc.bias', 'out.weight', 'out.bias'])
  })

  test('inputs of two sizes are refused in a sentence', () => {
    expect(problemsOf(twice(5))).toEqual([
      'share.shape: Dense again: it shares fc.weight with fc, where that is [3, 5], but what it gets here asks for [5, 5]. ' +
        'Give both uses inputs of the same size, or make one of them independent.',
    ])
  })

  test('a parameter that does not fit is spoken of once', () => {
    const wrong = altered(twice(), 'fc', { params: { features: 0 } })
    expect(problemsOf(wrong).filter((one) => one.startsWith('param'))).toEqual([
      'param.value: Dense fc: Output features must be at least 1, not 0.',
    ])
  })

  test('a use of a block that is gone says so', () => {
    expect(problemsOf(altered(twice(), 'again', { shares: 'nowhere' }))[0]).toBe(
      'block.shares: again is another use of a block that is gone. Delete it and put a block of its own there.',
    )
  })

  test('composites are used twice with all that they hold, copies and inner uses too', () => {
    const tower = inside(
      { fc: ['dense', { features: 3 }], act: ['tanh', {}, 'fc.y'], more: ['dense', {}, 'act.y'] },
      { x: ['fc.x'] },
      { y: 'more.y' },
    )
    const shared: Inside = {
      ...tower,
      blocks: { ...tower.blocks, more: { ...(tower.blocks['more'] as BlockNode), shares: 'fc' } },
    }
    const siamese = altered(
      altered(
        draw(planar, {
          x: ['input'],
          other: ['tanh', {}, 'x.x'],
          left: { inside: shared, from: { x: 'x.x' } },
          right: ['composite', {}],
          join: ['add', {}, 'left.y'],
          out: ['dense', { features: 2 }, 'join.y'],
          ...ends('out.y'),
        }),
        'left',
        { repeat: 2 },
      ),
      'right',
      { shares: 'left' },
    )
    const document = edited(
      numbered(siamese),
      { kind: 'connect', id: 'r1', wire: { from: { block: 'other', port: 'y' }, to: { block: 'right', port: 'x' } } },
      { kind: 'connect', id: 'r2', wire: { from: { block: 'right', port: 'y' }, to: { block: 'join', port: 'b' } } },
    )
    expect(problemsOf(document)).toEqual([])
    expect(weightsOf(document).map(([name]) => name)).toEqual([
      'left.1.fc.weight',
      'left.1.fc.bias',
      'left.2.fc.weight',
      'left.2.fc.bias',
      'out.weight',
      'out.bias',
    ])
    const { blocks } = analyze(document)
    expect([blocks.get('left')?.parameters, blocks.get('right')?.parameters]).toEqual([24, 0])
    expect([blocks.get('left')?.multiplyAdds, blocks.get('right')?.multiplyAdds]).toEqual([36, 36])
    // Unpacked, blocks of the two towers go on sharing.
    const before = whole(document)
    const unpacked = edited(document, { kind: 'unpack', block: 'right' })
    expect(analyze(unpacked).totals).toEqual(analyze(document).totals)
    const names = (name: string) => name.replace(/^fc\./, 'left.1.fc.').replace(/^fc2\./, 'left.2.fc.')
    expect(whole(unpacked, names)).toEqual(before)
    // Independent, the second tower has weights of its own.
    const free = edited(document, { kind: 'makeIndependent', block: 'right' })
    expect(analyze(free).totals.parameters).toBe(24 + 24 + 8)
  })

  test('what a block keeps goes through all its uses', () => {
    const document = altered(
      draw(planar, {
        x: ['input'],
        norm: ['batchNorm', { momentum: 0.25 }, 'x.x'],
        act: ['tanh', {}, 'norm.y'],
        again: ['batchNorm', {}, 'act.y'],
        out: ['dense', { features: 2 }, 'again.y'],
        ...ends('out.y'),
      }),
      'again',
      { shares: 'norm' },
    )
    const { builder } = sound(document)
    const kept = builder.outputs.filter(({ role }) => role === 'state').map(({ name }) => name)
    expect(kept).toEqual(['norm.runningMean', 'norm.runningVariance'])
  })
})

test('a composite that is damaged in a file is refused', () => {
  const node = {
    ...composite('inception'),
    inside: { ...insideOf('inception'), params: { n: { label: 'n', targets: [] } } },
  }
  expect(messages(parseComposite(node, 'c.json'))).toEqual([
    'c.json: composite.inside.params.n.targets must name at least one parameter of a block inside.',
  ])
})
