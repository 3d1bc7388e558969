/** Grouping and unpacking, chains, exposed parameters and second uses, as edits: what is computed does not change by them. */
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/base/hash.ts'
import { Rng } from '../../src/base/rng.ts'
import { analyze } from '../../src/compiler/analyze.ts'
import { chainOf, insertInChain, isSequential, moveInChain, removeFromChain } from '../../src/document/chain.ts'
import { contentOf, originalOf, paramSpecsOf, portsOf, usesOf } from '../../src/document/composites.ts'
import { applyEdit, copyFragment, freshFragment, type Edit } from '../../src/document/edits.ts'
import { documentHash, formatDocument, parseDocument } from '../../src/document/file.ts'
import { commit, startHistory, undo } from '../../src/document/history.ts'
import type { BlockNode, Graph, GraphDocument, Inside } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'
import { randomDocument } from '../helpers/random-graph.ts'
import { numbered, sound, whole, type Whole } from '../helpers/whole-network.ts'
import { drawn, edited, node, refusal, wire, withComposite } from './documents.ts'

/** Blocks and wires by names, without ids, places and order: what two drawings of one network have in common. */
function bare({ blocks, wires }: Graph): unknown {
  const name = (id: string) => blocks[id]?.name ?? ''
  return {
    blocks: Object.fromEntries(
      Object.values(blocks).map(({ name: own, type, params, inside, repeat, shares }) => [
        own,
        { type, params, repeat, shares: shares && name(shares), inside: inside && bare(inside) },
      ]),
    ),
    wires: Object.values(wires)
      .map(({ from, to }) => `${name(from.block)}.${from.port} > ${name(to.block)}.${to.port}`)
      .sort(),
  }
}

/**
 * Blocks of a group come one after the other, so where the gradients of three users of a value are summed they may be summed
 * in another order. Nothing else differs: chains and branches are compared to the last bit in test/compiler/composites.
 */
const ROUNDING = 1e-12

/** Largest difference between two networks in their loss or in the gradient of a weight, measured by its largest entry. */
function apart(a: Whole, b: Whole): number {
  expect(Object.keys(a.gradients)).toEqual(Object.keys(b.gradients))
  const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const distances = Object.entries(b.gradients).map(([name, values]) => {
    const others = a.gradients[name] ?? []
    return largest(values.map((value, i) => value - (others[i] ?? NaN))) / (1 + largest(values))
  })
  return Math.max(Math.abs(a.loss - b.loss) / (1 + Math.abs(b.loss)), ...distances)
}

const chosenOf = (document: GraphDocument, rng: Rng) => {
  const ids = Object.keys(document.graph.blocks)
  const some = ids.filter(() => rng.uniform() < 0.4)
  return some.length > 0 ? some : ids.slice(0, 1)
}

describe('grouping', () => {
  test('of random selections of random networks changes nothing that is computed, and unpacking leads back to the same drawing', () => {
    let [crossing, noise] = [0, 0]
    for (let seed = 0; seed < 40; seed++) {
      const document = numbered(randomDocument(seed))
      const blocks = chosenOf(document, new Rng(seed, 'selection'))
      const packed = edited(document, { kind: 'group', blocks, id: 'group', title: 'Group' })
      const found = packed.graph.blocks['group']
      expect(Object.keys(found?.inside?.blocks ?? {}).sort(), `seed ${seed}`).toEqual([...blocks].sort())
      crossing += Object.keys(found?.inside?.inputs ?? {}).length
      const prefix = `${found?.name ?? ''}.`
      const named = (weight: string) => (weight.startsWith(prefix) ? weight.slice(prefix.length) : weight)
      // Random numbers are drawn by path, so that a group has others.
      const noisy = sound(document).builder.equations.some(({ primitive }) => primitive === 'random')
      const before = whole(document)
      if (noisy) noise++
      else expect(apart(whole(packed, named), before), `seed ${seed}`).toBeLessThan(ROUNDING)
      const { totals } = analyze(packed)
      expect(totals, `seed ${seed}`).toEqual(analyze(document).totals)

      const unpacked = edited(packed, { kind: 'unpack', block: 'group' })
      expect(bare(unpacked.graph), `seed ${seed}`).toEqual(bare(document.graph))
      expect(apart(whole(unpacked), before), `seed ${seed}`).toBeLessThan(ROUNDING)
    }
    expect(crossing).toBeGreaterThan(40)
    expect(noise).toBeLessThan(20)
  })

  test('the comparison notices a block that is missing', () => {
    const document = withComposite()
    const other = edited(document, { kind: 'chainRemove', block: 'c1', at: 1 })
    expect(bare(other.graph)).not.toEqual(bare(document.graph))
    expect(apart(whole(other), whole(document))).toBeGreaterThan(1000 * ROUNDING)
  })

  test('makes one port for each origin, named after the port inside, and ports for what is open', () => {
    const document = drawn(
      {
        a: node('input', 'a'),
        b: node('dense', 'b'),
        c: node('dense', 'c'),
        d: node('add', 'd'),
        e: node('relu', 'e'),
        f: node('tanh', 'f'),
      },
      ['a.x > b.x', 'a.x > c.x', 'b.y > d.a', 'e.y > d.b', 'd.y > f.x'],
    )
    const packed = edited(document, { kind: 'group', blocks: ['b', 'c', 'd'], id: 'g', title: 'Two  branches!' })
    const { name, inside } = packed.graph.blocks['g'] ?? node('', '')
    expect(name).toBe('twoBranches')
    expect(inside?.inputs).toEqual({
      x: [
        { block: 'b', port: 'x' },
        { block: 'c', port: 'x' },
      ],
      b: [{ block: 'd', port: 'b' }],
    })
    // c leads nowhere yet, so that it can be used from outside.
    expect(inside?.outputs).toEqual({ y: { block: 'd', port: 'y' }, y2: { block: 'c', port: 'y' } })
    expect(Object.values(packed.graph.wires)).toEqual([wire('a.x > g.x'), wire('e.y > g.b'), wire('g.y > f.x')])
    expect(portsOf(packed.graph.blocks['g'] ?? node('', '')).outputs).toEqual({
      y: { doc: 'what d inside gives' },
      y2: { doc: 'what c inside gives' },
    })
  })

  test('inside of a composite its ports and parameters go along, and come back', () => {
    const start = edited(withComposite(), {
      kind: 'exposeParam',
      block: 'c1',
      name: 'size',
      label: 'Size',
      targets: [{ block: 'b1', param: 'features' }],
    })
    const within = (edit: Extract<Edit, { kind: 'inside' }>['edit']): Edit => ({ kind: 'inside', path: ['c1'], edit })
    const packed = edited(start, within({ kind: 'group', blocks: ['b1'], id: 'g', title: 'Core' }))
    const inside = packed.graph.blocks['c1']?.inside
    expect(inside?.inputs).toEqual({ x: [{ block: 'g', port: 'x' }] })
    expect(inside?.params).toEqual({ size: { label: 'Size', targets: [{ block: 'g', param: 'size' }] } })
    const names = (weight: string) => weight.replace('core.', '')
    for (const size of [5, 9]) {
      const set: Edit = { kind: 'setParam', block: 'c1', name: 'size', value: size }
      const expected = whole(edited(start, set))
      expect(whole(edited(packed, set), names)).toEqual(expected)
      const unpacked = edited(packed, set, within({ kind: 'unpack', block: 'g' }))
      expect(whole(unpacked)).toEqual(expected)
      expect(bare(unpacked.graph)).toEqual(bare(edited(start, set).graph))
    }
  })

  test('what shares across the rim is refused in a sentence', () => {
    const document = edited(withComposite(), { kind: 'addUse', id: 'u', of: 'out', position: { x: 0, y: 0 } })
    expect(refusal(applyEdit(document, { kind: 'group', blocks: ['u', 'l'], id: 'g', title: 'G' }))).toBe(
      'classes2 is another use of classes: group both, or make classes2 independent first.',
    )
    expect(applyEdit(document, { kind: 'group', blocks: ['u', 'out'], id: 'g', title: 'G' }).ok).toBe(true)
  })

  const refused: readonly (readonly [string, Edit, string])[] = [
    [
      'nothing',
      { kind: 'group', blocks: [], id: 'g', title: 'G' },
      'There is nothing to group: select the blocks first.',
    ],
    ['a title of blanks', { kind: 'group', blocks: ['in'], id: 'g', title: ' ' }, 'A composite needs a title.'],
    ['a taken id', { kind: 'group', blocks: ['in'], id: 'l', title: 'G' }, 'There is a block l already.'],
    [
      'a block that is gone',
      { kind: 'group', blocks: ['q'], id: 'g', title: 'G' },
      'The block q is not in the drawing any more.',
    ],
    [
      'ports of a block that is whole',
      { kind: 'addPort', block: 'in', side: 'inputs', port: 'x', end: { block: 'b1', port: 'x' } },
      'points is not a composite; it has no inside.',
    ],
    [
      'a port to nowhere',
      { kind: 'addPort', block: 'c1', side: 'inputs', port: 'z', end: { block: 'b1', port: 'z' } },
      'dense has no input called "z".',
    ],
    [
      'a port with a name that every object has',
      { kind: 'renamePort', block: 'c1', side: 'inputs', port: 'x', name: 'constructor' },
      'A port can\'t be called "constructor".',
    ],
    [
      'a parameter that is not there',
      { kind: 'exposeParam', block: 'c1', name: 'n', label: 'N', targets: [{ block: 'b1', param: 'colour' }] },
      'dense has no parameter called "colour".',
    ],
    [
      'parameters of two kinds as one',
      {
        kind: 'exposeParam',
        block: 'c1',
        name: 'n',
        label: 'N',
        targets: [
          { block: 'b1', param: 'features' },
          { block: 'b1', param: 'bias' },
        ],
      },
      'Output features and Bias take different values; show them one by one.',
    ],
    [
      'a parameter of nothing',
      { kind: 'exposeParam', block: 'c1', name: 'n', label: 'N', targets: [] },
      'A parameter of a composite needs a block inside that it sets.',
    ],
    [
      'half a copy',
      { kind: 'setRepeat', block: 'c1', repeat: 1.5 },
      'Copies must be a whole number from 1 to 64, not 1.5.',
    ],
    [
      'copies of a block',
      { kind: 'setRepeat', block: 'in', repeat: 2 },
      'points is not a composite; only those repeat.',
    ],
    [
      'independence of an original',
      { kind: 'makeIndependent', block: 'out' },
      'classes has weights of its own already.',
    ],
    [
      'a block with two inputs in a chain',
      { kind: 'chainInsert', block: 'c1', at: 0, node: node('add', 'add') },
      "add can't stand in a chain: that takes a block with one input and an output.",
    ],
    [
      'a place behind the end',
      { kind: 'chainInsert', block: 'c1', at: 3, node: node('relu', 'r') },
      'There is no place 3 in this chain; it has 3, counted from 0.',
    ],
    ['a chain into itself', { kind: 'intoChain', block: 'c1', at: 0, member: 'c1' }, "layer can't be put into itself."],
    [
      'an edit inside of nothing',
      { kind: 'inside', path: ['in'], edit: { kind: 'removeItems', blocks: [], wires: [] } },
      'points is not a composite; it has no inside.',
    ],
    [
      'several of which the last fails',
      {
        kind: 'several',
        label: 'All',
        edits: [
          { kind: 'removeItems', blocks: ['in'], wires: [] },
          { kind: 'renameBlock', block: 'in', name: 'a' },
        ],
      },
      'The block in is not in the drawing any more.',
    ],
  ]
  test.each(refused)('%s is refused in a sentence', (_name, edit, message) => {
    expect(refusal(applyEdit(withComposite(), edit))).toBe(message)
  })
})

describe('a chain', () => {
  const layer = (): Inside => withComposite().graph.blocks['c1']?.inside as Inside
  const names = (inside: Inside) => chainOf(inside)?.map((id) => inside.blocks[id]?.name)

  test('is told from what is none', () => {
    expect(isSequential(layer())).toBe(true)
    expect(isSequential({ ...layer(), wires: {} })).toBe(false)
    expect(isSequential({ ...layer(), outputs: { y: { block: 'b1', port: 'y' } } })).toBe(false)
    expect(isSequential({ ...layer(), inputs: { ...layer().inputs, z: [] } })).toBe(false)
    expect(isSequential({ ...layer(), wires: { w1: wire('b2.y > b1.x') } })).toBe(false)
    expect(isSequential({ ...layer(), blocks: {}, wires: {}, inputs: {}, outputs: {} })).toBe(true)
  })

  test('keeps its order through any insertions, moves and removals', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = new Rng(seed, 'chain')
      let inside = layer()
      let expected = ['dense', 'tanh']
      for (let i = 0; i < 30; i++) {
        const at = rng.integer(expected.length + 1)
        const to = rng.integer(Math.max(1, expected.length))
        if (expected.length < 3 || rng.uniform() < 0.4) {
          inside = valueOf(insertInChain(inside, at, node('relu', `r${i}`)))
          expected = [...expected.slice(0, at), `r${i}`, ...expected.slice(at)]
        } else if (rng.uniform() < 0.5 && at < expected.length) {
          inside = valueOf(moveInChain(inside, at, to))
          const [moved = ''] = expected.splice(at, 1)
          expected.splice(to, 0, moved)
        } else {
          inside = valueOf(removeFromChain(inside, Math.min(at, expected.length - 1)))
          expected.splice(Math.min(at, expected.length - 1), 1)
        }
        expect(names(inside), `seed ${seed}, ${i}`).toEqual(expected)
      }
    }
  })

  test('can be emptied and filled again', () => {
    let inside = valueOf(removeFromChain(valueOf(removeFromChain(layer(), 0)), 0))
    expect([inside.inputs, inside.outputs, chainOf(inside)]).toEqual([{ x: [] }, {}, []])
    inside = valueOf(insertInChain(inside, 0, node('relu', 'relu')))
    expect(inside.inputs).toEqual({ x: [{ block: 'b1', port: 'x' }] })
    expect(inside.outputs).toEqual({ y: { block: 'b1', port: 'y' } })
  })
})

describe('another use of a block', () => {
  const at = { x: 10, y: 0 }
  const twice = () =>
    edited(
      withComposite(),
      { kind: 'addUse', id: 'u', of: 'c1', position: at },
      { kind: 'addUse', id: 'v', of: 'u', position: at },
      { kind: 'connect', id: 'n1', wire: wire('in.x > u.x') },
    )

  test('of a use is a use of the original', () => {
    const { graph } = twice()
    expect([originalOf(graph, 'v'), usesOf(graph, 'c1')]).toEqual(['c1', ['u', 'v']])
    expect(contentOf(graph, 'v')).toMatchObject({ name: 'layer3', position: at, inside: { title: 'Layer' } })
  })

  test('changes with its original, whichever of them is edited', () => {
    const document = edited(
      twice(),
      { kind: 'exposeParam', block: 'u', name: 'n', label: 'N', targets: [{ block: 'b1', param: 'features' }] },
      { kind: 'setParam', block: 'v', name: 'n', value: 7 },
      { kind: 'renamePort', block: 'v', side: 'inputs', port: 'x', name: 'in' },
      { kind: 'setRepeat', block: 'u', repeat: 2 },
    )
    const { graph } = document
    expect(graph.blocks['c1']).toMatchObject({ params: { n: 7 }, repeat: 2 })
    expect(graph.blocks['u']?.params).toEqual({})
    expect(Object.values(graph.wires)).toContainEqual(wire('in.x > u.in'))
    expect(Object.values(graph.wires)).toContainEqual(wire('in.x > c1.in'))
    expect(paramSpecsOf(contentOf(graph, 'v') ?? node('', ''))).toHaveProperty('n')
  })

  test('inherits when its original goes: the first use becomes the original of the others', () => {
    const { graph } = edited(twice(), { kind: 'removeItems', blocks: ['c1'], wires: [] })
    expect(graph.blocks['u']).toMatchObject({ type: 'composite', name: 'layer2', inside: { title: 'Layer' } })
    expect(graph.blocks['u']).not.toHaveProperty('shares')
    expect(graph.blocks['v']?.shares).toBe('u')
  })

  test('inside of a composite the heir is what an exposed parameter sets', () => {
    const document = edited(
      withComposite(),
      { kind: 'exposeParam', block: 'c1', name: 'n', label: 'N', targets: [{ block: 'b1', param: 'features' }] },
      { kind: 'inside', path: ['c1'], edit: { kind: 'addUse', id: 'u', of: 'b1', position: at } },
      { kind: 'inside', path: ['c1'], edit: { kind: 'removeItems', blocks: ['b1'], wires: [] } },
    )
    expect(document.graph.blocks['c1']?.inside?.params).toEqual({
      n: { label: 'N', targets: [{ block: 'u', param: 'features' }] },
    })
  })

  test('copied with its original it shares the copy, copied alone it is a block of its own', () => {
    const { graph } = twice()
    const both = freshFragment(graph, copyFragment(graph, ['c1', 'u']), at)
    const [first = '', second = ''] = Object.keys(both.blocks)
    expect(both.blocks[second]?.shares).toBe(first)
    expect(both.blocks[first]?.inside?.title).toBe('Layer')
    const alone = copyFragment(graph, ['u'])
    expect(alone.blocks['u']?.inside?.title).toBe('Layer')
    expect(alone.blocks['u']).not.toHaveProperty('shares')
    const uses = copyFragment(graph, ['u', 'v'])
    expect([uses.blocks['u']?.shares, uses.blocks['v']?.shares]).toEqual([undefined, 'u'])
    for (const fragment of [both, freshFragment(graph, alone, at), freshFragment(graph, uses, at)])
      expect(applyEdit(twice(), { kind: 'insert', graph: fragment }).ok).toBe(true)
  })

  test('is another computation than two blocks: the hash tells them apart', () => {
    const shared = twice()
    const free = edited(shared, { kind: 'makeIndependent', block: 'u' })
    expect(documentHash(free)).not.toBe(documentHash(shared))
    expect(documentHash(edited(shared, { kind: 'setRepeat', block: 'c1', repeat: 2 }))).not.toBe(documentHash(shared))
    const renamed = edited(shared, { kind: 'setComposite', block: 'c1', title: 'Other', doc: 'Help.' })
    expect(documentHash(renamed)).toBe(documentHash(shared))
  })
})

describe('a file', () => {
  const text = (change: (blocks: { [id: string]: BlockNode }, inside: { [key: string]: unknown }) => void): string => {
    const document = edited(
      withComposite(),
      { kind: 'exposeParam', block: 'c1', name: 'n', label: 'N', targets: [{ block: 'b1', param: 'features' }] },
      { kind: 'addUse', id: 'u', of: 'out', position: { x: 0, y: 0 } },
      { kind: 'inside', path: ['c1'], edit: { kind: 'addUse', id: 'b3', of: 'b1', position: { x: 0, y: 0 } } },
      { kind: 'setRepeat', block: 'c1', repeat: 2 },
    )
    const json = JSON.parse(formatDocument(document)) as { graph: { blocks: { [id: string]: BlockNode } } }
    const { blocks } = json.graph
    change(blocks, blocks['c1']?.inside as unknown as { [key: string]: unknown })
    return JSON.stringify(json)
  }
  const nodeOf = (blocks: { [id: string]: BlockNode }, id: string) =>
    blocks[id] as unknown as { [key: string]: unknown }
  const target = (fields: object) => ({ n: { label: 'N', targets: [{ block: 'b1', param: 'features', ...fields }] } })

  test('holds all of it and reads it back', () => {
    const read = valueOf(
      parseDocument(
        text(() => undefined),
        'x.json',
      ),
    )
    expect(read.graph.blocks['u']?.shares).toBe('out')
    expect(read.graph.blocks['c1']).toMatchObject({
      repeat: 2,
      inside: { params: target({}), blocks: { b3: { shares: 'b1' } } },
    })
    expect(canonicalJson(JSON.parse(formatDocument(read)))).toBe(canonicalJson(JSON.parse(text(() => undefined))))
  })

  const hostile: readonly (readonly [string, Parameters<typeof text>[0], string])[] = [
    [
      'a use of itself',
      (blocks) => (nodeOf(blocks, 'u')['shares'] = 'u'),
      'graph.blocks.u.shares names the block itself; a block can share only another one.',
    ],
    [
      'a use of nothing',
      (blocks) => (nodeOf(blocks, 'u')['shares'] = 'toString'),
      'graph.blocks.u.shares names a block "toString" that does not exist.',
    ],
    [
      'a use of a use',
      (blocks) => (blocks['z'] = { ...(blocks['u'] as BlockNode), name: 'z', shares: 'u' }),
      'graph.blocks.z.shares names classes2, which is itself another use of "out"; name that one.',
    ],
    [
      'a use of another type',
      (blocks) => (nodeOf(blocks, 'u')['type'] = 'conv2d'),
      'graph.blocks.u.shares names classes of type "dense"; "conv2d" is something else.',
    ],
    [
      'a use with parameters',
      (blocks) => (nodeOf(blocks, 'u')['params'] = { features: 2 }),
      "graph.blocks.u.shares can't stand beside params, inside or repeat of its own; it has those of classes.",
    ],
    [
      'a use that is a number',
      (blocks) => (nodeOf(blocks, 'u')['shares'] = 5),
      'graph.blocks.u.shares must be text, not 5.',
    ],
    [
      'half a copy',
      (blocks) => (nodeOf(blocks, 'c1')['repeat'] = 1.5),
      'graph.blocks.c1.repeat must be a whole number, not 1.5.',
    ],
    [
      'a million copies',
      (blocks) => (nodeOf(blocks, 'c1')['repeat'] = 1e6),
      'graph.blocks.c1.repeat must be between 1 and 64, not 1000000.',
    ],
    [
      'copies of a block',
      (blocks) => (nodeOf(blocks, 'out')['repeat'] = 2),
      'graph.blocks.out.repeat is only for composites.',
    ],
    [
      'a parameter of nothing',
      (_blocks, inside) => (inside['params'] = target({ block: 'b9' })),
      'graph.blocks.c1.inside.params.n.targets[0] leads to a block "b9" that does not exist.',
    ],
    [
      'a parameter of a use',
      (_blocks, inside) => (inside['params'] = target({ block: 'b3' })),
      'graph.blocks.c1.inside.params.n.targets[0] leads to dense2, which is another use of "b1"; name that one.',
    ],
    [
      'a parameter that every object has',
      (_blocks, inside) => (inside['params'] = target({ param: 'toString' })),
      'graph.blocks.c1.inside.params.n.targets[0].param is called "toString", a name that no document may use.',
    ],
    [
      'a parameter that is set twice',
      (_blocks, inside) => (inside['params'] = { ...target({}), m: target({}).n }),
      'graph.blocks.c1.inside.params.m.targets[0] sets features of dense, which is set already.',
    ],
    [
      'a parameter without a label',
      (_blocks, inside) => (inside['params'] = { n: { targets: target({}).n.targets } }),
      'graph.blocks.c1.inside.params.n.label must be text, not missing.',
    ],
    [
      'a parameter with a dot in its name',
      (_blocks, inside) => (inside['params'] = { 'a.b': target({}).n }),
      'graph.blocks.c1.inside.params has a name "a.b" that can\'t be used. A name can\'t hold dots, slashes or invisible characters.',
    ],
    [
      'help that is a list',
      (_blocks, inside) => (inside['doc'] = ['help']),
      'graph.blocks.c1.inside.doc must be text, not a list.',
    ],
    [
      'other names that are none',
      (_blocks, inside) => (inside['aliases'] = [7]),
      'graph.blocks.c1.inside.aliases[0] must be text, not 7.',
    ],
  ]
  test.each(hostile)('with %s is refused in a sentence', (_name, change, message) => {
    expect(refusal(parseDocument(text(change), 'x.json'))).toBe(`x.json: ${message}`)
  })
})

test('a group is one step to undo', () => {
  const document = withComposite()
  const history = valueOf(
    commit(startHistory(document), { kind: 'group', blocks: ['c1', 'out'], id: 'g', title: 'All' }),
  )
  expect(history.past).toHaveLength(1)
  expect(undo(history).document).toBe(document)
})
