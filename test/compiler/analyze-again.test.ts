/** Analysing a drawing again after each edit gives what analysing it anew gives, and what the trace for training gives. */
import { describe, expect, test } from 'vitest'
import { at } from '../../src/base/assert.ts'
import type { ParamSpec, ParamValue } from '../../src/base/params.ts'
import { Rng } from '../../src/base/rng.ts'
import { blocks as registry, findBlock } from '../../src/blocks/index.ts'
import { flatten } from '../../src/compiler/1-flatten.ts'
import { analyze, Analyst, traceForward, type Analysis } from '../../src/compiler/analyze.ts'
import { checkWire } from '../../src/compiler/check-wire.ts'
import { BuildMemory } from '../../src/compiler/costs.ts'
import { contentOf, paramSpecsOf, portsOf } from '../../src/document/composites.ts'
import { applyEdit, freshId, freshName, type Edit } from '../../src/document/edits.ts'
import type { BlockNode, Endpoint, GraphDocument } from '../../src/document/types.ts'
import { draw, examples, inside } from '../helpers/documents.ts'
import { randomDocument } from '../helpers/random-graph.ts'

/** Maps as lists, so that the order counts as well. */
function plain({ blocks, wires, inside: within, problems, totals }: Analysis): unknown {
  const levels = [...within].map(([path, level]) => [path, [...level.blocks], [...level.wires]])
  return { blocks: [...blocks], wires: [...wires], levels, problems, totals }
}

function randomValue(rng: Rng, spec: ParamSpec): ParamValue {
  switch (rng.integer(12)) {
    case 0:
      return 'nonsense'
    case 1:
      return '=size+1'
    case 2:
      return -1
  }
  switch (spec.kind) {
    case 'int':
      return spec.min + rng.integer(5)
    case 'real':
      return rng.uniform(Math.max(spec.min, -1), Math.min(spec.max, 1))
    case 'bool':
      return rng.integer(2) === 0
    case 'choice':
      return at(spec.options, rng.integer(spec.options.length)).value
    case 'pair':
      return [spec.min + rng.integer(4), spec.min + rng.integer(4)]
    case 'list':
      return Array.from({ length: (spec.least ?? 1) + rng.integer(3) }, () => Math.max(spec.min, -2) + rng.integer(5))
    case 'formula':
      return spec.default
    default:
      return spec satisfies never
  }
}

/** Something that a person could do, or that a file could hold. */
function change(rng: Rng, document: GraphDocument): GraphDocument {
  const { graph, data } = document
  const ids = Object.keys(graph.blocks)
  const wires = Object.keys(graph.wires)
  const pick = <T>(list: readonly T[]) => at(list, rng.integer(list.length))
  const edited = (edit: Edit) => {
    const result = applyEdit(document, edit)
    return result.ok ? result.value : document
  }
  const raw = (id: string, node: Partial<BlockNode>): GraphDocument => {
    const { [id]: before, ...others } = graph.blocks
    return before ? { ...document, graph: { ...graph, blocks: { ...others, [id]: { ...before, ...node } } } } : document
  }
  if (ids.length === 0) return edited({ kind: 'addBlock', id: 'input', node: bare('input') })
  const id = pick(ids)
  const end = (side: 'inputs' | 'outputs'): Endpoint => {
    const block = pick(ids)
    const node = contentOf(graph, block)
    const ports = node ? Object.keys(portsOf(node)[side]) : []
    return { block, port: ports.length > 0 ? pick(ports) : 'none' }
  }
  switch (rng.integer(20)) {
    case 0: {
      const type = pick(registry).type
      return edited({ kind: 'addBlock', id: freshId(graph, type), node: bare(freshName(graph, type), type) })
    }
    case 1:
      return edited({ kind: 'removeItems', blocks: rng.integer(3) === 0 ? [id] : [], wires: wires.slice(0, 1) })
    case 2:
      return edited({ kind: 'moveBlocks', positions: { [id]: { x: rng.integer(100), y: 0 } } })
    case 3:
      return edited({ kind: 'renameBlock', block: id, name: freshName(graph, 'other') })
    case 4:
      return raw(id, { name: at(Object.values(graph.blocks), 0).name })
    case 5:
      return edited({ kind: 'group', blocks: [id, pick(ids)], id: freshId(graph, 'composite'), title: 'Group' })
    case 6:
      return edited({ kind: 'unpack', block: id })
    case 7:
    case 8: {
      const use = freshId(graph, 'use')
      const again = edited({ kind: 'addUse', id: use, of: id, position: { x: 0, y: 0 } })
      // Fed from wherever it may be: its weights may have another shape there.
      const to = {
        block: use,
        port: Object.keys(portsOf(at(Object.values(graph.blocks), ids.indexOf(id))).inputs)[0] ?? '',
      }
      const fed = applyEdit(again, { kind: 'connect', id: freshId(graph, 'w'), wire: { from: end('outputs'), to } })
      return fed.ok ? fed.value : again
    }
    case 9:
      return edited({ kind: 'makeIndependent', block: id })
    case 10:
      return edited({ kind: 'setRepeat', block: id, repeat: 1 + rng.integer(3) })
    case 11:
      return edited({ kind: 'setBypassed', blocks: [id], bypassed: rng.integer(2) === 0 })
    case 12:
      return edited({ kind: 'setConstant', name: 'size', value: rng.integer(4) })
    case 13: {
      const { source } = data
      if (source.kind === 'table') return document
      const target = { kind: 'classes', names: Array.from({ length: rng.integer(4) }, (_, i) => `c${i}`) } as const
      return { ...document, data: { ...data, source: { ...source, target } } }
    }
    case 14:
      return {
        ...document,
        graph: { ...graph, wires: { ...graph.wires, loose: { from: end('outputs'), to: { block: id, port: 'q' } } } },
      }
    case 15:
    case 16:
      return edited({ kind: 'connect', id: freshId(graph, 'w'), wire: { from: end('outputs'), to: end('inputs') } })
    default: {
      const node = contentOf(graph, id)
      const params = node ? Object.entries(paramSpecsOf(node)) : []
      if (params.length === 0) return document
      const [name, spec] = pick(params)
      return raw(id, { params: { ...graph.blocks[id]?.params, [name]: randomValue(rng, spec) } })
    }
  }
}

const bare = (name: string, type = name): BlockNode => ({ type, name, params: {}, position: { x: 0, y: 0 } })

const STEPS = 60

/** The first step after which an analyst that saw all before says something else than one that saw nothing. */
function firstDifference(seed: number, start: GraphDocument, memory: BuildMemory): string | undefined {
  const rng = new Rng(seed, 'edits')
  const analyst = new Analyst(memory)
  const past = [start]
  for (let step = 0; step < STEPS; step++) {
    // Now and then back to how it was.
    const from = rng.integer(8) === 0 ? rng.integer(past.length) : past.length - 1
    const document = change(rng, at(past, from))
    past.push(document)
    if (rng.integer(4) === 0) analyst.preview(change(rng, document))
    const [again, anew] = [plain(analyst.analyze(document)), plain(analyze(document))]
    try {
      expect(again).toStrictEqual(anew)
    } catch (error) {
      return `seed ${seed}, step ${step}: ${String(error).slice(0, 1000)}`
    }
  }
  return undefined
}

const starts: readonly GraphDocument[] = [...examples.values(), ...[1, 5, 9, 14, 20, 27, 31, 36].map(randomDocument)]

describe('a drawing that is analysed again', () => {
  test('says what one that is analysed anew says', () => {
    const memory = new BuildMemory()
    for (const [i, start] of starts.entries()) {
      expect(firstDifference(i + 1, start, new BuildMemory())).toBeUndefined()
      // What other drawings left behind changes nothing.
      expect(firstDifference(i + 101, start, memory)).toBeUndefined()
    }
  }, 300_000)

  test('and a memory that takes something for what it is not is noticed', () => {
    class Shapes extends BuildMemory {
      protected override questionOf(...[flat, , data]: Parameters<BuildMemory['questionOf']>): string {
        return super.questionOf(flat, {}, data)
      }
    }
    class Params extends BuildMemory {
      protected override sameParams(): boolean {
        return true
      }
    }
    for (const Stale of [Shapes, Params]) {
      const noticed = starts.filter((start, i) => firstDifference(i + 1, start, new Stale()) !== undefined)
      expect(noticed.length, Stale.name).toBeGreaterThan(starts.length / 2)
    }
  }, 300_000)

  test('agrees with the trace that training starts from', () => {
    let blocks = 0
    let refused = 0
    for (const [i, start] of starts.entries()) {
      const rng = new Rng(i + 1, 'traced')
      const analyst = new Analyst()
      let document = start
      for (let step = 0; step < 25; step++) {
        document = change(rng, document)
        const analysis = analyst.analyze(document)
        const traced = traceForward(document, flatten(document))
        // Of blocks that lead to no loss they are only warnings there.
        const messages = new Set(analysis.problems.map(({ message }) => message))
        for (const { message } of traced.problems) expect(messages).toContain(message)
        refused += traced.problems.filter(({ code }) => code === 'share.shape').length
        for (const [id, block] of analysis.blocks) {
          const own = traced.blocks.get(id)
          if (!own) continue
          blocks++
          expect(block.weights).toEqual(own.weights)
          expect(block.multiplyAdds).toBe(own.work.multiplyAdds / 2)
          for (const [port, aval] of Object.entries(block.outputs)) {
            const tensor = own.outputs[port]
            expect(aval).toEqual(tensor && { shape: tensor.shape, dtype: tensor.dtype })
          }
        }
        const learned = traced.builder.weights.filter((weight) => weight.learned)
        expect(analysis.totals.parameters).toBe(
          learned.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
        )
      }
    }
    expect(blocks).toBeGreaterThan(3000)
    // Weights in two places that ask for two shapes are among them.
    expect(refused).toBeGreaterThan(3)
  }, 300_000)

  const lenet = examples.get('lenet-5') ?? at(starts, 0)

  test('keeps what an edit did not touch', () => {
    const analyst = new Analyst()
    const before = analyst.analyze(lenet)
    const [first = ''] = Object.keys(lenet.graph.blocks)
    const edit = (one: Edit) => {
      const edited = applyEdit(lenet, one)
      if (!edited.ok) throw new Error(edited.problems[0]?.message)
      return analyst.analyze(edited.value)
    }
    expect(edit({ kind: 'moveBlocks', positions: { [first]: { x: 9, y: 9 } } })).toBe(before)
    const [dense = ''] = Object.entries(lenet.graph.blocks)
      .filter(([, { type }]) => type === 'dense')
      .map(([id]) => id)
    const after = edit({ kind: 'setParam', block: dense, name: 'features', value: 77 })
    const same = [...after.blocks].filter(([id, block]) => before.blocks.get(id) === block).map(([id]) => id)
    const ids = Object.keys(lenet.graph.blocks)
    expect(same).toEqual(expect.arrayContaining(ids.slice(0, ids.indexOf(dense))))
    expect(same).not.toContain(dense)
    expect(after.blocks.get(dense)?.parameters).not.toBe(before.blocks.get(dense)?.parameters)
  })

  test('a preview leaves no trace', () => {
    const analyst = new Analyst()
    const before = analyst.analyze(lenet)
    const other = analyst.preview(at([...examples.values()], 0))
    expect(plain(other)).toStrictEqual(plain(analyze(at([...examples.values()], 0))))
    expect(analyst.analyze({ ...lenet, graph: { ...lenet.graph } })).toBe(before)
  })

  test('a scrubbed number does not fill the memory', () => {
    const memory = new BuildMemory()
    const analyst = new Analyst(memory)
    const sized = (features: number) =>
      draw(
        { features: [4], classes: 3 },
        {
          x: ['input'],
          fc: ['dense', { features }, 'x.x'],
          r: ['relu', {}, 'fc.y'],
          out: ['dense', { features: 3 }, 'r.y'],
          t: ['target'],
          loss: ['crossEntropy', {}, 'out.y', 't.y'],
        },
      )
    for (let features = 1; features <= 2000; features++) analyst.analyze(sized(features))
    // Three blocks are other ones each time.
    expect(memory.size).toBeGreaterThan(3)
    expect(memory.size).toBeLessThan(3 * 128 + 10)
  })

  test('a wire is looked at with the analyst of the drawing as without', () => {
    const analyst = new Analyst()
    let looked = 0
    for (const document of starts.slice(0, 12)) {
      const ends = (side: 'inputs' | 'outputs') =>
        Object.entries(document.graph.blocks).flatMap(([block, node]) =>
          Object.keys(portsOf(node)[side]).map((port) => ({ block, port })),
        )
      for (const from of ends('outputs').slice(0, 5))
        for (const to of ends('inputs').slice(0, 6)) {
          expect(checkWire(document, [], from, to, analyst)).toEqual(checkWire(document, [], from, to))
          looked++
        }
    }
    expect(looked).toBeGreaterThan(200)
  })
})

test('the products in the loop of a recurrent block are counted', () => {
  const [time, size, hidden] = [7, 3, 5]
  const document = draw(
    { features: [time, size], classes: 2 },
    {
      x: ['input'],
      cell: ['lstm', { hidden }, 'x.x'],
      box: {
        inside: inside({ fc: ['dense', { features: 2 }] }, { x: ['fc.x'] }, { y: 'fc.y' }),
        from: { x: 'cell.y' },
      },
      t: ['target'],
      loss: ['crossEntropy', {}, 'box.y', 't.y'],
    },
  )
  expect(findBlock('lstm')).toBeDefined()
  const { blocks } = analyze(document)
  expect(blocks.get('cell')?.multiplyAdds).toBe(time * 4 * hidden * (size + hidden))
  expect(blocks.get('box')?.multiplyAdds).toBe(hidden * 2)
})
