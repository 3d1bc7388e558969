/** What a mistake in the corpus is, how it is made from a sound drawing, and how a fix is held against what an expert expects. */
import { findBlock } from '../../../src/blocks/index.ts'
import { draw as drawn, type Data, type Drawn } from '../../helpers/documents.ts'
import type { ParamValue } from '../../../src/base/params.ts'
import { opened } from '../../../src/document/canvas.ts'
import type {
  BlockId,
  BlockNode,
  DataSource,
  Endpoint,
  Graph,
  GraphDocument,
  Inside,
  Wire,
} from '../../../src/document/types.ts'

export interface Mistake {
  readonly name: string
  readonly document: GraphDocument
  /** Where it is looked at: ids of the composites that lead to the canvas. */
  readonly path: readonly BlockId[]
  /** A wire that is being tried, or the code of the problem asked about (the first error where absent). */
  readonly wire?: { readonly from: Endpoint; readonly to: Endpoint }
  readonly code?: string
  /** First fixes that an expert would make: any of them. Each is everything that changes but for wires around new blocks. */
  readonly expected: readonly (readonly Change[])[]
}

/** One change that a fix makes, written by hand. */
export type Change =
  | {
      readonly kind: 'insert'
      readonly type: string
      /** `block.port` that feeds the new block, and the one that it feeds. */
      readonly after?: string
      readonly before?: string
      readonly params?: { readonly [name: string]: ParamValue }
    }
  | { readonly kind: 'set'; readonly block: BlockId; readonly param: string; readonly to?: readonly ParamValue[] }
  | { readonly kind: 'connect'; readonly from: string; readonly to: string }
  | { readonly kind: 'cut'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly block: BlockId }
  | { readonly kind: 'replace'; readonly block: BlockId; readonly type: string }
  | { readonly kind: 'rename'; readonly block: BlockId }
  | { readonly kind: 'repeat'; readonly block: BlockId; readonly to: number }

export const insert = (
  type: string,
  place: { after?: string; before?: string; params?: { readonly [name: string]: ParamValue } } = {},
): Change => ({ kind: 'insert', type, ...place })
export const set = (block: BlockId, param: string, ...to: ParamValue[]): Change => ({
  kind: 'set',
  block,
  param,
  ...(to.length > 0 ? { to } : {}),
})
const ends = (text: string) => {
  const [from = '', to = ''] = text.split('>')
  return { from, to }
}
/** `b1.x>b2.x` */
export const connect = (wire: string): Change => ({ kind: 'connect', ...ends(wire) })
export const cut = (wire: string): Change => ({ kind: 'cut', ...ends(wire) })
export const remove = (block: BlockId): Change => ({ kind: 'remove', block })
export const replace = (block: BlockId, type: string): Change => ({ kind: 'replace', block, type })
export const rename = (block: BlockId): Change => ({ kind: 'rename', block })
export const repeat = (block: BlockId, to: number): Change => ({ kind: 'repeat', block, to })

export const endpoint = (text: string): Endpoint => {
  const [block = '', port = ''] = text.split('.')
  return { block, port }
}
const textOf = (end: Endpoint) => `${end.block}.${end.port}`
const wireText = ({ from, to }: Wire) => `${textOf(from)}>${textOf(to)}`

/** The canvas that a path leads to, with the wires of its rim as `' in.port'` and `' out.port'`. */
export function canvasAt(document: GraphDocument, path: readonly BlockId[]): Graph {
  let graph: Graph = document.graph
  for (const id of path) {
    const { inside } = graph.blocks[id] ?? {}
    if (!inside) throw new Error(`no composite ${id}`)
    graph = opened(inside)
  }
  return graph
}

interface Differences {
  readonly items: readonly string[]
  readonly graph: Graph
  readonly wires: ReadonlySet<string>
  readonly before: Graph
  readonly wiresBefore: ReadonlySet<string>
}

function differences(before: Graph, after: Graph): Differences {
  const items: string[] = []
  for (const [id, node] of Object.entries(after.blocks)) {
    const old = before.blocks[id]
    if (!old) {
      items.push(`insert ${id}`)
      continue
    }
    if (old.type !== node.type) items.push(`replace ${id}`)
    if (old.name !== node.name && old.type === node.type) items.push(`rename ${id}`)
    if ((old.repeat ?? 1) !== (node.repeat ?? 1)) items.push(`repeat ${id}`)
    if (old.type === node.type)
      for (const param of new Set([...Object.keys(old.params), ...Object.keys(node.params)]))
        if (!same(valueOf(old, param), valueOf(node, param))) items.push(`set ${id} ${param}`)
  }
  for (const id of Object.keys(before.blocks)) if (!after.blocks[id]) items.push(`remove ${id}`)
  const texts = (graph: Graph) => new Set(Object.values(graph.wires).map(wireText))
  return { items, graph: after, wires: texts(after), before, wiresBefore: texts(before) }
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
const valueOf = (node: BlockNode, param: string): ParamValue | undefined =>
  node.params[param] ?? findBlock(node.type)?.params[param]?.default

/** Whether going from one document to the other is one of the expected fixes: those changes, and no other block touched. */
export function asExpected(mistake: Mistake, after: GraphDocument): boolean {
  const d = differences(canvasAt(mistake.document, mistake.path), canvasAt(after, mistake.path))
  const elsewhere = touched(mistake.document.graph, after.graph, mistake.path)
  return !elsewhere && mistake.expected.some((changes) => fits(d, changes))
}

/** Whether a canvas other than the one at `path` was changed. */
function touched(before: Graph, after: Graph, path: readonly BlockId[]): boolean {
  const [head, ...rest] = path
  if (head === undefined)
    return Object.entries(before.blocks).some(([id, node]) => {
      const next = after.blocks[id]
      return next !== undefined && !same(node.inside, next.inside)
    })
  const others = (graph: Graph) => Object.entries(graph.blocks).filter(([id]) => id !== head)
  if (!same([others(before), before.wires], [others(after), after.wires])) return true
  const [a, b] = [before.blocks[head]?.inside, after.blocks[head]?.inside]
  return !a || !b || touched(a, b, rest)
}

function fits(d: Differences, changes: readonly Change[]): boolean {
  const blocks = changes.filter((change) => change.kind !== 'connect' && change.kind !== 'cut')
  if (d.items.length !== blocks.length) return false
  const left = [...d.items]
  return changes.every((change) => {
    const at = left.findIndex((item) => meets(d, item, change))
    if (change.kind === 'connect')
      return (
        d.wires.has(`${change.from}>${change.to}`) &&
        (blocks.length > 0 || !d.wiresBefore.has(`${change.from}>${change.to}`))
      )
    if (change.kind === 'cut') return !d.wires.has(`${change.from}>${change.to}`)
    if (at < 0) return false
    left.splice(at, 1)
    return true
  })
}

function meets(d: Differences, item: string, change: Change): boolean {
  const [what, id = '', param = ''] = item.split(' ')
  const node = d.graph.blocks[id]
  if (what !== change.kind) return false
  switch (change.kind) {
    case 'insert': {
      if (!node || node.type !== change.type) return false
      const fed = (end: string) => [...d.wires].some((wire) => wire.startsWith(`${id}.`) && wire.endsWith(`>${end}`))
      const feeds = (end: string) => [...d.wires].some((wire) => wire.startsWith(`${end}>${id}.`))
      return (
        (change.before === undefined || fed(change.before)) &&
        (change.after === undefined || feeds(change.after)) &&
        Object.entries(change.params ?? {}).every(([name, value]) => same(valueOf(node, name), value))
      )
    }
    case 'set':
      return (
        change.block === id &&
        change.param === param &&
        node !== undefined &&
        (change.to === undefined || change.to.some((value) => same(valueOf(node, param), value)))
      )
    case 'replace':
      return change.block === id && node?.type === change.type
    case 'repeat':
      return change.block === id && (node?.repeat ?? 1) === change.to
    case 'remove':
    case 'rename':
      return change.block === id
    default:
      return false
  }
}

// How the mistakes are made.

/** The document with another canvas at `path`. */
export function onCanvas(
  document: GraphDocument,
  path: readonly BlockId[],
  change: (graph: Graph) => Graph,
): GraphDocument {
  const within = <G extends Graph>(graph: G, [head, ...rest]: readonly BlockId[]): G => {
    if (head === undefined) return { ...graph, ...change(graph) }
    const node = graph.blocks[head]
    if (!node?.inside) throw new Error(`no composite ${head}`)
    const inside: Inside = within(node.inside, rest)
    return { ...graph, blocks: { ...graph.blocks, [head]: { ...node, inside } } }
  }
  return { ...document, graph: within(document.graph, path) }
}

export function altered(
  document: GraphDocument,
  id: BlockId,
  fields: Partial<BlockNode>,
  path: readonly BlockId[] = [],
): GraphDocument {
  return onCanvas(document, path, (graph) => {
    const node = graph.blocks[id]
    if (!node) throw new Error(`no block ${id}`)
    return { ...graph, blocks: { ...graph.blocks, [id]: { ...node, ...fields } } }
  })
}

export function valued(
  document: GraphDocument,
  id: BlockId,
  params: { readonly [name: string]: ParamValue },
  path: readonly BlockId[] = [],
): GraphDocument {
  const node = canvasAt(document, path).blocks[id]
  return altered(document, id, { params: { ...node?.params, ...params } }, path)
}

/** Without a block and the wires at it. */
export function deleted(document: GraphDocument, id: BlockId, path: readonly BlockId[] = []): GraphDocument {
  return onCanvas(document, path, (graph) => ({
    blocks: Object.fromEntries(Object.entries(graph.blocks).filter(([other]) => other !== id)),
    wires: Object.fromEntries(
      Object.entries(graph.wires).filter(([, { from, to }]) => from.block !== id && to.block !== id),
    ),
  }))
}

/** Without wires and with others, as `b1.x>b2.x`. */
export function rewired(
  document: GraphDocument,
  gone: readonly string[],
  drawn: readonly string[],
  path: readonly BlockId[] = [],
): GraphDocument {
  return onCanvas(document, path, (graph) => {
    const left = Object.entries(graph.wires).filter(([, wire]) => !gone.includes(wireText(wire)))
    if (left.length + gone.length !== Object.keys(graph.wires).length) throw new Error(`no wire among ${gone.join()}`)
    const added = drawn.map((text, i): [string, Wire] => {
      const { from, to } = ends(text)
      return [`x${i + 1}`, { from: endpoint(from), to: endpoint(to) }]
    })
    return { ...graph, wires: Object.fromEntries([...left, ...added]) }
  })
}

/** With one block more. */
export function added(
  document: GraphDocument,
  id: BlockId,
  type: string,
  params: BlockNode['params'] = {},
): GraphDocument {
  const node: BlockNode = { type, name: id, position: { x: 0, y: 400 }, params }
  return { ...document, graph: { ...document.graph, blocks: { ...document.graph.blocks, [id]: node } } }
}

/** With other data. */
export function fedWith(
  document: GraphDocument,
  data: { readonly features?: readonly number[]; readonly classes?: number; readonly numbers?: number },
): GraphDocument {
  const { source } = document.data
  const names = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`)
  const base = { kind: 'generated', generator: 'spiral', params: {}, seed: 1 } as const
  const before =
    source.kind === 'table'
      ? { features: [source.columns.filter((column) => column.role === 'feature').length], target: undefined }
      : source
  const target =
    data.classes !== undefined
      ? ({ kind: 'classes', names: names(data.classes) } as const)
      : data.numbers !== undefined
        ? ({ kind: 'numbers', names: names(data.numbers) } as const)
        : before.target
  if (!target) throw new Error('say what the target is')
  const next: DataSource = { ...base, features: data.features ?? before.features, target }
  return { ...document, data: { ...document.data, source: next } }
}

/** A small drawing with ids as files have them. */
export function draw(data: Data, blocks: { readonly [name: string]: Drawn }): GraphDocument {
  const { graph, ...rest } = drawn(data, blocks)
  const wires = Object.fromEntries(Object.values(graph.wires).map((wire, i) => [`w${i + 1}`, wire]))
  return { ...rest, graph: { blocks: graph.blocks, wires } }
}

export type Expected = readonly (readonly Change[])[]
export interface More {
  readonly path?: readonly string[]
  readonly wire?: string
  readonly code?: string
}

/** Where the cases of one file are gathered. */
export function gathered(): {
  readonly all: Mistake[]
  mistake(name: string, document: GraphDocument, expected: Expected, more?: More): void
} {
  const all: Mistake[] = []
  return {
    all,
    mistake(name, document, expected, more = {}) {
      const [from = '', to = ''] = more.wire?.split('>') ?? []
      all.push({
        name,
        document,
        path: more.path ?? [],
        ...(more.wire === undefined ? {} : { wire: { from: endpoint(from), to: endpoint(to) } }),
        ...(more.code === undefined ? {} : { code: more.code }),
        expected,
      })
    },
  }
}

/** One fix, of one change. */
export const only = (...changes: Change[]): Expected => [changes]
/** Several fixes of one change each. */
export const either = (...changes: Change[]): Expected => changes.map((change) => [change])
