/**
 * How long the editor's analysis takes: cold, again after one edit, and while a number is scrubbed, on drawings of 100, 500 and
 * 1,000 blocks (those inside of composites counted). The mix is that of real networks: convolutions with batch normalization,
 * poolings, Inceptions, dense layers and LSTMs, with sizes that differ from block to block. Each figure is the median over
 * as many edits as fit into half a second, with the least behind it: what is left when nothing else has the machine.
 */
import { readFileSync } from 'node:fs'
import type { ParamValue, ParamValues } from '../src/base/params.ts'
import { flatten } from '../src/compiler/1-flatten.ts'
import { Analyst, traceForward } from '../src/compiler/analyze.ts'
import { emptyDocument } from '../src/document/file.ts'
import type { BlockNode, GraphDocument, Inside, Wire } from '../src/document/types.ts'
import { time } from './phases.ts'

const [models = ''] = process.argv.slice(2)
const inception = JSON.parse(readFileSync(`${models}/blocks/inception.json`, 'utf8')) as { readonly inside: Inside }

class Pencil {
  readonly blocks: { [id: string]: BlockNode } = {}
  readonly wires: { [id: string]: Wire } = {}
  count = 0

  add(type: string, params: ParamValues, ...from: readonly string[]): string {
    return this.#put({ type, params }, this.#portsOf(type), from, 1)
  }
  inception(params: ParamValues, from: string): string {
    const { inside } = inception
    return this.#put({ type: 'composite', params, inside }, ['x'], [from], Object.keys(inside.blocks).length)
  }
  #portsOf(type: string): readonly string[] {
    return type === 'crossEntropy' ? ['prediction', 'target'] : type === 'add' || type === 'concat' ? ['a', 'b'] : ['x']
  }
  #put(
    node: Pick<BlockNode, 'type' | 'params' | 'inside'>,
    ports: readonly string[],
    from: readonly string[],
    blocks: number,
  ): string {
    const id = `b${Object.keys(this.blocks).length}`
    this.blocks[id] = { ...node, name: id, position: { x: 0, y: 0 } }
    from.forEach((source, i) => {
      const [block = '', port = 'y'] = source.split('.')
      this.wires[`w${Object.keys(this.wires).length}`] = {
        from: { block, port },
        to: { block: id, port: ports[i] ?? '' },
      }
    })
    this.count += blocks
    return id
  }
}

/** A drawing of so many blocks, and the block whose kernel is edited: the first, so that its shape ripples through all images. */
function drawing(size: number): { readonly document: GraphDocument; readonly edited: string; readonly count: number } {
  const pencil = new Pencil()
  const input = pencil.add('input', {})
  const edited = pencil.add('conv2d', { filters: 16, kernel: [3, 3] }, `${input}.x`)
  let image = edited
  for (let unit = 0; pencil.count < 0.72 * size; unit++) {
    const filters = 16 + 2 * (unit % 24)
    const first = pencil.add('conv2d', { filters, kernel: [3, 3], padding: 'same' }, image)
    const normal = pencil.add('relu', {}, pencil.add('batchNorm', {}, first))
    const second = pencil.add('conv2d', { filters, kernel: [3, 3], padding: 'same' }, normal)
    image = pencil.add('relu', {}, pencil.add('add', {}, first, pencil.add('batchNorm', {}, second)))
    if (unit % 3 === 2) image = pencil.inception({ n1x1: 8 + unit, n3x3: 16 + unit }, image)
    if (unit % 16 === 15) image = pencil.add('pooling', { kind: 'max', size: [2, 2], stride: [2, 2] }, image)
  }
  let list = pencil.add('flatten', {}, image)
  for (let unit = 0; pencil.count < 0.95 * size; unit++) {
    list = pencil.add('relu', {}, pencil.add('dense', { features: 64 + (unit % 40) }, list))
    if (unit % 4 === 3) list = pencil.add('dropout', {}, pencil.add('batchNorm', {}, list))
  }
  let sequence = pencil.add('reshape', { shape: [32, 96] }, `${input}.x`)
  for (let unit = 0; pencil.count < size - 6; unit++)
    sequence = pencil.add('lstm', { hidden: 16 + unit, output: 'sequence' }, sequence)
  const rows = pencil.add('flatten', {}, sequence)
  const joined = pencil.add('concat', {}, list, rows)
  const answer = pencil.add('dense', { features: 10 }, joined)
  pencil.add('crossEntropy', {}, answer, `${pencil.add('target', {})}.y`)
  const empty = emptyDocument()
  const document: GraphDocument = {
    ...empty,
    graph: { blocks: pencil.blocks, wires: pencil.wires },
    data: {
      ...empty.data,
      source: {
        kind: 'generated',
        generator: 'icons',
        params: {},
        seed: 1,
        features: [32, 32, 3],
        target: { kind: 'classes', names: Array.from({ length: 10 }, (_, i) => `c${i}`) },
      },
    },
  }
  return { document, edited, count: pencil.count }
}

function changed(document: GraphDocument, block: string, name: string, value: ParamValue): GraphDocument {
  const node = document.graph.blocks[block]
  if (!node) throw new Error(`no block ${block}`)
  const blocks = { ...document.graph.blocks, [block]: { ...node, params: { ...node.params, [name]: value } } }
  return { ...document, graph: { ...document.graph, blocks } }
}

/** `4.21 (3.87)` */
function shown(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b)
  return `${sorted[Math.floor(times.length / 2)]?.toFixed(2)} (${sorted[0]?.toFixed(2)})`
}

/** Of the times that `work` takes with 0, 1, 2, … */
function measured(work: (turn: number) => void): string {
  const times: number[] = []
  const until = performance.now() + 500
  for (let turn = 0; turn < 8 || performance.now() < until; turn++) {
    const began = time()
    work(turn)
    times.push(time() - began)
  }
  return shown(times)
}

const rows: { readonly [figure: string]: string }[] = []
for (const size of [100, 500, 1000]) {
  const { document, edited, count } = drawing(size)
  const first = time()
  const analyst = new Analyst()
  const wrong = analyst.analyze(document).problems
  if (wrong.length > 0) throw new Error(wrong[0]?.message)
  const cold = time() - first
  const middle = `b${Math.floor(Object.keys(document.graph.blocks).length / 2)}`
  const kernels = Array.from({ length: 9 }, (_, i) => changed(document, edited, 'kernel', [2 + i, 2 + i]))
  rows.push({
    blocks: String(count),
    'cold (first of all)': cold.toFixed(2),
    'warm, nothing remembered': measured(() => new Analyst().analyze(document)),
    'only moved': measured((turn) => {
      const node = document.graph.blocks[edited]
      if (!node) return
      const blocks = { ...document.graph.blocks, [edited]: { ...node, position: { x: turn, y: 0 } } }
      analyst.analyze({ ...document, graph: { ...document.graph, blocks } })
    }),
    'a rename in the middle': measured((turn) => {
      const node = document.graph.blocks[middle]
      if (!node) return
      const blocks = { ...document.graph.blocks, [middle]: { ...node, name: `renamed${turn}` } }
      analyst.analyze({ ...document, graph: { ...document.graph, blocks } })
    }),
    'one edit that ripples, new sizes': (() => {
      const times: number[] = []
      for (let round = 0; round < 12; round++) {
        const fresh = new Analyst()
        fresh.analyze(document)
        for (const other of kernels.slice(2, 7)) {
          const began = time()
          fresh.analyze(other)
          times.push(time() - began)
        }
      }
      return shown(times)
    })(),
    'scrubbing to and fro': measured((turn) => analyst.analyze(kernels[turn % kernels.length] ?? document)),
    'phase 1 alone': measured(() => flatten(document)),
    'the real trace': measured(() => traceForward(document, flatten(document))),
  })
}
const names = Object.keys(rows[0] ?? {})
for (const name of names) {
  const cells = rows.map((row) => (row[name] ?? '').padStart(17))
  process.stdout.write(`${name.padEnd(34)}${cells.join('')}\n`)
}
