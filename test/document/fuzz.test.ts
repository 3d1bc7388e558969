/**
 * Random drawing: edits, undo and redo in any order must never leave the land of documents that can be saved and opened
 * again, and undo must lead back to the very bytes of the start. A failing seed is printed with the assertion.
 */
import { expect, test } from 'vitest'
import { analyze } from '../../src/compiler/analyze.ts'
import { Rng } from '../../src/base/rng.ts'
import { canonicalJson } from '../../src/base/hash.ts'
import { blocks as registry } from '../../src/blocks/index.ts'
import { isSequential } from '../../src/document/chain.ts'
import { contentOf, paramSpecsOf } from '../../src/document/composites.ts'
import {
  applyEdit,
  copyFragment,
  freshFragment,
  freshId,
  freshName,
  type Edit,
  type GraphEdit,
} from '../../src/document/edits.ts'
import { documentHash, formatDocument, parseComposite, parseDocument } from '../../src/document/file.ts'
import { commit, redo, startHistory, undo, type History } from '../../src/document/history.ts'
import type { BlockNode, GraphDocument } from '../../src/document/types.ts'
import { valueOf } from '../data/files.ts'
import { shipped, shippedBlocks, shippedDocuments } from '../models/shipped.ts'
import { withComposite } from './documents.ts'

const SEEDS = 120
const OPERATIONS = 100

const composites = shippedBlocks.map(({ name, text }) => valueOf(parseComposite(JSON.parse(text), name)))
const starts = [...shippedDocuments.map(({ name }) => shipped(name)), withComposite()]

const kinds: readonly Edit['kind'][] = [
  'addBlock',
  'addBlock',
  'removeItems',
  'moveBlocks',
  'setParam',
  'setParam',
  'renameBlock',
  'connect',
  'connect',
  'insert',
  'unpack',
  'setData',
  'setTraining',
  'setDocument',
  'group',
  'group',
  'setComposite',
  'addPort',
  'removePort',
  'renamePort',
  'exposeParam',
  'hideParam',
  'setRepeat',
  'addUse',
  'addUse',
  'makeIndependent',
  'chainInsert',
  'chainMove',
  'chainRemove',
  'intoChain',
  'outOfChain',
  'inside',
  'inside',
  'several',
  'dissolve',
  'replaceBlock',
  'setBypassed',
  'insertOnWire',
  'insertOnWire',
  'setRoute',
  'setAnnotation',
  'setAnnotation',
  'setConstant',
  'setConstant',
  'renameConstant',
]

function isOfGraph(edit: Edit): edit is GraphEdit {
  return !['inside', 'several', 'setData', 'setTraining', 'setDocument', 'setConstant', 'renameConstant'].includes(
    edit.kind,
  )
}

function specsOf(node: BlockNode | undefined): object {
  return node ? paramSpecsOf(node) : {}
}

function randomEdit(document: GraphDocument, rng: Rng): Edit {
  const { graph } = document
  // Large drawings cost time and show nothing new.
  const kind = Object.keys(graph.blocks).length > 30 ? 'removeItems' : (kinds[rng.integer(kinds.length)] ?? 'insert')
  if (kind === 'several') {
    const first = randomEdit(document, rng)
    const after = applyEdit(document, first)
    return { kind, label: 'Both', edits: [first, randomEdit(after.ok ? after.value : document, rng)] }
  }
  if (kind === 'inside') {
    const packed = Object.keys(graph.blocks).filter((id) => contentOf(graph, id)?.inside)
    const id = packed[rng.integer(packed.length)] ?? 'nowhere'
    const inside = contentOf(graph, id)?.inside ?? { blocks: {}, wires: {}, annotations: undefined }
    // The same kinds of edits, on the graph inside.
    const { blocks, wires, annotations } = inside
    const inner = { blocks, wires, ...(annotations ? { annotations } : {}) }
    const edit = randomEdit({ ...document, graph: inner }, rng)
    if (edit.kind === 'inside') return { ...edit, path: [id, ...edit.path] }
    return isOfGraph(edit) ? { kind, path: [id], edit } : edit
  }
  const pick = <T>(list: readonly T[], none: T): T => list[rng.integer(list.length)] ?? none
  const ids = Object.keys(graph.blocks)
  const origin = { x: 0, y: 0 }
  const composite = () =>
    pick(
      ids.filter((id) => contentOf(graph, id)?.inside),
      'nowhere',
    )
  const sequential = () => {
    const chains = ids.filter((id) => {
      const inside = contentOf(graph, id)?.inside
      return inside && isSequential(inside)
    })
    return pick(chains, composite())
  }
  const anyId = () => (rng.uniform() < 0.03 ? 'nowhere' : pick(ids, 'nowhere'))
  // Now and then something that must be refused.
  const place = () => pick([rng.uniform(-900, 900), rng.integer(500), 0, -0, 2e6, NaN, Infinity], 0)
  const name = () =>
    pick(['dense', 'relu', 'x', 'Größe', 'a b', '', ' ', 'a.b', 'n'.repeat(60), 'n'.repeat(61), '\u202e'], 'x')
  switch (kind) {
    case 'addBlock': {
      const { type } = pick(registry, registry[0] as (typeof registry)[number])
      const template: BlockNode =
        rng.uniform() < 0.3
          ? pick(composites, composites[0] as BlockNode)
          : { type, name: type, position: { x: 0, y: 0 }, params: {} }
      const position = { x: place(), y: place() }
      return {
        kind: 'addBlock',
        id: rng.uniform() < 0.05 ? anyId() : freshId(graph, 'b'),
        node: { ...template, name: freshName(graph, template.name), position },
      }
    }
    case 'removeItems':
      return {
        kind: 'removeItems',
        blocks: rng.uniform() < 0.5 ? [anyId()] : [],
        wires: rng.uniform() < 0.6 ? [pick(Object.keys(graph.wires), 'none')] : [],
        annotations: rng.uniform() < 0.2 ? [pick(Object.keys(graph.annotations ?? {}), 'none')] : [],
      }
    case 'dissolve':
      return { kind, blocks: rng.uniform() < 0.7 ? [anyId()] : [anyId(), anyId()] }
    case 'replaceBlock': {
      const { type } = pick(registry, registry[0] as (typeof registry)[number])
      const node = rng.uniform() < 0.3 ? pick(composites, composites[0] as BlockNode) : { type, name: type, params: {} }
      return { kind, block: anyId(), node }
    }
    case 'setBypassed':
      return { kind, blocks: ids.filter(() => rng.uniform() < 0.2), bypassed: rng.uniform() < 0.7 }
    case 'insertOnWire':
      return { kind, wire: pick(Object.keys(graph.wires), 'none'), block: anyId(), id: freshId(graph, 'w') }
    case 'setRoute':
      return {
        kind,
        wire: pick(Object.keys(graph.wires), 'none'),
        via: Array.from({ length: rng.integer(3) }, () => ({ x: place(), y: rng.uniform(-50, 50) })),
      }
    case 'setAnnotation': {
      const known = Object.keys(graph.annotations ?? {})
      const id = rng.uniform() < 0.5 ? pick(known, 'a1') : rng.uniform() < 0.1 ? anyId() : freshId(graph, 'a')
      const annotation = {
        kind: pick(['frame', 'note'] as const, 'note'),
        text: name(),
        position: { x: place(), y: rng.uniform(-90, 90) },
        size: { width: pick([200, 0, -1], 80), height: rng.integer(300) },
        colour: pick(['grey', 'blue'] as const, 'grey'),
      }
      return { kind, id, annotation: rng.uniform() < 0.2 ? null : annotation }
    }
    case 'setConstant': {
      const names = ['hidden', 'k', 'größe', '', '2x', 'toString', 'a b']
      return { kind, name: pick(names, 'k'), value: pick([null, 3, 32, 0.5, NaN], 1) }
    }
    case 'renameConstant':
      return { kind, name: pick(['hidden', 'k'], 'k'), to: pick(['hidden', 'k', 'e2', '?'], 'k') }
    case 'moveBlocks':
      return {
        kind: 'moveBlocks',
        positions: Object.fromEntries(
          [...ids, ...Object.keys(graph.annotations ?? {})]
            .filter(() => rng.uniform() < 0.2)
            .map((id) => [id, { x: place(), y: rng.uniform(-50, 50) }]),
        ),
      }
    case 'setParam': {
      const withParams = ids.filter((id) => ['dense', 'conv2d', 'pooling'].includes(graph.blocks[id]?.type ?? ''))
      const block = rng.uniform() < 0.8 ? pick(withParams, 'nowhere') : anyId()
      const specs = registry.find((one) => one.type === graph.blocks[block]?.type)?.params ?? {}
      const name = pick(Object.keys(specs), 'nothing')
      const values = [
        rng.integer(9),
        1.5,
        true,
        'same',
        'max',
        'logits',
        [rng.integer(5), 2] as const,
        -1,
        Infinity,
        'no',
        '=hidden*2',
        '=k+',
        '=4*3',
      ]
      return {
        kind: 'setParam',
        block,
        name,
        value: pick(rng.uniform() < 0.4 ? [specs[name]?.default ?? 1] : values, 1),
      }
    }
    case 'renameBlock':
      return { kind: 'renameBlock', block: anyId(), name: name() }
    case 'connect': {
      const ports = ['x', 'y', 'prediction', 'target', 'none']
      const end = () => ({ block: anyId(), port: pick(ports, 'x') })
      const id = rng.uniform() < 0.1 ? pick(Object.keys(graph.wires), 'w1') : freshId(graph, 'w')
      return { kind: 'connect', id, wire: { from: end(), to: end() } }
    }
    case 'insert': {
      const fragment = copyFragment(graph, ids.filter(() => rng.uniform() < 0.25).slice(0, 4))
      return {
        kind: 'insert',
        graph: rng.uniform() < 0.9 ? freshFragment(graph, fragment, { x: rng.uniform(-2e6, 2e6), y: 32 }) : fragment,
      }
    }
    case 'unpack': {
      const packed = ids.filter((id) => graph.blocks[id]?.inside)
      return { kind: 'unpack', block: pick(packed, anyId()) }
    }
    case 'setData': {
      const { data } = pick(starts, starts[0] as GraphDocument)
      return {
        kind: 'setData',
        data: { ...data, split: { validation: pick([0, 0.2, 0.95, 1, NaN], 0), seed: rng.integer(2 ** 31) } },
      }
    }
    case 'setTraining':
      return {
        kind: 'setTraining',
        training: {
          optimizer: { type: pick(['sgd', 'adam', 'other'], 'sgd'), params: { rate: pick([0.1, 1e-9, Infinity], 1) } },
          batchSize: pick([1, 32, 0, 2.5, 1e9], 1),
          epochs: pick([1, 100, -1], 1),
          seed: rng.integer(1000),
        },
      }
    case 'group': {
      const blocks = ids.filter(() => rng.uniform() < 0.2).slice(0, 5)
      return { kind, blocks, id: freshId(graph, 'g'), title: pick(['Group', 'A & b', ' ', 'n'.repeat(90)], 'x') }
    }
    case 'setComposite':
      return { kind, block: composite(), ...(rng.uniform() < 0.5 ? { title: name() } : { doc: 'Help.' }) }
    case 'addPort':
    case 'removePort':
    case 'renamePort': {
      const block = composite()
      const inside = contentOf(graph, block)?.inside
      const side = rng.uniform() < 0.5 ? 'inputs' : 'outputs'
      const port = pick([...Object.keys(inside?.[side] ?? {}), 'x', 'z'], 'x')
      const inner = pick(Object.keys(inside?.blocks ?? {}), 'nowhere')
      const end = { block: inner, port: pick(['x', 'y', 'a', 'none'], 'x') }
      if (kind === 'addPort') return { kind, block, side, port, end }
      if (kind === 'removePort') return { kind, block, side, port }
      return { kind, block, side, port, name: pick(['x', 'p', 'toString', 'a.b', 'left'], 'p') }
    }
    case 'exposeParam': {
      const block = composite()
      const parts = contentOf(graph, block)?.inside?.blocks ?? {}
      const targets = Object.keys(parts)
        .filter((id) => Object.keys(specsOf(parts[id])).length > 0 && rng.uniform() < 0.8)
        .slice(0, 1 + rng.integer(2))
        .map((id) => ({ block: id, param: pick(Object.keys(specsOf(parts[id])), 'features') }))
      return { kind, block, name: pick(['n', 'size', 'a.b'], 'n'), label: pick(['Size', ' '], 'Size'), targets }
    }
    case 'hideParam': {
      const shown = ids.filter((id) => Object.keys(contentOf(graph, id)?.inside?.params ?? {}).length > 0)
      const block = pick(shown, anyId())
      return { kind, block, name: pick(Object.keys(contentOf(graph, block)?.inside?.params ?? {}), 'n') }
    }
    case 'setRepeat':
      return { kind, block: composite(), repeat: pick([1, 2, 3, 0, 65, 1.5], 1) }
    case 'addUse':
      return { kind, id: freshId(graph, 'u'), of: anyId(), position: { x: place(), y: 0 } }
    case 'makeIndependent':
      return {
        kind,
        block: pick(
          ids.filter((id) => graph.blocks[id]?.shares),
          anyId(),
        ),
      }
    case 'chainInsert':
      return {
        kind,
        block: sequential(),
        at: rng.integer(3),
        node: { type: 'relu', name: pick(['r', 'a.b', 'relu'], 'r'), position: origin, params: {} },
      }
    case 'chainMove':
      return { kind, block: sequential(), from: rng.integer(3), to: rng.integer(3) }
    case 'chainRemove':
      return { kind, block: sequential(), at: rng.integer(3) }
    case 'intoChain':
      return { kind, block: sequential(), at: rng.integer(3), member: anyId() }
    case 'outOfChain':
      return { kind, block: sequential(), at: rng.integer(3), id: freshId(graph, 'o'), position: { x: place(), y: 0 } }
    default:
      return rng.uniform() < 0.5
        ? { kind: 'setDocument', name: name() }
        : { kind: 'setDocument', note: 'n'.repeat(rng.integer(9)) }
  }
}

/** What must be true of every document that can be reached. */
function broken(document: GraphDocument, thorough = true): string | null {
  const text = formatDocument(document)
  const parsed = parseDocument(text, 'x.json')
  if (!parsed.ok) return parsed.problems.map((one) => one.message).join(' | ')
  if (formatDocument(parsed.value) !== text) return 'it is saved differently the second time'
  if (!thorough) return null
  if (canonicalJson(parsed.value) !== canonicalJson(document)) return 'it is another document after saving and opening'
  if (documentHash(parsed.value) !== documentHash(document)) return 'its hash changes by saving'
  return null
}

test(`${SEEDS} x ${OPERATIONS} random edits, undos and redos stay openable and lead back to the first byte`, () => {
  const done = new Map<string, number>()
  const refused = new Map<string, number>()
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1)
  for (let seed = 0; seed < SEEDS; seed++) {
    const rng = new Rng(seed, 'edit fuzz')
    const start = starts[seed % starts.length] as GraphDocument
    const startText = formatDocument(start)
    let now = startText
    let history: History = startHistory(start)
    // A second account of what undo and redo should give: plain texts.
    const past: string[] = []
    let future: string[] = []
    for (let i = 0; i < OPERATIONS; i++) {
      const before = now
      const turn = rng.uniform()
      if (turn < 0.15) {
        history = undo(history)
        const expected = past.pop()
        if (expected !== undefined) future.push(before)
        now = formatDocument(history.document)
        expect(now, `seed ${seed}, operation ${i}, undo`).toBe(expected ?? before)
        count(done, expected === undefined ? 'undo at the start' : 'undo')
      } else if (turn < 0.25) {
        history = redo(history)
        const expected = future.pop()
        if (expected !== undefined) past.push(before)
        now = formatDocument(history.document)
        expect(now, `seed ${seed}, operation ${i}, redo`).toBe(expected ?? before)
        count(done, expected === undefined ? 'redo at the end' : 'redo')
      } else {
        const edit = randomEdit(history.document, rng)
        const frozen = history.document
        const gesture = rng.uniform() < 0.2 ? 'gesture' : undefined
        const continues = gesture !== undefined && history.past.at(-1)?.gesture === gesture && future.length === 0
        const result = commit(history, edit, gesture)
        if (i % 7 === 0) expect(formatDocument(frozen), `seed ${seed}, operation ${i}: it is untouched`).toBe(before)
        if (!result.ok) {
          for (const { message } of result.problems) expect(message).toMatch(/^[\S].*\.$/s)
          count(refused, edit.kind)
          continue
        }
        history = result.value
        now = formatDocument(history.document)
        if (!continues) past.push(before)
        future = []
        count(done, edit.kind)
        expect(
          broken(history.document, i % 5 === 0),
          `seed ${seed}, operation ${i}: ${JSON.stringify(edit).slice(0, 300)}`,
        ).toBeNull()
      }
    }
    // Whatever was drawn, the editor can say something of it.
    if (seed % 4 === 0) expect(() => analyze(history.document), `seed ${seed}`).not.toThrow()
    for (let i = 0; i <= OPERATIONS; i++) history = undo(history)
    expect(formatDocument(history.document), `seed ${seed}: undone to the start`).toBe(startText)
    expect(history.document).toBe(start)
  }
  // The fuzzer did its work: every kind happened often, and refusals as well.
  for (const kind of [...new Set(kinds), 'undo', 'redo']) expect(done.get(kind) ?? 0, kind).toBeGreaterThan(5)
  for (const kind of [
    'addBlock',
    'moveBlocks',
    'setParam',
    'renameBlock',
    'connect',
    'insert',
    'setData',
    'setTraining',
  ])
    expect(refused.get(kind) ?? 0, `refused ${kind}`).toBeGreaterThan(10)
})

test('the invariants notice documents that could not be opened again', () => {
  const document = withComposite()
  const { graph } = document
  const twice = {
    ...graph.wires,
    extra: graph.wires['w1'] ?? { from: { block: '', port: '' }, to: { block: '', port: '' } },
  }
  expect(broken(document)).toBeNull()
  expect(broken({ ...document, graph: { ...graph, wires: twice } })).toContain('both end at')
  expect(broken({ ...document, note: 'n'.repeat(100_001) })).toContain('note has 100001 characters')
})
