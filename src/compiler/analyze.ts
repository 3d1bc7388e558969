/**
 * What the editor shows while a network is drawn: shapes on wires, costs and problems on blocks. It is phases 1 and 2 of
 * the very compilation that training uses, so the two can't disagree.
 */
import type { PortSpecs, WeightSpec } from '../blocks/define.ts'
import { findBlock } from '../blocks/index.ts'
import { problem, type Problem } from '../base/problem.ts'
import { sizeOf } from '../base/shape.ts'
import { signatureOf } from '../document/signature.ts'
import type { BlockId, BlockNode, Endpoint, Graph, GraphDocument, Inside, WireId } from '../document/types.ts'
import type { Aval } from '../ir/program.ts'
import { flatten, usedByLosses, type FlatGraph } from './1-flatten.ts'
import { trace, type Trace } from './2-trace.ts'

export interface Analysis {
  readonly blocks: ReadonlyMap<BlockId, BlockAnalysis>
  readonly wires: ReadonlyMap<WireId, WireAnalysis>
  /** All of them; those of a block or wire carry its id. Training needs that none is an error. */
  readonly problems: readonly Problem[]
  readonly totals: Costs
}

export interface Costs {
  readonly parameters: number
  /** For one example, forward. */
  readonly multiplyAdds: number
  /** Numbers that the blocks' outputs hold for one example. */
  readonly activations: number
}

export interface BlockAnalysis extends Costs {
  readonly inputs: { readonly [port: string]: Aval | undefined }
  readonly outputs: { readonly [port: string]: Aval | undefined }
  readonly weights: readonly WeightSpec[]
  readonly problems: readonly Problem[]
}

export interface WireAnalysis {
  /** Unknown as long as the block that it comes from does not fit. */
  readonly aval: Aval | undefined
  /** What is wrong at the port that it ends at. */
  readonly problem: Problem | undefined
}

/** The batch that shapes are shown for; its size cancels from every figure that is given for one example. */
const BATCH = 2

export function analyze(document: GraphDocument): Analysis {
  const graph = flatten(document)
  const traced = traceForward(document, graph)
  const problems = relevant(graph, traced, [
    ...graph.problems,
    ...traced.problems,
    ...portProblems(document.graph, '', null),
    ...documentProblems(document, graph, traced),
  ])

  const blocks = new Map<BlockId, BlockAnalysis>()
  const arriving = new Map<BlockId, { [port: string]: Aval | undefined }>()
  for (const [id, node] of Object.entries(document.graph.blocks)) {
    const parts = [...traced.blocks.values()].filter((block) => block.flat.top === id)
    const ports = portsOf(node)
    const outputs: { [port: string]: Aval | undefined } = {}
    for (const port of Object.keys(ports.outputs)) outputs[port] = avalAt(graph, traced, { block: id, port })
    const inputs: { [port: string]: Aval | undefined } = {}
    arriving.set(id, inputs)
    blocks.set(id, {
      inputs,
      outputs,
      weights: parts.flatMap((part) => part.weights),
      parameters: parts.reduce(
        (sum, part) => sum + part.weights.reduce((count, weight) => count + sizeOf(weight.shape), 0),
        0,
      ),
      multiplyAdds: parts.reduce((sum, part) => sum + part.multiplyAdds, 0) / BATCH,
      // A loss is one number for the whole batch, not one for each example.
      activations:
        parts
          .flatMap((part) => Object.values(part.outputs))
          .reduce((sum, value) => sum + (value && value.shape.length > 0 ? sizeOf(value.shape) : 0), 0) / BATCH,
      problems: problems.filter((p) => p.place?.block === id),
    })
  }

  const wires = new Map<WireId, WireAnalysis>()
  for (const [id, wire] of Object.entries(document.graph.wires)) {
    const aval = avalAt(graph, traced, wire.from)
    const target = blocks.get(wire.to.block)
    const inputs = arriving.get(wire.to.block)
    if (inputs) inputs[wire.to.port] = aval
    wires.set(id, {
      aval,
      problem: target?.problems.find((p) => p.place?.port === wire.to.port && p.severity === 'error'),
    })
  }

  const total = (figure: keyof Costs) => [...blocks.values()].reduce((sum, block) => sum + block[figure], 0)
  return {
    blocks,
    wires,
    problems,
    totals: { parameters: total('parameters'), multiplyAdds: total('multiplyAdds'), activations: total('activations') },
  }
}

/** Traces the forward pass on a small batch. */
export function traceForward(document: GraphDocument, graph: FlatGraph): Trace {
  const signature = signatureOf(document.data)
  const { target } = signature
  return trace(graph, signature, (builder) => ({
    features: builder.input('features', 'data', [BATCH, ...signature.features]),
    target:
      target.kind === 'classes'
        ? builder.input('target', 'data', [BATCH], 'int')
        : builder.input('target', 'data', [BATCH, target.size]),
  }))
}

function avalAt(graph: FlatGraph, traced: Trace, from: Endpoint): Aval | undefined {
  const source = graph.source(from)
  const tensor = source && traced.blocks.get(source.key)?.outputs[source.port]
  return tensor && { shape: tensor.shape, dtype: tensor.dtype }
}

/** Wires at ports that their blocks do not have: from a newer version, or from a file that was written by hand. */
function portProblems(graph: Graph | Inside, names: string, top: BlockId | null): Problem[] {
  const endProblem = (end: Endpoint, side: 'inputs' | 'outputs', wire?: WireId): Problem[] => {
    const node = graph.blocks[end.block]
    // A block that is unknown or empty has a problem of its own already.
    if (!node || (node.type === 'composite' ? !node.inside : !findBlock(node.type))) return []
    const ports = Object.keys(portsOf(node)[side])
    if (ports.includes(end.port)) return []
    const kind = side === 'inputs' ? 'input' : 'output'
    const message =
      `${names}${node.name} has no ${kind} called "${end.port}", it has ${ports.join(', ') || 'none'}. ` +
      'Delete the wire there and draw it anew.'
    const place = { block: top ?? end.block, port: end.port }
    return [problem('port.unknown', message, top === null && wire !== undefined ? { ...place, wire } : place)]
  }
  return [
    ...Object.entries(graph.wires).flatMap(([id, { from, to }]) => [
      ...endProblem(from, 'outputs', id),
      ...endProblem(to, 'inputs', id),
    ]),
    ...('inputs' in graph
      ? Object.values(graph.inputs).flatMap((ends) => ends.flatMap((end) => endProblem(end, 'inputs')))
      : []),
    ...('outputs' in graph ? Object.values(graph.outputs).flatMap((end) => endProblem(end, 'outputs')) : []),
    ...Object.entries(graph.blocks).flatMap(([id, { name, inside }]) =>
      inside ? portProblems(inside, `${names}${name}.`, top ?? id) : [],
    ),
  ]
}

function documentProblems(document: GraphDocument, graph: FlatGraph, traced: Trace): Problem[] {
  const found: Problem[] = []
  // What comes after a circle is left out of the flat graph, so there may be a loss after all.
  const unsorted = graph.problems.some((one) => one.code === 'graph.cycle')
  if (!unsorted && !graph.blocks.some((block) => block.definition.family === 'loss'))
    found.push(
      problem(
        'graph.loss',
        'There is no loss yet: add one from the palette and connect the prediction and the target to it.',
      ),
    )
  else if (traced.losses.length > 0 && traced.builder.weights.length === 0)
    found.push(problem('graph.weights', 'There is nothing to learn: no block has weights. Add a Dense or a Conv2D.'))
  const signature = signatureOf(document.data)
  if (signature.target.kind === 'classes' && signature.target.classes < 2)
    found.push(
      problem(
        'data.classes',
        'The target has fewer than two classes, so there is nothing to tell apart. Choose another target column.',
        { field: 'data' },
      ),
    )
  if (sizeOf(signature.features) === 0)
    found.push(
      problem(
        'data.features',
        'No column is a feature, so the network gets nothing to look at. Give at least one column the role feature.',
        { field: 'data' },
      ),
    )
  return found
}

/** A block that leads to no loss takes no part in training, so its errors are only warnings. */
function relevant(graph: FlatGraph, traced: Trace, problems: readonly Problem[]): Problem[] {
  const used = usedByLosses(graph)
  const tops = new Set(graph.blocks.filter((block) => used.has(block.key)).map((block) => block.top))
  const sorted = new Set(graph.blocks.map((block) => block.top))
  return problems.map((p) => {
    const block = p.place?.block
    const idle = block !== undefined && sorted.has(block) && !tops.has(block) && tops.size > 0
    return idle && p.severity === 'error' ? { ...p, severity: 'warning' as const } : p
  })
}

/** Ports of a block as drawn; those of a loss value are not drawn, since it goes to the total by itself. */
export function portsOf(node: BlockNode): { readonly inputs: PortSpecs; readonly outputs: PortSpecs } {
  if (node.type === 'composite') {
    const named = (ports: { readonly [port: string]: unknown } | undefined): PortSpecs =>
      Object.fromEntries(Object.keys(ports ?? {}).map((port) => [port, { doc: 'of the blocks inside' }]))
    return { inputs: named(node.inside?.inputs), outputs: named(node.inside?.outputs) }
  }
  const definition = findBlock(node.type)
  const drawn = Object.entries(definition?.outputs ?? {}).filter(([, spec]) => spec.role !== 'loss')
  return { inputs: definition?.inputs ?? {}, outputs: Object.fromEntries(drawn) }
}

/**
 * Why this wire can't be drawn, or null when it can. A wire that ends at a taken port replaces the one there. `before` is
 * the document's analysis, for who asks about many wires.
 */
export function checkWire(
  document: GraphDocument,
  from: Endpoint,
  to: Endpoint,
  before = analyze(document),
): Problem | null {
  const refuse = (code: string, message: string) => problem(code, message, { block: to.block, port: to.port })
  const source = document.graph.blocks[from.block]
  const target = document.graph.blocks[to.block]
  if (!source || !target) return refuse('wire.block', 'One end of the wire is at a block that is gone.')
  if (!Object.hasOwn(portsOf(source).outputs, from.port))
    return refuse('wire.from', `${source.name} has no output called ${from.port}.`)
  if (!Object.hasOwn(portsOf(target).inputs, to.port))
    return refuse('wire.to', `${target.name} has no input called ${to.port}.`)
  if (from.block === to.block) return refuse('wire.self', `${source.name} can't feed itself.`)
  const wires = Object.entries(document.graph.wires).filter(
    ([, wire]) => wire.to.block !== to.block || wire.to.port !== to.port,
  )
  const after = analyze({
    ...document,
    graph: { ...document.graph, wires: { ...Object.fromEntries(wires), [' new']: { from, to } } },
  })
  const known = new Set(before.problems.map((p) => p.message))
  const isNew = (p: Problem) => p.code !== 'port.open' && p.code !== 'graph.weights' && !known.has(p.message)
  return (
    after.problems.find((p) => p.place?.block === to.block && isNew(p)) ??
    after.problems.find((p) => p.place?.block !== undefined && isNew(p)) ??
    null
  )
}
